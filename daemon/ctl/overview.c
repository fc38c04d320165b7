/*
 * One screen that tells how things stand: the summary, how far a rotation is,
 * and what needs attention before what does not.
 */
#include "ctl/overview.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/lease_line.h"
#include "ctl/lists.h"
#include "ctl/person.h"
#include "ctl/rows.h"
#include "ctl/words.h"
#include "ctl/wrap.h"

#define BAR_MAX 40
#define BAR_ENDS 3 /* its brackets, and a blank */
#define BAR_WORDS_MAX (3 * WORDS_MAX)
#define PERSON_MAX 320
#define KEYS_LEAST 4
#define REGISTRIES_LEAST 4
#define RULES_SHOWN 4 /* of those that stand well */

static void free_rules(struct overview *v)
{
	for (size_t i = 0; i < v->n_rules; i++)
		free(v->rules[i]);
	free(v->rules);
	v->rules = NULL;
	v->n_rules = 0;
}

static void free_leases(struct overview *v)
{
	for (size_t i = 0; i < v->n_leases; i++)
		free(v->leases[i]);
	free(v->leases);
	v->leases = NULL;
	v->n_leases = 0;
}

static void take_leases(struct overview *v, const struct json *summary)
{
	const struct json *all = json_get(summary, "leases"), *l;

	free_leases(v);
	if (json_type(all) != JSON_ARRAY)
		return;
	v->leases = text_alloc(json_count(all) + 1, sizeof(*v->leases));
	for (l = json_first(all); l; l = json_next(l))
		v->leases[v->n_leases++] = lease_line(l, v->now);
}

static void free_queues(struct overview *v)
{
	for (size_t i = 0; i < v->n_queues; i++)
		free(v->queues[i]);
	free(v->queues);
	v->queues = NULL;
	v->n_queues = 0;
}

static void free_heading(struct overview *v)
{
	free(v->state);
	free(v->reason);
	free(v->paused_until);
	free(v->paused_by);
	free(v->pause_reason);
	free(v->forecast);
	free(v->mistake);
	free(v->deadline);
	while (v->n_hints)
		free(v->hints[--v->n_hints]);
}

static void take_hints(struct overview *v, const struct json *hints)
{
	for (const struct json *h = json_first(hints); h; h = json_next(h))
		if (v->n_hints < OVERVIEW_HINTS && json_get_str(h, "text"))
			v->hints[v->n_hints++] =
				text_dup(json_get_str(h, "text"));
}

static void take_rotation(struct overview *v, const struct json *summary)
{
	const struct json *r = json_get(summary, "rotation");

	v->deadline = text_dup(json_get_str(r, "deadline"));
	v->moved = v->of = 0;
	if (!json_int(json_get(r, "moved"), &v->moved) ||
	    !json_int(json_get(r, "of"), &v->of) || v->moved < 0 ||
	    v->moved > v->of)
		v->of = 0;
}

/* One that stands well is a line; what is wrong with another is said. */
static char *rule_line(const struct json *r)
{
	const char *name = json_get_str(r, "rule");
	const char *error = json_get_str(r, "error");
	const char *nobody = json_get_str(r, "nobody");
	int64_t n = 0, most = 0, beyond = 0;

	json_int(json_get(r, "registries"), &n);
	json_int(json_get(r, "max_registries"), &most);
	json_int(json_get(r, "beyond"), &beyond);
	if (error)
		return text_printf(
			"Rule \"%s\" watches %" PRId64
			" %s, and finds no others: its list is not read. %s",
			name ? name : "?", n,
			n == 1 ? "registry" : "registries", error);
	if (beyond > 0)
		return text_printf(
			"Rule \"%s\" watches %" PRId64 " %s; %" PRId64
			" more match and are not watched: raise "
			"max-registries, which is %" PRId64
			", or narrow the rule.",
			name ? name : "?", n,
			n == 1 ? "registry" : "registries", beyond, most);
	if (nobody)
		return text_printf("Rule \"%s\" watches nobody. %s",
				   name ? name : "?", nobody);
	return text_printf(
		"Rule \"%s\" watches %" PRId64 " %s.%s", name ? name : "?", n,
		n == 1 ? "registry" : "registries",
		json_get_str(r, "listed") ? "" : " Its list has yet to come.");
}

static bool is_amiss(const struct json *r)
{
	int64_t beyond = 0;

	json_int(json_get(r, "beyond"), &beyond);
	return beyond > 0 || json_get_str(r, "error") ||
	       json_get_str(r, "nobody") || !json_get_str(r, "listed");
}

static void take_rules(struct overview *v, const struct json *summary)
{
	const struct json *all = json_get(summary, "rules"), *r;
	size_t well = 0;

	free_rules(v);
	if (json_type(all) != JSON_ARRAY)
		return;
	v->rules = text_alloc(json_count(all) + 1, sizeof(*v->rules));
	for (r = json_first(all); r; r = json_next(r)) {
		if (json_count(all) <= RULES_SHOWN || is_amiss(r))
			v->rules[v->n_rules++] = rule_line(r);
		else
			well++;
	}
	if (well)
		v->rules[v->n_rules++] =
			text_printf("%zu other rules stand well.", well);
}

