/* The LISTs of some subscriptions, held against what is watched. */
#include "engine/discover.h"

#include <stdlib.h>

#include "azure/call_text.h"
#include "azure/resid.h"
#include "base/text.h"
#include "engine/rules.h"
#include "traffic/end.h"
#include "traffic/job.h"

#define TRIES 2		 /* of one page that fails in passing */
#define AGAIN_MS 1000	 /* between them ... */
#define AGAIN_MOST 30000 /* ... or as a server says, up to this */
#define PAGES_MAX 1000	 /* of one subscription; more is no end at all */

/* A subscription, or a group in one. */
struct search {
	struct end *end;
	const char *group;	 /* of a rule's place; NULL: all */
	struct discovered_in in; /* what is told of it in the end */
	size_t watched;		 /* of what was listed */
};

/* A registry that is to be told. */
struct hit {
	struct registry_item item; /* without tags */
	size_t search;		   /* in which it was found */
	bool own;		   /* the rule that is tried watches it */
	enum rule_verdict verdict; /* of that rule */
};

struct discover {
	struct engine *engine;
	struct job job;
	struct timer timer; /* for silence, or since what was found is told */
	int64_t silent_at;  /* boot ms: no answer for too long */
	struct search *searches;
	size_t n, at;
	unsigned tries;
	bool asks, over; /* a page is asked for; the last one has come */
	char *url;	 /* of the page to ask for; NULL: the first */
	uint64_t *pages; /* hashes of the URLs before it */
	size_t n_pages;
	/* Of a page, to be told; of a rule all of them, for the last one may
	 * change what is said of the first. */
	struct hit *hits;
	size_t n_hits, next_hit;
	char *rule;    /* that is tried; NULL: none */
	bool gathered; /* ... its lists are in */
};

/* ---- questions ---- */

static struct search *current(struct discover *d)
{
	return &d->searches[d->at];
}

static void fill(const void *world, const struct job *j, struct call *c)
{
	struct discover *d = j->owner;

	(void)world;
	c->subscription = current(d)->in.subscription;
	c->group = current(d)->group;
	c->tags = d->rule != NULL;
	c->url = d->url;
}

const struct job_kind discover_kind = { fill, NULL };

static void stay_awake(struct discover *d)
{
	struct traffic *t = &d->engine->traffic;

	d->silent_at = t->now.boot + DISCOVER_SILENCE_MS;
	timer_set(&t->timers, &d->timer, d->silent_at);
}

static void ask(struct discover *d)
{
	d->tries++;
	d->asks = true;
	d->job.urgency = INT64_MAX; /* what the daemon is for goes first */
	job_ask(&d->engine->traffic, &d->job, CALL_LIST, current(d)->end,
		END_READ);
}

/* ---- one subscription ---- */

static void forget_hits(struct discover *d)
{
	for (size_t i = 0; i < d->n_hits; i++)
		free(d->hits[i].item.id);
	free(d->hits);
	d->hits = NULL;
	d->n_hits = d->next_hit = 0;
}

static void forget_pages(struct discover *d)
{
	free(d->url);
	free(d->pages);
	d->url = NULL;
	d->pages = NULL;
	d->n_pages = 0;
}

/* Registries of watches in this subscription, whatever credential reads them.
 */
static size_t watched_there(const struct engine *e, const char *subscription)
{
	const struct scope *s;
	size_t n = 0;

	TAILQ_FOREACH(s, &e->scopes, link)
		if (text_same(s->subscription, subscription))
			n += s->n_registries;
	return n;
}

static void finish(struct discover *d, const struct fault *f)
{
	struct search *s = current(d);
	size_t all = watched_there(d->engine, s->in.subscription);

	job_cancel(&d->engine->traffic, &d->job);
	if (f)
		s->in.fault = *f;
	else if (!d->rule && all > s->watched)
		s->in.unlisted = all - s->watched;
	d->asks = false;
	d->over = true;
	stay_awake(d);
}

