/* engine/doctor: what is asked, in which order, and what follows from what;
 * engine/doctor_checks: findings out of plain facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine/doctor_checks.h"
#include "engine_help.h"

#define FOUND_MAX 400
#define GUID "cccccccc-0000-4000-8000-000000000003"

static struct rig g;

/* What was handed out: "key read fail", one after the other. */
static struct {
	char names[FOUND_MAX][64], texts[FOUND_MAX][512];
	enum finding_result results[FOUND_MAX];
	char commands[FOUND_MAX][512];
	size_t n;
} all;

static void keep_finding(const struct finding *f, void *arg)
{
	(void)arg;
	assert_true(all.n < FOUND_MAX);
	assert_true(f->text[0] && f->text[strlen(f->text) - 1] == '.');
	snprintf(all.names[all.n], sizeof(all.names[0]), "%s %s %s", f->kind,
		 f->check, finding_str(f->result));
	text_copy(all.texts[all.n], sizeof(all.texts[0]), f->text);
	text_copy(all.commands[all.n], sizeof(all.commands[0]),
		  f->command ? f->command : "");
	all.results[all.n++] = f->result;
}

static size_t count(enum finding_result result)
{
	size_t n = 0;

	for (size_t i = 0; i < all.n; i++)
		n += all.results[i] == result;
	return n;
}

static bool was_found(const char *name)
{
	for (size_t i = 0; i < all.n; i++)
		if (strcmp(all.names[i], name) == 0)
			return true;
	return false;
}

static int fresh(void **state)
{
	(void)state;
	all.n = 0;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 2), 2);
	rig_run(&g, 20 * SECOND);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	g.order[0] = '\0';
	return 0;
}

