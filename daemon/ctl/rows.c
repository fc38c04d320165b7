/*
 * Which columns the tables have, and how a registry or a key fills a row of
 * each.
 */
#include "ctl/rows.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "azure/resid.h"
#include "base/text.h"
#include "ctl/labels.h"
#include "ctl/words.h"

#define KEY_WORDS_MAX 192
#define RANK_MAX 1000

/* The cells of a registry's row, in the order of both lists of columns. */
const struct table_column rows_status_columns[] = {
	{ "REGISTRY", TABLE_KEEP },
	{ "STATE", TABLE_KEEP },
	{ "MODE", 3 },
	{ "VERSION", TABLE_KEEP },
	{ "KEY", TABLE_EXTRA },
	{ "VERIFIED", 2 },
	{ "DEADLINE", 1 },
	{ "NEXT", TABLE_EXTRA },
	{ "GROUP", TABLE_EXTRA },
	{ "SUBSCRIPTION", TABLE_EXTRA },
	{ "ID", TABLE_EXTRA },
	{ "REASON", TABLE_NOTE },
	{ NULL, 0 },
};
const struct table_column rows_registry_columns[] = {
	{ "REGISTRY", TABLE_KEEP },
	{ "STATE", TABLE_KEEP },
	{ "MODE", 4 },
	{ "VERSION", TABLE_KEEP },
	{ "KEY", 3 },
	{ "VERIFIED", 2 },
	{ "DEADLINE", 1 },
	{ "NEXT", 5 },
	{ "GROUP", TABLE_EXTRA },
	{ "SUBSCRIPTION", TABLE_EXTRA },
	{ "ID", TABLE_NOTE },
	{ "REASON", TABLE_EXTRA },
	{ NULL, 0 },
};
const struct table_column rows_status_key_columns[] = {
	{ "KEY", TABLE_KEEP }, { "NEWEST", TABLE_KEEP },
	{ "EFFECTIVE", 2 },    { "USABLE", TABLE_KEEP },
	{ "POLLED", 1 },       { "PROBLEM", TABLE_NOTE },
	{ NULL, 0 },
};
const struct table_column rows_key_columns[] = {
	{ "KEY", TABLE_KEEP },
	{ "NEWEST", TABLE_KEEP },
	{ "USABLE", TABLE_KEEP },
	{ "EFFECTIVE", 2 },
	{ "POLLED", 1 },
	{ "NEXT", 3 },
	{ "VIA", 4 },
	{ "STATE", TABLE_EXTRA },
	{ "VAULT", TABLE_EXTRA },
	{ "PROBLEM", TABLE_NOTE },
	{ NULL, 0 },
};

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
	    !json_get_str(key, "last_polled"))
		table_paint(t, OUT_YELLOW, "?");
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

	if (!alarm || !reason || words_same_fault(reason, alarm)) {
		table_add(t, alarm ? alarm : reason);
		return;
	}
	both = text_printf("%s Besides: %s", alarm, reason);
	table_add(t, both);
	free(both);
}

/* Whoever needs somebody comes first; an older daemon does not tell how
 * much. */
static int rank_of(const struct json *r)
{
	static const char *const states[] = {
		"overdue", "",	     "blocked",	 "unreachable", "held",
		"unknown", "paused", "rotating", "verifying",	"current",
	};
	const char *state = json_get_str(r, "state");
	int n = (int)(sizeof(states) / sizeof(states[0])), i = 0;
	int64_t harm;

	if (json_int(json_get(r, "harm"), &harm) && harm > 0)
		return harm < RANK_MAX ? -(int)harm : -RANK_MAX;
	while (i < n && !(state && !strcmp(state, states[i])))
		i++;
	return alarm_of(r) && i > 1 ? 1 : i;
}

/* Where times are sorted, what is not known comes last. */
static int64_t time_of(const struct json *r, const char *name)
{
	const char *text = json_get_str(r, name);
	int64_t ms = text ? text_parse_rfc3339(text) : -1;

	return ms < 0 ? INT64_MAX : ms;
}

/* ... but first where it is looked for what has waited for longest. */
static int64_t longest_ago(const struct json *object, const char *name)
{
	return json_get_str(object, name) ? time_of(object, name) : 0;
}

void rows_begin(struct table *t, const struct json *r, enum rows_sort by)
{
	const char *id = json_get_str(r, "id");
	int64_t deadline = behind(r) ? time_of(r, "deadline") : INT64_MAX;

	if (by == ROWS_BY_HARM)
		table_begin(t, rank_of(r), deadline, id);
	else if (by == ROWS_BY_DEADLINE)
		table_begin(t, 0, deadline, id);
	else if (by == ROWS_BY_VERIFIED)
		table_begin(t, 0, longest_ago(r, "verified_at"), id);
	else
		table_begin(t, 0, 0, id);
}

struct named {
	const char *label;
	size_t row;
};

