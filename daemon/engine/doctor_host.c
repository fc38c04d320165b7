/* Judges the way to a host step by step, and the clock. */
#include "engine/doctor_host.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define CLOCK_OK_MS 60000   /* nothing here or at Azure minds */
#define CLOCK_BAD_MS 300000 /* Entra's tolerance for what is signed */

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
		doctor_advice_do(
			a,
			"See whether there is such a vault, and whether this host's DNS knows it (with a private endpoint: the zone privatelink.vaultcore.azure.net)");
		remedy_vault_show(&a->command, &f->key);
	} else if (f->storage) {
		doctor_advice_do(
			a,
			"See whether there is such a storage account, and whether this host's DNS knows it (with a private endpoint: the zones privatelink.blob.core.windows.net and privatelink.queue.core.windows.net)");
	} else {
		doctor_advice_do(
			a,
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
		doctor_advice_fail(a, "%s", f->fault.text);
		return false;
	}
	if (f->step == STEP_DONE || (f->step != STEP_LOCAL && f->step > step))
		return true;
	a->result = FINDING_SKIP;
	return false;
}

void doctor_host_name(const struct doctor_facts *f, struct advice *a)
{
	if (!passed(f, a, STEP_NAME)) {
		if (a->result == FINDING_FAIL)
			name_todo(f, a);
	} else if (f->peer[0] && f->proxied) {
		/* Which address the proxy asks it does not tell. */
		doctor_advice_tell(a, "left to the proxy at %s", f->peer);
	} else if (f->peer[0]) {
		doctor_advice_tell(a, "asked at %s%s", f->peer, where(f->peer));
	} else {
		doctor_advice_tell(a, "it has an address");
	}
}

/* Who hands out a managed identity's tokens is reached without TLS, and lies
 * on this host or next to it: nothing stands between. */
static bool is_local(const struct doctor_facts *f)
{
	return text_prefix(f->name, "http://");
}

static void connect_todo(const struct doctor_facts *f, struct advice *a)
{
	if (!is_local(f))
		doctor_advice_do(
			a,
			"Let this host out to %s: a firewall, a route or a security group stands between",
			f->name);
	else if (text_prefix(f->name, "http://169.254."))
		doctor_advice_do(
			a,
			"If this is a virtual machine of Azure, let the daemon reach its metadata service; if it is none, name another type or source in the credential block");
	else
		doctor_advice_do(
			a,
			"Start the service of this host that is to answer there (the Azure Arc agent: systemctl start himdsd), or name another source in the credential block");
}

void doctor_host_connect(const struct doctor_facts *f, struct advice *a)
{
	if (f->step == STEP_PROXY) {
		doctor_advice_fail(a, "%s", f->fault.text);
		doctor_advice_do(
			a,
			"See to the proxy (HTTPS_PROXY, NO_PROXY in the service's environment), and to what it lets through");
	} else if (passed(f, a, STEP_CONNECT)) {
		doctor_advice_tell(a, "connected");
	} else if (a->result == FINDING_FAIL) {
		connect_todo(f, a);
	}
}

void doctor_host_tls(const struct doctor_facts *f, struct advice *a)
{
	if (passed(f, a, STEP_TLS))
		doctor_advice_tell(
			a, is_local(f) ? "not used with a service of this host"
				       : "the certificate is trusted");
	else if (a->result == FINDING_FAIL && f->fault.kind == FAULT_LOCAL)
		doctor_advice_do(
			a,
			"See that the ca-file of the cloud block is there, is PEM, and can be read by the daemon's user; without that option the system's is used (package ca-certificates)");
	else if (a->result == FINDING_FAIL)
		doctor_advice_do(
			a,
			"When something on the way decrypts the traffic, put its CA into the ca-file of the cloud block, or let %s pass unbroken",
			f->name);
}

void doctor_host_answer(const struct doctor_facts *f, struct advice *a)
{
	if (f->step == STEP_LOCAL ||
	    (f->step == STEP_DONE && f->fault.kind != FAULT_NONE))
		doctor_advice_fail(a, "%s", f->fault.text);
	else if (passed(f, a, STEP_ANSWER))
		doctor_advice_tell(a, "it answers");
	if (a->result == FINDING_FAIL && is_local(f) &&
	    f->fault.kind != FAULT_LOCAL)
		doctor_advice_do(
			a,
			"See to the service of this host that answers there, or name another source in the credential block");
	else if (a->result == FINDING_FAIL)
		doctor_advice_again(&f->fault, a);
}

void doctor_host_clock(const struct doctor_facts *f, struct advice *a)
{
	int64_t off = f->clock_ms < 0 ? -f->clock_ms : f->clock_ms;
	char span[64];

	if (!f->clock_known) {
		a->result = FINDING_SKIP;
		return;
	}
	/* Dates tell seconds: nobody is "1 h 59 min" off. */
	if (off > CLOCK_OK_MS)
		text_duration(span, sizeof(span),
			      (off + 30000) / 60000 * 60000);
	else
		text_duration(span, sizeof(span), off);
	if (off < 2000)
		doctor_advice_tell(a, "as Azure's");
	else if (off < CLOCK_OK_MS)
		doctor_advice_tell(a, "%s %s Azure's", span,
				   f->clock_ms < 0 ? "behind" : "ahead of");
	else if (off <= CLOCK_BAD_MS)
		doctor_advice_warn(a, "This host's clock is %s %s Azure's",
				   span,
				   f->clock_ms < 0 ? "behind" : "ahead of");
	else
		doctor_advice_fail(
			a,
			"This host's clock is %s %s Azure's; sign-ins by certificate or federation are refused, and the journal's times mislead",
			span, f->clock_ms < 0 ? "behind" : "ahead of");
	if (off < CLOCK_OK_MS)
		return;
	doctor_advice_do(
		a, "Have the clock kept by NTP (chrony, systemd-timesyncd)");
	buf_puts(&a->command, "timedatectl set-ntp true");
}
