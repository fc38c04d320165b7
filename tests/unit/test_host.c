/* traffic/host: room at one origin, and who is next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "traffic/host.h"

#define VAULT "https://contoso.vault.azure.net"
#define ARM "https://management.azure.com"
#define MANY 60

static struct hosts hosts;
static struct heap_node nodes[MANY];

static int fresh(void **state)
{
	(void)state;
	memset(nodes, 0, sizeof(nodes));
	host_init(&hosts);
	host_share(&hosts, 1000);
	return 0;
}

static int over(void **state)
{
	(void)state;
	host_free(&hosts);
	return 0;
}

/* MANY wait; as many begin as the host has room for.  The rest leave. */
static unsigned begin_all(struct host *h, int64_t boot)
{
	struct heap_node *n;
	unsigned begun = 0;

	for (int i = 0; i < MANY; i++)
		host_join(&hosts, h, &nodes[i], i);
	while (host_next(&hosts) == h) {
		assert_non_null(host_pop(&hosts, h));
		host_begin(&hosts, h, boot);
		begun++;
	}
	while ((n = heap_min(&h->queue)))
		host_leave(&hosts, h, n);
	return begun;
}

static void end_all(struct host *h, int64_t boot)
{
	while (h->running > 0)
		host_end(&hosts, h, boot);
}

static void one_question_to_a_stranger(void **state)
{
	struct host *h = host_find(&hosts, VAULT);

	(void)state;
	assert_null(host_next(&hosts));
	assert_int_equal(begin_all(h, 0), 1);
	/* That it ended proves nothing. */
	end_all(h, 100);
	host_learn(&hosts, h, HOST_NOTHING, true, 0, 100);
	assert_int_equal(begin_all(h, 200), 1);
}

static void many_once_it_answered(void **state)
{
	struct host *h = host_find(&hosts, VAULT);

	(void)state;
	host_begin(&hosts, h, 0);
	host_end(&hosts, h, 10);
	host_learn(&hosts, h, HOST_ANSWERED, true, 0, 10);
	assert_int_equal(h->answered_at, 10);
	assert_int_equal(begin_all(h, 20), TRAFFIC_STREAMS);
	end_all(h, 30);
	/* Without HTTP/2 each of them is a connection. */
	host_learn(&hosts, h, HOST_ANSWERED, false, 20, 30);
	assert_int_equal(begin_all(h, 40), TRAFFIC_CONNECTIONS);
}

static void one_at_a_time_though_it_answers(void **state)
{
	struct host *h = host_find(&hosts, VAULT);

	(void)state;
	host_learn(&hosts, h, HOST_ANSWERED, true, 0, 0);
	host_join(&hosts, h, &nodes[0], 0);
	host_single(&hosts, h);
	assert_ptr_equal(host_next(&hosts), h);
	host_leave(&hosts, h, &nodes[0]);
	assert_int_equal(begin_all(h, 0), 1);
	end_all(h, 10);
	host_learn(&hosts, h, HOST_ANSWERED, true, 0, 10);
	assert_int_equal(begin_all(h, 20), 1);
}

/* While more run than there is room for now, none follows. */
static void less_room_than_run(void **state)
{
	struct host *h = host_find(&hosts, VAULT);

	(void)state;
	host_learn(&hosts, h, HOST_ANSWERED, true, 0, 0);
	assert_int_equal(begin_all(h, 0), 32);
	host_learn(&hosts, h, HOST_ANSWERED, false, 0, 5);
	host_join(&hosts, h, &nodes[0], 0);
	for (int i = 0; i < 24; i++) {
		assert_null(host_next(&hosts));
		host_end(&hosts, h, 10);
	}
	assert_null(host_next(&hosts));
	host_end(&hosts, h, 10);
	assert_ptr_equal(host_next(&hosts), h);
	host_leave(&hosts, h, &nodes[0]);
}

