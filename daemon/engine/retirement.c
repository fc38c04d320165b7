/* When may an old version be disabled? */
#include "engine/retirement.h"

#include "base/text.h"
#include "engine/departed.h"
#include "engine/facts.h"
#include "engine/note.h"
#include "engine/versions.h"

/* Clocks, Azure's of one host and of another, agree about as well as this. */
#define CLOCKS_MS 5000

/* Whatever was not read may be on any version, of any key: somebody may have
 * put it there. */
static bool all_fresh(const struct engine *e)
{
	return e->n_fresh == e->n_counted;
}

/* Registries are watched, and what each uses is known. */
static bool all_known(const struct engine *e, const struct watch *w)
{
	return all_fresh(e) && versions_all_told(w) && w->newest[0] != '\0' &&
	       w->n_registries > 0;
}

/* A watch names it by hand: registries are to be held there. */
static bool is_named(const struct watch *of, const char *version)
{
	const struct watch *w = of;

	do {
		if (text_same(w->key.version, version) && !w->retired)
			return true;
		w = w->sibling;
	} while (w != of);
	return false;
}

/* ---- since when nobody is on it ---- */

/* A version is left for another one, which is there then: the next newer one
 * at the earliest.  Azure ms; -1: none is known. */
static int64_t newer_created(const struct watch *w,
			     const struct seen_version *s)
{
	int64_t first = -1;

	for (size_t i = 0; i < w->n_seen; i++) {
		const struct seen_version *x = &w->seen[i];

		if (x == s || x->v.created < 0 || x->v.created <= s->v.created)
			continue;
		if (first < 0 || x->v.created < first)
			first = x->v.created;
	}
	return first;
}

/* A saved state may say anything: what cannot be is not believed. */
static bool can_be(const struct engine *e, const struct watch *w,
		   const struct seen_version *s)
{
	int64_t t = s->off_since;

	return t >= 0 && t <= model_azure(e) + CLOCKS_MS &&
	       t >= s->v.created - CLOCKS_MS &&
	       t >= newer_created(w, s) - CLOCKS_MS;
}

/* Who came since then may have left it just before it was read first. */
static int64_t since_when(const struct engine *e, const struct watch *w,
			  const struct seen_version *s)
{
	if (!can_be(e, w, s))
		return -1;
	return w->known_since > s->off_since ? w->known_since : s->off_since;
}

/* The registry that was read longest ago, Azure ms. */
static int64_t oldest_read(const struct engine *e)
{
	int64_t oldest = INT64_MAX;

	for (size_t i = 0; i < e->n_registries; i++)
		if (!e->by_id[i]->retiring && e->by_id[i]->read_azure < oldest)
			oldest = e->by_id[i]->read_azure;
	return oldest;
}

/*
 * Every registry was read since the last one left it.  All of them are fresh:
 * that is so once a re-read interval is over; only a shorter hold makes it
 * worth while to look.
 */
static bool is_sure(const struct engine *e, const struct seen_version *s)
{
	const struct config *c = e->config;

	if (s->sure || s->left_at < 0 ||
	    model_azure(e) - s->left_at > c->reread_interval_ms)
		return true;
	return c->retirement_hold_ms < c->reread_interval_ms &&
	       oldest_read(e) >= s->left_at;
}

/* Where one was not read for a while meanwhile, it may have been there: the
 * hold begins when that one was read. */
static void make_sure(const struct engine *e, struct seen_version *s)
{
	int64_t azure = model_azure(e);
	int64_t most =
		e->config->reread_interval_ms + 2 * e->config->poll_interval_ms;

	if (s->sure || !is_sure(e, s))
		return;
	s->sure = true;
	if (s->left_at >= 0 && azure - s->off_since > most)
		s->off_since = azure;
}

/* ---- the word of a GET ---- */

/*
 * What a LIST shows may be old, and so is a memory: each registry of the key
 * is to be read by a GET of its own after the last one left the version, and
 * not long before the hold ends.  Azure ms from which on such a GET counts.
 */
