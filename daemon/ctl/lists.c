/*
 * Fetches the two lists that several commands show, which the daemon may
 * send in parts, and checks that they are lists.
 */
#include "ctl/lists.h"

#include "base/text.h"

struct list {
	const char *member;
	lists_each *each;
	void *arg;
};

static enum client_next take_part(const struct json *parameters, void *arg)
{
	const struct list *list = arg;
	const struct json *array = json_get(parameters, list->member);

	const char *text = json_get_str(parameters, "now");
	int64_t now = text ? text_parse_rfc3339(text) : -1;

	if (json_type(array) != JSON_ARRAY)
		return CLIENT_BAD;
	for (const struct json *e = json_first(array); e; e = json_next(e)) {
		if (json_type(e) != JSON_OBJECT)
			return CLIENT_BAD;
		list->each(e, now, list->arg);
	}
	return CLIENT_GO_ON;
}

bool lists_keys(struct client *c, lists_each *each, void *arg, struct fault *f)
{
	struct list list = { "keys", each, arg };

	return client_call(c, "io.keyrotd.Status.ListKeys", NULL, true,
			   take_part, &list, f);
}

bool lists_registries(struct client *c, lists_each *each, void *arg,
		      struct fault *f)
{
	struct list list = { "registries", each, arg };

	return client_call(c, "io.keyrotd.Status.ListRegistries", NULL, true,
			   take_part, &list, f);
}

bool lists_keys_lent(struct client *c, lists_each *each, void *arg,
		     struct fault *f)
{
	struct list list = { "keys", each, arg };

	return client_list(c, "io.keyrotd.Status.ListKeys", take_part, &list,
			   f);
}

bool lists_registries_lent(struct client *c, lists_each *each, void *arg,
			   struct fault *f)
{
	struct list list = { "registries", each, arg };

	return client_list(c, "io.keyrotd.Status.ListRegistries", take_part,
			   &list, f);
}
