/* engine/hint: messages of queues bring polls forward, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/text.h"
#include "engine/hint.h"
#include "engine/metrics.h"
#include "engine/report.h"
#include "engine_help.h"

#define QUEUE "https://contoso.queue.core.windows.net/keyrotd"
#define TOP                                       \
	"poll-interval = 15m\nevents \"hints\" {" \
	" queue = \"" QUEUE "\"\nmax-wait = 30s }"

static struct rig g;

static char *text(const char *top)
{
	return rig_config(top, RIG_KEY, "", 0, 2);
}

/* All that was due at the start is done; messages wait to be answered. */
static void begin(const char *top)
{
	rig_start(&g, text(top), 2);
	rig_run(&g, 2 * SECOND);
	assert_true(engine_all_current(g.engine));
	g.hold = 1u << CALL_HINTS;
	if (strstr(top, "events"))
		assert_true(rig_until(&g, CALL_HINTS, 35 * SECOND));
	memset(g.sent, 0, sizeof(g.sent));
}

/* One more event; HINT_ACCESS: key is the vault's host. */
static void add(struct hint *h, enum hint_kind kind, const char *key)
{
	struct hint_event *e;
	struct fault f;

	h->events = text_grow(h->events, h->n_events, sizeof(*h->events));
	e = &h->events[h->n_events++];
	*e = (struct hint_event){ .kind = kind };
	if (kind == HINT_ACCESS)
		text_copy(e->key.host, sizeof(e->key.host), key);
	else
		assert_true(keyid_parse(&e->key, key, &f));
}

static struct hint message(enum hint_kind kind, const char *key)
{
	struct hint h = { .dequeued = 1 };

	h.message = text_dup("58a0a42b-0857-40bf-ba2b-7e011a1326f1");
	h.receipt = text_dup("AgAAAAMAAAAAAAAACp5XUvPE1QE=");
	if (kind != HINT_FOREIGN)
		add(&h, kind, key);
	return h;
}

/* The question for messages that waits is answered with n like this one. */
static void bring(size_t n, enum hint_kind kind, const char *key)
{
	struct asked *a = rig_find(&g, CALL_HINTS, QUEUE);
	struct reply r;

	assert_non_null(a);
	r = rig_reply(&g, a);
	r.hints.hints = text_alloc(n + 1, sizeof(*r.hints.hints));
	for (r.hints.n = 0; r.hints.n < n; r.hints.n++)
		r.hints.hints[r.hints.n] = message(kind, key);
	rig_put(&g, a, &r);
	rig_answer(&g);
}

static uint64_t outcome(const char *word)
{
	const struct hint_queue *q = g.engine->queues[0];

	for (unsigned i = 0; hint_outcome_str(i); i++)
		if (text_same(hint_outcome_str(i), word))
			return q->n[i];
	fail_msg("no such outcome");
	return 0;
}

