/* When may an old version be disabled? */
#include "engine/retirement.h"

#include "base/text.h"
#include "engine/note.h"
#include "engine/versions.h"

/* Whatever was not read may be on any version, of any key: somebody may have
 * put it there. */
static bool all_fresh(const struct engine *e)
{
	return e->n_fresh == e->n_counted;
}

void retirement_update(struct engine *e, struct watch *w)
{
	int64_t azure = model_azure(e);

	if (!all_fresh(e) || !versions_all_told(w) || w->n_registries == 0)
		return;
	for (size_t i = 0; i < w->n_seen; i++) {
		struct seen_version *s = &w->seen[i];
		int64_t before = s->off_since;

		if (versions_users(w, s) || text_same(s->v.version, w->newest))
			s->off_since = -1;
		else if (s->off_since < 0)
			s->off_since = azure;
		if (before != s->off_since)
			note_save(e);
	}
}

enum retirement_verdict retirement_of(const struct engine *e,
				      const struct watch *w,
				      const char *version, int64_t *since,
				      int64_t *until)
{
	const struct seen_version *s = versions_find(w, version);

	*since = *until = -1;
	if (text_same(w->newest, version))
		return RETIREMENT_NEWEST;
	if (!s)
		return RETIREMENT_UNKNOWN;
	if (versions_users(w, s) > 0)
		return RETIREMENT_IN_USE;
	if (!all_fresh(e) || !versions_all_told(w) || w->newest[0] == '\0' ||
	    s->off_since < 0 || w->n_registries == 0)
		return RETIREMENT_UNKNOWN;
	*since = s->off_since;
	*until = s->off_since + e->config->retirement_hold_ms;
	return *until <= model_azure(e) ? RETIREMENT_CLEAR
					: RETIREMENT_DRAINING;
}

const char *retirement_str(enum retirement_verdict v)
{
	switch (v) {
	case RETIREMENT_NEWEST:
		return "newest";
	case RETIREMENT_IN_USE:
		return "in use";
	case RETIREMENT_DRAINING:
		return "draining";
	case RETIREMENT_CLEAR:
		return "clear";
	case RETIREMENT_UNKNOWN:
		break;
	}
	return "unknown";
}