static void a_quarter_of_all_at_most(void **state)
{
	static const struct {
		unsigned max_requests, share;
	} rows[] = { { 1, 1 },	  { 3, 1 },    { 4, 1 },    { 7, 1 },
		     { 8, 2 },	  { 64, 16 },  { 127, 31 }, { 128, 32 },
		     { 200, 32 }, { 1000, 32 } };
	struct host *h = host_find(&hosts, VAULT);

	(void)state;
	host_learn(&hosts, h, HOST_ANSWERED, true, 0, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		host_share(&hosts, rows[i].max_requests);
		assert_int_equal(begin_all(h, 10), rows[i].share);
		end_all(h, 10);
	}
}

/* A larger share counts at once for who waits already, and a smaller one. */
static void the_share_counts_at_once(void **state)
{
	struct host *h = host_find(&hosts, VAULT);

	(void)state;
	host_share(&hosts, 4);
	host_learn(&hosts, h, HOST_ANSWERED, true, 0, 0);
	host_begin(&hosts, h, 0);
	host_join(&hosts, h, &nodes[0], 0);
	assert_null(host_next(&hosts));
	host_share(&hosts, 8);
	assert_ptr_equal(host_next(&hosts), h);
	host_share(&hosts, 4);
	assert_null(host_next(&hosts));
	host_leave(&hosts, h, &nodes[0]);
}

static void failure_takes_it_back_to_one(void **state)
{
	struct host *h = host_find(&hosts, VAULT);

	(void)state;
	host_learn(&hosts, h, HOST_ANSWERED, true, 0, 1000);
	host_learn(&hosts, h, HOST_FAILED, false, 1001, 2000);
	assert_int_equal(begin_all(h, 2000), 1);
	end_all(h, 2100);
	host_learn(&hosts, h, HOST_ANSWERED, true, 2000, 2100);
	assert_int_equal(begin_all(h, 2100), 32);
}

static void one_failure_among_answers_is_not_the_host_s(void **state)
{
	struct host *h = host_find(&hosts, VAULT);

	(void)state;
	host_learn(&hosts, h, HOST_ANSWERED, true, 0, 1000);
	/* Sent at 500: an answer came at 1000. */
	host_learn(&hosts, h, HOST_FAILED, false, 500, 60500);
	host_learn(&hosts, h, HOST_FAILED, false, 1000, 61000);
	assert_int_equal(h->limit, 32);
	host_learn(&hosts, h, HOST_NOTHING, false, 1500, 61000);
	assert_int_equal(h->limit, 32);
	host_learn(&hosts, h, HOST_FAILED, false, 1001, 61001);
	assert_int_equal(h->limit, 1);
}

static void a_while_without_a_transfer(void **state)
{
	struct host *h = host_find(&hosts, VAULT);

	(void)state;
	host_begin(&hosts, h, 0);
	host_end(&hosts, h, 50);
	host_learn(&hosts, h, HOST_ANSWERED, true, 0, 50);
	/* To the millisecond. */
	assert_int_equal(begin_all(h, 50 + TRAFFIC_TRUST_MS), 32);
	end_all(h, 30000);
	assert_int_equal(begin_all(h, 30001 + TRAFFIC_TRUST_MS), 1);
	end_all(h, 60000);
	/* One that is under way all the time keeps it known. */
	host_learn(&hosts, h, HOST_ANSWERED, true, 59000, 60000);
	host_begin(&hosts, h, 60000);
	assert_int_equal(begin_all(h, 61000 + TRAFFIC_TRUST_MS), 31);
}

/* Of those whose last word was silence, so many that all flights could be
 * theirs: half is. */
