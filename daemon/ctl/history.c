/*
 * Reads records of the audit, one after the other, into moves, versions, gaps
 * and open faults.
 */
#include "ctl/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/history_turns.h"
#include "ctl/labels.h"

#define INDEX_FIRST 64
#define WINDOW_MAX_MS ((int64_t)366 * 86400 * 1000)

/* ---- numbers of names ---- */

typedef const char *name_of(const struct history *h, uint32_t number);

static const char *registry_name(const struct history *h, uint32_t i)
{
	return h->registries[i].id;
}

static const char *key_name(const struct history *h, uint32_t i)
{
	return h->keys[i].id;
}

static size_t place(const struct history *h, const struct history_index *x,
		    name_of *name, const char *s)
{
	size_t at = text_hash(s) & (x->size - 1);

	while (x->slots[at] && !text_same(name(h, x->slots[at] - 1), s))
		at = (at + 1) & (x->size - 1);
	return at;
}

static void widen(const struct history *h, struct history_index *x,
		  name_of *name)
{
	struct history_index wide = { .n = x->n };

	if (x->size && 2 * (x->n + 1) <= x->size)
		return;
	wide.size = x->size ? 2 * x->size : INDEX_FIRST;
	wide.slots = text_alloc(wide.size, sizeof(*wide.slots));
	for (size_t i = 0; i < x->size; i++)
		if (x->slots[i])
			wide.slots[place(h, &wide, name,
					 name(h, x->slots[i] - 1))] =
				x->slots[i];
	free(x->slots);
	*x = wide;
}

/* A name that can be kept. */
static bool is_name(const char *s)
{
	return s && s[0] && strlen(s) <= HISTORY_ID_MAX;
}

static uint32_t key_of(struct history *h, const char *id)
{
	size_t at;

	if (!is_name(id))
		return HISTORY_NONE;
	widen(h, &h->by_key, key_name);
	at = place(h, &h->by_key, key_name, id);
	if (h->by_key.slots[at])
		return h->by_key.slots[at] - 1;
	if (h->n_keys == HISTORY_KEYS_MAX) {
		h->left_out++;
		return HISTORY_NONE;
	}
	h->keys = text_grow(h->keys, h->n_keys, sizeof(*h->keys));
	h->keys[h->n_keys] = (struct history_key){ .id = text_dup(id),
						   .newest = HISTORY_NONE };
	h->by_key.slots[at] = (uint32_t)++h->n_keys;
	h->by_key.n++;
	return (uint32_t)h->n_keys - 1;
}

static uint32_t registry_of(struct history *h, const char *id)
{
	size_t at;

	if (!is_name(id))
		return HISTORY_NONE;
	widen(h, &h->by_registry, registry_name);
	at = place(h, &h->by_registry, registry_name, id);
	if (h->by_registry.slots[at])
		return h->by_registry.slots[at] - 1;
	if (h->n_registries == HISTORY_REGISTRIES_MAX) {
		h->left_out++;
		return HISTORY_NONE;
	}
	h->registries = text_grow(h->registries, h->n_registries,
				  sizeof(*h->registries));
	h->registries[h->n_registries] = (struct history_registry){
		.id = text_dup(id),
		.key = HISTORY_NONE,
		.in_use = HISTORY_NONE,
		.first = HISTORY_NONE,
		.last = HISTORY_NONE,
		.wrote = HISTORY_NONE,
		.written = -1,
		.overdue = HISTORY_NONE,
		.watched = true,
	};
	h->by_registry.slots[at] = (uint32_t)++h->n_registries;
	h->by_registry.n++;
	return (uint32_t)h->n_registries - 1;
}

/* Versions are told apart by their key as well. */
static size_t version_place(const struct history *h,
			    const struct history_index *x, uint32_t key,
			    const char *name)
{
	size_t at = (text_hash(name) ^ (key * UINT64_C(0x9e3779b97f4a7c15))) &
		    (x->size - 1);
	const struct history_version *v;

	for (; x->slots[at]; at = (at + 1) & (x->size - 1)) {
		v = &h->versions[x->slots[at] - 1];
		if (v->key == key && text_same(v->name, name))
			break;
	}
	return at;
}

