/* What is known, as JSON for the socket and lines for people.  Read-only. */
#include "engine/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "azure/resid.h"
#include "base/json.h"
#include "base/text.h"
#include "engine/attempt.h"
#include "engine/health.h"
#include "engine/health_pass.h"
#include "engine/key.h"
#include "engine/key_way.h"
#include "engine/lease.h"
#include "engine/report_leases.h"
#include "engine/report_queues.h"
#include "engine/report_rules.h"
#include "engine/retirement.h"
#include "engine/versions.h"

#define ODD_CLOCKS_MAX 10
#define ADVICE_MAX 256

static void add_text(struct json_writer *w, const char *name, const char *s)
{
	json_add_str(w, name, s && s[0] ? s : NULL);
}

/* Boot time as a date on Azure's clock. */
static int64_t date_of(const struct engine *e, int64_t boot)
{
	if (boot == INT64_MAX || boot < 0)
		return -1;
	return model_azure(e) + (boot - model_boot(e));
}

void report_advice(const struct engine *e, const struct watch *w, char *dst,
		   size_t size)
{
	const struct seen_version *s = versions_newer(w), *named;
	enum decide_reason flaw;
	char since[32];

	dst[0] = '\0';
	named = s ? versions_find(w, w->key.version) : NULL;
	/* Newer than one that nobody has seen it is not. */
	if (!named || named->missing ||
	    (named->read_at < 0 && named->v.created < 0))
		return;
	flaw = decide_usable(&s->v, model_azure(e));
	text_time(since, sizeof(since),
		  s->v.created >= 0 ? s->v.created : w->first_seen);
	snprintf(
		dst, size, "a newer version %.8s exists since %s%s%s",
		s->v.version, since,
		flaw == REASON_NONE
			? "; to move, write that version in the watch's title and reload, then use keyrotctl rotate"
			: ", which cannot be moved to: ",
		flaw == REASON_NONE ? "" : decide_reason_str(flaw));
}

/* The registry's own error is what is behind that. */
static bool is_behind(enum decide_reason reason)
{
	switch (reason) {
	case REASON_CURRENT:
	case REASON_OBSERVE:
	case REASON_PAUSED:
	case REASON_DRY_RUN:
	case REASON_KEY_ERROR:
	case REASON_KEY_STALE:
	case REASON_KEY_UNREAD:
	case REASON_STANDBY:
		return false;
	default:
		return true;
	}
}

void report_reason(const struct engine *e, const struct registry *r, char *dst,
		   size_t size)
{
	const struct fault *error = model_error(r);
	const char *more = "", *mute = health_pass_mute_host(e, r);
	char advice[ADVICE_MAX], silence[TRAFFIC_ORIGIN_MAX + 80];
	char leader[FAULT_TEXT_MAX];

	if (r->reason == REASON_FOREIGN_KEY && r->facts.foreign)
		more = r->facts.foreign;
	else if (error && is_behind(r->reason))
		more = error->text;
	else if (r->reason == REASON_KEY_ERROR && r->watch->error)
		more = r->watch->error->text;
	if (r->reason == REASON_STANDBY) {
		lease_say_leader(r->watch->lease, leader, sizeof(leader));
		more = leader;
	}
	if (!more[0] && mute) {
		snprintf(silence, sizeof(silence),
			 "%s has left the last questions without any answer",
			 mute);
		more = silence;
	}
	snprintf(dst, size, "%s%s%s", decide_reason_str(health_reason(r)),
		 more[0] ? ": " : "", more);
	report_advice(e, r->watch, advice, sizeof(advice));
	if (advice[0] && !more[0]) {
		size_t at = strlen(dst);

		snprintf(dst + at, size - at, "; %s", advice);
	}
	if (r->at && resid_moved(r->at, r->id)) {
		size_t at = strlen(dst);

		snprintf(
			dst + at, size - at,
			"; it was moved, correct the configuration: it is %s now",
			r->at);
	}
	if (r->warnings && !more[0])
		for (unsigned i = 0; i < DECIDE_WARNINGS; i++)
			if (r->warnings & (1u << i)) {
				size_t at = strlen(dst);

				snprintf(dst + at, size - at, "; warning: %s",
					 decide_warning_name(i));
			}
}

