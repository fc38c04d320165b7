#include "cloud.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure/registry.h"
#include "base/json.h"
#include "base/text.h"

#define LIST_LAG_MS 60000

/* The model's own notion of a usable version, written from the vocabulary of
 * the manual and not from decide.c. */
bool sim_usable(const struct key_version *v, int64_t azure)
{
	return v->enabled && v->rsa && v->wraps &&
	       (v->bits == 0 || v->bits >= 2048) &&
	       (v->not_before < 0 || v->not_before <= azure) &&
	       (v->expires < 0 || v->expires > azure);
}

int sim_newest(const struct sim_key *k)
{
	int i = k->n - 1;

	while (i > 0 && k->version[i].born > k->lag_from)
		i--;
	return i;
}

int sim_newest_true(const struct sim_key *k)
{
	return k->n - 1;
}

bool sim_younger(const struct sim_key *k, int a, int b)
{
	return k->version[a].v.created > k->version[b].v.created;
}

int sim_version_of(const struct sim_key *k, const char *version)
{
	for (int i = k->n - 1; i >= 0; i--)
		if (strcmp(k->version[i].v.version, version) == 0)
			return i;
	return -2;
}

struct sim_version *sim_version_add(struct sim_cloud *c, int key, int64_t t)
{
	struct sim_key *k = &c->key[key];
	struct sim_version *s = &k->version[k->n];

	*s = (struct sim_version){
		.v = { .enabled = true,
		       .rsa = true,
		       .wraps = true,
		       .bits = 2048,
		       .not_before = -1,
		       .expires = -1,
		       .purge_protected = true },
		.born = t,
	};
	/* Key Vault's times have whole seconds.  Two versions of one second
	 * cannot be told apart by anybody: there are none here. */
	s->v.created = s->v.updated = (SIM_EPOCH + t) / 1000 * 1000;
	if (k->n > 0 && s->v.created <= s[-1].v.created)
		s->v.created = s->v.updated = s[-1].v.created + 1000;
	snprintf(s->v.version, sizeof(s->v.version), "%08x%016llx%02x%06x",
		 (unsigned)(random_next(c->rng) & 0xffffffff),
		 (unsigned long long)random_next(c->rng), (unsigned)key,
		 (unsigned)k->n);
	k->n++;
	return s;
}

void sim_face_change(struct sim_registry *r, int64_t t)
{
	r->before = r->face;
	r->changed = t;
	r->past[r->pasts % SIM_PAST].face = r->face;
	r->past[r->pasts++ % SIM_PAST].until = t;
}

const struct sim_face *sim_face_at(const struct sim_registry *r, int64_t t)
{
	const struct sim_face *found = &r->face;

	for (unsigned i = 1; i <= SIM_PAST && i <= r->pasts; i++) {
		unsigned at = (r->pasts - i) % SIM_PAST;

		if (r->past[at].until <= t)
			break;
		found = &r->past[at].face;
	}
	return found;
}

bool sim_busy(const struct sim_registry *r)
{
	return r->face.provisioning == PROVISIONING_UPDATING;
}

static struct sim_operation *last_op(struct sim_registry *r)
{
	return &r->op[r->ops % SIM_OPERATIONS];
}

/* ---- questions ---- */

/* The number at the end of a name of ours. */
static int number(const char *s)
{
	const char *p = strrchr(s, '-');

	return p ? (int)strtol(p + 1, NULL, 16) : -1;
}

void sim_ask(const struct sim_cloud *c, const struct call *call,
	     struct sim_question *q)
{
	unsigned reg, op;
	int sub, page;

	*q = (struct sim_question){ .kind = call->kind,
				    .ticket = call->ticket,
				    .key = -1,
				    .version = -1,
				    .registry = -1,
				    .subscription = -1 };
	if (call->kind == CALL_KEY || call->kind == CALL_PATCH) {
		q->key = number(call->key.name);
		if (call->key.version[0])
			q->version = sim_version_of(&c->key[q->key],
						    call->key.version);
	}
	if (call->kind == CALL_KEY && call->vault_resource) {
		q->arm = true;
		q->subscription = number(call->vault_resource);
	}
	if (call->kind == CALL_REGISTRY || call->kind == CALL_PATCH)
		q->registry =
			(int)strtol(strrchr(call->registry, '/') + 4, NULL, 10);
	if (call->kind == CALL_LIST && call->subscription)
		q->subscription = number(call->subscription);
	if (call->kind == CALL_LIST && call->url &&
	    sscanf(call->url, "list:%d:%d", &sub, &page) == 2) {
		q->subscription = sub;
		q->page = page;
	}
	if (call->kind == CALL_OPERATION &&
	    sscanf(call->url, "op:%u:%u", &reg, &op) == 2) {
		q->registry = (int)reg;
		q->op = op;
	}
	if (q->registry >= 0)
		q->subscription = c->registry[q->registry].subscription;
}

