/*
 * Takes the command line apart and says in a sentence what is wrong with
 * it, before anything is asked of the daemon.
 */
#include "ctl/args.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure/resid.h"
#include "base/text.h"
#include "ctl/chosen.h"
#include "ctl/command.h"
#include "ctl/kinds.h"

#define TIMEOUT_MIN_MS INT64_C(1000)
#define TIMEOUT_MAX_MS INT64_C(3600000)

enum {
	OPT_SOCKET = 256,
	OPT_JSON,
	OPT_NO_COLOUR,
	OPT_TIMEOUT,
	OPT_ALL,
	OPT_UNTIL,
	OPT_FOR,
	OPT_SINCE,
	OPT_OPENMETRICS,
	OPT_HTTP,
	OPT_TO_VERSION,
	OPT_KEY,
	OPT_IDENTITY,
	OPT_REASON,
	OPT_DRY_RUN,
	OPT_NO_WAIT,
	OPT_STATE,
	OPT_SUBSCRIPTION,
	OPT_VAULT,
	OPT_SORT,
	OPT_COLUMNS,
	OPT_FILE,
	OPT_FROM,
	OPT_TO,
	OPT_REGISTRY,
	OPT_FORMAT,
	OPT_PUBLIC_KEY,
	OPT_HEAD,
	OPT_HTML,
	OPT_CREDENTIAL,
	OPT_CONF,
	OPT_RULE
};

static const struct option options[] = {
	{ "version", no_argument, NULL, 'V' }, /* the first: see parse */
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "no-color", no_argument, NULL, OPT_NO_COLOUR },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "help", no_argument, NULL, 'h' },
	{ "follow", no_argument, NULL, 'f' },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "until", required_argument, NULL, OPT_UNTIL },
	{ "for", required_argument, NULL, OPT_FOR },
	{ "since", required_argument, NULL, OPT_SINCE },
	{ "openmetrics", no_argument, NULL, OPT_OPENMETRICS },
	{ "http", no_argument, NULL, OPT_HTTP },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "identity", required_argument, NULL, OPT_IDENTITY },
	{ "reason", required_argument, NULL, OPT_REASON },
	{ "yes", no_argument, NULL, 'y' },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "no-wait", no_argument, NULL, OPT_NO_WAIT },
	{ "watch", no_argument, NULL, 'w' },
	{ "state", required_argument, NULL, OPT_STATE },
	{ "subscription", required_argument, NULL, OPT_SUBSCRIPTION },
	{ "vault", required_argument, NULL, OPT_VAULT },
	{ "sort", required_argument, NULL, OPT_SORT },
	{ "columns", required_argument, NULL, OPT_COLUMNS },
	{ "file", required_argument, NULL, OPT_FILE },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "to", required_argument, NULL, OPT_TO },
	{ "registry", required_argument, NULL, OPT_REGISTRY },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "public-key", required_argument, NULL, OPT_PUBLIC_KEY },
	{ "head", required_argument, NULL, OPT_HEAD },
	{ "html", required_argument, NULL, OPT_HTML },
	{ "credential", required_argument, NULL, OPT_CREDENTIAL },
	{ "conf", no_argument, NULL, OPT_CONF },
	{ "rule", required_argument, NULL, OPT_RULE },
	{ 0 },
};

