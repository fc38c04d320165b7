/*
 * The table of what the doctor looks at.  A check says what is so, what to do
 * and the command that does it; it knows nothing of how its facts came.
 */
#include "engine/doctor_checks.h"

#include <string.h>

#include "engine/doctor_credential.h"
#include "engine/doctor_host.h"
#include "engine/doctor_key.h"
#include "engine/doctor_registry.h"
#include "engine/doctor_rule.h"
#include "engine/doctor_storage.h"

static const struct check {
	enum doctor_kind about;
	const char *name;
	const char *needs; /* an earlier check of the same; NULL: none */
	void (*judge)(const struct doctor_facts *f, struct advice *a);
} checks[] = {
	/* They know themselves how far it came. */
	{ DOCTOR_HOST, "name resolution", NULL, doctor_host_name },
	{ DOCTOR_HOST, "TCP", NULL, doctor_host_connect },
	{ DOCTOR_HOST, "TLS", NULL, doctor_host_tls },
	{ DOCTOR_HOST, "answer", NULL, doctor_host_answer },
	{ DOCTOR_CLOCK, "offset", NULL, doctor_host_clock },
	{ DOCTOR_CREDENTIAL, "token", NULL, doctor_credential_token },
	{ DOCTOR_KEY, "read", NULL, doctor_key_read },
	{ DOCTOR_KEY, "usable", "read", doctor_key_usable },
	{ DOCTOR_KEY, "purge protection", "read", doctor_key_recovery },
	{ DOCTOR_REGISTRY, "read", NULL, doctor_registry_read },
	{ DOCTOR_REGISTRY, "Premium", "read", doctor_registry_premium },
	{ DOCTOR_REGISTRY, "encryption", "Premium",
	  doctor_registry_encryption },
	{ DOCTOR_REGISTRY, "key", "encryption", doctor_registry_key },
	{ DOCTOR_REGISTRY, "identity", "encryption", doctor_registry_identity },
	{ DOCTOR_REGISTRY, "state", "read", doctor_registry_state },
	{ DOCTOR_REGISTRY, "rights", "read", doctor_registry_rights },
	{ DOCTOR_REGISTRY, "right to write", "rights", doctor_registry_write },
	{ DOCTOR_REGISTRY, "right to follow a write", "rights",
	  doctor_registry_operations },
	{ DOCTOR_REGISTRY, "content trust", "encryption",
	  doctor_registry_trust },
	{ DOCTOR_REGISTRY, "task logs", "encryption", doctor_registry_logs },
	{ DOCTOR_LEASE, "read", NULL, doctor_storage_lease },
	{ DOCTOR_LEASE, "right to write", "read", doctor_storage_write },
	{ DOCTOR_QUEUE, "read", NULL, doctor_storage_queue },
	{ DOCTOR_QUEUE, "right to delete", "read", doctor_storage_write },
	{ DOCTOR_RULE, "scope", NULL, doctor_rule_scope },
	{ DOCTOR_RULE, "registries", "scope", doctor_rule_registries },
	{ DOCTOR_RULE, "max-registries", "scope", doctor_rule_limit },
	{ DOCTOR_RULE, "key-pattern", "scope", doctor_rule_pattern },
	{ DOCTOR_RULE, "exclude", "scope", doctor_rule_exclude },
	{ DOCTOR_RULE, "tags", "scope", doctor_rule_tags },
};

#define N_CHECKS (sizeof(checks) / sizeof(checks[0]))

static const char *const kinds[DOCTOR_KINDS] = {
	[DOCTOR_HOST] = "host",
	[DOCTOR_CLOCK] = "clock",
	[DOCTOR_CREDENTIAL] = "credential",
	[DOCTOR_KEY] = "key",
	[DOCTOR_REGISTRY] = "registry",
	[DOCTOR_LEASE] = "lease",
	[DOCTOR_QUEUE] = "queue",
	[DOCTOR_RULE] = "rule",
};

const char *doctor_checks_kind(enum doctor_kind kind)
{
	return kinds[kind];
}

/* Whether what it hangs on is in order, or was at least only warned about. */
static bool is_met(const struct check *c, const enum finding_result *results)
{
	for (size_t i = 0; c->needs && i < N_CHECKS; i++)
		if (checks[i].about == c->about &&
		    !strcmp(checks[i].name, c->needs))
			return results[i] <= FINDING_WARN;
	return true;
}

static void judge(const struct doctor_facts *f, const struct check *c, bool met,
		  struct advice *a)
{
	a->result = FINDING_OK;
	buf_reset(&a->text);
	buf_reset(&a->to_do);
	buf_reset(&a->command);
	if (f->left_out || !met)
		a->result = FINDING_SKIP;
	else
		c->judge(f, a);
	if (a->result != FINDING_SKIP)
		return;
	buf_reset(&a->text);
	buf_puts(&a->text, "Left out: what it hangs on has failed.");
}

static const char *or_null(const struct buf *b)
{
	return b->len ? buf_str(b) : NULL;
}

bool doctor_checks_run(const struct doctor_facts *f, doctor_found *found,
		       void *arg)
{
	enum finding_result results[N_CHECKS] = { 0 };
	bool good = !f->left_out;
	struct advice a;

	buf_init(&a.text, ADVICE_TEXT_MAX);
	buf_init(&a.to_do, ADVICE_TEXT_MAX);
	buf_init(&a.command, REMEDY_MAX);
	for (size_t i = 0; i < N_CHECKS; i++) {
		const struct check *c = &checks[i];

		if (c->about != f->kind)
			continue;
		judge(f, c, is_met(c, results), &a);
		results[i] = a.result;
		good &= a.result != FINDING_FAIL;
		if (found)
			found(&(struct finding){ .result = a.result,
						 .kind = kinds[f->kind],
						 .name = f->name,
						 .check = c->name,
						 .text = buf_str(&a.text),
						 .to_do = or_null(&a.to_do),
						 .command =
							 or_null(&a.command) },
			      arg);
	}
	buf_free(&a.text);
	buf_free(&a.to_do);
	buf_free(&a.command);
	return good;
}
