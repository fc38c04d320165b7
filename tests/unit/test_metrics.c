/* engine/metrics: what is told of what is known, part by part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine/metrics.h"
#include "engine_help.h"

static struct rig g;
static struct buf all;
static struct metrics_outside outside;

/* So many records are on the disk. */
static void recorded(uint64_t sequence)
{
	engine_evidence(
		g.engine,
		&(struct engine_evidence){ .kept = true, .sequence = sequence },
		g.now);
}

static int start(void **state)
{
	(void)state;
	buf_init(&all, METRICS_PART_MAX);
	outside = (struct metrics_outside){ .version = "1.0.0",
					    .cpu_ms = 1500,
					    .started_ms = RIG_NOW,
					    .open_fds = 12,
					    .max_fds = -1,
					    .resident_bytes = 4096,
					    .virtual_bytes = 8192 };
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 3), 3);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	buf_free(&all);
	rig_stop(&g);
	return 0;
}

/* All of it, in parts of n rows; how many parts. */
static unsigned tell(size_t n, enum exposition_form form)
{
	struct metrics_cursor c = { 0 };
	struct buf part;
	unsigned parts = 0;
	bool more = true;

	buf_reset(&all);
	while (more) {
		buf_init(&part, METRICS_PART_MAX);
		more = metrics_part(g.engine, &outside, &c, n, form, &part);
		assert_true(buf_add(&all, part.data, part.len));
		buf_free(&part);
		parts++;
	}
	metrics_end(&c);
	return parts;
}

/* The value behind this beginning of a line; NULL: there is no such line. */
static const char *value(const char *series)
{
	static char text[64];
	char *line = text_printf("\n%s ", series);
	const char *at = strstr(buf_str(&all), line);

	if (at)
		snprintf(text, sizeof(text), "%.*s",
			 (int)strcspn(at + strlen(line), "\n"),
			 at + strlen(line));
	free(line);
	return at ? text : NULL;
}

static const char *of_registry(unsigned i, const char *name, const char *more)
{
	char *series =
		text_printf("%s{registry=\"%s\"%s}", name, rig_id(i), more);
	const char *v = value(series);

	free(series);
	return v;
}

static unsigned count(const char *what)
{
	unsigned n = 0;

	for (const char *at = buf_str(&all); (at = strstr(at, what)); at++)
		n++;
	return n;
}

static void nothing_is_made_up(void **state)
{
	(void)state;
	tell(1000, EXPOSITION_PROMETHEUS);
	assert_string_equal(value("keyrotd_state{state=\"starting\"}"), "1");
	assert_string_equal(value("keyrotd_keys"), "1");
	assert_string_equal(value("keyrotd_registries{state=\"unknown\"}"),
			    "3");
	assert_null(value("keyrotd_clock_offset_seconds"));
	assert_null(value("keyrotd_audit_sequence"));
	assert_null(value("process_max_fds"));
	assert_string_equal(value("process_open_fds"), "12");
	assert_string_equal(value("process_cpu_seconds_total"), "1.500");
	assert_null(strstr(buf_str(&all), "keyrotd_requests_total"));
	assert_null(strstr(buf_str(&all), "keyrotd_key_last_success"));
	assert_null(strstr(buf_str(&all), "verified_age"));
	assert_null(strstr(buf_str(&all), "# EOF"));
	recorded(0);
	tell(1000, EXPOSITION_OPENMETRICS);
	assert_string_equal(value("keyrotd_audit_sequence"), "0");
	assert_non_null(strstr(buf_str(&all), "# EOF\n"));
}

