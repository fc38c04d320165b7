/* An event -> the registry, the key, the turn or the whole that it is of. */
#include "ctl/history_event.h"

#include <string.h>

#include "ctl/history_fault.h"
#include "ctl/history_field.h"
#include "ctl/history_index.h"
#include "ctl/history_move.h"
#include "ctl/history_span.h"
#include "ctl/history_turns.h"

static void on_new_version(struct history *h, const struct history_subject *s)
{
	struct history_key *k = &h->keys[s->key];
	const char *previous = json_get_str(s->r->root, "previous_version");

	k->newest = s->version;
	if (h->versions[s->version].seen < 0)
		h->versions[s->version].seen = s->r->time;
	/* It was there before. */
	history_index_version(h, s->key, previous);
}

static bool is_fault(const char *event)
{
	static const char *const events[] = { "failed",	 "blocked", "held",
					      "overdue", "warning", "drift" };

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (!strcmp(events[i], event))
			return true;
	return false;
}

static void on_registry(struct history *h, const struct history_subject *s)
{
	struct history_registry *r = &h->registries[s->registry];

	if (s->key != HISTORY_NONE)
		r->key = s->key;
	r->watched = true;
	r->in |= 1u << h->source;
	if (is_fault(s->event))
		history_fault_open(h, &r->fault, s->event, s->r);
	if (!strcmp(s->event, "drift"))
		history_move_to(h, r, s->version, s->r->time);
	else if (!strcmp(s->event, "overdue") && s->version != HISTORY_NONE &&
		 r->in_use != s->version && history_span_holds(h, s->r->time))
		history_move_overdue(h, r, s->version);
	else if (!strcmp(s->event, "write") && s->version != HISTORY_NONE)
		history_move_written(h, s);
	else if (!strcmp(s->event, "verified") && s->version != HISTORY_NONE)
		history_move_verified(h, s);
}

static void on_key(struct history *h, const struct history_subject *s)
{
	struct history_key *k = &h->keys[s->key];

	if (!strcmp(s->event, "key-error") || !strcmp(s->event, "held"))
		history_fault_open(h, &k->fault, s->event, s->r);
	else if (!strcmp(s->event, "key-ok"))
		history_fault_mend(&k->fault);
	else if (!strcmp(s->event, "new-version") && s->version != HISTORY_NONE)
		on_new_version(h, s);
}

void history_event_add(struct history *h, const struct chain_record *r)
{
	struct history_subject s = {
		.r = r,
		.event = json_get_str(r->root, "event"),
		.key = history_index_key(h, json_get_str(r->root, "key")),
		.registry = history_index_registry(
			h, json_get_str(r->root, "registry")),
		.effective = history_field_time(r->root, "effective"),
	};
	const char *version = json_get_str(r->root, "version");
	const char *role;

	/* It may be on another key: only one that is known is this one's. */
	s.version = !strcmp(s.event, "drift")
			    ? history_index_known(h, s.key, version)
			    : history_index_version(h, s.key, version);
	s.window_ms = history_field_window(r->root);
	if (s.window_ms)
		h->window_ms = s.window_ms;
	if (s.version != HISTORY_NONE && s.effective >= 0)
		h->versions[s.version].effective = s.effective;
	if (!strcmp(s.event, "state"))
		history_fault_state(h, json_get_str(r->root, "state"));
	else if ((role = history_turns_role(s.event)))
		history_turns_add(h, role, r);
	else if (s.registry != HISTORY_NONE)
		on_registry(h, &s);
	else if (s.key != HISTORY_NONE)
		on_key(h, &s);
}
