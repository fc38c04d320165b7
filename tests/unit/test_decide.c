/* engine/decide: every mode in every situation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine/decide.h"

#define NOW INT64_C(1772366400000)
#define DAY INT64_C(86400000)
#define OLD "11111111111111111111111111111111"
#define NEW "22222222222222222222222222222222"
#define LAST_REASON REASON_STANDBY

/* What is not as it should be. */
enum odd {
	MISSING = 1 << 0,
	NO_CMK = 1 << 1,
	BASIC = 1 << 2,	     /* not Premium */
	UNPARSED = 1 << 3,   /* its key identifier */
	FOREIGN = 1 << 4,    /* another key */
	DETACHED = 1 << 5,   /* its identity */
	PINNED = 1 << 6,     /* the identifier names the version in use */
	BEHIND = 1 << 7,     /* the old version is in use */
	UNTOLD = 1 << 8,     /* the version in use is not told */
	TAKEOVER = 1 << 9,   /* the watch may move it from another key */
	UNREAD = 1 << 10,    /* the version in use was not read */
	YOUNGER = 1 << 11,   /* ... or is younger than the newest */
	GONE = 1 << 12,	     /* ... or cannot be read any more */
	TRIED = 1 << 13,     /* the unversioned identifier was ignored */
	NO_TARGET = 1 << 14, /* the key was not read */
	HIDDEN = 1 << 15,    /* no key is told, nor that there is none */
};
#define ODDS 16

struct row {
	enum watch_mode mode;
	unsigned odd;
	enum registry_provisioning provisioning;
	enum decide_reason fault; /* of the wanted version */
	enum decide_action action;
	enum decide_reason reason;
};

static struct registry_facts facts;
static struct key_version target, in_use;

static void fill_facts(unsigned odd, enum registry_provisioning p)
{
	const char *version = odd & BEHIND ? OLD : NEW;

	facts = (struct registry_facts){
		.provisioning = p,
		.premium = !(odd & BASIC),
		.encrypted = !(odd & NO_CMK),
		.key_valid = !(odd & UNPARSED),
		.own_key = !(odd & (FOREIGN | UNPARSED)),
		.own_identifier = !(odd & (FOREIGN | UNPARSED)),
		.own_in_use = !(odd & (FOREIGN | UNPARSED | UNTOLD)),
		.identity_attached = !(odd & DETACHED),
		.missing = !!(odd & MISSING),
		.hidden = !!(odd & HIDDEN),
		.auto_rotation = !(odd & PINNED),
		.pinned = "",
		.in_use = "",
		.identity = "",
	};
	if (!(odd & UNTOLD))
		facts.in_use = version;
	if (odd & PINNED)
		facts.pinned = version;
}

static struct decide_input input(enum watch_mode mode, unsigned odd,
				 enum decide_reason fault)
{
	target = (struct key_version){ .version = NEW, .created = NOW };
	in_use = (struct key_version){
		.version = OLD,
		.created = NOW + (odd & YOUNGER ? 1 : -DAY),
	};
	return (struct decide_input){
		.mode = mode,
		.takeover = odd & TAKEOVER,
		.facts = &facts,
		.target = odd & NO_TARGET ? NULL : &target,
		.target_fault = fault,
		.in_use = odd & UNREAD ? NULL : &in_use,
		.in_use_gone = odd & GONE,
		.tried = odd & TRIED,
	};
}

static struct decision step(enum watch_mode mode, unsigned odd,
			    enum registry_provisioning p,
			    enum decide_reason fault)
{
	struct decide_input in = input(mode, odd, fault);

	fill_facts(odd, p);
	return decide_step(&in);
}

