/*
 * The table of what people can ask of a running daemon, and of the few things
 * they can change: one method a row, each with the part that answers it.
 */
#include "control.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "control_access.h"
#include "control_discover.h"
#include "control_doctor.h"
#include "control_events.h"
#include "control_metrics.h"
#include "control_pause.h"
#include "control_poll.h"
#include "control_reply.h"
#include "control_rotate.h"
#include "control_status.h"
#include "evidence.h"
#include "instant.h"

#define PROBLEMS_MAX (256u << 10)
#define PARAMETERS_MAX 5

extern const char varlink_text_status[];
extern const char varlink_text_control[];
extern const char varlink_text_metrics[];

struct control {
	struct control_options options;
	struct instant now; /* of the answer that is being made */
	struct control_access *access;
	struct control_doctor *doctor;
	struct control_discover *discover;
	struct control_events *events;
};

const char *const *control_descriptions(void)
{
	static const char *const texts[] = { varlink_text_status,
					     varlink_text_control,
					     varlink_text_metrics, NULL };

	return texts;
}

/* ---- the methods, each with what it is given ---- */

static void summary(struct control *c, struct varlink_call *call)
{
	if (c->options.look)
		c->options.look(c->options.arg);
	evidence_tell(c->options.evidence);
	control_status_summary(c->options.engine, c->options.version, call);
}

static void list_keys(struct control *c, struct varlink_call *call)
{
	control_status_keys(c->options.engine, call);
}

static void list_registries(struct control *c, struct varlink_call *call)
{
	control_status_registries(c->options.engine, call);
}

static void explain(struct control *c, struct varlink_call *call)
{
	control_status_explain(c->options.engine, call);
}

static void explain_versions(struct control *c, struct varlink_call *call)
{
	control_status_versions(c->options.engine, call);
}

static void plan_rotate(struct control *c, struct varlink_call *call)
{
	control_rotate_plan(c->options.engine, call, c->now);
}

static void monitor(struct control *c, struct varlink_call *call)
{
	control_events_monitor(c->events, call);
}

static struct control_metrics metrics_of(const struct control *c)
{
	return (struct control_metrics){ .engine = c->options.engine,
					 .outside = c->options.outside,
					 .arg = c->options.arg };
}

static void metrics(struct control *c, struct varlink_call *call)
{
	const struct control_metrics from = metrics_of(c);

	control_metrics_text(&from, call);
}

static void metrics_list(struct control *c, struct varlink_call *call)
{
	const struct control_metrics from = metrics_of(c);

	control_metrics_list(&from, call);
}

static void metrics_families(struct control *c, struct varlink_call *call)
{
	(void)c;
	control_metrics_describe(call);
}

static void poll_keys(struct control *c, struct varlink_call *call)
{
	control_poll_keys(c->options.engine, call, c->now);
}

static void examine(struct control *c, struct varlink_call *call)
{
	control_doctor_begin(c->doctor, call, c->now);
}

static void discover(struct control *c, struct varlink_call *call)
{
	control_discover_begin(c->discover, call, c->now);
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
	control_reply_send(call, &out, json_finish(w));
}

static void pause_writes(struct control *c, struct varlink_call *call)
{
	control_pause_begin(c->options.engine, call, c->now);
}

static void resume_writes(struct control *c, struct varlink_call *call)
{
	control_pause_end(c->options.engine, call, c->now);
}

static void begin_rotate(struct control *c, struct varlink_call *call)
{
	control_rotate_begin(c->options.engine, call, c->now);
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
	  { "subscription", "credential", "rule" } },
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
		if ((!methods[i].changes ||
		     control_access_may(c->access, call, c->now)) &&
		    parameters_fit(&methods[i], call)) {
			if (methods[i].changes)
				record(c, call);
			methods[i].handle(c, call);
		}
		c->options.pump(c->options.arg);
		return;
	}
	c->options.pump(c->options.arg);
	control_reply_error(call, "org.varlink.service.MethodNotFound",
			    "method", name);
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
	c->access = control_access_new(o->admin_group);
	c->doctor = control_doctor_new(o->engine);
	c->discover = control_discover_new(o->engine);
	c->events = control_events_new(o->engine, o->evidence, o->folder);
	return c;
}

void control_admin_group(struct control *c, gid_t group)
{
	control_access_group(c->access, group);
}

void control_free(struct control *c)
{
	if (!c)
		return;
	control_events_free(c->events);
	control_doctor_free(c->doctor);
	control_discover_free(c->discover);
	control_access_free(c->access);
	free(c);
}
