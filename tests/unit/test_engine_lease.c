/* engine/lease: a lease asked for, renewed, lost and let go of, and what
 * becomes of the writes meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine_help.h"

#define LEASE                                                             \
	"lease \"fleet\" {\n"                                             \
	"url = \"https://contoso.blob.core.windows.net/keyrotd/fleet\"\n" \
	"}\nlease = \"fleet\"\n"
#define THIRD "11111111-8888-4777-8666-555555555555"
#define OTHER "99999999-8888-4777-8666-555555555555"

static struct rig g;

static int clean(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

static void start_with(const char *top, unsigned n)
{
	rig_start(&g, rig_config(top, RIG_KEY, "", 0, n), n);
	engine_self(g.engine, "one", "1.0.0");
	g.may_lose = true;
}

static void start(unsigned n)
{
	start_with(LEASE, n);
}

/* Somebody else holds it, and renews it. */
static void others(void)
{
	text_copy(g.lease.holder, sizeof(g.lease.holder), OTHER);
	g.lease.until = INT64_MAX;
	g.lease.told = true;
	g.lease.said = (struct lease_holder){ .host = "two",
					      .version = "1.0.0",
					      .since = "2026-03-01T11:00:00Z",
					      .id = OTHER };
}

/* A third one is preferred, and says so. */
static void wanted(void)
{
	struct lease_holder *h = &g.lease.said;

	text_copy(h->wanted_host, sizeof(h->wanted_host), "three");
	text_copy(h->wanted_id, sizeof(h->wanted_id), THIRD);
}

static void publish(void)
{
	rig_newer(&g, V2, rig_azure(&g));
	engine_poll(g.engine, NULL, g.now);
}

/* The one that leads has pinned it, and releases it in a moment. */
static void leader_pins(const char *version)
{
	struct registry_view *v = &g.models[0].view;

	*v = rig_view(version);
	text_copy(v->key.version, sizeof(v->key.version), version);
	v->auto_rotation = false;
}

static void role_is(const char *role)
{
	assert_string_equal(rig_summary(&g, "role"), role);
}

static void reload(const char *top)
{
	char *text = rig_config(top, RIG_KEY, "", 0, 1);

	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
	rig_answer(&g);
}

/* It leads no more, within so many ms. */
static void until_standby(int64_t ms)
{
	while (ms > 0 && strcmp(rig_summary(&g, "role"), "standby") != 0) {
		rig_run(&g, SECOND);
		ms -= SECOND;
	}
	role_is("standby");
}

/* ---- leading ---- */

static void it_is_made_held_and_told(void **state)
{
	(void)state;
	start(2);
	g.lease.missing = true;
	role_is("standby");
	rig_run(&g, SECOND);
	role_is("leader");
	assert_string_equal(rig_summary(&g, "leader"), "one");
	assert_int_equal(g.lease.steps[LEASE_MAKE], 1);
	assert_int_equal(g.lease.steps[LEASE_ACQUIRE], 2);
	assert_int_equal(g.lease.steps[LEASE_TELL], 1);
	assert_string_equal(g.lease.said.host, "one");
	assert_string_equal(g.lease.said.id, g.lease.holder);
	assert_int_equal(strlen(g.lease.holder), 36);
	assert_int_equal(g.told[NOTE_LEADER], 1);
	/* Each third of 30 s, and never twice at once. */
	rig_run(&g, 5 * MINUTE);
	assert_in_range(g.lease.steps[LEASE_RENEW], 29, 31);
	assert_in_range(g.lease.steps[LEASE_LOOK], 7, 11);
	assert_int_equal(g.lease.steps[LEASE_ACQUIRE], 2);
	assert_int_equal(g.told[NOTE_LEADER], 1);
	assert_int_equal(g.told[NOTE_WARNING], 0);
}

/* Who may have the lease need not be who may write. */
static void its_credential_is_its_own(void **state)
{
	(void)state;
	start_with("credential \"default\" { type = managed-identity }\n"
		   "credential \"storage\" { type = managed-identity\n"
		   "client-id = \"" THIRD "\" }\n"
		   "lease \"fleet\" {\ncredential = storage\n"
		   "url = \"https://contoso.blob.core.windows.net/keyrotd/fleet"
		   "\"\n}\nlease = fleet\n",
		   1);
	rig_run(&g, SECOND);
	role_is("leader");
	assert_string_equal(g.last[CALL_LEASE].credential, "storage");
	assert_string_equal(g.last[CALL_REGISTRY].credential, "default");
}

static void a_leader_moves_its_registries(void **state)
{
	(void)state;
	start(2);
	rig_run(&g, SECOND);
	publish();
	rig_run(&g, MINUTE);
	for (unsigned i = 0; i < 2; i++)
		assert_string_equal(rig_registry(&g, i, "version_in_use"), V2);
	assert_int_equal(g.sent[CALL_PATCH], 2);
	assert_string_equal(rig_said(&g, NOTE_WRITE)->lease, "fleet");
	assert_string_equal(rig_said(&g, NOTE_WRITE)->role, "leader");
	assert_string_equal(rig_said(&g, NOTE_LEADER)->lease, "fleet");
	assert_string_equal(rig_said(&g, NOTE_LEADER)->role, "leader");
	assert_string_equal(rig_said(&g, NOTE_LEADER)->blob,
			    "contoso.blob.core.windows.net/keyrotd/fleet");
}

static void alone_is_as_ever(void **state)
{
	(void)state;
	start_with("", 1);
	rig_run(&g, SECOND);
	role_is("alone");
	assert_int_equal(g.sent[CALL_LEASE], 0);
	assert_string_equal(rig_registry(&g, 0, "lease"), "null");
}

/* ---- observing ---- */

static void a_standby_observes(void **state)
{
	const struct said *s;

	(void)state;
	start(2);
	others();
	rig_run(&g, 10 * SECOND);
	role_is("standby");
	assert_string_equal(rig_summary(&g, "leader"), "two");
	assert_string_equal(rig_summary(&g, "leader_since"),
			    "2026-03-01T11:00:00Z");
	s = rig_said(&g, NOTE_STANDBY);
	assert_non_null(strstr(s->text, "two holds lease \"fleet\""));
	publish();
	rig_run(&g, MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
	assert_non_null(strstr(rig_registry(&g, 0, "reason"),
			       "it waits for the daemon that leads: two "
			       "holds lease \"fleet\""));
	assert_string_equal(rig_registry(&g, 0, "role"), "standby");
	assert_string_equal(rig_summary(&g, "state"), "rotating");
	/* The other one moves them: that is read and verified. */
	for (unsigned i = 0; i < 2; i++)
		g.models[i].view = rig_view(V2);
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.sent[CALL_PATCH], 0);
	assert_int_equal(g.told[NOTE_WRITE], 0);
	/* It asks every five seconds, and looks once in a duration. */
	assert_in_range(g.lease.steps[LEASE_ACQUIRE], 110, 140);
	assert_in_range(g.lease.steps[LEASE_LOOK], 15, 25);
	assert_int_equal(g.told[NOTE_STANDBY], 1);
}

