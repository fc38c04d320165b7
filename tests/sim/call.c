/* A request's way to the model cloud and back, and what befalls it. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "invariant.h"

static struct sim_pending *pending_new(struct world *w)
{
	struct sim_pending *p = w->free_pending;

	if (!p)
		return text_alloc(1, sizeof(*p));
	w->free_pending = p->next;
	/* The reply's union is large and filled by whoever answers. */
	memset(p, 0, offsetof(struct sim_pending, r));
	memset(&p->sent, 0, sizeof(*p) - offsetof(struct sim_pending, sent));
	return p;
}

static void reply_begin(struct sim_pending *p)
{
	memset(&p->r, 0, sizeof(p->r));
	p->r.kind = p->q.kind;
	p->r.ticket = p->q.ticket;
	p->r.fault.retry_after_ms = -1;
	p->r.date_ms = p->r.remaining = -1;
	p->r.reached = true;
}

/* Which budget of the configuration this draws on; -1 for a token. */
static int lane_of(const struct world *w, const struct sim_question *q,
		   int credential)
{
	switch (q->kind) {
	case CALL_TOKEN:
		return -1;
	case CALL_KEY:
		if (q->arm)
			break;
		return w->cloud.key[q->key].vault * SIM_CREDENTIALS +
		       credential;
	case CALL_PATCH:
		return 16 + q->subscription * SIM_CREDENTIALS + credential;
	default:
		break;
	}
	return 8 + q->subscription * SIM_CREDENTIALS + credential;
}

static struct sim_remote *remote_of(struct world *w,
				    const struct sim_pending *p)
{
	if (p->q.kind == CALL_TOKEN)
		return &w->remote[REMOTE_TOKEN][p->credential];
	if (p->q.kind == CALL_KEY && !p->q.arm)
		return &w->remote[REMOTE_VAULT][w->cloud.key[p->q.key].vault];
	return &w->remote[REMOTE_ARM][p->q.subscription];
}

void call_spoil(struct world *w, const struct sim_pending *p, int64_t until)
{
	if (p->harmless)
		return;
	if (p->q.kind == CALL_TOKEN)
		window_spoil_remote(w, REMOTE_TOKEN, p->credential, until);
	else if (p->q.kind == CALL_KEY)
		window_spoil_remote(w, REMOTE_VAULT,
				    w->cloud.key[p->q.key].vault, until);
	else if (p->q.registry >= 0 && !p->r.throttles_all)
		window_spoil(w, p->q.registry, until);
	else
		window_spoil_remote(w, REMOTE_ARM, p->q.subscription, until);
}

static enum sim_mood mood_of(struct world *w, struct sim_pending *p)
{
	const struct sim_remote *m = remote_of(w, p);
	enum sim_mood any;

	/* Each registry can be read by itself. */
	p->harmless = p->q.kind == CALL_LIST && w->list_down[p->q.subscription];
	if (p->harmless)
		return MOOD_503;
	if (m->mood != MOOD_FINE && random_below(w->dice, 100) < m->share)
		return m->mood;
	if (w->chance == 0 || random_below(w->dice, 1000) >= w->chance)
		return MOOD_FINE;
	any = (enum sim_mood)world_between(w, MOOD_503, MOODS - 1);
	/* A denial is nothing that comes and goes with each request. */
	return any == MOOD_DENIED && world_chance(w, 80) ? MOOD_503 : any;
}

static int64_t told_ms(struct world *w)
{
	if (world_chance(w, 40))
		return -1;
	if (world_chance(w, 10))
		return world_between(w, 60, 700) * SIM_SECOND;
	return world_between(w, 0, 60) * SIM_SECOND;
}

static void throttle(struct world *w, struct sim_pending *p)
{
	fault_set(&p->r.fault, FAULT_THROTTLED, 429, "too many requests");
	p->r.fault.retry_after_ms = told_ms(w);
	p->r.throttles_all = (p->q.kind == CALL_KEY && !p->q.arm) ||
			     world_chance(w, 50);
}

