/*
 * What people can ask of a running daemon, and the few things they can
 * change, one method a row; who may change anything is checked here, and
 * refusals are logged without flooding the log.
 */
#include "control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "azure/call.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "control_discover.h"
#include "control_doctor.h"
#include "control_events.h"
#include "engine/explain.h"
#include "engine/explain_key.h"
#include "engine/report.h"
#include "engine/rotate.h"
#include "evidence.h"
#include "instant.h"

/* Rows of one part of a list: a few ms of work. */
#define PART_KEYS 100
#define PART_REGISTRIES 250
#define PAUSE_MAX_MS ((int64_t)86400 * 1000)
#define PROBLEMS_MAX (256u << 10)
#define REFUSED_MAX 32 /* uids that are remembered, and so lines ... */
#define REFUSED_EVERY \
	60000 /* ... in this many ms: others cannot flood the log */
#define EXPLAIN_MAX (1u << 20) /* bytes of all versions of a key */
#define PARAMETERS_MAX 5
#define REQUEST_MAX (64u << 10)
#define POLLED_MAX 100 /* of what waited, by name */

extern const char varlink_text_status[];
extern const char varlink_text_control[];
extern const char varlink_text_metrics[];

struct control {
	struct control_options options;
	struct instant now; /* of the answer that is being made */
	struct control_doctor *doctor;
	struct control_discover *discover;
	struct control_events *events;
	struct refused {
		uid_t uid;
		int64_t told; /* boot ms, 0: never */
	} refused[REFUSED_MAX];
	unsigned long untold; /* refusals since the last line about one */
};

const char *const *control_descriptions(void)
{
	static const char *const texts[] = { varlink_text_status,
					     varlink_text_control,
					     varlink_text_metrics, NULL };

	return texts;
}

/* ---- answers ---- */

static void send_or_fail(struct varlink_call *call, struct buf *out, bool ok)
{
	if (ok)
		varlink_reply(call, buf_str(out));
	else
		varlink_error(call, "io.keyrotd.Status.TooLarge", NULL);
	buf_free(out);
}

static void error_with(struct varlink_call *call, const char *error,
		       const char *name, const char *value)
{
	struct buf out;
	struct json_writer *w;

	buf_init(&out, 8192);
	w = json_writer_new(&out, false);
	json_open(w);
	json_add_str(w, name, value);
	json_close(w);
	varlink_error(call, error, json_finish(w) ? buf_str(&out) : NULL);
	buf_free(&out);
}

static void reply_count(struct varlink_call *call, const char *name, size_t n,
			const char *warning)
{
	struct buf out;
	struct json_writer *w;

	buf_init(&out, 8192);
	w = json_writer_new(&out, false);
	json_open(w);
	json_add_int(w, name, (int64_t)n);
	if (warning)
		json_add_str(w, "warning", warning[0] ? warning : NULL);
	json_close(w);
	send_or_fail(call, &out, json_finish(w));
}

/* ---- io.keyrotd.Status ---- */

static void summary(struct control *c, struct varlink_call *call)
{
	struct buf out;

	buf_init(&out, 65536);
	send_or_fail(
		call, &out,
		report_summary(c->options.engine, c->options.version, &out));
}

/* A list that goes out part by part, as its client takes it. */
struct listing {
	struct control *control;
	bool (*rows)(const struct engine *e, char **last, size_t n,
		     struct buf *out);
	size_t n;   /* rows of a part */
	char *last; /* row that went out */
};

static bool list_head(struct buf *out, void *arg)
{
	const struct listing *l = arg;

	return report_now(l->control->options.engine, out);
}

static bool list_part(struct buf *out, void *arg)
{
	struct listing *l = arg;

	return l->rows(l->control->options.engine, &l->last, l->n, out);
}

static void list_gone(void *arg)
{
	struct listing *l = arg;

	free(l->last);
	free(l);
}

static void list(struct control *c, struct varlink_call *call, const char *name,
		 const struct listing *how)
{
	static const struct varlink_list list = { list_head, list_part,
						  list_gone };
	struct listing *l = text_alloc(1, sizeof(*l));

	*l = *how;
	l->control = c;
	varlink_list(call, name, &list, l);
}

