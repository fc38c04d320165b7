/* The versions of a watch's key: which is wanted, who uses each. */
#include "engine/versions.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/note.h"

/* A write that comes too soon is refused, which costs minutes. */
#define NBF_MARGIN_MS 1000

struct seen_version *versions_find(const struct watch *w, const char *version)
{
	for (size_t i = 0; i < w->n_seen; i++)
		if (text_same(w->seen[i].v.version, version))
			return &w->seen[i];
	return NULL;
}

/* Make room: of those out of use the oldest one goes. */
static size_t oldest_unused(const struct watch *w)
{
	size_t found = w->n_seen;

	for (size_t i = 0; i < w->n_seen; i++) {
		const struct seen_version *s = &w->seen[i];

		if (s->in_use || s->strangers ||
		    text_same(s->v.version, w->newest) ||
		    text_same(s->v.version, w->key.version))
			continue;
		if (found == w->n_seen ||
		    s->v.created < w->seen[found].v.created)
			found = i;
	}
	return found;
}

struct seen_version *versions_add(struct watch *w, const char *version)
{
	struct seen_version *s = versions_find(w, version);
	size_t at = w->n_seen;

	if (s || version[0] == '\0')
		return s;
	/* Those in use are as many as they are. */
	if (w->n_seen >= ENGINE_VERSIONS_MAX)
		at = oldest_unused(w);
	if (at == w->n_seen) {
		w->seen =
			text_realloc(w->seen, w->n_seen + 1, sizeof(*w->seen));
		w->n_seen++;
	}
	s = &w->seen[at];
	*s = (struct seen_version){
		.read_at = -1,
		.tried_at = -1,
		.off_since = -1,
		.left_at = -1,
		.got_since = -1,
	};
	text_copy(s->v.version, sizeof(s->v.version), version);
	s->v.created = s->v.updated = s->v.not_before = s->v.expires = -1;
	return s;
}

struct seen_version *versions_target(const struct watch *w)
{
	struct seen_version *s;

	if (w->mode == WATCH_MANUAL) {
		s = versions_find(w, w->key.version);
		return s && (s->read_at >= 0 || s->missing || s->disabled)
			       ? s
			       : NULL;
	}
	if (w->newest_disabled || w->gone)
		return NULL;
	s = versions_find(w, w->newest);
	return s && s->read_at >= 0 ? s : NULL;
}

int64_t versions_effective(const struct watch *w, const struct seen_version *s)
{
	return model_effective(w, s);
}

int64_t versions_deadline(const struct engine *e, const struct watch *w)
{
	const struct seen_version *s = versions_target(w);

	if (!s || w->mode == WATCH_MANUAL)
		return -1;
	return versions_effective(w, s) + e->config->window_ms;
}

unsigned versions_age(const struct engine *e, const struct watch *w)
{
	const struct seen_version *s = versions_target(w);

	return s ? decide_age(s->v.created, w->max_age, model_azure(e)) : 0;
}

const struct seen_version *versions_newer(const struct watch *w)
{
	const struct seen_version *named, *s = versions_find(w, w->newest);

	if (w->mode != WATCH_MANUAL || !s || s->read_at < 0 || s->missing ||
	    w->gone || w->newest_disabled)
		return NULL;
	named = versions_find(w, w->key.version);
	/* Very old versions tell no date: then Key Vault's word has to do. */
	if (s == named ||
	    (named && named->v.created > s->v.created && s->v.created >= 0))
		return NULL;
	return s;
}

bool versions_on_target(const struct registry *r)
{
	const struct seen_version *s = versions_target(r->watch);

	return s && r->facts.own_key &&
	       text_same(r->facts.in_use, s->v.version);
}

/* Azure's clock is known to about a second, for Date has whole ones, and what
 * is known of it may go back by as much: wait a little, and stay with it. */
static int64_t valid_from(const struct seen_version *s)
{
	return s->v.not_before < 0 ? -1 : s->v.not_before + NBF_MARGIN_MS;
}

static void begin(const struct engine *e, struct seen_version *s)
{
	if (s->v.not_before < 0)
		s->begun = true;
	if (model_dateless(e))
		return;
	if (valid_from(s) <= model_azure(e))
		s->begun = true;
	if (s->v.expires >= 0 && s->v.expires <= model_azure(e))
		s->ended = true;
}

