/* base/json: hostile input, limits, and a writer that tells when it failed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/text.h"

static struct json *parse(const char *text)
{
	struct fault f;

	return json_parse(text, strlen(text), 100000, &f);
}

static void all_types_are_read(void **state)
{
	struct json *root = parse(" {\"n\":null,\"t\":true,\"f\":false,"
				  "\"i\":-42,\"s\":\"a\\n\\u00e4\","
				  "\"a\":[1,[],{}],\"o\":{\"x\":\"y\"},"
				  "\"\":0} ");
	const struct json *a, *m;
	int64_t i;
	bool b;

	(void)state;
	assert_non_null(root);
	assert_int_equal(json_type(root), JSON_OBJECT);
	assert_int_equal(json_count(root), 8);
	assert_int_equal(json_type(json_get(root, "n")), JSON_NULL);
	assert_true(json_bool(json_get(root, "t"), &b) && b);
	assert_true(json_bool(json_get(root, "f"), &b) && !b);
	assert_true(json_int(json_get(root, "i"), &i) && i == -42);
	assert_string_equal(json_get_str(root, "s"), "a\n\xc3\xa4");
	assert_non_null(json_get(root, ""));
	a = json_get(root, "a");
	assert_int_equal(json_count(a), 3);
	m = json_first(a);
	assert_true(json_int(m, &i) && i == 1);
	assert_null(json_name(m));
	m = json_next(m);
	assert_int_equal(json_type(m), JSON_ARRAY);
	assert_null(json_first(m));
	m = json_next(m);
	assert_int_equal(json_type(m), JSON_OBJECT);
	assert_null(json_next(m));
	assert_string_equal(json_name(json_get(root, "o")), "o");
	assert_string_equal(json_get_str(json_get(root, "o"), "x"), "y");
	json_free(root);
}

static void a_scalar_is_a_document(void **state)
{
	static const char *const texts[] = { "1",  "true", "\"x\"",   "null",
					     "[]", "{}",   " -1.5e3 " };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct json *root = parse(texts[i]);

		assert_non_null(root);
		json_free(root);
	}
}

static void absent_is_harmless(void **state)
{
	struct json *root = parse("{\"s\":\"x\",\"i\":1}");
	const struct json *s = json_get(root, "s");
	int64_t i = 7;
	bool b = true;

	(void)state;
	json_free(NULL);
	assert_int_equal(json_type(NULL), JSON_NULL);
	assert_null(json_get(NULL, "x"));
	assert_null(json_get(s, "x"));
	assert_null(json_get_nocase(NULL, "x"));
	assert_null(json_get_nocase(s, "x"));
	assert_null(json_get(root, "absent"));
	assert_null(json_get_nocase(root, "absent"));
	assert_null(json_first(NULL));
	assert_null(json_next(NULL));
	assert_null(json_name(NULL));
	assert_int_equal(json_count(NULL), 0);
	assert_null(json_str(NULL));
	assert_null(json_str(json_get(root, "i")));
	assert_null(json_get_str(root, "i"));
	assert_false(json_int(NULL, &i));
	assert_false(json_int(s, &i));
	assert_false(json_int_loose(NULL, &i));
	assert_false(json_bool(s, &b));
	assert_false(json_bool(NULL, &b));
	assert_int_equal(i, 7);
	json_free(root);
}

static void integers_are_exact(void **state)
{
	static const struct {
		const char *text;
		bool strict, loose;
		int64_t value;
	} cases[] = {
		{ "0", true, true, 0 },
		{ "-0", true, true, 0 },
		{ "9223372036854775807", true, true, INT64_MAX },
		{ "-9223372036854775808", true, true, INT64_MIN },
		{ "9223372036854775808", false, false, 0 },
		{ "1.0", false, false, 0 },
		{ "1e3", false, false, 0 },
		{ "\"123\"", false, true, 123 },
		{ "\"-5\"", false, true, -5 },
		{ "\"\"", false, false, 0 },
		{ "\"-\"", false, false, 0 },
		{ "\" 1\"", false, false, 0 },
		{ "\"1 \"", false, false, 0 },
		{ "\"0x10\"", false, false, 0 },
		{ "\"+1\"", false, false, 0 },
		{ "\"99999999999999999999\"", false, false, 0 },
		{ "true", false, false, 0 },
		{ "null", false, false, 0 },
		{ "[1]", false, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json *root = parse(cases[i].text);
		int64_t v = 0;

		assert_non_null(root);
		assert_int_equal(json_int(root, &v), cases[i].strict);
		assert_int_equal(json_int_loose(root, &v), cases[i].loose);
		assert_true(v == cases[i].value);
		json_free(root);
	}
}

static void names_are_found_without_case(void **state)
{
	struct json *root = parse("{\"KeyIdentifier\":\"a\","
				  "\"keyidentifier\":\"b\"}");

	(void)state;
	assert_null(json_get(root, "keyIdentifier"));
	assert_string_equal(json_str(json_get_nocase(root, "keyIdentifier")),
			    "a");
	/* The exact spelling wins. */
	assert_string_equal(json_str(json_get_nocase(root, "keyidentifier")),
			    "b");
	json_free(root);
}

