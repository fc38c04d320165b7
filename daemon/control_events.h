/*
 * control_events: io.keyrotd.Status.Monitor, what happens for whoever listens.
 *
 * Whoever names the last event that he has gets all that came behind it, also
 * after a crash: from the recent ones (recent), or from the audit's files.  It
 * owns the listeners and the recent events; engine, evidence and calls are
 * others'.
 */
#ifndef KEYROTD_CONTROL_EVENTS_H
#define KEYROTD_CONTROL_EVENTS_H

#include "engine/engine.h"
#include "io/varlink.h"

struct control_events;
struct evidence;

/* evidence may be NULL: none is kept.  folder: of the audit's files. */
struct control_events *control_events_new(const struct engine *e,
					  const struct evidence *evidence,
					  const char *folder);
/* After varlink_free. */
void control_events_free(struct control_events *v);

/* Something has happened; number: of its record, 0: it has none. */
void control_events_note(struct control_events *v, const struct note *n,
			 uint64_t number);
/* The record with that number is on the disk; seq 0: it never will be. */
void control_events_kept(struct control_events *v, uint64_t number,
			 uint64_t seq);
/* After each turn. */
void control_events_turn(struct control_events *v);

/* Listens from now on; the call is answered here. */
void control_events_monitor(struct control_events *v,
			    struct varlink_call *call);

#endif