/* Whoever holds it has told nobody so: that somebody does is known. */
static void a_holder_without_a_name(void **state)
{
	(void)state;
	start(1);
	others();
	g.lease.told = false;
	rig_run(&g, 10 * SECOND);
	publish();
	rig_run(&g, MINUTE);
	assert_non_null(strstr(rig_registry(&g, 0, "reason"),
			       "it waits for the daemon that leads: another "
			       "daemon holds lease \"fleet\""));
}

/* Its leader dies: what waits is read again and moved, soon after the lease has
 * run out. */
static void a_standby_takes_over(void **state)
{
	(void)state;
	start(1);
	others();
	rig_run(&g, 10 * SECOND);
	publish();
	rig_run(&g, MINUTE);
	assert_int_equal(g.sent[CALL_PATCH], 0);
	g.lease.until = g.now.boot + 30 * SECOND;
	rig_run(&g, 29 * SECOND);
	role_is("standby");
	g.reads[0] = 0;
	rig_run(&g, 6 * SECOND);
	role_is("leader");
	assert_int_equal(g.told[NOTE_LEADER], 1);
	assert_true(g.reads[0] > 0);
	rig_run(&g, 10 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_string_equal(g.lease.said.host, "one");
}

/* Whatever the leader does, or does not: a quarter of the window is left. */
static void a_quarter_is_left(void **state)
{
	(void)state;
	start(3);
	others();
	rig_run(&g, 10 * SECOND);
	publish();
	rig_run(&g, 44 * MINUTE);
	assert_int_equal(g.sent[CALL_PATCH], 0);
	rig_run(&g, 2 * MINUTE);
	assert_int_equal(g.sent[CALL_PATCH], 3);
	role_is("standby");
	for (unsigned i = 0; i < 3; i++)
		assert_string_equal(rig_registry(&g, i, "state"), "current");
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
	assert_non_null(strstr(rig_said(&g, NOTE_WRITE)->text,
			       "though this daemon is standby"));
	/* Something is wrong with the one that leads: once, for all three. */
	assert_int_equal(g.told[NOTE_WARNING], 1);
	assert_non_null(strstr(rig_said(&g, NOTE_WARNING)->text,
			       "a quarter of the window is left"));
	assert_non_null(strstr(rig_said(&g, NOTE_WARNING)->text,
			       "two holds lease \"fleet\""));
	assert_string_equal(rig_said(&g, NOTE_WARNING)->role, "standby");
}

/* So a pause here is no promise for the registry. */
static void a_pause_is_one_daemons(void **state)
{
	char warning[1024];

	(void)state;
	start(1);
	rig_run(&g, SECOND);
	engine_pause(g.engine, NULL, rig_azure(&g) + HOUR, warning,
		     sizeof(warning), g.now);
	assert_non_null(strstr(warning, "lease \"fleet\" write all the same, "
					"and at once, for this one leaves it"));
	assert_non_null(strstr(warning, "pause it on each of them"));
	publish();
	rig_run(&g, SECOND);
	engine_pause(g.engine, engine_find(g.engine, rig_id(0), &(size_t){ 0 }),
		     rig_azure(&g) + 3 * HOUR, warning, sizeof(warning), g.now);
	assert_non_null(strstr(warning, "will be missed. That is so for this"));
	assert_non_null(strstr(warning, "at the latest when a quarter"));
	/* Who goes on has nothing to be told. */
	engine_pause(g.engine, NULL, 0, warning, sizeof(warning), g.now);
	assert_string_equal(warning, "");
	rig_drain(&g);
	rig_answer(&g);
	reload("");
	engine_pause(g.engine, NULL, rig_azure(&g) + HOUR, warning,
		     sizeof(warning), g.now);
	assert_string_equal(warning, "");
}

/* Its own form of write is ignored, so that it pins: it also ends that. */
static void a_lonely_move_is_ended(void **state)
{
	(void)state;
	start(1);
	others();
	g.models[0].ignores = true;
	rig_run(&g, 10 * SECOND);
	publish();
	rig_run(&g, 55 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_string_equal(rig_registry(&g, 0, "auto_rotation"), "true");
	assert_int_equal(g.sent[CALL_PATCH], 3);
}

/* What it moved once as a standby is no excuse for the next version: that one
 * the leader has pinned, and releases. */
static void a_lonely_move_is_over(void **state)
{
	(void)state;
	start(1);
	others();
	rig_run(&g, 10 * SECOND);
	publish();
	rig_run(&g, 50 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_int_equal(g.sent[CALL_PATCH], 1);
	rig_newer(&g, V3, rig_azure(&g));
	engine_poll(g.engine, NULL, g.now);
	leader_pins(V3);
	rig_run(&g, HOUR);
	assert_int_equal(g.sent[CALL_PATCH], 1);
}

/* What the leader has pinned a moment ago it releases itself. */
static void the_leaders_last_step_is_its_own(void **state)
{
	(void)state;
	start(1);
	others();
	rig_run(&g, 10 * SECOND);
	publish();
	leader_pins(V2);
	rig_run(&g, HOUR);
	assert_int_equal(g.sent[CALL_PATCH], 0);
}

/* What the leader does is no other writer's: not to a key that is moved by
 * hand, and not while it is pinned, by a leader that may be dead. */
static void the_leaders_work_is_nobody_elses(void **state)
{
	char *text = rig_config(LEASE "reread-interval = 1m\n", RIG_KEY "/" V2,
				"", 0, 2);

	(void)state;
	rig_start(&g, text, 2);
	engine_self(g.engine, "one", "1.0.0");
	g.may_lose = true;
	rig_newer(&g, V2, rig_azure(&g));
	others();
	rig_run(&g, 10 * SECOND);
	role_is("standby");
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	leader_pins(V2);
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_int_equal(g.told[NOTE_DRIFT], 0);
	assert_int_equal(g.told[NOTE_WARNING], 0);
	/* It is none of what a leader would do: to another version, to none. */
	leader_pins(V1);
	rig_run(&g, 2 * MINUTE);
	assert_int_equal(g.told[NOTE_DRIFT], 1);
	g.models[0].view = rig_view(V1);
	rig_run(&g, 2 * MINUTE);
	assert_int_equal(g.told[NOTE_DRIFT], 2);
}

/* Pinned to what the standby knows of, or not yet, and released. */
static void a_pin_on_the_way_is_nobody_elses(void **state)
{
	(void)state;
	for (int known = 0; known < 2; known++) {
		start_with(LEASE "poll-interval = 15m\nreread-interval = 1m\n",
			   1);
		others();
		rig_run(&g, 10 * SECOND);
		if (known)
			publish();
		else
			rig_newer(&g, V2, rig_azure(&g));
		leader_pins(V2);
		rig_run(&g, 5 * MINUTE);
		assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
		g.models[0].view = rig_view(V2);
		rig_run(&g, 2 * MINUTE);
		assert_string_equal(rig_registry(&g, 0, "state"), "current");
		assert_int_equal(g.told[NOTE_DRIFT], 0);
		assert_int_equal(g.told[NOTE_WARNING], 0);
		/* Back to an older one goes nobody of ours. */
		leader_pins(V1);
		rig_run(&g, 2 * MINUTE);
		assert_int_equal(g.told[NOTE_DRIFT], 1);
		assert_int_equal(g.told[NOTE_WARNING], 2);
		rig_stop(&g);
	}
	start(1);
}

/* It died between the two writes, which the other one reads as a standby, or
 * when it leads. */
static void a_dead_leaders_pin_is_nobody_elses(void **state)
{
	(void)state;
	for (int late = 0; late < 2; late++) {
		start_with(late ? LEASE "reread-interval = 1h\n"
				: LEASE "reread-interval = 1m\n",
			   1);
		others();
		rig_run(&g, 10 * SECOND);
		rig_newer(&g, V2, rig_azure(&g));
		leader_pins(V2);
		if (!late)
			rig_run(&g, 2 * MINUTE);
		g.lease.until = g.now.boot + 10 * SECOND;
		rig_run(&g, 20 * SECOND);
		role_is("leader");
		engine_poll(g.engine, NULL, g.now);
		rig_run(&g, 2 * HOUR);
		assert_string_equal(rig_registry(&g, 0, "auto_rotation"),
				    "true");
		assert_int_equal(g.told[NOTE_DRIFT], 0);
		assert_int_equal(g.told[NOTE_WARNING], 0);
		/* From here on it would have been us. */
		leader_pins(V2);
		rig_run(&g, 2 * HOUR);
		assert_int_equal(g.told[NOTE_DRIFT], 1);
		rig_stop(&g);
	}
	start(1);
}

/* ---- losing it ---- */

static void who_lost_it_stops_at_once(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	role_is("leader");
	others();
	rig_run(&g, 11 * SECOND);
	role_is("standby");
	assert_string_equal(rig_summary(&g, "leader"), "two");
	publish();
	rig_run(&g, 5 * MINUTE);
	assert_int_equal(g.sent[CALL_PATCH], 0);
	assert_int_equal(g.told[NOTE_STANDBY], 1);
}

/* A write that waits for its turn does not go, and none is told of. */
static void who_waits_does_not_go(void **state)
{
	uint64_t ticket;

	(void)state;
	start(1);
	rig_run(&g, SECOND);
	g.hold = 1u << CALL_PATCH;
	publish();
	assert_true(rig_until(&g, CALL_PATCH, MINUTE));
	ticket = rig_find(&g, CALL_PATCH, NULL)->call.ticket;
	assert_true(engine_still(g.engine, ticket, g.now));
	others();
	g.now.boot += 11 * SECOND;
	g.now.wall += 11 * SECOND;
	rig_tick(&g);
	rig_run(&g, SECOND);
	role_is("standby");
	assert_false(engine_still(g.engine, ticket, g.now));
}

/* A write is on its way when the lease is lost, and is never heard of again:
 * whether it came to pass is read, and it is not sent once more. */
static void what_is_on_its_way_is_read_back(void **state)
{
	(void)state;
	for (int done = 0; done < 2; done++) {
		struct asked *a;

		start(1);
		rig_run(&g, SECOND);
		g.hold = 1u << CALL_PATCH;
		publish();
		assert_true(rig_until(&g, CALL_PATCH, MINUTE));
		others();
		rig_run(&g, 11 * SECOND);
		role_is("standby");
		a = rig_find(&g, CALL_PATCH, NULL);
		if (done)
			rig_apply(&g, a);
		g.reads[0] = 0;
		rig_fail(&g, a, FAULT_TRANSIENT, 0);
		g.hold = 0;
		rig_run(&g, MINUTE);
		assert_true(g.reads[0] > 0);
		assert_string_equal(rig_registry(&g, 0, "state"),
				    done ? "current" : "rotating");
		rig_run(&g, 30 * MINUTE);
		assert_int_equal(g.sent[CALL_PATCH], 1);
		rig_stop(&g);
	}
}

/* The service cannot be asked: the leader goes on, and says so. */
static void an_outage_stops_nobody(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	g.lease.down = true;
	rig_run(&g, 5 * MINUTE);
	role_is("leader");
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.told[NOTE_WARNING], 2); /* it fails; run out */
	publish();
	rig_run(&g, MINUTE);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	/* It is there again, and nobody has taken it: renewed. */
	g.lease.down = false;
	rig_run(&g, 15 * SECOND);
	role_is("leader");
	assert_int_equal(g.told[NOTE_LEADER], 1);
	/* Again, and somebody has: at once. */
	g.lease.down = true;
	rig_run(&g, 5 * MINUTE);
	others();
	g.lease.down = false;
	rig_run(&g, 11 * SECOND);
	role_is("standby");
}

/* The service answers, and refuses: another may have it once it has run out.
 * What is asked goes on all the same, and so does the last quarter. */
static void who_is_refused_leads_no_more(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	role_is("leader");
	fault_set(&g.faults[CALL_LEASE], FAULT_DENIED, 403, "No role.");
	rig_run(&g, 25 * SECOND);
	role_is("leader");
	rig_run(&g, 10 * SECOND);
	role_is("standby");
	assert_string_equal(rig_summary(&g, "state"), "ok");
	publish();
	rig_run(&g, 40 * MINUTE);
	assert_int_equal(g.sent[CALL_PATCH], 0);
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	g.faults[CALL_LEASE] = fault_none();
	rig_run(&g, 3 * MINUTE);
	role_is("leader");
}

/* So often the outage of a service is told to be over. */
static unsigned ends_told(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < g.n_said; i++)
		n += g.said[i].kind == NOTE_WARNING &&
		     strstr(g.said[i].text, "answers again");
	return n;
}

/* One step is refused while the others are answered: that is one outage, told
 * once, and over when that step is answered. */
static void one_step_is_refused(enum lease_step step)
{
	char since[64];

	g.lease.denied = 1u << step;
	rig_run(&g, 5 * MINUTE);
	assert_int_equal(g.told[NOTE_WARNING], 1);
	assert_int_equal(ends_told(), 0);
	text_copy(since, sizeof(since), rig_lease(&g, "unreachable_since"));
	assert_string_not_equal(since, "null");
	rig_run(&g, 30 * MINUTE);
	assert_int_equal(g.told[NOTE_WARNING], 1);
	assert_string_equal(rig_lease(&g, "unreachable_since"), since);
	g.lease.denied = 0;
	rig_run(&g, 3 * MINUTE);
	assert_int_equal(g.told[NOTE_WARNING], 2);
	assert_int_equal(ends_told(), 1);
	assert_string_equal(rig_lease(&g, "unreachable_since"), "null");
	assert_string_equal(rig_lease(&g, "error"), "null");
}

static void a_look_ends_no_refusal_to_acquire(void **state)
{
	(void)state;
	start(1);
	others();
	one_step_is_refused(LEASE_ACQUIRE);
	role_is("standby");
}

static void a_look_at_a_free_one_does_not_either(void **state)
{
	(void)state;
	start(1);
	one_step_is_refused(LEASE_ACQUIRE);
	role_is("leader");
}

static void a_renewal_ends_no_refusal_to_look(void **state)
{
	(void)state;
	start(1);
	one_step_is_refused(LEASE_LOOK);
	role_is("leader");
}

static void a_renewal_ends_no_refusal_to_tell(void **state)
{
	(void)state;
	start(1);
	one_step_is_refused(LEASE_TELL);
	role_is("leader");
}

static void an_answer_that_it_is_missing_ends_no_refusal_to_make(void **state)
{
	(void)state;
	start(1);
	g.lease.missing = true;
	one_step_is_refused(LEASE_MAKE);
	role_is("leader");
}

/* What it cannot ask for while another one leads it need not, once it is
 * preferred no more. */
static void a_wish_that_is_refused(void **state)
{
	(void)state;
	start_with(LEASE "prefer = true\n", 1);
	others();
	g.lease.denied = 1u << LEASE_TELL;
	rig_run(&g, 30 * MINUTE);
	assert_int_equal(g.told[NOTE_WARNING], 1);
	reload(LEASE);
	rig_run(&g, MINUTE);
	assert_int_equal(ends_told(), 1);
	role_is("standby");
}

/* One question that came to nothing is over with the next. */
static void a_standby_recovers(void **state)
{
	(void)state;
	start(1);
	others();
	rig_run(&g, 10 * SECOND);
	g.lease.refuses = true;
	rig_run(&g, 10 * SECOND);
	assert_int_equal(g.told[NOTE_WARNING], 1);
	g.lease.refuses = false;
	rig_run(&g, 20 * SECOND);
	assert_int_equal(ends_told(), 1);
	assert_string_equal(rig_lease(&g, "state"), "elsewhere");
}

/* Whoever is named by a lease that is free leads no more. */
static void nobody_is_named_when_it_is_free(void **state)
{
	(void)state;
	start(1);
	others();
	rig_run(&g, 10 * SECOND);
	assert_string_equal(rig_summary(&g, "leader"), "two");
	/* It runs out, and is not to be had: only looks are answered. */
	g.lease.until = g.now.boot;
	g.lease.refuses = true;
	rig_run(&g, 30 * SECOND);
	assert_string_equal(rig_summary(&g, "leader"), "null");
	role_is("standby");
}

/* One question was refused (a role that is not everywhere yet, a container that
 * is being made again); then the leader dies. */
static void takes_over_after(enum lease_step step, enum fault_kind kind,
			     int status)
{
	start_with("lease \"fleet\" {\nurl = "
		   "\"https://contoso.blob.core.windows.net/keyrotd/fleet\"\n"
		   "duration = \"15s\"\n}\nlease = \"fleet\"\n",
		   1);
	others();
	rig_run(&g, 10 * SECOND);
	if (kind == FAULT_NONE) {
		g.lease.denied = 1u << step;
		rig_run(&g, 30 * MINUTE);
	} else {
		fault_set(&g.faults[CALL_LEASE], kind, status, "Refused.");
		rig_run(&g, 6 * SECOND);
	}
	assert_string_equal(rig_lease(&g, "state"), "unreachable");
	g.faults[CALL_LEASE] = fault_none();
	g.lease.denied = 0;
	g.lease.until = g.now.boot + 15 * SECOND;
	rig_run(&g, 12 * SECOND);
	assert_string_equal(rig_lease(&g, "error"), "null");
	role_is("standby");
	rig_run(&g, 9 * SECOND);
	role_is("leader");
	rig_stop(&g);
}

static void a_refusal_delays_no_take_over(void **state)
{
	(void)state;
	takes_over_after(LEASE_ACQUIRE, FAULT_DENIED, 403);
	takes_over_after(LEASE_ACQUIRE, FAULT_MISSING, 404);
	takes_over_after(LEASE_ACQUIRE, FAULT_AUTH, 401);
	/* Nor do many. */
	takes_over_after(LEASE_ACQUIRE, FAULT_NONE, 0);
	takes_over_after(LEASE_LOOK, FAULT_NONE, 0);
}

/* Nor does an outage that ends, with the longest lease. */
static void an_outage_delays_no_take_over(void **state)
{
	(void)state;
	start_with("lease \"fleet\" {\nurl = "
		   "\"https://contoso.blob.core.windows.net/keyrotd/fleet\"\n"
		   "duration = \"60s\"\n}\nlease = \"fleet\"\n",
		   1);
	others();
	rig_run(&g, 10 * SECOND);
	g.lease.down = true;
	rig_run(&g, 30 * MINUTE);
	g.lease.down = false;
	g.lease.until = g.now.boot;
	rig_run(&g, 6 * SECOND);
	role_is("leader");
}

/* Who may acquire it, and not look at it, leads when nobody else does. */
static void who_may_not_look_leads(void **state)
{
	(void)state;
	start(1);
	others();
	g.lease.denied = 1u << LEASE_LOOK;
	rig_run(&g, 5 * MINUTE);
	role_is("standby");
	assert_string_equal(rig_lease(&g, "state"), "unreachable");
	assert_int_equal(g.told[NOTE_WARNING], 1);
	g.lease.until = g.now.boot;
	rig_run(&g, 11 * SECOND);
	role_is("leader");
}

/* Questions that are never answered are no answer either. */
static void silence_is_an_outage(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	g.hold = 1u << CALL_LEASE;
	rig_run(&g, 10 * MINUTE);
	role_is("leader");
	assert_in_range(g.cancels, 25, 70);
	g.hold = 0;
	others();
	rig_run(&g, 11 * SECOND);
	role_is("standby");
}

/* The machine slept: who leads has to be asked first. */
static void who_slept_does_not_lead(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	rig_newer(&g, V2, rig_azure(&g));
	others();
	g.now.boot += 10 * MINUTE;
	g.now.wall += 10 * MINUTE;
	rig_tick(&g);
	role_is("standby");
	rig_run(&g, 5 * MINUTE);
	assert_int_equal(g.sent[CALL_PATCH], 0);
}

/* Nor does it name itself: the one that has the lease now is told of, once. */
static void who_slept_names_who_leads(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	others();
	g.now.boot += 10 * MINUTE;
	g.now.wall += 10 * MINUTE;
	rig_tick(&g);
	rig_run(&g, MINUTE);
	assert_string_equal(rig_summary(&g, "leader"), "two");
	assert_int_equal(g.told[NOTE_STANDBY], 1);
	assert_non_null(strstr(rig_said(&g, NOTE_STANDBY)->text,
			       "two holds lease \"fleet\""));
}

/* The first question after it slept comes to nothing: that is no outage that
 * it was the leader through. */
static void who_slept_does_not_go_on(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	rig_newer(&g, V2, rig_azure(&g));
	g.lease.down = true;
	g.now.boot += 10 * MINUTE;
	g.now.wall += 10 * MINUTE;
	rig_tick(&g);
	rig_run(&g, 10 * MINUTE);
	role_is("standby");
	assert_int_equal(g.sent[CALL_PATCH], 0);
}

/* Nor is one from just before: the lease has run out since. */
static void who_failed_and_slept_does_not_lead(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	g.lease.down = true;
	rig_run(&g, 12 * SECOND);
	role_is("leader");
	g.now.boot += 40 * SECOND;
	g.now.wall += 40 * SECOND;
	rig_tick(&g);
	role_is("standby");
}

static void at_the_start_nobody_leads(void **state)
{
	(void)state;
	start(1);
	g.lease.down = true;
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 40 * MINUTE);
	role_is("standby");
	assert_int_equal(g.sent[CALL_PATCH], 0);
	assert_string_equal(rig_registry(&g, 0, "state"), "rotating");
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
}