static void nonsense_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"{",
		"[",
		"\"",
		"{\"a\"",
		"{\"a\":",
		"{\"a\":1",
		"[1",
		"[1,",
		"tru",
		"nul",
		"-",
		"1.",
		"01",
		"1 2",
		"{} {}",
		"{} \"",
		"[1]\"open",
		"\"\"\"",
		"1 \"",
		"[] x",
		"[1,]",
		"{\"a\":1,}",
		"{a:1}",
		"{'a':1}",
		"{1:1}",
		"[1]]",
		"// c\n1",
		"/* c */ 1",
		"NaN",
		"Infinity",
		"+1",
		"\"\x01\"",
		"\"\n\"",
		"\"\\x\"",
		"\"\\u12\"",
		"\"\\u12g4\"",
		"\xff",
		"\"\xff\"",
		"\"\xc3\"",
		"\"\xed\xa0\x80\"",
		"\"\xc0\x80\"",
		"{\"\xff\":1}",
		"{\"a\":1,\"a\":2}",
		"{\"x\":{\"a\":1,\"b\":2,\"a\":3}}",
		"{\"a\":1,\"\\u0061\":2}", /* the same name, escaped */
		"\"good\\u0000evil\"",
		"{\"a\\u0000zzz\":1}",
		"\"\\ud800\"",
		"\"\\ud800x\"",
		"\"\\ud800\\n\"",
		"\"\\ud800\\u0041\"",
		"\"\\udc00\"",
		"\"\\uDFFF\"",
		"\"\\ud800\\ud800\"",
		"\"\\udc00\\ud800\"",
		"\\",
		"\"\\",
		"\"\\u",
		"\"\\ud800\\",
		"\"\\ud800\\udc0",
	};
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct json *root =
			json_parse(bad[i], strlen(bad[i]), 100000, &f);

		if (root)
			print_message("taken: %s\n", bad[i]);
		assert_null(root);
		assert_int_equal(f.kind, FAULT_INVALID);
		assert_true(strlen(f.text) > 10);
	}
	assert_null(json_parse(NULL, 0, 1000, &f));
}

/* Some services, and many editors, sign UTF-8 so; once, and at the start. */
static void a_byte_order_mark_is_passed_over(void **state)
{
	static const char *const bad[] = { "\xef\xbb\xbf", "\xef\xbb",
					   "\xef\xbb\xbf\xef\xbb\xbf{}",
					   " \xef\xbb\xbf{}",
					   "{}\xef\xbb\xbf" };
	struct json *root = parse("\xef\xbb\xbf {\"a\":\"\xef\xbb\xbf\"}");
	struct fault f;

	(void)state;
	assert_non_null(root);
	assert_string_equal(json_get_str(root, "a"), "\xef\xbb\xbf");
	json_free(root);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(json_parse(bad[i], strlen(bad[i]), 1000, &f));
}

static void bytes_after_a_nul_count(void **state)
{
	struct fault f;

	(void)state;
	assert_null(json_parse("1\0", 2, 1000, &f));
	assert_null(json_parse("{}\0{}", 5, 1000, &f));
}

