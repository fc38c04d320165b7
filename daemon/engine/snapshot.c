/* What is kept over a restart, as JSON; what is read back is doubted. */
#include "engine/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "azure/resid.h"
#include "base/json.h"
#include "base/text.h"
#include "engine/adopt_rule.h"
#include "engine/departed.h"
#include "engine/facts.h"
#include "engine/model.h"
#include "engine/move_state.h"
#include "engine/rules.h"
#include "engine/rules_tell.h"
#include "engine/settle.h"
#include "engine/versions.h"

#define CLOCKS_MS 5000
#define DAY_MS INT64_C(86400000)
#define CLOCK_SET_MS INT64_C(1577836800000) /* 2020-01-01 */
#define MOVE_MAX_MS 3600000
#define MOVE_LOOK_MS 10000.0	     /* between two looks at an operation */
#define TREE_MAX ((size_t)512 << 20) /* bytes of memory */
/* So long a write whose answer nobody has seen may take to show. */
#define WRITE_LOST_MS INT64_C(10000)

/* Numbers of ms since 1970 or -1, written only when known. */
static void add_ms(struct json_writer *w, const char *name, int64_t ms)
{
	if (ms >= 0)
		json_add_int(w, name, ms);
}

static void add_text(struct json_writer *w, const char *name, const char *s)
{
	if (s[0] != '\0')
		json_add_str(w, name, s);
}

/* Until when it is paused, who said so, and why. */
static void write_pause(struct json_writer *w, const struct pause *p)
{
	if (!p)
		return;
	json_add_int(w, "paused_until", p->until);
	if (p->by)
		json_add_str(w, "paused_by", p->by);
	if (p->reason)
		json_add_str(w, "pause_reason", p->reason);
}

static void write_version(struct json_writer *w, const struct seen_version *s)
{
	json_open(w);
	json_add_str(w, "version", s->v.version);
	add_ms(w, "created", s->v.created);
	/* Before that is sure it is worth nothing to another life. */
	add_ms(w, "off_since", s->sure ? s->off_since : -1);
	json_close(w);
}

static void write_watch(struct json_writer *w, const struct watch *k)
{
	char key[KEYID_TEXT_MAX];

	keyid_print(&k->key, key, sizeof(key));
	json_open(w);
	json_add_str(w, "key", key);
	add_text(w, "newest", k->newest);
	if (k->around)
		json_add_bool(w, "around", true);
	add_ms(w, "first_seen", k->first_seen);
	add_ms(w, "known_since", k->known_since);
	json_key(w, "versions");
	json_open_array(w);
	for (size_t i = 0; i < k->n_seen; i++)
		write_version(w, &k->seen[i]);
	json_close_array(w);
	json_close(w);
}

/* A write that is under way, or whose time for another one has not come: what
 * comes after a crash must not write it again at once. */
static void write_last_write(const struct engine *e, struct json_writer *w,
			     const struct registry *r)
{
	int64_t again = model_effort(r)->write_again;

	/* For a person who reads the file after a crash. */
	if (model_writing(r))
		json_add_str(w, "writing", r->wrote);
	if (model_writing(r) && again < model_boot(e) + WRITE_LOST_MS)
		again = model_boot(e) + WRITE_LOST_MS;
	if (r->wrote[0] == '\0' || again <= model_boot(e))
		return;
	json_add_str(w, "wrote", r->wrote);
	json_add_int(w, "write_again",
		     model_azure(e) + (again - model_boot(e)));
}

static bool shows_nothing(const struct registry *r)
{
	struct facts_place places[FACTS_PLACES];

	return r->read_at < 0 ? r->nowhere : facts_places(r, places) == 0;
}

static void write_departed(struct json_writer *w, const char *id,
			   const char *base, const char *version, int64_t seen,
			   const char *credential)
{
	json_open(w);
	json_add_str(w, "id", id);
	if (base)
		json_add_str(w, "key", base);
	add_text(w, "version", version);
	add_ms(w, "seen", seen);
	if (credential)
		json_add_str(w, "credential", credential);
	json_close(w);
}

static const char *reader_of(const struct registry *r)
{
	return r->scope->end->credential->name;
}

/* What a registry shows is written too, unless `proven` says it: the next life
 * may come with a file that does not name it. */