bool sim_walled(const struct sim_cloud *c, const struct sim_question *q)
{
	return q->kind == CALL_KEY && !q->arm &&
	       c->walled[c->key[q->key].vault];
}

/* Every third time it is not there, and the next time it is. */
static bool blink(struct random *rng, bool blinks, bool *blinked)
{
	*blinked = blinks && !*blinked && random_below(rng, 3) == 0;
	return *blinked;
}

/* ---- keys ---- */

static void answer_key(struct sim_cloud *c, const struct sim_question *q,
		       struct reply *r)
{
	struct sim_key *k = &c->key[q->key];
	int top = k->flips && random_below(c->rng, 2) ? k->n - 1
						      : sim_newest(k);
	int i = q->version == -1 ? top : q->version;

	if (blink(c->rng, k->blinks, &k->blinked) || k->deleted || i < 0 ||
	    i > top) {
		fault_set(&r->fault, FAULT_MISSING, 404, "key not found");
		return;
	}
	if (!k->version[i].v.enabled && k->hides_disabled) {
		fault_set(&r->fault, FAULT_REFUSED, 403, "key is disabled");
		text_copy(r->fault.inner_code, sizeof(r->fault.inner_code),
			  "KeyDisabled");
		return;
	}
	r->key = k->version[i].v;
}

/* ---- registries ---- */

static void view_of(const struct sim_cloud *c, const struct sim_face *f,
		    struct registry_view *v)
{
	const struct sim_key *k = &c->key[f->key];

	memset(v, 0, sizeof(*v));
	v->provisioning = f->provisioning;
	v->premium = f->premium;
	v->encrypted = v->key_valid = true;
	text_copy(v->key.host, sizeof(v->key.host), k->host);
	text_copy(v->key.name, sizeof(v->key.name), k->name);
	if (f->pinned >= 0)
		memcpy(v->key.version, k->version[f->pinned].v.version,
		       KEYID_VERSION_MAX);
	memcpy(v->version_in_use, k->version[f->in_use].v.version,
	       KEYID_VERSION_MAX);
	v->version_known = true;
	v->in_use_key = v->key;
	memcpy(v->in_use_key.version, v->version_in_use, KEYID_VERSION_MAX);
	v->auto_rotation = f->pinned < 0;
	text_copy(v->identity, sizeof(v->identity), "system");
	v->identity_attached = f->attached;
	v->rotated_at = -1;
}

/* What is made of it is the reader's affair, not the model's. */
static void view_untold(enum sim_telling telling, struct registry_view *v)
{
	static const char *const used[] = {
		[TELLS_NOT] = "",
		[TELLS_NULL] = ",\"versionedKeyIdentifier\":null",
		[TELLS_EMPTY] = ",\"versionedKeyIdentifier\":\"\"",
		[TELLS_JUNK] = ",\"versionedKeyIdentifier\":\"a%b\"",
	};
	char id[KEYID_TEXT_MAX];
	struct registry_view read;
	struct json *root;
	struct fault f;
	char *text;

	keyid_print(&v->key, id, sizeof(id));
	text = text_printf("{\"properties\":{\"encryption\":{\"status\":"
			   "\"enabled\",\"keyVaultProperties\":{"
			   "\"keyIdentifier\":\"%s\"%s}}}}",
			   id, used[telling]);
	root = json_parse(text, strlen(text), 1 << 20, &f);
	if (root && registry_view(root, &read)) {
		v->version_known = read.version_known;
		v->in_use_key = read.in_use_key;
		memcpy(v->version_in_use, read.version_in_use,
		       KEYID_VERSION_MAX);
	}
	json_free(root);
	free(text);
}

static void view_of_registry(const struct sim_cloud *c,
			     const struct sim_registry *g,
			     const struct sim_face *f, struct registry_view *v)
{
	view_of(c, f, v);
	if (g->telling != TELLS)
		view_untold(g->telling, v);
}

static void answer_registry(struct sim_cloud *c, const struct sim_question *q,
			    int64_t t, struct reply *r)
{
	struct sim_registry *g = &c->registry[q->registry];
	struct sim_face f = g->face;

	if (blink(c->rng, g->blinks, &g->blinked) || f.missing) {
		fault_set(&r->fault, FAULT_MISSING, 404, "no registry");
		return;
	}
	if (g->stale) { /* whether it is settled is told by another house */
		const struct sim_face *old = sim_face_at(g, t - g->stale);

		f.key = old->key;
		f.pinned = old->pinned;
		f.in_use = old->in_use;
	}
	view_of_registry(c, g, &f, &r->registry);
}

