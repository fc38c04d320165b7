/*
 * doctor_plan: a configuration becomes subjects to be examined: each host
 * once, this host's clock, each credential, the keys, the registries, the
 * rules, leases and queues.  Who hangs on another comes after it.
 *
 * The plan owns copies of what it needs of the configuration, so that it
 * outlives a reload; hosts and ends are the traffic's.
 */
#ifndef KEYROTD_ENGINE_DOCTOR_PLAN_H
#define KEYROTD_ENGINE_DOCTOR_PLAN_H

#include "engine/doctor_search.h"
#include "traffic/traffic.h"

#define DOCTOR_DEPENDS 2 /* subjects that one hangs on, at most */
#define DOCTOR_NOBODY SIZE_MAX

struct doctor;
struct visit;

enum subject_state { SUBJECT_WAITS, SUBJECT_ASKS, SUBJECT_DONE };

/* The blob of a lease, or a queue: a copy. */
struct doctor_store {
	char *name, *url;
};

struct subject {
	enum doctor_kind kind;
	size_t depends[DOCTOR_DEPENDS]; /* smaller numbers, or DOCTOR_NOBODY */
	size_t key; /* DOCTOR_REGISTRY: the subject that is its watch's key */
	const struct config_watch *watch; /* whose it is; NULL: the clock, a
					   * rule's, or a credential that no
					   * watch uses */
	/* DOCTOR_LEASE, DOCTOR_QUEUE; DOCTOR_CREDENTIAL: the first that uses
	 * it, when no watch does; or NULL. */
	const struct doctor_store *store;
	bool queue; /* store is a queue */
	/* DOCTOR_RULE: which of the plan's; DOCTOR_CREDENTIAL: the first that
	 * uses it, when no watch, lease or queue does; or DOCTOR_NOBODY. */
	size_t rule;
	const char *name;
	struct host *host; /* DOCTOR_HOST */
	struct end *end;   /* who is asked; DOCTOR_HOST: NULL when it hands
				out tokens */
	/* DOCTOR_CREDENTIAL: and then; DOCTOR_KEY: when the vault's network
	 * rules refuse; or NULL. */
	struct end *end_next;

	/* doctor's. */
	struct doctor *doctor;
	enum subject_state state;
	bool failed;
	struct visit *visit; /* while it is under way, until it was told */
};

struct doctor_plan {
	struct config_watch *watches; /* copies */
	size_t n_watches;
	struct doctor_store *stores; /* of leases, then of queues */
	size_t n_leases, n_stores;
	struct doctor_rules rules;
	struct subject *subjects; /* in the order in which they are told */
	size_t n;
};

void doctor_plan_make(struct doctor_plan *d, struct traffic *t,
		      const struct config *c);
void doctor_plan_free(struct doctor_plan *d);

#endif