/* The blob is deleted under its holder. */
static void it_is_made_again(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	g.lease.missing = true;
	g.lease.holder[0] = '\0';
	g.lease.told = false;
	rig_run(&g, 12 * SECOND);
	role_is("leader");
	assert_int_equal(g.lease.steps[LEASE_MAKE], 1);
	assert_string_equal(g.lease.said.host, "one");
}

/* ---- letting go ---- */

static void the_end_lets_go(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	engine_end(g.engine, g.now);
	assert_true(engine_lets_go(g.engine));
	rig_drain(&g);
	rig_answer(&g);
	assert_false(engine_lets_go(g.engine));
	assert_string_equal(g.lease.holder, "");
	rig_run(&g, MINUTE);
	assert_string_equal(g.lease.holder, "");
}

static void the_end_of_a_standby_is_nothing(void **state)
{
	(void)state;
	start(1);
	others();
	rig_run(&g, SECOND);
	engine_end(g.engine, g.now);
	assert_false(engine_lets_go(g.engine));
	assert_int_equal(g.lease.steps[LEASE_RELEASE], 0);
}

static void a_reload_takes_it_away_and_back(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	reload("");
	role_is("alone");
	assert_string_equal(g.lease.holder, "");
	publish();
	rig_run(&g, MINUTE);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	others();
	reload(LEASE);
	rig_run(&g, SECOND);
	role_is("standby");
	assert_string_equal(rig_registry(&g, 0, "lease"), "fleet");
}

