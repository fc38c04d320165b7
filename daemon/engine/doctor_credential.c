/* Judges what came of asking for tokens. */
#include "engine/doctor_credential.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define PLACE_MAX 320 /* bytes */

struct cure {
	const char *code; /* Entra's number, as faults have it */
	const char *to_do;
	bool place; /* with the place of its secret behind it */
	void (*command)(struct buf *out, const struct credential *c);
};

static const struct cure cures[] = {
	{ "AADSTS7000215",
	  "Make a new secret and write its value (not its id) into ", true,
	  remedy_secret },
	{ "AADSTS7000222", "Make a new secret and write it into ", true,
	  remedy_secret },
	{ "AADSTS700027", "Register the certificate with the application",
	  false, remedy_certificate },
	{ "AADSTS700016",
	  "See that client-id and tenant of the credential block are right",
	  false, remedy_application },
	{ "AADSTS700213",
	  "Add a federated identity credential with the token's issuer, subject and audience; these are there",
	  false, remedy_federation },
	{ "AADSTS70021",
	  "Add a federated identity credential with the token's issuer, subject and audience; these are there",
	  false, remedy_federation },
};

/* Where what it proves itself with is read from. */
static void place(const struct credential *c, char *dst, size_t size)
{
	static const struct {
		const char *prefix, *before, *after;
	} places[] = {
		/* systemd.exec(5): these are copies, made at the start. */
		{ "credential:", "what LoadCredential= in the unit has as ",
		  ", and restart the daemon" },
		{ "environment:", "the variable ",
		  " of the service's environment, and restart the daemon" },
		{ "", "", ", where the daemon's user can read it" },
	};
	const char *name = c->secret_file ? c->secret_file : "its file";
	size_t i = 0;

	while (!text_prefix(name, places[i].prefix))
		i++;
	snprintf(dst, size, "%s%.200s%s", places[i].before,
		 name + strlen(places[i].prefix), places[i].after);
}

/* Nobody was asked: what it is to prove itself with is not there, or is not
 * what it should be. */
static void proof_cure(const struct credential *c, struct advice *a)
{
	char at[PLACE_MAX];

	place(c, at, sizeof(at));
	switch (c->kind) {
	case CREDENTIAL_CLIENT_SECRET:
		doctor_advice_do(a, "Put the application's secret into %s", at);
		break;
	case CREDENTIAL_CLIENT_CERTIFICATE:
		doctor_advice_do(
			a,
			"Put the private key and its certificate (PEM) into %s",
			at);
		break;
	case CREDENTIAL_WORKLOAD_IDENTITY:
		doctor_advice_do(
			a, "See that this workload's federated token is in %s",
			at);
		break;
	case CREDENTIAL_MANAGED_IDENTITY:
	case CREDENTIAL_ENVIRONMENT:
	case CREDENTIAL_KINDS:
		doctor_advice_do(
			a,
			"See to this host's identity as the message says and restart the daemon, or name another type or source in the credential block");
		break;
	}
}

/* Who is asked for its tokens is a service of this host. */
static void local_cure(const struct doctor_facts *f, struct advice *a)
{
	const struct credential *c = f->credential;

	if (f->fault.kind == FAULT_TRANSIENT ||
	    f->fault.kind == FAULT_THROTTLED) {
		doctor_advice_do(
			a,
			"Try again in a minute; if it goes on, see to the service of this host that hands out its tokens");
	} else if (c->source <= IDENTITY_IMDS) {
		doctor_advice_do(
			a,
			"Give the virtual machine VM of GROUP that identity, or name another one in the credential block");
		remedy_vm_identity(&a->command, c);
	} else {
		doctor_advice_again(&f->fault, a);
	}
}

static void token_cure(const struct doctor_facts *f, struct advice *a)
{
	const struct credential *c = f->credential;

	char at[PLACE_MAX];

	place(c, at, sizeof(at));
	for (size_t i = 0; i < sizeof(cures) / sizeof(cures[0]); i++)
		if (text_same(f->fault.inner_code, cures[i].code)) {
			doctor_advice_do(a, "%s%s", cures[i].to_do,
					 cures[i].place ? at : "");
			cures[i].command(&a->command, c);
			return;
		}
	if ((f->fault.kind == FAULT_MISSING || f->fault.kind == FAULT_INVALID ||
	     f->fault.kind == FAULT_LOCAL || f->fault.kind == FAULT_DENIED) &&
	    !doctor_advice_answered(&f->fault))
		proof_cure(c, a);
	else if (c->kind == CREDENTIAL_MANAGED_IDENTITY)
		local_cure(f, a);
	else
		doctor_advice_again(&f->fault, a);
}

void doctor_credential_token(const struct doctor_facts *f, struct advice *a)
{
	static const char idle[] = "; no watch or rule uses this credential";
	const struct claims *w = &f->who;
	char until[32];

	if (f->fault.kind != FAULT_NONE) {
		doctor_advice_fail(
			a, "%s%s%s", f->fault.text,
			f->unused ? text_stop(f->fault.text) : "",
			f->unused ? " No watch or rule uses this credential"
				  : "");
		token_cure(f, a);
		return;
	}
	if (!w->object[0] && !w->client[0]) {
		doctor_advice_tell(
			a, "there is one; it does not tell whose it is%s",
			f->unused ? idle : "");
		return;
	}
	text_time(until, sizeof(until), w->expires);
	doctor_advice_tell(a, "tenant %s, client %s, object %s%s%s%s",
			   w->tenant[0] ? w->tenant : "(not told)",
			   w->client[0] ? w->client : "(not told)",
			   w->object[0] ? w->object : "(not told)",
			   until[0] ? "; good until " : "", until,
			   f->unused ? idle : "");
}
