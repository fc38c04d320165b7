/*
 * stream: Varlink's framing on a connected socket: texts, each ended by a NUL
 * byte (https://varlink.org), with limits of time and size.
 *
 * The stream owns its socket and its buffer; stream_free ends it.  Faults:
 * FAULT_TRANSIENT: the other side keeps silent or went away; FAULT_LOCAL: too
 * much was sent, or nobody reads our output any more (code EPIPE).
 */
#ifndef KEYROTD_CTL_STREAM_H
#define KEYROTD_CTL_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

/* Bytes that one call may bring. */
#define STREAM_CALL_MAX ((size_t)256 << 20)

struct stream;

/* Take over fd; every message must come within timeout_ms (at least 1). */
struct stream *stream_new(int fd, int64_t timeout_ms);
void stream_free(struct stream *s);

/* Limits begin anew; false when something came that nobody asked for.  what
 * is the method's name for messages, and must live as long as the call. */
bool stream_begin(struct stream *s, const char *what);

/* From now on the call has no limit of time or size; waiting ends when the
 * reader of the descriptor output went away.  A message may take silence_ms
 * longer than the timeout; -1: there is no limit for it either. */
void stream_follow(struct stream *s, int output, int64_t silence_ms);

/* Send len bytes, the NUL among them. */
bool stream_send(struct stream *s, const char *data, size_t len,
		 struct fault *f);

/* The next message: *text of *len bytes, good until stream_drop, which must
 * come before the next one. */
bool stream_next(struct stream *s, const char **text, size_t *len,
		 struct fault *f);
void stream_drop(struct stream *s);

#endif