static void brings_a_poll_forward(void **state)
{
	(void)state;
	begin(TOP);
	assert_int_equal(g.sent[CALL_KEY], 0);
	rig_newer(&g, V2, rig_azure(&g));
	bring(1, HINT_NEW_VERSION, RIG_KEY "/" V2);
	assert_int_equal(g.sent[CALL_HINT_DROP], 1);
	assert_int_equal(outcome("polled"), 1);
	assert_string_equal(rig_key(&g, "newest_version"), V2);
	assert_non_null(strstr(rig_said(&g, NOTE_NEW_VERSION)->text,
			       "was seen, after a hint (before"));
	/* The rotation begins with the answer, and the canary's success is the
	 * others' turn: nothing waits for the interval. */
	rig_run(&g, 5 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_string_equal(rig_registry(&g, 1, "version_in_use"), V2);
	assert_string_equal(rig_registry(&g, 1, "state"), "current");
	rig_stop(&g);
}

/* Who may read the queue need not be who may read the key. */
static void its_credential_is_its_own(void **state)
{
	(void)state;
	begin("credential \"default\" { type = managed-identity }\n"
	      "credential \"storage\" { type = managed-identity\n"
	      "client-id = \"11111111-8888-4777-8666-555555555555\" }\n"
	      "events \"hints\" { credential = storage\n"
	      "queue = \"" QUEUE "\" }");
	bring(1, HINT_FOREIGN, NULL);
	assert_string_equal(g.last[CALL_HINTS].credential, "storage");
	assert_string_equal(g.last[CALL_HINT_DROP].credential, "storage");
	assert_string_equal(g.last[CALL_KEY].credential, "default");
	rig_stop(&g);
}

/* Key Vault shows the old one still: it is looked again, a few times. */
static void comes_before_the_version(void **state)
{
	int64_t from;

	(void)state;
	begin(TOP);
	bring(1, HINT_NEW_VERSION, RIG_KEY "/" V2);
	from = g.now.boot;
	assert_int_equal(g.sent[CALL_KEY], 1);
	rig_run(&g, 999);
	assert_int_equal(g.sent[CALL_KEY], 1);
	rig_run(&g, 1);
	assert_int_equal(g.sent[CALL_KEY], 2);
	rig_run(&g, 2 * SECOND);
	assert_int_equal(g.sent[CALL_KEY], 3);
	rig_run(&g, 4 * SECOND);
	assert_int_equal(g.sent[CALL_KEY], 4);
	assert_int_equal(g.now.boot - from, 7 * SECOND);
	rig_run(&g, 60 * SECOND);
	assert_int_equal(g.sent[CALL_KEY], 4);
	rig_stop(&g);
	/* What comes meanwhile ends it. */
	begin(TOP);
	bring(1, HINT_NEW_VERSION, RIG_KEY "/" V2);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, SECOND);
	assert_string_equal(rig_key(&g, "newest_version"), V2);
	memset(g.sent, 0, sizeof(g.sent));
	rig_run(&g, 30 * SECOND);
	assert_int_equal(g.sent[CALL_KEY], 0);
	rig_stop(&g);
}

/* However many come, a key is polled once a second. */
static void a_storm_is_one(void **state)
{
	(void)state;
	begin(TOP);
	for (int i = 0; i < 5; i++) {
		bring(HINTS_MAX, HINT_NEW_VERSION, RIG_KEY);
		assert_int_equal(g.sent[CALL_KEY], 1);
		assert_true(rig_until(&g, CALL_HINTS, 0));
	}
	assert_int_equal(g.sent[CALL_HINT_DROP], 5 * HINTS_MAX);
	assert_int_equal(outcome("polled"), 1);
	assert_int_equal(outcome("merged"), 5 * HINTS_MAX - 1);
	assert_int_equal(g.sent[CALL_HINTS], 5);
	for (int i = 0; i < 100; i++) {
		bring(1, HINT_NEW_VERSION, RIG_KEY);
		rig_run(&g, 100);
		assert_true(rig_until(&g, CALL_HINTS, 0));
	}
	assert_in_range(g.sent[CALL_KEY], 9, 11);
	rig_stop(&g);
}

static void what_means_nothing_is_dropped(void **state)
{
	(void)state;
	begin(TOP);
	bring(3, HINT_FOREIGN, NULL);
	assert_true(rig_until(&g, CALL_HINTS, 0));
	bring(2, HINT_NEW_VERSION, RIG_OTHER_KEY);
	assert_true(rig_until(&g, CALL_HINTS, 0));
	bring(1, HINT_EXPIRED, "https://fabrikam.vault.azure.net/keys/acr-cmk");
	assert_int_equal(g.sent[CALL_KEY], 0);
	assert_int_equal(g.sent[CALL_HINT_DROP], 6);
	assert_int_equal(outcome("dropped"), 3);
	assert_int_equal(outcome("unwatched"), 3);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	rig_stop(&g);
}

/* Of what nobody expects a new version there is one poll. */
static void other_kinds(void **state)
{
	static const enum hint_kind kinds[] = { HINT_NEAR_EXPIRY,
						HINT_EXPIRED };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		begin(TOP);
		bring(1, kinds[i], RIG_KEY "/" V1);
		rig_run(&g, 20 * SECOND);
		assert_int_equal(g.sent[CALL_KEY], 1);
		rig_stop(&g);
	}
}

