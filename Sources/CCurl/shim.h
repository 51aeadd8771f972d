// libcurl for Swift: the variadic calls as functions with one type each, and the macros that the
// importer leaves out. Names are libcurl's own, behind `pullcord_`.
#ifndef PULLCORD_CCURL_H
#define PULLCORD_CCURL_H

#include <curl/curl.h>
#include <stddef.h>
// The loop around libcurl waits with these; the Glibc module has neither.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// The parentheses keep curl's type-checking macros out: the type is checked by the signature.

static inline CURLcode pullcord_global_init(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}

static inline CURLcode pullcord_set_long(CURL *easy, CURLoption option, long value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode pullcord_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode pullcord_set_string(CURL *easy, CURLoption option, const char *value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode pullcord_set_pointer(CURL *easy, CURLoption option, const void *value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline unsigned long pullcord_auth_digest(void) { return CURLAUTH_DIGEST; }
static inline unsigned long pullcord_auth_ntlm(void) { return CURLAUTH_NTLM; }

/// The bytes are copied.
static inline CURLcode pullcord_set_blob(
    CURL *easy, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
    return (curl_easy_setopt)(easy, option, &blob);
}

static inline CURLcode pullcord_set_list(
    CURL *easy, CURLoption option, struct curl_slist *value) {
    return (curl_easy_setopt)(easy, option, value);
}

/// The shape that CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION share.
typedef size_t (*pullcord_receive)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode pullcord_set_receive(
    CURL *easy, CURLoption option, pullcord_receive value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode pullcord_set_open_socket(CURL *easy, curl_opensocket_callback value) {
    return (curl_easy_setopt)(easy, CURLOPT_OPENSOCKETFUNCTION, value);
}

static inline CURLcode pullcord_set_close_socket(CURL *easy, curl_closesocket_callback value) {
    return (curl_easy_setopt)(easy, CURLOPT_CLOSESOCKETFUNCTION, value);
}

static inline CURLcode pullcord_set_prerequest(CURL *easy, curl_prereq_callback value) {
    return (curl_easy_setopt)(easy, CURLOPT_PREREQFUNCTION, value);
}

static inline CURLcode pullcord_set_resolver_start(
    CURL *easy, curl_resolver_start_callback value) {
    return (curl_easy_setopt)(easy, CURLOPT_RESOLVER_START_FUNCTION, value);
}

static inline CURLcode pullcord_get_long(CURL *easy, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLcode pullcord_get_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
    return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLcode pullcord_get_private(CURL *easy, void **value) {
    return (curl_easy_getinfo)(easy, CURLINFO_PRIVATE, value);
}

static inline CURLMcode pullcord_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return (curl_multi_setopt)(multi, option, value);
}

static inline CURLMcode pullcord_multi_set_socket(
    CURLM *multi, curl_socket_callback value, void *context) {
    CURLMcode code = (curl_multi_setopt)(multi, CURLMOPT_SOCKETFUNCTION, value);
    return code != CURLM_OK ? code : (curl_multi_setopt)(multi, CURLMOPT_SOCKETDATA, context);
}

static inline CURLMcode pullcord_multi_set_timer(
    CURLM *multi, curl_multi_timer_callback value, void *context) {
    CURLMcode code = (curl_multi_setopt)(multi, CURLMOPT_TIMERFUNCTION, value);
    return code != CURLM_OK ? code : (curl_multi_setopt)(multi, CURLMOPT_TIMERDATA, context);
}

/// Makes one store of TLS sessions for all handles of one thread, which needs no lock.
static inline CURLSH *pullcord_session_share(void) {
    CURLSH *share = curl_share_init();
    if (share != NULL) {
        (curl_share_setopt)(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    }
    return share;
}

/// The next finished handle with its result; NULL when there is none.
static inline CURL *pullcord_next_finished(CURLM *multi, CURLcode *result) {
    int left = 0;
    CURLMsg *message = NULL;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}

/// The address inside libcurl's own struct, whose array member the importer cannot size.
static inline const struct sockaddr *pullcord_address(const struct curl_sockaddr *address) {
    return &address->addr;
}

#endif
