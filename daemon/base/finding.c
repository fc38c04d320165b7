/* The one way in which findings are written and shown. */
#include "base/finding.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define LINE_MAX_BYTES 4096
#define RESULT_AT 2 /* columns before the result ... */
#define TEXT_AT 8   /* ... and before what continues it */
#define NARROWEST 40

static const char *const words[FINDING_RESULTS] = {
	[FINDING_OK] = "ok",
	[FINDING_WARN] = "warn",
	[FINDING_FAIL] = "fail",
	[FINDING_SKIP] = "skip",
};

const char *finding_str(enum finding_result result)
{
	return words[result];
}

void finding_write(const struct finding *f, struct json_writer *w)
{
	json_open(w);
	json_add_str(w, "kind", f->kind);
	json_add_str(w, "name", f->name);
	json_add_str(w, "check", f->check);
	json_add_str(w, "result", finding_str(f->result));
	json_add_str(w, "text", f->text);
	json_add_str(w, "do", f->to_do);
	json_add_str(w, "command", f->command);
	json_close(w);
}

bool finding_read(const struct json *object, struct finding *f)
{
	const char *result = json_get_str(object, "result");
	int i = 0;

	while (i < FINDING_RESULTS && !(result && !strcmp(words[i], result)))
		i++;
	*f = (struct finding){
		.result = (enum finding_result)i,
		.kind = json_get_str(object, "kind"),
		.name = json_get_str(object, "name"),
		.check = json_get_str(object, "check"),
		.text = json_get_str(object, "text"),
		.to_do = json_get_str(object, "do"),
		.command = json_get_str(object, "command"),
	};
	return i < FINDING_RESULTS && f->kind && f->name && f->check && f->text;
}

void finding_write_count(const struct finding_count *c, struct json_writer *w)
{
	for (int i = 0; i < FINDING_RESULTS; i++)
		json_add_int(w, words[i], (int64_t)c->n[i]);
}

/* ---- lines ---- */

struct lines {
	struct buf one;
	size_t width, column;
	enum finding_part part;
	finding_line *line;
	void *arg;
};

static void end_line(struct lines *l)
{
	l->line(l->part, buf_str(&l->one), l->arg);
	buf_reset(&l->one);
	l->column = 0;
}

static void blanks(struct lines *l, size_t n)
{
	while (l->column < n && buf_puts(&l->one, " "))
		l->column++;
}

/* One character, one column: as good as anybody can tell from here. */
static size_t columns(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

static void add_words(struct lines *l, const char *text)
{
	bool first = true;

	while (*text) {
		size_t len = strcspn(text, " "), cols = columns(text, len);

		if (!first && l->width && l->column + 1 + cols > l->width) {
			end_line(l);
			blanks(l, TEXT_AT);
		} else if (!first) {
			blanks(l, l->column + 1);
		}
		buf_add(&l->one, text, len);
		l->column += cols;
		text += len;
		text += strspn(text, " ");
		first = false;
	}
}

static void whole(struct lines *l, enum finding_part part, size_t at,
		  const char *text)
{
	l->part = part;
	blanks(l, at);
	buf_puts(&l->one, text);
	end_line(l);
}

void finding_lines(const struct finding *f, bool heading, size_t width,
		   finding_line *line, void *arg)
{
	struct lines l = { .width = width && width < NARROWEST ? NARROWEST
							       : width,
			   .line = line,
			   .arg = arg };
	char start[96];

	if (f->result == FINDING_SKIP)
		return;
	buf_init(&l.one, LINE_MAX_BYTES);
	if (heading) {
		snprintf(start, sizeof(start), "%s ", f->kind);
		buf_puts(&l.one, start);
		whole(&l, PART_HEADING, 0, f->name);
	}
	l.part = PART_RESULT;
	blanks(&l, RESULT_AT);
	snprintf(start, sizeof(start), "%-5s %s:", finding_str(f->result),
		 f->check);
	buf_puts(&l.one, start);
	l.column += columns(start, strlen(start));
	blanks(&l, l.column + 1);
	add_words(&l, f->text);
	end_line(&l);
	if (f->to_do) {
		l.part = PART_TODO;
		blanks(&l, TEXT_AT);
		buf_puts(&l.one, "do: ");
		l.column += 4;
		add_words(&l, f->to_do);
		end_line(&l);
	}
	if (f->command)
		whole(&l, PART_COMMAND, TEXT_AT, f->command);
	buf_free(&l.one);
}

void finding_sum(const struct finding_count *c, char *dst, size_t size)
{
	size_t fail = c->n[FINDING_FAIL], warn = c->n[FINDING_WARN];
	size_t skip = c->n[FINDING_SKIP];
	int used;

	if (fail + warn + skip + c->n[FINDING_OK] == 0) {
		text_copy(
			dst, size,
			"Nothing was examined: the configuration names no watch.");
		return;
	}
	used = snprintf(dst, size, "%zu failed, %zu %s, %zu ok", fail, warn,
			warn == 1 ? "warning" : "warnings", c->n[FINDING_OK]);
	if (skip && used > 0 && (size_t)used < size)
		snprintf(dst + used, size - (size_t)used,
			 "; %zu %s left out because of what failed.", skip,
			 skip == 1 ? "check was" : "checks were");
	else if (used > 0 && (size_t)used < size)
		snprintf(dst + used, size - (size_t)used, ".");
}