/* ---- registries ---- */

static void put_warnings(struct json_writer *w, unsigned bits)
{
	json_key(w, "warnings");
	json_open_array(w);
	for (unsigned i = 0; i < DECIDE_WARNINGS; i++)
		if (bits & (1u << i))
			json_put_str(w, decide_warning_name(i));
	json_close_array(w);
}

static const char *wanted(const struct registry *r)
{
	const struct seen_version *s = versions_target(r->watch);

	return s ? s->v.version : NULL;
}

static void put_read(struct json_writer *w, const struct registry *r)
{
	bool read = r->read_at >= 0 && !r->facts.missing;

	add_text(w, "version_in_use", read ? r->facts.in_use : NULL);
	add_text(w, "version_wanted", wanted(r));
	if (read)
		json_add_bool(w, "auto_rotation", r->facts.auto_rotation);
	else
		json_add_null(w, "auto_rotation");
}

static void put_pause(struct json_writer *w, int64_t until,
		      const struct pause *p)
{
	json_add_time(w, "paused_until", until ? until : -1);
	add_text(w, "paused_by", until && p ? p->by : NULL);
	add_text(w, "pause_reason", until && p ? p->reason : NULL);
}

void report_pause(const struct engine *e, struct json_writer *w,
		  const struct registry *r)
{
	int64_t until = model_until(e->pause);

	if (until <= model_azure(e))
		until = 0;
	if (r)
		put_pause(w, model_paused_until(e, r), model_pause(e, r));
	else
		put_pause(w, until, e->pause);
}

void report_still_paused(const struct engine *e, struct json_writer *w,
			 const struct registry *r)
{
	int64_t until = r ? model_paused_until(e, r) : 0;

	json_add_time(w, "still_paused_until", until ? until : -1);
}

void report_registry(const struct engine *e, struct json_writer *w,
		     const struct registry *r)
{
	const struct fault *error = model_error(r);
	char reason[1024], advice[ADVICE_MAX];

	report_reason(e, r, reason, sizeof(reason));
	json_open(w);
	json_add_str(w, "id", r->id);
	json_add_str(w, "key", r->watch->base);
	json_add_str(w, "mode", config_mode_str(model_mode(r)));
	add_text(w, "rule", r->rule ? r->rule->name : NULL);
	json_add_str(w, "state", decide_state_str(r->state));
	json_add_str(w, "reason", reason);
	put_read(w, r);
	json_add_time(w, "deadline", versions_deadline(e, r->watch));
	json_add_time(w, "verified_at", r->verified_at);
	json_add_time(w, "next_attempt", date_of(e, attempt_next(e, r)));
	add_text(w, "last_error", error ? error->text : NULL);
	json_add_time(w, "last_read", r->read_at >= 0 ? r->read_azure : -1);
	report_pause(e, w, r);
	add_text(w, "order", r->order ? r->order->by : NULL);
	add_text(w, "order_outcome", r->ordered);
	if (r->ordered)
		json_add_bool(w, "order_done", r->obeyed);
	else
		json_add_null(w, "order_done");
	put_warnings(w, r->warnings);
	json_add_str(w, "alarm", decide_alarm(r->warnings));
	report_advice(e, r->watch, advice, sizeof(advice));
	add_text(w, "advice", advice);
	json_add_int(w, "harm", decide_harm(r->state, r->warnings));
	report_role(e, w, r->watch);
	json_close(w);
}

bool report_now(const struct engine *e, struct buf *out)
{
	struct json_writer *w = json_writer_new(out, false);

	json_open(w);
	json_add_time(w, "now", model_azure(e));
	json_close(w);
	return json_finish(w);
}