static void all_is_well(void **state)
{
	(void)state;
	rig_run(&g, 10 * MINUTE);
	tell(1000, EXPOSITION_PROMETHEUS);
	assert_string_equal(value("keyrotd_state{state=\"ok\"}"), "1");
	assert_string_equal(value("keyrotd_state{state=\"failed\"}"), "0");
	assert_string_equal(value("keyrotd_registries{state=\"current\"}"),
			    "3");
	assert_string_equal(
		of_registry(1, "keyrotd_registry_state", ",state=\"current\""),
		"1");
	assert_string_equal(
		of_registry(1, "keyrotd_registry_state", ",state=\"overdue\""),
		"0");
	assert_string_equal(of_registry(2, "keyrotd_registry_info",
					",key=\"" RIG_KEY
					"\",mode=\"follow\",version=\"" V1
					"\""),
			    "1");
	assert_null(of_registry(0, "keyrotd_registry_deadline_seconds", ""));
	assert_non_null(
		of_registry(0, "keyrotd_registry_verified_age_seconds", ""));
	assert_string_equal(value("keyrotd_key_readable{key=\"" RIG_KEY "\"}"),
			    "1");
	assert_string_equal(value("keyrotd_key_usable{key=\"" RIG_KEY "\"}"),
			    "1");
	assert_string_equal(
		value("keyrotd_key_version_registries{key=\"" RIG_KEY
		      "\",version=\"" V1 "\"}"),
		"3");
	/* A day old when the rig began. */
	assert_string_equal(
		value("keyrotd_key_version_age_seconds{key=\"" RIG_KEY
		      "\",version=\"" V1 "\"}"),
		"87000");
	assert_null(strstr(buf_str(&all), "version_expiry"));
	assert_null(strstr(buf_str(&all), "keyrotd_registry_warning"));
	assert_string_equal(value("keyrotd_adoption_seconds_count"), "0");
}

static void a_move_is_told(void **state)
{
	(void)state;
	rig_run(&g, 10 * MINUTE);
	rig_newer(&g, V2, rig_azure(&g) - 10 * MINUTE);
	g.versions[1].expires = RIG_NOW + 40 * DAY;
	g.hold = 1u << CALL_PATCH;
	g.may_lose = true;
	assert_true(rig_until(&g, CALL_PATCH, 2 * MINUTE));
	tell(1000, EXPOSITION_PROMETHEUS);
	assert_string_equal(
		of_registry(0, "keyrotd_registry_state", ",state=\"rotating\""),
		"1");
	assert_in_range(
		strtol(of_registry(0, "keyrotd_registry_deadline_seconds", ""),
		       NULL, 10),
		2900, 3000);
	g.hold = 0;
	rig_answer(&g);
	rig_run(&g, 10 * MINUTE);
	tell(1000, EXPOSITION_PROMETHEUS);
	assert_string_equal(value("keyrotd_adoption_seconds_count"), "3");
	assert_string_equal(
		value("keyrotd_adoption_seconds_bucket{le=\"600.0\"}"), "0");
	assert_string_equal(
		value("keyrotd_adoption_seconds_bucket{le=\"1800.0\"}"), "3");
	assert_string_equal(
		value("keyrotd_adoption_seconds_bucket{le=\"+Inf\"}"), "3");
	assert_in_range(strtol(value("keyrotd_adoption_seconds_sum"), NULL, 10),
			1800, 3 * 1800);
	assert_string_equal(value("keyrotd_events_total{kind=\"verified\"}"),
			    "3");
	assert_string_equal(
		value("keyrotd_key_version_expiry_timestamp_seconds{key=\"" RIG_KEY
		      "\",version=\"" V2 "\"}"),
		"1775822400");
	/* Of the one that nobody uses any more nothing is told. */
	assert_null(strstr(buf_str(&all), V1));
	g.versions[1].purge_protected = false;
	rig_run(&g, 6 * MINUTE);
	tell(1000, EXPOSITION_PROMETHEUS);
	assert_string_equal(of_registry(2, "keyrotd_registry_warning",
					",warning=\"purgeable\""),
			    "1");
	assert_string_equal(
		value("keyrotd_registries_warned{warning=\"purgeable\"}"), "3");
}

static void late_is_negative(void **state)
{
	(void)state;
	rig_run(&g, MINUTE);
	rig_newer(&g, V2, rig_azure(&g));
	g.hold = 1u << CALL_PATCH;
	g.may_lose = true;
	rig_run(&g, 2 * HOUR);
	tell(1000, EXPOSITION_PROMETHEUS);
	assert_string_equal(value("keyrotd_registries_missed"), "3");
	assert_true(
		strtol(of_registry(0, "keyrotd_registry_deadline_seconds", ""),
		       NULL, 10) < -3000);
}

