/* journal: each kind of note has a MESSAGE_ID, and no line an empty field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "journal.h"

#define FIELDS_MAX 20

static char names[FIELDS_MAX][64], values[FIELDS_MAX][256];
static size_t n_fields;
static int loud;

static void keep(int level, const char *text, const struct log_field *fields,
		 void *arg)
{
	(void)text;
	(void)arg;
	loud = level;
	for (n_fields = 0; fields && fields->name; fields++, n_fields++) {
		assert_true(n_fields < FIELDS_MAX);
		text_copy(names[n_fields], sizeof(names[0]), fields->name);
		text_copy(values[n_fields], sizeof(values[0]), fields->value);
		assert_int_not_equal(values[n_fields][0], '\0');
	}
}

static const char *value(const char *name)
{
	for (size_t i = 0; i < n_fields; i++)
		if (!strcmp(names[i], name))
			return values[i];
	return "absent";
}

static int start(void **state)
{
	(void)state;
	log_init(LOG_LEVEL_DEBUG, false);
	log_sink_set(keep, NULL);
	return 0;
}

static void each_kind_has_its_id(void **state)
{
	char seen[NOTE_HELLO][33];
	struct note n = { .effective = -1 };

	(void)state;
	for (int i = 0; i < NOTE_HELLO; i++) {
		n.kind = (enum note_kind)i;
		snprintf(n.text, sizeof(n.text), "Note %d.", i);
		journal_note(&n, NULL);
		assert_int_equal(n_fields, 2);
		assert_string_equal(value("KEYROTD_EVENT"),
				    note_kind_str(n.kind));
		text_copy(seen[i], sizeof(seen[i]), value("MESSAGE_ID"));
		assert_int_equal(strspn(seen[i], "0123456789abcdef"), 32);
		assert_in_range(loud, LOG_LEVEL_ERROR, LOG_LEVEL_INFO);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(seen[i], seen[j]);
	}
}

static void what_applies_is_there(void **state)
{
	char key[] = "https://v.vault.azure.net/keys/k", registry[] = "/r";
	struct note n = {
		.kind = NOTE_VERIFIED,
		.key = key,
		.registry = registry,
		.version = "22222222222222222222222222222222",
		.previous = "11111111111111111111111111111111",
		.effective = 0,
		.window_ms = 3600000,
		.text = "Verified.",
	};

	(void)state;
	journal_note(&n, "33333333-3333-3333-3333-333333333333");
	assert_int_equal(n_fields, 8);
	assert_int_equal(loud, LOG_LEVEL_NOTICE);
	assert_string_equal(value("KEYROTD_KEY"), key);
	assert_string_equal(value("KEYROTD_REGISTRY"), registry);
	assert_string_equal(value("KEYROTD_VERSION"), n.version);
	assert_string_equal(value("KEYROTD_PREVIOUS_VERSION"), n.previous);
	assert_string_equal(value("KEYROTD_DEADLINE"), "1970-01-01T01:00:00Z");
	assert_string_equal(value("KEYROTD_REQUEST_ID"),
			    "33333333-3333-3333-3333-333333333333");
	assert_string_equal(value("KEYROTD_LEASE"), "absent");
	assert_string_equal(value("KEYROTD_ROLE"), "absent");
	/* It is under a lease: all there is at once. */
	text_copy(n.lease, sizeof(n.lease), "fleet");
	n.role = "leader";
	journal_note(&n, "33333333-3333-3333-3333-333333333333");
	assert_int_equal(n_fields, 10);
	assert_string_equal(value("KEYROTD_LEASE"), "fleet");
	assert_string_equal(value("KEYROTD_ROLE"), "leader");
	/* A person names the version: there is no window. */
	n.window_ms = 0;
	journal_note(&n, "");
	assert_string_equal(value("KEYROTD_DEADLINE"), "absent");
	assert_string_equal(value("KEYROTD_REQUEST_ID"), "absent");
}

static void a_refused_file_has_its_id(void **state)
{
	(void)state;
	journal_refused("keyrotd.conf:1: wrong");
	assert_int_equal(loud, LOG_LEVEL_ERROR);
	assert_string_equal(value("KEYROTD_EVENT"), "configuration-refused");
	assert_int_equal(strlen(value("MESSAGE_ID")), 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_kind_has_its_id, start),
		cmocka_unit_test_setup(what_applies_is_there, start),
		cmocka_unit_test_setup(a_refused_file_has_its_id, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
