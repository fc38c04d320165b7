/* The far ends: hosts with a credential, their tokens and budgets. */
#include "traffic/end.h"

#include <stdlib.h>
#include <string.h>

#include "azure/credential.h"
#include "base/backoff.h"
#include "base/text.h"
#include "traffic/host.h"

#define STORAGE_RATE 200.0 /* calls per second to one account */

struct errand *end_errand(struct traffic *t, enum errand_kind kind)
{
	if (t->next_errand == t->n_errands)
		t->next_errand = t->n_errands = 0;
	if (t->n_errands == t->size_errands) {
		t->size_errands = t->size_errands ? 2 * t->size_errands : 64;
		t->errands = text_realloc(t->errands, t->size_errands,
					  sizeof(*t->errands));
	}
	t->errands[t->n_errands] = (struct errand){ .kind = kind };
	return &t->errands[t->n_errands++];
}

const struct credential *end_credential(struct traffic *t,
					const struct credential *c)
{
	struct credential *copy;

	for (size_t i = 0; i < t->n_credentials; i++)
		if (credential_same(t->credentials[i], c))
			return t->credentials[i];
	copy = text_alloc(1, sizeof(*copy));
	*copy = credential_copy(c);
	t->credentials = text_realloc(t->credentials, t->n_credentials + 1,
				      sizeof(*t->credentials));
	t->credentials[t->n_credentials++] = copy;
	return copy;
}

/* Scheme, name and port of a base address: what counts as one host. */
static struct host *host_of_url(struct traffic *t, const char *url)
{
	char origin[TRAFFIC_ORIGIN_MAX];
	const char *from = strstr(url, "://");
	size_t n = from ? (size_t)(from - url) + 3 + strcspn(from + 3, "/?#")
			: strlen(url);

	if (n >= sizeof(origin))
		n = sizeof(origin) - 1;
	memcpy(origin, url, n);
	origin[n] = '\0';
	return host_find(&t->hosts, origin);
}

static struct host *token_host(struct traffic *t, const struct credential *c)
{
	struct host *h;

	if (c->kind != CREDENTIAL_MANAGED_IDENTITY)
		return host_of_url(t, t->cloud->authority);
	h = host_of_url(t, c->endpoint ? c->endpoint : t->cloud->imds_endpoint);
	/* Its challenge, and the key that answers it, are one question: another
	 * one between them may make it forget that key. */
	if (c->source == IDENTITY_ARC)
		host_single(&t->hosts, h);
	return h;
}

/* A place in the table: one that was vacated, or one more; NULL: none. */
static struct token *place(struct traffic *t)
{
	struct token *k;

	for (size_t i = 0; i < t->n_tokens; i++)
		if (!t->tokens[i]->credential)
			return t->tokens[i];
	if (t->n_tokens == TRAFFIC_TOKENS_MAX)
		return NULL;
	k = text_alloc(1, sizeof(*k));
	k->slot = (uint32_t)t->n_tokens;
	TAILQ_INIT(&k->waiters);
	t->tokens =
		text_realloc(t->tokens, t->n_tokens + 1, sizeof(*t->tokens));
	t->tokens[t->n_tokens++] = k;
	return k;
}

struct token *end_token(struct traffic *t, const struct credential *c,
			const char *audience)
{
	struct token *k;

	for (size_t i = 0; i < t->n_tokens; i++)
		if (t->tokens[i]->credential == c &&
		    strcmp(t->tokens[i]->audience, audience) == 0)
			return t->tokens[i];
	k = place(t);
	if (!k)
		return NULL;
	k->credential = c;
	text_copy(k->audience, sizeof(k->audience), audience);
	k->host = token_host(t, c);
	k->fault = fault_none();
	k->refused_at = -1;
	k->heals_at = -1;
	return k;
}

struct token *end_has_token(struct traffic *t, struct end *end)
{
	if (!end->token)
		end->token = end_token(t, end->as, end->audience);
	return end->token;
}

void end_vacate(struct token *k)
{
	free(k->claims);
	free(k->asked);
	free(k->job);
	/* What went out with the old one never fits the new one. */
	*k = (struct token){ .slot = k->slot, .generation = k->generation + 1 };
	TAILQ_INIT(&k->waiters);
}

