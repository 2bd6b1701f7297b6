/* plugin.c: a plugin in C, for the tests: it describes itself, and answers an echo with what it was given. With
 * the header of contract 1.0 it is a plugin as they were before the host's services; with today's it uses them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xibu_plugin.h"

static xibu_bytes text(const char *zero_terminated) {
    xibu_bytes bytes = { (const uint8_t *)zero_terminated, strlen(zero_terminated) };
    return bytes;
}

#ifdef XIBU_GIVEN
#define SETTINGS "\"settings_schema\":{\"properties\":{\"token\":{\"type\":\"string\",\"writeOnly\":true}}}}"
#else
#define SETTINGS "\"settings_sample\":\"\"}"
#endif

static int32_t describe(const xibu_host *host) {
    static const char described[] =
        "{\"item\":\"described\",\"id\":\"in-c\",\"title\":\"C\",\"version\":\"1\","
        "\"capabilities\":[\"notify\",\"of_a_later_version\"]," SETTINGS;
    return host->emit(host->context, text(described), NULL, 0) == 0 ? XIBU_DONE : XIBU_FAILED;
}

static int32_t create(const xibu_host *host, xibu_bytes settings, void **instance) {
    if (settings.len == 0 || settings.ptr[0] != '{') {
        host->detail(host->context, text("settings: not an object"));
        return XIBU_FAILED;
    }
    *instance = malloc(1);
    return *instance != NULL ? XIBU_DONE : XIBU_FAILED;
}

static int contains(xibu_bytes bytes, const char *word) {
    uint64_t length = strlen(word);
    for (uint64_t i = 0; i + length <= bytes.len; i++) {
        if (memcmp(bytes.ptr + i, word, length) == 0) return 1;
    }
    return 0;
}

#ifdef XIBU_GIVEN
struct taken {
    char text[64];
    uint64_t len;
};

static void take(void *taker, xibu_bytes value) {
    struct taken *taken = taker;
    taken->len = value.len < sizeof taken->text ? value.len : sizeof taken->text;
    memcpy(taken->text, value.ptr, taken->len);
}

/* Counts in its state and says the count, how long its secret is, and what the host answers to nonsense. */
static int32_t poll(const xibu_host *host) {
    if (!XIBU_HOST_HAS(host, secret_get)) return XIBU_UNSUPPORTED;
    struct taken count = { "0", 1 }, secret = { "", 0 };
    char item[256];
    int32_t absent = host->state_get(host->context, text("nothing"), &secret, take);
    int32_t undeclared = host->secret_get(host->context, text("host"), &secret, take);
    int32_t nowhere = host->state_get(host->context, text("count"), NULL, NULL);
    host->state_get(host->context, text("count"), &count, take);
    count.text[0]++;
    xibu_bytes value = { (const uint8_t *)count.text, count.len };
    int32_t kept = host->state_put(host->context, text("count"), value);
    if (host->secret_get(host->context, text("token"), &secret, take) != XIBU_GIVEN) return XIBU_FAILED;
    int length = snprintf(item, sizeof item,
                          "{\"item\":\"polled\",\"cursor\":\"%.*s %d%d%d%d %d %d %d\",\"again_after_seconds\":1}",
                          (int)count.len, count.text, kept, absent, undeclared, nowhere, (int)secret.len,
                          host->cancelled(host->context), host->remaining_ms(host->context) > 0);
    xibu_bytes bytes = { (const uint8_t *)item, (uint64_t)length };
    return host->emit(host->context, bytes, NULL, 0) == 0 ? XIBU_DONE : XIBU_FAILED;
}
#endif

static int32_t __attribute__((unused)) call(void *instance, const xibu_host *host, xibu_bytes call, const xibu_bytes *blobs,
                    uint64_t blob_count) {
    (void)instance;
#ifdef XIBU_GIVEN
    if (contains(call, "\"op\":\"poll\"")) return poll(host);
#endif
    if (!contains(call, "\"op\":\"echo\"")) return XIBU_UNSUPPORTED;
    host->log(host->context, XIBU_DEBUG, text("echo"));
    if (host->emit(host->context, text("{\"item\":\"echoed\"}"), blobs, blob_count) != 0) {
        host->detail(host->context, text("too large"));
        return XIBU_FAILED;
    }
    return XIBU_DONE;
}

static void destroy(void *instance) { free(instance); }

/* What the tests spoil, each on its own. */
#ifdef XIBU_OTHER_MAJOR
#undef XIBU_PLUGIN_MAJOR
#define XIBU_PLUGIN_MAJOR 2
#endif
#ifdef XIBU_OTHER_MAGIC
#undef XIBU_PLUGIN_MAGIC
#define XIBU_PLUGIN_MAGIC { 'o', 't', 'h', 'e', 'r' }
#endif
#ifdef XIBU_OTHER_NAME
#define xibu_plugin_entry another_entry
#endif
#ifdef XIBU_SHORT
#define SIZE 24
#else
#define SIZE sizeof(xibu_entry)
#endif
#ifdef XIBU_NO_CALL
#define CALL NULL
#else
#define CALL call
#endif

const xibu_entry xibu_plugin_entry = {
    XIBU_PLUGIN_MAGIC, SIZE, XIBU_PLUGIN_MAJOR, XIBU_PLUGIN_MINOR, 0, describe, create, CALL, destroy,
};
