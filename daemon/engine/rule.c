/* What a discover block says of registries: pure verdicts. */
#include "engine/rule.h"

#include <stdlib.h>
#include <string.h>

#include "azure/resid.h"
#include "base/glob.h"
#include "base/text.h"

const char *rule_verdict_str(enum rule_verdict v)
{
	static const char *const words[RULE_VERDICTS] = {
		[RULE_WATCH] = "it is watched",
		[RULE_OUTSIDE] = "it lies outside of the scope",
		[RULE_EXCLUDED] = "it is excluded",
		[RULE_TAGS] = "it does not have the tags",
		[RULE_NO_KEY] = "it has no customer-managed key",
		[RULE_PATTERN] = "its key does not match key-pattern",
		[RULE_VERSIONED] =
			"it is pinned to a version of its key, which mode follow would take off",
		[RULE_CLOUD] =
			"the vault of its key is none of the cloud that is configured",
		[RULE_DELETING] = "it is being deleted",
		[RULE_HIDDEN] = "the list does not tell whether it has a key",
		[RULE_UNREADABLE] = "the identifier of its key cannot be read",
		[RULE_UNCLEAR] =
			"the list shows it twice, with different facts",
		[RULE_UNTOLD] = "its tags cannot be read",
		[RULE_WRITTEN] = "a watch block names it",
		[RULE_EARLIER] = "a rule before this one has it",
		[RULE_BEYOND] = "it is beyond max-registries",
		[RULE_ABSENT] = "the list does not show it any more",
		[RULE_OTHER_KEY] = "it is on another key now",
		[RULE_NOBODYS] = "no rule of the file means it",
		[RULE_ORPHANED] =
			"its rule is gone from the file, and another one has yet to find it",
	};

	return words[v];
}

bool rule_is_silent(enum rule_verdict v)
{
	return v == RULE_DELETING || v == RULE_HIDDEN || v == RULE_UNREADABLE ||
	       v == RULE_UNCLEAR || v == RULE_UNTOLD;
}

/* ---- one registry ---- */

bool rule_is_in(const struct config_place *p, const char *id)
{
	struct resid parsed;
	struct fault f;

	return resid_parse(&parsed, id, &f) &&
	       text_same(parsed.subscription, p->subscription) &&
	       (!p->group || (strlen(p->group) == parsed.group_len &&
			      text_prefix(parsed.group, p->group)));
}

bool rule_is_outside(const struct config_rule *r, const char *id)
{
	for (size_t i = 0; i < r->n_places; i++)
		if (rule_is_in(&r->places[i], id))
			return false;
	return true;
}

/* Without a slash it is the name that is meant.  A whole id means the registry
 * wherever it lies. */
bool rule_excludes(const char *entry, const char *id)
{
	const char *slash = strrchr(id, '/'), *name = slash ? slash + 1 : id;

	return glob_match(entry, strchr(entry, '/') ? id : name, true) ||
	       resid_same(entry, id);
}

static bool is_excluded(const struct config_rule *r, const char *id)
{
	for (size_t i = 0; i < r->n_exclude; i++)
		if (rule_excludes(r->exclude[i], id))
			return true;
	return false;
}

/* Azure compares the names of tags without case, and their values with it. */
static bool has_tag(const char *tags, const char *wanted)
{
	size_t len = strcspn(wanted, "=");
	const char *value;

	for (; tags && *tags; tags = value + strlen(value) + 1) {
		value = tags + strlen(tags) + 1;
		if (strlen(tags) == len && text_prefix(wanted, tags) &&
		    (!wanted[len] ||
		     glob_match(wanted + len + 1, value, false)))
			return true;
	}
	return false;
}

static bool lacks_tag(const struct config_rule *r, const char *tags)
{
	for (size_t i = 0; i < r->n_tags; i++)
		if (!has_tag(tags, r->tags[i]))
			return true;
	return false;
}

