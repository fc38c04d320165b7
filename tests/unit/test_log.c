/* base/log: levels, repeats, the sink. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"

static char heard[65536];
static char heard_fields[1024];
static bool nested;

static void listen(int level, const char *text, const struct log_field *fields,
		   void *arg)
{
	size_t used = strlen(heard);

	assert_ptr_equal(arg, heard);
	snprintf(heard + used, sizeof(heard) - used, "%d %s\n", level, text);
	heard_fields[0] = '\0';
	for (; fields && fields->name; fields++) {
		used = strlen(heard_fields);
		snprintf(heard_fields + used, sizeof(heard_fields) - used,
			 "%s=%s;", fields->name,
			 fields->value ? fields->value : "(null)");
	}
	if (nested)
		log_error("the sink has trouble of its own");
	errno = EINVAL;
}

static int start(void **state)
{
	(void)state;
	heard[0] = '\0';
	nested = false;
	log_init(LOG_LEVEL_INFO, false);
	log_sink_set(listen, heard);
	return 0;
}

static void levels_have_names(void **state)
{
	(void)state;
	assert_int_equal(log_level_parse("error"), LOG_LEVEL_ERROR);
	assert_int_equal(log_level_parse("WARNING"), LOG_LEVEL_WARNING);
	assert_int_equal(log_level_parse("notice"), LOG_LEVEL_NOTICE);
	assert_int_equal(log_level_parse("info"), LOG_LEVEL_INFO);
	assert_int_equal(log_level_parse("debug"), LOG_LEVEL_DEBUG);
	assert_int_equal(log_level_parse("loud"), -1);
	assert_int_equal(log_level_parse(""), -1);
}

static void levels_filter(void **state)
{
	(void)state;
	log_error("e %d", 1);
	log_warn("w");
	log_notice("n");
	log_info("i");
	log_debug("d");
	log_level_set(LOG_LEVEL_ERROR);
	log_warn("w2");
	log_fields(LOG_LEVEL_WARNING, NULL, "w3");
	log_error("e2");
	assert_string_equal(heard, "3 e 1\n4 w\n5 n\n6 i\n3 e2\n");
}

static void repeats_are_counted(void **state)
{
	(void)state;
	log_info("same");
	log_info("same");
	log_info("same");
	log_warn("same"); /* another level is another line */
	log_warn("same");
	log_info("other");
	assert_string_equal(
		heard, "6 same\n"
		       "6 The previous message was repeated 2 more times.\n"
		       "4 same\n"
		       "4 The previous message was repeated 1 more time.\n"
		       "6 other\n");
}

static void fields_tell_lines_apart(void **state)
{
	const struct log_field a[] = { { "KEY", "a" },
				       { "X", NULL },
				       { NULL, NULL } };
	const struct log_field b[] = { { "KEY", "b" }, { NULL, NULL } };

	(void)state;
	log_fields(LOG_LEVEL_INFO, a, "text %s", "1");
	assert_string_equal(heard_fields, "KEY=a;X=(null);");
	log_fields(LOG_LEVEL_INFO, b, "text 1");
	log_fields(LOG_LEVEL_INFO, b, "text 1");
	assert_string_equal(heard, "6 text 1\n6 text 1\n");
}

static void lines_are_clean_and_bounded(void **state)
{
	char *text = malloc(10000);

	(void)state;
	memset(text, 'x', 9999);
	text[9999] = '\0';
	log_info("a\nb\x1b[0m");
	assert_string_equal(heard, "6 a b [0m\n");
	log_info("%s", text);
	assert_true(strlen(heard) < 2100);
	free(text);
}

static void errno_is_kept(void **state)
{
	(void)state;
	errno = ENOENT;
	log_info("%m");
	assert_int_equal(errno, ENOENT);
	assert_non_null(strstr(heard, "No such file"));
	log_debug("not printed");
	assert_int_equal(errno, ENOENT);
	log_fields(LOG_LEVEL_INFO, NULL, "x");
	assert_int_equal(errno, ENOENT);
}

/* Run with standard error going to a file; returns what was written. */
static void capture(void (*say)(void), char *dst, size_t size)
{
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);
	size_t len;

	fflush(stderr);
	dup2(fileno(file), STDERR_FILENO);
	say();
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	len = fread(dst, 1, size - 1, file);
	dst[len] = '\0';
	fclose(file);
}

static void say_plain(void)
{
	log_init(LOG_LEVEL_INFO, false);
	log_sink_set(NULL, NULL);
	log_warn("plain");
}

static void say_prefixed(void)
{
	log_init(LOG_LEVEL_INFO, true);
	log_sink_set(NULL, NULL);
	log_warn("prefixed");
}

static void say_nested(void)
{
	nested = true;
	log_warn("outer");
}

static void standard_error_without_a_sink(void **state)
{
	char text[256];

	(void)state;
	capture(say_plain, text, sizeof(text));
	assert_string_equal(text, "plain\n");
	capture(say_prefixed, text, sizeof(text));
	assert_string_equal(text, "<4>prefixed\n");
}

static void a_sink_may_log(void **state)
{
	char text[256];

	(void)state;
	capture(say_nested, text, sizeof(text));
	assert_string_equal(heard, "4 outer\n");
	assert_string_equal(text, "the sink has trouble of its own\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(levels_have_names, start),
		cmocka_unit_test_setup(levels_filter, start),
		cmocka_unit_test_setup(repeats_are_counted, start),
		cmocka_unit_test_setup(fields_tell_lines_apart, start),
		cmocka_unit_test_setup(lines_are_clean_and_bounded, start),
		cmocka_unit_test_setup(errno_is_kept, start),
		cmocka_unit_test_setup(standard_error_without_a_sink, start),
		cmocka_unit_test_setup(a_sink_may_log, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
