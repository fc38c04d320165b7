/* When may an old version be disabled? */
#include "engine/retirement.h"

#include <string.h>

#include "base/text.h"
#include "engine/engine_internal.h"

/* Whatever was not read may be on any version, of any key: somebody may have
 * put it there. */
static bool all_fresh(const struct engine *e)
{
	return e->n_fresh == e->n_counted;
}

static bool is_on(const struct registry *r, const struct watch *w,
		  const char *version)
{
	char end;

	if (!text_prefix(r->facts.foreign, w->base))
		return false;
	end = r->facts.foreign[strlen(w->base)];
	return (end == '/' || end == '\0') &&
	       text_same(r->facts.in_use, version);
}

/* A key may have several watches: the unversioned one, and manual ones that
 * hold a version of it.  They form a ring.  And a registry of another watch
 * may turn out to be on this key. */
static unsigned users(const struct engine *e, const struct watch *of,
		      const char *version)
{
	const struct watch *w = of;
	const struct registry *r;
	unsigned n = 0;

	do {
		const struct seen_version *s = key_seen(w, version);

		n += s ? s->in_use : 0;
		w = w->sibling;
	} while (w != of);
	TAILQ_FOREACH(r, &e->strangers, stranger_link)
		n += is_on(r, of, version);
	return n;
}

void retirement_update(struct engine *e, struct watch *w)
{
	int64_t azure = engine_azure(e);

	if (!all_fresh(e) || w->n_registries == 0)
		return;
	for (size_t i = 0; i < w->n_seen; i++) {
		struct seen_version *s = &w->seen[i];
		int64_t before = s->off_since;

		if (users(e, w, s->v.version) ||
		    text_same(s->v.version, w->newest))
			s->off_since = -1;
		else if (s->off_since < 0)
			s->off_since = azure;
		if (before != s->off_since)
			engine_save(e);
	}
}

/* Each watch of the key keeps its own account. */
static void in_use_again(struct engine *e, struct watch *of,
			 const char *version)
{
	struct watch *w = of;

	do {
		struct seen_version *s = key_seen(w, version);

		/* A saved "since" must not outlive this. */
		if (s && s->off_since >= 0) {
			s->off_since = -1;
			engine_save(e);
		}
		w = w->sibling;
	} while (w != of);
}

void retirement_move(struct engine *e, struct registry *r, const char *from,
		     const char *to)
{
	struct seen_version *s;

	if (text_same(from, to))
		return;
	s = from[0] ? key_seen(r->watch, from) : NULL;
	if (s && s->in_use)
		s->in_use--;
	s = to[0] ? key_seen_add(r->watch, to) : NULL;
	if (s) {
		s->in_use++;
		in_use_again(e, r->watch, to);
	}
}

/* There are few strangers, and fewer that have just moved: all watches may be
 * looked through for the one whose key it is. */
void retirement_stranger(struct engine *e, struct registry *r, bool moved)
{
	struct watch *w;

	if (r->facts.foreign && !r->stranger)
		TAILQ_INSERT_TAIL(&e->strangers, r, stranger_link);
	else if (!r->facts.foreign && r->stranger)
		TAILQ_REMOVE(&e->strangers, r, stranger_link);
	r->stranger = r->facts.foreign != NULL;
	if (!r->stranger || !moved)
		return;
	TAILQ_FOREACH(w, &e->watches, link)
		if (is_on(r, w, r->facts.in_use))
			in_use_again(e, w, r->facts.in_use);
}

enum retirement_verdict retirement_of(const struct engine *e,
				      const struct watch *w,
				      const char *version, int64_t *since,
				      int64_t *until)
{
	const struct seen_version *s = key_seen(w, version);
	int64_t azure = engine_azure(e);

	*since = *until = -1;
	if (text_same(w->newest, version))
		return RETIREMENT_NEWEST;
	if (!s || users(e, w, version) > 0)
		return s ? RETIREMENT_IN_USE : RETIREMENT_UNKNOWN;
	if (!all_fresh(e) || w->newest[0] == '\0' || s->off_since < 0 ||
	    w->n_registries == 0)
		return RETIREMENT_UNKNOWN;
	*since = s->off_since;
	*until = s->off_since + e->config->retirement_hold_ms;
	return *until <= azure ? RETIREMENT_CLEAR : RETIREMENT_DRAINING;
}

const char *retirement_str(enum retirement_verdict v)
{
	switch (v) {
	case RETIREMENT_NEWEST:
		return "newest";
	case RETIREMENT_IN_USE:
		return "in use";
	case RETIREMENT_DRAINING:
		return "draining";
	case RETIREMENT_CLEAR:
		return "clear";
	case RETIREMENT_UNKNOWN:
		break;
	}
	return "unknown";
}
