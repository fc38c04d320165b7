/* The list of complaints: found in any order, told in that of the files and
 * lines. */
#include "config/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

#define LINE_MAX_BYTES 1200

static void __attribute__((format(printf, 5, 0)))
keep(struct problems *p, enum config_severity severity, unsigned source,
     unsigned line, const char *fmt, va_list ap)
{
	bool mistake = severity == CONFIG_MISTAKE;
	size_t *count = mistake ? &p->mistakes : &p->remarks;
	char text[LINE_MAX_BYTES];

	if ((*count)++ >= CONFIG_PROBLEMS_MAX) {
		*(mistake ? &p->unlisted : &p->unlisted_remarks) += 1;
		return;
	}
	vsnprintf(text, sizeof(text), fmt, ap);
	p->list = text_grow(p->list, p->n, sizeof(*p->list));
	p->list[p->n] = (struct problem){ severity, source, line, p->n,
					  text_dup(text) };
	p->n++;
}

void problem_add(struct problems *p, unsigned source, unsigned line,
		 const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	keep(p, CONFIG_MISTAKE, source, line, fmt, ap);
	va_end(ap);
}

void problem_remark(struct problems *p, enum config_severity severity,
		    unsigned source, unsigned line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	keep(p, severity, source, line, fmt, ap);
	va_end(ap);
}

static int compare(const void *a, const void *b)
{
	const struct problem *x = a, *y = b;

	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static void tell(const struct problems *p, enum config_severity severity,
		 const struct problem *at, const char *text,
		 config_problem *say, void *arg)
{
	static const char *const words[] = { [CONFIG_MISTAKE] = "",
					     [CONFIG_WARNING] = "warning: ",
					     [CONFIG_NOTE] = "note: ",
					     [CONFIG_CHOICE] = "note: " };
	char *line = text_printf("%s:%u: %s%s", p->sources[at->source].name,
				 at->line, words[severity], text);

	text_line(line);
	if (say)
		say(severity, line, arg);
	free(line);
}

static void tell_rest(const struct problems *p, enum config_severity severity,
		      size_t n, const char *what, config_problem *say,
		      void *arg)
{
	char rest[64];

	snprintf(rest, sizeof(rest), "%zu more %s are not listed.", n, what);
	if (n)
		tell(p, severity, &p->list[p->n - 1], rest, say, arg);
}

bool problem_report(struct problems *p, config_problem *say, void *arg)
{
	bool mistakes = p->mistakes > 0;

	if (!p->n)
		return false;
	qsort(p->list, p->n, sizeof(*p->list), compare);
	for (size_t i = 0; i < p->n; i++)
		tell(p, p->list[i].severity, &p->list[i], p->list[i].text, say,
		     arg);
	tell_rest(p, CONFIG_MISTAKE, p->unlisted, "mistakes", say, arg);
	tell_rest(p, CONFIG_WARNING, p->unlisted_remarks, "warnings", say, arg);
	for (size_t i = 0; i < p->n; i++)
		free(p->list[i].text);
	free(p->list);
	*p = (struct problems){ .sources = p->sources };
	return mistakes;
}
