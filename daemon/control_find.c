/* A name is found once, or the caller hears why not. */
#include "control_find.h"

#include <stdio.h>

#include "base/buf.h"
#include "control_reply.h"
#include "engine/report.h"

struct registry *control_find_registry(struct engine *e,
				       struct varlink_call *call,
				       const char *interface, const char *name)
{
	size_t matches;
	struct registry *r;
	char error[64];
	struct buf out;

	if (!name) {
		varlink_invalid(call, "registry");
		return NULL;
	}
	r = engine_find(e, name, &matches);
	if (r)
		return r;
	if (matches == 0) {
		snprintf(error, sizeof(error), "%s.NoSuchRegistry", interface);
		control_reply_error(call, error, "registry", name);
		return NULL;
	}
	snprintf(error, sizeof(error), "%s.AmbiguousRegistry", interface);
	buf_init(&out, 65536);
	varlink_error(call, error,
		      report_matches(e, name, &out) ? buf_str(&out) : NULL);
	buf_free(&out);
	return NULL;
}