/* Only what RFC 8259 calls a blank may stand between what counts. */
static void other_blanks_are_refused(void **state)
{
	struct fault f;

	(void)state;
	assert_null(json_parse("{\"a\":\v1}", 8, 1000, &f));
	assert_non_null(strstr(f.text, "vertical tab"));
	assert_null(json_parse("\f{}", 3, 1000, &f));
	json_free(parse("{\"a\":\t1\r\n }"));
}

static void surrogate_pairs_are_read(void **state)
{
	struct json *root = parse("\"\\ud83d\\ude00 \\\\ud800 \\uD834\\uDD1E"
				  " \\u0041\"");

	(void)state;
	assert_non_null(root);
	assert_string_equal(json_str(root), "\xf0\x9f\x98\x80 \\ud800 "
					    "\xf0\x9d\x84\x9e A");
	json_free(root);
}

static void input_is_never_quoted(void **state)
{
	static const char text[] = "{\"access_token\":\"eyJsecret\",!}";
	struct fault f;

	(void)state;
	assert_null(json_parse(text, strlen(text), 10000, &f));
	assert_null(strstr(f.text, "eyJ"));
	assert_null(strstr(f.text, "access"));
}

static char *nested(int depth, char open, char close)
{
	char *s = text_alloc((size_t)depth * 2 + 1, 1);

	memset(s, open, (size_t)depth);
	memset(s + depth, close, (size_t)depth);
	return s;
}

static void depth_is_bounded(void **state)
{
	char *s = nested(JSON_DEPTH_MAX, '[', ']');
	struct json *root = parse(s);
	struct fault f;

	(void)state;
	assert_non_null(root);
	json_free(root);
	free(s);
	s = nested(JSON_DEPTH_MAX + 1, '[', ']');
	assert_null(json_parse(s, strlen(s), 100000, &f));
	assert_non_null(strstr(f.text, "nested"));
	free(s);
	s = nested(300000, '[', ']');
	assert_null(json_parse(s, strlen(s), SIZE_MAX, &f));
	assert_non_null(strstr(f.text, "nested"));
	free(s);
}

/* What the tree takes is bounded, whatever it is made of. */
static void memory_is_bounded(void **state)
{
	static const char *const some[] = {
		"[1,2,3,4]",
		"[[[[1]]]]",
		"{\"a\":[null,true,\"x\"]}",
		"[{},{},{},{}]",
		"{\"a long name of a member\":\"and a text\"}",
		"123456789012345678901234567890",
	};
	struct json *root;
	struct fault f;
	size_t max;

	(void)state;
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		size_t len = strlen(some[i]);

		for (max = 0; !(root = json_parse(some[i], len, max, &f));
		     max++) {
			assert_non_null(strstr(f.text, "holds more"));
			assert_true(max < 1000);
		}
		assert_true(max > 40);
		json_free(root);
	}
}

/* Endless small values take what they may, and no more. */
static void a_flood_is_stopped(void **state)
{
	size_t n = 4000000;
	char *s = text_alloc(2 * n + 2, 1);
	struct fault f;

	(void)state;
	for (size_t i = 0; i < n; i++)
		memcpy(s + 2 * i, i ? ",0" : "[0", 2);
	s[2 * n] = ']';
	assert_null(json_parse(s, 2 * n + 1, 1 << 20, &f));
	assert_non_null(strstr(f.text, "holds more"));
	free(s);
}

static void what_nobody_reads_is_passed_over(void **state)
{
	static const char *const names[] = { "id", "sub", "Any*", "list",
					     NULL };
	static const char text[] =
		"{\"x\":{\"id\":[[{\"id\":1}],2]},\"ID\":\"me\",\"idx\":1,"
		"\"i\":2,\"any*\":{\"a\":1},\"sub\":{\"y\":null,\"id\":true,\"z\":[]},"
		"\"any\":{\"one\":{\"id\":5,\"no\":6},\"two\":{}},"
		"\"list\":[{\"id\":7,\"w\":\"s\"},[8,{\"v\":9}]]}";
	struct json *root, *all;
	const struct json *n;
	struct fault f;
	int64_t v;

	(void)state;
	root = json_parse_only(text, strlen(text), names, 4000, &f);
	assert_non_null(root);
	assert_int_equal(json_count(root), 4);
	assert_string_equal(json_str(json_get_nocase(root, "id")), "me");
	assert_int_equal(json_count(json_get(root, "sub")), 1);
	n = json_get(root, "any");
	assert_int_equal(json_count(n), 2);
	assert_int_equal(json_count(json_get(n, "one")), 1);
	assert_true(json_int(json_get(json_get(n, "one"), "id"), &v));
	assert_int_equal(v, 5);
	n = json_first(json_get(root, "list"));
	assert_int_equal(json_count(n), 1);
	assert_int_equal(json_count(json_next(n)), 2);
	assert_int_equal(json_count(json_next(json_first(json_next(n)))), 0);
	all = json_parse(text, strlen(text), 4000, &f);
	assert_int_equal(json_count(all), 8);
	json_free(root);
	json_free(all);
}

