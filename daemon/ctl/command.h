/*
 * command: what keyrotctl can do.  One row of the table for each command, one
 * file for one or a few of them; a new command needs nothing else.
 */
#ifndef KEYROTD_CTL_COMMAND_H
#define KEYROTD_CTL_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "ctl/client.h"
#include "ctl/out.h"

struct args;

/* What every command works with; main.c owns it all. */
struct ctl {
	const struct args *args;
	struct out out;
	struct out err;
	struct client *client;
	int64_t now_ms; /* wall clock at the start, since 1970 */
};

/* Exit codes, sysexits(3) where it has one. */
enum command_exit {
	COMMAND_OK = 0,
	COMMAND_FAILED = 1,
	COMMAND_USAGE = 64,
	COMMAND_UNREACHABLE = 69,
};

/* Options that only some commands take. */
enum command_option {
	COMMAND_FOLLOW = 1 << 0,       /* -f, --follow */
	COMMAND_ALL = 1 << 1,	       /* --all */
	COMMAND_UNTIL = 1 << 2,	       /* --until TIME */
	COMMAND_FOR = 1 << 3,	       /* --for DURATION */
	COMMAND_JSON = 1 << 4,	       /* --json */
	COMMAND_MOVE = 1 << 5,	       /* what says how one registry is moved */
	COMMAND_REASON = 1 << 6,       /* --reason TEXT */
	COMMAND_WATCH = 1 << 7,	       /* -w, --watch */
	COMMAND_FILTER = 1 << 8,       /* what is listed, and how: kinds.h */
	COMMAND_ALONE = 1 << 9,	       /* no option: it needs no daemon */
	COMMAND_OPENMETRICS = 1 << 10, /* --openmetrics, --http */
	COMMAND_AUDIT = 1 << 11,       /* --file, --from and their like */
	COMMAND_EXPORT = 1 << 12,      /* --registry, --format */
	COMMAND_HTML = 1 << 13,	       /* --html PATH */
	COMMAND_SINCE = 1 << 14,       /* --since TIME */
	COMMAND_DISCOVER = 1 << 15,    /* --subscription, --credential, --conf,
				     --rule */
};

struct command {
	const char *name;
	const char *synopsis;	     /* what follows the name, or "" */
	const char *summary;	     /* for the list of commands */
	const char *help;	     /* more, for --help */
	int min, max;		     /* operands */
	unsigned options;	     /* of enum command_option */
	bool plugin;		     /* speaks as a monitoring plugin */
	int (*run)(struct ctl *ctl); /* NULL: help */
};

/* The row of a name, or NULL. */
const struct command *command_find(const char *name);
/* The name that was perhaps meant, or NULL. */
const char *command_guess(const char *name);
/* The rows, ended by name NULL. */
const struct command *command_list(void);

int status_run(struct ctl *ctl);
int listing_run(struct ctl *ctl);
int why_run(struct ctl *ctl);
int versions_run(struct ctl *ctl);
int events_run(struct ctl *ctl);
int doctor_run(struct ctl *ctl);
int discover_run(struct ctl *ctl);
int poll_run(struct ctl *ctl);
int reload_run(struct ctl *ctl);
int pause_run(struct ctl *ctl);
int resume_run(struct ctl *ctl);
int rotate_run(struct ctl *ctl);
int check_run(struct ctl *ctl);
int role_run(struct ctl *ctl);
int metrics_run(struct ctl *ctl);
int audit_run(struct ctl *ctl);
int report_run(struct ctl *ctl);

#endif
