/*
 * lease_role: who acts, as a verdict on plain facts.  Pure, no state.
 *
 * The lease of a blob tells which of several daemons acts for what is under
 * it.  Safety does not rest on it: two writers write the same, and each reads
 * back.  So its service may be away: then who holds it goes on, and who does
 * not begins all the same when too little of a window is left.  Sources:
 * Microsoft, "Lease Blob" (REST); the rules are ours.
 */
#ifndef KEYROTD_ENGINE_LEASE_ROLE_H
#define KEYROTD_ENGINE_LEASE_ROLE_H

#include <stdbool.h>
#include <stdint.h>

enum lease_role {
	ROLE_ALONE,   /* under no lease: this daemon acts */
	ROLE_LEADER,  /* it holds the lease, and acts */
	ROLE_STANDBY, /* it does not, and observes */
};

/* What the service has said last of our holding it. */
enum lease_word {
	LEASE_UNHEARD,	/* nothing in this life, or nothing since a lapse */
	LEASE_OURS,	/* it is ours, from that question's sending on */
	LEASE_ANOTHERS, /* it is not: somebody else has it */
	LEASE_FREE,	/* it is nobody's */
};

struct lease_facts {
	enum lease_word word;
	int64_t held_until; /* LEASE_OURS: boot ms until which nobody else can
			       have it, whatever is said no more */
	int64_t failed_at;  /* boot ms: the last question came to nothing; -1:
			       it was answered or refused, or there was none */
	int64_t duration_ms;
};

struct lease_verdict {
	enum lease_role role; /* ROLE_LEADER or ROLE_STANDBY */
	bool confirmed;	      /* a leader: nobody else can be one now */
	int64_t until;	      /* boot ms from which on time alone says
				 otherwise; INT64_MAX: it does not */
};

/*
 * Leader: it is ours and has not run out; or it has, while the service came to
 * nothing all the time, so that nobody can say otherwise.  Whose questions
 * stopped (a machine that slept) has to ask before it leads again.
 */
struct lease_verdict lease_role_of(const struct lease_facts *f, int64_t boot);
const char *lease_role_str(enum lease_role role);

/* A write that is wanted of a registry. */
struct lease_gate {
	enum lease_role role;
	bool last_step;	   /* back to the unversioned identifier: the registry
			       is on the wanted version already ... */
	bool own;	   /* ... by a write of ours that was let through */
	int64_t deadline;  /* Azure ms; -1: there is none */
	int64_t window_ms; /* up to the deadline */
	int64_t azure;	   /* Azure ms, now; -1: no date is to be relied on */
};

/* Azure ms from which on a standby writes all the same: a quarter of the
 * window is left then.  -1: there is no deadline. */
int64_t lease_role_last_call(int64_t deadline, int64_t window_ms);
/* True when it may be written now. */
bool lease_role_lets(const struct lease_gate *g);

#endif