/* The first problem is the one that gets told. */
static void problem(struct args *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void problem(struct args *a, const char *fmt, ...)
{
	va_list ap;

	if (a->problem[0])
		return;
	va_start(ap, fmt);
	vsnprintf(a->problem, sizeof(a->problem), fmt, ap);
	va_end(ap);
	text_line(a->problem);
}

static void take_operand(struct args *a, const char *s)
{
	if (!text_is_utf8(s, strlen(s)))
		problem(a, "An argument is not valid UTF-8.");
	if (!a->name) {
		a->name = s;
		a->command = command_find(s);
	} else if (!a->operands++) {
		a->operand = s;
	}
}

static void take_timeout(struct args *a, const char *s)
{
	a->timeout_ms = text_parse_duration(s);
	if (a->timeout_ms < TIMEOUT_MIN_MS || a->timeout_ms > TIMEOUT_MAX_MS)
		problem(a, "--timeout takes a duration from 1s to 1h, not %s.",
			s);
}

static void take_until(struct args *a, const char *s)
{
	a->until = s;
	if (text_parse_rfc3339(s) < 0)
		problem(a,
			"--until takes a time such as "
			"2026-01-02T03:04:05Z, not %s.",
			s);
}

static void take_for(struct args *a, const char *s)
{
	a->for_ms = text_parse_duration(s);
	if (a->for_ms < 1000)
		problem(a,
			"--for takes a duration such as 90s, 30m or 2h, "
			"not %s.",
			s);
}

/* A text for the daemon. */
static const char *take_text(struct args *a, const char *name, const char *s)
{
	if (!s[0] || !text_is_utf8(s, strlen(s)))
		problem(a, "%s takes a text in UTF-8, and not an empty one.",
			name);
	return s;
}

/* It reaches the daemon, its log and other people's screens. */
static const char *take_reason(struct args *a, const char *s)
{
	if (strlen(s) > ARGS_REASON_MAX || strpbrk(s, "\n\r\t\033"))
		problem(a, "--reason takes one line of at most %d bytes.",
			ARGS_REASON_MAX);
	return take_text(a, "--reason", s);
}

/* A moment, or a day: the whole of it. */
static int64_t take_moment(struct args *a, const char *name, const char *s,
			   bool end)
{
	char whole[32];
	int64_t ms;

	snprintf(whole, sizeof(whole), "%.10sT%s", s,
		 end ? "23:59:59.999Z" : "00:00:00Z");
	ms = text_parse_rfc3339(strlen(s) == 10 ? whole : s);
	if (ms < 0)
		problem(a,
			"%s takes a time such as 2026-01-02T03:04:05Z, %sor a "
			"day such as 2026-01-02, not %s.",
			name, strcmp(name, "--since") ? "" : "30m or 2h ago, ",
			s);
	return ms;
}

/* A moment, a day from its beginning, or so long ago. */
static void take_since(struct args *a, const char *s)
{
	a->since_ago_ms = text_parse_duration(s);
	if (a->since_ago_ms >= 1000)
		return;
	a->since_ago_ms = -1;
	a->since_ms = take_moment(a, "--since", s, false);
}

static void take_format(struct args *a, const char *s)
{
	a->format = s;
	if (strcmp(s, "jsonl") != 0 && strcmp(s, "csv") != 0)
		problem(a, "--format takes jsonl or csv, not %s.", s);
}

static void take_file(struct args *a, const char *value)
{
	if (a->n_files == ARGS_FILES_MAX) {
		problem(a, "--file can be given %d times at most.",
			ARGS_FILES_MAX);
		return;
	}
	a->files[a->n_files++] = value;
	a->file = a->files[0];
}

/* Those of audit; false: it is none. */
static bool take_audit(struct args *a, int code, const char *value)
{
	switch (code) {
	case OPT_FILE:
		take_file(a, value);
		return true;
	case OPT_FROM:
		a->from_ms = take_moment(a, "--from", value, false);
		return true;
	case OPT_TO:
		a->to_ms = take_moment(a, "--to", value, true);
		return true;
	case OPT_REGISTRY:
		a->registry = value;
		return true;
	case OPT_FORMAT:
		take_format(a, value);
		return true;
	case OPT_PUBLIC_KEY:
		a->public_key = value;
		return true;
	case OPT_HEAD:
		a->head = value;
		return true;
	case OPT_HTML:
		a->html = value;
		if (!value[0])
			problem(a, "--html needs a path.");
		return true;
	default:
		return false;
	}
}

static bool is_option(int value)
{
	for (const struct option *o = options; o->name; o++) {
		if (o->val == value)
			return true;
	}
	return false;
}

/*
 * getopt_long(3) tells ':' or '?'; optopt is 0 for an unknown long option,
 * and the value of ours that was misused.  word is reliable for long options
 * only: within "-xy" it is still the word before.
 */
static void take_error(struct args *a, int code, const char *word)
{
	int name = (int)strcspn(word, "=");

	if (code == ':')
		problem(a, "The option %s needs a value.", word);
	else if (!optopt)
		problem(a, "The option %.*s is unknown.", name, word);
	else if (is_option(optopt))
		problem(a, "The option %.*s takes no value.", name, word);
	else
		problem(a, "The option -%c is unknown.", optopt);
}

/* Options of a few commands: those that list, and the one that moves. */
static void take_more(struct args *a, int code, const char *value)
{
	switch (code) {
	case OPT_TO_VERSION:
		a->to_version = take_text(a, "--version", value);
		break;
	case OPT_KEY:
		a->key = take_text(a, "--key", value);
		break;
	case OPT_IDENTITY:
		a->identity = take_text(a, "--identity", value);
		break;
	case OPT_REASON:
		a->reason = take_reason(a, value);
		break;
	case OPT_STATE:
		a->states = take_text(a, "--state", value);
		break;
	case OPT_SUBSCRIPTION:
		a->subscription = take_text(a, "--subscription", value);
		break;
	case OPT_VAULT:
		a->vault = take_text(a, "--vault", value);
		break;
	case OPT_CREDENTIAL:
		a->credential = take_text(a, "--credential", value);
		break;
	case OPT_RULE:
		a->rule = take_text(a, "--rule", value);
		break;
	case OPT_SORT:
		a->sort = take_text(a, "--sort", value);
		break;
	case OPT_COLUMNS:
		a->columns = take_text(a, "--columns", value);
		break;
	}
}

/* What an option without a value switches on; NULL: it is another one. */
static bool *flag_of(struct args *a, int code)
{
	switch (code) {
	case OPT_JSON:
		return &a->json;
	case OPT_NO_COLOUR:
		return &a->no_colour;
	case OPT_ALL:
		return &a->all;
	case OPT_OPENMETRICS:
		return &a->openmetrics;
	case OPT_HTTP:
		return &a->http;
	case OPT_DRY_RUN:
		return &a->dry_run;
	case OPT_NO_WAIT:
		return &a->no_wait;
	case OPT_CONF:
		return &a->conf;
	case 'y':
		return &a->yes;
	case 'f':
		return &a->follow;
	case 'w':
		return &a->watch;
	case 'V':
		return &a->version;
	case 'h':
		return &a->help;
	default:
		return NULL;
	}
}

static void take(struct args *a, int code, const char *value)
{
	bool *flag = flag_of(a, code);

	if (flag) {
		*flag = true;
		return;
	}
	switch (code) {
	case 1:
		take_operand(a, value);
		break;
	case OPT_SOCKET:
		a->socket = value;
		if (!value[0])
			problem(a, "--socket needs a path.");
		break;
	case OPT_TIMEOUT:
		take_timeout(a, value);
		break;
	case OPT_UNTIL:
		take_until(a, value);
		break;
	case OPT_FOR:
		take_for(a, value);
		break;
	case OPT_SINCE:
		take_since(a, value);
		break;
	default:
		take_more(a, code, value);
	}
}

/* Of what a command lists. */
static void judge_words(struct args *a)
{
	const struct kind *k = kinds_find(a->command->name);
	char *bad = k ? chosen_problem(a, k) : NULL;

	if (bad)
		problem(a, "%s", bad);
	free(bad);
}

/* Options that do not go together. */
static void judge_pairs(struct args *a)
{
	if (a->until && a->for_ms >= 0)
		problem(a, "Give --until or --for, not both.");
	if (a->conf && a->json)
		problem(a, "Give --conf or --json, not both.");
	if (a->watch && a->json)
		problem(a, "Give --watch or --json, not both.");
	if (a->html && a->json)
		problem(a, "Give --html or --json, not both.");
	if (a->from_ms >= 0 && a->to_ms >= 0 && a->from_ms > a->to_ms)
		problem(a, "--from is later than --to.");
}

/* Several audits make one report. */
static void judge_files(struct args *a)
{
	if (a->n_files > 1 && !(a->command->options & COMMAND_HTML))
		problem(a, "%s takes one --file.", a->command->name);
	if (a->n_files > 1 && a->head)
		problem(a, "--head is a record of one audit: it does not go "
			   "with several --file.");
}

static void judge_options(struct args *a)
{
	const struct {
		bool given;
		unsigned option;
		const char *name;
	} rows[] = {
		{ a->follow, COMMAND_FOLLOW, "--follow" },
		{ a->all, COMMAND_ALL, "--all" },
		{ a->until, COMMAND_UNTIL, "--until" },
		{ a->for_ms >= 0, COMMAND_FOR, "--for" },
		{ a->since_ms >= 0 || a->since_ago_ms >= 0, COMMAND_SINCE,
		  "--since" },
		{ a->json, COMMAND_JSON, "--json" },
		{ a->openmetrics, COMMAND_OPENMETRICS, "--openmetrics" },
		{ a->http, COMMAND_OPENMETRICS, "--http" },
		{ a->key, COMMAND_MOVE | COMMAND_FILTER, "--key" },
		{ a->identity, COMMAND_MOVE, "--identity" },
		{ a->reason, COMMAND_REASON, "--reason" },
		{ a->yes, COMMAND_MOVE, "--yes" },
		{ a->dry_run, COMMAND_MOVE, "--dry-run" },
		{ a->no_wait, COMMAND_MOVE, "--no-wait" },
		{ a->watch, COMMAND_WATCH, "--watch" },
		{ a->states, COMMAND_FILTER, "--state" },
		{ a->subscription, COMMAND_FILTER | COMMAND_DISCOVER,
		  "--subscription" },
		{ a->vault, COMMAND_FILTER, "--vault" },
		{ a->sort, COMMAND_FILTER, "--sort" },
		{ a->columns, COMMAND_FILTER, "--columns" },
		{ a->file, COMMAND_AUDIT, "--file" },
		{ a->from_ms >= 0, COMMAND_AUDIT, "--from" },
		{ a->to_ms >= 0, COMMAND_AUDIT, "--to" },
		{ a->registry, COMMAND_EXPORT, "--registry" },
		{ a->format, COMMAND_EXPORT, "--format" },
		{ a->public_key, COMMAND_AUDIT, "--public-key" },
		{ a->head, COMMAND_AUDIT, "--head" },
		{ a->credential, COMMAND_DISCOVER, "--credential" },
		{ a->conf, COMMAND_DISCOVER, "--conf" },
		{ a->rule, COMMAND_DISCOVER, "--rule" },
		{ a->html, COMMAND_HTML, "--html" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].given && !(a->command->options & rows[i].option))
			problem(a, "%s takes no option %s.", a->command->name,
				rows[i].name);
	}
	judge_words(a);
	judge_pairs(a);
	judge_files(a);
	if (a->rule && (a->subscription || a->credential || a->conf))
		problem(a, "--rule says where to look and with what: "
			   "--subscription, --credential and --conf do not go "
			   "with it.");
	if (a->command->options & COMMAND_DISCOVER && a->subscription &&
	    !resid_is_guid(a->subscription))
		problem(a,
			"--subscription takes the GUID of a subscription, not "
			"%s.",
			a->subscription);
}

