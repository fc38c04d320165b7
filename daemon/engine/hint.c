/* Queues of events: messages are taken, looked through, and deleted. */
#include "engine/hint.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/hint_key.h"
#include "engine/lease.h"
#include "engine/note.h"
#include "traffic/end.h"
#include "traffic/job.h"

#define HIDDEN_S 60 /* of messages that were taken, from other readers */
#define WAIT_LEAST_MS 1000
#define WAIT_SHARE 8 /* of the time that nothing has come */

int64_t hint_wait(int64_t quiet_ms, int64_t most)
{
	int64_t wait = quiet_ms / WAIT_SHARE;

	if (wait < WAIT_LEAST_MS)
		wait = WAIT_LEAST_MS;
	return wait < most ? wait : most;
}

/* Messages are for this daemon: not in a single pass or a dry run, nor while
 * another one leads by all leases, for each message goes to one reader only. */
static bool may_take(const struct engine *e)
{
	return !e->single_pass && !e->dry_run && !lease_all_standby(e);
}

/* ---- questions ---- */

static void fill(const void *world, const struct job *j, struct call *c)
{
	const struct hint_queue *q = j->owner;

	(void)world;
	c->url = q->url;
	c->hidden_s = HIDDEN_S;
}

/* Others may have it by now. */
static bool still_true(const void *world, const struct job *j,
		       struct instant now)
{
	const struct engine *e = world;

	(void)j;
	(void)now;
	return e->takes_hints;
}

const struct job_kind hint_kind = { fill, still_true };

static void fill_drop(const void *world, const struct job *j, struct call *c)
{
	const struct hint_drop *d = j->owner;

	(void)world;
	c->url = d->queue->url;
	c->message = d->message;
	c->receipt = d->receipt;
}

const struct job_kind hint_drop_kind = { fill_drop, NULL };

static void ask(struct engine *e, struct hint_queue *q)
{
	q->job.urgency = model_azure(e) + e->config->window_ms / 2;
	job_ask(&e->traffic, &q->job, CALL_HINTS, q->end, END_READ);
}

/* ---- deleting ---- */

static void drop_end(struct engine *e, struct hint_drop *d)
{
	job_cancel(&e->traffic, &d->job);
	free(d->message);
	free(d->receipt);
	d->message = d->receipt = NULL;
}

/* What waits to be deleted, as far as there are jobs for it. */
static void drop_on(struct engine *e, struct hint_queue *q)
{
	for (size_t i = 0; i < HINT_DROPS && q->n_done > 0; i++) {
		struct hint_drop *d = &q->drops[i];

		if (d->message)
			continue;
		q->n_done--;
		d->message = q->done[q->n_done].message;
		d->receipt = q->done[q->n_done].receipt;
		d->job.urgency = INT64_MAX;
		job_ask(&e->traffic, &d->job, CALL_HINT_DROP, q->end, END_READ);
	}
}

/* They come back by themselves. */
static void drop_none(struct engine *e, struct hint_queue *q)
{
	for (size_t i = 0; i < HINT_DROPS; i++)
		drop_end(e, &q->drops[i]);
	while (q->n_done > 0) {
		q->n_done--;
		free(q->done[q->n_done].message);
		free(q->done[q->n_done].receipt);
	}
}

/* ---- trouble ---- */

const struct fault *hint_error(const struct hint_queue *q)
{
	return q->error ? q->error : q->drop_error;
}

static void keep_error(struct engine *e, struct hint_queue *q,
		       const struct fault **place, const struct fault *f)
{
	const struct fault *before = hint_error(q);
	bool same = before && before->kind == f->kind;

	model_fault_keep(e, place, f);
	e->n_queues_dark += !before;
	if (!same)
		note_tell(
			e, NOTE_WARNING, NULL, NULL, NULL, NULL,
			"Events \"%s\" bring no hints, and keys are polled as ever: %s",
			q->name, f->text);
}

static void mend(struct engine *e, struct hint_queue *q,
		 const struct fault **place)
{
	bool was = hint_error(q) != NULL;

	if (!*place)
		return;
	model_fault_keep(e, place, NULL);
	if (!was || hint_error(q))
		return;
	e->n_queues_dark--;
	note_tell(e, NOTE_WARNING, NULL, NULL, NULL, NULL,
		  "Events \"%s\" bring hints again.", q->name);
}

