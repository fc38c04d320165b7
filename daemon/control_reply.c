/* Answers that are made in one way whatever the method is. */
#include "control_reply.h"

#include "base/json.h"

void control_reply_send(struct varlink_call *call, struct buf *out, bool ok)
{
	if (ok)
		varlink_reply(call, buf_str(out));
	else
		varlink_error(call, "io.keyrotd.Status.TooLarge", NULL);
	buf_free(out);
}

void control_reply_error(struct varlink_call *call, const char *error,
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

void control_reply_count(struct varlink_call *call, const char *name, size_t n,
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
	control_reply_send(call, &out, json_finish(w));
}
