#include "engine_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/text.h"
#include "engine/report.h"

#define STEPS_MAX 200000 /* of one rig_run: more is an engine that spins */

/* ---- texts ---- */

const char *rig_id(unsigned i)
{
	static char text[4][RESID_TEXT_MAX];
	static unsigned at;

	at = (at + 1) % 4;
	snprintf(text[at], sizeof(text[at]),
		 "/subscriptions/11111111-2222-3333-4444-555555555555/"
		 "resourceGroups/prod/providers/"
		 "Microsoft.ContainerRegistry/registries/registry%u",
		 i);
	return text[at];
}

char *rig_config(const char *top, const char *key, const char *options,
		 unsigned from, unsigned n)
{
	struct buf b;

	buf_init(&b, 100000);
	buf_printf(&b, "%s\nwatch \"%s\" {\n%s\nregistries = {\n", top, key,
		   options);
	for (unsigned i = from; i < from + n; i++)
		buf_printf(&b, "%s\"%s\"\n", i > from ? ", " : "", rig_id(i));
	buf_printf(&b, "}\n}\n");
	return b.data;
}

static void on_problem(enum config_severity severity, const char *line,
		       void *arg)
{
	(void)arg;
	if (severity == CONFIG_NOTE)
		return;
	print_error("%s\n", line);
}

struct config *rig_parse(const char *text)
{
	struct config_source s = { .name = "test.conf",
				   .text = text,
				   .len = strlen(text) };
	struct config *c = config_parse(&s, 1, on_problem, NULL, NULL);

	assert_non_null(c);
	/* Questions that nothing hangs on only where a test wants them. */
	if (!strstr(text, "read-rotation-policy"))
		c->read_rotation_policy = false;
	return c;
}

/* ---- the model ---- */

struct key_version rig_good(const char *version, int64_t created)
{
	struct key_version v = {
		.enabled = true,
		.rsa = true,
		.wraps = true,
		.bits = 3072,
		.created = created,
		.updated = created,
		.not_before = -1,
		.expires = -1,
		.purge_protected = true,
	};

	text_copy(v.version, sizeof(v.version), version);
	return v;
}

void rig_newer(struct rig *g, const char *version, int64_t created)
{
	assert_true(g->n_versions < 8);
	g->versions[g->n_versions++] = rig_good(version, created);
}

struct registry_view rig_view(const char *version)
{
	struct registry_view v = {
		.provisioning = PROVISIONING_SUCCEEDED,
		.premium = true,
		.encrypted = true,
		.key_valid = true,
		.auto_rotation = true,
		.identity = "system",
		.identity_attached = true,
		.rotated_at = -1,
	};
	struct fault f;

	assert_true(keyid_parse(&v.key, RIG_KEY, &f));
	v.in_use_key = v.key;
	v.version_known = true;
	text_copy(v.version_in_use, sizeof(v.version_in_use), version);
	return v;
}

/* Where Azure finds it. */
static const char *place(const struct rig *g, unsigned i)
{
	static char text[RESID_TEXT_MAX];
	const char *id = rig_id(i), *group = g->models[i].group;

	if (!group)
		return id;
	snprintf(text, sizeof(text), "%.*s/%s%s",
		 (int)(strstr(id, "/prod/") - id), id, group,
		 strstr(id, "/providers/"));
	return text;
}

struct model *rig_model(struct rig *g, const char *id)
{
	for (unsigned i = 0; i < g->n_models; i++)
		if (text_same(id, place(g, i)))
			return &g->models[i];
	return NULL;
}

static void count_read(struct rig *g, const struct call *c)
{
	struct model *m = c->kind == CALL_REGISTRY ? rig_model(g, c->registry)
						   : NULL;

	if (m)
		g->reads[m - g->models]++;
}

static const char *newest(const struct rig *g)
{
	return g->versions[g->n_versions - 1].version;
}

