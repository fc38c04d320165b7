/* What there is to be examined, and what hangs on what. */
#include "engine/doctor_plan.h"

#include <stdlib.h>
#include <string.h>

#include "azure/resid.h"
#include "azure/storage_url.h"
#include "azure/vaultid.h"
#include "base/text.h"
#include "traffic/end.h"
#include "traffic/host.h"

/* A watch as the file has it: the visit may outlive that. */
static struct config_watch copy_watch(const struct config_watch *w)
{
	struct config_watch c = *w;

	c.title = text_dup(w->title);
	c.identity = text_dup(w->identity);
	c.vault_resource = text_dup(w->vault_resource);
	c.canary_id = NULL;
	c.registries = text_alloc(w->n_registries + 1, sizeof(*c.registries));
	for (size_t i = 0; i < w->n_registries; i++)
		c.registries[i].id = text_dup(w->registries[i].id);
	return c;
}

static void free_watch(struct config_watch *w)
{
	for (size_t i = 0; i < w->n_registries; i++)
		free(w->registries[i].id);
	free(w->registries);
	free(w->title);
	free(w->identity);
	free(w->vault_resource);
}

static char **copy_texts(char *const *texts, size_t n)
{
	char **copies = text_alloc(n + 1, sizeof(*copies));

	for (size_t i = 0; i < n; i++)
		copies[i] = text_dup(texts[i]);
	return copies;
}

static void free_texts(char **texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(texts[i]);
	free(texts);
}

static struct config_rule copy_rule(const struct config_rule *r)
{
	struct config_rule c = *r;

	c.name = text_dup(r->name);
	c.key_pattern = text_dup(r->key_pattern);
	c.exclude = copy_texts(r->exclude, r->n_exclude);
	c.tags = copy_texts(r->tags, r->n_tags);
	c.places = text_alloc(r->n_places + 1, sizeof(*c.places));
	for (size_t i = 0; i < r->n_places; i++) {
		c.places[i] = r->places[i];
		c.places[i].text = text_dup(r->places[i].text);
		c.places[i].group = text_dup(r->places[i].group);
	}
	return c;
}

static void free_rule(struct config_rule *r)
{
	for (size_t i = 0; i < r->n_places; i++) {
		free(r->places[i].text);
		free(r->places[i].group);
	}
	free(r->places);
	free_texts(r->exclude, r->n_exclude);
	free_texts(r->tags, r->n_tags);
	free(r->key_pattern);
	free(r->name);
}

static int by_id(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return resid_compare(*x, *y);
}

/* The copies of the watches are made. */
static void copy_rules(struct doctor_plan *d, const struct config *c)
{
	struct doctor_rules *r = &d->rules;
	size_t n = 0;

	if (c->n_rules == 0)
		return;
	r->n = c->n_rules;
	r->all = text_alloc(r->n, sizeof(*r->all));
	for (size_t i = 0; i < r->n; i++)
		r->all[i] = copy_rule(&c->rules[i]);
	for (size_t i = 0; i < d->n_watches; i++)
		n += d->watches[i].n_registries;
	r->named = text_alloc(n + 1, sizeof(*r->named));
	for (size_t i = 0; i < d->n_watches; i++)
		for (size_t k = 0; k < d->watches[i].n_registries; k++)
			r->named[r->n_named++] = d->watches[i].registries[k].id;
	qsort(r->named, r->n_named, sizeof(*r->named), by_id);
}

static struct subject *add(struct doctor_plan *d, enum doctor_kind kind,
			   const char *name)
{
	struct subject *s;

	d->subjects = text_grow(d->subjects, d->n, sizeof(*d->subjects));
	s = &d->subjects[d->n++];
	*s = (struct subject){ .kind = kind,
			       .name = name,
			       .rule = DOCTOR_NOBODY,
			       .depends = { DOCTOR_NOBODY, DOCTOR_NOBODY } };
	return s;
}

/* A vault, Resource Manager (end) or who hands out tokens (end NULL). */
struct plan_host {
	struct host *host;
	struct end *end;
	const struct config_watch *watch;
	int order;
	size_t number; /* of its subject */
};

