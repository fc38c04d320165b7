/*
 * keyrotctl versions: one key's versions, who is on each, and which may be
 * disabled.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/labels.h"
#include "ctl/pick.h"
#include "ctl/words.h"
#include "ctl/wrap.h"

#define INDENT 2
#define VERDICT_AT 34 /* behind the version and two blanks */
#define NAMES_MAX 64

struct answer {
	struct ctl *ctl;
	struct fault fault;
	bool printed;
};

/* ", by NAME, NAME and 3 more": of the ids in an array, out of n. */
static void add_names(struct buf *out, const struct json *ids, int64_t n)
{
	const char *all[NAMES_MAX];
	char *labels[NAMES_MAX];
	size_t count = 0;

	for (const struct json *m = json_first(ids); m && count < NAMES_MAX;
	     m = json_next(m))
		if (json_str(m))
			all[count++] = json_str(m);
	labels_make(all, labels, count);
	for (size_t i = 0; i < count; i++) {
		buf_printf(out, "%s%s", i ? ", " : ": ", labels[i]);
		free(labels[i]);
	}
	if (count && (int64_t)count < n)
		buf_printf(out, " and %" PRId64 " more", n - (int64_t)count);
}

static void print_line(struct out *o, struct buf *line)
{
	out_blanks(o, INDENT);
	wrap_text(o, OUT_PLAIN, INDENT, INDENT, buf_str(line));
	buf_reset(line);
}

/* "created 3 d ago (2026-...)" */
static void add_when(struct buf *out, const struct ctl *ctl,
		     const struct json *version, const char *name,
		     const char *what)
{
	const char *time = json_get_str(version, name);
	char when[WORDS_MAX];

	words_when(when, sizeof(when), time, ctl->now_ms);
	if (time)
		buf_printf(out, "%s %s (%s)", what, when, time);
}

/* "clear since 2026-... (3 d)" */
static void add_since(struct buf *out, const struct ctl *ctl,
		      const struct json *version, const char *name,
		      const char *what)
{
	const char *time = json_get_str(version, name);
	char since[WORDS_MAX];

	words_since(since, sizeof(since), time, ctl->now_ms);
	if (time)
		buf_printf(out, "%s %s", what, since);
}

static void print_attributes(struct ctl *ctl, const struct json *version)
{
	const char *expires = json_get_str(version, "expires");
	int64_t end = expires ? text_parse_rfc3339(expires) : -1;
	struct buf line;
	bool enabled;

	buf_init(&line, FAULT_TEXT_MAX);
	add_when(&line, ctl, version, "created", "created");
	if (!line.len)
		buf_puts(&line, "not read since the daemon started");
	if (json_bool(json_get(version, "enabled"), &enabled))
		buf_puts(&line, enabled ? ", enabled" : ", disabled");
	if (expires)
		add_when(&line, ctl, version, "expires",
			 end > ctl->now_ms ? ", expires" : ", expired");
	else if (json_bool(json_get(version, "enabled"), &enabled))
		buf_puts(&line, ", no expiry");
	print_line(&ctl->out, &line);
	buf_free(&line);
}

static void print_users(struct out *o, const struct json *version)
{
	struct buf line;
	int64_t n = 0;

	json_int(json_get(version, "registries"), &n);
	buf_init(&line, 1u << 16);
	if (n)
		buf_printf(&line, "%" PRId64 " %s on it", n,
			   n == 1 ? "registry is" : "registries are");
	else
		buf_puts(&line, "no known registry is on it");
	add_names(&line, json_get(version, "users"), n);
	print_line(o, &line);
	buf_free(&line);
}

/* Who left the file while on it, and may be on it still. */
static void print_departed(struct out *o, const struct json *version)
{
	struct buf line;
	int64_t n = 0;

	json_int(json_get(version, "departed"), &n);
	if (!n)
		return;
	buf_init(&line, 1u << 16);
	buf_printf(&line, "%" PRId64 " no longer watched, and last seen on it",
		   n);
	add_names(&line, json_get(version, "departed_names"), n);
	buf_puts(&line, "; to be sure, watch it again until it was read "
			"elsewhere or is found gone");
	print_line(o, &line);
	buf_free(&line);
}

/* Whose reading it waits for. */
static void print_awaited(struct out *o, const struct json *version)
{
	struct buf line;
	int64_t n = 0;

	json_int(json_get(version, "awaited"), &n);
	if (!n)
		return;
	buf_init(&line, 1u << 16);
	buf_printf(&line, "%" PRId64 " yet to be read again", n);
	add_names(&line, json_get(version, "awaited_names"), n);
	print_line(o, &line);
	buf_free(&line);
}

/* An end that is past tells nothing. */
static bool is_over(const struct ctl *ctl, const struct json *version)
{
	const char *until = json_get_str(version, "until");
	int64_t end = until ? text_parse_rfc3339(until) : -1;

	return end >= 0 && end <= ctl->now_ms;
}

