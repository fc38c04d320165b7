/*
 * control_doctor: io.keyrotd.Control.Examine, the doctor over the socket.  One
 * caller at a time: a second one is told to wait.  It owns the caller; engine
 * and call are others'.
 */
#ifndef KEYROTD_CONTROL_DOCTOR_H
#define KEYROTD_CONTROL_DOCTOR_H

#include "engine/engine.h"
#include "io/varlink.h"

struct control_doctor;

struct control_doctor *control_doctor_new(struct engine *e);
/* After varlink_free. */
void control_doctor_free(struct control_doctor *d);

/* Begin to examine for this call, which is answered from now on here. */
void control_doctor_begin(struct control_doctor *d, struct varlink_call *call,
			  struct instant now);
/* After each turn: send what was found since. */
void control_doctor_turn(struct control_doctor *d);

#endif
