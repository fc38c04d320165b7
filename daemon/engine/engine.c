/* The engine's life: events, the one way that each value goes, the end. */
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/adopt.h"
#include "engine/adopt_leave.h"
#include "engine/adopt_rule.h"
#include "engine/discover.h"
#include "engine/doctor.h"
#include "engine/health_whole.h"
#include "engine/hint.h"
#include "engine/key.h"
#include "engine/lease.h"
#include "engine/list.h"
#include "engine/move.h"
#include "engine/note.h"
#include "engine/outlook.h"
#include "engine/policy.h"
#include "engine/settle.h"
#include "engine/visit.h"
#include "traffic/job.h"

#define OFFSET_STEP_MS 2000 /* a smaller change of clocks moves no timer */

/* ---- one way through ---- */

/* Timers were set by what was known of Azure's clock.  When that changes
 * (first answer, a step of our clock before it), all is looked at anew. */
static void follow_clock(struct engine *e)
{
	int64_t off = model_azure(e) - model_boot(e);
	int64_t step = off - e->offset_used;
	bool known = e->clock_known, first = !known && e->traffic.skew.known;
	struct watch *w;

	e->clock_known = e->traffic.skew.known;

	if (model_absurd_pause(e, model_until(e->pause)))
		model_pause_keep(&e->pause, 0, NULL, NULL);
	if (!first && step > -OFFSET_STEP_MS && step < OFFSET_STEP_MS)
		return;
	e->offset_used = off;
	if (known && (step > SKEW_DAY_MS || step < -SKEW_DAY_MS))
		note_tell(
			e, NOTE_CLOCK, NULL, NULL, NULL, NULL,
			"Azure's time is another one than was believed, by %lld s: several hosts agree on it. Deadlines follow it.",
			(long long)((step < 0 ? -step : step) / 1000));
	TAILQ_FOREACH(w, &e->watches, link)
		model_mark_watch(e, w, MARK_LOOK);
	for (size_t i = 0; i < e->n_registries; i++)
		model_mark(e, e->by_id[i], MARK_LOOK);
}

static void take_timer(struct engine *e, const struct value *v)
{
	const struct timer *t = v->timer;

	if (timer_kind(t) == TIMER_DOCTOR)
		doctor_take(t->owner, v);
	else if (timer_kind(t) == TIMER_DISCOVER)
		discover_take(t->owner, v);
	else if (timer_kind(t) == TIMER_LEASE)
		lease_rang(e, t->owner);
	else if (timer_kind(t) == TIMER_TRUTH)
		model_mark(e, t->owner, MARK_LOOK);
	else
		model_mark_watch(e, t->owner, MARK_LOOK);
}

/* Traffic's own news: of a token that is given up, or of a clock. */
static void tell_news(struct engine *e, const struct value *v)
{
	if (v->fault->kind == FAULT_CONFLICT)
		note_tell(e, NOTE_CLOCK, NULL, NULL, NULL, NULL, "%s",
			  v->fault->text);
	else
		note_fault(e, v->slot, v->fault);
}

static void take_value(struct engine *e, const struct value *v)
{
	if (v->kind == VALUE_TIMER)
		take_timer(e, v);
	else if (v->kind == VALUE_NEWS)
		tell_news(e, v);
	else if (v->job->kind == &doctor_kind)
		doctor_take(e->doctor, v);
	else if (v->job->kind == &discover_kind)
		discover_take(e->discover, v);
	else if (v->job->kind == &key_kind)
		key_take(e, v->job->owner, v);
	else if (v->job->kind == &policy_kind)
		policy_take(e, v->job->owner, v);
	else if (v->job->kind == &visit_kind)
		visit_take(e, v->job->owner, v);
	else if (v->job->kind == &lease_kind)
		lease_take(e, v->job->owner, v);
	else if (v->job->kind == &hint_kind || v->job->kind == &hint_drop_kind)
		hint_take(e, v->job, v);
	else if (v->job->kind == &list_kind)
		list_take(e, v->job->owner, v);
	else
		move_take(e, v->job->owner, v);
}

/* True when there was something to settle, and it came to rest. */
static bool settle(struct engine *e)
{
	bool some = settle_run(e);

	adopt_leave_gone(e);
	e->turn++;
	return some && !e->unsettled;
}

/* All that follows from an event that traffic was told of, or a command. */
static void go_through(struct engine *e)
{
	struct value v;
	bool more = true;

	follow_clock(e);
	hint_look(e);
	note_due(e);
	/* The answer comes first: what was marked before it (by a clock, a
	 * command) might ask anew for what is in hand. */
	while (more) {
		more = job_next(&e->traffic, &v);
		if (more)
			take_value(e, &v);
		adopt_rule_found(e);
		more |= settle(e);
	}
	outlook_look(e);
	health_whole_tell(e);
}

void engine_tick(struct engine *e, struct instant now)
{
	job_tick(&e->traffic, now);
	go_through(e);
}