static void silent_ones_have_half_together(void **state)
{
	struct host *h[10], *fresh, *good = host_find(&hosts, ARM);
	char origin[32];

	(void)state;
	host_share(&hosts, 8);
	host_learn(&hosts, good, HOST_ANSWERED, true, 0, 10);
	for (int i = 0; i < 10; i++) {
		snprintf(origin, sizeof(origin), "https://v%d.example", i);
		h[i] = host_find(&hosts, origin);
		host_learn(&hosts, h[i], HOST_SILENT, false, 0, 10);
		host_join(&hosts, h[i], &nodes[i], i);
	}
	for (int i = 0; i < 4; i++) {
		assert_ptr_equal(host_next(&hosts), h[i]);
		host_pop(&hosts, h[i]);
		host_begin(&hosts, h[i], 20);
	}
	assert_null(host_next(&hosts));
	/* Who is known finds room, and so does a stranger. */
	fresh = host_find(&hosts, VAULT);
	host_join(&hosts, good, &nodes[20], 100);
	host_join(&hosts, fresh, &nodes[21], 101);
	assert_ptr_equal(host_next(&hosts), good);
	host_pop(&hosts, good);
	assert_ptr_equal(host_next(&hosts), fresh);
	host_pop(&hosts, fresh);
	host_begin(&hosts, fresh, 20);
	/* One ends: the next of them goes. */
	host_end(&hosts, h[0], 30);
	host_learn(&hosts, h[0], HOST_SILENT, false, 20, 30);
	assert_ptr_equal(host_next(&hosts), h[4]);
	host_pop(&hosts, h[4]);
	host_begin(&hosts, h[4], 30);
	assert_null(host_next(&hosts));
	/* One that answers is none of them any more, be it with a 503. */
	host_end(&hosts, h[1], 40);
	host_learn(&hosts, h[1], HOST_FAILED, false, 20, 40);
	host_join(&hosts, h[1], &nodes[1], 1);
	host_begin(&hosts, h[5], 40);
	assert_ptr_equal(host_next(&hosts), h[1]);
	host_pop(&hosts, h[1]);
	assert_null(host_next(&hosts));
	/* Nor does its flight count: one that is under way becomes silent. */
	host_learn(&hosts, h[5], HOST_ANSWERED, false, 20, 50);
	assert_ptr_equal(host_next(&hosts), h[5]);
	host_learn(&hosts, h[5], HOST_SILENT, false, 51, 60);
	assert_null(host_next(&hosts));
	/* A larger share counts at once; one goes in any case. */
	host_share(&hosts, 10);
	assert_ptr_equal(host_next(&hosts), h[6]);
	host_share(&hosts, 1);
	for (int i = 2; i < 6; i++)
		host_end(&hosts, h[i], 70);
	assert_ptr_equal(host_next(&hosts), h[5]);
	for (int i = 5; i < 10; i++)
		host_leave(&hosts, h[i], &nodes[i]);
	assert_null(host_next(&hosts));
}

/* An answer that came since it was sent tells that the host is there. */
static void silence_among_answers_is_none(void **state)
{
	struct host *h = host_find(&hosts, VAULT);

	(void)state;
	host_share(&hosts, 2);
	host_learn(&hosts, h, HOST_ANSWERED, true, 0, 1000);
	host_learn(&hosts, h, HOST_SILENT, false, 500, 60500);
	assert_false(h->silent);
	assert_int_equal(h->limit, 32);
	host_learn(&hosts, h, HOST_SILENT, false, 1001, 61000);
	assert_true(h->silent);
	assert_int_equal(h->limit, 1);
}

static void the_most_urgent_of_all_hosts(void **state)
{
	struct host *a = host_find(&hosts, VAULT), *b = host_find(&hosts, ARM);

	(void)state;
	host_join(&hosts, a, &nodes[0], 50);
	host_join(&hosts, b, &nodes[1], 40);
	assert_ptr_equal(host_next(&hosts), b);
	host_join(&hosts, a, &nodes[2], 30);
	assert_ptr_equal(host_next(&hosts), a);
	host_leave(&hosts, a, &nodes[2]);
	assert_ptr_equal(host_next(&hosts), b);
	/* A later place in the queue: the others pass by. */
	host_join(&hosts, b, &nodes[1], 60);
	assert_ptr_equal(host_next(&hosts), a);
	assert_ptr_equal(host_pop(&hosts, a), &nodes[0]);
	host_begin(&hosts, a, 0);
	assert_ptr_equal(host_next(&hosts), b);
	/* However urgent: where there is no room, it waits. */
	host_join(&hosts, a, &nodes[0], INT64_MIN);
	assert_ptr_equal(host_next(&hosts), b);
	host_end(&hosts, a, 1);
	assert_ptr_equal(host_next(&hosts), a);
	assert_ptr_equal(host_pop(&hosts, a), &nodes[0]);
	assert_null(host_pop(&hosts, a));
	assert_ptr_equal(host_pop(&hosts, b), &nodes[1]);
	assert_null(host_next(&hosts));
}

