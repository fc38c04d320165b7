/* keyrotctl's parts that need no daemon: arguments, tables, words, cleaning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "azure/resid.h"
#include "base/text.h"
#include "ctl/args.h"
#include "ctl/clean.h"
#include "ctl/command.h"
#include "ctl/failure.h"
#include "ctl/keyname.h"
#include "ctl/labels.h"
#include "ctl/plugin.h"
#include "ctl/rows.h"
#include "ctl/stream.h"
#include "ctl/table.h"
#include "ctl/usage.h"
#include "ctl/words.h"
#include "ctl/wrap.h"
#include "io/clock.h"

#define NEW "0123456789abcdef0123456789abcdef"
#define OLD "fedcba9876543210fedcba9876543210"
#define NOW INT64_C(1767323045000) /* 2026-01-02T03:04:05Z */

/* --- an output in memory ------------------------------------------------- */

struct page {
	struct out out;
	char *text;
	size_t len;
};

static void page_open(struct page *p, int width)
{
	*p = (struct page){ 0 };
	p->out.file = open_memstream(&p->text, &p->len);
	assert_non_null(p->out.file);
	p->out.width = width;
}

static void page_is(struct page *p, const char *text)
{
	assert_int_equal(fclose(p->out.file), 0);
	assert_string_equal(p->text, text);
	free(p->text);
}

static struct json *parse(const char *text)
{
	struct fault f = fault_none();
	struct json *root = json_parse(text, strlen(text), 100000, &f);

	assert_non_null(root);
	return root;
}

/* --- args ---------------------------------------------------------------- */

static bool args(struct args *a, const char *line)
{
	static char words[512];
	char *argv[32], *rest = NULL;
	int argc = 0;

	text_copy(words, sizeof(words), line);
	for (char *w = strtok_r(words, " ", &rest); w && argc < 31;
	     w = strtok_r(NULL, " ", &rest))
		argv[argc++] = w;
	argv[argc] = NULL;
	return args_parse(a, argc, argv, NULL);
}

static void args_good(void **state)
{
	struct args a;

	(void)state;
	assert_true(args(&a, "keyrotctl status"));
	assert_string_equal(a.command->name, "status");
	assert_string_equal(a.socket, ARGS_SOCKET);
	assert_int_equal(a.timeout_ms, ARGS_TIMEOUT_MS);
	assert_null(a.operand);
	assert_int_equal(a.for_ms, -1);
	assert_true(args(&a, "keyrotctl --json why --no-color one --socket s"));
	assert_string_equal(a.operand, "one");
	assert_string_equal(a.socket, "s");
	assert_true(a.json && a.no_colour && !a.follow);
	assert_true(args(&a, "keyrotctl pause one --for 90m --timeout 1h"));
	assert_int_equal(a.for_ms, 90 * 60000);
	assert_int_equal(a.timeout_ms, 3600000);
	assert_true(args(&a, "keyrotctl resume --all"));
	assert_true(args(&a, "keyrotctl events -f"));
	assert_true(a.follow);
	assert_true(args(&a, "keyrotctl why -- --json"));
	assert_string_equal(a.operand, "--json");
	assert_false(a.json);
}

static void args_help(void **state)
{
	struct args a;

	(void)state;
	assert_true(args(&a, "keyrotctl --help"));
	assert_true(a.help && !a.command);
	assert_true(args(&a, "keyrotctl why --help"));
	assert_string_equal(a.command->name, "why");
	assert_true(args(&a, "keyrotctl -V nonsense"));
	assert_true(a.version);
	assert_false(args(&a, "keyrotctl nonsense --help"));
}

/* Before and without the command it is the program's version that is meant. */
static void args_version_of_a_key(void **state)
{
	struct args a;

	(void)state;
	assert_true(args(&a, "keyrotctl rotate one --version abc --key k -y"));
	assert_false(a.version);
	assert_string_equal(a.to_version, "abc");
	assert_string_equal(a.key, "k");
	assert_true(a.yes && !a.dry_run && !a.no_wait);
	assert_true(args(&a, "keyrotctl --version rotate one"));
	assert_true(a.version && !a.to_version);
	assert_true(args(&a, "keyrotctl rotate one -V"));
	assert_true(a.version);
	assert_true(args(&a, "keyrotctl why one --version"));
	assert_true(a.version);
}

static void args_bad(void **state)
{
	static const char *const lines[] = {
		"keyrotctl",
		"keyrotctl rotate",
		"keyrotctl rotate one --version",
		"keyrotctl rotate one --key",
		"keyrotctl rotate one --version=",
		"keyrotctl rotate one --until 2026-01-02T03:04:05Z",
		"keyrotctl why one --key x",
		"keyrotctl why one --reason x",
		"keyrotctl status --yes",
		"keyrotctl why",
		"keyrotctl why a b",
		"keyrotctl why a b c d e f",
		"keyrotctl status --follow",
		"keyrotctl pause",
		"keyrotctl pause one --all",
		"keyrotctl pause one --for -1h",
		"keyrotctl pause one --for 999ms",
		"keyrotctl pause one --until tomorrow",
		"keyrotctl pause --all --for 1h --until 2026-01-02T03:04:05Z",
		"keyrotctl status --timeout 999ms",
		"keyrotctl status --timeout 3601s",
		"keyrotctl check a b",
		"keyrotctl status -w --json",
		"keyrotctl keys -w",
		"keyrotctl keys --state held",
		"keyrotctl keys --state usable,",
		"keyrotctl keys --sort deadline",
		"keyrotctl keys --columns group",
		"keyrotctl keys --vault=",
		"keyrotctl registries --sort polled",
		"keyrotctl versions k --vault v",
		"keyrotctl why one --columns id",
		"keyrotctl pause one --reason=",
		"keyrotctl resume one --reason x",
		"keyrotctl help a b",
		"keyrotctl -",
		"keyrotctl --",
	};
	struct args a;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_false(args(&a, lines[i]));
		assert_true(a.problem[0]);
	}
	/* Known even so: check answers misuse in its own way. */
	assert_false(args(&a, "keyrotctl --bogus check"));
	assert_true(a.command->plugin);
	assert_string_equal(a.problem, "The option --bogus is unknown.");
}