void rig_apply(struct rig *g, const struct asked *a)
{
	struct model *m = rig_model(g, a->registry);
	bool pinned = a->call.key.version[0] != '\0';

	assert_non_null(m);
	m->view.key = a->call.key;
	m->view.auto_rotation = !pinned;
	if (pinned)
		text_copy(m->view.version_in_use,
			  sizeof(m->view.version_in_use), a->call.key.version);
	else if (!m->ignores)
		text_copy(m->view.version_in_use,
			  sizeof(m->view.version_in_use), newest(g));
}

/* ---- life ---- */

void rig_start(struct rig *g, char *text, unsigned n)
{
	memset(g, 0, sizeof(*g));
	g->now = (struct instant){ RIG_BOOT, RIG_NOW };
	g->token_life = DAY;
	for (unsigned i = 0; i < RIG_CALLS; i++)
		g->faults[i] = fault_none();
	g->vault_fault = fault_none();
	rig_newer(g, V1, RIG_NOW - DAY);
	assert_true(n <= RIG_REGISTRIES_MAX);
	for (g->n_models = 0; g->n_models < n; g->n_models++)
		g->models[g->n_models].view = rig_view(V1);
	g->engine = engine_new(rig_parse(text), 1, 0, g->now);
	free(text);
}

void rig_restart(struct rig *g, char *text)
{
	engine_free(g->engine);
	g->n_asked = g->n_said = 0;
	memset(g->told, 0, sizeof(g->told));
	memset(g->sent, 0, sizeof(g->sent));
	g->now.boot += SECOND;
	g->now.wall += SECOND;
	g->engine = engine_new(rig_parse(text), 2, 0, g->now);
	free(text);
}

void rig_stop(struct rig *g)
{
	engine_free(g->engine);
	g->engine = NULL;
}

int64_t rig_azure(const struct rig *g)
{
	return g->now.wall + g->ahead;
}

/* ---- what the engine wants ---- */

static void keep_call(const struct call *c, struct asked *a)
{
	*a = (struct asked){ .call = *c };
	text_copy(a->registry, sizeof(a->registry),
		  c->registry ? c->registry : "");
	text_copy(a->url, sizeof(a->url), c->url ? c->url : "");
	text_copy(a->audience, sizeof(a->audience),
		  c->audience ? c->audience : "");
	text_copy(a->credential, sizeof(a->credential),
		  c->credential ? c->credential->name : "");
	text_copy(a->vault_resource, sizeof(a->vault_resource),
		  c->vault_resource ? c->vault_resource : "");
	text_copy(a->lease_id, sizeof(a->lease_id),
		  c->lease_id ? c->lease_id : "");
	if (c->holder)
		a->holder = *c->holder;
	a->call.lease_id = NULL;
	a->call.holder = NULL;
	a->call.registry = a->call.url = a->call.audience = NULL;
	a->call.vault_resource = NULL;
	/* The credential is the engine's and stays. */
	a->call.subscription = NULL;
}

static void keep_order(struct rig *g, enum call_kind kind, bool arm)
{
	size_t n = strlen(g->order);

	if (n + 1 == sizeof(g->order))
		return;
	g->order[n] = arm ? 'A' : "TKRLPOHMYBQD"[kind];
	g->order[n + 1] = '\0';
}

static void keep_note(struct rig *g, const struct note *n)
{
	struct said *s = &g->said[g->n_said++];

	assert_true(g->n_said < RIG_SAID_MAX);
	assert_true(n->text[0] != '\0');
	*s = (struct said){ .kind = n->kind, .time = n->time };
	text_copy(s->text, sizeof(s->text), n->text);
	text_copy(s->version, sizeof(s->version), n->version);
	text_copy(s->lease, sizeof(s->lease), n->lease);
	text_copy(s->blob, sizeof(s->blob), n->blob ? n->blob : "");
	text_copy(s->role, sizeof(s->role), n->role ? n->role : "");
	text_copy(s->registry, sizeof(s->registry),
		  n->registry ? n->registry : "");
	text_copy(s->key, sizeof(s->key), n->key ? n->key : "");
	g->told[n->kind]++;
}

