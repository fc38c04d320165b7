/* What is asked at once, and what waited until now, by name. */
#include "control_poll.h"

#include "base/buf.h"
#include "base/json.h"
#include "control_reply.h"

#define POLLED_MAX 100 /* of what waited, by name */
#define REPLY_MAX (256u << 10)

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

void control_poll_keys(struct engine *e, struct varlink_call *call,
		       struct instant now)
{
	const char *key = json_get_str(varlink_parameters(call), "key");
	struct polling all = { 0 };
	struct buf out;
	size_t n;
	bool ok;

	buf_init(&out, REPLY_MAX);
	all.w = json_writer_new(&out, false);
	json_open(all.w);
	json_key(all.w, "waited");
	json_open_array(all.w);
	n = engine_retry(e, key, polled, &all, now);
	json_close_array(all.w);
	json_add_int(all.w, "keys", (int64_t)n);
	json_add_int(all.w, "woken", all.woken);
	json_add_int(all.w, "waiting", all.waiting);
	json_close(all.w);
	ok = json_finish(all.w);
	if (!key || n > 0) {
		control_reply_send(call, &out, ok);
	} else {
		control_reply_error(call, "io.keyrotd.Control.NoSuchKey", "key",
				    key);
		buf_free(&out);
	}
}