static void args_hostile(void **state)
{
	char name[] = "keyrotctl", bad[] = "\033[31m\xff", *long_word;
	char *argv[] = { name, bad, NULL };
	struct args a;

	(void)state;
	assert_false(args_parse(&a, 2, argv, NULL));
	assert_null(strchr(a.problem, '\033'));
	long_word = text_alloc(100001, 1);
	memset(long_word, 'x', 100000);
	argv[1] = long_word;
	assert_false(args_parse(&a, 2, argv, ""));
	assert_true(strlen(a.problem) < ARGS_PROBLEM_MAX);
	free(long_word);
	argv[0] = NULL; /* execve(2) allows an empty argv */
	assert_false(args_parse(&a, 0, argv, NULL));
}

static void args_socket(void **state)
{
	char name[] = "keyrotctl", status[] = "status";
	char *argv[] = { name, status, NULL };
	struct args a;

	(void)state;
	assert_true(args_parse(&a, 2, argv, "/elsewhere"));
	assert_string_equal(a.socket, "/elsewhere");
	assert_true(args_parse(&a, 2, argv, ""));
	assert_string_equal(a.socket, ARGS_SOCKET);
}

static void commands(void **state)
{
	(void)state;
	assert_null(command_find("revolve"));
	assert_null(command_find(""));
	assert_null(command_guess("revolve"));
	assert_string_equal(command_guess("statsu"), "status");
	assert_string_equal(command_guess("cehck"), "check");
	for (const struct command *c = command_list(); c->name; c++) {
		assert_ptr_equal(command_find(c->name), c);
		assert_true(c->min <= c->max && c->help[0]);
		/* main does that one itself. */
		assert_int_equal(!c->run, !strcmp(c->name, "help"));
	}
}

static void usage_fits(void **state)
{
	struct page p;

	(void)state;
	for (const struct command *c = command_list(); c->name; c++) {
		page_open(&p, 0);
		usage_print(&p.out, c);
		fclose(p.out.file);
		for (char *s = p.text; *s; s += strcspn(s, "\n") + 1)
			assert_true(strcspn(s, "\n") <= 82);
		assert_non_null(strstr(p.text, c->name));
		free(p.text);
	}
}

/* --- cleaning and printing ----------------------------------------------- */

static void clean_lines(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "a\033[31mb", "a [31mb" },
		{ "a\tb\r\nc\x7f", "a b  c " },
		{ "a\xc2\x9b"
		  "b",
		  "a  b" }, /* CSI in one character */
		{ "a\xe2\x80\xae"
		  "b",
		  "a   b" }, /* right-to-left override */
		{ "a\xd8\x9c"
		  "b",
		  "a  b" },
		{ "a\xe2\x81\xa6"
		  "b",
		  "a   b" },
		{ "a\xff"
		  "b",
		  "a?b" },
		{ "\xc3\x84\xe2\x82\xac\xf0\x9f\x98\x80",
		  "\xc3\x84\xe2\x82\xac\xf0\x9f\x98\x80" },
	};
	char line[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text_copy(line, sizeof(line), rows[i].in);
		clean_line(line);
		assert_string_equal(line, rows[i].out);
	}
}

static void clean_documents(void **state)
{
	static const char in[] = "{\"a\":\"\xc2\x9b\x7f\xe2\x80\xaex"
				 "\xc3\x84\"}";
	struct page p;

	(void)state;
	page_open(&p, 0);
	out_json(&p.out, in, strlen(in));
	out_json(&p.out, "[]\n", 3);
	page_is(&p, "{\"a\":\"\\u009b\\u007f\\u202ex\xc3\x84\"}\n[]\n");
}

static void out_lines(void **state)
{
	struct page p;

	(void)state;
	page_open(&p, 0);
	out_line(&p.out, "%s and %d", "a\nb\033c", 7);
	out_text(&p.out, OUT_RED, "red");
	p.out.colour = true;
	out_text(&p.out, OUT_GREEN, "g\033n");
	out_text(&p.out, OUT_GREEN, "");
	out_text(&p.out, OUT_PLAIN, "p");
	out_end(&p.out);
	page_is(&p, "a b c and 7\nred\033[32mg n\033[0mp\n");
}

static void out_errors(void **state)
{
	struct out o = { .file = fopen("/dev/full", "w") };
	struct fault f = fault_none();

	(void)state;
	if (!o.file)
		skip();
	out_line(&o, "text");
	assert_false(out_flush(&o, &f));
	assert_int_equal(f.kind, FAULT_LOCAL);
	assert_false(out_flush(&o, &f)); /* an error stays one */
	fclose(o.file);
}