/* The verdict, and what it rests on. */
static void print_verdict(struct ctl *ctl, const struct json *version)
{
	const char *verdict = json_get_str(version, "verdict");
	const char *reason = json_get_str(version, "reason");
	struct out *o = &ctl->out;
	struct buf line;
	bool ahead;

	buf_init(&line, FAULT_TEXT_MAX);
	out_text(o, OUT_BOLD, json_get_str(version, "version"));
	out_blanks(o, 2);
	out_text(o, words_colour(verdict), verdict ? verdict : "unknown");
	if (verdict && !strcmp(verdict, "clear"))
		add_since(&line, ctl, version, "until", "since");
	else if (!is_over(ctl, version))
		add_when(&line, ctl, version, "until", "clear no sooner than");
	ahead = line.len && !is_over(ctl, version);
	add_since(&line, ctl, version, "since",
		  line.len ? "; on no registry since" : "on no registry since");
	if (reason)
		buf_printf(&line, "%s%s", line.len ? ": " : "", reason);
	if (line.len && (ahead || !json_get_str(version, "since")))
		out_text(o, OUT_PLAIN, ":");
	if (line.len)
		out_blanks(o, 1);
	wrap_text(o, OUT_PLAIN,
		  VERDICT_AT + 2 + out_columns(verdict ? verdict : "unknown"),
		  INDENT, buf_str(&line));
	buf_free(&line);
}

static void print_unread(struct out *o, const struct json *answer)
{
	struct buf line;
	int64_t n = 0;

	json_int(json_get(answer, "unread"), &n);
	if (!n && !json_first(json_get(answer, "unread_names")))
		return;
	buf_init(&line, 1u << 16);
	buf_puts(&line, "Not read lately, or not telling which version they "
			"use, so that nothing is called clear");
	add_names(&line, json_get(answer, "unread_names"), n);
	buf_puts(&line, ".");
	out_end(o);
	wrap_text(o, OUT_YELLOW, 0, INDENT, buf_str(&line));
	buf_free(&line);
}

/* The oldest one that may go; versions come newest first. */
static void print_command(struct out *o, const struct json *versions)
{
	const struct json *v = json_first(versions), *oldest = NULL;

	for (; v; v = json_next(v))
		if (json_get_str(v, "command"))
			oldest = v;
	if (!oldest)
		return;
	out_end(o);
	wrap_line(o, 0, INDENT,
		  "As far as the watched registries go, %.8s may be disabled:",
		  json_get_str(oldest, "version"));
	out_line(o, "    %s", json_get_str(oldest, "command"));
}

static void print_versions(struct ctl *ctl, const struct json *answer)
{
	const struct json *versions = json_get(answer, "versions");
	const struct json *v = json_first(versions);
	const char *error = json_get_str(answer, "error");
	struct out *o = &ctl->out;

	if (!v)
		wrap_line(o, 0, INDENT, "keyrotd has met no version of %s yet.",
			  json_get_str(answer, "key"));
	for (; v; v = json_next(v)) {
		print_verdict(ctl, v);
		print_attributes(ctl, v);
		print_users(o, v);
		print_departed(o, v);
		print_awaited(o, v);
	}
	if (text_same(json_get_str(answer, "read_via"), "resource-manager")) {
		out_end(o);
		wrap_line(o, 0, INDENT,
			  "The key is read through Resource Manager.");
	}
	if (error) {
		out_end(o);
		wrap_text(o, OUT_RED, 0, INDENT, error);
	}
	print_unread(o, answer);
	print_command(o, versions);
	out_end(o);
	wrap_line(
		o, 0, INDENT,
		"keyrotd knows the registries that it watches. Whoever else "
		"uses this key - other registries, storage, disks, databases "
		"- is not covered: see to them before you disable a version.");
}

static bool is_good(const struct json *answer)
{
	const struct json *versions = json_get(answer, "versions");

	if (!json_get_str(answer, "key") || json_type(versions) != JSON_ARRAY)
		return false;
	for (const struct json *v = json_first(versions); v; v = json_next(v))
		if (!json_get_str(v, "version"))
			return false;
	return true;
}

static enum client_next take(const struct json *parameters, void *arg)
{
	struct answer *answer = arg;
	struct ctl *ctl = answer->ctl;
	const char *now = json_get_str(parameters, "now");

	if (!is_good(parameters))
		return CLIENT_BAD;
	if (ctl->args->json) {
		answer->printed = document_reply(&ctl->out, parameters, false,
						 &answer->fault);
		return CLIENT_GO_ON;
	}
	/* By the daemon's clock, which it corrects by Azure's. */
	if (now && text_parse_rfc3339(now) >= 0)
		ctl->now_ms = text_parse_rfc3339(now);
	print_versions(ctl, parameters);
	answer->printed = true;
	return CLIENT_GO_ON;
}

int versions_run(struct ctl *ctl)
{
	struct answer answer = { .ctl = ctl, .fault = fault_none() };
	struct client_parameter parameters[] = { { "key", NULL }, { 0 } };
	char *key = pick_key(ctl->client, ctl->args->operand, &answer.fault);
	bool ok;

	if (!key)
		return failure_report(ctl, &answer.fault);
	parameters[0].value = key;
	ok = client_call(ctl->client, "io.keyrotd.Status.ExplainKey",
			 parameters, false, take, &answer, &answer.fault) &&
	     answer.printed;
	free(key);
	return ok ? COMMAND_OK : failure_report(ctl, &answer.fault);
}