static const char *last_said(enum note_kind kind)
{
	const struct said *s = rig_said(&g, kind);

	assert_non_null(s);
	return s->text;
}

/* What a reload makes of who acts is told, each time. */
static void a_reload_tells_who_acts(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	assert_int_equal(g.told[NOTE_LEADER], 1);
	/* Nothing of that has changed. */
	reload(LEASE);
	rig_run(&g, SECOND);
	assert_int_equal(g.told[NOTE_LEADER], 1);
	reload("");
	role_is("alone");
	assert_int_equal(g.told[NOTE_ALONE], 1);
	assert_string_equal(rig_said(&g, NOTE_ALONE)->role, "alone");
	assert_non_null(strstr(last_said(NOTE_ALONE), "acts alone from now on "
						      "for what was under "
						      "lease \"fleet\""));
	reload("");
	rig_run(&g, MINUTE);
	assert_int_equal(g.told[NOTE_ALONE], 1);
	reload(LEASE);
	rig_run(&g, SECOND);
	assert_int_equal(g.told[NOTE_LEADER], 2);
	/* Of a standby the same. */
	others();
	rig_run(&g, 11 * SECOND);
	assert_int_equal(g.told[NOTE_STANDBY], 1);
	reload("");
	rig_run(&g, MINUTE);
	assert_int_equal(g.told[NOTE_ALONE], 2);
	reload(LEASE);
	rig_run(&g, SECOND);
	role_is("standby");
	assert_int_equal(g.told[NOTE_STANDBY], 2);
	assert_int_equal(g.told[NOTE_LEADER], 2);
}

