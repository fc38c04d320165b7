/* The list of complaints: found in any order, told in that of the files and
 * lines. */
#include "config/config_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LINE_MAX_BYTES 1200

void problem_add(struct problems *p, unsigned source, unsigned line,
		 const char *fmt, ...)
{
	char text[LINE_MAX_BYTES];
	va_list ap;

	if (p->n == CONFIG_PROBLEMS_MAX) {
		p->unlisted++;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	p->list = config_grow(p->list, p->n, sizeof(*p->list));
	p->list[p->n] = (struct problem){ source, line, p->n, text_dup(text) };
	p->n++;
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

static void tell(const struct problems *p, const struct problem *at,
		 const char *text, config_problem *say, void *arg)
{
	char *line = text_printf("%s:%u: %s", p->sources[at->source].name,
				 at->line, text);

	text_line(line);
	if (say)
		say(line, arg);
	free(line);
}

bool problem_report(struct problems *p, config_problem *say, void *arg)
{
	size_t n = p->n;
	char rest[64];

	if (!n)
		return false;
	qsort(p->list, n, sizeof(*p->list), compare);
	for (size_t i = 0; i < n; i++)
		tell(p, &p->list[i], p->list[i].text, say, arg);
	snprintf(rest, sizeof(rest), "%zu more mistakes are not listed.",
		 p->unlisted);
	if (p->unlisted)
		tell(p, &p->list[n - 1], rest, say, arg);
	for (size_t i = 0; i < n; i++)
		free(p->list[i].text);
	free(p->list);
	*p = (struct problems){ .sources = p->sources };
	return true;
}
