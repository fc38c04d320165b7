/* The rules in force, and what each LIST teaches them. */
#include "engine/rules.h"

#include <stdlib.h>
#include <string.h>

#include "azure/resid.h"
#include "base/text.h"
#include "engine/rules_tell.h"

static void forget_seen(struct look *l)
{
	rule_seen_free(l->seen, 0, l->n_seen);
	free(l->seen);
	l->seen = NULL;
	l->n_seen = 0;
}

static void forget_fresh(struct look *l)
{
	rule_seen_free(l->fresh, 0, l->n_fresh);
	free(l->fresh);
	l->fresh = NULL;
	l->n_fresh = 0;
}

static void hear(struct engine *e, struct look *l)
{
	if (!l->heard)
		e->n_looks_unheard--;
	l->heard = true;
	e->rules_due = true;
}

/* Its LIST is asked for in vain, and no first answer is awaited any more. */
static void set_dark(struct engine *e, struct scope *s, bool dark)
{
	if (dark != s->dark)
		e->n_looks_dark += dark ? 1 : (size_t)-1;
	s->dark = dark;
}

/* ---- by the LIST of a scope ---- */

void rules_begin(struct engine *e, struct scope *s)
{
	struct look *l;

	(void)e;
	LIST_FOREACH(l, &s->looks, link)
	{
		forget_seen(l);
		l->whole = true;
		l->odd = false;
		memset(l->seeing, 0, sizeof(l->seeing));
	}
}

static bool is_own(const struct look *l, const struct registry *r)
{
	return r && r->rule == l->rule && !r->retiring;
}

/* Of this rule, and on the key of its watch still: if it is pinned, it may have
 * been the daemon, to release it again.  To another key somebody else did. */
static bool is_held_here(const struct rule *rule, const struct registry *r,
			 const struct registry_item *item)
{
	return r && r->rule == rule && !r->retiring &&
	       keyid_same_key(&item->view.key, &r->watch->key);
}

const struct watch *rules_block(const struct engine *e, const char *key)
{
	const struct watch *w = model_find_watch(e, key, "");

	return w && !w->rule && !w->retired ? w : NULL;
}

/* What the rule says of it; r: itself, if it is watched.  A watch block of its
 * key may follow where the rule does not: who is pinned is left alone then. */
static enum rule_verdict match(const struct engine *e, const struct rule *rule,
			       const struct registry *r,
			       const struct registry_item *item)
{
	bool held = is_held_here(rule, r, item);
	enum rule_verdict v =
		rule_match(rule->file, &e->config->cloud, item, held);
	const struct watch *block;
	char key[KEYID_TEXT_MAX];

	if (v != RULE_WATCH || held || !item->view.key.version[0])
		return v;
	keyid_print_base(&item->view.key, key, sizeof(key));
	block = rules_block(e, key);
	return block && block->mode == WATCH_FOLLOW ? RULE_VERSIONED : v;
}

/* What others say of one that it means. */
static enum rule_verdict claimed(const struct rule *rule,
				 const struct registry *r)
{
	if (!r || r->retiring || r->rule == rule)
		return RULE_WATCH;
	if (!r->rule)
		return RULE_WRITTEN;
	return r->rule->order < rule->order ? RULE_EARLIER : RULE_WATCH;
}

/* Who cannot come is kept only as far as somebody who is there has to go. */
static void see(struct engine *e, struct look *l,
		const struct registry_item *item)
{
	const struct registry *r = model_find(e, item->id);
	enum rule_verdict v = match(e, l->rule, r, item);
	char key[KEYID_TEXT_MAX];
	struct rule_seen *x;

	if (v == RULE_OUTSIDE ||
	    !rule_is_in(&l->rule->file->places[l->place], item->id))
		return;
	l->seeing[v == RULE_WATCH ? claimed(l->rule, r) : v]++;
	if (v != RULE_WATCH && !is_own(l, r))
		return;
	l->seen = text_grow(l->seen, l->n_seen, sizeof(*l->seen));
	x = &l->seen[l->n_seen++];
	*x = (struct rule_seen){ .id = text_dup(item->id),
				 .verdict = v,
				 .place = (unsigned)l->place };
	if (item->view.key_valid) {
		keyid_print_base(&item->view.key, key, sizeof(key));
		x->key = text_dup(key);
	}
}