/* The answers of the rig carry no status: it sets one where that counts. */
static void requests_are_counted(void **state)
{
	struct asked *a;
	struct reply r;

	(void)state;
	rig_run(&g, MINUTE);
	g.hold = 1u << CALL_KEY;
	for (int i = 0; i < 4; i++) {
		assert_true(rig_until(&g, CALL_KEY, 20 * MINUTE));
		a = rig_find(&g, CALL_KEY, NULL);
		r = rig_reply(&g, a);
		r.status = i == 0 ? 200 : i == 1 ? 429 : 500 + i;
		if (i == 1)
			fault_set(&r.fault, FAULT_THROTTLED, 429, "Slow down.");
		else if (i > 1)
			fault_set(&r.fault, FAULT_TRANSIENT, r.status, "Oh.");
		else
			r.key = rig_good(V1, RIG_NOW - DAY);
		rig_put(&g, a, &r);
	}
	tell(1000, EXPOSITION_PROMETHEUS);
#define AT "{host=\"contoso.vault.azure.net\""
	assert_string_equal(value("keyrotd_requests_total" AT ",code=\"200\"}"),
			    "1");
	assert_string_equal(value("keyrotd_requests_total" AT ",code=\"429\"}"),
			    "1");
	assert_string_equal(value("keyrotd_requests_total" AT ",code=\"503\"}"),
			    "1");
	assert_non_null(value("keyrotd_requests_total" AT ",code=\"none\"}"));
	assert_string_equal(value("keyrotd_requests_throttled_total" AT "}"),
			    "1");
	assert_string_equal(value("keyrotd_request_retries_total" AT "}"), "2");
	assert_non_null(value("keyrotd_budget_used_ratio{budget=\"vault\","
			      "of=\"contoso.vault.azure.net\","
			      "credential=\"default\"}"));
	assert_int_equal(count("\nkeyrotd_budget_used_ratio{"), 3);
	assert_int_equal(count("\nkeyrotd_token_expiry_timestamp_seconds{"), 2);
}

/* Whatever the parts are, they make one and the same text. */
static void parts_make_one_text(void **state)
{
	unsigned parts;
	char *whole;

	(void)state;
	rig_run(&g, 10 * MINUTE);
	assert_int_equal(tell(1000, EXPOSITION_OPENMETRICS), 1);
	whole = text_dup(buf_str(&all));
	for (size_t n = 1; n < 9; n++) {
		parts = tell(n, EXPOSITION_OPENMETRICS);
		assert_true(parts > 200 / n / 10);
		assert_string_equal(buf_str(&all), whole);
	}
	free(whole);
}

static void each_family_stands_once(void **state)
{
	(void)state;
	recorded(7);
	outside.max_fds = 1024;
	rig_run(&g, 10 * MINUTE);
	tell(2, EXPOSITION_PROMETHEUS);
	for (const char *at = buf_str(&all); (at = strstr(at, "# TYPE "));
	     at++) {
		char *head = text_ndup(at, strcspn(at + 7, " ") + 8);

		assert_int_equal(count(head), 1);
		free(head);
	}
	assert_int_equal(count("# TYPE "), count("# HELP "));
	assert_true(count("# TYPE ") > 30);
}

static void what_is_gone_is_not_told(void **state)
{
	char *text;

	(void)state;
	rig_run(&g, 10 * MINUTE);
	text = rig_config("", "https://fabrikam.vault.azure.net/keys/acr-cmk",
			  "", 2, 1);
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
	tell(1000, EXPOSITION_PROMETHEUS);
	assert_null(strstr(buf_str(&all), "contoso"));
	assert_null(strstr(buf_str(&all), rig_id(0)));
	assert_non_null(strstr(buf_str(&all), rig_id(2)));
	assert_string_equal(value("keyrotd_keys"), "1");
}

/* Between two parts registries leave, and come. */
static void a_reload_between_parts(void **state)
{
	struct metrics_cursor c = { 0 };
	struct buf part;
	bool more = true, reloaded = false;
	char *text;

	(void)state;
	rig_run(&g, 10 * MINUTE);
	while (more) {
		buf_init(&part, METRICS_PART_MAX);
		more = metrics_part(g.engine, &outside, &c, 1,
				    EXPOSITION_PROMETHEUS, &part);
		buf_add(&all, part.data, part.len);
		buf_free(&part);
		/* It stands at the second of three. */
		if (reloaded || !c.last || !strstr(c.last, "registry1") ||
		    !strstr(buf_str(&all), "keyrotd_registry_state"))
			continue;
		text = rig_config("", RIG_KEY, "", 1, 3);
		engine_reload(g.engine, rig_parse(text), g.now);
		free(text);
		reloaded = true;
	}
	metrics_end(&c);
	assert_true(reloaded);
	assert_string_equal(
		of_registry(2, "keyrotd_registry_state", ",state=\"current\""),
		"1");
	assert_non_null(
		of_registry(3, "keyrotd_registry_state", ",state=\"current\""));
	assert_int_equal(count("\n# TYPE keyrotd_registry_state "), 1);
}

