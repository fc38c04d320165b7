/* The leases of another configuration, held against those there are. */
#include "engine/lease_adopt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure/url.h"
#include "base/text.h"
#include "engine/lease.h"
#include "engine/lease_life.h"
#include "engine/lease_question.h"
#include "engine/lease_say.h"
#include "traffic/end.h"
#include "traffic/job.h"

static struct lease *find(struct engine *e, const char *url)
{
	struct lease *l;

	TAILQ_FOREACH(l, &e->leases, link)
		if (strcmp(l->url, url) == 0)
			return l;
	return NULL;
}

/* HOST[:PORT] of an https URL, as config_parse lets in. */
static void host_of(const char *url, char *dst, size_t size)
{
	const char *from = url + strlen("https://");
	size_t n = strcspn(from, "/");

	snprintf(dst, size, "%.*s", (int)n, from);
}

static struct lease *keep(struct engine *e, const struct config_lease *c)
{
	const struct credential *cred = end_credential(
		&e->traffic, &e->config->credentials[c->credential]);
	struct lease *l = find(e, c->url);
	int64_t whole = c->duration_ms / 1000 * 1000;
	bool fresh = !l || l->leaving;
	char host[URL_HOST_MAX + 6];

	if (!l)
		l = lease_life_new(e, c);
	l->more = !fresh && strcmp(l->name, c->name) != 0;
	free(l->name);
	l->name = text_dup(c->name);
	l->prefer = c->prefer;
	l->kept = true;
	l->leaving = false;
	host_of(c->url, host, sizeof(host));
	lease_life_place(l, end_storage(&e->traffic, host, cred));
	job_rebind(&e->traffic, &l->job, l->end);
	/* Azure is told whole seconds. */
	l->resized = !fresh && l->facts.duration_ms != whole;
	l->facts.duration_ms = whole;
	if (fresh || l->resized)
		lease_question_at(e, l, model_boot(e));
	return l;
}

void lease_adopt(struct engine *e)
{
	const struct config *c = e->config;
	struct lease *l, *next;

	TAILQ_FOREACH(l, &e->leases, link)
		l->kept = l->more = l->less = l->left = false;
	e->lease_of = text_realloc(e->lease_of, c->n_leases + 1,
				   sizeof(*e->lease_of));
	for (size_t i = 0; i < c->n_leases; i++)
		e->lease_of[i] = keep(e, &c->leases[i]);
	for (l = TAILQ_FIRST(&e->leases); l; l = next) {
		next = TAILQ_NEXT(l, link);
		if (l->kept)
			continue;
		l->left = !l->leaving;
		lease_life_leave(e, l, false);
	}
}

void lease_adopt_put(struct watch *w, struct lease *l)
{
	struct lease *before = w->lease;

	w->lease = l;
	if (before != l && l)
		l->more = true;
	else if (before != l)
		before->less = true;
}

/* Of those that are new it is told once it is known whose they are. */
void lease_adopt_reloaded(struct engine *e)
{
	bool alone = !e->dry_run && lease_role_all(e) == ROLE_ALONE;
	struct lease *l, *next;

	for (l = TAILQ_FIRST(&e->leases); l; l = next) {
		next = TAILQ_NEXT(l, link);
		if (!e->dry_run && (l->less || (l->left && alone)))
			lease_say_alone(e, l);
		if (l->more && l->role == ROLE_LEADER)
			lease_say_more(e, l);
		else if (l->more)
			l->role_told = false;
		lease_say_other(e, l);
		if (l->leaving && l->job.where == JOB_REST)
			lease_life_gone(e, l);
	}
}
