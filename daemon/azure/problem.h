/*
 * problem: what an answer that is no success says about itself, from the
 * several shapes of error that Azure's services send, and the fault made of
 * it.  A value; the pointers in it are to static text or into itself, so that
 * it is not copied.
 */
#ifndef KEYROTD_AZURE_PROBLEM_H
#define KEYROTD_AZURE_PROBLEM_H

#include <stdint.h>

#include "azure/call.h"
#include "base/json.h"

#define PROBLEM_MESSAGE_MAX 512

struct problem {
	enum fault_kind kind;
	int status;			   /* HTTP; 0 for a failed operation */
	char code[FAULT_CODE_MAX];	   /* error.code, or error; "" */
	char inner[FAULT_CODE_MAX];	   /* error.innererror.code; "" */
	int64_t number;			   /* Entra's AADSTS number; 0 */
	char trace[FAULT_CODE_MAX];	   /* Entra's trace id; "" */
	char message[PROBLEM_MESSAGE_MAX]; /* first line; tokens taken out */
	const char
		*hint;	 /* what to do about it, or NULL: static text, or ... */
	char words[448]; /* ... this, which names things */
	int64_t retry_after_ms; /* -1 when the server was silent */
	int64_t heals_ms;	/* within so many it is over; 0: nobody knows */
};

/*
 * Read the error in a body (root may be NULL: it was not JSON).  Knows ARM's
 * and Key Vault's {"error":{"code","message","innererror"}}, the bare
 * {"code","message"}, and Entra's and the instance metadata service's
 * {"error","error_description"}.  The kind is
 * that of the status; there is no hint and no time so far.
 * Source: Azure/azure-resource-manager-rpc:v1.0/common-api-details.md.
 */
void problem_read(struct problem *p, int status, const struct json *root);

/* What a service says in another form than those: its code, and the first line
 * of its words. */
void problem_code(struct problem *p, const char *code);
void problem_message(struct problem *p, const char *message);

/* The member of a body that tells the error: {"error":{...}}, or the bare
 * object itself. */
const struct json *problem_error(const struct json *root);

/* True for codes that are known to be about this one registry (a policy, a
 * deny assignment, a lock, rights, a disabled subscription, a quota), and
 * not about what was asked of it. */
bool problem_is_own(const char *code);

/* A vault's network rules have refused this host: its firewall, or that it
 * takes private links only.
 * Source: Azure/azure-sdk-for-net:sdk/keyvault/TROUBLESHOOTING.md. */
bool problem_is_network(const struct fault *f);

/* The kind that an HTTP status stands for when nothing more is known. */
enum fault_kind problem_kind(int status);

/* Put a hint where the codes have one meaning, or the wording says which of
 * theirs it is.  Wording never decides more than the hint. */
void problem_hint(struct problem *p);

/* Make the fault: "<title> failed: HTTP 403 Code/Inner: <hint or message>
 * (request id ...)." */
void problem_fault(const struct problem *p, const struct call *call,
		   const struct answer *a, struct fault *f);

#endif
