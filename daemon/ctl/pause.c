/*
 * keyrotctl pause and resume: stop writing to one registry or all until a
 * time, and go on before it comes.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "ctl/args.h"
#include "ctl/change.h"
#include "ctl/failure.h"
#include "ctl/person.h"
#include "ctl/words.h"
#include "ctl/wrap.h"

#define PERSON_MAX 320
#define PAUSE_MS INT64_C(3600000) /* when no time is told */

static void registries(char *text, size_t size, int64_t n)
{
	if (n == 1)
		snprintf(text, size, "One registry");
	else
		snprintf(text, size, "%" PRId64 " registries", n);
}

static int say_paused(struct ctl *ctl, const struct json *reply,
		      const char *until)
{
	const char *warning = json_get_str(reply, "warning");
	char who[WORDS_MAX], when[WORDS_MAX];
	int64_t n;

	if (!json_int(json_get(reply, "registries"), &n))
		return -1;
	registries(who, sizeof(who), n);
	words_when(when, sizeof(when), until, ctl->now_ms);
	if (!ctl->args->json)
		out_line(&ctl->out, "%s will not be written until %s (%s).",
			 who, until, when);
	if (warning && !ctl->args->json)
		out_line(&ctl->err, "keyrotctl: warning: %s", warning);
	return COMMAND_OK;
}

/* Whose pause it was that ends, and why it was. */
static void say_whose(struct ctl *ctl, const struct json *reply)
{
	const char *until = json_get_str(reply, "paused_until");
	const char *by = json_get_str(reply, "paused_by");
	const char *reason = json_get_str(reply, "pause_reason");
	char who[PERSON_MAX] = "";

	if (by)
		person_name(who, sizeof(who), by);
	if (until)
		wrap_line(&ctl->out, 0, 0, "It was paused until %s%s%s%s%s%s",
			  until, who[0] ? ", by " : "", who,
			  reason ? ", because: " : "", reason ? reason : "",
			  reason ? text_stop(reason) : ".");
}

static int say_resumed(struct ctl *ctl, const struct json *reply,
		       const char *detail)
{
	const char *still = json_get_str(reply, "still_paused_until");
	char who[WORDS_MAX];
	int64_t n;

	(void)detail;
	if (!json_int(json_get(reply, "registries"), &n))
		return -1;
	registries(who, sizeof(who), n);
	if (ctl->args->json)
		return COMMAND_OK;
	if (still) {
		wrap_line(&ctl->out, 0, 0,
			  "It is not written yet. All registries are paused "
			  "until %s; to end that: keyrotctl resume --all",
			  still);
		return COMMAND_OK;
	}
	out_line(&ctl->out, "%s may be written again.", who);
	say_whose(ctl, reply);
	return COMMAND_OK;
}

/* The end of the pause, in UTC; "" when it lies beyond all calendars. */
static void find_end(char *text, size_t size, const struct ctl *ctl)
{
	const struct args *a = ctl->args;
	int64_t ms = a->for_ms < 0 ? PAUSE_MS : a->for_ms;

	if (a->until)
		ms = text_parse_rfc3339(a->until);
	else if (__builtin_add_overflow(ms, ctl->now_ms, &ms))
		ms = -1;
	text_time(text, size, ms);
}

int pause_run(struct ctl *ctl)
{
	struct fault f;
	char until[WORDS_MAX];
	const struct client_parameter parameters[] = {
		{ "registry", ctl->args->operand }, /* null: all */
		{ "until", until },
		/* An older daemon does not take it. */
		{ ctl->args->reason ? "reason" : NULL, ctl->args->reason },
		{ 0 },
	};

	find_end(until, sizeof(until), ctl);
	if (!until[0]) {
		fault_set(&f, FAULT_LOCAL, 0,
			  "A pause that long has no date; keyrotd pauses for "
			  "24 hours at most.");
		return failure_report(ctl, &f);
	}
	return change_call(ctl, "io.keyrotd.Control.Pause", parameters,
			   say_paused, until);
}

int resume_run(struct ctl *ctl)
{
	const struct client_parameter parameters[] = {
		{ "registry", ctl->args->operand }, /* null: all */
		{ 0 },
	};

	return change_call(ctl, "io.keyrotd.Control.Resume", parameters,
			   say_resumed, NULL);
}
