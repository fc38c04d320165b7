/*
 * json: a bounded JSON reader and writer (RFC 8259).  json.c and
 * json_write.c are the only files that know yajl.
 *
 * Reader: the streaming parser builds a small tree of ours.  Bounds are bytes
 * and depth: whoever has the text has bounded its bytes, the caller says how
 * many bytes the tree may take.  A byte order mark before the text is passed
 * over (RFC 8259 section 8.1 allows that).  Duplicate member names, strings
 * that hold NUL and bytes that are not UTF-8 are refused.  The tree owns
 * everything in it; json_free ends it, and pointers into it die with it.
 *
 * Writer: appends to a struct buf of the caller; running past the buffer's
 * limit makes json_finish fail, never writes half an answer unseen.
 */
#ifndef KEYROTD_BASE_JSON_H
#define KEYROTD_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fault.h"

enum json_type {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

#define JSON_DEPTH_MAX 16

struct json; /* one node */

/*
 * Parse len bytes of text as one JSON document whose tree takes at most
 * max_bytes of memory.
 * Returns the root, or NULL with *f of kind FAULT_INVALID (never secrets in
 * its text: no part of the input is quoted).
 */
struct json *json_parse(const char *text, size_t len, size_t max_bytes,
			struct fault *f);
/*
 * The same for a reader that knows what it looks for: members of other names
 * (compared without ASCII case) are passed over with all that is in them and
 * take no memory.  names ends with NULL; "name*" keeps a member whose own
 * members bear names that nobody can know.
 */
struct json *json_parse_only(const char *text, size_t len,
			     const char *const *names, size_t max_bytes,
			     struct fault *f);
/*
 * For who passes objects on as they came: those in arrays have no more members
 * than names says, and json_source tells where each of them stands in text,
 * which has to outlive the tree.  A document of several lines, or with tabs, is
 * read as json_parse does.
 */
struct json *json_parse_lent(const char *text, size_t len,
			     const char *const *names, size_t max_bytes,
			     struct fault *f);
void json_free(struct json *root); /* root only; NULL is fine */

/* All accessors take NULL and nodes of another type and then say "absent". */
enum json_type json_type(const struct json *n); /* NULL node: JSON_NULL */
const struct json *json_get(const struct json *object, const char *name);
/* The same, names compared without ASCII case (ARM's casing varies). */
const struct json *json_get_nocase(const struct json *object, const char *name);
/* Children in order: json_first, json_next; json_name is a member's name. */
const struct json *json_first(const struct json *n);
const struct json *json_next(const struct json *n);
const char *json_name(const struct json *member);
size_t json_count(const struct json *n);

const char *json_str(const struct json *n);	   /* NULL when no string */
bool json_int(const struct json *n, int64_t *out); /* a number, integral */
bool json_int_loose(const struct json *n, int64_t *out); /* also "123" */
bool json_bool(const struct json *n, bool *out);

/* Hand out every string and every name of a tree, to be changed in place; it
 * may get shorter, never longer. */
void json_each_text(struct json *root, void (*change)(char *text, void *arg),
		    void *arg);

/* An object in an array of a document that json_parse_lent has read: *len bytes
 * on one line.  NULL: it was read whole, and has all its members. */
const char *json_source(const struct json *element, size_t *len);

/* Short-hands: member `name` of an object. */
const char *json_get_str(const struct json *object, const char *name);

/* Copy any node (and all below it) to a writer. */
struct json_writer;
void json_copy(struct json_writer *w, const struct json *n);

struct json_writer *json_writer_new(struct buf *out, bool pretty);
/* Ends the document; false when anything failed (limit, bad UTF-8, nesting).
 * Frees the writer either way. */
bool json_finish(struct json_writer *w);

void json_open(struct json_writer *w);	      /* { */
void json_close(struct json_writer *w);	      /* } */
void json_open_array(struct json_writer *w);  /* [ */
void json_close_array(struct json_writer *w); /* ] */
void json_key(struct json_writer *w, const char *name);
void json_put_str(struct json_writer *w, const char *s); /* NULL: null */
void json_put_int(struct json_writer *w, int64_t v);
void json_put_bool(struct json_writer *w, bool v);
void json_put_null(struct json_writer *w);
/* A whole value as its bytes, which json_source has lent: nothing of it is
 * looked at. */
void json_put_source(struct json_writer *w, const char *text, size_t len);
/* Member short-hands: key, then value. */
void json_add_str(struct json_writer *w, const char *name, const char *s);
void json_add_int(struct json_writer *w, const char *name, int64_t v);
void json_add_bool(struct json_writer *w, const char *name, bool v);
void json_add_null(struct json_writer *w, const char *name);
/* RFC 3339 of ms since 1970, null when ms < 0. */
void json_add_time(struct json_writer *w, const char *name, int64_t ms);

#endif
