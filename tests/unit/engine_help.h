/*
 * engine_help: a rig to drive the engine by hand.
 *
 * It holds an engine, a clock, and a small model of one key and of some
 * registries that answers by itself whatever is not held back.  A test holds
 * back the kinds of calls that it wants to answer in its own way.  All that
 * was asked and said is kept, in order.  What the engine knows is read from
 * its reports, as a person would.
 */
#ifndef KEYROTD_TESTS_UNIT_ENGINE_HELP_H
#define KEYROTD_TESTS_UNIT_ENGINE_HELP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "azure/call.h"
#include "azure/resid.h"
#include "base/fault.h"
#include "engine/engine.h"

#define RIG_NOW INT64_C(1772366400000) /* 2026-03-01T12:00:00Z */
#define RIG_BOOT 5000000
#define RIG_KEY "https://contoso.vault.azure.net/keys/acr-cmk"
#define RIG_OTHER_KEY "https://contoso.vault.azure.net/keys/other"
#define V1 "11111111111111111111111111111111"
#define V2 "22222222222222222222222222222222"
#define V3 "33333333333333333333333333333333"
#define SECOND INT64_C(1000)
#define MINUTE INT64_C(60000)
#define HOUR INT64_C(3600000)
#define DAY INT64_C(86400000)

#define RIG_CALLS 12 /* of enum call_kind */
#define RIG_NOTES NOTE_HELLO
#define RIG_ASKED_MAX 128
#define RIG_SAID_MAX 2000
#define RIG_REGISTRIES_MAX 40

struct asked {		  /* a call that waits for its answer */
	struct call call; /* pointers of it are NULL: see the copies */
	char registry[RESID_TEXT_MAX], url[256], audience[CALL_AUDIENCE_MAX];
	char credential[64];
	char lease_id[40];
	struct lease_holder holder;
	char vault_resource[RESID_TEXT_MAX]; /* "": asked of the vault */
};

struct said {
	enum note_kind kind;
	char registry[RESID_TEXT_MAX], key[KEYID_TEXT_MAX];
	char version[KEYID_VERSION_MAX];
	char lease[65], role[16], blob[128];
	char text[NOTE_TEXT_MAX];
	int64_t time;
};

struct model { /* a registry of the small cloud */
	struct registry_view view;
	bool missing; /* answers 404, and no list shows it */
	bool unlisted;
	bool ignores;	   /* a re-written unversioned identifier */
	bool untold;	   /* no versionedKeyIdentifier: nobody can tell ... */
	bool hushed;	   /* ... or only a list leaves it out */
	bool hidden;	   /* no key at all is told, nor that there is none */
	const char *uses;  /* the key of that one; NULL: as keyIdentifier */
	const char *group; /* it lies there now; NULL: as rig_id says */
};

struct rig_lease {	 /* the service of all leases: one blob */
	bool down;	 /* nothing comes of any question */
	bool refuses;	 /* ... but one that only looks */
	unsigned denied; /* bits (1u << step): 403 */
	bool lost;	 /* each takes effect, and its answer is lost */
	bool missing;	 /* there is no blob, only a container */
	char holder[40];
	int64_t until; /* boot ms: so long; INT64_MAX: it is renewed */
	int64_t length;
	bool told;
	struct lease_holder said; /* the metadata */
	unsigned steps[6];	  /* questions of each kind */
};

struct rig {
	struct engine *engine;
	struct instant now;
	int64_t ahead; /* Azure's clock minus ours */
	bool may_lose; /* the engine may give up a call or take it back */
	bool undated;  /* answers carry no Date header */
	const char *odd_vault; /* this one tells a time of its own ... */
	int64_t odd_ahead;     /* ... that is so far ahead of Azure's */

	struct key_version versions[8]; /* the last one is the newest */
	size_t n_versions;
	struct model models[RIG_REGISTRIES_MAX];
	size_t n_models;
	int64_t token_life;
	struct rig_lease lease;
	struct fault faults[RIG_CALLS]; /* what each kind is answered with */
	struct fault vault_fault; /* ... and a key that is asked of its vault */
	unsigned hold;		  /* bits (1u << kind): not answered */

