/* xibu_plugin.h: the table a xibu plugin library exports, contract version 1.0.
 *
 * Export one symbol, the constant `xibu_plugin_entry`. The library is loaded by a worker process of its
 * own, never unloaded, and called from one thread, one call at a time ([control]). It calls its host only
 * from that thread, and only until the function it is in returns ([during a call]).
 *
 * What goes in is borrowed until the function returns. What comes out goes through host->emit, which
 * copies before it returns. Nothing made on one side is freed on the other. No exception may cross.
 *
 * Structures carry their size; fields are only ever appended; look at no more than the size allows.
 * What the JSON says is described in plugins/README.md.
 */
#ifndef XIBU_PLUGIN_H
#define XIBU_PLUGIN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define XIBU_PLUGIN_MAJOR 1
#define XIBU_PLUGIN_MINOR 0
#define XIBU_PLUGIN_MAGIC { 'x', 'i', 'b', 'u', 'p', 'l', 'u', 'g' }

/* What a function answers. */
#define XIBU_DONE 0        /* everything asked was done */
#define XIBU_UNSUPPORTED 1 /* the request was not for this plugin */
#define XIBU_FAILED 2      /* it could not be done; host->detail was given the reason */
#define XIBU_PANICKED 3    /* caught inside; the process is not to be used further */

/* Levels of host->log. */
#define XIBU_DEBUG 0
#define XIBU_INFO 1
#define XIBU_WARNING 2
#define XIBU_ERROR 3
#define XIBU_HOST_MISBEHAVING 4

/* Borrowed bytes; ptr may be null where len is 0. Text is UTF-8 without a closing zero. */
typedef struct xibu_bytes {
    const uint8_t *ptr;
    uint64_t len;
} xibu_bytes;

typedef struct xibu_host {
    uint64_t size; /* of this structure */
    void *context; /* hand it back; do not look into it */
    /* [during a call] One item as JSON, and its blobs. 0, or 1 where it is over a limit and was not taken. */
    int32_t (*emit)(void *context, xibu_bytes item, const xibu_bytes *blobs, uint64_t blob_count);
    /* [during a call] A line for the log, without personal data. */
    void (*log)(void *context, uint32_t level, xibu_bytes text);
    /* [during a call] Why, in English, without personal data; before answering FAILED or PANICKED. */
    void (*detail)(void *context, xibu_bytes text);
} xibu_host;

typedef struct xibu_entry {
    uint8_t magic[8]; /* XIBU_PLUGIN_MAGIC */
    uint64_t size;    /* of this structure */
    uint16_t major;   /* XIBU_PLUGIN_MAJOR */
    uint16_t minor;   /* XIBU_PLUGIN_MINOR */
    uint32_t reserved;
    /* [control] Emits one {"item":"described",...}. Needs no instance. */
    int32_t (*describe)(const xibu_host *host);
    /* [control] Makes an instance from settings (a JSON object); writes its address on XIBU_DONE. */
    int32_t (*create)(const xibu_host *host, xibu_bytes settings, void **instance);
    /* [control] Answers a call: its JSON and its blobs. Ignore fields you do not know. */
    int32_t (*call)(void *instance, const xibu_host *host, xibu_bytes call, const xibu_bytes *blobs,
                    uint64_t blob_count);
    /* [control] Ends an instance. */
    void (*destroy)(void *instance);
} xibu_entry;

extern const xibu_entry xibu_plugin_entry;

#ifdef __cplusplus
}
#endif

#endif
