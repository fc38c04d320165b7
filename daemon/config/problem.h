/*
 * problem: the list of complaints about a configuration, told in the order of
 * files and lines.
 *
 * config_parse() owns the list; whoever reads adds to it, and nobody but
 * problem_report() empties it.
 */
#ifndef KEYROTD_CONFIG_PROBLEM_H
#define KEYROTD_CONFIG_PROBLEM_H

#include "config/config.h"

#define CONFIG_PROBLEMS_MAX 1000 /* listed; the rest is counted */

struct problem {
	enum config_severity severity;
	unsigned source, line;
	size_t order; /* of finding */
	char *text;
};

/* At most CONFIG_PROBLEMS_MAX mistakes are kept, the first that are found, and
 * as many warnings and notes, which never take a mistake's place. */
struct problems {
	const struct config_source *sources;
	struct problem *list;
	size_t n;
	size_t mistakes, unlisted; /* all of them; those of them not kept */
	size_t remarks, unlisted_remarks;
};

/* Complain about a mistake: one line of printf-style text. */
void problem_add(struct problems *p, unsigned source, unsigned line,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same for a warning or a note. */
void problem_remark(struct problems *p, enum config_severity severity,
		    unsigned source, unsigned line, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* Hand out all in the order of files and lines, and forget them; true when
 * there was a mistake. */
bool problem_report(struct problems *p, config_problem *say, void *arg);

#endif
