/* How all stands, and why: reads of the engine that change nothing. */
#include "control_status.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "control_find.h"
#include "control_reply.h"
#include "engine/explain.h"
#include "engine/explain_key.h"
#include "engine/report.h"
#include "io/process.h"

/* Rows of one part of a list: a few ms of work. */
#define PART_KEYS 100
#define PART_REGISTRIES 250
#define LARGE_PARTS 20	       /* a list of so many was large */
#define EXPLAIN_MAX (1u << 20) /* bytes of all versions of a key */

void control_status_summary(const struct engine *e, const char *version,
			    struct varlink_call *call)
{
	struct buf out;

	buf_init(&out, 65536);
	control_reply_send(call, &out, report_summary(e, version, &out));
}

/* A list that goes out part by part, as its client takes it. */
struct listing {
	const struct engine *engine;
	bool (*rows)(const struct engine *e, char **last, size_t n,
		     struct buf *out);
	size_t n;   /* rows of a part */
	char *last; /* row that went out */
	size_t parts;
};

static bool list_head(struct buf *out, void *arg)
{
	const struct listing *l = arg;

	return report_now(l->engine, out);
}

static bool list_part(struct buf *out, void *arg)
{
	struct listing *l = arg;

	l->parts++;
	return l->rows(l->engine, &l->last, l->n, out);
}

static void list_gone(void *arg)
{
	struct listing *l = arg;
	bool large = l->parts > LARGE_PARTS;

	free(l->last);
	free(l);
	if (large)
		process_give_back();
}

static void list(const struct engine *e, struct varlink_call *call,
		 const char *name, const struct listing *how)
{
	static const struct varlink_list list = { list_head, list_part,
						  list_gone };
	struct listing *l = text_alloc(1, sizeof(*l));

	*l = *how;
	l->engine = e;
	varlink_list(call, name, &list, l);
}

void control_status_keys(const struct engine *e, struct varlink_call *call)
{
	list(e, call, "keys",
	     &(struct listing){ .rows = report_keys, .n = PART_KEYS });
}

void control_status_registries(const struct engine *e,
			       struct varlink_call *call)
{
	list(e, call, "registries",
	     &(struct listing){ .rows = report_registries,
				.n = PART_REGISTRIES });
}

void control_status_explain(struct engine *e, struct varlink_call *call)
{
	const char *name = json_get_str(varlink_parameters(call), "registry");
	struct registry *r =
		control_find_registry(e, call, "io.keyrotd.Status", name);
	struct buf out;

	if (!r)
		return;
	buf_init(&out, 65536);
	control_reply_send(call, &out, explain_registry(e, r, &out));
}

void control_status_versions(const struct engine *e, struct varlink_call *call)
{
	const char *key = json_get_str(varlink_parameters(call), "key");
	const struct watch *w;
	struct buf out;

	if (!key) {
		varlink_invalid(call, "key");
		return;
	}
	w = explain_key_find(e, key);
	if (!w) {
		control_reply_error(call, "io.keyrotd.Status.NoSuchKey", "key",
				    key);
		return;
	}
	buf_init(&out, EXPLAIN_MAX);
	control_reply_send(call, &out, explain_key(e, w, &out));
}
