/* Who may change anything; refusals are logged without flooding the log. */
#include "control_access.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "control_reply.h"

#define REFUSED_MAX 32 /* uids that are remembered, and so lines ... */
#define REFUSED_EVERY \
	60000 /* ... in this many ms: others cannot flood the log */

struct control_access {
	gid_t admin_group;
	struct refused {
		uid_t uid;
		int64_t told; /* boot ms, 0: never */
	} refused[REFUSED_MAX];
	unsigned long untold; /* refusals since the last line about one */
};

/* Whether this refusal gets a line: one per uid and minute. */
static bool worth_a_line(struct control_access *a, uid_t uid, int64_t now)
{
	struct refused *slot = &a->refused[0];

	for (size_t i = 0; i < REFUSED_MAX; i++) {
		struct refused *x = &a->refused[i];

		if (x->told > 0 && x->uid == uid) {
			slot = x;
			break;
		}
		if (x->told < slot->told)
			slot = x;
	}
	if (slot->told > 0 && now - slot->told < REFUSED_EVERY) {
		a->untold++;
		return false;
	}
	*slot = (struct refused){ .uid = uid, .told = now };
	return true;
}

static void log_refusal(struct control_access *a, const char *method,
			const struct varlink_peer *p, int64_t now)
{
	char more[64] = "";

	if (!worth_a_line(a, p->uid, now))
		return;
	if (a->untold > 0)
		snprintf(more, sizeof(more),
			 " %lu refusals before it were not logged.", a->untold);
	a->untold = 0;
	if (p->hidden)
		log_warn(
			"%s was refused to pid %d, whose uid cannot be seen: the daemon runs in a user namespace that does not show it (PrivateUsers= of its unit) and shows it as %u.%s",
			method, (int)p->pid, (unsigned)p->uid, more);
	else
		log_warn("%s was refused to uid %u, pid %d.%s", method,
			 (unsigned)p->uid, (int)p->pid, more);
}

bool control_access_may(struct control_access *a, struct varlink_call *call,
			struct instant now)
{
	const struct varlink_peer *p = varlink_peer(call);

	if (varlink_peer_may(call, geteuid(), a->admin_group)) {
		log_notice("%s was called by uid %u, pid %d.",
			   varlink_method(call), (unsigned)p->uid, (int)p->pid);
		return true;
	}
	log_refusal(a, varlink_method(call), p, now.boot);
	control_reply_error(
		call, "io.keyrotd.Control.NotPermitted", "reason",
		p->hidden
			? "Only root and the daemon's own user may change anything: it runs in a user namespace (PrivateUsers=yes of its unit) in which it cannot see your uid. For members of admin-group to be seen, its unit needs PrivateUsers=no (systemctl edit keyrotd)."
			: "Only uid 0, the daemon's own user and members of the admin group may change anything.");
	return false;
}

void control_access_group(struct control_access *a, gid_t group)
{
	a->admin_group = group;
}

struct control_access *control_access_new(gid_t group)
{
	struct control_access *a = text_alloc(1, sizeof(*a));

	a->admin_group = group;
	return a;
}

void control_access_free(struct control_access *a)
{
	free(a);
}
