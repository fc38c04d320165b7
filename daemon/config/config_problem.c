#include "config/config_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

#define LINE_MAX_BYTES 1200

void config_mistake(struct config_build *b, unsigned source, unsigned line,
		    const char *fmt, ...)
{
	struct config_mistake *m;
	char text[LINE_MAX_BYTES];
	va_list ap;

	if (b->n_mistakes == CONFIG_PROBLEMS_MAX) {
		b->unlisted++;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	b->mistakes = config_grow(b->mistakes, b->n_mistakes, sizeof(*m));
	m = &b->mistakes[b->n_mistakes];
	*m = (struct config_mistake){ source, line, b->n_mistakes,
				      text_dup(text) };
	b->n_mistakes++;
}

static int compare(const void *a, const void *b)
{
	const struct config_mistake *x = a, *y = b;

	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->seq < y->seq ? -1 : 1;
}

static void report(const struct config_build *b, const struct config_mistake *m,
		   const char *text, config_problem *problem, void *arg)
{
	const char *name = b->n_sources ? b->sources[m->source].name : "-";
	char *line = text_printf("%s:%u: %s", name, m->line, text);

	text_line(line);
	if (problem)
		problem(line, arg);
	free(line);
}

static void report_rest(const struct config_build *b, config_problem *problem,
			void *arg)
{
	char text[64];

	snprintf(text, sizeof(text), "%zu more mistakes are not listed.",
		 b->unlisted);
	report(b, &b->mistakes[b->n_mistakes - 1], text, problem, arg);
}

bool config_mistakes_report(struct config_build *b, config_problem *problem,
			    void *arg)
{
	if (!b->n_mistakes)
		return false;
	qsort(b->mistakes, b->n_mistakes, sizeof(*b->mistakes), compare);
	for (size_t i = 0; i < b->n_mistakes; i++)
		report(b, &b->mistakes[i], b->mistakes[i].text, problem, arg);
	if (b->unlisted)
		report_rest(b, problem, arg);
	for (size_t i = 0; i < b->n_mistakes; i++)
		free(b->mistakes[i].text);
	b->n_mistakes = 0;
	return true;
}