/* The lease stays, and the watch goes, comes, or calls it otherwise. */
static void a_reload_moves_what_is_under_it(void **state)
{
	static const char unused[] =
		"lease \"fleet\" {\nurl = "
		"\"https://contoso.blob.core.windows.net/keyrotd/fleet\"\n}\n";
	static const char renamed[] =
		"lease \"navy\" {\nurl = "
		"\"https://contoso.blob.core.windows.net/keyrotd/fleet\"\n}\n"
		"lease = \"navy\"\n";

	(void)state;
	start(1);
	rig_run(&g, SECOND);
	reload(unused);
	role_is("leader");
	assert_string_equal(rig_registry(&g, 0, "role"), "alone");
	assert_int_equal(g.told[NOTE_ALONE], 1);
	reload(LEASE);
	assert_string_equal(rig_registry(&g, 0, "role"), "leader");
	assert_int_equal(g.told[NOTE_LEADER], 2);
	assert_non_null(strstr(last_said(NOTE_LEADER),
			       "now puts under lease \"fleet\""));
	reload(renamed);
	assert_int_equal(g.told[NOTE_LEADER], 3);
	assert_non_null(strstr(last_said(NOTE_LEADER), "\"navy\""));
	others();
	rig_run(&g, 11 * SECOND);
	assert_int_equal(g.told[NOTE_STANDBY], 1);
	reload(LEASE);
	assert_int_equal(g.told[NOTE_STANDBY], 2);
	assert_non_null(strstr(last_said(NOTE_STANDBY), "\"fleet\""));
	assert_int_equal(g.told[NOTE_ALONE], 1);
}

