/*
 * page: an answer that is none of Azure's: a page for people, or the way to
 * one, from whoever stands between (a captive portal, a proxy or firewall that
 * opens TLS).  It says nothing of what was asked.
 *
 * Looks at values, keeps none.
 */
#ifndef KEYROTD_AZURE_PAGE_H
#define KEYROTD_AZURE_PAGE_H

#include "azure/call.h"

/*
 * True when the answer is HTML, or a redirection with a place to go to; no
 * service of Azure that is asked here answers so, but for its gateways, whose
 * 5xx are errors of their own.  Nor does a service of this host, but where it
 * is missing or being updated (404, 410).  True of any 511.
 * Source: Microsoft, "Azure REST API reference", on answers; RFC 6585 section 6
 * and RFC 8910 on captive portals.
 */
bool page_stands_in(const struct call *call, const struct answer *a);

/* The fault of such an answer: FAULT_TRANSIENT, for what was asked has not
 * been heard, and whoever stands between may go away.  It names who is meant to
 * answer. */
void page_fault(const struct call *call, const struct answer *a,
		struct fault *f);

/* Whether this fault is of that sort: no answer of Azure's passes by itself
 * with such a status. */
bool page_is(const struct fault *f);

#endif
