/* Looks up the names of users, which the daemon does not wait for. */
#include "ctl/person.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void person_name(char *dst, size_t size, const char *said)
{
	static const char uid[] = "uid ";
	const struct passwd *p = NULL;
	char *end = NULL;
	unsigned long n = 0;

	if (text_prefix(said, uid))
		n = strtoul(said + strlen(uid), &end, 10);
	if (end && !*end && end[-1] != ' ' && n < (uid_t)-1)
		p = getpwuid((uid_t)n);
	if (p)
		snprintf(dst, size, "%s (%s)", p->pw_name, said);
	else
		text_copy(dst, size, said);
}
