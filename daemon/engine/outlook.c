/* What is still to move, held against the limits in force; told when that
 * will not be done in time. */
#include "engine/outlook.h"

#include <stdlib.h>

#include "base/text.h"
#include "engine/canary.h"
#include "engine/note.h"
#include "engine/versions.h"

#define OP_LEAST_MS 1000    /* no move is done sooner */
#define OP_ASSUMED_MS 20000 /* one takes about so long, until one was seen */
#define POLL_MS 10000	    /* an operation is looked at so often */
#define STALE_MS 1000
#define AGAIN_MS 10000
#define TELL_AGAIN_MS 300000
#define SLOTS_MOST 1000 /* max-parallel's bound in the file */

/* ---- what is still to move ---- */

void outlook_link(struct registry *r)
{
	struct share *s;

	LIST_FOREACH(s, &r->watch->shares, link)
	if (s->scope == r->scope)
		break;
	if (!s) {
		s = text_alloc(1, sizeof(*s));
		s->scope = r->scope;
		LIST_INSERT_HEAD(&r->watch->shares, s, link);
	}
	r->share = s;
}

void outlook_free(struct watch *w)
{
	struct share *s;

	while ((s = LIST_FIRST(&w->shares))) {
		LIST_REMOVE(s, link);
		free(s);
	}
}

void outlook_stale(struct engine *e)
{
	e->outlook.stale = true;
}

/* Whose write is done takes no more of the budget for writes. */
static void count_paid(struct registry *r, bool moving)
{
	bool paid = moving &&
		    (r->phase == PHASE_POLL || r->phase == PHASE_POLLING ||
		     r->phase == PHASE_VERIFY);

	if (r->paid == paid)
		return;
	r->paid = paid;
	r->share->paid += paid ? 1 : (size_t)-1;
}

void outlook_moving(struct engine *e, struct registry *r, bool moving)
{
	struct watch *w = r->watch;

	count_paid(r, moving);
	if (r->moving == moving)
		return;
	r->moving = moving;
	if (moving) {
		r->share->left++;
		if (w->left++ == 0)
			TAILQ_INSERT_TAIL(&e->movers, w, moving_link);
	} else {
		r->share->left--;
		if (--w->left == 0)
			TAILQ_REMOVE(&e->movers, w, moving_link);
	}
	if (moving ? w->left == 1 : w->left == 0)
		outlook_stale(e);
}

/* ---- one watch ---- */

/* What a watch's move is reckoned with. */
struct terms {
	int64_t op_ms, first_ms, time_ms;
	double reads, writes;
};

static int64_t first_ms(const struct engine *e, const struct watch *w,
			int64_t *op_ms)
{
	const struct registry *r = w->canary;
	int64_t boot = model_boot(e), ran = 0, opens, left;

	if (canary_open(e, w))
		return 0;
	if (r && r->slot && model_effort(r)->went_at >= 0)
		ran = boot - model_effort(r)->went_at;
	/* It takes as long as it has taken, at least. */
	*op_ms = ran > *op_ms ? ran : *op_ms;
	left = *op_ms - ran > OP_LEAST_MS ? *op_ms - ran : OP_LEAST_MS;
	opens = canary_opens(e, w);
	return opens != INT64_MAX && opens - boot < left ? opens - boot : left;
}

static struct forecast_late by_slots(const struct watch *w,
				     const struct terms *t)
{
	struct forecast_slots f = {
		.left = w->left,
		.active = w->active,
		.slots = w->max_parallel,
		.most = SLOTS_MOST,
		.op_ms = t->op_ms,
		.slot_ms = t->op_ms < ENGINE_SLOT_MS ? t->op_ms
						     : ENGINE_SLOT_MS,
		.first_ms = t->first_ms,
		.time_ms = t->time_ms,
	};

	return forecast_slots(&f);
}

static struct forecast_late by_budget(const struct engine *e,
				      const struct share *s,
				      const struct terms *t,
				      enum forecast_limit limit)
{
	bool write = limit == FORECAST_WRITE;
	struct bucket b =
		*s->scope->end->lanes[write ? END_WRITE : END_READ].bucket;
	struct forecast_flow f = {
		.rate = b.rate,
		.burst = b.burst,
		.tokens = bucket_tokens(&b, model_boot(e)),
		.per_move = write ? t->writes : t->reads,
		.ahead = s->scope->ahead - (write ? s->scope->ahead_paid : 0),
		.left = s->left - (write ? s->paid : 0),
		.start_ms = t->first_ms,
		.tail_ms = write ? t->op_ms : 0,
		.time_ms = t->time_ms,
	};

