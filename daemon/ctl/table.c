/*
 * Prints columns that fit their contents, and cuts the last one to the
 * width of the terminal.
 */
#include "ctl/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/clean.h"

#define GAP 2
#define LAST_MIN 12

struct table_cell {
	char *text;
	enum out_colour colour;
};

void table_init(struct table *t, const char *const *heads)
{
	*t = (struct table){ .heads = heads };
	while (heads[t->columns] && t->columns < TABLE_COLUMNS_MAX)
		t->columns++;
}

void table_free(struct table *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->cells[i].text);
	free(t->cells);
	free(t->ranks);
	table_init(t, t->heads);
}

void table_paint(struct table *t, enum out_colour colour, const char *text)
{
	struct table_cell *cell;

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

void table_rank(struct table *t, int rank)
{
	size_t row = t->count / t->columns;

	/* Doubled: a list has hundreds of thousands. */
	if (row >= t->n_ranks) {
		size_t n = row < 32 ? 64 : row * 2;

		t->ranks = text_realloc(t->ranks, n, sizeof(*t->ranks));
		memset(t->ranks + t->n_ranks, 0,
		       (n - t->n_ranks) * sizeof(*t->ranks));
		t->n_ranks = n;
	}
	t->ranks[row] = rank;
}

size_t table_rows(const struct table *t)
{
	return (t->count + t->columns - 1) / t->columns;
}

static void measure(const struct table *t, size_t widths[TABLE_COLUMNS_MAX])
{
	for (size_t i = 0; i < t->columns; i++)
		widths[i] = out_columns(t->heads[i]);
	for (size_t i = 0; i < t->count; i++) {
		size_t n = out_columns(t->cells[i].text);

		if (n > widths[i % t->columns])
			widths[i % t->columns] = n;
	}
}

/* What is left for the last column; 0 means as much as it likes. */
static size_t last_width(const struct table *t, const struct out *o,
			 const size_t widths[TABLE_COLUMNS_MAX])
{
	size_t used = 0, all = o->width > 0 ? (size_t)o->width : 0;

	for (size_t i = 0; i + 1 < t->columns; i++)
		used += widths[i] + GAP;
	if (!all)
		return 0;
	return all > used + LAST_MIN ? all - used : LAST_MIN;
}

/* End text after n columns. */
static void cut(char *text, size_t n)
{
	for (; *text; text++) {
		if (((unsigned char)*text & 0xc0) != 0x80 && !n--) {
			*text = '\0';
			return;
		}
	}
}

static void print_last(struct out *o, const char *text, enum out_colour colour,
		       size_t room)
{
	const char *dots = o->utf8 ? "\xe2\x80\xa6" : "...";
	char *copy;

	if (!room || out_columns(text) <= room) {
		out_text(o, colour, text);
	} else {
		copy = text_dup(text);
		cut(copy, room - out_columns(dots));
		out_text(o, colour, copy);
		out_text(o, colour, dots);
		free(copy);
	}
	out_end(o);
}

static void print_cell(struct out *o, const char *text, enum out_colour colour,
		       size_t width)
{
	out_text(o, colour, text);
	out_blanks(o, width - out_columns(text) + GAP);
}

struct order {
	int rank;
	size_t row;
};

static int by_rank(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* The rows in the order in which they are printed; freed by the caller. */
static struct order *in_order(const struct table *t)
{
	size_t n = table_rows(t);
	struct order *all = text_alloc(n + 1, sizeof(*all));

	for (size_t i = 0; i < n; i++)
		all[i] = (struct order){ i < t->n_ranks ? t->ranks[i] : 0, i };
	qsort(all, n, sizeof(*all), by_rank);
	return all;
}

void table_print(const struct table *t, struct out *o)
{
	size_t widths[TABLE_COLUMNS_MAX] = { 0 };
	size_t last = t->columns - 1, room;
	struct order *order = in_order(t);

	measure(t, widths);
	room = last_width(t, o, widths);
	for (size_t i = 0; i < last; i++)
		print_cell(o, t->heads[i], OUT_BOLD, widths[i]);
	print_last(o, t->heads[last], OUT_BOLD, room);
	for (size_t i = 0; i < t->count; i++) {
		size_t column = i % t->columns;
		size_t at = order[i / t->columns].row * t->columns + column;
		const struct table_cell *c = &t->cells[at];

		if (at >= t->count)
			continue; /* of a row that was not ended */
		if (column == last)
			print_last(o, c->text, c->colour, room);
		else
			print_cell(o, c->text, c->colour, widths[column]);
	}
	free(order);
}
