/*
 * call: what the engine can ask of Azure, and what it gets back, as typed
 * values.  call_build turns a question into an HTTP exchange, call_read an
 * HTTP answer into a reply or a fault.  Both are pure.  The simulated cloud
 * of the tests speaks these records directly, without HTTP.
 *
 * One row per question in a table in call.c: adding one is adding a row and
 * a pair of functions in token.c, vault.c, registry.c or a file of its own.  A
 * key has two: it is read from its vault or, when the question says so, through
 * Resource Manager.
 */
#ifndef KEYROTD_AZURE_CALL_H
#define KEYROTD_AZURE_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "azure/claims.h"
#include "azure/cloud.h"
#include "azure/exchange.h"
#include "azure/keyid.h"
#include "azure/trace.h"
#include "base/fault.h"
#include "base/secret.h"

enum call_kind {
	CALL_TOKEN,	/* an access token for one credential and audience */
	CALL_KEY,	/* GET a key: newest, or one version */
	CALL_REGISTRY,	/* GET a registry */
	CALL_LIST,	/* GET one page of a subscription's registries */
	CALL_PATCH,	/* PATCH a registry's encryption block */
	CALL_OPERATION, /* GET an operation's status */
	CALL_REACH,	/* any answer at all, asked without a token */
	CALL_RIGHTS,	/* GET what the credential may do with a registry */
	CALL_POLICY,	/* GET a key's rotation policy */
	CALL_LEASE,	/* one step with the lease of a blob */
	CALL_HINTS,	/* GET messages of a Storage queue: they are hidden from
			   others for a while */
	CALL_HINT_DROP, /* DELETE one message */
};

#define CALL_AUDIENCE_MAX 160
#define CALL_IDENTITY_MAX 64
#define CALL_KEY_FILE_MAX 256
#define CALL_TENANT_MAX 64
#define CALL_POLICY_MAX 256

/* How a credential authenticates; its words are in config/value. */
enum credential_kind {
	CREDENTIAL_MANAGED_IDENTITY,
	CREDENTIAL_CLIENT_SECRET,
	CREDENTIAL_CLIENT_CERTIFICATE,
	CREDENTIAL_WORKLOAD_IDENTITY,
	/* What the environment tells: config/environment makes it one of those
	 * above, and nobody else meets it. */
	CREDENTIAL_ENVIRONMENT,
	CREDENTIAL_KINDS
};

/* How an assertion is signed (RFC 7518). */
enum credential_algorithm { CREDENTIAL_PS256, CREDENTIAL_RS256 };

/* Which service of this host hands out a managed identity's tokens. */
enum identity_source {
	IDENTITY_AUTO, /* not settled: as IDENTITY_IMDS */
	IDENTITY_IMDS,
	IDENTITY_APP_SERVICE, /* and Container Apps */
	IDENTITY_ARC,
	IDENTITY_FABRIC, /* Service Fabric: told from the others, not asked */
};

struct credential {
	char *name;
	enum credential_kind kind;
	char *tenant;	 /* of an application: GUID or domain; NULL: by
			    challenge */
	char *client_id; /* an application's; managed identity: one of these */
	char *object_id; /* three or none */
	char *resource_id;
	/* Where the secret, the certificate with its key, or the federated
	 * token is read from for each token: a path, "credential:NAME" or
	 * "environment:NAME". */
	char *secret_file;
	char *passphrase_file; /* the same, of an encrypted key; NULL: none */
	enum credential_algorithm algorithm; /* client-certificate: these */
	bool send_chain;		     /* two */
	char *allowed_tenants; /* besides its own: parted by ";", or "*" */
	bool environment;      /* of that type: its variables tell the rest */
	/* A managed identity's, once azure/source has settled them. */
	enum identity_source source;
	char *endpoint;		/* where it answers; NULL: the cloud's */
	const char *source_why; /* static text; NULL: the file says so */
};

