/* Holds what the configuration takes against what this process was given, and
 * takes what it may have. */
#include "fit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/text.h"
#include "io/unixsock.h"
#include "io/userns.h"

#define CLIENTS 64    /* of the socket */
#define OWN 48	      /* the log, the audit, the state, the loop, a program */
#define BESIDE 3      /* servers that are no vaults */
#define RULED 64      /* vaults of rules, which nobody has named */
#define CONNECTIONS 8 /* to a server that does not speak HTTP/2 */
#define KEPT 2	      /* connections of each server that are kept */

bool fit_sees_all(void)
{
	return userns_shows_all(userns_own());
}

bool fit_group(const char *name, struct fault *why)
{
	gid_t group;

	if (!unixsock_group(name, &group))
		return fault_set(
			why, FAULT_MISSING, 0,
			"The group \"%s\" does not exist; until it does, only "
			"root and the daemon's own user may change anything",
			name);
	return userns_shows_members(userns_own(), group) ||
	       fault_set(why, FAULT_DENIED, 0,
			 "Nobody is seen to be in the group \"%s\", for the "
			 "daemon runs in a user namespace that shows root and "
			 "its own user alone; for admin-group, run `systemctl "
			 "edit keyrotd`, write [Service] and PrivateUsers=no "
			 "there, and restart it",
			 name);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t fit_hosts(const struct config *c)
{
	const char **names = text_alloc(c->n_watches + 1, sizeof(*names));
	size_t n = BESIDE + (c->n_rules ? (size_t)RULED : 0) + c->n_leases +
		   c->n_events;

	for (size_t i = 0; i < c->n_watches; i++)
		names[i] = c->watches[i].key.host;
	qsort(names, c->n_watches, sizeof(*names), by_name);
	for (size_t i = 0; i < c->n_watches; i++)
		n += i == 0 || strcmp(names[i - 1], names[i]) != 0;
	free(names);
	return n;
}

size_t fit_files_needed(const struct config *c)
{
	size_t hosts = fit_hosts(c), busy = hosts * CONNECTIONS;

	if (busy > c->max_requests)
		busy = c->max_requests;
	if (busy < hosts * KEPT)
		busy = hosts * KEPT;
	return CLIENTS + OWN + busy;
}

bool fit_files(const struct config *c, struct fault *why)
{
	rlim_t needed = fit_files_needed(c);
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_cur >= needed)
		return true;
	if (l.rlim_max > l.rlim_cur) {
		l.rlim_cur = l.rlim_max < needed ? l.rlim_max : needed;
		setrlimit(RLIMIT_NOFILE, &l);
		getrlimit(RLIMIT_NOFILE, &l);
	}
	return l.rlim_cur >= needed ||
	       fault_set(why, FAULT_LOCAL, EMFILE,
			 "The daemon may have %llu files open, and wants up to "
			 "%llu for this configuration and its clients: beyond "
			 "the limit, questions to Azure fail and clients wait. "
			 "Run `systemctl edit keyrotd`, write [Service] and "
			 "LimitNOFILE=%llu or more there, and restart it "
			 "(without systemd: ulimit -n)",
			 (unsigned long long)l.rlim_cur,
			 (unsigned long long)needed,
			 (unsigned long long)needed);
}
