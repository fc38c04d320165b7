/*
 * look: all that the simulation sees of the engine's inside, as plain values.
 *
 * look.c alone knows the engine's structures: whoever changes them follows
 * here, and the invariants stay as they are.  Nothing is kept, changed or
 * allocated.  struct registry and struct watch are the engine's; a pointer is
 * good until the next reload, and is looked up again then.
 */
#ifndef SIM_LOOK_H
#define SIM_LOOK_H

#include "engine/decide.h"
#include "engine/engine.h"

/* A registry as the engine says that it is. */
struct look_registry {
	int64_t read_at;   /* boot ms of the read that it goes by; -1 never */
	int64_t polled_at; /* the same of its key; -1 never */
	enum decide_state state;
};

/* How much of everything there is. */
struct look_sizes {
	size_t registries, watches, tokens;
	size_t flights;	   /* requests on their way */
	size_t timers;	   /* things that are timed */
	size_t waiting;	   /* questions that wait for a flight */
	size_t actions;	   /* not fetched yet */
	size_t lost_notes; /* for which there was no room */
};

/* How often it has looked at a registry or a watch, ever: what work costs. */
uint64_t look_work(const struct engine *e);

/* ---- the whole ---- */

/* Boot ms that the engine was last told. */
int64_t look_now(const struct engine *e);
/* Azure ms at that time, as the engine estimates it. */
int64_t look_azure(const struct engine *e);
/* Azure has told what time it is: the estimate is more than our own clock. */
bool look_clock_known(const struct engine *e);
/* The parts, counted. */
void look_sizes(const struct engine *e, struct look_sizes *s);
/* Ms after which the engine gives up waiting for an answer. */
int64_t look_guard(void);

/* ---- a question that is on its way ---- */

/* An answer with this ticket is waited for. */
bool look_awaited(const struct engine *e, uint64_t ticket);
/* ... and was asked again already, with a new token, after a 401. */
bool look_renewed(const struct engine *e, uint64_t ticket);
/* ... and asks for a key for the sake of this watch; NULL: of none. */
const struct watch *look_asker(const struct engine *e, uint64_t ticket);

/* ---- a watch ---- */

/* The watch of a key by its name and version ("": none is named), or NULL. */
struct watch *look_watch(const struct engine *e, const char *name,
			 const char *version);
/* Boot ms at which its key is read at the latest; INT64_MAX never. */
int64_t look_polls(const struct engine *e, const struct watch *w);
/* The last poll failed. */
bool look_unreadable(const struct watch *w);
/* It is read through Resource Manager for now. */
bool look_around(const struct watch *w);
/* No poll of its key was good yet. */
/* The version that it takes for the newest; "" none yet. */
const char *look_newest(const struct watch *w);
bool look_unread(const struct watch *w);
/* This version was taken for the newest before. */
bool look_led(const struct watch *w, const char *version);
/* This version of its key is said to be clear: nothing needs it any more. */
bool look_clear(const struct engine *e, const struct watch *w,
		const char *version);

/* ---- a registry ---- */

/* By its id; NULL when the engine does not know it. */
struct registry *look_find(const struct engine *e, const char *id);
/* How old what is known of it is, and what it is called. */
struct look_registry look_registry(const struct registry *r);
/* That has not changed since *was. */
bool look_same(const struct registry *r, const struct look_registry *was);
/* Boot ms at which it is read at the latest, by a question that is timed or on
 * its way: its own, or its LIST's.  INT64_MAX: nothing will read it. */
int64_t look_reads(const struct engine *e, const struct registry *r);
/* A pass of --once does not wait for it any more. */
bool look_settled(const struct registry *r);
/* What is reported as the time of its next attempt, Azure ms; false: none. */
bool look_attempt(const struct engine *e, const struct registry *r,
		  int64_t *azure);
/* Why it is called so. */
enum decide_reason look_reason(const struct registry *r);
/* No write to it for now: a person said so, of it or of all. */
bool look_paused(const struct engine *e, const struct registry *r);
/* The last write was refused. */
bool look_refused(const struct registry *r);
/* The last attempt failed in any other way. */
bool look_failed(const struct registry *r);
/* A write is under way: from when it is asked for to when it is proven. */
bool look_writing(const struct registry *r);
/* The version that the last write was for; "" none. */
const char *look_wrote(const struct registry *r);
/* Its key's newest version is this one, and Key Vault shows no older one. */
bool look_goes_by(const struct registry *r, const char *version);

/* It leads at that boot ms, as it believes, by the lease with this place in its
 * file. */
bool look_leads(const struct engine *e, size_t lease, int64_t boot);

/* What is foretold of the registries that are still to move. */
struct look_forecast {
	bool measured; /* by moves that were seen */
	size_t late;
	int64_t by_ms; /* the last one */
};
struct look_forecast look_forecast(const struct engine *e);

#endif
