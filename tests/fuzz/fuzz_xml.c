/* XML: elements nest as they are told, each text is UTF-8 and within its bound,
 * and a document type never comes through. */
#include "base/xml.h"
#include "fuzz.h"

#define TEXT_MAX 64

struct seen {
	unsigned depth;
	size_t roots;
};

static void name_is_sound(const char *name)
{
	FUZZ_NEED(*name && text_is_utf8(name, strlen(name)));
	FUZZ_NEED(!strpbrk(name, " <>&\"'/="));
}

static void begin(void *arg, unsigned depth, const char *name)
{
	struct seen *s = arg;

	name_is_sound(name);
	FUZZ_NEED(depth == s->depth + 1 && depth <= XML_DEPTH_MAX);
	s->depth = depth;
	s->roots += depth == 1;
}

static void end(void *arg, unsigned depth, const char *name, const char *text)
{
	struct seen *s = arg;

	name_is_sound(name);
	FUZZ_NEED(depth == s->depth && depth > 0);
	FUZZ_NEED(strlen(text) <= TEXT_MAX);
	FUZZ_NEED(text_is_utf8(text, strlen(text)));
	s->depth--;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen s = { 0 };
	const struct xml_sight sight = { begin, end, &s };
	struct fault f = fault_none();
	/* Its end is where its memory ends. */
	char *text = text_ndup((const char *)data, size);
	bool good = xml_read(text, size, TEXT_MAX, &sight, &f);

	fuzz_fault(&f, good);
	if (good) {
		FUZZ_NEED(s.depth == 0 && s.roots == 1);
		/* In another encoding it may not be seen as these letters. */
		FUZZ_NEED(strncmp(text, "<!DOCTYPE", 9) != 0);
	}
	FUZZ_NEED(s.roots <= 1);
	free(text);
	return 0;
}
