/*
 * keyrotctl why: one registry: what was seen, decided and done, what comes
 * next, and what a person can do.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/person.h"
#include "ctl/words.h"
#include "ctl/wrap.h"

#define LABEL 16 /* columns of what stands before a value */
#define INDENT 2
#define FIELD 26 /* of a name of Azure's */
#define RESULT 9 /* of a check's result */
#define PERSON_MAX 320

struct answer {
	struct ctl *ctl;
	struct fault fault;
	bool printed;
};

/* "  label   value", the value wrapped; it is freed.  NULL: no line. */
static void print_field(struct out *o, size_t columns, const char *label,
			char *value)
{
	size_t at = INDENT + columns;

	if (!value)
		return;
	out_blanks(o, INDENT);
	out_text(o, OUT_PLAIN, label);
	out_blanks(o, columns > out_columns(label)
			      ? columns - out_columns(label)
			      : 1);
	wrap_text(o, OUT_PLAIN, at, at, value);
	free(value);
}

static void print_value(struct out *o, const char *label, char *value)
{
	print_field(o, LABEL, label, value);
}

static void print_member(struct out *o, const struct json *r, const char *label,
			 const char *name)
{
	print_value(o, label, text_dup(json_get_str(r, name)));
}

/* "3 min ago (2026-01-02T03:04:05Z)"; NULL for a time that is not known. */
static char *time_text(const struct ctl *ctl, const struct json *object,
		       const char *name)
{
	const char *time = json_get_str(object, name);
	char when[WORDS_MAX];

	if (!time)
		return NULL;
	words_when(when, sizeof(when), time, ctl->now_ms);
	return when[0] ? text_printf("%s (%s)", when, time) : text_dup(time);
}

/* A moment, and the request by which it is found at Azure. */
static void print_seen(const struct ctl *ctl, struct out *o,
		       const struct json *seen, const char *label,
		       const char *time, const char *request, const char *via)
{
	const char *id = json_get_str(seen, request);
	char *when = time_text(ctl, seen, time);

	if (when)
		print_value(o, label,
			    text_printf("%s%s%s%s", when, via,
					id ? ", by request " : "",
					id ? id : ""));
	free(when);
}

/* ---- what was sent ---- */

/* After how long, in words; "" when that is not known. */
static void span(char *dst, size_t size, const char *from, const char *to)
{
	int64_t a = from ? text_parse_rfc3339(from) : -1;
	int64_t b = to ? text_parse_rfc3339(to) : -1;

	dst[0] = '\0';
	if (a >= 0 && b > a)
		text_duration(dst, size, b - a);
}