/* One that is not for this daemon has brought it nothing, which is no news. */
static char *queue_line(const struct json *q, bool standby, int64_t now)
{
	const char *name = json_get_str(q, "name");
	const char *state = json_get_str(q, "state");
	const char *error = json_get_str(q, "error");
	const char *last = json_get_str(q, "last_message");
	char when[WORDS_MAX];
	int64_t n = 0;

	json_int(json_get(q, "taken"), &n);
	name = name ? name : "?";
	if (state && !strcmp(state, "idle"))
		return text_printf("Events \"%s\" %s.", name,
				   standby ? "are for the daemon that leads"
					   : "are not read in a dry run");
	if (error)
		return text_printf("Events \"%s\" bring no hints: %s", name,
				   error);
	if (!last)
		return text_printf("Events \"%s\" have brought nothing yet.",
				   name);
	words_when(when, sizeof(when), last, now);
	return text_printf("Events \"%s\" have brought %" PRId64
			   " %s, the last one %s.",
			   name, n, n == 1 ? "message" : "messages", when);
}

static void take_queues(struct overview *v, const struct json *summary)
{
	const struct json *all = json_get(summary, "event_queues"), *q;
	const char *role = json_get_str(summary, "role");
	bool standby = role && !strcmp(role, "standby");

	free_queues(v);
	if (json_type(all) != JSON_ARRAY)
		return;
	v->queues = text_alloc(json_count(all) + 1, sizeof(*v->queues));
	for (q = json_first(all); q; q = json_next(q))
		v->queues[v->n_queues++] = queue_line(q, standby, v->now);
}

static enum client_next take_heading(const struct json *summary, void *arg)
{
	struct overview *v = arg;
	const char *state = json_get_str(summary, "state");
	const char *now = json_get_str(summary, "now");
	const char *reason = json_get_str(summary, "reason");

	if (!state || !reason)
		return CLIENT_BAD;
	free_heading(v);
	v->state = text_dup(state);
	v->reason = text_dup(reason);
	v->paused_until = text_dup(json_get_str(summary, "paused_until"));
	v->paused_by = text_dup(json_get_str(summary, "paused_by"));
	v->pause_reason = text_dup(json_get_str(summary, "pause_reason"));
	v->forecast =
		text_dup(json_get_str(json_get(summary, "forecast"), "text"));
	v->mistake = text_dup(json_get_str(summary, "configuration_error"));
	v->changed = false;
	json_bool(json_get(summary, "configuration_changed"), &v->changed);
	take_hints(v, json_get(summary, "hints"));
	take_rotation(v, summary);
	take_rules(v, summary);
	json_bool(json_get(summary, "dry_run"), &v->dry_run);
	/* The daemon corrects its clock by Azure's; ages are told by it. */
	if (now && text_parse_rfc3339(now) >= 0)
		v->now = text_parse_rfc3339(now);
	take_leases(v, summary);
	take_queues(v, summary);
	return CLIENT_GO_ON;
}

static void take_registry(const struct json *r, int64_t now, void *arg)
{
	struct overview *v = arg;
	const char *state = json_get_str(r, "state");

	rows_begin(&v->registries, r, ROWS_BY_HARM);
	rows_registry(&v->registries, r, now < 0 ? v->now : now);
	v->amiss += !state || strcmp(state, "current") != 0 ||
		    json_get_str(r, "alarm");
}

static void take_key(const struct json *key, int64_t now, void *arg)
{
	struct overview *v = arg;

	rows_status_key(&v->keys, key, now < 0 ? v->now : now);
}

bool overview_take(struct overview *v, struct client *c, int64_t now_ms,
		   struct fault *f)
{
	*v = (struct overview){ .now = now_ms };
	table_init(&v->registries, rows_status_columns);
	table_init(&v->keys, rows_status_key_columns);
	if (!client_call(c, "io.keyrotd.Status.Summary", NULL, false,
			 take_heading, v, f) ||
	    !lists_registries(c, take_registry, v, f) ||
	    !lists_keys(c, take_key, v, f))
		return false;
	rows_finish(&v->registries, ROWS_BY_HARM);
	return true;
}

void overview_free(struct overview *v)
{
	free_heading(v);
	free_rules(v);
	free_leases(v);
	free_queues(v);
	table_free(&v->registries);
	table_free(&v->keys);
}

/* ---- printing ---- */