static int over(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

static bool is_over(void)
{
	size_t done, subjects;

	return engine_examined(g.engine, &done, &subjects);
}

/* Answers come and findings are taken, until it is over or ms have gone. */
static void visit(int64_t ms)
{
	for (int64_t t = 0; t <= ms && !is_over(); t += SECOND) {
		for (int i = 0; i < 20; i++) {
			while (engine_found(g.engine, keep_finding, NULL))
				;
			rig_tick(&g);
		}
		if (!is_over() && ms)
			rig_run(&g, SECOND);
	}
}

/* ---- a visit ---- */

static void all_is_well(void **state)
{
	(void)state;
	assert_true(engine_examine(g.engine, g.now));
	visit(0);
	assert_true(is_over());
	assert_int_equal(count(FINDING_OK), all.n);
	/* A token's host, Resource Manager, the vault; two registries. */
	assert_int_equal(all.n, 3 * 4 + 1 + 1 + 3 + 2 * 11);
	assert_string_equal(all.names[0], "host name resolution ok");
	assert_non_null(strstr(all.texts[0], "10.0.0.1, a private address"));
	/* Hosts, then new tokens, then the rest; and nothing is written. */
	assert_memory_equal(g.order, "HHHTT", 5);
	assert_null(strchr(g.order, 'P'));
	engine_dismiss(g.engine);
}

static void one_at_a_time(void **state)
{
	(void)state;
	assert_true(engine_examine(g.engine, g.now));
	assert_false(engine_examine(g.engine, g.now));
	g.may_lose = true;
	rig_drain(&g);
	engine_dismiss(g.engine);
	rig_drain(&g);
	/* What was under way is taken back, and the daemon goes on. */
	assert_int_equal(g.cancels, 3);
	assert_true(engine_examine(g.engine, g.now));
	visit(0);
	assert_true(is_over());
	engine_dismiss(g.engine);
}

static void the_cause_and_nothing_else(void **state)
{
	(void)state;
	fault_set(&g.faults[CALL_KEY], FAULT_DENIED, 403, "No.");
	text_copy(g.faults[CALL_KEY].inner_code, FAULT_CODE_MAX,
		  "ForbiddenByRbac");
	assert_true(engine_examine(g.engine, g.now));
	visit(0);
	assert_int_equal(count(FINDING_FAIL), 1);
	assert_true(was_found("key read fail"));
	assert_true(was_found("key usable skip"));
	assert_true(was_found("registry key ok"));
	engine_dismiss(g.engine);
}

static void no_host_no_question(void **state)
{
	(void)state;
	fault_set(&g.faults[CALL_REACH], FAULT_INVALID, 0, "No.");
	assert_true(engine_examine(g.engine, g.now));
	visit(0);
	assert_int_equal(count(FINDING_FAIL), 3);
	assert_true(was_found("credential token skip"));
	assert_true(was_found("registry read skip"));
	assert_string_equal(g.order, "HHH");
	engine_dismiss(g.engine);
}

/* The old token serves on for everybody else. */
static void a_new_token_is_asked_for(void **state)
{
	(void)state;
	fault_set(&g.faults[CALL_TOKEN], FAULT_AUTH, 401, "No.");
	assert_true(engine_examine(g.engine, g.now));
	visit(0);
	assert_true(is_over());
	assert_int_equal(count(FINDING_FAIL), 1);
	assert_true(was_found("credential token fail"));
	assert_true(was_found("key read skip"));
	assert_int_equal(g.forgets, 0);
	engine_dismiss(g.engine);
	g.faults[CALL_TOKEN] = fault_none();
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 3 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
}

static void a_passing_fault_is_none(void **state)
{
	(void)state;
	fault_set(&g.faults[CALL_RIGHTS], FAULT_TRANSIENT, 503, "Busy.");
	assert_true(engine_examine(g.engine, g.now));
	visit(0);
	assert_false(is_over());
	g.faults[CALL_RIGHTS] = fault_none();
	visit(5 * SECOND);
	assert_true(is_over());
	assert_int_equal(count(FINDING_OK), all.n);
	engine_dismiss(g.engine);
}

static void it_ends_whatever_is_held_back(void **state)
{
	(void)state;
	g.may_lose = true;
	g.hold = 1u << CALL_RIGHTS;
	assert_true(engine_examine(g.engine, g.now));
	visit(10 * MINUTE);
	assert_true(is_over());
	assert_int_equal(count(FINDING_FAIL), 0);
	assert_int_equal(count(FINDING_WARN), 2);
	assert_true(was_found("registry rights warn"));
	assert_true(was_found("registry right to write skip"));
	engine_dismiss(g.engine);
}

/* A server says when: that is told, for nobody waits so long. */
static void told_to_wait_for_an_hour(void **state)
{
	(void)state;
	fault_set(&g.faults[CALL_REGISTRY], FAULT_THROTTLED, 429, "Slow down.");
	g.faults[CALL_REGISTRY].retry_after_ms = HOUR;
	assert_true(engine_examine(g.engine, g.now));
	visit(10 * SECOND);
	assert_true(is_over());
	assert_int_equal(count(FINDING_FAIL), 2);
	assert_true(was_found("registry read fail"));
	engine_dismiss(g.engine);
}

static void a_reload_meanwhile(void **state)
{
	char *text = rig_config("", RIG_OTHER_KEY, "", 0, 1);

	(void)state;
	assert_true(engine_examine(g.engine, g.now));
	rig_drain(&g);
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	visit(0);
	assert_true(is_over());
	/* What the old one named. */
	assert_int_equal(all.n, 3 * 4 + 1 + 1 + 3 + 2 * 11);
	engine_dismiss(g.engine);
}

static void idle_but_for_the_doctor(void **state)
{
	char *text = rig_config("", RIG_KEY, "", 0, 2);

	(void)state;
	engine_free(g.engine);
	g.n_asked = 0;
	g.engine = engine_new_idle(rig_parse(text), 1, g.now);
	free(text);
	g.order[0] = '\0';
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(g.order, "");
	assert_true(engine_examine(g.engine, g.now));
	visit(0);
	assert_true(is_over());
	assert_int_equal(count(FINDING_OK), all.n);
	engine_dismiss(g.engine);
}

#define STORES                                                                \
	"credential default { type = managed-identity }\n"                    \
	"credential other { type = client-secret\ntenant = contoso.example\n" \
	"client-id = " GUID "\nsecret-file = /x }\n"                          \
	"lease fleet {\n"                                                     \
	"url = 'https://contoso.blob.core.windows.net/keyrotd/fleet'\n"       \
	"credential = other }\n"                                              \
	"events hints {\n"                                                    \
	"queue = 'https://contoso.queue.core.windows.net/hints' }\n"

/* A daemon that does nothing else looks at these, too. */
static void visit_stores(void)
{
	char *text = rig_config(STORES, RIG_KEY, "", 0, 1);

	engine_free(g.engine);
	g.n_asked = 0;
	g.engine = engine_new_idle(rig_parse(text), 1, g.now);
	free(text);
	g.may_lose = true;
	assert_true(engine_examine(g.engine, g.now));
	visit(MINUTE);
	assert_true(is_over());
	engine_dismiss(g.engine);
}

static const char *text_of(const char *name)
{
	for (size_t i = 0; i < all.n; i++)
		if (strcmp(all.names[i], name) == 0)
			return all.texts[i];
	fail_msg("%s was not found", name);
	return "";
}

static void leases_and_queues_are_looked_at(void **state)
{
	(void)state;
	g.lease.holder[0] = '\0';
	visit_stores();
	assert_int_equal(count(FINDING_OK), all.n);
	assert_string_equal(text_of("lease read ok"), "nobody holds it.");
	assert_true(was_found("lease right to write ok"));
	assert_string_equal(text_of("queue read ok"),
			    "no message waits in it.");
	assert_true(was_found("queue right to delete ok"));
	/* Nothing is taken, held or made. */
	assert_int_equal(g.lease.steps[LEASE_MAKE], 0);
	assert_int_equal(g.lease.steps[LEASE_ACQUIRE], 0);
	assert_int_equal(g.lease.steps[LEASE_TELL], 0);
	assert_int_equal(g.lease.steps[LEASE_LOOK], 1);
	assert_int_equal(g.lease.steps[LEASE_RENEW], 1);
	/* Its credential is used, though by no watch. */
	for (size_t i = 0; i < all.n; i++)
		assert_null(strstr(all.texts[i], "no watch uses"));
}

static void a_queue_that_is_not_there(void **state)
{
	(void)state;
	fault_set(&g.faults[CALL_HINTS], FAULT_MISSING, 404, "Gone.");
	text_copy(g.faults[CALL_HINTS].azure_code, FAULT_CODE_MAX,
		  "QueueNotFound");
	visit_stores();
	assert_true(was_found("queue read fail"));
	assert_true(was_found("queue right to delete skip"));
	assert_true(was_found("lease read ok"));
}

/* ---- facts ---- */

static void facts_of_storage(void **state)
{
	static const struct {
		enum doctor_kind kind;
		bool later; /* of the second question */
		enum fault_kind fault;
		const char *code, *found, *command;
	} rows[] = {
		{ DOCTOR_LEASE, false, FAULT_MISSING, "BlobNotFound",
		  "lease read ok", "" },
		{ DOCTOR_LEASE, false, FAULT_MISSING, "ContainerNotFound",
		  "lease read fail",
		  "az storage container create --auth-mode login "
		  "--account-name acct --name keyrotd" },
		{ DOCTOR_LEASE, false, FAULT_DENIED, "AuthorizationFailure",
		  "lease read fail",
		  "az storage account network-rule add --account-name acct "
		  "--ip-address ADDRESS" },
		{ DOCTOR_LEASE, true, FAULT_DENIED,
		  "AuthorizationPermissionMismatch",
		  "lease right to write fail",
		  "az role assignment create --assignee-object-id OBJECT-ID "
		  "--assignee-principal-type ServicePrincipal --role 'Storage "
		  "Blob Data Contributor' --scope \"$(az storage account show "
		  "--name acct --query id --output tsv)\"/blobServices/default/"
		  "containers/keyrotd" },
		{ DOCTOR_LEASE, true, FAULT_TRANSIENT, "ServerBusy",
		  "lease right to write warn", "" },
		{ DOCTOR_LEASE, true, FAULT_INVALID, "InvalidHeaderValue",
		  "lease right to write ok", "" },
		{ DOCTOR_QUEUE, false, FAULT_MISSING, "QueueNotFound",
		  "queue read fail",
		  "az storage queue create --auth-mode login --account-name "
		  "acct --name keyrotd" },
		{ DOCTOR_QUEUE, true, FAULT_DENIED,
		  "AuthorizationPermissionMismatch",
		  "queue right to delete fail",
		  "az role assignment create --assignee-object-id OBJECT-ID "
		  "--assignee-principal-type ServicePrincipal --role 'Storage "
		  "Queue Data Message Processor' --scope \"$(az storage "
		  "account show --name acct --query id --output tsv)\""
		  "/queueServices/default/queues/keyrotd" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_facts f = {
			.kind = rows[i].kind,
			.name = "x",
			.url = "https://acct.blob.core.windows.net/keyrotd/b",
			.fault = fault_none(),
			.rights_fault = fault_none()
		};
		struct fault *bad = rows[i].later ? &f.rights_fault : &f.fault;
		size_t k = 0;

		fault_set(bad, rows[i].fault, 403, "Refused.");
		text_copy(bad->azure_code, FAULT_CODE_MAX, rows[i].code);
		all.n = 0;
		doctor_checks_run(&f, keep_finding, NULL);
		while (k < all.n && strcmp(all.names[k], rows[i].found) != 0)
			k++;
		if (k == all.n)
			fail_msg("%s is not there", rows[i].found);
		assert_string_equal(all.commands[k], rows[i].command);
	}
}

static void who_holds_a_lease_is_told(void **state)
{
	struct doctor_facts f = { .kind = DOCTOR_LEASE,
				  .name = "x",
				  .url = "",
				  .fault = fault_none(),
				  .rights_fault = fault_none(),
				  .held = true };

	(void)state;
	all.n = 0;
	doctor_checks_run(&f, keep_finding, NULL);
	assert_string_equal(all.texts[0], "somebody holds it.");
	f.told = true;
	f.holder = (struct lease_holder){ .host = "ops-1",
					  .since = "2026-01-02T03:04:05Z" };
	all.n = 0;
	doctor_checks_run(&f, keep_finding, NULL);
	assert_string_equal(all.texts[0],
			    "ops-1 holds it since 2026-01-02T03:04:05Z.");
	f.kind = DOCTOR_QUEUE;
	f.messages = 3;
	all.n = 0;
	doctor_checks_run(&f, keep_finding, NULL);
	assert_string_equal(all.texts[0], "messages wait in it: 3.");
	f.messages = HINTS_MAX;
	all.n = 0;
	doctor_checks_run(&f, keep_finding, NULL);
	assert_string_equal(all.texts[0], "many messages wait in it.");
}

static struct doctor_facts registry_facts(void)
{
	struct doctor_facts f = { .kind = DOCTOR_REGISTRY,
				  .name = rig_id(0),
				  .azure_ms = RIG_NOW,
				  .fault = fault_none(),
				  .rights_fault = fault_none(),
				  .mode = WATCH_FOLLOW,
				  .rights_known = true,
				  .rights = CALL_RIGHT_READ | CALL_RIGHT_WRITE |
					    CALL_RIGHT_OPERATIONS };
	struct fault why;

	keyid_parse(&f.key, RIG_KEY, &why);
	f.view = rig_view(V1);
	return f;
}

static void facts_of_registries(void **state)
{
	struct doctor_facts f = registry_facts();

	(void)state;
	all.n = 0;
	assert_true(doctor_checks_run(&f, keep_finding, NULL));
	assert_int_equal(count(FINDING_OK), all.n);
	f.view.hidden = true;
	f.view.encrypted = false;
	assert_false(doctor_checks_run(&f, keep_finding, NULL));
	assert_true(was_found("registry encryption fail"));
	assert_true(was_found("registry identity skip"));
	f = registry_facts();
	f.identity = GUID;
	all.n = 0;
	assert_true(doctor_checks_run(&f, keep_finding, NULL));
	assert_true(was_found("registry identity warn"));
	f = registry_facts();
	f.rights_known = false;
	f.rights = CALL_RIGHT_WRITE;
	all.n = 0;
	assert_true(doctor_checks_run(&f, keep_finding, NULL));
	assert_true(was_found("registry rights warn"));
	assert_true(was_found("registry right to write ok"));
	assert_true(was_found("registry right to follow a write skip"));
	f.left_out = true;
	all.n = 0;
	assert_false(doctor_checks_run(&f, keep_finding, NULL));
	assert_int_equal(count(FINDING_SKIP), all.n);
}

static void facts_of_hosts(void **state)
{
	static const struct {
		enum answer_step step;
		const char *fails;
		size_t ok;
	} rows[] = {
		{ STEP_NAME, "host name resolution fail", 0 },
		{ STEP_PROXY, "host TCP fail", 1 },
		{ STEP_CONNECT, "host TCP fail", 1 },
		{ STEP_TLS, "host TLS fail", 2 },
		{ STEP_ANSWER, "host answer fail", 3 },
		{ STEP_DONE, "host answer fail", 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_facts f = { .kind = DOCTOR_HOST,
					  .name = "x.example:443",
					  .step = rows[i].step };

		fault_set(&f.fault, FAULT_TRANSIENT, 0, "It failed.");
		all.n = 0;
		assert_false(doctor_checks_run(&f, keep_finding, NULL));
		assert_true(was_found(rows[i].fails));
		assert_int_equal(count(FINDING_FAIL), 1);
		assert_int_equal(count(FINDING_OK), rows[i].ok);
	}
}

static void this_host_itself(void **state)
{
	struct doctor_facts f = { .kind = DOCTOR_HOST,
				  .name = "x",
				  .step = STEP_LOCAL };

	(void)state;
	fault_set(&f.fault, FAULT_LOCAL, 0, "No descriptors.");
	all.n = 0;
	assert_false(doctor_checks_run(&f, keep_finding, NULL));
	assert_int_equal(count(FINDING_FAIL) + count(FINDING_SKIP), all.n);
	assert_int_equal(all.n, 4);
}

static void facts_of_the_clock(void **state)
{
	static const struct {
		int64_t off;
		const char *found, *says;
	} rows[] = {
		{ 0, "clock offset ok", "as Azure's" },
		{ -30 * SECOND, "clock offset ok", "30 s behind" },
		{ 2 * MINUTE, "clock offset warn", "2 min ahead" },
		{ -301 * SECOND, "clock offset fail", "5 min behind" },
		{ 2 * HOUR - 1, "clock offset fail", "2 h ahead" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_facts f = { .kind = DOCTOR_CLOCK,
					  .name = "of this host",
					  .clock_known = true,
					  .clock_ms = rows[i].off };

		all.n = 0;
		doctor_checks_run(&f, keep_finding, NULL);
		assert_true(was_found(rows[i].found));
		assert_non_null(strstr(all.texts[0], rows[i].says));
		f.clock_known = false;
		doctor_checks_run(&f, keep_finding, NULL);
		assert_true(was_found("clock offset skip"));
	}
}

static void facts_of_keys(void **state)
{
	struct doctor_facts f = { .kind = DOCTOR_KEY,
				  .name = RIG_KEY,
				  .azure_ms = RIG_NOW,
				  .fault = fault_none() };
	struct fault why;

	(void)state;
	keyid_parse(&f.key, RIG_KEY, &why);
	f.version = rig_good(V1, RIG_NOW - DAY);
	f.version.enabled = false;
	all.n = 0;
	assert_false(doctor_checks_run(&f, keep_finding, NULL));
	assert_true(was_found("key usable fail"));
	assert_string_equal(all.commands[1],
			    "az keyvault key set-attributes --id " RIG_KEY
			    "/" V1 " --enabled true");
	/* It ends: soon, or in a while. */
	f.version = rig_good(V1, RIG_NOW - DAY);
	f.version.expires = RIG_NOW + 30 * DAY;
	all.n = 0;
	assert_true(doctor_checks_run(&f, keep_finding, NULL));
	assert_true(was_found("key usable warn"));
	assert_non_null(
		strstr(all.texts[1], "expires at 2026-03-31T12:00:00Z"));
	assert_true(
		text_prefix(all.commands[1],
			    "az keyvault key create --vault-name contoso "));
	f.version.expires++;
	all.n = 0;
	assert_true(doctor_checks_run(&f, keep_finding, NULL));
	assert_true(was_found("key usable ok"));
	/* The other answer to a disabled key. */
	fault_set(&f.fault, FAULT_REFUSED, 403, "Disabled.");
	text_copy(f.fault.inner_code, FAULT_CODE_MAX, "KeyDisabled");
	f.version = (struct key_version){ 0 };
	all.n = 0;
	assert_false(doctor_checks_run(&f, keep_finding, NULL));
	assert_int_equal(count(FINDING_FAIL), 1);
	assert_true(was_found("key usable fail"));
	assert_string_equal(all.commands[1],
			    "az keyvault key set-attributes --id " RIG_KEY
			    " --enabled true");
	/* A firewall that names whom it has turned away, and one that talks
	 * nonsense. */
	fault_set(&f.fault, FAULT_DENIED, 403,
		  "No (client address: 203.0.113.7).");
	text_copy(f.fault.inner_code, FAULT_CODE_MAX, "ForbiddenByFirewall");
	all.n = 0;
	doctor_checks_run(&f, keep_finding, NULL);
	assert_string_equal(
		all.commands[0],
		"az keyvault network-rule add --name contoso --ip-address 203.0.113.7");
	fault_set(&f.fault, FAULT_DENIED, 403, "No (client address: ;reboot).");
	text_copy(f.fault.inner_code, FAULT_CODE_MAX, "ForbiddenByFirewall");
	all.n = 0;
	doctor_checks_run(&f, keep_finding, NULL);
	assert_true(text_suffix(all.commands[0], "--ip-address ADDRESS"));
}

#define VISIT(name) cmocka_unit_test_setup_teardown(name, fresh, over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		VISIT(all_is_well),
		VISIT(one_at_a_time),
		VISIT(the_cause_and_nothing_else),
		VISIT(no_host_no_question),
		VISIT(a_new_token_is_asked_for),
		VISIT(a_passing_fault_is_none),
		VISIT(it_ends_whatever_is_held_back),
		VISIT(told_to_wait_for_an_hour),
		VISIT(a_reload_meanwhile),
		VISIT(idle_but_for_the_doctor),
		VISIT(leases_and_queues_are_looked_at),
		VISIT(a_queue_that_is_not_there),
		cmocka_unit_test(facts_of_storage),
		cmocka_unit_test(who_holds_a_lease_is_told),
		cmocka_unit_test(facts_of_registries),
		cmocka_unit_test(facts_of_hosts),
		cmocka_unit_test(this_host_itself),
		cmocka_unit_test(facts_of_the_clock),
		cmocka_unit_test(facts_of_keys),
	};

	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