/* As a LIST shows it; NULL: not at all. */
static const struct sim_face *listed(const struct sim_cloud *c,
				     const struct sim_registry *g,
				     const struct sim_question *q, int64_t t)
{
	int64_t old = c->list_old[q->subscription];
	const struct sim_face *f = &g->face;

	if (g->subscription != q->subscription || g->hidden)
		return NULL;
	if (old)
		f = sim_face_at(g, t - old);
	else if (c->list_lags && g->changed + LIST_LAG_MS > t &&
		 !g->before.missing)
		f = &g->before;
	return f->missing || (!old && g->face.missing) ? NULL : f;
}

/* "rotate" with the value "yes", and the end of them. */
static char *sim_tags(void)
{
	static const char tags[] = "rotate\0yes\0";
	char *copy = text_alloc(sizeof(tags), 1);

	memcpy(copy, tags, sizeof(tags));
	return copy;
}

static void answer_list(struct sim_cloud *c, const struct sim_question *q,
			int64_t t, struct reply *r)
{
	int from = q->page * c->page, at = 0;

	r->list.items = text_alloc((size_t)c->page, sizeof(*r->list.items));
	for (int i = 0; i < c->n_registries; i++) {
		const struct sim_registry *g = &c->registry[i];
		const struct sim_face *f = listed(c, g, q, t);
		struct registry_item *item;

		if (!f || at++ < from)
			continue;
		if (at > from + c->page) {
			r->list.next_url = text_printf(
				"list:%d:%d", q->subscription, q->page + 1);
			break;
		}
		item = &r->list.items[r->list.n++];
		item->id = text_dup(g->id);
		item->tags = g->untagged ? NULL : sim_tags();
		view_of_registry(c, g, f, &item->view);
	}
}

/* ---- writing ---- */

/* The version that a write would end on; -1: none that Azure accepts. */
static int resolve(const struct sim_cloud *c, const struct sim_registry *g,
		   int key, int pinned, int64_t t)
{
	const struct sim_key *k = &c->key[key];
	int to = pinned >= 0 ? pinned : sim_newest_true(k);

	if (pinned < 0 && key == g->face.key && !g->honours)
		return g->face.in_use;
	if (k->deleted || !g->face.attached ||
	    !sim_usable(&k->version[to].v, SIM_EPOCH + t))
		return -1;
	return to;
}

static void refuse(struct fault *f)
{
	fault_set(f, FAULT_REFUSED, 400, "the key cannot be used");
}

static void refuse_for(enum sim_refusal why, struct fault *f)
{
	bool own = why == REFUSES_OWN;

	fault_set(f, own ? FAULT_DENIED : FAULT_REFUSED, 403,
		  "the write was refused");
	text_copy(f->azure_code, sizeof(f->azure_code),
		  own ? "RequestDisallowedByPolicy" : "WhoKnowsWhat");
}

/* Said yes to, and nothing comes of it. */
static bool deaf(const struct sim_registry *g, int pinned)
{
	return g->deaf &
	       (pinned >= 0 ? SIM_DEAF_PINNED : (unsigned)SIM_DEAF_FREE);
}

static void put_face(struct sim_cloud *c, struct sim_registry *g, int64_t t,
		     int key, int pinned, int in_use)
{
	if (g->face.key != key || g->face.in_use != in_use)
		c->moves++;
	sim_face_change(g, t);
	g->face.key = key;
	g->face.pinned = pinned;
	g->face.in_use = in_use;
	g->face.provisioning = PROVISIONING_SUCCEEDED;
}

static void begin(struct sim_cloud *c, struct sim_registry *g,
		  const struct sim_question *q, int64_t t, struct reply *r)
{
	static const int64_t told[] = { -1, 5000, 10000, 30000 };
	struct sim_operation *op;

	g->ops++;
	op = last_op(g);
	*op = (struct sim_operation){
		.id = g->ops,
		.running = true,
		.fails = g->op_fails,
		.begun = t,
		.ends = t + g->slowness,
		.key = q->key,
		.pinned = q->version,
	};
	g->op_fails = false;
	g->outsider = false;
	g->turn++;
	sim_face_change(g, t);
	g->face.provisioning = PROVISIONING_UPDATING;
	r->patch.operation_url = text_printf("op:%d:%u", q->registry, op->id);
	r->patch.retry_after_ms = told[random_below(c->rng, 4)];
}