static void drop(struct rig *g, struct asked *a)
{
	memmove(a, a + 1, (size_t)(g->asked + g->n_asked - a - 1) * sizeof(*a));
	g->n_asked--;
}

static void cancelled(struct rig *g, uint64_t ticket)
{
	assert_true(g->may_lose);
	for (size_t i = 0; i < g->n_asked; i++) {
		if (g->asked[i].call.ticket != ticket)
			continue;
		drop(g, &g->asked[i]);
		return;
	}
	fail_msg("Nobody waits for the answer with this ticket.");
}

static void keep(struct rig *g, const struct action *x)
{
	switch (x->kind) {
	case ACTION_CALL:
		assert_true(g->n_asked < RIG_ASKED_MAX);
		keep_call(&x->call, &g->asked[g->n_asked++]);
		g->last[x->call.kind] = g->asked[g->n_asked - 1];
		g->sent[x->call.kind]++;
		count_read(g, &x->call);
		keep_order(g, x->call.kind, x->call.vault_resource != NULL);
		break;
	case ACTION_SHOW:
		keep_call(&x->call, &g->shown);
		g->shows++;
		break;
	case ACTION_NOTE:
		keep_note(g, x->note);
		break;
	case ACTION_SAVE:
		g->saves++;
		break;
	case ACTION_FORGET:
		g->forgets++;
		break;
	case ACTION_CANCEL:
		g->cancels++;
		cancelled(g, x->ticket);
		break;
	}
}

void rig_drain(struct rig *g)
{
	struct action x;

	while (engine_action(g->engine, &x))
		keep(g, &x);
	assert_int_equal(engine_in_flight(g->engine), g->n_asked);
}

static bool fits(const struct asked *a, const char *what)
{
	return !what || strstr(a->registry, what) || strstr(a->url, what) ||
	       strstr(a->audience, what) || strstr(a->call.key.version, what);
}

struct asked *rig_find(struct rig *g, enum call_kind kind, const char *what)
{
	for (size_t i = 0; i < g->n_asked; i++)
		if (g->asked[i].call.kind == kind && fits(&g->asked[i], what))
			return &g->asked[i];
	return NULL;
}

unsigned rig_waiting(const struct rig *g, enum call_kind kind)
{
	unsigned n = 0;

	for (size_t i = 0; i < g->n_asked; i++)
		n += g->asked[i].call.kind == kind;
	return n;
}

const struct said *rig_said(const struct rig *g, enum note_kind kind)
{
	for (size_t i = g->n_said; i > 0; i--)
		if (g->said[i - 1].kind == kind)
			return &g->said[i - 1];
	return NULL;
}

/* ---- answers ---- */

struct reply rig_reply(const struct rig *g, const struct asked *a)
{
	struct reply r = { .kind = a->call.kind,
			   .ticket = a->call.ticket,
			   .date_ms = g->undated ? -1 : rig_azure(g) - 500,
			   .remaining = -1,
			   .answered = true,
			   .reached = true };

	if (g->odd_vault && a->call.kind == CALL_KEY &&
	    text_same(a->call.key.host, g->odd_vault))
		r.date_ms += g->odd_ahead;
	r.fault = fault_none();
	return r;
}

void rig_put(struct rig *g, struct asked *a, struct reply *r)
{
	assert_non_null(a);
	drop(g, a);
	engine_reply(g->engine, r, g->now);
	reply_free(r);
	rig_drain(g);
}

void rig_fail(struct rig *g, struct asked *a, enum fault_kind kind, int code)
{
	struct reply r;

	assert_non_null(a);
	r = rig_reply(g, a);
	fault_set(&r.fault, kind, code, "The call failed with %d.", code);
	r.maybe_done = kind == FAULT_TRANSIENT && code == 0;
	r.answered = code != 0;
	rig_put(g, a, &r);
}

void rig_accept(struct rig *g, struct asked *a, const char *url,
		int64_t retry_after_ms)
{
	struct reply r;

	assert_non_null(a);
	r = rig_reply(g, a);
	r.patch.operation_url = text_dup(url);
	r.patch.retry_after_ms = retry_after_ms;
	rig_put(g, a, &r);
}

