/* Whom rules have found come in, and go. */
#include "engine/adopt_rule.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/adopt_index.h"
#include "engine/adopt_leave.h"
#include "engine/adopt_registry.h"
#include "engine/adopt_scope.h"
#include "engine/adopt_watch.h"
#include "engine/health.h"
#include "engine/key.h"
#include "engine/list.h"
#include "engine/move.h"
#include "engine/note.h"
#include "engine/order.h"
#include "engine/outlook.h"
#include "engine/policy.h"
#include "engine/rules.h"
#include "engine/rules_tell.h"
#include "traffic/end.h"

#define RULE_PARALLEL 8 /* as max-parallel of a watch block */

/* As the rule says it, and as a watch block does that says no more. */
static struct config_watch words_of(const struct rule *rule, const char *key)
{
	struct config_watch c = { .mode = rule->file->mode,
				  .credential = rule->file->credential,
				  .via = CONFIG_VIA_VAULT,
				  .canary = true,
				  .max_parallel = RULE_PARALLEL,
				  .max_age_ms = -1,
				  .lease = rule->file->lease };
	struct fault f;

	keyid_parse(&c.key, key, &f);
	return c;
}

static const struct credential *credential_of(struct engine *e,
					      const struct rule *rule)
{
	return end_credential(&e->traffic,
			      &e->config->credentials[rule->file->credential]);
}

/* The first rule that has brought one of its registries has the word, whoever
 * of them came first; a watch block has it before all rules. */
static void rule_of_watch(struct engine *e, struct watch *w, struct rule *rule)
{
	struct config_watch c = words_of(rule, w->base);

	w->rule = rule;
	adopt_watch_options(e, w, &c);
}

/* What all rules of the file say of one whose own is there no more. */
static enum rule_verdict orphaned(const struct engine *e, const char *id,
				  const char *key)
{
	for (size_t i = 0; i < e->n_rules; i++)
		if (rule_match_known(e->rules[i]->file, id, key) == RULE_WATCH)
			return RULE_ORPHANED;
	return RULE_NOBODYS;
}

/* The same of its own rule, which keeps so many of this reload already. */
static enum rule_verdict kept_by(const struct engine *e,
				 const struct rule *rule, size_t kept,
				 const char *id, const char *key)
{
	enum rule_verdict v;

	if (!rule || !rule->file)
		return orphaned(e, id, key);
	v = rule_match_known(rule->file, id, key);
	return v == RULE_WATCH && kept >= rule->file->max_registries
		       ? RULE_BEYOND
		       : v;
}

size_t adopt_rule_keep(struct engine *e, struct registry **all, size_t n)
{
	for (size_t i = 0; i < e->n_registries; i++) {
		struct registry *r = e->by_id[i];
		struct rule *rule = r->rule;
		struct watch *w = r->watch;

		if (r->kept || r->retiring || !rule)
			continue;
		r->out = kept_by(e, rule, rule->kept, r->id, w->base);
		if (r->out != RULE_WATCH)
			continue;
		if (!w->kept || (w->rule && rule->order < w->rule->order))
			rule_of_watch(e, w, rule);
		adopt_registry_take(e, w, &r->id, credential_of(e, rule));
		rule->kept++;
		all[n++] = r;
	}
	return n;
}

void adopt_rule_looks(struct engine *e)
{
	rules_adopt(e);
	for (size_t i = 0; i < e->n_rules; i++) {
		struct rule *rule = e->rules[i];

		rule->kept = 0;
		for (size_t k = 0; k < rule->n_looks; k++)
			rules_look(
				e, &rule->looks[k],
				adopt_scope_of_place(e, &rule->file->places[k],
						     credential_of(e, rule)));
	}
}

/* The index does not know it yet when it is new. */
static struct watch *watch_of_rule(struct engine *e, struct rule *rule,
				   const char *key)
{
	struct watch *w = model_find_watch(e, key, "");
	struct config_watch c;

	if (!w) {
		c = words_of(rule, key);
		w = adopt_watch_new(e, &c);
		rule_of_watch(e, w, rule);
	} else if (w->retired || (w->rule && rule->order < w->rule->order)) {
		rule_of_watch(e, w, rule);
	}
	return w;
}

/* It is read now: a LIST that comes again shows all of them. */
static void begin(struct engine *e, struct registry *r)
{
	move_in_time(e, r);
	if (model_lists(r->scope))
		list_begin(e, r->scope);
	else
		move_ask(e, r);
	key_in_time(e, r->watch);
	policy_in_time(e, r->watch);
}