/* An array's elements without its brackets, appended to out. */
static void add_rows(struct buf *out, struct json_writer *w, struct buf *array)
{
	json_close_array(w);
	if (json_finish(w) && array->len > 2)
		buf_add(out, array->data + 1, array->len - 2);
	buf_free(array);
}

bool report_registries(const struct engine *e, char **last, size_t n,
		       struct buf *out)
{
	struct buf array;
	struct json_writer *w;
	size_t i = model_behind_id(e, *last), end = i + n;

	buf_init(&array, REPORT_ROWS_MAX);
	w = json_writer_new(&array, false);
	json_open_array(w);
	if (end > e->n_registries)
		end = e->n_registries;
	for (; i < end; i++)
		report_registry(e, w, e->by_id[i]);
	if (end > 0) {
		free(*last);
		*last = text_dup(e->by_id[end - 1]->id);
	}
	add_rows(out, w, &array);
	return end < e->n_registries;
}

/* ---- keys ---- */

static void put_version(const struct engine *e, struct json_writer *w,
			const struct watch *k, const struct seen_version *s)
{
	int64_t since, until;
	enum retirement_verdict v =
		retirement_of(e, k, s->v.version, &since, &until);

	json_open(w);
	json_add_str(w, "version", s->v.version);
	json_add_str(w, "verdict", retirement_str(v));
	json_add_time(w, "since", since);
	json_add_time(w, "until", until);
	json_add_int(w, "registries", s->in_use + s->strangers);
	json_add_str(w, "reason", retirement_why(e, k, s->v.version));
	json_close(w);
}

static void put_key_reason(const struct engine *e, struct json_writer *w,
			   const struct watch *k)
{
	enum decide_reason r = versions_fault(e, k);

	json_add_bool(w, "usable", r == REASON_NONE);
	add_text(w, "reason", decide_reason_str(r));
}

static void put_max_age(struct json_writer *w, const struct watch *k)
{
	if (k->max_age > 0)
		json_add_int(w, "max_age_s", k->max_age / 1000);
	else
		json_add_null(w, "max_age_s");
}

static void put_key(const struct engine *e, struct json_writer *w,
		    const struct watch *k)
{
	const struct seen_version *s = versions_find(k, k->newest);
	char key[KEYID_TEXT_MAX], advice[ADVICE_MAX];

	keyid_print(&k->key, key, sizeof(key));
	json_open(w);
	json_add_str(w, "key", key);
	json_add_str(w, "state", key_state_str(e, k));
	add_text(w, "newest_version", k->newest);
	json_add_time(w, "effective",
		      s && s->read_at >= 0 ? versions_effective(k, s) : -1);
	put_key_reason(e, w, k);
	json_add_str(w, "read_via", key_way_str(k));
	json_add_time(w, "last_polled", k->polled_azure);
	json_add_time(w, "next_poll", date_of(e, attempt_key(e, k)));
	add_text(w, "error", k->error ? k->error->text : NULL);
	report_advice(e, k, advice, sizeof(advice));
	add_text(w, "advice", advice);
	put_warnings(w, versions_age(e, k));
	put_max_age(w, k);
	add_text(w, "rotation_policy", k->policy.text);
	report_role(e, w, k);
	json_key(w, "versions");
	json_open_array(w);
	for (size_t i = 0; i < k->n_seen; i++)
		put_version(e, w, k, &k->seen[i]);
	json_close_array(w);
	json_close(w);
}

bool report_keys(const struct engine *e, char **last, size_t n, struct buf *out)
{
	struct buf array;
	struct json_writer *w;
	char key[KEYID_TEXT_MAX];
	size_t i = model_behind_key(e, *last);

	buf_init(&array, REPORT_ROWS_MAX);
	w = json_writer_new(&array, false);
	json_open_array(w);
	for (; i < e->n_by_key && n > 0; i++, n--)
		if (!e->by_key[i]->retired)
			put_key(e, w, e->by_key[i]);
	if (i > 0) {
		keyid_print(&e->by_key[i - 1]->key, key, sizeof(key));
		free(*last);
		*last = text_dup(key);
	}
	add_rows(out, w, &array);
	return i < e->n_by_key;
}

