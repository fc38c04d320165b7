/* A configuration becomes watches and registries; what was there is kept,
 * moved or retired by identity. */
#include "engine/adopt.h"

#include <stdlib.h>
#include <string.h>

#include "azure/vaultid.h"
#include "base/text.h"
#include "engine/canary.h"
#include "engine/departed.h"
#include "engine/facts.h"
#include "engine/health.h"
#include "engine/hint.h"
#include "engine/key.h"
#include "engine/key_way.h"
#include "engine/lease.h"
#include "engine/list.h"
#include "engine/move.h"
#include "engine/note.h"
#include "engine/order.h"
#include "engine/outlook.h"
#include "engine/policy.h"
#include "engine/rules.h"
#include "engine/settle.h"
#include "engine/versions.h"
#include "engine/visit.h"
#include "traffic/end.h"
#include "traffic/job.h"

#define RULE_PARALLEL 8 /* as max-parallel of a watch block */

static int by_id(const void *a, const void *b)
{
	const struct registry *const *x = a, *const *y = b;

	return resid_compare((*x)->id, (*y)->id);
}

/* ---- registries and watches come and go ---- */

static void registry_link(struct engine *e, struct registry *r, struct watch *w,
			  struct scope *s)
{
	r->watch = w;
	r->pass = 0; /* no LIST has shown it as what it is now */
	TAILQ_INSERT_TAIL(&w->registries, r, watch_link);
	w->n_registries++;
	if (r->scope != s) {
		if (r->scope) {
			TAILQ_REMOVE(&r->scope->registries, r, scope_link);
			r->scope->n_registries--;
		}
		r->scope = s;
		TAILQ_INSERT_TAIL(&s->registries, r, scope_link);
		s->n_registries++;
	}
	outlook_link(r);
	/* Nothing of it waits for a credential that no file names. */
	job_rebind(&e->traffic, &r->job, s->end);
}

/* Nothing of it counts at its watch any more. */
static void registry_unlink_watch(struct engine *e, struct registry *r)
{
	struct watch *w = r->watch;

	health_leave(e, r);
	facts_leave(e, r);
	canary_leave(r);
	TAILQ_REMOVE(&w->registries, r, watch_link);
	w->n_registries--;
	model_mark_watch(e, w, MARK_LOOK);
}

/* *id is taken: the file's copy of it is the only one. */
static struct registry *registry_new(char **id)
{
	struct registry *r = text_alloc(1, sizeof(*r));

	r->id = *id;
	*id = NULL;
	r->read_at = r->read_azure = r->verified_at = -1;
	r->got_azure = r->owed_at = -1;
	r->newcomer = true;
	r->proven = r->wrote = r->late_told = "";
	facts_init(r);
	r->busy_since = -1;
	job_init(&r->job, &move_kind, r, text_hash(r->id));
	timer_init(&r->truth, TIMER_TRUTH, r);
	return r;
}

/* A new file has been quicker. */
static void gone_before(struct engine *e, const struct registry *r)
{
	for (size_t i = 0; i < e->n_gone; i++)
		if (e->gone[i] == r)
			e->gone[i--] = e->gone[--e->n_gone];
}

static void registry_free(struct engine *e, struct registry *r)
{
	rules_own(r, NULL);
	move_stop(e, r);
	registry_unlink_watch(e, r);
	if (r->marks)
		TAILQ_REMOVE(&e->marked, r, mark_link);
	if (r->gone)
		gone_before(e, r);
	TAILQ_REMOVE(&r->scope->registries, r, scope_link);
	r->scope->n_registries--;
	model_pause_keep(&r->pause, 0, NULL, NULL);
	facts_free(e, r);
	intern_set(&e->names, &r->proven, "");
	move_rest(e, r);
	intern_set(&e->names, &r->wrote, "");
	intern_set(&e->names, &r->late_told, "");
	free(r->sent);
	order_free(r);
	model_fault_keep(e, &r->error, NULL);
	free(r->at);
	free(r->id);
	free(r);
}

