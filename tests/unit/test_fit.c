/* fit: how many files a configuration may take, and what is taken of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "fit.h"

#define VAULTS 400

static struct config_watch watches[VAULTS];

/* So many keys, in so many vaults. */
static struct config config_of(size_t keys, size_t vaults, unsigned requests)
{
	for (size_t i = 0; i < keys; i++)
		snprintf(watches[i].key.host, sizeof(watches[i].key.host),
			 "v%zu.vault.azure.net", i % vaults);
	return (struct config){ .watches = watches,
				.n_watches = keys,
				.max_requests = requests };
}

static size_t needed(size_t keys, size_t vaults, unsigned requests)
{
	struct config c = config_of(keys, vaults, requests);

	assert_int_equal(fit_hosts(&c), vaults + 3);
	return fit_files_needed(&c);
}

static void by_vaults_and_requests(void **state)
{
	size_t none = needed(0, 0, 1);

	(void)state;
	/* Two connections to each server are kept, whatever is in flight. */
	assert_int_equal(none, 64 + 48 + 6);
	assert_int_equal(needed(0, 0, 128), 64 + 48 + 24);
	assert_int_equal(needed(1, 1, 128), 64 + 48 + 32);
	assert_int_equal(needed(9, 1, 128), 64 + 48 + 32);
	assert_int_equal(needed(40, 40, 128), 64 + 48 + 128);
	assert_int_equal(needed(VAULTS, VAULTS, 128), 64 + 48 + 806);
	assert_int_equal(needed(VAULTS, VAULTS, 1000), 64 + 48 + 1000);
}

static void set(rlim_t soft, rlim_t hard)
{
	struct rlimit l = { soft, hard };

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &l), 0);
}

static rlim_t soft(void)
{
	struct rlimit l;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &l), 0);
	return l.rlim_cur;
}

/* Of what the hard limit lets, as much as is needed and no more. */
static void takes_what_it_may(void **state)
{
	struct config c = config_of(1, 1, 128);
	struct fault f = fault_none();

	(void)state;
	set(200, 200 + 1);
	assert_true(fit_files(&c, &f));
	assert_int_equal(soft(), 200);
	set(64, 200);
	assert_true(fit_files(&c, &f));
	assert_int_equal(soft(), 144);
	set(64, 143);
	assert_false(fit_files(&c, &f));
	assert_int_equal(soft(), 143);
	assert_non_null(strstr(f.text, "may have 143 files open"));
	assert_non_null(strstr(f.text, "LimitNOFILE=144 or more"));
	assert_int_equal(f.kind, FAULT_LOCAL);
}

static void groups(void **state)
{
	struct fault f = fault_none();

	(void)state;
	assert_false(fit_group("no-such-group-here", &f));
	assert_non_null(strstr(f.text, "does not exist"));
	if (fit_sees_all())
		assert_true(fit_group("0", &f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_vaults_and_requests),
		cmocka_unit_test(groups),
		/* The last one: not all may raise a hard limit again. */
		cmocka_unit_test(takes_what_it_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
