/*
 * keyrotctl audit show and export: the records of a time or of a registry, for
 * people, for programs and for spreadsheets.
 */
#include "ctl/audit_export.h"

#include <stdlib.h>
#include <string.h>

#include "azure/resid.h"
#include "base/chain.h"
#include "base/text.h"
#include "ctl/args.h"
#include "ctl/audit_files.h"
#include "ctl/audit_which.h"
#include "ctl/failure.h"
#include "ctl/words.h"

enum form { FORM_TEXT, FORM_LINES, FORM_CSV };

struct export
{
	struct ctl *ctl;
	enum form form;
	struct audit_which which;
	bool learning;	      /* nothing is printed yet */
	unsigned long bad;    /* lines that are no record */
	unsigned long wanted; /* records */
	struct buf row;
};

/* A column and the member that fills it; those of an answer that a record
 * follows from, and of what a person has asked for, stand in objects of their
 * own.  Programs know them by name; a new one comes last. */
static const char *const columns[] = {
	"seq",	      "time",
	"kind",	      "event",
	"registry",   "key",
	"version",    "previous_version",
	"status",     "client_request_id",
	"request_id", "correlation_id",
	"uid",	      "pid",
	"method",     "text",
	"hash",	      "reason",
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static bool is_wanted(const struct export *x, const struct chain_record *r)
{
	const struct args *a = x->ctl->args;

	return (a->from_ms < 0 || r->time >= a->from_ms) &&
	       (a->to_ms < 0 || r->time <= a->to_ms) &&
	       audit_which_is_of(&x->which, r);
}

/* ---- for people ---- */

static void say(struct out *o, const char *before, const char *text)
{
	if (!text || !text[0])
		return;
	out_text(o, OUT_PLAIN, before);
	out_text(o, OUT_PLAIN, text);
}

/* What a record says that has no sentence of its own. */
static void say_members(struct out *o, const struct json *root)
{
	int64_t n;
	char number[32];

	say(o, " ", json_get_str(root, "method"));
	say(o, " ", json_get_str(root, "file"));
	say(o, " ", words_registry(json_get_str(root, "registry")));
	say(o, " ", json_get_str(root, "to"));
	say(o, " ", json_get_str(root, "operation"));
	if (json_int(json_get(root, "status"), &n)) {
		snprintf(number, sizeof(number), "%lld", (long long)n);
		say(o, " HTTP ", number);
	}
	if (json_int(json_get(root, "uid"), &n)) {
		snprintf(number, sizeof(number), "%lld", (long long)n);
		say(o, " uid ", number);
	}
	say(o, " version ", json_get_str(root, "version"));
	say(o, " sha256 ", json_get_str(root, "sha256"));
	say(o, " request ", json_get_str(root, "request_id"));
	say(o, " ", json_get_str(json_get(root, "parameters"), "registry"));
	say(o, " ", json_get_str(json_get(root, "parameters"), "reason"));
}

static void print_text(struct out *o, const struct chain_record *r)
{
	const char *text = json_get_str(r->root, "text");
	const char *event = json_get_str(r->root, "event");
	size_t width = out_columns(r->kind);

	out_text(o, OUT_PLAIN, json_get_str(r->root, "time"));
	out_blanks(o, 2);
	out_text(o, words_colour(event ? event : r->kind), r->kind);
	out_blanks(o, width < 13 ? 13 - width : 0);
	if (text && event)
		say(o, " ", text);
	else
		say_members(o, r->root);
	if (text && !event)
		say(o, " ", text);
	out_end(o);
}

/* ---- for spreadsheets ---- */

/* RFC 4180: quoted, quotes doubled.  What a spreadsheet would take for a
 * formula gets an apostrophe before it. */
static void add_cell(struct buf *row, const char *s)
{
	buf_puts(row, row->len ? ",\"" : "\"");
	if (*s && strchr("=+-@\t", *s))
		buf_puts(row, "'");
	for (; *s; s++)
		buf_printf(row, *s == '"' ? "\"\"" : "%c", *s);
	buf_puts(row, "\"");
}

static void add_member(struct buf *row, const struct json *root,
		       const char *name)
{
	const struct json *n = json_get(root, name);
	char number[32];
	int64_t value;

	if (!n)
		n = json_get(json_get(root, "answer"), name);
	if (!n)
		n = json_get(json_get(root, "parameters"), name);
	if (json_int(n, &value)) {
		snprintf(number, sizeof(number), "%lld", (long long)value);
		buf_printf(row, "%s%s", row->len ? "," : "", number);
	} else {
		add_cell(row, json_str(n) ? json_str(n) : "");
	}
}

static void print_heads(struct export *x)
{
	buf_reset(&x->row);
	for (size_t i = 0; i < COLUMNS; i++)
		buf_printf(&x->row, "%s%s", i ? "," : "", columns[i]);
	buf_puts(&x->row, "\r\n");
	out_bytes(&x->ctl->out, buf_str(&x->row), x->row.len);
}

static void print_row(struct export *x, const struct chain_record *r)
{
	buf_reset(&x->row);
	for (size_t i = 0; i < COLUMNS; i++)
		add_member(&x->row, r->root, columns[i]);
	buf_puts(&x->row, "\r\n");
	out_bytes(&x->ctl->out, buf_str(&x->row), x->row.len);
}

/* ---- both ---- */

static void print(struct export *x, const struct chain_record *r,
		  const char *line, size_t len)
{
	x->wanted++;
	if (x->form == FORM_TEXT) {
		print_text(&x->ctl->out, r);
	} else if (x->form == FORM_CSV) {
		print_row(x, r);
	} else {
		out_bytes(&x->ctl->out, line, len);
		out_bytes(&x->ctl->out, "\n", 1);
	}
}

static bool on_line(const char *line, size_t len, bool ended, void *arg)
{
	struct export *x = arg;
	struct chain_record r;
	struct fault f;

	if (!ended || !chain_read(line, len, &r, &f)) {
		x->bad += !x->learning;
		return true;
	}
	audit_which_learn(&x->which, &r);
	if (!x->learning && is_wanted(x, &r))
		print(x, &r, line, len);
	chain_record_free(&r);
	return true;
}

static bool read_files(struct export *x, const struct audit_files *files,
		       struct fault *f)
{
	bool ok = true;

	for (size_t i = 0; ok && i < files->list.n; i++)
		ok = audit_read_lines(files->list.paths[i], on_line, x, f);
	return ok;
}

/* Who is meant by a name only the whole can tell, so it is read twice; where
 * it cannot be (standard input, a FIFO), that is said at the end. */
static bool read_all(struct export *x, const struct audit_files *files,
		     struct fault *f)
{
	x->learning = x->which.said && audit_files_again(files);
	if (x->learning &&
	    (!read_files(x, files, f) || !audit_which_judge(&x->which, f)))
		return false;
	x->learning = false;
	if (x->form == FORM_CSV)
		print_heads(x);
	return read_files(x, files, f) && audit_which_judge(&x->which, f);
}

static int fail(struct export *x, const struct fault *f)
{
	int code = failure_report(x->ctl, f);

	for (size_t i = 0; x->which.n > 1 && i < x->which.n; i++)
		out_line(&x->ctl->err, "  %s", x->which.ids[i]);
	return code;
}

static int export(struct ctl *ctl, enum form form)
{
	struct export x = { .ctl = ctl, .form = form };
	struct audit_files files;
	struct fault f = fault_none();
	int code = COMMAND_OK;

	audit_which_init(&x.which, ctl->args->registry);
	buf_init(&x.row, 4 * CHAIN_LINE_MAX);
	if (!audit_files_find(&files, ctl->args, &f) ||
	    !read_all(&x, &files, &f))
		code = fail(&x, &f);
	else if (x.which.said && x.wanted == 0)
		out_line(&ctl->err, "No record of that time is of %s.",
			 x.which.ids[0]);
	audit_which_free(&x.which);
	audit_files_free(&files);
	buf_free(&x.row);
	if (code == COMMAND_OK && x.bad)
		out_line(&ctl->err,
			 "%lu %s no record and left out; keyrotctl audit "
			 "verify says more.",
			 x.bad, x.bad == 1 ? "line is" : "lines are");
	return code;
}

int audit_export_show(struct ctl *ctl)
{
	return export(ctl, ctl->args->json ? FORM_LINES : FORM_TEXT);
}

int audit_export_run(struct ctl *ctl)
{
	const char *format = ctl->args->format;

	return export(ctl,
		      format && !strcmp(format, "csv") ? FORM_CSV : FORM_LINES);
}
