/* The part of json.h that is built from the writer's own calls. */
#include "base/json.h"

#include "base/json_tree.h"
#include "base/text.h"

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
		json_put_number(w, n->text);
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
