/* engine/lease_role: who acts, and what a standby writes all the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine/lease_role.h"

#define LASTS 30000
#define WINDOW INT64_C(3600000)
#define DEADLINE INT64_C(1772366400000)

static void roles(void **state)
{
	static const struct {
		enum lease_word word;
		int64_t held_until, failed_at, boot;
		enum lease_role role;
		bool confirmed;
		int64_t until;
	} rows[] = {
		/* nothing was heard, whatever fails */
		{ LEASE_UNHEARD, 0, -1, 100, ROLE_STANDBY, false, INT64_MAX },
		{ LEASE_UNHEARD, 0, 99, 100, ROLE_STANDBY, false, INT64_MAX },
		/* ours, until it has run out */
		{ LEASE_OURS, 130000, -1, 100000, ROLE_LEADER, true, 130000 },
		{ LEASE_OURS, 130000, -1, 129999, ROLE_LEADER, true, 130000 },
		{ LEASE_OURS, 130000, -1, 130000, ROLE_STANDBY, false,
		  INT64_MAX },
		{ LEASE_OURS, 130000, 120000, 125000, ROLE_LEADER, true,
		  130000 },
		/* it has, and nobody can be asked: on, as long as that is
		 * tried */
		{ LEASE_OURS, 130000, 120000, 130000, ROLE_LEADER, false,
		  150000 },
		{ LEASE_OURS, 130000, 120000, 149999, ROLE_LEADER, false,
		  150000 },
		{ LEASE_OURS, 130000, 120000, 150000, ROLE_STANDBY, false,
		  INT64_MAX },
		/* another's, or let go of: at once */
		{ LEASE_ANOTHERS, 130000, 120000, 120001, ROLE_STANDBY, false,
		  INT64_MAX },
		{ LEASE_FREE, 130000, -1, 100000, ROLE_STANDBY, false,
		  INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lease_facts f = { rows[i].word, rows[i].held_until,
					 rows[i].failed_at, LASTS };
		struct lease_verdict v = lease_role_of(&f, rows[i].boot);

		if (v.role != rows[i].role ||
		    v.confirmed != rows[i].confirmed ||
		    v.until != rows[i].until)
			fail_msg("row %zu: %s, %d, until %lld", i,
				 lease_role_str(v.role), v.confirmed,
				 (long long)v.until);
	}
}

static bool lets(enum lease_role role, bool last, bool own, int64_t deadline,
		 int64_t azure)
{
	return lease_role_lets(&(struct lease_gate){ .role = role,
						     .last_step = last,
						     .own = own,
						     .deadline = deadline,
						     .window_ms = WINDOW,
						     .azure = azure });
}

static void gates(void **state)
{
	int64_t call = DEADLINE - WINDOW / 4;

	(void)state;
	assert_int_equal(lease_role_last_call(DEADLINE, WINDOW), call);
	assert_int_equal(lease_role_last_call(-1, WINDOW), -1);
	assert_true(lets(ROLE_ALONE, false, false, -1, 0));
	assert_true(lets(ROLE_LEADER, false, false, -1, 0));
	assert_true(lets(ROLE_LEADER, true, false, -1, 0));
	assert_false(lets(ROLE_STANDBY, false, false, DEADLINE, call - 1));
	assert_true(lets(ROLE_STANDBY, false, false, DEADLINE, call));
	assert_true(lets(ROLE_STANDBY, false, false, DEADLINE, DEADLINE * 2));
	/* No deadline, and no date that can be relied on: never. */
	assert_false(lets(ROLE_STANDBY, false, false, -1, DEADLINE));
	assert_false(lets(ROLE_STANDBY, false, false, DEADLINE, -1));
	/* The end of a move is for who has begun it. */
	assert_false(lets(ROLE_STANDBY, true, false, DEADLINE, DEADLINE));
	assert_true(lets(ROLE_STANDBY, true, true, DEADLINE, call - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roles),
		cmocka_unit_test(gates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
