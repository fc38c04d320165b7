/*
 * Reads a document as nearly all of them are: printed ASCII, no escapes, well
 * formed.  On anything else it gives up, and yajl has the word.
 *
 * So nothing is refused here and nothing explained, and what is taken is what
 * yajl takes too (RFC 8259 sections 2 to 7): tests/fuzz/fuzz_json.c holds the
 * two against each other.
 */
#include <string.h>
#include <strings.h>

#include "base/json_tree.h"

#define ONES UINT64_C(0x0101010101010101)
#define HIGH (ONES * 0x80)

struct plain {
	const char *at, *end;
	struct json_tree *tree;
	const struct json_names *names; /* NULL: all are kept */
	size_t max_bytes, depth;
	bool lends; /* objects in arrays tell where they stand ... */
	bool blank; /* ... which is worth nothing where this is so */
};

/* ---- names ---- */

void json_names_init(struct json_names *n, const char *const *names)
{
	memset(n->first, 0, sizeof(n->first));
	for (unsigned i = 1; i <= JSON_NAMES_MAX && *names; i++, names++) {
		size_t len = strlen(*names);
		bool all = len > 0 && (*names)[len - 1] == '*';
		uint8_t *first = &n->first[**names & 0x1f];

		n->each[i] = (struct json_name){ *names, (uint8_t)(len - all),
						 *first, all };
		*first = (uint8_t)i;
	}
}

enum json_kept json_names_keep(const struct json_names *n, const char *name,
			       size_t len)
{
	unsigned i = len ? n->first[*name & 0x1f] : 0;

	for (; i; i = n->each[i].next) {
		const struct json_name *one = &n->each[i];

		if (one->len == len && (!memcmp(one->text, name, len) ||
					!strncasecmp(one->text, name, len)))
			return one->all ? JSON_KEPT_WITH_ALL : JSON_KEPT;
	}
	return JSON_PASSED_OVER;
}

/* ---- characters ---- */

static void skip_blanks(struct plain *p)
{
	while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' ||
				  *p->at == '\r' || *p->at == '\t')) {
		p->at++;
		p->blank = true;
	}
}

/* After blanks; '\0' at the end, which begins nothing. */
static char next(struct plain *p)
{
	if (p->at<p->end && * p->at> ' ')
		return *p->at;
	skip_blanks(p);
	return p->at < p->end ? *p->at : '\0';
}

static bool take(struct plain *p, char c)
{
	if (next(p) != c)
		return false;
	p->at++;
	return true;
}

/* Where the first byte stands that ends a string or is not plain.  Eight at a
 * time: such a byte is below 0x20, above 0x7f, '"' or '\\', and then a
 * difference borrows from its highest bit, or it is set already.  The borrow
 * reaches only bytes behind it. */
static const char *string_end(const char *s, const char *end)
{
	uint64_t eight, odd;

	for (; end - s >= (ptrdiff_t)sizeof(eight); s += sizeof(eight)) {
		memcpy(&eight, s, sizeof(eight));
		if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
			eight = __builtin_bswap64(eight);
		odd = eight | (eight - ONES * 0x20) |
		      ((eight ^ ONES * '"') - ONES) |
		      ((eight ^ ONES * '\\') - ONES);
		odd &= HIGH;
		if (odd)
			return s + __builtin_ctzll(odd) / 8;
	}
	while (s < end && *s >= ' ' && *s != '"' && *s != '\\')
		s++;
	return s;
}

/* Its bytes, when it is plain; p stands at its '"'. */
static bool string(struct plain *p, const char **s, size_t *len)
{
	const char *last = string_end(p->at + 1, p->end);

	if (last == p->end || *last != '"')
		return false;
	*s = p->at + 1;
	*len = (size_t)(last - *s);
	p->at = last + 1;
	return true;
}

/* Of one that is passed over nobody needs the bytes, so it may have escapes of
 * one character. */
static bool pass_string(struct plain *p)
{
	for (;;) {
		const char *last = string_end(p->at + 1, p->end);

		if (p->end - last < 2)
			return false;
		if (*last == '"') {
			p->at = last + 1;
			return true;
		}
		if (*last != '\\' || !last[1] || !strchr("\"\\/bfnrt", last[1]))
			return false;
		p->at = last + 1;
	}
}

static bool digits(struct plain *p)
{
	const char *first = p->at;

	while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
		p->at++;
	return p->at > first;
}

static bool here(struct plain *p, char a, char b)
{
	if (p->at == p->end || (*p->at != a && *p->at != b))
		return false;
	p->at++;
	return true;
}

static bool number(struct plain *p)
{
	here(p, '-', '-');
	if (!here(p, '0', '0') && !digits(p))
		return false;
	if (here(p, '.', '.') && !digits(p))
		return false;
	if (here(p, 'e', 'E')) {
		here(p, '+', '-');
		return digits(p);
	}
	return true;
}

static bool word(struct plain *p, const char *w, size_t len)
{
	if ((size_t)(p->end - p->at) < len || memcmp(p->at, w, len) != 0)
		return false;
	p->at += len;
	return true;
}

