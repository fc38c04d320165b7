/* The samples of each metric family, by what is known and watched now. */
#include "engine/samples.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/hint.h"
#include "engine/move_outcome.h"
#include "engine/rules.h"
#include "engine/versions.h"
#include "traffic/host.h"

/* ---- the whole ---- */

static void put(const struct samples *s, int64_t v)
{
	exposition_begin(s->x, "");
	exposition_int(s->x, v);
}

/* Only what is known. */
static void put_known(const struct samples *s, int64_t v)
{
	if (v >= 0)
		put(s, v);
}

static void put_labelled(const struct samples *s, const char *label,
			 const char *value, int64_t v)
{
	exposition_begin(s->x, "");
	exposition_label(s->x, label, value);
	exposition_int(s->x, v);
}

void samples_build(const struct samples *s)
{
	put_labelled(s, "version", s->o->version, 1);
}

void samples_time(const struct samples *s)
{
	exposition_begin(s->x, "");
	exposition_seconds(s->x, s->e->traffic.now.wall);
}

void samples_state(const struct samples *s)
{
	enum engine_state now = engine_state(s->e);

	for (int i = ENGINE_STARTING; i <= ENGINE_FAILED; i++)
		put_labelled(s, "state", engine_state_str((enum engine_state)i),
			     i == (int)now);
}

void samples_dry_run(const struct samples *s)
{
	put(s, s->e->dry_run);
}

void samples_keys(const struct samples *s)
{
	put(s, (int64_t)s->e->n_watches);
}

void samples_registries(const struct samples *s)
{
	for (size_t i = 0; i < DECIDE_STATES; i++)
		put_labelled(s, "state", decide_state_str((enum decide_state)i),
			     (int64_t)s->e->n_state[i]);
}

void samples_missed(const struct samples *s)
{
	put(s, (int64_t)s->e->n_missed);
}

void samples_warned(const struct samples *s)
{
	for (unsigned i = 0; i < DECIDE_WARNINGS; i++)
		put_labelled(s, "warning", decide_warning_name(i),
			     (int64_t)s->e->n_warning[i]);
}

void samples_forecast(const struct samples *s)
{
	put(s, (int64_t)s->e->outlook.now.late);
}

void samples_rules(const struct samples *s)
{
	for (size_t i = 0; i < s->e->n_rules; i++)
		put_labelled(s, "rule", s->e->rules[i]->name,
			     (int64_t)s->e->rules[i]->n_registries);
}

void samples_beyond(const struct samples *s)
{
	for (size_t i = 0; i < s->e->n_rules; i++)
		put_labelled(s, "rule", s->e->rules[i]->name,
			     (int64_t)s->e->rules[i]->beyond);
}

void samples_rules_error(const struct samples *s)
{
	for (size_t i = 0; i < s->e->n_rules; i++)
		put_labelled(s, "rule", s->e->rules[i]->name,
			     rules_error(s->e->rules[i]) != NULL);
}

void samples_messages(const struct samples *s)
{
	for (size_t i = 0; i < s->e->n_queues; i++)
		for (unsigned k = 0; hint_outcome_str(k); k++) {
			exposition_begin(s->x, "");
			exposition_label(s->x, "queue", s->e->queues[i]->name);
			exposition_label(s->x, "outcome", hint_outcome_str(k));
			exposition_int(s->x, (int64_t)s->e->queues[i]->n[k]);
		}
}

void samples_last_message(const struct samples *s)
{
	for (size_t i = 0; i < s->e->n_queues; i++) {
		if (s->e->queues[i]->came_azure < 0)
			continue;
		exposition_begin(s->x, "");
		exposition_label(s->x, "queue", s->e->queues[i]->name);
		exposition_seconds(s->x, s->e->queues[i]->came_azure);
	}
}

void samples_queues_error(const struct samples *s)
{
	for (size_t i = 0; i < s->e->n_queues; i++)
		put_labelled(s, "queue", s->e->queues[i]->name,
			     hint_error(s->e->queues[i]) != NULL);
}

