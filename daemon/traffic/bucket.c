/* A token bucket on boot time. */
#include "traffic/bucket.h"

static void refill(struct bucket *b, int64_t boot)
{
	if (boot > b->at)
		b->tokens += (double)(boot - b->at) * b->rate / 1000.0;
	if (b->tokens > b->burst)
		b->tokens = b->burst;
	if (boot > b->at)
		b->at = boot;
}

void bucket_init(struct bucket *b, double rate, double burst, int64_t boot)
{
	*b = (struct bucket){ .rate = rate,
			      .burst = burst < 1 ? 1 : burst,
			      .at = boot };
	b->tokens = b->burst;
}

void bucket_limit(struct bucket *b, double rate, double burst, int64_t boot)
{
	refill(b, boot);
	b->rate = rate;
	b->burst = burst < 1 ? 1 : burst;
	if (b->tokens > b->burst)
		b->tokens = b->burst;
}

bool bucket_take(struct bucket *b, int64_t boot)
{
	refill(b, boot);
	if (boot < b->closed_until || b->tokens < 1)
		return false;
	b->tokens -= 1;
	return true;
}

double bucket_tokens(struct bucket *b, int64_t boot)
{
	refill(b, boot);
	return boot < b->closed_until ? 0 : b->tokens;
}

int64_t bucket_ready(struct bucket *b, int64_t boot)
{
	int64_t ready = boot;

	refill(b, boot);
	/* One millisecond more than the division says: rounding down would
	 * wake the caller just before the token is whole. */
	if (b->tokens < 1)
		ready += (int64_t)((1 - b->tokens) * 1000.0 / b->rate) + 1;
	return ready > b->closed_until ? ready : b->closed_until;
}

void bucket_close(struct bucket *b, int64_t boot, int64_t wait_ms)
{
	refill(b, boot);
	b->tokens = 0;
	if (boot + wait_ms > b->closed_until)
		b->closed_until = boot + wait_ms;
}

void bucket_observe(struct bucket *b, int64_t boot, int remaining)
{
	if (remaining < 0)
		return;
	refill(b, boot);
	if (b->tokens > remaining / 2.0)
		b->tokens = remaining / 2.0;
}
