/*
 * Every command that changes something does it alike: call, let the command
 * put the reply into words, or print it as JSON.
 */
#include "ctl/change.h"

#include <stdio.h>

#include "ctl/args.h"
#include "ctl/document.h"
#include "ctl/failure.h"

struct answer {
	struct ctl *ctl;
	change_say *say;
	const char *detail;
	int code;
	struct fault fault; /* of the output */
};

static enum client_next take(const struct json *reply, void *arg)
{
	struct answer *a = arg;

	a->code = a->say(a->ctl, reply, a->detail);
	if (a->code < 0)
		return CLIENT_BAD;
	if (a->ctl->args->json)
		document_reply(&a->ctl->out, reply, false, &a->fault);
	return CLIENT_GO_ON;
}

int change_call(struct ctl *ctl, const char *method,
		const struct client_parameter *parameters, change_say *say,
		const char *detail)
{
	struct answer a = { ctl, say, detail, COMMAND_FAILED, fault_none() };
	struct fault f = fault_none();

	if (!client_call(ctl->client, method, parameters, false, take, &a, &f))
		return failure_report(ctl, &f);
	if (a.fault.kind != FAULT_NONE)
		return failure_report(ctl, &a.fault);
	return a.code;
}