static struct watch *watch_new(struct engine *e, const struct config_watch *c)
{
	struct watch *w = text_alloc(1, sizeof(*w));
	char base[KEYID_TEXT_MAX];

	w->key = c->key;
	keyid_print_base(&c->key, base, sizeof(base));
	w->base = text_dup(base);
	w->sibling = w;
	w->since = model_boot(e);
	w->asked_at = INT64_MIN / 2; /* never */
	w->polled_at = w->polled_azure = w->first_seen = w->known_since = -1;
	TAILQ_INIT(&w->registries);
	TAILQ_INIT(&w->waiters);
	TAILQ_INIT(&w->returners);
	job_init(&w->job, &key_kind, w, text_hash(base));
	job_init(&w->policy.job, &policy_kind, w, ~text_hash(base));
	timer_init(&w->timer, TIMER_WATCH, w);
	if (c->key.version[0] != '\0')
		versions_add(w, c->key.version);
	TAILQ_INSERT_TAIL(&e->watches, w, link);
	e->n_watches++;
	e->n_unheard_keys++;
	return w;
}

/* Where its key is asked for, which is counted there. */
static void watch_ends(struct watch *w, struct end *vault, struct end *arm)
{
	if (w->vault)
		w->vault->users--;
	if (w->arm)
		w->arm->users--;
	w->vault = vault;
	w->arm = arm;
	if (vault)
		vault->users++;
	if (arm)
		arm->users++;
}

static void watch_free(struct engine *e, struct watch *w)
{
	job_cancel(&e->traffic, &w->job);
	policy_stop(e, w);
	timer_set(&e->traffic.timers, &w->timer, INT64_MAX);
	if (w->marks)
		TAILQ_REMOVE(&e->marked_watches, w, mark_link);
	if (w->bad)
		e->n_bad_keys--;
	if (!w->heard)
		e->n_unheard_keys--;
	TAILQ_REMOVE(&e->watches, w, link);
	e->n_watches--;
	watch_ends(w, NULL, NULL);
	outlook_free(w);
	model_fault_keep(e, &w->error, NULL);
	free(w->vault_resource);
	free(w->seen);
	free(w->base);
	free(w);
}

/* The ways to its key; true when they are others than before: then it begins
 * at the vault. */
static bool watch_way(struct engine *e, struct watch *w,
		      const struct config_watch *c,
		      const struct credential *cred)
{
	struct end *vault = end_vault(&e->traffic, c->key.host, cred);
	const char *resource = NULL;
	struct end *arm = NULL;
	struct resid id;
	struct fault f;

	/* config_parse has refused any other already. */
	if (c->via != CONFIG_VIA_VAULT && c->vault_resource &&
	    vaultid_parse(&id, c->vault_resource, &f)) {
		resource = c->vault_resource;
		arm = end_subscription(&e->traffic, id.subscription, cred);
	}
	if (w->vault == vault && w->arm == arm && w->via == c->via &&
	    text_same(w->vault_resource, resource))
		return false;
	if (w->vault != vault)
		policy_stop(e, w);
	watch_ends(w, vault, arm);
	free(w->vault_resource);
	w->vault_resource = text_dup(resource);
	w->via = c->via;
	w->around = false;
	return true;
}

static void watch_options(struct engine *e, struct watch *w,
			  const struct config_watch *c)
{
	const struct credential *cred = end_credential(
		&e->traffic, &e->config->credentials[c->credential]);

	w->kept = true;
	w->retired = false;
	w->mode = c->mode;
	w->takeover = c->takeover;
	/* By hand each goes when a person says so. */
	w->canary_first = c->canary && c->mode != WATCH_MANUAL;
	w->max_parallel = c->max_parallel;
	lease_put(w, lease_at(e, c->lease));
	w->max_age = c->max_age_ms >= 0 ? c->max_age_ms : e->config->max_age_ms;
	text_copy(w->identity, sizeof(w->identity),
		  c->identity ? c->identity : "");
	if (watch_way(e, w, c, cred) &&
	    !job_rebind(&e->traffic, &w->job, key_way_end(e, w)))
		job_at(&e->traffic, &w->job, model_boot(e), false);
	model_mark_watch(e, w, MARK_LOOK);
}

