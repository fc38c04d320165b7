/* Judges what a rule's LISTs have shown. */
#include "engine/doctor_rule.h"

#include "base/text.h"

static const char *registries(size_t n)
{
	return n == 1 ? "registry" : "registries";
}

void doctor_rule_scope(const struct doctor_facts *f, struct advice *a)
{
	const struct remedy_who w = doctor_advice_who(f);
	const char *scope = f->place ? f->place->text : NULL;

	if (f->fault.kind == FAULT_NONE) {
		doctor_advice_tell(a, "it can be listed: %zu %s", f->listed,
				   registries(f->listed));
		return;
	}
	doctor_advice_fail(a, "%s", f->fault.text);
	if (f->fault.kind == FAULT_MISSING) {
		doctor_advice_do(
			a,
			"See that the subscription and the resource group in the rule's scope are right");
	} else if (f->fault.kind == FAULT_DENIED &&
		   !doctor_advice_unknown(&f->fault)) {
		doctor_advice_do(
			a,
			"Give the credential the role \"" REMEDY_ARM_ROLE
			"\" on the scope, and wait some minutes until it holds");
		remedy_scope_reader(&a->command, &w, scope);
	} else {
		doctor_advice_again(&f->fault, a);
	}
}

/* Whom it means: with those beyond its limit. */
static size_t meant(const struct doctor_facts *f)
{
	return f->verdicts[RULE_WATCH] + f->verdicts[RULE_BEYOND];
}

/* What it says of most. */
static enum rule_verdict most(const struct doctor_facts *f)
{
	size_t found = 0;

	for (size_t v = 0; v < RULE_VERDICTS; v++)
		if (f->verdicts[v] > f->verdicts[found])
			found = v;
	return (enum rule_verdict)found;
}

/* That somebody else has them all may be meant. */
void doctor_rule_registries(const struct doctor_facts *f, struct advice *a)
{
	size_t others = f->verdicts[RULE_WRITTEN] + f->verdicts[RULE_EARLIER];

	if (f->listed == 0) {
		doctor_advice_warn(a, "There is no registry in its scope, or "
				      "none that the credential may read");
		doctor_advice_do(
			a,
			"See that the scope is the one that is meant, and that the credential has the role \"" REMEDY_ARM_ROLE
			"\" on all of it");
	} else if (meant(f) == 0 && others == 0) {
		doctor_advice_warn(
			a,
			"It watches none of the %zu %s in its scope; of most of them: %s",
			f->listed, registries(f->listed),
			rule_verdict_str(most(f)));
		doctor_advice_do(
			a,
			"See `keyrotctl discover --rule %s`, which tells why of each, and correct the rule",
			f->rule->name);
	} else {
		doctor_advice_tell(
			a,
			"it watches %zu of the %zu %s in its scope, and %zu %s watched by others",
			f->verdicts[RULE_WATCH], f->listed,
			registries(f->listed), others,
			others == 1 ? "is" : "are");
	}
}

void doctor_rule_limit(const struct doctor_facts *f, struct advice *a)
{
	size_t beyond = f->verdicts[RULE_BEYOND];

	if (!beyond) {
		doctor_advice_tell(a, "%zu of at most %u are taken", meant(f),
				   f->rule->max_registries);
		return;
	}
	doctor_advice_fail(
		a,
		"The rule means %zu registries, and max-registries is %u: %zu %s not watched",
		meant(f), f->rule->max_registries, beyond,
		beyond == 1 ? "is" : "are");
	doctor_advice_do(
		a,
		"Raise max-registries to %zu or more, or narrow the rule, if a scope was taken that is not meant",
		meant(f));
}

/* Of those with a key of their owner's that can be told. */
void doctor_rule_pattern(const struct doctor_facts *f, struct advice *a)
{
	const size_t *v = f->verdicts;
	size_t matched = meant(f) + v[RULE_CLOUD] + v[RULE_VERSIONED] +
			 v[RULE_WRITTEN] + v[RULE_EARLIER];

	if (!f->rule->key_pattern) {
		doctor_advice_tell(a, "any key is meant");
	} else if (matched || !v[RULE_PATTERN]) {
		doctor_advice_tell(a, "it matches the key of %zu %s", matched,
				   registries(matched));
	} else {
		doctor_advice_warn(
			a,
			"No key matches \"%s\": %zu %s of the scope %s on another one",
			f->rule->key_pattern, v[RULE_PATTERN],
			registries(v[RULE_PATTERN]),
			v[RULE_PATTERN] == 1 ? "is" : "are");
		doctor_advice_do(
			a,
			"Correct the pattern: it is held against the whole identifier without a version, from https:// on");
	}
}

void doctor_rule_exclude(const struct doctor_facts *f, struct advice *a)
{
	size_t all = f->rule->n_exclude;

	if (!all) {
		doctor_advice_tell(a, "nobody is left out");
	} else if (!f->n_useless) {
		doctor_advice_tell(
			a, "%zu %s left out", f->verdicts[RULE_EXCLUDED],
			f->verdicts[RULE_EXCLUDED] == 1 ? "is" : "are");
	} else {
		doctor_advice_warn(
			a,
			"%zu of %zu entries mean%s no registry in the scope, such as \"%s\"",
			f->n_useless, all, f->n_useless == 1 ? "s" : "",
			f->useless);
		doctor_advice_do(
			a,
			"Correct what is written wrongly: what has a slash is held against the whole id, the rest against the name; or take it out");
	}
}

void doctor_rule_tags(const struct doctor_facts *f, struct advice *a)
{
	size_t lack = f->verdicts[RULE_TAGS];
	size_t out = lack + f->verdicts[RULE_EXCLUDED] +
		     f->verdicts[RULE_DELETING] + f->verdicts[RULE_UNCLEAR];

	if (!f->rule->n_tags) {
		doctor_advice_tell(a, "none are asked for");
	} else if (!lack || out < f->listed) {
		doctor_advice_tell(a, "%zu %s do%s not have them", lack,
				   registries(lack), lack == 1 ? "es" : "");
	} else {
		doctor_advice_warn(
			a,
			"Not one registry has the tags that the rule asks for: %zu %s not",
			lack, lack == 1 ? "does" : "do");
		doctor_advice_do(
			a,
			"Correct the tags: names are compared without case, values with it; or tag the registries");
	}
}
