/*
 * userns: which users and groups this process can tell apart.  In a user
 * namespace that does not show all of them (PrivateUsers= of systemd.exec(5))
 * the others have one number, that of "nobody": at the other end of a socket,
 * and as owners of files (user_namespaces(7)).
 *
 * What is known of this process is read once, and static.
 */
#ifndef KEYROTD_IO_USERNS_H
#define KEYROTD_IO_USERNS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/idmap.h"

struct userns {
	struct idmap uids, gids;
	uid_t overflow_uid; /* that stands for all that are not shown */
	gid_t overflow_gid;
};

/* Read it below proc, a folder as /proc is: maps that cannot be read are not
 * known, and overflow ids are 65534 then, as the kernel has them. */
void userns_read(struct userns *u, const char *proc);
/* That of this process. */
const struct userns *userns_own(void);

/* Whether this number is (or, where no map is known, may be) that of everybody
 * who is not shown: nothing may be granted for it. */
bool userns_hides_user(const struct userns *u, uid_t uid);
bool userns_hides_group(const struct userns *u, gid_t gid);

/* Whether members of that group are seen as such: the group is shown, and more
 * users than root and one other are.  True where no map is known. */
bool userns_shows_members(const struct userns *u, gid_t gid);
/* Whether all users are shown, or no map is known. */
bool userns_shows_all(const struct userns *u);

#endif
