/* base/text: strings, dates, durations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"

#define LAST_MS INT64_C(253402300799000) /* 9999-12-31T23:59:59Z */

static void allocations_are_zeroed_and_never_null(void **state)
{
	unsigned char *p = text_alloc(10, 10);

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	p = text_realloc(p, 2, 100);
	assert_non_null(p);
	free(p);
	p = text_alloc(0, 10);
	assert_non_null(p);
	p = text_realloc(p, 0, 0);
	assert_non_null(p);
	free(p);
	assert_null(text_dup(NULL));
}

/* An overflowing size cannot be had: the process has to end. */
static void no_memory_aborts(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (!pid) {
		fclose(stderr);
		free(text_realloc(NULL, SIZE_MAX / 2, 4));
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status));
}

static void strings_are_copied(void **state)
{
	char *s = text_ndup("abcdef", 3);
	char dst[4];

	(void)state;
	assert_string_equal(s, "abc");
	text_wipe_free(s);
	text_wipe_free(NULL);
	text_wipe(NULL, 3);
	s = text_printf("%d-%s", 5, "x");
	assert_string_equal(s, "5-x");
	free(s);
	assert_true(text_copy(dst, sizeof(dst), "abc"));
	assert_string_equal(dst, "abc");
	assert_false(text_copy(dst, sizeof(dst), "abcd"));
	assert_string_equal(dst, "abc");
	assert_true(text_copy(dst, sizeof(dst), ""));
	assert_string_equal(dst, "");
	assert_false(text_copy(dst, 0, "a"));
	assert_false(text_copy(dst, 1, "a"));
	assert_string_equal(dst, "");
}

static void texts_are_joined(void **state)
{
	static const bool vowels[256] = { ['a'] = true, ['e'] = true };
	char dst[8] = "xxxxxxx";

	(void)state;
	assert_true(text_join(dst, sizeof(dst), "abc", "", "defg", NULL));
	assert_string_equal(dst, "abcdefg");
	assert_false(text_join(dst, sizeof(dst), "abcd", "efgh", "i", NULL));
	assert_string_equal(dst, "abcdefg");
	assert_true(text_join(dst, sizeof(dst), "", NULL));
	assert_string_equal(dst, "");
	assert_int_equal(text_span("aeab", vowels), 3);
	assert_int_equal(text_span("ba", vowels), 0);
	assert_int_equal(text_span("ae", vowels), 2);
}

static void comparisons_ignore_ascii_case(void **state)
{
	char s[] = "MiXed \xc3\x84 1";

	(void)state;
	assert_true(text_same("Abc", "aBC"));
	assert_false(text_same("abc", "abcd"));
	assert_false(text_same("abcd", "abc"));
	assert_false(text_same("[", "{")); /* 0x20 apart and no letters */
	assert_false(text_same("@", "`"));
	assert_true(text_same(NULL, NULL));
	assert_false(text_same(NULL, ""));
	assert_false(text_same("", NULL));
	assert_true(text_prefix("HTTPS://x", "https://"));
	assert_false(text_prefix("http", "https"));
	assert_true(text_prefix("x", ""));
	assert_true(text_suffix("v.Vault.azure.net", ".vault.AZURE.net"));
	assert_false(text_suffix("net", ".net"));
	assert_true(text_suffix("x", ""));
	text_lower(s);
	assert_string_equal(s, "mixed \xc3\x84 1");
}

