/*
 * engine/attempt: the next attempt that is told is the next request.
 *
 * Random events: answers of every kind, versions that come and become usable
 * or not, pauses, polls by hand, and time, wake by wake.  Before each one it
 * is told of each registry when something is asked next for it; what goes out
 * then has to have been told, and what was told has to go out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/text.h"
#include "engine/attempt.h"
#include "engine_help.h"
#include "traffic/job.h"

#define STEPS 3000
#define NEAR 1000 /* ms: dates are told in seconds */
#define MOST 6	  /* registries */

static struct rig g;
static struct random dice;
static unsigned n_registries;

struct told {
	int64_t at;	   /* boot ms, of the next request */
	bool key, others;  /* which may be its key's, or another's */
	bool asked;	   /* it was on its way already */
	bool asleep;	   /* the first answer after an outage wakes it */
	bool current;	   /* nothing is to be done: only news move it */
	unsigned revision; /* of what is known of its key */
	char wanted[KEYID_VERSION_MAX];
};

static struct told told[MOST];
static unsigned late_checks, due_checks;

static int64_t below(int64_t n)
{
	return random_below(&dice, n);
}

static const struct registry *registry(unsigned i)
{
	size_t n;
	const struct registry *r = engine_find(g.engine, rig_id(i), &n);

	assert_non_null(r);
	return r;
}

/* A call that concerns registry i, as far as was told of it. */
static bool concerns(const struct asked *a, unsigned i)
{
	switch (a->call.kind) {
	case CALL_TOKEN:
	case CALL_LIST:
		return true;
	case CALL_KEY:
		return told[i].key;
	default:
		return told[i].others || text_same(a->registry, rig_id(i));
	}
}

static bool in_hand(unsigned i)
{
	for (size_t k = 0; k < g.n_asked; k++)
		if (concerns(&g.asked[k], i))
			return true;
	return false;
}

/* For its turn, or for room at its host: others go before it. */
static bool waits(const struct registry *r)
{
	return r->queue == QUEUE_WAITERS || r->job.where != JOB_REST ||
	       r->scope->job.where == JOB_HOST;
}

static void ask_all(void)
{
	for (unsigned i = 0; i < n_registries; i++) {
		const struct registry *r = registry(i);
		struct told *x = &told[i];

		x->at = attempt_next(g.engine, r);
		x->key = x->at == attempt_key(g.engine, r->watch);
		x->others = waits(r);
		x->asleep = r->job.asleep;
		x->revision = r->watch->revision;
		x->current = r->state == STATE_CURRENT;
		text_copy(x->wanted, sizeof(x->wanted),
			  rig_registry(&g, i, "version_wanted"));
		x->asked = in_hand(i);
		assert_true(x->at >= g.now.boot && x->at < INT64_MAX);
		if (g.n_asked == 0)
			assert_in_range(
				rig_date(&g,
					 rig_registry(&g, i, "next_attempt")) +
					1,
				(x->at - g.now.boot) / SECOND,
				(x->at - g.now.boot) / SECOND + 2);
	}
}

static void fail_at(unsigned i, const char *what)
{
	const struct registry *r = registry(i);

	print_error("registry %u (%s: %s; phase %d, job %d): %s: told %lld, "
		    "now %lld, order %s\n",
		    i, rig_registry(&g, i, "state"),
		    rig_registry(&g, i, "reason"), (int)r->phase,
		    (int)r->job.where, what, (long long)told[i].at,
		    (long long)g.now.boot, g.order);
	fail();
}

/* What was asked in the event that is over; `news`: something came in. */
static void check(size_t before, bool news)
{
	for (unsigned i = 0; i < n_registries; i++) {
		bool another =
			!text_same(told[i].wanted,
				   rig_registry(&g, i, "version_wanted")) ||
			told[i].revision != registry(i)->watch->revision;

		/* What was told has come: it goes out, or is on its way. */
		if (!news && told[i].at <= g.now.boot) {
			due_checks++;
			told[i].others |= waits(registry(i));
			if (!told[i].asked && !in_hand(i))
				fail_at(i, "nothing was asked");
		}
		/* What goes out was told. */
		for (size_t k = before; k < g.n_asked; k++) {
			if (!text_same(g.asked[k].registry, rig_id(i)) ||
			    (news &&
			     (told[i].current || told[i].asleep || another ||
			      registry(i)->state == STATE_PAUSED)))
				continue;
			late_checks++;
			if (told[i].at > g.now.boot + NEAR)
				fail_at(i, "it came sooner");
		}
	}
}

