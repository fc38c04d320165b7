/* A question's way from one of several daemons to the model cloud and back. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pair.h"

#define GIVE_UP_MS (60 * SIM_SECOND) /* a transfer without an answer */

void pair_sent_free(struct pair_sent *s)
{
	if (s->answer)
		driver_drop(s->answer);
	free(s);
}

static enum pair_link link_of(const struct sim_question *q)
{
	switch (q->kind) {
	case CALL_TOKEN:
		return LINK_TOKEN;
	case CALL_KEY:
		return LINK_VAULT;
	case CALL_LEASE:
		return LINK_LEASE;
	default:
		return LINK_ARM;
	}
}

static enum pair_mood mood_of(struct pair *p, const struct pair_sent *s)
{
	const struct pair_daemon *x = &p->daemon[s->daemon];
	enum pair_link l = link_of(&s->q);

	if (x->link[l] != PAIR_FINE && pair_chance(p, x->share[l]))
		return x->link[l];
	if (p->chance == 0 || random_below(&p->rng, 1000) >= p->chance)
		return PAIR_FINE;
	return (enum pair_mood)pair_between(p, PAIR_LOST_BEFORE, PAIR_MOODS);
}

/* It stood in the way, as long as it takes. */
static void spoil(struct pair *p, const struct pair_sent *s)
{
	int64_t until = p->d.t + s->gives_up + s->up + s->down;

	if (s->q.kind != CALL_LEASE)
		pair_window_daemon(p, s->daemon, until);
	/* After a token that was not had the next one is asked for in a while.
	 */
	if (s->q.kind == CALL_TOKEN)
		pair_lease_reach(p, s->daemon, until + 30 * SIM_SECOND);
	if (s->q.kind == CALL_LEASE)
		pair_lease_reach(p, s->daemon,
				 (until < p->d.t + 30 * SIM_SECOND
					  ? until
					  : p->d.t + 30 * SIM_SECOND) +
					 20 * SIM_SECOND);
}

static void befall(struct pair *p, struct pair_sent *s)
{
	struct reply *r = &s->answer->r;

	switch (s->mood) {
	case PAIR_LOST_BEFORE:
	case PAIR_LOST_AFTER:
		fault_set(&r->fault, FAULT_TRANSIENT, 0, "no answer came");
		s->takes_effect = s->mood == PAIR_LOST_AFTER;
		s->gives_up = pair_between(p, 5, 30) * SIM_SECOND;
		break;
	case PAIR_MUTE:
		fault_set(&r->fault, FAULT_TRANSIENT, 0, "no answer came");
		s->takes_effect = pair_chance(p, 50);
		s->gives_up = GIVE_UP_MS;
		break;
	case PAIR_REFUSED:
		fault_set(&r->fault, FAULT_TRANSIENT, 0, "cannot connect");
		r->reached = s->takes_effect = false;
		s->gives_up = pair_chance(p, 50) ? 10 * SIM_SECOND : 50;
		break;
	case PAIR_503:
		fault_set(&r->fault, FAULT_TRANSIENT, 503, "unavailable");
		s->takes_effect = pair_chance(p, 50);
		break;
	case PAIR_SLOW:
		s->up = pair_between(p, 1000, 20000);
		s->down = pair_between(p, 1000, 20000);
		break;
	case PAIR_LATE:
		fault_set(&r->fault, FAULT_TRANSIENT, 0, "no answer came");
		s->gives_up = pair_between(p, 5, 30) * SIM_SECOND;
		s->up = s->gives_up + pair_between(p, 1, 180) * SIM_SECOND;
		break;
	case PAIR_FINE:
	case PAIR_MOODS:
		break;
	}
	r->maybe_done = s->q.kind == CALL_PATCH && r->reached &&
			r->fault.kind == FAULT_TRANSIENT;
	if (s->mood != PAIR_FINE)
		spoil(p, s);
}

void pair_call(void *world, int daemon, const struct call *call)
{
	struct pair *p = world;
	struct pair_sent *s = text_alloc(1, sizeof(*s));

	sim_ask(&p->cloud, call, &s->q);
	s->daemon = daemon;
	s->life = p->d.daemon[daemon].life;
	s->answer = driver_answer(&p->d, daemon, call);
	s->answer->about[0] = s->q.registry >= 0 ? s->q.registry : s->q.key;
	s->answer->about[1] = s->q.version;
	s->asked = p->d.t;
	if (call->kind == CALL_LEASE) {
		s->q.key = (int)strtol(strrchr(call->url, '-') + 1, NULL, 10);
		sim_step_of(call, &s->step);
		s->answer->about[0] = s->q.key;
		s->answer->about[1] = (int)s->step.step;
		pair_lease_asked(p, daemon, s->q.key, &s->step);
	}
	s->takes_effect = true;
	s->up = pair_between(p, 10, 150);
	s->down = pair_between(p, 10, 150);
	p->stats->calls++;
	/* A write waits until its evidence is on the disk. */
	if (s->q.kind == CALL_PATCH)
		pair_at(p,
			p->d.t + pair_between(p, 0,
					      pair_chance(p, 95) ? 20 : 4000),
			PAIR_LEAVES, 0, 0, s);
	else
		pair_leaves(p, s);
}

