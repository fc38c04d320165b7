/* The LISTs of some subscriptions, held against what is watched. */
#include "engine/discover.h"

#include <stdlib.h>

#include "azure/call_text.h"
#include "azure/resid.h"
#include "base/text.h"
#include "traffic/end.h"
#include "traffic/job.h"

#define TRIES 2		 /* of one page that fails in passing */
#define AGAIN_MS 1000	 /* between them ... */
#define AGAIN_MOST 30000 /* ... or as a server says, up to this */
#define PAGES_MAX 1000	 /* of one subscription; more is no end at all */

/* A subscription. */
struct search {
	struct end *end;
	struct discovered_in in; /* what is told of it in the end */
	size_t watched;		 /* of what was listed */
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
	struct registry_item *items; /* of a page, to be told */
	size_t n_items, next_item;
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

static void forget_items(struct discover *d)
{
	for (size_t i = 0; i < d->n_items; i++)
		free(d->items[i].id);
	free(d->items);
	d->items = NULL;
	d->n_items = d->next_item = 0;
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
	else if (all > s->watched)
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

/* Those with a key are kept until they are told; a list may leave out whether
 * they have one. */
static void take_items(struct discover *d, const struct reply *m)
{
	struct search *s = current(d);

	d->items = text_alloc(m->list.n, sizeof(*d->items));
	for (size_t i = 0; i < m->list.n; i++) {
		const struct registry_item *item = &m->list.items[i];
		const struct registry *r = model_find(d->engine, item->id);

		s->in.listed++;
		s->watched += r && !r->retiring;
		s->in.hidden += item->view.hidden;
		if (!item->view.encrypted)
			continue;
		s->in.encrypted++;
		d->items[d->n_items].id = text_dup(item->id);
		d->items[d->n_items++].view = item->view;
	}
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

/* The next page, once the last one was told. */
static void advance(struct discover *d)
{
	if (d->at == d->n || d->asks || d->over || d->next_item < d->n_items)
		return;
	forget_items(d);
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

static void tell_registry(struct discover *d, struct discovered *x)
{
	const struct registry_item *item = &d->items[d->next_item];
	const struct registry_view *v = &item->view;
	const struct engine *e = d->engine;
	const struct registry *r = model_find(e, item->id);
	char base[KEYID_TEXT_MAX];

	*x = (struct discovered){ .registry = item->id,
				  .in = &current(d)->in,
				  .view = v };
	if (r && !r->retiring)
		x->watch = r->watch->base;
	if (!v->key_valid) {
		x->obstacle = "The identifier of its key cannot be read.";
		return;
	}
	keyid_print_base(&v->key, base, sizeof(base));
	x->key_watched = model_find_watch(e, base, NULL) != NULL;
	if (!cloud_has_vault(&e->config->cloud, v->key.host))
		x->obstacle =
			"Its vault is none of the cloud that is configured.";
}

bool discover_next(struct discover *d, struct discovered *x)
{
	if (d->at == d->n)
		return false;
	if (d->next_item < d->n_items) {
		tell_registry(d, x);
		d->next_item++;
		go_on(d);
		return true;
	}
	if (!d->over)
		return false;
	*x = (struct discovered){ .in = &current(d)->in };
	forget_items(d);
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
	*done = d->at;
	*all = d->n;
}

/* ---- where to look ---- */

static void add(struct discover *d, const char *subscription,
		const struct credential *c)
{
	struct search *s;

	for (size_t i = 0; i < d->n; i++)
		if (text_same(d->searches[i].in.subscription, subscription))
			return;
	d->searches = text_grow(d->searches, d->n, sizeof(*d->searches));
	s = &d->searches[d->n++];
	*s = (struct search){
		.end = end_subscription(&d->engine->traffic, subscription, c),
		.in = { .fault = fault_none(), .credential = c->name },
	};
	text_copy(s->in.subscription, sizeof(s->in.subscription), subscription);
}

/* The block of that name, or that of the first watch; NULL: there is none. */
static const struct credential *choose(struct engine *e, const char *name)
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

struct discover *discover_new(struct engine *e, const char *subscription,
			      const char *credential, struct fault *f)
{
	const struct credential *c = choose(e, credential);
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
	d = text_alloc(1, sizeof(*d));
	d->engine = e;
	job_init(&d->job, &discover_kind, d, text_hash("discover"));
	timer_init(&d->timer, TIMER_DISCOVER, d);
	if (subscription) {
		text_copy(guid, sizeof(guid), subscription);
		text_lower(guid);
		add(d, guid, c);
	} else {
		TAILQ_FOREACH(s, &e->scopes, link)
			if (s->n_registries)
				add(d, s->subscription,
				    credential ? c : s->end->credential);
	}
	stay_awake(d);
	advance(d);
	return d;
}

void discover_free(struct discover *d)
{
	if (!d)
		return;
	job_cancel(&d->engine->traffic, &d->job);
	timer_set(&d->engine->traffic.timers, &d->timer, INT64_MAX);
	forget_items(d);
	forget_pages(d);
	free(d->searches);
	free(d);
}
