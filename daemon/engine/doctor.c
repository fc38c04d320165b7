/* The doctor's visit: what is asked, in which order, and what came of it. */
#include "engine/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "azure/problem.h"
#include "azure/vaultid.h"
#include "base/text.h"
#include "traffic/end.h"
#include "traffic/host.h"
#include "traffic/job.h"

#define TRIES 2		 /* of one question that fails in passing */
#define AGAIN_MS 1000	 /* between them ... */
#define AGAIN_MOST 30000 /* ... or as a server says, up to this */
#define DEPENDS_MAX 2	 /* subjects that one hangs on */
#define NOBODY SIZE_MAX

enum subject_state { SUBJECT_WAITS, SUBJECT_ASKS, SUBJECT_DONE };

struct subject {
	struct doctor *doctor;
	enum doctor_kind kind;
	enum subject_state state;
	bool failed;
	size_t depends[DEPENDS_MAX]; /* smaller numbers; or NOBODY */
	/* What it is about, borrowed from the doctor's copy. */
	const struct config_watch *watch; /* of keys and registries */
	const char *name;
	struct host *host;
	/* Who is asked; of credentials also next, of keys when the vault's
	 * network rules refuse. */
	struct end *end, *end_next;
	/* While it is under way, and until it was told. */
	struct visit {
		struct job job;
		struct doctor_facts facts;
		unsigned tries, step;
	} * visit;
};

struct doctor {
	struct traffic *traffic;
	struct config_watch *watches; /* copies of what is needed */
	size_t n_watches;
	struct subject *subjects;
	size_t n, size;
	size_t told, begun; /* subjects before these were */
	size_t done;
	int64_t silent_at;  /* boot ms: nothing was done for too long */
	struct timer timer; /* for that, or since there is room for more */
};

/* ---- the plan ---- */

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

static struct subject *add(struct doctor *d, enum doctor_kind kind,
			   const char *name)
{
	struct subject *s;

	d->subjects = text_grow(d->subjects, d->n, sizeof(*d->subjects));
	s = &d->subjects[d->n++];
	*s = (struct subject){ .doctor = d,
			       .kind = kind,
			       .name = name,
			       .depends = { NOBODY, NOBODY } };
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
	struct doctor *doctor;
	struct plan_host *hosts;
	size_t n_hosts;
	/* By number of the watch: its credential, and where its key is read:
	 * at its vault, or at Resource Manager. */
	const struct credential **credentials;
	struct end **vaults;
	/* Subjects of credentials, by the number that config has. */
	size_t *credential_subjects;
};

