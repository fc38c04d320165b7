/*
 * config: the watch-list file(s) as text -> one immutable struct config.
 *
 * One pass over each text: a lexer, and a parser driven by the table of
 * options.  Every mistake of every file is reported in one go, each once and
 * with its file and line, unknown options included.  Pure: no file is opened
 * and no environment variable read; what a configuration names on the machine
 * the caller looks at.  The manual page is keyrotd.conf(5).
 */
#ifndef KEYROTD_CONFIG_CONFIG_H
#define KEYROTD_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "azure/call.h"
#include "azure/cloud.h"
#include "azure/keyid.h"
#include "azure/proxy.h"
#include "base/fault.h"

/* Each costs a token per service that it is used for. */
#define CONFIG_CREDENTIALS_MAX 256

/* Each is run for each event. */
#define CONFIG_PROGRAMS_MAX 16

enum watch_mode { WATCH_OBSERVE, WATCH_FOLLOW, WATCH_PIN, WATCH_MANUAL };

/* Which way a key is read. */
enum config_via {
	CONFIG_VIA_VAULT,
	CONFIG_VIA_ARM, /* "resource-manager" */
	CONFIG_VIA_AUTO /* that, when the vault's network rules refuse us */
};

struct config_registry {
	char *id; /* resource id as written */
};

struct config_watch {
	struct keyid key;     /* version "" unless mode is WATCH_MANUAL */
	char *title;	      /* as written in the file */
	enum watch_mode mode; /* WATCH_MANUAL exactly when the key has a
				   version */
	size_t credential;    /* index into config.credentials */
	char *identity;	      /* expected client id or "system"; NULL: any */
	enum config_via via;
	char *vault_resource; /* of its vault; NULL: VIA_VAULT only */
	bool takeover;
	bool canary;	       /* false: all at once */
	char *canary_id;       /* the resource id that goes first; NULL: the
				   first one of the list */
	unsigned max_parallel; /* 1..1000 */
	int64_t max_age_ms;    /* 0: any age; -1: config.max_age_ms */
	size_t lease;	       /* index into config.leases; or CONFIG_ALONE */
	struct config_registry *registries; /* see config_let_go */
	size_t n_registries;
};

/* Where a rule looks. */
struct config_place {
	char *text; /* as written */
	char subscription[37];
	char *group; /* NULL: the whole subscription */
};

#define CONFIG_RULES_MAX 64	 /* each asks for LISTs of its own */
#define CONFIG_PLACES_MAX 1000	 /* of one rule */
#define CONFIG_PATTERNS_MAX 1000 /* each is held against each registry */

/* A discover block: registries that are watched without being named. */
struct config_rule {
	char *name;
	struct config_place *places;
	size_t n_places;   /* 1..CONFIG_PLACES_MAX */
	size_t credential; /* index into config.credentials */
	enum watch_mode mode;
	char *key_pattern; /* a glob over the key's identifier; NULL: any */
	char **exclude;	   /* names, ids and globs over these */
	size_t n_exclude;
	char **tags; /* "NAME" or "NAME=GLOB", all of which it must have */
	size_t n_tags;
	unsigned max_registries; /* 1..100000, default 1000 */
	size_t lease;		 /* index into config.leases; or CONFIG_ALONE */
};

#define CONFIG_LEASES_MAX 64  /* each is renewed for itself */
#define CONFIG_ALONE SIZE_MAX /* no other daemon acts in one's place */

/* A lease block: whoever holds the lease of that blob acts. */
struct config_lease {
	char *name;
	char *url;	     /* of the blob: https, without a query */
	size_t credential;   /* index into config.credentials */
	int64_t duration_ms; /* 15 s .. 60 s, default 30 s */
	bool prefer;	     /* it is this daemon's when both live */
};

/* What is said of the lease that registries are under. */
struct config_lease_choice {
	char *name;  /* "none": under none; NULL: nothing is said */
	bool prefer; /* counts where it is given */
};

#define CONFIG_EVENTS_MAX 16 /* each is looked into again and again */

/* An events block: a queue of Azure Storage into which Event Grid puts what
 * happens at vaults. */
struct config_events {
	char *name;
	char *queue;	   /* "https://ACCOUNT.queue.core.windows.net/QUEUE" */
	size_t credential; /* index into config.credentials */
	int64_t max_wait_ms; /* between two looks into it, 1 s .. 10 min */
};

