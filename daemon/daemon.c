/*
 * The ways to run: as a daemon or for one pass, or only to look; and what they
 * have in common, the log, the environment and the exit code.
 */
#include "daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "checkup.h"
#include "engine/report.h"
#include "io/notify.h"
#include "io/process.h"
#include "io/standard.h"
#include "life.h"
#include "load.h"

/* ---- what they have in common ---- */

static void start_log(const struct daemon_options *o, bool person)
{
	static struct standard_log log; /* lives as long as base/log does */
	enum log_level level = o->log_level >= 0 ? (enum log_level)o->log_level
						 : LOG_LEVEL_INFO;
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	/* A reader that goes away, of the log or of a socket, is an error of
	 * writing (libcurl's sockets are told not to raise it); so is a file
	 * that may not grow (RLIMIT_FSIZE). */
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
	log_init(level, false);
	/* Of one pass, or a visit, a person or a file is the reader, or else
	 * the journal, which is told the level in a field of its own. */
	log.prefix = !person && !isatty(STDERR_FILENO);
	if (notify_stderr_is_journal())
		log_sink_set(notify_journal, NULL);
	else
		log_sink_set(standard_log, &log);
}

/* libcurl and OpenSSL write the keys of every connection to the file that it
 * names: whoever records the traffic has all tokens by them. */
static void keep_keys(void)
{
	static const char name[] = "SSLKEYLOGFILE";

	if (!getenv(name))
		return;
	unsetenv(name);
	log_warn(
		"%s is set in the environment and not heeded: the keys of connections that carry tokens are not written down. Take it out.",
		name);
}

/* What was printed reached its place; otherwise that is said.  error: errno of
 * what was printed before, or 0. */
static bool printed(int error)
{
	bool before = ferror(stdout);

	errno = 0;
	if (!fflush(stdout) && !before)
		return true;
	if (!error)
		error = errno;
	/* A stream tells that it has failed, but no longer why. */
	fprintf(stderr, "keyrotd: Standard output cannot be written: %s.\n",
		error ? strerror(error) : "an earlier write failed");
	return false;
}

/* ---- a daemon, or one pass ---- */

static void to_stderr(const char *text, void *arg)
{
	(void)arg;
	fprintf(stderr, "%s\n", text);
}

static int verdict(const struct daemon_options *o, const struct life *l)
{
	const struct engine *e = life_engine(l);
	char sentence[256];

	if (!o->once)
		return DAEMON_OK;
	engine_sentence(e, sentence, sizeof(sentence));
	if (engine_config(e)->n_registries == 0 &&
	    engine_config(e)->n_rules == 0) {
		fprintf(stderr, "%s\n", sentence);
		return DAEMON_FAILURE;
	}
	if (life_pass_done(l) && engine_all_current(e)) {
		printf("%s\n", sentence);
		return printed(0) ? DAEMON_OK : DAEMON_FAILURE;
	}
	report_troubles(e, to_stderr, NULL);
	fprintf(stderr, "Not every registry is verified current: %s\n",
		sentence);
	return DAEMON_FAILURE;
}

int daemon_run(const struct daemon_options *o)
{
	const struct life_options lo = { .config_file = o->config_file,
					 .once = o->once,
					 .dry_run = o->dry_run,
					 .log_level = o->log_level };
	struct life *l = life_new(&lo);
	struct config *c;
	int code = DAEMON_FAILURE;

	start_log(o, o->once);
	keep_keys();
	c = life_load(l);
	if (!c) {
		code = DAEMON_CONFIG;
	} else if (life_start(l, c)) {
		life_run(l);
		code = verdict(o, l);
	}
	life_stop(l);
	return code;
}

/* ---- a look ---- */

static void to_stdout(enum config_severity severity, const char *line,
		      void *arg)
{
	size_t *warnings = arg;

	*warnings += severity == CONFIG_WARNING;
	printf("%s\n", line);
}

int daemon_check(const char *config_file)
{
	size_t warnings = 0;
	struct config *c =
		load_config(config_file, LOAD_TO_CHECK, to_stdout, &warnings);

	if (!c)
		return DAEMON_CONFIG;
	printf("%s: the configuration is in order%s; it names %zu %s and %zu %s.\n",
	       config_file, warnings ? ", but see the warnings" : "",
	       c->n_watches, c->n_watches == 1 ? "key" : "keys",
	       c->n_registries,
	       c->n_registries == 1 ? "registry" : "registries");
	if (c->n_rules)
		printf("What %zu %s is told by keyrotctl discover --rule, and by --once --dry-run.\n",
		       c->n_rules,
		       c->n_rules == 1 ? "rule finds" : "rules find");
	config_free(c);
	return printed(0) ? DAEMON_OK : DAEMON_FAILURE;
}

/* Mistakes and warnings go where a person looks who has asked for findings. */
static void to_person(enum config_severity severity, const char *line,
		      void *arg)
{
	(void)arg;
	if (severity == CONFIG_MISTAKE || severity == CONFIG_WARNING)
		fprintf(stderr, "%s\n", line);
}

int daemon_doctor(const struct daemon_options *o)
{
	struct daemon_options quiet = *o;
	struct config *c;
	int code, error = 0;

	/* What goes wrong is told as a finding. */
	if (o->log_level < 0)
		quiet.log_level = LOG_LEVEL_ERROR;
	start_log(&quiet, true);
	keep_keys();
	c = load_config(o->config_file, LOAD_TO_RUN, to_person, NULL);
	if (!c)
		return DAEMON_CONFIG;
	process_close();
	code = checkup_run(c, o->json, &error);
	process_open();
	return printed(error) ? code : DAEMON_FAILURE;
}
