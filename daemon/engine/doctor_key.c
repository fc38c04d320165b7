/* Judges a key as it was read. */
#include "engine/doctor_key.h"

#include <stdio.h>
#include <string.h>

#include "azure/cloud.h"
#include "base/text.h"
#include "engine/decide.h"

/* The address of this host as the vault's firewall has told it. */
static bool told_address(const char *text, char dst[ANSWER_PEER_MAX])
{
	static const char head[] = "client address: ";
	const char *at = strstr(text, head);
	size_t len = at ? strspn(at + sizeof(head) - 1, "0123456789abcdef.:")
			: 0;

	/* A sentence may end behind it. */
	while (len && at[sizeof(head) - 2 + len] == '.')
		len--;
	if (len < 3 || len >= ANSWER_PEER_MAX)
		return false;
	memcpy(dst, at + sizeof(head) - 1, len);
	dst[len] = '\0';
	return true;
}

static void key_denied(const struct doctor_facts *f, struct advice *a)
{
	const char *inner = f->fault.inner_code;
	const struct remedy_who w = doctor_advice_who(f);
	char address[ANSWER_PEER_MAX];
	bool hsm = cloud_is_hsm(f->key.host);

	if (f->by_arm) {
		doctor_advice_do(
			a,
			"Give the credential the role " REMEDY_ARM_ROLE
			" on the vault, and wait some minutes until it holds");
		remedy_vault_reader(&a->command, &w, &f->key);
	} else if (text_same(inner, "ForbiddenByFirewall")) {
		bool told = told_address(f->fault.text, address);

		doctor_advice_do(
			a, "%s",
			told ? "Let this host through the vault's firewall"
			     : "Let this host through the vault's firewall; ADDRESS is its public address");
		remedy_vault_address(&a->command, &f->key,
				     told ? address : NULL);
	} else if (text_same(inner, "ForbiddenByConnection")) {
		doctor_advice_do(
			a,
			"The vault takes private links only: make one from a SUBNET that this host reaches, in GROUP");
		remedy_vault_link(&a->command, &f->key);
	} else if (!hsm && (text_same(inner, "ForbiddenByPolicy") ||
			    text_same(inner, "AccessDenied"))) {
		doctor_advice_do(
			a,
			"Give the credential the key permission \"get\" in the vault's access policy");
		remedy_vault_policy(&a->command, &w, &f->key);
	} else {
		doctor_advice_do(
			a, "%s, and wait some minutes until it holds",
			hsm ? "Give the credential the role " REMEDY_HSM_ROLE
			      " on the key"
			    : "Give the credential the role " REMEDY_VAULT_ROLE
			      " on the vault");
		remedy_vault_role(&a->command, &w, &f->key);
	}
}

static bool is_disabled(const struct doctor_facts *f)
{
	return text_same(f->fault.inner_code, "KeyDisabled");
}

void doctor_key_read(const struct doctor_facts *f, struct advice *a)
{
	if (f->fault.kind == FAULT_NONE) {
		doctor_advice_tell(
			a, "the newest version is %s%s%s", f->version.version,
			f->by_arm ? "; read through Resource Manager" : "",
			f->around ? ", for the vault does not let this host in"
				  : "");
		if (f->key.version[0])
			doctor_advice_tell(
				a, "the version that the watch names is there");
		return;
	}
	if (is_disabled(f)) {
		doctor_advice_tell(a, "the vault answers");
		return;
	}
	doctor_advice_fail(a, "%s", f->fault.text);
	if (f->fault.kind == FAULT_DENIED &&
	    !doctor_advice_unknown(&f->fault)) {
		key_denied(f, a);
	} else if (f->fault.kind == FAULT_MISSING) {
		doctor_advice_do(
			a,
			"See that the watch's title is right; these keys are there");
		remedy_key_list(&a->command, &f->key);
	} else {
		doctor_advice_again(&f->fault, a);
	}
}

static struct keyid key_version(const struct doctor_facts *f)
{
	struct keyid id = f->key;

	text_copy(id.version, sizeof(id.version), f->version.version);
	return id;
}

static void key_unfit(const struct doctor_facts *f, struct advice *a,
		      enum decide_reason reason)
{
	const struct keyid id = key_version(f);

	switch (reason) {
	case REASON_NEWEST_DISABLED:
	case REASON_MANUAL_DISABLED:
		doctor_advice_do(a, "Enable it, or make a newer version");
		remedy_key_enable(&a->command, &id);
		break;
	case REASON_NEWEST_NO_WRAP:
		doctor_advice_do(a, "Let it wrap and unwrap");
		remedy_key_ops(&a->command, &id);
		break;
	case REASON_NEWEST_NOT_YET:
		doctor_advice_warn(a, "%s", buf_str(&a->text));
		doctor_advice_do(
			a,
			"Wait until it is valid: registries stay where they are, and follow then");
		break;
	default:
		doctor_advice_do(
			a,
			"Make a new version that can be used: RSA, 2048 bits at least, valid now");
		remedy_key_create(&a->command, &f->key);
		break;
	}
}

/* It can be used, and registries may be on it already: as long before its end
 * as health warns of a version in use. */
static bool warn_of_end(const struct doctor_facts *f, struct advice *a)
{
	int64_t ends = f->version.expires;
	char date[32];

	if (ends < 0 || ends - DECIDE_EXPIRY_MS > f->azure_ms)
		return false;
	text_time(date, sizeof(date), ends);
	doctor_advice_warn(
		a,
		"It can be used, but expires at %s: nothing new can be encrypted with it from then on",
		date);
	doctor_advice_do(a, "Make a new version before that%s",
			 f->key.version[0] ? ", and name it in the watch" : "");
	remedy_key_create(&a->command, &f->key);
	return true;
}

void doctor_key_usable(const struct doctor_facts *f, struct advice *a)
{
	bool manual = f->key.version[0];
	enum decide_reason reason =
		manual ? decide_manual(&f->version, f->azure_ms)
		       : decide_usable(&f->version, f->azure_ms);
	char text[ADVICE_TEXT_MAX];

	if (is_disabled(f))
		reason = manual ? REASON_MANUAL_DISABLED
				: REASON_NEWEST_DISABLED;
	if (reason == REASON_NONE) {
		if (warn_of_end(f, a))
			return;
		doctor_advice_tell(a,
				   "enabled, RSA of %d bits, wraps and unwraps",
				   f->version.bits);
		return;
	}
	snprintf(text, sizeof(text), "%s", decide_reason_str(reason));
	if (text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	doctor_advice_fail(a, "%s", text);
	key_unfit(f, a, reason);
}

void doctor_key_recovery(const struct doctor_facts *f, struct advice *a)
{
	if (is_disabled(f)) {
		a->result = FINDING_SKIP;
	} else if (f->version.purge_protected) {
		doctor_advice_tell(
			a, "a deleted key can be recovered, and not be purged");
	} else if (!f->version.recoverable) {
		doctor_advice_warn(
			a,
			"The vault has neither soft delete nor purge protection: a key that is deleted is gone, and with it all images");
		doctor_advice_do(
			a, "Switch soft delete on, then purge protection");
		remedy_soft_delete(&a->command, &f->key);
	} else {
		doctor_advice_warn(
			a,
			"The vault has no purge protection: a deleted key can be purged, and then all images are lost for good");
		doctor_advice_do(
			a,
			"Switch purge protection on (it cannot be switched off again)");
		remedy_purge_protection(&a->command, &f->key);
	}
}