/* ---- the whole ---- */

static void put_states(const struct engine *e, struct json_writer *w)
{
	json_key(w, "states");
	json_open(w);
	for (size_t i = 0; i < DECIDE_STATES; i++)
		json_add_int(w, decide_state_str((enum decide_state)i),
			     (int64_t)e->n_state[i]);
	json_close(w);
}

/* What it comes to, a sentence: how long somebody has, or had. */
static void cost_of(const struct engine *e, const struct registry *r, char *dst,
		    size_t size)
{
	int64_t deadline = versions_deadline(e, r->watch);
	const struct lease *l = e->dry_run ? NULL : r->watch->lease;
	char when[32];

	dst[0] = '\0';
	if (deadline < 0 || versions_on_target(r))
		return;
	text_time(when, sizeof(when), deadline);
	/* A pause is this daemon's alone. */
	if (deadline > model_azure(e) && l && r->state == STATE_PAUSED)
		snprintf(
			dst, size,
			" Its window ends at %s, and is missed unless another daemon that shares lease \"%s\" moves it.",
			when, l->name);
	else
		snprintf(
			dst, size,
			deadline > model_azure(e)
				? " Its window ends at %s, and is missed otherwise."
				: " Its window ended at %s.",
			when);
}

/* The first of those that need somebody most; NULL: none needs anybody. */
static const struct registry *find_worst(const struct engine *e)
{
	unsigned harm = DECIDE_HARMS;
	const struct registry *r;

	while (--harm > 0 && e->n_harm[harm] == 0)
		;
	for (size_t i = 0; harm > 0 && i < e->n_registries; i++) {
		r = e->by_id[i];
		if (decide_harm(r->state, r->warnings) == harm)
			return r;
	}
	return NULL;
}

static void put_worst(const struct engine *e, struct json_writer *w)
{
	const struct registry *worst = find_worst(e);
	char reason[1024], text[1800], cost[256];
	const char *slash;
	size_t matches;

	if (!worst) {
		json_add_null(w, "worst");
		return;
	}
	slash = strrchr(worst->id, '/');
	slash = slash && engine_find(e, slash + 1, &matches) == worst
			? slash + 1
			: worst->id;
	report_reason(e, worst, reason, sizeof(reason));
	cost_of(e, worst, cost, sizeof(cost));
	if (decide_is_alarm(worst->state, worst->warnings))
		snprintf(text, sizeof(text), "%s: %s", slash,
			 decide_alarm(worst->warnings));
	else
		snprintf(text, sizeof(text), "%s is %s: %s%s%s", slash,
			 decide_state_str(worst->state), reason,
			 text_stop(reason), cost);
	json_add_str(w, "worst", text);
}

/* Hosts whose dates are not believed; more than these help nobody. */
static void put_clocks(const struct engine *e, struct json_writer *w)
{
	const struct host *h;
	unsigned n = 0;

	json_key(w, "odd_clocks");
	json_open_array(w);
	LIST_FOREACH(h, &e->traffic.hosts.odd, odd_link)
	{
		if (n++ == ODD_CLOCKS_MAX)
			break;
		json_open(w);
		json_add_str(w, "host", h->origin);
		json_add_time(w, "date", h->odd_date);
		json_add_int(w, "count", h->odd);
		json_close(w);
	}
	json_close_array(w);
}

