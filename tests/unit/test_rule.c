/* engine/rule and base/glob: whom a discover block means, and why not the
 * others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/glob.h"
#include "base/text.h"
#include "engine/rule.h"
#include "engine_help.h"

#define SUB "11111111-2222-3333-4444-555555555555"
#define ID(group, name)                                \
	"/subscriptions/" SUB "/resourceGroups/" group \
	"/providers/Microsoft.ContainerRegistry/registries/" name

static void globs(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool fits, nocase;
	} rows[] = {
		{ "", "", true, true },
		{ "*", "", true, true },
		{ "a", "", false, true },
		{ "?", "", false, true },
		{ "a*", "A/b/c", true, true },
		{ "a*", "A/b/c", false, false },
		{ "*c", "a/b/c", true, true },
		{ "*b", "a/b/c", false, true },
		{ "a?c", "abc", true, true },
		{ "a?c", "ac", false, true },
		{ "*a*b*c", "xaxbxbxc", true, true },
		{ "*a*b*c", "xaxbxbx", false, true },
		{ "**", "x", true, true },
		{ "a.c", "abc", false, true },
		{ "[a]", "[A]", true, true },
		{ "[a]", "a", false, true },
	};
	char text[2001];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (glob_match(rows[i].pattern, rows[i].text, rows[i].nocase) !=
		    rows[i].fits)
			fail_msg("\"%s\" and \"%s\"", rows[i].pattern,
				 rows[i].text);
	/* Many stars take no more than the product of the lengths. */
	memset(text, 'a', 2000);
	text[2000] = '\0';
	assert_false(glob_match("*a*a*a*a*a*a*a*a*a*a*a*a*b", text, true));
}

/* The one rule of this text; c is its configuration. */
static const struct config_rule *rule_of(struct config **c, const char *options)
{
	char *text = text_printf("discover \"all\" { scope = "
				 "\"/subscriptions/" SUB "\" %s }",
				 options);

	*c = rig_parse(text);
	free(text);
	assert_non_null(*c);
	return &(*c)->rules[0];
}

struct seen {
	const char *id, *tags; /* tags: as an item has them */
	const char *key;       /* as keyIdentifier; NULL: none */
	bool watched;
	enum rule_verdict verdict;
};

static void judge(const char *options, const struct seen *rows, size_t n)
{
	struct config *c;
	const struct config_rule *r = rule_of(&c, options);

	for (size_t i = 0; i < n; i++) {
		struct registry_item item = {
			.id = (char *)(uintptr_t)rows[i].id,
			.tags = (char *)(uintptr_t)rows[i].tags,
			.view = rig_view(V1)
		};
		enum rule_verdict v;
		struct fault f;

		item.view.encrypted = rows[i].key != NULL;
		item.view.key_valid =
			rows[i].key &&
			keyid_parse(&item.view.key, rows[i].key, &f);
		v = rule_match(r, &c->cloud, &item, rows[i].watched);
		if (v != rows[i].verdict)
			fail_msg("%s: row %zu: %s", options, i,
				 rule_verdict_str(v));
	}
	config_free(c);
}

#define JUDGE(options, ...)                                  \
	judge(options, (const struct seen[]){ __VA_ARGS__ }, \
	      sizeof((const struct seen[]){ __VA_ARGS__ }) / \
		      sizeof(struct seen))

static void whom_it_means(void **state)
{
	(void)state;
	JUDGE("", { ID("rg", "alpha"), NULL, RIG_KEY, false, RULE_WATCH },
	      { ID("rg", "alpha"), NULL, NULL, false, RULE_NO_KEY },
	      { ID("rg", "alpha"), NULL, "nonsense", false, RULE_UNREADABLE },
	      { ID("rg", "alpha"), NULL, RIG_KEY "/" V1, false,
		RULE_VERSIONED },
	      { ID("rg", "alpha"), NULL, RIG_KEY "/" V1, true, RULE_WATCH },
	      { ID("rg", "alpha"), NULL,
		"https://contoso.vault.azure.cn/keys/k", false, RULE_CLOUD },
	      { "/subscriptions/99999999-2222-3333-4444-555555555555/"
		"resourceGroups/rg/providers/Microsoft.ContainerRegistry/"
		"registries/alpha",
		NULL, RIG_KEY, false, RULE_OUTSIDE });
	JUDGE("mode = pin",
	      { ID("rg", "alpha"), NULL, RIG_KEY "/" V1, false, RULE_WATCH });
	JUDGE("mode = observe",
	      { ID("rg", "alpha"), NULL, RIG_KEY "/" V1, false, RULE_WATCH });
	JUDGE("key-pattern = \"https://CONTOSO.*/keys/acr-*\"",
	      { ID("rg", "alpha"), NULL, RIG_KEY, false, RULE_WATCH },
	      { ID("rg", "alpha"), NULL, RIG_OTHER_KEY, false, RULE_PATTERN });
}

