/* When is each registry read next?  The one place that knows. */
#include "engine/reading.h"

#include "traffic/job.h"

static int64_t routine(struct engine *e, struct registry *r)
{
	int64_t interval = e->config->reread_interval_ms;
	int64_t base = r->read_at < 0 ? model_boot(e) : r->read_at;

	/* A LIST begins within three quarters of the interval, and then has
	 * an eighth of it to come here. */
	if (model_listed(r))
		return base + interval * 7 / 8 +
		       job_random(&e->traffic, &r->job, interval / 16 + 1);
	return base + interval * 3 / 4 -
	       job_random(&e->traffic, &r->job, interval / 8 + 1);
}

int64_t reading_due(struct engine *e, struct registry *r)
{
	int64_t due = routine(e, r);

	return r->owed_at >= 0 && r->owed_at < due ? r->owed_at : due;
}
