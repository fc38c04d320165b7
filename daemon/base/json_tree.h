/*
 * json_tree: the nodes behind base/json.h and the arena they live in.  Only
 * the json*.c files include this.
 *
 * Everything of one document lies in one arena: building is a pointer bump,
 * ending it is a walk over a few chunks, which are overwritten first because
 * a token endpoint's answer is a document too.
 */
#ifndef KEYROTD_BASE_JSON_TREE_H
#define KEYROTD_BASE_JSON_TREE_H

#include <stddef.h>

#include "base/json.h"

struct json {
	enum json_type type;
	bool boolean;
	const char *name; /* of an object's member, else NULL */
	const char *text; /* a string, or a number as it was written; of an
			   * object in an array, lent: where it stands */
	struct json *first, *last, *next;
	uint32_t count;	   /* children */
	uint32_t name_len; /* while it is read; of what is lent, its bytes */
};

struct json_chunk {
	struct json_chunk *next;
	size_t used, size;
	max_align_t data[];
};

struct json_arena {
	struct json_chunk *head;
	size_t taken; /* bytes handed out */
};

/* The root is the first member, so that json_free finds the arena. */
struct json_tree {
	struct json root;
	struct json_arena arena;
};

/* Memory that lives as long as the arena, not zeroed; never NULL. */
void *json_arena_get(struct json_arena *a, size_t size);
const char *json_arena_dup(struct json_arena *a, const char *s, size_t len);
void json_arena_free(struct json_arena *a);

/* True when no \u escape in the raw text is half a surrogate pair. */
bool json_text_paired(const char *s, const char *end);

/* yajl's allocator: never NULL, and what it frees is overwritten first. */
void *json_hook_alloc(void *ctx, size_t size);
void *json_hook_realloc(void *ctx, void *p, size_t size);
void json_hook_free(void *ctx, void *p);

/* A new last child of parent. */
struct json *json_tree_child(struct json_tree *t, struct json *parent,
			     enum json_type type);
/* True when two members of this object bear the same name. */
bool json_tree_has_twins(const struct json *object);

/* Names of members that are kept, as json_parse_only has them: by their first
 * letter, without its case. */
#define JSON_NAMES_MAX 127

struct json_names {
	uint8_t first[32]; /* 0: there is none; else its place, from 1 */
	struct json_name {
		const char *text;
		uint8_t len, next;
		bool all;
	} each[JSON_NAMES_MAX + 1];
};

enum json_kept { JSON_PASSED_OVER, JSON_KEPT, JSON_KEPT_WITH_ALL };

/* So many names as there is place for: whoever has more loses the rest. */
void json_names_init(struct json_names *n, const char *const *names);
enum json_kept json_names_keep(const struct json_names *n, const char *name,
			       size_t len);

#endif
