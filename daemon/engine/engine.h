/*
 * engine: everything keyrotd decides, as a pure function of (state, event,
 * now, random number).  No socket, clock or file: whoever drives it hands in
 * the time with each event and carries out the actions it asks for.
 *
 *	struct engine *e = engine_new(config, seed, phase, now);
 *	loop: engine_tick / engine_reply / engine_... at `now`
 *	      while (engine_action(e, &action)) carry it out
 *	      sleep until engine_wake(e) (boot time) or until a reply is in
 *
 * The engine owns its config and everything below; what an action points to
 * is borrowed until the next call that takes a `now`.
 */
#ifndef KEYROTD_ENGINE_ENGINE_H
#define KEYROTD_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "azure/call.h"
#include "azure/resid.h"
#include "base/finding.h"
#include "config/config.h"
#include "traffic/skew.h"

struct engine;
struct watch;
struct registry;

#define ENGINE_WORDS_MAX 200   /* bytes of what a person says with a pause */
#define ENGINE_MISTAKE_MAX 400 /* bytes of a mistake that is told on */

enum engine_state {
	ENGINE_STARTING, /* not all was read, or has failed, once */
	ENGINE_OK,
	ENGINE_ROTATING,
	ENGINE_DEGRADED,
	ENGINE_FAILED
};

enum note_kind {
	NOTE_NEW_VERSION,
	NOTE_WRITE,
	NOTE_ACCEPTED,
	NOTE_VERIFIED,
	NOTE_LATE,
	NOTE_FAILED,
	NOTE_BLOCKED,
	NOTE_HELD,
	NOTE_OVERDUE,
	NOTE_DRIFT,
	NOTE_WARNING,
	NOTE_KEY_ERROR,
	NOTE_KEY_OK,
	NOTE_KEY_WAY, /* it is read another way from now on */
	NOTE_PAUSED,
	NOTE_RESUMED,
	NOTE_ORDER,	 /* a person asks for a move ... */
	NOTE_ORDER_OVER, /* ... and this has come of it */
	NOTE_RELOAD,
	NOTE_RELOAD_REFUSED, /* the files are not what is in force */
	NOTE_STATE,
	NOTE_CLOCK,
	NOTE_DRY_RUN,
	NOTE_FORECAST,	    /* it will not be done in time */
	NOTE_FORECAST_OVER, /* ... is said no more */
	NOTE_FOUND,	    /* a rule brings a registry ... */
	NOTE_RETIRED,	    /* ... or lets go of it */
	NOTE_LEADER,	    /* a lease is ours: we act ... */
	NOTE_STANDBY,	    /* ... or another's: we observe */
	NOTE_ALONE,	    /* a reload leaves no lease over it: we act */
	NOTE_HELLO,	    /* made by the socket: the start of what is live */
	NOTE_KINDS
};

#define NOTE_TEXT_MAX 768

/* Something happened that people or programs are to be told. */
struct note {
	enum note_kind kind;
	int64_t time;	/* Azure's clock, ms since 1970 */
	char *key;	/* identifier without version, or NULL */
	char *registry; /* resource id, or NULL */
	uint64_t about; /* tells apart what is neither: a token, a LIST */
	char version[KEYID_VERSION_MAX], previous[KEYID_VERSION_MAX];
	const char *role;  /* static text: of this daemon by ... */
	char lease[65];	   /* ... the lease that it is under; "" */
	char *blob;	   /* NOTE_LEADER, NOTE_STANDBY, NOTE_ALONE: which that
			      lease is on, as storage_url_blob has it; NULL */
	int64_t effective; /* of that version, Azure ms; -1: not known */
	int64_t window_ms; /* from then on; 0: none, as a person names it */
	char request_id[FAULT_CODE_MAX]; /* of a token or a LIST that failed, as
					    its server calls it; "" */
	char text[NOTE_TEXT_MAX];
};