void engine_reply(struct engine *e, const struct reply *r, struct instant now)
{
	job_landed(&e->traffic, r, now);
	go_through(e);
}

void engine_reload(struct engine *e, struct config *config, struct instant now)
{
	job_tick(&e->traffic, now);
	e->refused[0] = e->mistake[0] = '\0';
	e->changed = false;
	adopt_config(e, config, false);
	note_tell(
		e, NOTE_RELOAD, NULL, NULL, NULL, NULL,
		"The configuration was read again: it names %zu %s and %zu %s%s.",
		config->n_watches, config->n_watches == 1 ? "key" : "keys",
		config->n_registries,
		config->n_registries == 1 ? "registry" : "registries",
		config->n_rules ? ", and rules find others" : "");
	lease_reloaded(e);
	go_through(e);
}

void engine_refuse(struct engine *e, const char *mistake, struct instant now)
{
	job_tick(&e->traffic, now);
	text_copy(e->refused, sizeof(e->refused), mistake);
	e->changed = true;
	e->mistake[0] = '\0';
	note_tell(
		e, NOTE_RELOAD_REFUSED, NULL, NULL, NULL, NULL,
		"The configuration was not taken over; the old one stays in force, and a restart would fail. Mend it and reload. %s",
		e->refused);
	go_through(e);
}

const char *engine_refused(const struct engine *e)
{
	return e->refused;
}

void engine_disk(struct engine *e, bool changed, const char *mistake,
		 struct instant now)
{
	bool refused = e->refused[0] && changed && mistake[0];

	job_tick(&e->traffic, now);
	e->changed = changed;
	text_copy(e->refused, sizeof(e->refused), refused ? mistake : "");
	text_copy(e->mistake, sizeof(e->mistake),
		  changed && !refused ? mistake : "");
	go_through(e);
}

bool engine_changed(const struct engine *e, const char **mistake)
{
	*mistake = e->refused[0] ? e->refused : e->mistake;
	return e->changed;
}

void engine_hint(struct engine *e, enum engine_hint h, const char *text)
{
	text_copy(e->hints[h], sizeof(e->hints[h]), text);
}

const char *engine_hint_text(const struct engine *e, enum engine_hint h)
{
	return e->hints[h];
}

const char *engine_hint_code(enum engine_hint h)
{
	static const char *const codes[HINTS] = {
		[HINT_ADMIN_GROUP] = "admin-group-unseen",
		[HINT_DESCRIPTORS] = "few-descriptors",
	};

	return codes[h];
}

void engine_evidence(struct engine *e, const struct engine_evidence *how,
		     struct instant now)
{
	bool was = e->evidence.problem[0] != '\0';
	bool is = how->problem[0] != '\0';
	/* More of it is told again, without its end before. */
	bool other = strcmp(e->evidence.missing, how->missing) != 0;

	e->evidence = *how;
	if (was == is && !other)
		return;
	job_tick(&e->traffic, now);
	if (was != is)
		note_tell(e, NOTE_WARNING, NULL, NULL, NULL, NULL, "%s",
			  is ? how->problem : "The audit is written again.");
	if (other)
		note_tell(
			e, NOTE_WARNING, NULL, NULL, NULL, NULL, "%s",
			how->missing[0]
				? how->missing
				: "The records of the audit that were taken away are there again, or somebody has accepted the loss.");
	go_through(e);
}

const struct engine_evidence *engine_evidence_of(const struct engine *e)
{
	return &e->evidence;
}

void engine_saved(struct engine *e, bool ok, struct instant now)
{
	if (e->unsaved == !ok)
		return;
	e->unsaved = !ok;
	job_tick(&e->traffic, now);
	go_through(e);
}

/* Notes come out before the calls that they announce. */
bool engine_action(struct engine *e, struct action *a)
{
	struct errand x;

	if (note_next(e, a))
		return true;
	if (!job_errand(&e->traffic, &x))
		return false;
	switch (x.kind) {
	case ERRAND_CALL:
		*a = (struct action){ .kind = ACTION_CALL, .call = x.call };
		break;
	case ERRAND_CANCEL:
		*a = (struct action){ .kind = ACTION_CANCEL,
				      .ticket = x.call.ticket };
		break;
	case ERRAND_FORGET:
		*a = (struct action){ .kind = ACTION_FORGET, .token = x.token };
		break;
	}
	return true;
}

/* ---- life ---- */

static struct engine *make(uint64_t seed, struct instant now)
{
	struct engine *e = text_alloc(1, sizeof(*e));

	job_traffic_init(&e->traffic, e, seed, now);
	e->started = now.wall;
	e->turn = 1;
	note_init(e);
	TAILQ_INIT(&e->scopes);
	TAILQ_INIT(&e->watches);
	TAILQ_INIT(&e->movers);
	TAILQ_INIT(&e->leases);
	e->outlook.made_at = -1;
	TAILQ_INIT(&e->strangers);
	TAILQ_INIT(&e->marked_watches);
	TAILQ_INIT(&e->marked);
	e->offset_used = model_azure(e) - model_boot(e);
	return e;
}

