/* The head of an HTTP request: where it ends, and that nothing is answered with
 * metrics but what asks for them. */
#include "ctl/request.h"
#include "fuzz.h"

static bool begins(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && !memcmp(text, word, n);
}

/* The path stands there whole, and not as the start of another. */
static bool has_path(const char *text, size_t len, const char *path)
{
	const char *end = text + len, *at = text;
	const size_t n = strlen(path);

	while ((at = memmem(at, (size_t)(end - at), path, n))) {
		at += n;
		if (at < end && (*at == ' ' || *at == '?'))
			return true;
	}
	return false;
}

/* Of a head that is taken. */
static void taken(const struct request *r, const char *text, size_t len)
{
	FUZZ_NEED(begins(text, len, r->head ? "HEAD " : "GET "));
	FUZZ_NEED(r->path == REQUEST_METRICS || r->path == REQUEST_HEALTH);
	FUZZ_NEED(
		has_path(text, len,
			 r->path == REQUEST_METRICS ? "/metrics" : "/healthz"));
	FUZZ_NEED(!memchr(text, '\0', len));
	FUZZ_NEED(memmem(text, len, " HTTP/1.", 8));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size ? size : 1);
	struct request r;
	size_t len;
	int status;

	if (size)
		memcpy(text, data, size);
	len = request_length(text, size);
	FUZZ_NEED(len <= size);
	/* It is there once it is there, not before. */
	FUZZ_NEED(!len || !request_length(text, len - 1));
	FUZZ_NEED(!len || text[len - 1] == '\n');
	status = request_read(&r, text, len ? len : size);
	FUZZ_NEED(strcmp(request_phrase(status), "Error") != 0);
	if (status == 200) {
		FUZZ_NEED(len);
		taken(&r, text, len);
	}
	free(text);
	return 0;
}
