// What the benchmarks poll and deliver to: one thread, epoll, HTTP/1.1 with keep-alive.
//
// It runs in a process of its own, and what it takes is nobody's. It prints its port and ends
// with its standard input.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 65536, MARKS_MAX = 4 << 20, SLOW_MAX = 4096 };

struct connection { char *bytes; size_t count, room; };
struct page { char *bytes; size_t count; };

static struct connection connections[CONNECTIONS_MAX];
static int64_t *receipts;
static long requests, hooks;
static struct { int descriptor; int64_t due; } slow[SLOW_MAX];
static int slow_first, slow_last;
static struct { long records, size, every, generation, random; } orders = {0, 1000, 0, 0, 0};
static struct page *pages;
static long page_count;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// MARK: Orders

// A permutation of 32 bits: ids in no order, none of them twice.
static uint32_t scattered(uint32_t value) {
    value ^= value >> 16; value *= 0x85EBCA6Bu;
    value ^= value >> 13; value *= 0xC2B2AE35u;
    return value ^ value >> 16;
}

// An order of about 1 KB, as a shop's API would send it.
static int order(char *out, size_t room, long number) {
    int hasChanged = orders.every > 0 && number % orders.every == 0;
    long cents = number * 7919 % 90000 + 1000, customer = number % 5000;
    char status[32];
    if (hasChanged) snprintf(status, sizeof status, "shipped-%ld", orders.generation);
    else strcpy(status, "placed");
    uint32_t id = orders.random ? scattered((uint32_t)number) : (uint32_t)number + 1;
    int used = snprintf(out, room,
        "{\"id\":%u,\"number\":\"A-%ld\",\"status\":\"%s\","
        "\"created_at\":\"2026-10-%02ldT08:15:30Z\",\"currency\":\"EUR\",\"total\":%ld.%ld,"
        "\"customer\":{\"id\":%ld,\"name\":\"Customer %ld\","
        "\"email\":\"customer%ld@shop.example\",\"address\":{\"street\":\"Long Street %ld\","
        "\"city\":\"Springfield\",\"postcode\":\"%ld\",\"country\":\"DE\"}},\"lines\":[",
        id, 100000 + number, status, number % 28 + 1, cents, number % 90 + 10, customer,
        customer, customer, number % 300, 10000 + number % 80000);
    for (int line = 0; line < 4; line++)
        used += snprintf(out + used, room - used,
            "%s{\"line\":%d,\"sku\":\"SKU-%ld-%d\","
            "\"title\":\"Article number %d of the catalogue, plain and sturdy\","
            "\"quantity\":%ld,\"unit_price\":%ld.%ld,\"tax_rate\":0.19,"
            "\"options\":{\"colour\":\"green\",\"gift\":false}}",
            line ? "," : "", line + 1, number * 31 % 10000, line, line, number % 5 + 1,
            cents / 4, cents % 90 + 10);
    return used + snprintf(out + used, room - used,
        "],\"tags\":[\"web\",\"repeat\"],\"note\":null}");
}

static void forget_pages(void) {
    for (long index = 0; index < page_count; index++) free(pages[index].bytes);
    free(pages);
    page_count = orders.size > 0 ? (orders.records + orders.size - 1) / orders.size : 0;
    pages = calloc(page_count + 1, sizeof *pages);
}

static struct page make_page(long number) {
    size_t room = 256 + orders.size * 1400, used = 0;
    struct page page = {malloc(room), 0};
    used += snprintf(page.bytes, room, "{\"data\":[");
    for (long record = (number - 1) * orders.size;
         record < number * orders.size && record < orders.records; record++) {
        if (page.bytes[used - 1] == '}') page.bytes[used++] = ',';
        used += order(page.bytes + used, room - used, record);
    }
    used += snprintf(page.bytes + used, room - used, "],\"meta\":{\"total\":%ld}}",
                     orders.records);
    page.count = used;
    return page;
}

// MARK: Answers

static void send_all(int descriptor, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = send(descriptor, bytes, count, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno != EAGAIN && errno != EINTR) return;
            struct pollfd wait = {descriptor, POLLOUT, 0};
            poll(&wait, 1, 1000);
            continue;
        }
        bytes += sent;
        count -= sent;
    }
}

static void answer(int descriptor, const char *status, const char *headers, const char *body,
                   size_t count) {
    char head[512];
    int used = snprintf(head, sizeof head, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n",
                        status, headers, count);
    if (count < sizeof head - used) {
        memcpy(head + used, body, count);
        send_all(descriptor, head, used + count);
    } else {
        send_all(descriptor, head, used);
        send_all(descriptor, body, count);
    }
}

static long number(const char *text, const char *name) {
    const char *found = strstr(text, name);
    return found ? atol(found + strlen(name)) : 0;
}

static void answer_page(int descriptor, long wanted) {
    const char *type = "Content-Type: application/json\r\n";
    if (wanted < 1 || wanted > page_count) {
        const char *empty = "{\"data\":[],\"meta\":{}}";
        return answer(descriptor, "200 OK", type, empty, strlen(empty));
    }
    // Two gigabytes of pages are kept; beyond, each is made anew.
    struct page *page = &pages[wanted], made;
    if (!page->bytes) {
        made = make_page(wanted);
        if (orders.records <= 2000000) *page = made; else page = &made;
    }
    answer(descriptor, "200 OK", type, page->bytes, page->count);
    if (page == &made) free(made.bytes);
}