struct plan {
	struct doctor_plan *plan;
	struct traffic *traffic;
	struct plan_host *hosts;
	size_t n_hosts;
	/* By number of the watch: its credential, and where its key is read:
	 * at its vault, or at Resource Manager. */
	const struct credential **credentials;
	struct end **vaults;
	/* By the number that config has: subjects of credentials; and for one
	 * that no watch uses, whom its token is asked for (else NULL). */
	/* By number of the store. */
	struct end **store_ends;
	size_t *store_credentials;
	size_t *credential_subjects;
	struct end **spares;
	size_t n_credentials;
	struct end **rules; /* by number of the rule: of its first place */
};

static void plan_host(struct plan *p, struct host *host, struct end *end,
		      const struct config_watch *w, int order)
{
	p->hosts = text_grow(p->hosts, p->n_hosts, sizeof(*p->hosts));
	p->hosts[p->n_hosts++] =
		(struct plan_host){ host, end, w, order, DOCTOR_NOBODY };
}

static int by_host(const void *a, const void *b)
{
	const struct plan_host *x = a, *y = b;

	return x->host < y->host ? -1 : x->host > y->host;
}

static int by_order(const void *a, const void *b)
{
	const struct plan_host *x = a, *y = b;

	if (x->order != y->order)
		return x->order - y->order;
	return strcmp(x->host->origin, y->host->origin);
}

static struct end *arm_of(struct traffic *t, const char *id,
			  const struct credential *c)
{
	struct resid parsed;
	struct fault f;

	return resid_parse(&parsed, id, &f)
		       ? end_subscription(t, parsed.subscription, c)
		       : NULL;
}

/* The same of a key's vault. */
static struct end *key_arm(struct traffic *t, const struct config_watch *w,
			   const struct credential *c)
{
	struct resid parsed;
	struct fault f;

	return w->vault_resource &&
			       vaultid_parse(&parsed, w->vault_resource, &f)
		       ? end_subscription(t, parsed.subscription, c)
		       : NULL;
}

/* Each host once: of all who were named, the first in order. */
static void unique_hosts(struct plan *p)
{
	size_t n = 0;

	if (p->n_hosts == 0)
		return;
	qsort(p->hosts, p->n_hosts, sizeof(*p->hosts), by_host);
	for (size_t i = 0; i < p->n_hosts; i++) {
		if (n && p->hosts[n - 1].host == p->hosts[i].host) {
			if (p->hosts[i].order < p->hosts[n - 1].order)
				p->hosts[n - 1] = p->hosts[i];
			continue;
		}
		p->hosts[n++] = p->hosts[i];
	}
	p->n_hosts = n;
	qsort(p->hosts, p->n_hosts, sizeof(*p->hosts), by_order);
}

enum { ORDER_TOKENS, ORDER_ARM, ORDER_VAULT, ORDER_STORAGE };

static void plan_rule_hosts(struct plan *p)
{
	for (size_t i = 0; i < p->plan->rules.n; i++) {
		struct end *arm = p->rules[i];

		if (arm->token)
			plan_host(p, arm->token->host, NULL, NULL,
				  ORDER_TOKENS);
		plan_host(p, arm->host, arm, NULL, ORDER_ARM);
	}
}

static void plan_spare_hosts(struct plan *p)
{
	for (size_t i = 0; i < p->n_credentials; i++) {
		struct end *spare = p->spares[i];

		if (spare && spare->token)
			plan_host(p, spare->token->host, NULL, NULL,
				  ORDER_TOKENS);
		/* Only there it is learnt of which tenant it is. */
		if (spare && end_is_blind(spare))
			plan_host(p, spare->host, spare, NULL, ORDER_ARM);
	}
}

static void plan_store_hosts(struct plan *p)
{
	for (size_t i = 0; i < p->plan->n_stores; i++) {
		struct end *end = p->store_ends[i];

		if (end->token)
			plan_host(p, end->token->host, NULL, NULL,
				  ORDER_TOKENS);
		plan_host(p, end->host, end, NULL, ORDER_STORAGE);
	}
}