	return forecast_flow(&f);
}

/* So many answers as the host gives at once, one after the other.  It is one
 * host for all subscriptions: whoever is due before waits for it, too. */
static struct forecast_late by_room(const struct engine *e,
				    const struct watch *w,
				    const struct terms *t, size_t ahead)
{
	const struct host *h = LIST_FIRST(&w->shares)->scope->end->host;
	unsigned own = h->limit > 1 ? h->limit : TRAFFIC_CONNECTIONS;
	unsigned part = e->traffic.hosts.share;
	unsigned room = own < part ? own : part;
	double rtt = e->pace.rtt_ms / 1000.0;
	struct forecast_flow f = {
		.rate = room / (rtt > 0.001 ? rtt : 0.001),
		.burst = 1,
		.tokens = 1,
		.per_move = t->reads + t->writes,
		.ahead = ahead,
		.left = w->left,
		.start_ms = t->first_ms,
		.time_ms = t->time_ms,
	};
	struct forecast_late l = forecast_flow(&f);

	/* A host has a quarter of all; more than it bears is of no use. */
	l.need = l.need * rtt <= own ? l.need * rtt * 4 : 0;
	return l;
}

static void sum(struct forecast_late *all, const struct forecast_late *one)
{
	if (one->late == 0)
		return;
	if (all->late == 0 ||
	    (all->need > 0 && (one->need <= 0 || one->need > all->need)))
		all->need = one->need;
	all->late += one->late;
	all->by_ms = one->by_ms > all->by_ms ? one->by_ms : all->by_ms;
}

/* A 20th of the time left, or one move (those under way are somewhere in it):
 * less than that is not foretold. */
static int64_t margin_ms(const struct engine *e, const struct terms *t)
{
	int64_t part = t->time_ms / 20, move = e->config->window_ms / 10;

	move = t->op_ms < move ? t->op_ms : move;
	return part > move ? part : move;
}

static void reckon_watch(const struct engine *e, const struct watch *w,
			 int64_t op_ms, size_t ahead, struct forecast *f)
{
	const struct traffic_limits *l = &e->traffic.limits;
	double has[] = { [FORECAST_PARALLEL] = w->max_parallel,
			 [FORECAST_WRITE] = l->write_rate,
			 [FORECAST_READ] = l->read_rate,
			 [FORECAST_ROOM] = l->max_requests };
	struct forecast_late late[FORECAST_LIMITS] = { 0 }, one;
	struct terms t = { .time_ms =
				   versions_deadline(e, w) - model_azure(e) };
	int64_t margin = 0;
	const struct share *s;

	t.first_ms = first_ms(e, w, &op_ms);
	t.op_ms = op_ms;
	if (e->outlook.told.late == 0)
		margin = margin_ms(e, &t);
	t.reads = e->pace.seen ? e->pace.reads
			       : 2 + (double)op_ms / (double)POLL_MS;
	/* One that ignores the unversioned identifier takes three. */
	t.writes = e->pace.puts > 1 ? e->pace.puts : 1;
	late[FORECAST_PARALLEL] = by_slots(w, &t);
	late[FORECAST_ROOM] = by_room(e, w, &t, ahead);
	LIST_FOREACH(s, &w->shares, link)
	{
		one = by_budget(e, s, &t, FORECAST_WRITE);
		sum(&late[FORECAST_WRITE], &one);
		one = by_budget(e, s, &t, FORECAST_READ);
		sum(&late[FORECAST_READ], &one);
	}
	for (unsigned i = 0; i < FORECAST_LIMITS; i++)
		if (late[i].by_ms <= margin)
			late[i].late = 0;
	forecast_add(f, w->left, late, has);
}

/* ---- all of them, the nearest deadline first ---- */

struct due {
	struct watch *watch;
	int64_t deadline; /* Azure ms; -1 none */
};