static void columns(void **state)
{
	(void)state;
	assert_int_equal(out_columns(""), 0);
	assert_int_equal(out_columns("abc"), 3);
	assert_int_equal(out_columns("\xc3\x84\xe2\x82\xac"), 2);
}

/* --- tables -------------------------------------------------------------- */

static const struct table_column sample[] = {
	{ "ONE", TABLE_KEEP },	 { "TWO", 1 },		{ "THREE", 2 },
	{ "MORE", TABLE_EXTRA }, { "WHY", TABLE_NOTE }, { NULL, 0 },
};

static void fill(struct table *t, const char *one, const char *two,
		 const char *why)
{
	table_add(t, one);
	table_add(t, two);
	table_add(t, "3");
	table_add(t, "4");
	table_add(t, why);
}

static void table_aligned(void **state)
{
	struct table t;
	struct page p;

	(void)state;
	table_init(&t, sample);
	assert_int_equal(table_rows(&t), 0);
	fill(&t, "a", NULL, "x\ny");
	fill(&t, "\xc3\x84\xc3\x84\xc3\x84\xc3\x84", "", "z");
	assert_int_equal(table_rows(&t), 2);
	page_open(&p, 0);
	assert_int_equal(table_print(&t, &p.out, 0), 2);
	page_is(&p, "ONE   TWO  THREE  WHY\n"
		    "a     -    3      x y\n"
		    "\xc3\x84\xc3\x84\xc3\x84\xc3\x84  -    3      z\n");
	table_free(&t);
	assert_int_equal(table_rows(&t), 0);
}

static void fits(int width, const char *want)
{
	struct table t;
	struct page p;

	table_init(&t, sample);
	fill(&t, "a", "22222222", "some words");
	fill(&t, "0123456789abcdef", "2", "-");
	page_open(&p, width);
	table_print(&t, &p.out, 0);
	page_is(&p, want);
	table_free(&t);
}

static void table_narrow(void **state)
{
	(void)state;
	fits(45, "ONE               TWO       THREE  WHY\n"
		 "a                 22222222  3      some words\n"
		 "0123456789abcdef  2         3      -\n");
	/* The sentence goes beneath, then a name gets a line of its own ... */
	fits(44, "ONE               TWO       THREE\n"
		 "a                 22222222  3\n"
		 "    some words\n"
		 "0123456789abcdef  2         3\n");
	fits(32, "ONE              TWO       THREE\n"
		 "a                22222222  3\n"
		 "    some words\n"
		 "0123456789abcdef\n"
		 "                 2         3\n");
	/* ... then sample go, those of less weight first. */
	fits(26, "ONE               TWO\n"
		 "a                 22222222\n"
		 "    some words\n"
		 "0123456789abcdef  2\n");
	fits(16, "ONE\n"
		 "a\n"
		 "    some words\n"
		 "0123456789abcdef\n");
	fits(1, "ONE\n"
		"a\n"
		"    some words\n"
		"0123456789abcdef\n");
}

static void table_lines(void **state)
{
	static const size_t rows[] = { 3, 1, 1, 1, 1, 2, 3, 3 };

	(void)state;
	for (size_t lines = 0; lines < 8; lines++) {
		struct table t;
		struct page p;
		size_t n;

		table_init(&t, sample);
		for (int i = 0; i < 3; i++)
			fill(&t, "a", "2", i < 2 ? "some words" : "-");
		page_open(&p, 20);
		n = table_print(&t, &p.out, lines);
		fclose(p.out.file);
		assert_int_equal(n, rows[lines]);
		if (lines > 2)
			assert_true(p.out.lines <= lines);
		free(p.text);
		table_free(&t);
	}
}

