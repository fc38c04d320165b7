/*
 * store_internal: what the files of io/store share.
 */
#ifndef KEYROTD_IO_STORE_INTERNAL_H
#define KEYROTD_IO_STORE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/fault.h"

/* Open a regular file for reading; -1 and *f (FAULT_MISSING, FAULT_LOCAL). */
int store_open(const char *path, struct fault *f);
/* The same, but not through a symbolic link at its end. */
int store_open_nofollow(const char *path, struct fault *f);
/* Fill dst as far as the file goes: bytes, or -1 with errno. */
ssize_t store_read_some(int fd, char *dst, size_t size);

/* What stands behind the last slash. */
const char *store_base_name(const char *path);
/* The folder that path lies in; -1 and *f. */
int store_open_folder(const char *path, struct fault *f);
/* The name of a temp file beside path, without its folder; the caller's. */
char *store_temp_name(const char *path);
/* False with errno. */
bool store_write_all(int fd, const char *data, size_t len);

#endif
