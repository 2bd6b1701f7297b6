/* plugin.c: a plugin in C, for the tests: it describes itself, and answers an echo with what it was given. */
#include <stdlib.h>
#include <string.h>

#include "xibu_plugin.h"

static xibu_bytes text(const char *zero_terminated) {
    xibu_bytes bytes = { (const uint8_t *)zero_terminated, strlen(zero_terminated) };
    return bytes;
}

static int32_t describe(const xibu_host *host) {
    static const char described[] =
        "{\"item\":\"described\",\"id\":\"in-c\",\"title\":\"C\",\"version\":\"1\","
        "\"capabilities\":[\"notify\",\"of_a_later_version\"],\"settings_sample\":\"\"}";
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

static int32_t __attribute__((unused)) call(void *instance, const xibu_host *host, xibu_bytes call, const xibu_bytes *blobs,
                    uint64_t blob_count) {
    (void)instance;
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