static void widen_versions(struct history *h)
{
	struct history_index *x = &h->by_version, wide = { .n = x->n };
	const struct history_version *v;

	if (x->size && 2 * (x->n + 1) <= x->size)
		return;
	wide.size = x->size ? 2 * x->size : INDEX_FIRST;
	wide.slots = text_alloc(wide.size, sizeof(*wide.slots));
	for (size_t i = 0; i < x->size; i++) {
		if (!x->slots[i])
			continue;
		v = &h->versions[x->slots[i] - 1];
		wide.slots[version_place(h, &wide, v->key, v->name)] =
			x->slots[i];
	}
	free(x->slots);
	*x = wide;
}

static uint32_t version_of(struct history *h, uint32_t key, const char *name)
{
	struct history_version v = {
		.key = key, .effective = -1, .seen = -1, .left = -1
	};
	size_t at;

	if (key == HISTORY_NONE || !name || !name[0] ||
	    !text_copy(v.name, sizeof(v.name), name))
		return HISTORY_NONE;
	widen_versions(h);
	at = version_place(h, &h->by_version, key, name);
	if (h->by_version.slots[at])
		return h->by_version.slots[at] - 1;
	if (h->n_versions == HISTORY_VERSIONS_MAX) {
		h->left_out++;
		return HISTORY_NONE;
	}
	h->versions =
		text_grow(h->versions, h->n_versions, sizeof(*h->versions));
	h->versions[h->n_versions] = v;
	h->by_version.slots[at] = (uint32_t)++h->n_versions;
	h->by_version.n++;
	return (uint32_t)h->n_versions - 1;
}

static uint32_t version_known(const struct history *h, uint32_t key,
			      const char *name)
{
	size_t at;

	if (key == HISTORY_NONE || !name || !h->by_version.size)
		return HISTORY_NONE;
	at = version_place(h, &h->by_version, key, name);
	return h->by_version.slots[at] ? h->by_version.slots[at] - 1
				       : HISTORY_NONE;
}

/* ---- faults ---- */

static struct history_source *now_of(struct history *h)
{
	return &h->sources[h->source];
}

static void mend(struct history_fault *f)
{
	free(f->text);
	*f = (struct history_fault){ 0 };
}

static void open_fault(const struct history *h, struct history_fault *f,
		       const char *event, const struct chain_record *r)
{
	const char *text = json_get_str(r->root, "text");

	if (!f->text)
		f->since = r->time;
	free(f->text);
	f->text = text_dup(text ? text : "");
	text_copy(f->event, sizeof(f->event), event);
	f->last = r->time;
	f->source = (uint8_t)h->source;
	f->times++;
}

/* The whole is well: whatever that daemon told is over. */
static void mend_own(const struct history *h, struct history_fault *f)
{
	if (f->source == h->source)
		mend(f);
}

static void on_state(struct history *h, const char *state)
{
	if (!state || (strcmp(state, "ok") != 0 && strcmp(state, "rotating")))
		return;
	for (size_t i = 0; i < h->n_registries; i++)
		if (strcmp(h->registries[i].fault.event, "failed") != 0 ||
		    !strcmp(state, "ok"))
			mend_own(h, &h->registries[i].fault);
	for (size_t i = 0; i < h->n_keys; i++)
		mend_own(h, &h->keys[i].fault);
}

/* ---- one record ---- */

static int64_t time_member(const struct json *o, const char *name)
{
	const char *s = json_get_str(o, name);

	return s ? text_parse_rfc3339(s) : -1;
}

/* 0: none, or none that can be. */
static int64_t window_of(const struct json *o)
{
	int64_t ms = 0;

	if (!json_int(json_get(o, "window_ms"), &ms) || ms < 0 ||
	    ms > WINDOW_MAX_MS)
		return 0;
	return ms;
}

/* What it is about; each may be none. */
struct subject {
	const struct chain_record *r;
	const char *event;
	uint32_t key, registry, version;
	int64_t effective, window_ms;
};

static bool in_time(const struct history *h, int64_t t)
{
	return h->from < 0 || t >= h->from;
}

