/*
 * audit_which: which registry of the audit a person means by a name, as the
 * records tell of it; no daemon is asked.
 *
 * A struct audit_which is its owner's until audit_which_free, and keeps at most
 * AUDIT_WHICH_MAX ids, whatever the files say.
 */
#ifndef KEYROTD_CTL_AUDIT_WHICH_H
#define KEYROTD_CTL_AUDIT_WHICH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/chain.h"

#define AUDIT_WHICH_MAX 10

struct audit_which {
	const char *said; /* borrowed; NULL: all are meant */
	char *ids[AUDIT_WHICH_MAX];
	size_t n;
};

void audit_which_init(struct audit_which *w, const char *said);
void audit_which_free(struct audit_which *w);
/* Learn which registries of this record may be meant. */
void audit_which_learn(struct audit_which *w, const struct chain_record *r);
/* Just one is meant, or all are.  False with *f: none is (FAULT_MISSING), or
 * several may be (FAULT_INVALID), which `ids` are. */
bool audit_which_judge(const struct audit_which *w, struct fault *f);
/* The record is evidence of what is meant: it names it, or a person paused or
 * resumed all. */
bool audit_which_is_of(const struct audit_which *w,
		       const struct chain_record *r);

#endif