struct engine *engine_new(struct config *config, uint64_t seed, uint64_t phase,
			  struct instant now)
{
	struct engine *e = make(seed, now);

	e->phase = phase;
	adopt_config(e, config, true);
	settle(e);
	return e;
}

struct engine *engine_new_idle(struct config *config, uint64_t seed,
			       struct instant now)
{
	struct engine *e = make(seed, now);

	adopt_nothing(e, config);
	return e;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	doctor_free(e->doctor);
	discover_free(e->discover);
	adopt_free(e);
	lease_free_all(e);
	note_free(e);
	job_traffic_free(&e->traffic);
	config_free(e->config);
	model_pause_keep(&e->pause, 0, NULL, NULL);
	free(e);
}

void engine_dry_run(struct engine *e, bool on)
{
	e->dry_run = on;
	e->hints_of.seen = false;
}

void engine_self(struct engine *e, const char *host, const char *version)
{
	text_copy(e->host, sizeof(e->host), host);
	text_copy(e->version, sizeof(e->version), version);
}

const char *engine_role(const struct engine *e, const char *registry,
			const char **lease)
{
	const struct registry *r = registry ? model_find(e, registry) : NULL;
	const struct lease *l = r && !e->dry_run ? r->watch->lease : NULL;

	*lease = l ? l->name : NULL;
	return lease_role_str(lease_role(l, model_boot(e)));
}

void engine_end(struct engine *e, struct instant now)
{
	job_tick(&e->traffic, now);
	lease_end(e);
	go_through(e);
}

bool engine_lets_go(const struct engine *e)
{
	return lease_is_letting_go(e);
}

void engine_single_pass(struct engine *e)
{
	e->single_pass = true;
	e->hints_of.seen = false;
}

/* ---- the doctor ---- */

bool engine_examine(struct engine *e, struct instant now)
{
	if (e->doctor)
		return false;
	job_tick(&e->traffic, now);
	adopt_lend(e);
	e->doctor = doctor_new(&e->traffic, e->config, TIMER_DOCTOR);
	adopt_take_back(e);
	go_through(e);
	return true;
}

bool engine_found(struct engine *e, engine_finding *found, void *arg)
{
	return e->doctor && doctor_next(e->doctor, found, arg);
}

bool engine_examined(const struct engine *e, size_t *done, size_t *all)
{
	*done = *all = 0;
	if (!e->doctor)
		return true;
	doctor_progress(e->doctor, done, all);
	return doctor_over(e->doctor);
}

void engine_dismiss(struct engine *e)
{
	doctor_free(e->doctor);
	e->doctor = NULL;
}

/* ---- a search ---- */

static bool is_free(const struct engine *e, struct fault *f)
{
	if (!e->discover)
		return true;
	return fault_set(
		f, FAULT_CONFLICT, 0,
		"Somebody else is searching just now; try again when that is over.");
}

bool engine_discover(struct engine *e, const char *subscription,
		     const char *credential, struct instant now,
		     struct fault *f)
{
	if (!is_free(e, f))
		return false;
	job_tick(&e->traffic, now);
	e->discover = discover_new(e, subscription, credential, f);
	go_through(e);
	return e->discover != NULL;
}

bool engine_try_rule(struct engine *e, const char *rule, struct instant now,
		     struct fault *f)
{
	if (!is_free(e, f))
		return false;
	job_tick(&e->traffic, now);
	e->discover = discover_rule(e, rule, f);
	go_through(e);
	return e->discover != NULL;
}

bool engine_discovered(struct engine *e, struct discovered *x)
{
	return e->discover && discover_next(e->discover, x);
}

bool engine_searched(const struct engine *e, size_t *done, size_t *all)
{
	*done = *all = 0;
	if (!e->discover)
		return true;
	discover_progress(e->discover, done, all);
	return discover_over(e->discover);
}

void engine_search_end(struct engine *e)
{
	discover_free(e->discover);
	e->discover = NULL;
}

/* ---- questions ---- */

int64_t engine_now(const struct engine *e, struct instant now)
{
	return skew_azure(&e->traffic.skew, now);
}

const struct config *engine_config(const struct engine *e)
{
	return e->config;
}

int64_t engine_wake(const struct engine *e)
{
	/* What did not come to rest is looked at again at once. */
	if (e->unsettled)
		return model_boot(e);
	return job_wake(&e->traffic);
}

bool engine_overdue(const struct engine *e, struct instant now,
		    int64_t grace_ms)
{
	int64_t wake = engine_wake(e);

	return wake != INT64_MAX && wake + grace_ms < now.boot;
}

int64_t engine_azure(const struct engine *e)
{
	return job_azure(&e->traffic);
}

bool engine_still(const struct engine *e, uint64_t ticket, struct instant now)
{
	return job_still(&e->traffic, ticket, now);
}

size_t engine_in_flight(const struct engine *e)
{
	return e->traffic.in_flight;
}

bool engine_idle_writes(const struct engine *e)
{
	return e->n_writes == 0;
}
