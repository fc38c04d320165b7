/* Judges a registry as it was read, and what may be done with it. */
#include "engine/doctor_registry.h"

#include "azure/rights.h"
#include "base/text.h"

void doctor_registry_read(const struct doctor_facts *f, struct advice *a)
{
	const struct remedy_who w = doctor_advice_who(f);

	if (f->fault.kind == FAULT_NONE) {
		doctor_advice_tell(a, "it can be read");
		return;
	}
	doctor_advice_fail(a, "%s", f->fault.text);
	if (f->fault.kind == FAULT_MISSING) {
		doctor_advice_do(
			a,
			"See that the id in the configuration is right; this lists where a registry of that name is");
		remedy_registry_find(&a->command, f->name);
	} else if (f->fault.kind == FAULT_DENIED &&
		   !doctor_advice_unknown(&f->fault)) {
		doctor_advice_do(
			a,
			"Give the credential the role \"" REMEDY_ROLE
			"\" (keyrotctl role prints it) on the registry, and wait some minutes until it holds");
		remedy_registry_role(&a->command, &w, f->name);
	} else {
		doctor_advice_again(&f->fault, a);
	}
}

void doctor_registry_premium(const struct doctor_facts *f, struct advice *a)
{
	if (f->view.premium) {
		doctor_advice_tell(a, "it is");
		return;
	}
	doctor_advice_fail(
		a,
		"The registry is not of the Premium tier, and only that one knows keys of its customers");
	doctor_advice_do(
		a,
		"Make it Premium; if it was never encrypted with a key of yours, only a new registry can be");
	remedy_registry_premium(&a->command, f->name);
}

void doctor_registry_encryption(const struct doctor_facts *f, struct advice *a)
{
	const struct remedy_who w = doctor_advice_who(f);

	if (f->view.encrypted) {
		doctor_advice_tell(
			a,
			"with a key of its customer, chosen when it was made and for good: it cannot be switched off");
	} else if (f->view.hidden) {
		doctor_advice_fail(
			a,
			"Azure does not tell whether the registry is encrypted with a key of yours");
		doctor_advice_do(
			a, "Give the credential the role \"" REMEDY_ROLE
			   "\" (keyrotctl role prints it) on the registry");
		remedy_registry_role(&a->command, &w, f->name);
	} else {
		doctor_advice_fail(
			a,
			"The registry is not encrypted with a key of its customer, and that can only be chosen when a registry is made");
		doctor_advice_do(
			a,
			"Take it out of the watch, or make a NEW one with an IDENTITY that may use the key, and import the images");
		remedy_registry_create(&a->command, f->name, &f->key);
	}
}

void doctor_registry_key(const struct doctor_facts *f, struct advice *a)
{
	const struct registry_view *v = &f->view;
	char text[KEYID_TEXT_MAX];

	if (v->key_valid && keyid_same_key(&v->key, &f->key)) {
		doctor_advice_tell(a, "it is the watch's");
		return;
	}
	if (!v->key_valid) {
		doctor_advice_fail(
			a, "Azure does not tell which key the registry uses");
		doctor_advice_again(&f->fault, a);
		return;
	}
	keyid_print(&v->key, text, sizeof(text));
	if (f->takeover) {
		doctor_advice_warn(
			a,
			"The registry uses %s; the watch says takeover, so it will be moved to the watch's key",
			text);
		doctor_advice_do(a, "Nothing, if that is meant");
		return;
	}
	doctor_advice_fail(
		a, "The registry uses another key than its watch: %s", text);
	/* Nobody is sent to a key that may not even exist. */
	if (f->key_failed) {
		doctor_advice_do(
			a,
			"See to the watch's key first, above; it may be written wrongly in the watch");
		return;
	}
	doctor_advice_do(
		a,
		"Put it into a watch on that key, or say takeover = \"true\", or move it by hand");
	remedy_registry_key(&a->command, f->name, &f->key, v->identity);
}

