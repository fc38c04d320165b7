/* Reads the configuration for a daemon that runs: what is said of it at once,
 * what after the first line of the log, and which files it came from. */
#include "intake.h"

#include <stdlib.h>
#include <string.h>

#include "azure/source.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/seal.h"
#include "base/text.h"
#include "evidence.h"
#include "journal.h"
#include "load.h"

#define WARNINGS_MAX (4 << 20) /* what the parser can say, about */
#define GREETING_MAX 4096
#define MANUAL_TOLD 3 /* keys by name; --check names all */

struct read_file {
	char *path;
	size_t bytes;
	char sum[SEAL_HEX_MAX];
};

struct intake {
	const char *config_file;
	config_problem *problem; /* while it is read; NULL: nobody asked */
	void *problem_arg;
	/* Each begins with its log level as a digit and is ended by a NUL. */
	struct buf later;
	/* Of the configuration that was read last, for the audit. */
	struct read_file *files;
	size_t n_files;
	/* Of the one that is in force, and of the files when last seen. */
	char in_force[SEAL_HEX_MAX];
	uint64_t stamp;
};

/* ---- reading ---- */

static void hear_file(const char *path, const void *data, size_t len, void *arg)
{
	struct intake *k = arg;
	struct read_file *f;

	k->files = text_grow(k->files, k->n_files, sizeof(*k->files));
	f = &k->files[k->n_files++];
	f->path = text_dup(path);
	f->bytes = len;
	seal_hash(data, len, f->sum);
}

static void forget_files(struct intake *k)
{
	for (size_t i = 0; i < k->n_files; i++)
		free(k->files[i].path);
	k->n_files = 0;
}

static void add_later(struct intake *k, enum log_level level, const char *line)
{
	buf_printf(&k->later, "%d%s", (int)level, line);
	buf_add(&k->later, "", 1);
}

static void hear(enum config_severity severity, const char *line, void *arg)
{
	struct intake *k = arg;

	if (severity == CONFIG_MISTAKE) {
		journal_refused(line);
		if (k->problem)
			k->problem(severity, line, k->problem_arg);
	} else if (severity == CONFIG_WARNING) {
		add_later(k, LOG_LEVEL_WARNING, line);
	} else if (severity == CONFIG_CHOICE) {
		add_later(k, LOG_LEVEL_NOTICE, line);
	}
}

/* Of all that was read, whatever is to be told of it. */
static void sum_up(const struct intake *k, char sum[static SEAL_HEX_MAX])
{
	struct seal *s = seal_new();

	for (size_t i = 0; i < k->n_files; i++) {
		seal_add(s, k->files[i].path, strlen(k->files[i].path) + 1);
		seal_add(s, k->files[i].sum, SEAL_HEX_MAX);
	}
	seal_end(s, sum);
}

struct config *intake_load(struct intake *k, config_problem *problem, void *arg)
{
	struct config *c;

	k->problem = problem;
	k->problem_arg = arg;
	buf_init(&k->later, WARNINGS_MAX);
	forget_files(k);
	/* What is written meanwhile is new at the next look. */
	k->stamp = load_stamp(k->config_file);
	c = load_config_told(k->config_file, LOAD_TO_RUN, hear, k, hear_file,
			     k);
	if (c) {
		sum_up(k, k->in_force);
	} else {
		buf_free(&k->later);
		forget_files(k);
	}
	return c;
}

/* ---- whether it is still so ---- */

static void keep_first(enum config_severity severity, const char *line,
		       void *arg)
{
	char *first = arg;

	if (severity == CONFIG_MISTAKE && !*first)
		text_copy(first, ENGINE_MISTAKE_MAX, line);
}