static void utf8_is_checked(void **state)
{
	static const char *const good[] = {
		"",
		"plain",
		"\xc2\x80",
		"\xdf\xbf",
		"\xe0\xa0\x80",
		"\xed\x9f\xbf",
		"\xee\x80\x80",
		"\xef\xbf\xbf",
		"\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf",
	};
	static const char *const bad[] = {
		"\x80",
		"\xc0\xaf",
		"\xc1\xbf",
		"\xc3",
		"\xc3(",
		"\xe0\x9f\xbf",
		"\xed\xa0\x80",
		"\xe2\x82",
		"\xe2\x82(",
		"\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xf0\x90\x80",
		"\xff",
		"\xfe",
		"a\xe2(\xa1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(text_is_utf8(good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(text_is_utf8(bad[i], strlen(bad[i])));
	assert_int_equal(text_utf8_len("", 0), 0);
	assert_int_equal(text_utf8_len("\xe2\x82\xac", 3), 3);
	assert_int_equal(text_utf8_len("\xe2\x82\xac", 2), 0);
}

static void check_line(const char *in, const char *want)
{
	char s[64];

	text_copy(s, sizeof(s), in);
	text_line(s);
	assert_string_equal(s, want);
	assert_true(text_is_utf8(s, strlen(s)));
}

static void lines_are_clean(void **state)
{
	(void)state;
	check_line("", "");
	check_line("plain \xc3\xa4", "plain \xc3\xa4");
	check_line("a\r\nb\x01", "a  b ");
	check_line("\xc2\x9b[2J", "  [2J"); /* a C1 control: CSI */
	check_line("a\xff"
		   "b",
		   "a?b");
	check_line("cut \xe2\x82", "cut ");
	check_line("\xe2(", "?(");
	check_line("\xc3", "");
	/* An override, an isolate, a mark, a line's end; and what is unseen. */
	check_line("a\xe2\x80\xae"
		   "b",
		   "a   b");
	check_line("\xe2\x81\xa6"
		   "b",
		   "   b");
	check_line("\xd8\x9c.\xe2\x80\xa8.", "  .   .");
	check_line("x\xe2\x80\x8by\xef\xbb\xbf", "x   y   ");
	/* Joiners belong to scripts and pictures. */
	check_line("\xe2\x80\x8d", "\xe2\x80\x8d");
}

/* Whatever goes in, valid UTF-8 without controls comes out. */
static void lines_of_noise(void **state)
{
	unsigned seed = 11;
	char s[40];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t len = (size_t)rand_r(&seed) % sizeof(s);

		for (size_t j = 0; j < len; j++)
			s[j] = (char)(1 + rand_r(&seed) % 255);
		s[len == sizeof(s) ? len - 1 : len] = '\0';
		text_line(s);
		assert_true(text_is_utf8(s, strlen(s)));
		for (size_t j = 0; s[j]; j++)
			assert_true((unsigned char)s[j] >= 0x20 &&
				    s[j] != 0x7f);
	}
}

static void distance_counts_edits(void **state)
{
	char far_one[65];

	(void)state;
	assert_int_equal(text_distance("", ""), 0);
	assert_int_equal(text_distance("abc", "abc"), 0);
	assert_int_equal(text_distance("kitten", "sitting"), 3);
	assert_int_equal(text_distance("", "abc"), 3);
	assert_int_equal(text_distance("abc", ""), 3);
	assert_int_equal(text_distance("windw", "window"), 1);
	memset(far_one, 'a', 64);
	far_one[64] = '\0';
	assert_int_equal(text_distance(far_one, "a"), 64);
	assert_int_equal(text_distance("a", far_one), 64);
	far_one[63] = '\0';
	assert_int_equal(text_distance(far_one, "a"), 62);
}

