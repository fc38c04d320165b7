/*
 * load: the configuration files from disk -> struct config.
 *
 * Reads the given file and watch.d/ *.conf beside it (in order of name) and
 * hands their text to config_parse.  A file that cannot be read is a mistake,
 * and those of the others are told all the same.  What is named on this
 * machine (secrets, certificates, a group, the files themselves) is looked at
 * and warned about.  Managed identities are given the source of their tokens,
 * by the environment (azure/source.h); an address that is none is a mistake.
 */
#ifndef KEYROTD_LOAD_H
#define KEYROTD_LOAD_H

#include "config/config.h"

#define LOAD_FILE_MAX (64u << 20) /* bytes of one file */
#define LOAD_FILES_MAX 10000	  /* files in watch.d */

/* A check may be run by somebody else than the daemon's user, and outside of
 * its service: what it cannot see it notes instead of warning. */
enum load_for { LOAD_TO_RUN, LOAD_TO_CHECK };

/* NULL after at least one mistake was reported. The caller owns the result. */
struct config *load_config(const char *path, enum load_for purpose,
			   config_problem *problem, void *arg);

/* A file that was read; its text is borrowed. */
typedef void load_file(const char *path, const void *text, size_t len,
		       void *arg);
/* The same, and each file that could be read is told, mistakes or not. */
struct config *load_config_told(const char *path, enum load_for purpose,
				config_problem *problem, void *arg,
				load_file *file, void *file_arg);

/* A number that changes when one of the files is written or replaced, comes or
 * goes. */
uint64_t load_stamp(const char *path);

#endif
