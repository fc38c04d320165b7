/*
 * Who is on which version of a key, so that a person can see why an old one may
 * go, or may not.
 */
#include "engine/explain_key.h"

#include <stdlib.h>
#include <string.h>

#include "azure/remedy.h"
#include "base/json.h"
#include "base/text.h"
#include "engine/departed.h"
#include "engine/facts.h"
#include "engine/key_way.h"
#include "engine/retirement.h"
#include "engine/versions.h"

#define NAMES_MAX 10 /* registries that are named, of a version or unread */

const struct watch *explain_key_find(const struct engine *e, const char *key)
{
	char base[KEYID_TEXT_MAX];
	const struct watch *w;
	struct keyid id;
	struct fault f;

	if (!keyid_parse(&id, key, &f))
		return NULL;
	keyid_print_base(&id, base, sizeof(base));
	w = model_find_watch(e, base, id.version);
	return w && !w->retired ? w : NULL;
}

/* ---- who uses it ---- */

/* For each version the registries that are named. */
struct users {
	const struct registry *who[NAMES_MAX];
	size_t n;
};

/* The version that a registry is on, of this key; "". */
static const char *version_on(const struct registry *r, const struct watch *of)
{
	const struct watch *w = of;

	if (r->read_at < 0)
		return "";
	do {
		if (r->watch == w)
			return facts_version(&r->facts);
		if (r->abroad && r->abroad->host == w)
			return r->abroad->version;
		w = w->sibling;
	} while (w != of);
	return "";
}

static void add_user(struct users *all, const struct watch *w,
		     const struct registry *r)
{
	const struct seen_version *s = versions_find(w, version_on(r, w));
	struct users *u = s ? &all[s - w->seen] : NULL;

	if (u && u->n < NAMES_MAX)
		u->who[u->n++] = r;
}

static struct users *find_users(const struct engine *e, const struct watch *of)
{
	struct users *all = text_alloc(of->n_seen + 1, sizeof(*all));
	const struct watch *w = of;
	const struct registry *r;
	const struct stranger *x;

	do {
		TAILQ_FOREACH(r, &w->registries, watch_link)
			add_user(all, of, r);
		w = w->sibling;
	} while (w != of);
	TAILQ_FOREACH(x, &e->strangers, link)
		add_user(all, of, x->registry);
	return all;
}

/* ---- what Key Vault tells ---- */

static void put_enabled(struct json_writer *w, const struct seen_version *s)
{
	if (s->disabled)
		json_add_bool(w, "enabled", false);
	else if (s->read_at >= 0 && !s->missing)
		json_add_bool(w, "enabled", s->v.enabled);
	else
		json_add_null(w, "enabled");
}

static void put_command(struct json_writer *w, const struct watch *k,
			const struct seen_version *s)
{
	struct keyid key = k->key;
	struct buf out;

	buf_init(&out, REMEDY_MAX);
	text_copy(key.version, sizeof(key.version), s->v.version);
	remedy_key_disable(&out, &key);
	json_add_str(w, "command", out.len ? buf_str(&out) : NULL);
	buf_free(&out);
}

static void put_users(struct json_writer *w, const struct users *u)
{
	json_key(w, "users");
	json_open_array(w);
	for (size_t i = 0; i < u->n; i++)
		json_put_str(w, u->who[i]->id);
	json_close_array(w);
}

/* How many there are, and the ids of the first. */
static void put_some(struct json_writer *w, const char *count,
		     const char *names, size_t n, const char *const *ids)
{
	json_add_int(w, count, (int64_t)n);
	json_key(w, names);
	json_open_array(w);
	for (size_t i = 0; i < n && i < NAMES_MAX; i++)
		json_put_str(w, ids[i]);
	json_close_array(w);
}

/* Who left the file while on it. */
static void put_departed(const struct engine *e, struct json_writer *w,
			 const struct watch *k, const struct seen_version *s)
{
	const struct departed *who[NAMES_MAX];
	const char *ids[NAMES_MAX];
	size_t n = departed_find(e, k->base, s->v.version, who, NAMES_MAX);

	for (size_t i = 0; i < n && i < NAMES_MAX; i++)
		ids[i] = who[i]->id;
	put_some(w, "departed", "departed_names", n, ids);
}