/* The rights on a vault: all its keys, and who was refused some times. */
static void access_policy(void **state)
{
	struct reply r;
	struct asked *a;

	(void)state;
	begin(TOP);
	for (int refused = 0; refused < 2; refused++) {
		g.hold = 1u << CALL_HINTS;
		assert_true(rig_until(&g, CALL_HINTS, 35 * SECOND));
		memset(g.sent, 0, sizeof(g.sent));
		a = rig_find(&g, CALL_HINTS, NULL);
		r = rig_reply(&g, a);
		r.hints.hints = text_alloc(2, sizeof(*r.hints.hints));
		r.hints.n = 2;
		for (int i = 0; i < 2; i++) {
			r.hints.hints[i] =
				message(HINT_ACCESS, "contoso.vault.azure.net");
		}
		rig_put(&g, a, &r);
		rig_answer(&g);
		assert_int_equal(g.sent[CALL_KEY], 1);
		rig_run(&g, 20 * SECOND);
		assert_int_equal(g.sent[CALL_KEY], refused ? 4 : 1);
		fault_set(&g.faults[CALL_KEY], FAULT_DENIED, 403, "No.");
		g.hold = 0;
		rig_answer(&g);
		rig_run(&g, HOUR);
	}
	/* Of another vault: nothing. */
	g.hold = 1u << CALL_HINTS;
	assert_true(rig_until(&g, CALL_HINTS, 35 * SECOND));
	memset(g.sent, 0, sizeof(g.sent));
	a = rig_find(&g, CALL_HINTS, NULL);
	r = rig_reply(&g, a);
	r.hints.hints = text_alloc(1, sizeof(*r.hints.hints));
	r.hints.n = 1;
	r.hints.hints[0] = message(HINT_ACCESS, "contoso.vault.azure.ne");
	rig_put(&g, a, &r);
	assert_int_equal(g.sent[CALL_KEY], 0);
	assert_int_equal(outcome("unwatched"), 1);
	rig_stop(&g);
}

/* Each of a message's events counts; it is one message all the same. */
static void several_in_one(void **state)
{
	char *keys =
		text_printf("%s\nwatch \"%s\" {\nregistries = { \"%s\" }\n}",
			    TOP, RIG_OTHER_KEY, rig_id(2));
	struct asked *a;
	struct reply r;

	(void)state;
	rig_start(&g, rig_config(keys, RIG_KEY, "", 0, 2), 3);
	free(keys);
	rig_run(&g, 2 * SECOND);
	g.hold = 1u << CALL_HINTS;
	assert_true(rig_until(&g, CALL_HINTS, 35 * SECOND));
	memset(g.sent, 0, sizeof(g.sent));
	a = rig_find(&g, CALL_HINTS, QUEUE);
	r = rig_reply(&g, a);
	r.hints.hints = text_alloc(1, sizeof(*r.hints.hints));
	r.hints.n = 1;
	r.hints.hints[0] = message(
		HINT_EXPIRED, "https://contoso.managedhsm.azure.net/keys/k");
	add(&r.hints.hints[0], HINT_EXPIRED, RIG_KEY);
	add(&r.hints.hints[0], HINT_EXPIRED, RIG_OTHER_KEY);
	rig_put(&g, a, &r);
	rig_answer(&g);
	assert_int_equal(g.sent[CALL_KEY], 2);
	assert_int_equal(g.sent[CALL_HINT_DROP], 1);
	assert_int_equal(outcome("polled"), 1);
	assert_int_equal(outcome("unwatched"), 0);
	/* What is about a managed HSM's key alone is nobody's. */
	assert_true(rig_until(&g, CALL_HINTS, 0));
	bring(1, HINT_NEW_VERSION,
	      "https://contoso.managedhsm.azure.net/keys/acr-cmk");
	assert_int_equal(g.sent[CALL_KEY], 2);
	assert_int_equal(outcome("unwatched"), 1);
	rig_stop(&g);
}

/* An answer that was on its way may be from before. */
static void while_it_is_asked(void **state)
{
	struct asked *a;

	(void)state;
	begin(TOP);
	g.hold |= 1u << CALL_KEY;
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	a = rig_find(&g, CALL_KEY, NULL);
	bring(1, HINT_EXPIRED, RIG_KEY);
	assert_int_equal(outcome("merged"), 1);
	assert_int_equal(rig_waiting(&g, CALL_KEY), 1);
	rig_good_answer(&g, a);
	g.hold = 1u << CALL_HINTS;
	memset(g.sent, 0, sizeof(g.sent));
	rig_run(&g, 10 * SECOND);
	assert_int_equal(g.sent[CALL_KEY], 1);
	rig_stop(&g);
}