void doctor_registry_identity(const struct doctor_facts *f, struct advice *a)
{
	const struct registry_view *v = &f->view;

	if (!v->identity[0]) {
		doctor_advice_warn(
			a, "Azure does not tell which identity reads the key");
		doctor_advice_do(a,
				 "See to it in the portal, under Encryption");
	} else if (!v->identity_attached) {
		doctor_advice_fail(
			a,
			"The identity %s, which reads the key, is no longer assigned to the registry: the next write is refused, and access to images is lost in the end",
			v->identity);
		doctor_advice_do(a, "Assign it again before anything else");
		remedy_registry_identity(&a->command, f->name, v->identity);
	} else if (f->identity && *f->identity &&
		   !text_same(f->identity, v->identity)) {
		doctor_advice_warn(
			a,
			"The registry reads its key as %s, and the watch expects %s",
			v->identity, f->identity);
		doctor_advice_do(a, "Correct the watch, or the registry");
	} else {
		doctor_advice_tell(a, "%s is assigned", v->identity);
	}
}

static void missing_right(const struct doctor_facts *f, struct advice *a,
			  enum call_right right, const char *because)
{
	const struct remedy_who w = doctor_advice_who(f);

	doctor_advice_fail(a, "The credential may not %s: %s",
			   rights_action(right), because);
	doctor_advice_do(
		a,
		"Give the credential the role \"" REMEDY_ROLE
		"\" (keyrotctl role prints it) on the registry, and wait some minutes until it holds");
	remedy_registry_role(&a->command, &w, f->name);
}

/* Not to be told is no failure: the daemon itself never asks for it. */
void doctor_registry_rights(const struct doctor_facts *f, struct advice *a)
{
	if (f->rights_known) {
		doctor_advice_tell(a, "Azure tells what the credential may do");
		return;
	}
	doctor_advice_warn(a, "It is not known what the credential may do: %s",
			   f->rights_fault.kind != FAULT_NONE
				   ? f->rights_fault.text
				   : "Azure does not tell all of it at once");
	/* Who was not told for another reason has no wrong role. */
	if (f->rights_fault.kind != FAULT_NONE &&
	    (f->rights_fault.kind != FAULT_DENIED ||
	     doctor_advice_unknown(&f->rights_fault))) {
		doctor_advice_again(&f->rights_fault, a);
		return;
	}
	doctor_advice_do(
		a,
		"Compare the credential's role with the one that keyrotctl role prints; with Microsoft.Authorization/permissions/read, which is in that, it is told here");
}

static void one_right(const struct doctor_facts *f, struct advice *a,
		      enum call_right right, const char *because)
{
	if (f->mode == WATCH_OBSERVE)
		doctor_advice_tell(a,
				   "not needed, for the watch only observes");
	else if (f->rights & right)
		doctor_advice_tell(a, "the credential's roles allow it");
	else if (f->rights_known)
		missing_right(f, a, right, because);
	else
		a->result = FINDING_SKIP;
}

void doctor_registry_write(const struct doctor_facts *f, struct advice *a)
{
	one_right(f, a, CALL_RIGHT_WRITE, "no new version can be written");
}

void doctor_registry_operations(const struct doctor_facts *f, struct advice *a)
{
	one_right(f, a, CALL_RIGHT_OPERATIONS,
		  "a write starts, but nobody sees how it ends");
}

void doctor_registry_state(const struct doctor_facts *f, struct advice *a)
{
	switch (f->view.provisioning) {
	case PROVISIONING_SUCCEEDED:
		doctor_advice_tell(a, "nothing is under way");
		break;
	case PROVISIONING_FAILED:
	case PROVISIONING_CANCELED:
		doctor_advice_warn(
			a,
			"The last change of the registry did not succeed (provisioningState)");
		doctor_advice_do(
			a,
			"See the registry's activity log; the next write settles it, as a rule");
		break;
	default:
		doctor_advice_tell(a, "Azure is at work on it just now");
		break;
	}
}

void doctor_registry_trust(const struct doctor_facts *f, struct advice *a)
{
	if (!f->view.content_trust) {
		doctor_advice_tell(a, "off, as it has to be");
		return;
	}
	doctor_advice_warn(
		a,
		"Content trust is on, which registries with a key of their customer do not support");
	doctor_advice_do(a, "Switch it off, and sign with Notation instead");
	remedy_content_trust(&a->command, f->name);
}

void doctor_registry_logs(const struct doctor_facts *f, struct advice *a)
{
	(void)f;
	doctor_advice_tell(
		a,
		"logs of ACR Tasks are kept for 24 hours only, a limit of such registries");
}
