/* Any bytes as a main file and, from a NUL on, a file of watch.d: a result or
 * at least one complaint, each with the name of its file and a line of it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
	size_t complaints;
	unsigned long lines[2]; /* of each source */
};

/* "one:LINE: message" */
static void on_problem(const char *text, void *arg)
{
	struct heard *heard = arg;
	char *end;
	unsigned long line = strtoul(text + strlen("one:"), &end, 10);

	heard->complaints++;
	if (strncmp(text, "one:", 4) && strncmp(text, "two:", 4))
		abort();
	if (strncmp(end, ": ", 2) || !end[2] || line < 1 ||
	    line > heard->lines[text[0] == 't'])
		abort();
}

static unsigned long count_lines(const char *text, size_t len)
{
	unsigned long n = 1;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	size_t first = strnlen(text, size);
	size_t rest = first < size ? size - first - 1 : 0;
	struct config_source sources[] = {
		{ "one", text, first },
		{ "two", text + first + 1, rest },
	};
	struct heard heard = { .lines = {
				       count_lines(text, first),
				       count_lines(text + first + 1, rest) } };
	struct config *c =
		config_parse(sources, first < size ? 2 : 1, on_problem, &heard);

	if (!c != (heard.complaints > 0))
		abort();
	config_free(c);
	return 0;
}