static int64_t counts_from(const struct engine *e, const struct watch *w,
			   const struct seen_version *s)
{
	const struct config *c = e->config;
	/* Time enough to see that they are needed, to get them, and to see
	 * that they came. */
	int64_t most = c->reread_interval_ms + 2 * c->poll_interval_ms;
	int64_t left = s->left_at >= 0 ? s->left_at : s->off_since;
	int64_t from = since_when(e, w, s) + c->retirement_hold_ms - most;

	return from > left ? from : left;
}

/* The GET that was longest ago, Azure ms; -1: one has had none.  Of the
 * registries of all watches of the key. */
static int64_t oldest_get(const struct watch *of)
{
	int64_t oldest = INT64_MAX;
	const struct watch *w = of;
	const struct registry *r;

	do {
		TAILQ_FOREACH(r, &w->registries, watch_link)
			if (!r->retiring && r->got_azure < oldest)
				oldest = r->got_azure;
		w = w->sibling;
	} while (w != of);
	return oldest;
}

static bool all_got(const struct engine *e, const struct watch *w,
		    const struct seen_version *s)
{
	int64_t from = counts_from(e, w, s);

	return s->got_since >= from || oldest_get(w) >= from;
}

/* Azure ms from which on each registry is to have had a GET, so that the last
 * of the versions that wait for that can be called clear; -1: none does. */
static int64_t wanted_from(const struct engine *e, const struct watch *w)
{
	int64_t wanted = -1;

	for (size_t i = 0; i < w->n_seen; i++) {
		const struct seen_version *s = &w->seen[i];
		int64_t from;

		if (s->off_since < 0 || since_when(e, w, s) < 0)
			continue;
		from = counts_from(e, w, s);
		if (s->got_since < from && model_azure(e) >= from &&
		    from > wanted)
			wanted = from;
	}
	return wanted;
}

/* Ask for those that are wanting, once their time has come.  It looks at all
 * registries of the key, once for all its versions and now and then only. */
static void want_gets(struct engine *e, struct watch *of)
{
	int64_t from = wanted_from(e, of), oldest;
	struct watch *w = of;
	struct registry *r;

	if (from < 0 || model_boot(e) < of->want_at)
		return;
	of->want_at = model_boot(e) + e->config->reread_interval_ms / 8;
	oldest = oldest_get(of);
	for (size_t i = 0; i < of->n_seen; i++)
		if (of->seen[i].got_since < oldest)
			of->seen[i].got_since = oldest;
	do {
		TAILQ_FOREACH(r, &w->registries, watch_link) {
			e->looks++;
			if (!r->retiring && r->got_azure < from)
				facts_owe(e, r);
		}
		w = w->sibling;
	} while (w != of);
}

void retirement_update(struct engine *e, struct watch *w)
{
	int64_t azure = model_azure(e);

	if (w->known_since > azure + CLOCKS_MS)
		w->known_since = azure;
	if (!all_known(e, w))
		return;
	for (size_t i = 0; i < w->n_seen; i++) {
		struct seen_version *s = &w->seen[i];
		int64_t before = s->off_since;
		bool sure = s->sure;

		if (versions_users(w, s) || text_same(s->v.version, w->newest))
			s->off_since = -1;
		else if (!can_be(e, w, s))
			s->off_since = azure;
		if (s->off_since >= 0)
			make_sure(e, s);
		if (before != s->off_since || sure != s->sure)
			note_save(e);
	}
	want_gets(e, w);
}

/* ---- the verdict ---- */

