/*
 * load: the configuration files from disk -> struct config.
 *
 * Reads the given file and watch.d/ *.conf beside it (in order of name) and
 * hands their text to config_parse.
 */
#ifndef KEYROTD_LOAD_H
#define KEYROTD_LOAD_H

#include "config/config.h"

#define LOAD_FILE_MAX (64u << 20) /* bytes of one file */
#define LOAD_FILES_MAX 10000	  /* files in watch.d */

/* NULL after at least one problem was reported. The caller owns the result. */
struct config *load_config(const char *path, config_problem *problem,
			   void *arg);

#endif