/* ---- configuration ---- */

static struct scope *scope_new(struct engine *e, const char *subscription,
			       const char *group, struct end *end)
{
	struct scope *s = text_alloc(1, sizeof(*s));

	text_copy(s->subscription, sizeof(s->subscription), subscription);
	s->group = text_dup(group);
	s->end = end;
	s->sought_at = -1;
	job_init(&s->job, &list_kind, s,
		 text_hash(subscription) ^ (group ? ~text_hash(group) : 0));
	job_rebind(&e->traffic, &s->job, s->end);
	job_init(&s->visit.job, &visit_kind, s, ~s->job.id);
	TAILQ_INIT(&s->visit.wanted);
	TAILQ_INIT(&s->registries);
	LIST_INIT(&s->looks);
	TAILQ_INSERT_TAIL(&e->scopes, s, link);
	return s;
}

static struct scope *scope_of(struct engine *e, const char *subscription,
			      const struct credential *c)
{
	struct end *end = end_subscription(&e->traffic, subscription, c);

	if (!end->owner)
		end->owner = scope_new(e, subscription, NULL, end);
	return end->owner;
}

/* Only rules list a group by itself. */
static struct scope *scope_of_place(struct engine *e,
				    const struct config_place *p,
				    const struct credential *c)
{
	struct scope *whole = scope_of(e, p->subscription, c), *s;

	if (!p->group)
		return whole;
	TAILQ_FOREACH(s, &e->scopes, link)
		if (s->end == whole->end && s->group &&
		    text_same(s->group, p->group))
			return s;
	return scope_new(e, p->subscription, p->group, whole->end);
}

/* Nobody is in it, or looks there, any more: nothing is asked for.  It stays,
 * as its end does, and begins anew when somebody comes back. */
static void scope_stop(struct engine *e, struct scope *s)
{
	job_cancel(&e->traffic, &s->job);
	visit_stop(e, s);
	list_forget(s);
	model_fault_keep(e, &s->error, NULL);
	s->job.failures = s->failed = 0;
	s->alone = s->seeking = false;
}

/* One registry of the file, or of a rule: found again, moved from another
 * watch, or new.  Then *id is taken. */
static struct registry *registry_take(struct engine *e, struct watch *w,
				      char **id, const struct credential *cred)
{
	struct registry *r = model_find(e, *id);
	struct resid parsed;
	struct fault f;

	if (!resid_parse(&parsed, *id, &f))
		return NULL; /* config_parse has refused it already */
	if (!r) {
		r = registry_new(id);
	} else if (r->watch != w) {
		order_leave(e, r,
			    "the configuration names it in another watch now");
		/* Its place in the old watch's queue goes with it. */
		if (!model_writing(r))
			move_stop(e, r);
		facts_depart(e, r);
		registry_unlink_watch(e, r);
		/* Facts, failures and all: they were about another key. */
		move_clear_error(e, r);
		if (r->effort)
			intern_set(&e->names, &r->effort->tried, "");
		r->read_at = r->got_azure = -1;
		r->newcomer = true;
		r->heard = false;
	}
	/* The file may have been corrected: it lies in another group. */
	if (*id && strcmp(r->id, *id) != 0) {
		free(r->id);
		free(r->at);
		r->id = *id;
		*id = r->at = NULL;
	}
	if (r->watch != w || !r->counted)
		r->settled = false;
	if (r->watch != w) {
		r->since = model_boot(e);
		registry_link(e, r, w, scope_of(e, parsed.subscription, cred));
	} else if (r->scope->end->credential != cred) {
		outlook_moving(e, r, false);
		TAILQ_REMOVE(&w->registries, r, watch_link);
		w->n_registries--;
		registry_link(e, r, w, scope_of(e, parsed.subscription, cred));
	}
	r->kept = true;
	r->retiring = false;
	model_mark(e, r, MARK_LOOK);
	return r;
}