/* Somebody breaks the lease, and the one that has it then had it before. */
static void a_broken_lease_is_told_of(void **state)
{
	(void)state;
	start(1);
	others();
	rig_run(&g, 10 * SECOND);
	assert_int_equal(g.told[NOTE_STANDBY], 1);
	g.lease.until = g.now.boot;
	rig_run(&g, 10 * SECOND);
	role_is("leader");
	g.lease.holder[0] = '\0';
	g.lease.denied = 1u << LEASE_ACQUIRE;
	rig_run(&g, 11 * SECOND);
	role_is("standby");
	assert_int_equal(g.told[NOTE_STANDBY], 1); /* who leads is not known */
	others();
	rig_run(&g, 2 * MINUTE);
	assert_int_equal(g.told[NOTE_STANDBY], 2);
	assert_non_null(
		strstr(last_said(NOTE_STANDBY), "two holds lease \"fleet\""));
}

/* Azure is told whole seconds, and no more is believed. */
static void a_fraction_of_a_second(void **state)
{
	static const char text[] =
		"lease \"fleet\" {\nurl = "
		"\"https://contoso.blob.core.windows.net/keyrotd/fleet\"\n"
		"duration = \"30s900ms\"\n}\nlease = \"fleet\"\n";

	(void)state;
	start_with(text, 1);
	rig_run(&g, SECOND);
	role_is("leader");
	assert_int_equal(g.lease.length, 30 * SECOND);
	assert_string_equal(rig_lease(&g, "duration_s"), "30");
	/* It is the same as before: not asked for anew. */
	reload(text);
	rig_run(&g, SECOND);
	assert_int_equal(g.lease.steps[LEASE_ACQUIRE], 1);
	fault_set(&g.faults[CALL_LEASE], FAULT_DENIED, 403, "No role.");
	rig_run(&g, 28 * SECOND + 500);
	assert_string_equal(rig_summary(&g, "role"), "standby");
}

/* What was known before its service could not be asked is no fact of now. */
static void who_leads_is_as_of_then(void **state)
{
	const char *reason;

	(void)state;
	start(1);
	others();
	rig_run(&g, 10 * SECOND);
	publish();
	rig_run(&g, MINUTE);
	g.lease.down = true;
	rig_run(&g, MINUTE);
	reason = rig_registry(&g, 0, "reason");
	assert_non_null(strstr(reason, "it waits for the daemon that leads: as "
				       "of 2026-"));
	assert_non_null(strstr(reason, "Z two held lease \"fleet\", and "
				       "nothing newer is known: The blob "
				       "cannot be had."));
	g.lease.down = false;
	rig_run(&g, MINUTE);
	assert_non_null(strstr(rig_registry(&g, 0, "reason"),
			       "leads: two holds lease \"fleet\""));
}

static void part_is(const char *part)
{
	char text[160];

	engine_part(g.engine, text, sizeof(text));
	assert_string_equal(text, part);
}

/* What the service manager shows. */
static void its_part_is_a_sentence(void **state)
{
	(void)state;
	start(1);
	part_is("This daemon is standby.");
	rig_run(&g, SECOND);
	part_is("This daemon leads.");
	g.lease.down = true;
	rig_run(&g, MINUTE);
	part_is("This daemon leads, which nobody confirms.");
	g.lease.down = false;
	others();
	rig_run(&g, 20 * SECOND);
	part_is("This daemon is standby: two leads.");
	g.lease.down = true;
	rig_run(&g, 20 * SECOND);
	part_is("This daemon is standby.");
	reload("");
	part_is("");
}

static void another_duration(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	assert_int_equal(g.lease.length, 30 * SECOND);
	reload("lease \"fleet\" {\nurl = "
	       "\"https://contoso.blob.core.windows.net/keyrotd/fleet\"\n"
	       "duration = \"60s\"\n}\nlease = \"fleet\"\n");
	role_is("leader");
	rig_run(&g, SECOND);
	assert_int_equal(g.lease.length, 60 * SECOND);
	assert_int_equal(g.told[NOTE_LEADER], 1);
}

/* ---- whose it is when both live ---- */

static void a_preferred_one_asks_for_it(void **state)
{
	(void)state;
	start_with(LEASE "prefer = true\n", 1);
	others();
	rig_run(&g, 10 * SECOND);
	/* Beside the name of who holds it, which stays: others read that. */
	assert_string_equal(g.lease.said.wanted_host, "one");
	assert_int_equal(strlen(g.lease.said.wanted_id), 36);
	assert_string_equal(g.lease.said.host, "two");
	assert_string_equal(g.lease.said.version, "1.0.0");
	assert_string_equal(g.lease.said.since, "2026-03-01T11:00:00Z");
	assert_string_equal(g.lease.said.id, OTHER);
	assert_string_equal(rig_summary(&g, "leader"), "two");
	role_is("standby");
	/* One wish is enough, for as long as it stands there. */
	rig_run(&g, 10 * MINUTE);
	assert_int_equal(g.lease.steps[LEASE_TELL], 1);
	g.lease.said.wanted_id[0] = g.lease.said.wanted_host[0] = '\0';
	rig_run(&g, MINUTE);
	assert_int_equal(g.lease.steps[LEASE_TELL], 2);
	/* It lets go. */
	g.lease.holder[0] = '\0';
	rig_run(&g, 6 * SECOND);
	role_is("leader");
	assert_string_equal(g.lease.said.host, "one");
	assert_string_equal(g.lease.said.wanted_id, "");
	/* And lets go for nobody. */
	wanted();
	rig_run(&g, 2 * MINUTE);
	role_is("leader");
	assert_string_equal(g.lease.said.host, "one");
	assert_string_equal(g.lease.said.wanted_id, "");
}

/* Whoever only observes names who holds it, and not who wants it. */
static void a_third_one_names_the_holder(void **state)
{
	(void)state;
	start(1);
	others();
	wanted();
	rig_run(&g, 10 * SECOND);
	assert_string_equal(rig_summary(&g, "leader"), "two");
	assert_string_equal(rig_summary(&g, "leader_since"),
			    "2026-03-01T11:00:00Z");
}

/* Somebody has written over the name of who holds it: it is put right. */
static void who_holds_it_says_so(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	g.lease.said = (struct lease_holder){ .host = "two", .id = OTHER };
	rig_run(&g, MINUTE);
	role_is("leader");
	assert_string_equal(g.lease.said.host, "one");
}

