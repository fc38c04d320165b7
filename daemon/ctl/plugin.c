/*
 * Speaks as monitoring systems expect it of a plug-in: one line, counters
 * behind it, and a status of four.
 */
#include "ctl/plugin.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

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
		return forecast(summary) ? PLUGIN_WARNING : PLUGIN_OK;
	if (!strcmp(state, "degraded"))
		return PLUGIN_WARNING;
	return strcmp(state, "failed") ? PLUGIN_UNKNOWN : PLUGIN_CRITICAL;
}

char *plugin_text(const struct json *summary)
{
	const char *state = json_get_str(summary, "state");
	const char *reason = json_get_str(summary, "reason");
	int64_t n = -1;
	bool dry = false;
	const char *worst = json_get_str(summary, "worst");
	const char *late = forecast(summary);
	const char *note;

	json_bool(json_get(summary, "dry_run"), &dry);
	note = dry ? " (dry run: nothing is written)" : "";
	json_int(json_get(json_get(summary, "states"), "current"), &n);
	if (state && !strcmp(state, "ok") && n > 0)
		return text_printf("%" PRId64 " %s current%s", n,
				   n == 1 ? "registry" : "registries", note);
	return text_printf("%s: %s%s%s%s%s%s", state ? state : "no state",
			   reason && reason[0] ? reason : "no reason told",
			   worst ? " " : "", worst ? worst : "",
			   late ? " " : "", late ? late : "", note);
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
