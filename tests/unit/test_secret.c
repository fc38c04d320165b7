/* Secrets that come back in foreign text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"

static void struck(const struct secrets *k, const char *text, const char *want)
{
	char line[256];

	text_copy(line, sizeof(line), text);
	secret_strike(k, line);
	assert_string_equal(line, want);
}

static void test_what_is_known(void **state)
{
	static const char one[] = "Zk8~hunter2.Q", two[] = "abcde",
			  no[] = "abc";
	struct secrets k = { NULL, 0 };

	(void)state;
	secret_know(&k, one);
	secret_know(&k, two);
	secret_know(&k, no);
	secret_know(&k, "");
	secret_know(&k, NULL);
	struck(&k, "client_secret=Zk8~hunter2.Q&x=Zk8~hunter2.Q",
	       "client_secret=(secret)&x=(secret)");
	struck(&k, "Zk8~hunter2.QZk8~hunter2.Q", "(secret)(secret)");
	struck(&k, "Zk8~hunter2Q abc", "Zk8~hunter2Q abc");
	struck(&k, "abcde", "***");
	struck(&k, "", "");
	secret_forget(&k, one);
	struck(&k, "Zk8~hunter2.Q abcde", "Zk8~hunter2.Q ***");
	secret_forget(&k, no);
	secret_forget(&k, two);
	struck(&k, "abcde", "abcde");
	secret_free(&k);
}

/* One within, or across the end of, another: no piece of either is left. */
static void test_what_overlaps(void **state)
{
	struct secrets k = { NULL, 0 };

	(void)state;
	secret_know(&k, "abcdef");
	secret_know(&k, "abcdefgh");
	secret_know(&k, "ghijkl");
	secret_know(&k, "zzzz");
	struck(&k, "x abcdefgh y", "x (secret) y");
	struck(&k, "x abcdefghijkl y", "x (secret) y");
	struck(&k, "abcdefabcdef", "******");
	struck(&k, "zzzzzzz", "***");
	struck(&k, "abcdeghijk zzz", "abcdeghijk zzz");
	secret_free(&k);
}

/* A text that is full of them. */
static void test_a_long_text(void **state)
{
	static const char secret[] = "hunter2",
			  token[] = "eyJ0eXAiOiJKV1QiLCJh";
	enum { TIMES = 500 };
	struct secrets k = { NULL, 0 };
	struct buf b;

	(void)state;
	secret_know(&k, secret);
	buf_init(&b, 8 << 20);
	for (int i = 0; i < TIMES; i++)
		assert_true(buf_printf(&b, "%s %s ", secret, token));
	secret_strike(&k, b.data);
	assert_int_equal(strlen(b.data), TIMES * strlen("*** (token) "));
	assert_string_equal(b.data + strlen(b.data) - 12, "*** (token) ");
	buf_free(&b);
	secret_free(&k);
}

static void test_twice_known_is_twice_forgotten(void **state)
{
	static const char one[] = "Zk8~hunter2.Q";
	struct secrets k = { NULL, 0 };

	(void)state;
	secret_know(&k, one);
	secret_know(&k, one);
	secret_forget(&k, one);
	struck(&k, one, "(secret)");
	secret_forget(&k, one);
	struck(&k, one, one);
	secret_free(&k);
}

static void test_what_looks_like_a_token(void **state)
{
	static const char token[] =
		"eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQ.c2ln";
	struct secrets k = { NULL, 0 };

	(void)state;
	/* It is found whether it is known or not. */
	secret_know(&k, token);
	assert_int_equal(k.n, 0);
	struck(NULL,
	       "bad eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQ.c2ln and",
	       "bad (token) and");
	struck(NULL, "eyJ is short, eyJzhort too",
	       "eyJ is short, eyJzhort too");
	struck(NULL, "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9", "(token)");
	secret_free(&k);
}

/* Where a token's form has a meaning, only what is known goes. */
static void test_only_what_is_known(void **state)
{
	char line[] = "claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ==\" hunter2hunter2";
	struct secrets k = { NULL, 0 };

	(void)state;
	secret_know(&k, "hunter2hunter2");
	secret_strike_known(&k, line);
	assert_string_equal(line,
			    "claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ==\" (secret)");
	secret_free(&k);
}

/* As servers write an echo anew. */
static void test_other_spellings(void **state)
{
	static const char one[] = "aBc8Q~d/5f G&\"'", two[] = "short~7";
	static const char *const texts[] = {
		"aBc8Q%7Ed%2F5f%20G%26%22%27",
		"aBc8Q%7ed/5f+G%26%22%27",
		"%61%42%63%38%51%7e%64%2f%35%66%20%47%26%22%27",
		"aBc8Q%257Ed%252F5f%2520G%2526%2522%2527",
		"aBc8Q~d\\/5f G&\\\"'",
		"\\u0061Bc8Q\\u007ed\\/5f G\\u0026\\u0022\\x27",
		"aBc8Q~d\\\\/5f G&\\\\\\\"'",
		"aBc8Q~d/5f G&amp;&quot;&#39;",
		"aBc8Q~d/5f G&#x26;&#34;&apos;",
		"aBc8Q%7Ed/5f G&amp;%22'",
		"YUJjOFF+ZC81ZiBHJiIn",
		"YUJjOFF-ZC81ZiBHJiIn",
		"YUJjOFF%2bZC81ZiBHJiIn",
	};
	struct secrets k = { NULL, 0 };

	(void)state;
	secret_know(&k, one);
	secret_know(&k, two);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char line[256];

		snprintf(line, sizeof(line), "was: %s.", texts[i]);
		secret_strike(&k, line);
		if (strcmp(line, "was: (secret).") != 0 &&
		    strcmp(line, "was: (secret)=.") != 0)
			fail_msg("%s became %s", texts[i], line);
	}
	/* With a name before it, as in Basic. */
	struck(&k, "Basic eDphQmM4UX5kLzVmIEcmIic=", "Basic eD(secret)=");
	/* One of them that is followed by another, and by what is none. */
	struck(&k, "a=aBc8Q%7Ed%2F5f%20G%26%22%27&b=aBc8Q~d/5f G&\"'%41",
	       "a=(secret)&b=(secret)%41");
	/* What is short might be anything. */
	struck(&k, "short%7E7 short~7", "short%7E7 ***");
	struck(&k, "100% \\ & &; %4 %zz \\u12 &#; &#x; &#99999999; %00+",
	       "100% \\ & &; %4 %zz \\u12 &#; &#x; &#99999999; %00+");
	secret_free(&k);
}