/* Passed over is not unseen: it has to be JSON, and no deeper than the rest. */
static void what_is_passed_over_is_still_checked(void **state)
{
	static const char *const names[] = { "id", NULL };
	static const char *const bad[] = {
		"{\"x\":{\"y\":}}",    "{\"x\":[1,2}", "{\"x\":\"\xff\"}",
		"{\"x\":\"\\ud800\"}", "{\"x\":{}",    "{\"id\":1,\"id\":2}",
	};
	char *deep = nested(JSON_DEPTH_MAX, '[', ']');
	char *text = text_printf("{\"x\":%s}", deep);
	struct json *root;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(json_parse_only(bad[i], strlen(bad[i]), names, 4000,
					    &f));
	assert_null(json_parse_only(text, strlen(text), names, 4000, &f));
	assert_non_null(strstr(f.text, "nested"));
	free(text);
	deep[JSON_DEPTH_MAX - 1] = deep[JSON_DEPTH_MAX] = '1';
	text = text_printf("{\"x\":%s,\"\\u0000\":1,\"id\\u0000id\":1}", deep);
	root = json_parse_only(text, strlen(text), names, 100, &f);
	assert_non_null(root);
	assert_int_equal(json_count(root), 0);
	json_free(root);
	free(text);
	free(deep);
}

/* An object of 50,000 members: sorted, not compared each with each. */
static void many_members(void **state)
{
	struct buf b;
	struct json *root;
	struct fault f;
	int64_t v;

	(void)state;
	buf_init(&b, 4000000);
	buf_puts(&b, "{");
	for (int i = 0; i < 50000; i++)
		buf_printf(&b, "%s\"name%d\":%d", i ? "," : "", i, i);
	buf_puts(&b, "}");
	root = json_parse(b.data, b.len, 10000000, &f);
	assert_non_null(root);
	assert_true(json_int(json_get(root, "name49999"), &v) && v == 49999);
	json_free(root);
	b.len--;
	buf_puts(&b, ",\"name25000\":0}");
	assert_null(json_parse(b.data, b.len, 10000000, &f));
	assert_non_null(strstr(f.text, "two members"));
	buf_free(&b);
}

static void long_strings_are_kept_whole(void **state)
{
	size_t len = 300000;
	char *s = text_alloc(len + 3, 1);
	struct json *root;
	struct fault f;

	(void)state;
	memset(s, 'x', len + 2);
	s[0] = s[len + 1] = '"';
	root = json_parse(s, len + 2, len + 200, &f);
	assert_non_null(root);
	assert_int_equal(strlen(json_str(root)), len);
	json_free(root);
	free(s);
}

/* Every beginning of a document, and every change of one byte, is either
 * read or refused: never a crash, a leak or a read past the end. */
static void damaged_documents(void **state)
{
	static const char good[] =
		"{\"error\":{\"code\":\"Forbidden\",\"innererror\":{\"code\":"
		"\"x\"},\"message\":\"\\u00e4\\ud83d\\ude00\\n\"},\"l\":[1,"
		"-2.5e+7,true,false,null,\"\xc3\xa4\"]}";
	size_t len = sizeof(good) - 1;
	unsigned seed = 5;
	struct fault f;

	(void)state;
	for (size_t cut = 0; cut < len; cut++) {
		char *s = text_alloc(cut + 1, 1);

		memcpy(s, good, cut);
		assert_null(json_parse(s, cut, 100000, &f));
		free(s);
	}
	for (int i = 0; i < 20000; i++) {
		char *s = malloc(len);

		memcpy(s, good, len);
		for (int j = rand_r(&seed) % 3; j >= 0; j--)
			s[(size_t)rand_r(&seed) % len] =
				(char)(rand_r(&seed) % 256);
		json_free(json_parse(s, len, 100000, &f));
		free(s);
	}
}

