/*
 * The table of what the doctor looks at.  A check says what is so, what to do
 * and the command that does it; it knows nothing of how its facts came.
 */
#include "engine/doctor_checks.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure/remedy.h"
#include "azure/rights.h"
#include "base/buf.h"
#include "base/text.h"
#include "engine/decide.h"

#define TEXT_MAX 1024
#define CLOCK_OK_MS 60000   /* nothing here or at Azure minds */
#define CLOCK_BAD_MS 300000 /* Entra's tolerance for what is signed */

/* What a check has to say.  It begins as "ok" without words. */
struct advice {
	enum finding_result result;
	struct buf text, todo, command;
};

/* ---- saying it ---- */

static void say(struct buf *b, const char *fmt, va_list ap)
{
	char line[TEXT_MAX];

	/* The words may come from b itself. */
	if (vsnprintf(line, sizeof(line), fmt, ap) < 0)
		line[0] = '\0';
	buf_reset(b);
	buf_printf(b, "%s%s", line, text_stop(line));
}

static void tell(struct advice *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void warn(struct advice *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void fail(struct advice *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void todo(struct advice *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void tell(struct advice *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(&a->text, fmt, ap);
	va_end(ap);
}

static void warn(struct advice *a, const char *fmt, ...)
{
	va_list ap;

	a->result = FINDING_WARN;
	va_start(ap, fmt);
	say(&a->text, fmt, ap);
	va_end(ap);
}

static void fail(struct advice *a, const char *fmt, ...)
{
	va_list ap;

	a->result = FINDING_FAIL;
	va_start(ap, fmt);
	say(&a->text, fmt, ap);
	va_end(ap);
}

static void todo(struct advice *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(&a->todo, fmt, ap);
	va_end(ap);
}

static struct remedy_who who(const struct doctor_facts *f)
{
	return (struct remedy_who){ .claims = &f->who,
				    .credential = f->credential };
}

/* Whatever has no cure of its own. */
static void try_again(const struct doctor_facts *f, struct advice *a)
{
	switch (f->fault.kind) {
	case FAULT_TRANSIENT:
		todo(a,
		     "Try again in a minute; if it goes on, see Azure's service health");
		break;
	case FAULT_THROTTLED:
		todo(a,
		     "Wait as long as Azure says, and see who else asks there so often");
		break;
	case FAULT_LOCAL:
		todo(a, "See to this host: it could not even ask");
		break;
	default:
		todo(a,
		     "Do what the message says; Azure's support finds the request by its id");
		break;
	}
}

/* ---- hosts ---- */

/* Addresses that no one outside can have: RFC 1918, 4193, 5735. */
static const char *where(const char *peer)
{
	unsigned a, b;

	if (text_prefix(peer, "127.") || !strcmp(peer, "::1"))
		return ", this host itself";
	if (text_prefix(peer, "169.254."))
		return ", a link-local address";
	if (text_prefix(peer, "fc") || text_prefix(peer, "fd"))
		return ", a private address";
	if (sscanf(peer, "%3u.%3u.", &a, &b) == 2 &&
	    (a == 10 || (a == 172 && b >= 16 && b < 32) ||
	     (a == 192 && b == 168)))
		return ", a private address";
	return strchr(peer, '.') || strchr(peer, ':') ? ", a public address"
						      : "";
}

static void name_todo(const struct doctor_facts *f, struct advice *a)
{
	if (f->vault) {
		todo(a,
		     "See whether there is such a vault, and whether this host's DNS knows it (with a private endpoint: the zone privatelink.vaultcore.azure.net)");
		remedy_vault_show(&a->command, &f->key);
	} else {
		todo(a,
		     "See to this host's DNS (resolvectl query %s), and to the cloud block of the configuration",
		     f->name);
	}
}

/* It came past this step, stopped there, or never came so far. */
static bool passed(const struct doctor_facts *f, struct advice *a,
		   enum answer_step step)
{
	if (f->step == STEP_DONE && f->fault.kind == FAULT_NONE)
		return true;
	if (f->step == step) {
		fail(a, "%s", f->fault.text);
		return false;
	}
	if (f->step == STEP_DONE || (f->step != STEP_LOCAL && f->step > step))
		return true;
	a->result = FINDING_SKIP;
	return false;
}

static void host_name(const struct doctor_facts *f, struct advice *a)
{
	if (!passed(f, a, STEP_NAME)) {
		if (a->result == FINDING_FAIL)
			name_todo(f, a);
	} else if (f->peer[0]) {
		tell(a, "asked at %s%s", f->peer, where(f->peer));
	} else {
		tell(a, "it has an address");
	}
}

static void host_connect(const struct doctor_facts *f, struct advice *a)
{
	if (f->step == STEP_PROXY) {
		fail(a, "%s", f->fault.text);
		todo(a,
		     "See to the proxy (HTTPS_PROXY, NO_PROXY in the service's environment), and to what it lets through");
	} else if (passed(f, a, STEP_CONNECT)) {
		tell(a, "connected");
	} else if (a->result == FINDING_FAIL) {
		todo(a,
		     "Let this host out to %s: a firewall, a route or a security group stands between",
		     f->name);
	}
}

static void host_tls(const struct doctor_facts *f, struct advice *a)
{
	if (passed(f, a, STEP_TLS))
		tell(a, text_prefix(f->name, "http://")
				? "not used with a service of this host"
				: "the certificate is trusted");
	else if (a->result == FINDING_FAIL)
		todo(a,
		     "When something on the way decrypts the traffic, put its CA into the ca-file of the cloud block, or let %s pass unbroken",
		     f->name);
}

static void host_answer(const struct doctor_facts *f, struct advice *a)
{
	if (f->step == STEP_LOCAL ||
	    (f->step == STEP_DONE && f->fault.kind != FAULT_NONE))
		fail(a, "%s", f->fault.text);
	else if (passed(f, a, STEP_ANSWER))
		tell(a, "it answers");
	if (a->result == FINDING_FAIL)
		try_again(f, a);
}

/* ---- this host's clock ---- */

static void clock_offset(const struct doctor_facts *f, struct advice *a)
{
	int64_t off = f->clock_ms < 0 ? -f->clock_ms : f->clock_ms;
	char span[64];

	if (!f->clock_known) {
		a->result = FINDING_SKIP;
		return;
	}
	/* Dates tell seconds: nobody is "1 h 59 min" off. */
	if (off > CLOCK_OK_MS)
		off = (off + 30000) / 60000 * 60000;
	text_duration(span, sizeof(span), off);
	if (off < 2000)
		tell(a, "as Azure's");
	else if (off < CLOCK_OK_MS)
		tell(a, "%s %s Azure's", span,
		     f->clock_ms < 0 ? "behind" : "ahead of");
	else if (off <= CLOCK_BAD_MS)
		warn(a, "This host's clock is %s %s Azure's", span,
		     f->clock_ms < 0 ? "behind" : "ahead of");
	else
		fail(a,
		     "This host's clock is %s %s Azure's; sign-ins by certificate or federation are refused, and the journal's times mislead",
		     span, f->clock_ms < 0 ? "behind" : "ahead of");
	if (off < CLOCK_OK_MS)
		return;
	todo(a, "Have the clock kept by NTP (chrony, systemd-timesyncd)");
	buf_puts(&a->command, "timedatectl set-ntp true");
}

/* ---- credentials ---- */

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
			todo(a, "%s", cures[i].todo);
			cures[i].command(&a->command, c);
			return;
		}
	if (c->kind == CREDENTIAL_MANAGED_IDENTITY &&
	    c->source <= IDENTITY_IMDS && f->fault.kind != FAULT_TRANSIENT &&
	    f->fault.kind != FAULT_THROTTLED && f->fault.kind != FAULT_LOCAL) {
		todo(a,
		     "Give the virtual machine VM of GROUP that identity, or name another one in the credential block");
		remedy_vm_identity(&a->command, c);
	} else {
		try_again(f, a);
	}
}

static void token(const struct doctor_facts *f, struct advice *a)
{
	const struct claims *w = &f->who;
	char until[32];

	if (f->fault.kind != FAULT_NONE) {
		fail(a, "%s", f->fault.text);
		token_cure(f, a);
		return;
	}
	if (!w->object[0] && !w->client[0]) {
		tell(a, "there is one; it does not tell whose it is");
		return;
	}
	text_time(until, sizeof(until), w->expires);
	tell(a, "tenant %s, client %s, object %s%s%s",
	     w->tenant[0] ? w->tenant : "(not told)",
	     w->client[0] ? w->client : "(not told)",
	     w->object[0] ? w->object : "(not told)",
	     until[0] ? "; good until " : "", until);
}

/* ---- keys ---- */

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
	const struct remedy_who w = who(f);
	char address[ANSWER_PEER_MAX];

	if (f->by_arm) {
		todo(a, "Give the credential the role " REMEDY_ARM_ROLE
			" on the vault, and wait some minutes until it holds");
		remedy_vault_reader(&a->command, &w, &f->key);
	} else if (text_same(inner, "ForbiddenByFirewall")) {
		bool told = told_address(f->fault.text, address);

		todo(a, "%s",
		     told ? "Let this host through the vault's firewall"
			  : "Let this host through the vault's firewall; ADDRESS is its public address");
		remedy_vault_address(&a->command, &f->key,
				     told ? address : NULL);
	} else if (text_same(inner, "ForbiddenByConnection")) {
		todo(a,
		     "The vault takes private links only: make one from a SUBNET that this host reaches, in GROUP");
		remedy_vault_link(&a->command, &f->key);
	} else if (text_same(inner, "ForbiddenByPolicy") ||
		   text_same(inner, "AccessDenied")) {
		todo(a,
		     "Give the credential the key permission \"get\" in the vault's access policy");
		remedy_vault_policy(&a->command, &w, &f->key);
	} else {
		todo(a, "Give the credential the role " REMEDY_VAULT_ROLE
			" on the vault, and wait some minutes until it holds");
		remedy_vault_role(&a->command, &w, &f->key);
	}
}

static bool is_disabled(const struct doctor_facts *f)
{
	return text_same(f->fault.inner_code, "KeyDisabled");
}

static void key_read(const struct doctor_facts *f, struct advice *a)
{
	if (f->fault.kind == FAULT_NONE) {
		tell(a, "the newest version is %s%s%s", f->version.version,
		     f->by_arm ? "; read through Resource Manager" : "",
		     f->around ? ", for the vault does not let this host in"
			       : "");
		if (f->key.version[0])
			tell(a, "the version that the watch names is there");
		return;
	}
	if (is_disabled(f)) {
		tell(a, "the vault answers");
		return;
	}
	fail(a, "%s", f->fault.text);
	if (f->fault.kind == FAULT_DENIED) {
		key_denied(f, a);
	} else if (f->fault.kind == FAULT_MISSING) {
		todo(a,
		     "See that the watch's title is right; these keys are there");
		remedy_key_list(&a->command, &f->key);
	} else {
		try_again(f, a);
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
		todo(a, "Enable it, or make a newer version");
		remedy_key_enable(&a->command, &id);
		break;
	case REASON_NEWEST_NO_WRAP:
		todo(a, "Let it wrap and unwrap");
		remedy_key_ops(&a->command, &id);
		break;
	case REASON_NEWEST_NOT_YET:
		warn(a, "%s", buf_str(&a->text));
		todo(a,
		     "Wait until it is valid: registries stay where they are, and follow then");
		break;
	default:
		todo(a,
		     "Make a new version that can be used: RSA, 2048 bits at least, valid now");
		remedy_key_create(&a->command, &f->key);
		break;
	}
}

static void key_usable(const struct doctor_facts *f, struct advice *a)
{
	bool manual = f->key.version[0];
	enum decide_reason reason =
		manual ? decide_manual(&f->version, f->azure_ms)
		       : decide_usable(&f->version, f->azure_ms);
	char text[TEXT_MAX];

	if (is_disabled(f))
		reason = manual ? REASON_MANUAL_DISABLED
				: REASON_NEWEST_DISABLED;
	if (reason == REASON_NONE) {
		tell(a, "enabled, RSA of %d bits, wraps and unwraps",
		     f->version.bits);
		return;
	}
	snprintf(text, sizeof(text), "%s", decide_reason_str(reason));
	if (text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	fail(a, "%s", text);
	key_unfit(f, a, reason);
}

static void key_recovery(const struct doctor_facts *f, struct advice *a)
{
	if (is_disabled(f)) {
		a->result = FINDING_SKIP;
	} else if (f->version.purge_protected) {
		tell(a, "a deleted key can be recovered, and not be purged");
	} else if (!f->version.recoverable) {
		warn(a,
		     "The vault has neither soft delete nor purge protection: a key that is deleted is gone, and with it all images");
		todo(a, "Switch soft delete on, then purge protection");
		remedy_soft_delete(&a->command, &f->key);
	} else {
		warn(a,
		     "The vault has no purge protection: a deleted key can be purged, and then all images are lost for good");
		todo(a,
		     "Switch purge protection on (it cannot be switched off again)");
		remedy_purge_protection(&a->command, &f->key);
	}
}

/* ---- registries ---- */

static void registry_read_check(const struct doctor_facts *f, struct advice *a)
{
	const struct remedy_who w = who(f);

	if (f->fault.kind == FAULT_NONE) {
		tell(a, "it can be read");
		return;
	}
	fail(a, "%s", f->fault.text);
	if (f->fault.kind == FAULT_MISSING) {
		todo(a,
		     "See that the id in the configuration is right; this lists where a registry of that name is");
		remedy_registry_find(&a->command, f->name);
	} else if (f->fault.kind == FAULT_DENIED) {
		todo(a,
		     "Give the credential the role \"" REMEDY_ROLE
		     "\" (the README makes it) on the registry, and wait some minutes until it holds");
		remedy_registry_role(&a->command, &w, f->name);
	} else {
		try_again(f, a);
	}
}

static void registry_premium(const struct doctor_facts *f, struct advice *a)
{
	if (f->view.premium) {
		tell(a, "it is");
		return;
	}
	fail(a,
	     "The registry is not of the Premium tier, and only that one knows keys of its customers");
	todo(a,
	     "Make it Premium; if it was never encrypted with a key of yours, only a new registry can be");
	remedy_registry_premium(&a->command, f->name);
}

static void registry_encryption(const struct doctor_facts *f, struct advice *a)
{
	const struct remedy_who w = who(f);

	if (f->view.encrypted) {
		tell(a,
		     "with a key of its customer, for good: it cannot be switched off");
	} else if (f->view.hidden) {
		fail(a,
		     "Azure does not tell whether the registry is encrypted with a key of yours");
		todo(a, "Give the credential the role \"" REMEDY_ROLE
			"\" (the README makes it) on the registry");
		remedy_registry_role(&a->command, &w, f->name);
	} else {
		fail(a,
		     "The registry is not encrypted with a key of its customer, and that can only be chosen when a registry is made");
		todo(a,
		     "Take it out of the watch, or make a NEW one with an IDENTITY that may use the key, and import the images");
		remedy_registry_create(&a->command, f->name, &f->key);
	}
}

static void registry_key(const struct doctor_facts *f, struct advice *a)
{
	const struct registry_view *v = &f->view;
	char text[KEYID_TEXT_MAX];

	if (v->key_valid && keyid_same_key(&v->key, &f->key)) {
		tell(a, "it is the watch's");
		return;
	}
	if (!v->key_valid) {
		fail(a, "Azure does not tell which key the registry uses");
		try_again(f, a);
		return;
	}
	keyid_print(&v->key, text, sizeof(text));
	if (f->takeover) {
		warn(a,
		     "The registry uses %s; the watch says takeover, so it will be moved to the watch's key",
		     text);
		todo(a, "Nothing, if that is meant");
		return;
	}
	fail(a, "The registry uses another key than its watch: %s", text);
	todo(a,
	     "Put it into a watch on that key, or say takeover = \"true\", or move it by hand");
	remedy_registry_key(&a->command, f->name, &f->key, v->identity);
}

static void registry_identity(const struct doctor_facts *f, struct advice *a)
{
	const struct registry_view *v = &f->view;

	if (!v->identity[0]) {
		warn(a, "Azure does not tell which identity reads the key");
		todo(a, "See to it in the portal, under Encryption");
	} else if (!v->identity_attached) {
		fail(a,
		     "The identity %s, which reads the key, is no longer assigned to the registry: the next write is refused, and access to images is lost in the end",
		     v->identity);
		todo(a, "Assign it again before anything else");
		remedy_registry_identity(&a->command, f->name, v->identity);
	} else if (f->identity && *f->identity &&
		   !text_same(f->identity, v->identity)) {
		warn(a,
		     "The registry reads its key as %s, and the watch expects %s",
		     v->identity, f->identity);
		todo(a, "Correct the watch, or the registry");
	} else {
		tell(a, "%s is assigned", v->identity);
	}
}

static void missing_right(const struct doctor_facts *f, struct advice *a,
			  enum call_right right, const char *because)
{
	const struct remedy_who w = who(f);

	fail(a, "The credential may not %s: %s", rights_action(right), because);
	todo(a,
	     "Give the credential the role \"" REMEDY_ROLE
	     "\" (the README makes it) on the registry, and wait some minutes until it holds");
	remedy_registry_role(&a->command, &w, f->name);
}

/* Not to be told is no failure: the daemon itself never asks for it. */
static void registry_rights(const struct doctor_facts *f, struct advice *a)
{
	if (f->rights_known) {
		tell(a, "Azure tells what the credential may do");
		return;
	}
	warn(a, "It is not known what the credential may do: %s",
	     f->rights_fault.kind != FAULT_NONE
		     ? f->rights_fault.text
		     : "Azure does not tell all of it at once");
	todo(a,
	     "Compare the credential's role with the one of the README; to have it told here, add Microsoft.Authorization/permissions/read");
}

static void one_right(const struct doctor_facts *f, struct advice *a,
		      enum call_right right, const char *because)
{
	if (f->mode == WATCH_OBSERVE)
		tell(a, "not needed, for the watch only observes");
	else if (f->rights & right)
		tell(a, "the credential's roles allow it");
	else if (f->rights_known)
		missing_right(f, a, right, because);
	else
		a->result = FINDING_SKIP;
}

static void registry_write(const struct doctor_facts *f, struct advice *a)
{
	one_right(f, a, CALL_RIGHT_WRITE, "no new version can be written");
}

static void registry_operations(const struct doctor_facts *f, struct advice *a)
{
	one_right(f, a, CALL_RIGHT_OPERATIONS,
		  "a write starts, but nobody sees how it ends");
}

static void registry_state(const struct doctor_facts *f, struct advice *a)
{
	switch (f->view.provisioning) {
	case PROVISIONING_SUCCEEDED:
		tell(a, "nothing is under way");
		break;
	case PROVISIONING_FAILED:
	case PROVISIONING_CANCELED:
		warn(a,
		     "The last change of the registry did not succeed (provisioningState)");
		todo(a,
		     "See the registry's activity log; the next write settles it, as a rule");
		break;
	default:
		tell(a, "Azure is at work on it just now");
		break;
	}
}

static void registry_trust(const struct doctor_facts *f, struct advice *a)
{
	if (!f->view.content_trust) {
		tell(a, "off, as it has to be");
		return;
	}
	warn(a,
	     "Content trust is on, which registries with a key of their customer do not support");
	todo(a, "Switch it off, and sign with Notation instead");
	remedy_content_trust(&a->command, f->name);
}

static void registry_logs(const struct doctor_facts *f, struct advice *a)
{
	(void)f;
	tell(a,
	     "logs of ACR Tasks are kept for 24 hours only, a limit of such registries");
}

/* ---- the table ---- */

static const struct check {
	enum doctor_kind about;
	const char *name;
	const char *needs; /* an earlier check of the same; NULL: none */
	void (*judge)(const struct doctor_facts *f, struct advice *a);
} checks[] = {
	{ DOCTOR_HOST, "name resolution", NULL, host_name },
	{ DOCTOR_HOST, "TCP", "name resolution", host_connect },
	{ DOCTOR_HOST, "TLS", "TCP", host_tls },
	{ DOCTOR_HOST, "answer", "TLS", host_answer },
	{ DOCTOR_CLOCK, "offset", NULL, clock_offset },
	{ DOCTOR_CREDENTIAL, "token", NULL, token },
	{ DOCTOR_KEY, "read", NULL, key_read },
	{ DOCTOR_KEY, "usable", "read", key_usable },
	{ DOCTOR_KEY, "purge protection", "read", key_recovery },
	{ DOCTOR_REGISTRY, "read", NULL, registry_read_check },
	{ DOCTOR_REGISTRY, "Premium", "read", registry_premium },
	{ DOCTOR_REGISTRY, "encryption", "Premium", registry_encryption },
	{ DOCTOR_REGISTRY, "key", "encryption", registry_key },
	{ DOCTOR_REGISTRY, "identity", "encryption", registry_identity },
	{ DOCTOR_REGISTRY, "state", "read", registry_state },
	{ DOCTOR_REGISTRY, "rights", "read", registry_rights },
	{ DOCTOR_REGISTRY, "right to write", "rights", registry_write },
	{ DOCTOR_REGISTRY, "right to follow a write", "rights",
	  registry_operations },
	{ DOCTOR_REGISTRY, "content trust", "encryption", registry_trust },
	{ DOCTOR_REGISTRY, "task logs", "encryption", registry_logs },
};

#define N_CHECKS (sizeof(checks) / sizeof(checks[0]))

static const char *const kinds[DOCTOR_KINDS] = {
	[DOCTOR_HOST] = "host",
	[DOCTOR_CLOCK] = "clock",
	[DOCTOR_CREDENTIAL] = "credential",
	[DOCTOR_KEY] = "key",
	[DOCTOR_REGISTRY] = "registry",
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
	buf_reset(&a->todo);
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
	bool good = true;
	struct advice a;

	buf_init(&a.text, TEXT_MAX);
	buf_init(&a.todo, TEXT_MAX);
	buf_init(&a.command, REMEDY_MAX);
	for (size_t i = 0; i < N_CHECKS; i++) {
		const struct check *c = &checks[i];

		if (c->about != f->kind)
			continue;
		judge(f, c, is_met(c, results), &a);
		results[i] = a.result;
		good &= a.result <= FINDING_WARN;
		if (found)
			found(&(struct finding){ .result = a.result,
						 .kind = kinds[f->kind],
						 .name = f->name,
						 .check = c->name,
						 .text = buf_str(&a.text),
						 .todo = or_null(&a.todo),
						 .command =
							 or_null(&a.command) },
			      arg);
	}
	buf_free(&a.text);
	buf_free(&a.todo);
	buf_free(&a.command);
	return good;
}