static void goes_on(struct history *h, struct history_registry *r,
		    uint32_t version, int64_t when)
{
	if (r->in_use != HISTORY_NONE && r->in_use != version)
		h->versions[r->in_use].left = when;
	r->in_use = version;
}

/* Its deadline has passed; it may still come to that version, and be late.
 * When it goes on to another one, or does neither, it has missed it. */
static void overdue(struct history *h, struct history_registry *r,
		    uint32_t version)
{
	if (r->overdue != HISTORY_NONE && r->overdue != version) {
		h->versions[r->overdue].missed++;
		r->missed++;
		h->n_missed++;
	}
	r->overdue = version;
}

/* Another daemon has seen the same move: what it wrote belongs to it, and what
 * it adds to when it was seen is nothing. */
static bool is_seen_again(struct history *h, const struct subject *s)
{
	struct history_registry *r = &h->registries[s->registry];
	struct history_move *m;

	if (h->n_sources == 1 || r->last == HISTORY_NONE ||
	    r->in_use != s->version || h->moves[r->last].version != s->version)
		return false;
	m = &h->moves[r->last];
	if (r->wrote == s->version)
		m->writes += r->writes;
	if (m->effective < 0)
		m->effective = s->effective;
	r->wrote = HISTORY_NONE;
	r->writes = 0;
	return true;
}

static void on_verified(struct history *h, const struct subject *s)
{
	struct history_registry *r = &h->registries[s->registry];
	bool ours = r->wrote != HISTORY_NONE && r->wrote == s->version;
	const char *previous = json_get_str(s->r->root, "previous_version");
	struct history_move m = {
		.version = s->version,
		.previous = version_of(h, s->key, previous),
		.next = HISTORY_NONE,
		.writes = ours ? r->writes : 0,
		.written = ours ? r->written : -1,
		.effective = s->effective,
		.verified = s->r->time,
		.window_ms = s->window_ms,
		.by = ours ? r->writer : HISTORY_NOBODY,
	};

	mend(&r->fault);
	if (is_seen_again(h, s))
		return;
	overdue(h, r, s->version);
	r->overdue = HISTORY_NONE;
	goes_on(h, r, s->version, s->r->time);
	r->wrote = HISTORY_NONE;
	r->writes = 0;
	if (!in_time(h, m.verified))
		return;
	if (h->n_moves == HISTORY_MOVES_MAX) {
		h->left_out++;
		return;
	}
	h->moves = text_grow(h->moves, h->n_moves, sizeof(*h->moves));
	h->moves[h->n_moves] = m;
	if (r->last == HISTORY_NONE)
		r->first = (uint32_t)h->n_moves;
	else
		h->moves[r->last].next = (uint32_t)h->n_moves;
	r->last = (uint32_t)h->n_moves++;
	r->moves++;
	r->late += history_is_late(&m);
	h->versions[m.version].adopted++;
	h->versions[m.version].late += history_is_late(&m);
}

static void on_write(struct history *h, const struct subject *s)
{
	struct history_registry *r = &h->registries[s->registry];
	const char *previous = json_get_str(s->r->root, "previous_version");

	if (r->wrote != s->version) {
		r->wrote = s->version;
		r->writes = 0;
		r->written = s->r->time;
	}
	r->writes++;
	r->writer = (uint8_t)h->source;
	if (r->in_use == HISTORY_NONE)
		r->in_use = version_of(h, s->key, previous);
}

static void on_new_version(struct history *h, const struct subject *s)
{
	struct history_key *k = &h->keys[s->key];
	const char *previous = json_get_str(s->r->root, "previous_version");

	k->newest = s->version;
	if (h->versions[s->version].seen < 0)
		h->versions[s->version].seen = s->r->time;
	/* It was there before. */
	version_of(h, s->key, previous);
}

static bool is_fault(const char *event)
{
	static const char *const events[] = { "failed",	 "blocked", "held",
					      "overdue", "warning", "drift" };

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (!strcmp(events[i], event))
			return true;
	return false;
}