/* How the evidence of what is done comes to the disk. */
struct engine_evidence {
	bool kept;	   /* there is any: not in a single pass */
	uint64_t sequence; /* the last record that is on the disk; 0: none */
	char hash[65];	   /* of it, hex */
	uint64_t waiting;  /* records that are not yet */
	uint64_t lost;	   /* ... and never will be */
	char problem[256]; /* a sentence; "": all is well */
	char missing[320]; /* what was taken away, sentences; "": nothing */
};

enum action_kind {
	ACTION_CALL,   /* put this question, hand in the reply */
	ACTION_CANCEL, /* nobody waits for the answer with this ticket */
	ACTION_SHOW,   /* dry run: print this question, do not put it */
	ACTION_FORGET, /* wipe the token of this slot */
	ACTION_NOTE,
	ACTION_SAVE, /* the state worth keeping has changed */
};

struct action {
	enum action_kind kind;
	union {
		struct call call;
		uint64_t ticket; /* ACTION_CANCEL */
		uint32_t token;
		struct note *note; /* freed by engine_action's next call */
	};
};

/*
 * A new engine.  config is taken.  seed: any number; phase: a number that is
 * the machine's own, spreads polls between machines (0 is fine).
 */
struct engine *engine_new(struct config *config, uint64_t seed, uint64_t phase,
			  struct instant now);
/* One that watches nothing and asks nothing by itself, for who only wants to
 * examine what this configuration (taken) names. */
struct engine *engine_new_idle(struct config *config, uint64_t seed,
			       struct instant now);
void engine_free(struct engine *e); /* NULL is fine */
void engine_dry_run(struct engine *e, bool on);
/* What this host and this program are called, for who reads who holds a
 * lease. */
void engine_self(struct engine *e, const char *host, const char *version);
/* The daemon ends: leases are let go of, and nothing is written from now on
 * that is under one. */
void engine_end(struct engine *e, struct instant now);
/* That is under way. */
bool engine_lets_go(const struct engine *e);
/* What this daemon is for a registry, by its resource id: "alone", "leader" or
 * "standby"; *lease: the name of what it is under, or NULL. */
const char *engine_role(const struct engine *e, const char *registry,
			const char **lease);
/* It is one pass beside a daemon: what is handed to one reader only (messages
 * of queues) is left to that. */
void engine_single_pass(struct engine *e);
/* What time it is at Azure, ms since 1970. */
int64_t engine_now(const struct engine *e, struct instant now);
/* The configuration in force, the engine's until the next reload. */
const struct config *engine_config(const struct engine *e);

/* Time has come (or may have). Cheap when nothing is due. */
void engine_tick(struct engine *e, struct instant now);
/* A reply to ACTION_CALL; one with an unknown ticket is dropped.  The token
 * secret is not looked at. *r stays the caller's. */
void engine_reply(struct engine *e, const struct reply *r, struct instant now);
/* A new configuration (taken).  Watches and registries are kept, added and
 * retired by identity; a retired registry with a write in flight finishes
 * first. */
void engine_reload(struct engine *e, struct config *config, struct instant now);
/* A reload has found mistakes; this is the first, one line.  Until the next
 * engine_reload the whole is degraded: a restart would not find what is in
 * force now. */
void engine_refuse(struct engine *e, const char *mistake, struct instant now);
/* That mistake; "": the files were taken over when they were last read. */
const char *engine_refused(const struct engine *e);
/* The files were looked at: whether others than those in force are on the
 * disk, and the first mistake that a reload would find in them ("": none).  By
 * itself that makes nothing worse; a reload that was refused is told with that
 * mistake from now on, and is forgotten when there is none any more. */
void engine_disk(struct engine *e, bool changed, const char *mistake,
		 struct instant now);
/* Whether others than those in force are on the disk; *mistake as above. */
bool engine_changed(const struct engine *e, const char **mistake);

