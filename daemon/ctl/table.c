/*
 * Prints columns that fit their contents, and finds the layout that a
 * terminal's width allows.
 */
#include "ctl/table.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "ctl/clean.h"
#include "ctl/wrap.h"

#define GAP 2
#define NOTE 4 /* of a sentence beneath its row */
#define FIRST_LEAST 12

struct table_cell {
	char *text;
	enum out_colour colour;
};

struct table_row {
	char *id;
	int rank;
	int64_t then;
};

/* How the rows are laid out. */
struct plan {
	size_t shown[TABLE_COLUMNS_MAX], n; /* columns side by side, in order */
	size_t widths[TABLE_COLUMNS_MAX];   /* of all columns */
	size_t note; /* column of the sentence beneath; TABLE_COLUMNS_MAX:
			there is none */
};

void table_init(struct table *t, const struct table_column *columns)
{
	*t = (struct table){ .columns = columns };
	while (columns[t->n_columns].head && t->n_columns < TABLE_COLUMNS_MAX) {
		if (columns[t->n_columns].narrow != TABLE_EXTRA)
			t->chosen[t->n_chosen++] = t->n_columns;
		t->n_columns++;
	}
}

void table_free(struct table *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->cells[i].text);
	for (size_t i = 0; i < t->n_rows; i++)
		free(t->rows[i].id);
	free(t->cells);
	free(t->rows);
	table_init(t, t->columns);
}

/* The column of that name that was not chosen yet; n_columns: none. */
static size_t column_named(const struct table *t, const char *name, size_t len)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		const char *head = t->columns[i].head;
		bool taken = false;

		for (size_t k = 0; k < t->n_chosen; k++)
			taken = taken || t->chosen[k] == i;
		if (!taken && strlen(head) == len &&
		    !strncasecmp(head, name, len))
			return i;
	}
	return t->n_columns;
}

bool table_choose(struct table *t, const char *names, const char **bad,
		  size_t *len)
{
	size_t column;

	t->n_chosen = 0;
	t->all = true;
	for (;; names += *len + 1) {
		*bad = names;
		*len = strcspn(names, ",");
		column = column_named(t, names, *len);
		if (column == t->n_columns)
			return false;
		t->chosen[t->n_chosen++] = column;
		if (!names[*len])
			return true;
	}
}

void table_begin(struct table *t, int rank, int64_t then, const char *id)
{
	/* Doubled: a list has hundreds of thousands. */
	if (t->n_rows == t->size_rows) {
		t->size_rows = t->size_rows ? t->size_rows * 2 : 64;
		t->rows = text_realloc(t->rows, t->size_rows, sizeof(*t->rows));
	}
	t->rows[t->n_rows++] = (struct table_row){ text_dup(id), rank, then };
}

void table_paint(struct table *t, enum out_colour colour, const char *text)
{
	struct table_cell *cell;

	if (t->count == t->n_rows * t->n_columns)
		table_begin(t, 0, 0, NULL);
	if (t->count == t->size) {
		t->size = t->size ? t->size * 2 : 64;
		t->cells = text_realloc(t->cells, t->size, sizeof(*t->cells));
	}
	cell = &t->cells[t->count++];
	cell->text = text_dup(text && text[0] ? text : "-");
	cell->colour = colour;
	clean_line(cell->text);
}

void table_add(struct table *t, const char *text)
{
	table_paint(t, OUT_PLAIN, text);
}

size_t table_rows(const struct table *t)
{
	return (t->count + t->n_columns - 1) / t->n_columns;
}

const char *table_id(const struct table *t, size_t row)
{
	const char *id = row < t->n_rows ? t->rows[row].id : NULL;

	return id ? id : "";
}

void table_rename(struct table *t, size_t row, const char *text)
{
	struct table_cell *cell = &t->cells[row * t->n_columns];

	free(cell->text);
	cell->text = text_dup(text);
	clean_line(cell->text);
}

void table_place(struct table *t, size_t row, int64_t then)
{
	t->rows[row].then = then;
}

/* ---- the layout ---- */

static void measure(const struct table *t, size_t widths[TABLE_COLUMNS_MAX])
{
	for (size_t i = 0; i < t->n_columns; i++)
		widths[i] = out_columns(t->columns[i].head);
	for (size_t i = 0; i < t->count; i++) {
		size_t n = out_columns(t->cells[i].text);

		if (n > widths[i % t->n_columns])
			widths[i % t->n_columns] = n;
	}
}

