/*
 * proofs: what proves the credentials: a client secret, a certificate, a
 * token of another issuer, or what the host hands to a process.
 *
 * It is read anew for every token, so that it can be replaced at any time.
 * Whoever has a token refused does not wait long once its file is replaced: the
 * files are looked at meanwhile, and the engine is told.  A certificate that
 * ends soon is told.  Owns what is known of each credential's files, and its
 * timer; no secret stays here.  Engine and loop are the caller's.
 */
#ifndef KEYROTD_PROOFS_H
#define KEYROTD_PROOFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "azure/call.h"
#include "base/buf.h"
#include "engine/engine.h"
#include "engine/metrics.h"

struct ev_loop;
struct proofs;

/* changed: the engine was told of a file that was replaced. */
struct proofs *proofs_new(struct ev_loop *loop, struct engine *e,
			  void (*changed)(void *arg), void *arg);
void proofs_free(struct proofs *ps); /* NULL is fine */

/* Append the secret that the question is to carry, if it carries one.  False
 * with *f when it cannot be read, or used. */
bool proofs_read(struct proofs *ps, const struct call *c, struct buf *secret,
		 struct fault *f);
/* The stamp of the files that a question's proof was just read from; 0: it has
 * none. */
uint64_t proofs_stamp(struct proofs *ps, const struct call *c);
/* A token was given (FAULT_NONE) or refused for the credential, with the proof
 * of its files as they were then. */
void proofs_judge(struct proofs *ps, const struct credential *c,
		  enum fault_kind kind, uint64_t stamp);
/* A reload asks for all tokens that failed again. */
void proofs_reload(struct proofs *ps);
/* The certificates whose end is known; *all holds until the next call. */
size_t proofs_certificates(struct proofs *ps,
			   const struct metrics_certificate **all);

#endif
