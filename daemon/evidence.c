/*
 * Puts what happened into records: the words of the audit, and who did it.
 */
#include "evidence.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/chain.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/report.h"
#include "io/audit.h"
#include "io/clock.h"
#include "io/store.h"

#define CLOCKS_MS 1000 /* our clock is told where it differs by that much */
#define SIGN_EVERY_MS ((int64_t)86400 * 1000)
#define SIGN_FIRST_MS 10000
#define SIGN_RETRY_MS ((int64_t)600 * 1000)
#define KEY_FILE_MAX 4096
/* Old files are removed one day; what is never moved is to be found still. */
#define LIST_EVERY_MS ((int64_t)30 * 86400 * 1000)
#define LIST_AGAIN_MS ((int64_t)1800 * 1000)
#define LIST_AT_ONCE 8	  /* records */
#define LIST_ROW_MAX 1200 /* bytes of one registry, an id of 512 among them */
#define PARAMETERS_MAX 8
#define PARAMETER_MAX 512 /* bytes of one */

struct evidence {
	struct evidence_options options;
	struct audit *audit;
	/* The answer that what is noted now follows from. */
	struct {
		bool open;
		enum call_kind kind;
		char *registry;		  /* NULL: of all */
		char key[KEYID_TEXT_MAX]; /* "": of all */
		char id[37];
		int status;
		char request_id[FAULT_CODE_MAX];
		char correlation_id[FAULT_CODE_MAX];
	} cause;
	int64_t sign_at; /* boot ms of the next signature */
	uint64_t signed_seq;
	bool sign_failed, ending;
	/* Of all that is watched. */
	struct {
		int64_t at;	 /* boot ms: again */
		int64_t wait_ms; /* between two */
		bool open;	 /* it is half told ... */
		size_t next;	 /* ... up to this entry ... */
		size_t all;	 /* ... of so many */
		size_t untold;	 /* registries without a version */
	} list;
};

/* One record that is being made. */
struct record {
	struct evidence *v;
	struct buf text;
	struct json_writer *w;
};

static const char *kind_of(enum note_kind kind)
{
	switch (kind) {
	case NOTE_NEW_VERSION:
	case NOTE_DRIFT:
	case NOTE_WARNING:
	case NOTE_KEY_OK:
	case NOTE_KEY_WAY:
		return "sighting";
	case NOTE_WRITE:
	case NOTE_HELD:
	case NOTE_BLOCKED:
	case NOTE_DRY_RUN:
	case NOTE_PAUSED:
	case NOTE_RESUMED:
	case NOTE_ORDER:
	case NOTE_ORDER_OVER:
		return "decision";
	case NOTE_VERIFIED:
		return "read-back";
	case NOTE_FAILED:
	case NOTE_LATE:
	case NOTE_OVERDUE:
	case NOTE_KEY_ERROR:
		return "failure";
	default:
		return "event";
	}
}

/* NULL: nothing that is noted follows from the answer. */
static const char *question_of(enum call_kind kind)
{
	switch (kind) {
	case CALL_KEY:
		return "key";
	case CALL_REGISTRY:
		return "registry";
	case CALL_LIST:
		return "list";
	case CALL_PATCH:
		return "write";
	case CALL_OPERATION:
		return "operation";
	default:
		return NULL;
	}
}

/* ---- one record ---- */

static void open_at(struct record *r, struct evidence *v, const char *kind,
		    int64_t azure, int64_t wall)
{
	char time[CHAIN_TIME_MAX];
	int64_t off = azure - wall;

	r->v = v;
	buf_init(&r->text, CHAIN_OBJECT_MAX);
	r->w = json_writer_new(&r->text, false);
	json_open(r->w);
	chain_time(time, azure);
	json_add_str(r->w, "time", time);
	json_add_str(r->w, "kind", kind);
	if (off >= CLOCKS_MS || off <= -CLOCKS_MS) {
		chain_time(time, wall);
		json_add_str(r->w, "clock", time);
	}
	if (v->options.dry_run)
		json_add_bool(r->w, "dry_run", true);
}

static void open_now(struct record *r, struct evidence *v, const char *kind)
{
	struct instant now = { .boot = clock_boot_ms(),
			       .wall = clock_wall_ms() };

	open_at(r, v, kind, engine_now(v->options.engine, now), now.wall);
}

/* Names of files and what came from outside may be no UTF-8. */
static void add(struct record *r, const char *name, const char *s)
{
	char *clean;

	if (!s || !s[0])
		return;
	clean = text_dup(s);
	text_line(clean);
	json_add_str(r->w, name, clean);
	free(clean);
}