static void what_is_left_out(void **state)
{
	(void)state;
	JUDGE("exclude = { \"Alpha\", \"*dev\", "
	      "\"/subscriptions/*/resourceGroups/LAB/*\", \"" ID(
		      "old", "gamma") "\" }",
	      { ID("rg", "alpha"), NULL, RIG_KEY, false, RULE_EXCLUDED },
	      { ID("rg", "alphabet"), NULL, RIG_KEY, false, RULE_WATCH },
	      { ID("rg", "betadev"), NULL, RIG_KEY, false, RULE_EXCLUDED },
	      { ID("rg", "betadevel"), NULL, RIG_KEY, false, RULE_WATCH },
	      { ID("lab", "delta"), NULL, RIG_KEY, true, RULE_EXCLUDED },
	      { ID("laboratory", "delta"), NULL, RIG_KEY, false, RULE_WATCH },
	      /* It was moved to another group, and is meant all the same. */
	      { ID("new", "gamma"), NULL, RIG_KEY, false, RULE_EXCLUDED });
	JUDGE("tags = { \"env=prod*\", \"team\" }",
	      { ID("rg", "alpha"), "Env\0prod-eu\0TEAM\0\0", RIG_KEY, false,
		RULE_WATCH },
	      { ID("rg", "alpha"), "env\0prod\0", RIG_KEY, false, RULE_TAGS },
	      { ID("rg", "alpha"), "env\0Prod\0team\0a\0", RIG_KEY, false,
		RULE_TAGS },
	      { ID("rg", "alpha"), "environment\0prod\0team\0a\0", RIG_KEY,
		true, RULE_TAGS },
	      { ID("rg", "alpha"), NULL, RIG_KEY, false, RULE_TAGS });
}

/* What is not told is neither lacked nor had, and matters only to who asks. */
static void tags_that_are_not_told(void **state)
{
	struct registry_item item = { .id = (char *)(uintptr_t)ID("rg",
								  "alpha"),
				      .tags_untold = true,
				      .view = rig_view(V1) };
	struct config *c;
	const struct config_rule *r = rule_of(&c, "tags = \"env\"");

	(void)state;
	assert_int_equal(rule_match(r, &c->cloud, &item, true), RULE_UNTOLD);
	assert_int_equal(rule_match(r, &c->cloud, &item, false), RULE_UNTOLD);
	assert_true(rule_is_silent(RULE_UNTOLD));
	item.view.encrypted = false;
	assert_int_equal(rule_match(r, &c->cloud, &item, true), RULE_NO_KEY);
	config_free(c);
	r = rule_of(&c, "");
	item.view.encrypted = true;
	assert_int_equal(rule_match(r, &c->cloud, &item, false), RULE_WATCH);
	config_free(c);
}

static void a_group_is_a_place(void **state)
{
	struct config_place p = { .subscription = SUB,
				  .group = (char *)(uintptr_t) "Prod" };

	(void)state;
	assert_true(rule_is_in(&p, ID("prod", "alpha")));
	assert_false(rule_is_in(&p, ID("production", "alpha")));
	assert_false(rule_is_in(&p, ID("pro", "alpha")));
	assert_false(rule_is_in(&p, "nonsense"));
}

static struct rule_seen one(const char *id, const char *key)
{
	return (struct rule_seen){ .id = text_dup(id),
				   .key = text_dup(key),
				   .verdict = RULE_WATCH };
}

/* Sort and choose, and say who is watched. */
static char *choose(const size_t order[5], size_t room)
{
	static const char *const ids[5] = {
		ID("rg", "delta"), ID("rg", "Alpha"), ID("rg", "gamma"),
		ID("rg", "bravo"), ID("rg", "alpha")
	};
	struct rule_seen all[5];
	char *said = text_dup(""), *more;
	size_t n, beyond;

	for (size_t i = 0; i < 5; i++)
		all[i] = one(ids[order[i]], RIG_KEY);
	n = rule_sort(all, 5);
	beyond = rule_choose(all, n, room);
	for (size_t i = 0; i < n; i++) {
		more = text_printf("%s%s%s ", said, strrchr(all[i].id, '/') + 1,
				   all[i].verdict == RULE_BEYOND ? "-" : "");
		free(said);
		said = more;
	}
	more = text_printf("%s%zu", said, beyond);
	free(said);
	rule_seen_free(all, 0, n);
	return more;
}

/* Whatever the order of the pages: each order of five is tried. */
static void order_of_pages(void **state)
{
	size_t o[5];
	unsigned tried = 0;

	(void)state;
	for (unsigned code = 0; code < 5 * 5 * 5 * 5 * 5; code++) {
		unsigned rest = code, bits = 0;
		char *said;

		for (size_t i = 0; i < 5; i++, rest /= 5) {
			o[i] = rest % 5;
			bits |= 1u << o[i];
		}
		if (bits != 31)
			continue;
		said = choose(o, 2);
		text_lower(said);
		assert_string_equal(said, "alpha bravo delta- gamma- 2");
		free(said);
		tried++;
	}
	assert_int_equal(tried, 120);
}

/* Who is there twice in two ways is taken in neither. */
static void twofold(void **state)
{
	struct rule_seen all[3] = { one(ID("rg", "alpha"), RIG_KEY),
				    one(ID("rg", "bravo"), RIG_KEY),
				    one(ID("rg", "alpha"), RIG_OTHER_KEY) };
	size_t n = rule_sort(all, 3);

	(void)state;
	assert_int_equal(n, 2);
	assert_int_equal(all[0].verdict, RULE_UNCLEAR);
	assert_int_equal(all[1].verdict, RULE_WATCH);
	assert_true(rule_is_silent(RULE_UNCLEAR));
	assert_ptr_equal(rule_find(all, n, ID("other", "BRAVO")), &all[1]);
	assert_null(rule_find(all, n, ID("rg", "charlie")));
	assert_int_equal(rule_choose(all, n, 0), 1);
	rule_seen_free(all, 0, n);
}

static void each_has_a_word(void **state)
{
	(void)state;
	for (int v = RULE_WATCH; v < RULE_VERDICTS; v++)
		assert_true(strlen(rule_verdict_str((enum rule_verdict)v)) > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs),
		cmocka_unit_test(whom_it_means),
		cmocka_unit_test(what_is_left_out),
		cmocka_unit_test(tags_that_are_not_told),
		cmocka_unit_test(a_group_is_a_place),
		cmocka_unit_test(order_of_pages),
		cmocka_unit_test(twofold),
		cmocka_unit_test(each_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
