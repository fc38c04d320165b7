/*
 * evidence: what becomes a record of the audit, and in which words.
 *
 * One record for each note of the engine, each write as it is sent, each
 * answer to it, each change by a person, each configuration, start and stop.
 * Nothing in a record is secret.  It owns the audit (io/audit); engine and
 * loop are the caller's.  Without an audit (NULL: a single pass) every
 * function does nothing, and everything is on the disk.
 */
#ifndef KEYROTD_EVIDENCE_H
#define KEYROTD_EVIDENCE_H

#include <sys/types.h>

#include "azure/call.h"
#include "azure/exchange.h"
#include "base/chain.h"
#include "base/json.h"
#include "engine/engine.h"

struct ev_loop;
struct evidence;

struct evidence_options {
	struct engine *engine;
	const char *folder; /* of the audit's files */
	bool dry_run;
	/* The record with this number is on the disk, as the one with this
	 * sequence; 0: it never will be.  May be NULL. */
	void (*kept)(uint64_t number, uint64_t seq, void *arg);
	/* A record is on the disk, or the evidence has changed otherwise. */
	void (*changed)(void *arg);
	void *arg;
};

struct evidence *evidence_new(struct ev_loop *loop,
			      const struct evidence_options *o);
void evidence_free(struct evidence *v);
/* The configuration in force is another one. */
void evidence_configure(struct evidence *v);
/* List what is watched once all of it is known, and sign the head when it is
 * time: once after every turn. */
void evidence_turn(struct evidence *v);
/* Nothing comes any more: sign the head and wait for the disk, at most so
 * long.  False: something is not on it. */
bool evidence_finish(struct evidence *v, int wait_ms);
/* The last record that is on the disk; seq 0: none is. */
struct chain evidence_head(const struct evidence *v);
/* Tell the engine how many records wait, as of now: it is told of itself when
 * one is on the disk, not when one is added. */
void evidence_tell(struct evidence *v);
/* Is that known?  Not in the first moments, or while another one writes. */
bool evidence_known(const struct evidence *v);

/* The program begins: its version, process and boot. */
void evidence_start(struct evidence *v, const char *version);
void evidence_stop(struct evidence *v, const char *why);
/* A file of the configuration that is in force from now on: SHA-256 in hex. */
void evidence_config(struct evidence *v, const char *path, const char *sum,
		     size_t bytes);
/* Somebody has changed something: the method's name, who, and what it was
 * called with (JSON text, or NULL). */
void evidence_manual(struct evidence *v, const char *method, uid_t uid,
		     pid_t pid, const struct json *parameters);

/* Its record's number; 0: there is none. */
uint64_t evidence_note(struct evidence *v, const struct note *n);
/* The x-ms-request-id (of a token: the trace id) of the answer that a note
 * follows from, until the next answer; NULL: from none, or it had no id.  v may
 * be NULL. */
const char *evidence_request(const struct evidence *v, const struct note *n);
/* The note that a record tells of; its key and registry are the caller's.
 * False: it tells of none. */
bool evidence_note_of(const struct chain_record *r, struct note *n);

/* A write that is to be sent when its record is on the disk; id: what we call
 * it towards Azure.  The record's number for evidence_has. */
uint64_t evidence_write(struct evidence *v, const struct call *c,
			const struct exchange *x, const char *id);
bool evidence_has(const struct evidence *v, uint64_t number);
/* The answer to a question.  That to a write, or about one, is a record; that
 * to any other stands in the records of the notes that follow from it, until
 * evidence_answered. */
void evidence_answer(struct evidence *v, const struct call *c,
		     const struct reply *r, const char *id);
void evidence_answered(struct evidence *v);
/* A write has no answer: a sentence.  sent: it may have been. */
void evidence_no_answer(struct evidence *v, const struct call *c,
			const char *id, bool sent, const char *why);

#endif