static void list_keys(struct control *c, struct varlink_call *call)
{
	list(c, call, "keys",
	     &(struct listing){ .rows = report_keys, .n = PART_KEYS });
}

static void list_registries(struct control *c, struct varlink_call *call)
{
	list(c, call, "registries",
	     &(struct listing){ .rows = report_registries,
				.n = PART_REGISTRIES });
}

/* Metrics, part by part. */
struct telling {
	struct control *control;
	struct metrics_cursor cursor;
	enum exposition_form form;
	struct buf ahead; /* JSON: the next part, ... */
	bool more;	  /* ... which is not the last one */
};

static bool metrics_next(struct telling *t, struct buf *part)
{
	const struct control_options *o = &t->control->options;
	struct metrics_outside outside;

	o->outside(&outside, o->arg);
	buf_init(part, METRICS_PART_MAX);
	return metrics_part(o->engine, &outside, &t->cursor, METRICS_ROWS,
			    t->form, part);
}

/* Each part is one string of the array. */
static bool metrics_text(struct buf *out, void *arg)
{
	struct json_writer *w = json_writer_new(out, false);
	struct buf part;
	bool more = metrics_next(arg, &part);

	json_put_str(w, buf_str(&part));
	json_finish(w);
	buf_free(&part);
	return more;
}

/* One part ahead: the last one has to have something in it. */
static bool metrics_objects(struct buf *out, void *arg)
{
	struct telling *t = arg;

	while (t->more) {
		buf_add(out, t->ahead.data, t->ahead.len);
		buf_free(&t->ahead);
		t->more = metrics_next(t, &t->ahead);
		if (t->ahead.len && out->len)
			return true;
	}
	buf_add(out, t->ahead.data, t->ahead.len);
	return false;
}

static void metrics_gone(void *arg)
{
	struct telling *t = arg;

	metrics_end(&t->cursor);
	buf_free(&t->ahead);
	free(t);
}

static struct telling *telling_new(struct control *c, enum exposition_form form)
{
	struct telling *t = text_alloc(1, sizeof(*t));

	t->control = c;
	t->form = form;
	t->more = true;
	buf_init(&t->ahead, METRICS_PART_MAX);
	return t;
}

static void metrics(struct control *c, struct varlink_call *call)
{
	static const struct varlink_list list = { NULL, metrics_text,
						  metrics_gone };
	const char *format = json_get_str(varlink_parameters(call), "format");
	enum exposition_form form = EXPOSITION_PROMETHEUS;

	if (format && strcmp(format, "openmetrics") == 0) {
		form = EXPOSITION_OPENMETRICS;
	} else if (format && strcmp(format, "prometheus") != 0) {
		varlink_invalid(call, "format");
		return;
	}
	varlink_list(call, "text", &list, telling_new(c, form));
}

/* ---- io.systemd.Metrics ---- */

static void metrics_list(struct control *c, struct varlink_call *call)
{
	static const struct varlink_list list = { NULL, metrics_objects,
						  metrics_gone };

	varlink_replies(call, &list, telling_new(c, EXPOSITION_JSON));
}

static bool descriptions(struct buf *out, void *arg)
{
	(void)arg;
	metrics_describe(out);
	return false;
}

static void nothing_gone(void *arg)
{
	(void)arg;
}

static void metrics_families(struct control *c, struct varlink_call *call)
{
	static const struct varlink_list list = { NULL, descriptions,
						  nothing_gone };

	varlink_replies(call, &list, c);
}

/* The registry a call names, or NULL after the error was sent.  interface:
 * whose errors to use. */
static struct registry *find(struct control *c, struct varlink_call *call,
			     const char *interface, const char *name)
{
	size_t matches;
	struct registry *r;
	char error[64];
	struct buf out;

	if (!name) {
		varlink_invalid(call, "registry");
		return NULL;
	}
	r = engine_find(c->options.engine, name, &matches);
	if (r)
		return r;
	if (matches == 0) {
		snprintf(error, sizeof(error), "%s.NoSuchRegistry", interface);
		error_with(call, error, "registry", name);
		return NULL;
	}
	snprintf(error, sizeof(error), "%s.AmbiguousRegistry", interface);
	buf_init(&out, 65536);
	varlink_error(call, error,
		      report_matches(c->options.engine, name, &out)
			      ? buf_str(&out)
			      : NULL);
	buf_free(&out);
	return NULL;
}