static int by_key_and_id(const void *a, const void *b)
{
	const struct rule_seen *x = a, *y = b;
	int order = strcasecmp(x->key, y->key);

	return order ? order : resid_compare(x->id, y->id);
}

/* They come in, those of one key after the other; what finds keys and
 * registries is put in order once. */
static void join(struct engine *e, struct rule *rule, struct rule_seen *seen,
		 size_t n, bool tell)
{
	struct registry **all =
		text_alloc(e->n_registries + n + 1, sizeof(*all));
	size_t n_all = e->n_registries;

	struct watch *w = NULL;

	if (n_all)
		memcpy(all, e->by_id, n_all * sizeof(*all));
	qsort(seen, n, sizeof(*seen), by_key_and_id);
	for (size_t i = 0; i < n; i++) {
		bool known = model_find(e, seen[i].id) != NULL;
		struct registry *r;
		char *id;

		if (!w || !text_same(w->base, seen[i].key))
			w = watch_of_rule(e, rule, seen[i].key);
		id = text_dup(seen[i].id);
		r = adopt_registry_take(e, w, &id, credential_of(e, rule));
		free(id);
		if (!r)
			continue;
		rules_own(r, rule);
		if (!known)
			all[n_all++] = r;
		begin(e, r);
		if (tell)
			rules_tell_found(e, r);
	}
	adopt_index_registries(e, all, n_all);
	adopt_index_watches(e);
	outlook_stale(e);
	note_save(e);
}

/* Nobody is of it any more, but who has a write under way. */
static bool is_left(const struct watch *w)
{
	const struct registry *r;

	TAILQ_FOREACH(r, &w->registries, watch_link)
		if (!r->retiring)
			return false;
	return true;
}

/* Of whose rule the watches are now, and which of them are over. */
static void sort_watches(struct engine *e)
{
	struct watch *w;

	TAILQ_FOREACH(w, &e->watches, link) {
		struct rule *first = NULL;
		struct registry *r;

		w->kept = true;
		if (!w->rule)
			continue;
		w->kept = !is_left(w);
		TAILQ_FOREACH(r, &w->registries, watch_link)
			if (!r->retiring && r->rule &&
			    (!first || r->rule->order < first->order))
				first = r->rule;
		if (first && first != w->rule)
			rule_of_watch(e, w, first);
	}
	adopt_leave_watches(e);
	adopt_index_watches(e);
}

static void leave(struct engine *e, struct registry *r)
{
	order_leave(e, r, "its rule does not mean it any more");
	rules_tell_left(e, r, RULES_OUTS);
	if (!model_writing(r))
		move_stop(e, r);
	health_leave(e, r);
	rules_retire(r);
	model_mark(e, r, MARK_LOOK);
}

void adopt_rule_found(struct engine *e)
{
	bool some = e->n_leavers > 0;

	if (!e->rules_due)
		return;
	e->rules_due = false;
	for (size_t i = 0; i < e->n_leavers; i++)
		leave(e, e->leavers[i]);
	e->n_leavers = 0;
	for (size_t i = 0; i < e->n_rules; i++) {
		size_t n;
		struct rule_seen *all = rules_decide(e, e->rules[i], &n);

		if (n) {
			join(e, e->rules[i], all, n, true);
			some = true;
		}
		rule_seen_free(all, 0, n);
		free(all);
	}
	if (some)
		sort_watches(e);
	for (size_t i = 0; i < e->n_rules; i++)
		rules_tell_nobody(e, e->rules[i]);
	rules_tell_rest(e);
}

/* The saved state must not tell of it again. */
static void gone(struct engine *e, const char *rule, const struct rule_seen *x,
		 enum rule_verdict v)
{
	rules_tell_gone(e, rule, x, v);
	note_save(e);
}

void adopt_rule_again(struct engine *e, const char *name, struct rule_seen *all,
		      size_t n)
{
	struct rule *rule = rules_find(e, name);
	size_t kept = 0;

	n = rule_sort(all, n);
	for (size_t i = 0; i < n; i++) {
		bool known = model_find(e, all[i].id) != NULL;
		enum rule_verdict v = all[i].verdict;

		if (v == RULE_WATCH)
			v = kept_by(e, rule,
				    rule ? rule->n_registries + kept : 0,
				    all[i].id, all[i].key);
		if (!known && v == RULE_WATCH) {
			all[kept++] = all[i];
			continue;
		}
		if (!known)
			gone(e, name, &all[i], v);
		rule_seen_free(all, i, i + 1);
	}
	if (kept)
		join(e, rule, all, kept, false);
	rule_seen_free(all, 0, kept);
}
