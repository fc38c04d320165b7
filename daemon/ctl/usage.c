/*
 * Writes the help of the program and of each command out of the table of
 * commands, so that none is forgotten.
 */
#include "ctl/usage.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/args.h"
#include "ctl/kinds.h"
#include "ctl/wrap.h"

#define TEXT_WIDTH 76
#define INDENT 2
#define TEXT_AT 22 /* of what an option does */

static const struct {
	unsigned option; /* of enum command_option, 0: every command's */
	const char *name, *text;
} options[] = {
	{ COMMAND_FOLLOW, "-f, --follow", "go on as new events happen" },
	{ COMMAND_SINCE, "--since TIME",
	  "from then on: a time, a day, or 30m or 2h ago" },
	{ COMMAND_WATCH, "-w, --watch", "refresh in place until q is pressed" },
	{ COMMAND_ALL, "--all", "every watched registry" },
	{ COMMAND_UNTIL, "--until TIME", "RFC 3339: 2026-01-02T03:04:05Z" },
	{ COMMAND_FOR, "--for DURATION", "90s, 30m, 2h" },
	{ COMMAND_OPENMETRICS, "--http",
	  "answer one HTTP request on standard input" },
	{ COMMAND_OPENMETRICS, "--openmetrics",
	  "OpenMetrics 1.0 instead of Prometheus' text" },
	{ COMMAND_MOVE, "--version VERSION", "must be the one that is wanted" },
	{ COMMAND_MOVE, "--key KEY", "take it over from another key" },
	{ COMMAND_MOVE, "--identity ID",
	  "who is to read the key: client id, resource id, or system" },
	{ COMMAND_REASON, "--reason TEXT", "why, one line; kept and shown" },
	{ COMMAND_MOVE, "-y, --yes", "do not ask" },
	{ COMMAND_MOVE, "--dry-run", "show the request, write nothing" },
	{ COMMAND_MOVE, "--no-wait", "do not wait for the outcome" },
	{ COMMAND_FILTER, "--state STATE,...",
	  "those in one of these states:" },
	{ COMMAND_FILTER, "--subscription ID",
	  "registries of one subscription, or the keys that these follow; its "
	  "first digits do" },
	{ COMMAND_FILTER, "--vault VAULT",
	  "those with a key of this vault: its name, host or URL" },
	{ COMMAND_FILTER, "--key KEY",
	  "this key, or the registries that follow it" },
	{ COMMAND_FILTER, "--sort BY", "one of" },
	{ COMMAND_FILTER, "--columns NAME,...",
	  "these columns, in this order, of" },
	{ COMMAND_AUDIT, "--file PATH",
	  "one file, or the folder of them; without it $STATE_DIRECTORY, "
	  "then " ARGS_AUDIT_FOLDER },
	{ COMMAND_AUDIT, "--from TIME", "no older records, or moves" },
	{ COMMAND_AUDIT, "--to TIME", "no newer records, or moves" },
	{ COMMAND_EXPORT, "--registry ID", "show, export: of this one only" },
	{ COMMAND_EXPORT, "--format FORMAT",
	  "export: jsonl (without it) or csv" },
	{ COMMAND_AUDIT, "--public-key PATH",
	  "verify with the key that has signed" },
	{ COMMAND_AUDIT, "--head SEQ:HASH",
	  "verify with a record known of elsewhere" },
	{ COMMAND_HTML, "--html PATH",
	  "a page to print or to send; - is the output" },
	{ COMMAND_DISCOVER, "--subscription S",
	  "this one, by its GUID, and not those of watches" },
	{ COMMAND_DISCOVER, "--credential C",
	  "ask with this credential block" },
	{ COMMAND_DISCOVER, "--conf", "watch blocks, instead of text" },
	{ COMMAND_DISCOVER, "--rule NAME",
	  "what this discover block watches, and why not the others" },
	{ COMMAND_JSON, "--json", "JSON instead of text" },
	{ 0, "--socket PATH",
	  "the daemon's socket; without it $KEYROTD_SOCKET, then " ARGS_SOCKET },
	{ 0, "--timeout DURATION",
	  "wait so long for an answer, 10s without it" },
	{ 0, "--no-color", "no colours; $NO_COLOR does the same" },
	{ 0, "-h, --help", "this text; after a command, the command's" },
	{ 0, "-V, --version", "the version" },
};

/* Options whose text goes on with the words of what is listed. */
static const struct {
	const char *name;
	char *(*words)(const struct kind *k);
} worded[] = {
	{ "--state STATE,...", kinds_states },
	{ "--sort BY", kinds_orders },
	{ "--columns NAME,...", kinds_columns },
};

void usage_line(struct out *o, const struct command *c)
{
	if (c)
		wrap_line(o, 0, 7, "Usage: keyrotctl [OPTION]... %s%s%s",
			  c->name, c->synopsis[0] ? " " : "", c->synopsis);
	else
		out_line(o, "Usage: keyrotctl [OPTION]... COMMAND [ARGUMENT]");
}

/* All that is said of an option, the caller's to free. */
static char *text_of(const char *name, const char *text, const struct kind *k)
{
	char *words, *whole;

	for (size_t i = 0; k && i < sizeof(worded) / sizeof(worded[0]); i++) {
		if (strcmp(worded[i].name, name) != 0)
			continue;
		words = worded[i].words(k);
		whole = text_printf("%s %s", text, words);
		free(words);
		return whole;
	}
	return text_dup(text);
}

static void print_options(struct out *o, unsigned taken, const struct kind *k)
{
	char *text;

	out_line(o, "Options:");
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (options[i].option && !(options[i].option & taken))
			continue;
		out_blanks(o, INDENT);
		out_text(o, OUT_PLAIN, options[i].name);
		out_blanks(o, TEXT_AT - INDENT - out_columns(options[i].name));
		text = text_of(options[i].name, options[i].text, k);
		wrap_text(o, OUT_PLAIN, TEXT_AT, TEXT_AT, text);
		free(text);
	}
}

static void print_program(struct out *o)
{
	out_line(o, "Asks keyrotd how things stand, and tells it what to do.");
	out_end(o);
	out_line(o, "Commands:");
	for (const struct command *c = command_list(); c->name; c++)
		out_line(o, "  %-11s %s", c->name, c->summary);
	out_end(o);
	print_options(o, COMMAND_JSON, NULL);
	out_end(o);
	wrap_line(o, 0, 0,
		  "Exit status: 0; 1 failure; 64 usage; 69 keyrotd is not "
		  "reachable.");
	out_line(o, "See keyrotctl(1), and keyrotctl COMMAND --help.");
}

void usage_print(struct out *to, const struct command *c)
{
	struct out text = *to, *o = &text;

	/* Longer lines are hard to read. */
	if (!text.width || text.width > TEXT_WIDTH)
		text.width = TEXT_WIDTH;
	usage_line(o, c);
	out_end(o);
	if (c) {
		wrap_line(o, 0, 0, "%s", c->help);
		out_end(o);
		print_options(o, c->options, kinds_find(c->name));
	} else {
		print_program(o);
	}
}
