/* What keyrotctl shows of an answer: harmless for a terminal, and as JSON
 * still the same document. */
#include "base/json.h"
#include "ctl/clean.h"
#include "fuzz.h"

/* Controls, and what turns the direction of writing, as bytes of UTF-8. */
static bool is_harmless(const char *s)
{
	static const char *const bad[] = { "\xd8\x9c",	   "\xe2\x80\x8e",
					   "\xe2\x80\x8f", "\xe2\x80\xa8",
					   "\xe2\x80\xa9", "\xe2\x80\xaa",
					   "\xe2\x80\xae", "\xe2\x81\xa6",
					   "\xe2\x81\xa9" };

	for (size_t i = 0; s[i]; i++)
		if (s[i] == 0x7f || s[i] == 0x1b ||
		    ((unsigned char)s[i] == 0xc2 &&
		     (unsigned char)s[i + 1] < 0xa0 && s[i + 1]))
			return false;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (strstr(s, bad[i]))
			return false;
	return true;
}

static char *compact(const char *text, size_t len)
{
	struct fault f;
	struct json *root = json_parse(text, len, 1 << 20, &f);
	struct json_writer *w;
	struct buf out;

	buf_init(&out, 8 * len + 64);
	if (root) {
		w = json_writer_new(&out, false);
		json_copy(w, root);
		FUZZ_NEED(json_finish(w));
	}
	json_free(root);
	return out.data;
}

static void document(const char *text, size_t len)
{
	char *was = compact(text, len), *is, *shown = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&shown, &size);

	clean_json(file, text, len);
	fclose(file);
	if (text_is_utf8(text, len))
		FUZZ_NEED(memchr(shown, 0x1b, size) || is_harmless(shown));
	is = was ? compact(shown, size) : NULL;
	FUZZ_NEED(!was || (is && !strcmp(was, is)));
	free(was);
	free(is);
	free(shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	char *s = fuzz_piece(&in);
	size_t len = strlen(s);

	document((const char *)data, size);
	clean_line(s);
	FUZZ_NEED(fuzz_is_line(s) && is_harmless(s) && strlen(s) <= len);
	free(s);
	return 0;
}