void rules_page(struct engine *e, struct scope *s, const struct reply *m)
{
	struct look *l;

	LIST_FOREACH(l, &s->looks, link)
	{
		if (!l->whole)
			continue;
		l->odd |= m->list.odd;
		for (size_t i = 0; i < m->list.n; i++)
			see(e, l, &m->list.items[i]);
	}
}

/* What the whole LIST says of one that is watched. */
static enum rule_verdict verdict_of(const struct look *l,
				    const struct registry *r)
{
	const struct rule_seen *x = rule_find(l->seen, l->n_seen, r->id);

	/* It may be what could not be told apart. */
	if (!x)
		return l->odd ? RULE_UNCLEAR : RULE_ABSENT;
	if (x->verdict == RULE_WATCH && !text_same(x->key, r->watch->base))
		return RULE_OTHER_KEY;
	return x->verdict;
}

/* That a LIST leaves it out is no proof, for Azure lists what may be read, and
 * a replica may lag: it was asked for itself, in vain, or it was moved out. */
static bool is_gone(const struct look *l, const struct registry *r)
{
	return r->facts.missing ||
	       rule_is_outside(l->rule->file, model_place(r));
}

/* One LIST is no proof: the second in a row decides. */
static void judge(struct engine *e, struct look *l, struct registry *r)
{
	enum rule_verdict v = verdict_of(l, r);

	if (rule_is_silent(v))
		return;
	r->out = v;
	if (v == RULE_WATCH)
		r->outs = 0;
	else if (r->outs < RULES_OUTS)
		r->outs++;
	if (r->outs < RULES_OUTS || v == RULE_OTHER_KEY ||
	    (v == RULE_ABSENT && !is_gone(l, r)))
		return;
	e->leavers = text_grow(e->leavers, e->n_leavers, sizeof(*e->leavers));
	e->leavers[e->n_leavers++] = r;
}

static void judge_all(struct engine *e, struct look *l)
{
	const struct config_place *p = &l->rule->file->places[l->place];
	struct scope *own = l->scope->end->owner;
	struct registry *r;

	TAILQ_FOREACH(r, &own->registries, scope_link) {
		if (!is_own(l, r) || !rule_is_in(p, r->id))
			continue;
		e->looks++;
		judge(e, l, r);
	}
}

/* Who would come: not those that are watched by it already, on that key. */
static void keep_fresh(struct engine *e, struct look *l)
{
	size_t n = 0;

	forget_fresh(l);
	for (size_t i = 0; i < l->n_seen; i++) {
		struct rule_seen *x = &l->seen[i];
		const struct registry *r = model_find(e, x->id);
		bool own = is_own(l, r);

		if (own && r->out == RULE_OTHER_KEY && r->outs >= RULES_OUTS)
			x->verdict = RULE_OTHER_KEY;
		if (x->verdict != (own ? RULE_OTHER_KEY : RULE_WATCH)) {
			rule_seen_free(l->seen, i, i + 1);
			continue;
		}
		l->seen[n++] = *x;
	}
	l->fresh = l->seen;
	l->n_fresh = n;
	l->decided = false;
	l->seen = NULL;
	l->n_seen = 0;
}

bool rules_listed(struct engine *e, struct scope *s)
{
	bool whole = true;
	struct look *l;

	set_dark(e, s, false);
	LIST_FOREACH(l, &s->looks, link)
	{
		if (!l->whole) {
			whole = false;
			continue;
		}
		l->n_seen = rule_sort(l->seen, l->n_seen);
		judge_all(e, l);
		keep_fresh(e, l);
		memcpy(l->shown, l->seeing, sizeof(l->shown));
		l->listed_at = model_azure(e);
		hear(e, l);
	}
	return whole;
}

