/*
 * errands: the questions on their way to Azure: sent, answered, called off.
 *
 * Each is a copy of the engine's question with all that its answer will be read
 * with.  A write waits for its record of the audit first (held).  Answers go
 * to the engine, tokens into the wallet, and verdicts on proofs to the proofs.
 * Owns the questions and their transfers; what it is given is the caller's.
 */
#ifndef KEYROTD_ERRANDS_H
#define KEYROTD_ERRANDS_H

#include <stdbool.h>
#include <stdint.h>

#include "azure/call.h"
#include "base/secret.h"
#include "engine/engine.h"

struct errands;
struct ev_loop;
struct evidence;
struct http;
struct proofs;
struct wallet;

struct errands_options {
	struct ev_loop *loop;
	struct engine *engine;
	struct http *http;
	struct secrets *known; /* what no answer may give back */
	struct wallet *wallet;
	struct proofs *proofs;
	struct evidence *evidence; /* NULL: none is kept */
	/* The engine has heard something, and has to be asked what follows. */
	void (*landed)(void *arg);
	void *arg;
};

struct errands *errands_new(const struct errands_options *o);
/* Calls all of them off.  NULL is fine. */
void errands_free(struct errands *es);

/* Begin one.  If it cannot even be put, the engine hears so at once. */
void errands_ask(struct errands *es, const struct call *c);
/* Nobody waits for the one with this ticket any more. */
void errands_cancel(struct errands *es, uint64_t ticket);
/* A record is on the disk, or it will not be soon: what waited for it. */
void errands_evidence(struct errands *es);
/* From here on no new write is sent; true while one is on the wire. */
bool errands_stopping(struct errands *es);
/* Was that said? */
bool errands_stopped(const struct errands *es);

#endif
