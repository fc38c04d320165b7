/*
 * Reads JSON that somebody else wrote: yajl finds the values, and what yajl
 * lets pass but nobody should (twins, NUL, depth, size) is refused.
 */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/json_tree.h"
#include "base/text.h"

static yajl_alloc_funcs hooks = { json_hook_alloc, json_hook_realloc,
				  json_hook_free, NULL };

struct reader {
	struct json_tree *tree;
	struct json *open[JSON_DEPTH_MAX]; /* containers, outermost first */
	bool open_to_all[JSON_DEPTH_MAX];  /* their members' names are free */
	size_t depth;
	size_t passing; /* containers that are passed over, inside of these */
	bool pass;	/* so is the next value */
	bool all;	/* it is kept with all that is in it */
	bool any;	/* value so far */
	yajl_handle y;
	const char *text; /* whose objects in arrays are lent; NULL: of none */
	size_t whole_at;  /* bytes of the document, once it is whole; 0 */
	size_t max_bytes;
	const struct json_names *names; /* of what is kept; NULL: all */
	const char *name;		/* of the member that comes next */
	size_t name_len;
	const char *problem; /* why we stopped, NULL when yajl did */
};

static int stop(struct reader *r, const char *problem)
{
	r->problem = problem;
	return 0;
}

static bool has_room(struct reader *r, size_t size)
{
	size_t taken = r->tree->arena.taken;

	return (taken <= r->max_bytes && r->max_bytes - taken >= size) ||
	       stop(r, "it holds more than is taken in");
}

/* The value that comes is nobody's business. */
static bool passes(struct reader *r)
{
	bool pass = r->pass || r->passing;

	r->pass = false;
	return pass;
}

static void may_be_whole(struct reader *r)
{
	if (!r->depth)
		r->whole_at = yajl_get_bytes_consumed(r->y);
}

static struct json *add(struct reader *r, enum json_type type)
{
	struct json *parent = r->depth ? r->open[r->depth - 1] : NULL;
	struct json *n = &r->tree->root;

	if (!has_room(r, sizeof(*n)))
		return NULL;
	r->any = true;
	if (parent)
		n = json_tree_child(r->tree, parent, type);
	n->type = type;
	n->name = r->name;
	n->name_len = (uint32_t)r->name_len;
	r->name = NULL;
	r->name_len = 0;
	if (type != JSON_OBJECT && type != JSON_ARRAY)
		may_be_whole(r);
	return n;
}

/* A copy of a decoded string.  yajl checked the raw bytes; what an escape
 * decoded to is checked here. */
static const char *copy_string(struct reader *r, const unsigned char *s,
			       size_t len)
{
	const char *c = (const char *)s;

	if (!has_room(r, len + sizeof(max_align_t)))
		return NULL;
	if (memchr(c, 0, len)) {
		stop(r, "a string holds a NUL character");
		return NULL;
	}
	if (!text_is_utf8(c, len)) {
		stop(r, "a string is not UTF-8");
		return NULL;
	}
	return json_arena_dup(&r->tree->arena, c, len);
}

static int on_null(void *ctx)
{
	return passes(ctx) || add(ctx, JSON_NULL) != NULL;
}

static int on_boolean(void *ctx, int value)
{
	struct json *n;

	if (passes(ctx))
		return 1;
	n = add(ctx, JSON_BOOL);
	if (n)
		n->boolean = value;
	return n != NULL;
}

static int on_number(void *ctx, const char *s, size_t len)
{
	struct reader *r = ctx;
	struct json *n;

	if (passes(r))
		return 1;
	n = add(r, JSON_NUMBER);
	if (n)
		n->text = copy_string(r, (const unsigned char *)s, len);
	return n && n->text;
}

static int on_string(void *ctx, const unsigned char *s, size_t len)
{
	struct reader *r = ctx;
	struct json *n;

	if (passes(r))
		return 1;
	n = add(r, JSON_STRING);
	if (n)
		n->text = copy_string(r, s, len);
	return n && n->text;
}

/* Its first byte was consumed just now, and in the end its last. */
static void lend(struct reader *r, struct json *n)
{
	if (r->text && r->depth && r->open[r->depth - 1]->type == JSON_ARRAY)
		n->text = r->text + yajl_get_bytes_consumed(r->y) - 1;
}

static void lent(const struct reader *r, struct json *n)
{
	const char *end = r->text + yajl_get_bytes_consumed(r->y);

	if (end - n->text <= (ptrdiff_t)UINT32_MAX)
		n->name_len = (uint32_t)(end - n->text);
	else
		n->text = NULL;
}

static int on_open(struct reader *r, enum json_type type)
{
	struct json *n;

	if (r->depth + r->passing == JSON_DEPTH_MAX)
		return stop(r, "it is nested too deeply");
	if (passes(r)) {
		r->passing++;
		return 1;
	}
	n = add(r, type);
	if (!n)
		return 0;
	if (type == JSON_OBJECT)
		lend(r, n);
	r->open_to_all[r->depth] = !r->names || (n->name && r->all);
	r->open[r->depth++] = n;
	return 1;
}

