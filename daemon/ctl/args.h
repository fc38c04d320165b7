/*
 * args: the command line of keyrotctl as a value.  Options may stand before
 * and after the command, whatever $POSIXLY_CORRECT says; "--" ends them.
 * Strings point into argv or the environment.
 */
#ifndef KEYROTD_CTL_ARGS_H
#define KEYROTD_CTL_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#define ARGS_PROBLEM_MAX 320
#define ARGS_SOCKET "/run/keyrotd/io.keyrotd"
#define ARGS_AUDIT_FOLDER "/var/lib/keyrotd"
#define ARGS_TIMEOUT_MS 10000
#define ARGS_FILES_MAX 8    /* audits of a report */
#define ARGS_REASON_MAX 200 /* bytes */

struct command;

struct args {
	const struct command *command; /* NULL: none given, or a bad one */
	const char *name;	       /* of the command, as it was given */
	const char *operand;	       /* after the command, or NULL */
	int operands;
	const char *socket;
	int64_t timeout_ms; /* 1 s to 1 h */
	bool json, help, version, no_colour, follow, all, watch, openmetrics;
	bool http;	      /* metrics: one request on standard input */
	const char *until;    /* as given, a valid RFC 3339 time, or NULL */
	int64_t for_ms;	      /* at least 1 s; -1 when not given */
	int64_t since_ms;     /* 1970, -1 when not given */
	int64_t since_ago_ms; /* ... or so long ago, -1 */
	const char *reason;   /* one line; NULL: none */
	/* Of lists, as given; NULL: not given. */
	const char *states, *subscription, *vault, *sort, *columns;
	/* rotate, and of lists the key: as given, or NULL */
	const char *to_version, *key, *identity;
	bool yes, dry_run, no_wait;
	/* discover: as given, or NULL; and subscription */
	const char *credential, *rule;
	bool conf;
	/* audit; NULL and -1 when not given */
	const char *file; /* the first of: */
	const char *files[ARGS_FILES_MAX];
	unsigned n_files;
	const char *registry, *format, *public_key, *head;
	const char *html;		/* report: where to, or NULL */
	int64_t from_ms, to_ms;		/* since 1970 */
	char problem[ARGS_PROBLEM_MAX]; /* one sentence, "" when none */
};

/*
 * Read the command line.  fallback is the socket without --socket
 * ($KEYROTD_SOCKET); NULL or "" means ARGS_SOCKET.  False with a->problem;
 * a->command is then still set if it is known.  With --help or --version
 * the rest is not judged.
 */
bool args_parse(struct args *a, int argc, char *const argv[],
		const char *fallback);

#endif
