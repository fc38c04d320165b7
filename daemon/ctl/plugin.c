/*
 * Speaks as monitoring systems expect it of a plug-in: one line, counters
 * behind it, and a status of four.
 */
#include "ctl/plugin.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/lease_line.h"
#include "ctl/words.h"

#define HARM_LOCKED 8 /* as the interface has it: images cannot be read */

/* Every state of a registry, so that a graph has no gaps. */
static const char *const states[] = {
	"current", "rotating", "verifying",   "held",	 "blocked",
	"paused",  "unknown",  "unreachable", "overdue",
};

static const char *const codes[] = {
	[PLUGIN_OK] = "OK",
	[PLUGIN_WARNING] = "WARNING",
	[PLUGIN_CRITICAL] = "CRITICAL",
	[PLUGIN_UNKNOWN] = "UNKNOWN",
};

/* What will be late; NULL: nothing, or it is not certain. */
static const char *forecast(const struct json *summary)
{
	const struct json *f = json_get(summary, "forecast");
	bool certain = false;

	json_bool(json_get(f, "certain"), &certain);
	return certain ? json_get_str(f, "text") : NULL;
}

enum plugin_code plugin_judge(const struct json *summary)
{
	const char *state = json_get_str(summary, "state");

	if (!state)
		return PLUGIN_UNKNOWN;
	if (!strcmp(state, "ok") || !strcmp(state, "rotating"))
		return forecast(summary) || lease_line_amiss(summary)
			       ? PLUGIN_WARNING
			       : PLUGIN_OK;
	if (!strcmp(state, "degraded"))
		return PLUGIN_WARNING;
	return strcmp(state, "failed") ? PLUGIN_UNKNOWN : PLUGIN_CRITICAL;
}

static char *text_of(const struct json *summary)
{
	const char *state = json_get_str(summary, "state");
	const char *reason = json_get_str(summary, "reason");
	int64_t n = -1;
	bool dry = false;
	const char *worst = json_get_str(summary, "worst");
	const char *late = forecast(summary);
	const char *mistake = json_get_str(summary, "configuration_error");
	const char *note;

	json_bool(json_get(summary, "dry_run"), &dry);
	note = dry ? " (dry run: nothing is written)" : "";
	json_int(json_get(json_get(summary, "states"), "current"), &n);
	if (state && !strcmp(state, "ok") && n > 0)
		return text_printf("%" PRId64 " %s current%s", n,
				   n == 1 ? "registry" : "registries", note);
	return text_printf("%s: %s%s%s%s%s%s%s%s", state ? state : "no state",
			   reason && reason[0] ? reason : "no reason told",
			   worst ? " " : "", worst ? worst : "",
			   late ? " " : "", late ? late : "",
			   mistake ? " The first mistake in the files on disk: "
				   : "",
			   mistake ? mistake : "", note);
}

char *plugin_text(const struct json *summary)
{
	char *text = text_of(summary), *role = lease_line_whole(summary);
	size_t len = strlen(text);
	bool sentence = *role && len && text[len - 1] == '.';
	char *all;

	if (sentence)
		role[0] = (char)toupper((unsigned char)role[0]);
	all = text_printf("%s%s%s%s", text,
			  sentence ? " "
			  : *role  ? "; "
				   : "",
			  role, sentence ? text_stop(role) : "");
	free(text);
	free(role);
	return all;
}

void plugin_perfdata(struct buf *out, const struct json *summary)
{
	const struct json *counts = json_get(summary, "states");
	int64_t n;

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		n = 0;
		json_int(json_get(counts, states[i]), &n);
		buf_printf(out, "%s%s=%" PRId64, i ? " " : "", states[i], n);
	}
}

/* ---- one registry ---- */

enum plugin_code plugin_judge_registry(const struct json *r)
{
	const char *state = json_get_str(r, "state");
	int64_t harm = 0;

	json_int(json_get(r, "harm"), &harm);
	if (!state || !strcmp(state, "unknown"))
		return PLUGIN_UNKNOWN;
	if (!strcmp(state, "overdue") || harm >= HARM_LOCKED)
		return PLUGIN_CRITICAL;
	if (json_get_str(r, "alarm"))
		return PLUGIN_WARNING;
	return !strcmp(state, "current") || !strcmp(state, "rotating") ||
			       !strcmp(state, "verifying")
		       ? PLUGIN_OK
		       : PLUGIN_WARNING;
}

char *plugin_text_registry(const struct json *r)
{
	const char *state = json_get_str(r, "state");
	const char *reason = json_get_str(r, "reason");
	const char *alarm = json_get_str(r, "alarm");

	reason = reason && reason[0] ? reason : "no reason told";
	if (words_same_fault(reason, alarm)) {
		reason = alarm;
		alarm = NULL;
	}
	return text_printf(
		"%s is %s: %s%s%s%s", words_registry(json_get_str(r, "id")),
		state ? state : "in no state", reason, text_stop(reason),
		alarm ? " " : "", alarm ? alarm : "");
}

static int64_t time_of(const struct json *r, const char *name)
{
	const char *text = json_get_str(r, name);

	return text ? text_parse_rfc3339(text) : -1;
}

void plugin_perfdata_registry(struct buf *out, const struct json *r,
			      int64_t now)
{
	const char *in_use = json_get_str(r, "version_in_use");
	const char *wanted = json_get_str(r, "version_wanted");
	int64_t deadline = time_of(r, "deadline");
	int64_t verified = time_of(r, "verified_at");

	/* A window that was kept is over. */
	if (deadline >= 0 && !(in_use && wanted && text_same(in_use, wanted)))
		buf_printf(out, "window_left=%" PRId64 "s",
			   (deadline - now) / 1000);
	if (verified >= 0)
		buf_printf(out, "%sverified_age=%" PRId64 "s",
			   out->len ? " " : "",
			   now > verified ? (now - verified) / 1000 : 0);
}

const char *plugin_code_str(enum plugin_code code)
{
	return codes[code];
}

void plugin_print(struct out *o, enum plugin_code code, const char *text,
		  const char *perfdata)
{
	char *copy = text_dup(text);

	for (char *s = copy; *s; s++) {
		if (*s == '|')
			*s = '/';
	}
	out_line(o, "KEYROTD %s - %s%s%s", codes[code], copy,
		 perfdata ? " | " : "", perfdata ? perfdata : "");
	free(copy);
}