static void sleep_on(void)
{
	int64_t wake = engine_wake(g.engine);

	if (wake < g.now.boot)
		wake = g.now.boot;
	assert_true(wake < INT64_MAX);
	g.now.wall += wake - g.now.boot;
	g.now.boot = wake;
	engine_tick(g.engine, g.now);
	rig_drain(&g);
}

static void fault_for(const struct asked *a, struct fault *f)
{
	static const struct {
		enum fault_kind kind;
		int code;
	} some[] = {
		{ FAULT_DENIED, 403 },	  { FAULT_TRANSIENT, 503 },
		{ FAULT_THROTTLED, 429 }, { FAULT_MISSING, 404 },
		{ FAULT_TRANSIENT, 0 },	  { FAULT_REFUSED, 400 },
	};
	size_t i = (size_t)below(sizeof(some) / sizeof(some[0]));

	if (a->call.kind == CALL_TOKEN && some[i].kind == FAULT_MISSING)
		i = 0;
	fault_set(f, some[i].kind, some[i].code, "It failed with %d.",
		  some[i].code);
	if (below(3) == 0)
		f->retry_after_ms = below(90) * SECOND;
}

static void answer_one(bool faults)
{
	struct asked *a = &g.asked[below((int64_t)g.n_asked)];
	struct reply r;
	if (!faults || below(4) > 0) {
		rig_good_answer(&g, a);
		return;
	}
	r = rig_reply(&g, a);
	fault_for(a, &r.fault);
	r.maybe_done = r.fault.code == 0;
	r.answered = r.fault.code != 0;
	rig_put(&g, a, &r);
}

/* The world changes; nothing is said of it. */
static void change(void)
{
	struct key_version *newest = &g.versions[g.n_versions - 1];
	struct model *m = &g.models[below(n_registries)];
	char version[KEYID_VERSION_MAX];

	switch (below(6)) {
	case 0:
		if (g.n_versions == 8)
			g.n_versions = 1;
		snprintf(version, sizeof(version), "%032llx",
			 (unsigned long long)random_next(&dice));
		rig_newer(&g, version, rig_azure(&g));
		if (below(3) == 0)
			g.versions[g.n_versions - 1].not_before =
				rig_azure(&g) + below(10) * MINUTE;
		break;
	case 1:
		newest->enabled = !newest->enabled;
		break;
	case 2:
		m->view.identity_attached = !m->view.identity_attached;
		break;
	case 3:
		m->missing = !m->missing;
		break;
	case 4:
		m->view.provisioning = m->view.provisioning ==
						       PROVISIONING_SUCCEEDED
					       ? PROVISIONING_UPDATING
					       : PROVISIONING_SUCCEEDED;
		break;
	default:
		m->ignores = !m->ignores;
	}
}

static void mend(void)
{
	g.versions[g.n_versions - 1].enabled = true;
	for (unsigned i = 0; i < n_registries; i++) {
		g.models[i].view.identity_attached = true;
		g.models[i].view.provisioning = PROVISIONING_SUCCEEDED;
		g.models[i].missing = false;
	}
}

static void step(bool faults)
{
	size_t before = g.n_asked;
	bool news = true;

	ask_all();
	g.order[0] = '\0';
	if (g.n_asked && below(10) < 8) {
		before--;
		answer_one(faults);
	} else if (below(200) == 0) {
		engine_poll(g.engine, NULL, g.now);
		rig_drain(&g);
		return; /* whatever a person hurries, nobody told */
	} else if (below(200) == 0) {
		engine_pause(g.engine, NULL,
			     below(2) ? rig_azure(&g) + below(20) * MINUTE + 1
				      : 0,
			     NULL, 0, g.now);
		rig_drain(&g);
		return;
	} else {
		news = false;
		sleep_on();
	}
	check(before, news);
}

static void run(unsigned n, uint64_t seed, const char *options)
{
	random_init(&dice, seed);
	n_registries = n;
	rig_start(&g, rig_config("", RIG_KEY, options, 0, n), n);
	g.may_lose = true;
	engine_tick(g.engine, g.now);
	rig_drain(&g);
	for (int i = 0; i < STEPS; i++) {
		if (below(60) == 0)
			change();
		if (below(300) == 0)
			mend();
		step(i % 400 < 200);
	}
	rig_stop(&g);
}

#define SEEDS 4 /* of each kind; more say the same, slowly */

static void one_registry(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		run(1, seed, "");
}

static void two_by_pinning(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		run(2, seed, "mode = \"pin\"\nmax-parallel = 1");
}

static void many_by_a_list(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		run(5, seed, "max-parallel = 2");
	assert_true(late_checks > 1000);
	assert_true(due_checks > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_registry),
		cmocka_unit_test(two_by_pinning),
		cmocka_unit_test(many_by_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
