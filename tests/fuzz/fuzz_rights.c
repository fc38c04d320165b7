/* An answer of the permissions API: what it grants hangs on its own words, so
 * what no pattern of it can fit is never granted. */
#include "azure/rights.h"
#include "reply.h"

#define ALL (CALL_RIGHT_READ | CALL_RIGHT_WRITE | CALL_RIGHT_OPERATIONS)

static void choose(struct call *call, unsigned option)
{
	(void)call;
	(void)option;
}

static void look(const struct call *call, const struct reply *r)
{
	(void)call;
	FUZZ_NEED(!(r->rights.granted & ~(unsigned)ALL));
}

/* Two texts for the matching itself: a pattern without a star fits what it
 * spells, "*" fits everything, and a star never fits less. */
static void match(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	char *pattern = fuzz_piece(&in), *action = fuzz_piece(&in);
	char *wider = text_printf("*%s*", pattern);
	bool fits = rights_match(pattern, action);

	FUZZ_NEED(rights_match("*", action));
	FUZZ_NEED(rights_match(action, action));
	FUZZ_NEED(!fits || rights_match(wider, action));
	FUZZ_NEED(strchr(pattern, '*') || fits == text_same(pattern, action));
	free(pattern);
	free(action);
	free(wider);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call call = { .kind = CALL_RIGHTS };

	reply_read(data, size, &call, choose, look);
	if (size <= 4096)
		match(data, size);
	return 0;
}
