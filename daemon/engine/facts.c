/* What was read of a registry: taken in, and held against what was known. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/engine_internal.h"

static bool by_us_or_azure(const struct registry *r,
			   const struct registry_facts *f)
{
	if (r->writing != DECIDE_DONE || r->read_at < 0)
		return true;
	/* Azure's own rotation: still automatic, another version in use. */
	return f->own_key == r->facts.own_key &&
	       text_same(f->pinned, r->facts.pinned) &&
	       (f->pinned[0] == '\0' || text_same(f->in_use, r->facts.in_use));
}

static void facts_of(const struct registry *r, const struct registry_view *v,
		     struct registry_facts *f)
{
	char text[KEYID_TEXT_MAX];

	*f = (struct registry_facts){
		.provisioning = v->provisioning,
		.premium = v->premium,
		.encrypted = v->encrypted,
		.key_valid = v->key_valid,
		.own_key = v->key_valid &&
			   keyid_same_key(&v->key, &r->watch->key),
		.auto_rotation = v->auto_rotation,
		.identity_attached = v->identity_attached,
	};
	text_copy(f->pinned, sizeof(f->pinned), v->key.version);
	text_copy(f->in_use, sizeof(f->in_use), v->version_in_use);
	text_copy(f->identity, sizeof(f->identity), v->identity);
	if (f->own_key || !v->key_valid)
		return;
	keyid_print(&v->key, text, sizeof(text));
	f->foreign = text_dup(text);
}

static const char *own_version(const struct registry_facts *f)
{
	return f->own_key ? f->in_use : "";
}

void facts_take(struct engine *e, struct registry *r,
		const struct registry_view *v)
{
	struct registry_facts f;
	bool drift, moved;

	facts_of(r, v, &f);
	drift = !by_us_or_azure(r, &f) && !r->facts.missing;
	f.drifted = drift;
	if (drift)
		engine_note(
			e, NOTE_DRIFT, r->watch, r, f.in_use, r->facts.in_use,
			"Somebody else changed the key settings of %s: it uses %.8s now (before: %.8s).",
			r->id, f.in_use, r->facts.in_use);
	if (f.own_key && f.in_use[0])
		key_seen_add(r->watch, f.in_use);
	retirement_move(e, r, r->read_at < 0 ? "" : own_version(&r->facts),
			own_version(&f));
	if (!text_same(f.in_use, r->facts.in_use) ||
	    !text_same(f.pinned, r->facts.pinned))
		engine_save(e);
	moved = !text_same(f.foreign, r->facts.foreign) ||
		!text_same(f.in_use, r->facts.in_use);
	free(r->facts.foreign);
	r->facts = f;
	retirement_stranger(e, r, moved);
	r->read_at = e->now.boot;
	r->read_azure = engine_azure(e);
}

void facts_missing(struct engine *e, struct registry *r)
{
	retirement_move(e, r, r->read_at < 0 ? "" : own_version(&r->facts), "");
	free(r->facts.foreign);
	r->facts.foreign = NULL;
	retirement_stranger(e, r, false);
	r->facts.missing = true;
	r->facts.own_key = false;
	r->read_at = e->now.boot;
	r->read_azure = engine_azure(e);
}
