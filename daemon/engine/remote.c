/* The far ends: credentials, vaults and subscriptions with their budgets. */
#include <stdlib.h>
#include <string.h>

#include "azure/credential.h"
#include "base/text.h"
#include "engine/engine_internal.h"

/* Our own copy, so that tokens and questions outlive a reload. */
const struct credential *remote_credential(struct engine *e,
					   const struct credential *c)
{
	struct credential *copy;

	for (size_t i = 0; i < e->n_credentials; i++)
		if (credential_same(e->credentials[i], c))
			return e->credentials[i];
	copy = text_alloc(1, sizeof(*copy));
	*copy = credential_copy(c);
	e->credentials = text_realloc(e->credentials, e->n_credentials + 1,
				      sizeof(*e->credentials));
	e->credentials[e->n_credentials++] = copy;
	return copy;
}

struct vault *remote_vault(struct engine *e, const char *host,
			   const struct credential *c)
{
	const struct config *conf = e->config;
	struct vault *v;

	TAILQ_FOREACH(v, &e->vaults, link)
		if (v->credential == c && text_same(v->host, host))
			return v;
	v = text_alloc(1, sizeof(*v));
	text_copy(v->host, sizeof(v->host), host);
	v->credential = c;
	cloud_vault_audience(&conf->cloud, host, v->audience,
			     sizeof(v->audience));
	v->token = schedule_token(e, c, v->audience);
	schedule_lane_init(e, &v->lane, conf->vault_rate, conf->vault_burst);
	TAILQ_INSERT_TAIL(&e->vaults, v, link);
	return v;
}

struct scope *remote_scope(struct engine *e, const char *subscription,
			   const struct credential *c)
{
	const struct config *conf = e->config;
	struct scope *s;

	TAILQ_FOREACH(s, &e->scopes, link)
		if (s->credential == c &&
		    text_same(s->subscription, subscription))
			return s;
	s = text_alloc(1, sizeof(*s));
	text_copy(s->subscription, sizeof(s->subscription), subscription);
	s->credential = c;
	s->token = schedule_token(e, c, conf->cloud.arm_audience);
	schedule_lane_init(e, &s->read, conf->read_rate, conf->read_burst);
	schedule_lane_init(e, &s->write, conf->write_rate, conf->write_burst);
	schedule_job_init(&s->job, JOB_LIST, s);
	TAILQ_INIT(&s->registries);
	TAILQ_INSERT_TAIL(&e->scopes, s, link);
	return s;
}

void remote_limits(struct engine *e)
{
	const struct config *c = e->config;
	struct vault *v;
	struct scope *s;

	TAILQ_FOREACH(v, &e->vaults, link)
		bucket_limit(&v->lane.bucket, c->vault_rate, c->vault_burst);
	TAILQ_FOREACH(s, &e->scopes, link) {
		bucket_limit(&s->read.bucket, c->read_rate, c->read_burst);
		bucket_limit(&s->write.bucket, c->write_rate, c->write_burst);
	}
}

/* Nothing of the old file's failures stands in the way of the new one. */
void remote_retry(struct engine *e)
{
	for (size_t i = 0; i < e->n_tokens; i++) {
		struct job *j = &e->tokens[i]->job;

		if (heap_has(&j->timer.node))
			schedule_timer(e, &j->timer, e->now.boot);
	}
}

static void retoken_all(struct engine *e)
{
	struct watch *w;
	struct scope *s;

	TAILQ_FOREACH(w, &e->watches, link)
		if (w->vault)
			schedule_retoken(e, &w->job, w->vault->token);
	TAILQ_FOREACH(s, &e->scopes, link) {
		struct registry *r;

		schedule_retoken(e, &s->job, s->token);
		TAILQ_FOREACH(r, &s->registries, scope_link)
			schedule_retoken(e, &r->job, s->token);
	}
}

/* Another authority, other audiences: no token of before is good for them. */
void remote_cloud(struct engine *e)
{
	const struct cloud *c = &e->config->cloud;
	struct vault *v;
	struct scope *s;

	for (size_t i = 0; i < e->n_tokens; i++) {
		e->tokens[i]->ready = false;
		engine_push(e, ACTION_FORGET)->token = e->tokens[i]->slot;
		schedule_cancel(e, &e->tokens[i]->job);
	}
	TAILQ_FOREACH(v, &e->vaults, link) {
		cloud_vault_audience(c, v->host, v->audience,
				     sizeof(v->audience));
		v->token = schedule_token(e, v->credential, v->audience);
	}
	TAILQ_FOREACH(s, &e->scopes, link)
		s->token = schedule_token(e, s->credential, c->arm_audience);
	retoken_all(e);
	for (size_t i = 0; i < e->n_tokens; i++)
		if (!TAILQ_EMPTY(&e->tokens[i]->waiters))
			schedule_at(e, &e->tokens[i]->job, e->now.boot);
}

void remote_free(struct engine *e)
{
	struct vault *v;
	struct scope *s;

	while ((v = TAILQ_FIRST(&e->vaults))) {
		TAILQ_REMOVE(&e->vaults, v, link);
		schedule_lane_free(e, &v->lane);
		free(v);
	}
	while ((s = TAILQ_FIRST(&e->scopes))) {
		TAILQ_REMOVE(&e->scopes, s, link);
		schedule_cancel(e, &s->job);
		schedule_lane_free(e, &s->read);
		schedule_lane_free(e, &s->write);
		free(s->next_url);
		free(s->error);
		free(s);
	}
	for (size_t i = 0; i < e->n_tokens; i++)
		free(e->tokens[i]);
	for (size_t i = 0; i < e->n_credentials; i++) {
		credential_free(e->credentials[i]);
		free(e->credentials[i]);
	}
	free(e->tokens);
	free(e->credentials);
}
