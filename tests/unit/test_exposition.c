/* base/exposition: what Prometheus reads, to the letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/exposition.h"

static struct buf out;

static int start(void **state)
{
	(void)state;
	buf_init(&out, 4096);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	buf_free(&out);
	return 0;
}

/* A family of each type. */
static void write_all(enum exposition_form form)
{
	struct exposition x;

	exposition_init(&x, &out, form);
	exposition_family(&x, "a_seconds", EXPOSITION_GAUGE, "A gauge.");
	exposition_begin(&x, "");
	exposition_seconds(&x, 1500);
	exposition_family(&x, "left_out", EXPOSITION_GAUGE, "No sample.");
	exposition_family(&x, "b", EXPOSITION_COUNTER, "A counter.");
	exposition_begin(&x, "");
	exposition_label(&x, "host", "h");
	exposition_label(&x, "code", "200");
	exposition_int(&x, 7);
	exposition_family(&x, "c", EXPOSITION_INFO, "An info.");
	exposition_begin(&x, "");
	exposition_label(&x, "v", "1");
	exposition_int(&x, 1);
	exposition_family(&x, "d_seconds", EXPOSITION_HISTOGRAM, "Buckets.");
	exposition_begin(&x, "_bucket");
	exposition_label(&x, "le", "+Inf");
	exposition_int(&x, 0);
	exposition_begin(&x, "_sum");
	exposition_int(&x, 0);
	exposition_begin(&x, "_count");
	exposition_int(&x, 0);
	exposition_end(&x);
	assert_false(exposition_full(&x));
}

static void each_type_in_text(void **state)
{
	(void)state;
	write_all(EXPOSITION_PROMETHEUS);
	assert_string_equal(buf_str(&out),
			    "# HELP a_seconds A gauge.\n"
			    "# TYPE a_seconds gauge\n"
			    "a_seconds 1.500\n"
			    "# HELP b_total A counter.\n"
			    "# TYPE b_total counter\n"
			    "b_total{host=\"h\",code=\"200\"} 7\n"
			    "# HELP c_info An info.\n"
			    "# TYPE c_info gauge\n"
			    "c_info{v=\"1\"} 1\n"
			    "# HELP d_seconds Buckets.\n"
			    "# TYPE d_seconds histogram\n"
			    "d_seconds_bucket{le=\"+Inf\"} 0\n"
			    "d_seconds_sum 0\n"
			    "d_seconds_count 0\n");
}

static void each_type_in_openmetrics(void **state)
{
	(void)state;
	write_all(EXPOSITION_OPENMETRICS);
	assert_string_equal(buf_str(&out),
			    "# HELP a_seconds A gauge.\n"
			    "# TYPE a_seconds gauge\n"
			    "a_seconds 1.500\n"
			    "# HELP b A counter.\n"
			    "# TYPE b counter\n"
			    "b_total{host=\"h\",code=\"200\"} 7\n"
			    "# HELP c An info.\n"
			    "# TYPE c info\n"
			    "c_info{v=\"1\"} 1\n"
			    "# HELP d_seconds Buckets.\n"
			    "# TYPE d_seconds histogram\n"
			    "d_seconds_bucket{le=\"+Inf\"} 0\n"
			    "d_seconds_sum 0\n"
			    "d_seconds_count 0\n"
			    "# EOF\n");
}

/* One after the other, each a text of its own. */
static void expect_json(const char *const *texts, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		assert_true(at < out.len);
		assert_string_equal(out.data + at, texts[i]);
		at += strlen(texts[i]) + 1;
	}
	assert_int_equal(at, out.len);
}

static void each_type_in_json(void **state)
{
	static const char *const texts[] = {
		"{\"name\":\"io.keyrotd.a_seconds\",\"value\":1.500}",
		"{\"name\":\"io.keyrotd.b_total\",\"object\":\"h\",\"fields\":{\"code\":\"200\"},\"value\":7}",
		"{\"name\":\"io.keyrotd.c_info\",\"fields\":{\"v\":\"1\"},\"value\":1}",
		"{\"name\":\"io.keyrotd.d_seconds_bucket\",\"fields\":{\"le\":\"+Inf\"},\"value\":0}",
		"{\"name\":\"io.keyrotd.d_seconds_sum\",\"value\":0}",
		"{\"name\":\"io.keyrotd.d_seconds_count\",\"value\":0}",
	};

	(void)state;
	write_all(EXPOSITION_JSON);
	expect_json(texts, sizeof(texts) / sizeof(*texts));
}