static void table_chosen(void **state)
{
	static const struct {
		const char *names, *bad;
	} rows[] = {
		{ "why,more", NULL }, { "", "" },	  { "one,", "" },
		{ "one,onE", "onE" }, { "on", "on" },	  { ",one", "" },
		{ "MORE", NULL },     { "one,4,5", "4" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct table t;
		const char *bad;
		size_t len;
		bool ok;

		table_init(&t, sample);
		ok = table_choose(&t, rows[i].names, &bad, &len);
		assert_int_equal(ok, !rows[i].bad);
		if (!ok) {
			assert_int_equal(len, strlen(rows[i].bad));
			assert_memory_equal(bad, rows[i].bad, len);
		}
		table_free(&t);
	}
}

static void table_chosen_is_shown(void **state)
{
	struct table t;
	struct page p;
	const char *bad;
	size_t len;

	(void)state;
	table_init(&t, sample);
	assert_true(table_choose(&t, "more,three,one", &bad, &len));
	fill(&t, "a", "2", "why");
	page_open(&p, 5);
	table_print(&t, &p.out, 0);
	page_is(&p, "MORE  THREE  ONE\n"
		    "4     3      a\n");
	table_free(&t);
}

static void table_many(void **state)
{
	struct table t;

	(void)state;
	table_init(&t, sample);
	for (int i = 0; i < 50000; i++)
		table_paint(&t, OUT_RED, "cell");
	assert_int_equal(table_rows(&t), 10000);
	table_free(&t);
}

static void table_ranked(void **state)
{
	struct table t;
	struct page p;

	(void)state;
	table_init(&t, sample);
	for (int i = 0; i < 200; i++) {
		table_begin(&t,
			    i == 150   ? 0
			    : i == 151 ? -1
				       : 1 + i % 2,
			    i == 2 ? -5 : 7, i == 2 ? "id" : NULL);
		fill(&t,
		     i == 150	? "second"
		     : i == 151 ? "first"
		     : i == 0	? "fourth"
		     : i == 2	? "third"
				: "x",
		     "2", "-");
	}
	assert_string_equal(table_id(&t, 2), "id");
	assert_string_equal(table_id(&t, 3), "");
	assert_string_equal(table_id(&t, 999), "");
	table_rename(&t, 0, "fifth");
	table_begin(&t, -2, 0, NULL); /* never filled */
	page_open(&p, 0);
	table_print(&t, &p.out, 0);
	fclose(p.out.file);
	assert_true(strstr(p.text, "first") < strstr(p.text, "second"));
	assert_true(strstr(p.text, "second") < strstr(p.text, "third"));
	assert_true(strstr(p.text, "third") < strstr(p.text, "fifth"));
	assert_true(strstr(p.text, "fifth") < strstr(p.text, "x"));
	free(p.text);
	table_free(&t);
}

/* --- paragraphs ---------------------------------------------------------- */

static void wrapped(int width, size_t at, size_t indent, const char *text,
		    const char *want)
{
	struct page p;

	page_open(&p, width);
	wrap_text(&p.out, OUT_PLAIN, at, indent, text);
	page_is(&p, want);
}

static void paragraphs(void **state)
{
	(void)state;
	wrapped(0, 0, 2, "some words and more of them",
		"some words and more of them\n");
	wrapped(27, 0, 2, "some words and more of them",
		"some words and more of them\n");
	wrapped(26, 0, 2, "some words and more of them",
		"some words and more of\n  them\n");
	wrapped(20, 6, 2, "  some words and\nmore of them ",
		"some words and\n  more of them\n");
	/* A word is never cut, nor a character of several bytes. */
	wrapped(14, 0, 0, "/a/very/long/id/ok and more",
		"/a/very/long/id/ok\nand more\n");
	wrapped(14, 0, 0, "\xc3\x84\xc3\x84\xc3\x84\xc3\x84 bbbbbbbbb c",
		"\xc3\x84\xc3\x84\xc3\x84\xc3\x84 bbbbbbbbb\nc\n");
	wrapped(20, 0, 0, "", "\n");
	assert_int_equal(wrap_lines("", 20), 1);
	assert_int_equal(wrap_lines("some words and more", 10), 2);
	assert_int_equal(wrap_lines("some words and more", 9), 3);
	assert_int_equal(wrap_lines("some words and more ", 100), 1);
}

/* --- labels -------------------------------------------------------------- */

#define ID(sub, group, name)                                  \
	"/subscriptions/" sub "-2222-3333-4444-555555555555/" \
	"resourceGroups/" group "/providers/"                 \
	"Microsoft.ContainerRegistry/registries/" name

static void labels(void **state)
{
	static const char *const ids[] = {
		ID("11111111", "prod", "contoso"),
		ID("22222222", "dr", "Contoso"),
		ID("11111111", "prod", "alone"),
		ID("11111111", "prod", "fabrikam"),
		ID("33333333", "PROD", "fabrikam"),
		"no/id",
		"other/id",
	};
	static const char *const want[] = {
		"prod/contoso",
		"dr/Contoso",
		"alone",
		"11111111/prod/fabrikam",
		"33333333/PROD/fabrikam",
		"no/id",
		"other/id",
	};
	char *got[sizeof(ids) / sizeof(ids[0])];

	(void)state;
	labels_make(ids, got, sizeof(ids) / sizeof(ids[0]));
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		assert_string_equal(got[i], want[i]);
		/* Each is understood again, as this one only. */
		for (size_t k = 0; k < 5 && i < 5; k++)
			assert_int_equal(resid_means(got[i], ids[k]), i == k);
		free(got[i]);
	}
}

/* --- words --------------------------------------------------------------- */

static void names(void **state)
{
	char text[WORDS_MAX];

	(void)state;
	assert_string_equal(words_registry("/a/registries/one"), "one");
	assert_string_equal(words_registry("one"), "one");
	assert_string_equal(words_registry("one/"), "one/");
	assert_string_equal(words_registry(NULL), "");
	words_key(text, sizeof(text), "https://v.vault.azure.net/keys/k");
	assert_string_equal(text, "v/k");
	words_key(text, sizeof(text), "https://v.localhost:81/keys/k/" NEW);
	assert_string_equal(text, "v/k");
	words_key(text, sizeof(text), "other");
	assert_string_equal(text, "other");
	words_key(text, 4, "https://vault.host/keys/k");
	assert_string_equal(text, "vau");
	words_version(text, sizeof(text), NULL);
	assert_string_equal(text, "");
	words_version(text, sizeof(text), NEW);
	assert_string_equal(text, "01234567");
}

static void moves(void **state)
{
	char text[WORDS_MAX];

	(void)state;
	words_move(text, sizeof(text), NEW, NEW);
	assert_string_equal(text, "01234567");
	words_move(text, sizeof(text), OLD, NEW);
	assert_string_equal(text, "fedcba98 -> 01234567");
	words_move(text, sizeof(text), NULL, NEW);
	assert_string_equal(text, "? -> 01234567");
	words_move(text, sizeof(text), OLD, NULL);
	assert_string_equal(text, "fedcba98");
	words_move(text, sizeof(text), NULL, NULL);
	assert_string_equal(text, "");
}

