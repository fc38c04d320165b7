/* Any bytes as a main file and, from a NUL on, a file of watch.d: a result or
 * at least one complaint, each with the name of its file and a line of it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
	size_t mistakes;
	unsigned long lines[2]; /* of each source */
	char *first;
};

/* "one:LINE: message"; a file as a whole has line 0 and no mistake, but for
 * those of the environment. */
static void on_problem(enum config_severity severity, const char *text,
		       void *arg)
{
	struct heard *heard = arg;
	char *end;
	unsigned long line = strtoul(text + strlen("one:"), &end, 10);
	bool outside = strstr(text, "_proxy of the environment: ") ||
		       strstr(text, "_PROXY of the environment: ");

	heard->mistakes += severity == CONFIG_MISTAKE;
	if (strncmp(text, "one:", 4) && strncmp(text, "two:", 4))
		abort();
	if (strncmp(end, ": ", 2) || !end[2] ||
	    line < (severity == CONFIG_MISTAKE && !outside) ||
	    line > heard->lines[text[0] == 't'])
		abort();
}

/* Half of what is named is not there. */
static bool look(enum config_thing thing, const char *name,
		 const struct credential *credential,
		 enum config_severity *severity, struct fault *why, void *arg)
{
	(void)thing;
	(void)credential;
	(void)arg;
	if (strlen(name) % 2)
		*severity = CONFIG_NOTE;
	return strlen(name) % 3 ||
	       fault_set(why, FAULT_MISSING, 0, "\"%s\" is not there", name);
}

/* What stands in the main file behind the name of a variable and "=". */
static const char *variable(const char *name, void *arg)
{
	const struct heard *heard = arg;
	const char *at = heard->first;

	while ((at = strstr(at, name))) {
		at += strlen(name);
		if (*at == '=')
			return at + 1;
	}
	return NULL;
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
		{ .name = "one", .text = text, .len = first },
		{ .name = "two", .text = text + first + 1, .len = rest },
	};
	static const struct config_host host = { look, variable };
	struct heard heard = { .first = text_ndup(text, first),
			       .lines = {
				       count_lines(text, first),
				       count_lines(text + first + 1, rest) } };
	struct config *c = config_parse(sources, first < size ? 2 : 1,
					on_problem, &host, &heard);

	if (!c != (heard.mistakes > 0))
		abort();
	config_free(c);
	free(heard.first);
	return 0;
}