static void write_places(struct json_writer *w, const struct registry *r)
{
	struct facts_place places[FACTS_PLACES];
	size_t n = facts_places(r, places);

	if (n == 1 && text_same(places[0].base, r->watch->base) &&
	    r->proven[0] != '\0' && text_same(places[0].version, r->proven))
		return;
	for (size_t i = 0; i < n; i++)
		write_departed(w, r->id, places[i].base, places[i].version,
			       r->read_azure, reader_of(r));
}

static void write_all_departed(const struct engine *e, struct json_writer *w)
{
	const struct departed *d;

	json_key(w, "departed");
	json_open_array(w);
	for (size_t i = 0; i < DEPARTED_BUCKETS && e->n_departed; i++)
		LIST_FOREACH(d, &e->departed->by_id[i], link)
	write_departed(w, d->id, d->base, d->version, d->seen, d->credential);
	for (size_t i = 0; i < e->n_registries; i++)
		write_places(w, e->by_id[i]);
	json_close_array(w);
	if (e->departed_lost)
		json_add_bool(w, "departed_lost", true);
}

static void write_registry(const struct engine *e, struct json_writer *w,
			   const struct registry *r)
{
	json_open(w);
	json_add_str(w, "id", r->id);
	if (r->rule) {
		json_add_str(w, "rule", r->rule->name);
		json_add_str(w, "key", r->watch->base);
	}
	add_text(w, "proven", r->proven);
	if (r->proven[0] != '\0')
		json_add_str(w, "credential", reader_of(r));
	if (shows_nothing(r))
		json_add_bool(w, "nowhere", true);
	add_text(w, "tried", model_effort(r)->tried);
	add_text(w, "late_told", r->late_told);
	add_ms(w, "verified_at", r->verified_at);
	write_pause(w, r->pause);
	write_last_write(e, w, r);
	json_close(w);
}

bool snapshot_write(const struct engine *e, struct buf *out)
{
	struct json_writer *w = json_writer_new(out, false);
	const struct watch *k;

	json_open(w);
	json_add_int(w, "format", SNAPSHOT_FORMAT);
	json_add_time(w, "saved", model_azure(e));
	write_pause(w, e->pause);
	if (e->pace.op_ms > 0)
		json_add_int(w, "move_ms", e->pace.op_ms);
	json_key(w, "keys");
	json_open_array(w);
	TAILQ_FOREACH(k, &e->watches, link)
		write_watch(w, k);
	json_close_array(w);
	json_key(w, "registries");
	json_open_array(w);
	for (size_t i = 0; i < e->n_registries; i++)
		write_registry(e, w, e->by_id[i]);
	json_close_array(w);
	write_all_departed(e, w);
	json_close(w);
	return json_finish(w);
}

/* ---- reading: a wrong value is left out, a wrong file is refused ---- */

static int64_t get_ms(const struct json *o, const char *name, int64_t absent)
{
	int64_t ms;

	/* 9999-12-31: nothing of ours lies beyond. */
	if (!json_int(json_get(o, name), &ms) || ms < 0 || ms > 253402300799000)
		return absent;
	return ms;
}

static bool is_version(const char *s)
{
	return s && strlen(s) == KEYID_VERSION_MAX - 1 &&
	       strspn(s, "0123456789abcdefABCDEF") == strlen(s);
}

static void get_version(const struct json *o, const char *name, char *dst)
{
	const char *s = json_get_str(o, name);

	if (is_version(s))
		text_copy(dst, KEYID_VERSION_MAX, s);
}

/* The same, into what registries share. */
static void keep_version(struct engine *e, const struct json *o,
			 const char *name, const char **place)
{
	const char *s = json_get_str(o, name);

	if (is_version(s))
		intern_set(&e->names, place, s);
}

/* When the file was written, Azure's time.  One that does not tell was written
 * before now; one that tells of another day to come is not believed either,
 * unless it is this machine's clock that was never set. */
static int64_t get_saved(const struct engine *e, const struct json *root)
{
	const char *text = json_get_str(root, "saved");
	int64_t saved = text ? text_parse_rfc3339(text) : -1;
	int64_t now = model_azure(e);

	if (saved < 0 || (saved > now + DAY_MS && now >= CLOCK_SET_MS))
		return now;
	return saved;
}

