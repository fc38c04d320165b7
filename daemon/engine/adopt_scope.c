/* Subscriptions and groups in which registries are read, and rules look. */
#include "engine/adopt_scope.h"

#include "base/text.h"
#include "engine/list.h"
#include "engine/visit.h"
#include "traffic/end.h"
#include "traffic/job.h"

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

struct scope *adopt_scope_of(struct engine *e, const char *subscription,
			     const struct credential *c)
{
	struct end *end = end_subscription(&e->traffic, subscription, c);

	if (!end->owner)
		end->owner = scope_new(e, subscription, NULL, end);
	return end->owner;
}

struct scope *adopt_scope_of_place(struct engine *e,
				   const struct config_place *p,
				   const struct credential *c)
{
	struct scope *whole = adopt_scope_of(e, p->subscription, c), *s;

	if (!p->group)
		return whole;
	TAILQ_FOREACH(s, &e->scopes, link)
		if (s->end == whole->end && s->group &&
		    text_same(s->group, p->group))
			return s;
	return scope_new(e, p->subscription, p->group, whole->end);
}

void adopt_scope_stop(struct engine *e, struct scope *s)
{
	job_cancel(&e->traffic, &s->job);
	visit_stop(e, s);
	list_forget(s);
	model_fault_keep(e, &s->error, NULL);
	s->job.failures = s->failed = 0;
	s->alone = s->seeking = false;
}