struct config {
	int64_t window_ms;	    /* 10 min .. 7 d, default 1 h */
	int64_t poll_interval_ms;   /* 1 s .. 1 h, default 60 s */
	int64_t reread_interval_ms; /* 1 s .. 1 d, default 5 min */
	int64_t retirement_hold_ms; /* 0 .. 90 d, default 24 h */
	int64_t max_age_ms;	    /* 0: any age (default) .. 3650 d */
	bool read_rotation_policy;  /* default true */
	int log_level;		    /* a log_level, default info */
	char *state_directory;	    /* NULL: not set in the file */
	char *runtime_directory;
	char *admin_group; /* NULL: none */
	bool metrics_file; /* default true */
	char **on_event;   /* programs that are told of events ... */
	size_t n_on_event; /* ... at most CONFIG_PROGRAMS_MAX ... */
	char *event_kinds; /* ... of these kinds (config/event); NULL: the
			      usual ones */
	/* Budgets, calls per second and burst, already "used to half". */
	double vault_rate, vault_burst; /* default 200/s, 2000 */
	double read_rate, read_burst;	/* default 12.5/s, 125 */
	double write_rate, write_burst; /* default 5/s, 100 */
	unsigned max_requests;		/* in flight at once, 1..1000, 128 */
	int64_t audit_max_size;		/* bytes, 64 K .. 1 G, 64 M */
	int64_t audit_keep_ms;		/* 1 d .. 3650 d, default 400 d */
	int64_t audit_wait_ms;		/* 0 .. 60 s, default 5 s */
	bool audit_required;		/* no write without its record */
	/* A path, "credential:NAME" or "environment:NAME"; NULL: none. */
	char *audit_sign_key;
	struct config_lease_choice lease; /* of blocks that say nothing */
	struct cloud cloud;
	struct proxy proxy;
	struct credential *credentials;
	size_t n_credentials;
	struct config_watch *watches;
	size_t n_watches;
	size_t n_registries; /* over all watches */
	struct config_rule *rules;
	size_t n_rules;
	struct config_lease *leases;
	size_t n_leases;
	struct config_events *events;
	size_t n_events;
};

/* Bytes of all sources together; more is a reported mistake.  Whoever reads
 * the files need not read further than one byte past this. */
#define CONFIG_TEXT_MAX (64 << 20)

struct config_source {
	const char *name; /* as shown in messages */
	const char *text;
	size_t len;
	const char *fault; /* why it could not be read: a mistake at line 0 of
			      a file without text; NULL: it was */
};

/* A mistake refuses the configuration.  A warning is about something that
 * should not stay as it is, a note about something that may be meant.  A choice
 * is a note too, of what was taken from outside of the files. */
enum config_severity {
	CONFIG_MISTAKE,
	CONFIG_WARNING,
	CONFIG_NOTE,
	CONFIG_CHOICE
};

/* One complaint: "FILE:LINE: message", "FILE:LINE: warning: message" or
 * "FILE:LINE: note: message", called in file and line order; at most about a
 * thousand mistakes and as many others, the last of which then says how many
 * there are more. */
typedef void config_problem(enum config_severity severity, const char *line,
			    void *arg);

/* What the configuration names on this machine.  A source is told as a file
 * too, by its name. */
enum config_thing {
	CONFIG_FILE,
	CONFIG_CA_FILE,
	CONFIG_SECRET_FILE, /* a path, "credential:NAME", "environment:NAME" */
	CONFIG_CERTIFICATE, /* what is in that; the credential opens it */
	CONFIG_TOKEN_FILE,  /* of a workload: others may read it */
	CONFIG_GROUP,	    /* a name or a number */
	CONFIG_PASSWORD,    /* of a proxy: the configuration file it is in */
	CONFIG_SIGN_KEY,    /* what is in one that signs the audit */
	CONFIG_PROGRAM,	    /* that is run when something happens */
};

/* Look at it.  True when all is well; else false, with a warning or a note
 * and its sentence in *why.  credential: whose it is; NULL: nobody's. */
typedef bool config_look(enum config_thing thing, const char *name,
			 const struct credential *credential,
			 enum config_severity *severity, struct fault *why,
			 void *arg);

/* The machine, as far as a configuration needs it; either may be NULL. */
struct config_host {
	config_look *look;
	/* A variable of the environment; NULL: it is not set. */
	const char *(*variable)(const char *name, void *arg);
};

/*
 * Parse all sources as one configuration (settings and the cloud block may
 * stand only in the first; watch and credential blocks in any).  Without a
 * credential block there is one of managed identity, called "default".  No
 * watch at all is a valid configuration: saying that nothing is watched is
 * the caller's part.  Each thing that is named on this machine is looked at
 * through `host` (NULL: nothing is), also when the rest has mistakes; `arg`
 * goes to all.  Returns NULL after reporting at least one mistake.
 * The caller owns the result; the sources are borrowed until return.
 * Nothing is shared between two calls.
 */
struct config *config_parse(const struct config_source *sources, size_t n,
			    config_problem *problem,
			    const struct config_host *host, void *arg);
void config_free(struct config *c); /* NULL is fine */
/* Whoever has taken the registries of all watches over lets the lists go:
 * hundreds of thousands of ids are kept once only.  n_registries of the whole
 * still tells how many there are. */
void config_let_go(struct config *c);

const char *config_mode_str(enum watch_mode mode);

#endif