/* What does not fit is a defect, but the record is there all the same. */
static uint64_t put(struct record *r)
{
	struct evidence *v = r->v;
	uint64_t number;

	json_close(r->w);
	if (!json_finish(r->w)) {
		buf_free(&r->text);
		open_now(r, v, "unfit");
		json_close(r->w);
		json_finish(r->w);
	}
	number = audit_add(v->audit, r->text.data, r->text.len);
	buf_free(&r->text);
	return number;
}

static void add_key(struct record *r, const struct keyid *key)
{
	char text[KEYID_TEXT_MAX];

	keyid_print(key, text, sizeof(text));
	json_add_str(r->w, "key", text);
}

static void add_time(struct record *r, const char *name, int64_t ms)
{
	char text[CHAIN_TIME_MAX];

	if (ms < 0)
		return;
	chain_time(text, ms);
	json_add_str(r->w, name, text);
}

/* ---- what is watched ---- */

static void add_entry(struct record *r, const struct report_entry *x)
{
	json_open(r->w);
	add(r, "registry", x->registry);
	add(r, "key", x->key);
	add(r, "version", x->version);
	add_time(r, "effective", x->effective);
	if (x->manual)
		json_add_bool(r->w, "manual", true);
	json_close(r->w);
}

/* One record of the list: as many as fit. */
static void list_part(struct evidence *v)
{
	const struct engine *e = v->options.engine;
	struct report_entry x;
	struct record r;

	open_now(&r, v, "watched");
	if (v->list.next == 0) {
		json_add_bool(r.w, "first", true);
		json_add_int(r.w, "window_ms", engine_config(e)->window_ms);
	}
	json_key(r.w, "entries");
	json_open_array(r.w);
	while (r.text.len < CHAIN_OBJECT_MAX - LIST_ROW_MAX &&
	       report_entry(e, v->list.next, &x)) {
		v->list.next++;
		if (x.retiring)
			continue;
		add_entry(&r, &x);
		v->list.untold += x.registry && !x.version[0];
	}
	json_close_array(r.w);
	v->list.open = v->list.next < v->list.all;
	if (!v->list.open)
		json_add_bool(r.w, "last", true);
	put(&r);
}

/*
 * In as many records as it takes; the first and the last are marked, so that
 * who is not between them is not watched any more.  It waits for the disk, lest
 * what happens meanwhile finds no room.
 */
static void list_watched(struct evidence *v)
{
	size_t all = report_entries(v->options.engine);
	struct audit_state s;

	audit_state(v->audit, &s);
	if (s.waiting >= LIST_AT_ONCE)
		return;
	/* Somebody has come or gone: numbers are others' now. */
	if (!v->list.open || v->list.all != all) {
		v->list.next = v->list.untold = 0;
		v->list.all = all;
		v->list.open = true;
	}
	for (unsigned n = 0; n < LIST_AT_ONCE && v->list.open; n++)
		list_part(v);
	if (v->list.open)
		return;
	/* Who was not read yet is told when it is. */
	v->list.wait_ms = v->list.untold ? 2 * v->list.wait_ms : LIST_EVERY_MS;
	if (v->list.wait_ms > LIST_EVERY_MS)
		v->list.wait_ms = LIST_EVERY_MS;
	v->list.at = clock_boot_ms() + v->list.wait_ms;
}

/* ---- the daemon's life ---- */

static void add_boot(struct record *r)
{
	struct fault f = fault_none();
	struct buf id;

	buf_init(&id, 64);
	if (store_read("/proc/sys/kernel/random/boot_id", &id, &f) && id.len) {
		id.data[strcspn(id.data, "\n")] = '\0';
		add(r, "boot_id", buf_str(&id));
	}
	buf_free(&id);
}

void evidence_start(struct evidence *v, const char *version)
{
	struct record r;

	if (!v)
		return;
	open_now(&r, v, "start");
	json_add_str(r.w, "version", version);
	json_add_int(r.w, "pid", getpid());
	json_add_int(r.w, "uid", geteuid());
	add_boot(&r);
	put(&r);
}

void evidence_stop(struct evidence *v, const char *why)
{
	struct record r;

	if (!v)
		return;
	open_now(&r, v, "stop");
	add(&r, "text", why);
	put(&r);
}

