/*
 * Invariant 16: no note is told twice in vain, and OVERDUE only where the model
 * agrees.
 *
 * Two notes are the same when kind, subject, versions and words are.  Within
 * the hour the second one is to be counted.  Of those that turn about (a key
 * cannot be read, and can again) one may be told again once it has stayed so
 * for minutes.  What somebody may have to prove is told each time.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "invariant.h"

#define HOUR_MS (55 * SIM_MINUTE)  /* a little less: the edge is no matter */
#define STEADY_MS (4 * SIM_MINUTE) /* the same of the five minutes */
#define EDGE_MS 3000

static int64_t rests(const struct note *n)
{
	switch (n->kind) {
	case NOTE_FAILED: /* of two tokens in one trouble: two things */
		return n->registry ? HOUR_MS : 0;
	case NOTE_NEW_VERSION:
	case NOTE_BLOCKED:
	case NOTE_HELD:
	case NOTE_OVERDUE:
	case NOTE_DRIFT:
	case NOTE_WARNING:
	case NOTE_CLOCK:
	case NOTE_KEY_WAY:
		return HOUR_MS;
	case NOTE_KEY_ERROR:
	case NOTE_KEY_OK:
		return STEADY_MS;
	default:
		return 0;
	}
}

static uint64_t mix(uint64_t h, const char *s)
{
	return (h ^ (s ? text_hash(s) : 0)) * 0x9e3779b97f4a7c15u;
}

static void told_again(struct world *w, const struct note *n)
{
	int64_t boot = world_now(w).boot, most = rests(n);
	struct sim_note *s;
	uint64_t h;

	if (most == 0)
		return;
	h = mix(mix(mix(mix(mix((uint64_t)n->kind, n->key), n->registry),
			n->version),
		    n->previous),
		n->text);
	s = &w->notes[h % SIM_NOTES];
	if (s->hash == h && s->life == w->life && boot - s->boot < most)
		invariant_broken(w, INV_NOTES,
				 "told again after %lld s: %s: %s",
				 (long long)(boot - s->boot) / 1000,
				 note_kind_str(n->kind), n->text);
	*s = (struct sim_note){ .hash = h, .life = w->life, .boot = boot };
}

/* A registry is said to be late, and that is no more than a fear. */
static bool fears(const struct note *n)
{
	return !strstr(n->text, " is overdue: ");
}

/* It is told how often that was said, in the hour that is over. */
static bool counts(const struct note *n)
{
	return strstr(n->text, " (and ");
}

static void told_late(struct world *w, const struct note *n, int i)
{
	struct sim_member *m = &w->member[i];
	const struct sim_watch *x = &w->watch[m->watch];
	const struct sim_told *k = &w->told[m->watch];
	int v = sim_version_of(&w->cloud.key[x->key], n->version);
	const struct sim_view *seen;
	int64_t effective;

	if (v < 0 || !k->known[v] || counts(n)) {
		m->late_told = -1;
		return;
	}
	seen = invariant_view(m, look_registry(m->r).read_at);
	effective = k->v[v].not_before > k->v[v].created ? k->v[v].not_before
							 : k->v[v].created;
	if (look_azure(w->e) < effective + w->window - EDGE_MS)
		invariant_broken(w, INV_NOTES,
				 "registry %d is told to be overdue before its "
				 "deadline",
				 i);
	if (!seen || (!seen->missing && seen->face.key == x->key &&
		      seen->face.in_use == v))
		invariant_broken(w, INV_NOTES,
				 "registry %d is told to be overdue, and was "
				 "not read on another version than %d",
				 i, v);
	if (m->late_told == v && m->late_life == w->life)
		invariant_broken(w, INV_NOTES,
				 "registry %d is told to be overdue for "
				 "version %d a second time",
				 i, v);
	m->late_told = v;
	m->late_life = w->life;
}

void invariant_note(struct world *w, const struct note *n)
{
	int i;

	told_again(w, n);
	ruled_retired(w, n);
	if (n->kind != NOTE_OVERDUE || fears(n) || !n->registry)
		return;
	i = (int)strtol(strrchr(n->registry, '/') + 4, NULL, 10);
	if (w->member[i].r && w->member[i].watch >= 0)
		told_late(w, n, i);
}