void samples_offset(const struct samples *s)
{
	const struct traffic *t = &s->e->traffic;
	int64_t offset;

	if (!skew_offset(&t->skew, t->now, &offset))
		return;
	exposition_begin(s->x, "");
	exposition_seconds(s->x, offset);
}

void samples_adoption(const struct samples *s)
{
	const struct adoptions *a = &s->e->adoptions;
	uint64_t n = 0;
	char bound[32];

	for (size_t i = 0; i < ENGINE_ADOPTIONS; i++) {
		int64_t ms = move_outcome_bound(i);

		n += a->within[i];
		if (ms == INT64_MAX)
			text_copy(bound, sizeof(bound), "+Inf");
		else
			snprintf(bound, sizeof(bound), "%lld.0",
				 (long long)(ms / 1000));
		exposition_begin(s->x, "_bucket");
		exposition_label(s->x, "le", bound);
		exposition_int(s->x, (int64_t)n);
	}
	exposition_begin(s->x, "_sum");
	exposition_seconds(s->x, a->sum_ms);
	exposition_begin(s->x, "_count");
	exposition_int(s->x, (int64_t)n);
}

void samples_events(const struct samples *s)
{
	for (int i = 0; i < NOTE_HELLO; i++)
		put_labelled(s, "kind", note_kind_str((enum note_kind)i),
			     (int64_t)s->e->n_told[i]);
}

void samples_in_flight(const struct samples *s)
{
	put(s, (int64_t)s->e->traffic.in_flight);
}

void samples_audit(const struct samples *s)
{
	put_known(s,
		  s->e->evidence.kept ? (int64_t)s->e->evidence.sequence : -1);
}

void samples_programs(const struct samples *s)
{
	if (s->o->programs_ok < 0)
		return;
	put_labelled(s, "result", "ok", s->o->programs_ok);
	put_labelled(s, "result", "failed", s->o->programs_failed);
	put_labelled(s, "result", "dropped", s->o->programs_dropped);
}

/* ---- the process ---- */

void samples_cpu(const struct samples *s)
{
	if (s->o->cpu_ms < 0)
		return;
	exposition_begin(s->x, "");
	exposition_seconds(s->x, s->o->cpu_ms);
}

void samples_open_fds(const struct samples *s)
{
	put_known(s, s->o->open_fds);
}

void samples_max_fds(const struct samples *s)
{
	put_known(s, s->o->max_fds);
}

void samples_resident(const struct samples *s)
{
	put_known(s, s->o->resident_bytes);
}

void samples_virtual(const struct samples *s)
{
	put_known(s, s->o->virtual_bytes);
}

void samples_started(const struct samples *s)
{
	if (s->o->started_ms < 0)
		return;
	exposition_begin(s->x, "");
	exposition_seconds(s->x, s->o->started_ms);
}

/* ---- who is asked ---- */

/* By a key, or by a scope that has registries. */
static bool end_is_used(const struct end *end)
{
	const struct scope *scope = end->owner;

	return end->users > 0 || (scope && scope->n_registries > 0);
}

/* Something is asked with it, or with what an answer has made of it. */
static bool is_used(const struct engine *e, const struct credential *c)
{
	const struct end *end;

	TAILQ_FOREACH(end, &e->traffic.ends, link)
		if ((end->credential == c || end->as == c) && end_is_used(end))
			return true;
	return false;
}

/* One that serves several tenants was read for each of them. */
void samples_certificate(const struct samples *s)
{
	const struct metrics_certificate *all = s->o->certificates;

	for (size_t i = 0; i < s->o->n_certificates; i++) {
		const char *name = all[i].credential->name;
		size_t k = 0;

		if (!is_used(s->e, all[i].credential))
			continue;
		while (k < i && (!text_same(all[k].credential->name, name) ||
				 !is_used(s->e, all[k].credential)))
			k++;
		if (k < i)
			continue;
		exposition_begin(s->x, "");
		exposition_label(s->x, "credential", name);
		exposition_seconds(s->x, all[i].end);
	}
}