/* null as long as all that is to move is expected to be in time. */
static void put_forecast(const struct engine *e, struct json_writer *w)
{
	const struct forecast *f = &e->outlook.now;
	char text[512];

	if (f->late == 0) {
		json_add_null(w, "forecast");
		return;
	}
	json_key(w, "forecast");
	json_open(w);
	json_add_int(w, "late", (int64_t)f->late);
	json_add_int(w, "of", (int64_t)f->of);
	json_add_int(w, "late_by_s", (f->by_ms + 999) / 1000);
	json_add_bool(w, "certain", f->measured || f->certain);
	json_add_int(w, "move_s", (f->op_ms + 999) / 1000);
	json_key(w, "limits");
	json_open_array(w);
	for (unsigned i = 0; i < FORECAST_LIMITS; i++) {
		if (!(f->limits & (1u << i)))
			continue;
		json_open(w);
		json_add_str(w, "setting", forecast_setting(i));
		forecast_value(text, sizeof(text), i, f->has[i]);
		json_add_str(w, "value", text);
		forecast_value(text, sizeof(text), i, f->need[i]);
		json_add_str(w, "needed", f->need[i] > 0 ? text : NULL);
		json_close(w);
	}
	json_close_array(w);
	forecast_text(f, text, sizeof(text));
	json_add_str(w, "text", text);
	json_close(w);
}

/* How far the keys are, of which registries have yet to move; null: none. */
static void put_rotation(const struct engine *e, struct json_writer *w)
{
	int64_t deadline, nearest = -1;
	size_t of = 0, left = 0;
	const struct watch *k;

	TAILQ_FOREACH(k, &e->movers, moving_link) {
		deadline = versions_deadline(e, k);
		of += k->n_registries;
		left += k->left;
		if (deadline >= 0 && (nearest < 0 || deadline < nearest))
			nearest = deadline;
	}
	if (left == 0) {
		json_add_null(w, "rotation");
		return;
	}
	json_key(w, "rotation");
	json_open(w);
	json_add_int(w, "moved", (int64_t)(of - left));
	json_add_int(w, "of", (int64_t)of);
	json_add_time(w, "deadline", nearest);
	json_close(w);
}

static void put_evidence(const struct engine *e, struct json_writer *w)
{
	const struct engine_evidence *x = &e->evidence;

	if (!x->kept) {
		json_add_null(w, "audit");
		return;
	}
	json_key(w, "audit");
	json_open(w);
	json_add_int(w, "sequence", (int64_t)x->sequence);
	json_add_str(w, "hash", x->hash[0] ? x->hash : NULL);
	json_add_int(w, "waiting", (int64_t)x->waiting);
	json_add_int(w, "lost", (int64_t)x->lost);
	add_text(w, "error", x->problem[0] ? x->problem : x->missing);
	json_close(w);
}

static void put_hints(const struct engine *e, struct json_writer *w)
{
	json_key(w, "hints");
	json_open_array(w);
	for (int i = 0; i < HINTS; i++) {
		if (!e->hints[i][0])
			continue;
		json_open(w);
		json_add_str(w, "code", engine_hint_code((enum engine_hint)i));
		json_add_str(w, "text", e->hints[i]);
		json_close(w);
	}
	json_close_array(w);
}

bool report_summary(const struct engine *e, const char *version,
		    struct buf *out)
{
	struct json_writer *w = json_writer_new(out, false);
	const char *mistake;
	char sentence[256];
	int64_t offset;
	bool changed = engine_changed(e, &mistake);

	engine_sentence(e, sentence, sizeof(sentence));
	json_open(w);
	json_add_str(w, "version", version);
	json_add_str(w, "state", engine_state_str(engine_state(e)));
	json_add_str(w, "reason", sentence);
	json_add_bool(w, "dry_run", e->dry_run);
	json_add_time(w, "started", e->started);
	json_add_time(w, "now", model_azure(e));
	if (skew_offset(&e->traffic.skew, e->traffic.now, &offset))
		json_add_int(w, "clock_offset_ms", offset);
	else
		json_add_null(w, "clock_offset_ms");
	put_clocks(e, w);
	report_pause(e, w, NULL);
	json_add_int(w, "keys", (int64_t)e->n_watches);
	json_add_int(w, "registries", (int64_t)e->n_registries);
	put_states(e, w);
	report_rules(e, w);
	report_leases(e, w);
	if (engine_state(e) == ENGINE_DEGRADED ||
	    engine_state(e) == ENGINE_FAILED)
		put_worst(e, w);
	else
		json_add_null(w, "worst");
	put_forecast(e, w);
	put_rotation(e, w);
	put_evidence(e, w);
	json_add_bool(w, "configuration_changed", changed);
	add_text(w, "configuration_error", mistake);
	put_hints(e, w);
	report_queues(e, w);
	json_close(w);
	return json_finish(w);
}

