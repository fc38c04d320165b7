/* Who acts: leader or standby, and what a standby may write all the same. */
#include "engine/lease_role.h"

struct lease_verdict lease_role_of(const struct lease_facts *f, int64_t boot)
{
	struct lease_verdict v = { .role = ROLE_STANDBY, .until = INT64_MAX };
	/* It is asked for at least every two thirds: what has failed longer
	 * ago does not tell that it fails now, for we have slept. */
	int64_t fails_until = f->failed_at < 0 ? -1
					       : f->failed_at + f->duration_ms;

	if (f->word != LEASE_OURS)
		return v;
	if (boot < f->held_until) {
		v.role = ROLE_LEADER;
		v.confirmed = true;
		v.until = f->held_until;
	} else if (boot < fails_until) {
		v.role = ROLE_LEADER;
		v.until = fails_until;
	}
	return v;
}

const char *lease_role_str(enum lease_role role)
{
	static const char *const words[] = {
		[ROLE_ALONE] = "alone",
		[ROLE_LEADER] = "leader",
		[ROLE_STANDBY] = "standby",
	};

	return words[role];
}

int64_t lease_role_last_call(int64_t deadline, int64_t window_ms)
{
	return deadline < 0 ? -1 : deadline - window_ms / 4;
}

bool lease_role_lets(const struct lease_gate *g)
{
	int64_t last_call = lease_role_last_call(g->deadline, g->window_ms);

	if (g->role != ROLE_STANDBY)
		return true;
	if (g->last_step)
		return g->own;
	return last_call >= 0 && g->azure >= last_call;
}