void rig_operation(struct rig *g, struct asked *a, enum operation_status s)
{
	struct reply r;

	assert_non_null(a);
	r = rig_reply(g, a);
	r.operation.status = s;
	r.operation.retry_after_ms = -1;
	r.operation.error = fault_none();
	if (s == OPERATION_FAILED || s == OPERATION_CANCELED)
		fault_set(&r.operation.error, FAULT_REFUSED, 0,
			  "The operation failed.");
	rig_put(g, a, &r);
}

static const struct key_version *version_of(const struct rig *g,
					    const char *version)
{
	if (version[0] == '\0')
		version = newest(g);
	for (size_t i = 0; i < g->n_versions; i++)
		if (text_same(g->versions[i].version, version))
			return &g->versions[i];
	return NULL;
}

static void fill_key(struct rig *g, const struct asked *a, struct reply *r)
{
	const struct key_version *v = version_of(g, a->call.key.version);

	if (v)
		r->key = *v;
	else
		fault_set(&r->fault, FAULT_MISSING, 404, "No such key.");
}

/* What Azure would show of it. */
static struct registry_view shown(const struct model *m, bool in_list)
{
	struct registry_view v = m->view;
	struct fault f;

	if (m->hidden)
		return (struct registry_view){ .premium = true,
					       .hidden = true,
					       .rotated_at = -1 };
	v.in_use_key = v.key;
	if (m->uses)
		assert_true(keyid_parse(&v.in_use_key, m->uses, &f));
	if (m->untold || (m->hushed && in_list)) {
		v.in_use_key = v.key;
		text_copy(v.version_in_use, sizeof(v.version_in_use),
			  v.key.version);
	}
	text_copy(v.in_use_key.version, sizeof(v.in_use_key.version),
		  v.version_in_use);
	v.version_known = v.version_in_use[0] != '\0';
	return v;
}

static void fill_registry(struct rig *g, const struct asked *a, struct reply *r)
{
	struct model *m = rig_model(g, a->registry);

	if (m && !m->missing)
		r->registry = shown(m, false);
	if (m && !m->missing)
		return;
	fault_set(&r->fault, FAULT_MISSING, 404, "No such registry.");
	text_copy(r->fault.azure_code, sizeof(r->fault.azure_code),
		  "ResourceNotFound");
}

static void fill_list(struct rig *g, struct reply *r)
{
	r->list.items = text_alloc(g->n_models + 1, sizeof(*r->list.items));
	for (unsigned i = 0; i < g->n_models; i++) {
		struct model *m = &g->models[i];

		if (m->missing || m->unlisted)
			continue;
		r->list.items[r->list.n].id = text_dup(place(g, i));
		r->list.items[r->list.n++].view = shown(m, true);
	}
}

static bool is_held(const struct rig *g)
{
	return g->lease.holder[0] && g->now.boot < g->lease.until;
}

static bool is_held_by(const struct rig *g, const char *id)
{
	return g->lease.holder[0] && text_same(g->lease.holder, id);
}

