/* io/standard: a log that nobody reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/standard.h"

/* A pipe that nobody reads: no wait, whole lines, and the loss is told. */
static void nobody_reads(void **state)
{
	static char got[1 << 17], want[256];
	struct standard_log l = { .prefix = false };
	int ends[2], saved = dup(STDERR_FILENO);
	size_t len = 0, lines = 0;
	ssize_t n;

	(void)state;
	log_init(LOG_LEVEL_INFO, false);
	log_sink_set(standard_log, &l);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	for (int i = 0; i < 3000; i++)
		log_info("line %d of a log that stands still for long", i);
	n = read(ends[0], got, sizeof(got) / 2);
	assert_true(n > 0);
	len = (size_t)n;
	log_info("somebody reads again");
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[1]);
	while ((n = read(ends[0], got + len, sizeof(got) - 1 - len)) > 0)
		len += (size_t)n;
	close(ends[0]);
	got[len] = '\0';
	for (char *p = got; *p; p = strchr(p, '\n') + 1, lines++)
		assert_non_null(strchr(p, '\n'));
	assert_true(lines > 100 && lines < 3000);
	snprintf(want, sizeof(want),
		 "\n%zu lines of the log could not be written and are lost.\n"
		 "somebody reads again\n",
		 3000 - (lines - 2));
	assert_non_null(strstr(got, want));
	log_sink_set(NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
