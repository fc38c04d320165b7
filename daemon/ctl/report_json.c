/* A report for programs: the same facts as in the text, in full. */
#include "ctl/report_json.h"

#include "ctl/history_move.h"
#include "ctl/report_words.h"

static const char *version_name(const struct history *h, uint32_t version)
{
	return version == HISTORY_NONE ? NULL : h->versions[version].name;
}

static const char *key_name(const struct history *h, uint32_t key)
{
	return key == HISTORY_NONE ? NULL : h->keys[key].id;
}

static void add_span(struct json_writer *w, const char *name, int64_t ms)
{
	if (ms < 0)
		json_add_null(w, name);
	else
		json_add_int(w, name, ms);
}

static void add_fault(struct json_writer *w, const struct history_fault *f)
{
	json_key(w, "open");
	if (!f->text) {
		json_put_null(w);
		return;
	}
	json_open(w);
	json_add_str(w, "event", f->event);
	json_add_str(w, "text", f->text);
	json_add_time(w, "since", f->since);
	json_add_time(w, "last", f->last);
	json_add_int(w, "times", f->times);
	json_close(w);
}

static void put_summary(const struct history *h, struct json_writer *w)
{
	json_key(w, "summary");
	json_open(w);
	json_add_int(w, "moves", (int64_t)h->n_moves);
	json_add_int(w, "timed", (int64_t)h->n_timed);
	json_add_int(w, "late", (int64_t)h->n_late);
	json_add_int(w, "missed", (int64_t)h->n_missed);
	add_span(w, "median_ms",
		 h->n_timed ? h->took[(h->n_timed - 1) / 2] : -1);
	add_span(w, "p95_ms",
		 h->n_timed ? h->took[(h->n_timed - 1) * 95 / 100] : -1);
	add_span(w, "longest_ms", h->n_timed ? h->took[h->n_timed - 1] : -1);
	json_add_int(w, "gaps", (int64_t)h->n_gaps);
	json_add_int(w, "gaps_ms", h->down_ms);
	json_add_bool(w, "stopped", h->stopped);
	json_add_bool(w, "listed", h->listed);
	json_add_int(w, "lost_records", (int64_t)h->lost);
	json_add_int(w, "left_out", (int64_t)h->left_out);
	json_close(w);
}

static void put_version(const struct history *h,
			const struct history_version *v, struct json_writer *w)
{
	uint32_t number = (uint32_t)(v - h->versions);
	char text[REPORT_WORDS_MAX];

	json_open(w);
	json_add_str(w, "version", v->name);
	json_add_time(w, "effective", v->effective);
	json_add_time(w, "seen", v->seen);
	json_add_int(w, "adopted", v->adopted);
	json_add_int(w, "late", v->late);
	json_add_int(w, "missed", v->missed);
	json_add_int(w, "registries", v->users);
	json_add_int(w, "departed", v->departed);
	json_add_time(w, "left", v->left);
	json_add_str(w, "retirement",
		     history_advice_str(history_advice(h, number)));
	report_words_advice(text, h, number);
	json_add_str(w, "advice", text);
	json_close(w);
}

static void put_keys(const struct history *h, struct json_writer *w)
{
	size_t at = 0;

	json_key(w, "keys");
	json_open_array(w);
	for (uint32_t k = 0; k < h->n_keys; k++) {
		json_open(w);
		json_add_str(w, "key", h->keys[k].id);
		json_add_str(w, "newest", version_name(h, h->keys[k].newest));
		json_add_int(w, "registries", h->keys[k].users);
		json_add_int(w, "rotations", h->keys[k].rotations);
		add_span(w, "every_ms", history_every(&h->keys[k]));
		add_fault(w, &h->keys[k].fault);
		json_key(w, "versions");
		json_open_array(w);
		for (; at < h->n_versions && h->in_order[at]->key == k; at++)
			put_version(h, h->in_order[at], w);
		json_close_array(w);
		json_close(w);
	}
	json_close_array(w);
}