/* What the connection knows, and when the daemon hears of it. */
static void answer_at(struct pair *p, struct pair_sent *s, int64_t t)
{
	struct reply *r = &s->answer->r;

	r->answered = r->fault.kind == FAULT_NONE || r->fault.code != 0;
	r->multiplexed = r->answered && s->q.kind != CALL_TOKEN;
	if (r->answered && s->q.kind != CALL_TOKEN)
		r->date_ms = (SIM_EPOCH + p->d.t) / 1000 * 1000;
	r->rtt_ms = t - s->asked;
	driver_post(&p->d, s->answer, t);
	s->answer = NULL;
}

/* The last gate, as the daemon has it. */
static bool vetoed(struct pair *p, struct pair_sent *s)
{
	struct pair_daemon *x = &p->daemon[s->daemon];

	if (s->q.kind != CALL_PATCH ||
	    (!x->stopping &&
	     engine_still(x->e, s->q.ticket, driver_now(&p->d, s->daemon))))
		return false;
	fault_set(&s->answer->r.fault, FAULT_TRANSIENT, 0, "not true any more");
	s->answer->r.vetoed = true;
	s->answer->r.reached = false;
	driver_post(&p->d, s->answer, p->d.t);
	free(s);
	return true;
}

void pair_leaves(struct pair *p, struct pair_sent *s)
{
	const struct driver_daemon *who = &p->d.daemon[s->daemon];

	if (!who->e || who->life != s->life) {
		pair_sent_free(s);
		return;
	}
	if (who->awake > p->d.t) { /* it goes on where it stood */
		pair_at(p, who->awake + (pair_chance(p, 50) ? 3 : 0),
			PAIR_LEAVES, 0, 0, s);
		return;
	}
	if (vetoed(p, s))
		return;
	if (s->q.kind == CALL_PATCH) {
		pair_judge_write(p, s);
		pair_scene_moment(p, SCENE_LEAVES, s, s->q.registry);
	}
	s->mood = mood_of(p, s);
	befall(p, s);
	if (s->gives_up)
		answer_at(p, s, p->d.t + s->gives_up);
	pair_at(p, p->d.t + s->up, PAIR_ARRIVES, 0, 0, s);
}

static void take_effect(struct pair *p, struct pair_sent *s, struct reply *r)
{
	struct sim_registry *g =
		s->q.registry >= 0 ? &p->cloud.registry[s->q.registry] : NULL;
	int turn = g ? g->turn : 0;

	r->fault = fault_none();
	r->fault.retry_after_ms = -1;
	if (s->q.kind == CALL_LEASE)
		sim_blob_answer(&p->lease[s->q.key].blob, &s->step, p->d.t, r);
	else
		sim_answer(&p->cloud, &s->q, p->d.t, r);
	if (g && g->turn != turn)
		pair_at(p, g->op[g->ops % SIM_OPERATIONS].ends, PAIR_SETTLES,
			s->q.registry, g->turn, NULL);
	if (s->q.kind != CALL_PATCH)
		return;
	pair_note(p, "%c's write of %d to registry %d: %s", 'A' + s->daemon,
		  s->q.version, s->q.registry,
		  r->fault.kind ? r->fault.text : "accepted");
	/* What comes late may undo what was done meanwhile. */
	if (s->mood == PAIR_LATE)
		pair_window_key(p, p->home[s->q.registry],
				p->d.t + p->reread + SIM_MINUTE);
	if (r->fault.kind == FAULT_NONE)
		pair_scene_moment(p, SCENE_ARRIVED, s, s->q.registry);
}

/* It comes to the cloud, or would have. */
void pair_arrives(struct pair *p, struct pair_sent *s)
{
	struct reply scratch = { .kind = s->q.kind };
	struct reply *r = s->answer ? &s->answer->r : &scratch;
	struct fault told = r->fault;

	if (s->takes_effect)
		take_effect(p, s, r);
	if (s->takes_effect && told.kind) {
		reply_free(r);
		r->fault = told;
	}
	if (s->answer)
		answer_at(p, s, p->d.t + s->down);
	else
		reply_free(&scratch);
	pair_sent_free(s);
}