/* Whoever cuts an echo off tells nearly all of it. */
static void test_what_is_cut_off(void **state)
{
	static const char one[] = "aBc8Q~dE5fGh1JkL2mNo", two[] = "hunter2hunt";
	struct secrets k = { NULL, 0 };

	(void)state;
	secret_know(&k, one);
	secret_know(&k, two);
	struck(&k, "x=aBc8Q~dE5fGh1JkL2mN", "x=(secret)");
	struck(&k, "x=aBc8Q%7EdE5fGh1J...", "x=(secret)...");
	struck(&k, "x=aBc8Q~dE5fGh y", "x=(secret) y");
	struck(&k, "x=aBc8Q~dE5fG y", "x=aBc8Q~dE5fG y");
	struck(&k, "aBc8Q~dE5fGaBc8Q~dE5fGh1aBc8Q~dE5fGh1JkL2mNo",
	       "aBc8Q~dE5fG(secret)(secret)");
	struck(&k, "hunter2hun", "hunter2hun");
	secret_free(&k);
}

static void test_what_is_within(void **state)
{
	static const char token[] =
		"eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQ.c2ln";
	struct secret all[] = { secret_of("hunter2~hunter2"), secret_of(token),
				secret_of("abcd") };
	const struct secrets k = { all, 3 };

	(void)state;
	assert_true(secret_within(&k, "hunter2~hunter2"));
	assert_true(secret_within(&k, "xhunter2%7Ehunter2x"));
	assert_true(secret_within(&k, token));
	/* As any other token begins. */
	assert_false(secret_within(&k, "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9"));
	assert_false(secret_within(&k, "xxabcdxx"));
	assert_false(secret_within(&k, ""));
}

static void strike(char *text, void *arg)
{
	secret_strike(arg, text);
}

/* Each string and each name of a tree, at any depth, in any spelling. */
static void test_a_tree(void **state)
{
	static const char text[] =
		"{\"a\":[\"hunter2\\u0068unter2\",{\"hunter2hunter2\":1}],"
		"\"b\":{\"c\":\"x hunter2hunter2 y\"}}";
	struct secrets k = { NULL, 0 };
	struct fault f;
	struct json *root =
		json_parse(text, sizeof(text) - 1, SIZE_MAX / 2, &f);
	const struct json *a;

	(void)state;
	assert_non_null(root);
	secret_know(&k, "hunter2hunter2");
	json_each_text(root, strike, &k);
	a = json_get(root, "a");
	assert_string_equal(json_str(json_first(a)), "(secret)");
	assert_non_null(json_get(json_next(json_first(a)), "(secret)"));
	assert_string_equal(json_get_str(json_get(root, "b"), "c"),
			    "x (secret) y");
	json_free(root);
	secret_free(&k);
}

static bool may(const char *s)
{
	return secret_may_hold_token(s, strlen(s));
}

/* What is seen before any text is touched. */
static void test_what_need_not_be_looked_at(void **state)
{
	struct secrets k = { NULL, 0 };
	struct secret one[2];

	(void)state;
	assert_true(may("eyJ"));
	assert_true(may("JJyJ \"eyJhb"));
	assert_true(may("x\\u0065yJ"));
	assert_false(may("eYJ Jey yJ ey"));
	assert_false(may(""));
	assert_false(secret_may_hold_token(NULL, 0));
	assert_false(secret_may_hold_token("xeyJ", 3));
	assert_true(secret_least(NULL) == SIZE_MAX);
	assert_true(secret_least(&k) == SIZE_MAX);
	one[0] = secret_of("eyJhbGciOiJSUzI1NiJ9.x");
	one[1] = secret_of("Zk8~hunter2.Q-and-much-more");
	k = (struct secrets){ one, 1 };
	assert_int_equal(secret_least(&k), 22);
	k.n = 2;
	assert_int_equal(secret_least(&k), SECRET_PART);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_known),
		cmocka_unit_test(test_what_overlaps),
		cmocka_unit_test(test_a_long_text),
		cmocka_unit_test(test_twice_known_is_twice_forgotten),
		cmocka_unit_test(test_what_looks_like_a_token),
		cmocka_unit_test(test_only_what_is_known),
		cmocka_unit_test(test_other_spellings),
		cmocka_unit_test(test_what_is_cut_off),
		cmocka_unit_test(test_what_is_within),
		cmocka_unit_test(test_a_tree),
		cmocka_unit_test(test_what_need_not_be_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