static void answer_control(int descriptor, char *path) {
    char text[128];
    if (!strncmp(path, "/set", 4)) {
        orders.records = number(path, "records=");
        orders.size = number(path, "size=");
        orders.every = number(path, "every=");
        orders.generation = number(path, "generation=");
        orders.random = number(path, "random=");
        forget_pages();
        return answer(descriptor, "200 OK", "", "ok", 2);
    }
    if (!strncmp(path, "/receipts", 9)) {
        long from = number(path, "from="), count = number(path, "count=");
        if (from < 0 || count < 0 || from + count > MARKS_MAX) count = 0;
        return answer(descriptor, "200 OK", "", (char *)(receipts + from), count * 8);
    }
    if (!strncmp(path, "/forget", 7)) {
        memset(receipts, 0, sizeof *receipts * MARKS_MAX);
        hooks = 0;
        return answer(descriptor, "200 OK", "", "ok", 2);
    }
    int used = snprintf(text, sizeof text, "%ld %ld", requests, hooks);
    answer(descriptor, "200 OK", "", text, used);
}

// The body says which event it is: "mark":NUMBER.
static void receive(const char *body, size_t count) {
    hooks++;
    char *found = memmem(body, count, "\"mark\":", 7);
    if (!found) return;
    long mark = atol(found + 7);
    if (mark >= 0 && mark < MARKS_MAX && receipts[mark] == 0) receipts[mark] = now();
}

static void respond(int descriptor, char *head, const char *body, size_t count) {
    char *path = strchr(head, ' ');
    if (!path) return;
    path++;
    if (*head == 'P') {
        requests++;
        if (!strncmp(path, "/slow", 5) && (slow_last + 1) % SLOW_MAX != slow_first) {
            slow[slow_last].descriptor = descriptor;
            slow[slow_last].due = now() + 10000000000LL;
            slow_last = (slow_last + 1) % SLOW_MAX;
            return;
        }
        receive(body, count);
        return answer(descriptor, "200 OK", "", "", 0);
    }
    if (!strncmp(path, "/orders", 7)) {
        requests++;
        return answer_page(descriptor, number(path, "page="));
    }
    if (!strncmp(path, "/quiet", 6)) {
        requests++;
        const char *etag = "ETag: \"a1b2c3d4\"\r\nContent-Type: application/json\r\n";
        const char *one = "[{\"id\":1}]";
        int isConditional = strcasestr(head, "\r\nif-none-match:") != NULL;
        if (!isConditional) return answer(descriptor, "200 OK", etag, one, strlen(one));
        const char *none = "HTTP/1.1 304 Not Modified\r\nETag: \"a1b2c3d4\"\r\n\r\n";
        return send_all(descriptor, none, strlen(none));
    }
    answer_control(descriptor, path);
}

// MARK: Connections

static void drop(int descriptor) {
    free(connections[descriptor].bytes);
    connections[descriptor] = (struct connection){0};
    close(descriptor);
}

static void serve(int descriptor) {
    struct connection *connection = &connections[descriptor];
    if (connection->room - connection->count < 16384) {
        connection->room = connection->room * 2 + 32768;
        connection->bytes = realloc(connection->bytes, connection->room + 1);
    }
    ssize_t got = recv(descriptor, connection->bytes + connection->count,
                       connection->room - connection->count, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) drop(descriptor);
        return;
    }
    connection->count += got;
    while (connection->count > 0) {
        connection->bytes[connection->count] = 0;
        char *end = strstr(connection->bytes, "\r\n\r\n");
        if (!end) return;
        *end = 0;
        size_t head = end + 4 - connection->bytes;
        char *length = strcasestr(connection->bytes, "\r\ncontent-length:");
        size_t body = length ? strtoul(length + 17, NULL, 10) : 0;
        if (connection->count < head + body) {
            *end = '\r';
            return;
        }
        respond(descriptor, connection->bytes, connection->bytes + head, body);
        connection->count -= head + body;
        memmove(connection->bytes, connection->bytes + head + body, connection->count);
    }
}

static int answer_slow(void) {
    while (slow_first != slow_last && slow[slow_first].due <= now()) {
        answer(slow[slow_first].descriptor, "200 OK", "", "", 0);
        slow_first = (slow_first + 1) % SLOW_MAX;
    }
    return slow_first == slow_last ? -1 : 50;
}

int main(void) {
    receipts = calloc(MARKS_MAX, sizeof *receipts);
    forget_pages();
    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 4096)) return 1;
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);

    int queue = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, ready[256];
    epoll_ctl(queue, EPOLL_CTL_ADD, listener, &event);
    event.data.fd = 0;
    epoll_ctl(queue, EPOLL_CTL_ADD, 0, &event);
    while (1) {
        int count = epoll_wait(queue, ready, 256, answer_slow());
        for (int index = 0; index < count; index++) {
            int descriptor = ready[index].data.fd;
            if (descriptor == 0) return 0;
            if (descriptor != listener) {
                serve(descriptor);
                continue;
            }
            int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
            if (client < 0) continue;
            if (client >= CONNECTIONS_MAX) {
                close(client);
                continue;
            }
            setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            event.data.fd = client;
            epoll_ctl(queue, EPOLL_CTL_ADD, client, &event);
        }
    }
}
