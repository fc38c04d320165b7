/*
 * Which columns the tables have, and how a registry, a key or a version
 * fills a row of each.
 */
#include "ctl/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/words.h"

#define KEY_WORDS_MAX 192

const char *const rows_status_registry_heads[] = { "REGISTRY", "STATE",
						   "MODE",     "VERSION",
						   "VERIFIED", "DEADLINE",
						   "REASON",   NULL };
const char *const rows_status_key_heads[] = { "KEY",	"NEWEST", "EFFECTIVE",
					      "USABLE", "POLLED", "PROBLEM",
					      NULL };
const char *const rows_registry_heads[] = { "REGISTRY", "STATE",    "MODE",
					    "VERSION",	"KEY",	    "VERIFIED",
					    "DEADLINE", "NEXT TRY", "ID",
					    NULL };
const char *const rows_key_heads[] = {
	"KEY",	     "NEWEST VERSION", "USABLE",  "EFFECTIVE", "POLLED",
	"NEXT POLL", "READ VIA",       "PROBLEM", NULL
};
const char *const rows_version_heads[] = { "VERSION", "VERDICT",    "SINCE",
					   "UNTIL",   "REGISTRIES", "REASON",
					   NULL };

static void add_when(struct table *t, const struct json *object,
		     const char *name, int64_t now)
{
	char text[WORDS_MAX];

	words_when(text, sizeof(text), json_get_str(object, name), now);
	table_add(t, text);
}

static const char *alarm_of(const struct json *r)
{
	return json_get_str(r, "alarm");
}

static void add_state(struct table *t, const struct json *r)
{
	const char *state = json_get_str(r, "state");

	table_paint(t, alarm_of(r) ? OUT_RED : words_colour(state), state);
}

static void add_move(struct table *t, const struct json *r)
{
	char text[WORDS_MAX];

	words_move(text, sizeof(text), json_get_str(r, "version_in_use"),
		   json_get_str(r, "version_wanted"));
	table_add(t, text);
}

static bool is_current(const struct json *r)
{
	const char *state = json_get_str(r, "state");

	return state && !strcmp(state, "current");
}

/* The version in use is not the wanted one.  Once it is, its deadline was
 * met, whatever keeps the registry from being current: it is paused, or not
 * reachable now.  What was not read is late only where the daemon says so. */
static bool behind(const struct json *r)
{
	const char *in_use = json_get_str(r, "version_in_use");
	const char *wanted = json_get_str(r, "version_wanted");
	const char *state = json_get_str(r, "state");

	if (is_current(r))
		return false;
	return in_use && wanted ? !text_same(in_use, wanted)
				: state && !strcmp(state, "overdue");
}

/* A deadline that was met is of no interest any more. */
static void add_deadline(struct table *t, const struct json *r, int64_t now)
{
	const char *deadline = json_get_str(r, "deadline");
	char text[WORDS_MAX];

	words_deadline(text, sizeof(text), behind(r) ? deadline : NULL, now);
	table_paint(t, strstr(text, " late") ? OUT_RED : OUT_PLAIN, text);
}

static void add_key(struct table *t, const struct json *object)
{
	const char *key = json_get_str(object, "key");
	char text[KEY_WORDS_MAX];

	words_key(text, sizeof(text), key ? key : "");
	table_add(t, text);
}

static void add_usable(struct table *t, const struct json *key)
{
	bool usable;

	if (!json_bool(json_get(key, "usable"), &usable) ||
	    !json_get_str(key, "newest_version"))
		table_add(t, NULL);
	else
		table_paint(t, usable ? OUT_PLAIN : OUT_RED,
			    usable ? "yes" : "no");
}

/* What keeps the polling from working, else what is wrong with the version. */
static void add_problem(struct table *t, const struct json *key)
{
	const char *error = json_get_str(key, "error");

	const char *reason = json_get_str(key, "reason");

	if (!reason)
		reason = json_get_str(key, "advice");
	table_add(t, error ? error : reason);
}

/* What endangers it comes first, for the column may be cut. */
static void add_reason(struct table *t, const struct json *r)
{
	const char *reason = is_current(r) ? NULL : json_get_str(r, "reason");
	const char *alarm = alarm_of(r);
	char *both;

	/* What can be done about one that is well. */
	if (is_current(r) && !alarm) {
		table_add(t, json_get_str(r, "advice"));
		return;
	}

	if (!alarm || !reason) {
		table_add(t, alarm ? alarm : reason);
		return;
	}
	both = text_printf("%s Besides: %s", alarm, reason);
	table_add(t, both);
	free(both);
}

/* Whoever needs somebody comes first. */
static int rank_of(const struct json *r)
{
	static const char *const states[] = {
		"overdue", "",	     "blocked",	 "unreachable", "held",
		"unknown", "paused", "rotating", "verifying",	"current",
	};
	const char *state = json_get_str(r, "state");
	int n = (int)(sizeof(states) / sizeof(states[0])), i = 0;

	while (i < n && !(state && !strcmp(state, states[i])))
		i++;
	return alarm_of(r) && i > 1 ? 1 : i;
}

void rows_status_registry(struct table *t, const struct json *r, int64_t now)
{
	table_rank(t, rank_of(r));
	table_add(t, words_registry(json_get_str(r, "id")));
	add_state(t, r);
	table_add(t, json_get_str(r, "mode"));
	add_move(t, r);
	add_when(t, r, "verified_at", now);
	add_deadline(t, r, now);
	add_reason(t, r);
}

void rows_status_key(struct table *t, const struct json *key, int64_t now)
{
	char version[WORDS_MAX];

	words_version(version, sizeof(version),
		      json_get_str(key, "newest_version"));
	add_key(t, key);
	table_add(t, version);
	add_when(t, key, "effective", now);
	add_usable(t, key);
	add_when(t, key, "last_polled", now);
	add_problem(t, key);
}

void rows_registry(struct table *t, const struct json *r, int64_t now)
{
	table_add(t, words_registry(json_get_str(r, "id")));
	add_state(t, r);
	table_add(t, json_get_str(r, "mode"));
	add_move(t, r);
	add_key(t, r);
	add_when(t, r, "verified_at", now);
	add_deadline(t, r, now);
	add_when(t, r, "next_attempt", now);
	table_add(t, json_get_str(r, "id"));
}

void rows_key(struct table *t, const struct json *key, int64_t now)
{
	table_add(t, json_get_str(key, "key"));
	table_add(t, json_get_str(key, "newest_version"));
	add_usable(t, key);
	add_when(t, key, "effective", now);
	add_when(t, key, "last_polled", now);
	add_when(t, key, "next_poll", now);
	table_add(t, json_get_str(key, "read_via"));
	add_problem(t, key);
}

void rows_version(struct table *t, const struct json *version, int64_t now)
{
	const char *verdict = json_get_str(version, "verdict");
	char count[WORDS_MAX] = "";
	int64_t n;

	if (json_int(json_get(version, "registries"), &n))
		snprintf(count, sizeof(count), "%" PRId64, n);
	table_add(t, json_get_str(version, "version"));
	table_paint(t, words_colour(verdict), verdict);
	add_when(t, version, "since", now);
	add_when(t, version, "until", now);
	table_add(t, count);
	table_add(t, json_get_str(version, "reason"));
}
