/* What was read of a registry: taken in, and held against what was known. */
#include "engine/facts.h"

#include <stdio.h>

#include "base/text.h"
#include "engine/departed.h"
#include "engine/drift.h"
#include "engine/note.h"
#include "engine/order.h"
#include "engine/versions.h"
#include "traffic/job.h"

/* Its texts are the view's, and `foreign` the text that is handed in. */
static void facts_of(const struct registry *r, const struct registry_view *v,
		     struct registry_facts *f, char foreign[KEYID_TEXT_MAX])
{
	const struct keyid *other = NULL, *own = &r->watch->key;
	bool strange;

	*f = (struct registry_facts){
		.provisioning = v->provisioning,
		.premium = v->premium,
		.encrypted = v->encrypted,
		.hidden = v->hidden,
		.key_valid = v->key_valid,
		.own_identifier = v->key_valid && keyid_same_key(&v->key, own),
		.own_in_use = v->version_known &&
			      keyid_same_key(&v->in_use_key, own),
		.auto_rotation = v->auto_rotation,
		.identity_attached = v->identity_attached,
		.pinned = v->key.version,
		.in_use = v->version_in_use,
		.identity = v->identity,
		.rotated_at = v->rotated_at,
	};
	strange = v->version_known && !f->own_in_use;
	f->own_key = f->own_identifier && !strange;
	/* What is in use says more than what it is set to. */
	if (strange &&
	    !(v->key_valid && keyid_same_key(&v->in_use_key, &v->key)))
		other = &v->in_use_key;
	else if (v->key_valid && !f->own_identifier)
		other = &v->key;
	if (!other)
		return;
	keyid_print(other, foreign, KEYID_TEXT_MAX);
	f->foreign = foreign;
}

static void set_foreign(struct engine *e, struct registry *r, const char *text)
{
	intern_set(&e->names, &r->facts.foreign, text);
	if (!text)
		r->facts.foreign = NULL;
}

/* They become the registry's, with texts that it shares. */
static void keep(struct engine *e, struct registry *r,
		 const struct registry_facts *f)
{
	struct registry_facts was = r->facts;

	r->facts = *f;
	r->facts.pinned = was.pinned;
	r->facts.in_use = was.in_use;
	r->facts.identity = was.identity;
	r->facts.foreign = was.foreign;
	intern_set(&e->names, &r->facts.pinned, f->pinned);
	intern_set(&e->names, &r->facts.in_use, f->in_use);
	intern_set(&e->names, &r->facts.identity, f->identity);
	set_foreign(e, r, f->foreign);
}

void facts_init(struct registry *r)
{
	r->facts.pinned = r->facts.in_use = r->facts.identity = "";
}

void facts_free(struct engine *e, struct registry *r)
{
	static const struct registry_facts none;

	keep(e, r, &none);
}

const char *facts_version(const struct registry_facts *f)
{
	if (f->own_in_use)
		return f->in_use;
	return f->own_identifier ? f->pinned : "";
}

/* It uses some version, of whatever key, and nobody can tell which. */
static bool is_untold(const struct registry_facts *f)
{
	return f->hidden || (f->encrypted && f->in_use[0] == '\0');
}

static const char *version_before(const struct registry *r)
{
	return r->read_at >= 0 ? facts_version(&r->facts) : "";
}

static void read_now(struct engine *e, struct registry *r)
{
	r->read_at = model_boot(e);
	r->read_azure = model_azure(e);
	model_mark(e, r, MARK_LOOK);
}

bool facts_agree(const struct registry *r, const struct registry_view *v)
{
	const struct registry_facts *a = &r->facts;
	struct registry_facts b;
	char foreign[KEYID_TEXT_MAX];

	if (r->read_at < 0)
		return r->proven[0] == '\0' ||
		       text_same(r->proven, v->version_in_use);
	facts_of(r, v, &b, foreign);
	return !a->missing && a->provisioning == b.provisioning &&
	       a->premium == b.premium && a->encrypted == b.encrypted &&
	       a->hidden == b.hidden && a->key_valid == b.key_valid &&
	       a->own_key == b.own_key && a->auto_rotation == b.auto_rotation &&
	       a->identity_attached == b.identity_attached &&
	       text_same(a->pinned, b.pinned) &&
	       text_same(a->in_use, b.in_use) &&
	       text_same(a->identity, b.identity) &&
	       text_same(a->foreign, b.foreign);
}