static void hash_is_fnv1a_of_lower_case(void **state)
{
	(void)state;
	assert_true(text_hash("") == UINT64_C(0xcbf29ce484222325));
	assert_true(text_hash("a") == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(text_hash("foobar") == UINT64_C(0x85944171f73967e8));
	assert_true(text_hash("FooBar") == text_hash("foobar"));
}

static void time_is_printed(void **state)
{
	char s[32];

	(void)state;
	text_time(s, sizeof(s), 0);
	assert_string_equal(s, "1970-01-01T00:00:00Z");
	text_time(s, sizeof(s), INT64_C(951782399999));
	assert_string_equal(s, "2000-02-28T23:59:59Z");
	text_time(s, sizeof(s), INT64_C(951868799000));
	assert_string_equal(s, "2000-02-29T23:59:59Z");
	text_time(s, sizeof(s), LAST_MS + 999);
	assert_string_equal(s, "9999-12-31T23:59:59Z");
	text_time(s, sizeof(s), LAST_MS + 1000);
	assert_string_equal(s, "");
	text_time(s, sizeof(s), INT64_MAX);
	assert_string_equal(s, "");
	text_time(s, sizeof(s), -1);
	assert_string_equal(s, "");
}

static void rfc3339_is_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01t00:00:00z", 0 },
		{ "1970-01-01 00:00:00Z", 0 },
		{ "2022-06-21T14:45:22.1916757+00:00", 1655822722191 },
		{ "2022-06-21T14:45:22.5Z", 1655822722500 },
		{ "2022-06-21T14:45:22.123456789Z", 1655822722123 },
		{ "1985-04-12T23:20:50.52Z", 482196050520 },
		{ "1996-12-19T16:39:57-08:00", 851042397000 },
		{ "1990-12-31T23:59:60Z", 662688000000 },
		{ "1970-01-01T01:00:00+01:00", 0 },
		{ "1969-12-31T23:59:59Z", -1 },
		{ "1970-01-01T00:59:59+01:00", -1 },
		{ "2000-02-29T00:00:00Z", 951782400000 },
		{ "2100-02-29T00:00:00Z", -1 },
		{ "2023-02-29T00:00:00Z", -1 },
		{ "2024-02-29T00:00:00Z", 1709164800000 },
		{ "9999-12-31T23:59:59Z", LAST_MS },
		{ "9999-12-31T23:59:60Z", -1 },
		{ "9999-12-31T23:59:59-00:01", -1 },
		{ "2022-13-01T00:00:00Z", -1 },
		{ "2022-00-01T00:00:00Z", -1 },
		{ "2022-01-00T00:00:00Z", -1 },
		{ "2022-01-32T00:00:00Z", -1 },
		{ "2022-04-31T00:00:00Z", -1 },
		{ "2022-01-01T24:00:00Z", -1 },
		{ "2022-01-01T00:60:00Z", -1 },
		{ "2022-01-01T00:00:61Z", -1 },
		{ "2022-01-01T00:00:00", -1 },
		{ "2022-01-01T00:00:00.Z", -1 },
		{ "2022-01-01T00:00:00.1234567890Z", -1 },
		{ "2022-01-01T00:00:00+24:00", -1 },
		{ "2022-01-01T00:00:00+00:60", -1 },
		{ "2022-01-01T00:00:00+0000", -1 },
		{ "2022-01-01T00:00:00+0", -1 },
		{ "2022-01-01T00:00:00+00:0", -1 },
		{ "2022-01-01T00:00:00Z ", -1 },
		{ "2022-01-01X00:00:00Z", -1 },
		{ "2022-1-01T00:00:00Z", -1 },
		{ "2022/01/01T00:00:00Z", -1 },
		{ "2022-01/01T00:00:00Z", -1 },
		{ "2022-01-0aT00:00:00Z", -1 },
		{ "2022-01-01T0:00:00Z", -1 },
		{ "2022-01-01T00.00:00Z", -1 },
		{ "2022-01-01T00:0:00Z", -1 },
		{ "2022-01-01T00:00-00Z", -1 },
		{ "2022-01-01T00:00:0Z", -1 },
		{ "-2022-01-01T00:00:00Z", -1 },
		{ "", -1 },
		{ "yesterday", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (text_parse_rfc3339(cases[i].text) != cases[i].ms)
			print_message("at %s\n", cases[i].text);
		assert_true(text_parse_rfc3339(cases[i].text) == cases[i].ms);
	}
}

/* Every day of the calendar, there and back, against the C library. */
static void dates_agree_with_libc(void **state)
{
	char ours[32], theirs[64];
	int64_t ms;

	(void)state;
	for (int64_t day = 0; day * 86400000 < LAST_MS; day += 1 + day % 7) {
		time_t t = (time_t)(day * 86400 + day % 86400);
		struct tm tm;

		ms = (int64_t)t * 1000;
		gmtime_r(&t, &tm);
		strftime(theirs, sizeof(theirs), "%Y-%m-%dT%H:%M:%SZ", &tm);
		text_time(ours, sizeof(ours), ms);
		assert_string_equal(ours, theirs);
		assert_true(text_parse_rfc3339(ours) == ms);
		if (day % 11)
			continue;
		strftime(theirs, sizeof(theirs), "%a, %d %b %Y %H:%M:%S GMT",
			 &tm);
		assert_true(text_parse_http_date(theirs) == ms);
		text_http_date(ours, sizeof(ours), ms);
		assert_string_equal(ours, theirs);
	}
}

