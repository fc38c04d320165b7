/* engine/remedies: what a person can do, for each reason and each danger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine/model.h"
#include "engine/remedies.h"
#include "engine_help.h"

static struct rig g;
static struct registry *r;

static int start(void **state)
{
	size_t n;

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 2), 2);
	rig_tick(&g);
	r = engine_find(g.engine, rig_id(0), &n);
	assert_non_null(r);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

struct heard {
	char all[8192]; /* "text|command\n" of each */
	unsigned n;
};

static void hear(const char *text, const char *command, void *arg)
{
	struct heard *h = arg;
	size_t at = strlen(h->all);

	assert_true(text[0] && text_is_utf8(text, strlen(text)));
	/* A sentence stands before its command, or alone. */
	assert_int_equal(text[strlen(text) - 1], command ? ':' : '.');
	assert_true(!command || (command[0] && !strchr(command, '\n')));
	snprintf(h->all + at, sizeof(h->all) - at, "%s|%s\n", text,
		 command ? command : "");
	h->n++;
}

static struct heard told(void)
{
	struct heard h = { .n = 0 };

	remedies_of(g.engine, r, hear, &h);
	return h;
}

/* One remedy only, in which all of `want` is; NULL: none. */
static void one(const char *want)
{
	struct heard h = told();

	assert_int_equal(h.n, want ? 1 : 0);
	if (want && !strstr(h.all, want))
		fail_msg("no \"%s\" in %s", want, h.all);
}