void facts_owe(struct engine *e, struct registry *r)
{
	int64_t spread = e->config->reread_interval_ms * 3 / 4;

	if (r->owed_at >= 0)
		return;
	r->owed_at = model_boot(e) + job_random(&e->traffic, &r->job, spread);
	model_mark(e, r, MARK_LOOK);
}

void facts_take(struct engine *e, struct registry *r,
		const struct registry_view *v, bool proof)
{
	bool changed, moved, untold = r->untold;
	struct registry_facts f;
	char foreign[KEYID_TEXT_MAX];

	facts_of(r, v, &f, foreign);
	order_look(r, v);
	drift_look(e, r, &f);
	versions_add(r->watch, facts_version(&f));
	versions_move(e, r, version_before(r), facts_version(&f));
	versions_untold(r, is_untold(&f));
	changed = !text_same(f.in_use, r->facts.in_use);
	if (changed || !text_same(f.pinned, r->facts.pinned))
		note_save(e);
	moved = changed || untold != r->untold ||
		!text_same(f.foreign, r->facts.foreign);
	keep(e, r, &f);
	if (moved)
		versions_stranger(e, r);
	versions_came(e, r);
	r->nowhere = false;
	departed_drop(e, r->id);
	r->proof = proof ? e->turn : 0;
	read_now(e, r);
	if (proof) {
		r->got_azure = r->read_azure;
		r->owed_at = -1;
	} else if (r->got_azure < 0) {
		/* A LIST and the memory of a former life may both be old. */
		facts_owe(e, r);
	}
}

/* It shows nothing any more. */
static void forget(struct engine *e, struct registry *r)
{
	versions_move(e, r, version_before(r), "");
	versions_untold(r, false);
	r->facts.own_key = r->facts.own_identifier = r->facts.own_in_use =
		false;
	set_foreign(e, r, NULL);
	versions_stranger(e, r);
}

void facts_missing(struct engine *e, struct registry *r)
{
	forget(e, r);
	r->facts.missing = true;
	r->absent = 0;
	departed_drop(e, r->id);
	read_now(e, r);
}

/* Of the other key the version in use; or, when that is its watch's own, the
 * one that it is set to. */
static bool place_abroad(const struct registry *r, struct facts_place *p)
{
	const struct registry_facts *now = &r->facts;
	struct keyid key;
	struct fault f;

	if (!now->foreign || !keyid_parse(&key, now->foreign, &f))
		return false;
	keyid_print_base(&key, p->base, sizeof(p->base));
	text_copy(p->version, sizeof(p->version),
		  r->untold	    ? ""
		  : now->own_in_use ? key.version
				    : now->in_use);
	return r->untold || p->version[0] != '\0';
}

size_t facts_places(const struct registry *r,
		    struct facts_place places[FACTS_PLACES])
{
	const char *own;
	size_t n = 0;

	if (r->read_at < 0 || r->facts.missing)
		return 0;
	own = r->untold ? "" : facts_version(&r->facts);
	if (r->untold || own[0] != '\0') {
		text_copy(places[n].base, sizeof(places[n].base),
			  r->watch->base);
		text_copy(places[n].version, sizeof(places[n].version), own);
		n++;
	}
	return n + place_abroad(r, &places[n]);
}

void facts_depart(struct engine *e, const struct registry *r)
{
	struct facts_place places[FACTS_PLACES];
	size_t n = facts_places(r, places);
	const char *credential = r->scope ? r->scope->end->credential->name
					  : NULL;

	/* It was read in a former life only; or by an earlier watch, and what
	 * it showed there is remembered already. */
	if (r->read_at < 0) {
		if (r->proven[0] != '\0' && !r->nowhere &&
		    !departed_has(e, r->id))
			departed_keep(e, r->id, NULL, r->proven, r->verified_at,
				      credential);
		return;
	}
	for (size_t i = 0; i < n; i++)
		departed_keep(e, r->id, places[i].base, places[i].version,
			      r->read_azure, credential);
}

void facts_leave(struct engine *e, struct registry *r)
{
	forget(e, r);
}
