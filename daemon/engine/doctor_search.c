/* Reads the LISTs of a rule's places, one after the other. */
#include "engine/doctor_search.h"

#include <stdlib.h>
#include <string.h>

#include "azure/call_text.h"
#include "azure/resid.h"
#include "base/text.h"

#define PAGES_MAX 1000 /* of one place; more is no end at all */

struct doctor_search {
	const struct doctor_rules *rules;
	size_t of, place;
	size_t pages; /* of this place so far */
	char *url;    /* of the next one; NULL: the first */
	struct rule_seen *seen;
	size_t n_seen;
	bool *useful; /* by number: the patterns of `exclude` that mean some */
};

static const struct config_rule *rule_of(const struct doctor_search *s)
{
	return &s->rules->all[s->of];
}

const struct config_place *doctor_search_place(const struct doctor_search *s)
{
	return &rule_of(s)->places[s->place];
}

void doctor_search_fill(const struct doctor_search *s, struct call *c)
{
	const struct config_place *p = doctor_search_place(s);

	c->subscription = p->subscription;
	c->group = p->group;
	c->tags = true; /* an earlier rule may ask for some */
	c->url = s->url;
}

static int by_id(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return resid_compare(*x, *y);
}

/* As the daemon decides: watch blocks go before rules, and these in order. */
static enum rule_verdict verdict_of(const struct doctor_search *s,
				    const struct cloud *cloud,
				    const struct registry_item *item)
{
	const struct doctor_rules *rules = s->rules;
	const char *id = item->id;
	enum rule_verdict v = rule_match(rule_of(s), cloud, item, false);

	if (v != RULE_WATCH)
		return v;
	if (rules->n_named && bsearch(&id, rules->named, rules->n_named,
				      sizeof(*rules->named), by_id))
		return RULE_WRITTEN;
	for (size_t i = 0; i < s->of; i++)
		if (rule_match(&rules->all[i], cloud, item, false) ==
		    RULE_WATCH)
			return RULE_EARLIER;
	return RULE_WATCH;
}

static void see(struct doctor_search *s, const struct cloud *cloud,
		const struct registry_item *item)
{
	const struct config_rule *rule = rule_of(s);
	struct resid id;
	struct fault f;

	if (!resid_parse(&id, item->id, &f) ||
	    !rule_is_in(doctor_search_place(s), item->id))
		return;
	for (size_t i = 0; i < rule->n_exclude; i++)
		if (!s->useful[i])
			s->useful[i] =
				rule_excludes(rule->exclude[i], item->id);
	s->seen = text_grow(s->seen, s->n_seen, sizeof(*s->seen));
	s->seen[s->n_seen++] =
		(struct rule_seen){ .id = text_dup(item->id),
				    .verdict = verdict_of(s, cloud, item) };
}

static void go_on(struct doctor_search *s, const char *url)
{
	free(s->url);
	s->url = text_dup(url);
	s->pages = url ? s->pages + 1 : 0;
	s->place += !url;
}

bool doctor_search_take(struct doctor_search *s, const struct cloud *cloud,
			const struct reply *r, struct fault *f)
{
	const struct call c = { .kind = CALL_LIST,
				.subscription =
					doctor_search_place(s)->subscription,
				.group = doctor_search_place(s)->group };

	for (size_t i = 0; i < r->list.n; i++)
		see(s, cloud, &r->list.items[i]);
	if (r->list.next_url && s->pages == PAGES_MAX - 1) {
		call_fault(&c, f, FAULT_INVALID, 0,
			   "it has no end after %d pages", PAGES_MAX);
		return false;
	}
	go_on(s, r->list.next_url);
	return s->place < rule_of(s)->n_places;
}

void doctor_search_tell(struct doctor_search *s, struct doctor_facts *f)
{
	const struct config_rule *rule = rule_of(s);

	f->rule = rule;
	if (s->place < rule->n_places) /* it failed there */
		f->place = &rule->places[s->place];
	s->n_seen = rule_sort(s->seen, s->n_seen);
	rule_choose(s->seen, s->n_seen, rule->max_registries);
	f->listed = s->n_seen;
	for (size_t i = 0; i < s->n_seen; i++)
		f->verdicts[s->seen[i].verdict]++;
	for (size_t i = rule->n_exclude; i-- > 0;) {
		if (s->useful[i])
			continue;
		f->n_useless++;
		f->useless = rule->exclude[i];
	}
}

struct doctor_search *doctor_search_new(const struct doctor_rules *rules,
					size_t of)
{
	struct doctor_search *s = text_alloc(1, sizeof(*s));

	s->rules = rules;
	s->of = of;
	s->useful = text_alloc(rules->all[of].n_exclude + 1, sizeof(bool));
	return s;
}

void doctor_search_free(struct doctor_search *s)
{
	if (!s)
		return;
	rule_seen_free(s->seen, 0, s->n_seen);
	free(s->seen);
	free(s->useful);
	free(s->url);
	free(s);
}
