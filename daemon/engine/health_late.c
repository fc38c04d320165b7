/* Missed, perhaps missed, or nobody can say: a registry and its deadline. */
#include "engine/health_late.h"

#include "base/text.h"
#include "engine/key.h"
#include "engine/versions.h"

bool health_late_in_doubt(const struct registry *r, struct decision d)
{
	return d.reason == REASON_NEWEST_OLDER ||
	       d.reason == REASON_IN_USE_LOST ||
	       (d.reason == REASON_READ_FIRST &&
		r->watch->job.where != JOB_REST);
}

/* Nobody tells which version it uses: whoever was verified on the wanted one
 * was in time, and one answer is no verdict. */
static bool untold_in_time(const struct registry *r)
{
	return r->untold &&
	       (r->contrary < ENGINE_LOOKS ||
		text_same(r->proven, versions_target(r->watch)->v.version));
}

/* A former life has told that it is overdue for the newest version of its
 * key, which cannot be read in this one; and it still does not use it. */
static bool was_missed(const struct registry *r)
{
	const struct watch *w = r->watch;

	return r->late_told[0] != '\0' && r->read_at >= 0 &&
	       w->mode != WATCH_MANUAL && w->polled_at < 0 && !w->gone &&
	       text_same(r->late_told, w->newest) &&
	       !text_same(r->facts.in_use, w->newest);
}

bool health_late_is_missed(const struct engine *e, const struct registry *r)
{
	int64_t deadline = versions_deadline(e, r->watch);

	if (was_missed(r))
		return true;
	return r->read_at >= 0 && deadline >= 0 && !model_dateless(e) &&
	       !versions_on_target(r) && !untold_in_time(r) &&
	       versions_fault(e, r->watch) == REASON_NONE &&
	       model_azure(e) > deadline;
}

/* Boot ms from which on nobody can say that it has not missed a deadline:
 * for longer than a window it was not read, or its key was not, which may
 * have had a new version.  INT64_MAX: that is no matter of time. */
int64_t health_late_dark_from(const struct engine *e, const struct registry *r)
{
	const struct config *c = e->config;
	const struct watch *w = r->watch;
	int64_t read = r->read_at < 0 ? r->since : r->read_at;
	int64_t polled = w->polled_at < 0 ? w->since : w->polled_at;
	int64_t most = c->window_ms;

	if (w->mode == WATCH_MANUAL)
		return INT64_MAX;
	most = c->reread_interval_ms > most ? c->reread_interval_ms : most;
	if (!key_fresh(e, w) && !(w->error && w->error->kind == FAULT_MISSING))
		read = polled < read ? polled : read;
	return read + most + 1;
}

/* It was tried, and not only once. */
static bool tried_twice(const struct registry *r)
{
	const struct token *k = r->scope->end->token;
	const struct fault *f = model_error(r);
	unsigned n = r->job.failures;

	if (model_listed(r) && r->scope->job.failures > n)
		n = r->scope->job.failures;
	if (k && k->job && k->job->failures > n)
		n = k->job->failures;
	return f && (n >= 2 || !fault_is_transient(f));
}

/* Not read in this life, and by what was known before not verified either:
 * a deadline that has passed may have been missed. */
bool health_late_is_unread(const struct engine *e, const struct registry *r)
{
	const struct seen_version *s = versions_target(r->watch);
	int64_t deadline = versions_deadline(e, r->watch);

	return r->read_at < 0 && tried_twice(r) && deadline >= 0 &&
	       !model_dateless(e) &&
	       versions_fault(e, r->watch) == REASON_NONE &&
	       !text_same(r->proven, s->v.version) &&
	       model_azure(e) > deadline &&
	       model_boot(e) >= r->since + HEALTH_LATE_UNREAD_MS;
}