static void on_registry(struct history *h, const struct subject *s)
{
	struct history_registry *r = &h->registries[s->registry];

	if (s->key != HISTORY_NONE)
		r->key = s->key;
	r->watched = true;
	r->in |= 1u << h->source;
	if (is_fault(s->event))
		open_fault(h, &r->fault, s->event, s->r);
	if (!strcmp(s->event, "drift"))
		goes_on(h, r, s->version, s->r->time);
	else if (!strcmp(s->event, "overdue") && s->version != HISTORY_NONE &&
		 r->in_use != s->version && in_time(h, s->r->time))
		overdue(h, r, s->version);
	else if (!strcmp(s->event, "write") && s->version != HISTORY_NONE)
		on_write(h, s);
	else if (!strcmp(s->event, "verified") && s->version != HISTORY_NONE)
		on_verified(h, s);
}

static void on_key(struct history *h, const struct subject *s)
{
	struct history_key *k = &h->keys[s->key];

	if (!strcmp(s->event, "key-error") || !strcmp(s->event, "held"))
		open_fault(h, &k->fault, s->event, s->r);
	else if (!strcmp(s->event, "key-ok"))
		mend(&k->fault);
	else if (!strcmp(s->event, "new-version") && s->version != HISTORY_NONE)
		on_new_version(h, s);
}

static void on_event(struct history *h, const struct chain_record *r)
{
	struct subject s = {
		.r = r,
		.event = json_get_str(r->root, "event"),
		.key = key_of(h, json_get_str(r->root, "key")),
		.registry = registry_of(h, json_get_str(r->root, "registry")),
		.effective = time_member(r->root, "effective"),
	};
	const char *version = json_get_str(r->root, "version");
	const char *role;

	/* It may be on another key: only one that is known is this one's. */
	s.version = !strcmp(s.event, "drift") ? version_known(h, s.key, version)
					      : version_of(h, s.key, version);
	s.window_ms = window_of(r->root);
	if (s.window_ms)
		h->window_ms = s.window_ms;
	if (s.version != HISTORY_NONE && s.effective >= 0)
		h->versions[s.version].effective = s.effective;
	if (!strcmp(s.event, "state"))
		on_state(h, json_get_str(r->root, "state"));
	else if ((role = history_turns_role(s.event)))
		history_turns_add(h, role, r);
	else if (s.registry != HISTORY_NONE)
		on_registry(h, &s);
	else if (s.key != HISTORY_NONE)
		on_key(h, &s);
}

/* ---- what is watched ---- */

static void take_entry(struct history *h, const struct json *x, int64_t when)
{
	uint32_t key = key_of(h, json_get_str(x, "key"));
	const char *id = json_get_str(x, "registry");
	uint32_t version = version_of(h, key, json_get_str(x, "version"));
	uint32_t registry = id ? registry_of(h, id) : HISTORY_NONE;
	int64_t effective = time_member(x, "effective");
	struct history_registry *r;

	if (version != HISTORY_NONE && effective >= 0)
		h->versions[version].effective = effective;
	if (!id && key != HISTORY_NONE && version != HISTORY_NONE)
		h->keys[key].newest = version;
	if (registry == HISTORY_NONE)
		return;
	r = &h->registries[registry];
	r->key = key;
	r->watched = true;
	r->in |= 1u << h->source;
	r->listed |= 1u << h->source;
	r->manual = false;
	json_bool(json_get(x, "manual"), &r->manual);
	if (version != HISTORY_NONE)
		goes_on(h, r, version, when);
}

static void on_watched(struct history *h, const struct chain_record *r)
{
	struct history_source *now = now_of(h);
	uint32_t bit = 1u << h->source;
	bool first = false, last = false;

	json_bool(json_get(r->root, "first"), &first);
	json_bool(json_get(r->root, "last"), &last);
	if (window_of(r->root))
		h->window_ms = window_of(r->root);
	if (first) {
		now->listing = true;
		for (size_t i = 0; i < h->n_registries; i++)
			h->registries[i].listed &= ~bit;
	}
	for (const struct json *x = json_first(json_get(r->root, "entries")); x;
	     x = json_next(x))
		take_entry(h, x, r->time);
	if (!last || !now->listing)
		return;
	now->listing = false;
	now->listed = true;
	for (size_t i = 0; i < h->n_registries; i++)
		if (!(h->registries[i].listed & bit)) {
			h->registries[i].in &= ~bit;
			h->registries[i].watched = h->registries[i].in != 0;
			if (!h->registries[i].watched)
				mend(&h->registries[i].fault);
		}
}