/* What may be well in a moment is asked once more. */
static void failed(struct discover *d, const struct fault *f)
{
	struct traffic *t = &d->engine->traffic;
	int64_t wait = f->retry_after_ms > AGAIN_MS ? f->retry_after_ms
						    : AGAIN_MS;

	if (fault_is_transient(f) && d->tries < TRIES && wait <= AGAIN_MOST)
		job_at(t, &d->job, t->now.boot + wait, false);
	else
		finish(d, f);
}

/* The rule that is tried, and is in force still; NULL. */
static const struct rule *tried(const struct discover *d)
{
	return d->rule ? rules_find(d->engine, d->rule) : NULL;
}

/* Those with a key are kept until they are told; a list may leave out whether
 * they have one.  Of a rule all are, for why it does not mean them. */
static void take_items(struct discover *d, const struct reply *m)
{
	const struct rule *rule = tried(d);
	struct search *s = current(d);

	for (size_t i = 0; i < m->list.n; i++) {
		const struct registry_item *item = &m->list.items[i];
		const struct registry *r = model_find(d->engine, item->id);
		bool watched = r && !r->retiring;
		struct hit *h;

		s->in.listed++;
		s->watched += watched;
		s->in.hidden += item->view.hidden;
		s->in.encrypted += item->view.encrypted;
		if (!rule && !item->view.encrypted)
			continue;
		d->hits = text_grow(d->hits, d->n_hits, sizeof(*d->hits));
		h = &d->hits[d->n_hits++];
		*h = (struct hit){ .item.id = text_dup(item->id),
				   .item.view = item->view,
				   .search = d->at };
		if (!rule)
			continue;
		h->own = watched && r->rule == rule;
		h->verdict = rules_judge(d->engine, rule, item);
	}
}

static int by_hit(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;

	return resid_compare(x->item.id, y->item.id);
}

/* As it would be decided: those that are watched stay, and the others come in
 * the order of their ids. */
static void choose(struct discover *d)
{
	const struct rule *rule = tried(d);
	size_t room = rule ? rule->file->max_registries : 0;

	if (rule && d->n_hits > 1)
		qsort(d->hits, d->n_hits, sizeof(*d->hits), by_hit);
	for (size_t i = 0; i < d->n_hits; i++)
		if (d->hits[i].own && d->hits[i].verdict == RULE_WATCH && room)
			room--;
	for (size_t i = 0; i < d->n_hits; i++) {
		struct hit *h = &d->hits[i];

		if (h->own || h->verdict != RULE_WATCH)
			continue;
		if (room)
			room--;
		else
			h->verdict = RULE_BEYOND;
	}
	d->gathered = true;
	d->at = 0;
}

/* False with *f: the link leads round in a circle, or there is no end. */
static bool follow(struct discover *d, const char *url, struct fault *f)
{
	struct call c = { .kind = CALL_LIST,
			  .subscription = current(d)->in.subscription };
	uint64_t hash = text_hash(url);

	for (size_t i = 0; i < d->n_pages; i++)
		if (d->pages[i] == hash)
			call_fault(
				&c, f, FAULT_INVALID, 0,
				"the link of page %zu leads back to page %zu, and so round without an end",
				d->n_pages + 1, i + 2);
	if (d->n_pages == PAGES_MAX - 1)
		call_fault(&c, f, FAULT_INVALID, 0,
			   "it has no end after %d pages", PAGES_MAX);
	if (f->kind != FAULT_NONE)
		return false;
	d->pages = text_grow(d->pages, d->n_pages, sizeof(*d->pages));
	d->pages[d->n_pages++] = hash;
	free(d->url);
	d->url = text_dup(url);
	return true;
}

static void answered(struct discover *d, const struct reply *r)
{
	struct fault f = fault_none();

	if (r->fault.kind != FAULT_NONE) {
		failed(d, &r->fault);
		return;
	}
	take_items(d, r);
	if (!r->list.next_url)
		finish(d, NULL);
	else if (!follow(d, r->list.next_url, &f))
		finish(d, &f);
	d->asks = false;
	stay_awake(d);
}

