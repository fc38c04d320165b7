/*
 * decide: verdicts on plain facts.  Pure, no state.
 *
 * decide_step says what one registry needs next and what stands in the way,
 * decide_effect whether a write did what it was for, decide_warnings what is
 * a latent fault.  Each check is one row of a table in decide.c.
 */
#ifndef KEYROTD_ENGINE_DECIDE_H
#define KEYROTD_ENGINE_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "azure/call.h"
#include "config/config.h"

/* Of a registry, as reported. */
enum decide_state {
	STATE_UNKNOWN,
	STATE_CURRENT,
	STATE_ROTATING,
	STATE_VERIFYING,
	STATE_HELD,
	STATE_BLOCKED,
	STATE_OVERDUE,
	STATE_UNREACHABLE,
	STATE_PAUSED,
	DECIDE_STATES
};

enum decide_reason {
	REASON_NONE,
	REASON_NOT_READ,
	REASON_STALE,
	REASON_UNREACHABLE,
	REASON_KEY_UNREAD,
	REASON_KEY_ERROR,
	REASON_LATE_UNREAD,
	REASON_LATE_UNTOLD,
	REASON_DARK,
	REASON_KEY_STALE,
	REASON_CURRENT,
	/* structural: blocked whatever the version */
	REASON_MISSING,
	REASON_NOT_PREMIUM,
	REASON_NO_CMK,
	REASON_FOREIGN_KEY,
	REASON_KEY_UNPARSED,
	REASON_PROVISIONING,
	/* held */
	REASON_NEWEST_DISABLED,
	REASON_NEWEST_NOT_YET,
	REASON_NEWEST_EXPIRED,
	REASON_NEWEST_NOT_RSA,
	REASON_NEWEST_SHORT,
	REASON_NEWEST_NO_WRAP,
	REASON_NEWEST_OLDER,
	REASON_NEWEST_MISSING,
	REASON_IN_USE_UNREAD,
	REASON_IN_USE_LOST,
	REASON_IN_USE_UNTOLD,
	REASON_MANUAL,
	REASON_MANUAL_UNREAD,
	REASON_MANUAL_MISSING,
	REASON_MANUAL_DISABLED,
	REASON_MANUAL_EXPIRED,
	REASON_MANUAL_UNFIT,
	REASON_CANARY_REFUSED,
	REASON_DRY_RUN,
	REASON_BUSY_LONG,
	/* blocked when a write is needed */
	REASON_IDENTITY_DETACHED,
	REASON_IDENTITY_OTHER,
	REASON_REFUSED,
	REASON_IN_VAIN,
	REASON_DENIED,
	/* under way */
	REASON_BUSY,
	REASON_OBSERVE,
	REASON_WRITING,
	REASON_OPERATION,
	REASON_READ_BACK,
	REASON_CANARY_WAIT,
	REASON_TURN,
	REASON_RETRY,
	REASON_READ_FIRST,
	REASON_RELEASE,
	REASON_PAUSED,
	REASON_STANDBY,
};

/* Latent faults, a bit each: reported with their remedy on every read. */
enum decide_warning {
	WARN_IDENTITY_DETACHED = 1 << 0,
	WARN_IDENTITY_OTHER = 1 << 1,
	WARN_AUTO_OFF = 1 << 2,
	WARN_IN_USE_DISABLED = 1 << 3,
	WARN_IN_USE_EXPIRED = 1 << 4,
	WARN_IN_USE_EXPIRING = 1 << 5,
	WARN_IN_USE_MISSING = 1 << 6,
	WARN_PURGEABLE = 1 << 7,
	WARN_DRIFT = 1 << 8,
	WARN_KEY_AGEING = 1 << 9,
	WARN_KEY_OLD = 1 << 10,
};
#define DECIDE_WARNINGS 11
/* Data cannot be read any more, or soon: more than a warning. */
#define DECIDE_HARMS 9 /* see decide_harm */
#define DECIDE_LOCKED (WARN_IN_USE_DISABLED | WARN_IN_USE_MISSING)
/* Not healthy, though on the wanted version. */
#define DECIDE_SERIOUS                                                        \
	(WARN_IDENTITY_DETACHED | WARN_IDENTITY_OTHER | WARN_IN_USE_EXPIRED | \
	 WARN_KEY_OLD)
#define DECIDE_EXPIRY_MS ((int64_t)30 * 86400 * 1000)