/* ---- the watcher ---- */

static void add_gap(struct history *h, int64_t to)
{
	struct history_source *now = now_of(h);
	struct history_gap g = { now->last, to, now->stopped };

	if (now->last < 0 || !in_time(h, to))
		return;
	if (h->from > g.from)
		g.from = h->from;
	if (now->n_gaps == HISTORY_GAPS_MAX) {
		h->left_out++;
		return;
	}
	now->gaps = text_grow(now->gaps, now->n_gaps, sizeof(*now->gaps));
	now->gaps[now->n_gaps++] = g;
}

/* What the file is cared for with, or stands behind a stop: that is no sign of
 * a watcher. */
static bool is_of_the_file(const char *kind)
{
	static const char *const kinds[] = { "head", "torn", "broken",
					     "removed", "taken" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i], kind))
			return true;
	return false;
}

/* The first record behind the time asked for tells whether anybody watched
 * when that ended. */
static void on_beyond(struct history *h, const struct chain_record *r)
{
	struct history_source *now = now_of(h);

	h->beyond = true;
	if (now->beyond)
		return;
	now->beyond = true;
	if (!strcmp(r->kind, "start") && h->to > now->last)
		add_gap(h, h->to);
}

static void on_start(struct history *h, const struct chain_record *r)
{
	struct history_source *now = now_of(h);
	const char *host = json_get_str(r->root, "host");

	now->listing = false;
	text_copy(now->host, sizeof(now->host), host ? host : "");
	add_gap(h, r->time);
}

void history_from(struct history *h, unsigned source)
{
	h->source = source;
	if (h->n_sources <= source)
		h->n_sources = source + 1;
}

static void reach(int64_t *first, int64_t *last, int64_t t)
{
	if (*first < 0 || t < *first)
		*first = t;
	if (t > *last)
		*last = t;
}

void history_add(struct history *h, const struct chain_record *r)
{
	struct history_source *now = now_of(h);
	int64_t n = 0;

	if (is_of_the_file(r->kind))
		return;
	if (h->to >= 0 && r->time > h->to) {
		on_beyond(h, r);
		return;
	}
	if (!strcmp(r->kind, "start"))
		on_start(h, r);
	if (!strcmp(r->kind, "start") || !strcmp(r->kind, "stop"))
		history_turns_over(h, r->time);
	if (!strcmp(r->kind, "watched"))
		on_watched(h, r);
	else if (json_get_str(r->root, "event"))
		on_event(h, r);
	else if (!strcmp(r->kind, "lost") &&
		 json_int(json_get(r->root, "records"), &n) && n > 0)
		h->lost += (uint64_t)n;
	now->stopped = !strcmp(r->kind, "stop");
	reach(&now->first, &now->last, r->time);
	reach(&h->first, &h->last, r->time);
}

/* ---- the whole ---- */

int64_t history_took(const struct history_move *m)
{
	if (m->effective < 0)
		return -1;
	return m->verified > m->effective ? m->verified - m->effective : 0;
}

bool history_is_late(const struct history_move *m)
{
	return m->window_ms > 0 && history_took(m) > m->window_ms;
}

bool history_is_empty(const struct history *h)
{
	return h->last < 0 || h->from > h->last;
}

bool history_reaches(const struct history *h)
{
	return h->last >= 0 && (h->beyond || !history_is_empty(h));
}

int64_t history_begin(const struct history *h)
{
	return h->from > h->first ? h->from : h->first;
}

int64_t history_until(const struct history *h)
{
	return h->beyond ? h->to : h->last;
}

int64_t history_due(const struct history *h, const struct history_registry *r)
{
	uint32_t newest = r->key == HISTORY_NONE ? HISTORY_NONE
						 : h->keys[r->key].newest;

	if (!r->watched || r->manual || newest == HISTORY_NONE ||
	    r->in_use == newest || h->window_ms <= 0 ||
	    h->versions[newest].effective < 0)
		return -1;
	return h->versions[newest].effective + h->window_ms;
}

