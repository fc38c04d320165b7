/* Registries go from version to version: written, verified, or past their
 * deadline. */
#include "ctl/history_move.h"

#include "base/text.h"
#include "ctl/history_fault.h"
#include "ctl/history_index.h"
#include "ctl/history_span.h"

int64_t history_move_took(const struct history_move *m)
{
	if (m->effective < 0)
		return -1;
	return m->verified > m->effective ? m->verified - m->effective : 0;
}

bool history_move_is_late(const struct history_move *m)
{
	return m->window_ms > 0 && history_move_took(m) > m->window_ms;
}

void history_move_to(struct history *h, struct history_registry *r,
		     uint32_t version, int64_t when)
{
	if (r->in_use != HISTORY_NONE && r->in_use != version)
		h->versions[r->in_use].left = when;
	r->in_use = version;
}

/* Its deadline has passed; it may still come to that version, and be late.
 * When it goes on to another one, or does neither, it has missed it. */
void history_move_overdue(struct history *h, struct history_registry *r,
			  uint32_t version)
{
	if (r->overdue != HISTORY_NONE && r->overdue != version) {
		h->versions[r->overdue].missed++;
		r->missed++;
		h->n_missed++;
	}
	r->overdue = version;
}

/* Another daemon has seen the same move: what it wrote belongs to it, and what
 * it adds to when it was seen is nothing. */
static bool is_seen_again(struct history *h, const struct history_subject *s)
{
	struct history_registry *r = &h->registries[s->registry];
	struct history_move *m;

	if (h->n_sources == 1 || r->last == HISTORY_NONE ||
	    r->in_use != s->version || h->moves[r->last].version != s->version)
		return false;
	m = &h->moves[r->last];
	if (r->wrote == s->version)
		m->writes += r->writes;
	if (m->effective < 0)
		m->effective = s->effective;
	r->wrote = HISTORY_NONE;
	r->writes = 0;
	return true;
}

void history_move_verified(struct history *h, const struct history_subject *s)
{
	struct history_registry *r = &h->registries[s->registry];
	bool ours = r->wrote != HISTORY_NONE && r->wrote == s->version;
	const char *previous = json_get_str(s->r->root, "previous_version");
	struct history_move m = {
		.version = s->version,
		.previous = history_index_version(h, s->key, previous),
		.next = HISTORY_NONE,
		.writes = ours ? r->writes : 0,
		.written = ours ? r->written : -1,
		.effective = s->effective,
		.verified = s->r->time,
		.window_ms = s->window_ms,
		.by = ours ? r->writer : HISTORY_NOBODY,
	};

	history_fault_mend(&r->fault);
	if (is_seen_again(h, s))
		return;
	history_move_overdue(h, r, s->version);
	r->overdue = HISTORY_NONE;
	history_move_to(h, r, s->version, s->r->time);
	r->wrote = HISTORY_NONE;
	r->writes = 0;
	if (!history_span_holds(h, m.verified))
		return;
	if (h->n_moves == HISTORY_MOVES_MAX) {
		h->left_out++;
		return;
	}
	h->moves = text_grow(h->moves, h->n_moves, sizeof(*h->moves));
	h->moves[h->n_moves] = m;
	if (r->last == HISTORY_NONE)
		r->first = (uint32_t)h->n_moves;
	else
		h->moves[r->last].next = (uint32_t)h->n_moves;
	r->last = (uint32_t)h->n_moves++;
	r->moves++;
	r->late += history_move_is_late(&m);
	h->versions[m.version].adopted++;
	h->versions[m.version].late += history_move_is_late(&m);
}

void history_move_written(struct history *h, const struct history_subject *s)
{
	struct history_registry *r = &h->registries[s->registry];
	const char *previous = json_get_str(s->r->root, "previous_version");

	if (r->wrote != s->version) {
		r->wrote = s->version;
		r->writes = 0;
		r->written = s->r->time;
	}
	r->writes++;
	r->writer = (uint8_t)h->source;
	if (r->in_use == HISTORY_NONE)
		r->in_use = history_index_version(h, s->key, previous);
}