static void another_one_lets_it_go(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	rig_run(&g, 10 * MINUTE);
	role_is("leader");
	wanted();
	until_standby(41 * SECOND);
	assert_string_equal(g.lease.holder, "");
	assert_non_null(
		strstr(rig_said(&g, NOTE_STANDBY)->text, "three is preferred"));
	assert_string_equal(rig_said(&g, NOTE_STANDBY)->role, "standby");
	/* Nobody takes it, who asks every five seconds: it is asked for again.
	 */
	rig_run(&g, 13 * SECOND);
	assert_string_equal(g.lease.holder, "");
	rig_run(&g, 10 * SECOND);
	role_is("leader");
}

/* It takes the lease, and dies: who had let go is the next, as soon as any. */
static void who_let_go_takes_over(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, 5 * MINUTE);
	wanted();
	until_standby(41 * SECOND);
	others();
	g.lease.until = g.now.boot + 30 * SECOND;
	rig_run(&g, 29 * SECOND);
	role_is("standby");
	rig_run(&g, 6 * SECOND);
	role_is("leader");
}

/* Its questions come through, and no answer does: it takes the lease without
 * knowing, and does not take it again and again, so that another one may. */
static void who_hears_nothing_keeps_nothing(void **state)
{
	(void)state;
	start(1);
	g.lease.lost = true;
	rig_run(&g, 10 * SECOND);
	assert_string_not_equal(g.lease.holder, "");
	rig_run(&g, 10 * MINUTE);
	role_is("standby");
	assert_true(g.now.boot > g.lease.until);
	/* It hears again, and nobody has it. */
	g.lease.lost = false;
	rig_run(&g, 11 * SECOND);
	role_is("leader");
}

/* Not in the middle of a move. */
static void not_while_it_moves(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	g.hold = 1u << CALL_PATCH;
	publish();
	assert_true(rig_until(&g, CALL_PATCH, MINUTE));
	wanted();
	rig_run(&g, 55 * SECOND);
	role_is("leader");
	g.hold = 0;
	until_standby(41 * SECOND);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
}

/* ---- paused by hand ---- */

static void pause_until(const char *id, int64_t until)
{
	struct registry *r = NULL;

	if (id)
		r = engine_find(g.engine, id, &(size_t){ 0 });
	engine_pause(g.engine, r, until, NULL, 0, g.now);
	rig_drain(&g);
	rig_answer(&g);
}

static void pause_all(void)
{
	pause_until(NULL, rig_azure(&g) + HOUR);
}

/* Who writes nothing does not keep others from it. */
static void a_paused_leader_lets_go(void **state)
{
	unsigned asked;

	(void)state;
	start(2);
	rig_run(&g, SECOND);
	role_is("leader");
	publish();
	pause_all();
	rig_run(&g, SECOND);
	role_is("standby");
	assert_string_equal(g.lease.holder, "");
	assert_non_null(strstr(last_said(NOTE_STANDBY),
			       "lets go of lease \"fleet\": all that is under "
			       "it is paused by hand"));
	/* Nobody takes it: nor does this one, which only looks. */
	asked = g.lease.steps[LEASE_ACQUIRE];
	rig_run(&g, 50 * MINUTE);
	assert_int_equal(g.lease.steps[LEASE_ACQUIRE], asked);
	assert_int_equal(g.sent[CALL_PATCH], 0);
	assert_int_equal(g.told[NOTE_STANDBY], 1);
	pause_until(NULL, 0);
	rig_run(&g, 2 * SECOND);
	role_is("leader");
	rig_run(&g, MINUTE);
	assert_string_equal(rig_registry(&g, 1, "version_in_use"), V2);
}

static void a_pause_that_ends_is_over(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	pause_all();
	rig_run(&g, 59 * MINUTE);
	role_is("standby");
	rig_run(&g, MINUTE + 6 * SECOND);
	role_is("leader");
}

/* As long as one of them may be written, it is led. */
static void one_of_two_that_is_paused(void **state)
{
	(void)state;
	start(2);
	rig_run(&g, SECOND);
	pause_until(rig_id(0), rig_azure(&g) + HOUR);
	rig_run(&g, 5 * MINUTE);
	role_is("leader");
	pause_until(rig_id(1), rig_azure(&g) + HOUR);
	rig_run(&g, SECOND);
	role_is("standby");
	pause_until(rig_id(0), 0);
	rig_run(&g, 2 * SECOND);
	role_is("leader");
}

/* Its leader dies, and there may be a third one. */
static void a_paused_standby_takes_nothing(void **state)
{
	(void)state;
	start(1);
	others();
	rig_run(&g, 10 * SECOND);
	pause_all();
	g.lease.until = g.now.boot;
	rig_run(&g, 5 * MINUTE);
	role_is("standby");
	assert_string_equal(g.lease.holder, OTHER);
	assert_string_equal(rig_summary(&g, "leader"), "null");
	/* It is there no more: made again, and not taken. */
	g.lease.missing = true;
	rig_run(&g, MINUTE);
	assert_int_equal(g.lease.steps[LEASE_MAKE], 1);
	role_is("standby");
}

static void a_paused_one_that_is_preferred_asks_for_nothing(void **state)
{
	(void)state;
	start_with(LEASE "prefer = true\n", 1);
	pause_all();
	others();
	rig_run(&g, 10 * MINUTE);
	assert_int_equal(g.lease.steps[LEASE_TELL], 0);
	assert_string_equal(rig_summary(&g, "leader"), "two");
	pause_until(NULL, 0);
	rig_run(&g, 36 * SECOND);
	assert_string_equal(g.lease.said.wanted_host, "one");
}

/* A write that is on its way is read back first. */
static void a_pause_in_the_middle_of_a_write(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	g.models[0].ignores = true; /* it pins, and would release */
	g.hold = 1u << CALL_PATCH;
	publish();
	assert_true(rig_until(&g, CALL_PATCH, MINUTE));
	pause_all();
	rig_run(&g, 55 * SECOND);
	role_is("leader");
	g.hold = 0;
	until_standby(MINUTE);
	assert_string_equal(g.lease.holder, "");
}

/* Its window may be kept by another one. */
static void what_a_pause_costs_is_told(void **state)
{
	(void)state;
	start(1);
	rig_run(&g, SECOND);
	publish();
	pause_all();
	rig_run(&g, SECOND);
	if (!strstr(rig_summary(&g, "worst"),
		    "Z, and is missed unless another daemon that shares lease "
		    "\"fleet\" moves it."))
		fail_msg("%s", rig_summary(&g, "worst"));
	reload("");
	rig_run(&g, SECOND);
	assert_non_null(strstr(rig_summary(&g, "worst"),
			       "Z, and is missed otherwise."));
}

/* ---- one pass ---- */

/* A single pass waits for whose it is: a blob that is made first, or one
 * question that fails, is no word of that. */