static void http_date_is_read(void **state)
{
	static const char *const bad[] = {
		"",
		"Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994",
		"Sun, 06 Nov 1994 08:49:37 UTC",
		"Sun, 06 Nov 1994 08:49:37 GMT ",
		"Sun, 06 Nov 1994 08:49:37",
		"Sun, 31 Feb 1994 08:49:37 GMT",
		"Sun, 6 Nov 1994 08:49:37 GMT",
		"Foo, 06 Nov 1994 08:49:37 GMT",
		"Sun 06 Nov 1994 08:49:37 GMT",
		"Sun,06 Nov 1994 08:49:37 GMT",
		"Sun, 06-Nov 1994 08:49:37 GMT",
		"Sun, 06 Foo 1994 08:49:37 GMT",
		"Sun, 06 Nov 94 08:49:37 GMT",
		"Sun, 06 Nov-1994 08:49:37 GMT",
		"Sun, 06 Nov 1994-08:49:37 GMT",
		"Sun, 06 Nov 1994 25:49:37 GMT",
		"Sun, 06 Nov 1994 08.49:37 GMT",
		"sun, 06 nov 1994 08:49:37 gmt",
		"Sun, 06 Nov 1969 08:49:37 GMT",
	};

	(void)state;
	assert_true(text_parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") ==
		    784111777000);
	assert_true(text_parse_http_date("Wed, 31 Dec 1969 23:59:60 GMT") ==
		    -1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_true(text_parse_http_date(bad[i]) == -1);
}

/* Cutting a good date anywhere, or changing one byte, never reads past it
 * and never gives a date out of range. */
static void damaged_dates(void **state)
{
	static const char *const good[] = {
		"2022-06-21T14:45:22.1916757+00:00",
		"Sun, 06 Nov 1994 08:49:37 GMT",
	};
	unsigned seed = 3;

	(void)state;
	for (int i = 0; i < 50000; i++) {
		char *s = strdup(good[i % 2]);
		size_t at = (size_t)rand_r(&seed) % strlen(s);
		int64_t a, b;

		s[at] = (char)(rand_r(&seed) % 128);
		a = text_parse_rfc3339(s);
		b = text_parse_http_date(s);
		assert_true(a >= -1 && a <= LAST_MS + 999);
		assert_true(b >= -1 && b <= LAST_MS);
		free(s);
	}
}

static void durations_are_printed(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
		{ -5, "0 s" },
		{ 0, "0 s" },
		{ 250, "250 ms" },
		{ 47000, "47 s" },
		{ 59999, "59 s" },
		{ 60000, "1 min" },
		{ 12 * 60000, "12 min" },
		{ 3600000, "1 h" },
		{ 190 * 60000, "3 h 10 min" },
		{ 86400000, "1 d" },
		{ 52 * 3600000, "2 d 4 h" },
	};
	char s[40];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_duration(s, sizeof(s), cases[i].ms);
		assert_string_equal(s, cases[i].text);
	}
	text_duration(s, sizeof(s), INT64_MAX);
	assert_string_equal(s, "106751991167 d 7 h");
}

static void durations_are_read(void **state)
{
	static const char *const bad[] = {
		"",
		"s",
		"-5s",
		"5x",
		"5s ",
		"5 ",
		"1h30",
		"1h 30",
		"1h h",
		"1h\t30m",
		"30m1h",
		"1h1h",
		"1m1min",
		"1h-30m",
		"1hour",
		"1mi",
		"1.5h",
		"ms",
		"+5",
		" 5",
		"99999999999999999999",
		"9223372036854775807",
		"9223372036854775807d",
		"5S",
	};
	char said[64];

	(void)state;
	assert_int_equal(text_parse_duration("90s"), 90000);
	assert_int_equal(text_parse_duration("5m"), 300000);
	assert_int_equal(text_parse_duration("1h"), 3600000);
	assert_int_equal(text_parse_duration("2d"), 172800000);
	assert_int_equal(text_parse_duration("250ms"), 250);
	assert_int_equal(text_parse_duration("60"), 60000);
	assert_int_equal(text_parse_duration("0"), 0);
	assert_int_equal(text_parse_duration("5min"), 300000);
	assert_int_equal(text_parse_duration("1h30m"), 5400000);
	assert_int_equal(text_parse_duration("3 h 10 min"), 11400000);
	assert_int_equal(text_parse_duration("1d 2h3min 4s5ms"), 93784005);
	assert_int_equal(text_parse_duration("0h0m"), 0);
	for (int64_t ms = 1; ms < 700000000; ms = ms * 3 + 1000) {
		text_duration(said, sizeof(said), ms);
		assert_true(text_parse_duration(said) >= 0);
	}
	assert_true(text_parse_duration("106751991167d7h12m55s807ms") ==
		    INT64_MAX);
	assert_true(text_parse_duration("106751991167d7h12m55s808ms") == -1);
	assert_true(text_parse_duration("9223372036854775807ms") == INT64_MAX);
	assert_true(text_parse_duration("9223372036854775808ms") == -1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(text_parse_duration(bad[i]), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allocations_are_zeroed_and_never_null),
		cmocka_unit_test(no_memory_aborts),
		cmocka_unit_test(strings_are_copied),
		cmocka_unit_test(texts_are_joined),
		cmocka_unit_test(comparisons_ignore_ascii_case),
		cmocka_unit_test(utf8_is_checked),
		cmocka_unit_test(lines_are_clean),
		cmocka_unit_test(lines_of_noise),
		cmocka_unit_test(distance_counts_edits),
		cmocka_unit_test(hash_is_fnv1a_of_lower_case),
		cmocka_unit_test(time_is_printed),
		cmocka_unit_test(rfc3339_is_read),
		cmocka_unit_test(dates_agree_with_libc),
		cmocka_unit_test(http_date_is_read),
		cmocka_unit_test(damaged_dates),
		cmocka_unit_test(durations_are_printed),
		cmocka_unit_test(durations_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