/* The next page, once the last one was told; of a rule, at once. */
static void advance(struct discover *d)
{
	if (d->rule && d->over && !d->gathered) {
		d->over = false;
		forget_pages(d);
		if (++d->at == d->n)
			choose(d);
	}
	if (d->at == d->n || d->asks || d->over || d->gathered ||
	    (!d->rule && d->next_hit < d->n_hits))
		return;
	if (!d->rule)
		forget_hits(d);
	d->tries = 0;
	ask(d);
}

/* ---- what happens ---- */

static void give_up(struct discover *d)
{
	struct fault f;

	fault_set(
		&f, FAULT_TRANSIENT, 0,
		"No answer came within %d s: a server has told to wait longer, or others use up its budget.",
		DISCOVER_SILENCE_MS / 1000);
	if (d->asks)
		finish(d, &f);
}

void discover_take(struct discover *d, const struct value *v)
{
	switch (v->kind) {
	case VALUE_TIMER:
		if (d->engine->traffic.now.boot >= d->silent_at)
			give_up(d);
		break;
	case VALUE_ANSWER:
		answered(d, v->reply);
		break;
	case VALUE_NO_TOKEN:
		failed(d, v->fault);
		break;
	case VALUE_DUE:
	case VALUE_UNTRUE:
		ask(d);
		break;
	case VALUE_NEWS:
		break;
	}
	advance(d);
	if (!timer_is_set(&d->timer))
		stay_awake(d);
}

/* Whoever takes what was found is no event: what follows is at once. */
static void go_on(struct discover *d)
{
	struct traffic *t = &d->engine->traffic;

	timer_set(&t->timers, &d->timer, t->now.boot);
}

/* A reload may have taken the rule away meanwhile. */
static void tell_mode(const struct discover *d, struct discovered *x,
		      const char *key)
{
	const struct watch *block = rules_block(d->engine, key);
	const struct rule *rule = tried(d);

	x->by_block = block != NULL;
	x->ruled = rule != NULL;
	if (!rule)
		x->reason = rule_verdict_str(RULE_NOBODYS);
	else
		x->mode = block ? block->mode : rule->mode;
}

static void tell_registry(struct discover *d, struct discovered *x)
{
	const struct hit *h = &d->hits[d->next_hit];
	const struct registry_view *v = &h->item.view;
	const struct engine *e = d->engine;
	const struct registry *r = model_find(e, h->item.id);
	char base[KEYID_TEXT_MAX];

	*x = (struct discovered){ .registry = h->item.id,
				  .in = &d->searches[h->search].in,
				  .view = v,
				  .rule = d->rule,
				  .ruled = h->verdict == RULE_WATCH };
	if (d->rule && !x->ruled)
		x->reason = rule_verdict_str(h->verdict);
	if (r && !r->retiring)
		x->watch = r->watch->base;
	if (!v->key_valid) {
		x->obstacle =
			v->encrypted
				? "The identifier of its key cannot be read."
				: NULL;
		return;
	}
	keyid_print_base(&v->key, base, sizeof(base));
	x->key_watched = model_find_watch(e, base, NULL) != NULL;
	if (x->ruled)
		tell_mode(d, x, base);
	if (!cloud_has_vault(&e->config->cloud, v->key.host))
		x->obstacle =
			"Its vault is none of the cloud that is configured.";
}

bool discover_next(struct discover *d, struct discovered *x)
{
	if (d->at == d->n || (d->rule && !d->gathered))
		return false;
	if (d->next_hit < d->n_hits) {
		tell_registry(d, x);
		d->next_hit++;
		go_on(d);
		return true;
	}
	if (!d->over && !d->gathered)
		return false;
	*x = (struct discovered){ .in = &current(d)->in };
	if (!d->rule)
		forget_hits(d);
	forget_pages(d);
	d->over = false;
	d->at++;
	go_on(d);
	return true;
}

bool discover_over(const struct discover *d)
{
	return d->at == d->n;
}

void discover_progress(const struct discover *d, size_t *done, size_t *all)
{
	*done = d->gathered ? d->n : d->at;
	*all = d->n;
}

