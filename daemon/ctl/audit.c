/* keyrotctl audit: what is to be done with the evidence. */
#include <string.h>

#include "ctl/args.h"
#include "ctl/audit_export.h"
#include "ctl/audit_verify.h"
#include "ctl/command.h"
#include "ctl/failure.h"

int audit_run(struct ctl *ctl)
{
	static const struct {
		const char *name;
		int (*run)(struct ctl *ctl);
	} rows[] = {
		{ "show", audit_export_show },
		{ "verify", audit_verify_run },
		{ "export", audit_export_run },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].name, ctl->args->operand))
			return rows[i].run(ctl);
	out_line(&ctl->err,
		 "keyrotctl: audit is followed by show, verify or export, not "
		 "%s.",
		 ctl->args->operand);
	return COMMAND_USAGE;
}