/* Vaults come and go with their keys; the few others serve all. */
static bool host_is_used(const struct engine *e, const struct host *h)
{
	const char *name = strstr(h->origin, "://");
	const struct end *end;

	if (!h->budgeted || !name)
		return true;
	name += 3;
	LIST_FOREACH(
		end,
		&e->traffic.end_buckets[text_hash(name) % TRAFFIC_END_BUCKETS],
		bucket)
	if (end->vault && end->users > 0 && text_same(end->name, name))
		return true;
	return false;
}

static void begin_host(const struct samples *s, const struct host *h)
{
	const char *name = strstr(h->origin, "://");

	exposition_begin(s->x, "");
	exposition_label(s->x, "host", name ? name + 3 : h->origin);
}

void samples_requests(const struct samples *s, const struct host *h)
{
	char code[16];

	if (!host_is_used(s->e, h))
		return;
	for (unsigned i = 0; i < h->n_counts; i++) {
		snprintf(code, sizeof(code), "%d", h->counts[i].code);
		if (h->counts[i].code <= 0)
			text_copy(code, sizeof(code),
				  h->counts[i].code < 0 ? "other" : "none");
		begin_host(s, h);
		exposition_label(s->x, "code", code);
		exposition_int(s->x, (int64_t)h->counts[i].n);
	}
}

void samples_throttled(const struct samples *s, const struct host *h)
{
	if (!h->n_counts || !host_is_used(s->e, h))
		return;
	begin_host(s, h);
	exposition_int(s->x, (int64_t)h->throttled);
}

void samples_retries(const struct samples *s, const struct host *h)
{
	if (!h->n_counts || !host_is_used(s->e, h))
		return;
	begin_host(s, h);
	exposition_int(s->x, (int64_t)h->retried);
}

/* A bucket as it will be now: bucket_tokens fills it up. */
static void put_budget(const struct samples *s, const struct end *end,
		       const char *budget, const struct bucket *b)
{
	struct bucket now = *b;

	exposition_begin(s->x, "");
	exposition_label(s->x, "budget", budget);
	exposition_label(s->x, "of", end->name);
	exposition_label(s->x, "credential", end->credential->name);
	exposition_ratio(s->x, 1.0 - bucket_tokens(&now, model_boot(s->e)) /
					       now.burst);
}

void samples_budget(const struct samples *s, const struct end *end)
{
	if (!end_is_used(end))
		return;
	put_budget(s, end,
		   end->vault	  ? "vault"
		   : end->storage ? "storage"
				  : "read",
		   end->lanes[END_READ].bucket);
	if (!end->vault && !end->storage)
		put_budget(s, end, "write", end->lanes[END_WRITE].bucket);
}

/* The credential's name and what the token is for: an answer may have led to
 * another tenant, whose token takes the place of the first. */
void samples_token(const struct samples *s, const struct token *k)
{
	const struct engine *e = s->e;
	const struct end *end;

	if (!k->ready || k->expires <= model_boot(e))
		return;
	TAILQ_FOREACH(end, &e->traffic.ends, link)
		if (end->token == k && end_is_used(end))
			break;
	if (!end)
		return;
	exposition_begin(s->x, "");
	exposition_label(s->x, "credential", k->credential->name);
	exposition_label(s->x, "tenant", k->credential->tenant);
	exposition_label(s->x, "audience", k->audience);
	exposition_seconds(s->x,
			   e->traffic.now.wall + k->expires - model_boot(e));
}

/* ---- keys ---- */

static void begin_key(const struct samples *s, const struct watch *w)
{
	char key[KEYID_TEXT_MAX];

	keyid_print(&w->key, key, sizeof(key));
	exposition_begin(s->x, "");
	exposition_label(s->x, "key", key);
}

void samples_key_success(const struct samples *s, const struct watch *w)
{
	if (w->polled_azure < 0)
		return;
	begin_key(s, w);
	exposition_seconds(s->x, w->polled_azure);
}

void samples_key_readable(const struct samples *s, const struct watch *w)
{
	begin_key(s, w);
	exposition_int(s->x, !w->bad);
}

void samples_key_usable(const struct samples *s, const struct watch *w)
{
	if (w->polled_at < 0)
		return;
	begin_key(s, w);
	exposition_int(s->x, versions_fault(s->e, w) == REASON_NONE);
}