static void times(void **state)
{
	static const struct {
		const char *time, *when, *deadline, *since;
	} rows[] = {
		{ "2026-01-02T03:04:05Z", "just now", "0 s late",
		  "2026-01-02T03:04:05Z" },
		{ "2026-01-02T03:01:00Z", "3 min ago", "3 min late",
		  "2026-01-02T03:01:00Z (3 min)" },
		{ "2026-01-02T03:46:06Z", "in 42 min", "in 42 min",
		  "2026-01-02T03:46:06Z" },
		{ "2026-01-02T02:52:00Z", "12 min ago", "12 min late",
		  "2026-01-02T02:52:00Z (12 min)" },
		{ "2025-12-30T03:04:05Z", "3 d ago", "3 d late",
		  "2025-12-30T03:04:05Z (3 d)" },
		{ "9999-12-31T23:59:59Z", NULL, NULL, "9999-12-31T23:59:59Z" },
		{ "1970-01-01T00:00:00Z", NULL, NULL, NULL },
		{ "yesterday", "", "", "" },
		{ "", "", "", "" },
		{ NULL, "", "", "" },
	};
	char text[WORDS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		words_when(text, sizeof(text), rows[i].time, NOW);
		if (rows[i].when)
			assert_string_equal(text, rows[i].when);
		words_deadline(text, sizeof(text), rows[i].time, NOW);
		if (rows[i].deadline)
			assert_string_equal(text, rows[i].deadline);
		words_since(text, sizeof(text), rows[i].time, NOW);
		if (rows[i].since)
			assert_string_equal(text, rows[i].since);
	}
}

static void plugin_is(const char *summary, const char *want)
{
	struct fault f;
	struct json *root = json_parse(summary, strlen(summary), 100000, &f);
	char *text;

	assert_non_null(root);
	text = plugin_text(root);
	assert_string_equal(text, want);
	free(text);
	json_free(root);
}

/* Which part it has goes behind a clause, or is a sentence behind others. */
static void plugin_of_a_lease(void **state)
{
	(void)state;
	plugin_is("{\"state\":\"ok\",\"states\":{\"current\":1},"
		  "\"role\":\"alone\"}",
		  "1 registry current");
	plugin_is("{\"state\":\"ok\",\"states\":{\"current\":2},"
		  "\"role\":\"standby\",\"leader\":\"two\"}",
		  "2 registries current; standby, two leads");
	plugin_is("{\"state\":\"failed\",\"reason\":\"1 overdue\","
		  "\"worst\":\"a is late.\",\"role\":\"leader\"}",
		  "failed: 1 overdue a is late. Leader.");
	plugin_is("{\"state\":\"degraded\",\"reason\":\"No answer.\","
		  "\"role\":\"standby\",\"now\":\"2026-01-02T03:04:05Z\","
		  "\"leases\":[{\"lease\":\"x\",\"state\":\"unreachable\","
		  "\"unreachable_since\":\"2026-01-02T03:03:35Z\","
		  "\"error\":\"HTTP 503.\"}]}",
		  "degraded: No answer. Standby: who holds lease \"x\" cannot "
		  "be asked since 2026-01-02T03:03:35Z (30 s). HTTP 503.");
}

/* A standby is well while it knows who leads. */
static void plugin_judges_a_lease(void **state)
{
	static const struct {
		const char *role, *lease;
		enum plugin_code code;
	} rows[] = {
		{ "leader", "held", PLUGIN_OK },
		{ "leader", "unconfirmed", PLUGIN_WARNING },
		{ "standby", "elsewhere", PLUGIN_OK },
		{ "standby", "free", PLUGIN_WARNING },
		{ "standby", "unasked", PLUGIN_WARNING },
		{ "standby", "unreachable", PLUGIN_WARNING },
	};
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = text_printf(
			"{\"state\":\"ok\",\"role\":\"%s\",\"leases\":"
			"[{\"state\":\"elsewhere\"},{\"state\":\"%s\"}]}",
			rows[i].role, rows[i].lease);
		struct json *root = json_parse(text, strlen(text), 1000, &f);

		assert_non_null(root);
		if (plugin_judge(root) != rows[i].code)
			fail_msg("%s: %s", rows[i].lease,
				 plugin_code_str(plugin_judge(root)));
		json_free(root);
		free(text);
	}
}

static void colours(void **state)
{
	(void)state;
	assert_int_equal(words_colour("current"), OUT_GREEN);
	assert_int_equal(words_colour("paused"), OUT_YELLOW);
	assert_int_equal(words_colour("overdue"), OUT_RED);
	assert_int_equal(words_colour("strange"), OUT_PLAIN);
	assert_int_equal(words_colour(NULL), OUT_PLAIN);
}

static void key_names(void **state)
{
	const char *key = "https://v.vault.azure.net/keys/k";

	(void)state;
	assert_true(keyname_means(key, key));
	assert_true(keyname_means("HTTPS://V.vault.azure.net/keys/K/", key));
	assert_true(keyname_means("k", key));
	assert_true(keyname_means("v/K", key));
	assert_false(keyname_means("", key));
	assert_false(keyname_means("/", key));
	assert_false(keyname_means("keys/k", key));
	assert_false(keyname_means("https://v.vault.azure.net/keys/", key));
	assert_false(keyname_means("https://v.vault.azure.net/keys/k2", key));
	assert_true(keyname_means("k", "https://v.h/keys/k/" NEW));
	assert_false(
		keyname_means("https://v.h/keys/k", "https://v.h/keys/k/" NEW));
}

