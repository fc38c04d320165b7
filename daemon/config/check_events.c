/* Events blocks: names, and queues that are in this cloud and named once. */
#include "config/check_events.h"

#include <stdlib.h>

#include "base/text.h"
#include "config/check_cloud.h"
#include "config/check_name.h"
#include "config/check_unique.h"

/* The name must be one that status and metrics can call it by. */
static void check_title(struct config_build *b,
			const struct config_events_draft *d)
{
	const struct config_section *s = &d->section;
	const struct config_option *o =
		options_find(CONFIG_EVENTS, "credential");
	struct config_events_draft other = { .credential = NULL };
	struct fault why;

	if (!d->unnamed && !value_read(o, d->e.name, s->line, &other, &why))
		problem_add(&b->problems, s->source, s->line,
			    "the name of an events block is made of up to %s "
			    "letters, digits, '.', '_' and '-'.",
			    o->max);
	free(other.credential);
}

static void check_queue(struct config_build *b,
			const struct config_events_draft *d)
{
	const struct config_section *s = &d->section;

	if (d->e.queue)
		check_cloud_storage(b, s, "queue", d->e.queue,
				    CHECK_CLOUD_QUEUE);
	else if (!options_refused(s, "queue"))
		problem_add(&b->problems, s->source, s->line,
			    "this events block has no queue: write queue = "
			    "\"https://ACCOUNT.queue.core.windows.net/"
			    "QUEUE\".");
}

static void check_block(struct config_build *b, struct config_events_draft *d)
{
	check_title(b, d);
	check_queue(b, d);
	d->e.credential = check_name_credential(b, &d->section, d->credential);
}

void check_events(struct config_build *b)
{
	struct config_name *names = text_alloc(b->n_events, sizeof(*names));
	struct config_name *queues = text_alloc(b->n_events, sizeof(*queues));

	for (size_t i = 0; i < b->n_events; i++) {
		const struct config_events_draft *d = &b->events[i];
		const struct config_section *s = &d->section;

		check_block(b, &b->events[i]);
		if (i == CONFIG_EVENTS_MAX)
			problem_add(&b->problems, s->source, s->line,
				    "at most %d events blocks are allowed.",
				    CONFIG_EVENTS_MAX);
		names[i] = (struct config_name){ .text = d->e.name,
						 .source = s->source,
						 .line = s->line };
		queues[i] = (struct config_name){
			.text = d->e.queue ? d->e.queue : "",
			.source = s->source,
			.line = options_given(s, "queue")
		};
	}
	check_unique(&b->problems, names, b->n_events, "events block");
	check_unique(&b->problems, queues, b->n_events, "queue");
	free(names);
	free(queues);
}