static void waits_longer_when_empty(void **state)
{
	(void)state;
	assert_int_equal(hint_wait(0, 30 * SECOND), SECOND);
	assert_int_equal(hint_wait(8 * SECOND, 30 * SECOND), SECOND);
	assert_int_equal(hint_wait(80 * SECOND, 30 * SECOND), 10 * SECOND);
	assert_int_equal(hint_wait(DAY, 30 * SECOND), 30 * SECOND);
	assert_int_equal(hint_wait(DAY, SECOND), SECOND);
	rig_start(&g, text(TOP), 2);
	rig_run(&g, 10 * SECOND);
	assert_in_range(g.sent[CALL_HINTS], 8, 11);
	rig_run(&g, 20 * MINUTE);
	memset(g.sent, 0, sizeof(g.sent));
	rig_run(&g, 10 * MINUTE);
	assert_int_equal(g.sent[CALL_HINTS], 20);
	/* One that has messages is asked on and on. */
	g.hold = 1u << CALL_HINTS;
	assert_true(rig_until(&g, CALL_HINTS, 35 * SECOND));
	bring(1, HINT_FOREIGN, NULL);
	assert_int_equal(rig_waiting(&g, CALL_HINTS), 1);
	g.hold = 0;
	rig_answer(&g);
	memset(g.sent, 0, sizeof(g.sent));
	rig_run(&g, 8 * SECOND);
	assert_int_equal(g.sent[CALL_HINTS], 8);
	rig_stop(&g);
}

/* Its outage is told, and nothing is worse for it. */
static void an_outage_is_a_warning(void **state)
{
	(void)state;
	begin(TOP);
	g.hold = 0;
	fault_set(&g.faults[CALL_HINTS], FAULT_TRANSIENT, 503, "It is down.");
	rig_answer(&g);
	rig_run(&g, HOUR);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_non_null(strstr(rig_summary(&g, "reason"),
			       "1 queue of events not read"));
	assert_int_equal(g.told[NOTE_WARNING], 1);
	assert_non_null(
		strstr(rig_said(&g, NOTE_WARNING)->text, "It is down."));
	assert_string_equal(hint_state_str(g.engine, g.engine->queues[0]),
			    "unreachable");
	assert_in_range(g.sent[CALL_HINTS], 60, 400);
	assert_true(g.sent[CALL_KEY] >= 4); /* polls go on */
	g.faults[CALL_HINTS] = fault_none();
	rig_run(&g, MINUTE);
	assert_int_equal(g.told[NOTE_WARNING], 2);
	assert_string_equal(rig_summary(&g, "reason"),
			    "2 registries are verified current.");
	assert_string_equal(hint_state_str(g.engine, g.engine->queues[0]),
			    "reading");
	rig_stop(&g);
}

static void without_a_token(void **state)
{
	(void)state;
	rig_start(&g, text(TOP), 2);
	fault_set(&g.faults[CALL_TOKEN], FAULT_AUTH, 401, "No token.");
	rig_run(&g, MINUTE);
	assert_string_equal(hint_state_str(g.engine, g.engine->queues[0]),
			    "unreachable");
	assert_int_equal(g.sent[CALL_HINTS], 0);
	g.faults[CALL_TOKEN] = fault_none();
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(hint_state_str(g.engine, g.engine->queues[0]),
			    "reading");
	assert_int_equal(g.engine->n_queues_dark, 0);
	rig_stop(&g);
}