/* What is past can be no later than the file itself, whose clock may have been
 * set back a little. */
static int64_t get_past(const struct json *o, const char *name, int64_t saved)
{
	int64_t ms = get_ms(o, name, -1);

	return ms > saved + CLOCKS_MS ? -1 : ms;
}

static void read_version(struct watch *w, const struct json *o, int64_t saved)
{
	const char *version = json_get_str(o, "version");
	struct seen_version *s;

	if (!is_version(version))
		return;
	s = versions_add(w, version);
	if (!s)
		return;
	s->v.created = get_past(o, "created", saved);
	/* One that was made after that is not what the key showed: it must not
	 * stand against what is read. */
	if (get_ms(o, "created", -1) > s->v.created &&
	    text_same(w->newest, version))
		w->newest[0] = '\0';
	/* It may have been: what was left is not gone back to lightly. */
	s->was_newest = s->v.created >= 0;
	s->off_since = get_past(o, "off_since", saved);
}

static struct watch *watch_by_title(const struct engine *e, const char *key)
{
	char base[KEYID_TEXT_MAX];
	struct keyid id;
	struct fault f;

	if (!key || !keyid_parse(&id, key, &f))
		return NULL;
	keyid_print_base(&id, base, sizeof(base));
	return model_find_watch(e, base, id.version);
}

static void read_watch(struct engine *e, const struct json *o, int64_t saved)
{
	struct watch *w = watch_by_title(e, json_get_str(o, "key"));
	const struct json *v;

	if (!w)
		return;
	get_version(o, "newest", w->newest);
	/* The vault is asked first all the same. */
	if (w->via == CONFIG_VIA_AUTO)
		json_bool(json_get(o, "around"), &w->around);
	w->first_seen = get_past(o, "first_seen", saved);
	w->known_since = get_past(o, "known_since", saved);
	for (v = json_first(json_get(o, "versions")); v; v = json_next(v))
		read_version(w, v, saved);
	if (w->newest[0] != '\0')
		versions_add(w, w->newest)->was_newest = true;
}

static void read_pause(struct pause **place, const struct json *o)
{
	model_pause_keep(place, get_ms(o, "paused_until", 0),
			 json_get_str(o, "paused_by"),
			 json_get_str(o, "pause_reason"));
}

static void read_departed(struct engine *e, const struct json *o, int64_t saved)
{
	const char *id = json_get_str(o, "id"), *key = json_get_str(o, "key");
	char base[KEYID_TEXT_MAX], version[KEYID_VERSION_MAX] = "";
	struct watch *w;
	struct keyid parsed;
	struct fault f;

	if (!id || !key || !keyid_parse(&parsed, key, &f)) {
		get_version(o, "version", version);
		if (id && version[0] != '\0')
			departed_keep(e, id, NULL, version,
				      get_past(o, "seen", saved),
				      json_get_str(o, "credential"));
		return;
	}
	get_version(o, "version", version);
	keyid_print_base(&parsed, base, sizeof(base));
	departed_keep(e, id, base, version, get_past(o, "seen", saved),
		      json_get_str(o, "credential"));
	w = model_find_watch(e, base, NULL);
	if (w)
		versions_add(w, version);
}

/* The file was changed while no daemon ran: it does not name this one any
 * more. */
static void read_stranded(struct engine *e, const struct json *o,
			  const char *id, int64_t saved)
{
	char version[KEYID_VERSION_MAX] = "";
	bool nowhere = false;

	get_version(o, "proven", version);
	json_bool(json_get(o, "nowhere"), &nowhere);
	if (id && version[0] != '\0' && !nowhere && !departed_has(e, id))
		departed_keep(e, id, NULL, version,
			      get_past(o, "verified_at", saved),
			      json_get_str(o, "credential"));
}

