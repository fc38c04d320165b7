/* The counts of all registries, keys and lists -> one state, one sentence. */
#include "engine/health_whole.h"

#include <stdio.h>

#include "base/text.h"
#include "engine/note.h"

#define CLOCK_TOLD_MS 300000

/* What a reload has added is neither well nor ill until it was asked for, and
 * hides nothing of what the rest has come to. */
enum engine_state engine_state(const struct engine *e)
{
	const size_t *n = e->n_state;
	bool unheard = e->n_unheard || e->n_unheard_keys || e->n_looks_unheard;
	int64_t offset;
	bool skewed = skew_offset(&e->traffic.skew, e->traffic.now, &offset) &&
		      (offset > CLOCK_TOLD_MS || offset < -CLOCK_TOLD_MS);

	if (unheard && !e->begun)
		return ENGINE_STARTING;
	if (n[STATE_OVERDUE] || e->n_missed || e->n_locked)
		return ENGINE_FAILED;
	if (n[STATE_UNKNOWN] > e->n_unheard || n[STATE_HELD] ||
	    n[STATE_BLOCKED] || n[STATE_UNREACHABLE] || n[STATE_PAUSED] ||
	    e->n_bad_keys > e->n_unheard_keys || e->n_serious || skewed ||
	    e->evidence.problem[0] || e->evidence.missing[0] || e->unsaved ||
	    e->refused[0] || e->n_looks_dark || e->n_beyond)
		return ENGINE_DEGRADED;
	if (unheard)
		return ENGINE_STARTING;
	if (n[STATE_ROTATING] || n[STATE_VERIFYING])
		return ENGINE_ROTATING;
	return ENGINE_OK;
}

const char *engine_state_str(enum engine_state s)
{
	static const char *const names[] = {
		[ENGINE_STARTING] = "starting", [ENGINE_OK] = "ok",
		[ENGINE_ROTATING] = "rotating", [ENGINE_DEGRADED] = "degraded",
		[ENGINE_FAILED] = "failed",
	};

	return names[s];
}

static const enum decide_state by_weight[] = {
	STATE_OVERDUE,	   STATE_BLOCKED,   STATE_HELD,
	STATE_UNREACHABLE, STATE_PAUSED,    STATE_UNKNOWN,
	STATE_ROTATING,	   STATE_VERIFYING, STATE_CURRENT,
};

static size_t add(char *dst, size_t size, size_t at, size_t n, const char *what)
{
	int done;

	if (n == 0 || at >= size)
		return at;
	done = snprintf(dst + at, size - at, "%s%zu %s", at ? ", " : "", n,
			what);
	return done < 0 ? at : at + (size_t)done;
}

/* Which ones the serious warnings are. */
static void name_serious(const struct engine *e, char *dst, size_t size)
{
	const char *before = "with a serious warning (";
	size_t at = 0;

	for (unsigned i = 0; i < DECIDE_WARNINGS && at < size; i++) {
		if (!(DECIDE_SERIOUS & (1u << i)) || !e->n_warning[i])
			continue;
		at += (size_t)snprintf(dst + at, size - at, "%s%s", before,
				       decide_warning_name(i));
		before = ", ";
	}
	text_copy(at < size ? dst + at : dst, at < size ? size - at : 0, ")");
}

/* What is amiss here, whatever Azure says. */
static size_t add_own(const struct engine *e, char *dst, size_t size, size_t at)
{
	const struct {
		bool so;
		const char *what;
	} own[] = {
		{ e->evidence.problem[0], "the audit is not written" },
		{ e->evidence.missing[0],
		  "records of the audit were taken away" },
		{ e->unsaved, "the state is not saved" },
		{ e->refused[0], "the configuration on disk was refused" },
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]) && at < size; i++)
		if (own[i].so)
			at += (size_t)snprintf(dst + at, size - at, "%s%s",
					       at ? ", " : "", own[i].what);
	return at;
}

/* What rules should watch and do not. */
static size_t say_rules(const struct engine *e, char *dst, size_t size,
			size_t at)
{
	at = add(dst, size, at, e->n_beyond,
		 "not watched, beyond max-registries of their rule");
	return add(dst, size, at, e->n_looks_dark,
		   e->n_looks_dark == 1 ? "list of a rule not read"
					: "lists of rules not read");
}