static const char *outcome_text(const char *outcome)
{
	static const struct {
		const char *outcome, *text;
	} rows[] = {
		{ "asked", "" },
		{ "lost", ": it may have happened, which a read tells" },
		{ "refused", ": Azure did not accept it" },
		{ "accepted", ": Azure is carrying it out" },
		{ "done", ": it is done" },
		{ "failed", ": the operation failed" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (outcome && !strcmp(outcome, rows[i].outcome))
			return rows[i].text;
	return "";
}

static void print_answer(struct out *o, const struct json *sent)
{
	const char *request = json_get_str(sent, "request");
	const char *outcome = json_get_str(sent, "outcome");
	char took[WORDS_MAX];
	int64_t status;

	span(took, sizeof(took), json_get_str(sent, "at"),
	     json_get_str(sent, "answered"));
	if (json_int(json_get(sent, "status"), &status))
		print_value(o, "answer",
			    text_printf("HTTP %" PRId64 "%s%s%s%s%s", status,
					took[0] ? " after " : "", took,
					request ? ", request " : "",
					request ? request : "",
					outcome_text(outcome)));
	else
		print_value(o, "answer",
			    text_printf("none yet%s", outcome_text(outcome)));
}

static void print_sent(const struct ctl *ctl, struct out *o,
		       const struct json *sent)
{
	const char *what = json_get_str(sent, "what");
	char *when = time_text(ctl, sent, "at");
	char version[WORDS_MAX];

	words_version(version, sizeof(version), json_get_str(sent, "version"));
	if (what && when) {
		print_value(o, "last write",
			    text_printf("%s, to get to %s, %s", what, version,
					when));
		print_answer(o, sent);
	}
	free(when);
}

/* ---- facts ---- */

/* How much of the window is left, or was. */
static void print_window(const struct ctl *ctl, struct out *o,
			 const struct json *r)
{
	const char *time = json_get_str(r, "deadline");
	const char *in_use = json_get_str(r, "version_in_use");
	const char *wanted = json_get_str(r, "version_wanted");
	int64_t end = time ? text_parse_rfc3339(time) : -1;
	bool late = !strcmp(json_get_str(r, "state"), "overdue");
	char left[WORDS_MAX];

	if (end < 0)
		return;
	text_duration(left, sizeof(left),
		      end > ctl->now_ms ? end - ctl->now_ms
					: ctl->now_ms - end);
	if (!late && in_use && wanted && text_same(in_use, wanted))
		print_value(o, "window",
			    text_printf("kept; the deadline was %s", time));
	else if (end > ctl->now_ms)
		print_value(o, "window",
			    text_printf("%s left, until %s", left, time));
	else
		print_value(o, "window",
			    text_printf("over since %s (%s late)", time, left));
}

static void print_next(const struct ctl *ctl, struct out *o,
		       const struct json *answer, const struct json *r)
{
	const char *next = json_get_str(answer, "next");
	char *when = time_text(ctl, r, "next_attempt");

	if (next && when)
		print_value(o, "next",
			    text_printf("%s Next request %s.", next, when));
	else if (next || when)
		print_value(o, "next", text_dup(next ? next : when));
	free(when);
}

static void print_pause(const struct ctl *ctl, struct out *o,
			const struct json *r)
{
	const char *by = json_get_str(r, "paused_by");
	const char *reason = json_get_str(r, "pause_reason");
	char *until = time_text(ctl, r, "paused_until");
	char who[PERSON_MAX] = "";

	if (by)
		person_name(who, sizeof(who), by);
	if (until)
		print_value(o, "paused until",
			    text_printf("%s%s%s%s%s", until,
					who[0] ? ", by " : "", who,
					reason ? ", because: " : "",
					reason ? reason : ""));
	free(until);
}

static void print_facts(const struct ctl *ctl, struct out *o,
			const struct json *answer, const struct json *r)
{
	const struct json *seen = json_get(answer, "seen");
	bool around =
		text_same(json_get_str(seen, "key_via"), "resource-manager");
	const char *via = around ? " through Resource Manager" : "";

	print_member(o, r, "registry", "id");
	print_member(o, r, "key", "key");
	print_member(o, r, "mode", "mode");
	print_member(o, r, "rule", "rule");
	print_member(o, r, "version in use", "version_in_use");
	print_member(o, r, "version wanted", "version_wanted");
	print_seen(ctl, o, seen, "key seen", "key_at", "key_request", via);
	print_seen(ctl, o, seen, "registry seen", "at", "request", "");
	print_value(o, "verified", time_text(ctl, r, "verified_at"));
	print_member(o, answer, "decided", "decision");
	print_sent(ctl, o, json_get(answer, "sent"));
	print_next(ctl, o, answer, r);
	print_window(ctl, o, r);
	print_pause(ctl, o, r);
}

/* By the names that `az acr encryption show` uses. */
static void print_encryption(struct out *o, const struct json *e)
{
	static const char *const names[][2] = {
		{ "identity", "identity" },
		{ "keyIdentifier", "key_identifier" },
		{ "keyRotationEnabled", "key_rotation_enabled" },
		{ "lastKeyRotationTimestamp", "last_key_rotation_timestamp" },
		{ "versionedKeyIdentifier", "versioned_key_identifier" },
	};
	bool on;

	if (json_type(e) != JSON_OBJECT)
		return;
	out_end(o);
	out_line(o, "Its encryption, as Azure tells it:");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct json *m = json_get(e, names[i][1]);
		const char *text = json_str(m);

		if (json_bool(m, &on))
			text = on ? "true" : "false";
		print_field(o, FIELD, names[i][0],
			    text_dup(text ? text : "not told"));
	}
}

/* ---- checks and remedies ---- */

/* Whether it was said already: `text` without its full stop is in `said`. */
static bool is_said(const char *text, const char *said)
{
	size_t len = strlen(text);
	char *clause =
		text_ndup(text, len && text[len - 1] == '.' ? len - 1 : len);
	bool found = said && strstr(said, clause);

	free(clause);
	return found;
}

static void print_check(struct out *o, const struct json *check,
			const char *result)
{
	const char *name = json_get_str(check, "name");
	const char *text = json_get_str(check, "text");
	size_t width = out_columns(result);
	size_t at = INDENT + (width < RESULT ? RESULT : width + 1);
	char *line = text_printf("%s: %s", name ? name : "?", text ? text : "");

	out_blanks(o, INDENT);
	out_text(o, words_colour(result), result);
	out_blanks(o, at - INDENT - width);
	wrap_text(o, OUT_PLAIN, at, at, line);
	free(line);
}

/* What is not well and was not said yet, a line for each; of what is well the
 * names. */
/* What is worth reading also where nothing is wrong with it. */
static bool informs(const char *name)
{
	return !strcmp(name, "state") || !strcmp(name, "age") ||
	       !strcmp(name, "rotation-policy");
}

static void print_checks(struct out *o, const struct json *checks,
			 const struct json *r)
{
	const struct json *c = json_first(checks);
	const char *reason = json_get_str(r, "reason");
	const char *alarm = json_get_str(r, "alarm");
	struct buf well;

	if (!c)
		return;
	buf_init(&well, FAULT_TEXT_MAX);
	out_end(o);
	out_line(o, "Checks:");
	for (; c; c = json_next(c)) {
		const char *result = json_get_str(c, "result");
		const char *name = json_get_str(c, "name");
		const char *text = json_get_str(c, "text");

		if (result && name && !strcmp(result, "ok") && !informs(name))
			buf_printf(&well, "%s%s", well.len ? ", " : "", name);
		else if ((!name || strcmp(name, "state") != 0) &&
			 !(text &&
			   (is_said(text, reason) || is_said(text, alarm))))
			print_check(o, c, result ? result : "unknown");
	}
	if (well.len) {
		out_blanks(o, INDENT);
		out_text(o, OUT_GREEN, "ok");
		out_blanks(o, RESULT - 2);
		wrap_text(o, OUT_PLAIN, INDENT + RESULT, INDENT + RESULT,
			  buf_str(&well));
	}
	buf_free(&well);
}

/* A command is one line, so that it can be copied. */
static void print_remedies(struct out *o, const struct json *remedies)
{
	const struct json *m = json_first(remedies);

	if (!m)
		return;
	out_end(o);
	out_text(o, OUT_BOLD, "What to do:");
	out_end(o);
	for (; m; m = json_next(m)) {
		const char *text = json_get_str(m, "text");
		const char *command = json_get_str(m, "command");

		out_blanks(o, INDENT);
		wrap_text(o, OUT_PLAIN, INDENT, INDENT, text ? text : "?");
		if (command)
			out_line(o, "      %s", command);
	}
}

static void print_registry(struct out *o, const struct json *r)
{
	const char *state = json_get_str(r, "state");
	const char *reason = json_get_str(r, "reason");
	const char *alarm = json_get_str(r, "alarm");
	const char *error = json_get_str(r, "last_error");
	const char *name = words_registry(json_get_str(r, "id"));

	reason = reason ? reason : "no reason told";
	if (words_same_fault(reason, alarm)) {
		reason = alarm;
		alarm = NULL;
	}
	out_text(o, OUT_BOLD, name);
	out_text(o, OUT_PLAIN, " is ");
	out_text(o, words_colour(state), state);
	out_text(o, OUT_PLAIN, ": ");
	wrap_text(o, OUT_PLAIN, out_columns(name) + out_columns(state) + 6,
		  INDENT, reason);
	if (alarm)
		wrap_text(o, OUT_RED, 0, INDENT, alarm);
	if (error && !is_said(error, reason))
		wrap_line(o, 0, INDENT, "Last error: %s", error);
	out_end(o);
}

static enum client_next take(const struct json *parameters, void *arg)
{
	struct answer *answer = arg;
	struct ctl *ctl = answer->ctl;
	const struct json *r = json_get(parameters, "registry");
	const char *now = json_get_str(parameters, "now");

	if (!json_get_str(r, "id") || !json_get_str(r, "state"))
		return CLIENT_BAD;
	if (ctl->args->json) {
		answer->printed = document_reply(&ctl->out, parameters, false,
						 &answer->fault);
		return CLIENT_GO_ON;
	}
	/* By the daemon's clock, which it corrects by Azure's. */
	if (now && text_parse_rfc3339(now) >= 0)
		ctl->now_ms = text_parse_rfc3339(now);
	print_registry(&ctl->out, r);
	print_facts(ctl, &ctl->out, parameters, r);
	print_encryption(&ctl->out, json_get(parameters, "encryption"));
	print_checks(&ctl->out, json_get(parameters, "checks"), r);
	print_remedies(&ctl->out, json_get(parameters, "remedies"));
	answer->printed = true;
	return CLIENT_GO_ON;
}

int why_run(struct ctl *ctl)
{
	struct answer answer = { .ctl = ctl, .fault = fault_none() };
	const struct client_parameter parameters[] = {
		{ "registry", ctl->args->operand },
		{ 0 },
	};

	if (!client_call(ctl->client, "io.keyrotd.Status.Explain", parameters,
			 false, take, &answer, &answer.fault) ||
	    !answer.printed)
		return failure_report(ctl, &answer.fault);
	return COMMAND_OK;
}