static void fill_lease(struct rig *g, const struct asked *a, struct reply *r)
{
	struct rig_lease *l = &g->lease;
	bool free = !is_held(g);

	l->steps[a->call.lease_step]++;
	if (l->down || (l->missing && a->call.lease_step != LEASE_MAKE)) {
		fault_set(&r->fault, l->down ? FAULT_TRANSIENT : FAULT_MISSING,
			  l->down ? 503 : 404, "The blob cannot be had.");
		text_copy(r->fault.azure_code, sizeof(r->fault.azure_code),
			  l->down ? "ServerBusy" : "BlobNotFound");
		return;
	}
	if (l->refuses && a->call.lease_step != LEASE_LOOK) {
		fault_set(&r->fault, FAULT_TRANSIENT, 503, "Not now.");
		return;
	}
	if (l->denied & 1u << a->call.lease_step) {
		fault_set(&r->fault, FAULT_DENIED, 403, "No role.");
		return;
	}
	switch (a->call.lease_step) {
	case LEASE_MAKE:
		l->missing = false;
		r->lease.ours = true;
		break;
	case LEASE_ACQUIRE:
		r->lease.ours = free || is_held_by(g, a->lease_id);
		if (!r->lease.ours)
			break;
		text_copy(l->holder, sizeof(l->holder), a->lease_id);
		l->length = a->call.lease_s * SECOND;
		l->until = g->now.boot + l->length;
		break;
	case LEASE_RENEW: /* also one that has run out, if nobody took it */
		r->lease.ours = is_held_by(g, a->lease_id);
		if (r->lease.ours)
			l->until = g->now.boot + l->length;
		break;
	case LEASE_RELEASE:
		r->lease.ours = is_held_by(g, a->lease_id);
		if (r->lease.ours)
			l->holder[0] = '\0';
		break;
	case LEASE_TELL:
		r->lease.ours = !free && is_held_by(g, a->lease_id);
		if (!r->lease.ours)
			break;
		l->said = a->holder;
		l->told = true;
		break;
	case LEASE_LOOK:
		r->lease.ours = true;
		r->lease.told = l->told;
		r->lease.holder = l->said;
		break;
	}
	r->lease.held = is_held(g);
	if (l->lost)
		fault_set(&r->fault, FAULT_TRANSIENT, 0, "No answer came.");
}

static void fill(struct rig *g, const struct asked *a, struct reply *r)
{
	switch (a->call.kind) {
	case CALL_TOKEN:
		r->token.secret = text_dup("secret");
		r->token.lifetime_ms = g->token_life;
		r->token.refresh_in_ms = -1;
		break;
	case CALL_KEY:
		fill_key(g, a, r);
		break;
	case CALL_REGISTRY:
		fill_registry(g, a, r);
		break;
	case CALL_LIST:
		fill_list(g, r);
		break;
	case CALL_PATCH:
		rig_apply(g, a);
		r->patch.finished = true;
		r->patch.retry_after_ms = -1;
		break;
	case CALL_OPERATION:
		r->operation.status = OPERATION_SUCCEEDED;
		r->operation.retry_after_ms = -1;
		break;
	case CALL_REACH:
		r->reach.status = 401;
		text_copy(r->reach.peer, sizeof(r->reach.peer), "10.0.0.1");
		break;
	case CALL_RIGHTS:
		r->rights.granted = CALL_RIGHT_READ | CALL_RIGHT_WRITE |
				    CALL_RIGHT_OPERATIONS;
		break;
	case CALL_POLICY:
		text_copy(r->policy, sizeof(r->policy),
			  "rotates P60D after creation");
		break;
	case CALL_LEASE:
		fill_lease(g, a, r);
		break;
	case CALL_HINTS: /* the queue is empty */
	case CALL_HINT_DROP:
		break;
	}
}

void rig_good_answer(struct rig *g, struct asked *a)
{
	struct reply r;

	assert_non_null(a);
	r = rig_reply(g, a);
	r.fault = g->faults[a->call.kind];
	if (a->call.kind == CALL_KEY && !a->vault_resource[0] &&
	    g->vault_fault.kind != FAULT_NONE)
		r.fault = g->vault_fault;
	if (r.fault.kind == FAULT_NONE)
		fill(g, a, &r);
	rig_put(g, a, &r);
}

void rig_answer(struct rig *g)
{
	size_t i = 0, most = STEPS_MAX;

	while (i < g->n_asked) {
		assert_true(most-- > 0);
		if (g->hold & (1u << g->asked[i].call.kind)) {
			i++;
			continue;
		}
		rig_good_answer(g, &g->asked[i]);
		i = 0;
	}
}

/* ---- time ---- */

void rig_tick(struct rig *g)
{
	engine_tick(g->engine, g->now);
	rig_drain(g);
	rig_answer(g);
}

