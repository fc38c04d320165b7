/* http_share: which connections and TLS sessions libcurl looks through for a
 * server (curl_share_setopt(3)). */
#include <curl/curl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/http_internal.h"

#define EACH 4	   /* servers that share, where there are not too many */
#define MOST 32	   /* shares: each takes some kilobytes */
#define KNOWN 4096 /* servers that have a place of their own */

struct seat {
	char *where;
	size_t share;
};

struct http_share {
	size_t n, n_known;
	void *known; /* struct seat, by where: tsearch(3) */
	CURLSH *all[];
};

static int compare(const void *a, const void *b)
{
	const struct seat *x = a, *y = b;

	return strcmp(x->where, y->where);
}

static CURLSH *share_new(void)
{
	CURLSH *share = curl_share_init();

	if (!share)
		return NULL;
	/* One thread uses it, so nothing is locked.  Without the one or the
	 * other (no memory) handshakes only cost more. */
	curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
	return share;
}

struct http_share *http_share_new(size_t hosts)
{
	size_t n = hosts / EACH > MOST ? MOST : hosts / EACH;
	struct http_share *s;

	n = n > 0 ? n : 1;
	s = text_alloc(1, sizeof(*s) + n * sizeof(s->all[0]));
	for (; s->n < n; s->n++) {
		s->all[s->n] = share_new();
		if (!s->all[s->n]) {
			http_share_free(s);
			return NULL;
		}
	}
	return s;
}

size_t http_share_number(const struct http_share *s)
{
	return s->n;
}

void *http_share_of(struct http_share *s, const char *where)
{
	struct seat wanted = { .where = (char *)(uintptr_t)where }, *p;
	struct seat **found = tfind(&wanted, &s->known, compare);

	if (found)
		return s->all[(*found)->share];
	if (s->n == 1 || s->n_known == KNOWN)
		return s->all[0];
	p = text_alloc(1, sizeof(*p));
	p->where = text_dup(where);
	p->share = s->n_known++ % s->n;
	tsearch(p, &s->known, compare);
	return s->all[p->share];
}

static void seat_free(void *seat)
{
	struct seat *p = seat;

	free(p->where);
	free(p);
}

void http_share_free(struct http_share *s)
{
	if (!s)
		return;
	while (s->n > 0)
		curl_share_cleanup(s->all[--s->n]);
	tdestroy(s->known, seat_free);
	free(s);
}