static void answer_is_written(void **state)
{
	struct json_writer *w;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	w = json_writer_new(&b, false);
	json_open(w);
	json_add_str(w, "s", "a\"\\\n\x01/\xc3\xa4");
	json_add_str(w, "nothing", NULL);
	json_add_int(w, "i", INT64_MIN);
	json_add_bool(w, "t", true);
	json_add_null(w, "n");
	json_add_time(w, "at", 1000);
	json_add_time(w, "never", -1);
	json_key(w, "a");
	json_open_array(w);
	json_put_int(w, 1);
	json_put_bool(w, false);
	json_put_null(w);
	json_put_str(w, "x");
	json_close_array(w);
	json_close(w);
	assert_true(json_finish(w));
	assert_string_equal(
		buf_str(&b),
		"{\"s\":\"a\\\"\\\\\\n\\u0001/\xc3\xa4\",\"nothing\":null,"
		"\"i\":-9223372036854775808,\"t\":true,\"n\":null,"
		"\"at\":\"1970-01-01T00:00:01Z\",\"never\":null,"
		"\"a\":[1,false,null,\"x\"]}");
	buf_free(&b);
}

static void pretty_is_for_people(void **state)
{
	struct json_writer *w;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	w = json_writer_new(&b, true);
	json_open(w);
	json_add_int(w, "a", 1);
	json_close(w);
	assert_true(json_finish(w));
	assert_string_equal(buf_str(&b), "{\n  \"a\": 1\n}\n");
	buf_free(&b);
}

static void limit_is_noticed(void **state)
{
	(void)state;
	for (size_t max = 0; max < 20; max++) {
		struct json_writer *w;
		struct buf b;

		buf_init(&b, max);
		w = json_writer_new(&b, false);
		json_open(w);
		json_add_str(w, "a", "bcdef");
		json_close(w);
		assert_int_equal(json_finish(w), max >= 13);
		assert_true(b.len <= max);
		buf_free(&b);
	}
}

/* Each letter is one call; true when the document came out whole. */
static bool play(const char *calls)
{
	struct json_writer *w;
	struct json *root;
	struct fault f;
	struct buf b;
	bool ok;

	buf_init(&b, 1000);
	w = json_writer_new(&b, false);
	for (; *calls; calls++) {
		switch (*calls) {
		case '{':
			json_open(w);
			break;
		case '}':
			json_close(w);
			break;
		case '[':
			json_open_array(w);
			break;
		case ']':
			json_close_array(w);
			break;
		case 'k':
			json_key(w, "k");
			break;
		case 's':
			json_put_str(w, "s");
			break;
		case 'u':
			json_put_str(w, "\xff");
			break;
		default:
			json_put_int(w, 1);
		}
	}
	ok = json_finish(w);
	root = json_parse(b.data, b.len, 100000, &f);
	if (ok)
		assert_non_null(root);
	json_free(root);
	buf_free(&b);
	return ok;
}

