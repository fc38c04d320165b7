/*
 * Looks up the short name of a key among those that the daemon watches, for
 * it knows identifiers only.
 */
#include "ctl/pick.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"
#include "ctl/keyname.h"
#include "ctl/lists.h"

struct search {
	const char *said;
	char *key;
	char *same; /* one that is it to the letter */
	struct buf all;
	unsigned n;
};

static void look_at(const struct json *element, int64_t now, void *arg)
{
	struct search *s = arg;
	const char *key = json_get_str(element, "key");

	(void)now;
	if (!key || !keyname_means(s->said, key))
		return;
	if (!s->key)
		s->key = text_dup(key);
	if (!s->same && text_same(s->said, key))
		s->same = text_dup(key);
	buf_printf(&s->all, "%s%s", s->n++ ? ", " : "", key);
}

char *pick_key(struct client *c, const char *said, struct fault *f)
{
	struct search s = { .said = said };
	char *found = NULL;

	buf_init(&s.all, FAULT_TEXT_MAX);
	if (!lists_keys(c, look_at, &s, f)) {
		;
	} else if (s.same || s.n == 1) {
		found = text_dup(s.same ? s.same : s.key);
	} else if (s.n) {
		fault_set(f, FAULT_INVALID, 0,
			  "More than one key is called %s: %s.", said,
			  buf_str(&s.all));
	} else {
		fault_set(f, FAULT_MISSING, 0,
			  "keyrotd watches no key %s; `keyrotctl keys` lists "
			  "what it watches.",
			  said);
	}
	buf_free(&s.all);
	free(s.same);
	free(s.key);
	return found;
}