static int by_key(const void *a, const void *b)
{
	const struct watch *const *x = a, *const *y = b;
	int order = strcasecmp((*x)->base, (*y)->base);

	return order ? order : strcasecmp((*x)->key.version, (*y)->key.version);
}

/* Watches have come or gone: who is found where, which are of one key, and
 * whose key are the strangers on. */
static void index_watches(struct engine *e)
{
	size_t n = 0, from = 0;
	struct watch *w;

	e->by_key =
		text_realloc(e->by_key, e->n_watches + 1, sizeof(*e->by_key));
	TAILQ_FOREACH(w, &e->watches, link)
		e->by_key[n++] = w;
	e->n_by_key = n;
	e->looks += n;
	qsort(e->by_key, n, sizeof(*e->by_key), by_key);
	for (size_t i = 1; i <= n; i++) {
		if (i < n &&
		    text_same(e->by_key[i]->base, e->by_key[from]->base))
			continue;
		for (size_t k = from; k < i; k++)
			e->by_key[k]->sibling =
				e->by_key[k + 1 < i ? k + 1 : from];
		from = i;
	}
	versions_strangers(e);
}

static void index_registries(struct engine *e, struct registry **all, size_t n)
{
	qsort(all, n, sizeof(*all), by_id);
	free(e->by_id);
	e->by_id = all;
	e->n_registries = n;
}

/* What the file no longer names: free it, or let its write finish first. */
static size_t sweep(struct engine *e, struct registry **all, size_t n)
{
	size_t kept = n;

	for (size_t i = 0; i < e->n_registries; i++) {
		struct registry *r = e->by_id[i];

		if (r->kept)
			continue;
		order_leave(e, r,
			    "the configuration does not name it any more");
		if (model_writing(r)) {
			health_leave(e, r);
			rules_own(r, NULL); /* which may be no more */
			r->retiring = true;
			all[kept++] = r;
		} else {
			facts_depart(e, r);
			registry_free(e, r);
		}
	}
	return kept;
}

static void sweep_watches(struct engine *e)
{
	struct watch *w, *next;

	for (w = TAILQ_FIRST(&e->watches); w; w = next) {
		next = TAILQ_NEXT(w, link);
		if (w->kept)
			continue;
		w->retired = true; /* polled until its last write is over */
		w->rule = NULL;
		model_mark_watch(e, w, MARK_LOOK);
		if (w->n_registries == 0)
			watch_free(e, w);
	}
}

static void sweep_scopes(struct engine *e)
{
	struct scope *s;

	TAILQ_FOREACH(s, &e->scopes, link)
		if (s->n_registries == 0 && !model_lists(s))
			scope_stop(e, s);
}

/* Its scope and the others of it, after the last thing that it had to do.  True
 * when it was the last one there. */
static bool go(struct engine *e, struct registry *r)
{
	struct scope *s = r->scope;
	struct registry *left;

	facts_depart(e, r);
	registry_free(e, r);
	/* Few may be left, and have no LIST any more. */
	if (s->n_registries == ENGINE_LIST_FROM - 1 && !model_lists(s))
		TAILQ_FOREACH(left, &s->registries, scope_link)
			move_in_time(e, left);
	if (s->n_registries == 0 && !model_lists(s))
		scope_stop(e, s);
	note_save(e);
	return s->n_registries == 0;
}

static void want_token(struct end *end)
{
	if (end && end->token)
		end->token->wanted = true;
}

/* Tokens that nothing is asked with any more are wiped, and have no place.
 * Who needs one now and then, such as the doctor, asks for another. */