static void wrong_order_is_noticed(void **state)
{
	static const char *const good[] = { "1",  "s",	  "{}",
					    "[]", "{ks}", "[[]s{k{}}]" };
	static const char *const bad[] = {
		"",	"{",	 "[",	 "11",	"{}{}", "}",   "]",
		"{]",	"[}",	 "{k}",	 "{s}", "{ss}", "{1}", "{{}}",
		"{[]}", "{kk1}", "[k1]", "k",	"k1",	"{k1", "[1",
		"u",	"[u]",	 "1}",	 "{}}",
	};
	char deep[200];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(play(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(play(bad[i]));
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	assert_false(play(deep));
}

static void copies_are_faithful(void **state)
{
	static const char text[] =
		"{\"a\":[1,-2.50,1e400,true,false,null,\"x\\n\"],\"o\":{},"
		"\"big\":123456789012345678901234567890,\"e\":[[]]}";
	struct json *root = parse(text);
	struct json_writer *w;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	w = json_writer_new(&b, false);
	json_copy(w, root);
	assert_true(json_finish(w));
	assert_string_equal(buf_str(&b), text);
	json_free(root);
	buf_free(&b);
	w = json_writer_new(&b, false);
	json_copy(w, NULL);
	assert_true(json_finish(w));
	assert_string_equal(buf_str(&b), "null");
	buf_free(&b);
}

/* Whatever stands there, and wherever. */
static void each_byte_of_a_string_counts(void **state)
{
	char text[] = "{\"a\":\"0123456789abcdefghijklmnopqrstuvwxyz\"}";
	struct fault f;

	(void)state;
	for (size_t at = strlen("{\"a\":\""); text[at] != '"'; at++) {
		for (int c = 0; c < 256; c++) {
			char was = text[at];
			struct json *root;

			text[at] = (char)c;
			root = json_parse(text, sizeof(text) - 1, 100000, &f);
			if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
				assert_non_null(root);
				assert_memory_equal(json_get_str(root, "a"),
						    text + 6, 36);
			} else if (c != '\\') {
				assert_null(root);
			}
			json_free(root);
			text[at] = was;
		}
	}
}

/* With an escape beside it a value is the same, or as wrong. */
static void beside_an_escape_it_is_the_same(void **state)
{
	static const char *const values[] = {
		"0",	     "-0",	  "1.5",	"1E+2",
		"-1.25e-07", "10",	  "01",		"-",
		"1.",	     ".5",	  "1e",		"+1",
		"1e+",	     "--1",	  "0x1",	"true",
		"false",     "null",	  "tru",	"nulls",
		"True",	     "\"\"",	  "[]",		"{}",
		"[1,2]",     "[1,]",	  "[,1]",	"[1 2]",
		"[1",	     "{\"a\":1}", "{\"a\"}",	"{\"a\":}",
		"{a:1}",     "{,}",	  "{\"a\":1,}", "{\"a\" : [ ] }",
		"",	     "\"a",	  "\"a\"b",	"]",
		"[1]]",	     "NaN",
	};
	char plain[64], odd[80];

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct json *a, *b;

		snprintf(plain, sizeof(plain), "{\"x\":%s}", values[i]);
		snprintf(odd, sizeof(odd), "{\"x\":%s,\"y\":\"\\u0041\"}",
			 values[i]);
		a = parse(plain);
		b = parse(odd);
		assert_true(!a == !b);
		assert_int_equal(json_type(json_get(a, "x")),
				 json_type(json_get(b, "x")));
		json_free(a);
		json_free(b);
	}
}

/* More than there is place for: the rest is passed over. */
static void names_have_a_bound(void **state)
{
	static const char text[] = "{\"n0\":1,\"N99\":2,\"n298\":3}";
	static const char *names[300];
	char all[300][8];
	struct json *root;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < 299; i++) {
		snprintf(all[i], sizeof(all[i]), "n%zu", i);
		names[i] = all[i];
	}
	root = json_parse_only(text, sizeof(text) - 1, names, 100000, &f);
	assert_non_null(root);
	assert_non_null(json_get(root, "n0"));
	assert_non_null(json_get(root, "N99"));
	assert_null(json_get(root, "n298"));
	json_free(root);
}