static void leaving_twice_is_harmless(void **state)
{
	struct host *h = host_find(&hosts, VAULT);

	(void)state;
	host_join(&hosts, h, &nodes[0], 1);
	host_leave(&hosts, h, &nodes[0]);
	host_leave(&hosts, h, &nodes[0]);
	assert_false(heap_has(&nodes[0]));
	assert_null(host_next(&hosts));
}

static void found_again_by_its_origin(void **state)
{
	char origin[64];
	struct host *h[1000];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(origin, sizeof(origin), "https://v%d.example:8443", i);
		h[i] = host_find(&hosts, origin);
		assert_string_equal(h[i]->origin, origin);
	}
	assert_int_equal(hosts.n, 1000);
	for (int i = 0; i < 1000; i++) {
		snprintf(origin, sizeof(origin), "HTTPS://V%d.Example:8443", i);
		assert_ptr_equal(host_find(&hosts, origin), h[i]);
	}
	/* Another port or scheme is another one. */
	assert_ptr_not_equal(host_find(&hosts, "https://v1.example"), h[1]);
	assert_ptr_not_equal(host_find(&hosts, "http://v1.example:8443"), h[1]);
	assert_int_equal(hosts.n, 1002);
}

/* Whatever happens, the next host is the one that a search would find. */
static void as_a_search_would(void **state)
{
	unsigned all, half = 500, silent;
	struct host *of[MANY] = { NULL }, *h[5];
	struct random r;
	int64_t now = 0;

	(void)state;
	random_init(&r, 5);
	for (int i = 0; i < 5; i++) {
		char origin[32];

		snprintf(origin, sizeof(origin), "https://v%d.example", i);
		h[i] = host_find(&hosts, origin);
	}
	for (int step = 0; step < 20000; step++) {
		struct host *x = h[random_below(&r, 5)], *best = NULL;
		int n = (int)random_below(&r, MANY);

		now += random_below(&r, 300);
		switch (random_below(&r, 6)) {
		case 0:
		case 1:
			if (of[n])
				break;
			of[n] = x;
			host_join(&hosts, x, &nodes[n], random_below(&r, 50));
			break;
		case 2:
			if (of[n])
				host_leave(&hosts, of[n], &nodes[n]);
			of[n] = NULL;
			break;
		case 3:
			if (!(x = host_next(&hosts)))
				break;
			of[host_pop(&hosts, x) - nodes] = NULL;
			host_begin(&hosts, x, now);
			break;
		case 4:
			if (x->running == 0)
				break;
			host_end(&hosts, x, now);
			host_learn(&hosts, x,
				   (enum host_lesson)random_below(&r, 4),
				   random_below(&r, 2) == 0,
				   now - random_below(&r, 500), now);
			break;
		default:
			all = 1 + (unsigned)random_below(&r, 12);
			half = all > 1 ? all / 2 : 1;
			host_share(&hosts, all);
		}
		silent = 0;
		for (int i = 0; i < 5; i++)
			silent += h[i]->silent ? h[i]->running : 0;
		for (int i = 0; i < 5; i++) {
			const struct heap_node *first = heap_min(&h[i]->queue);
			unsigned room = h[i]->limit < hosts.share ? h[i]->limit
								  : hosts.share;

			if (!first || h[i]->running >= room ||
			    (h[i]->silent && silent >= half))
				continue;
			if (!best || first->key < heap_min(&best->queue)->key)
				best = h[i];
		}
		assert_true(!best == !host_next(&hosts));
		if (best)
			assert_int_equal(
				heap_min(&host_next(&hosts)->queue)->key,
				heap_min(&best->queue)->key);
	}
	for (int n = 0; n < MANY; n++)
		if (of[n])
			host_leave(&hosts, of[n], &nodes[n]);
	assert_null(host_next(&hosts));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, over)