void samples_newest(const struct samples *s, const struct watch *w)
{
	if (w->newest[0] == '\0')
		return;
	begin_key(s, w);
	exposition_label(s->x, "version", w->newest);
	exposition_int(s->x, 1);
}

/* The newest, the wanted and those in use: old ones concern nobody. */
static bool concerns(const struct watch *w, const struct seen_version *v)
{
	return v->in_use || v->strangers ||
	       text_same(v->v.version, w->newest) || v == versions_target(w);
}

static void each_version(const struct samples *s, const struct watch *w,
			 void (*put_one)(const struct samples *s,
					 const struct watch *w,
					 const struct seen_version *v))
{
	for (size_t i = 0; i < w->n_seen; i++)
		if (concerns(w, &w->seen[i]))
			put_one(s, w, &w->seen[i]);
}

static void begin_version(const struct samples *s, const struct watch *w,
			  const struct seen_version *v)
{
	begin_key(s, w);
	exposition_label(s->x, "version", v->v.version);
}

static void put_age(const struct samples *s, const struct watch *w,
		    const struct seen_version *v)
{
	if (v->v.created < 0)
		return;
	begin_version(s, w, v);
	exposition_seconds(s->x, model_azure(s->e) - v->v.created);
}

void samples_age(const struct samples *s, const struct watch *w)
{
	each_version(s, w, put_age);
}

static void put_expiry(const struct samples *s, const struct watch *w,
		       const struct seen_version *v)
{
	if (v->v.expires < 0 || v->read_at < 0)
		return;
	begin_version(s, w, v);
	exposition_seconds(s->x, v->v.expires);
}

void samples_expiry(const struct samples *s, const struct watch *w)
{
	each_version(s, w, put_expiry);
}

static void put_users(const struct samples *s, const struct watch *w,
		      const struct seen_version *v)
{
	begin_version(s, w, v);
	exposition_int(s->x, v->in_use + v->strangers);
}

void samples_users(const struct samples *s, const struct watch *w)
{
	each_version(s, w, put_users);
}

/* ---- registries ---- */

static void begin_registry(const struct samples *s, const struct registry *r)
{
	exposition_begin(s->x, "");
	exposition_label(s->x, "registry", r->id);
}

void samples_registry(const struct samples *s, const struct registry *r)
{
	char key[KEYID_TEXT_MAX];

	keyid_print(&r->watch->key, key, sizeof(key));
	begin_registry(s, r);
	exposition_label(s->x, "key", key);
	exposition_label(s->x, "mode", config_mode_str(model_mode(r)));
	exposition_label(s->x, "version",
			 r->read_at >= 0 ? r->facts.in_use : "");
	exposition_int(s->x, 1);
}

void samples_registry_state(const struct samples *s, const struct registry *r)
{
	bool zeros = s->e->n_registries <= METRICS_ZEROS_MAX;

	for (size_t i = 0; i < DECIDE_STATES; i++) {
		if (!zeros && r->state != (enum decide_state)i)
			continue;
		begin_registry(s, r);
		exposition_label(s->x, "state",
				 decide_state_str((enum decide_state)i));
		exposition_int(s->x, r->state == (enum decide_state)i);
	}
}

/* Of what has yet to come to the wanted version. */
void samples_deadline(const struct samples *s, const struct registry *r)
{
	int64_t deadline = versions_deadline(s->e, r->watch);

	if (deadline < 0 || versions_on_target(r))
		return;
	begin_registry(s, r);
	exposition_seconds(s->x, deadline - model_azure(s->e));
}

void samples_verified(const struct samples *s, const struct registry *r)
{
	if (r->verified_at < 0)
		return;
	begin_registry(s, r);
	exposition_seconds(s->x, model_azure(s->e) - r->verified_at);
}

void samples_warning(const struct samples *s, const struct registry *r)
{
	for (unsigned i = 0; i < DECIDE_WARNINGS; i++) {
		if (!(r->warnings & (1u << i)))
			continue;
		begin_registry(s, r);
		exposition_label(s->x, "warning", decide_warning_name(i));
		exposition_int(s->x, 1);
	}
}
