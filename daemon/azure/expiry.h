/*
 * expiry: when what proves the daemon is about to end, in words.
 */
#ifndef KEYROTD_AZURE_EXPIRY_H
#define KEYROTD_AZURE_EXPIRY_H

#include <stdbool.h>
#include <stdint.h>

#define EXPIRY_SOON_MS INT64_C(2592000000) /* 30 days */
#define EXPIRY_TEXT_MAX 160

/*
 * The rest of a sentence that begins with "The certificate ...": that it ends
 * within EXPIRY_SOON_MS, or has ended.  end_ms, now_ms: ms since 1970.  False
 * when there is nothing to tell.  The words are the same for a day.
 */
bool expiry_text(int64_t end_ms, int64_t now_ms, char dst[EXPIRY_TEXT_MAX]);

#endif
