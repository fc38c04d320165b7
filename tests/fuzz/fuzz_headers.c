/* The lines of an answer's head, as libcurl hands them on: what is kept of
 * them, under which caps, and that an interim answer leaves nothing. */
#include "azure/cloud.h"
#include "azure/reply_header.h"
#include "fuzz.h"
#include "io/headers.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void kept(const struct answer *a)
{
	for (int i = 0; i < ANSWER_HEADERS; i++) {
		const char *s = a->headers[i];
		size_t len = s ? strlen(s) : 0;

		if (!len)
			continue;
		FUZZ_NEED(len <= ANSWER_HEADER_MAX);
		FUZZ_NEED(!is_space(s[0]));
	}
}

static bool is_empty(const char *line, size_t len)
{
	while (len && is_space(line[len - 1]))
		len--;
	return !len;
}

static size_t count(const struct answer *a)
{
	size_t n = 0;

	for (int i = 0; i < ANSWER_HEADERS; i++)
		n += a->headers[i] != NULL;
	return n;
}

/* One line in memory of just its length. */
static bool take(struct headers *h, struct answer *a, const char *from,
		 size_t len, struct fault *f)
{
	struct headers before = *h;
	size_t had = count(a);
	char *line = malloc(len ? len : 1);
	bool ok;

	memcpy(line, from, len);
	ok = headers_line(h, a, line, len, "host:443", f);
	fuzz_fault(f, ok);
	FUZZ_NEED(h->total == before.total + len);
	FUZZ_NEED(!ok || h->total <= HEADERS_TOTAL_MAX);
	if (ok && len > 5 && !memcmp(line, "HTTP/", 5))
		FUZZ_NEED(!count(a) && !h->ended && h->version >= 1 &&
			  h->version <= 9);
	else if (before.ended || is_empty(line, len))
		FUZZ_NEED(!ok || (h->ended && count(a) == had));
	free(line);
	return ok;
}

static void urls(const struct answer *a)
{
	struct cloud cloud = { 0 };
	const char *url;

	cloud_profile(&cloud, "public");
	for (int i = 0; i < ANSWER_HEADERS; i++) {
		url = reply_header_url(a, (enum answer_header)i, &cloud);
		FUZZ_NEED(!url || text_prefix(url, cloud.resource_manager));
	}
	cloud_free(&cloud);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data, *end = s + size;
	struct headers h = { 0 };
	struct answer a = { 0 };
	struct fault f = fault_none();
	bool ok = true;

	while (ok && s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		const char *next = nl ? nl + 1 : end;

		ok = take(&h, &a, s, (size_t)(next - s), &f);
		s = next;
	}
	if (ok)
		kept(&a);
	urls(&a);
	reply_header_date(&a);
	answer_free(&a);
	return 0;
}
