/* Who has changed a registry: what was read of it is held against what was
 * known, and against what a leader would do. */
#include "engine/drift.h"

#include <stdio.h>

#include "base/text.h"
#include "engine/lease_role.h"
#include "engine/note.h"
#include "engine/versions.h"

/* Since it was read last another daemon may have acted: it does now, or it did
 * before this one led. */
static bool is_anothers_turn(const struct engine *e, const struct registry *r)
{
	const struct lease *l = r->watch->lease;

	if (!l)
		return false;
	return lease_role_of(&l->facts, model_boot(e)).role != ROLE_LEADER ||
	       l->role != ROLE_LEADER || l->since >= r->read_azure;
}

/* That version is wanted; or, for all that is known here, is newer than that:
 * who leads may have heard of it first. */
static bool may_be_wanted(const struct watch *w, const char *version)
{
	const struct seen_version *target = versions_target(w);
	const struct seen_version *s = versions_find(w, version);

	if (w->mode == WATCH_MANUAL)
		return text_same(version, w->key.version);
	return !target || !s || s == target || s->read_at < 0 ||
	       s->v.created > target->v.created;
}

/* As who leads would leave it, at its end or on the way there. */
static bool is_a_leaders(const struct registry *r,
			 const struct registry_facts *f)
{
	if (!f->own_key)
		return false;
	switch (model_mode(r)) {
	case WATCH_FOLLOW:
		return f->pinned[0] == '\0' ||
		       may_be_wanted(r->watch, f->pinned);
	case WATCH_PIN:
	case WATCH_MANUAL:
		return f->pinned[0] != '\0' &&
		       may_be_wanted(r->watch, f->pinned);
	case WATCH_OBSERVE:
		break;
	}
	return false;
}

static bool by_us_or_azure(const struct registry *r,
			   const struct registry_facts *f)
{
	if (r->writing != DECIDE_DONE || r->read_at < 0)
		return true;
	/* What is not told any more, or again, was changed by nobody. */
	if (f->hidden || r->facts.hidden)
		return true;
	/* Azure's own rotation: still automatic, another version in use. */
	return f->own_key == r->facts.own_key &&
	       text_same(f->pinned, r->facts.pinned) &&
	       (f->pinned[0] == '\0' || text_same(f->in_use, r->facts.in_use));
}

/* What another writer has done: where the version is still the same, or is not
 * told, that is no news of it. */
static void tell(struct engine *e, const struct registry *r,
		 const struct registry_facts *now)
{
	const struct registry_facts *was = &r->facts;
	char what[KEYID_TEXT_MAX + 64];

	if (now->foreign && !text_same(now->foreign, was->foreign))
		snprintf(what, sizeof(what), "it is on another key now, %s",
			 now->foreign);
	else if (now->in_use[0] == '\0')
		text_copy(what, sizeof(what),
			  "Azure does not tell which version it uses now");
	else if (text_same(now->in_use, was->in_use))
		snprintf(what, sizeof(what),
			 "its identifier %s now, and it still uses %.8s",
			 now->pinned[0] ? "names a version"
					: "names no version",
			 now->in_use);
	else
		snprintf(what, sizeof(what), "it uses %.8s now (before: %.8s)",
			 now->in_use,
			 was->in_use[0] ? was->in_use : "not told");
	note_tell(e, NOTE_DRIFT, r->watch, r, now->in_use, was->in_use,
		  "Another writer changed the key settings of %s: %s.", r->id,
		  what);
}

void drift_look(struct engine *e, const struct registry *r,
		struct registry_facts *f)
{
	if (is_anothers_turn(e, r))
		f->led = is_a_leaders(r, f);
	else
		f->led = r->facts.led && f->own_key &&
			 text_same(f->pinned, r->facts.pinned);
	f->drifted = !f->led && !by_us_or_azure(r, f) && !r->facts.missing;
	if (f->drifted)
		tell(e, r, f);
}
