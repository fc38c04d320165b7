/*
 * rule: which of the registries that a LIST shows a discover block means, and
 * why it does not mean the others: verdicts on plain facts.
 *
 * The same registries make the same choice in whatever order the pages come.
 * What is kept of a LIST belongs to the caller; rule_seen_free ends it.
 */
#ifndef KEYROTD_ENGINE_RULE_H
#define KEYROTD_ENGINE_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "azure/call.h"
#include "config/config.h"

enum rule_verdict {
	RULE_WATCH,
	RULE_OUTSIDE, /* it lies in no place of the scope */
	RULE_EXCLUDED,
	RULE_TAGS,	 /* it lacks one */
	RULE_NO_KEY,	 /* Azure's own key, not its owner's */
	RULE_PATTERN,	 /* its key is another one */
	RULE_VERSIONED,	 /* it is pinned, and would be followed */
	RULE_CLOUD,	 /* its vault is none of the cloud in force */
	RULE_DELETING,	 /* these five tell nothing of one that is */
	RULE_HIDDEN,	 /* watched: it stays */
	RULE_UNREADABLE, /* the identifier of its key is none */
	RULE_UNCLEAR,	 /* the LIST shows it twice, in two ways */
	RULE_UNTOLD,	 /* its tags are more than Azure allows, or none */
	RULE_WRITTEN,	 /* a watch block names it */
	RULE_EARLIER,	 /* a rule before this one has it */
	RULE_BEYOND,	 /* more than max-registries */
	RULE_ABSENT,	 /* the LIST does not show it */
	RULE_OTHER_KEY,	 /* watched: it has gone to another key that is meant */
	RULE_NOBODYS,	 /* its rule is gone, and no other one means it */
	RULE_ORPHANED,	 /* ... another one may, as its LIST is to tell */
	RULE_VERDICTS
};

/* A clause: "it has no key of its owner's". */
const char *rule_verdict_str(enum rule_verdict v);
/* Does that say nothing of a registry which is watched already? */
bool rule_is_silent(enum rule_verdict v);

/* What the rule says of one item of a LIST, with its tags where the rule has
 * some.  watched: by this rule, on that key, so that it may be on its way
 * through a pinned version. */
enum rule_verdict rule_match(const struct config_rule *r,
			     const struct cloud *cloud,
			     const struct registry_item *item, bool watched);
/* The same of what is known without a LIST: its id, and its key's identifier
 * without version. */
enum rule_verdict rule_match_known(const struct config_rule *r, const char *id,
				   const char *key);
/* Does this entry of `exclude` mean it? */
bool rule_excludes(const char *entry, const char *id);
/* Does a registry with this id lie in that place?  id has been parsed. */
bool rule_is_in(const struct config_place *p, const char *id);
/* ... or in none of the rule's? */
bool rule_is_outside(const struct config_rule *r, const char *id);

/* A registry as a LIST has shown it. */
struct rule_seen {
	char *id;
	char *key;	/* without version; NULL: none */
	unsigned place; /* of the rule's, in which it was found */
	enum rule_verdict verdict;
};

/* In the order of their ids; one that is there twice is there once, and
 * RULE_UNCLEAR unless both times alike.  Returns how many are left. */
size_t rule_sort(struct rule_seen *all, size_t n);
/* The one with that id among sorted ones; NULL. */
const struct rule_seen *rule_find(const struct rule_seen *all, size_t n,
				  const char *id);
/* Of sorted ones that are to be watched (RULE_WATCH) the first ones that
 * there is room for; the others become RULE_BEYOND.  Returns how many these
 * are. */
size_t rule_choose(struct rule_seen *all, size_t n, size_t room);
/* Free those from `from` on. */
void rule_seen_free(struct rule_seen *all, size_t from, size_t n);

#endif
