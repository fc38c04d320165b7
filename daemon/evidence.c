/*
 * Puts what happened into records: the words of the audit, and who did it.
 */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/chain.h"
#include "base/json.h"
#include "base/text.h"
#include "instant.h"
#include "io/audit.h"
#include "io/clock.h"
#include "io/store.h"
#include "record.h"
#include "signature.h"
#include "watched.h"

#define SIGN_FIRST_MS 10000
#define PARAMETERS_MAX 8
#define PARAMETER_MAX 512 /* bytes of one */

struct evidence {
	struct evidence_options options;
	struct record_book book;
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
	struct signature signature;
	struct watched watched;
	bool ending;
};

static const char *kind_of(enum note_kind kind)
{
	switch (kind) {
	case NOTE_NEW_VERSION:
	case NOTE_DRIFT:
	case NOTE_WARNING:
	case NOTE_KEY_OK:
	case NOTE_KEY_WAY:
	case NOTE_FOUND:
		return "sighting";
	case NOTE_WRITE:
	case NOTE_HELD:
	case NOTE_BLOCKED:
	case NOTE_DRY_RUN:
	case NOTE_PAUSED:
	case NOTE_RESUMED:
	case NOTE_ORDER:
	case NOTE_ORDER_OVER:
	case NOTE_RETIRED:
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

/* ---- the daemon's life ---- */

static void add_boot(struct record *r)
{
	struct fault f = fault_none();
	struct buf id;

	buf_init(&id, 64);
	if (store_read("/proc/sys/kernel/random/boot_id", &id, &f) && id.len) {
		id.data[strcspn(id.data, "\n")] = '\0';
		record_add(r, "boot_id", buf_str(&id));
	}
	buf_free(&id);
}

void evidence_start(struct evidence *v, const char *version)
{
	struct record r;

	if (!v)
		return;
	record_open(&r, &v->book, "start");
	json_add_str(r.w, "version", version);
	json_add_int(r.w, "pid", getpid());
	json_add_int(r.w, "uid", geteuid());
	add_boot(&r);
	record_put(&r);
}

void evidence_stop(struct evidence *v, const char *why)
{
	struct record r;

	if (!v)
		return;
	record_open(&r, &v->book, "stop");
	record_add(&r, "text", why);
	record_put(&r);
}

void evidence_config(struct evidence *v, const char *path, const char *sum,
		     size_t bytes)
{
	struct record r;

	if (!v)
		return;
	record_open(&r, &v->book, "configuration");
	record_add(&r, "file", path);
	json_add_str(r.w, "sha256", sum);
	json_add_int(r.w, "bytes", (int64_t)bytes);
	record_put(&r);
	watched_anew(&v->watched);
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
	record_open(&r, &v->book, "manual");
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
	record_put(&r);
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

static void add_cause(struct record *r, const struct evidence *v)
{
	json_key(r->w, "answer");
	json_open(r->w);
	json_add_str(r->w, "to", question_of(v->cause.kind));
	json_add_int(r->w, "status", v->cause.status);
	record_add(r, "client_request_id", v->cause.id);
	record_add(r, "request_id", v->cause.request_id);
	record_add(r, "correlation_id", v->cause.correlation_id);
	json_close(r->w);
}

uint64_t evidence_note(struct evidence *v, const struct note *n)
{
	struct record r;

	if (!v)
		return 0;
	record_open_at(&r, &v->book, kind_of(n->kind), n->time,
		       clock_wall_ms());
	json_add_str(r.w, "event", note_kind_str(n->kind));
	record_add(&r, "registry", n->registry);
	record_add(&r, "key", n->key);
	record_add(&r, "version", n->version);
	record_add(&r, "previous_version", n->previous);
	record_add_time(&r, "effective", n->effective);
	if (n->window_ms)
		json_add_int(r.w, "window_ms", n->window_ms);
	if (n->kind == NOTE_STATE)
		json_add_str(r.w, "state",
			     engine_state_str(engine_state(v->options.engine)));
	record_add(&r, "text", n->text);
	if (is_caused(v, n))
		add_cause(&r, v);
	return record_put(&r);
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
	record_open(&r, &v->book, "write");
	record_add(&r, "registry", c->registry);
	record_add_key(&r, &c->key);
	record_add(&r, "version", c->key.version);
	record_add(&r, "identity", c->identity);
	json_add_str(r.w, "method", x->method);
	record_add(&r, "url", x->url);
	record_add(&r, "body", x->body);
	record_add(&r, "credential",
		   c->credential ? c->credential->name : NULL);
	json_add_str(r.w, "client_request_id", id);
	return record_put(&r);
}

bool evidence_has(const struct evidence *v, uint64_t number)
{
	return !v || audit_has(v->book.audit, number);
}

static void add_fault(struct record *r, const struct fault *f)
{
	if (f->kind == FAULT_NONE)
		return;
	json_add_str(r->w, "fault", fault_kind_str(f->kind));
	record_add(r, "code", f->azure_code);
	record_add(r, "text", f->text);
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

	record_open(&r, &v->book, "answer");
	json_add_str(r.w, "to", question_of(c->kind));
	record_add(&r, "registry", c->registry);
	if (c->kind == CALL_PATCH) {
		record_add(&r, "version", c->key.version);
		json_add_bool(r.w, "sent", m->reached);
	} else {
		record_add(&r, "url", c->url);
	}
	if (m->status)
		json_add_int(r.w, "status", m->status);
	json_add_str(r.w, "client_request_id", id);
	record_add(&r, "request_id", m->request_id);
	record_add(&r, "correlation_id", m->correlation_id);
	if (m->maybe_done)
		json_add_bool(r.w, "maybe_done", true);
	add_fault(&r, &m->fault);
	if (operation && m->fault.kind == FAULT_NONE) {
		json_add_str(r.w, "operation", status_of(m->operation.status));
		if (m->operation.status == OPERATION_FAILED ||
		    m->operation.status == OPERATION_CANCELED)
			add_fault(&r, &m->operation.error);
	}
	record_put(&r);
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
	record_open(&r, &v->book, "answer");
	json_add_str(r.w, "to", question_of(c->kind));
	record_add(&r, "registry", c->registry);
	record_add(&r, "version", c->key.version);
	json_add_bool(r.w, "sent", sent);
	if (sent)
		json_add_bool(r.w, "maybe_done", true);
	json_add_str(r.w, "client_request_id", id);
	record_add(&r, "text", why);
	record_put(&r);
}

/* ---- life ---- */

static void tell_engine(struct evidence *v)
{
	struct engine_evidence how = { .kept = true };
	struct audit_state s;

	audit_state(v->book.audit, &s);
	how.sequence = s.last.seq;
	text_copy(how.hash, sizeof(how.hash), s.last.seq ? s.last.hash : "");
	how.waiting = s.waiting;
	how.lost = s.lost;
	text_copy(how.problem, sizeof(how.problem), s.problem);
	text_line(how.problem); /* cut, perhaps within a character */
	engine_evidence(v->options.engine, &how, instant_now());
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
	v->book.engine = o->engine;
	v->book.dry_run = o->dry_run;
	v->signature.book = v->watched.book = &v->book;
	/* Not in the first moments, which are busy. */
	v->signature.at = clock_boot_ms() + SIGN_FIRST_MS;
	v->book.audit = audit_new(loop, &ao);
	/* What is wrong already is told with the first news. */
	engine_evidence(o->engine, &(struct engine_evidence){ .kept = true },
			instant_now());
	return v;
}

void evidence_configure(struct evidence *v)
{
	const struct config *c;

	if (!v)
		return;
	c = engine_config(v->options.engine);
	audit_limit(v->book.audit, c->audit_max_size, c->audit_keep_ms);
	v->signature.failed = false;
}

void evidence_turn(struct evidence *v)
{
	if (!v)
		return;
	if (clock_boot_ms() >= v->watched.at && !v->ending &&
	    engine_state(v->options.engine) != ENGINE_STARTING)
		watched_list(&v->watched);
	if (clock_boot_ms() >= v->signature.at)
		signature_make(&v->signature);
}

bool evidence_finish(struct evidence *v, int wait_ms)
{
	int64_t end = clock_boot_ms() + wait_ms, left;

	if (!v)
		return true;
	v->ending = true;
	if (engine_config(v->options.engine)->audit_sign_key &&
	    audit_wait(v->book.audit, wait_ms))
		signature_make(&v->signature);
	left = end - clock_boot_ms();
	return audit_finish(v->book.audit, left > 0 ? (int)left : 1);
}

struct chain evidence_head(const struct evidence *v)
{
	struct audit_state s;

	audit_state(v->book.audit, &s);
	return s.last;
}

bool evidence_known(const struct evidence *v)
{
	struct audit_state s = { .known = false };

	if (v)
		audit_state(v->book.audit, &s);
	return s.known;
}

void evidence_free(struct evidence *v)
{
	if (!v)
		return;
	evidence_answered(v);
	audit_free(v->book.audit);
	free(v);
}