/* Messages that cannot be deleted come back; they are not taken on and on. */
static void what_cannot_be_deleted(void **state)
{
	(void)state;
	begin(TOP);
	fault_set(&g.faults[CALL_HINT_DROP], FAULT_DENIED, 403, "No right.");
	g.may_lose = true;
	bring(HINTS_MAX, HINT_NEW_VERSION, RIG_KEY);
	assert_int_equal(rig_waiting(&g, CALL_HINTS), 0);
	assert_int_equal(g.sent[CALL_KEY], 1);
	assert_true(g.sent[CALL_HINT_DROP] <= HINT_DROPS);
	assert_non_null(strstr(hint_error(g.engine->queues[0])->text, "right"));
	rig_run(&g, 110 * SECOND);
	assert_int_equal(rig_waiting(&g, CALL_HINTS), 0);
	assert_true(rig_until(&g, CALL_HINTS, 3 * MINUTE));
	g.faults[CALL_HINT_DROP] = fault_none();
	bring(2, HINT_FOREIGN, NULL);
	assert_null(hint_error(g.engine->queues[0]));
	/* Or nothing is left of them: the queue was made anew. */
	fault_set(&g.faults[CALL_HINT_DROP], FAULT_MISSING, 404, "No queue.");
	assert_true(rig_until(&g, CALL_HINTS, 3 * MINUTE));
	bring(1, HINT_FOREIGN, NULL);
	assert_non_null(hint_error(g.engine->queues[0]));
	assert_true(rig_until(&g, CALL_HINTS, 5 * MINUTE));
	bring(0, HINT_FOREIGN, NULL);
	assert_null(hint_error(g.engine->queues[0]));
	assert_string_equal(rig_summary(&g, "state"), "ok");
	rig_stop(&g);
}

static void a_pass_takes_none(void **state)
{
	(void)state;
	rig_start(&g, text(TOP), 2);
	engine_single_pass(g.engine);
	rig_run(&g, HOUR);
	assert_int_equal(g.sent[CALL_HINTS], 0);
	assert_string_equal(hint_state_str(g.engine, g.engine->queues[0]),
			    "idle");
	rig_stop(&g);
	rig_start(&g, text(TOP), 2);
	engine_dry_run(g.engine, true);
	rig_run(&g, HOUR);
	assert_int_equal(g.sent[CALL_HINTS], 0);
	engine_dry_run(g.engine, false);
	rig_tick(&g);
	rig_run(&g, MINUTE);
	assert_true(g.sent[CALL_HINTS] > 10);
	rig_stop(&g);
}

/* Who does not lead leaves them to who does, and takes them when it leads. */
static void a_standby_takes_none(void **state)
{
	static const char top[] = TOP
		"\nlease = \"l\"\nlease \"l\" { url = "
		"\"https://contoso.blob.core.windows.net/keyrotd/l\" }";

	(void)state;
	rig_start(&g, text(top), 2);
	text_copy(g.lease.holder, sizeof(g.lease.holder), "another");
	g.lease.until = INT64_MAX;
	rig_run(&g, 2 * MINUTE);
	assert_int_equal(g.sent[CALL_HINTS], 0);
	assert_string_equal(hint_state_str(g.engine, g.engine->queues[0]),
			    "idle");
	/* What the other one was told of is looked for at once. */
	memset(g.sent, 0, sizeof(g.sent));
	g.lease.until = g.now.boot;
	rig_run(&g, MINUTE);
	assert_int_equal(g.sent[CALL_KEY], 1);
	assert_true(g.sent[CALL_HINTS] > 10);
	assert_string_equal(hint_state_str(g.engine, g.engine->queues[0]),
			    "reading");
	/* It is lost: messages are another's again. */
	text_copy(g.lease.holder, sizeof(g.lease.holder), "another");
	g.lease.until = INT64_MAX;
	g.may_lose = true;
	rig_run(&g, MINUTE);
	memset(g.sent, 0, sizeof(g.sent));
	rig_run(&g, 10 * MINUTE);
	assert_int_equal(g.sent[CALL_HINTS], 0);
	rig_stop(&g);
}

static void reload(const char *top)
{
	char *all = text(top);

	engine_reload(g.engine, rig_parse(all), g.now);
	free(all);
	rig_tick(&g);
}

static void reloads(void **state)
{
	static const char other[] =
		"poll-interval = 15m\nevents \"hints\" {"
		" queue = \"https://contoso.queue.core.windows.net/second\" }";

	(void)state;
	begin(TOP);
	bring(1, HINT_FOREIGN, NULL);
	/* The same one is kept, with what it has counted. */
	reload(TOP);
	assert_int_equal(outcome("dropped"), 1);
	assert_int_equal(rig_waiting(&g, CALL_HINTS), 1);
	/* Another one in its place. */
	g.may_lose = true;
	reload(other);
	assert_int_equal(rig_waiting(&g, CALL_HINTS), 1);
	assert_non_null(rig_find(&g, CALL_HINTS, "/second"));
	assert_int_equal(outcome("dropped"), 0);
	/* None. */
	reload("poll-interval = 15m");
	assert_int_equal(rig_waiting(&g, CALL_HINTS), 0);
	assert_int_equal(g.engine->n_queues, 0);
	rig_run(&g, MINUTE);
	rig_stop(&g);
}

