/*
 * watched: the list of all that is watched, told to the audit now and then.
 */
#ifndef KEYROTD_WATCHED_H
#define KEYROTD_WATCHED_H

#include "record.h"

struct watched {
	const struct record_book *book;
	int64_t at;	 /* boot ms: again */
	int64_t wait_ms; /* between two */
	bool open;	 /* it is half told ... */
	size_t next;	 /* ... up to this entry ... */
	size_t all;	 /* ... of so many */
	size_t untold;	 /* registries without a version */
};

/* Its time has come (watched.at): tell it, or as much as there is room for. */
void watched_list(struct watched *l);
/* Another configuration: it is told anew, at once. */
void watched_anew(struct watched *l);

#endif