static int by_length(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int by_id(const void *a, const void *b)
{
	const struct history_registry *x = *(void *const *)a,
				      *y = *(void *const *)b;

	if (x->key != y->key)
		return (x->key > y->key) - (x->key < y->key);
	return strcmp(x->id, y->id);
}

static int by_time(const void *a, const void *b)
{
	const struct history_version *x = *(void *const *)a,
				     *y = *(void *const *)b;

	if (x->key != y->key)
		return (x->key > y->key) - (x->key < y->key);
	if (x->effective != y->effective)
		return (x->effective > y->effective) -
		       (x->effective < y->effective);
	return strcmp(x->name, y->name);
}

static void name_registries(struct history *h)
{
	const char **ids = text_alloc(h->n_registries + 1, sizeof(*ids));
	char **labels = text_alloc(h->n_registries + 1, sizeof(*labels));

	for (size_t i = 0; i < h->n_registries; i++)
		ids[i] = h->registries[i].id;
	labels_make(ids, labels, h->n_registries);
	for (size_t i = 0; i < h->n_registries; i++)
		h->registries[i].label = labels[i];
	free(ids);
	free(labels);
}

static void count_rotation(struct history *h, const struct history_version *v)
{
	struct history_key *k = &h->keys[v->key];

	if (v->effective < 0 || v->effective > history_until(h))
		return;
	k->rotations += v->effective >= history_begin(h);
	if (k->effective == 0 || v->effective < k->oldest)
		k->oldest = v->effective;
	if (k->effective == 0 || v->effective > k->latest)
		k->latest = v->effective;
	k->effective++;
}

int64_t history_every(const struct history_key *k)
{
	return k->effective < 2 ? -1
				: (k->latest - k->oldest) / (k->effective - 1);
}

/* ---- several daemons ---- */

/* When one of them did not watch: before its first record, in its gaps, and
 * after a stop that is its end.  One that ends without a stop may run: that it
 * may have been killed then is told with its evidence. */
static struct history_gap *away(const struct history_source *s, size_t *n)
{
	struct history_gap *g = text_alloc(s->n_gaps + 2, sizeof(*g));

	*n = 0;
	g[(*n)++] = (struct history_gap){ INT64_MIN,
					  s->first < 0 ? INT64_MAX : s->first,
					  true };
	for (size_t i = 0; i < s->n_gaps && s->first >= 0; i++)
		g[(*n)++] = s->gaps[i];
	if (s->first >= 0 && !s->beyond && s->stopped)
		g[(*n)++] = (struct history_gap){ s->last, INT64_MAX, true };
	return g;
}

/* What is in both of two lists in order of time; the first is freed. */
static struct history_gap *both(struct history_gap *a, size_t *n_a,
				const struct history_gap *b, size_t n_b)
{
	struct history_gap *all = text_alloc(*n_a + n_b + 1, sizeof(*all));
	size_t n = 0, i = 0, k = 0;

	while (i < *n_a && k < n_b) {
		int64_t from = a[i].from > b[k].from ? a[i].from : b[k].from;
		int64_t to = a[i].to < b[k].to ? a[i].to : b[k].to;

		if (from < to)
			all[n++] = (struct history_gap){
				from, to, a[i].stopped && b[k].stopped
			};
		if (a[i].to < b[k].to)
			i++;
		else
			k++;
	}
	free(a);
	*n_a = n;
	return all;
}

/* Nobody watched when none of them did. */
static void join_gaps(struct history *h)
{
	size_t n, n_other, kept = 0;
	struct history_gap *g = away(&h->sources[0], &n), *other;

	for (unsigned i = 1; i < h->n_sources; i++) {
		other = away(&h->sources[i], &n_other);
		g = both(g, &n, other, n_other);
		free(other);
	}
	for (size_t i = 0; i < n; i++) {
		if (g[i].from < history_begin(h))
			g[i].from = history_begin(h);
		if (g[i].to > history_until(h))
			g[i].to = history_until(h);
		if (g[i].from < g[i].to)
			g[kept++] = g[i];
	}
	h->gaps = g;
	h->n_gaps = kept;
}

/* The whole is what each of them is. */
static void join(struct history *h)
{
	h->stopped = h->listed = true;
	for (unsigned i = 0; i < h->n_sources; i++) {
		const struct history_source *s = &h->sources[i];

		h->stopped &= s->stopped;
		h->listed &= s->listed;
	}
	if (h->n_sources > 1) {
		join_gaps(h);
		return;
	}
	h->gaps = h->sources[0].gaps;
	h->n_gaps = h->sources[0].n_gaps;
	h->sources[0].gaps = NULL;
}

void history_end(struct history *h)
{
	join(h);
	name_registries(h);
	h->took = text_alloc(h->n_moves + 1, sizeof(*h->took));
	for (size_t i = 0; i < h->n_moves; i++) {
		if (history_took(&h->moves[i]) < 0 || !h->moves[i].window_ms)
			continue;
		h->took[h->n_timed++] = history_took(&h->moves[i]);
		h->n_late += history_is_late(&h->moves[i]);
	}
	qsort(h->took, h->n_timed, sizeof(*h->took), by_length);
	for (size_t i = 0; i < h->n_gaps; i++)
		h->down_ms += h->gaps[i].to - h->gaps[i].from;
	h->sorted = text_alloc(h->n_registries + 1, sizeof(*h->sorted));
	for (size_t i = 0; i < h->n_registries; i++) {
		struct history_registry *r = &h->registries[i];

		overdue(h, r, HISTORY_NONE);
		h->sorted[i] = r;
		if (r->in_use != HISTORY_NONE && r->watched)
			h->versions[r->in_use].users++;
		else if (r->in_use != HISTORY_NONE)
			h->versions[r->in_use].departed++;
		if (!r->watched)
			continue;
		if (r->key == HISTORY_NONE)
			continue;
		h->keys[r->key].users++;
		h->keys[r->key].unknown += r->in_use == HISTORY_NONE;
	}
	h->in_order = text_alloc(h->n_versions + 1, sizeof(*h->in_order));
	for (size_t i = 0; i < h->n_versions; i++) {
		h->in_order[i] = &h->versions[i];
		count_rotation(h, &h->versions[i]);
	}
	qsort(h->in_order, h->n_versions, sizeof(*h->in_order), by_time);
	qsort(h->sorted, h->n_registries, sizeof(*h->sorted), by_id);
}

enum history_advice history_advice(const struct history *h, uint32_t version)
{
	const struct history_version *v = &h->versions[version];

	if (h->keys[v->key].newest == version)
		return HISTORY_NEWEST;
	if (v->users > 0)
		return HISTORY_IN_USE;
	if (h->cut || h->left_out || !h->listed ||
	    h->keys[v->key].newest == HISTORY_NONE ||
	    h->keys[v->key].unknown > 0 || v->departed > 0)
		return HISTORY_UNKNOWN;
	return HISTORY_CLEAR;
}

const char *history_advice_str(enum history_advice a)
{
	static const char *const words[] = {
		[HISTORY_IN_USE] = "in use",
		[HISTORY_NEWEST] = "newest",
		[HISTORY_UNKNOWN] = "not known",
		[HISTORY_CLEAR] = "clear",
	};

	return words[a];
}

void history_init(struct history *h, int64_t from, int64_t to)
{
	*h = (struct history){
		.from = from, .to = to, .first = -1, .last = -1, .n_sources = 1
	};
	for (unsigned i = 0; i < HISTORY_SOURCES_MAX; i++)
		h->sources[i].first = h->sources[i].last = -1;
}

void history_free(struct history *h)
{
	for (size_t i = 0; i < h->n_registries; i++) {
		free(h->registries[i].id);
		free(h->registries[i].label);
		mend(&h->registries[i].fault);
	}
	for (size_t i = 0; i < h->n_keys; i++) {
		free(h->keys[i].id);
		mend(&h->keys[i].fault);
	}
	history_turns_free(h);
	for (unsigned i = 0; i < HISTORY_SOURCES_MAX; i++)
		free(h->sources[i].gaps);
	free(h->registries);
	free(h->keys);
	free(h->versions);
	free(h->moves);
	free(h->gaps);
	free(h->took);
	free(h->sorted);
	free(h->in_order);
	free(h->by_registry.slots);
	free(h->by_key.slots);
	free(h->by_version.slots);
}