void end_leave_vacant(struct traffic *t)
{
	struct end *end;

	TAILQ_FOREACH(end, &t->ends, link)
		if (end->token && !end->token->credential)
			end->token = NULL;
}

static void lane_init(struct traffic *t, struct lane *l, double rate,
		      double burst)
{
	bucket_init(&l->own, rate, burst, t->now.boot);
	l->bucket = &l->own;
	TAILQ_INIT(&l->sleepers);
	timer_init(&l->timer, TIMER_LANE, l);
}

/* Host, audience and token by what the cloud is now. */
static void settle_in(struct traffic *t, struct end *end)
{
	char origin[TRAFFIC_ORIGIN_MAX];

	end->as = end->credential;
	end->moves = 0;
	if (end->vault || end->storage) {
		text_copy(origin, sizeof(origin), "https://");
		text_copy(origin + 8, sizeof(origin) - 8, end->name);
		end->host = host_find(&t->hosts, origin);
	}
	if (end->storage) {
		text_copy(end->audience, sizeof(end->audience),
			  CLOUD_STORAGE_AUDIENCE);
	} else if (end->vault) {
		cloud_vault_audience(t->cloud, end->name, end->audience,
				     sizeof(end->audience));
	} else {
		end->host = host_of_url(t, t->cloud->resource_manager);
		text_copy(end->audience, sizeof(end->audience),
			  t->cloud->arm_audience);
	}
	end->token = end_token(t, end->as, end->audience);
}

/* A vault counts the calls of all credentials together. */
static void share_budget(struct lane *l, struct host *h)
{
	if (!h->budgeted)
		h->budget = l->own;
	h->budgeted = true;
	l->bucket = &h->budget;
}

/* Budgets by the limits that are in force, made or renewed by `set`. */
static void set_lanes(struct traffic *t, struct end *end,
		      void (*set)(struct traffic *t, struct lane *l,
				  double rate, double burst))
{
	const struct traffic_limits *l = &t->limits;
	struct lane *read = &end->lanes[END_READ];
	struct lane *write = &end->lanes[END_WRITE];

	if (end->storage) {
		set(t, read, STORAGE_RATE, STORAGE_RATE);
		set(t, write, STORAGE_RATE, STORAGE_RATE);
		return;
	}
	set(t, read, end->vault ? l->vault_rate : l->read_rate,
	    end->vault ? l->vault_burst : l->read_burst);
	set(t, write, l->write_rate, l->write_burst);
}

enum service { VAULT, SUBSCRIPTION, STORAGE };

static struct end *find(struct traffic *t, enum service service,
			const char *name, const struct credential *c)
{
	struct end_bucket *bucket =
		&t->end_buckets[text_hash(name) % TRAFFIC_END_BUCKETS];
	struct end *end;

	LIST_FOREACH(end, bucket, bucket)
	{
		t->looks++;
		if (end->credential == c && end->vault == (service == VAULT) &&
		    end->storage == (service == STORAGE) &&
		    text_same(end->name, name)) {
			end_has_token(t, end);
			return end;
		}
	}
	end = text_alloc(1, sizeof(*end));
	end->credential = c;
	end->vault = service == VAULT;
	end->storage = service == STORAGE;
	text_copy(end->name, sizeof(end->name), name);
	set_lanes(t, end, lane_init);
	settle_in(t, end);
	if (end->vault)
		share_budget(&end->lanes[END_READ], end->host);
	TAILQ_INSERT_TAIL(&t->ends, end, link);
	LIST_INSERT_HEAD(bucket, end, bucket);
	return end;
}

struct end *end_vault(struct traffic *t, const char *host,
		      const struct credential *c)
{
	return find(t, VAULT, host, c);
}

struct end *end_subscription(struct traffic *t, const char *subscription,
			     const struct credential *c)
{
	return find(t, SUBSCRIPTION, subscription, c);
}

struct end *end_storage(struct traffic *t, const char *host,
			const struct credential *c)
{
	return find(t, STORAGE, host, c);
}