static void a_certificate_is_told_once(void **state)
{
	struct credential other = { .name = (char *)(uintptr_t) "default" };
	struct metrics_certificate c[2] = { { &other, RIG_NOW },
					    { NULL, RIG_NOW + DAY } };

	(void)state;
	rig_tick(&g);
	assert_true(rig_until(&g, CALL_KEY, MINUTE) || true);
	/* One that nobody asks with. */
	outside.certificates = c;
	outside.n_certificates = 1;
	tell(1000, EXPOSITION_PROMETHEUS);
	assert_null(strstr(buf_str(&all), "certificate_expiry"));
}

#define MANY (METRICS_ZEROS_MAX + 1)

/* So many that a series for each state would be too much; in small parts. */
static void of_many_one_state_each(void **state)
{
	struct metrics_cursor c = { 0 };
	struct instant now = { RIG_BOOT, RIG_NOW };
	unsigned n = 0, parts = 0;
	struct engine *e;
	struct buf part;
	bool more = true;

	(void)state;
	buf_printf(&all, "watch \"" RIG_KEY "\" { registries = { ");
	for (int i = 0; i < MANY; i++)
		buf_printf(
			&all,
			"%s\"/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/prod/providers/Microsoft.ContainerRegistry/registries/many%d\"",
			i ? ", " : "", i);
	assert_true(buf_printf(&all, " } }\n"));
	e = engine_new(rig_parse(buf_str(&all)), 1, 0, now);
	while (more) {
		buf_init(&part, METRICS_PART_MAX);
		more = metrics_part(e, &outside, &c, METRICS_ROWS,
				    EXPOSITION_PROMETHEUS, &part);
		for (const char *at = buf_str(&part);
		     (at = strstr(at, "keyrotd_registry_state{")); at++)
			n++;
		assert_in_range(part.len, 0, 128 << 10);
		buf_free(&part);
		parts++;
	}
	metrics_end(&c);
	engine_free(e);
	assert_int_equal(n, MANY);
	assert_true(parts > 2 * MANY / METRICS_ROWS);
}

/* The table and the manual page have the same names. */
static void the_manual_names_each(void **state)
{
	const char *here = __FILE__, *end = strstr(here, "tests/unit/");
	char *path =
		text_printf("%.*sman/io.keyrotd.7", (int)(end - here), here);
	char *manual = text_alloc(1 << 18, 1), *item;
	unsigned items = 0;
	FILE *f = fopen(path, "r");

	(void)state;
	assert_non_null(f);
	assert_true(fread(manual, 1, (1 << 18) - 1, f) > 0);
	fclose(f);
	free(path);
	recorded(7);
	rig_run(&g, 10 * MINUTE);
	/* What is to be seen only now and then. */
	buf_puts(&all, "");
	tell(1000, EXPOSITION_PROMETHEUS);
	for (const char *at = buf_str(&all); (at = strstr(at, "# TYPE keyr"));
	     at++) {
		item = text_printf("\n.It Va %.*s\n", (int)strcspn(at + 7, " "),
				   at + 7);
		if (!strstr(manual, item))
			fail_msg("io.keyrotd(7) lacks %s", item);
		free(item);
	}
	for (const char *at = manual; (at = strstr(at, "\n.It Va keyrotd_"));
	     at++)
		items++;
	/* A certificate, an expiry, a deadline, a warning, the three of rules,
	 * the three of queues and the five of leases are not there. */
	assert_int_equal(items, count("# TYPE keyr") + 15);
	free(manual);
}

#define T(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_is_made_up),	    T(all_is_well),
		T(a_move_is_told),	    T(late_is_negative),
		T(requests_are_counted),    T(parts_make_one_text),
		T(each_family_stands_once), T(what_is_gone_is_not_told),
		T(a_reload_between_parts),  T(a_certificate_is_told_once),
		T(of_many_one_state_each),  T(the_manual_names_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