static void add_members(const struct note *n, struct json_writer *w)
{
	json_add_time(w, "time", n->time);
	json_add_str(w, "kind", note_kind_str(n->kind));
	add_text(w, "key", n->key);
	add_text(w, "registry", n->registry);
	add_text(w, "version", n->version);
	add_text(w, "previous", n->previous);
	json_add_str(w, "text", n->text);
}

bool report_event(const struct note *n, int64_t sequence, struct buf *out)
{
	struct json_writer *w = json_writer_new(out, false);

	json_open(w);
	json_key(w, "event");
	json_open(w);
	if (sequence >= 0)
		json_add_int(w, "sequence", sequence);
	else
		json_add_str(w, "sequence", NULL);
	add_members(n, w);
	json_close(w);
	json_close(w);
	return json_finish(w);
}

bool report_event_line(const struct note *n, struct buf *out)
{
	struct json_writer *w = json_writer_new(out, false);

	json_open(w);
	add_members(n, w);
	json_close(w);
	return json_finish(w) && buf_add(out, "\n", 1);
}

bool report_matches(const struct engine *e, const char *name, struct buf *out)
{
	struct json_writer *w = json_writer_new(out, false);
	unsigned n = 0;

	json_open(w);
	json_add_str(w, "registry", name);
	json_key(w, "matches");
	json_open_array(w);
	for (size_t i = 0; i < e->n_registries && n < 10; i++) {
		if (!resid_means(name, e->by_id[i]->id))
			continue;
		json_put_str(w, e->by_id[i]->id);
		n++;
	}
	json_close_array(w);
	json_close(w);
	return json_finish(w);
}

void report_troubles(const struct engine *e,
		     void (*line)(const char *text, void *arg), void *arg)
{
	char reason[1024], text[2048];
	const struct watch *k;

	TAILQ_FOREACH(k, &e->watches, link)
		if (k->error)
			line(k->error->text, arg);
	for (size_t i = 0; i < e->n_registries; i++) {
		const struct registry *r = e->by_id[i];

		const char *alarm = decide_alarm(r->warnings);

		if (r->state == STATE_CURRENT && !alarm)
			continue;
		report_reason(e, r, reason, sizeof(reason));
		snprintf(text, sizeof(text), "%s is %s: %s%s%s%s", r->id,
			 decide_state_str(r->state), reason, text_stop(reason),
			 alarm ? " " : "", alarm ? alarm : "");
		line(text, arg);
	}
}

size_t report_entries(const struct engine *e)
{
	return e->n_by_key + e->n_registries;
}

bool report_entry(const struct engine *e, size_t i, struct report_entry *x)
{
	const struct seen_version *s;
	const struct registry *r;
	const struct watch *w;

	*x = (struct report_entry){ .effective = -1 };
	if (i < e->n_by_key) {
		w = e->by_key[i];
		x->version = w->newest;
		x->retiring = w->retired;
	} else if (i - e->n_by_key < e->n_registries) {
		r = e->by_id[i - e->n_by_key];
		w = r->watch;
		x->registry = r->id;
		x->version = r->facts.own_in_use ? r->facts.in_use : "";
		x->retiring = r->retiring;
	} else {
		return false;
	}
	x->key = w->base;
	x->manual = w->mode == WATCH_MANUAL;
	s = versions_find(w, x->version);
	if (s)
		x->effective = versions_effective(w, s);
	return true;
}
