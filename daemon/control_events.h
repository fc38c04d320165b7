/*
 * control_events: io.keyrotd.Status.Monitor, what happens for whoever listens.
 *
 * An event is told when its record of the audit is on the disk, and has the
 * sequence of that record: so its number is never another event's, also not
 * after a crash, and whoever names the last one that he has gets all that came
 * behind it, from the recent ones or from the audit's files.  While the disk
 * takes none, events are told without a sequence after 5 s.
 *
 * It owns the recent events and the listeners; engine, evidence and calls are
 * others'.
 */
#ifndef KEYROTD_CONTROL_EVENTS_H
#define KEYROTD_CONTROL_EVENTS_H

#include "engine/engine.h"
#include "io/varlink.h"

struct control_events;
struct evidence;

/* evidence may be NULL: nothing is kept, and events have no sequence.  folder:
 * of the audit's files. */
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
/* After each turn: what waits too long, and what was told before we began. */
void control_events_turn(struct control_events *v);

/* Listens from now on; the call is answered here. */
void control_events_monitor(struct control_events *v,
			    struct varlink_call *call);

#endif