/* What is done with a lease. */
enum lease_step {
	LEASE_MAKE,    /* the blob, when it is not there */
	LEASE_ACQUIRE, /* as call.lease_id, for call.lease_s */
	LEASE_RENEW,   /* for as long as it was acquired for */
	LEASE_RELEASE,
	LEASE_TELL, /* under our lease: who holds it, into the metadata */
	LEASE_LOOK, /* whether it is held, and what the metadata says */
};

/* What people are told of who holds a lease: visible ASCII, or "". */
struct lease_holder {
	char host[65], version[32];
	char since[32]; /* RFC 3339 */
	char id[40];	/* of one process: it knows its own words by it */
	/* Who is preferred, and asks the holder for it; "": nobody does. */
	char wanted_host[65], wanted_id[40];
};

/* What an event in a message of a queue is about. */
enum hint_kind {
	HINT_FOREIGN, /* nothing that is known, or nothing that can be read */
	HINT_NEW_VERSION,
	HINT_NEAR_EXPIRY,
	HINT_EXPIRED,
	HINT_ACCESS, /* the vault's access policy changed: no key is named */
};

#define HINTS_MAX 32 /* messages at once */

struct hint_event {
	enum hint_kind kind; /* never HINT_FOREIGN */
	struct keyid key; /* version as told, or ""; HINT_ACCESS: only host */
};

/* A message.  Whoever wrote it is not known: nothing of it is believed. */
struct hint {
	char *message, *receipt;   /* to drop it by */
	struct hint_event *events; /* of each key and each vault one ... */
	size_t n_events; /* ... 0..HINT_EVENTS_MAX; 0: a foreign message */
	int dequeued;	 /* times it was handed out, this one included */
};

/*
 * A question.  All pointers are borrowed; whoever keeps a question for
 * call_read copies what it points to.
 */
struct call {
	enum call_kind kind;
	uint64_t ticket; /* comes back in the reply */
	const struct credential *credential;
	uint32_t token;	      /* token slot to authorize with (not CALL_TOKEN:
				   there the slot that is to be filled) */
	const char *audience; /* CALL_TOKEN: what the token is for */
	/* CALL_KEY, CALL_POLICY; CALL_PATCH: the identifier to write, with or
	 * without version. */
	struct keyid key;
	/* CALL_KEY: read through Resource Manager, of the vault with this
	 * resource id; NULL: from the vault itself. */
	const char *vault_resource;
	const char *registry; /* CALL_REGISTRY, CALL_PATCH, CALL_RIGHTS:
				 resource id */
	char identity[CALL_IDENTITY_MAX]; /* CALL_PATCH: client id, "system" */
	/* CALL_REGISTRY: an identity to look for on it, by client id, resource
	 * id or "system"; NULL none. */
	const char *sought;
	const char *subscription; /* CALL_LIST, first page */
	const char *group; /* CALL_LIST: a resource group in it; NULL: all */
	bool tags;	   /* CALL_LIST: the registries' tags are wanted */
	/* CALL_LIST later pages, CALL_OPERATION; CALL_REACH: a host that is
	 * neither a vault (key) nor Resource Manager (subscription) */
	const char *url;
	/* CALL_LEASE: url is the blob; CALL_HINTS, CALL_HINT_DROP: the queue */
	enum lease_step lease_step;
	const char *lease_id;		   /* GUID: proposed or held */
	int lease_s;			   /* LEASE_ACQUIRE: 15..60 */
	const struct lease_holder *holder; /* LEASE_TELL */
	int hidden_s; /* CALL_HINTS: so long from others, 1..3600 */
	bool peek; /* CALL_HINTS: only looked at, so that none can be dropped */
	const char *message, *receipt; /* CALL_HINT_DROP */
	int64_t at; /* Azure's time, ms since 1970, for what is dated; 0: the
		       wall clock is all there is */
	bool bare;  /* without a token, so that the answer names a tenant */
	const char *claims; /* CALL_TOKEN: JSON that goes with it, or NULL */
	bool proven; /* CALL_TOKEN: what reply.key_file names was read, and
			goes with it as the secret */
};