static void strings_of_json(void **state)
{
	static const char *const texts[] = {
		"{\"name\":\"io.keyrotd.keys\",\"object\":\"a\\\\b\\\"c\\n\\u0001\xc3\xa9\",\"value\":3}"
	};
	struct exposition x;

	(void)state;
	exposition_init(&x, &out, EXPOSITION_JSON);
	exposition_family(&x, "keyrotd_keys", EXPOSITION_GAUGE, "Keys.");
	exposition_begin(&x, "");
	exposition_label(&x, "key", "a\\b\"c\n\x01\xc3\xa9");
	exposition_int(&x, 3);
	expect_json(texts, 1);
}

static void families_are_described(void **state)
{
	static const char *const texts[] = {
		"{\"name\":\"io.keyrotd.a_total\",\"description\":\"As.\",\"type\":\"counter\"}",
		"{\"name\":\"io.keyrotd.b_info\",\"description\":\"Bs.\",\"type\":\"gauge\"}",
		"{\"name\":\"io.keyrotd.c_bucket\",\"description\":\"Cs.\",\"type\":\"counter\"}",
		"{\"name\":\"io.keyrotd.c_sum\",\"description\":\"Cs.\",\"type\":\"counter\"}",
		"{\"name\":\"io.keyrotd.c_count\",\"description\":\"Cs.\",\"type\":\"counter\"}",
	};
	struct exposition x;

	(void)state;
	exposition_init(&x, &out, EXPOSITION_JSON);
	exposition_family(&x, "keyrotd_a", EXPOSITION_COUNTER, "As.");
	exposition_describe(&x);
	exposition_family(&x, "b", EXPOSITION_INFO, "Bs.");
	exposition_describe(&x);
	exposition_family(&x, "keyrotd_c", EXPOSITION_HISTOGRAM, "Cs.");
	exposition_describe(&x);
	expect_json(texts, sizeof(texts) / sizeof(*texts));
}

static void labels_are_escaped(void **state)
{
	struct exposition x;

	(void)state;
	exposition_init(&x, &out, EXPOSITION_PROMETHEUS);
	exposition_family(&x, "a", EXPOSITION_GAUGE, "A.");
	exposition_resume(&x);
	exposition_begin(&x, "");
	exposition_label(&x, "l", "a\\b\"c\nd\xc3\xa9,}");
	exposition_label(&x, "m", NULL);
	exposition_int(&x, INT64_MIN);
	assert_string_equal(
		buf_str(&out),
		"a{l=\"a\\\\b\\\"c\\nd\xc3\xa9,}\",m=\"\"} -9223372036854775808\n");
}

static void values_are_plain_numbers(void **state)
{
	struct exposition x;

	(void)state;
	exposition_init(&x, &out, EXPOSITION_PROMETHEUS);
	exposition_family(&x, "a", EXPOSITION_GAUGE, "A.");
	exposition_resume(&x);
	for (int64_t ms = -1001; ms <= 1001; ms += 1001) {
		exposition_begin(&x, "");
		exposition_seconds(&x, ms);
	}
	exposition_begin(&x, "");
	exposition_seconds(&x, INT64_MIN);
	exposition_begin(&x, "");
	exposition_ratio(&x, 0.4996);
	assert_string_equal(buf_str(&out), "a -1.001\na 0\na 1.001\n"
					   "a -9223372036854775.808\n"
					   "a 0.500\n");
}

static void what_does_not_fit_is_known(void **state)
{
	struct exposition x;

	(void)state;
	buf_free(&out);
	buf_init(&out, 8);
	exposition_init(&x, &out, EXPOSITION_PROMETHEUS);
	exposition_family(&x, "abc", EXPOSITION_GAUGE, "A.");
	exposition_resume(&x);
	exposition_begin(&x, "");
	exposition_int(&x, 12);
	assert_false(exposition_full(&x));
	exposition_begin(&x, "");
	assert_true(exposition_full(&x));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_type_in_text, start, stop),
		cmocka_unit_test_setup_teardown(each_type_in_openmetrics, start,
						stop),
		cmocka_unit_test_setup_teardown(each_type_in_json, start, stop),
		cmocka_unit_test_setup_teardown(strings_of_json, start, stop),
		cmocka_unit_test_setup_teardown(families_are_described, start,
						stop),
		cmocka_unit_test_setup_teardown(labels_are_escaped, start,
						stop),
		cmocka_unit_test_setup_teardown(values_are_plain_numbers, start,
						stop),
		cmocka_unit_test_setup_teardown(what_does_not_fit_is_known,
						start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
