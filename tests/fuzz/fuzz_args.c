/* keyrotctl's command line, words parted by NUL: either all is understood, or
 * one sentence says what is not. */
#include "ctl/args.h"
#include "ctl/command.h"
#include "fuzz.h"

#define WORDS_MAX 12

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	char *words[WORDS_MAX + 2] = { text_dup("keyrotctl") };
	char *all[WORDS_MAX + 2]; /* getopt_long changes the order */
	struct args a;
	int n = 1;
	bool ok;

	while (in.size && n <= WORDS_MAX)
		words[n++] = fuzz_piece(&in);
	memcpy(all, words, sizeof(all));
	ok = args_parse(&a, n, words, NULL);
	FUZZ_NEED(ok == (a.problem[0] == '\0'));
	FUZZ_NEED(fuzz_is_line(a.problem));
	FUZZ_NEED(a.socket && (!ok || a.socket[0]));
	FUZZ_NEED(a.command == (a.name ? command_find(a.name) : NULL));
	if (ok && !a.help && !a.version) {
		FUZZ_NEED(a.command && a.operands >= a.command->min &&
			  a.operands <= a.command->max);
		FUZZ_NEED(a.timeout_ms >= 1000 && a.timeout_ms <= 3600000);
		FUZZ_NEED(!a.until || text_parse_rfc3339(a.until) >= 0);
		FUZZ_NEED(a.for_ms == -1 || a.for_ms >= 1000);
		FUZZ_NEED(!a.operand || a.operand[0]);
	}
	for (int i = 0; i < n; i++)
		free(all[i]);
	return 0;
}