static void keys_have_vaults(void **state)
{
	const char *key = "https://v1.vault.azure.net/keys/k/" NEW;
	const char *port = "https://v1.vault.localhost:8443/keys/k";

	(void)state;
	assert_true(keyname_in("V1", key));
	assert_true(keyname_in("v1.vault.azure.net", key));
	assert_true(keyname_in("https://v1.Vault.azure.net/", key));
	assert_true(keyname_in("v1", port));
	assert_true(keyname_in("v1.vault.localhost", port));
	assert_true(keyname_in("https://v1.vault.localhost:8443", port));
	assert_false(keyname_in("", key));
	assert_false(keyname_in("v", key));
	assert_false(keyname_in("v1.vault", key));
	assert_false(keyname_in("v1.vault.azure.net/keys/k", key));
	assert_false(keyname_in("https://v1.vault.azure.net/keys/k", key));
	assert_false(keyname_in("https://", key));
	assert_false(keyname_in("v1", "v1"));
	assert_int_equal(keyname_base(key), strlen(key) - strlen(NEW) - 1);
	assert_int_equal(keyname_base(port), strlen(port));
	assert_int_equal(keyname_base("k"), 1);
}

/* --- rows ---------------------------------------------------------------- */

static void row_is(void (*row)(struct table *, const struct json *, int64_t),
		   const struct table_column *row_columns, const char *json,
		   const char *want)
{
	struct json *root = parse(json);
	struct table t;
	struct page p;
	const char *end;

	table_init(&t, row_columns);
	row(&t, root, NOW);
	assert_int_equal(t.count, t.n_columns);
	page_open(&p, 0);
	table_print(&t, &p.out, 0);
	fclose(p.out.file);
	end = strchr(p.text, '\n') + 1;
	/* Runs of blanks say nothing here. */
	for (; *want; want++) {
		assert_int_equal(*end, *want);
		end++;
		while (*want == ' ' && *end == ' ')
			end++;
	}
	assert_string_equal(end, "\n");
	free(p.text);
	table_free(&t);
	json_free(root);
}

static void rows(void **state)
{
	(void)state;
	row_is(rows_registry, rows_status_columns,
	       "{\"id\":\"/x/one\",\"state\":\"current\",\"mode\":\"follow\","
	       "\"reason\":\"fine\",\"version_in_use\":\"" NEW "\","
	       "\"version_wanted\":\"" NEW "\","
	       "\"deadline\":\"2025-01-01T00:00:00Z\","
	       "\"verified_at\":\"2026-01-02T03:01:05Z\"}",
	       "one current follow 01234567 3 min ago - -");
	row_is(rows_registry, rows_status_columns,
	       "{\"id\":\"/x/one\",\"state\":\"overdue\",\"mode\":\"pin\","
	       "\"reason\":\"late\",\"version_in_use\":\"" OLD "\","
	       "\"version_wanted\":\"" NEW "\","
	       "\"deadline\":\"2026-01-02T02:52:05Z\",\"verified_at\":null}",
	       "one overdue pin fedcba98 -> 01234567 - 12 min late late");
	/* What has met its deadline is not late because nothing is written, or
	 * because it cannot be asked just now. */
	row_is(rows_registry, rows_status_columns,
	       "{\"id\":\"/x/one\",\"state\":\"paused\",\"mode\":\"pin\","
	       "\"reason\":\"by hand\",\"version_in_use\":\"" NEW "\","
	       "\"version_wanted\":\"" NEW "\","
	       "\"deadline\":\"2026-01-01T02:52:05Z\"}",
	       "one paused pin 01234567 - - by hand");
	row_is(rows_registry, rows_registry_columns,
	       "{\"id\":\"/x/one\",\"state\":\"unreachable\","
	       "\"version_in_use\":\"" NEW "\","
	       "\"version_wanted\":\"" NEW "\","
	       "\"deadline\":\"2026-01-01T02:52:05Z\"}",
	       "one unreachable - 01234567 - - - - /x/one");
	row_is(rows_registry, rows_status_columns,
	       "{\"id\":\"/x/one\",\"state\":\"unknown\","
	       "\"version_in_use\":null,\"version_wanted\":\"" NEW "\","
	       "\"deadline\":\"2026-01-01T02:52:05Z\"}",
	       "one unknown - ? -> 01234567 - - -");
	/* On the wanted version, and yet in danger. */
	row_is(rows_registry, rows_status_columns,
	       "{\"id\":\"/x/one\",\"state\":\"current\","
	       "\"reason\":\"verified\",\"alarm\":\"Assign it.\"}",
	       "one current - - - - Assign it.");
	row_is(rows_registry, rows_status_columns,
	       "{\"id\":\"/x/one\",\"state\":\"held\","
	       "\"reason\":\"disabled\",\"alarm\":\"Enable it.\"}",
	       "one held - - - - Enable it. Besides: disabled");
	row_is(rows_status_key, rows_status_key_columns,
	       "{\"key\":\"https://v.h/keys/k\",\"newest_version\":\"" NEW
	       "\",\"usable\":false,\"last_polled\":\"2026-01-02T03:01:05Z\","
	       "\"reason\":\"disabled\",\"error\":null}",
	       "v/k 01234567 - no 3 min ago disabled");
	row_is(rows_key, rows_key_columns,
	       "{\"key\":\"https://v.h/keys/k\",\"usable\":true,"
	       "\"reason\":\"r\",\"read_via\":\"vault\",\"error\":\"403\"}",
	       "https://v.h/keys/k - ? - - - vault 403");
}