static void answer_patch(struct sim_cloud *c, const struct sim_question *q,
			 int64_t t, struct reply *r)
{
	struct sim_registry *g = &c->registry[q->registry];
	int to = resolve(c, g, q->key, q->version, t);

	r->patch.retry_after_ms = -1;
	if (g->face.missing)
		fault_set(&r->fault, FAULT_MISSING, 404, "no registry");
	else if (g->face.provisioning != PROVISIONING_SUCCEEDED)
		fault_set(&r->fault, FAULT_CONFLICT, 409, "it is busy");
	else if (g->refusal && !g->refuses_late)
		refuse_for(g->refusal, &r->fault);
	else if (q->version == -2 || (to < 0 && !c->checks_late))
		refuse(&r->fault);
	else if (g->slowness == 0 && to >= 0 && !g->op_fails && !g->refusal) {
		if (!deaf(g, q->version))
			put_face(c, g, t, q->key, q->version, to);
		r->patch.finished = true;
	} else
		begin(c, g, q, t, r);
}

static void op_fault(struct sim_operation *op, bool key)
{
	op->fails = true;
	if (key)
		refuse(&op->error);
	else
		fault_set(&op->error, FAULT_TRANSIENT, 500, "internal error");
}

void sim_settle(struct sim_cloud *c, struct sim_registry *g, int64_t t)
{
	struct sim_operation *op = last_op(g);
	int to;

	if (g->face.provisioning != PROVISIONING_UPDATING)
		return;
	sim_face_change(g, t);
	g->face.provisioning = PROVISIONING_SUCCEEDED;
	if (g->outsider || !op->running)
		return;
	op->running = false;
	to = resolve(c, g, op->key, op->pinned, t);
	if (g->refusal) {
		op->fails = true;
		refuse_for(g->refusal, &op->error);
	} else if (op->fails || to < 0)
		op_fault(op, to < 0 || g->fails_as_key);
	else if (!deaf(g, op->pinned))
		put_face(c, g, t, op->key, op->pinned, to);
}

static void answer_operation(struct sim_cloud *c, const struct sim_question *q,
			     struct reply *r)
{
	struct sim_registry *g = &c->registry[q->registry];
	struct sim_operation *op = &g->op[q->op % SIM_OPERATIONS];

	r->operation.retry_after_ms = -1;
	if (g->op_gone && q->op % 2) {
		fault_set(&r->fault, FAULT_INVALID, 410, "operation is gone");
		return;
	}
	if (op->id != q->op || g->face.missing || g->op_gone) {
		fault_set(&r->fault, FAULT_MISSING, 404, "no operation");
		return;
	}
	r->operation.status = op->running ? OPERATION_RUNNING
			      : op->fails ? OPERATION_FAILED
					  : OPERATION_SUCCEEDED;
	r->operation.error = op->error;
}

void sim_follow(struct sim_cloud *c, struct sim_registry *g, int64_t t)
{
	struct sim_key *k = &c->key[g->face.key];
	int newest = sim_newest_true(k);

	if (g->face.pinned >= 0 || g->face.missing || !g->face.attached ||
	    g->face.provisioning != PROVISIONING_SUCCEEDED || k->deleted ||
	    newest == g->face.in_use ||
	    !sim_usable(&k->version[newest].v, SIM_EPOCH + t))
		return;
	put_face(c, g, t, g->face.key, -1, newest);
}

bool sim_occupy(struct sim_registry *g, int64_t t)
{
	if (g->face.provisioning != PROVISIONING_SUCCEEDED || g->face.missing)
		return false;
	sim_face_change(g, t);
	g->face.provisioning = PROVISIONING_UPDATING;
	g->outsider = true;
	g->turn++;
	return true;
}

void sim_answer(struct sim_cloud *c, const struct sim_question *q, int64_t t,
		struct reply *r)
{
	switch (q->kind) {
	case CALL_TOKEN:
		r->token.lifetime_ms =
			SIM_HOUR + random_below(c->rng, 20 * SIM_HOUR);
		r->token.refresh_in_ms = -1;
		break;
	case CALL_KEY:
		if (sim_walled(c, q)) {
			fault_set(&r->fault, FAULT_DENIED, 403, "walled");
			text_copy(r->fault.inner_code,
				  sizeof(r->fault.inner_code),
				  "ForbiddenByFirewall");
			break;
		}
		answer_key(c, q, r);
		break;
	case CALL_REGISTRY:
		answer_registry(c, q, t, r);
		break;
	case CALL_LIST:
		answer_list(c, q, t, r);
		break;
	case CALL_PATCH:
		answer_patch(c, q, t, r);
		break;
	case CALL_OPERATION:
		answer_operation(c, q, r);
		break;
	case CALL_POLICY: /* the configurations want none */
	case CALL_REACH:  /* the doctor's */
	case CALL_RIGHTS:
	case CALL_LEASE:
	case CALL_HINTS:
	case CALL_HINT_DROP:
		break;
	}
}
