/* Watch blocks for what was found. */
#include "ctl/discover_conf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "azure/keyid.h"
#include "base/text.h"

struct discover_row {
	char *registry, *key, *credential;
	char *obstacle; /* NULL: none */
	bool pinned, key_watched;
};

bool discover_conf_base(const char *key, char *base)
{
	struct keyid id;
	struct fault f;

	text_copy(base, KEYID_TEXT_MAX, key ? key : "");
	if (!key || !keyid_parse(&id, key, &f))
		return false;
	keyid_print_base(&id, base, KEYID_TEXT_MAX);
	return id.version[0] != '\0';
}

static bool flag(const struct json *n, const char *name)
{
	bool on = false;

	return json_bool(json_get(n, name), &on) && on;
}

bool discover_conf_add(struct discover_conf *c, const struct json *found)
{
	char base[KEYID_TEXT_MAX];
	struct discover_row *r;

	if (c->n == DISCOVER_CONF_MAX)
		return false;
	c->rows = text_grow(c->rows, c->n, sizeof(*c->rows));
	r = &c->rows[c->n++];
	r->pinned = discover_conf_base(json_get_str(found, "key"), base);
	r->registry = text_dup(json_get_str(found, "registry"));
	r->key = text_dup(base);
	r->credential = text_dup(json_get_str(found, "credential"));
	r->obstacle = text_dup(json_get_str(found, "obstacle"));
	r->key_watched = flag(found, "key_watched");
	return true;
}

/* What a block can name comes first, then what belongs to a watch that there
 * is, then what no watch can name. */
static int rank(const struct discover_row *r)
{
	return r->obstacle ? 2 : r->key_watched;
}

static int compare_key(const struct discover_row *x,
		       const struct discover_row *y)
{
	int order = rank(x) - rank(y);

	return order ? order : strcasecmp(x->key, y->key);
}

static int compare(const void *a, const void *b)
{
	const struct discover_row *x = a, *y = b;
	int order = compare_key(x, y);

	return order ? order : strcasecmp(x->registry, y->registry);
}

/* Who is pinned stays so, unless others of its key are not. */
static void print_mode(struct out *o, const struct discover_row *r, size_t n)
{
	size_t pinned = 0;

	for (size_t i = 0; i < n; i++)
		pinned += r[i].pinned;
	if (pinned == n) {
		out_line(o, "    mode = \"pin\"");
	} else if (pinned) {
		out_line(o,
			 "    # Some are pinned to a version now, which this "
			 "mode takes off: Azure's own");
		out_line(o, "    # rotation is on for all of them then.");
		out_line(o, "    mode = \"follow\"");
	}
}

static void print_block(struct out *o, const struct discover_row *r, size_t n)
{
	out_line(o, "watch \"%s\" {", r->key);
	print_mode(o, r, n);
	if (!text_same(r->credential, "default"))
		out_line(o, "    credential = \"%s\"", r->credential);
	out_line(o, "    registries = {");
	for (size_t i = 0; i < n; i++)
		out_line(o, "        \"%s\"%s", r[i].registry,
			 i + 1 < n ? "," : "");
	out_line(o, "    }");
	out_line(o, "}");
}

static void print_hint(struct out *o, const struct discover_row *r, size_t n)
{
	out_line(o, "# There is a watch of %s; add to its registries:", r->key);
	for (size_t i = 0; i < n; i++)
		out_line(o, "#       \"%s\",", r[i].registry);
}

static void print_obstacles(struct out *o, const struct discover_row *r,
			    size_t n)
{
	for (size_t i = 0; i < n; i++)
		out_line(o, "# No watch can name %s: %s", r[i].registry,
			 r[i].obstacle);
}

void discover_conf_print(struct discover_conf *c, struct out *o)
{
	static void (*const print[])(
		struct out * o, const struct discover_row *r,
		size_t n) = { print_block, print_hint, print_obstacles };
	size_t n;

	if (c->n)
		qsort(c->rows, c->n, sizeof(*c->rows), compare);
	out_line(o, "# %zu %s with a customer-managed key that no watch names.",
		 c->n, c->n == 1 ? "registry" : "registries");
	for (size_t i = 0; i < c->n; i += n) {
		const struct discover_row *r = &c->rows[i];

		n = 1;
		while (i + n < c->n && compare_key(r, &r[n]) == 0)
			n++;
		out_end(o);
		print[rank(r)](o, r, n);
	}
}

void discover_conf_free(struct discover_conf *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->rows[i].registry);
		free(c->rows[i].key);
		free(c->rows[i].credential);
		free(c->rows[i].obstacle);
	}
	free(c->rows);
	*c = (struct discover_conf){ .rows = NULL };
}