static void rest(struct engine *e, struct hint_queue *q, const struct fault *f)
{
	int64_t delay = job_delay(&e->traffic, &q->job, f, BACKOFF_NO_DEADLINE);

	/* An outage is no reason to look more seldom than into an empty one. */
	if (fault_is_transient(f) && delay > q->max_wait_ms)
		delay = q->max_wait_ms;
	if (fault_is_transient(f))
		job_sleep(&e->traffic, &q->job, delay);
	else
		job_at(&e->traffic, &q->job, model_boot(e) + delay, false);
}

/* ---- answers ---- */

static void take_messages(struct engine *e, struct hint_queue *q,
			  const struct reply *r)
{
	for (size_t i = 0; i < r->hints.n; i++) {
		const struct hint *h = &r->hints.hints[i];

		q->n[hint_act(e, h)]++;
		if (q->n_done == HINTS_MAX)
			continue; /* not asked for so many: it comes back */
		q->done[q->n_done].message = text_dup(h->message);
		q->done[q->n_done].receipt = text_dup(h->receipt);
		q->n_done++;
	}
	q->n[HINT_DROPPED] += r->hints.dropped;
	if (r->hints.n + r->hints.dropped > 0) {
		q->came_at = model_boot(e);
		q->came_azure = model_azure(e);
	}
}

/* Those that were taken are deleted first: more than so many are never under
 * way. */
static void go_on(struct engine *e, struct hint_queue *q)
{
	if (q->job.where != JOB_REST || timer_is_set(&q->job.timer))
		return;
	drop_on(e, q);
	if (q->n_done == 0)
		ask(e, q);
}

static void answered(struct engine *e, struct hint_queue *q,
		     const struct reply *r)
{
	int64_t boot = model_boot(e);

	if (r->fault.kind != FAULT_NONE) {
		keep_error(e, q, &q->error, &r->fault);
		rest(e, q, &r->fault);
		return;
	}
	mend(e, q, &q->error);
	/* What could not be deleted would be here again. */
	if (r->hints.n + r->hints.dropped == 0)
		mend(e, q, &q->drop_error);
	q->heard = true;
	take_messages(e, q, r);
	if (r->hints.n > 0)
		go_on(e, q);
	else
		job_at(&e->traffic, &q->job,
		       boot + hint_wait(boot - q->came_at, q->max_wait_ms),
		       true);
}

static void dropped(struct engine *e, struct hint_drop *d,
		    const struct reply *r)
{
	struct hint_queue *q = d->queue;

	drop_end(e, d);
	if (r->fault.kind == FAULT_NONE) {
		mend(e, q, &q->drop_error);
		go_on(e, q);
		drop_on(e, q);
		return;
	}
	/* To take more of what cannot be deleted is in vain. */
	keep_error(e, q, &q->drop_error, &r->fault);
	drop_none(e, q);
	job_cancel(&e->traffic, &q->job);
	rest(e, q, &r->fault);
}

static void take_drop(struct engine *e, struct hint_drop *d,
		      const struct value *v)
{
	switch (v->kind) {
	case VALUE_ANSWER:
		dropped(e, d, v->reply);
		break;
	case VALUE_DUE:
	case VALUE_UNTRUE:
		job_ask(&e->traffic, &d->job, CALL_HINT_DROP, d->queue->end,
			END_READ);
		break;
	case VALUE_NO_TOKEN: /* it goes on waiting */
	case VALUE_TIMER:
	case VALUE_NEWS:
		break;
	}
}

static void take_queue(struct engine *e, struct hint_queue *q,
		       const struct value *v)
{
	switch (v->kind) {
	case VALUE_ANSWER:
		answered(e, q, v->reply);
		break;
	case VALUE_DUE:
		if (e->takes_hints)
			ask(e, q);
		break;
	case VALUE_NO_TOKEN:
		keep_error(e, q, &q->error, v->fault);
		break;
	case VALUE_UNTRUE: /* unless it is again, hint_look begins anew */
		if (e->takes_hints)
			ask(e, q);
		break;
	case VALUE_TIMER:
	case VALUE_NEWS:
		break;
	}
}

void hint_take(struct engine *e, struct job *j, const struct value *v)
{
	if (j->kind == &hint_drop_kind)
		take_drop(e, j->owner, v);
	else
		take_queue(e, j->owner, v);
}

/* ---- coming and going ---- */

static void begin(struct engine *e, struct hint_queue *q)
{
	q->came_at = model_boot(e);
	if (q->job.where == JOB_REST)
		job_at(&e->traffic, &q->job, model_boot(e), false);
}