static const struct row rows[] = {
	/* Nothing to do. */
	{ WATCH_FOLLOW, 0, 0, 0, DECIDE_DONE, REASON_CURRENT },
	{ WATCH_PIN, 0, 0, 0, DECIDE_DONE, REASON_CURRENT },
	{ WATCH_PIN, PINNED, 0, 0, DECIDE_DONE, REASON_CURRENT },
	{ WATCH_OBSERVE, 0, 0, 0, DECIDE_DONE, REASON_CURRENT },
	{ WATCH_OBSERVE, PINNED, 0, 0, DECIDE_DONE, REASON_CURRENT },
	{ WATCH_MANUAL, 0, 0, 0, DECIDE_DONE, REASON_CURRENT },
	{ WATCH_MANUAL, PINNED, 0, 0, DECIDE_DONE, REASON_CURRENT },
	{ WATCH_FOLLOW, DETACHED, 0, 0, DECIDE_DONE, REASON_CURRENT },
	/* Right version, wrong identifier. */
	{ WATCH_FOLLOW, PINNED, 0, 0, DECIDE_RELEASE, REASON_RELEASE },
	{ WATCH_FOLLOW, PINNED | TRIED, 0, 0, DECIDE_RELEASE, REASON_RELEASE },
	{ WATCH_FOLLOW, PINNED | UNREAD, 0, 0, DECIDE_RELEASE, REASON_RELEASE },
	{ WATCH_FOLLOW, PINNED | DETACHED, 0, 0, DECIDE_BLOCK,
	  REASON_IDENTITY_DETACHED },
	/* On a newest version that has gone bad. */
	{ WATCH_FOLLOW, 0, 0, REASON_NEWEST_DISABLED, DECIDE_HOLD,
	  REASON_NEWEST_DISABLED },
	{ WATCH_FOLLOW, PINNED, 0, REASON_NEWEST_EXPIRED, DECIDE_HOLD,
	  REASON_NEWEST_EXPIRED },
	{ WATCH_PIN, 0, 0, REASON_NEWEST_EXPIRED, DECIDE_HOLD,
	  REASON_NEWEST_EXPIRED },
	{ WATCH_OBSERVE, 0, 0, REASON_NEWEST_DISABLED, DECIDE_HOLD,
	  REASON_NEWEST_DISABLED },
	{ WATCH_MANUAL, 0, 0, REASON_NEWEST_DISABLED, DECIDE_DONE,
	  REASON_CURRENT },
	/* Behind. */
	{ WATCH_FOLLOW, BEHIND, 0, 0, DECIDE_FOLLOW, REASON_WRITING },
	{ WATCH_FOLLOW, BEHIND | PINNED, 0, 0, DECIDE_FOLLOW, REASON_WRITING },
	{ WATCH_FOLLOW, BEHIND | TRIED, 0, 0, DECIDE_PIN, REASON_WRITING },
	/* Nobody can tell: not known is not "another version". */
	{ WATCH_FOLLOW, UNTOLD, 0, 0, DECIDE_UNKNOWN, REASON_IN_USE_UNTOLD },
	{ WATCH_PIN, UNTOLD, 0, 0, DECIDE_UNKNOWN, REASON_IN_USE_UNTOLD },
	{ WATCH_FOLLOW, UNTOLD | TRIED, 0, 0, DECIDE_UNKNOWN,
	  REASON_IN_USE_UNTOLD },
	{ WATCH_OBSERVE, UNTOLD, 0, 0, DECIDE_UNKNOWN, REASON_IN_USE_UNTOLD },
	{ WATCH_MANUAL, UNTOLD, 0, 0, DECIDE_UNKNOWN, REASON_IN_USE_UNTOLD },
	{ WATCH_FOLLOW, UNTOLD | NO_TARGET, 0, 0, DECIDE_UNKNOWN,
	  REASON_IN_USE_UNTOLD },
	{ WATCH_FOLLOW, UNTOLD | FOREIGN | TAKEOVER, 0, 0, DECIDE_UNKNOWN,
	  REASON_IN_USE_UNTOLD },
	{ WATCH_FOLLOW, UNTOLD | FOREIGN, 0, 0, DECIDE_BLOCK,
	  REASON_FOREIGN_KEY },
	{ WATCH_FOLLOW, HIDDEN | UNTOLD | NO_CMK | UNPARSED, 0, 0,
	  DECIDE_UNKNOWN, REASON_IN_USE_UNTOLD },
	{ WATCH_FOLLOW, HIDDEN | UNTOLD | NO_CMK | UNPARSED | TAKEOVER, 0, 0,
	  DECIDE_UNKNOWN, REASON_IN_USE_UNTOLD },
	{ WATCH_FOLLOW, HIDDEN | MISSING, 0, 0, DECIDE_BLOCK, REASON_MISSING },
	{ WATCH_FOLLOW, UNTOLD, PROVISIONING_UPDATING, 0, DECIDE_WAIT,
	  REASON_BUSY },
	{ WATCH_PIN, BEHIND, 0, 0, DECIDE_PIN, REASON_WRITING },
	{ WATCH_PIN, BEHIND | PINNED | TRIED, 0, 0, DECIDE_PIN,
	  REASON_WRITING },
	{ WATCH_OBSERVE, BEHIND, 0, 0, DECIDE_WAIT, REASON_OBSERVE },
	{ WATCH_OBSERVE, BEHIND | PINNED, 0, 0, DECIDE_WAIT, REASON_OBSERVE },
	/* Azure may have moved it already, to one that was not seen. */
	{ WATCH_OBSERVE, BEHIND | UNREAD, 0, 0, DECIDE_LOOK,
	  REASON_READ_FIRST },
	{ WATCH_OBSERVE, BEHIND | YOUNGER, 0, 0, DECIDE_HOLD,
	  REASON_NEWEST_OLDER },
	{ WATCH_MANUAL, BEHIND, 0, 0, DECIDE_HOLD, REASON_MANUAL },
	{ WATCH_MANUAL, BEHIND, 0, REASON_NEWEST_EXPIRED, DECIDE_HOLD,
	  REASON_MANUAL },
	{ WATCH_MANUAL, BEHIND, 0, REASON_MANUAL_MISSING, DECIDE_HOLD,
	  REASON_MANUAL_MISSING },
	{ WATCH_MANUAL, 0, 0, REASON_MANUAL_DISABLED, DECIDE_HOLD,
	  REASON_MANUAL_DISABLED },
	{ WATCH_MANUAL, 0, 0, REASON_MANUAL_UNFIT, DECIDE_HOLD,
	  REASON_MANUAL_UNFIT },
	/* Behind, and the newest version is no use. */
	{ WATCH_FOLLOW, BEHIND, 0, REASON_NEWEST_NOT_YET, DECIDE_HOLD,
	  REASON_NEWEST_NOT_YET },
	{ WATCH_PIN, BEHIND, 0, REASON_NEWEST_NOT_RSA, DECIDE_HOLD,
	  REASON_NEWEST_NOT_RSA },
	{ WATCH_OBSERVE, BEHIND, 0, REASON_NEWEST_SHORT, DECIDE_HOLD,
	  REASON_NEWEST_SHORT },
	{ WATCH_FOLLOW, BEHIND | TRIED, 0, REASON_NEWEST_NO_WRAP, DECIDE_HOLD,
	  REASON_NEWEST_NO_WRAP },
	{ WATCH_FOLLOW, BEHIND, 0, REASON_NEWEST_OLDER, DECIDE_HOLD,
	  REASON_NEWEST_OLDER },
	/* Never back. */
	{ WATCH_FOLLOW, BEHIND | UNREAD, 0, 0, DECIDE_LOOK, REASON_READ_FIRST },
	{ WATCH_PIN, BEHIND | UNREAD, 0, 0, DECIDE_LOOK, REASON_READ_FIRST },
	{ WATCH_FOLLOW, BEHIND | YOUNGER, 0, 0, DECIDE_HOLD,
	  REASON_NEWEST_OLDER },
	{ WATCH_PIN, BEHIND | YOUNGER, 0, 0, DECIDE_HOLD, REASON_NEWEST_OLDER },
	{ WATCH_FOLLOW, BEHIND | UNREAD | GONE, 0, 0, DECIDE_HOLD,
	  REASON_IN_USE_UNREAD },
	{ WATCH_FOLLOW, BEHIND | YOUNGER | GONE, 0, 0, DECIDE_HOLD,
	  REASON_IN_USE_LOST },
	{ WATCH_PIN, BEHIND | UNREAD | GONE, 0, 0, DECIDE_HOLD,
	  REASON_IN_USE_UNREAD },
	{ WATCH_FOLLOW, BEHIND | GONE, 0, 0, DECIDE_FOLLOW, REASON_WRITING },
	{ WATCH_FOLLOW, FOREIGN | TAKEOVER | UNREAD | GONE, 0, 0, DECIDE_FOLLOW,
	  REASON_WRITING },
	{ WATCH_FOLLOW, BEHIND | DETACHED, 0, 0, DECIDE_BLOCK,
	  REASON_IDENTITY_DETACHED },
	{ WATCH_PIN, BEHIND | DETACHED, 0, 0, DECIDE_BLOCK,
	  REASON_IDENTITY_DETACHED },
	{ WATCH_FOLLOW, BEHIND | DETACHED | UNREAD, 0, 0, DECIDE_LOOK,
	  REASON_READ_FIRST },
	/* Another key. */
	{ WATCH_FOLLOW, FOREIGN, 0, 0, DECIDE_BLOCK, REASON_FOREIGN_KEY },
	{ WATCH_PIN, FOREIGN | BEHIND, 0, 0, DECIDE_BLOCK, REASON_FOREIGN_KEY },
	{ WATCH_OBSERVE, FOREIGN, 0, 0, DECIDE_BLOCK, REASON_FOREIGN_KEY },
	{ WATCH_MANUAL, FOREIGN, 0, 0, DECIDE_BLOCK, REASON_FOREIGN_KEY },
	{ WATCH_FOLLOW, FOREIGN | TAKEOVER, 0, 0, DECIDE_FOLLOW,
	  REASON_WRITING },
	{ WATCH_PIN, FOREIGN | TAKEOVER | UNREAD, 0, 0, DECIDE_PIN,
	  REASON_WRITING },
	{ WATCH_OBSERVE, FOREIGN | TAKEOVER, 0, 0, DECIDE_WAIT,
	  REASON_OBSERVE },
	{ WATCH_MANUAL, FOREIGN | TAKEOVER, 0, 0, DECIDE_HOLD, REASON_MANUAL },
	{ WATCH_FOLLOW, FOREIGN | TAKEOVER | YOUNGER | BEHIND, 0, 0,
	  DECIDE_FOLLOW, REASON_WRITING },
	/* Structure, and its order. */
	{ WATCH_FOLLOW, MISSING, 0, 0, DECIDE_BLOCK, REASON_MISSING },
	{ WATCH_OBSERVE, NO_CMK, 0, 0, DECIDE_BLOCK, REASON_NO_CMK },
	{ WATCH_MANUAL, BASIC, 0, 0, DECIDE_BLOCK, REASON_NOT_PREMIUM },
	{ WATCH_PIN, UNPARSED, 0, 0, DECIDE_BLOCK, REASON_KEY_UNPARSED },
	{ WATCH_PIN, UNPARSED | TAKEOVER, 0, 0, DECIDE_BLOCK,
	  REASON_KEY_UNPARSED },
	{ WATCH_FOLLOW, MISSING | NO_CMK | BASIC | UNPARSED | FOREIGN,
	  PROVISIONING_FAILED, 0, DECIDE_BLOCK, REASON_MISSING },
	{ WATCH_FOLLOW, NO_CMK | BASIC | UNPARSED | FOREIGN,
	  PROVISIONING_FAILED, 0, DECIDE_BLOCK, REASON_NO_CMK },
	{ WATCH_FOLLOW, BASIC | UNPARSED | FOREIGN, PROVISIONING_FAILED, 0,
	  DECIDE_BLOCK, REASON_NOT_PREMIUM },
	{ WATCH_FOLLOW, UNPARSED | FOREIGN, PROVISIONING_FAILED, 0,
	  DECIDE_BLOCK, REASON_KEY_UNPARSED },
	{ WATCH_FOLLOW, FOREIGN, PROVISIONING_FAILED, 0, DECIDE_BLOCK,
	  REASON_FOREIGN_KEY },
	{ WATCH_FOLLOW, NO_TARGET | MISSING, 0, 0, DECIDE_BLOCK,
	  REASON_MISSING },
	/* What Azure is doing with it. */
	{ WATCH_FOLLOW, 0, PROVISIONING_FAILED, 0, DECIDE_BLOCK,
	  REASON_PROVISIONING },
	{ WATCH_FOLLOW, BEHIND, PROVISIONING_CANCELED, 0, DECIDE_BLOCK,
	  REASON_PROVISIONING },
	{ WATCH_OBSERVE, 0, PROVISIONING_DELETING, 0, DECIDE_BLOCK,
	  REASON_PROVISIONING },
	{ WATCH_FOLLOW, BEHIND, PROVISIONING_UPDATING, 0, DECIDE_WAIT,
	  REASON_BUSY },
	{ WATCH_PIN, 0, PROVISIONING_CREATING, 0, DECIDE_WAIT, REASON_BUSY },
	{ WATCH_MANUAL, BEHIND, PROVISIONING_OTHER, 0, DECIDE_WAIT,
	  REASON_BUSY },
	{ WATCH_FOLLOW, NO_TARGET, PROVISIONING_UPDATING, 0, DECIDE_WAIT,
	  REASON_BUSY },
	{ WATCH_FOLLOW, DETACHED | BEHIND, PROVISIONING_UPDATING, 0,
	  DECIDE_WAIT, REASON_BUSY },
	/* No version to go by. */
	{ WATCH_FOLLOW, NO_TARGET, 0, 0, DECIDE_HOLD, REASON_KEY_UNREAD },
	{ WATCH_OBSERVE, NO_TARGET, 0, 0, DECIDE_HOLD, REASON_KEY_UNREAD },
	{ WATCH_MANUAL, NO_TARGET, 0, 0, DECIDE_HOLD, REASON_KEY_UNREAD },
	{ WATCH_PIN, NO_TARGET, 0, REASON_NEWEST_MISSING, DECIDE_HOLD,
	  REASON_NEWEST_MISSING },
	{ WATCH_FOLLOW, NO_TARGET, 0, REASON_NEWEST_DISABLED, DECIDE_HOLD,
	  REASON_NEWEST_DISABLED },
};