static void befall(struct world *w, struct sim_pending *p, enum sim_mood mood)
{
	static const enum sim_fault seen[MOODS] = {
		[MOOD_503] = FAULT_SEEN_503,
		[MOOD_LOST_REQUEST] = FAULT_SEEN_LOST_REQUEST,
		[MOOD_LOST_ANSWER] = FAULT_SEEN_LOST_ANSWER,
		[MOOD_MUTE] = FAULT_SEEN_MUTE,
		[MOOD_REFUSED] = FAULT_SEEN_REFUSED,
		[MOOD_429] = FAULT_SEEN_429,
		[MOOD_DENIED] = FAULT_SEEN_DENIED,
		[MOOD_401] = FAULT_SEEN_401,
		[MOOD_SLOW] = FAULT_SEEN_SLOW,
		[MOOD_GARBLED] = FAULT_SEEN_GARBLED,
	};

	trouble_count(w, seen[mood]);
	switch (mood) {
	case MOOD_503:
		fault_set(&p->r.fault, FAULT_TRANSIENT, 503, "unavailable");
		p->fails_after = world_chance(w, 60);
		break;
	case MOOD_LOST_REQUEST:
	case MOOD_LOST_ANSWER:
		fault_set(&p->r.fault, FAULT_TRANSIENT, 0, "no answer came");
		p->fails_after = mood == MOOD_LOST_ANSWER;
		p->timeout = world_between(w, 5, 30) * SIM_SECOND;
		break;
	case MOOD_MUTE:
		p->never = true;
		p->fails_after = world_chance(w, 50);
		break;
	case MOOD_REFUSED: /* at once, or nothing is there to refuse it */
		fault_set(&p->r.fault, FAULT_TRANSIENT, 0, "cannot connect");
		p->r.reached = false;
		if (world_chance(w, 50))
			p->timeout = 10 * SIM_SECOND;
		break;
	case MOOD_429:
		throttle(w, p);
		break;
	case MOOD_DENIED:
		fault_set(&p->r.fault, FAULT_DENIED, 403, "forbidden");
		break;
	case MOOD_401:
		fault_set(&p->r.fault, FAULT_AUTH, 401, "unauthorized");
		break;
	case MOOD_SLOW:
		p->down = world_between(w, 2000, 25000);
		break;
	case MOOD_GARBLED:
		fault_set(&p->r.fault, FAULT_INVALID, 200, "not understood");
		p->fails_after = true;
		break;
	case MOOD_FINE:
	case MOODS:
		break;
	}
	p->r.maybe_done = p->q.kind == CALL_PATCH && p->r.reached &&
			  (p->r.fault.kind == FAULT_TRANSIENT ||
			   p->r.fault.kind == FAULT_INVALID);
}

/* What the connection knows of it, beside whether it reached the server.  All
 * that is simulated was still wanted. */
static void transport(struct world *w, struct sim_pending *p)
{
	p->r.answered = !p->never &&
			(p->r.fault.kind == FAULT_NONE || p->r.fault.code != 0);
	p->r.multiplexed = p->r.answered && remote_of(w, p)->multiplexes;
	p->r.vetoed = false;
}

/* When the daemon hears of it, and what of. */
static void answer_at(struct world *w, struct sim_pending *p, int64_t t)
{
	transport(w, p);
	if (p->r.fault.kind == FAULT_NONE || p->r.fault.code != 0)
		p->r.date_ms =
			(SIM_EPOCH + w->t + remote_of(w, p)->off) / 1000 * 1000;
	/* The metadata service sends no date. */
	if (p->q.kind == CALL_TOKEN && p->credential == 0)
		p->r.date_ms = -1;
	if (p->q.kind >= CALL_REGISTRY && w->chance > 0 && p->r.date_ms >= 0 &&
	    random_below(w->dice, 50) == 0)
		p->r.remaining = (int)random_below(w->dice, 60);
	world_at(w, t, SIM_REPLY, 0, 0, p);
}

/* One 404 among good answers: it will be looked at again. */
static bool blinked(const struct world *w, const struct sim_pending *p)
{
	if (p->q.kind == CALL_KEY)
		return w->cloud.key[p->q.key].blinked;
	return p->q.kind == CALL_REGISTRY &&
	       w->cloud.registry[p->q.registry].blinked;
}

