/* Brings what a search finds to the one caller who wants it. */
#include "control_discover.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

#define PART_MAX ((size_t)8 << 20) /* bytes of one reply */
#define PART_ROWS 250		   /* and registries */

struct control_discover {
	struct engine *engine;
	struct varlink_call *call; /* NULL: nobody asks */
	size_t told;		   /* subscriptions done, as was said last */
};

static void gone(void *arg)
{
	struct control_discover *d = arg;

	d->call = NULL;
	engine_search_end(d->engine);
}

static void add_text(struct json_writer *w, const char *name, const char *text)
{
	json_add_str(w, name, text && *text ? text : NULL);
}

/* Its identifier is told as it is written at the registry: with a version it
 * is pinned. */
static void add_registry(const struct discovered *x, struct json_writer *w)
{
	const struct registry_view *v = x->view;
	char key[KEYID_TEXT_MAX] = "";

	if (v->key_valid)
		keyid_print(&v->key, key, sizeof(key));
	json_open(w);
	json_add_str(w, "registry", x->registry);
	add_text(w, "key", key);
	add_text(w, "version_in_use",
		 v->version_known ? v->version_in_use : NULL);
	json_add_bool(w, "auto_rotation", v->auto_rotation);
	add_text(w, "identity", v->identity);
	add_text(w, "watch", x->watch);
	json_add_bool(w, "key_watched", x->key_watched);
	add_text(w, "obstacle", x->obstacle);
	add_text(w, "rule", x->ruled ? x->rule : NULL);
	add_text(w, "reason", x->reason);
	add_text(w, "mode", x->ruled ? config_mode_str(x->mode) : NULL);
	json_add_bool(w, "mode_of_watch", x->ruled && x->by_block);
	json_add_str(w, "credential", x->in->credential);
	json_close(w);
}

static void add_subscription(const struct discovered_in *in,
			     struct json_writer *w)
{
	json_open(w);
	json_add_str(w, "subscription", in->subscription);
	add_text(w, "group", in->group);
	json_add_str(w, "credential", in->credential);
	json_add_int(w, "listed", (int64_t)in->listed);
	json_add_int(w, "encrypted", (int64_t)in->encrypted);
	json_add_int(w, "hidden", (int64_t)in->hidden);
	json_add_int(w, "unlisted", (int64_t)in->unlisted);
	add_text(w, "error",
		 in->fault.kind == FAULT_NONE ? NULL : in->fault.text);
	json_close(w);
}

/* One reply: some registries, and at most the end of one subscription, which
 * comes after those in it.  False when it cannot be made. */
static bool make(struct control_discover *d, struct buf *out, size_t *rows,
		 bool *over)
{
	struct json_writer *w = json_writer_new(out, false);
	struct discovered x = { .in = NULL };
	size_t done, all;

	*rows = 0;
	json_open(w);
	json_key(w, "found");
	json_open_array(w);
	while (*rows < PART_ROWS && engine_discovered(d->engine, &x)) {
		++*rows;
		if (!x.registry)
			break;
		add_registry(&x, w);
	}
	json_close_array(w);
	json_key(w, "searched");
	json_open_array(w);
	if (x.in && !x.registry)
		add_subscription(x.in, w);
	json_close_array(w);
	*over = engine_searched(d->engine, &done, &all);
	json_add_int(w, "done", (int64_t)done);
	json_add_int(w, "all", (int64_t)all);
	json_close(w);
	*rows += done != d->told;
	d->told = done;
	return json_finish(w);
}

static void end(struct control_discover *d, const char *last)
{
	struct varlink_call *call = d->call;

	engine_search_end(d->engine);
	d->call = NULL;
	if (last)
		varlink_reply(call, last);
	else
		varlink_error(call, "io.keyrotd.Status.TooLarge", NULL);
}

void control_discover_turn(struct control_discover *d)
{
	bool over = false, ok = true;
	size_t rows = 1;
	struct buf out;

	buf_init(&out, PART_MAX);
	while (d->call && ok && rows && !over) {
		buf_reset(&out);
		ok = make(d, &out, &rows, &over);
		if (ok && !over && rows)
			varlink_continue(d->call, buf_str(&out));
	}
	if (d->call && (over || !ok))
		end(d, ok ? buf_str(&out) : NULL);
	buf_free(&out);
}

static void refuse(struct varlink_call *call, const struct fault *f,
		   const char *rule, const char *credential)
{
	struct buf out;
	struct json_writer *w;

	if (f->kind == FAULT_INVALID) {
		varlink_invalid(call, "subscription");
		return;
	}
	buf_init(&out, 4096);
	w = json_writer_new(&out, false);
	json_open(w);
	if (f->kind == FAULT_CONFLICT)
		json_add_str(w, "reason", f->text);
	else if (rule)
		json_add_str(w, "rule", rule);
	else
		json_add_str(w, "credential",
			     credential ? credential : "default");
	json_close(w);
	varlink_error(call,
		      f->kind == FAULT_CONFLICT ? "io.keyrotd.Control.Busy"
		      : rule ? "io.keyrotd.Control.NoSuchRule"
			     : "io.keyrotd.Control.NoSuchCredential",
		      json_finish(w) ? buf_str(&out) : NULL);
	buf_free(&out);
}

void control_discover_begin(struct control_discover *d,
			    struct varlink_call *call, struct instant now)
{
	const struct json *p = varlink_parameters(call);
	const char *credential = json_get_str(p, "credential");
	const char *rule = json_get_str(p, "rule");
	struct fault f = fault_none();

	if (!varlink_wants_more(call)) {
		varlink_error(call, "io.keyrotd.Control.MoreRequired", NULL);
		return;
	}
	if (rule && (credential || json_get_str(p, "subscription"))) {
		varlink_invalid(call, "rule");
		return;
	}
	if (rule ? !engine_try_rule(d->engine, rule, now, &f)
		 : !engine_discover(d->engine, json_get_str(p, "subscription"),
				    credential, now, &f)) {
		refuse(call, &f, rule, credential);
		return;
	}
	d->call = call;
	d->told = SIZE_MAX; /* the first turn says how much there is to do */
	varlink_stream(call, gone, d);
}

struct control_discover *control_discover_new(struct engine *e)
{
	struct control_discover *d = text_alloc(1, sizeof(*d));

	d->engine = e;
	return d;
}

void control_discover_free(struct control_discover *d)
{
	free(d);
}
