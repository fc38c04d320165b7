/* Notes of the rules: who comes, who goes, and what is amiss. */
#include "engine/rules_tell.h"

#include <stdio.h>
#include <string.h>

#include "engine/note.h"

#define REASONS 3 /* that are told, of most registries first */

void rules_tell_found(struct engine *e, struct registry *r)
{
	bool first = r->rule->nobody;

	r->rule->nobody = false;
	if (note_crowded(e)) {
		e->untold_found++;
		return;
	}
	note_tell(
		e, NOTE_FOUND, r->watch, r, NULL, NULL,
		"Registry %s is watched from now on: rule \"%s\" has found it on key %s%s.",
		r->id, r->rule->name, r->watch->base,
		first ? ", the first one after it watched nobody" : "");
}

void rules_tell_left(struct engine *e, const struct registry *r, unsigned lists)
{
	char so[40] = "";

	if (note_crowded(e)) {
		e->untold_left++;
		return;
	}
	if (lists)
		snprintf(so, sizeof(so), ", in %u lists in a row", lists);
	note_tell(e, NOTE_RETIRED, r->watch, r, NULL, r->facts.in_use,
		  "Registry %s is not watched any more by rule \"%s\": %s%s.",
		  r->id, r->rule->name, rule_verdict_str(r->out), so);
}

void rules_tell_gone(struct engine *e, const char *rule,
		     const struct rule_seen *x, enum rule_verdict v)
{
	if (note_crowded(e))
		e->untold_left++;
	else
		note_gone(
			e, NOTE_RETIRED, x->key, x->id,
			"Registry %s is not watched any more by rule \"%.64s\": %s. The configuration was changed while no daemon ran.",
			x->id, rule, rule_verdict_str(v));
}

void rules_tell_rest(struct engine *e)
{
	if (e->untold_found)
		note_tell(
			e, NOTE_WARNING, NULL, NULL, NULL, NULL,
			"%zu other %s watched from now on, which rules have found at the same time; they are not told one by one.",
			e->untold_found,
			e->untold_found == 1 ? "registry is"
					     : "registries are");
	if (e->untold_left)
		note_tell(
			e, NOTE_WARNING, NULL, NULL, NULL, NULL,
			"%zu other %s not watched any more by the rules that had found them; they are not told one by one.",
			e->untold_left,
			e->untold_left == 1 ? "registry is" : "registries are");
	e->untold_found = e->untold_left = 0;
}

void rules_tell_beyond(struct engine *e, struct rule *rule)
{
	e->n_beyond += rule->beyond - rule->told;
	if (rule->beyond && rule->beyond != rule->told)
		note_tell(
			e, NOTE_WARNING, NULL, NULL, NULL, NULL,
			"Rule \"%s\" is at its limit: %zu %s it matches %s not watched, for max-registries is %u. Raise that to at least %zu, or narrow the rule.",
			rule->name, rule->beyond,
			rule->beyond == 1 ? "registry that" : "registries that",
			rule->beyond == 1 ? "is" : "are",
			rule->file->max_registries,
			rule->file->max_registries + rule->beyond);
	rule->told = rule->beyond;
}

/* All lists of it together, whole ones. */
static bool add_up(const struct rule *rule, size_t shown[RULE_VERDICTS])
{
	for (size_t v = 0; v < RULE_VERDICTS; v++)
		shown[v] = 0;
	for (size_t i = 0; i < rule->n_looks; i++) {
		const struct look *l = &rule->looks[i];

		if (l->listed_at < 0 || l->scope->error)
			return false;
		for (size_t v = 0; v < RULE_VERDICTS; v++)
			shown[v] += l->shown[v];
	}
	return rule->n_looks > 0;
}

/* The reason that most of those have which are left; 0: there are none. */
static size_t take_most(size_t shown[RULE_VERDICTS], enum rule_verdict *most)
{
	size_t n;

	*most = RULE_WATCH;
	for (size_t v = 0; v < RULE_VERDICTS; v++)
		if (shown[v] > shown[*most])
			*most = (enum rule_verdict)v;
	n = shown[*most];
	shown[*most] = 0;
	return n;
}

/* "; of 10 of them: it does not have the tags; of 2: it is excluded". */
static void say_reasons(size_t shown[RULE_VERDICTS], size_t all, char *dst,
			size_t size)
{
	for (unsigned i = 0; i < REASONS; i++) {
		enum rule_verdict most;
		size_t n = take_most(shown, &most), at = strlen(dst);

		if (n && n == all)
			snprintf(dst + at, size - at, "%s: %s",
				 all > 1 ? "; of all of them" : "",
				 rule_verdict_str(most));
		else if (n)
			snprintf(dst + at, size - at, "; of %zu%s: %s", n,
				 i ? "" : " of them", rule_verdict_str(most));
	}
}

bool rules_nobody(const struct rule *rule, char *dst, size_t size)
{
	size_t shown[RULE_VERDICTS], all = 0, at;

	dst[0] = '\0';
	if (rule->n_registries || !add_up(rule, shown) || shown[RULE_WATCH] ||
	    shown[RULE_WRITTEN] || shown[RULE_EARLIER])
		return false;
	for (size_t v = 0; v < RULE_VERDICTS; v++)
		all += shown[v];
	snprintf(dst, size, "Its %s %s %zu %s",
		 rule->n_looks == 1 ? "list" : "lists",
		 rule->n_looks == 1 ? "shows" : "show", all,
		 all == 1 ? "registry" : "registries");
	say_reasons(shown, all, dst, size);
	at = strlen(dst);
	snprintf(dst + at, size - at, "%s.",
		 all ? "" : "; Azure lists only what may be read");
	return true;
}

void rules_tell_nobody(struct engine *e, struct rule *rule)
{
	char why[RULES_NOBODY_MAX];

	if (rule->nobody_told || !rules_nobody(rule, why, sizeof(why)))
		return;
	rule->nobody = rule->nobody_told = true;
	note_tell(
		e, NOTE_WARNING, NULL, NULL, NULL, NULL,
		"Rule \"%s\" watches nobody. %s See `keyrotctl discover --rule %s`.",
		rule->name, why, rule->name);
}
