/*
 * token: asking for access tokens, one source per kind of credential.
 *
 * A source is one file and one row in token.c.  It knows how the request
 * looks and what its endpoint's refusals mean; the answer's shape is common.
 * The secret and the token are only passed through: what holds them is wiped
 * by exchange_free and reply_free.
 */
#ifndef KEYROTD_AZURE_TOKEN_H
#define KEYROTD_AZURE_TOKEN_H

#include "azure/call.h"
#include "azure/problem.h"
#include "base/json.h"

/* A token becomes one header line: more than this is not believed. */
#define TOKEN_MAX 16384
#define TOKEN_MIN 16				 /* nor less */
#define TOKEN_LIFETIME_MAX_MS INT64_C(604800000) /* a week */

#define TOKEN_PROOF_MAX 65536 /* bytes of a file that proves who we are */

/* What proves a credential, as it was read for this token.  Borrowed. */
struct token_proof {
	const char *text;
	const char *passphrase; /* NULL: none */
	const char *id;		/* random, used once */
	int64_t now_ms;		/* Azure's time, ms since 1970 */
};

struct token_source {
	enum credential_kind kind;
	enum identity_source source; /* of a managed identity */
	/* An answer that does not tell whose token it holds is not believed
	 * when somebody was named. */
	bool must_echo;
	const char *proof; /* what is read is called; NULL: "secret" */
	/* Append what is sent to out; NULL: that is the text itself.  False
	 * with a clause in *f.  *ends_ms: until when the proof is good, left
	 * alone when it does not tell. */
	bool (*prove)(const struct cloud *cloud, const struct credential *c,
		      const struct token_proof *proof, struct buf *out,
		      int64_t *ends_ms, struct fault *f);
	/* Both "expires_on" and "expires_in" may come: which one counts. */
	bool prefers_expires_on;
	bool (*build)(const struct cloud *cloud, const struct call *call,
		      const char *secret, int64_t wall_ms, struct exchange *x,
		      struct fault *f);
	/* What an answer asks for before it refuses; NULL: nothing.  It may
	 * set p->hint. */
	void (*demand)(const struct cloud *cloud, const struct call *call,
		       const struct answer *a, struct problem *p,
		       struct reply *r);
	/* Set p->kind (and hint) for what this endpoint means by it. */
	void (*refine)(const struct call *call, struct problem *p);
	/* What it means, and what helps, when nobody answers there; NULL:
	 * nothing more than that. */
	const char *absent;
};

extern const struct token_source token_secret_source;
extern const struct token_source token_imds_source;
extern const struct token_source token_app_service_source;
extern const struct token_source token_arc_source;
extern const struct token_source token_certificate_source;
extern const struct token_source token_federated_source;

/* What a credential of this kind is proved by, for sentences: "secret",
 * "certificate". */
const char *token_proof_name(enum credential_kind kind);

/*
 * Make of a proof what call_build takes as secret, in out (which the caller
 * wipes; TOKEN_PROOF_MAX bytes are enough).  *ends_ms: when the proof ends, ms
 * since 1970; -1 when it does not tell.  False with *f FAULT_INVALID and a
 * clause that goes on from "The certificate of credential ... cannot be used:
 * ".
 */
bool token_prove(const struct cloud *cloud, const struct credential *c,
		 const struct token_proof *proof, struct buf *out,
		 int64_t *ends_ms, struct fault *f);

/* The parts of CALL_TOKEN's row in call.c. */
bool token_build(const struct cloud *cloud, const struct call *call,
		 const char *secret, int64_t wall_ms, struct exchange *x,
		 struct fault *f);
void token_read(const struct cloud *cloud, const struct call *call,
		const struct answer *a, const struct json *root, int64_t now_ms,
		struct reply *r);
/* What helps when nothing was reached: a clause in dst, or "". */
void token_absent(const struct call *call, char *dst, size_t size);
void token_refuse(const struct cloud *cloud, const struct call *call,
		  const struct answer *a, struct problem *p, struct reply *r);

/*
 * The seconds since 1970 in ms of an expiry: a number, a numeric string, RFC
 * 3339, "yyyy-MM-dd HH:mm:ss" or "MM/dd/yyyy HH:mm:ss +00:00"; else -1.
 * Source: AzureAD/microsoft-authentication-library-for-go
 * accesstokens.go.
 */
int64_t token_expiry_ms(const struct json *n);

#endif
