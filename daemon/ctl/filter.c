/*
 * Holds each key or registry against the filters of the command line: its
 * state, its subscription, its key and the vault of that.
 */
#include "ctl/filter.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "azure/resid.h"
#include "base/text.h"
#include "ctl/args.h"
#include "ctl/chosen.h"
#include "ctl/keyname.h"
#include "ctl/pick.h"

static bool lies_in(const char *id, const char *subscription)
{
	struct resid r;
	struct fault f;

	return id && resid_parse(&r, id, &f) &&
	       text_prefix(r.subscription, subscription);
}

/* A registry tells the key without a version, a watch may name one. */
static bool follows(const char *key, const char *watched)
{
	size_t len = key ? strlen(key) : 0;

	return len && text_prefix(watched, key) &&
	       (!watched[len] || watched[len] == '/');
}

/* ---- the keys that a subscription's registries follow ---- */

static int by_text(const void *a, const void *b)
{
	char *const *x = a, *const *y = b;

	return strcasecmp(*x, *y);
}

/* Registries of one key come together more often than not. */
static void add_followed(const struct json *r, int64_t now, void *arg)
{
	struct filter *w = arg;
	const char *key = json_get_str(r, "key");
	size_t n = w->n_followed;

	(void)now;
	if (!key || !lies_in(json_get_str(r, "id"), w->args->subscription) ||
	    (n && text_same(w->followed[n - 1], key)))
		return;
	w->followed = text_grow(w->followed, n, sizeof(*w->followed));
	w->followed[w->n_followed++] = text_dup(key);
}

static bool is_followed(const struct filter *w, const char *key)
{
	char *base = text_ndup(key, keyname_base(key));
	bool found = w->n_followed && bsearch(&base, w->followed, w->n_followed,
					      sizeof(*w->followed), by_text);

	free(base);
	return found;
}

/* ---- the whole ---- */

bool filter_open(struct filter *w, struct ctl *ctl, const struct kind *k,
		 struct fault *f)
{
	*w = (struct filter){ .args = ctl->args, .kind = k };
	if (ctl->args->key) {
		w->key = pick_key(ctl->client, ctl->args->key, f);
		if (!w->key)
			return false;
	}
	if (!k->keys || !ctl->args->subscription)
		return true;
	if (!lists_registries(ctl->client, add_followed, w, f))
		return false;
	if (w->n_followed)
		qsort(w->followed, w->n_followed, sizeof(*w->followed),
		      by_text);
	return true;
}

void filter_close(struct filter *w)
{
	for (size_t i = 0; i < w->n_followed; i++)
		free(w->followed[i]);
	free(w->followed);
	free(w->key);
	*w = (struct filter){ 0 };
}

static bool is_in_subscription(const struct filter *w, const struct json *e)
{
	const char *key = json_get_str(e, "key");

	if (!w->args->subscription)
		return true;
	return w->kind->keys
		       ? key && is_followed(w, key)
		       : lies_in(json_get_str(e, "id"), w->args->subscription);
}

static bool is_of_key(const struct filter *w, const struct json *e)
{
	const char *key = json_get_str(e, "key");

	if (!w->key)
		return true;
	return w->kind->keys ? text_same(w->key, key) : follows(key, w->key);
}

static bool is_of_vault(const struct filter *w, const struct json *e)
{
	const char *key = json_get_str(e, "key");

	return !w->args->vault || (key && keyname_in(w->args->vault, key));
}

bool filter_takes(const struct filter *w, const struct json *e)
{
	return chosen_state(w->args, json_get_str(e, "state")) &&
	       is_in_subscription(w, e) && is_of_key(w, e) && is_of_vault(w, e);
}

bool filter_narrows(const struct filter *w)
{
	return w->args->states || w->args->subscription || w->args->vault ||
	       w->key;
}
