// A bare loop over libcurl's multi interface: what a request costs at the least.
//
// loop URL COUNT CONCURRENT get|post: prints requests per CPU second of this process.
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static char body[1200];
static long started, ended, wrong;

static size_t ignore(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes; (void)context;
    return size * count;
}

static double cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int count, char **arguments) {
    if (count != 5) return 2;
    long total = atol(arguments[2]), concurrent = atol(arguments[3]);
    int posts = !strcmp(arguments[4], "post");
    memset(body, 'x', sizeof body - 1);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    struct curl_slist *headers = posts
        ? curl_slist_append(NULL, "Content-Type: application/json")
        : curl_slist_append(NULL, "If-None-Match: \"a1b2c3d4\"");
    for (long index = 0; index < concurrent && started < total; index++, started++) {
        CURL *easy = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_URL, arguments[1]);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
        if (posts) {
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)sizeof body - 1);
        }
        curl_multi_add_handle(multi, easy);
    }
    double before = cpu();
    while (ended < total) {
        int running = 0, left = 0;
        curl_multi_perform(multi, &running);
        CURLMsg *message;
        while ((message = curl_multi_info_read(multi, &left))) {
            if (message->msg != CURLMSG_DONE) continue;
            CURL *easy = message->easy_handle;
            if (message->data.result != CURLE_OK) wrong++;
            ended++;
            curl_multi_remove_handle(multi, easy);
            if (started < total) {
                started++;
                curl_multi_add_handle(multi, easy);
            } else {
                curl_easy_cleanup(easy);
            }
        }
        if (ended < total) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    if (wrong) return 1;
    printf("%.1f\n", total / (cpu() - before));
    return 0;
}