/* Nobody told us, and a registry shows a version that is newer than all that we
 * know: another daemon, or Azure, has moved it. */
static void a_registry_is_a_hint(void **state)
{
	(void)state;
	begin("poll-interval = 15m\nreread-interval = 1m");
	rig_newer(&g, V2, rig_azure(&g));
	for (unsigned i = 0; i < 2; i++)
		text_copy(g.models[i].view.version_in_use, KEYID_VERSION_MAX,
			  V2);
	memset(g.told, 0, sizeof(g.told));
	rig_run(&g, MINUTE + 5 * SECOND);
	assert_string_equal(rig_key(&g, "newest_version"), V2);
	assert_true(engine_all_current(g.engine));
	assert_int_equal(g.told[NOTE_HELD], 0);
	for (size_t i = 0; i < g.n_said; i++)
		assert_null(strstr(g.said[i].text, "degraded"));
	assert_int_equal(g.told[NOTE_NEW_VERSION], 1);
	assert_int_equal(g.sent[CALL_PATCH], 0);
	/* That version, which one is the newest, and the one that the other
	 * registry is still thought to use. */
	assert_in_range(g.sent[CALL_KEY], 2, 3);
	rig_stop(&g);
}

/* What people are shown. */
static void is_shown(void **state)
{
	static const char *const samples[] = {
		"keyrotd_event_messages_total{queue=\"hints\",outcome=\"dropped\"} 2\n",
		"keyrotd_event_messages_total{queue=\"hints\",outcome=\"polled\"} 1\n",
		"keyrotd_event_queue_error{queue=\"hints\"} 0\n",
		"keyrotd_event_last_message_timestamp_seconds{queue=\"hints\"} ",
	};
	const struct metrics_outside outside = { .version = "1" };
	struct metrics_cursor c = { 0 };
	const struct json *q;
	struct json *root;
	struct fault f;
	struct buf out;

	(void)state;
	begin(TOP);
	bring(2, HINT_FOREIGN, NULL);
	assert_true(rig_until(&g, CALL_HINTS, 0));
	bring(1, HINT_EXPIRED, RIG_KEY);
	buf_init(&out, 1 << 20);
	assert_true(report_summary(g.engine, "1", &out));
	root = json_parse(out.data, out.len, 100000, &f);
	q = json_first(json_get(root, "event_queues"));
	assert_string_equal(json_get_str(q, "name"), "hints");
	assert_string_equal(json_get_str(q, "queue"), QUEUE);
	assert_string_equal(json_get_str(q, "state"), "reading");
	assert_non_null(json_get_str(q, "last_message"));
	assert_null(json_get_str(q, "error"));
	assert_int_equal(json_count(q), 10);
	json_free(root);
	buf_free(&out);
	buf_init(&out, 1 << 20);
	while (metrics_part(g.engine, &outside, &c, METRICS_ROWS,
			    EXPOSITION_PROMETHEUS, &out))
		;
	metrics_end(&c);
	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++)
		if (!strstr(buf_str(&out), samples[i]))
			fail_msg("no %s in\n%s", samples[i], buf_str(&out));
	buf_free(&out);
	rig_stop(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(brings_a_poll_forward),
		cmocka_unit_test(its_credential_is_its_own),
		cmocka_unit_test(comes_before_the_version),
		cmocka_unit_test(a_storm_is_one),
		cmocka_unit_test(what_means_nothing_is_dropped),
		cmocka_unit_test(other_kinds),
		cmocka_unit_test(access_policy),
		cmocka_unit_test(several_in_one),
		cmocka_unit_test(while_it_is_asked),
		cmocka_unit_test(waits_longer_when_empty),
		cmocka_unit_test(an_outage_is_a_warning),
		cmocka_unit_test(without_a_token),
		cmocka_unit_test(what_cannot_be_deleted),
		cmocka_unit_test(a_pass_takes_none),
		cmocka_unit_test(a_standby_takes_none),
		cmocka_unit_test(reloads),
		cmocka_unit_test(a_registry_is_a_hint),
		cmocka_unit_test(is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