static void sweep_tokens(struct engine *e)
{
	struct traffic *t = &e->traffic;
	struct watch *w;
	struct scope *s;
	struct end *end;

	for (size_t i = 0; i < t->n_tokens; i++)
		t->tokens[i]->wanted = false;
	TAILQ_FOREACH(end, &t->ends, link)
		if (end->storage && end->users > 0)
			want_token(end);
	TAILQ_FOREACH(w, &e->watches, link) {
		e->looks++;
		want_token(w->vault);
		want_token(w->arm);
	}
	TAILQ_FOREACH(s, &e->scopes, link)
		if (s->n_registries > 0 || model_lists(s))
			want_token(s->end);
	job_sweep_tokens(t);
}

/* Few are taken out of an order one by one, many by one walk over all: either
 * way that each costs little, however many there are. */
#define FEW(n, all) ((n) < (all) / 64)

static void registries_out(struct engine *e, struct registry **gone, size_t n)
{
	size_t kept = 0;

	if (!FEW(n, e->n_registries)) {
		for (size_t i = 0; i < e->n_registries; i++) {
			e->looks++;
			if (!e->by_id[i]->gone)
				e->by_id[kept++] = e->by_id[i];
		}
		e->n_registries = kept;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct registry **at = bsearch(&gone[i], e->by_id,
					       e->n_registries,
					       sizeof(*e->by_id), by_id);

		e->looks++;
		if (at)
			memmove(at, at + 1,
				(size_t)(e->by_id + e->n_registries-- - at -
					 1) *
					sizeof(*at));
	}
}

/* Out of the order and the ring of its key; what strangers are there on its
 * key is counted anew. */
static void watch_out(struct engine *e, struct watch *w)
{
	struct watch **at =
		bsearch(&w, e->by_key, e->n_by_key, sizeof(*e->by_key), by_key);
	struct watch *before = w;

	e->looks++;
	if (at)
		memmove(at, at + 1,
			(size_t)(e->by_key + e->n_by_key-- - at - 1) *
				sizeof(*at));
	while (before->sibling != w)
		before = before->sibling;
	before->sibling = w->sibling;
	w->sibling = w;
	if (versions_hosts(w))
		versions_strangers(e);
}

static bool only_one(const struct end *end)
{
	return end && end->users == 1;
}

/* True when nobody asks one of their vaults any more. */
static bool watches_out(struct engine *e, struct watch **over, size_t n)
{
	bool few = FEW(n, e->n_watches), last = false;

	for (size_t i = 0; i < n; i++) {
		last |= only_one(over[i]->vault) || only_one(over[i]->arm);
		if (few)
			watch_out(e, over[i]);
		watch_free(e, over[i]);
	}
	if (n && !few)
		index_watches(e);
	return last;
}

void adopt_gone(struct engine *e)
{
	struct registry **gone = e->gone;
	size_t n = e->n_gone, n_over = 0;
	struct watch **over;
	bool last = false;

	if (n == 0)
		return;
	e->gone = NULL;
	e->n_gone = 0;
	over = text_alloc(n, sizeof(*over));
	qsort(gone, n, sizeof(*gone), by_id);
	registries_out(e, gone, n);
	for (size_t i = 0; i < n; i++) {
		struct watch *w = gone[i]->watch;

		last |= go(e, gone[i]);
		if (w->retired && w->n_registries == 0)
			over[n_over++] = w;
	}
	last |= watches_out(e, over, n_over);
	free(over);
	free(gone);
	if (last)
		sweep_tokens(e);
}

static struct watch *find_watch(const struct engine *e,
				const struct config_watch *c)
{
	char base[KEYID_TEXT_MAX];

	keyid_print_base(&c->key, base, sizeof(base));
	return model_find_watch(e, base, c->key.version);
}

static struct watch *watch_of(struct engine *e, const struct config_watch *c)
{
	struct watch *w = find_watch(e, c);

	if (!w)
		w = watch_new(e, c);
	w->rule = NULL;
	watch_options(e, w, c);
	return w;
}

/* Whatever is at rest is read: by the new file's intervals, and with what
 * the new file may have mended. */
