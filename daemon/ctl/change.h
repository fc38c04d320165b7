/*
 * change: a call of io.keyrotd.Control whose reply is said in words, or
 * printed as it is with --json.
 */
#ifndef KEYROTD_CTL_CHANGE_H
#define KEYROTD_CTL_CHANGE_H

#include "base/json.h"
#include "ctl/client.h"
#include "ctl/command.h"

/* Say the reply in words and return the exit code; -1: not what the interface
 * promises, and nothing was said. */
typedef int change_say(struct ctl *ctl, const struct json *reply,
		       const char *detail);

/* Call io.keyrotd.Control's method.  detail is handed to say.  With --json
 * say is not asked for words but still for the exit code: it must look at
 * ctl->args->json before it prints. */
int change_call(struct ctl *ctl, const char *method,
		const struct client_parameter *parameters, change_say *say,
		const char *detail);

#endif
