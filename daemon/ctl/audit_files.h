/*
 * audit_files: which files of the audit are meant, and their lines in order.
 *
 * A struct audit_files is its owner's until audit_files_free.
 */
#ifndef KEYROTD_CTL_AUDIT_FILES_H
#define KEYROTD_CTL_AUDIT_FILES_H

#include "base/chain.h"
#include "ctl/args.h"
#include "io/audit_read.h"

struct audit_files {
	const char *path; /* as it was said, or where they lie by default */
	bool folder;	  /* it is one: all of them are meant */
	struct audit_list list;
	struct chain head; /* of audit.head; seq 0: it was not read */
	enum audit_head head_file;
};

/* False with *f when there is none. */
bool audit_files_find(struct audit_files *a, const struct args *args,
		      struct fault *f);
/* They can be read a second time. */
bool audit_files_again(const struct audit_files *a);
void audit_files_free(struct audit_files *a);

/* The name of a file without its folder. */
const char *audit_files_name(const char *path);

#endif