void rules_failed(struct engine *e, struct scope *s, const struct fault *f)
{
	struct look *l;

	if (LIST_EMPTY(&s->looks) ||
	    (fault_is_transient(f) && s->failed < ENGINE_TRIES &&
	     s->job.failures < ENGINE_TRIES))
		return;
	set_dark(e, s, true);
	LIST_FOREACH(l, &s->looks, link)
	hear(e, l);
}

/* ---- who comes ---- */

void rules_own(struct registry *r, struct rule *rule)
{
	if (r->rule == rule)
		return;
	if (r->rule)
		r->rule->n_registries--;
	r->rule = rule;
	r->outs = 0;
	r->out = RULE_WATCH;
	if (rule)
		rule->n_registries++;
}

void rules_retire(struct registry *r)
{
	r->parting = model_mode(r);
	r->retiring = true;
	rules_own(r, NULL);
}

enum rule_verdict rules_judge(const struct engine *e, const struct rule *rule,
			      const struct registry_item *item)
{
	const struct registry *r = model_find(e, item->id);
	enum rule_verdict v = match(e, rule, r, item);

	return v == RULE_WATCH ? claimed(rule, r) : v;
}

static bool all_heard(const struct rule *rule)
{
	for (size_t i = 0; i < rule->n_looks; i++)
		if (!rule->looks[i].heard)
			return false;
	return true;
}

/* All that its last LISTs have shown, in one array. */
static struct rule_seen *gather(struct rule *rule, size_t *n)
{
	struct rule_seen *all;

	*n = 0;
	for (size_t i = 0; i < rule->n_looks; i++)
		*n += rule->looks[i].n_fresh;
	all = text_alloc(*n + 1, sizeof(*all));
	*n = 0;
	for (size_t i = 0; i < rule->n_looks; i++) {
		struct look *l = &rule->looks[i];

		if (l->n_fresh)
			memcpy(all + *n, l->fresh, l->n_fresh * sizeof(*all));
		*n += l->n_fresh;
		free(l->fresh);
		l->fresh = NULL;
		l->n_fresh = 0;
	}
	return all;
}

/* Each look has a number of its own: another one's LIST may be older. */
static void count_beyond(struct rule *rule, const struct rule_seen *all,
			 size_t n)
{
	rule->beyond = 0;
	for (size_t i = 0; i < rule->n_looks; i++) {
		if (!rule->looks[i].decided)
			rule->looks[i].beyond = 0;
		rule->looks[i].decided = true;
	}
	for (size_t i = 0; i < n; i++)
		if (all[i].verdict == RULE_BEYOND)
			rule->looks[all[i].place].beyond++;
	for (size_t i = 0; i < rule->n_looks; i++)
		rule->beyond += rule->looks[i].beyond;
}

struct rule_seen *rules_decide(struct engine *e, struct rule *rule, size_t *n)
{
	size_t most = rule->file->max_registries, all_n, kept = 0;
	struct rule_seen *all;

	*n = 0;
	if (!all_heard(rule))
		return NULL;
	all = gather(rule, &all_n);
	all_n = rule_sort(all, all_n);
	for (size_t i = 0; i < all_n; i++)
		if (all[i].verdict == RULE_WATCH)
			all[i].verdict =
				claimed(rule, model_find(e, all[i].id));
	rule_choose(all, all_n,
		    most > rule->n_registries ? most - rule->n_registries : 0);
	count_beyond(rule, all, all_n);
	rules_tell_beyond(e, rule);
	for (size_t i = 0; i < all_n; i++) {
		if (all[i].verdict == RULE_WATCH ||
		    all[i].verdict == RULE_OTHER_KEY)
			all[kept++] = all[i];
		else
			rule_seen_free(all, i, i + 1);
	}
	*n = kept;
	return all;
}

