/* A report as text: sentences first, then a table of each kind. */
#include "ctl/report_text.h"

#include <stdio.h>

#include "base/text.h"
#include "ctl/history_move.h"
#include "ctl/history_span.h"
#include "ctl/report_words.h"
#include "ctl/table.h"
#include "ctl/words.h"

#define KEY_WORDS_MAX 192

static const struct table_column key_heads[] = {
	{ "KEY", TABLE_KEEP },	 { "REGISTRIES", 2 }, { "ROTATED", TABLE_KEEP },
	{ "EVERY", TABLE_KEEP }, { NULL, 0 },
};
static const struct table_column version_heads[] = {
	{ "KEY", TABLE_KEEP },
	{ "VERSION", TABLE_KEEP },
	{ "EFFECTIVE", 2 },
	{ "ADOPTED", 3 },
	{ "LATE", TABLE_KEEP },
	{ "MISSED", TABLE_KEEP },
	{ "ON IT", 4 },
	{ "RETIREMENT", TABLE_NOTE },
	{ NULL, 0 },
};
static const struct table_column move_heads[] = {
	{ "REGISTRY", TABLE_KEEP },
	{ "VERSION", TABLE_KEEP },
	{ "EFFECTIVE", 5 },
	{ "VERIFIED", TABLE_KEEP },
	{ "TOOK", 4 },
	{ "USED", 3 },
	{ "WRITES", 8 },
	{ "KEY", 7 },
	{ NULL, 0 },
};
static const struct table_column joined_heads[] = {
	{ "REGISTRY", TABLE_KEEP },
	{ "VERSION", TABLE_KEEP },
	{ "EFFECTIVE", 5 },
	{ "VERIFIED", TABLE_KEEP },
	{ "TOOK", 4 },
	{ "USED", 3 },
	{ "WRITES", 8 },
	{ "KEY", 7 },
	{ "BY", 6 },
	{ NULL, 0 },
};
static const struct table_column gap_heads[] = {
	{ "FROM", TABLE_KEEP }, { "TO", TABLE_KEEP }, { "AT MOST", TABLE_KEEP },
	{ "WHY", TABLE_NOTE },	{ NULL, 0 },
};
static const struct table_column turn_heads[] = {
	{ "SINCE", TABLE_KEEP },
	{ "DAEMON", TABLE_KEEP },
	{ "IS", TABLE_KEEP },
	{ "TEXT", TABLE_NOTE },
	{ NULL, 0 },
};
static const struct table_column open_heads[] = {
	{ "OF", TABLE_KEEP },	 { "SINCE", TABLE_KEEP }, { "TIMES", 3 },
	{ "EVENT", TABLE_KEEP }, { "TEXT", TABLE_NOTE },  { NULL, 0 },
};

static void add_key(struct table *t, const struct history *h, uint32_t key)
{
	char text[KEY_WORDS_MAX] = "";

	if (key != HISTORY_NONE)
		words_key(text, sizeof(text), h->keys[key].id);
	table_add(t, text);
}

static void add_time(struct table *t, int64_t ms)
{
	char text[REPORT_WORDS_MAX];

	report_words_time(text, ms);
	table_add(t, text);
}

static void add_number(struct table *t, unsigned n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	table_add(t, text);
}

static void add_version(struct table *t, const struct history *h,
			uint32_t version)
{
	char text[REPORT_WORDS_MAX];

	report_words_version(text, h, version);
	table_add(t, text);
}

static void print(struct table *t, const char *head, struct out *o)
{
	if (table_rows(t) > 0) {
		out_end(o);
		out_text(o, OUT_BOLD, head);
		out_end(o);
		table_print(t, o, 0);
	}
	table_free(t);
}

static void print_keys(const struct history *h, struct out *o)
{
	char text[64];
	struct table t;

	table_init(&t, key_heads);
	for (uint32_t k = 0; k < h->n_keys && history_span_reaches(h); k++) {
		int64_t every = history_every(&h->keys[k]);

		add_key(&t, h, k);
		add_number(&t, h->keys[k].users);
		add_number(&t, h->keys[k].rotations);
		text_duration(text, sizeof(text), every < 0 ? 0 : every);
		table_add(&t, every < 0 ? "-" : text);
	}
	print(&t, "Keys", o);
}

static void print_versions(const struct history *h, struct out *o)
{
	char text[REPORT_WORDS_MAX];
	struct table t;

	table_init(&t, version_heads);
	for (size_t i = 0; i < h->n_versions; i++) {
		const struct history_version *v = h->in_order[i];
		uint32_t number = (uint32_t)(v - h->versions);

		add_key(&t, h, v->key);
		add_version(&t, h, number);
		add_time(&t, v->effective);
		add_number(&t, v->adopted);
		add_number(&t, v->late);
		add_number(&t, v->missed);
		add_number(&t, v->users);
		report_words_advice(text, h, number);
		table_add(&t, text);
	}
	print(&t, "Versions", o);
}