static void start(struct engine *e)
{
	struct registry *r;
	struct scope *s;
	struct watch *w;

	TAILQ_FOREACH(s, &e->scopes, link) {
		if (model_lists(s))
			list_begin(e, s);
		else if (s->n_registries == 0)
			job_cancel(&e->traffic, &s->job); /* nobody's */
		TAILQ_FOREACH(r, &s->registries, scope_link) {
			move_in_time(e, r);
			if (!model_listed(r) || r->error)
				move_ask(e, r);
		}
	}
	TAILQ_FOREACH(w, &e->watches, link) {
		key_in_time(e, w);
		policy_in_time(e, w);
	}
}

static struct traffic_limits limits_of(const struct config *c)
{
	return (struct traffic_limits){
		.vault_rate = c->vault_rate,
		.vault_burst = c->vault_burst,
		.read_rate = c->read_rate,
		.read_burst = c->read_burst,
		.write_rate = c->write_rate,
		.write_burst = c->write_burst,
		.max_requests = c->max_requests,
	};
}

/* Budgets and cloud; what hangs on the old file is let go of first. */
static void adopt_traffic(struct engine *e, struct config *config, bool first)
{
	bool other = !first && !cloud_same(&e->config->cloud, &config->cloud);
	struct traffic_limits limits = limits_of(config);

	job_limits(&e->traffic, &limits);
	end_cloud(&e->traffic, &config->cloud, other);
	if (other)
		job_reroute(&e->traffic);
	config_free(e->config);
	e->config = config;
}

/* ---- what rules bring ---- */

/* As the rule says it, and as a watch block does that says no more. */
static struct config_watch words_of(const struct rule *rule, const char *key)
{
	struct config_watch c = { .mode = rule->file->mode,
				  .credential = rule->file->credential,
				  .via = CONFIG_VIA_VAULT,
				  .canary = true,
				  .max_parallel = RULE_PARALLEL,
				  .max_age_ms = -1,
				  .lease = rule->file->lease };
	struct fault f;

	keyid_parse(&c.key, key, &f);
	return c;
}

static const struct credential *credential_of(struct engine *e,
					      const struct rule *rule)
{
	return end_credential(&e->traffic,
			      &e->config->credentials[rule->file->credential]);
}

/* The first rule that has brought one of its registries has the word, whoever
 * of them came first; a watch block has it before all rules. */
static void rule_of_watch(struct engine *e, struct watch *w, struct rule *rule)
{
	struct config_watch c = words_of(rule, w->base);

	w->rule = rule;
	watch_options(e, w, &c);
}

/* Of the rules of a new file: whom the old ones have brought stays, as far as
 * that can be told without a LIST. */
static size_t rules_keep(struct engine *e, struct registry **all, size_t n)
{
	for (size_t i = 0; i < e->n_registries; i++) {
		struct registry *r = e->by_id[i];
		struct rule *rule = r->rule;
		struct watch *w = r->watch;

		if (r->kept || r->retiring || !rule || !rule->file)
			continue;
		if (rule->kept == rule->file->max_registries ||
		    rule_match_known(rule->file, r->id, w->base) != RULE_WATCH)
			continue;
		if (!w->kept || (w->rule && rule->order < w->rule->order))
			rule_of_watch(e, w, rule);
		registry_take(e, w, &r->id, credential_of(e, rule));
		rule->kept++;
		all[n++] = r;
	}
	return n;
}

static void adopt_rules_of(struct engine *e)
{
	rules_adopt(e);
	for (size_t i = 0; i < e->n_rules; i++) {
		struct rule *rule = e->rules[i];

		rule->kept = 0;
		for (size_t k = 0; k < rule->n_looks; k++)
			rules_look(e, &rule->looks[k],
				   scope_of_place(e, &rule->file->places[k],
						  credential_of(e, rule)));
	}
}

/* The index does not know it yet when it is new. */
static struct watch *watch_of_rule(struct engine *e, struct rule *rule,
				   const char *key)
{
	struct watch *w = model_find_watch(e, key, "");
	struct config_watch c;

	if (!w) {
		c = words_of(rule, key);
		w = watch_new(e, &c);
		rule_of_watch(e, w, rule);
	} else if (w->retired || (w->rule && rule->order < w->rule->order)) {
		rule_of_watch(e, w, rule);
	}
	return w;
}

