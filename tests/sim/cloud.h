/*
 * cloud: the model of Azure that the engine is run against.  Plain records
 * and a clock of its own; it answers struct call with struct reply.
 *
 * Time is `t`, true milliseconds since the simulation began; Azure's clock
 * shows SIM_EPOCH + t.  The daemon's two clocks are the world's affair.
 */
#ifndef SIM_CLOUD_H
#define SIM_CLOUD_H

#include "base/random.h"
#include "engine/engine.h"

#define SIM_EPOCH INT64_C(1767225600000)
#define SIM_NEVER (INT64_MAX / 4)
#define SIM_SECOND 1000
#define SIM_MINUTE 60000
#define SIM_HOUR 3600000

#define SIM_CREDENTIALS 2
#define SIM_VAULTS 3
#define SIM_SUBSCRIPTIONS 3
#define SIM_KEYS 14
#define SIM_VERSIONS 96 /* per key and run */
#define SIM_REGISTRIES 40
#define SIM_FLEET 2000	 /* registries of the one large fleet */
#define SIM_OPERATIONS 4 /* results that ARM remembers per registry */

struct sim_version {
	struct key_version v;
	int64_t born; /* t */
};

struct sim_key {
	char host[64], name[24];
	int vault;
	struct sim_version version[SIM_VERSIONS];
	int n;
	bool deleted;
	bool hides_disabled; /* 403 KeyDisabled in place of enabled: false */
	int64_t lag_from;    /* a replica shows nothing younger than this */
	bool flips;   /* ... and every other question meets another one */
	bool blinks;  /* now and then it is not found, never twice ... */
	bool blinked; /* ... as it just was */
};

/* How versionedKeyIdentifier comes. */
enum sim_telling { TELLS, TELLS_NOT, TELLS_NULL, TELLS_EMPTY, TELLS_JUNK };

/* What somebody has against each write to a registry. */
enum sim_refusal {
	REFUSES_NOT,
	REFUSES_OWN,	/* a policy: it says nothing of the key */
	REFUSES_UNKNOWN /* with a code that nobody knows */
};

/* Writes that are accepted and do nothing. */
#define SIM_DEAF_FREE 1	  /* to the unversioned identifier */
#define SIM_DEAF_PINNED 2 /* to a versioned one */

#define SIM_PAST 8 /* faces that a replica may still show */

/* What a registry shows. */
struct sim_face {
	int key, pinned, in_use; /* pinned -1: automatic */
	enum registry_provisioning provisioning;
	bool attached, premium, missing;
};

struct sim_operation {
	unsigned id;
	bool running, fails;
	int64_t begun, ends;
	int key, pinned;
	struct fault error;
};

struct sim_registry {
	char id[192];
	int subscription;
	struct sim_face face;
	struct sim_face before; /* the last change, for a LIST that lags */
	int64_t changed;
	struct {
		struct sim_face face;
		int64_t until; /* t */
	} past[SIM_PAST];
	unsigned pasts;
	enum sim_telling telling;
	enum sim_refusal refusal;
	bool refuses_late; /* not the PATCH is refused: its operation fails */
	unsigned deaf;
	int64_t stale;	      /* ms for which a GET shows the key before */
	bool op_gone;	      /* nobody knows of its operations */
	bool blinks, blinked; /* as a key does */
	bool honours;	      /* a re-written unversioned identifier moves it */
	bool hidden;	      /* a LIST leaves it out */
	bool untagged;	      /* it lacks what rules look for ... */
	int64_t tagged_at;    /* ... and had it again then; 0: always had it */
	int64_t slowness;     /* ms that an operation takes */
	bool op_fails;	      /* the next operation fails */
	bool fails_as_key;    /* ... and says it is for the key's sake */
	bool outsider;	      /* the operation under way is not ours */
	int turn;	      /* counts what made it busy */
	struct sim_operation op[SIM_OPERATIONS];
	unsigned ops;
};

struct sim_cloud {
	struct random *rng;
	struct sim_key key[SIM_KEYS];
	int n_keys;
	struct sim_registry *registry;
	int n_registries;
	bool list_lags;			     /* a LIST may be a minute old */
	int64_t list_old[SIM_SUBSCRIPTIONS]; /* ... or so many ms */
	int page;			     /* registries per LIST page */
	/* Its network rules refuse the daemon, but not Resource Manager. */
	bool walled[SIM_VAULTS];
	bool checks_late; /* a bad version fails the operation, not the PATCH */
	unsigned moves;	  /* of a registry to another version, by anybody */
};

/* One question, with what its strings mean looked up already. */
struct sim_question {
	enum call_kind kind;
	uint64_t ticket;
	int key, version; /* version -1: newest, or unversioned; -2: unknown */
	int registry, subscription, page;
	unsigned op;
	bool arm; /* a key that is read through Resource Manager */
};

bool sim_usable(const struct key_version *v, int64_t azure);
/* Index of the newest version as Key Vault shows it now; -1 none. */
int sim_newest(const struct sim_key *k);
/* The newest in truth, whatever a lagging replica shows. */
int sim_newest_true(const struct sim_key *k);
/* Version a of the key is younger than b, by its whole seconds. */
bool sim_younger(const struct sim_key *k, int a, int b);
int sim_version_of(const struct sim_key *k, const char *version);
/* Add a version at t; returns it for the caller to spoil. */
struct sim_version *sim_version_add(struct sim_cloud *c, int key, int64_t t);

/* Before changing a registry's face by hand: remember the old one. */
void sim_face_change(struct sim_registry *r, int64_t t);
bool sim_busy(const struct sim_registry *r);

/* The network rules of its vault refuse this question. */
bool sim_walled(const struct sim_cloud *c, const struct sim_question *q);
void sim_ask(const struct sim_cloud *c, const struct call *call,
	     struct sim_question *q);
/* Carry it out at t. *r is freed by reply_free. */
void sim_answer(struct sim_cloud *c, const struct sim_question *q, int64_t t,
		struct reply *r);
/* Its face, as a replica shows it that is ms behind. */
const struct sim_face *sim_face_at(const struct sim_registry *r, int64_t t);
/* Time has come: an operation of this registry is over. */
void sim_settle(struct sim_cloud *c, struct sim_registry *r, int64_t t);
/* Azure's own hourly look at an automatic registry. */
void sim_follow(struct sim_cloud *c, struct sim_registry *r, int64_t t);
/* Somebody else starts a change that keeps the registry busy. */
bool sim_occupy(struct sim_registry *r, int64_t t);

#endif