static void an_odd_date_is_told_once_and_counted(void **state)
{
	struct host *h = host_find(&hosts, "https://a.vault.azure.net");

	(void)state;
	assert_false(host_dated(&hosts, h, 1000, true, true));
	assert_true(host_dated(&hosts, h, 2000, false, true));
	for (int i = 0; i < 50; i++) {
		assert_false(host_dated(&hosts, h, 3000 + i, false, true));
		/* One node of many behind one name. */
		for (int k = 1; k < TRAFFIC_CALM; k++)
			host_dated(&hosts, h, 1000, true, true);
	}
	assert_int_equal(hosts.n_odd, 1);
	assert_ptr_equal(LIST_FIRST(&hosts.odd), h);
	assert_int_equal(h->odd, 51);
	assert_int_equal(h->odd_date, 3049);
	host_dated(&hosts, h, 1000, true, true);
	assert_int_equal(hosts.n_odd, 0);
	assert_null(LIST_FIRST(&hosts.odd));
	assert_true(host_dated(&hosts, h, 2000, false, true));
}

/* As long as nobody knows, the odd one may be right. */
static void who_comes_first_is_not_odd_at_once(void **state)
{
	struct host *h = host_find(&hosts, "https://a.vault.azure.net");

	(void)state;
	assert_false(host_dated(&hosts, h, 1000, false, false));
	assert_false(host_dated(&hosts, h, 1000, false, false));
	assert_true(host_dated(&hosts, h, 1000, false, false));
	assert_int_equal(hosts.n_odd, 1);
	host_forgive(&hosts);
	assert_int_equal(hosts.n_odd, 0);
	assert_int_equal(h->odd, 0);
}

/* Three questions one after the other; what is lost together is lost once. */
static void a_mute_one_has_lost_three_in_a_row(void **state)
{
	struct host *h = host_find(&hosts, VAULT);

	(void)state;
	host_share(&hosts, 100);
	for (int i = 0; i < 8; i++)
		host_learn(&hosts, h, HOST_SILENT, false, i, 60000 + i);
	assert_false(host_mute(h));
	host_learn(&hosts, h, HOST_SILENT, false, 61000, 121000);
	assert_false(host_mute(h));
	assert_int_equal(hosts.n_mute, 0);
	host_learn(&hosts, h, HOST_NOTHING, false, 122000, 123000);
	host_learn(&hosts, h, HOST_SILENT, false, 122000, 182000);
	assert_true(host_mute(h));
	host_learn(&hosts, h, HOST_SILENT, false, 183000, 243000);
	assert_int_equal(hosts.n_mute, 1);
	/* Whatever it says ends that. */
	host_learn(&hosts, h, HOST_FAILED, false, 244000, 245000);
	assert_false(host_mute(h));
	assert_int_equal(hosts.n_mute, 0);
	host_learn(&hosts, h, HOST_SILENT, false, 246000, 247000);
	assert_false(host_mute(h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_question_to_a_stranger),
		TEST(many_once_it_answered),
		TEST(one_at_a_time_though_it_answers),
		TEST(less_room_than_run),
		TEST(a_quarter_of_all_at_most),
		TEST(an_odd_date_is_told_once_and_counted),
		TEST(who_comes_first_is_not_odd_at_once),
		TEST(the_share_counts_at_once),
		TEST(failure_takes_it_back_to_one),
		TEST(one_failure_among_answers_is_not_the_host_s),
		TEST(a_while_without_a_transfer),
		TEST(silent_ones_have_half_together),
		TEST(silence_among_answers_is_none),
		TEST(a_mute_one_has_lost_three_in_a_row),
		TEST(the_most_urgent_of_all_hosts),
		TEST(leaving_twice_is_harmless),
		TEST(found_again_by_its_origin),
		TEST(as_a_search_would),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
