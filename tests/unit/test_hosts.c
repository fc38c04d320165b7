/* hosts: one first, then as many as was learnt; servers take turns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "io/hosts.h"

static void test_limits(void **state)
{
	struct hosts *hs = hosts_new();
	struct host_node n[5] = { 0 };

	(void)state;
	assert_null(hosts_next(hs));
	for (int i = 0; i < 5; i++)
		hosts_join(hs, &n[i],
			   i % 2 ? "https://A:443" : "https://a:443");
	assert_ptr_equal(n[0].host, n[1].host);
	assert_ptr_equal(hosts_next(hs), &n[0]);
	assert_null(hosts_next(hs)); /* nothing is known of it yet */
	hosts_limit(hs, n[0].host, 3);
	assert_ptr_equal(hosts_next(hs), &n[1]);
	assert_ptr_equal(hosts_next(hs), &n[2]);
	assert_null(hosts_next(hs));
	assert_int_equal(hosts_running(n[0].host), 3);
	assert_ptr_equal(hosts_waiting(n[0].host), &n[3]);
	hosts_leave(hs, &n[3]); /* while it waits */
	hosts_leave(hs, &n[1]);
	hosts_leave(hs, &n[1]); /* twice is nothing */
	assert_ptr_equal(hosts_next(hs), &n[4]);
	hosts_limit(hs, n[0].host, 1);
	hosts_leave(hs, &n[0]);
	hosts_leave(hs, &n[2]);
	hosts_leave(hs, &n[4]);
	/* Forgotten with its last transfer: one at first again. */
	hosts_join(hs, &n[0], "https://a:443");
	assert_int_equal(hosts_limit_of(n[0].host), 1);
	hosts_leave(hs, &n[0]);
	hosts_free(hs);
}

static void test_turns(void **state)
{
	struct hosts *hs = hosts_new();
	struct host_node n[6] = { 0 };

	(void)state;
	for (int i = 0; i < 6; i++)
		hosts_join(hs, &n[i], i < 4 ? "https://a" : "https://b");
	hosts_limit(hs, n[0].host, 10);
	hosts_limit(hs, n[4].host, 10);
	assert_ptr_equal(hosts_next(hs), &n[0]);
	assert_ptr_equal(hosts_next(hs), &n[4]);
	assert_ptr_equal(hosts_next(hs), &n[1]);
	assert_ptr_equal(hosts_next(hs), &n[5]);
	assert_ptr_equal(hosts_next(hs), &n[2]);
	assert_ptr_equal(hosts_next(hs), &n[3]);
	assert_null(hosts_next(hs));
	for (int i = 0; i < 6; i++)
		hosts_leave(hs, &n[i]);
	hosts_free(hs);
}

static void test_many_hosts(void **state)
{
	static struct host_node n[2000];
	struct hosts *hs = hosts_new();
	char name[64];
	int running = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "https://v%d:443", i / 2);
		hosts_join(hs, &n[i], name);
	}
	while (hosts_next(hs))
		running++;
	assert_int_equal(running, 1000);
	for (int i = 0; i < 2000; i++)
		hosts_leave(hs, &n[i]);
	hosts_free(hs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_many_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
