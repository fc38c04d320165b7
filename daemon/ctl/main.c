/* keyrotctl: asks keyrotd how things stand, and tells it what to do. */
#include <locale.h>
#include <signal.h>
#include <stdlib.h>

#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/failure.h"
#include "ctl/plugin.h"
#include "ctl/usage.h"
#include "io/clock.h"
#include "io/standard.h"

/* A reader that goes away is an error of writing, not a death. */
static void ignore_sigpipe(void)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGPIPE, &ignore, NULL);
}

static int misused(struct ctl *ctl)
{
	const struct command *c = ctl->args->command;

	if (c && c->plugin) {
		plugin_print(&ctl->out, PLUGIN_UNKNOWN, ctl->args->problem,
			     NULL);
		return PLUGIN_UNKNOWN;
	}
	out_line(&ctl->err, "keyrotctl: %s", ctl->args->problem);
	usage_line(&ctl->err, c);
	out_line(&ctl->err, "See keyrotctl %s%s--help.", c ? c->name : "",
		 c ? " " : "");
	return COMMAND_USAGE;
}

/* keyrotctl help [COMMAND] */
static int help(struct ctl *ctl)
{
	const char *name = ctl->args->operand;
	const struct command *c = name ? command_find(name) : NULL;
	const char *guess = name ? command_guess(name) : NULL;

	if (!name || c) {
		usage_print(&ctl->out, c);
		return COMMAND_OK;
	}
	if (guess)
		out_line(&ctl->err,
			 "keyrotctl: There is no command %s; did you mean %s?",
			 name, guess);
	else
		out_line(&ctl->err, "keyrotctl: There is no command %s.", name);
	return COMMAND_USAGE;
}

static int run(struct ctl *ctl)
{
	const struct args *a = ctl->args;
	struct fault f = fault_none();
	int code;

	if (a->version) {
		out_line(&ctl->out, "keyrotctl %s", KEYROTD_VERSION);
		return COMMAND_OK;
	}
	if (a->help) {
		usage_print(&ctl->out, a->command);
		return COMMAND_OK;
	}
	if (!a->command->run)
		return help(ctl);
	if (a->command->options & COMMAND_ALONE || a->http)
		return a->command->run(ctl);
	ctl->client = client_open(a->socket, a->timeout_ms, &f);
	if (!ctl->client) {
		code = failure_report(ctl, &f);
		/* Why there is none may be what it would find. */
		if (a->command->run == doctor_run)
			out_line(&ctl->err, "Without a running daemon "
					    "`keyrotd --doctor` examines the "
					    "same.");
		return code;
	}
	code = a->command->run(ctl);
	client_close(ctl->client);
	ctl->client = NULL;
	return code;
}

/* What could not be printed was not done: exit codes say so. */
static int finish(struct ctl *ctl, int code)
{
	struct fault f = fault_none();

	if (out_flush(&ctl->out, &f))
		return code;
	if (ctl->args->command && ctl->args->command->plugin)
		return PLUGIN_UNKNOWN;
	if (code == COMMAND_OK)
		code = failure_report(ctl, &f);
	return code;
}

int main(int argc, char *argv[])
{
	struct args args;
	struct ctl ctl = { .args = &args };
	bool ok;

	standard_open();
	ignore_sigpipe();
	setlocale(LC_CTYPE, "");
	ctl.now_ms = clock_wall_ms();
	ok = args_parse(&args, argc, argv, getenv("KEYROTD_SOCKET"));
	out_init(&ctl.out, stdout, args.no_colour);
	out_init(&ctl.err, stderr, args.no_colour);
	return finish(&ctl, ok ? run(&ctl) : misused(&ctl));
}
