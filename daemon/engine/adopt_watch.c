/* One watch: new, by the words of the file or of a rule, freed. */
#include "engine/adopt_watch.h"

#include <stdlib.h>

#include "azure/vaultid.h"
#include "base/text.h"
#include "engine/canary.h"
#include "engine/key.h"
#include "engine/key_way.h"
#include "engine/lease.h"
#include "engine/lease_adopt.h"
#include "engine/outlook.h"
#include "engine/policy.h"
#include "engine/versions.h"
#include "traffic/end.h"
#include "traffic/job.h"

struct watch *adopt_watch_new(struct engine *e, const struct config_watch *c)
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

void adopt_watch_free(struct engine *e, struct watch *w)
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

void adopt_watch_options(struct engine *e, struct watch *w,
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
	lease_adopt_put(w, lease_at(e, c->lease));
	w->max_age = c->max_age_ms >= 0 ? c->max_age_ms : e->config->max_age_ms;
	text_copy(w->identity, sizeof(w->identity),
		  c->identity ? c->identity : "");
	if (watch_way(e, w, c, cred) &&
	    !job_rebind(&e->traffic, &w->job, key_way_end(e, w)))
		job_at(&e->traffic, &w->job, model_boot(e), false);
	model_mark_watch(e, w, MARK_LOOK);
}

struct watch *adopt_watch_find(const struct engine *e,
			       const struct config_watch *c)
{
	char base[KEYID_TEXT_MAX];

	keyid_print_base(&c->key, base, sizeof(base));
	return model_find_watch(e, base, c->key.version);
}

struct watch *adopt_watch_of(struct engine *e, const struct config_watch *c)
{
	struct watch *w = adopt_watch_find(e, c);

	if (!w)
		w = adopt_watch_new(e, c);
	w->rule = NULL;
	adopt_watch_options(e, w, c);
	return w;
}
