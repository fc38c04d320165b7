/*
 * The list of commands, from which the parser, the help and the guess at a
 * mistyped name are all made.
 */
#include "ctl/command.h"

#include <string.h>

#include "base/text.h"

#define GUESS_MAX 2

static const struct command commands[] = {
	{ "status", "[-w] [--all]", "how things stand",
	  "The overall state with its reason, how far a rotation is, then the "
	  "registries and the keys, those that need somebody first. A terminal "
	  "shows what fits on it, --all all of them. With -w it is refreshed "
	  "in place, until q is pressed.",
	  0, 0, COMMAND_JSON | COMMAND_ALL | COMMAND_WATCH, false, status_run },
	{ "keys", "", "the watched keys",
	  "Each watched key, its newest version and how its polling goes. Those "
	  "that need somebody come first.",
	  0, 0, COMMAND_JSON | COMMAND_FILTER, false, listing_run },
	{ "registries", "", "the watched registries",
	  "Each watched registry with its key, state, versions and deadline.",
	  0, 0, COMMAND_JSON | COMMAND_FILTER, false, listing_run },
	{ "why", "REGISTRY", "one registry, and every check of it",
	  "REGISTRY is a resource id, or NAME, GROUP/NAME or SUBSCRIPTION/NAME "
	  "where that means one only. Shows its state with the reason; what "
	  "was seen, decided, written and answered, by which requests; what "
	  "comes next; and what a person can do.",
	  1, 1, COMMAND_JSON, false, why_run },
	{ "versions", "KEY", "a key's versions, and which may be disabled",
	  "KEY is a key identifier, or VAULT/NAME or NAME where that means one "
	  "only. Shows of each version who is on it and whether it may be "
	  "disabled: \"clear\" means that no known registry uses it.",
	  1, 1, COMMAND_JSON, false, versions_run },
	{ "events", "[-f] [--since TIME]", "what happened lately",
	  "Prints the recent events, or all since a time; with -f goes on as "
	  "new ones happen, also when the daemon is started again: none is "
	  "lost and none comes twice.",
	  0, 0, COMMAND_JSON | COMMAND_FOLLOW | COMMAND_SINCE, false,
	  events_run },
	{ "doctor", "", "examine everything, and say how to mend it",
	  "Has the daemon ask each host, credential, key and registry that its "
	  "configuration names: name resolution, TCP, TLS, clock, token, rights "
	  "and settings. Says what is amiss, what to do, and the command that "
	  "does it. Nothing is written. Exit status 1 when a check has failed.",
	  0, 0, COMMAND_JSON, false, doctor_run },
	{ "discover",
	  "[--subscription S] [--credential C] [--conf] | --rule NAME",
	  "registries that no watch names yet",
	  "Has the daemon list subscriptions, and shows every registry with a "
	  "customer-managed key: the key, the version in use, how it is "
	  "rotated, and which watch names it. With --conf prints watch blocks "
	  "for those that none names. With --rule shows what that discover "
	  "block watches or would watch, and why it leaves out the others. "
	  "Nothing is written. Exit status 1 when a subscription could not be "
	  "listed.",
	  0, 0, COMMAND_JSON | COMMAND_DISCOVER, false, discover_run },
	{ "poll", "[KEY]", "ask Key Vault now",
	  "Asks for the newest version of one key, or of all keys, without "
	  "waiting for the next regular poll.",
	  0, 1, COMMAND_JSON, false, poll_run },
	{ "reload", "", "read the configuration again",
	  "Waits for the outcome and prints every problem; with problems the "
	  "old configuration stays in force and the exit status is 1.",
	  0, 0, COMMAND_JSON, false, reload_run },
	{ "pause",
	  "[REGISTRY|--all] [--until TIME|--for DURATION] [--reason TEXT]",
	  "write nothing for a while",
	  "Writes nothing for one registry, or for all with --all, until TIME "
	  "(RFC 3339) or for DURATION (90s, 30m, 2h), at most 24 hours ahead; "
	  "for one hour when neither is given. With one of them, and neither "
	  "REGISTRY nor --all, it is for all.",
	  0, 1,
	  COMMAND_JSON | COMMAND_ALL | COMMAND_UNTIL | COMMAND_FOR |
		  COMMAND_REASON,
	  false, pause_run },
	{ "resume", "REGISTRY|--all", "end a pause",
	  "Lets one registry, or all with --all, be written again.", 0, 1,
	  COMMAND_JSON | COMMAND_ALL, false, resume_run },
	{ "rotate", "REGISTRY", "move one registry by hand",
	  "Moves a registry to the version that its watch wants: one of a "
	  "manual key, from another key (--key, which has to be that of its "
	  "watch), or with another identity that reads the key (--identity). "
	  "Shows the request, asks, and waits until the move is verified. "
	  "With --dry-run nothing is written.",
	  1, 1, COMMAND_JSON | COMMAND_MOVE | COMMAND_REASON, false,
	  rotate_run },
	{ "check", "[REGISTRY]", "one line for a monitoring system",
	  "About all, or about one registry. Follows the convention of "
	  "monitoring plugins: exit status 0 OK, 1 WARNING, 2 CRITICAL, 3 "
	  "UNKNOWN.",
	  0, 1, COMMAND_JSON, true, check_run },
	{ "role", "", "the role that keyrotd needs on a registry",
	  "Prints a custom role with the actions that keyrotd needs on each "
	  "registry and nothing else, as JSON for az role definition create. "
	  "Put your subscription in place of the zeros first. Asks no daemon.",
	  0, 0, COMMAND_JSON | COMMAND_ALONE, false, role_run },
	{ "metrics", "[--openmetrics] [--http]", "metrics for Prometheus",
	  "Prints all metrics in the text format of Prometheus (0.0.4), or as "
	  "OpenMetrics.",
	  0, 0, COMMAND_OPENMETRICS, false, metrics_run },
	{ "audit", "show|verify|export", "the evidence of what was done",
	  "Reads the audit's files; no daemon is needed. show prints the "
	  "records, export hands them on as lines of JSON or as CSV, verify "
	  "recomputes every hash, link and signature, names the first record "
	  "that is wrong, and exits with 1 then.",
	  1, 1, COMMAND_JSON | COMMAND_AUDIT | COMMAND_EXPORT | COMMAND_ALONE,
	  false, audit_run },
	{ "report", "[--from TIME] [--to TIME] [--html PATH]",
	  "the rotations of a time, for people",
	  "Reads the audit's files; no daemon is needed. Verifies them first, "
	  "then tells per key and per registry which versions came, when each "
	  "was effective and when it was verified, how much of the window that "
	  "took, what was late, when nobody watched, what is still open, and "
	  "which versions may be retired, all as of the last record. Joins "
	  "the audits of several daemons, each with its --file. Exit "
	  "status 1 when the files are not as they were written.",
	  0, 0, COMMAND_JSON | COMMAND_AUDIT | COMMAND_HTML | COMMAND_ALONE,
	  false, report_run },
	{ "help", "[COMMAND]", "this help, or a command's",
	  "The same as --help, after COMMAND when there is one.", 0, 1, 0,
	  false, NULL },
	{ 0 },
};

const struct command *command_list(void)
{
	return commands;
}

const struct command *command_find(const char *name)
{
	for (const struct command *c = commands; c->name; c++) {
		if (!strcmp(c->name, name))
			return c;
	}
	return NULL;
}

const char *command_guess(const char *name)
{
	unsigned best = GUESS_MAX + 1, distance;
	const char *guess = NULL;

	for (const struct command *c = commands; c->name; c++) {
		distance = text_distance(c->name, name);
		if (distance < best) {
			best = distance;
			guess = c->name;
		}
	}
	return guess;
}