static bool is_other_key(const struct config_rule *r, const char *key)
{
	return r->key_pattern && !glob_match(r->key_pattern, key, true);
}

enum rule_verdict rule_match_known(const struct config_rule *r, const char *id,
				   const char *key)
{
	if (rule_is_outside(r, id))
		return RULE_OUTSIDE;
	if (is_excluded(r, id))
		return RULE_EXCLUDED;
	return is_other_key(r, key) ? RULE_PATTERN : RULE_WATCH;
}

static enum rule_verdict match_key(const struct config_rule *r,
				   const struct cloud *cloud,
				   const struct registry_view *v, bool watched)
{
	char key[KEYID_TEXT_MAX];

	if (v->hidden)
		return RULE_HIDDEN;
	if (!v->encrypted)
		return RULE_NO_KEY;
	if (!v->key_valid)
		return RULE_UNREADABLE;
	keyid_print_base(&v->key, key, sizeof(key));
	if (is_other_key(r, key))
		return RULE_PATTERN;
	if (!cloud_has_vault(cloud, v->key.host))
		return RULE_CLOUD;
	/* Of one that is watched the daemon itself may have pinned it, to
	 * release it again. */
	if (r->mode == WATCH_FOLLOW && v->key.version[0] && !watched)
		return RULE_VERSIONED;
	return RULE_WATCH;
}

enum rule_verdict rule_match(const struct config_rule *r,
			     const struct cloud *cloud,
			     const struct registry_item *item, bool watched)
{
	enum rule_verdict v;

	if (rule_is_outside(r, item->id))
		return RULE_OUTSIDE;
	if (is_excluded(r, item->id))
		return RULE_EXCLUDED;
	if (item->view.provisioning == PROVISIONING_DELETING)
		return RULE_DELETING;
	if (!item->tags_untold && lacks_tag(r, item->tags))
		return RULE_TAGS;
	v = match_key(r, cloud, &item->view, watched);
	/* Nobody is let go of for tags that were not told. */
	return v == RULE_WATCH && r->n_tags && item->tags_untold ? RULE_UNTOLD
								 : v;
}

/* ---- all of them ---- */

/* Every difference counts, so that no order but this one comes out. */
static int compare(const void *a, const void *b)
{
	const struct rule_seen *x = a, *y = b;
	int c = resid_compare(x->id, y->id);

	if (c)
		return c;
	c = strcasecmp(x->key ? x->key : "", y->key ? y->key : "");
	if (c)
		return c;
	if (x->verdict != y->verdict)
		return x->verdict < y->verdict ? -1 : 1;
	return strcmp(x->id, y->id);
}

size_t rule_sort(struct rule_seen *all, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(all, n, sizeof(*all), compare);
	for (size_t i = 0; i < n; i++) {
		struct rule_seen *last = kept ? &all[kept - 1] : NULL;

		if (!last || resid_compare(last->id, all[i].id) != 0) {
			all[kept++] = all[i];
			continue;
		}
		if (last->verdict != all[i].verdict ||
		    !text_same(last->key, all[i].key))
			last->verdict = RULE_UNCLEAR;
		rule_seen_free(all, i, i + 1);
	}
	return kept;
}

const struct rule_seen *rule_find(const struct rule_seen *all, size_t n,
				  const char *id)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = resid_compare(id, all[mid].id);

		if (c == 0)
			return &all[mid];
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

size_t rule_choose(struct rule_seen *all, size_t n, size_t room)
{
	size_t beyond = 0;

	for (size_t i = 0; i < n; i++) {
		if (all[i].verdict != RULE_WATCH)
			continue;
		if (room > 0) {
			room--;
			continue;
		}
		all[i].verdict = RULE_BEYOND;
		beyond++;
	}
	return beyond;
}

void rule_seen_free(struct rule_seen *all, size_t from, size_t n)
{
	for (size_t i = from; i < n; i++) {
		free(all[i].id);
		free(all[i].key);
	}
}