void evidence_config(struct evidence *v, const char *path, const char *sum,
		     size_t bytes)
{
	struct record r;

	if (!v)
		return;
	open_now(&r, v, "configuration");
	add(&r, "file", path);
	json_add_str(r.w, "sha256", sum);
	json_add_int(r.w, "bytes", (int64_t)bytes);
	put(&r);
	v->list.at = 0;
	v->list.open = false;
	v->list.wait_ms = LIST_AGAIN_MS;
}

void evidence_manual(struct evidence *v, const char *method, uid_t uid,
		     pid_t pid, const struct json *parameters)
{
	const struct json *p;
	char cut[PARAMETER_MAX];
	size_t n = 0;
	bool yes;
	struct record r;

	if (!v)
		return;
	open_now(&r, v, "manual");
	json_add_str(r.w, "method", method);
	json_add_int(r.w, "uid", uid);
	json_add_int(r.w, "pid", pid);
	json_key(r.w, "parameters");
	json_open(r.w);
	/* What gets this far has a name that is ours. */
	for (p = json_first(parameters); p && n < PARAMETERS_MAX;
	     p = json_next(p), n++) {
		if (json_bool(p, &yes))
			json_add_bool(r.w, json_name(p), yes);
		if (!json_str(p))
			continue;
		text_copy(cut, sizeof(cut), json_str(p));
		text_line(cut);
		json_add_str(r.w, json_name(p), cut);
	}
	json_close(r.w);
	put(&r);
}

/* ---- notes, writes, answers ---- */

/* Does the note follow from the answer that has just come? */
static bool is_caused(const struct evidence *v, const struct note *n)
{
	if (!v->cause.open)
		return false;
	if (v->cause.registry)
		return text_same(v->cause.registry, n->registry);
	if (v->cause.key[0])
		return !n->registry && text_same(v->cause.key, n->key);
	return v->cause.kind == CALL_LIST && n->registry;
}

const char *evidence_request(const struct evidence *v, const struct note *n)
{
	return v && is_caused(v, n) && v->cause.request_id[0]
		       ? v->cause.request_id
		       : NULL;
}

static void add_cause(struct record *r)
{
	const struct evidence *v = r->v;

	json_key(r->w, "answer");
	json_open(r->w);
	json_add_str(r->w, "to", question_of(v->cause.kind));
	json_add_int(r->w, "status", v->cause.status);
	add(r, "client_request_id", v->cause.id);
	add(r, "request_id", v->cause.request_id);
	add(r, "correlation_id", v->cause.correlation_id);
	json_close(r->w);
}

uint64_t evidence_note(struct evidence *v, const struct note *n)
{
	struct record r;

	if (!v)
		return 0;
	open_at(&r, v, kind_of(n->kind), n->time, clock_wall_ms());
	json_add_str(r.w, "event", note_kind_str(n->kind));
	add(&r, "registry", n->registry);
	add(&r, "key", n->key);
	add(&r, "version", n->version);
	add(&r, "previous_version", n->previous);
	add_time(&r, "effective", n->effective);
	if (n->window_ms)
		json_add_int(r.w, "window_ms", n->window_ms);
	if (n->kind == NOTE_STATE)
		json_add_str(r.w, "state",
			     engine_state_str(engine_state(v->options.engine)));
	add(&r, "text", n->text);
	if (is_caused(v, n))
		add_cause(&r);
	return put(&r);
}

static void copy_member(char *dst, size_t size, const struct json *root,
			const char *name)
{
	const char *s = json_get_str(root, name);

	text_copy(dst, size, s ? s : "");
}

bool evidence_note_of(const struct chain_record *r, struct note *n)
{
	const char *event = json_get_str(r->root, "event");

	*n = (struct note){ .kind = 0, .time = r->time };
	while (n->kind < NOTE_KINDS &&
	       !text_same(event, note_kind_str(n->kind)))
		n->kind++;
	if (n->kind == NOTE_KINDS)
		return false;
	n->key = text_dup(json_get_str(r->root, "key"));
	n->registry = text_dup(json_get_str(r->root, "registry"));
	copy_member(n->version, sizeof(n->version), r->root, "version");
	copy_member(n->previous, sizeof(n->previous), r->root,
		    "previous_version");
	copy_member(n->text, sizeof(n->text), r->root, "text");
	return true;
}

uint64_t evidence_write(struct evidence *v, const struct call *c,
			const struct exchange *x, const char *id)
{
	struct record r;

	if (!v)
		return 0;
	open_now(&r, v, "write");
	add(&r, "registry", c->registry);
	add_key(&r, &c->key);
	add(&r, "version", c->key.version);
	add(&r, "identity", c->identity);
	json_add_str(r.w, "method", x->method);
	add(&r, "url", x->url);
	add(&r, "body", x->body);
	add(&r, "credential", c->credential ? c->credential->name : NULL);
	json_add_str(r.w, "client_request_id", id);
	return put(&r);
}

