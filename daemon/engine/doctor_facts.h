/*
 * doctor_facts: what the doctor has learnt of one subject, as a plain record
 * from which engine/doctor_checks makes findings.  Whoever fills it owns it.
 */
#ifndef KEYROTD_ENGINE_DOCTOR_FACTS_H
#define KEYROTD_ENGINE_DOCTOR_FACTS_H

#include "azure/call.h"
#include "config/config.h"
#include "engine/rule.h"

/* In the order in which they are told. */
enum doctor_kind {
	DOCTOR_HOST,	   /* who is asked */
	DOCTOR_CLOCK,	   /* this machine's */
	DOCTOR_CREDENTIAL, /* who asks */
	DOCTOR_KEY,
	DOCTOR_REGISTRY,
	DOCTOR_LEASE, /* a lease block's blob */
	DOCTOR_QUEUE, /* an events block's queue */
	DOCTOR_RULE,  /* a discover block */
	DOCTOR_KINDS
};

struct doctor_facts {
	enum doctor_kind kind;
	const char *name;   /* what the heading says */
	bool left_out;	    /* what it hangs on has failed: nothing was asked */
	int64_t azure_ms;   /* Azure's time; our own when it is not known */
	struct fault fault; /* of its (first) question; FAULT_NONE: answered */
	/* Who asks, but for hosts and the clock. */
	const struct credential *credential;
	struct claims who;

	/* DOCTOR_CREDENTIAL */
	bool unused; /* no watch or rule names it, no lease and no queue */

	/* DOCTOR_HOST */
	enum answer_step step;
	char peer[ANSWER_PEER_MAX];
	bool proxied; /* the peer is a proxy */
	bool vault;   /* key: any of its keys */
	bool storage; /* an account of Storage */

	/* DOCTOR_CLOCK */
	bool clock_known;
	int64_t clock_ms; /* our clock minus Azure's */

	/* DOCTOR_KEY; DOCTOR_REGISTRY: of its watch */
	struct keyid key;
	struct key_version version;
	bool by_arm; /* read through Resource Manager ... */
	bool around; /* ... for the vault's network rules refused */

	/* DOCTOR_REGISTRY */
	enum watch_mode mode;
	bool key_failed; /* there is something amiss with its watch's key */
	bool takeover;
	const char *identity; /* that the watch expects; NULL: any */
	struct registry_view view;
	bool rights_known;
	unsigned rights;	   /* bits of enum call_right */
	struct fault rights_fault; /* why they are not known; DOCTOR_LEASE,
				      DOCTOR_QUEUE: of what tries the right to
				      write, but changes nothing */

	/* DOCTOR_LEASE, DOCTOR_QUEUE */
	const char *url;
	bool held, told; /* the lease, and who holds it */
	struct lease_holder holder;
	size_t messages; /* that can be seen, at most HINTS_MAX */

	/* DOCTOR_RULE */
	const struct config_rule *rule;
	const struct config_place *place; /* that cannot be listed; NULL */
	size_t listed;			  /* registries in its scope */
	size_t verdicts[RULE_VERDICTS];	  /* what it is to them */
	size_t n_useless;    /* entries of `exclude` that mean nobody ... */
	const char *useless; /* ... the first of them */
};

#endif