/* What somebody should see to on this host, though nothing is worse for it. */
enum engine_hint {
	HINT_ADMIN_GROUP, /* its members cannot be seen */
	HINT_DESCRIPTORS, /* fewer files may be open than are wanted */
	HINTS
};
/* text: a sentence; "": there is no such thing. */
void engine_hint(struct engine *e, enum engine_hint h, const char *text);
const char *engine_hint_code(enum engine_hint h);
/* That sentence, or "". */
const char *engine_hint_text(const struct engine *e, enum engine_hint h);

/* How the evidence stands now.  While it has a problem the whole is degraded,
 * and that is told when it begins and when it ends. */
void engine_evidence(struct engine *e, const struct engine_evidence *how,
		     struct instant now);
const struct engine_evidence *engine_evidence_of(const struct engine *e);
/* Whether the state of ACTION_SAVE is on the disk.  While it is not, the whole
 * is degraded: a restart would know of no pause. */
void engine_saved(struct engine *e, bool ok, struct instant now);

/* Next action in order; false when there is none. */
bool engine_action(struct engine *e, struct action *a);
/* Boot ms of the next engine_tick that matters; INT64_MAX: none. */
int64_t engine_wake(const struct engine *e);
/* True when something was due more than grace_ms ago and was not run: the
 * loop is stuck or starved. */
bool engine_overdue(const struct engine *e, struct instant now,
		    int64_t grace_ms);
/* The last gate, just before the bytes of a call go out: is all that led to it
 * still so?  If not, hand in a reply that says `vetoed`. */
bool engine_still(const struct engine *e, uint64_t ticket, struct instant now);
/* Azure's time at the last event, as far as it is known; ms since 1970. */
int64_t engine_azure(const struct engine *e);
/* Calls that were handed out and not answered yet. */
size_t engine_in_flight(const struct engine *e);
/* One complete pass is over: every registry is settled, or has failed often
 * enough to say so (--once). */
bool engine_pass_done(const struct engine *e);
/* Every registry verified current, and none on a version that is disabled or
 * gone, by hand or not (--once's exit code). */
bool engine_all_current(const struct engine *e);
/* No write of ours is in flight (stop at a clean point). */
bool engine_idle_writes(const struct engine *e);

/* Poll one key now (identifier without version), or all when NULL; returns
 * the number of keys. */
size_t engine_poll(struct engine *e, const char *key, struct instant now);

enum polled_kind { POLLED_TOKEN, POLLED_KEY, POLLED_LIST, POLLED_REGISTRY };
enum polled_wait {
	POLLED_WOKEN, /* a back-off of ours ended: it is tried now */
	POLLED_TOLD,  /* a server said when, with a Retry-After */
	POLLED_WRITE, /* it is read now, but the last write for this version
			 was so lately, or came to nothing: the next waits */
};

/* What a poll by hand has come to, of one thing that waited. */
struct polled {
	enum polled_kind kind;
	enum polled_wait wait;
	const char
		*name; /* borrowed: an identifier, or what the token is for */
	int64_t until; /* Azure ms; -1 for POLLED_WOKEN */
};
typedef void engine_polled(const struct polled *p, void *arg);

const char *polled_kind_str(enum polled_kind kind);
const char *polled_wait_str(enum polled_wait wait);
/*
 * The same, and whatever waits for a back-off of ours is tried now: the keys,
 * their registries, the LISTs that read these, and the tokens of all.  What a
 * server has told to wait goes on waiting.  each hears of everything that
 * waited, tokens first.
 */
size_t engine_retry(struct engine *e, const char *key, engine_polled *each,
		    void *arg, struct instant now);
/* The same for all that is asked with this credential (as a call has it): what
 * proves it has been replaced. */
void engine_proof_changed(struct engine *e, const struct credential *c,
			  struct instant now);
/*
 * Write nothing until `until` (Azure ms, at most 24 h ahead) for one registry
 * or, r NULL, for all.  until 0 resumes.  warning (may be NULL, size bytes)
 * tells when a deadline becomes impossible.  Returns the registries touched.
 */
