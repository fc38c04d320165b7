/*
 * How long to wait, what time it is at Azure, how much of the budget is
 * left, where to ask next: what answers say in their headers.
 */
#include "azure/reply_header.h"

#include <limits.h>
#include <stddef.h>

#include "azure/url.h"
#include "base/text.h"

#define DAY_MS INT64_C(86400000)

int64_t reply_header_date(const struct answer *a)
{
	const char *s = a->headers[ANSWER_DATE];

	return s ? text_parse_http_date(s) : -1;
}

/* Digits and nothing else; what is larger than max is max.  -1: not that. */
static int64_t whole_number(const char *s, int64_t max)
{
	int64_t n = 0;

	if (!s || !*s)
		return -1;
	for (; *s >= '0' && *s <= '9'; s++) {
		n = n * 10 + (*s - '0');
		if (n > max)
			n = max;
	}
	return *s ? -1 : n;
}

int64_t reply_header_retry_after(const struct answer *a, int64_t wall_ms)
{
	const char *s = a->headers[ANSWER_RETRY_AFTER];
	int64_t ms = whole_number(s, DAY_MS / 1000), now, then;

	if (ms >= 0)
		return ms * 1000;
	then = s ? text_parse_http_date(s) : -1;
	if (then < 0)
		return -1;
	now = reply_header_date(a);
	ms = then - (now >= 0 ? now : wall_ms);
	if (ms < 0)
		return 0;
	return ms > DAY_MS ? DAY_MS : ms;
}

int reply_header_remaining(const struct answer *a, bool writes)
{
	return (int)whole_number(a->headers[writes ? ANSWER_REMAINING_WRITES
						   : ANSWER_REMAINING_READS],
				 INT_MAX);
}

const char *reply_header_url(const struct answer *a, enum answer_header h,
			     const struct cloud *cloud)
{
	const char *url = a->headers[h];

	if (!url || !url_is_clean(url) ||
	    !cloud_same_origin(url, cloud->resource_manager))
		return NULL;
	return url;
}