/* ---- nodes ---- */

static bool has_room(const struct plain *p, size_t size)
{
	size_t taken = p->tree->arena.taken;

	return taken <= p->max_bytes && p->max_bytes - taken >= size;
}

static const char *copy(struct plain *p, const char *s, size_t len)
{
	return has_room(p, len + sizeof(max_align_t))
		       ? json_arena_dup(&p->tree->arena, s, len)
		       : NULL;
}

static bool text(struct plain *p, struct json *n, enum json_type type,
		 const char *s, size_t len)
{
	if (!n)
		return true;
	n->type = type;
	n->text = copy(p, s, len);
	return n->text;
}

/* A new last child. */
static struct json *child(struct plain *p, struct json *parent,
			  const char *name, size_t len)
{
	struct json *n;

	if (name)
		name = copy(p, name, len);
	if (!has_room(p, sizeof(*n)))
		return NULL;
	n = json_tree_child(p->tree, parent, JSON_NULL);
	n->name = name;
	n->name_len = (uint32_t)len;
	return n;
}

static bool value(struct plain *p, struct json *n, bool all);

/* It calls itself, through value, no deeper than JSON_DEPTH_MAX. */
static bool member(struct plain *p, struct json *object, bool all)
{
	enum json_kept kept = JSON_PASSED_OVER;
	struct json *n = NULL;
	const char *name;
	size_t len;

	if (next(p) != '"' || !string(p, &name, &len) || !take(p, ':'))
		return false;
	if (object) {
		if (p->names)
			kept = json_names_keep(p->names, name, len);
		if (all || kept != JSON_PASSED_OVER) {
			n = child(p, object, name, len);
			if (!n || !n->name)
				return false;
		}
	}
	return value(p, n, !p->names || kept == JSON_KEPT_WITH_ALL);
}

static bool object(struct plain *p, struct json *n, bool all)
{
	if (n)
		n->type = JSON_OBJECT;
	if (!take(p, '}')) {
		do
			if (!member(p, n, all))
				return false;
		while (take(p, ','));
		if (!take(p, '}'))
			return false;
	}
	return !n || !json_tree_has_twins(n);
}

static bool element(struct plain *p, struct json *n)
{
	const char *from = p->at;

	if (!value(p, n, !p->names))
		return false;
	if (p->lends && n && n->type == JSON_OBJECT &&
	    (size_t)(p->at - from) <= UINT32_MAX) {
		n->text = from;
		n->name_len = (uint32_t)(p->at - from);
	}
	return true;
}

static bool array(struct plain *p, struct json *n)
{
	struct json *one = NULL;

	if (n)
		n->type = JSON_ARRAY;
	if (take(p, ']'))
		return true;
	do {
		if (n && !(one = child(p, n, NULL, 0)))
			return false;
		if (!element(p, one))
			return false;
	} while (take(p, ','));
	return take(p, ']');
}

static bool container(struct plain *p, struct json *n, bool all)
{
	bool is_object = *p->at++ == '{', good;

	if (p->depth == JSON_DEPTH_MAX)
		return false;
	p->depth++;
	good = is_object ? object(p, n, all) : array(p, n);
	p->depth--;
	return good;
}

static bool boolean(struct plain *p, struct json *n, bool is)
{
	if (!(is ? word(p, "true", 4) : word(p, "false", 5)))
		return false;
	if (n) {
		n->type = JSON_BOOL;
		n->boolean = is;
	}
	return true;
}

/* n: what it becomes; NULL: it is passed over.  all: of an object, every
 * member is kept. */
static bool value(struct plain *p, struct json *n, bool all)
{
	const char *s;
	size_t len;

	switch (next(p)) {
	case '"':
		if (!n)
			return pass_string(p);
		return string(p, &s, &len) && text(p, n, JSON_STRING, s, len);
	case '{':
	case '[':
		return container(p, n, all);
	case 't':
		return boolean(p, n, true);
	case 'f':
		return boolean(p, n, false);
	case 'n':
		return word(p, "null", 4);
	default:
		s = p->at;
		return number(p) &&
		       text(p, n, JSON_NUMBER, s, (size_t)(p->at - s));
	}
}

static bool read_it(struct plain *p)
{
	return has_room(p, sizeof(p->tree->root)) &&
	       value(p, &p->tree->root, !p->names) && next(p) == '\0' &&
	       p->at == p->end;
}

bool json_plain_lent(struct json_tree *tree, const char *s, size_t len,
		     const struct json_names *names, size_t max_bytes)
{
	struct plain p = { .at = s,
			   .end = s + len,
			   .tree = tree,
			   .names = names,
			   .max_bytes = max_bytes,
			   .lends = true };

	return read_it(&p) && !p.blank;
}

bool json_plain(struct json_tree *tree, const char *s, size_t len,
		const struct json_names *names, size_t max_bytes)
{
	struct plain p = { .at = s,
			   .end = s + len,
			   .tree = tree,
			   .names = names,
			   .max_bytes = max_bytes };

	return read_it(&p);
}