static void a_pass_waits_for_who_leads(void **state)
{
	(void)state;
	start(1);
	rig_newer(&g, V2, rig_azure(&g));
	g.lease.missing = true;
	g.hold = 1u << CALL_LEASE;
	rig_run(&g, 3 * SECOND);
	assert_false(engine_pass_done(g.engine));
	rig_good_answer(&g, rig_find(&g, CALL_LEASE, NULL)); /* no blob */
	rig_drain(&g);
	assert_int_equal(g.lease.steps[LEASE_ACQUIRE], 1);
	assert_false(engine_pass_done(g.engine));
	rig_fail(&g, rig_find(&g, CALL_LEASE, NULL), FAULT_TRANSIENT, 503);
	rig_drain(&g);
	assert_false(engine_pass_done(g.engine));
	g.hold = 0;
	rig_run(&g, MINUTE);
	assert_true(engine_pass_done(g.engine) && engine_all_current(g.engine));
	role_is("leader");
}

static void a_pass_does_not_wait_for_ever(void **state)
{
	(void)state;
	start(1);
	rig_newer(&g, V2, rig_azure(&g));
	g.lease.down = true;
	rig_run(&g, MINUTE);
	assert_true(engine_pass_done(g.engine));
	assert_false(engine_all_current(g.engine));
}

/* A pass, so many minutes after the version came, while the lease's service
 * cannot be asked. */
static void pass_after(int64_t ms, bool elsewhere, const char *in_use,
		       unsigned hold)
{
	rig_start(&g,
		  rig_config(LEASE, RIG_KEY,
			     "canary = \"registry1\"\nmax-parallel = 2\n", 0,
			     5),
		  5);
	engine_self(g.engine, "one", "1.0.0");
	g.may_lose = true;
	engine_single_pass(g.engine);
	g.models[1].ignores = true;
	g.hold = hold;
	rig_newer(&g, V2, rig_azure(&g) - ms);
	g.lease.down = !elsewhere;
	if (elsewhere)
		others();
	for (int i = 0; i < 600 && !engine_pass_done(g.engine); i++)
		rig_run(&g, SECOND);
	assert_true(engine_pass_done(g.engine));
	for (unsigned i = 0; i < 5; i++)
		assert_string_equal(rig_registry(&g, i, "version_in_use"),
				    in_use);
	role_is("standby");
}

static void a_pass_writes_in_the_last_quarter(void **state)
{
	(void)state;
	pass_after(40 * MINUTE, false, V1, 0);
	assert_int_equal(g.sent[CALL_PATCH], 0);
	rig_stop(&g);
	pass_after(50 * MINUTE, false, V2, 0);
	assert_non_null(strstr(rig_said(&g, NOTE_WRITE)->text,
			       "though this daemon is standby"));
	assert_true(engine_all_current(g.engine));
	rig_stop(&g);
	pass_after(50 * MINUTE, true, V2, 0);
	rig_stop(&g);
	pass_after(2 * HOUR, false, V2, 0);
	rig_stop(&g);
	/* Nor does it wait for what never answers. */
	pass_after(50 * MINUTE, false, V2, 1u << CALL_LEASE);
}

static void a_dry_run_takes_no_part(void **state)
{
	(void)state;
	start(1);
	engine_dry_run(g.engine, true);
	publish();
	rig_run(&g, MINUTE);
	assert_int_equal(g.sent[CALL_LEASE], 0);
	assert_int_equal(g.shows, 1);
	role_is("alone");
}

#define TEST(name) cmocka_unit_test_teardown(name, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_made_held_and_told),
		TEST(its_credential_is_its_own),
		TEST(a_leader_moves_its_registries),
		TEST(alone_is_as_ever),
		TEST(a_standby_observes),
		TEST(a_holder_without_a_name),
		TEST(a_standby_takes_over),
		TEST(a_quarter_is_left),
		TEST(a_pause_is_one_daemons),
		TEST(a_lonely_move_is_ended),
		TEST(a_lonely_move_is_over),
		TEST(the_leaders_last_step_is_its_own),
		TEST(the_leaders_work_is_nobody_elses),
		TEST(a_pin_on_the_way_is_nobody_elses),
		TEST(a_dead_leaders_pin_is_nobody_elses),
		TEST(who_lost_it_stops_at_once),
		TEST(who_waits_does_not_go),
		TEST(what_is_on_its_way_is_read_back),
		TEST(an_outage_stops_nobody),
		TEST(who_is_refused_leads_no_more),
		TEST(a_look_ends_no_refusal_to_acquire),
		TEST(a_look_at_a_free_one_does_not_either),
		TEST(a_renewal_ends_no_refusal_to_look),
		TEST(a_renewal_ends_no_refusal_to_tell),
		TEST(an_answer_that_it_is_missing_ends_no_refusal_to_make),
		TEST(a_wish_that_is_refused),
		TEST(a_standby_recovers),
		TEST(nobody_is_named_when_it_is_free),
		TEST(a_refusal_delays_no_take_over),
		TEST(an_outage_delays_no_take_over),
		TEST(who_may_not_look_leads),
		TEST(silence_is_an_outage),
		TEST(who_slept_does_not_lead),
		TEST(who_slept_names_who_leads),
		TEST(who_slept_does_not_go_on),
		TEST(who_failed_and_slept_does_not_lead),
		TEST(at_the_start_nobody_leads),
		TEST(it_is_made_again),
		TEST(the_end_lets_go),
		TEST(the_end_of_a_standby_is_nothing),
		TEST(a_reload_takes_it_away_and_back),
		TEST(a_reload_tells_who_acts),
		TEST(a_reload_moves_what_is_under_it),
		TEST(a_broken_lease_is_told_of),
		TEST(a_fraction_of_a_second),
		TEST(who_leads_is_as_of_then),
		TEST(its_part_is_a_sentence),
		TEST(another_duration),
		TEST(a_preferred_one_asks_for_it),
		TEST(a_third_one_names_the_holder),
		TEST(who_holds_it_says_so),
		TEST(another_one_lets_it_go),
		TEST(who_let_go_takes_over),
		TEST(who_hears_nothing_keeps_nothing),
		TEST(not_while_it_moves),
		TEST(a_paused_leader_lets_go),
		TEST(a_pause_that_ends_is_over),
		TEST(one_of_two_that_is_paused),
		TEST(a_paused_standby_takes_nothing),
		TEST(a_paused_one_that_is_preferred_asks_for_nothing),
		TEST(a_pause_in_the_middle_of_a_write),
		TEST(what_a_pause_costs_is_told),
		TEST(a_pass_waits_for_who_leads),
		TEST(a_pass_does_not_wait_for_ever),
		TEST(a_pass_writes_in_the_last_quarter),
		TEST(a_dry_run_takes_no_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