/* As a text, until the next time. */
static const char *as_text(const struct json *element)
{
	static char copy[100];
	size_t len;
	const char *s = json_source(element, &len);

	assert_non_null(s);
	assert_true(len < sizeof(copy));
	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

static const char *const frame[] = { "parameters*", "continues", NULL };

/* What stands there is lent as it stands, and not looked into. */
static void objects_are_lent(void **state)
{
	static const char text[] =
		"{\"parameters\":{\"list\":[{\"a\":\"b\\\"\\\\\",\"c\":[{}]},{}],"
		"\"now\":\"n\"},\"continues\":true}";
	const struct json *list, *e, *parameters;
	struct json *root;
	struct fault f;
	size_t len;

	(void)state;
	root = json_parse_lent(text, sizeof(text) - 1, frame, 100000, &f);
	assert_non_null(root);
	parameters = json_get(root, "parameters");
	assert_string_equal(json_get_str(parameters, "now"), "n");
	list = json_get(parameters, "list");
	assert_int_equal(json_count(list), 2);
	e = json_first(list);
	assert_int_equal(json_type(e), JSON_OBJECT);
	assert_null(json_get(e, "a"));
	assert_int_equal(json_count(e), 0);
	assert_string_equal(as_text(e), "{\"a\":\"b\\\"\\\\\",\"c\":[{}]}");
	assert_string_equal(as_text(json_next(e)), "{}");
	/* Nothing else is lent. */
	assert_null(json_source(parameters, &len));
	assert_null(json_source(list, &len));
	assert_null(json_source(NULL, &len));
	json_free(root);
}

/* Whatever characters stand in it; but of several lines all is read. */
static void lines_are_read(void **state)
{
	static const char *const good[] = {
		"{\"a\": \"b\"}",
		"{\"a\":\"\\u0041\"}",
		"{\"a\":\"\xc3\xa9\\n\"}",
	};
	static const char *const whole[] = {
		"[{\"a\":\"b\"}]\n",
		"[\t{\"a\":\"b\"}]",
		"[{\r\"a\":\"b\"}]",
	};
	static const char *const bad[] = {
		"",
		"[{",
		"[{\"a\":\"\\x\"}]",
		"[{\"a\":\"b\\\"}]",
		"[{\"a\":\"\\",
		"[{\"a\":\"\xff\"}]",
		"[{a:1}]",
		"[{\"a\":1}]]",
		"[{\"a\":1}]\"",
	};
	struct json *root;
	struct fault f;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char *text = text_printf("\xef\xbb\xbf[1,%s,[%s]]", good[i],
					 good[i]);
		const struct json *e;

		root = json_parse_lent(text, strlen(text), frame, 100000, &f);
		assert_non_null(root);
		e = json_next(json_first(root));
		assert_string_equal(as_text(e), good[i]);
		assert_string_equal(as_text(json_first(json_next(e))), good[i]);
		json_free(root);
		free(text);
	}
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		root = json_parse_lent(whole[i], strlen(whole[i]), frame,
				       100000, &f);
		assert_null(json_source(json_first(root), &len));
		assert_string_equal(json_get_str(json_first(root), "a"), "b");
		json_free(root);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(json_parse_lent(bad[i], strlen(bad[i]), frame,
					    100000, &f));
}

/* A writer takes what was lent as the value that comes next. */
static void what_is_lent_is_written(void **state)
{
	struct buf out;
	struct json_writer *w;

	(void)state;
	buf_init(&out, 1000);
	w = json_writer_new(&out, false);
	json_open_array(w);
	json_put_source(w, "{\"a\":1}", 7);
	json_put_source(w, "{}", 2);
	json_close_array(w);
	assert_true(json_finish(w));
	assert_string_equal(buf_str(&out), "[{\"a\":1},{}]");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_lent),
		cmocka_unit_test(lines_are_read),
		cmocka_unit_test(what_is_lent_is_written),
		cmocka_unit_test(all_types_are_read),
		cmocka_unit_test(a_scalar_is_a_document),
		cmocka_unit_test(absent_is_harmless),
		cmocka_unit_test(integers_are_exact),
		cmocka_unit_test(names_are_found_without_case),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(a_byte_order_mark_is_passed_over),
		cmocka_unit_test(bytes_after_a_nul_count),
		cmocka_unit_test(other_blanks_are_refused),
		cmocka_unit_test(surrogate_pairs_are_read),
		cmocka_unit_test(input_is_never_quoted),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(a_flood_is_stopped),
		cmocka_unit_test(what_nobody_reads_is_passed_over),
		cmocka_unit_test(what_is_passed_over_is_still_checked),
		cmocka_unit_test(many_members),
		cmocka_unit_test(long_strings_are_kept_whole),
		cmocka_unit_test(damaged_documents),
		cmocka_unit_test(each_byte_of_a_string_counts),
		cmocka_unit_test(beside_an_escape_it_is_the_same),
		cmocka_unit_test(names_have_a_bound),
		cmocka_unit_test(answer_is_written),
		cmocka_unit_test(pretty_is_for_people),
		cmocka_unit_test(limit_is_noticed),
		cmocka_unit_test(wrong_order_is_noticed),
		cmocka_unit_test(copies_are_faithful),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
