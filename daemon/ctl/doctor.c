/* keyrotctl doctor: what the daemon's examination finds, as it finds it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/finding.h"
#include "base/text.h"
#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/document.h"
#include "ctl/failure.h"

#define SUBJECT_MAX 640
/* A daemon that lives says something every three minutes at least, whatever
 * Azure does (DOCTOR_SILENCE_MS of engine/doctor.h). */
#define SILENCE_MS (4 * 60000)

struct visit {
	struct ctl *ctl;
	struct document document; /* with --json */
	struct finding_count count;
	char subject[SUBJECT_MAX]; /* that the last heading named */
	enum finding_result result;
	struct fault fault; /* of the output */
};

static enum out_colour colour_of(const struct visit *v, enum finding_part part)
{
	if (part == PART_HEADING)
		return OUT_BOLD;
	if (part != PART_RESULT || v->result == FINDING_OK)
		return OUT_PLAIN;
	return v->result == FINDING_WARN ? OUT_YELLOW : OUT_RED;
}

/* A terminal that does not know its width has the usual one. */
static size_t width_of(const struct out *o)
{
	return o->terminal && !o->width ? 80 : (size_t)o->width;
}

static void print_line(enum finding_part part, const char *line, void *arg)
{
	struct visit *v = arg;

	out_text(&v->ctl->out, colour_of(v, part), line);
	out_end(&v->ctl->out);
}

static void print_finding(struct visit *v, const struct finding *f)
{
	char subject[SUBJECT_MAX];
	bool heading;

	v->result = f->result;
	if (f->result == FINDING_SKIP)
		return;
	snprintf(subject, sizeof(subject), "%s %s", f->kind, f->name);
	heading = strcmp(subject, v->subject) != 0;
	text_copy(v->subject, sizeof(v->subject), subject);
	finding_lines(f, heading, width_of(&v->ctl->out), print_line, v);
}

/* Only somebody who looks wants to know how far it is, and only for as long
 * as it lasts. */
static bool shows_progress(const struct visit *v)
{
	return v->ctl->err.terminal;
}

static void erase_progress(const struct visit *v)
{
	if (shows_progress(v))
		fputs("\r\033[K", v->ctl->err.file);
}

static void show_progress(const struct visit *v, const struct json *reply)
{
	int64_t done, all;

	if (!shows_progress(v) || !json_int(json_get(reply, "done"), &done) ||
	    !json_int(json_get(reply, "all"), &all) || done >= all)
		return;
	fprintf(v->ctl->err.file, "\r%" PRId64 " of %" PRId64 " examined", done,
		all);
	fflush(v->ctl->err.file);
}

static bool take_findings(struct visit *v, const struct json *findings)
{
	const struct json *n;
	struct finding f;

	for (n = json_first(findings); n; n = json_next(n)) {
		if (!finding_read(n, &f))
			return false;
		v->count.n[f.result]++;
		if (v->ctl->args->json)
			finding_write(&f, v->document.w);
		else
			print_finding(v, &f);
	}
	return true;
}

static enum client_next take(const struct json *reply, void *arg)
{
	struct visit *v = arg;
	const struct json *findings = json_get(reply, "findings");

	if (json_type(findings) != JSON_ARRAY)
		return CLIENT_BAD;
	/* The daemon sees to it that it ends; how soon, Azure decides. */
	client_follow(v->ctl->client, STDOUT_FILENO, SILENCE_MS);
	erase_progress(v);
	if (!take_findings(v, findings))
		return CLIENT_BAD;
	if (!v->ctl->args->json && !out_flush(&v->ctl->out, &v->fault))
		return CLIENT_STOP;
	show_progress(v, reply);
	return CLIENT_GO_ON;
}

static void sum_up(struct visit *v)
{
	char line[160];

	if (v->ctl->args->json) {
		json_close_array(v->document.w);
		finding_write_count(&v->count, v->document.w);
		json_close(v->document.w);
		document_print(&v->document, &v->ctl->out, &v->fault);
		return;
	}
	document_drop(&v->document);
	finding_sum(&v->count, line, sizeof(line));
	out_line(&v->ctl->out, "%s", line);
}

int doctor_run(struct ctl *ctl)
{
	struct visit v = { .ctl = ctl, .fault = fault_none() };
	struct fault f = fault_none();
	bool ok;

	document_open(&v.document, &ctl->out);
	json_open(v.document.w);
	json_key(v.document.w, "findings");
	json_open_array(v.document.w);
	ok = client_call(ctl->client, "io.keyrotd.Control.Examine", NULL, true,
			 take, &v, &f);
	erase_progress(&v);
	if (ok && v.fault.kind == FAULT_NONE)
		sum_up(&v);
	else
		document_drop(&v.document);
	if (!ok)
		return failure_report(ctl, &f);
	if (v.fault.kind != FAULT_NONE)
		return failure_report(ctl, &v.fault);
	return v.count.n[FINDING_FAIL] ? COMMAND_FAILED : COMMAND_OK;
}
