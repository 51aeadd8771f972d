// simdjson's DOM parse of one file, again and again: prints megabytes per CPU second.
//
// dom FILE SECONDS
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <simdjson.h>

int main(int count, char **arguments) {
    if (count != 3) return 2;
    simdjson::padded_string text;
    if (simdjson::padded_string::load(arguments[1]).get(text)) return 1;
    simdjson::dom::parser parser;
    const clock_t start = clock();
    const clock_t length = (clock_t)(atof(arguments[2]) * CLOCKS_PER_SEC);
    double bytes = 0;
    clock_t end;
    do {
        for (int repeat = 0; repeat < 8; repeat++) {
            simdjson::dom::element element;
            if (parser.parse(text).get(element)) return 1;
            bytes += (double)text.size();
        }
        end = clock();
    } while (end - start < length);
    std::printf("%.1f\n", bytes / 1e6 / ((double)(end - start) / CLOCKS_PER_SEC));
}
