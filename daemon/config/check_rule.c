/* Discover blocks: names, places and what they leave out. */
#include "config/check_rule.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/check_lease.h"
#include "config/check_name.h"
#include "config/check_unique.h"

/* The name must be one that status and commands can call it by. */
static void check_title(struct config_build *b,
			const struct config_rule_draft *d)
{
	const struct config_section *s = &d->section;
	const struct config_option *o = options_find(CONFIG_RULE, "credential");
	struct config_rule_draft other = { .credential = NULL };
	struct fault why;

	if (!d->unnamed && !value_read(o, d->r.name, s->line, &other, &why))
		problem_add(&b->problems, s->source, s->line,
			    "a rule's name is made of up to %s letters, "
			    "digits, '.', '_' and '-'.",
			    o->max);
	free(other.credential);
}

/* Is the second place all within the first? */
static bool covers(const struct config_place *a, const struct config_place *b)
{
	return text_same(a->subscription, b->subscription) &&
	       (!a->group || text_same(a->group, b->group));
}

static void check_places(struct config_build *b,
			 const struct config_rule_draft *d)
{
	const struct config_section *s = &d->section;
	unsigned line = options_given(s, "scope");
	const struct config_place *p = d->r.places;

	if (!d->r.n_places && !options_refused(s, "scope"))
		problem_add(&b->problems, s->source, line ? line : s->line,
			    "this rule has no scope: say where registries are "
			    "found, as scope = { \"/subscriptions/GUID\" } or "
			    "{ \"/subscriptions/GUID/resourceGroups/NAME\" }.");
	for (size_t i = 0; i < d->r.n_places; i++) {
		for (size_t k = 0; k < d->r.n_places; k++) {
			if (i == k || !covers(&p[k], &p[i]) ||
			    (k > i && covers(&p[i], &p[k])))
				continue;
			problem_add(&b->problems, s->source, line,
				    "\"%s\" is in the scope twice: \"%s\" has "
				    "it already.",
				    p[i].text, p[k].text);
			break;
		}
	}
}

static void check_rule(struct config_build *b, struct config_rule_draft *d)
{
	check_title(b, d);
	check_places(b, d);
	d->r.credential = check_name_credential(b, &d->section, d->credential);
	d->r.lease = check_lease_of(b, &d->section, &d->lease);
}

void check_rules(struct config_build *b)
{
	struct config_name *names = text_alloc(b->n_rules, sizeof(*names));

	for (size_t i = 0; i < b->n_rules; i++) {
		const struct config_section *s = &b->rules[i].section;

		check_rule(b, &b->rules[i]);
		if (i == CONFIG_RULES_MAX)
			problem_add(&b->problems, s->source, s->line,
				    "at most %d discover blocks are allowed.",
				    CONFIG_RULES_MAX);
		names[i] = (struct config_name){ .text = b->rules[i].r.name,
						 .source = s->source,
						 .line = s->line };
	}
	check_unique(&b->problems, names, b->n_rules, "rule");
	free(names);
}