static void plan_host(struct plan *p, struct host *host, struct end *end,
		      const struct config_watch *w, int order)
{
	p->hosts = text_grow(p->hosts, p->n_hosts, sizeof(*p->hosts));
	p->hosts[p->n_hosts++] =
		(struct plan_host){ host, end, w, order, NOBODY };
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

enum { ORDER_TOKENS, ORDER_ARM, ORDER_VAULT };

static void plan_hosts(struct plan *p)
{
	struct doctor *d = p->doctor;
	struct traffic *t = d->traffic;

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
	qsort(p->hosts, p->n_hosts, sizeof(*p->hosts), by_host);
	if (p->n_hosts)
		add(d, DOCTOR_CLOCK, "of this host");
}

static size_t host_number(const struct plan *p, struct host *host)
{
	const struct plan_host key = { .host = host };
	const struct plan_host *h =
		bsearch(&key, p->hosts, p->n_hosts, sizeof(*p->hosts), by_host);

	return h ? h->number : NOBODY;
}

/* One subject for each credential that a watch uses. */
/* Its tokens are of two sorts at most: for vaults, and for Resource Manager. */
static void also_for(struct subject *s, struct end *end)
{
	if (end && !s->end_next && end->token != s->end->token)
		s->end_next = end;
}

static void plan_credentials(struct plan *p)
{
	struct doctor *d = p->doctor;

	for (size_t i = 0; i < d->n_watches; i++) {
		const struct config_watch *w = &d->watches[i];
		size_t *number = &p->credential_subjects[w->credential];
		struct subject *s;
		struct end *arm = NULL;

		if (w->n_registries)
			arm = arm_of(d->traffic, w->registries[0].id,
				     p->credentials[i]);
		if (*number != NOBODY) {
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
}

static void plan_keys(struct plan *p)
{
	struct doctor *d = p->doctor;

	for (size_t i = 0; i < d->n_watches; i++) {
		const struct config_watch *w = &d->watches[i];
		struct subject *s = add(d, DOCTOR_KEY, w->title);

		s->watch = w;
		s->end = p->vaults[i];
		if (w->via == CONFIG_VIA_AUTO)
			s->end_next = key_arm(d->traffic, w, p->credentials[i]);
		s->depends[0] = host_number(p, s->end->host);
		s->depends[1] = p->credential_subjects[w->credential];
	}
}

static void plan_registries(struct plan *p)
{
	struct doctor *d = p->doctor;

	for (size_t i = 0; i < d->n_watches; i++) {
		const struct config_watch *w = &d->watches[i];

		for (size_t k = 0; k < w->n_registries; k++) {
			const char *id = w->registries[k].id;
			struct end *arm =
				arm_of(d->traffic, id, p->credentials[i]);
			struct subject *s;

			if (!arm)
				continue; /* config_parse has refused it */
			s = add(d, DOCTOR_REGISTRY, id);
			s->watch = w;
			s->end = arm;
			s->depends[0] = host_number(p, arm->host);
			s->depends[1] = p->credential_subjects[w->credential];
		}
	}
}

static void make_plan(struct doctor *d, const struct config *c)
{
	struct plan p = { .doctor = d };

	p.credentials = text_alloc(c->n_watches + 1, sizeof(*p.credentials));
	p.vaults = text_alloc(c->n_watches + 1, sizeof(*p.vaults));
	p.credential_subjects = text_alloc(c->n_credentials + 1,
					   sizeof(*p.credential_subjects));
	for (size_t i = 0; i < c->n_credentials; i++)
		p.credential_subjects[i] = NOBODY;
	for (size_t i = 0; i < c->n_watches; i++) {
		const struct config_watch *w = &c->watches[i];

		d->watches[i] = copy_watch(w);
		p.credentials[i] = end_credential(
			d->traffic, &c->credentials[w->credential]);
		if (w->via == CONFIG_VIA_ARM)
			p.vaults[i] = key_arm(d->traffic, w, p.credentials[i]);
		if (!p.vaults[i])
			p.vaults[i] = end_vault(d->traffic, w->key.host,
						p.credentials[i]);
	}
	plan_hosts(&p);
	plan_credentials(&p);
	plan_keys(&p);
	plan_registries(&p);
	free(p.hosts);
	free(p.credentials);
	free(p.vaults);
	free(p.credential_subjects);
}

/* ---- questions ---- */

static void fill_host(const struct subject *s, struct call *c)
{
	c->bare = true;
	if (s->end && s->end->vault)
		c->key = s->watch->key;
	else if (s->end)
		c->subscription = s->end->name;
	else
		c->url = s->host->origin;
}

static void fill(const void *world, const struct job *j, struct call *c)
{
	const struct subject *s = j->owner;

	(void)world;
	switch (s->kind) {
	case DOCTOR_HOST:
		fill_host(s, c);
		break;
	case DOCTOR_KEY:
		c->key = s->watch->key;
		if (!j->end->vault)
			c->vault_resource = s->watch->vault_resource;
		break;
	case DOCTOR_REGISTRY:
		c->registry = s->name;
		break;
	case DOCTOR_CREDENTIAL:
		c->key = s->watch->key;
		c->subscription = j->end->name;
		break;
	case DOCTOR_CLOCK:
	case DOCTOR_KINDS:
		break;
	}
}

/* A credential's question is only for its token's sake: once that is there it
 * need not go out, but for one whose tenant only an answer can tell. */
static bool still_true(const void *world, const struct job *j,
		       struct instant now)
{
	const struct subject *s = j->owner;

	(void)world;
	(void)now;
	return s->kind != DOCTOR_CREDENTIAL || end_is_blind(j->end);
}

const struct job_kind doctor_kind = { fill, still_true };

static struct end *end_of(const struct subject *s)
{
	return s->kind != DOCTOR_REGISTRY && s->visit->step ? s->end_next
							    : s->end;
}

/* Put the question of its step. */
static void ask(struct subject *s)
{
	struct traffic *t = s->doctor->traffic;
	struct job *j = &s->visit->job;
	struct end *end = end_of(s);

	s->visit->tries++;
	j->urgency = INT64_MAX; /* what the daemon is for goes first */
	switch (s->kind) {
	case DOCTOR_HOST:
		job_ask_host(t, j, CALL_REACH, s->host);
		break;
	case DOCTOR_CREDENTIAL:
		job_hurry_token(t, end->token);
		job_ask_fresh(t, j, end->vault ? CALL_KEY : CALL_LIST, end,
			      END_READ);
		break;
	case DOCTOR_KEY:
		job_ask(t, j, CALL_KEY, end, END_READ);
		break;
	case DOCTOR_REGISTRY:
		job_ask(t, j, s->visit->step ? CALL_RIGHTS : CALL_REGISTRY, end,
			END_READ);
		break;
	case DOCTOR_CLOCK:
	case DOCTOR_KINDS:
		break;
	}
}

/* ---- one subject's way ---- */

static void stay_awake(struct doctor *d)
{
	d->silent_at = d->traffic->now.boot + DOCTOR_SILENCE_MS;
	timer_set(&d->traffic->timers, &d->timer, d->silent_at);
}

static void finish(struct subject *s)
{
	struct doctor *d = s->doctor;
	struct doctor_facts *f = &s->visit->facts;

	job_cancel(d->traffic, &s->visit->job);
	f->azure_ms = job_azure(d->traffic);
	if (s->end && s->end->token && s->kind != DOCTOR_HOST)
		f->who = s->end->token->who;
	s->failed = !doctor_checks_run(f, NULL, NULL);
	s->state = SUBJECT_DONE;
	d->done++;
	stay_awake(d);
}

static void next_step(struct subject *s)
{
	struct visit *v = s->visit;
	bool more = v->step == 0 && v->facts.fault.kind == FAULT_NONE;

	if (more && s->kind == DOCTOR_CREDENTIAL)
		more = s->end_next != NULL;
	else if (s->kind == DOCTOR_KEY)
		more = v->step == 0 && s->end_next &&
		       problem_is_network(&v->facts.fault);
	else if (s->kind != DOCTOR_REGISTRY)
		more = false;
	if (!more) {
		finish(s);
		return;
	}
	v->step++;
	v->tries = 0;
	ask(s);
}

static void read_clock(struct subject *s)
{
	struct traffic *t = s->doctor->traffic;
	struct doctor_facts *f = &s->visit->facts;

	f->clock_known = skew_offset(&t->skew, t->now, &f->clock_ms);
	finish(s);
}

static void begin(struct subject *s, bool left_out)
{
	const struct config_watch *w = s->watch;
	struct doctor_facts *f;

	s->state = SUBJECT_ASKS;
	s->visit = text_alloc(1, sizeof(*s->visit));
	job_init(&s->visit->job, &doctor_kind, s, text_hash(s->name));
	f = &s->visit->facts;
	f->kind = s->kind;
	f->name = s->name;
	f->left_out = left_out;
	f->fault = f->rights_fault = fault_none();
	if (s->kind != DOCTOR_HOST && s->end)
		f->credential = s->end->credential;
	if (w) {
		f->key = w->key;
		f->mode = w->mode;
		f->takeover = w->takeover;
		f->identity = w->identity;
		f->by_arm = s->kind == DOCTOR_KEY && !s->end->vault;
	}
	f->vault = s->kind == DOCTOR_HOST && s->end && s->end->vault;
	if (left_out)
		finish(s);
	else if (s->kind == DOCTOR_CLOCK)
		read_clock(s);
	else
		ask(s);
}

/* Whether it may begin.  The clock hangs on all before it: their answers tell
 * what time it is. */
static bool is_ready(const struct doctor *d, const struct subject *s,
		     bool *left_out)
{
	*left_out = false;
	if (s->kind == DOCTOR_CLOCK)
		for (const struct subject *h = d->subjects; h < s; h++)
			if (h->state != SUBJECT_DONE)
				return false;
	for (int i = 0; i < DEPENDS_MAX; i++) {
		const struct subject *on;

		if (s->depends[i] == NOBODY)
			continue;
		on = &d->subjects[s->depends[i]];
		if (on->state != SUBJECT_DONE)
			return false;
		*left_out |= on->failed;
	}
	return true;
}

/* Begin what may begin, not too far ahead of what was told. */
static void advance(struct doctor *d)
{
	bool all_begun = true, left_out;

	for (size_t i = d->begun; i < d->n && i < d->told + DOCTOR_AHEAD; i++) {
		struct subject *s = &d->subjects[i];

		if (s->state == SUBJECT_WAITS && is_ready(d, s, &left_out))
			begin(s, left_out);
		all_begun &= s->state != SUBJECT_WAITS;
		if (all_begun)
			d->begun = i + 1;
	}
}

/* ---- what happens ---- */

/* What may be well in a moment is asked once more. */
static bool try_again(struct subject *s, const struct fault *f)
{
	int64_t wait = f->retry_after_ms > AGAIN_MS ? f->retry_after_ms
						    : AGAIN_MS;

	if (!fault_is_transient(f) || s->visit->tries >= TRIES ||
	    wait > AGAIN_MOST)
		return false;
	job_at(s->doctor->traffic, &s->visit->job,
	       s->doctor->traffic->now.boot + wait, false);
	return true;
}

static void answered(struct subject *s, const struct reply *r)
{
	struct doctor_facts *f = &s->visit->facts;
	bool good = r->fault.kind == FAULT_NONE;

	if (!good && (s->kind != DOCTOR_HOST || r->answered) &&
	    try_again(s, &r->fault))
		return;
	if (s->kind == DOCTOR_REGISTRY && s->visit->step) {
		f->rights_known = good && !r->rights.partial;
		f->rights = good ? r->rights.granted : 0;
		f->rights_fault = r->fault;
		next_step(s);
		return;
	}
	if (s->kind == DOCTOR_KEY && s->visit->step)
		f->by_arm = f->around = true;
	f->fault = r->fault;
	if (s->kind == DOCTOR_HOST) {
		f->step = r->step;
		if (good)
			text_copy(f->peer, sizeof(f->peer), r->reach.peer);
	} else if (good && s->kind == DOCTOR_KEY) {
		f->version = r->key;
	} else if (good && s->kind == DOCTOR_REGISTRY) {
		f->view = r->registry;
	}
	next_step(s);
}

/* Nothing was done for long: whoever is under way gets no answer any more. */
static void give_up(struct doctor *d)
{
	for (size_t i = d->told; i < d->n && i < d->told + DOCTOR_AHEAD; i++) {
		struct subject *s = &d->subjects[i];

		if (s->state != SUBJECT_ASKS)
			continue;
		fault_set(
			&s->visit->facts.fault, FAULT_TRANSIENT, 0,
			"No answer came within %d s: a server has told to wait longer, or others use up its budget.",
			DOCTOR_SILENCE_MS / 1000);
		finish(s);
	}
}

static void take(struct subject *s, const struct value *v)
{
	switch (v->kind) {
	case VALUE_DUE:
		ask(s);
		break;
	case VALUE_ANSWER:
		answered(s, v->reply);
		break;
	case VALUE_NO_TOKEN:
		if (try_again(s, v->fault))
			break;
		s->visit->facts.fault = *v->fault;
		finish(s);
		break;
	case VALUE_UNTRUE:
		if (s->kind == DOCTOR_CREDENTIAL)
			next_step(s);
		else
			ask(s);
		break;
	case VALUE_TIMER:
	case VALUE_NEWS:
		break;
	}
}

void doctor_take(struct doctor *d, const struct value *v)
{
	if (v->kind != VALUE_TIMER)
		take(v->job->owner, v);
	else if (d->traffic->now.boot >= d->silent_at)
		give_up(d);
	advance(d);
	if (!timer_is_set(&d->timer))
		timer_set(&d->traffic->timers, &d->timer, d->silent_at);
}

bool doctor_next(struct doctor *d, doctor_found *found, void *arg)
{
	struct subject *s;

	if (doctor_over(d) || d->subjects[d->told].state != SUBJECT_DONE)
		return false;
	s = &d->subjects[d->told];
	doctor_checks_run(&s->visit->facts, found, arg);
	free(s->visit);
	s->visit = NULL;
	d->told++;
	/* Whoever takes findings is no event: the next one is at once. */
	timer_set(&d->traffic->timers, &d->timer, d->traffic->now.boot);
	return true;
}

bool doctor_over(const struct doctor *d)
{
	return d->told == d->n;
}

void doctor_progress(const struct doctor *d, size_t *done, size_t *all)
{
	*done = d->done;
	*all = d->n;
}

struct doctor *doctor_new(struct traffic *t, const struct config *c,
			  int timer_kind)
{
	struct doctor *d = text_alloc(1, sizeof(*d));

	d->traffic = t;
	d->n_watches = c->n_watches;
	d->watches = text_alloc(c->n_watches + 1, sizeof(*d->watches));
	timer_init(&d->timer, timer_kind, d);
	make_plan(d, c);
	stay_awake(d);
	advance(d);
	return d;
}

void doctor_free(struct doctor *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->n; i++) {
		if (!d->subjects[i].visit)
			continue;
		job_cancel(d->traffic, &d->subjects[i].visit->job);
		free(d->subjects[i].visit);
	}
	timer_set(&d->traffic->timers, &d->timer, INT64_MAX);
	for (size_t i = 0; i < d->n_watches; i++)
		free_watch(&d->watches[i]);
	free(d->watches);
	free(d->subjects);
	free(d);
}
