/* Judges what came of asking for tokens. */
#include "engine/doctor_credential.h"

#include "base/text.h"

struct cure {
	const char *code; /* Entra's number, as faults have it */
	const char *todo;
	void (*command)(struct buf *out, const struct credential *c);
};

static const struct cure cures[] = {
	{ "AADSTS7000215",
	  "Make a new secret and write its value (not its id) into the secret-file",
	  remedy_secret },
	{ "AADSTS7000222",
	  "Make a new secret and write it into the secret-file",
	  remedy_secret },
	{ "AADSTS700027", "Register the certificate with the application",
	  remedy_certificate },
	{ "AADSTS700016",
	  "See that client-id and tenant of the credential block are right",
	  remedy_application },
	{ "AADSTS700213",
	  "Add a federated identity credential with the token's issuer, subject and audience; these are there",
	  remedy_federation },
	{ "AADSTS70021",
	  "Add a federated identity credential with the token's issuer, subject and audience; these are there",
	  remedy_federation },
};

static void token_cure(const struct doctor_facts *f, struct advice *a)
{
	const struct credential *c = f->credential;

	for (size_t i = 0; i < sizeof(cures) / sizeof(cures[0]); i++)
		if (text_same(f->fault.inner_code, cures[i].code)) {
			doctor_advice_do(a, "%s", cures[i].todo);
			cures[i].command(&a->command, c);
			return;
		}
	if (c->kind == CREDENTIAL_MANAGED_IDENTITY &&
	    c->source <= IDENTITY_IMDS && f->fault.kind != FAULT_TRANSIENT &&
	    f->fault.kind != FAULT_THROTTLED && f->fault.kind != FAULT_LOCAL) {
		doctor_advice_do(
			a,
			"Give the virtual machine VM of GROUP that identity, or name another one in the credential block");
		remedy_vm_identity(&a->command, c);
	} else {
		doctor_advice_again(f, a);
	}
}

void doctor_credential_token(const struct doctor_facts *f, struct advice *a)
{
	static const char idle[] = "; no watch uses this credential";
	const struct claims *w = &f->who;
	char until[32];

	if (f->fault.kind != FAULT_NONE) {
		doctor_advice_fail(a, "%s%s%s", f->fault.text,
				   f->unused ? text_stop(f->fault.text) : "",
				   f->unused ? " No watch uses this credential"
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
