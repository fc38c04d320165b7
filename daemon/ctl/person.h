/*
 * person: who has called the daemon, as this host knows them.
 */
#ifndef KEYROTD_CTL_PERSON_H
#define KEYROTD_CTL_PERSON_H

#include <stddef.h>

/* "uid 1000", as the daemon tells it, becomes "anna (uid 1000)" where the
 * host's user database (getpwuid(3)) has a name; anything else stays as it is.
 * Cut to size. */
void person_name(char *dst, size_t size, const char *said);

#endif
