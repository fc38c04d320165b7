/* io/userns: whose ids are seen, by files laid out as /proc is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/userns.h"

#define WHOLE "         0          0 4294967295\n"

static char folder[64];
static struct userns u;

static const char *const names[] = { "self/uid_map", "self/gid_map",
				     "sys/kernel/overflowuid",
				     "sys/kernel/overflowgid" };
#define NAMES (sizeof(names) / sizeof(names[0]))

static const char *in(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/keyrotd-userns-XXXXXX");
	return mkdtemp(folder) && mkdir(in("self"), 0755) == 0 &&
			       mkdir(in("sys"), 0755) == 0 &&
			       mkdir(in("sys/kernel"), 0755) == 0
		       ? 0
		       : -1;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < NAMES; i++)
		unlink(in(names[i]));
	rmdir(in("sys/kernel"));
	rmdir(in("sys"));
	rmdir(in("self"));
	return rmdir(folder);
}

/* In the order of names; NULL: there is no such file. */
static void read_files(const char *const texts[NAMES])
{
	for (size_t i = 0; i < NAMES; i++) {
		FILE *f;

		unlink(in(names[i]));
		if (!texts[i])
			continue;
		f = fopen(in(names[i]), "w");
		assert_non_null(f);
		assert_true(fputs(texts[i], f) >= 0);
		fclose(f);
	}
	userns_read(&u, folder);
}

#define READ(...) read_files((const char *const[NAMES]){ __VA_ARGS__ })

static void all_are_seen(void **state)
{
	(void)state;
	READ(WHOLE, WHOLE, "65534\n", "65534\n");
	assert_true(userns_shows_all(&u));
	assert_true(userns_shows_members(&u, 1000));
	/* Where all have their own number, nobody is a user as any other. */
	assert_false(userns_hides_user(&u, 65534));
	assert_false(userns_hides_group(&u, 65534));
}

static void two_are_seen(void **state)
{
	(void)state;
	READ("0 0 1\n998 998 1\n", "0 0 1\n996 996 1\n", NULL, NULL);
	assert_false(userns_shows_all(&u));
	assert_true(userns_hides_user(&u, 65534));
	assert_true(userns_hides_group(&u, 65534));
	assert_false(userns_hides_user(&u, 0) || userns_hides_user(&u, 998));
	assert_false(userns_shows_members(&u, 1000));
	/* The daemon's own group is shown, and none of its members. */
	assert_false(userns_shows_members(&u, 996));
	assert_false(userns_shows_members(&u, 65534));
}

static void many_are_seen(void **state)
{
	(void)state;
	READ("0 0 65536\n", "0 0 65536\n", "65534\n", "65534\n");
	assert_false(userns_shows_all(&u));
	assert_true(userns_shows_members(&u, 1000));
	assert_false(userns_shows_members(&u, 70000));
	/* It is in the map, and stands for all that are not. */
	assert_true(userns_hides_user(&u, 65534));
	assert_false(userns_shows_members(&u, 65534));
}

static void other_overflow_ids(void **state)
{
	(void)state;
	READ("0 0 1\n", "0 0 1\n", "7777\n", "8888\n");
	assert_true(userns_hides_user(&u, 7777));
	assert_false(userns_hides_user(&u, 65534));
	assert_true(userns_hides_group(&u, 8888));
	assert_false(userns_hides_group(&u, 7777));
	READ("0 0 1\n", "0 0 1\n", "x\n", "99999999999\n");
	assert_true(userns_hides_user(&u, 65534));
	assert_true(userns_hides_group(&u, 65534));
}

/* What is not known grants nothing, and is not complained about. */
static void not_known(void **state)
{
	(void)state;
	READ(NULL, NULL, NULL, NULL);
	assert_true(userns_hides_user(&u, 65534));
	assert_true(userns_hides_group(&u, 65534));
	assert_false(userns_hides_user(&u, 0));
	assert_true(userns_shows_all(&u));
	assert_true(userns_shows_members(&u, 1000));
	READ("nonsense\n", WHOLE, "65534\n", "65534\n");
	assert_true(userns_hides_user(&u, 65534));
	assert_false(userns_hides_group(&u, 65534));
}

static void of_this_process(void **state)
{
	(void)state;
	assert_ptr_equal(userns_own(), userns_own());
	assert_true(userns_own()->uids.n > 0);
	assert_true(idmap_has(&userns_own()->uids, getuid()) ||
		    userns_hides_user(userns_own(), getuid()));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_seen),
		cmocka_unit_test(two_are_seen),
		cmocka_unit_test(many_are_seen),
		cmocka_unit_test(other_overflow_ids),
		cmocka_unit_test(not_known),
		cmocka_unit_test(of_this_process),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
