/* Notes of the rules: who comes, who goes, and what is amiss. */
#include "engine/rules_tell.h"

#include <stdio.h>

#include "engine/note.h"

void rules_tell_found(struct engine *e, const struct registry *r)
{
	if (note_crowded(e)) {
		e->untold_found++;
		return;
	}
	note_tell(
		e, NOTE_FOUND, r->watch, r, NULL, NULL,
		"Registry %s is watched from now on: rule \"%s\" has found it on key %s.",
		r->id, r->rule->name, r->watch->base);
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
			e, NOTE_FOUND, NULL, NULL, NULL, NULL,
			"%zu other %s watched from now on, which rules have found at the same time; they are not told one by one.",
			e->untold_found,
			e->untold_found == 1 ? "registry is"
					     : "registries are");
	if (e->untold_left)
		note_tell(
			e, NOTE_RETIRED, NULL, NULL, NULL, NULL,
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
