/* Reads which ids the kernel shows to this process. */
#include "io/userns.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"
#include "io/store.h"

#define OVERFLOW_ID 65534u /* proc_sys_kernel(5) */
#define MAP_MAX 16384	   /* the kernel's own bound is a page */
#define FEW 2		   /* PrivateUsers=yes: root and the service's user */

static void read_map(struct idmap *m, const char *proc, const char *name)
{
	char *path = text_printf("%s/self/%s", proc, name);
	struct fault f;
	struct buf text;

	m->n = 0;
	buf_init(&text, MAP_MAX);
	if (store_read(path, &text, &f))
		idmap_read(m, buf_str(&text));
	buf_free(&text);
	free(path);
}

/* With ProcSubset=pid there is no /proc/sys. */
static unsigned read_overflow(const char *proc, const char *name)
{
	char *path = text_printf("%s/sys/kernel/%s", proc, name), *end;
	unsigned long id = OVERFLOW_ID, read;
	struct fault f;
	struct buf text;

	buf_init(&text, 64);
	if (store_read(path, &text, &f)) {
		read = strtoul(buf_str(&text), &end, 10);
		if (end != buf_str(&text) && read < UINT32_MAX)
			id = read;
	}
	buf_free(&text);
	free(path);
	return (unsigned)id;
}

void userns_read(struct userns *u, const char *proc)
{
	read_map(&u->uids, proc, "uid_map");
	read_map(&u->gids, proc, "gid_map");
	u->overflow_uid = read_overflow(proc, "overflowuid");
	u->overflow_gid = read_overflow(proc, "overflowgid");
}

/* A map is written once, before anything runs under it. */
const struct userns *userns_own(void)
{
	static struct userns own;
	static bool known;

	if (!known)
		userns_read(&own, "/proc");
	known = true;
	return &own;
}

bool userns_hides_user(const struct userns *u, uid_t uid)
{
	return uid == u->overflow_uid && !idmap_whole(&u->uids);
}

bool userns_hides_group(const struct userns *u, gid_t gid)
{
	return gid == u->overflow_gid && !idmap_whole(&u->gids);
}

bool userns_shows_members(const struct userns *u, gid_t gid)
{
	if (u->uids.n == 0 || u->gids.n == 0)
		return true;
	return idmap_has(&u->gids, gid) && !userns_hides_group(u, gid) &&
	       idmap_count(&u->uids) > FEW;
}

bool userns_shows_all(const struct userns *u)
{
	return u->uids.n == 0 || idmap_whole(&u->uids);
}