static void plan_hosts(struct plan *p)
{
	struct doctor_plan *d = p->plan;
	struct traffic *t = p->traffic;

	for (size_t i = 0; i < d->n_watches; i++) {
		const struct config_watch *w = &d->watches[i];
		struct end *vault = p->vaults[i], *arm = NULL;

		if (w->n_registries)
			arm = arm_of(t, w->registries[0].id, p->credentials[i]);
		plan_host(p, vault->host, vault, w,
			  vault->vault ? ORDER_VAULT : ORDER_ARM);
		if (vault->token)
			plan_host(p, vault->token->host, NULL, w, ORDER_TOKENS);
		if (arm)
			plan_host(p, arm->host, arm, w, ORDER_ARM);
	}
	plan_rule_hosts(p);
	plan_spare_hosts(p);
	plan_store_hosts(p);
	unique_hosts(p);
	for (size_t i = 0; i < p->n_hosts; i++) {
		struct plan_host *h = &p->hosts[i];
		const char *name = h->host->origin;
		struct subject *s;

		if (text_prefix(name, "https://"))
			name += strlen("https://");
		h->number = d->n;
		s = add(d, DOCTOR_HOST, name);
		s->host = h->host;
		s->end = h->end;
		s->watch = h->watch;
	}
	if (p->n_hosts == 0)
		return;
	qsort(p->hosts, p->n_hosts, sizeof(*p->hosts), by_host);
	add(d, DOCTOR_CLOCK, "of this host");
}

static size_t host_number(const struct plan *p, struct host *host)
{
	const struct plan_host key = { .host = host };
	const struct plan_host *h = NULL;

	if (p->n_hosts)
		h = bsearch(&key, p->hosts, p->n_hosts, sizeof(*p->hosts),
			    by_host);
	return h ? h->number : DOCTOR_NOBODY;
}

/* Its tokens are of two sorts at most: for vaults, and for Resource Manager. */
static void also_for(struct subject *s, struct end *end)
{
	if (end && !s->end_next && end->token != s->end->token)
		s->end_next = end;
}

/* One that is asked for a token of Resource Manager's. */
static struct subject *plan_credential(struct plan *p, size_t number,
				       struct end *end)
{
	struct subject *s;

	p->credential_subjects[number] = p->plan->n;
	s = add(p->plan, DOCTOR_CREDENTIAL, end->credential->name);
	s->end = end;
	if (end->token)
		s->depends[0] = host_number(p, end->token->host);
	if (end_is_blind(end))
		s->depends[1] = host_number(p, end->host);
	return s;
}

/* Those that rules use, and then those that nobody does: one of these may be
 * meant for the next watch. */
static void plan_others(struct plan *p)
{
	struct doctor_plan *d = p->plan;

	for (size_t i = 0; i < d->rules.n; i++) {
		size_t number = d->rules.all[i].credential;
		size_t *at = &p->credential_subjects[number];

		if (*at == DOCTOR_NOBODY)
			plan_credential(p, number, p->rules[i])->rule = i;
		else
			also_for(&d->subjects[*at], p->rules[i]);
	}
	for (size_t i = 0; i < p->n_credentials; i++)
		if (p->spares[i])
			plan_credential(p, i, p->spares[i]);
}

static void plan_store_credentials(struct plan *p)
{
	for (size_t i = 0; i < p->plan->n_stores; i++) {
		size_t *number =
			&p->credential_subjects[p->store_credentials[i]];
		struct end *end = p->store_ends[i];
		struct subject *s;

		if (*number != DOCTOR_NOBODY)
			continue;
		*number = p->plan->n;
		s = add(p->plan, DOCTOR_CREDENTIAL, end->credential->name);
		s->end = end;
		s->store = &p->plan->stores[i];
		s->queue = i >= p->plan->n_leases;
		if (end->token)
			s->depends[0] = host_number(p, end->token->host);
		if (end_is_blind(end))
			s->depends[1] = host_number(p, end->host);
	}
}