/* Who waits for the budget waits by the old one: its timer looks anew. */
static void lane_limit(struct traffic *t, struct lane *l, double rate,
		       double burst)
{
	bucket_limit(l->bucket, rate, burst, t->now.boot);
	if (heap_min(&l->queue))
		timer_set(&t->timers, &l->timer, t->now.boot);
}

void end_limits(struct traffic *t, const struct traffic_limits *l)
{
	struct end *end;

	t->limits = *l;
	host_share(&t->hosts, l->max_requests);
	TAILQ_FOREACH(end, &t->ends, link)
		set_lanes(t, end, lane_limit);
}

void end_forget(struct traffic *t, struct token *k)
{
	k->ready = k->held = false;
	end_errand(t, ERRAND_FORGET)->token = k->slot;
}

void end_cloud(struct traffic *t, const struct cloud *cloud, bool other)
{
	struct end *end;

	t->cloud = cloud;
	if (!other)
		return;
	for (size_t i = 0; i < t->n_tokens; i++) {
		if (!t->tokens[i]->credential)
			continue; /* nobody's */
		end_forget(t, t->tokens[i]);
		t->tokens[i]->host = token_host(t, t->tokens[i]->credential);
	}
	TAILQ_FOREACH(end, &t->ends, link)
		settle_in(t, end);
}

void end_audience(struct traffic *t, struct end *end, const char *audience)
{
	text_copy(end->audience, sizeof(end->audience), audience);
	end->token = end_token(t, end->as, end->audience);
}

bool end_tenant(struct traffic *t, struct end *end, const char *tenant)
{
	struct credential as = *end->credential;

	if (text_same(tenant, end->as->tenant) || end->moves == TRAFFIC_MOVES)
		return false;
	end->moves++;
	as.tenant = (char *)(uintptr_t)tenant;
	end->as = text_same(tenant, end->credential->tenant)
			  ? end->credential
			  : end_credential(t, &as);
	end->token = end_token(t, end->as, end->audience);
	return true;
}

bool end_is_blind(const struct end *end)
{
	return credential_wants_tenant(end->as);
}

bool end_fall_back(struct traffic *t, struct end *end)
{
	char own[CALL_AUDIENCE_MAX];

	if (!end->vault ||
	    !cloud_vault_audience(t->cloud, end->name, own, sizeof(own)) ||
	    strcmp(own, end->audience) == 0)
		return false;
	end_audience(t, end, own);
	return true;
}

bool end_learn(struct traffic *t, struct lane *l, const struct reply *r)
{
	int64_t told = r->fault.retry_after_ms, own;
	bool outage = l->fail_streak >= 2;

	if (r->remaining >= 0)
		bucket_observe(l->bucket, t->now.boot, r->remaining);
	if (r->fault.kind == FAULT_THROTTLED) {
		if (!r->throttles_all)
			return false;
		/* Key Vault's documents: wait 1, 2, 4, 8, 16 seconds. */
		own = (int64_t)1000 << (l->throttles < 4 ? l->throttles : 4);
		if (told < own)
			told = own;
		l->throttles++;
		bucket_close(l->bucket, t->now.boot, backoff_told(told, 0));
		return false;
	}
	l->throttles = 0;
	if (r->fault.kind == FAULT_TRANSIENT) {
		l->fail_streak++;
		return false;
	}
	if (r->fault.kind == FAULT_LOCAL)
		return false; /* our own trouble: it says nothing */
	/* One item that keeps failing among others that work is no outage. */
	l->fail_streak = 0;
	return outage;
}

void end_free(struct traffic *t)
{
	struct end *end;

	while ((end = TAILQ_FIRST(&t->ends))) {
		TAILQ_REMOVE(&t->ends, end, link);
		for (int i = END_READ; i <= END_WRITE; i++) {
			timer_set(&t->timers, &end->lanes[i].timer, INT64_MAX);
			heap_free(&end->lanes[i].queue);
		}
		free(end);
	}
	for (size_t i = 0; i < t->n_tokens; i++) {
		free(t->tokens[i]->claims);
		free(t->tokens[i]->asked);
		free(t->tokens[i]);
	}
	for (size_t i = 0; i < t->n_credentials; i++) {
		credential_free(t->credentials[i]);
		free(t->credentials[i]);
	}
	free(t->tokens);
	free(t->credentials);
	free(t->errands);
}