static int by_deadline(const void *a, const void *b)
{
	const struct due *x = a, *y = b;

	return x->deadline < y->deadline ? -1 : x->deadline > y->deadline;
}

static void reckon(struct engine *e, const struct due *all, size_t n,
		   int64_t op_ms, struct forecast *f)
{
	size_t ahead = 0; /* of all scopes */
	struct share *s;

	*f = (struct forecast){ .op_ms = op_ms };
	for (size_t i = 0; i < n; i++)
		LIST_FOREACH(s, &all[i].watch->shares, link)
	s->scope->ahead = s->scope->ahead_paid = 0;
	for (size_t i = 0; i < n; i++) {
		/* Where it has passed there is nothing to foretell. */
		if (all[i].deadline > model_azure(e))
			reckon_watch(e, all[i].watch, op_ms, ahead, f);
		ahead += all[i].watch->left;
		LIST_FOREACH(s, &all[i].watch->shares, link)
		{
			s->scope->ahead += s->left;
			s->scope->ahead_paid += s->paid;
		}
	}
}

static void make(struct engine *e)
{
	struct outlook *o = &e->outlook;
	struct due *all = NULL;
	struct watch *w;
	bool certain;
	size_t n = 0;

	o->now = (struct forecast){ 0 };
	TAILQ_FOREACH(w, &e->movers, moving_link)
		n++;
	e->looks += n;
	all = text_alloc(n + 1, sizeof(*all));
	n = 0;
	TAILQ_FOREACH(w, &e->movers, moving_link)
		all[n++] = (struct due){ w, versions_deadline(e, w) };
	qsort(all, n, sizeof(*all), by_deadline);
	/* Before one was seen: not even if it went as fast as can be? */
	if (!e->pace.seen)
		reckon(e, all, n, OP_LEAST_MS, &o->now);
	certain = o->now.late > 0;
	reckon(e, all, n, e->pace.seen ? e->pace.op_ms : OP_ASSUMED_MS,
	       &o->now);
	o->now.measured = e->pace.seen > 0;
	o->now.certain = !o->now.measured && certain;
	free(all);
}

/* ---- telling ---- */

static bool material(const struct engine *e)
{
	const struct outlook *o = &e->outlook;
	size_t a = o->now.late, b = o->told.late;
	size_t more = a > b ? a : b, less = a > b ? b : a;

	if (o->told.late == 0)
		return true;
	/* Now one was seen. */
	if (o->now.measured && !o->told.measured && more > less + less / 4)
		return true;
	return model_boot(e) - o->told_at >= TELL_AGAIN_MS &&
	       more - less > less / 4 + o->now.of / 20;
}

static void tell_over(struct engine *e)
{
	size_t late = e->n_state[STATE_OVERDUE];

	e->outlook.told = (struct forecast){ 0 };
	if (late)
		note_tell(e, NOTE_FORECAST_OVER, NULL, NULL, NULL, NULL,
			  "What was foretold has come: %zu %s overdue.", late,
			  late == 1 ? "registry is" : "registries are");
	else
		note_tell(
			e, NOTE_FORECAST_OVER, NULL, NULL, NULL, NULL,
			"No registry is expected to be late any more, by the limits in force.");
}

static void tell(struct engine *e)
{
	struct outlook *o = &e->outlook;
	char text[512];

	if (o->now.late == 0 || !(o->now.measured || o->now.certain)) {
		if (o->told.late)
			tell_over(e);
		return;
	}
	if (!material(e))
		return;
	o->told = o->now;
	o->told_at = model_boot(e);
	forecast_text(&o->now, text, sizeof(text));
	note_tell(e, NOTE_FORECAST, NULL, NULL, NULL, NULL, "%s", text);
}

void outlook_look(struct engine *e)
{
	struct outlook *o = &e->outlook;
	int64_t boot = model_boot(e);

	if (TAILQ_EMPTY(&e->movers)) {
		o->now = (struct forecast){ 0 };
		o->made_at = -1;
	} else if (o->made_at < 0 ||
		   boot - o->made_at >= (o->stale ? STALE_MS : AGAIN_MS)) {
		make(e);
		o->made_at = boot;
		o->stale = false;
	} else {
		return;
	}
	tell(e);
}