size_t engine_pause(struct engine *e, struct registry *r, int64_t until,
		    char *warning, size_t size, struct instant now);
/* The same, and who said so and why, each NULL or one line of at most
 * ENGINE_WORDS_MAX bytes: kept as long as the pause, also over a restart. */
size_t engine_pause_by(struct engine *e, struct registry *r, int64_t until,
		       const char *by, const char *reason, char *warning,
		       size_t size, struct instant now);
/* By id or bare name (without case); NULL when absent; *matches counts. */
struct registry *engine_find(const struct engine *e, const char *name,
			     size_t *matches);

typedef void engine_finding(const struct finding *f, void *arg);

/*
 * Examine all that the configuration names (engine/doctor): hosts, clock,
 * credentials, keys, registries.  Nothing is written.  False: somebody is at
 * it already.  After each turn engine_found hands out the findings of one
 * subject more, in a stable order; false: none is done.
 */
bool engine_examine(struct engine *e, struct instant now);
bool engine_found(struct engine *e, engine_finding *found, void *arg);
/* True when all was handed out.  Of *all subjects *done are done. */
bool engine_examined(const struct engine *e, size_t *done, size_t *all);
/* It is over, or nobody wants to know any more. */
void engine_dismiss(struct engine *e);

/* A subscription that is searched, and what came of it. */
struct discovered_in {
	char subscription[37];
	char group[RESID_TEXT_MAX]; /* in it; "": all of it */
	const char *credential;	    /* the name of its block */
	size_t listed;		    /* registries that the LIST shows ... */
	size_t encrypted;	    /* ... with a key of their owner's ... */
	size_t hidden;		    /* ... of which it does not tell */
	size_t unlisted;    /* that are watched, and that it does not show */
	struct fault fault; /* why there is no LIST, or not all of it */
};

/* A registry that was found, or (registry NULL) the end of a subscription. */
struct discovered {
	const struct discovered_in *in;
	const char *registry; /* resource id, as Azure writes it */
	const struct registry_view *view;
	const char *watch;    /* key of the watch that names it; NULL: none */
	bool key_watched;     /* there is a watch of its key */
	const char *obstacle; /* why no watch could name it: a sentence; NULL */
	const char *rule;     /* that is tried; NULL: none */
	bool ruled;	      /* it would be watched by that, or ... */
	const char *reason;   /* ... why not: a clause */
	enum watch_mode mode; /* when ruled: in this mode, ... */
	bool by_block;	      /* ... as the watch block of its key says */
};

/*
 * Search subscriptions for registries with a key of their owner's
 * (engine/discover; the arguments are those of discover_new).  Nothing is
 * written.  False with *f; FAULT_CONFLICT: somebody is at it already.  After
 * each turn engine_discovered hands out one thing more, whose pointers are
 * borrowed until the next call; false: nothing so far.
 */
bool engine_discover(struct engine *e, const char *subscription,
		     const char *credential, struct instant now,
		     struct fault *f);
/* The same for what a rule would watch, and why not the others; FAULT_MISSING:
 * there is no such rule. */
bool engine_try_rule(struct engine *e, const char *rule, struct instant now,
		     struct fault *f);
bool engine_discovered(struct engine *e, struct discovered *x);
/* True when all was handed out.  Of *all subscriptions *done are done. */
bool engine_searched(const struct engine *e, size_t *done, size_t *all);
/* It is over, or nobody wants to know any more. */
void engine_search_end(struct engine *e);

enum engine_state engine_state(const struct engine *e);
const char *engine_state_str(enum engine_state s);
/* One sentence that is true now: STATUS= and the reason in reports. */
void engine_sentence(const struct engine *e, char *dst, size_t size);
/* Which part this daemon has by the leases of the file, as one sentence; "" when
 * there are none. */
void engine_part(const struct engine *e, char *dst, size_t size);
const char *note_kind_str(enum note_kind kind);

#endif