/* The one that a person named, or the newest. */
static struct seen_version *meant(const struct watch *w)
{
	return versions_find(w, w->mode == WATCH_MANUAL ? w->key.version
							: w->newest);
}

void versions_begin(const struct engine *e, struct watch *w)
{
	struct seen_version *s = meant(w);

	if (s && s->read_at >= 0)
		begin(e, s);
}

/* Of a version that a person named nothing is said but what is so of it. */
static enum decide_reason manual_fault(const struct engine *e,
				       const struct watch *w)
{
	const struct seen_version *s = versions_target(w);

	if (!s)
		return REASON_MANUAL_UNREAD;
	if (s->missing)
		return REASON_MANUAL_MISSING;
	if (s->disabled)
		return REASON_MANUAL_DISABLED;
	return decide_manual(&s->v, model_azure(e));
}

enum decide_reason versions_fault(const struct engine *e, const struct watch *w)
{
	const struct seen_version *s = versions_target(w);
	int64_t azure = model_azure(e);
	enum decide_reason r;

	if (w->mode == WATCH_MANUAL)
		return manual_fault(e, w);
	if (w->newest_disabled)
		return REASON_NEWEST_DISABLED;
	if (w->gone)
		return REASON_NEWEST_MISSING;
	if (!s)
		return REASON_KEY_UNREAD;
	if (s->begun && azure < s->v.not_before)
		azure = s->v.not_before;
	if (s->ended && azure < s->v.expires)
		azure = s->v.expires;
	r = decide_usable(&s->v, azure);
	return r == REASON_NONE && !s->begun ? REASON_NEWEST_NOT_YET : r;
}

int64_t versions_turns(const struct engine *e, const struct watch *w)
{
	const struct seen_version *s = meant(w);
	int64_t at = INT64_MAX, ends;

	if (model_dateless(e))
		return at; /* all is looked at anew when it is known */
	if (s && s->read_at >= 0 && !s->begun)
		at = model_boot_of(e, valid_from(s));
	if (s && s->v.expires > model_azure(e)) {
		ends = model_boot_of(e, s->v.expires);
		at = ends < at ? ends : at;
	}
	return at;
}

/* ---- what Key Vault told ---- */

static bool same(const struct key_version *a, const struct key_version *b)
{
	return a->enabled == b->enabled && a->rsa == b->rsa &&
	       a->wraps == b->wraps && a->bits == b->bits &&
	       a->created == b->created && a->not_before == b->not_before &&
	       a->expires == b->expires &&
	       a->purge_protected == b->purge_protected;
}

void versions_store(struct engine *e, struct watch *w, struct seen_version *s,
		    const struct key_version *v)
{
	if (s->read_at < 0 || s->missing || s->disabled || !same(&s->v, v))
		w->revision++;
	s->absent = s->failed = 0;
	s->begun = s->begun && s->v.not_before == v->not_before;
	s->ended = s->ended && s->v.expires == v->expires;
	s->v = *v;
	s->read_at = s->tried_at = model_boot(e);
	s->missing = s->disabled = false;
	begin(e, s);
}

void versions_lost(struct watch *w, struct seen_version *s, bool missing,
		   bool disabled)
{
	if ((missing && !s->missing) || (disabled && !s->disabled))
		w->revision++;
	s->absent = s->failed = 0;
	s->missing |= missing;
	s->disabled |= disabled;
}

/* ---- who uses it ---- */

/* Each watch of the key keeps its own account. */
static void in_use_again(struct engine *e, struct watch *of,
			 const char *version)
{
	struct watch *w = of;

	do {
		struct seen_version *s = versions_find(w, version);

		/* A saved "since" must not outlive this. */
		if (s && s->off_since >= 0) {
			s->off_since = -1;
			note_save(e);
		}
		w = w->sibling;
	} while (w != of);
}

/* Whoever was seen on it is not any more; all have to be read since then. */
static void left_now(const struct engine *e, struct watch *of,
		     const char *version)
{
	struct watch *w = of;

	do {
		struct seen_version *s = versions_find(w, version);

		if (s) {
			s->left_at = model_azure(e);
			s->sure = false;
		}
		w = w->sibling;
	} while (w != of);
}

void versions_move(struct engine *e, struct registry *r, const char *from,
		   const char *to)
{
	struct seen_version *s;

	if (text_same(from, to))
		return;
	s = from[0] ? versions_find(r->watch, from) : NULL;
	if (s && s->in_use) {
		s->in_use--;
		left_now(e, r->watch, from);
	}
	s = to[0] ? versions_add(r->watch, to) : NULL;
	if (s) {
		s->in_use++;
		in_use_again(e, r->watch, to);
	}
}