static void explain(struct control *c, struct varlink_call *call)
{
	const char *name = json_get_str(varlink_parameters(call), "registry");
	struct registry *r = find(c, call, "io.keyrotd.Status", name);
	struct buf out;

	if (!r)
		return;
	buf_init(&out, 65536);
	send_or_fail(call, &out, explain_registry(c->options.engine, r, &out));
}

static void explain_versions(struct control *c, struct varlink_call *call)
{
	const char *key = json_get_str(varlink_parameters(call), "key");
	const struct watch *w;
	struct buf out;

	if (!key) {
		varlink_invalid(call, "key");
		return;
	}
	w = explain_key_find(c->options.engine, key);
	if (!w) {
		error_with(call, "io.keyrotd.Status.NoSuchKey", "key", key);
		return;
	}
	buf_init(&out, EXPLAIN_MAX);
	send_or_fail(call, &out, explain_key(c->options.engine, w, &out));
}

static void monitor(struct control *c, struct varlink_call *call)
{
	control_events_monitor(c->events, call);
}

/* ---- io.keyrotd.Control ---- */

/* Whether this refusal gets a line: one per uid and minute. */
static bool worth_a_line(struct control *c, uid_t uid)
{
	int64_t now = c->now.boot;
	struct refused *slot = &c->refused[0];

	for (size_t i = 0; i < REFUSED_MAX; i++) {
		struct refused *x = &c->refused[i];

		if (x->told > 0 && x->uid == uid) {
			slot = x;
			break;
		}
		if (x->told < slot->told)
			slot = x;
	}
	if (slot->told > 0 && now - slot->told < REFUSED_EVERY) {
		c->untold++;
		return false;
	}
	*slot = (struct refused){ .uid = uid, .told = now };
	return true;
}

static void log_refusal(struct control *c, const char *method,
			const struct varlink_peer *p)
{
	char more[64] = "";

	if (!worth_a_line(c, p->uid))
		return;
	if (c->untold > 0)
		snprintf(more, sizeof(more),
			 " %lu refusals before it were not logged.", c->untold);
	c->untold = 0;
	log_warn("%s was refused to uid %u, pid %d.%s", method,
		 (unsigned)p->uid, (int)p->pid, more);
}

static bool may(struct control *c, struct varlink_call *call)
{
	const struct varlink_peer *p = varlink_peer(call);

	if (varlink_peer_may(call, geteuid(), c->options.admin_group)) {
		log_notice("%s was called by uid %u, pid %d.",
			   varlink_method(call), (unsigned)p->uid, (int)p->pid);
		return true;
	}
	log_refusal(c, varlink_method(call), p);
	error_with(
		call, "io.keyrotd.Control.NotPermitted", "reason",
		"Only uid 0, the daemon's own user and members of the admin group may change anything.");
	return false;
}

struct polling {
	struct json_writer *w;
	int64_t n, woken, waiting;
};

static void polled(const struct polled *p, void *arg)
{
	struct polling *all = arg;

	if (p->wait == POLLED_WOKEN)
		all->woken++;
	else
		all->waiting++;
	if (all->n++ >= POLLED_MAX)
		return;
	json_open(all->w);
	json_add_str(all->w, "kind", polled_kind_str(p->kind));
	json_add_str(all->w, "name", p->name);
	json_add_str(all->w, "wait", polled_wait_str(p->wait));
	json_add_time(all->w, "until", p->until);
	json_close(all->w);
}

