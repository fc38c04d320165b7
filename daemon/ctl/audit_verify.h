/*
 * audit_verify: keyrotctl audit verify, and the same for whoever reads the
 * records and has to know whether they are as they were written.
 *
 * A struct audit_verify is its owner's until audit_verify_free, also after a
 * reading that failed.
 */
#ifndef KEYROTD_CTL_AUDIT_VERIFY_H
#define KEYROTD_CTL_AUDIT_VERIFY_H

#include "base/chain_check.h"
#include "ctl/audit_files.h"
#include "ctl/command.h"

struct audit_verify {
	const struct args *args;
	audit_read_line *each; /* hears of each line that fits; or NULL */
	void *arg;
	struct audit_files files;
	struct chain_check check;
	struct buf key;
	bool fits; /* its records do; what is wrong stands beside them */
	bool torn; /* it ends in half a record, as a crash leaves it */
};

/* Read and recompute all that the options name (borrowed).  False with *f when
 * it cannot be read; what is found in it is no fault. */
bool audit_verify_read(struct audit_verify *v, const struct args *a,
		       audit_read_line *each, void *arg, struct fault *f);
void audit_verify_free(struct audit_verify *v);
/* All is as it was written. */
bool audit_verify_is_whole(const struct audit_verify *v);
/* It is not, but a new file may have been begun while the others were read:
 * once more will tell. */
bool audit_verify_again(const struct audit_verify *v);
/* Records of more than a day are behind the last signature: the sentence that
 * warns of it. */
bool audit_verify_late(const struct audit_verify *v, char *dst, size_t size);
/* It is a folder without audit.head. */
bool audit_verify_no_head(const struct audit_verify *v);
#define AUDIT_VERIFY_NO_HEAD                                                  \
	"audit.head, which tells where the records end, is missing: the end " \
	"may have been cut off."
/* The result in sentences; and as an object. */
void audit_verify_say(const struct audit_verify *v, struct out *o);
void audit_verify_json(const struct audit_verify *v, struct json_writer *w);

/* An exit status: 0 only when all is as it was written. */
int audit_verify_run(struct ctl *ctl);

#endif
