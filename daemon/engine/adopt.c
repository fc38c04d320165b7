/* A configuration becomes watches and registries; what was there is kept,
 * moved or retired by identity. */
#include "engine/adopt.h"

#include <stdlib.h>

#include "base/text.h"
#include "engine/adopt_index.h"
#include "engine/adopt_leave.h"
#include "engine/adopt_registry.h"
#include "engine/adopt_rule.h"
#include "engine/adopt_scope.h"
#include "engine/adopt_watch.h"
#include "engine/canary.h"
#include "engine/departed.h"
#include "engine/hint.h"
#include "engine/key.h"
#include "engine/lease_adopt.h"
#include "engine/list.h"
#include "engine/move.h"
#include "engine/outlook.h"
#include "engine/policy.h"
#include "engine/rules.h"
#include "traffic/end.h"
#include "traffic/job.h"

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
	adopt_rule_looks(e);
	for (size_t i = 0; i < config->n_watches; i++) {
		const struct config_watch *c = &config->watches[i];
		struct registry *named = NULL;

		w = adopt_watch_of(e, c);
		for (size_t k = 0; k < c->n_registries; k++) {
			struct registry *r =
				adopt_registry_take(e, w, &c->registries[k].id,
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
	n = adopt_rule_keep(e, all, n);
	n = adopt_leave_registries(e, all, n);
	rules_forget(e);
	adopt_index_registries(e, all, n);
	adopt_leave_watches(e);
	adopt_leave_scopes(e);
	adopt_leave_tokens(e);
	adopt_index_watches(e);
	job_retry_tokens(&e->traffic);
	outlook_stale(e);
	start(e);
}

void adopt_lend(struct engine *e)
{
	for (size_t i = 0; i < e->config->n_watches; i++) {
		struct config_watch *c = &e->config->watches[i];
		const struct watch *w = adopt_watch_find(e, c);
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
		adopt_registry_free(e, e->by_id[i]);
	while ((w = TAILQ_FIRST(&e->watches)))
		adopt_watch_free(e, w);
	rules_free(e);
	hint_free(e);
	while ((s = TAILQ_FIRST(&e->scopes))) {
		TAILQ_REMOVE(&e->scopes, s, link);
		adopt_scope_stop(e, s);
		free(s->group);
		free(s);
	}
	departed_free(e);
	intern_free(&e->names);
	free(e->gone);
	free(e->by_id);
	free(e->by_key);
}