	struct asked asked[RIG_ASKED_MAX];
	size_t n_asked;
	unsigned sent[RIG_CALLS];
	unsigned reads[RIG_REGISTRIES_MAX]; /* CALL_REGISTRY, of each model */
	/* One letter for each call: T(oken) K(ey) R(egistry) L(ist) P(atch)
	 * O(peration) H(ost) M(ay) polic(Y) B(lob) Q(ueue) D(rop), A for a key
	 * through Resource Manager; empty it at will. */
	char order[200];
	struct asked last[RIG_CALLS], shown;
	struct said said[RIG_SAID_MAX];
	size_t n_said;
	unsigned told[RIG_NOTES + 1];
	unsigned shows, saves, forgets, cancels;
};

/* Resource id of model number i; "other" is another one's text buffer. */
const char *rig_id(unsigned i);

/* A configuration text: what stands at the top, and one watch of the key
 * with further options and registries from..from+n-1.  Freed by the caller. */
char *rig_config(const char *top, const char *key, const char *options,
		 unsigned from, unsigned n);
struct config *rig_parse(const char *text);

/* An engine of this configuration text, which is freed.  The model has V1
 * (a day old) and n registries that use it.  Nothing is asked yet. */
void rig_start(struct rig *g, char *text, unsigned n);
/* A new engine from the same clock and model, as after a restart. */
void rig_restart(struct rig *g, char *text);
void rig_stop(struct rig *g);

/* The model: a good version; a registry that uses it automatically. */
struct key_version rig_good(const char *version, int64_t created);
void rig_newer(struct rig *g, const char *version, int64_t created);
struct registry_view rig_view(const char *version);

void rig_drain(struct rig *g);		 /* take what the engine wants */
void rig_answer(struct rig *g);		 /* answer what is not held */
void rig_tick(struct rig *g);		 /* one tick and its answers */
void rig_run(struct rig *g, int64_t ms); /* time passes, wake by wake */
/* The same until a call of this kind waits; false when ms go by first. */
bool rig_until(struct rig *g, enum call_kind kind, int64_t ms);
int64_t rig_azure(const struct rig *g);

/* An unanswered call whose registry, url, audience or version contains
 * `what` (NULL: any); NULL when there is none. */
struct asked *rig_find(struct rig *g, enum call_kind kind, const char *what);
unsigned rig_waiting(const struct rig *g, enum call_kind kind);

/* Answers.  They end the asked call. */
struct reply rig_reply(const struct rig *g, const struct asked *a);
void rig_put(struct rig *g, struct asked *a, struct reply *r);
void rig_good_answer(struct rig *g, struct asked *a); /* as the model would */
void rig_fail(struct rig *g, struct asked *a, enum fault_kind kind, int code);
void rig_accept(struct rig *g, struct asked *a, const char *url,
		int64_t retry_after_ms); /* PATCH: 202 */
void rig_operation(struct rig *g, struct asked *a, enum operation_status s);
void rig_apply(struct rig *g, const struct asked *a); /* PATCH to the model */
struct model *rig_model(struct rig *g, const char *id);

/* What the reports say.  "null", "true" or a text; valid until the fourth
 * next call. */
const char *rig_registry(struct rig *g, unsigned i, const char *member);
const char *rig_key(struct rig *g, const char *member);
const char *rig_version(struct rig *g, const char *version, const char *member);
const char *rig_summary(struct rig *g, const char *member);
/* ... of its first lease. */
const char *rig_lease(struct rig *g, const char *member);
/* Seconds from now to the date that a report says; -1 when it is null. */
int64_t rig_date(const struct rig *g, const char *date);

/* The last thing said of a kind; NULL when nothing was. */
const struct said *rig_said(const struct rig *g, enum note_kind kind);

#endif