/* What is needed of a registry, as bits; actions: rights_action. */
enum call_right {
	CALL_RIGHT_READ = 1 << 0,
	CALL_RIGHT_WRITE = 1 << 1,
	CALL_RIGHT_OPERATIONS = 1 << 2, /* to see how a write ends */
};

/* provisioningState; absent means Succeeded. */
enum registry_provisioning {
	PROVISIONING_SUCCEEDED,
	PROVISIONING_CREATING,
	PROVISIONING_UPDATING,
	PROVISIONING_DELETING,
	PROVISIONING_FAILED,
	PROVISIONING_CANCELED,
	PROVISIONING_OTHER, /* an unknown word: treated as busy */
};

/* A key version as Key Vault shows it.  Times: ms since 1970, -1 = absent. */
struct key_version {
	char version[KEYID_VERSION_MAX];
	bool enabled;
	bool rsa;   /* kty RSA or RSA-HSM */
	bool wraps; /* key_ops has wrapKey and unwrapKey */
	int bits;   /* RSA modulus length or keySize, 0 when not told */
	int64_t created, updated, not_before, expires;
	bool purge_protected; /* recoveryLevel without "Purgeable" */
	bool recoverable; /* recoveryLevel with "Recoverable": soft delete */
};

/* A registry as ARM shows it (GET, LIST item, PATCH answer). */
struct registry_view {
	enum registry_provisioning provisioning;
	bool premium;
	bool encrypted;	  /* encryption.status enabled with a key */
	bool hidden;	  /* neither that it is off is told, nor any key */
	bool key_valid;	  /* keyIdentifier could be parsed */
	struct keyid key; /* keyIdentifier: version "" = automatic */
	/* What protects the data now: versionedKeyIdentifier, or keyIdentifier
	 * when only that one names a version. */
	bool version_known;	 /* false: neither tells it */
	struct keyid in_use_key; /* as a rule the same key as `key` */
	char version_in_use[KEYID_VERSION_MAX]; /* "" when not known */
	bool auto_rotation; /* keyRotationEnabled; absent: no version */
	char identity[CALL_IDENTITY_MAX]; /* client id, "system", "" */
	bool identity_attached; /* that identity is assigned to the registry */
	bool sought;		/* another one was looked for ... */
	char found[CALL_IDENTITY_MAX]; /* ... and is assigned, as this; or "" */
	int64_t rotated_at; /* lastKeyRotationTimestamp, ms, -1 absent */
	bool content_trust; /* policies.trustPolicy is enabled */
};

struct registry_item { /* of a LIST page */
	char *id;
	struct registry_view view;
	/* When call.tags: one tag after the other, its name and its value each
	 * ended by a NUL, and an empty name behind the last; NULL: none. */
	char *tags;
	bool tags_untold; /* there are some, and they cannot be told */
};

enum operation_status {
	OPERATION_RUNNING,
	OPERATION_SUCCEEDED,
	OPERATION_FAILED,
	OPERATION_CANCELED
};

/*
 * A reply.  fault.kind FAULT_NONE: the union is filled.  Otherwise only what
 * stands before the union counts.  Owned by whoever called call_read until
 * reply_free.
 */