/* One subject for each credential: first those that watches use. */
static void plan_credentials(struct plan *p)
{
	struct doctor_plan *d = p->plan;

	for (size_t i = 0; i < d->n_watches; i++) {
		const struct config_watch *w = &d->watches[i];
		size_t *number = &p->credential_subjects[w->credential];
		struct subject *s;
		struct end *arm = NULL;

		if (w->n_registries)
			arm = arm_of(p->traffic, w->registries[0].id,
				     p->credentials[i]);
		if (*number != DOCTOR_NOBODY) {
			s = &d->subjects[*number];
			also_for(s, p->vaults[i]);
			also_for(s, arm);
			continue;
		}
		*number = d->n;
		s = add(d, DOCTOR_CREDENTIAL, p->credentials[i]->name);
		s->watch = w;
		s->end = p->vaults[i];
		also_for(s, arm);
		if (s->end->token)
			s->depends[0] = host_number(p, s->end->token->host);
	}
	plan_store_credentials(p);
	plan_others(p);
}

static void plan_keys(struct plan *p)
{
	struct doctor_plan *d = p->plan;

	for (size_t i = 0; i < d->n_watches; i++) {
		const struct config_watch *w = &d->watches[i];
		struct subject *s = add(d, DOCTOR_KEY, w->title);

		s->watch = w;
		s->end = p->vaults[i];
		if (w->via == CONFIG_VIA_AUTO)
			s->end_next = key_arm(p->traffic, w, p->credentials[i]);
		s->depends[0] = host_number(p, s->end->host);
		s->depends[1] = p->credential_subjects[w->credential];
	}
}

static void plan_registries(struct plan *p)
{
	struct doctor_plan *d = p->plan;
	size_t keys = d->n - d->n_watches; /* just planned, one for each */

	for (size_t i = 0; i < d->n_watches; i++) {
		const struct config_watch *w = &d->watches[i];

		for (size_t k = 0; k < w->n_registries; k++) {
			const char *id = w->registries[k].id;
			struct end *arm =
				arm_of(p->traffic, id, p->credentials[i]);
			struct subject *s;

			if (!arm)
				continue; /* config_parse has refused it */
			s = add(d, DOCTOR_REGISTRY, id);
			s->watch = w;
			s->key = keys + i;
			s->end = arm;
			s->depends[0] = host_number(p, arm->host);
			s->depends[1] = p->credential_subjects[w->credential];
		}
	}
}

static void plan_stores(struct plan *p)
{
	struct doctor_plan *d = p->plan;

	for (size_t i = 0; i < d->n_stores; i++) {
		bool queue = i >= d->n_leases;
		struct subject *s = add(d, queue ? DOCTOR_QUEUE : DOCTOR_LEASE,
					d->stores[i].name);

		s->store = &d->stores[i];
		s->queue = queue;
		s->end = p->store_ends[i];
		s->depends[0] = host_number(p, s->end->host);
		s->depends[1] = p->credential_subjects[p->store_credentials[i]];
	}
}

static void copy_store(struct plan *p, size_t i, const struct config *c,
		       const char *name, const char *url, size_t credential)
{
	char host[KEYID_HOST_MAX] = "";

	p->plan->stores[i] =
		(struct doctor_store){ text_dup(name), text_dup(url) };
	p->store_credentials[i] = credential;
	storage_url_host(url, host, sizeof(host));
	p->store_ends[i] = end_storage(
		p->traffic, host,
		end_credential(p->traffic, &c->credentials[credential]));
}

static void copy_stores(struct plan *p, const struct config *c)
{
	struct doctor_plan *d = p->plan;

	d->n_leases = c->n_leases;
	d->n_stores = c->n_leases + c->n_events;
	d->stores = text_alloc(d->n_stores + 1, sizeof(*d->stores));
	p->store_ends = text_alloc(d->n_stores + 1, sizeof(*p->store_ends));
	p->store_credentials =
		text_alloc(d->n_stores + 1, sizeof(*p->store_credentials));
	for (size_t i = 0; i < c->n_leases; i++)
		copy_store(p, i, c, c->leases[i].name, c->leases[i].url,
			   c->leases[i].credential);
	for (size_t i = 0; i < c->n_events; i++)
		copy_store(p, c->n_leases + i, c, c->events[i].name,
			   c->events[i].queue, c->events[i].credential);
}

