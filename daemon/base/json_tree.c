/*
 * What a document looks like once it is read: its nodes, the arena that
 * holds and at the end wipes them, and the questions that are asked of it.
 */
#include "base/json_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define CHUNK_FIRST 2048
#define CHUNK_LARGEST 65536
#define PAIRWISE_MAX 8

static struct json_chunk *chunk_new(struct json_arena *a, size_t size)
{
	size_t want = a->head ? a->head->size * 2 : CHUNK_FIRST;
	struct json_chunk *c;

	if (want > CHUNK_LARGEST)
		want = CHUNK_LARGEST;
	if (want < size)
		want = size;
	c = text_room(sizeof(*c) + want);
	c->size = want;
	c->used = 0;
	c->next = a->head;
	a->head = c;
	return c;
}

void *json_arena_get(struct json_arena *a, size_t size)
{
	const size_t step = sizeof(max_align_t);
	struct json_chunk *c = a->head;
	void *p;

	size = (size + step - 1) / step * step;
	if (!c || c->size - c->used < size)
		c = chunk_new(a, size);
	p = (char *)c->data + c->used;
	c->used += size;
	a->taken += size;
	return p;
}

const char *json_arena_dup(struct json_arena *a, const char *s, size_t len)
{
	char *copy = json_arena_get(a, len + 1);

	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

void json_arena_free(struct json_arena *a)
{
	struct json_chunk *c, *next;

	for (c = a->head; c; c = next) {
		next = c->next;
		text_wipe(c->data, c->used);
		free(c);
	}
	a->head = NULL;
}

void json_free(struct json *root)
{
	struct json_tree *tree = (struct json_tree *)root;

	if (!tree)
		return;
	json_arena_free(&tree->arena);
	free(tree);
}

/* The arena is ours to write, whatever the nodes promise their readers. */
static void change_text(const char *text, void (*change)(char *, void *),
			void *arg)
{
	if (text)
		change((char *)(uintptr_t)text, arg);
}

/* It calls itself no deeper than JSON_DEPTH_MAX. */
void json_each_text(struct json *root, void (*change)(char *text, void *arg),
		    void *arg)
{
	for (struct json *n = root; n; n = n->next) {
		change_text(n->name, change, arg);
		if (n->type == JSON_STRING)
			change_text(n->text, change, arg);
		json_each_text(n->first, change, arg);
	}
}

/* The value of "\uXXXX" at s, -1 when there is none. */
static int unicode_escape(const char *s, const char *end)
{
	int value = 0, digit;

	if (end - s < 6 || s[0] != '\\' || s[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		if (s[i] >= '0' && s[i] <= '9')
			digit = s[i] - '0';
		else if ((s[i] | 0x20) >= 'a' && (s[i] | 0x20) <= 'f')
			digit = (s[i] | 0x20) - 'a' + 10;
		else
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/*
 * yajl turns a high surrogate without its low half into some other character
 * without a word, so the pairs are checked on the raw text.  A backslash can
 * only stand inside a string, so no state is needed.
 */
bool json_text_paired(const char *s, const char *end)
{
	int value;

	while ((s = memchr(s, '\\', (size_t)(end - s))) && end - s >= 2) {
		value = unicode_escape(s, end);
		if (value >= 0xdc00 && value <= 0xdfff)
			return false;
		if (value >= 0xd800 && value < 0xdc00) {
			s += 6;
			value = unicode_escape(s, end);
			if (value < 0xdc00 || value > 0xdfff)
				return false;
		}
		s += value >= 0 ? 6 : 2;
	}
	return true;
}

struct json *json_tree_child(struct json_tree *t, struct json *parent,
			     enum json_type type)
{
	struct json *n = json_arena_get(&t->arena, sizeof(*n));

	*n = (struct json){ .type = type };
	if (parent->last)
		parent->last->next = n;
	else
		parent->first = n;
	parent->last = n;
	parent->count++;
	return n;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorting keeps a hostile object of many members from costing its square. */
static bool twins_sorted(const struct json *object)
{
	const char **names = text_alloc(object->count, sizeof(*names));
	bool twins = false;
	size_t n = 0;

	for (const struct json *m = object->first; m; m = m->next)
		names[n++] = m->name;
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 1; i < n && !twins; i++)
		twins = !strcmp(names[i - 1], names[i]);
	free(names);
	return twins;
}

bool json_tree_has_twins(const struct json *object)
{
	const struct json *a, *b;

	if (object->count > PAIRWISE_MAX)
		return twins_sorted(object);
	for (a = object->first; a; a = a->next) {
		for (b = a->next; b; b = b->next) {
			if (a->name_len == b->name_len &&
			    !memcmp(a->name, b->name, a->name_len))
				return true;
		}
	}
	return false;
}

enum json_type json_type(const struct json *n)
{
	return n ? n->type : JSON_NULL;
}

const struct json *json_first(const struct json *n)
{
	return n ? n->first : NULL;
}

const struct json *json_next(const struct json *n)
{
	return n ? n->next : NULL;
}

const char *json_name(const struct json *member)
{
	return member ? member->name : NULL;
}

size_t json_count(const struct json *n)
{
	return n ? n->count : 0;
}

const struct json *json_get(const struct json *object, const char *name)
{
	const struct json *m;

	if (json_type(object) != JSON_OBJECT)
		return NULL;
	for (m = object->first; m; m = m->next)
		if (m->name[0] == name[0] && !strcmp(m->name, name))
			break;
	return m;
}

const struct json *json_get_nocase(const struct json *object, const char *name)
{
	const struct json *m = json_get(object, name);

	if (m || json_type(object) != JSON_OBJECT)
		return m;
	for (m = object->first; m && !text_same(m->name, name); m = m->next)
		;
	return m;
}

const char *json_str(const struct json *n)
{
	return json_type(n) == JSON_STRING ? n->text : NULL;
}

/* Digits only, with a minus perhaps: no fraction, no exponent, no blank. */
static bool integer(const char *s, int64_t *out)
{
	const char *digits = s + (*s == '-');
	long long v;

	if (!*digits || digits[strspn(digits, "0123456789")])
		return false;
	errno = 0;
	v = strtoll(s, NULL, 10);
	if (errno)
		return false;
	*out = v;
	return true;
}

bool json_int(const struct json *n, int64_t *out)
{
	return json_type(n) == JSON_NUMBER && integer(n->text, out);
}

bool json_int_loose(const struct json *n, int64_t *out)
{
	return (json_type(n) == JSON_NUMBER || json_type(n) == JSON_STRING) &&
	       integer(n->text, out);
}

bool json_bool(const struct json *n, bool *out)
{
	if (json_type(n) != JSON_BOOL)
		return false;
	*out = n->boolean;
	return true;
}

const char *json_get_str(const struct json *object, const char *name)
{
	return json_str(json_get(object, name));
}

const char *json_source(const struct json *element, size_t *len)
{
	*len = 0;
	if (json_type(element) != JSON_OBJECT || !element->text)
		return NULL;
	*len = element->name_len;
	return element->text;
}
