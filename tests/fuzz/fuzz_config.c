/* Any bytes as a main file and, from a NUL on, a file of watch.d: a result or
 * at least one complaint, and none that the scan should have made. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_problem(const char *line, void *arg)
{
	/* "one:LINE: message" */
	const char *message = strchr(line + strlen("one:"), ':') + 2;

	++*(size_t *)arg;
	if (!strncmp(message, "libConfuse cannot", 17))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	size_t first = strnlen(text, size), said = 0;
	size_t rest = first < size ? size - first - 1 : 0;
	struct config_source sources[] = {
		{ "one", text, first },
		{ "two", text + first + 1, rest },
	};
	struct config *c =
		config_parse(sources, first < size ? 2 : 1, on_problem, &said);

	if (!c != (said > 0))
		abort();
	config_free(c);
	return 0;
}
