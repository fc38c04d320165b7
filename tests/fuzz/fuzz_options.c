/* keyrotd's command line, words parted by NUL: it runs, checks, examines,
 * prints, or says what is wrong and runs nothing. */
#include <getopt.h>

#include "fuzz.h"

/* What it would print comes here. */
static FILE *printed;
#undef stdout
#undef stderr
#define stdout printed
#define stderr printed
#define main keyrotd_main
int keyrotd_main(int argc, char **argv);
#include "main.c"
#undef main

#define WORDS_MAX 12

static struct daemon_options got;
static const char *checked;
static unsigned calls;
static bool examined, writes;

/* In place of daemon.c's. */
int daemon_run(const struct daemon_options *o)
{
	calls++;
	got = *o;
	return DAEMON_OK;
}

int daemon_doctor(const struct daemon_options *o)
{
	calls++;
	got = *o;
	examined = true;
	return DAEMON_OK;
}

int daemon_check(const char *config_file)
{
	calls++;
	checked = config_file;
	return DAEMON_OK;
}

/* In place of io/audit_writer's. */
int audit_writer_run(void)
{
	writes = true;
	return DAEMON_OK;
}

/* The last word is no option and no option's value. */
static bool has_stray(char *const *words, int n)
{
	return n > 1 && words[n - 1][0] != '-' &&
	       (n == 2 || words[n - 2][0] != '-');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	char *words[WORDS_MAX + 2] = { text_dup("keyrotd") };
	char *all[WORDS_MAX + 2]; /* getopt_long changes the order */
	char out[8192] = "";
	int n = 1, code;

	while (in.size && n <= WORDS_MAX)
		words[n++] = fuzz_piece(&in);
	memcpy(all, words, sizeof(all));
	printed = fmemopen(out, sizeof(out), "w");
	calls = 0;
	examined = writes = false;
	got.config_file = checked = NULL;
	optind = 0; /* glibc: start afresh */
	opterr = 0;
	code = keyrotd_main(n, words);
	fclose(printed);
	FUZZ_NEED(calls <= 1);
	FUZZ_NEED(code == DAEMON_OK || (code == DAEMON_USAGE && !calls));
	FUZZ_NEED(!calls || !has_stray(all, n));
	/* How the daemon starts its writer: with that word alone. */
	FUZZ_NEED(!writes || (n == 2 && !calls));
	FUZZ_NEED((calls || writes) == (out[0] == '\0'));
	if (calls)
		FUZZ_NEED(checked || (got.config_file && got.log_level >= -1 &&
				      got.log_level <= 7));
	/* Who wants no daemon gets none. */
	if (calls && !checked)
		FUZZ_NEED(examined ? !got.once : !got.json);
	for (int i = 0; i < n; i++)
		free(all[i]);
	return 0;
}