bool evidence_has(const struct evidence *v, uint64_t number)
{
	return !v || audit_has(v->audit, number);
}

static void add_fault(struct record *r, const struct fault *f)
{
	if (f->kind == FAULT_NONE)
		return;
	json_add_str(r->w, "fault", fault_kind_str(f->kind));
	add(r, "code", f->azure_code);
	add(r, "text", f->text);
}

static const char *status_of(enum operation_status s)
{
	static const char *const names[] = {
		[OPERATION_RUNNING] = "running",
		[OPERATION_SUCCEEDED] = "succeeded",
		[OPERATION_FAILED] = "failed",
		[OPERATION_CANCELED] = "canceled",
	};

	return names[s];
}

static void put_answer(struct evidence *v, const struct call *c,
		       const struct reply *m, const char *id)
{
	bool operation = c->kind == CALL_OPERATION;
	struct record r;

	open_now(&r, v, "answer");
	json_add_str(r.w, "to", question_of(c->kind));
	add(&r, "registry", c->registry);
	if (c->kind == CALL_PATCH) {
		add(&r, "version", c->key.version);
		json_add_bool(r.w, "sent", m->reached);
	} else {
		add(&r, "url", c->url);
	}
	if (m->status)
		json_add_int(r.w, "status", m->status);
	json_add_str(r.w, "client_request_id", id);
	add(&r, "request_id", m->request_id);
	add(&r, "correlation_id", m->correlation_id);
	if (m->maybe_done)
		json_add_bool(r.w, "maybe_done", true);
	add_fault(&r, &m->fault);
	if (operation && m->fault.kind == FAULT_NONE) {
		json_add_str(r.w, "operation", status_of(m->operation.status));
		if (m->operation.status == OPERATION_FAILED ||
		    m->operation.status == OPERATION_CANCELED)
			add_fault(&r, &m->operation.error);
	}
	put(&r);
}

void evidence_answered(struct evidence *v)
{
	if (!v)
		return;
	free(v->cause.registry);
	v->cause.registry = NULL;
	v->cause.open = false;
}

void evidence_answer(struct evidence *v, const struct call *c,
		     const struct reply *r, const char *id)
{
	if (!v)
		return;
	evidence_answered(v);
	if (c->kind == CALL_PATCH || c->kind == CALL_OPERATION)
		put_answer(v, c, r, id);
	if (!question_of(c->kind) || !r->answered)
		return;
	v->cause.open = true;
	v->cause.kind = c->kind;
	v->cause.registry = text_dup(c->registry);
	v->cause.key[0] = '\0';
	if (c->kind == CALL_KEY)
		keyid_print_base(&c->key, v->cause.key, sizeof(v->cause.key));
	text_copy(v->cause.id, sizeof(v->cause.id), id);
	v->cause.status = r->status;
	text_copy(v->cause.request_id, sizeof(v->cause.request_id),
		  r->request_id);
	text_copy(v->cause.correlation_id, sizeof(v->cause.correlation_id),
		  r->correlation_id);
}

void evidence_no_answer(struct evidence *v, const struct call *c,
			const char *id, bool sent, const char *why)
{
	struct record r;

	if (!v)
		return;
	open_now(&r, v, "answer");
	json_add_str(r.w, "to", question_of(c->kind));
	add(&r, "registry", c->registry);
	add(&r, "version", c->key.version);
	json_add_bool(r.w, "sent", sent);
	if (sent)
		json_add_bool(r.w, "maybe_done", true);
	json_add_str(r.w, "client_request_id", id);
	add(&r, "text", why);
	put(&r);
}

/* ---- signatures ---- */

static bool sign(struct evidence *v, const char *key,
		 const struct audit_state *s, struct fault *f)
{
	char text[128], signature[SEAL_SIGNATURE_MAX], id[SEAL_HEX_MAX];
	struct fault why = fault_none();
	struct record r;
	struct buf pem;
	bool ok;

	buf_init(&pem, KEY_FILE_MAX);
	chain_head_text(text, sizeof(text), &s->last);
	ok = store_read_secret(key, &pem, &why) &&
	     seal_sign(buf_str(&pem), text, signature, id, &why);
	buf_wipe(&pem);
	if (!ok)
		return fault_set(f, why.kind, why.code,
				 "The audit is not signed: the key %s cannot "
				 "be used: %s",
				 key, why.text);
	open_now(&r, v, "head");
	json_add_int(r.w, "head_seq", (int64_t)s->last.seq);
	json_add_str(r.w, "head", s->last.hash);
	json_add_str(r.w, "key", id);
	json_add_str(r.w, "signature", signature);
	put(&r);
	return true;
}