static void plan_rules(struct plan *p)
{
	struct doctor_plan *d = p->plan;

	for (size_t i = 0; i < d->rules.n; i++) {
		const struct config_rule *r = &d->rules.all[i];
		struct subject *s = add(d, DOCTOR_RULE, r->name);

		s->rule = i;
		s->end = p->rules[i];
		s->depends[0] = host_number(p, s->end->host);
		s->depends[1] = p->credential_subjects[r->credential];
	}
}

/* Any subscription serves to be asked for a token of Resource Manager's. */
static void find_spares(struct plan *p, const struct config *c)
{
	const char *subscription = "00000000-0000-0000-0000-000000000000";
	bool *used = text_alloc(c->n_credentials + 1, sizeof(*used));
	struct resid parsed;
	struct fault f;

	for (size_t i = 0; i < c->n_watches; i++) {
		const struct config_watch *w = &c->watches[i];

		used[w->credential] = true;
		if (w->n_registries &&
		    resid_parse(&parsed, w->registries[0].id, &f))
			subscription = parsed.subscription;
	}
	for (size_t i = 0; i < p->plan->n_stores; i++)
		used[p->store_credentials[i]] = true;
	for (size_t i = 0; i < c->n_rules; i++)
		used[c->rules[i].credential] = true;
	p->n_credentials = c->n_credentials;
	p->spares = text_alloc(c->n_credentials + 1, sizeof(*p->spares));
	for (size_t i = 0; i < c->n_credentials; i++)
		if (!used[i])
			p->spares[i] = end_subscription(
				p->traffic, subscription,
				end_credential(p->traffic, &c->credentials[i]));
	free(used);
}

void doctor_plan_make(struct doctor_plan *d, struct traffic *t,
		      const struct config *c)
{
	struct plan p = { .plan = d, .traffic = t };

	*d = (struct doctor_plan){ .n_watches = c->n_watches };
	d->watches = text_alloc(c->n_watches + 1, sizeof(*d->watches));
	p.credentials = text_alloc(c->n_watches + 1, sizeof(*p.credentials));
	p.vaults = text_alloc(c->n_watches + 1, sizeof(*p.vaults));
	p.credential_subjects = text_alloc(c->n_credentials + 1,
					   sizeof(*p.credential_subjects));
	for (size_t i = 0; i < c->n_credentials; i++)
		p.credential_subjects[i] = DOCTOR_NOBODY;
	for (size_t i = 0; i < c->n_watches; i++) {
		const struct config_watch *w = &c->watches[i];

		d->watches[i] = copy_watch(w);
		p.credentials[i] =
			end_credential(t, &c->credentials[w->credential]);
		if (w->via == CONFIG_VIA_ARM)
			p.vaults[i] = key_arm(t, w, p.credentials[i]);
		if (!p.vaults[i])
			p.vaults[i] =
				end_vault(t, w->key.host, p.credentials[i]);
	}
	copy_stores(&p, c);
	copy_rules(d, c);
	p.rules = text_alloc(c->n_rules + 1, sizeof(struct end *));
	for (size_t i = 0; i < c->n_rules; i++)
		p.rules[i] = end_subscription(
			t, c->rules[i].places[0].subscription,
			end_credential(
				t, &c->credentials[c->rules[i].credential]));
	find_spares(&p, c);
	plan_hosts(&p);
	plan_credentials(&p);
	plan_keys(&p);
	plan_registries(&p);
	plan_stores(&p);
	free(p.store_ends);
	free(p.store_credentials);
	plan_rules(&p);
	free(p.rules);
	free(p.hosts);
	free(p.credentials);
	free(p.vaults);
	free(p.credential_subjects);
	free(p.spares);
}

void doctor_plan_free(struct doctor_plan *d)
{
	for (size_t i = 0; i < d->n_watches; i++)
		free_watch(&d->watches[i]);
	for (size_t i = 0; i < d->n_stores; i++) {
		free(d->stores[i].name);
		free(d->stores[i].url);
	}
	free(d->stores);
	for (size_t i = 0; i < d->rules.n; i++)
		free_rule(&d->rules.all[i]);
	free(d->rules.all);
	free(d->rules.named);
	free(d->watches);
	free(d->subjects);
}