/* It is read now: a LIST that comes again shows all of them. */
static void begin(struct engine *e, struct registry *r)
{
	move_in_time(e, r);
	if (model_lists(r->scope))
		list_begin(e, r->scope);
	else
		move_ask(e, r);
	key_in_time(e, r->watch);
	policy_in_time(e, r->watch);
}

static void tell_found(struct engine *e, const struct registry *r)
{
	note_tell(
		e, NOTE_FOUND, r->watch, r, NULL, NULL,
		"Registry %s is watched from now on: rule \"%s\" has found it on key %s.",
		r->id, r->rule->name, r->watch->base);
}

static int by_key_and_id(const void *a, const void *b)
{
	const struct rule_seen *x = a, *y = b;
	int order = strcasecmp(x->key, y->key);

	return order ? order : resid_compare(x->id, y->id);
}

/* They come in, those of one key after the other; what finds keys and
 * registries is put in order once. */
static void join(struct engine *e, struct rule *rule, struct rule_seen *seen,
		 size_t n, bool tell)
{
	struct registry **all =
		text_alloc(e->n_registries + n + 1, sizeof(*all));
	size_t n_all = e->n_registries;

	struct watch *w = NULL;

	if (n_all)
		memcpy(all, e->by_id, n_all * sizeof(*all));
	qsort(seen, n, sizeof(*seen), by_key_and_id);
	for (size_t i = 0; i < n; i++) {
		bool known = model_find(e, seen[i].id) != NULL;
		struct registry *r;
		char *id;

		if (!w || !text_same(w->base, seen[i].key))
			w = watch_of_rule(e, rule, seen[i].key);
		id = text_dup(seen[i].id);
		r = registry_take(e, w, &id, credential_of(e, rule));
		free(id);
		if (!r)
			continue;
		rules_own(r, rule);
		if (!known)
			all[n_all++] = r;
		begin(e, r);
		if (tell)
			tell_found(e, r);
	}
	index_registries(e, all, n_all);
	index_watches(e);
	outlook_stale(e);
	note_save(e);
}

/* Nobody is of it any more, but who has a write under way. */
static bool is_left(const struct watch *w)
{
	const struct registry *r;

	TAILQ_FOREACH(r, &w->registries, watch_link)
		if (!r->retiring)
			return false;
	return true;
}

/* Of whose rule the watches are now, and which of them are over. */
static void sort_watches(struct engine *e)
{
	struct watch *w;

	TAILQ_FOREACH(w, &e->watches, link) {
		struct rule *first = NULL;
		struct registry *r;

		w->kept = true;
		if (!w->rule)
			continue;
		w->kept = !is_left(w);
		TAILQ_FOREACH(r, &w->registries, watch_link)
			if (!r->retiring && r->rule &&
			    (!first || r->rule->order < first->order))
				first = r->rule;
		if (first && first != w->rule)
			rule_of_watch(e, w, first);
	}
	sweep_watches(e);
	index_watches(e);
}

static void leave(struct engine *e, struct registry *r)
{
	order_leave(e, r, "its rule does not mean it any more");
	note_tell(
		e, NOTE_RETIRED, r->watch, r, NULL, r->facts.in_use,
		"Registry %s is not watched any more by rule \"%s\": %s, in %d lists in a row.",
		r->id, r->rule->name, rule_verdict_str(r->out), RULES_OUTS);
	if (!model_writing(r))
		move_stop(e, r);
	health_leave(e, r);
	r->retiring = true;
	rules_own(r, NULL);
	model_mark(e, r, MARK_LOOK);
}

