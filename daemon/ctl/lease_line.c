/* Which part a daemon has among others, in words. */
#include "ctl/lease_line.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/words.h"

static const char *text_of(const struct json *o, const char *name)
{
	const char *s = json_get_str(o, name);

	return s ? s : "";
}

static bool state_is(const struct json *lease, const char *state)
{
	return strcmp(text_of(lease, "state"), state) == 0;
}

bool lease_line_warns(const struct json *lease)
{
	return !state_is(lease, "held") && !state_is(lease, "elsewhere");
}

static char *standby_line(const struct json *lease, const char *since,
			  const char *down)
{
	const char *name = text_of(lease, "lease");
	const char *holder = text_of(lease, "holder");
	const char *error = text_of(lease, "error");

	if (state_is(lease, "unasked"))
		return text_printf("Standby: lease \"%s\" has not been asked "
				   "for yet.",
				   name);
	if (state_is(lease, "free"))
		return text_printf("Standby: nobody holds lease \"%s\" just "
				   "now.",
				   name);
	if (state_is(lease, "unreachable"))
		return text_printf("Standby: who holds lease \"%s\" cannot be "
				   "asked%s%s. %s",
				   name, *down ? " since " : "", down, error);
	return text_printf("Standby: %s holds lease \"%s\"%s%s.",
			   *holder ? holder : "another daemon", name,
			   *since ? " since " : "", since);
}

char *lease_line(const struct json *lease, int64_t now)
{
	const char *name = text_of(lease, "lease");
	const char *error = text_of(lease, "error");
	char since[WORDS_MAX], down[WORDS_MAX];

	words_since(since, sizeof(since), json_get_str(lease, "since"), now);
	words_since(down, sizeof(down),
		    json_get_str(lease, "unreachable_since"), now);
	if (strcmp(text_of(lease, "role"), "leader") != 0)
		return standby_line(lease, since, down);
	if (state_is(lease, "unconfirmed"))
		return text_printf("Leader, which nobody confirms: the service "
				   "of lease \"%s\" cannot be asked%s%s. %s",
				   name, *down ? " since " : "", down, error);
	return text_printf("Leader: this daemon holds lease \"%s\"%s%s.%s%s",
			   name, *since ? " since " : "", since,
			   *error ? " Its service does not do all: " : "",
			   error);
}

static const struct json *warning_of(const struct json *summary)
{
	const struct json *l = json_first(json_get(summary, "leases"));

	while (l && !lease_line_warns(l))
		l = json_next(l);
	return l;
}

bool lease_line_amiss(const struct json *summary)
{
	return warning_of(summary) != NULL;
}

char *lease_line_whole(const struct json *summary)
{
	const struct json *warning = warning_of(summary);
	const char *role = text_of(summary, "role");
	const char *leader = text_of(summary, "leader");

	if (warning)
		return lease_line(warning,
				  text_parse_rfc3339(text_of(summary, "now")));
	if (!*role || !strcmp(role, "alone"))
		return text_dup("");
	if (!strcmp(role, "leader"))
		return text_dup("leader");
	return text_printf("standby, %s leads",
			   *leader ? leader : "another daemon");
}