static void poll_keys(struct control *c, struct varlink_call *call)
{
	const char *key = json_get_str(varlink_parameters(call), "key");
	struct polling all = { 0 };
	struct buf out;
	size_t n;
	bool ok;

	buf_init(&out, PROBLEMS_MAX);
	all.w = json_writer_new(&out, false);
	json_open(all.w);
	json_key(all.w, "waited");
	json_open_array(all.w);
	n = engine_retry(c->options.engine, key, polled, &all, c->now);
	json_close_array(all.w);
	json_add_int(all.w, "keys", (int64_t)n);
	json_add_int(all.w, "woken", all.woken);
	json_add_int(all.w, "waiting", all.waiting);
	json_close(all.w);
	ok = json_finish(all.w);
	if (!key || n > 0) {
		send_or_fail(call, &out, ok);
	} else {
		error_with(call, "io.keyrotd.Control.NoSuchKey", "key", key);
		buf_free(&out);
	}
}

static void collect(enum config_severity severity, const char *line, void *arg)
{
	struct json_writer *w = arg;

	(void)severity; /* only mistakes come here */
	json_put_str(w, line);
}

static void reload(struct control *c, struct varlink_call *call)
{
	struct buf out;
	struct json_writer *w;

	buf_init(&out, PROBLEMS_MAX);
	w = json_writer_new(&out, false);
	json_open(w);
	json_key(w, "problems");
	json_open_array(w);
	c->options.reload(collect, w, c->options.arg);
	json_close_array(w);
	json_close(w);
	send_or_fail(call, &out, json_finish(w));
}

/* NULL or the name: *r; false after an error was sent. */
static bool named(struct control *c, struct varlink_call *call,
		  struct registry **r)
{
	const char *name = json_get_str(varlink_parameters(call), "registry");

	*r = NULL;
	if (!name)
		return true;
	*r = find(c, call, "io.keyrotd.Control", name);
	return *r != NULL;
}

static void invalid_time(struct varlink_call *call, const char *until,
			 const char *reason)
{
	struct buf out;
	struct json_writer *w;

	buf_init(&out, 4096);
	w = json_writer_new(&out, false);
	json_open(w);
	json_add_str(w, "until", until);
	json_add_str(w, "reason", reason);
	json_close(w);
	varlink_error(call, "io.keyrotd.Control.InvalidTime",
		      json_finish(w) ? buf_str(&out) : NULL);
	buf_free(&out);
}

/* Who calls, as it is kept with a pause: names are looked up by those who read
 * it, for that may take long. */
static void caller(const struct varlink_call *call, char *dst, size_t size)
{
	snprintf(dst, size, "uid %u", (unsigned)varlink_peer(call)->uid);
}

static bool is_reason(const char *s)
{
	return !s || (s[0] && strlen(s) <= ENGINE_WORDS_MAX);
}

static void pause_writes(struct control *c, struct varlink_call *call)
{
	const char *reason = json_get_str(varlink_parameters(call), "reason");
	const char *text = json_get_str(varlink_parameters(call), "until");
	int64_t until = text ? text_parse_rfc3339(text) : -1;
	int64_t now = engine_now(c->options.engine, c->now);
	char warning[1024], by[32];
	struct registry *r;
	size_t n;

	caller(call, by, sizeof(by));
	if (!text)
		varlink_invalid(call, "until");
	else if (until < 0)
		invalid_time(call, text, "It is not an RFC 3339 time.");
	else if (until <= now)
		invalid_time(call, text, "It has passed.");
	else if (until > now + PAUSE_MAX_MS)
		invalid_time(call, text, "It is more than 24 hours ahead.");
	else if (!is_reason(reason))
		varlink_invalid(call, "reason");
	else if (named(c, call, &r)) {
		n = engine_pause_by(c->options.engine, r, until, by, reason,
				    warning, sizeof(warning), c->now);
		reply_count(call, "registries", n, warning);
	}
}

static void resume_writes(struct control *c, struct varlink_call *call)
{
	struct engine *e = c->options.engine;
	struct json_writer *w;
	struct registry *r;
	struct buf out;
	char by[32];

	if (!named(c, call, &r))
		return;
	caller(call, by, sizeof(by));
	buf_init(&out, 8192);
	w = json_writer_new(&out, false);
	json_open(w);
	/* What ends is told before it is forgotten. */
	report_pause(e, w, r);
	json_add_int(
		w, "registries",
		(int64_t)engine_pause_by(e, r, 0, by, NULL, NULL, 0, c->now));
	json_close(w);
	send_or_fail(call, &out, json_finish(w));
}