static int on_start_map(void *ctx)
{
	return on_open(ctx, JSON_OBJECT);
}

static int on_start_array(void *ctx)
{
	return on_open(ctx, JSON_ARRAY);
}

static int on_map_key(void *ctx, const unsigned char *s, size_t len)
{
	struct reader *r = ctx;

	if (r->passing)
		return 1;
	if (r->names) {
		enum json_kept kept =
			json_names_keep(r->names, (const char *)s, len);

		r->all = kept == JSON_KEPT_WITH_ALL;
		r->pass = !r->open_to_all[r->depth - 1] &&
			  kept == JSON_PASSED_OVER;
		if (r->pass)
			return 1;
	}
	r->name = copy_string(r, s, len);
	r->name_len = len;
	return r->name != NULL;
}

static int on_end_map(void *ctx)
{
	struct reader *r = ctx;
	struct json *n;

	if (r->passing) {
		r->passing--;
		return 1;
	}
	n = r->open[--r->depth];
	if (json_tree_has_twins(n))
		return stop(r, "an object has two members of one name");
	if (n->text)
		lent(r, n);
	may_be_whole(r);
	return 1;
}

static int on_end_array(void *ctx)
{
	struct reader *r = ctx;

	if (r->passing) {
		r->passing--;
		return 1;
	}
	r->depth--;
	may_be_whole(r);
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_start_map,
	.yajl_map_key = on_map_key,
	.yajl_end_map = on_end_map,
	.yajl_start_array = on_start_array,
	.yajl_end_array = on_end_array,
};

/* What stands in it, and yajl would not mind; NULL: nothing. */
static const char *look_through(const char *text, size_t len)
{
	/* Blanks to yajl, and nothing that RFC 8259 section 2 knows. */
	if (memchr(text, '\v', len) || memchr(text, '\f', len))
		return "a vertical tab or a form feed stands in it";
	if (!json_text_paired(text, text + len))
		return "half a surrogate pair stands alone";
	return NULL;
}

/* To yajl a string that begins behind the document, and does not end, is a
 * token that is yet to come, and no mistake. */
static bool only_blanks(const char *text, size_t from, size_t len)
{
	while (from < len && memchr(" \t\r\n", text[from], 4))
		from++;
	return from == len;
}

/* False: f says why. */
static bool read_all(struct reader *r, const char *text, size_t len,
		     struct fault *f)
{
	yajl_handle y = r->y = yajl_alloc(&callbacks, &hooks, r);
	yajl_status st = yajl_parse(y, (const unsigned char *)text, len);
	size_t at = yajl_get_bytes_consumed(y);

	if (st == yajl_status_ok && r->whole_at &&
	    !only_blanks(text, r->whole_at, len))
		st = yajl_status_error;

	/* Only this tells a whole document from the beginning of one. */
	if (st == yajl_status_ok)
		st = yajl_complete_parse(y);
	yajl_free(y);
	if (r->problem)
		fault_set(f, FAULT_INVALID, 0,
			  "The JSON text is refused near byte %zu: %s.", at,
			  r->problem);
	else if (st != yajl_status_ok || !r->any)
		fault_set(f, FAULT_INVALID, 0,
			  "The text is not JSON (error near byte %zu of %zu).",
			  at, len);
	return f->kind == FAULT_NONE;
}

static struct json *parse(const char *text, size_t len,
			  const char *const *names, size_t max_bytes,
			  bool lends, struct fault *f)
{
	struct json_names kept;
	struct reader r = { .names = names ? &kept : NULL,
			    .max_bytes = max_bytes };
	const char *odd;

	fault_clear(f);
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		len -= 3;
	}
	if (!text || !len) {
		fault_set(f, FAULT_INVALID, 0, "There is no JSON text.");
		return NULL;
	}
	odd = look_through(text, len);
	if (odd) {
		fault_set(f, FAULT_INVALID, 0, "The JSON text is refused: %s.",
			  odd);
		return NULL;
	}
	if (names)
		json_names_init(&kept, names);
	r.text = lends ? text : NULL;
	r.tree = text_alloc(1, sizeof(*r.tree));
	if (read_all(&r, text, len, f))
		return &r.tree->root;
	json_free(&r.tree->root);
	return NULL;
}

struct json *json_parse_only(const char *text, size_t len,
			     const char *const *names, size_t max_bytes,
			     struct fault *f)
{
	return parse(text, len, names, max_bytes, false, f);
}

struct json *json_parse_lent(const char *text, size_t len,
			     const char *const *names, size_t max_bytes,
			     struct fault *f)
{
	bool lines = len &&
		     (memchr(text, '\n', len) || memchr(text, '\r', len) ||
		      memchr(text, '\t', len));

	return parse(text, len, lines ? NULL : names, max_bytes, !lines, f);
}

struct json *json_parse(const char *text, size_t len, size_t max_bytes,
			struct fault *f)
{
	return parse(text, len, NULL, max_bytes, false, f);
}