/* A registry as last read, as compact as hundreds of thousands need. */
struct registry_facts {
	enum registry_provisioning provisioning : 8;
	bool premium : 1, encrypted : 1, key_valid : 1, own_key : 1,
		auto_rotation : 1, identity_attached : 1, missing : 1,
		drifted : 1, hidden : 1, led : 1;
	/* hidden: not even whether it uses a key is told. */
	/* led: the identifier is as the daemon that leads, or led until now,
	 * would leave it, at its end or on the way there. */
	/* keyIdentifier names the watch's key; and what is in use, as far as
	 * that is told, is a version of it.  own_key is both at once. */
	bool own_identifier : 1, own_in_use : 1;
	/* Borrowed, and never NULL where nothing else is said. */
	const char *pinned;   /* version in keyIdentifier; "" auto */
	const char *in_use;   /* version of whatever key; "" not told */
	const char *identity; /* client id, "system", "" */
	const char *foreign; /* the other key's identifier; NULL when own_key */
	int64_t rotated_at;  /* lastKeyRotationTimestamp, ms; -1: not told */
};

enum decide_action {
	DECIDE_DONE,	/* nothing to do */
	DECIDE_BLOCK,	/* a person has to act */
	DECIDE_HOLD,	/* no usable version to move to */
	DECIDE_WAIT,	/* Azure is busy with it, or will do it */
	DECIDE_FOLLOW,	/* write the unversioned identifier */
	DECIDE_PIN,	/* write the wanted version */
	DECIDE_RELEASE, /* in use is right: back to the unversioned one */
	DECIDE_LOOK,	/* read the version in use first */
	DECIDE_UNKNOWN, /* nobody can tell what it needs: leave it alone */
};

struct decide_input {
	enum watch_mode mode;
	bool takeover;
	const char *identity; /* expected by the watch; "" or NULL: any */
	const struct registry_facts *facts;
	const struct key_version *target; /* NULL: not known */
	enum decide_reason target_fault;  /* REASON_NONE: usable */
	const struct key_version *in_use; /* NULL: not known */
	bool in_use_gone;		  /* asked for, not to be had */
	bool tried;   /* the unversioned re-write was ignored for target */
	bool ordered; /* by a person: what is moved only by hand may be moved */
	/* Who is to read the key from now on, client id or "system"; "" when
	 * that is not assigned to the registry; NULL: who does now. */
	const char *reader;
};

struct decision {
	enum decide_action action;
	enum decide_reason reason;
};

struct decision decide_step(const struct decide_input *in);

/* The refusal of a write is known to be for the key's sake, whichever registry
 * asks. */
bool decide_blames_key(const struct fault *f);

/* A write is over, and the registry was read back. */
struct decide_effect {
	const struct registry_facts *facts;
	enum decide_action writing; /* FOLLOW, PIN or RELEASE */
	const char *wrote;	    /* the version it was for */
	const char *target;	    /* the version wanted now */
	const char *reader;	    /* that was to read the key; NULL: any */
};

enum decide_came {
	CAME_TRUE,    /* it did what it was for, or is of no matter now */
	CAME_IGNORED, /* the unversioned identifier is there, in vain */
	CAME_TO_NOTHING,
	CAME_UNTOLD, /* nobody can tell */
};

enum decide_came decide_effect(const struct decide_effect *in);

/* REASON_NONE when the version may be moved to at azure_ms, else why not. */
enum decide_reason decide_usable(const struct key_version *v, int64_t azure_ms);
/* The same of a version that a watch names, which is not called the newest. */
enum decide_reason decide_manual(const struct key_version *v, int64_t azure_ms);

/* Bits of enum decide_warning.  identity: the expected one, "" for any;
 * in_use may be NULL. */
unsigned decide_warnings(enum watch_mode mode, const char *identity,
			 const struct registry_facts *facts,
			 const struct key_version *in_use, bool in_use_missing,
			 bool in_use_disabled, int64_t azure_ms);

/* The same of how old a key's version is: created and azure_ms are ms since
 * 1970 (created -1: not told), max_age ms (0: any age).  Old age is foretold
 * from 30 days before, but not in the first half of the time. */
unsigned decide_age(int64_t created, int64_t max_age, int64_t azure_ms);

const char *decide_state_str(enum decide_state s);
/* A clause for people; some take the version or other detail elsewhere. */
const char *decide_reason_str(enum decide_reason r);
/* Row `bit` (0..DECIDE_WARNINGS-1): short name, and what to do about it. */
const char *decide_warning_name(unsigned bit);
const char *decide_warning_text(unsigned bit);
/* Of these warnings the text of the gravest one that is serious, or more than
 * a warning; NULL: there is none. */
const char *decide_alarm(unsigned warnings);
/* How much a registry in this state, with these warnings, needs somebody:
 * 0 (not at all) to DECIDE_HARMS-1. */
unsigned decide_harm(enum decide_state state, unsigned warnings);
/* Whether that is for its warnings, and not for its state. */
bool decide_is_alarm(enum decide_state state, unsigned warnings);

#endif