struct reply {
	enum call_kind kind;
	uint64_t ticket;
	struct fault fault;
	/* What Azure calls this question, for its support; "" when silent. */
	char request_id[FAULT_CODE_MAX], correlation_id[FAULT_CODE_MAX];
	bool maybe_done;  /* a PATCH without an answer: it may have happened */
	int status;	  /* HTTP's; 0: no answer came */
	bool answered;	  /* an HTTP status came */
	bool reached;	  /* the request may have reached the server */
	bool multiplexed; /* it went over HTTP/2 */
	bool vetoed;	  /* it was not sent: not true any more */
	enum answer_step step; /* without an answer: where it stopped */
	struct trace request;  /* x-ms-request-id */
	int64_t date_ms;       /* Date header, ms since 1970; -1 absent */
	int64_t rtt_ms;
	int remaining;	    /* x-ms-ratelimit-remaining-*; -1 absent */
	bool throttles_all; /* 429 that speaks for the whole subscription or
				 vault, not for this one item */
	/* 401 of a vault whose challenge passed cloud_resource_fits; or "" */
	char challenge_audience[CALL_AUDIENCE_MAX];
	/* 401 that names a tenant that the credential may follow to; or "" */
	char challenge_tenant[CALL_TENANT_MAX];
	/* 401: what the next token is to be asked for with, JSON; or NULL */
	char *claims;
	/* CALL_TOKEN: what stands in this file is to be sent with the same
	 * question (call.proven); or "" */
	char key_file[CALL_KEY_FILE_MAX];
	union {
		struct {
			char *secret;	       /* the token, wiped on free */
			int64_t lifetime_ms;   /* from now */
			int64_t refresh_in_ms; /* -1 absent */
			struct claims who;     /* whose it says that it is */
		} token;
		struct key_version key;
		char policy[CALL_POLICY_MAX]; /* in words */
		struct registry_view registry;
		struct {
			struct registry_item *items;
			size_t n;
			char *next_url; /* NULL on the last page */
			bool odd;	/* there is more on it, which cannot
				     be told apart */
		} list;
		struct {
			bool finished;		/* nothing left to wait for */
			char *operation_url;	/* NULL: poll the registry */
			int64_t retry_after_ms; /* -1 absent */
		} patch;
		struct {
			enum operation_status status;
			char *operation_url; /* newer URL, or NULL */
			int64_t retry_after_ms;
			struct fault error; /* FAILED or CANCELED: why */
		} operation;
		struct {
			int status; /* HTTP */
			char peer[ANSWER_PEER_MAX];
			bool proxied; /* that is a proxy's */
		} reach;
		struct {
			unsigned granted; /* bits of enum call_right */
			bool partial;	  /* there is more that was not read */
		} rights;
		struct {
			/* LEASE_MAKE: the blob is there; ACQUIRE, RENEW,
			 * RELEASE, TELL: it is done.  False: somebody else has
			 * the lease, or nobody any more. */
			bool ours;
			bool held; /* by anybody, us included */
			bool told; /* LEASE_LOOK: somebody has told ... */
			struct lease_holder holder; /* ... this */
		} lease;
		struct {
			size_t n; /* 0..HINTS_MAX */
			struct hint *hints;
			/* Messages that are not among them: with nothing to
			 * drop them by, or more than were asked for. */
			size_t dropped;
		} hints;
		struct {
			bool gone; /* it was another's already, or nobody's */
		} drop;
	};
};

/*
 * Fill *x for the question.  secret: for CALL_TOKEN what the credential proves
 * itself with (a client secret, App Service's header, Azure Arc's key), its
 * text (borrowed).  wall_ms: for what carries dates.  False with *f when the
 * question cannot be put (a URL whose host is not of this cloud).
 */
bool call_build(const struct cloud *cloud, const struct call *call,
		const char *secret, int64_t wall_ms, struct exchange *x,
		struct fault *f);

/* The request as a person would read it, without its token: method and URL,
 * type, body.  What cannot be built is said instead. */
void call_show(const struct cloud *cloud, const struct call *call,
	       int64_t wall_ms, struct buf *out);

/*
 * Turn an answer into *r (ticket and kind copied).  Never fails: what cannot
 * be understood is r->fault of kind FAULT_INVALID.  wall_ms: our clock, for
 * expires_on and a Retry-After date when the answer has no Date header.
 * What was sent with the question and is secret (NULL: nothing) is struck out
 * of the answer, in place, before anything is kept, and so is what has a
 * token's form; all secrets that are known (NULL: none) are struck out of what
 * the reply tells people.  A token that holds what was sent is refused.
 */
void call_read(const struct cloud *cloud, const struct call *call,
	       const struct secrets *sent, const struct secrets *known,
	       struct answer *a, int64_t wall_ms, struct reply *r);

void reply_free(struct reply *r); /* contents; the token is wiped */

/* One line that tells a person what is asked: "read key https://..." */
void call_describe(const struct call *call, char *dst, size_t size);

#endif
