/*
 * daemon: the ways to run, each from the options to an exit code: as a daemon,
 * for one pass, or only to look, at the files or at all that they name.
 */
#ifndef KEYROTD_DAEMON_H
#define KEYROTD_DAEMON_H

#include <stdbool.h>

struct daemon_options {
	const char *config_file;
	bool once;     /* one complete pass, then end */
	bool dry_run;  /* never write to Azure */
	bool json;     /* daemon_doctor: as one JSON document */
	int log_level; /* overrules the file; -1: the file's */
};

/* Exit codes (sysexits.h where it has a name for it). */
#define DAEMON_OK 0
#define DAEMON_FAILURE 1
#define DAEMON_USAGE 64
#define DAEMON_CONFIG 78

/* Parse the file and watch.d beside it; print every mistake to standard output
 * as FILE:LINE: message, every warning as FILE:LINE: warning: message.
 * DAEMON_OK, also with warnings, or DAEMON_CONFIG. */
int daemon_check(const char *config_file);

/* Examine everything that the configuration names, print what was found, and
 * end: DAEMON_OK when nothing has failed, DAEMON_FAILURE or DAEMON_CONFIG. */
int daemon_doctor(const struct daemon_options *o);

/* Run until told to stop, or for one pass.  Returns an exit code. */
int daemon_run(const struct daemon_options *o);

#endif