static void read_registry(struct engine *e, const struct json *o, int64_t saved)
{
	const char *id = json_get_str(o, "id");
	struct registry *r = id ? model_find(e, id) : NULL;
	bool nowhere = false;
	int64_t again;

	if (!r) {
		read_stranded(e, o, id, saved);
		return;
	}
	keep_version(e, o, "proven", &r->proven);
	json_bool(json_get(o, "nowhere"), &nowhere);
	r->nowhere = nowhere;
	if (json_get(o, "tried"))
		keep_version(e, o, "tried", &move_state_effort(r)->tried);
	keep_version(e, o, "late_told", &r->late_told);
	r->verified_at = get_past(o, "verified_at", saved);
	r->newcomer = r->proven[0] == '\0';
	read_pause(&r->pause, o);
	/* Nobody waits longer than that for another one. */
	again = get_ms(o, "write_again", 0) - model_azure(e);
	if (again > 0 && again <= BACKOFF_CAP_AFTER_MS) {
		keep_version(e, o, "wrote", &r->wrote);
		move_state_effort(r)->writes = r->wrote[0] != '\0';
		move_state_effort(r)->write_again = model_boot(e) + again;
	}
	model_mark(e, r, MARK_LOOK);
}

static bool read_seen(const struct engine *e, const struct json *o,
		      struct rule_seen *x)
{
	const char *id = json_get_str(o, "id"), *key = json_get_str(o, "key");
	char base[KEYID_TEXT_MAX];
	struct resid place;
	struct keyid parsed;
	struct fault f;

	if (!id || !key || !resid_parse(&place, id, &f) ||
	    !keyid_parse(&parsed, key, &f))
		return false;
	keyid_print_base(&parsed, base, sizeof(base));
	*x = (struct rule_seen){ .id = text_dup(id), .key = text_dup(base) };
	if (!cloud_has_vault(&e->config->cloud, parsed.host))
		x->verdict = RULE_CLOUD;
	return true;
}

/* Those that the rule of that name had found. */
static void read_rule(struct engine *e, const struct json *all,
		      const char *name)
{
	struct rule_seen *seen = text_alloc(json_count(all) + 1, sizeof(*seen));
	const struct json *o;
	size_t n = 0;

	for (o = json_first(all); o; o = json_next(o))
		if (text_same(json_get_str(o, "rule"), name))
			n += read_seen(e, o, &seen[n]);
	adopt_rule_again(e, name, seen, n);
	free(seen);
}

/* Whom a rule had found is watched on before any LIST has come, which may be
 * long in coming.  Of rules that are no more it is told. */
static void read_ruled(struct engine *e, const struct json *root)
{
	const struct json *all = json_get(root, "registries"), *o;
	struct rule_seen x;

	for (size_t i = 0; i < e->n_rules; i++)
		read_rule(e, all, e->rules[i]->name);
	for (o = json_first(all); o; o = json_next(o)) {
		const char *name = json_get_str(o, "rule");

		if (name && !rules_find(e, name) && read_seen(e, o, &x))
			adopt_rule_again(e, name, &x, 1);
	}
	rules_tell_rest(e);
}

/* What a move took in a former life counts as one that was seen. */
static void read_pace(struct engine *e, int64_t ms)
{
	if (ms <= 0 || ms > MOVE_MAX_MS)
		return;
	e->pace.seen = 1;
	e->pace.op_ms = ms;
	e->pace.reads = 2 + (double)ms / MOVE_LOOK_MS;
}

bool snapshot_read(struct engine *e, const char *text, size_t len,
		   struct fault *f)
{
	struct json *root = json_parse(text, len, TREE_MAX, f);
	const struct json *o;
	int64_t format, saved;

	if (!root)
		return false;
	if (!json_int(json_get(root, "format"), &format) ||
	    format != SNAPSHOT_FORMAT) {
		json_free(root);
		return fault_set(f, FAULT_INVALID, 0,
				 "The saved state is not of format %d.",
				 SNAPSHOT_FORMAT);
	}
	saved = get_saved(e, root);
	read_pause(&e->pause, root);
	read_pace(e, get_ms(root, "move_ms", 0));
	read_ruled(e, root);
	for (o = json_first(json_get(root, "keys")); o; o = json_next(o))
		read_watch(e, o, saved);
	json_bool(json_get(root, "departed_lost"), &e->departed_lost);
	for (o = json_first(json_get(root, "departed")); o; o = json_next(o))
		read_departed(e, o, saved);
	for (o = json_first(json_get(root, "registries")); o; o = json_next(o))
		read_registry(e, o, saved);
	json_free(root);
	settle_run(e);
	return true;
}
