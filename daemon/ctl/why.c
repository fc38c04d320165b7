/* keyrotctl why: one registry and every check of it, in words. */
#include <string.h>

#include "base/text.h"
#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/words.h"

#define LABEL_WIDTH "18"

struct answer {
	struct ctl *ctl;
	struct fault fault;
	bool printed;
};

static void print_member(struct out *o, const struct json *r, const char *label,
			 const char *name)
{
	const char *value = json_get_str(r, name);

	if (value)
		out_line(o, "  %-" LABEL_WIDTH "s %s", label, value);
}

/* A time, and how far off it is. */
static void print_when(struct out *o, const char *label, const char *time,
		       const char *when)
{
	if (time && when[0])
		out_line(o, "  %-" LABEL_WIDTH "s %s (%s)", label, time, when);
	else if (time)
		out_line(o, "  %-" LABEL_WIDTH "s %s", label, time);
}

static void print_time(const struct ctl *ctl, struct out *o,
		       const struct json *r, const char *label,
		       const char *name)
{
	const char *time = json_get_str(r, name);
	char when[WORDS_MAX];

	words_when(when, sizeof(when), time, ctl->now_ms);
	print_when(o, label, time, when);
}

/* A current registry has met its deadline: it is history, not late. */
static void print_deadline(const struct ctl *ctl, struct out *o,
			   const struct json *r)
{
	const char *time = json_get_str(r, "deadline");
	char when[WORDS_MAX];

	if (!strcmp(json_get_str(r, "state"), "current"))
		words_when(when, sizeof(when), time, ctl->now_ms);
	else
		words_deadline(when, sizeof(when), time, ctl->now_ms);
	print_when(o, "deadline", time, when);
}

static void print_rotation(struct out *o, const struct json *r)
{
	bool on;

	if (json_bool(json_get(r, "auto_rotation"), &on))
		out_line(o, "  %-" LABEL_WIDTH "s %s", "Azure's rotation",
			 on ? "on" : "off");
}

static void print_facts(const struct ctl *ctl, struct out *o,
			const struct json *r)
{
	print_member(o, r, "id", "id");
	print_member(o, r, "key", "key");
	print_member(o, r, "mode", "mode");
	print_member(o, r, "version in use", "version_in_use");
	print_member(o, r, "version wanted", "version_wanted");
	print_rotation(o, r);
	print_deadline(ctl, o, r);
	print_time(ctl, o, r, "verified", "verified_at");
	print_time(ctl, o, r, "last read", "last_read");
	print_time(ctl, o, r, "next attempt", "next_attempt");
	print_time(ctl, o, r, "paused until", "paused_until");
	print_member(o, r, "last error", "last_error");
}

static void print_registry(const struct ctl *ctl, struct out *o,
			   const struct json *r)
{
	const char *state = json_get_str(r, "state");
	const char *reason = json_get_str(r, "reason");
	const struct json *w = json_first(json_get(r, "warnings"));

	out_text(o, OUT_BOLD, words_registry(json_get_str(r, "id")));
	out_text(o, OUT_PLAIN, " is ");
	out_text(o, words_colour(state), state);
	out_line(o, ": %s", reason ? reason : "no reason told");
	print_facts(ctl, o, r);
	for (; w; w = json_next(w)) {
		if (json_str(w))
			out_line(o, "  %-" LABEL_WIDTH "s %s", "warning",
				 json_str(w));
	}
}

static void print_check(struct out *o, const struct json *check)
{
	const char *result = json_get_str(check, "result");
	const char *name = json_get_str(check, "name");
	const char *text = json_get_str(check, "text");
	size_t width;

	result = result ? result : "unknown";
	width = out_columns(result);
	out_text(o, OUT_PLAIN, "  ");
	out_text(o, words_colour(result), result);
	out_blanks(o, width < 9 ? 9 - width : 1);
	out_line(o, "%s: %s", name ? name : "?", text ? text : "");
}

static enum client_next take(const struct json *parameters, void *arg)
{
	struct answer *answer = arg;
	struct ctl *ctl = answer->ctl;
	const struct json *r = json_get(parameters, "registry");
	const struct json *check = json_first(json_get(parameters, "checks"));
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
	print_registry(ctl, &ctl->out, r);
	if (check)
		out_end(&ctl->out);
	for (; check; check = json_next(check))
		print_check(&ctl->out, check);
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