/* Nobody is watched, so nothing else can be told. */
static void say_nothing(const struct engine *e, char *dst, size_t size)
{
	size_t at = (size_t)snprintf(dst, size, "Nothing is watched");

	at = add(dst, size, at, e->n_looks_unheard,
		 e->n_looks_unheard == 1 ? "list of a rule is yet to come"
					 : "lists of rules are yet to come");
	at = say_rules(e, dst, size, at);
	at = add_own(e, dst, size, at);
	if (at + 1 < size)
		text_copy(dst + at, size - at, ".");
}

static void say_starting(const struct engine *e, size_t all, char *dst,
			 size_t size)
{
	if (!e->n_unheard && !e->n_unheard_keys)
		snprintf(dst, size, "%zu %s.", e->n_looks_unheard,
			 e->n_looks_unheard == 1
				 ? "list of a rule is yet to come"
				 : "lists of rules are yet to come");
	else
		snprintf(
			dst, size,
			"%zu of %zu %s and %zu of %zu %s have been read, or have failed, so far.",
			all - e->n_unheard, all,
			all == 1 ? "registry" : "registries",
			e->n_watches - e->n_unheard_keys, e->n_watches,
			e->n_watches == 1 ? "key" : "keys");
}

void engine_sentence(const struct engine *e, char *dst, size_t size)
{
	char serious[128];
	size_t at = 0, all = 0;
	int64_t offset;

	dst[0] = '\0';
	for (size_t i = 0; i < DECIDE_STATES; i++)
		all += e->n_state[i];
	if (e->n_watches == 0 || all == 0) {
		say_nothing(e, dst, size);
		return;
	}
	if (engine_state(e) == ENGINE_STARTING) {
		say_starting(e, all, dst, size);
		return;
	}
	if (e->n_state[STATE_CURRENT] == all)
		at = add(dst, size, at, all,
			 all == 1 ? "registry is verified current"
				  : "registries are verified current");
	else
		for (size_t i = 0; i < DECIDE_STATES; i++)
			at = add(dst, size, at, e->n_state[by_weight[i]],
				 decide_state_str(by_weight[i]));
	at = add(dst, size, at, e->n_locked,
		 "on a version that is disabled or gone");
	name_serious(e, serious, sizeof(serious));
	at = add(dst, size, at, e->n_serious, serious);
	at = say_rules(e, dst, size, at);
	at = add(dst, size, at, e->n_bad_keys,
		 e->n_bad_keys == 1 ? "key not read" : "keys not read");
	if (skew_offset(&e->traffic.skew, e->traffic.now, &offset) &&
	    (offset > CLOCK_TOLD_MS || offset < -CLOCK_TOLD_MS))
		at = add(dst, size, at,
			 (size_t)((offset < 0 ? -offset : offset) / 60000),
			 "minutes between this clock and Azure's");
	at = add(dst, size, at, e->traffic.hosts.n_odd,
		 e->traffic.hosts.n_odd == 1
			 ? "host tells a date that is not believed"
			 : "hosts tell dates that are not believed");
	at = add(dst, size, at, e->n_queues_dark,
		 e->n_queues_dark == 1 ? "queue of events not read"
				       : "queues of events not read");
	at = add_own(e, dst, size, at);
	if (at + 1 < size)
		text_copy(dst + at, size - at, ".");
}

void health_whole_tell(struct engine *e)
{
	enum engine_state s;
	char sentence[256];
	int64_t offset;

	if (!e->clock_told &&
	    skew_offset(&e->traffic.skew, e->traffic.now, &offset) &&
	    (offset > CLOCK_TOLD_MS || offset < -CLOCK_TOLD_MS)) {
		e->clock_told = true;
		note_tell(
			e, NOTE_CLOCK, NULL, NULL, NULL, NULL,
			"This host's clock is %lld s %s Azure's; deadlines follow Azure's. Check time synchronisation.",
			(long long)((offset < 0 ? -offset : offset) / 1000),
			offset < 0 ? "behind" : "ahead of");
	}
	e->begun = e->begun ||
		   (!e->n_unheard && !e->n_unheard_keys && !e->n_looks_unheard);
	s = engine_state(e);
	if (e->state_told && s == e->told)
		return;
	e->told = s;
	e->state_told = true;
	engine_sentence(e, sentence, sizeof(sentence));
	note_tell(e, NOTE_STATE, NULL, NULL, NULL, NULL, "State is %s: %s",
		  engine_state_str(s), sentence);
}

bool engine_all_current(const struct engine *e)
{
	return e->n_state[STATE_CURRENT] == e->n_registries &&
	       e->n_locked == 0 && e->n_looks_dark == 0 && e->n_beyond == 0;
}
