/*
 * The audit's life beside the daemon's own, and who has changed what.
 */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/chain.h"
#include "base/json.h"
#include "base/text.h"
#include "evidence_internal.h"
#include "instant.h"
#include "io/audit.h"
#include "io/clock.h"
#include "io/process.h"
#include "io/store.h"
#include "record.h"
#include "signature.h"
#include "watched.h"

#define SIGN_FIRST_MS 10000
#define PARAMETERS_MAX 8
#define PARAMETER_MAX 512 /* bytes of one */

/* ---- what the daemon and people do ---- */

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
	char host[65];

	if (!v)
		return;
	record_open(&r, &v->book, "start");
	json_add_str(r.w, "version", version);
	process_host(host, sizeof(host));
	record_add(&r, "host", host);
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
	text_copy(how.missing, sizeof(how.missing), s.missing);
	text_line(how.missing);
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
	/* Whoever reloads has been told what is missing. */
	audit_accept(v->book.audit);
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

void evidence_tell(struct evidence *v)
{
	if (v && !v->ending)
		tell_engine(v);
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