/* What the columns side by side take, where the first one has `first`. */
static size_t breadth(const struct plan *p, size_t first)
{
	size_t n = first;

	for (size_t i = 1; i < p->n; i++)
		n += p->widths[p->shown[i]] + GAP;
	return n;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void leave_out(struct plan *p, size_t at)
{
	p->n--;
	memmove(&p->shown[at], &p->shown[at + 1],
		(p->n - at) * sizeof(p->shown[0]));
}

/* Leave out the column of the least weight; false: each has to stay. */
static bool narrow(const struct table *t, struct plan *p)
{
	size_t light = 0;

	for (size_t i = 0; i < p->n; i++)
		if (t->columns[p->shown[i]].narrow >
		    t->columns[p->shown[light]].narrow)
			light = i;
	if (t->all || p->n < 2 ||
	    t->columns[p->shown[light]].narrow == TABLE_KEEP)
		return false;
	leave_out(p, light);
	return true;
}

static void make_plan(const struct table *t, const struct out *o,
		      struct plan *p)
{
	size_t room = o->width > 0 ? (size_t)o->width : SIZE_MAX;
	size_t last, *first, small, rest;

	*p = (struct plan){ .n = t->n_chosen, .note = TABLE_COLUMNS_MAX };
	memcpy(p->shown, t->chosen, sizeof(p->shown));
	measure(t, p->widths);
	first = &p->widths[p->shown[0]];
	if (breadth(p, *first) <= room)
		return;
	last = p->shown[p->n - 1];
	if (p->n > 1 && t->columns[last].narrow == TABLE_NOTE) {
		p->note = last;
		p->n--;
	}
	small = least(*first, FIRST_LEAST);
	while (breadth(p, small) > room && narrow(t, p))
		continue;
	rest = breadth(p, 0);
	*first = least(*first, room > rest + small ? room - rest : small);
}

/* ---- printing ---- */

/* One cell, or head, and the blanks behind it.  A first one that is too long
 * has a line of its own. */
static void print_cell(const struct plan *p, struct out *o, size_t at,
		       enum out_colour colour, const char *text)
{
	size_t width = p->widths[p->shown[at]], columns = out_columns(text);

	out_text(o, colour, text);
	if (at + 1 == p->n) {
		out_end(o);
	} else if (columns > width) {
		out_end(o);
		out_blanks(o, width + GAP);
	} else {
		out_blanks(o, width - columns + GAP);
	}
}

static bool has_note(const struct plan *p, const struct table_cell *cells)
{
	return p->note < TABLE_COLUMNS_MAX &&
	       strcmp(cells[p->note].text, "-") != 0;
}

static void print_row(const struct table *t, const struct plan *p,
		      struct out *o, size_t row)
{
	const struct table_cell *cells = &t->cells[row * t->n_columns], *c;

	for (size_t i = 0; i < p->n; i++) {
		c = &cells[p->shown[i]];
		print_cell(p, o, i, c->colour, c->text);
	}
	if (!has_note(p, cells))
		return;
	c = &cells[p->note];
	out_blanks(o, NOTE);
	wrap_text(o, c->colour, NOTE, NOTE, c->text);
}

static size_t height(const struct table *t, const struct plan *p,
		     const struct out *o, size_t row)
{
	const struct table_cell *cells = &t->cells[row * t->n_columns];
	size_t first = p->shown[0], n = 1;

	if (p->n > 1 && out_columns(cells[first].text) > p->widths[first])
		n++;
	if (has_note(p, cells))
		n += wrap_lines(cells[p->note].text, wrap_room(o, NOTE));
	return n;
}

struct order {
	const struct table_row *key;
	size_t row;
};

static int by_rank(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	if (x->key->rank != y->key->rank)
		return x->key->rank < y->key->rank ? -1 : 1;
	if (x->key->then != y->key->then)
		return x->key->then < y->key->then ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* The whole rows in the order in which they are printed; freed by the
 * caller. */
static struct order *in_order(const struct table *t, size_t *n)
{
	struct order *all = text_alloc(t->n_rows + 1, sizeof(*all));

	*n = t->count / t->n_columns;
	for (size_t i = 0; i < *n; i++)
		all[i] = (struct order){ &t->rows[i], i };
	qsort(all, *n, sizeof(*all), by_rank);
	return all;
}

size_t table_print(const struct table *t, struct out *o, size_t lines)
{
	struct plan p;
	size_t n, used = 1, i;
	struct order *order = in_order(t, &n);

	make_plan(t, o, &p);
	for (i = 0; i < p.n; i++)
		print_cell(&p, o, i, OUT_BOLD, t->columns[p.shown[i]].head);
	for (i = 0; i < n; i++) {
		used += height(t, &p, o, order[i].row);
		if (lines && i && used > lines)
			break;
		print_row(t, &p, o, order[i].row);
	}
	free(order);
	return i;
}