static void put_move(const struct history *h, const struct history_move *m,
		     struct json_writer *w)
{
	json_open(w);
	json_add_str(w, "version", version_name(h, m->version));
	json_add_str(w, "previous_version", version_name(h, m->previous));
	json_add_time(w, "effective", m->effective);
	json_add_time(w, "written", m->written);
	json_add_time(w, "verified", m->verified);
	json_add_int(w, "writes", m->writes);
	add_span(w, "took_ms", history_move_took(m));
	add_span(w, "window_ms", m->window_ms ? m->window_ms : -1);
	json_add_bool(w, "late", history_move_is_late(m));
	if (m->by == HISTORY_NOBODY)
		json_add_null(w, "daemon");
	else
		json_add_int(w, "daemon", m->by + 1);
	json_close(w);
}

static void put_registries(const struct history *h, struct json_writer *w)
{
	json_key(w, "registries");
	json_open_array(w);
	for (size_t i = 0; i < h->n_registries; i++) {
		const struct history_registry *r = h->sorted[i];

		json_open(w);
		json_add_str(w, "registry", r->id);
		json_add_str(w, "key", key_name(h, r->key));
		json_add_str(w, "version", version_name(h, r->in_use));
		json_add_bool(w, "watched", r->watched);
		json_add_bool(w, "manual", r->manual);
		json_add_int(w, "missed", r->missed);
		json_add_time(w, "due", history_due(h, r));
		add_fault(w, &r->fault);
		json_key(w, "moves");
		json_open_array(w);
		for (uint32_t m = r->first; m != HISTORY_NONE;
		     m = h->moves[m].next)
			put_move(h, &h->moves[m], w);
		json_close_array(w);
		json_close(w);
	}
	json_close_array(w);
}

static void put_gaps(const struct history *h, struct json_writer *w)
{
	json_key(w, "gaps");
	json_open_array(w);
	for (size_t i = 0; i < h->n_gaps; i++) {
		json_open(w);
		json_add_time(w, "from", h->gaps[i].from);
		json_add_time(w, "to", h->gaps[i].to);
		json_add_bool(w, "stopped", h->gaps[i].stopped);
		json_close(w);
	}
	json_close_array(w);
}

/* Each of those whose evidence is joined. */
static void put_daemons(const struct report *r, struct json_writer *w)
{
	json_key(w, "daemons");
	json_open_array(w);
	for (unsigned i = 0; i < r->n; i++) {
		const char *host = r->history.sources[i].host;

		json_open(w);
		json_add_str(w, "file", r->verify[i].files.path);
		json_add_str(w, "host", *host ? host : NULL);
		json_key(w, "evidence");
		audit_verify_json(&r->verify[i], w);
		json_close(w);
	}
	json_close_array(w);
}

static void put_turns(const struct history *h, struct json_writer *w)
{
	json_key(w, "turns");
	json_open_array(w);
	for (size_t i = 0; i < h->n_turns; i++) {
		json_open(w);
		json_add_time(w, "time", h->turns[i].time);
		json_add_int(w, "daemon", h->turns[i].source + 1);
		json_add_str(w, "role", h->turns[i].role);
		json_add_str(w, "text", h->turns[i].text);
		json_close(w);
	}
	json_close_array(w);
}

void report_json_put(const struct report *r, struct json_writer *w)
{
	const struct history *h = &r->history;

	json_open(w);
	json_key(w, "evidence");
	audit_verify_json(&r->verify[0], w);
	put_daemons(r, w);
	json_add_time(w, "from", h->from >= 0 ? h->from : h->first);
	json_add_time(w, "to", h->to >= 0 ? h->to : h->last);
	put_summary(h, w);
	put_keys(h, w);
	put_registries(h, w);
	put_gaps(h, w);
	put_turns(h, w);
	json_close(w);
}