/* It reaches the cloud (or would have). */
void call_arrive(struct world *w, struct sim_pending *p)
{
	struct fault fault = p->r.fault;
	int64_t answer = p->sent + p->timeout;

	if (p->never ? p->fails_after
		     : fault.kind == FAULT_NONE || p->fails_after) {
		struct sim_registry *g =
			p->q.registry >= 0 ? &w->cloud.registry[p->q.registry]
					   : NULL;
		int turn = g ? g->turn : 0;

		p->r.fault = fault_none();
		sim_answer(&w->cloud, &p->q, w->t, &p->r);
		p->harmless = blinked(w, p) || sim_walled(&w->cloud, &p->q);
		if (g && g->turn != turn)
			world_at(w, g->op[g->ops % SIM_OPERATIONS].ends,
				 SIM_SETTLE, p->q.registry, g->turn, NULL);
		if (p->fails_after && !p->never) {
			reply_free(&p->r);
			p->r.fault = fault;
		}
	}
	if (p->timeout == 0)
		answer = w->t + p->down;
	if (!p->never) {
		answer_at(w, p, answer);
		return;
	}
	if (world_chance(w, 50)) { /* long after it was given up */
		trouble_count(w, FAULT_SEEN_TOO_LATE);
		answer_at(w, p,
			  p->sent + look_guard() +
				  world_between(w, 1000, 60000));
		return;
	}
	reply_free(&p->r);
	p->next = w->free_pending;
	w->free_pending = p;
}

/* Two watches may poll the same key, each for itself. */
int call_asker(const struct world *w, uint64_t ticket)
{
	const struct watch *x = look_asker(w->e, ticket);

	for (int i = 0; i < w->n_watches; i++)
		if (x && w->watch[i].w == x)
			return i;
	return -1;
}

/* A stream of its own for each question, so that the order in which the engine
 * puts those of one moment changes no answer. */
static void dice_init(const struct world *w, struct sim_pending *p,
		      const struct call *call)
{
	const struct sim_question *q = &p->q;
	const int64_t from[] = {
		(int64_t)w->seed,
		w->level,
		w->t,
		p->credential,
		q->kind,
		q->key,
		q->version,
		call_asker(w, q->ticket),
		q->registry,
		q->subscription,
		q->page,
		q->op,
	};
	uint64_t seed = q->kind == CALL_TOKEN ? text_hash(call->audience) : 0;

	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++)
		seed = (seed ^ (uint64_t)from[i]) * 0x9e3779b97f4a7c15u +
		       (seed >> 29);
	random_init(&p->dice, seed);
}

static void send(struct world *w, struct sim_pending *p)
{
	enum sim_mood mood;

	p->down = world_between(w, 20, 300);
	mood = mood_of(w, p);
	if (mood == MOOD_FINE && p->q.kind == CALL_LIST &&
	    w->cloud.list_old[p->q.subscription])
		p->down = world_between(w, 20, 50 * SIM_SECOND);
	if (mood != MOOD_FINE) {
		befall(w, p, mood);
		call_spoil(w, p, w->t);
		/* An operation is followed for half an hour. */
		w->in_vain = p->q.kind == CALL_OPERATION ? 0 : w->in_vain + 1;
		once_waits(w, w->t + (p->never ? look_guard() : p->timeout));
	}
	if (mood == MOOD_FINE && p->q.kind != CALL_PATCH) {
		call_arrive(w, p);
		return;
	}
	/* What is lost or late was on its way for a while. */
	world_at(w, w->t + world_between(w, 10, mood == MOOD_SLOW ? 4000 : 500),
		 SIM_ARRIVE, 0, 0, p);
}

void call_send(struct world *w, const struct call *call)
{
	struct sim_pending *p = pending_new(w);
	struct random *before;

	sim_ask(&w->cloud, call, &p->q);
	reply_begin(p);
	p->sent = w->t;
	p->boot = world_now(w).boot;
	p->life = w->life;
	p->credential = call->credential->kind == CREDENTIAL_CLIENT_SECRET;
	p->lane = lane_of(w, &p->q, p->credential);
	p->slot = (int)call->token;
	invariant_call(w, call, &p->q, p->lane);
	cost_sent(w, p);
	w->stats->calls++;
	dice_init(w, p, call);
	before = world_dice(w, &p->dice);
	send(w, p);
	world_dice(w, before);
}