/* "[######----] 12 of 20 moved; nearest deadline in 42 min" */
static void print_rotation(const struct overview *v, struct out *o)
{
	char bar[BAR_MAX + 1], left[WORDS_MAX], words[BAR_WORDS_MAX];
	size_t room, full;

	if (!v->of)
		return;
	words_deadline(left, sizeof(left), v->deadline, v->now);
	snprintf(words, sizeof(words), "%" PRId64 " of %" PRId64 " moved%s%s",
		 v->moved, v->of, left[0] ? "; nearest deadline " : "", left);
	room = wrap_room(o, out_columns(words) + BAR_ENDS);
	room = room > BAR_MAX ? BAR_MAX : room;
	full = (size_t)((double)v->moved / (double)v->of * (double)room);
	memset(bar, '#', full);
	memset(bar + full, '-', room - full);
	bar[room] = '\0';
	out_text(o, OUT_PLAIN, "[");
	out_text(o, OUT_GREEN, bar);
	out_text(o, OUT_PLAIN, "] ");
	wrap_text(o, OUT_PLAIN, room + BAR_ENDS, 2, words);
}

static void print_heading(const struct overview *v, struct out *o)
{
	char when[WORDS_MAX], who[PERSON_MAX] = "";
	size_t at = out_columns(v->state) + 2;

	out_text(o, words_colour(v->state), v->state);
	out_text(o, OUT_PLAIN, ": ");
	wrap_text(o, OUT_PLAIN, at, 2, v->reason);
	print_rotation(v, o);
	if (v->forecast)
		wrap_line(o, 0, 2, "Forecast: %s", v->forecast);
	else if (v->of)
		out_line(o, "Forecast: all are expected in time.");
	for (size_t i = 0; i < v->n_leases; i++)
		wrap_line(o, 0, 2, "%s", v->leases[i]);
	for (size_t i = 0; i < v->n_rules; i++)
		wrap_line(o, 0, 2, "%s", v->rules[i]);
	for (size_t i = 0; i < v->n_queues; i++)
		wrap_line(o, 0, 2, "%s", v->queues[i]);
	if (v->mistake)
		wrap_line(o, 0, 2,
			  "The configuration on disk is not the one in force, "
			  "and a restart would fail: %s",
			  v->mistake);
	else if (v->changed)
		wrap_line(o, 0, 2,
			  "The configuration on disk has changed since it was "
			  "read: `keyrotctl reload` takes it over.");
	for (size_t i = 0; i < v->n_hints; i++)
		wrap_line(o, 0, 2, "Note: %s", v->hints[i]);
	if (v->dry_run)
		wrap_line(o, 0, 2,
			  "This is a dry run: nothing is written to Azure.");
	if (v->paused_until) {
		words_when(when, sizeof(when), v->paused_until, v->now);
		if (v->paused_by)
			person_name(who, sizeof(who), v->paused_by);
		wrap_line(o, 0, 2,
			  "Paused until %s (%s)%s%s%s%s: no registry is "
			  "written.",
			  v->paused_until, when, who[0] ? " by " : "", who,
			  v->pause_reason ? ", because: " : "",
			  v->pause_reason ? v->pause_reason : "");
	}
	out_end(o);
}

static void print_more(const struct overview *v, struct out *o, size_t shown)
{
	size_t all = table_rows(&v->registries);
	const char *which = shown >= v->amiss ? ", all of them current" : "";

	if (shown < all)
		wrap_line(o, 0, 2,
			  "%zu more%s; `keyrotctl registries` lists all.",
			  all - shown, which);
}

/* The keys, into text that the caller frees; *lines of it. */
static char *print_keys(const struct overview *v, const struct out *o,
			size_t *lines, size_t most)
{
	struct out keys = *o;
	char *text = NULL;
	size_t len, all = table_rows(&v->keys), shown;

	keys.file = open_memstream(&text, &len);
	if (!keys.file)
		abort(); /* out of memory, as text.h has it */
	if (all) {
		shown = table_print(&v->keys, &keys, most);
		if (shown < all)
			wrap_line(&keys, 0, 2,
				  "%zu more; `keyrotctl keys` lists all.",
				  all - shown);
	} else {
		out_line(&keys, "No key is watched.");
	}
	fclose(keys.file);
	*lines = keys.lines - o->lines;
	return text;
}

void overview_print(const struct overview *v, struct out *o, size_t lines)
{
	size_t before = o->lines, used, n_keys, room = 0, shown;
	char *keys = print_keys(v, o, &n_keys,
				!lines			 ? 0
				: lines / 4 > KEYS_LEAST ? lines / 4
							 : KEYS_LEAST);

	print_heading(v, o);
	if (table_rows(&v->registries)) {
		/* The blank line and the one that counts the others. */
		used = o->lines - before + n_keys + 2;
		if (lines)
			room = lines > used + REGISTRIES_LEAST
				       ? lines - used
				       : REGISTRIES_LEAST;
		shown = table_print(&v->registries, o, room);
		print_more(v, o, shown);
	} else {
		out_line(o, "No registry is watched.");
	}
	out_end(o);
	out_copy(o, keys, n_keys);
	free(keys);
}