void versions_untold(struct registry *r, bool untold)
{
	if (untold && !r->untold)
		r->watch->untold++;
	else if (!untold && r->untold)
		r->watch->untold--;
	r->untold = untold;
}

static void leave_host(struct engine *e, struct stranger *x)
{
	struct seen_version *s = x->host ? versions_find(x->host, x->version)
					 : NULL;

	if (s && s->strangers) {
		s->strangers--;
		left_now(e, x->host, x->version);
	}
	if (x->host && x->version[0] == '\0')
		x->host->strange_untold--;
	x->host = NULL;
}

/* Which version of the other key it needs: the one in use; or, when that is
 * its watch's own, the one that it is set to. */
static void enter_host(struct engine *e, struct stranger *x)
{
	const struct registry *r = x->registry;
	char base[KEYID_TEXT_MAX];
	const char *version;
	struct seen_version *s;
	struct keyid key;
	struct fault f;

	if (!keyid_parse(&key, r->facts.foreign, &f))
		return;
	keyid_print_base(&key, base, sizeof(base));
	version = r->facts.own_in_use ? key.version : r->facts.in_use;
	x->host = model_find_watch(e, base, NULL);
	if (x->host && r->untold) {
		intern_set(&e->names, &x->version, "");
		x->host->strange_untold++;
		return;
	}
	s = x->host ? versions_add(x->host, version) : NULL;
	if (!s) {
		x->host = NULL;
		return;
	}
	intern_set(&e->names, &x->version, version);
	s->strangers++;
	in_use_again(e, x->host, version);
}

/* It is on its watch's key again, or leaves it. */
static void come_home(struct engine *e, struct registry *r)
{
	struct stranger *x = r->abroad;

	leave_host(e, x);
	TAILQ_REMOVE(&e->strangers, x, link);
	intern_set(&e->names, &x->version, "");
	free(x);
	r->abroad = NULL;
}

void versions_stranger(struct engine *e, struct registry *r)
{
	if (!r->facts.foreign) {
		if (r->abroad)
			come_home(e, r);
		return;
	}
	if (!r->abroad) {
		r->abroad = text_alloc(1, sizeof(*r->abroad));
		r->abroad->registry = r;
		r->abroad->version = "";
		TAILQ_INSERT_TAIL(&e->strangers, r->abroad, link);
	}
	leave_host(e, r->abroad);
	enter_host(e, r->abroad);
}

bool versions_hosts(const struct watch *w)
{
	bool some = w->strange_untold > 0;

	for (size_t i = 0; i < w->n_seen; i++)
		some |= w->seen[i].strangers > 0;
	return some;
}

void versions_strangers(struct engine *e)
{
	struct stranger *x;
	struct watch *w;

	TAILQ_FOREACH(w, &e->watches, link) {
		e->looks++;
		w->strange_untold = 0;
		for (size_t i = 0; i < w->n_seen; i++)
			w->seen[i].strangers = 0;
	}
	TAILQ_FOREACH(x, &e->strangers, link) {
		x->host = NULL;
		enter_host(e, x);
	}
}

static void known_now(const struct engine *e, struct watch *of)
{
	struct watch *w = of;

	do {
		w->known_since = model_azure(e);
		w = w->sibling;
	} while (w != of);
}

void versions_came(struct engine *e, struct registry *r)
{
	if (!r->newcomer)
		return;
	r->newcomer = false;
	known_now(e, r->watch);
	if (r->abroad && r->abroad->host)
		known_now(e, r->abroad->host);
	note_save(e);
}

/* A key may have several watches: the unversioned one, and manual ones that
 * hold a version of it.  They form a ring. */
unsigned versions_users(const struct watch *w, const struct seen_version *s)
{
	const char *version = s->v.version;
	unsigned n = 0;

	for (const struct watch *of = w; s || of != w;) {
		n += s ? s->in_use + s->strangers : 0;
		of = of->sibling;
		s = of == w ? NULL : versions_find(of, version);
	}
	return n;
}

bool versions_all_told(const struct watch *of)
{
	const struct watch *w = of;

	do {
		if (w->untold || w->strange_untold)
			return false;
		w = w->sibling;
	} while (w != of);
	return true;
}
