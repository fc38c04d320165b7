/*
 * invariant: what has to be true after every event, whatever happens.
 * The numbers are those of the table in invariant.c.
 */
#ifndef SIM_INVARIANT_H
#define SIM_INVARIANT_H

#include "world.h"

enum sim_invariant {
	INV_DEADLINE = 1,
	INV_WRITE,
	INV_ONE_WRITE,
	INV_NEVER_BACK,
	INV_RATE,
	INV_TRUTH,
	INV_RETIREMENT,
	INV_BOUNDED,
	INV_QUIET,
	INV_FOLLOW,
	INV_CANARY,
	INV_CLOCK,
	INV_READ,
	INV_ONCE,
	INV_AGAIN,
	INV_NOTES,
	INV_WORK,
	INV_ROOM,
	INV_UNTOLD,
	INV_ATTEMPT,
	INV_WAY,
	INV_RULED,
	INVARIANTS,
};
extern const char *const invariant_names[INVARIANTS];

void invariant_broken(struct world *w, enum sim_invariant i, const char *fmt,
		      ...) __attribute__((format(printf, 3, 4)));

/* A new life, or a new configuration: look the engine's parts up again. */
void invariant_born(struct world *w, bool kept, bool old);
void invariant_ruled(struct world *w); /* after each event, before its notes */
void invariant_reload(struct world *w);
/* Budgets are about to change: what they have gained by now is theirs. */
void invariant_refill(struct world *w);
/* The engine asks; lane -1 for a token. */
void invariant_call(struct world *w, const struct call *call,
		    const struct sim_question *q, int lane);
/* A person, or another file, gives cause to ask every vault again. */
void invariant_ask_vaults(struct world *w);
/* A reply is about to be handed in, and the engine waits for it. */
void invariant_reply(struct world *w, const struct sim_pending *p);
/* A pass of --once goes on; it has ended, and says whether all is current. */
void invariant_once(struct world *w);
void invariant_passed(struct world *w, bool current);
/* Something that it has to wait for will be over then. */
void once_waits(struct world *w, int64_t until);
/* After every event. */
void invariant_event(struct world *w);
/* The very end. */
void invariant_end(struct world *w);

/* ---- windows (1): the watch's newest version, in truth, has changed ---- */
void window_watch(struct world *w, int watch);
void window_deadline(struct world *w, int watch, int turn);
void window_current(struct world *w, int member);
void window_shown(struct world *w, int member, const struct sim_view *v);
/* Something stood in the way until `until`: of one registry (and whoever has
 * to wait for it), of what uses a remote, of everything. */
void window_spoil(struct world *w, int member, int64_t until);
void window_spoil_remote(struct world *w, enum sim_remote_kind kind, int i,
			 int64_t until);
void window_spoil_all(struct world *w, int64_t until);

/* ---- writes (2, 3, 4, 11) ---- */
void write_check(struct world *w, const struct call *call,
		 const struct sim_question *q);
void write_refused(struct world *w, int member, const struct fault *f);
/* A refusal that is the registry's own: the one that held the others is out,
 * and another one of its watch may go first. */
void write_denied(struct world *w, int member);
/* A person has ended all back-offs. */
void write_by_hand(struct world *w);
/* What did not reach Azure, or was not let in, was no write. */
void write_answered(struct world *w, const struct sim_pending *p);
/* What the daemon goes by: the view it was shown at boot time `boot`. */
const struct sim_view *invariant_view(const struct sim_member *m, int64_t boot);

/* The daemon may have given up the newest version that it knew: not found for
 * ten minutes, while an older one is shown. */
void told_follow(struct world *w, int watch, int64_t polled_at);

/* ---- notes (16) ---- */
void invariant_note(struct world *w, const struct note *n);

/* ---- rules (22) ---- */
void ruled_retired(struct world *w, const struct note *n);
void ruled_end(struct world *w);

/* ---- what it costs (17, 18, 20) ---- */
void cost_born(struct world *w);
/* Something has changed that is looked at for so many registries, for those of
 * a watch, or for all. */
void cost_allow(struct world *w, size_t registries);
void cost_watch(struct world *w, int watch);
void cost_all(struct world *w);
void cost_sent(struct world *w, const struct sim_pending *p);
void cost_landed(struct world *w, const struct sim_pending *p);
void cost_event(struct world *w);
/* Hosts that have told what time it is in this life; where all of them are
 * right, as many as need be. */
int cost_heard(const struct world *w);

/* ---- truth (6, 7) ---- */
void truth_check(struct world *w);
void truth_retirement(struct world *w, int watch);

#endif
