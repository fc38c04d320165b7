/*
 * keyrotctl poll and reload: have the daemon look now, at its keys or at
 * its configuration, without waiting for the next time.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/args.h"
#include "ctl/change.h"
#include "ctl/failure.h"
#include "ctl/pick.h"

#define SUBJECT_MAX 512

/* What it is, as the subject of a sentence. */
static void subject(char *dst, size_t size, const char *kind, const char *name)
{
	if (!strcmp(kind, "token"))
		snprintf(dst, size, "The token for %s", name);
	else if (!strcmp(kind, "list"))
		snprintf(dst, size, "The list of subscription %s", name);
	else if (!strcmp(kind, "key"))
		snprintf(dst, size, "Key %s", name);
	else
		snprintf(dst, size, "Registry %s", name);
}

static void say_one(struct ctl *ctl, const struct json *one)
{
	const char *kind = json_get_str(one, "kind");
	const char *name = json_get_str(one, "name");
	const char *wait = json_get_str(one, "wait");
	const char *until = json_get_str(one, "until");
	bool token = kind && !strcmp(kind, "token");
	char what[SUBJECT_MAX];

	if (!kind || !name || !wait)
		return;
	subject(what, sizeof(what), kind, name);
	if (!strcmp(wait, "told"))
		out_line(&ctl->out,
			 "%s waits until %s, for the server said so.", what,
			 until ? until : "then");
	else if (!strcmp(wait, "write"))
		out_line(&ctl->out,
			 "%s is read now; it is not written again before %s, "
			 "for the last write is too recent or was in vain.",
			 what, until ? until : "then");
	else
		out_line(&ctl->out, "%s is %s now.", what,
			 token ? "asked for again" : "tried again");
}

/* An older daemon does not tell what waited. */
static void say_waited(struct ctl *ctl, const struct json *reply)
{
	const struct json *waited = json_get(reply, "waited");
	int64_t woken = 0, waiting = 0, more;

	for (const struct json *p = json_first(waited); p; p = json_next(p))
		say_one(ctl, p);
	json_int(json_get(reply, "woken"), &woken);
	json_int(json_get(reply, "waiting"), &waiting);
	more = woken + waiting - (int64_t)json_count(waited);
	if (more > 0)
		out_line(&ctl->out,
			 "In all, %" PRId64 " of what waited %s tried again "
			 "now, and %" PRId64 " %s on waiting.",
			 woken, woken == 1 ? "is" : "are", waiting,
			 waiting == 1 ? "goes" : "go");
}

static int say_polled(struct ctl *ctl, const struct json *reply,
		      const char *key)
{
	int64_t n;

	if (!json_int(json_get(reply, "keys"), &n))
		return -1;
	if (ctl->args->json)
		return COMMAND_OK;
	if (key)
		out_line(&ctl->out, "keyrotd polls %s now.", key);
	else if (n)
		out_line(&ctl->out, "keyrotd polls %" PRId64 " %s now.", n,
			 n == 1 ? "key" : "keys");
	else
		out_line(&ctl->out, "keyrotd watches no key.");
	say_waited(ctl, reply);
	return COMMAND_OK;
}

int poll_run(struct ctl *ctl)
{
	const char *said = ctl->args->operand;
	struct client_parameter parameters[] = { { "key", NULL }, { 0 } };
	struct fault f = fault_none();
	char *key = NULL;
	int code;

	/* An identifier needs no looking up: the daemon knows it, or not. */
	if (said && text_prefix(said, "https://"))
		key = text_dup(said);
	else if (said)
		key = pick_key(ctl->client, said, &f);
	if (said && !key)
		return failure_report(ctl, &f);
	parameters[0].value = key;
	code = change_call(ctl, "io.keyrotd.Control.Poll", parameters,
			   say_polled, key);
	free(key);
	return code;
}

static int say_reloaded(struct ctl *ctl, const struct json *reply,
			const char *detail)
{
	const struct json *problems = json_get(reply, "problems");
	const struct json *p = json_first(problems);

	(void)detail;
	if (json_type(problems) != JSON_ARRAY)
		return -1;
	if (ctl->args->json)
		return p ? COMMAND_FAILED : COMMAND_OK;
	if (!p) {
		out_line(&ctl->out, "The configuration was read again and is "
				    "in force.");
		return COMMAND_OK;
	}
	for (; p; p = json_next(p))
		out_line(&ctl->err, "%s", json_str(p) ? json_str(p) : "?");
	out_line(&ctl->err,
		 "keyrotctl: The configuration has %zu %s; the old one stays "
		 "in force.",
		 json_count(problems),
		 json_count(problems) == 1 ? "problem" : "problems");
	return COMMAND_FAILED;
}

int reload_run(struct ctl *ctl)
{
	return change_call(ctl, "io.keyrotd.Control.Reload", NULL, say_reloaded,
			   NULL);
}