/* What is on the disk is signed: once a day, and at the end. */
static void sign_head(struct evidence *v)
{
	const char *key = engine_config(v->options.engine)->audit_sign_key;
	struct fault f = fault_none();
	struct audit_state s;
	bool ok;

	audit_state(v->audit, &s);
	/* The record of a signature alone needs none. */
	if (!key || s.last.seq <= v->signed_seq + 1)
		return;
	ok = sign(v, key, &s, &f);
	if (ok)
		v->signed_seq = s.last.seq;
	v->sign_at = clock_boot_ms() + (ok ? SIGN_EVERY_MS : SIGN_RETRY_MS);
	if (!ok && !v->sign_failed)
		log_error("%s%s", f.text, text_stop(f.text));
	v->sign_failed = !ok;
}

/* ---- life ---- */

static void tell_engine(struct evidence *v)
{
	struct engine_evidence how = { .kept = true };
	struct audit_state s;

	audit_state(v->audit, &s);
	how.sequence = s.last.seq;
	text_copy(how.hash, sizeof(how.hash), s.last.seq ? s.last.hash : "");
	how.waiting = s.waiting;
	how.lost = s.lost;
	text_copy(how.problem, sizeof(how.problem), s.problem);
	text_line(how.problem); /* cut, perhaps within a character */
	engine_evidence(v->options.engine, &how,
			(struct instant){ .boot = clock_boot_ms(),
					  .wall = clock_wall_ms() });
}

static void on_kept(uint64_t number, uint64_t seq, void *arg)
{
	const struct evidence *v = arg;

	if (v->options.kept)
		v->options.kept(number, seq, v->options.arg);
}

static void on_change(void *arg)
{
	struct evidence *v = arg;

	if (v->ending)
		return;
	tell_engine(v);
	v->options.changed(v->options.arg);
}

struct evidence *evidence_new(struct ev_loop *loop,
			      const struct evidence_options *o)
{
	const struct config *c = engine_config(o->engine);
	struct evidence *v = text_alloc(1, sizeof(*v));
	struct audit_options ao = {
		.folder = o->folder,
		.max_size = c->audit_max_size,
		.keep_ms = c->audit_keep_ms,
		.kept = on_kept,
		.changed = on_change,
		.arg = v,
	};

	v->options = *o;
	/* Not in the first moments, which are busy. */
	v->sign_at = clock_boot_ms() + SIGN_FIRST_MS;
	v->audit = audit_new(loop, &ao);
	/* What is wrong already is told with the first news. */
	engine_evidence(o->engine, &(struct engine_evidence){ .kept = true },
			(struct instant){ .boot = clock_boot_ms(),
					  .wall = clock_wall_ms() });
	return v;
}

void evidence_configure(struct evidence *v)
{
	const struct config *c;

	if (!v)
		return;
	c = engine_config(v->options.engine);
	audit_limit(v->audit, c->audit_max_size, c->audit_keep_ms);
	v->sign_failed = false;
}

void evidence_turn(struct evidence *v)
{
	if (!v)
		return;
	if (clock_boot_ms() >= v->list.at && !v->ending &&
	    engine_state(v->options.engine) != ENGINE_STARTING)
		list_watched(v);
	if (clock_boot_ms() >= v->sign_at)
		sign_head(v);
}

bool evidence_finish(struct evidence *v, int wait_ms)
{
	int64_t end = clock_boot_ms() + wait_ms, left;

	if (!v)
		return true;
	v->ending = true;
	if (engine_config(v->options.engine)->audit_sign_key &&
	    audit_wait(v->audit, wait_ms))
		sign_head(v);
	left = end - clock_boot_ms();
	return audit_finish(v->audit, left > 0 ? (int)left : 1);
}

struct chain evidence_head(const struct evidence *v)
{
	struct audit_state s;

	audit_state(v->audit, &s);
	return s.last;
}

bool evidence_known(const struct evidence *v)
{
	struct audit_state s = { .known = false };

	if (v)
		audit_state(v->audit, &s);
	return s.known;
}

void evidence_free(struct evidence *v)
{
	if (!v)
		return;
	evidence_answered(v);
	audit_free(v->audit);
	free(v);
}