static void add_move(struct table *t, const struct history *h,
		     const struct history_move *m)
{
	char text[REPORT_WORDS_MAX];
	enum out_colour colour = history_move_is_late(m) ? OUT_RED : OUT_PLAIN;

	add_version(t, h, m->version);
	add_time(t, m->effective);
	add_time(t, m->verified);
	report_words_minutes(text, history_move_took(m));
	table_paint(t, colour, text);
	report_words_used(text, m);
	table_paint(t, colour, text);
	add_number(t, m->writes);
}

/* Which of several daemons wrote it. */
static void add_by(struct table *t, const struct history *h,
		   const struct history_move *m)
{
	if (h->n_sources == 1)
		return;
	if (m && m->by != HISTORY_NOBODY)
		add_number(t, m->by + 1u);
	else
		table_add(t, NULL);
}

static void print_registries(const struct history *h, struct out *o)
{
	struct table t;

	table_init(&t, h->n_sources > 1 ? joined_heads : move_heads);
	for (size_t i = 0; i < h->n_registries; i++) {
		const struct history_registry *r = h->sorted[i];

		for (uint32_t m = r->first; m != HISTORY_NONE;
		     m = h->moves[m].next) {
			table_add(&t, r->label);
			add_move(&t, h, &h->moves[m]);
			add_key(&t, h, r->key);
			add_by(&t, h, &h->moves[m]);
		}
		if (r->first != HISTORY_NONE || !r->watched)
			continue;
		table_add(&t, r->label);
		add_version(&t, h, r->in_use);
		for (unsigned n = 0; n < 5; n++)
			table_add(&t, NULL);
		add_key(&t, h, r->key);
		add_by(&t, h, NULL);
	}
	print(&t, "Registries", o);
}

static void print_gaps(const struct history *h, struct out *o)
{
	struct table t;
	char span[64];

	table_init(&t, gap_heads);
	for (size_t i = 0; i < h->n_gaps; i++) {
		add_time(&t, h->gaps[i].from);
		add_time(&t, h->gaps[i].to);
		text_duration(span, sizeof(span),
			      h->gaps[i].to - h->gaps[i].from);
		table_add(&t, span);
		table_add(&t, report_words_gap(&h->gaps[i]));
	}
	print(&t, "Nobody watched", o);
}

static void print_turns(const struct history *h, struct out *o)
{
	struct table t;

	table_init(&t, turn_heads);
	for (size_t i = 0; i < h->n_turns; i++) {
		const struct history_turn *x = &h->turns[i];

		add_time(&t, x->time);
		add_number(&t, x->source + 1u);
		table_add(&t, x->role);
		table_add(&t, x->text);
	}
	print(&t, "Who led", o);
}

static void add_fault(struct table *t, const struct history_fault *f)
{
	add_time(t, f->since);
	add_number(t, f->times);
	table_paint(t, words_colour(f->event), f->event);
	table_add(t, f->text);
}

static void print_open(const struct history *h, struct out *o)
{
	char text[REPORT_WORDS_MAX];
	struct table t;

	table_init(&t, open_heads);
	for (uint32_t k = 0; k < h->n_keys; k++)
		if (h->keys[k].fault.text) {
			add_key(&t, h, k);
			add_fault(&t, &h->keys[k].fault);
		}
	for (size_t i = 0; i < h->n_registries; i++) {
		const struct history_registry *r = h->sorted[i];

		report_words_due(text, h, r);
		if (!r->fault.text && !text[0])
			continue;
		table_add(&t, r->label);
		if (r->fault.text) {
			add_fault(&t, &r->fault);
			continue;
		}
		add_time(&t, h->versions[h->keys[r->key].newest].effective);
		table_add(&t, NULL);
		table_add(&t, "due");
		table_add(&t, text);
	}
	print(&t, "Open at the end", o);
}

static void say(struct out *o, const char *text)
{
	if (text[0])
		out_line(o, "%s", text);
}

static void say_time(const struct history *h, struct out *o)
{
	char text[REPORT_WORDS_MAX], to[REPORT_WORDS_MAX];

	report_words_time(text, history_span_begin(h));
	report_words_time(to, history_span_until(h));
	out_line(o, "From %.19s to %.19s, in UTC:", text, to);
	report_words_moves(text, h);
	say(o, text);
	report_words_missed(text, h);
	say(o, text);
	report_words_spans(text, h);
	say(o, text);
	report_words_gaps(text, h);
	say(o, text);
}

void report_text_print(const struct report *r, struct out *o)
{
	const struct history *h = &r->history;
	char text[REPORT_WORDS_MAX];
	const char *limit;

	for (unsigned i = 0; i < r->n; i++) {
		const char *host = h->sources[i].host;

		if (r->n > 1)
			out_line(o, "Daemon %u%s%s, by %s:", i + 1,
				 *host ? " on " : "", host,
				 r->verify[i].files.path);
		audit_verify_say(&r->verify[i], o);
	}
	if (history_span_is_empty(h))
		out_line(o, "There is no record of that time.");
	if (h->last < 0)
		return;
	out_end(o);
	if (history_span_reaches(h))
		say_time(h, o);
	for (unsigned i = 0; (limit = report_words_limit(text, h, i)); i++)
		say(o, limit);
	print_keys(h, o);
	print_versions(h, o);
	print_registries(h, o);
	print_turns(h, o);
	print_open(h, o);
	print_gaps(h, o);
}
