/* One registry: new, taken over from another watch, freed. */
#include "engine/adopt_registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/adopt_scope.h"
#include "engine/canary.h"
#include "engine/facts.h"
#include "engine/health.h"
#include "engine/move.h"
#include "engine/move_question.h"
#include "engine/move_state.h"
#include "engine/order.h"
#include "engine/outlook.h"
#include "engine/rules.h"
#include "traffic/job.h"

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
	job_init(&r->job, &move_question_kind, r, text_hash(r->id));
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

void adopt_registry_free(struct engine *e, struct registry *r)
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
	move_state_rest(e, r);
	intern_set(&e->names, &r->wrote, "");
	intern_set(&e->names, &r->late_told, "");
	free(r->sent);
	order_free(r);
	model_fault_keep(e, &r->error, NULL);
	free(r->at);
	free(r->id);
	free(r);
}

struct registry *adopt_registry_take(struct engine *e, struct watch *w,
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
		move_state_clear_error(e, r);
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
		registry_link(e, r, w,
			      adopt_scope_of(e, parsed.subscription, cred));
	} else if (r->scope->end->credential != cred) {
		outlook_moving(e, r, false);
		TAILQ_REMOVE(&w->registries, r, watch_link);
		w->n_registries--;
		registry_link(e, r, w,
			      adopt_scope_of(e, parsed.subscription, cred));
	}
	r->kept = true;
	r->retiring = false;
	model_mark(e, r, MARK_LOOK);
	return r;
}