/* ---- a move by hand ---- */

static struct rotate rotate_of(struct varlink_call *call)
{
	const struct json *p = varlink_parameters(call);

	return (struct rotate){ .version = json_get_str(p, "version"),
				.key = json_get_str(p, "key"),
				.identity = json_get_str(p, "identity") };
}

static void cannot_rotate(struct varlink_call *call, const char *interface,
			  const struct fault *f)
{
	char error[64];

	snprintf(error, sizeof(error), "%s.CannotRotate", interface);
	error_with(call, error, "reason", f->text);
}

static void plan_rotate(struct control *c, struct varlink_call *call)
{
	const char *name = json_get_str(varlink_parameters(call), "registry");
	struct registry *r = find(c, call, "io.keyrotd.Status", name);
	struct rotate w = rotate_of(call);
	struct fault f = fault_none();
	struct buf request, out;
	struct json_writer *j;
	struct call question;
	char text[1024];

	if (!r)
		return;
	if (!rotate_plan(c->options.engine, r, &w, &question, text,
			 sizeof(text), &f)) {
		cannot_rotate(call, "io.keyrotd.Status", &f);
		return;
	}
	buf_init(&request, REQUEST_MAX);
	call_show(&engine_config(c->options.engine)->cloud, &question,
		  c->now.wall, &request);
	buf_init(&out, 2 * REQUEST_MAX);
	j = json_writer_new(&out, false);
	json_open(j);
	json_add_str(j, "registry", question.registry);
	json_add_str(j, "version", rotate_version(r));
	json_add_str(j, "request", buf_str(&request));
	json_add_str(j, "verified", text);
	json_close(j);
	buf_free(&request);
	send_or_fail(call, &out, json_finish(j));
}

static void begin_rotate(struct control *c, struct varlink_call *call)
{
	const struct json *p = varlink_parameters(call);
	const struct varlink_peer *peer = varlink_peer(call);
	const char *reason = json_get_str(p, "reason");
	const char *name = json_get_str(p, "registry");
	struct registry *r = find(c, call, "io.keyrotd.Control", name);
	struct rotate w = rotate_of(call);
	struct fault f = fault_none();
	char by[512];

	if (!r)
		return;
	snprintf(by, sizeof(by), "uid %u, pid %d%s%.400s", (unsigned)peer->uid,
		 (int)peer->pid, reason ? ": " : "", reason ? reason : "");
	text_line(by);
	w.by = by;
	if (rotate_begin(c->options.engine, r, &w, c->now, &f))
		reply_count(call, "registries", 1, NULL);
	else
		cannot_rotate(call, "io.keyrotd.Control", &f);
}

static void examine(struct control *c, struct varlink_call *call)
{
	control_doctor_begin(c->doctor, call, c->now);
}

static void discover(struct control *c, struct varlink_call *call)
{
	control_discover_begin(c->discover, call, c->now);
}

/* ---- dispatch: a method is a row ---- */

