/* The queues of events and how they stand. */
#include "engine/report_queues.h"

#include "engine/hint.h"

static void put_queue(const struct engine *e, struct json_writer *w,
		      const struct hint_queue *q)
{
	const struct fault *f = hint_error(q);
	uint64_t all = 0;

	for (unsigned i = 0; i < HINT_OUTCOMES; i++)
		all += q->n[i];
	json_open(w);
	json_add_str(w, "name", q->name);
	json_add_str(w, "queue", q->url);
	json_add_str(w, "state", hint_state_str(e, q));
	json_add_int(w, "taken", (int64_t)all);
	for (unsigned i = 0; hint_outcome_str(i); i++)
		json_add_int(w, hint_outcome_str(i), (int64_t)q->n[i]);
	json_add_time(w, "last_message", q->came_azure);
	json_add_str(w, "error", f ? f->text : NULL);
	json_close(w);
}

void report_queues(const struct engine *e, struct json_writer *w)
{
	json_key(w, "event_queues");
	json_open_array(w);
	for (size_t i = 0; i < e->n_queues; i++)
		put_queue(e, w, e->queues[i]);
	json_close_array(w);
}