static void judge_operands(struct args *a)
{
	const struct command *c = a->command;

	if (a->operands > c->max && !c->max)
		problem(a, "%s takes no argument.", c->name);
	else if (a->operands > c->max)
		problem(a, "%s takes at most one argument, not %d.", c->name,
			a->operands);
	else if (a->operands < c->min)
		problem(a, "%s needs an argument: %s.", c->name, c->synopsis);
	else if (a->operand && !a->operand[0])
		problem(a, "%s takes no empty argument.", c->name);
	else if (c->max && c->options & COMMAND_ALL && !a->until &&
		 a->for_ms < 0 && a->all == !!a->operand)
		problem(a, "%s needs either one registry or --all.", c->name);
	else if (c->max && a->all && a->operand)
		problem(a, "%s takes one registry or --all, not both.",
			c->name);
}

static void judge(struct args *a)
{
	const char *guess = a->name ? command_guess(a->name) : NULL;

	if (!a->name) {
		problem(a, "No command was given.");
	} else if (!a->command && guess) {
		problem(a, "There is no command %s; did you mean %s?", a->name,
			guess);
	} else if (!a->command) {
		problem(a, "There is no command %s.", a->name);
	} else {
		judge_options(a);
		judge_operands(a);
	}
}

bool args_parse(struct args *a, int argc, char *const argv[],
		const char *fallback)
{
	struct option taken[sizeof(options) / sizeof(options[0])];
	int code;

	memcpy(taken, options, sizeof(options));
	*a = (struct args){ .timeout_ms = ARGS_TIMEOUT_MS,
			    .for_ms = -1,
			    .since_ms = -1,
			    .since_ago_ms = -1,
			    .from_ms = -1,
			    .to_ms = -1 };
	a->socket = fallback && fallback[0] ? fallback : ARGS_SOCKET;
	opterr = 0;
	optind = 0; /* glibc: start afresh */
	/* "-": operands in order, as code 1. */
	while ((code = getopt_long(argc, argv, "-:fhwVy", taken, NULL)) != -1) {
		if (code == '?' || code == ':')
			take_error(a, code, argv[optind - 1]);
		else if (!take_audit(a, code, optarg))
			take(a, code, optarg);
		/* Behind a command that takes one it names a version. */
		if (a->command && a->command->options & COMMAND_MOVE)
			taken[0] = (struct option){ "version",
						    required_argument, NULL,
						    OPT_TO_VERSION };
	}
	while (optind < argc)
		take_operand(a, argv[optind++]);
	if (!a->problem[0] && a->version)
		return true;
	if (!a->problem[0] && a->help && (a->command || !a->name))
		return true;
	judge(a);
	return !a->problem[0];
}