/* ---- where to look ---- */

static struct search *add(struct discover *d, const char *subscription,
			  const char *group, const struct credential *c)
{
	struct search *s;

	for (size_t i = 0; i < d->n; i++)
		if (text_same(d->searches[i].in.subscription, subscription) &&
		    text_same(d->searches[i].group, group))
			return &d->searches[i];
	d->searches = text_grow(d->searches, d->n, sizeof(*d->searches));
	s = &d->searches[d->n++];
	*s = (struct search){
		.end = end_subscription(&d->engine->traffic, subscription, c),
		.group = group,
		.in = { .fault = fault_none(), .credential = c->name },
	};
	text_copy(s->in.subscription, sizeof(s->in.subscription), subscription);
	return s;
}

/* The block of that name, or that of the first watch; NULL: there is none. */
static const struct credential *choose_credential(struct engine *e,
						  const char *name)
{
	const struct config *c = e->config;
	size_t i = c->n_watches ? c->watches[0].credential : 0;

	if (name)
		for (i = 0; i < c->n_credentials; i++)
			if (text_same(c->credentials[i].name, name))
				break;
	return i < c->n_credentials
		       ? end_credential(&e->traffic, &c->credentials[i])
		       : NULL;
}

static struct discover *search_new(struct engine *e)
{
	struct discover *d = text_alloc(1, sizeof(*d));

	d->engine = e;
	job_init(&d->job, &discover_kind, d, text_hash("discover"));
	timer_init(&d->timer, TIMER_DISCOVER, d);
	return d;
}

static void begin(struct discover *d)
{
	stay_awake(d);
	advance(d);
}

/* The names of groups are copied, for a reload may come. */
struct discover *discover_rule(struct engine *e, const char *name,
			       struct fault *f)
{
	const struct rule *rule = rules_find(e, name);
	const struct config_rule *c;
	struct discover *d;

	if (!rule) {
		fault_set(f, FAULT_MISSING, 0,
			  "The configuration has no discover block \"%.64s\".",
			  name);
		return NULL;
	}
	c = rule->file;
	d = search_new(e);
	d->rule = text_dup(rule->name);
	for (size_t i = 0; i < c->n_places; i++) {
		struct search *s = add(
			d, c->places[i].subscription, c->places[i].group,
			end_credential(&e->traffic,
				       &e->config->credentials[c->credential]));

		if (c->places[i].group)
			text_copy(s->in.group, sizeof(s->in.group),
				  c->places[i].group);
	}
	for (size_t i = 0; i < d->n; i++)
		if (d->searches[i].in.group[0])
			d->searches[i].group = d->searches[i].in.group;
	begin(d);
	return d;
}

struct discover *discover_new(struct engine *e, const char *subscription,
			      const char *credential, struct fault *f)
{
	const struct credential *c = choose_credential(e, credential);
	struct discover *d;
	const struct scope *s;
	char guid[37];

	if (!c) {
		fault_set(f, FAULT_MISSING, 0,
			  "The configuration has no credential \"%s\".",
			  credential ? credential : "default");
		return NULL;
	}
	if (subscription && !resid_is_guid(subscription)) {
		fault_set(f, FAULT_INVALID, 0,
			  "A subscription is told by its GUID.");
		return NULL;
	}
	d = search_new(e);
	if (subscription) {
		text_copy(guid, sizeof(guid), subscription);
		text_lower(guid);
		add(d, guid, NULL, c);
	} else {
		TAILQ_FOREACH(s, &e->scopes, link)
			if (s->n_registries || !LIST_EMPTY(&s->looks))
				add(d, s->subscription, NULL,
				    credential ? c : s->end->credential);
	}
	begin(d);
	return d;
}

void discover_free(struct discover *d)
{
	if (!d)
		return;
	job_cancel(&d->engine->traffic, &d->job);
	timer_set(&d->engine->traffic.timers, &d->timer, INT64_MAX);
	forget_hits(d);
	forget_pages(d);
	free(d->rule);
	free(d->searches);
	free(d);
}
