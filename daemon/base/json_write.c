/*
 * Writes JSON through yajl.  Whether a value may come next is checked here,
 * for yajl_gen does not, so half a document is never taken for one.
 */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>

#include "base/json_tree.h"
#include "base/text.h"

static yajl_alloc_funcs hooks = { json_hook_alloc, json_hook_realloc,
				  json_hook_free, NULL };

#define WRITE_DEPTH_MAX 64 /* yajl_gen's own end is at 127 */

struct json_writer {
	yajl_gen gen;
	struct buf *out;
	size_t depth;
	enum json_type open[WRITE_DEPTH_MAX + 1]; /* [0]: the top, not used */
	bool named;   /* json_key was called, the value is missing */
	bool written; /* one whole value stands at the top */
	bool failed;
};

static void print(void *ctx, const char *s, size_t len)
{
	struct json_writer *w = ctx;

	if (!buf_add(w->out, s, len))
		w->failed = true;
}

struct json_writer *json_writer_new(struct buf *out, bool pretty)
{
	struct json_writer *w = text_alloc(1, sizeof(*w));

	w->out = out;
	w->gen = yajl_gen_alloc(&hooks);
	yajl_gen_config(w->gen, yajl_gen_print_callback, print, w);
	yajl_gen_config(w->gen, yajl_gen_validate_utf8, 1);
	if (pretty) {
		yajl_gen_config(w->gen, yajl_gen_beautify, 1);
		yajl_gen_config(w->gen, yajl_gen_indent_string, "  ");
	}
	return w;
}

bool json_finish(struct json_writer *w)
{
	bool ok = !w->failed && w->written;

	yajl_gen_free(w->gen);
	free(w);
	return ok;
}

static void check(struct json_writer *w, yajl_gen_status st)
{
	if (st != yajl_gen_status_ok)
		w->failed = true;
}

/*
 * yajl_gen takes any string for a name and closes whatever is asked, so what
 * may come next is decided here.
 */
static bool begin_value(struct json_writer *w)
{
	bool member = w->depth && w->open[w->depth] == JSON_OBJECT;

	if (w->written || w->named != member)
		w->failed = true;
	w->named = false;
	return !w->failed;
}

static void end_value(struct json_writer *w, yajl_gen_status st)
{
	check(w, st);
	if (!w->depth)
		w->written = true;
}

static bool begin_open(struct json_writer *w, enum json_type type)
{
	if (w->depth == WRITE_DEPTH_MAX)
		w->failed = true;
	if (!begin_value(w))
		return false;
	w->open[++w->depth] = type;
	return true;
}

static bool begin_close(struct json_writer *w, enum json_type type)
{
	if (!w->depth || w->open[w->depth] != type || w->named)
		w->failed = true;
	if (w->failed)
		return false;
	w->depth--;
	return true;
}

void json_open(struct json_writer *w)
{
	if (begin_open(w, JSON_OBJECT))
		check(w, yajl_gen_map_open(w->gen));
}

void json_close(struct json_writer *w)
{
	if (begin_close(w, JSON_OBJECT))
		end_value(w, yajl_gen_map_close(w->gen));
}

void json_open_array(struct json_writer *w)
{
	if (begin_open(w, JSON_ARRAY))
		check(w, yajl_gen_array_open(w->gen));
}

void json_close_array(struct json_writer *w)
{
	if (begin_close(w, JSON_ARRAY))
		end_value(w, yajl_gen_array_close(w->gen));
}

static yajl_gen_status string(struct json_writer *w, const char *s)
{
	return yajl_gen_string(w->gen, (const unsigned char *)s, strlen(s));
}

void json_key(struct json_writer *w, const char *name)
{
	if (!w->depth || w->open[w->depth] != JSON_OBJECT || w->named)
		w->failed = true;
	if (w->failed)
		return;
	w->named = true;
	check(w, string(w, name));
}

void json_put_null(struct json_writer *w)
{
	if (begin_value(w))
		end_value(w, yajl_gen_null(w->gen));
}

void json_put_str(struct json_writer *w, const char *s)
{
	if (!s)
		json_put_null(w);
	else if (begin_value(w))
		end_value(w, string(w, s));
}

void json_put_int(struct json_writer *w, int64_t v)
{
	if (begin_value(w))
		end_value(w, yajl_gen_integer(w->gen, v));
}

void json_put_bool(struct json_writer *w, bool v)
{
	if (begin_value(w))
		end_value(w, yajl_gen_bool(w->gen, v));
}

/* As it was read: no digit gets lost on the way. */
static void put_number(struct json_writer *w, const char *text)
{
	if (begin_value(w))
		end_value(w, yajl_gen_number(w->gen, text, strlen(text)));
}

void json_add_str(struct json_writer *w, const char *name, const char *s)
{
	json_key(w, name);
	json_put_str(w, s);
}

void json_add_int(struct json_writer *w, const char *name, int64_t v)
{
	json_key(w, name);
	json_put_int(w, v);
}

void json_add_bool(struct json_writer *w, const char *name, bool v)
{
	json_key(w, name);
	json_put_bool(w, v);
}

void json_add_null(struct json_writer *w, const char *name)
{
	json_key(w, name);
	json_put_null(w);
}

void json_add_time(struct json_writer *w, const char *name, int64_t ms)
{
	char text[32];

	text_time(text, sizeof(text), ms);
	json_add_str(w, name, text[0] ? text : NULL);
}

static void copy_children(struct json_writer *w, const struct json *n)
{
	for (const struct json *c = n->first; c; c = c->next) {
		if (c->name)
			json_key(w, c->name);
		json_copy(w, c);
	}
}

/* yajl writes a number as it was given, and judges no byte of it. */
void json_put_source(struct json_writer *w, const char *text, size_t len)
{
	if (begin_value(w))
		end_value(w, yajl_gen_number(w->gen, text, len));
}

/* Recursion ends at JSON_DEPTH_MAX: no deeper tree can be read. */
void json_copy(struct json_writer *w, const struct json *n)
{
	switch (json_type(n)) {
	case JSON_NULL:
		json_put_null(w);
		break;
	case JSON_BOOL:
		json_put_bool(w, n->boolean);
		break;
	case JSON_NUMBER:
		put_number(w, n->text);
		break;
	case JSON_STRING:
		json_put_str(w, n->text);
		break;
	case JSON_ARRAY:
		json_open_array(w);
		copy_children(w, n);
		json_close_array(w);
		break;
	case JSON_OBJECT:
		json_open(w);
		copy_children(w, n);
		json_close(w);
		break;
	}
}