/* What it hangs on is looked through only where some of it is another. */
void hint_look(struct engine *e)
{
	enum lease_role role = lease_role_all(e);
	bool may, first = !e->hints_of.looked;

	if (e->n_queues == 0 || (e->hints_of.seen && e->hints_of.role == role &&
				 e->hints_of.n_watches == e->n_watches))
		return;
	e->hints_of.seen = e->hints_of.looked = true;
	e->hints_of.role = role;
	e->hints_of.n_watches = e->n_watches;
	may = may_take(e);
	if (e->takes_hints == may)
		return;
	e->takes_hints = may;
	for (size_t i = 0; i < e->n_queues; i++)
		if (may)
			begin(e, e->queues[i]);
		else
			job_cancel(&e->traffic, &e->queues[i]->job);
	/* What messages have told meanwhile was told to another. */
	if (may && !first)
		hint_all(e);
}

static struct hint_queue *queue_new(const struct config_events *c)
{
	struct hint_queue *q = text_alloc(1, sizeof(*q));
	uint64_t id = text_hash(c->queue);

	q->name = text_dup(c->name);
	q->url = text_dup(c->queue);
	q->came_azure = -1;
	job_init(&q->job, &hint_kind, q, id);
	for (size_t i = 0; i < HINT_DROPS; i++) {
		q->drops[i].queue = q;
		job_init(&q->drops[i].job, &hint_drop_kind, &q->drops[i],
			 ~(id + i));
	}
	return q;
}

static void queue_free(struct engine *e, struct hint_queue *q)
{
	if (hint_error(q))
		e->n_queues_dark--;
	model_fault_keep(e, &q->error, NULL);
	model_fault_keep(e, &q->drop_error, NULL);
	drop_none(e, q);
	job_cancel(&e->traffic, &q->job);
	q->end->users--;
	free(q->name);
	free(q->url);
	free(q);
}

/* The one of before of this name and address, taken out; NULL. */
static struct hint_queue *queue_of(struct hint_queue **old, size_t n,
				   const struct config_events *c)
{
	for (size_t i = 0; i < n; i++) {
		struct hint_queue *q = old[i];

		if (!q || !text_same(q->name, c->name) ||
		    strcmp(q->url, c->queue) != 0)
			continue;
		old[i] = NULL;
		return q;
	}
	return NULL;
}

/* Its account, asked with this credential. */
static void settle_in(struct engine *e, struct hint_queue *q,
		      const struct credential *c)
{
	const char *host = q->url + strlen("https://");
	char *name = text_ndup(host, strcspn(host, "/"));

	if (q->end)
		q->end->users--;
	q->end = end_storage(&e->traffic, name, end_credential(&e->traffic, c));
	q->end->users++; /* so that its token is kept */
	free(name);
	job_rebind(&e->traffic, &q->job, q->end);
	for (size_t i = 0; i < HINT_DROPS; i++)
		job_rebind(&e->traffic, &q->drops[i].job, q->end);
}

void hint_adopt(struct engine *e)
{
	const struct config *c = e->config;
	struct hint_queue **old = e->queues, *q;
	size_t n = e->n_queues;

	e->hints_of.seen = false;
	e->queues = text_alloc(c->n_events + 1, sizeof(struct hint_queue *));
	e->n_queues = c->n_events;
	for (size_t i = 0; i < c->n_events; i++) {
		const struct config_events *x = &c->events[i];

		q = queue_of(old, n, x);
		e->queues[i] = q = q ? q : queue_new(x);
		q->max_wait_ms = x->max_wait_ms;
		settle_in(e, q, &c->credentials[x->credential]);
		/* What the new file may have mended is tried at once. */
		if (e->takes_hints)
			begin(e, q);
	}
	for (size_t i = 0; i < n; i++)
		if (old[i])
			queue_free(e, old[i]);
	free(old);
}

void hint_free(struct engine *e)
{
	for (size_t i = 0; i < e->n_queues; i++)
		queue_free(e, e->queues[i]);
	free(e->queues);
	e->queues = NULL;
	e->n_queues = 0;
}

/* ---- for people ---- */

const char *hint_state_str(const struct engine *e, const struct hint_queue *q)
{
	if (!e->takes_hints)
		return "idle";
	if (hint_error(q))
		return "unreachable";
	return q->heard ? "reading" : "unknown";
}

const char *hint_outcome_str(unsigned outcome)
{
	static const char *const words[HINT_OUTCOMES] = {
		[HINT_POLLED] = "polled",
		[HINT_MERGED] = "merged",
		[HINT_UNWATCHED] = "unwatched",
		[HINT_DROPPED] = "dropped",
	};

	return outcome < HINT_OUTCOMES ? words[outcome] : NULL;
}