static void every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *r = &rows[i];
		struct decision d =
			step(r->mode, r->odd, r->provisioning, r->fault);

		if (d.action != r->action || d.reason != r->reason)
			fail_msg("row %zu: action %d (%d), reason %d (%d)", i,
				 d.action, r->action, d.reason, r->reason);
	}
}

/* What a person asks for. */
static void by_hand(void **state)
{
	static const struct {
		enum watch_mode mode;
		unsigned odd;
		const char *reader;
		enum decide_action action;
		enum decide_reason reason;
	} cases[] = {
		{ WATCH_MANUAL, BEHIND, NULL, DECIDE_PIN, REASON_WRITING },
		/* Also back, and away from what nobody can read any more. */
		{ WATCH_MANUAL, BEHIND | YOUNGER, NULL, DECIDE_PIN,
		  REASON_WRITING },
		{ WATCH_MANUAL, BEHIND | UNREAD, NULL, DECIDE_PIN,
		  REASON_WRITING },
		{ WATCH_FOLLOW, BEHIND | YOUNGER, NULL, DECIDE_HOLD,
		  REASON_NEWEST_OLDER },
		{ WATCH_OBSERVE, BEHIND, NULL, DECIDE_WAIT, REASON_OBSERVE },
		{ WATCH_MANUAL, BEHIND | FOREIGN, NULL, DECIDE_BLOCK,
		  REASON_FOREIGN_KEY },
		{ WATCH_MANUAL, BEHIND | DETACHED, NULL, DECIDE_BLOCK,
		  REASON_IDENTITY_DETACHED },
		{ WATCH_MANUAL, 0, NULL, DECIDE_DONE, REASON_CURRENT },
		/* Another identity is to read the key. */
		{ WATCH_MANUAL, 0, "system", DECIDE_PIN, REASON_WRITING },
		{ WATCH_PIN, 0, "system", DECIDE_PIN, REASON_WRITING },
		{ WATCH_FOLLOW, 0, "system", DECIDE_FOLLOW, REASON_WRITING },
		{ WATCH_FOLLOW, TRIED, "system", DECIDE_PIN, REASON_WRITING },
		{ WATCH_FOLLOW, DETACHED, "system", DECIDE_FOLLOW,
		  REASON_WRITING },
		{ WATCH_FOLLOW, BEHIND, "system", DECIDE_FOLLOW,
		  REASON_WRITING },
		{ WATCH_FOLLOW, 0, "", DECIDE_BLOCK, REASON_IDENTITY_DETACHED },
		{ WATCH_FOLLOW, BEHIND, "", DECIDE_BLOCK,
		  REASON_IDENTITY_DETACHED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct decide_input in =
			input(cases[i].mode, cases[i].odd, REASON_NONE);
		struct decision d;

		in.ordered = true;
		in.reader = cases[i].reader;
		fill_facts(cases[i].odd, PROVISIONING_SUCCEEDED);
		d = decide_step(&in);
		if (d.action != cases[i].action || d.reason != cases[i].reason)
			fail_msg("row %zu: action %d, reason %d", i, d.action,
				 d.reason);
	}
	/* The watch wants another one than is asked for. */
	{
		struct decide_input in = input(WATCH_FOLLOW, 0, REASON_NONE);

		in.identity = "11111111-2222-3333-4444-555555555555";
		in.reader = "system";
		assert_int_equal(decide_step(&in).reason,
				 REASON_IDENTITY_OTHER);
	}
}

static bool writes(enum decide_action a)
{
	return a == DECIDE_FOLLOW || a == DECIDE_PIN || a == DECIDE_RELEASE;
}

/* What has to be true before anything is written, in any situation. */
static void check_write(enum watch_mode mode, unsigned odd,
			enum registry_provisioning p, enum decide_reason fault,
			enum decide_action a)
{
	bool own = !(odd & (FOREIGN | UNPARSED));
	bool current = own && !(odd & BEHIND);

	assert_true(mode == WATCH_FOLLOW || mode == WATCH_PIN);
	assert_false(odd & (MISSING | NO_CMK | BASIC | UNPARSED | DETACHED |
			    NO_TARGET | UNTOLD | HIDDEN));
	assert_true(own || odd & TAKEOVER);
	assert_int_equal(p, PROVISIONING_SUCCEEDED);
	assert_int_equal(fault, REASON_NONE);
	if (a == DECIDE_RELEASE) {
		assert_int_equal(mode, WATCH_FOLLOW);
		assert_true(current && odd & PINNED);
		return;
	}
	assert_false(current);
	assert_int_equal(a, mode == WATCH_PIN || odd & TRIED ? DECIDE_PIN
							     : DECIDE_FOLLOW);
	/* Not from a version that is younger, nor from an unknown one. */
	if (own)
		assert_false(odd & (YOUNGER | UNREAD));
}

static void no_write_without_all_that_is_needed(void **state)
{
	unsigned wrote = 0;

	(void)state;
	for (unsigned odd = 0; odd < 1u << ODDS; odd++)
		for (unsigned i = 0; i < 4 * 7 * 2; i++) {
			enum watch_mode mode = i % 4;
			enum registry_provisioning p = i / 4 % 7;
			enum decide_reason fault =
				i / 28 ? REASON_NEWEST_EXPIRED : REASON_NONE;
			struct decision d = step(mode, odd, p, fault);

			assert_int_not_equal(d.reason, REASON_NONE);
			if (!writes(d.action))
				continue;
			check_write(mode, odd, p, fault, d.action);
			wrote++;
		}
	assert_true(wrote > 100);
}

/* ---- usable ---- */

static struct key_version good(void)
{
	return (struct key_version){ .enabled = true,
				     .rsa = true,
				     .wraps = true,
				     .bits = 2048,
				     .created = NOW - DAY,
				     .updated = NOW - DAY,
				     .not_before = -1,
				     .expires = -1,
				     .purge_protected = true };
}

static void check_usable(struct key_version v, enum decide_reason r)
{
	assert_int_equal(decide_usable(&v, NOW), r);
}

static void usable_at_the_edges_of_time(void **state)
{
	static const struct {
		int64_t nbf, exp;
		enum decide_reason reason;
	} cases[] = {
		{ -1, -1, REASON_NONE },
		{ NOW - 1, NOW + 1, REASON_NONE },
		{ NOW, -1, REASON_NONE },
		{ NOW + 1, -1, REASON_NEWEST_NOT_YET },
		{ INT64_MAX, -1, REASON_NEWEST_NOT_YET },
		{ 0, -1, REASON_NONE },
		{ -1, NOW - 1, REASON_NEWEST_EXPIRED },
		{ -1, NOW, REASON_NEWEST_EXPIRED },
		{ -1, NOW + 1, REASON_NONE },
		{ -1, 0, REASON_NEWEST_EXPIRED },
		{ -1, INT64_MAX, REASON_NONE },
		{ NOW, NOW, REASON_NEWEST_EXPIRED },
		{ NOW + 1, NOW, REASON_NEWEST_NOT_YET },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct key_version v = good();

		v.not_before = cases[i].nbf;
		v.expires = cases[i].exp;
		check_usable(v, cases[i].reason);
	}
}

static void usable_by_kind(void **state)
{
	struct key_version v = good();

	(void)state;
	v.bits = 0; /* not told */
	check_usable(v, REASON_NONE);
	v.bits = 4096;
	check_usable(v, REASON_NONE);
	v.bits = 2047;
	check_usable(v, REASON_NEWEST_SHORT);
	v.bits = 1;
	check_usable(v, REASON_NEWEST_SHORT);
	v = good();
	v.wraps = false;
	check_usable(v, REASON_NEWEST_NO_WRAP);
	v.bits = 1024;
	check_usable(v, REASON_NEWEST_SHORT);
	v.rsa = false;
	check_usable(v, REASON_NEWEST_NOT_RSA);
	v.expires = NOW;
	check_usable(v, REASON_NEWEST_EXPIRED);
	v.not_before = NOW + 1;
	check_usable(v, REASON_NEWEST_NOT_YET);
	v.enabled = false;
	check_usable(v, REASON_NEWEST_DISABLED);
	/* Purge protection is advised, not needed. */
	v = good();
	v.purge_protected = false;
	check_usable(v, REASON_NONE);
}

/* ---- warnings ---- */

static unsigned warn(enum watch_mode mode, const char *identity,
		     const struct key_version *v)
{
	return decide_warnings(mode, identity, &facts, v, false, false, NOW);
}

static int good_facts(void **state)
{
	(void)state;
	fill_facts(0, PROVISIONING_SUCCEEDED);
	facts.identity = "System";
	return 0;
}

static void warnings_of_the_registry(void **state)
{
	struct key_version v = good();

	(void)state;
	assert_int_equal(warn(WATCH_FOLLOW, "", &v), 0);
	assert_int_equal(warn(WATCH_FOLLOW, "", NULL), 0);
	assert_int_equal(warn(WATCH_FOLLOW, "system", &v), 0);
	assert_int_equal(warn(WATCH_FOLLOW, "another", &v),
			 WARN_IDENTITY_OTHER);
	facts.identity_attached = false;
	assert_int_equal(warn(WATCH_OBSERVE, "", &v), WARN_IDENTITY_DETACHED);
	facts.drifted = true;
	assert_int_equal(warn(WATCH_PIN, "x", &v), WARN_IDENTITY_DETACHED |
							   WARN_IDENTITY_OTHER |
							   WARN_DRIFT);
}

static void automatic_rotation_off(void **state)
{
	struct key_version v = good();

	(void)state;
	facts.pinned = NEW;
	assert_int_equal(warn(WATCH_FOLLOW, "", &v), WARN_AUTO_OFF);
	assert_int_equal(warn(WATCH_OBSERVE, "", &v), WARN_AUTO_OFF);
	assert_int_equal(warn(WATCH_PIN, "", &v), 0);
	assert_int_equal(warn(WATCH_MANUAL, "", &v), 0);
	facts.own_key = false;
	assert_int_equal(warn(WATCH_FOLLOW, "", &v), 0);
}

static void warnings_of_the_version(void **state)
{
	struct key_version v = good();

	(void)state;
	v.purge_protected = false;
	assert_int_equal(warn(WATCH_FOLLOW, "", &v), WARN_PURGEABLE);
	v.enabled = false;
	assert_int_equal(warn(WATCH_FOLLOW, "", &v),
			 WARN_PURGEABLE | WARN_IN_USE_DISABLED);
	/* Not known because it may not be read. */
	assert_int_equal(
		decide_warnings(WATCH_PIN, "", &facts, NULL, false, true, NOW),
		WARN_IN_USE_DISABLED);
	assert_int_equal(
		decide_warnings(WATCH_PIN, "", &facts, NULL, true, false, NOW),
		WARN_IN_USE_MISSING);
	v = good();
	assert_int_equal(
		decide_warnings(WATCH_PIN, "", &facts, &v, true, true, NOW),
		WARN_IN_USE_MISSING | WARN_IN_USE_DISABLED);
	/* Another key's version is not judged by this key's; this one's is,
	 * whatever key the registry is set to. */
	facts.own_key = facts.own_identifier = false;
	assert_int_equal(
		decide_warnings(WATCH_PIN, "", &facts, NULL, false, true, NOW),
		WARN_IN_USE_DISABLED);
	facts.own_in_use = false;
	assert_int_equal(
		decide_warnings(WATCH_PIN, "", &facts, &v, true, true, NOW), 0);
}

static void thirty_days_before_the_end(void **state)
{
	static const struct {
		int64_t exp;
		unsigned bits;
	} cases[] = {
		{ -1, 0 },
		{ 0, WARN_IN_USE_EXPIRED },
		{ NOW - 1, WARN_IN_USE_EXPIRED },
		{ NOW, WARN_IN_USE_EXPIRED },
		{ NOW + 1, WARN_IN_USE_EXPIRING },
		{ NOW + 30 * DAY, WARN_IN_USE_EXPIRING },
		{ NOW + 30 * DAY + 1, 0 },
		{ INT64_MAX, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct key_version v = good();

		v.expires = cases[i].exp;
		assert_int_equal(warn(WATCH_FOLLOW, "", &v), cases[i].bits);
	}
}

static void nothing_to_warn_of(void **state)
{
	struct key_version v = good();

	(void)state;
	facts.drifted = true;
	facts.identity_attached = false;
	v.enabled = false;
	facts.missing = true;
	assert_int_equal(warn(WATCH_FOLLOW, "x", &v), 0);
	facts.missing = false;
	facts.encrypted = false;
	assert_int_equal(warn(WATCH_FOLLOW, "x", &v), 0);
}

/* ---- words ---- */

static void every_value_has_a_text(void **state)
{
	static const char *const states[] = {
		"unknown", "current", "rotating",    "verifying", "held",
		"blocked", "overdue", "unreachable", "paused",
	};

	(void)state;
	for (unsigned i = 0; i < DECIDE_STATES; i++)
		assert_string_equal(decide_state_str(i), states[i]);
	assert_string_equal(decide_state_str(DECIDE_STATES), "unknown");
	assert_string_equal(decide_reason_str(REASON_NONE), "");
	for (unsigned i = REASON_NONE + 1; i <= LAST_REASON; i++) {
		assert_true(strlen(decide_reason_str(i)) > 5);
		for (unsigned k = REASON_NONE; k < i; k++)
			assert_string_not_equal(decide_reason_str(i),
						decide_reason_str(k));
	}
	assert_string_equal(decide_reason_str(LAST_REASON + 1), "");
}

static void the_gravest_warning_is_the_alarm(void **state)
{
	(void)state;
	assert_null(decide_alarm(0));
	assert_null(decide_alarm(~(unsigned)(DECIDE_SERIOUS | DECIDE_LOCKED)));
	for (unsigned i = 0; i < DECIDE_WARNINGS; i++)
		if ((1u << i) & (DECIDE_SERIOUS | DECIDE_LOCKED))
			assert_string_equal(decide_alarm(1u << i),
					    decide_warning_text(i));
	assert_non_null(strstr(
		decide_alarm(WARN_IDENTITY_DETACHED | WARN_IN_USE_DISABLED),
		"disabled"));
}

static void a_version_ages(void **state)
{
	const int64_t day = 86400000, old = 365 * day;
	const struct {
		int64_t age, max;
		unsigned bits;
	} cases[] = {
		{ 0, old, 0 },
		{ old - 30 * day - 1, old, 0 },
		{ old - 30 * day, old, WARN_KEY_AGEING },
		{ old - 1, old, WARN_KEY_AGEING },
		{ old, old, WARN_KEY_OLD },
		{ 5000 * day, old, WARN_KEY_OLD },
		/* Whoever allows ten days is not told on the first. */
		{ 5 * day - 1, 10 * day, 0 },
		{ 5 * day, 10 * day, WARN_KEY_AGEING },
		{ 10 * day, 10 * day, WARN_KEY_OLD },
		/* It was made "in the future", by its clock. */
		{ -day, old, 0 },
		{ 5000 * day, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(
			decide_age(NOW - cases[i].age, cases[i].max, NOW),
			cases[i].bits);
	assert_int_equal(decide_age(-1, old, NOW), 0);
}

static void every_warning_has_a_remedy(void **state)
{
	(void)state;
	assert_int_equal(WARN_KEY_OLD, 1 << (DECIDE_WARNINGS - 1));
	for (unsigned i = 0; i < DECIDE_WARNINGS; i++) {
		size_t len = strlen(decide_warning_text(i));

		assert_true(decide_warning_name(i)[0] != '\0');
		assert_int_equal(strspn(decide_warning_name(i),
					"abcdefghijklmnopqrstuvwxyz-"),
				 strlen(decide_warning_name(i)));
		assert_true(len > 20);
		assert_int_equal(decide_warning_text(i)[len - 1], '.');
	}
	assert_string_equal(decide_warning_name(DECIDE_WARNINGS), "");
	assert_string_equal(decide_warning_text(DECIDE_WARNINGS), "");
}

/* ---- what came of a write ---- */

static void what_came_of_a_write(void **state)
{
	static const struct {
		enum decide_action writing;
		bool own;
		const char *pinned, *in_use, *wrote;
		enum decide_came came;
	} cases[] = {
		{ DECIDE_FOLLOW, true, "", NEW, NEW, CAME_TRUE },
		{ DECIDE_FOLLOW, true, "", OLD, NEW, CAME_IGNORED },
		{ DECIDE_FOLLOW, true, OLD, OLD, NEW, CAME_TO_NOTHING },
		{ DECIDE_FOLLOW, true, NEW, NEW, NEW, CAME_TO_NOTHING },
		{ DECIDE_FOLLOW, false, "", OLD, NEW, CAME_TO_NOTHING },
		{ DECIDE_PIN, true, NEW, NEW, NEW, CAME_TRUE },
		{ DECIDE_PIN, true, OLD, OLD, NEW, CAME_TO_NOTHING },
		{ DECIDE_PIN, false, NEW, NEW, NEW, CAME_TO_NOTHING },
		{ DECIDE_RELEASE, true, "", NEW, NEW, CAME_TRUE },
		{ DECIDE_RELEASE, true, NEW, NEW, NEW, CAME_TO_NOTHING },
		/* Azure takes another one for the newest, and went there. */
		{ DECIDE_RELEASE, true, "", OLD, NEW, CAME_TO_NOTHING },
		{ DECIDE_RELEASE, false, "", NEW, NEW, CAME_TO_NOTHING },
		{ DECIDE_DONE, true, OLD, OLD, NEW, CAME_TRUE },
		/* It was for another version. */
		{ DECIDE_FOLLOW, true, OLD, OLD, OLD, CAME_TRUE },
		{ DECIDE_PIN, true, OLD, OLD, OLD, CAME_TRUE },
		/* Nobody can tell. */
		{ DECIDE_FOLLOW, true, "", "", NEW, CAME_UNTOLD },
		{ DECIDE_PIN, true, NEW, "", NEW, CAME_UNTOLD },
		{ DECIDE_RELEASE, true, "", "", NEW, CAME_UNTOLD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct registry_facts f = { .own_key = cases[i].own,
					    .pinned = cases[i].pinned,
					    .in_use = cases[i].in_use,
					    .identity = "" };
		struct decide_effect in = { .facts = &f,
					    .writing = cases[i].writing,
					    .wrote = cases[i].wrote,
					    .target = NEW };

		if (decide_effect(&in) != cases[i].came)
			print_error("row %zu\n", i);
		assert_int_equal(decide_effect(&in), cases[i].came);
	}
}

/* The version is there, and who reads the key is not who was to. */
static void an_identity_that_was_not_changed(void **state)
{
	struct registry_facts f = { .own_key = true,
				    .pinned = NEW,
				    .in_use = NEW,
				    .identity = "system" };
	struct decide_effect in = { .facts = &f,
				    .writing = DECIDE_PIN,
				    .wrote = NEW,
				    .target = NEW,
				    .reader = "system" };

	(void)state;
	assert_int_equal(decide_effect(&in), CAME_TRUE);
	in.reader = "another";
	assert_int_equal(decide_effect(&in), CAME_TO_NOTHING);
}

static void codes_that_blame_the_key(void **state)
{
	static const struct {
		const char *azure, *inner;
		bool blames;
	} cases[] = {
		{ "KeyDisabled", "", true },
		{ "keydisabled", "", true },
		{ "BadRequest", "KeyDisabled", true },
		{ "KeyNotFound", "", true },
		{ "", "KeyExpired", true },
		{ "KeyNotYetValid", "", true },
		{ "BadRequest", "", false },
		{ "", "", false },
		{ "RequestDisallowedByPolicy", "Key", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fault f = fault_none();

		text_copy(f.azure_code, sizeof(f.azure_code), cases[i].azure);
		text_copy(f.inner_code, sizeof(f.inner_code), cases[i].inner);
		assert_int_equal(decide_blames_key(&f), cases[i].blames);
	}
}

/* A GUID is the same in other letters. */
static void identities_in_other_letters(void **state)
{
	const char *lower = "abcdef01-2345-6789-abcd-ef0123456789";
	const char *upper = "ABCDEF01-2345-6789-ABCD-EF0123456789";

	(void)state;
	fill_facts(BEHIND, PROVISIONING_SUCCEEDED);
	facts.identity = upper;
	assert_int_equal(decide_warnings(WATCH_FOLLOW, lower, &facts, NULL,
					 false, false, NOW),
			 0);
	assert_int_equal(decide_warnings(WATCH_FOLLOW, "system", &facts, NULL,
					 false, false, NOW),
			 WARN_IDENTITY_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row),
		cmocka_unit_test(by_hand),
		cmocka_unit_test(no_write_without_all_that_is_needed),
		cmocka_unit_test(usable_at_the_edges_of_time),
		cmocka_unit_test(usable_by_kind),
		cmocka_unit_test_setup(warnings_of_the_registry, good_facts),
		cmocka_unit_test_setup(automatic_rotation_off, good_facts),
		cmocka_unit_test_setup(warnings_of_the_version, good_facts),
		cmocka_unit_test_setup(thirty_days_before_the_end, good_facts),
		cmocka_unit_test_setup(nothing_to_warn_of, good_facts),
		cmocka_unit_test(every_value_has_a_text),
		cmocka_unit_test(the_gravest_warning_is_the_alarm),
		cmocka_unit_test(a_version_ages),
		cmocka_unit_test(every_warning_has_a_remedy),
		cmocka_unit_test(what_came_of_a_write),
		cmocka_unit_test(an_identity_that_was_not_changed),
		cmocka_unit_test(codes_that_blame_the_key),
		cmocka_unit_test(identities_in_other_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
