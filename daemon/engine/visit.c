/* What became of registries that left the file, as far as it costs little. */
#include "engine/visit.h"

#include <stdlib.h>

#include "azure/resid.h"
#include "base/text.h"
#include "engine/departed.h"
#include "engine/model.h"
#include "traffic/job.h"

#define ABSENCES 2 /* whole LISTs in a row */

static void fill(const void *world, const struct job *j, struct call *c)
{
	const struct scope *s = j->owner;

	(void)world;
	c->registry = s->visit.id;
}

const struct job_kind visit_kind = { fill, NULL };

/* ---- what a LIST shows ---- */

static bool is_on(const struct departed *d, const struct keyid *key,
		  const char *version)
{
	char base[KEYID_TEXT_MAX];

	keyid_print_base(key, base, sizeof(base));
	return (!d->base || text_same(d->base, base)) &&
	       text_same(d->version, version);
}

/* Does it tell of another place than the one that is remembered?  What it
 * leaves out is no news. */
static bool is_elsewhere(const struct departed *d,
			 const struct registry_view *v)
{
	if (v->hidden)
		return false;
	if (!v->encrypted)
		return true;
	return v->version_known &&
	       !is_on(d, &v->in_use_key, v->version_in_use) &&
	       !(v->key_valid && v->key.version[0] != '\0' &&
		 is_on(d, &v->key, v->key.version));
}

/* A group's LIST shows the group alone. */
static bool is_of(const struct scope *s, const struct departed *d)
{
	struct resid id;
	struct fault f;

	return !s->group &&
	       text_same(d->credential, s->end->credential->name) &&
	       resid_parse(&id, d->id, &f) &&
	       text_same(id.subscription, s->subscription);
}

void visit_page(struct engine *e, struct scope *s, const struct reply *m)
{
	/* Who is among what cannot be told apart is not absent. */
	if (m->list.odd)
		s->visit.odd = s->pass;
	if (e->n_departed == 0 || s->group)
		return;
	for (size_t i = 0; i < m->list.n; i++) {
		const struct registry_item *item = &m->list.items[i];
		struct departed *d = departed_first(e, item->id);

		for (; d; d = departed_next(d)) {
			e->looks++;
			d->shown_by = s;
			d->shown = s->pass;
			d->elsewhere = is_elsewhere(d, &item->view);
			free(d->at);
			d->at = text_dup(item->id);
		}
	}
}

/* ---- asking ---- */

static void next(struct engine *e, struct scope *s)
{
	struct departed *d = TAILQ_FIRST(&s->visit.wanted);

	if (s->visit.job.where != JOB_REST)
		return;
	free(s->visit.id);
	s->visit.id = NULL;
	if (!d)
		return;
	TAILQ_REMOVE(&s->visit.wanted, d, wanted_link);
	d->wanted = NULL;
	s->visit.id = text_dup(d->at ? d->at : d->id);
	/* Whatever else waits is more urgent. */
	s->visit.job.urgency = INT64_MAX;
	job_ask(&e->traffic, &s->visit.job, CALL_REGISTRY, s->end, END_READ);
}

static void judge(struct engine *e, struct scope *s, struct departed *d)
{
	bool shown = d->shown_by == s && d->shown == s->pass;

	if (!is_of(s, d))
		return;
	if (shown)
		d->absent = 0;
	else if (s->visit.odd != s->pass)
		d->absent++;
	if (d->wanted || model_find(e, d->id) ||
	    (shown ? !d->elsewhere : d->absent < ABSENCES))
		return;
	d->wanted = s;
	TAILQ_INSERT_TAIL(&s->visit.wanted, d, wanted_link);
}

void visit_listed(struct engine *e, struct scope *s)
{
	struct departed *d;

	if (e->n_departed == 0 || s->group)
		return;
	for (size_t i = 0; i < DEPARTED_BUCKETS; i++)
		LIST_FOREACH(d, &e->departed->by_id[i], link)
		{
			e->looks++;
			judge(e, s, d);
		}
	next(e, s);
}

/* ---- what it says itself ---- */

static void keep(struct engine *e, const struct scope *s,
		 const struct keyid *key, const char *version)
{
	char base[KEYID_TEXT_MAX];

	keyid_print_base(key, base, sizeof(base));
	departed_keep(e, s->visit.id, base, version, model_azure(e),
		      s->end->credential->name);
}

/* It may be on its way from one version to another: then it is on both. */
static void settle(struct engine *e, const struct scope *s,
		   const struct registry_view *v)
{
	bool pinned = v->key_valid && v->key.version[0] != '\0';

	if (v->hidden || v->provisioning != PROVISIONING_SUCCEEDED ||
	    (v->encrypted && !v->version_known))
		return;
	departed_drop(e, s->visit.id);
	if (!v->encrypted)
		return;
	keep(e, s, &v->in_use_key, v->version_in_use);
	if (pinned && (!keyid_same_key(&v->key, &v->in_use_key) ||
		       !text_same(v->key.version, v->version_in_use)))
		keep(e, s, &v->key, v->key.version);
}

/* Resource Manager says itself that there is none, and so did its LISTs; not
 * something on the way, and not of a subscription that it does not know.
 * Source: Microsoft Learn, "Resolve errors for resource not found". */
static bool is_gone(const struct departed *d, const struct fault *f)
{
	return d && d->absent >= ABSENCES && f->kind == FAULT_MISSING &&
	       (text_same(f->azure_code, "ResourceNotFound") ||
		text_same(f->azure_code, "ResourceGroupNotFound"));
}

/* Anything else tells nothing; it is looked for again. */
static void answer(struct engine *e, struct scope *s, const struct reply *r)
{
	struct departed *d = departed_first(e, s->visit.id);

	/* It has come back, and what it is now others have read. */
	if (model_find(e, s->visit.id))
		return;
	if (r->fault.kind == FAULT_NONE)
		settle(e, s, &r->registry);
	else if (is_gone(d, &r->fault))
		departed_drop(e, s->visit.id);
	else
		for (; d; d = departed_next(d))
			d->absent = 0;
}

void visit_take(struct engine *e, struct scope *s, const struct value *v)
{
	switch (v->kind) {
	case VALUE_ANSWER:
		answer(e, s, v->reply);
		next(e, s);
		break;
	case VALUE_UNTRUE:
		next(e, s);
		break;
	case VALUE_DUE:
	case VALUE_NO_TOKEN: /* it goes on waiting, as all do */
	case VALUE_TIMER:
	case VALUE_NEWS:
		break;
	}
}

void visit_stop(struct engine *e, struct scope *s)
{
	struct departed *d;

	job_cancel(&e->traffic, &s->visit.job);
	while ((d = TAILQ_FIRST(&s->visit.wanted))) {
		TAILQ_REMOVE(&s->visit.wanted, d, wanted_link);
		d->wanted = NULL;
	}
	free(s->visit.id);
	s->visit.id = NULL;
}
