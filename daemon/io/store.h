/*
 * store: bounded reading and atomic replacing of small files.
 *
 * store_replace: temp file in the same folder (exclusive, no-follow, 0600),
 * write, fsync, close, rename, fsync of the folder.  The old file stays whole
 * whatever fails.
 */
#ifndef KEYROTD_IO_STORE_H
#define KEYROTD_IO_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fault.h"

/* Append the whole file to out; one larger than out->max is FAULT_INVALID, a
 * missing one FAULT_MISSING, anything else FAULT_LOCAL with errno.  Only
 * regular files are read; directories, FIFOs and devices are refused. */
bool store_read(const char *path, struct buf *out, struct fault *f);

bool store_replace(const char *path, const void *data, size_t len,
		   struct fault *f);
/* The same without waiting for the disk: what it writes outlives the process,
 * and the machine only when another one follows. */
bool store_replace_soon(const char *path, const void *data, size_t len,
			struct fault *f);
/* Rename path to path.bad (an earlier .bad is replaced). */
bool store_set_aside(const char *path, struct fault *f);

/* Remove temp files that a crash left beside path. */
void store_sweep(const char *path);

/* Paths of the *.conf files in folder, sorted by name; an absent folder is
 * an empty list.  At most max files.  The caller frees each and the array. */
bool store_list_conf(const char *folder, size_t max, char ***paths, size_t *n,
		     struct fault *f);

#define STORE_SECRET_MAX 65536 /* bytes; a certificate with its chain */

/* A secret: file content without trailing newline.  name is a path,
 * "credential:NAME" for $CREDENTIALS_DIRECTORY/NAME (systemd.exec(5)), or
 * "environment:NAME" for a variable.  At most out->max bytes; out must be
 * wiped by the caller (buf_wipe). */
bool store_read_secret(const char *name, struct buf *out, struct fault *f);

/* The same for a file that somebody else named: path is taken as it is, and a
 * symbolic link at its end is refused. */
bool store_read_proof(const char *path, struct buf *out, struct fault *f);

/*
 * Look at a secret as ssh(1) does at a key: can it be read, and by the right
 * ones only?  It should belong to root, to this user or to the service's
 * (keyrotd.sysusers), be readable by them and their groups only, and writable
 * by the owner only.  False with *f: FAULT_MISSING and so on as when it is
 * read, FAULT_DENIED when others can get at it.
 */
bool store_check_secret(const char *name, struct fault *f);
/* A number that changes when the file of a secret is replaced or written; 0
 * when there is none, or it is no file. */
uint64_t store_secret_stamp(const char *name);
/* The same of any file. */
uint64_t store_stamp(const char *path);
/* The variable that "environment:NAME" names; NULL for any other name. */
const char *store_secret_variable(const char *name);
/* Look at a file or folder that decides what is done: false with *f
 * FAULT_DENIED when everybody can write it.  An absent one is no fault. */
bool store_check_open(const char *path, struct fault *f);
/* Look at a file that is no secret as a whole but has a password in it: false
 * with *f FAULT_DENIED when everybody can read it. */
bool store_check_closed(const char *path, struct fault *f);
/* Look at a program that is to be run: a file that this process may execute,
 * which belongs to root, to this user or to the service's, and which nobody
 * else can write.  False with *f. */
bool store_check_program(const char *path, struct fault *f);

#endif
