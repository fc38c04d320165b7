/*
 * doctor_search: the LISTs of a discover block's places, as the doctor reads
 * them: what each registry is to the rule, without watching any.
 *
 * A search owns what it keeps; the rules and what is named elsewhere are the
 * plan's, and outlive it.
 */
#ifndef KEYROTD_ENGINE_DOCTOR_SEARCH_H
#define KEYROTD_ENGINE_DOCTOR_SEARCH_H

#include "engine/doctor_facts.h"

/* All discover blocks of a configuration, and whom its watch blocks name. */
struct doctor_rules {
	struct config_rule *all; /* copies, in the order of the file */
	size_t n;
	const char **named; /* ids, sorted */
	size_t n_named;
};

struct doctor_search;

/* of: of rules->all. */
struct doctor_search *doctor_search_new(const struct doctor_rules *rules,
					size_t of);
void doctor_search_free(struct doctor_search *s); /* NULL is fine */

/* The place that is asked about now. */
const struct config_place *doctor_search_place(const struct doctor_search *s);
/* The question for its next page. */
void doctor_search_fill(const struct doctor_search *s, struct call *c);
/* A page has come.  True: another one is to be asked for; false: that was all
 * of it, or *f says why it is not. */
bool doctor_search_take(struct doctor_search *s, const struct cloud *cloud,
			const struct reply *r, struct fault *f);
/* What it comes to; what f points to then is the search's. */
void doctor_search_tell(struct doctor_search *s, struct doctor_facts *f);

#endif
