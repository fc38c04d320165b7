/*
 * idmap: which user or group ids a user namespace shows, by the text of
 * /proc/PID/uid_map or gid_map (user_namespaces(7)): lines of a first id in
 * the namespace, the id outside that it stands for, and how many follow.
 * Whatever is in no line is seen as the overflow id.
 *
 * struct idmap is the caller's and owns nothing.
 */
#ifndef KEYROTD_BASE_IDMAP_H
#define KEYROTD_BASE_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDMAP_RANGES 340 /* lines at most, since Linux 4.15 */

struct idmap {
	struct {
		uint32_t first;
		uint32_t n;
	} ranges[IDMAP_RANGES];
	size_t n; /* 0: not known */
};

/* False, and a map that is not known, when text is no such map. */
bool idmap_read(struct idmap *m, const char *text);

/* Whether every id there is has its own here: all but the last, which stands
 * for none.  False when the map is not known. */
bool idmap_whole(const struct idmap *m);
bool idmap_has(const struct idmap *m, uint32_t id);
/* How many ids are shown. */
uint64_t idmap_count(const struct idmap *m);

#endif
