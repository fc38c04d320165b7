/* Judges the way to a blob or a queue, and the rights there. */
#include "engine/doctor_storage.h"

#include "base/text.h"

bool doctor_storage_is_new(const struct fault *f)
{
	return f->kind == FAULT_MISSING &&
	       text_same(f->azure_code, "BlobNotFound");
}

static void give_role(const struct doctor_facts *f, struct advice *a)
{
	const struct remedy_who w = doctor_advice_who(f);
	bool queue = f->kind == DOCTOR_QUEUE;

	doctor_advice_do(
		a,
		"Give the credential the role %s on the %s, and wait some minutes until it holds",
		queue ? REMEDY_QUEUE_ROLE : REMEDY_BLOB_ROLE,
		queue ? "queue" : "container");
	remedy_storage_role(&a->command, &w, f->url, queue);
}

static void refused(const struct doctor_facts *f, const struct fault *fault,
		    struct advice *a)
{
	bool queue = f->kind == DOCTOR_QUEUE;

	doctor_advice_fail(a, "%s", fault->text);
	if (text_same(fault->azure_code, "AuthorizationFailure")) {
		doctor_advice_do(
			a,
			"Let this host through the storage account's firewall; ADDRESS is its public address");
		remedy_storage_address(&a->command, f->url);
	} else if (fault->kind == FAULT_DENIED &&
		   !doctor_advice_unknown(fault)) {
		give_role(f, a);
	} else if (fault->kind == FAULT_MISSING) {
		doctor_advice_do(a, "Make the %s, or correct its address",
				 queue ? "queue" : "container");
		remedy_storage_create(&a->command, f->url, queue);
	} else {
		doctor_advice_again(fault, a);
	}
}

void doctor_storage_lease(const struct doctor_facts *f, struct advice *a)
{
	const char *host = f->told && f->holder.host[0] ? f->holder.host
							: "somebody";

	if (doctor_storage_is_new(&f->fault))
		doctor_advice_tell(
			a, "the blob is not there yet: the daemon makes it");
	else if (f->fault.kind != FAULT_NONE)
		refused(f, &f->fault, a);
	else if (f->held)
		doctor_advice_tell(a, "%s holds it%s%s", host,
				   f->told && f->holder.since[0] ? " since "
								 : "",
				   f->told ? f->holder.since : "");
	else
		doctor_advice_tell(a, "nobody holds it");
}

void doctor_storage_queue(const struct doctor_facts *f, struct advice *a)
{
	if (f->fault.kind != FAULT_NONE)
		refused(f, &f->fault, a);
	else if (f->messages == HINTS_MAX)
		doctor_advice_tell(a, "many messages wait in it");
	else if (f->messages)
		doctor_advice_tell(a, "messages wait in it: %zu", f->messages);
	else
		doctor_advice_tell(a, "no message waits in it");
}

void doctor_storage_write(const struct doctor_facts *f, struct advice *a)
{
	const struct fault *fault = &f->rights_fault;

	/* That there is no such lease or message is said to who may ask. */
	if (fault->kind == FAULT_DENIED || fault->kind == FAULT_AUTH)
		refused(f, fault, a);
	else if (fault_is_transient(fault))
		doctor_advice_warn(a, "%s", fault->text);
	else
		doctor_advice_tell(a, "it is there");
	if (a->result == FINDING_WARN)
		doctor_advice_again(fault, a);
}