/* ---- the rules of a file ---- */

struct rule *rules_find(const struct engine *e, const char *name)
{
	for (size_t i = 0; name && i < e->n_rules; i++)
		if (text_same(e->rules[i]->name, name))
			return e->rules[i];
	return NULL;
}

static void drop_look(struct engine *e, struct look *l)
{
	if (!l->heard)
		e->n_looks_unheard--;
	LIST_REMOVE(l, link);
	forget_seen(l);
	forget_fresh(l);
}

static void drop_looks(struct engine *e, struct rule *rule)
{
	for (size_t i = 0; i < rule->n_looks; i++)
		drop_look(e, &rule->looks[i]);
	free(rule->looks);
	rule->looks = NULL;
	rule->n_looks = 0;
}

static void rule_free(struct engine *e, struct rule *rule)
{
	e->n_beyond -= rule->told;
	drop_looks(e, rule);
	free(rule->name);
	free(rule);
}

static struct rule *rule_new(const struct config_rule *c)
{
	struct rule *rule = text_alloc(1, sizeof(*rule));

	rule->name = text_dup(c->name);
	return rule;
}

void rules_look(struct engine *e, struct look *l, struct scope *s)
{
	l->scope = s;
	l->listed_at = -1;
	s->tags |= l->rule->file->n_tags > 0;
	LIST_INSERT_HEAD(&s->looks, l, link);
	l->heard = l->rule->heard;
	e->n_looks_unheard += !l->heard;
}

void rules_adopt(struct engine *e)
{
	const struct config *c = e->config;
	struct rule **old = e->rules;
	size_t n_old = e->n_rules;
	struct scope *s;

	for (size_t i = 0; i < n_old; i++) {
		old[i]->heard = all_heard(old[i]);
		drop_looks(e, old[i]);
		old[i]->file = NULL;
	}
	TAILQ_FOREACH(s, &e->scopes, link) {
		s->tags = false;
		set_dark(e, s, false);
	}
	e->rules = text_alloc(c->n_rules + n_old + 1, sizeof(*e->rules));
	for (size_t i = 0; i < c->n_rules; i++) {
		struct rule *rule = NULL;

		for (size_t k = 0; k < n_old && !rule; k++)
			if (text_same(old[k]->name, c->rules[i].name))
				rule = old[k];
		if (!rule)
			rule = rule_new(&c->rules[i]);
		rule->file = &c->rules[i];
		rule->mode = rule->file->mode;
		rule->nobody_told = false;
		rule->order = i;
		rule->n_looks = rule->file->n_places;
		rule->looks = text_alloc(rule->n_looks, sizeof(*rule->looks));
		for (size_t k = 0; k < rule->n_looks; k++) {
			rule->looks[k].rule = rule;
			rule->looks[k].place = k;
		}
		e->rules[i] = rule;
	}
	e->n_rules = c->n_rules;
	/* Behind them, until nobody is theirs any more. */
	for (size_t k = 0, at = c->n_rules; k < n_old; k++)
		if (!old[k]->file)
			e->rules[at++] = old[k];
	free(old);
}

void rules_forget(struct engine *e)
{
	for (size_t i = e->n_rules; e->rules && e->rules[i]; i++) {
		rule_free(e, e->rules[i]);
		e->rules[i] = NULL;
	}
}

void rules_free(struct engine *e)
{
	for (size_t i = 0; i < e->n_rules; i++)
		rule_free(e, e->rules[i]);
	free(e->rules);
	free(e->leavers);
}

const struct fault *rules_error(const struct rule *rule)
{
	for (size_t i = 0; i < rule->n_looks; i++)
		if (rule->looks[i].scope->error)
			return rule->looks[i].scope->error;
	return NULL;
}
