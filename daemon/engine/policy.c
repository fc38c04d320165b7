/* A key's rotation policy: read once a day, on a way of its own. */
#include "engine/policy.h"

#include <stdlib.h>

#include "base/text.h"
#include "engine/key_way.h"
#include "traffic/job.h"

#define EVERY_MS 86400000
#define AGAIN_MS 3600000 /* after a failure that passes */
/* The first time: what matters goes first, and a start is no burst. */
#define FIRST_MS 30000
#define SPREAD_MS 600000

static void fill(const void *world, const struct job *j, struct call *c)
{
	const struct watch *w = j->owner;

	(void)world;
	c->key = w->key;
	c->key.version[0] = '\0';
}

const struct job_kind policy_kind = { fill, NULL };

static void ask(struct engine *e, struct watch *w)
{
	/* Whatever else waits is more urgent. */
	w->policy.job.urgency = INT64_MAX;
	job_ask(&e->traffic, &w->policy.job, CALL_POLICY, w->vault, END_READ);
}

/* Only the vault itself is asked, and only where it lets us in. */
static bool wanted(const struct engine *e, const struct watch *w)
{
	return e->config->read_rotation_policy && !key_way_is_arm(w);
}

void policy_read(struct engine *e, struct watch *w)
{
	if (wanted(e, w) && w->policy.job.where == JOB_REST)
		ask(e, w);
}

static void again(struct engine *e, struct watch *w, int64_t delay)
{
	struct job *j = &w->policy.job;

	job_at(&e->traffic, j,
	       model_boot(e) + delay + job_random(&e->traffic, j, SPREAD_MS),
	       true);
}

void policy_in_time(struct engine *e, struct watch *w)
{
	struct job *j = &w->policy.job;

	if (!e->config->read_rotation_policy)
		policy_stop(e, w);
	else if (w->polled_at >= 0 && j->where == JOB_REST &&
		 !timer_is_set(&j->timer))
		again(e, w, FIRST_MS);
}

static void forget(struct watch *w)
{
	free(w->policy.text);
	w->policy.text = NULL;
	w->policy.denied = false;
}

void policy_stop(struct engine *e, struct watch *w)
{
	job_cancel(&e->traffic, &w->policy.job);
	forget(w);
}

/* What was read before may still be so as long as nobody says otherwise. */
static void answer(struct engine *e, struct watch *w, const struct reply *r)
{
	if (fault_is_transient(&r->fault)) {
		again(e, w, AGAIN_MS);
		return;
	}
	forget(w);
	if (r->fault.kind == FAULT_NONE)
		w->policy.text = text_dup(r->policy);
	else
		w->policy.denied = r->fault.kind == FAULT_DENIED;
	again(e, w, EVERY_MS);
}

void policy_take(struct engine *e, struct watch *w, const struct value *v)
{
	switch (v->kind) {
	case VALUE_DUE:
		if (wanted(e, w))
			ask(e, w);
		else
			again(e, w, AGAIN_MS);
		break;
	case VALUE_ANSWER:
		answer(e, w, v->reply);
		break;
	case VALUE_UNTRUE:
		again(e, w, AGAIN_MS);
		break;
	case VALUE_NO_TOKEN: /* it goes on waiting, as its key does */
	case VALUE_TIMER:
	case VALUE_NEWS:
		break;
	}
}
