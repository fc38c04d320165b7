/*
 * Prints the role that the daemon's principal needs on a registry, as
 * "az role definition create" takes it.  It asks nobody.
 */
#include <string.h>

#include "ctl/command.h"

/* conf/azure/role.json, byte for byte; the Makefile puts it here. */
extern const char role_text[];

int role_run(struct ctl *ctl)
{
	out_json(&ctl->out, role_text, strlen(role_text));
	return COMMAND_OK;
}