/* Who is to be read before it can be called clear. */
static void put_awaited(const struct engine *e, struct json_writer *w,
			const struct watch *k, const struct seen_version *s)
{
	const struct registry *who[NAMES_MAX];
	const char *ids[NAMES_MAX];
	size_t n = retirement_awaits(e, k, s->v.version, who, NAMES_MAX);

	for (size_t i = 0; i < n && i < NAMES_MAX; i++)
		ids[i] = who[i]->id;
	put_some(w, "awaited", "awaited_names", n, ids);
}

static void put_version(const struct engine *e, struct json_writer *w,
			const struct watch *k, const struct seen_version *s,
			const struct users *u)
{
	int64_t since, until;
	enum retirement_verdict v =
		retirement_of(e, k, s->v.version, &since, &until);
	bool read = s->read_at >= 0;

	json_open(w);
	json_add_str(w, "version", s->v.version);
	json_add_str(w, "verdict", retirement_str(v));
	json_add_time(w, "since", since);
	json_add_time(w, "until", until);
	json_add_int(w, "registries", versions_users(k, s));
	json_add_str(w, "reason", retirement_why(e, k, s->v.version));
	json_add_time(w, "created", s->v.created);
	json_add_time(w, "expires", read ? s->v.expires : -1);
	put_enabled(w, s);
	put_users(w, u);
	put_departed(e, w, k, s);
	put_awaited(e, w, k, s);
	/* One that is off already needs nothing. */
	if (v == RETIREMENT_CLEAR && !s->disabled && (!read || s->v.enabled))
		put_command(w, k, s);
	else
		json_add_null(w, "command");
	json_close(w);
}

/* ---- what was not read ---- */

static bool is_unread(const struct registry *r)
{
	return r->counted && (!r->shown || r->untold);
}

static void put_unread(const struct engine *e, struct json_writer *w)
{
	size_t n = 0;

	json_add_int(w, "unread", (int64_t)(e->n_counted - e->n_fresh));
	json_key(w, "unread_names");
	json_open_array(w);
	for (size_t i = 0; i < e->n_registries && n < NAMES_MAX; i++) {
		if (!is_unread(e->by_id[i]))
			continue;
		json_put_str(w, e->by_id[i]->id);
		n++;
	}
	json_close_array(w);
}

static int newest_first(const void *a, const void *b)
{
	const struct seen_version *const *x = a, *const *y = b;

	if ((*x)->v.created != (*y)->v.created)
		return (*x)->v.created > (*y)->v.created ? -1 : 1;
	return strcmp((*x)->v.version, (*y)->v.version);
}

bool explain_key(const struct engine *e, const struct watch *k, struct buf *out)
{
	struct json_writer *w = json_writer_new(out, false);
	struct users *users = find_users(e, k);
	const struct seen_version **order =
		text_alloc(k->n_seen + 1, sizeof(*order));
	char key[KEYID_TEXT_MAX];

	for (size_t i = 0; i < k->n_seen; i++)
		order[i] = &k->seen[i];
	qsort(order, k->n_seen, sizeof(const struct seen_version *),
	      newest_first);
	keyid_print(&k->key, key, sizeof(key));
	json_open(w);
	json_add_time(w, "now", model_azure(e));
	json_add_str(w, "key", key);
	json_add_str(w, "newest_version", k->newest[0] ? k->newest : NULL);
	json_add_str(w, "read_via", key_way_str(k));
	json_add_str(w, "error", k->error ? k->error->text : NULL);
	put_unread(e, w);
	json_key(w, "versions");
	json_open_array(w);
	for (size_t i = 0; i < k->n_seen; i++)
		put_version(e, w, k, order[i], &users[order[i] - k->seen]);
	json_close_array(w);
	json_close(w);
	free(order);
	free(users);
	return json_finish(w);
}