void adopt_found(struct engine *e)
{
	bool some = e->n_leavers > 0;

	if (!e->rules_due)
		return;
	e->rules_due = false;
	for (size_t i = 0; i < e->n_leavers; i++)
		leave(e, e->leavers[i]);
	e->n_leavers = 0;
	for (size_t i = 0; i < e->n_rules; i++) {
		size_t n;
		struct rule_seen *all = rules_decide(e, e->rules[i], &n);

		if (n) {
			join(e, e->rules[i], all, n, true);
			some = true;
		}
		rule_seen_free(all, 0, n);
		free(all);
	}
	if (some)
		sort_watches(e);
}

void adopt_again(struct engine *e, struct rule *rule, struct rule_seen *all,
		 size_t n)
{
	size_t most = rule->file->max_registries, kept = 0;

	n = rule_sort(all, n);
	for (size_t i = 0; i < n; i++) {
		if (rule->n_registries + kept < most &&
		    !model_find(e, all[i].id) &&
		    rule_match_known(rule->file, all[i].id, all[i].key) ==
			    RULE_WATCH)
			all[kept++] = all[i];
		else
			rule_seen_free(all, i, i + 1);
	}
	if (kept)
		join(e, rule, all, kept, false);
	rule_seen_free(all, 0, kept);
}

void adopt_config(struct engine *e, struct config *config, bool first)
{
	struct registry **all = text_alloc(
		config->n_registries + e->n_registries + 1, sizeof(*all));
	size_t n = 0;
	struct watch *w;

	for (size_t i = 0; i < e->n_registries; i++)
		e->by_id[i]->kept = false;
	TAILQ_FOREACH(w, &e->watches, link)
		w->kept = false;
	adopt_traffic(e, config, first);
	lease_adopt(e);
	hint_adopt(e);
	adopt_rules_of(e);
	for (size_t i = 0; i < config->n_watches; i++) {
		const struct config_watch *c = &config->watches[i];
		struct registry *named = NULL;

		w = watch_of(e, c);
		for (size_t k = 0; k < c->n_registries; k++) {
			struct registry *r =
				registry_take(e, w, &c->registries[k].id,
					      w->vault->credential);

			if (!r)
				continue;
			rules_own(r, NULL);
			all[n++] = r;
			if (c->canary_id && resid_same(c->canary_id, r->id))
				named = r;
		}
		canary_name(e, w, named);
	}
	config_let_go(config);
	n = rules_keep(e, all, n);
	n = sweep(e, all, n);
	rules_forget(e);
	index_registries(e, all, n);
	sweep_watches(e);
	sweep_scopes(e);
	sweep_tokens(e);
	index_watches(e);
	job_retry_tokens(&e->traffic);
	outlook_stale(e);
	start(e);
}

void adopt_lend(struct engine *e)
{
	for (size_t i = 0; i < e->config->n_watches; i++) {
		struct config_watch *c = &e->config->watches[i];
		const struct watch *w = find_watch(e, c);
		const struct registry *r;

		if (!w)
			continue;
		c->registries =
			text_alloc(w->n_registries + 1, sizeof(*c->registries));
		TAILQ_FOREACH(r, &w->registries, watch_link)
			if (!r->retiring && !r->rule)
				c->registries[c->n_registries++].id =
					text_dup(r->id);
	}
}

void adopt_take_back(struct engine *e)
{
	if (e->n_watches)
		config_let_go(e->config);
}

void adopt_nothing(struct engine *e, struct config *config)
{
	adopt_traffic(e, config, true);
}

void adopt_free(struct engine *e)
{
	struct watch *w;
	struct scope *s;

	for (size_t i = 0; i < e->n_registries; i++)
		registry_free(e, e->by_id[i]);
	while ((w = TAILQ_FIRST(&e->watches)))
		watch_free(e, w);
	rules_free(e);
	hint_free(e);
	while ((s = TAILQ_FIRST(&e->scopes))) {
		TAILQ_REMOVE(&e->scopes, s, link);
		scope_stop(e, s);
		free(s->group);
		free(s);
	}
	departed_free(e);
	intern_free(&e->names);
	free(e->gone);
	free(e->by_id);
	free(e->by_key);
}
