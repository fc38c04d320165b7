/*
 * keyrotctl rotate: one registry by hand.  What would be sent is shown first,
 * then a person is asked, and then it waits for what comes of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/pick.h"

#define LOOK_NS 500000000 /* between two looks at what has come of it */
#define ANSWER_MAX 16

struct reading {
	struct ctl *ctl;
	char *registry; /* its id */
	char *version;	/* that was shown; NULL: an older daemon's */
	bool under_way, done;
	char *outcome;
	struct fault fault; /* of the output */
};

static void print_lines(struct out *o, const char *text)
{
	while (*text) {
		int n = (int)strcspn(text, "\n");

		if (n > 0)
			out_line(o, "  %.*s", n, text);
		text += n;
		text += strspn(text, "\n");
	}
}

static enum client_next take_plan(const struct json *reply, void *arg)
{
	struct reading *x = arg;
	const char *request = json_get_str(reply, "request");
	const char *verified = json_get_str(reply, "verified");
	const char *registry = json_get_str(reply, "registry");
	const char *version = json_get_str(reply, "version");
	const struct args *a = x->ctl->args;

	if (!request || !verified || !registry)
		return CLIENT_BAD;
	x->registry = text_dup(registry);
	x->version = version ? text_dup(version) : NULL;
	if (a->json && a->dry_run)
		document_reply(&x->ctl->out, reply, false, &x->fault);
	if (a->json)
		return CLIENT_GO_ON;
	out_line(&x->ctl->out, "%s",
		 a->dry_run ? "This would be sent, and is not:"
			    : "This is to be sent:");
	print_lines(&x->ctl->out, request);
	out_line(&x->ctl->out, "%s", verified);
	return CLIENT_GO_ON;
}

/* Nobody is asked where nobody is. */
static bool agreed(struct ctl *ctl)
{
	char answer[ANSWER_MAX] = "";
	struct fault f;

	if (ctl->args->yes)
		return true;
	out_text(&ctl->out, OUT_PLAIN, "Send it? [y/N] ");
	out_flush(&ctl->out, &f);
	if (!fgets(answer, sizeof(answer), stdin))
		answer[0] = '\0';
	answer[strcspn(answer, "\n")] = '\0';
	if (text_same(answer, "y") || text_same(answer, "yes"))
		return true;
	out_line(&ctl->out, "Nothing was sent.");
	return false;
}

static enum client_next take_begun(const struct json *reply, void *arg)
{
	(void)reply;
	(void)arg;
	return CLIENT_GO_ON;
}

static enum client_next take_state(const struct json *reply, void *arg)
{
	struct reading *x = arg;
	const struct json *r = json_get(reply, "registry");
	const char *outcome = json_get_str(r, "order_outcome");

	if (json_type(r) != JSON_OBJECT)
		return CLIENT_BAD;
	x->under_way = json_get_str(r, "order") != NULL;
	if (x->ctl->args->no_wait)
		document_reply(&x->ctl->out, reply, false, &x->fault);
	if (x->under_way || x->ctl->args->no_wait)
		return CLIENT_GO_ON;
	if (!json_bool(json_get(r, "order_done"), &x->done))
		x->done = false;
	free(x->outcome);
	x->outcome = text_dup(outcome ? outcome
				      : "keyrotd was restarted meanwhile; "
					"`keyrotctl why` tells where it is");
	if (x->ctl->args->json)
		document_reply(&x->ctl->out, reply, false, &x->fault);
	return CLIENT_GO_ON;
}

/* One look at what has come of it. */
static bool look(struct reading *x, struct fault *f)
{
	const struct client_parameter parameters[] = {
		{ "registry", x->registry },
		{ 0 },
	};

	return client_call(x->ctl->client, "io.keyrotd.Status.Explain",
			   parameters, false, take_state, x, f);
}

static bool await(struct reading *x, struct fault *f)
{
	const struct timespec pause = { .tv_nsec = LOOK_NS };

	for (;;) {
		if (!look(x, f))
			return false;
		if (!x->under_way)
			return true;
		nanosleep(&pause, NULL);
	}
}

static int say_outcome(const struct reading *x)
{
	struct ctl *ctl = x->ctl;

	if (!ctl->args->json && x->done)
		out_line(&ctl->out, "%s: %s.", x->registry, x->outcome);
	if (!x->done)
		out_line(&ctl->err, "keyrotctl: %s: %s%s", x->registry,
			 x->outcome, text_stop(x->outcome));
	return x->done ? COMMAND_OK : COMMAND_FAILED;
}

static int move(struct reading *x, const struct client_parameter *parameters,
		struct fault *f)
{
	struct ctl *ctl = x->ctl;

	if (!client_call(ctl->client, "io.keyrotd.Control.Rotate", parameters,
			 false, take_begun, NULL, f))
		return failure_report(ctl, f);
	if (ctl->args->no_wait && ctl->args->json)
		return look(x, f) ? COMMAND_OK : failure_report(ctl, f);
	if (ctl->args->no_wait) {
		out_line(&ctl->out,
			 "It is under way; `keyrotctl why %s` tells "
			 "what has come of it.",
			 x->registry);
		return COMMAND_OK;
	}
	if (!ctl->args->json) {
		out_line(&ctl->out, "It is under way, also when this is "
				    "interrupted.");
		out_flush(&ctl->out, f);
	}
	return await(x, f) ? say_outcome(x) : failure_report(ctl, f);
}

/* The key that --key means.  One that is said in full is the daemon's to judge,
 * who knows what the registry is watched with. */
static bool find_key(struct ctl *ctl, char **key, struct fault *f)
{
	const char *said = ctl->args->key;

	*key = NULL;
	if (!said)
		return true;
	*key = text_prefix(said, "https://") ? text_dup(said)
					     : pick_key(ctl->client, said, f);
	return *key;
}

int rotate_run(struct ctl *ctl)
{
	const struct args *a = ctl->args;
	struct reading x = { .ctl = ctl, .fault = fault_none() };
	struct fault f = fault_none();
	struct client_parameter parameters[] = {
		{ "registry", a->operand },
		{ "version", a->to_version },
		{ "key", NULL }, /* below */
		{ "identity", a->identity },
		/* PlanRotate is not asked why. */
		{ "reason", a->reason },
		{ 0 },
	};
	struct client_parameter plan[5] = { 0 };
	int code = COMMAND_OK;
	char *key;

	if (!a->yes && !a->dry_run && (!isatty(STDIN_FILENO) || a->json)) {
		out_line(&ctl->err, "keyrotctl: rotate writes to Azure; say "
				    "--yes where nobody can be asked.");
		return COMMAND_USAGE;
	}
	if (!find_key(ctl, &key, &f))
		return failure_report(ctl, &f);
	parameters[2].value = key;
	memcpy(plan, parameters, 4 * sizeof(plan[0]));
	if (!client_call(ctl->client, "io.keyrotd.Status.PlanRotate", plan,
			 false, take_plan, &x, &f))
		code = failure_report(ctl, &f);
	else if (a->dry_run)
		code = COMMAND_OK;
	else if (!agreed(ctl))
		code = COMMAND_FAILED;
	else {
		/* Who was asked has agreed to what was shown. */
		if (!a->yes)
			parameters[1].value = x.version;
		code = move(&x, parameters, &f);
	}
	if (code == COMMAND_OK && x.fault.kind != FAULT_NONE)
		code = failure_report(ctl, &x.fault);
	free(x.registry);
	free(x.version);
	free(x.outcome);
	free(key);
	return code;
}