static void each_reason(void **state)
{
	static const struct {
		enum decide_reason reason;
		const char *want; /* NULL: nobody has to do anything */
	} rows[] = {
		{ REASON_NONE, NULL },
		{ REASON_CURRENT, NULL },
		{ REASON_BUSY, NULL },
		{ REASON_WRITING, NULL },
		{ REASON_CANARY_WAIT, NULL },
		{ REASON_UNREACHABLE, NULL },
		{ REASON_KEY_ERROR, NULL }, /* without a fault of the key */
		{ REASON_NEWEST_DISABLED,
		  "set-attributes --id " RIG_KEY "/" V1 " --enabled true" },
		{ REASON_MANUAL_DISABLED, " --enabled true" },
		{ REASON_NEWEST_NO_WRAP, " --ops wrapKey unwrapKey" },
		{ REASON_NEWEST_NOT_YET, "|az keyvault key create " },
		{ REASON_NEWEST_EXPIRED, "|az keyvault key create " },
		{ REASON_NEWEST_NOT_RSA, "|az keyvault key create " },
		{ REASON_NEWEST_SHORT, "|az keyvault key create " },
		{ REASON_MANUAL_EXPIRED, "|az keyvault key create " },
		{ REASON_MANUAL_UNFIT, "|az keyvault key create " },
		{ REASON_NEWEST_MISSING,
		  "|az keyvault key recover --vault-name contoso "
		  "--name acr-cmk\n" },
		{ REASON_IN_USE_LOST, "|az keyvault key recover " },
		{ REASON_MANUAL_MISSING, "|az keyvault key recover " },
		{ REASON_IDENTITY_DETACHED, "|az acr identity assign " },
		{ REASON_IDENTITY_OTHER, "the identity that the watch names" },
		{ REASON_FOREIGN_KEY, "`takeover = true`" },
		{ REASON_DENIED, "|az role assignment create " },
		{ REASON_NOT_PREMIUM, " --sku Premium\n" },
		{ REASON_NO_CMK, "|az acr create --name NEW " },
		{ REASON_MISSING, "|az acr list " },
		{ REASON_MANUAL, "|keyrotctl rotate registry0\n" },
		{ REASON_BUSY_LONG,
		  "|az monitor activity-log list --resource-id /sub" },
		{ REASON_REFUSED, "Azure's words" },
		{ REASON_CANARY_REFUSED, "Azure's words" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r->reason = rows[i].reason;
		one(rows[i].want);
	}
	/* Key Vault does not tell which one it is. */
	r->watch->newest_disabled = true;
	r->reason = REASON_NEWEST_DISABLED;
	one("--id " RIG_KEY " --enabled true");
}

static void key_fault(enum fault_kind kind, const char *inner, const char *want)
{
	struct fault f;

	fault_set(&f, kind, 403, "No.");
	text_copy(f.inner_code, sizeof(f.inner_code), inner);
	model_fault_keep(g.engine, &r->watch->error, &f);
	r->reason = REASON_KEY_ERROR;
	one(want);
}

static void what_keeps_the_key_from_being_read(void **state)
{
	(void)state;
	key_fault(FAULT_TRANSIENT, "", NULL);
	key_fault(FAULT_MISSING, "", "|az keyvault key recover ");
	key_fault(FAULT_DENIED, "ForbiddenByRbac",
		  "|az role assignment create ");
	key_fault(FAULT_DENIED, "", "|az role assignment create ");
	key_fault(FAULT_DENIED, "AccessDenied",
		  "|az keyvault set-policy --name contoso ");
	key_fault(FAULT_DENIED, "ForbiddenByFirewall",
		  "|az keyvault network-rule add ");
	key_fault(FAULT_DENIED, "ForbiddenByConnection",
		  "|az network private-endpoint create ");
}

static void each_danger(void **state)
{
	static const struct {
		unsigned warning;
		const char *want;
	} rows[] = {
		{ WARN_IN_USE_DISABLED, RIG_KEY "/" V1 " --enabled true" },
		{ WARN_IN_USE_MISSING, "|az keyvault key recover " },
		{ WARN_IN_USE_EXPIRED, "|az keyvault key create " },
		{ WARN_IN_USE_EXPIRING, "|az keyvault key create " },
		{ WARN_KEY_OLD, "|az keyvault key create " },
		{ WARN_KEY_AGEING, "|az keyvault key create " },
		{ WARN_IDENTITY_DETACHED, "|az acr identity assign " },
		{ WARN_PURGEABLE, "--enable-purge-protection true" },
		{ WARN_DRIFT, NULL },
		{ WARN_AUTO_OFF, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r->warnings = (unsigned short)rows[i].warning;
		one(rows[i].want);
	}
	r->warnings = 0;
}

/* One command for one fault, and what is lost for good comes first. */
static void once_and_in_order(void **state)
{
	struct heard h;
	const char *a, *b;

	(void)state;
	r->reason = REASON_IDENTITY_DETACHED;
	r->warnings = WARN_IDENTITY_DETACHED;
	one("|az acr identity assign ");
	r->warnings |= WARN_IN_USE_DISABLED | WARN_PURGEABLE;
	h = told();
	assert_int_equal(h.n, 3);
	a = strstr(h.all, "--enabled true");
	b = strstr(h.all, "az acr identity assign");
	assert_true(a && b && a < b);
	assert_true(b < strstr(h.all, "--enable-purge-protection"));
	r->warnings = (1u << DECIDE_WARNINGS) - 1;
	assert_true(told().n <= 4);
	r->warnings = 0;
}

static void who_has_paused(void **state)
{
	int64_t until = rig_azure(&g) + HOUR;

	(void)state;
	engine_pause_by(g.engine, r, until, "uid 7", "why.", NULL, 0, g.now);
	one("To end its pause before that:|keyrotctl resume registry0\n");
	/* To end one of two is not enough; what is told elsewhere is the one
	 * that lasts longer. */
	engine_pause_by(g.engine, NULL, until + HOUR, "uid 8", NULL, NULL, 0,
			g.now);
	one("Beside that one, writes to it are paused until ");
	one("Z, by uid 7, because: why. To end both, and each pause of another "
	    "registry:|keyrotctl resume --all\n");
	engine_pause(g.engine, r, until + 2 * HOUR, NULL, 0, g.now);
	one("Beside that one, writes to all are paused until ");
	one("Z, by uid 8. To end both, ");
	one("|keyrotctl resume --all\n");
	engine_pause(g.engine, r, 0, NULL, 0, g.now);
	one("To end the pause of all before that:|keyrotctl resume --all\n");
	engine_pause(g.engine, NULL, 0, NULL, 0, g.now);
	one(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_reason),    TEST(what_keeps_the_key_from_being_read),
		TEST(each_danger),    TEST(once_and_in_order),
		TEST(who_has_paused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