static const struct method {
	const char *name;
	bool changes;
	void (*handle)(struct control *c, struct varlink_call *call);
	const char *parameters[PARAMETERS_MAX]; /* strings, but "#name" */
} methods[] = {
	{ "io.keyrotd.Status.Summary", false, summary, { 0 } },
	{ "io.keyrotd.Status.ListKeys", false, list_keys, { 0 } },
	{ "io.keyrotd.Status.ListRegistries", false, list_registries, { 0 } },
	{ "io.keyrotd.Status.Explain", false, explain, { "registry" } },
	{ "io.keyrotd.Status.ExplainKey", false, explain_versions, { "key" } },
	{ "io.keyrotd.Status.PlanRotate",
	  false,
	  plan_rotate,
	  { "registry", "version", "key", "identity" } },
	{ "io.keyrotd.Status.Monitor", false, monitor, { "#after", "since" } },
	{ "io.keyrotd.Status.Metrics", false, metrics, { "format" } },
	{ "io.systemd.Metrics.List", false, metrics_list, { 0 } },
	{ "io.systemd.Metrics.Describe", false, metrics_families, { 0 } },
	{ "io.keyrotd.Control.Poll", true, poll_keys, { "key" } },
	{ "io.keyrotd.Control.Examine", true, examine, { 0 } },
	{ "io.keyrotd.Control.Discover",
	  true,
	  discover,
	  { "subscription", "credential" } },
	{ "io.keyrotd.Control.Reload", true, reload, { 0 } },
	{ "io.keyrotd.Control.Pause",
	  true,
	  pause_writes,
	  { "registry", "until", "reason" } },
	{ "io.keyrotd.Control.Resume", true, resume_writes, { "registry" } },
	{ "io.keyrotd.Control.Rotate",
	  true,
	  begin_rotate,
	  { "registry", "version", "key", "identity", "reason" } },
};

/* The type of one of its parameters; JSON_NULL: it has none of that name. */
static enum json_type type_of(const struct method *m, const char *name)
{
	for (size_t i = 0; i < PARAMETERS_MAX && m->parameters[i]; i++) {
		const char *p = m->parameters[i];

		if (strcmp(p + (*p == '#'), name) == 0)
			return *p == '#' ? JSON_NUMBER : JSON_STRING;
	}
	return JSON_NULL;
}

/*
 * "All" is what an absent parameter means, so one that is mistyped or of
 * another type must not be taken for absent where something is changed.
 */
static bool parameters_fit(const struct method *m, struct varlink_call *call)
{
	const struct json *p = json_first(varlink_parameters(call));

	for (; p; p = json_next(p)) {
		enum json_type wanted = type_of(m, json_name(p));
		bool fits = json_type(p) == wanted || json_type(p) == JSON_NULL;

		if (wanted != JSON_NULL ? fits : !m->changes)
			continue;
		varlink_invalid(call, json_name(p));
		return false;
	}
	return true;
}

static void record(struct control *c, struct varlink_call *call)
{
	const struct varlink_peer *p = varlink_peer(call);

	evidence_manual(c->options.evidence, varlink_method(call), p->uid,
			p->pid, varlink_parameters(call));
}

void control_handle(struct varlink_call *call, void *arg)
{
	struct control *c = arg;
	const char *name = varlink_method(call);

	/* One reading of the clock for all of the answer: what is due by then
	 * has been looked at, and whatever has an age has it then. */
	c->now = instant_now();
	engine_tick(c->options.engine, c->now);
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		if (strcmp(methods[i].name, name) != 0)
			continue;
		if ((!methods[i].changes || may(c, call)) &&
		    parameters_fit(&methods[i], call)) {
			if (methods[i].changes)
				record(c, call);
			methods[i].handle(c, call);
		}
		c->options.pump(c->options.arg);
		return;
	}
	c->options.pump(c->options.arg);
	error_with(call, "org.varlink.service.MethodNotFound", "method", name);
}

void control_turn(struct control *c)
{
	control_doctor_turn(c->doctor);
	control_discover_turn(c->discover);
	control_events_turn(c->events);
}

/* ---- events ---- */

void control_note(struct control *c, const struct note *n, uint64_t number)
{
	control_events_note(c->events, n, number);
}

void control_kept(struct control *c, uint64_t number, uint64_t seq)
{
	control_events_kept(c->events, number, seq);
}

struct control *control_new(const struct control_options *o)
{
	struct control *c = text_alloc(1, sizeof(*c));

	c->options = *o;
	c->doctor = control_doctor_new(o->engine);
	c->discover = control_discover_new(o->engine);
	c->events = control_events_new(o->engine, o->evidence, o->folder);
	return c;
}

void control_admin_group(struct control *c, gid_t group)
{
	c->options.admin_group = group;
}

void control_free(struct control *c)
{
	if (!c)
		return;
	control_events_free(c->events);
	control_doctor_free(c->doctor);
	control_discover_free(c->discover);
	free(c);
}