static int by_label(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int c = strcasecmp(x->label, y->label);

	return c ? c : (x->row > y->row) - (x->row < y->row);
}

/* Labels: what their last segments are is what the rows are called. */
static void sort_by_name(struct table *t, char *const *labels, size_t n)
{
	struct named *all = text_alloc(n + 1, sizeof(*all));

	for (size_t i = 0; i < n; i++)
		all[i] = (struct named){ words_registry(labels[i]), i };
	qsort(all, n, sizeof(*all), by_label);
	for (size_t i = 0; i < n; i++)
		table_place(t, all[i].row, (int64_t)i);
	free(all);
}

void rows_finish(struct table *t, enum rows_sort by)
{
	size_t n = table_rows(t);
	const char **ids = text_alloc(n + 1, sizeof(*ids));
	char **labels = text_alloc(n + 1, sizeof(*labels));

	for (size_t i = 0; i < n; i++)
		ids[i] = table_id(t, i);
	labels_make(ids, labels, n);
	if (by == ROWS_BY_NAME)
		sort_by_name(t, labels, n);
	for (size_t i = 0; i < n; i++) {
		table_rename(t, i, labels[i]);
		free(labels[i]);
	}
	free(labels);
	free(ids);
}

static void add_place(struct table *t, const char *id)
{
	struct resid r;
	struct fault f;
	char *group;

	if (!id || !resid_parse(&r, id, &f)) {
		table_add(t, NULL);
		table_add(t, NULL);
		return;
	}
	group = text_printf("%.*s", (int)r.group_len, r.group);
	table_add(t, group);
	table_add(t, r.subscription);
	free(group);
}

void rows_registry(struct table *t, const struct json *r, int64_t now)
{
	const char *id = json_get_str(r, "id");

	table_add(t, words_registry(id));
	add_state(t, r);
	table_add(t, json_get_str(r, "mode"));
	add_move(t, r);
	add_key(t, r);
	add_when(t, r, "verified_at", now);
	add_deadline(t, r, now);
	add_when(t, r, "next_attempt", now);
	add_place(t, id);
	table_add(t, id);
	add_reason(t, r);
}

/* Keys that need somebody come first. */
static int rank_of_key(const struct json *key)
{
	bool usable = true;

	json_bool(json_get(key, "usable"), &usable);
	if (json_get_str(key, "error"))
		return 0;
	return usable ? 2 : 1;
}

void rows_begin_key(struct table *t, const struct json *key, enum rows_sort by)
{
	const char *id = json_get_str(key, "key");

	if (by == ROWS_BY_HARM)
		table_begin(t, rank_of_key(key), 0, id);
	else if (by == ROWS_BY_EFFECTIVE)
		table_begin(t, 0, time_of(key, "effective"), id);
	else if (by == ROWS_BY_POLLED)
		table_begin(t, 0, longest_ago(key, "last_polled"), id);
	else if (by == ROWS_BY_NEXT)
		table_begin(t, 0, time_of(key, "next_poll"), id);
	else
		table_begin(t, 0, 0, id);
}

void rows_finish_keys(struct table *t, enum rows_sort by)
{
	size_t n = table_rows(t);
	char name[KEY_WORDS_MAX], **labels;

	if (by != ROWS_BY_NAME)
		return;
	labels = text_alloc(n + 1, sizeof(*labels));
	for (size_t i = 0; i < n; i++) {
		words_key(name, sizeof(name), table_id(t, i));
		labels[i] = text_dup(name);
	}
	sort_by_name(t, labels, n);
	for (size_t i = 0; i < n; i++)
		free(labels[i]);
	free(labels);
}

/* Of what is no identifier there is none. */
static void add_vault(struct table *t, const struct json *key)
{
	const char *id = json_get_str(key, "key");
	char text[KEY_WORDS_MAX];

	words_key(text, sizeof(text), id ? id : "");
	text[strcspn(text, "/:")] = '\0';
	table_add(t, id && strncmp(text, id, strlen(text)) ? text : NULL);
}

void rows_status_key(struct table *t, const struct json *key, int64_t now)
{
	char version[WORDS_MAX];

	rows_begin_key(t, key, ROWS_BY_HARM);
	words_version(version, sizeof(version),
		      json_get_str(key, "newest_version"));
	add_key(t, key);
	table_add(t, version);
	add_when(t, key, "effective", now);
	add_usable(t, key);
	add_when(t, key, "last_polled", now);
	add_problem(t, key);
}

void rows_key(struct table *t, const struct json *key, int64_t now)
{
	const char *state = json_get_str(key, "state");

	table_add(t, json_get_str(key, "key"));
	table_add(t, json_get_str(key, "newest_version"));
	add_usable(t, key);
	add_when(t, key, "effective", now);
	add_when(t, key, "last_polled", now);
	add_when(t, key, "next_poll", now);
	table_add(t, json_get_str(key, "read_via"));
	table_paint(t, words_colour(state), state);
	add_vault(t, key);
	add_problem(t, key);
}