static void pass(struct rig *g, int64_t to)
{
	g->now.wall += to - g->now.boot;
	g->now.boot = to;
}

bool rig_until(struct rig *g, enum call_kind kind, int64_t ms)
{
	int64_t end = g->now.boot + ms;
	size_t most = STEPS_MAX;

	rig_answer(g);
	while (kind >= RIG_CALLS || !rig_find(g, kind, NULL)) {
		int64_t wake = engine_wake(g->engine);

		assert_true(most-- > 0);
		if (g->now.boot >= end && wake > end)
			return false;
		if (wake < g->now.boot)
			wake = g->now.boot;
		pass(g, wake < end ? wake : end);
		rig_tick(g);
	}
	return true;
}

void rig_run(struct rig *g, int64_t ms)
{
	rig_until(g, RIG_CALLS, ms);
}

/* ---- what the reports say ---- */

static const char *value(const struct json *n)
{
	static char text[4][1200];
	static unsigned at;
	int64_t number;
	bool truth;

	at = (at + 1) % 4;
	text_copy(text[at], sizeof(text[at]), "null");
	if (json_str(n))
		text_copy(text[at], sizeof(text[at]), json_str(n));
	else if (json_bool(n, &truth))
		text_copy(text[at], sizeof(text[at]), truth ? "true" : "false");
	else if (json_int(n, &number))
		snprintf(text[at], sizeof(text[at]), "%lld", (long long)number);
	return text[at];
}

static struct json *parsed(struct buf *b)
{
	struct fault f;
	struct json *root = json_parse(b->data, b->len, 10000000, &f);

	assert_non_null(root);
	buf_free(b);
	return root;
}

/* The element of an array whose member has this value. */
static const struct json *element(const struct json *array, const char *name,
				  const char *text)
{
	const struct json *o;

	for (o = json_first(array); o; o = json_next(o))
		if (text_same(json_get_str(o, name), text))
			return o;
	return NULL;
}

/* A list's rows as an array of its own. */
static struct json *rows(struct rig *g,
			 bool (*list)(const struct engine *e, char **last,
				      size_t n, struct buf *out))
{
	struct json *root;
	char *last = NULL;
	struct buf b;

	buf_init(&b, REPORT_ROWS_MAX);
	buf_puts(&b, "[");
	assert_false(list(g->engine, &last, 1000, &b));
	buf_puts(&b, "]");
	free(last);
	root = parsed(&b);
	return root;
}

const char *rig_registry(struct rig *g, unsigned i, const char *member)
{
	const char *found;
	struct json *root = rows(g, report_registries);

	found = value(json_get(element(root, "id", rig_id(i)), member));
	json_free(root);
	return found;
}

static const char *of_key(struct rig *g, const char *version,
			  const char *member)
{
	struct json *root = rows(g, report_keys);
	const struct json *k = json_first(root);
	const char *found;

	if (version)
		k = element(json_get(k, "versions"), "version", version);
	found = value(json_get(k, member));
	json_free(root);
	return found;
}

const char *rig_key(struct rig *g, const char *member)
{
	return of_key(g, NULL, member);
}

const char *rig_version(struct rig *g, const char *version, const char *member)
{
	return of_key(g, version, member);
}

static const char *summary(struct rig *g, const char *member, bool lease)
{
	const char *found;
	struct json *root;
	struct buf b;

	buf_init(&b, REPORT_ROWS_MAX);
	assert_true(report_summary(g->engine, "1.0.0", &b));
	root = parsed(&b);
	found = value(json_get(
		lease ? json_first(json_get(root, "leases")) : root, member));
	json_free(root);
	return found;
}

const char *rig_summary(struct rig *g, const char *member)
{
	return summary(g, member, false);
}

const char *rig_lease(struct rig *g, const char *member)
{
	return summary(g, member, true);
}

int64_t rig_date(const struct rig *g, const char *date)
{
	int64_t ms = text_parse_rfc3339(date);

	return ms < 0 ? -1 : (ms - rig_azure(g)) / 1000;
}
