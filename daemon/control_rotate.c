/* A move by hand: what it would send, or that it is sent. */
#include "control_rotate.h"

#include <stdio.h>

#include "azure/call.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "control_find.h"
#include "control_reply.h"
#include "engine/rotate.h"

#define REQUEST_MAX (64u << 10)

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
	control_reply_error(call, error, "reason", f->text);
}

void control_rotate_plan(struct engine *e, struct varlink_call *call,
			 struct instant now)
{
	const char *name = json_get_str(varlink_parameters(call), "registry");
	struct registry *r =
		control_find_registry(e, call, "io.keyrotd.Status", name);
	struct rotate w = rotate_of(call);
	struct fault f = fault_none();
	struct buf request, out;
	struct json_writer *j;
	struct call question;
	char text[1024];

	if (!r)
		return;
	if (!rotate_plan(e, r, &w, &question, text, sizeof(text), &f)) {
		cannot_rotate(call, "io.keyrotd.Status", &f);
		return;
	}
	buf_init(&request, REQUEST_MAX);
	call_show(&engine_config(e)->cloud, &question, now.wall, &request);
	buf_init(&out, 2 * REQUEST_MAX);
	j = json_writer_new(&out, false);
	json_open(j);
	json_add_str(j, "registry", question.registry);
	json_add_str(j, "version", rotate_version(r));
	json_add_str(j, "request", buf_str(&request));
	json_add_str(j, "verified", text);
	json_close(j);
	buf_free(&request);
	control_reply_send(call, &out, json_finish(j));
}

void control_rotate_begin(struct engine *e, struct varlink_call *call,
			  struct instant now)
{
	const struct json *p = varlink_parameters(call);
	const struct varlink_peer *peer = varlink_peer(call);
	const char *reason = json_get_str(p, "reason");
	const char *name = json_get_str(p, "registry");
	struct registry *r =
		control_find_registry(e, call, "io.keyrotd.Control", name);
	struct rotate w = rotate_of(call);
	struct fault f = fault_none();
	char by[512];

	if (!r)
		return;
	snprintf(by, sizeof(by), "uid %u, pid %d%s%.400s", (unsigned)peer->uid,
		 (int)peer->pid, reason ? ": " : "", reason ? reason : "");
	text_line(by);
	w.by = by;
	if (rotate_begin(e, r, &w, now, &f))
		control_reply_count(call, "registries", 1, NULL);
	else
		cannot_rotate(call, "io.keyrotd.Control", &f);
}
