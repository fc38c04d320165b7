/* Any bytes through the JSON reader, and what it took back through the
 * writer: the same document comes back, and reads the same again. */
#include "base/json.h"
#include "base/secret.h"
#include "fuzz.h"

static const char *const names[] = { "value", "id", "any*", NULL };

static char *write_out(const struct json *root, bool pretty, size_t max)
{
	struct buf out;
	struct json_writer *w;

	buf_init(&out, max);
	w = json_writer_new(&out, pretty);
	json_copy(w, root);
	FUZZ_NEED(json_finish(w));
	FUZZ_NEED(text_is_utf8(out.data, out.len));
	return out.data;
}

static struct json *read_in(const char *text, size_t max)
{
	struct fault f = fault_none();
	struct json *root = json_parse(text, strlen(text), max, &f);

	FUZZ_NEED(root);
	return root;
}

static void walk(const struct json *n, unsigned depth, bool only)
{
	size_t children = 0;
	int64_t number;
	bool is;

	FUZZ_NEED(depth <= JSON_DEPTH_MAX);
	if (json_int(n, &number))
		FUZZ_NEED(json_type(n) == JSON_NUMBER);
	if (json_bool(n, &is))
		FUZZ_NEED(json_type(n) == JSON_BOOL);
	FUZZ_NEED(!json_str(n) == (json_type(n) != JSON_STRING));
	for (const struct json *m = json_first(n); m; m = json_next(m)) {
		const char *name = json_name(m);

		children++;
		FUZZ_NEED(!name == (json_type(n) != JSON_OBJECT));
		if (name)
			FUZZ_NEED(json_get(n, name) == m);
		if (name && only)
			FUZZ_NEED(text_same(name, "value") ||
				  text_same(name, "id") ||
				  text_same(name, "any"));
		walk(m, depth + 1, only && !(name && text_same(name, "any")));
	}
	FUZZ_NEED(children == json_count(n));
}

static void shorten(char *text, void *arg)
{
	(void)arg;
	secret_strike(NULL, text);
}

/* What is lent is the element as it stands there, no byte less or more. */
static void lent_is_whole(const struct json *lent, const struct json *whole,
			  size_t max)
{
	const struct json *l = json_first(lent), *w = json_first(whole);

	for (; l && w; l = json_next(l), w = json_next(w)) {
		struct fault f = fault_none();
		struct json *again;
		const char *source;
		char *one, *two;
		size_t len;

		source = json_source(l, &len);
		if (!source)
			continue;
		FUZZ_NEED(!memchr(source, '\n', len));
		again = json_parse(source, len, 200000, &f);
		FUZZ_NEED(again);
		one = write_out(again, false, max);
		two = write_out(w, false, max);
		FUZZ_NEED(!strcmp(one, two));
		free(one);
		free(two);
		json_free(again);
	}
	FUZZ_NEED(!l && !w);
}

static void lend(const uint8_t *data, size_t size, const struct json *whole)
{
	static const char *const frame[] = { "list", NULL };
	struct fault f = fault_none();
	struct json *root =
		json_parse_lent((const char *)data, size, frame, 200000, &f);

	FUZZ_NEED(root || !whole);
	if (whole && json_type(root) == JSON_ARRAY)
		lent_is_whole(root, whole, 8 * size + 1024);
	if (whole && json_get(root, "list"))
		lent_is_whole(json_get(root, "list"), json_get(whole, "list"),
			      8 * size + 1024);
	json_free(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault f = fault_none();
	struct json *root = json_parse((const char *)data, size, 200000, &f);
	struct json *again, *nice;
	size_t max = 8 * size + 1024;
	char *one, *two, *three;

	fuzz_fault(&f, root != NULL);
	lend(data, size, root);
	if (root) {
		walk(root, 0, false);
		one = write_out(root, false, max);
		again = read_in(one, 1 << 20);
		two = write_out(again, false, max);
		FUZZ_NEED(!strcmp(one, two));
		three = write_out(again, true, 64 * max);
		nice = read_in(three, 1 << 20);
		free(three);
		three = write_out(nice, false, max);
		FUZZ_NEED(!strcmp(one, three));
		json_each_text(root, shorten, NULL);
		walk(again, 0, false);
		json_free(again);
		json_free(nice);
		free(one);
		free(two);
		free(three);
	}
	json_free(root);
	f = fault_none();
	root = json_parse_only((const char *)data, size, names, 200000, &f);
	fuzz_fault(&f, root != NULL);
	walk(root, 0, true);
	json_free(root);
	return 0;
}