static void rows_strange(void **state)
{
	const char *strange = "{\"id\":[],\"state\":7,\"mode\":{},\"key\":1,"
			      "\"usable\":\"x\",\"registries\":\"3\","
			      "\"deadline\":\"soon\",\"verdict\":null}";

	(void)state;
	row_is(rows_registry, rows_status_columns, strange, "- - - - - - -");
	row_is(rows_registry, rows_registry_columns, strange,
	       "- - - - - - - - -");
	row_is(rows_status_key, rows_status_key_columns, strange,
	       "- - - ? - -");
	row_is(rows_key, rows_key_columns, strange, "- - ? - - - - -");
}

static void sorted_is(enum rows_sort by, const char *want)
{
	static const char *const all[] = {
		"{\"id\":\"/b/late\",\"state\":\"rotating\",\"harm\":0,"
		"\"version_in_use\":\"" OLD "\",\"version_wanted\":\"" NEW
		"\",\"deadline\":\"2026-01-02T04:00:00Z\","
		"\"verified_at\":\"2026-01-01T00:00:00Z\"}",
		"{\"id\":\"/a/soon\",\"state\":\"rotating\",\"harm\":0,"
		"\"version_in_use\":\"" OLD "\",\"version_wanted\":\"" NEW
		"\",\"deadline\":\"2026-01-02T03:30:00Z\"}",
		("{\"id\":\"/c/fine\",\"state\":\"current\",\"harm\":0,"
		 "\"verified_at\":\"2026-01-01T12:00:00Z\"}"),
		"{\"id\":\"/c/bad\",\"state\":\"blocked\",\"harm\":5}",
		"{\"id\":\"/c/worse\",\"state\":\"current\",\"harm\":8}",
	};
	struct table t;
	struct page p;
	const char *bad;
	size_t len;

	table_init(&t, rows_registry_columns);
	assert_true(table_choose(&t, "registry", &bad, &len));
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct json *r = parse(all[i]);

		rows_begin(&t, r, by);
		rows_registry(&t, r, NOW);
		json_free(r);
	}
	rows_finish(&t, by);
	page_open(&p, 0);
	table_print(&t, &p.out, 0);
	page_is(&p, want);
	table_free(&t);
}

static void rows_sorted(void **state)
{
	(void)state;
	sorted_is(ROWS_AS_TOLD, "REGISTRY\nlate\nsoon\nfine\nbad\nworse\n");
	sorted_is(ROWS_BY_HARM, "REGISTRY\nworse\nbad\nsoon\nlate\nfine\n");
	sorted_is(ROWS_BY_NAME, "REGISTRY\nbad\nfine\nlate\nsoon\nworse\n");
	sorted_is(ROWS_BY_DEADLINE, "REGISTRY\nsoon\nlate\nfine\nbad\nworse\n");
	sorted_is(ROWS_BY_VERIFIED, "REGISTRY\nsoon\nbad\nworse\nlate\nfine\n");
}

/* --- the plugin and failures --------------------------------------------- */

static void plugin_says(const char *summary, enum plugin_code code,
			const char *want)
{
	struct json *root = parse(summary);
	char *text = plugin_text(root);
	struct buf perfdata;
	struct page p;

	buf_init(&perfdata, 1024);
	plugin_perfdata(&perfdata, root);
	assert_int_equal(plugin_judge(root), code);
	page_open(&p, 0);
	plugin_print(&p.out, code, text, buf_str(&perfdata));
	page_is(&p, want);
	buf_free(&perfdata);
	free(text);
	json_free(root);
}

#define ZEROS " verifying=0 held=0 blocked=0 paused=0 unknown=0 unreachable=0"

