/* A pause has an end, within a day, and who has asked for it. */
#include "control_pause.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "control_find.h"
#include "control_reply.h"
#include "engine/report.h"

#define PAUSE_MAX_MS ((int64_t)86400 * 1000)

/* NULL or the name: *r; false after an error was sent. */
static bool named(struct engine *e, struct varlink_call *call,
		  struct registry **r)
{
	const char *name = json_get_str(varlink_parameters(call), "registry");

	*r = NULL;
	if (!name)
		return true;
	*r = control_find_registry(e, call, "io.keyrotd.Control", name);
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

void control_pause_begin(struct engine *e, struct varlink_call *call,
			 struct instant at)
{
	const char *reason = json_get_str(varlink_parameters(call), "reason");
	const char *text = json_get_str(varlink_parameters(call), "until");
	int64_t until = text ? text_parse_rfc3339(text) : -1;
	int64_t now = engine_now(e, at);
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
	else if (named(e, call, &r)) {
		n = engine_pause_by(e, r, until, by, reason, warning,
				    sizeof(warning), at);
		control_reply_count(call, "registries", n, warning);
	}
}

void control_pause_end(struct engine *e, struct varlink_call *call,
		       struct instant at)
{
	struct json_writer *w;
	struct registry *r;
	struct buf out;
	char by[32];

	if (!named(e, call, &r))
		return;
	caller(call, by, sizeof(by));
	buf_init(&out, 8192);
	w = json_writer_new(&out, false);
	json_open(w);
	/* What ends is told before it is forgotten. */
	report_pause(e, w, r);
	json_add_int(w, "registries",
		     (int64_t)engine_pause_by(e, r, 0, by, NULL, NULL, 0, at));
	report_still_paused(e, w, r);
	json_close(w);
	control_reply_send(call, &out, json_finish(w));
}