bool intake_changed(struct intake *k, bool *changed,
		    char first[static ENGINE_MISTAKE_MAX])
{
	struct intake seen = { .config_file = k->config_file };
	uint64_t stamp = load_stamp(k->config_file);
	char sum[SEAL_HEX_MAX];

	if (stamp == k->stamp)
		return false;
	k->stamp = stamp;
	first[0] = '\0';
	config_free(load_config_told(k->config_file, LOAD_TO_RUN, keep_first,
				     first, hear_file, &seen));
	sum_up(&seen, sum);
	forget_files(&seen);
	free(seen.files);
	/* Of a file that cannot be read there is nothing in the sum. */
	*changed = first[0] || strcmp(sum, k->in_force) != 0;
	return true;
}

/* ---- what is told of it ---- */

/* How many keys are manual, and the first of them by name: a version that was
 * pasted with its key holds registries where nobody meant them to stay. */
static void add_manual(struct buf *out, const struct config *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_watches; i++)
		n += c->watches[i].mode == WATCH_MANUAL;
	if (n == 0)
		return;
	buf_printf(out, "; %zu %s manual, held at the version in %s title: ", n,
		   n == 1 ? "key is" : "keys are", n == 1 ? "its" : "their");
	for (size_t i = 0, told = 0; i < c->n_watches && told < MANUAL_TOLD;
	     i++) {
		if (c->watches[i].mode != WATCH_MANUAL)
			continue;
		buf_printf(out, "%s%s", told++ ? ", " : "",
			   c->watches[i].title);
	}
	if (n > MANUAL_TOLD)
		buf_printf(out, " and %zu more", n - MANUAL_TOLD);
}

/* The first line of the log. */
static void greet(struct intake *k, const struct config *c)
{
	struct buf line;

	buf_init(&line, GREETING_MAX);
	buf_printf(&line,
		   "keyrotd " KEYROTD_VERSION " watches %zu %s and %zu %s",
		   c->n_watches, c->n_watches == 1 ? "key" : "keys",
		   c->n_registries,
		   c->n_registries == 1 ? "registry" : "registries");
	if (c->n_rules)
		buf_printf(&line, ", and what %zu %s", c->n_rules,
			   c->n_rules == 1 ? "rule finds" : "rules find");
	add_manual(&line, c);
	log_notice("%s.", buf_str(&line));
	buf_free(&line);
	for (size_t at = 0; at < k->later.len;
	     at += strlen(k->later.data + at) + 1) {
		const char *one = k->later.data + at;

		if (*one - '0' == LOG_LEVEL_WARNING)
			log_warn("%s", one + 1);
		else
			log_notice("%s", one + 1);
	}
}

/* The way out, and where managed identities get their tokens. */
static void tell_sources(const struct config *c)
{
	char line[512];

	/* One of the environment is told as a choice. */
	if (c->proxy.url && text_same(c->proxy.from, "https-proxy"))
		log_info("Azure is asked through the proxy %s.", c->proxy.url);
	for (size_t i = 0; i < c->n_credentials; i++) {
		if (c->credentials[i].kind != CREDENTIAL_MANAGED_IDENTITY)
			continue;
		source_describe(&c->credentials[i], &c->cloud, line,
				sizeof(line));
		log_info("%s", line);
	}
}

void intake_greet(struct intake *k, const struct config *c)
{
	greet(k, c);
	buf_free(&k->later);
	tell_sources(c);
	if (c->n_watches == 0 && c->n_rules == 0)
		log_warn("%s names no watch: nothing is watched.",
			 k->config_file);
}

void intake_tell(struct intake *k, struct evidence *v)
{
	for (size_t i = 0; i < k->n_files; i++)
		evidence_config(v, k->files[i].path, k->files[i].sum,
				k->files[i].bytes);
	forget_files(k);
}

/* ---- life ---- */

struct intake *intake_new(const char *config_file)
{
	struct intake *k = text_alloc(1, sizeof(*k));

	k->config_file = config_file;
	return k;
}

void intake_free(struct intake *k)
{
	forget_files(k);
	free(k->files);
	free(k);
}
