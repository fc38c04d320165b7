/* From when to when: what is asked for, and what there are records of. */
#include "ctl/history_span.h"

bool history_span_holds(const struct history *h, int64_t t)
{
	return h->from < 0 || t >= h->from;
}

bool history_span_is_empty(const struct history *h)
{
	return h->last < 0 || h->from > h->last;
}

bool history_span_reaches(const struct history *h)
{
	return h->last >= 0 && (h->beyond || !history_span_is_empty(h));
}

int64_t history_span_begin(const struct history *h)
{
	return h->from > h->first ? h->from : h->first;
}

int64_t history_span_until(const struct history *h)
{
	return h->beyond ? h->to : h->last;
}
