/* What people ask of the engine: find, poll, pause, resume. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/key.h"
#include "engine/model.h"
#include "engine/note.h"
#include "engine/versions.h"
#include "traffic/job.h"

struct registry *engine_find(const struct engine *e, const char *name,
			     size_t *matches)
{
	struct registry *found = model_find(e, name);

	*matches = found ? 1 : 0;
	if (found || strchr(name, '/'))
		return found;
	for (size_t i = 0; i < e->n_registries; i++) {
		const char *slash = strrchr(e->by_id[i]->id, '/');

		if (!text_same(slash ? slash + 1 : "", name))
			continue;
		found = e->by_id[i];
		++*matches;
	}
	return *matches == 1 ? found : NULL;
}

size_t engine_poll(struct engine *e, const char *key, struct instant now)
{
	struct watch *w;
	size_t n = 0;

	job_tick(&e->traffic, now);
	TAILQ_FOREACH(w, &e->watches, link) {
		if (w->retired || (key && !text_same(key, w->base)))
			continue;
		key_poll(e, w);
		n++;
	}
	engine_tick(e, now);
	return n;
}

static void pause_warning(const struct engine *e, const struct registry *r,
			  int64_t until, char *warning, size_t size)
{
	int64_t deadline = versions_deadline(e, r->watch);
	char when[32];

	if (!warning || warning[0] != '\0' || deadline < 0 ||
	    versions_on_target(r) || until <= deadline)
		return;
	text_time(when, sizeof(when), deadline);
	snprintf(
		warning, size,
		"Registry %s is not on the wanted version yet; its deadline at %s will be missed.",
		r->id, when);
}

size_t engine_pause(struct engine *e, struct registry *r, int64_t until,
		    char *warning, size_t size, struct instant now)
{
	char when[32];

	job_tick(&e->traffic, now);
	if (warning && size)
		warning[0] = '\0';
	text_time(when, sizeof(when), until);
	if (!r)
		e->paused_until = until;
	for (size_t i = 0; i < e->n_registries; i++) {
		struct registry *one = e->by_id[i];

		if (r && one != r)
			continue;
		pause_warning(e, one, until, warning, size);
		/* Resuming all ends each registry's own pause as well. */
		if (r || until == 0)
			one->paused_until = until;
		model_mark(e, one, until ? MARK_LOOK : MARK_ASK);
	}
	note_tell(e, until ? NOTE_PAUSED : NOTE_RESUMED, r ? r->watch : NULL, r,
		  NULL, NULL,
		  until ? "Writes to %s are paused until %s."
			: "Writes to %s go on.%s",
		  r ? r->id : "all registries", until ? when : "");
	note_save(e);
	engine_tick(e, now);
	return r ? 1 : e->n_registries;
}
