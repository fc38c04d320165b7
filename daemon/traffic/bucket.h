/*
 * bucket: a token bucket on boot time.
 *
 * Source of the default sizes: learn.microsoft.com, "Understand how Azure
 * Resource Manager throttles requests" and "Azure Key Vault service limits".
 */
#ifndef KEYROTD_TRAFFIC_BUCKET_H
#define KEYROTD_TRAFFIC_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct bucket {
	double rate;  /* tokens per second, > 0 */
	double burst; /* most tokens that can gather, >= 1 */
	double tokens;
	int64_t at;	      /* boot ms of the last refill */
	int64_t closed_until; /* boot ms: told to wait by a 429 */
};

void bucket_init(struct bucket *b, double rate, double burst, int64_t boot);
/* New limits from boot on (reload): what has gathered by then is kept as far
 * as it fits. */
void bucket_limit(struct bucket *b, double rate, double burst, int64_t boot);
/* Take one token; false when there is none yet or the bucket is closed. */
bool bucket_take(struct bucket *b, int64_t boot);
/* Tokens that are there now; 0 while closed. */
double bucket_tokens(struct bucket *b, int64_t boot);
/* Boot ms at which bucket_take may succeed; <= boot when it would now. */
int64_t bucket_ready(struct bucket *b, int64_t boot);
/* A 429: nothing until boot + wait_ms; what had gathered is gone. */
void bucket_close(struct bucket *b, int64_t boot, int64_t wait_ms);
/* The server says how many calls remain (x-ms-ratelimit-remaining-*): keep
 * to half of that, before it has to say 429. */
void bucket_observe(struct bucket *b, int64_t boot, int remaining);

#endif