static void plugin(void **state)
{
	(void)state;
	plugin_says("{\"state\":\"ok\",\"reason\":\"\","
		    "\"states\":{\"current\":12}}",
		    PLUGIN_OK,
		    "KEYROTD OK - 12 registries current | current=12 "
		    "rotating=0" ZEROS " overdue=0\n");
	plugin_says("{\"state\":\"ok\",\"dry_run\":true,"
		    "\"states\":{\"current\":1}}",
		    PLUGIN_OK,
		    "KEYROTD OK - 1 registry current (dry run: nothing is "
		    "written) | current=1 rotating=0" ZEROS " overdue=0\n");
	plugin_says("{\"state\":\"degraded\",\"reason\":\"a|b\\nc\","
		    "\"states\":{\"overdue\":2,\"strange\":1}}",
		    PLUGIN_WARNING,
		    "KEYROTD WARNING - degraded: a/b c | current=0 "
		    "rotating=0" ZEROS " overdue=2\n");
	plugin_says("{\"state\":\"degraded\",\"reason\":\"1 held.\","
		    "\"worst\":\"one is held: so.\"}",
		    PLUGIN_WARNING,
		    "KEYROTD WARNING - degraded: 1 held. one is held: so. | "
		    "current=0 rotating=0" ZEROS " overdue=0\n");
	plugin_says("{\"state\":\"starting\",\"reason\":\"0 of 1.\"}",
		    PLUGIN_UNKNOWN,
		    "KEYROTD UNKNOWN - starting: 0 of 1. | current=0 "
		    "rotating=0" ZEROS " overdue=0\n");
	plugin_says("{\"state\":\"rotating\",\"reason\":\"9 rotating.\","
		    "\"forecast\":{\"certain\":true,\"text\":\"3 will.\"}}",
		    PLUGIN_WARNING,
		    "KEYROTD WARNING - rotating: 9 rotating. 3 will. | "
		    "current=0 rotating=0" ZEROS " overdue=0\n");
	plugin_says("{\"state\":\"rotating\",\"reason\":\"9 rotating.\","
		    "\"forecast\":{\"certain\":false,\"text\":\"3 may.\"}}",
		    PLUGIN_OK,
		    "KEYROTD OK - rotating: 9 rotating. | "
		    "current=0 rotating=0" ZEROS " overdue=0\n");
	plugin_says("{\"state\":\"failed\",\"reason\":\"1 overdue.\","
		    "\"forecast\":{\"certain\":true,\"text\":\"3 will.\"}}",
		    PLUGIN_CRITICAL,
		    "KEYROTD CRITICAL - failed: 1 overdue. 3 will. | "
		    "current=0 rotating=0" ZEROS " overdue=0\n");
	plugin_says("{\"state\":\"failed\",\"states\":7}", PLUGIN_CRITICAL,
		    "KEYROTD CRITICAL - failed: no reason told | current=0 "
		    "rotating=0" ZEROS " overdue=0\n");
	plugin_says("{\"state\":null}", PLUGIN_UNKNOWN,
		    "KEYROTD UNKNOWN - no state: no reason told | current=0 "
		    "rotating=0" ZEROS " overdue=0\n");
}

static void sentence_is(const char *error, const char *parameters,
			const char *want)
{
	struct json *root = parse(parameters);
	char *text = failure_sentence(error, root);

	assert_string_equal(text, want);
	free(text);
	json_free(root);
}

static void sentences(void **state)
{
	char *text = failure_sentence("io.keyrotd.Control.NotPermitted", NULL);

	(void)state;
	assert_string_equal(text, "keyrotd does not permit this: ?");
	free(text);
	sentence_is("io.keyrotd.Control.NotPermitted",
		    "{\"reason\":\"only root may\"}",
		    "keyrotd does not permit this: only root may");
	sentence_is("io.keyrotd.Control.InvalidTime",
		    "{\"until\":\"T\",\"reason\":\"too far\"}",
		    "keyrotd does not accept the time T: too far");
	sentence_is("io.keyrotd.Control.NoSuchKey", "[]",
		    "keyrotd watches no key ?; `keyrotctl keys` lists what it "
		    "watches.");
	sentence_is("a.b.C", "{}", "keyrotd answered with the error a.b.C.");
}

/* Whoever follows bears silence for as long as it was told to. */
static void a_silent_daemon(void **state)
{
	struct fault f = fault_none();
	int64_t before;
	struct stream *s;
	const char *text;
	int fds[2];
	size_t len;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	s = stream_new(fds[0], 50);
	assert_true(stream_begin(s, "a.b.Examine"));
	stream_follow(s, -1, 150);
	/* Not even the time of a whole call counts. */
	for (int i = 0; i < 8; i++) {
		assert_int_equal(usleep(100000), 0);
		assert_int_equal(write(fds[1], "{}", 3), 3);
		assert_true(stream_next(s, &text, &len, &f));
		assert_string_equal(text, "{}");
		stream_drop(s);
	}
	before = clock_boot_ms();
	assert_false(stream_next(s, &text, &len, &f));
	assert_true(clock_boot_ms() - before >= 200);
	assert_int_equal(f.kind, FAULT_TRANSIENT);
	assert_non_null(strstr(f.text, "has not answered a.b.Examine in time"));
	stream_free(s);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(args_good),
		cmocka_unit_test(args_help),
		cmocka_unit_test(args_version_of_a_key),
		cmocka_unit_test(args_bad),
		cmocka_unit_test(args_hostile),
		cmocka_unit_test(args_socket),
		cmocka_unit_test(commands),
		cmocka_unit_test(usage_fits),
		cmocka_unit_test(clean_lines),
		cmocka_unit_test(clean_documents),
		cmocka_unit_test(out_lines),
		cmocka_unit_test(out_errors),
		cmocka_unit_test(columns),
		cmocka_unit_test(table_aligned),
		cmocka_unit_test(table_narrow),
		cmocka_unit_test(table_lines),
		cmocka_unit_test(table_chosen),
		cmocka_unit_test(table_chosen_is_shown),
		cmocka_unit_test(paragraphs),
		cmocka_unit_test(labels),
		cmocka_unit_test(table_many),
		cmocka_unit_test(table_ranked),
		cmocka_unit_test(names),
		cmocka_unit_test(moves),
		cmocka_unit_test(times),
		cmocka_unit_test(plugin_of_a_lease),
		cmocka_unit_test(plugin_judges_a_lease),
		cmocka_unit_test(colours),
		cmocka_unit_test(key_names),
		cmocka_unit_test(keys_have_vaults),
		cmocka_unit_test(rows),
		cmocka_unit_test(rows_strange),
		cmocka_unit_test(rows_sorted),
		cmocka_unit_test(plugin),
		cmocka_unit_test(sentences),
		cmocka_unit_test(a_silent_daemon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