/* *why: of what is unknown, or in use by nobody, a clause for people. */
static enum retirement_verdict judge(const struct engine *e,
				     const struct watch *w, const char *version,
				     const char **why)
{
	const struct seen_version *s = versions_find(w, version);

	*why = NULL;
	if (text_same(w->newest, version) && !(s && s->missing))
		return RETIREMENT_NEWEST;
	if (s && versions_users(w, s) > 0)
		return RETIREMENT_IN_USE;
	if (s && s->missing)
		*why = "Key Vault does not find it";
	else if (s && is_named(w, version) && s->read_at >= 0) {
		*why = "a watch names it, to hold registries there";
		return RETIREMENT_IN_USE;
	} else if (!s || is_named(w, version))
		*why = "it has not been read yet";
	else if (w->n_registries == 0)
		*why = "no registry is watched for it";
	else if (!all_fresh(e))
		*why = "not every registry was read lately";
	else if (!versions_all_told(w))
		*why = "Azure does not tell of every registry which version it uses";
	else if (e->departed_lost)
		*why = "more registries left the watches than are remembered, and any of them may be on it";
	else if (departed_any(e, w->base, version))
		*why = "a registry that is no longer watched was on it when it was last read";
	else if (w->newest[0] == '\0' || since_when(e, w, s) < 0)
		*why = "its key has not been read since all registries were";
	else
		return RETIREMENT_DRAINING;
	return RETIREMENT_UNKNOWN;
}

enum retirement_verdict retirement_of(const struct engine *e,
				      const struct watch *w,
				      const char *version, int64_t *since,
				      int64_t *until)
{
	const struct seen_version *s = versions_find(w, version);
	const char *why;
	enum retirement_verdict v = judge(e, w, version, &why);

	*since = *until = -1;
	if (v != RETIREMENT_DRAINING)
		return v;
	*since = since_when(e, w, s);
	*until = *since + e->config->retirement_hold_ms;
	/* By our own clock, or one host's, no hold is over. */
	return *until <= model_azure(e) && skew_sure(&e->traffic.skew) &&
			       is_sure(e, s) && all_got(e, w, s)
		       ? RETIREMENT_CLEAR
		       : RETIREMENT_DRAINING;
}

/* Its hold is over, as far as the clock goes. */
static bool hold_over(const struct engine *e, const struct watch *w,
		      const struct seen_version *s)
{
	return since_when(e, w, s) + e->config->retirement_hold_ms <=
	       model_azure(e);
}

const char *retirement_why(const struct engine *e, const struct watch *w,
			   const char *version)
{
	const struct seen_version *s = versions_find(w, version);
	const char *why;

	if (judge(e, w, version, &why) != RETIREMENT_DRAINING ||
	    !hold_over(e, w, s))
		return why;
	if (!skew_sure(&e->traffic.skew))
		return "its hold is over, but what time it is at Azure is not sure yet";
	if (!is_sure(e, s) || !all_got(e, w, s))
		return "its hold is over, but not every registry was read again since, each by itself; that is done within a reread-interval";
	return NULL;
}

static void await(const struct registry *r, const struct registry **who,
		  size_t max, size_t *n)
{
	if (*n < max)
		who[*n] = r;
	(*n)++;
}

size_t retirement_awaits(const struct engine *e, const struct watch *w,
			 const char *version, const struct registry **who,
			 size_t max)
{
	const struct seen_version *s = versions_find(w, version);
	const struct watch *of = w;
	const struct registry *r;
	const char *why;
	int64_t from;
	size_t n = 0;

	if (judge(e, w, version, &why) != RETIREMENT_DRAINING ||
	    !hold_over(e, w, s))
		return 0;
	for (size_t i = 0; !is_sure(e, s) && i < e->n_registries; i++)
		if (!e->by_id[i]->retiring &&
		    e->by_id[i]->read_azure < s->left_at)
			await(e->by_id[i], who, max, &n);
	if (n || all_got(e, w, s))
		return n;
	from = counts_from(e, w, s);
	do {
		TAILQ_FOREACH(r, &of->registries, watch_link)
			if (!r->retiring && r->got_azure < from)
				await(r, who, max, &n);
		of = of->sibling;
	} while (of != w);
	return n;
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
