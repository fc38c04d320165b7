/* One visit of the doctor, on a loop of its own, and its findings on standard
 * output. */
#include "checkup.h"

#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/engine.h"
#include "instant.h"
#include "io/clock.h"
#include "runner.h"

#define DOCUMENT_MAX ((size_t)512 << 20)

struct checkup {
	struct ev_loop *loop;
	struct engine *engine;
	struct runner *runner;
	struct finding_count count;
	bool json, terminal, colour, progress;
	size_t width;
	int error;	   /* errno of the first output that failed */
	char subject[640]; /* that the last heading named */
	struct buf document;
	struct json_writer *w; /* NULL: text */
};

/* ---- printing ---- */

static const char *colour_of(const struct finding *f, enum finding_part part)
{
	if (part == PART_HEADING)
		return "\033[1m";
	if (part != PART_RESULT || f->result == FINDING_OK)
		return NULL;
	return f->result == FINDING_WARN ? "\033[33m" : "\033[31m";
}

/* Whatever is printed later says no more why this was not. */
static void keep_error(struct checkup *c, bool ok)
{
	if (!ok && !c->error)
		c->error = errno;
}

struct printing {
	struct checkup *c;
	const struct finding *finding;
};

/* Texts hold names from the configuration and words of Azure's: a terminal
 * gets no control characters of theirs. */
static void print_line(enum finding_part part, const char *line, void *arg)
{
	const struct printing *p = arg;
	const char *colour = p->c->colour ? colour_of(p->finding, part) : NULL;
	char *clean = text_dup(line);

	text_line(clean);
	keep_error(p->c, printf("%s%s%s\n", colour ? colour : "", clean,
				colour ? "\033[0m" : "") >= 0);
	free(clean);
}

static void erase_progress(const struct checkup *c)
{
	if (c->progress)
		fputs("\r\033[K", stderr);
}

static void found(const struct finding *f, void *arg)
{
	struct checkup *c = arg;
	struct printing p = { c, f };
	char subject[sizeof(c->subject)];

	c->count.n[f->result]++;
	if (c->w) {
		finding_write(f, c->w);
		return;
	}
	if (f->result == FINDING_SKIP)
		return;
	snprintf(subject, sizeof(subject), "%s %s", f->kind, f->name);
	finding_lines(f, strcmp(subject, c->subject) != 0, c->width, print_line,
		      &p);
	text_copy(c->subject, sizeof(c->subject), subject);
}

static void show_progress(const struct checkup *c)
{
	size_t done, all;

	if (!c->progress)
		return;
	engine_examined(c->engine, &done, &all);
	fprintf(stderr, "\r%zu of %zu examined", done, all);
	fflush(stderr);
}

static void on_turn(void *arg)
{
	struct checkup *c = arg;
	size_t done, all;

	erase_progress(c);
	while (engine_found(c->engine, found, c))
		;
	keep_error(c, fflush(stdout) == 0);
	if (engine_examined(c->engine, &done, &all))
		ev_break(c->loop, EVBREAK_ALL);
	else
		show_progress(c);
}

/* What fails is told as a finding. */
static void on_note(const struct note *n, void *arg)
{
	(void)n;
	(void)arg;
}

/* ---- the visit ---- */

/* As keyrotctl does (https://no-color.org). */
static void look_at_output(struct checkup *c)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	struct winsize size;

	c->terminal = isatty(STDOUT_FILENO);
	c->progress = isatty(STDERR_FILENO) && term &&
		      strcmp(term, "dumb") != 0;
	c->colour = c->terminal && !(no && *no) && term && *term &&
		    strcmp(term, "dumb") != 0;
	if (c->terminal)
		c->width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
					   size.ws_col > 0
				   ? size.ws_col
				   : 80;
}

static void begin_document(struct checkup *c)
{
	buf_init(&c->document, DOCUMENT_MAX);
	if (!c->json)
		return;
	c->w = json_writer_new(&c->document, c->terminal);
	json_open(c->w);
	json_key(c->w, "findings");
	json_open_array(c->w);
}

static void end_document(struct checkup *c)
{
	json_close_array(c->w);
	finding_write_count(&c->count, c->w);
	json_close(c->w);
	if (json_finish(c->w))
		keep_error(c, printf("%s\n", buf_str(&c->document)) >= 0);
	else
		fprintf(stderr,
			"keyrotd: The JSON document is larger than %zu MiB; nothing was printed.\n",
			DOCUMENT_MAX >> 20);
	buf_free(&c->document);
}

static void sum_up(struct checkup *c)
{
	char line[160];

	erase_progress(c);
	if (c->w) {
		end_document(c);
		return;
	}
	finding_sum(&c->count, line, sizeof(line));
	keep_error(c, printf("%s\n", line) >= 0);
}

static bool start(struct checkup *c, struct config *config)
{
	const struct runner_options o = {
		.user_agent = "keyrotd/" KEYROTD_VERSION,
		.note = on_note,
		.turn = on_turn,
		.arg = c,
	};
	struct fault f = fault_none();
	uint64_t seed;

	clock_random(&seed, sizeof(seed));
	c->loop = ev_default_loop(EVFLAG_NOENV);
	c->engine = engine_new_idle(config, seed, instant_now());
	c->runner = runner_new(c->loop, c->engine, &o, &f);
	if (!c->runner)
		log_error("%s%s", f.text, text_stop(f.text));
	return c->runner != NULL;
}

int checkup_run(struct config *config, bool json, int *error)
{
	struct checkup c = { .json = json };
	size_t done, all;
	bool ok = start(&c, config);

	if (ok) {
		look_at_output(&c);
		begin_document(&c);
		engine_examine(c.engine, instant_now());
		runner_pump(c.runner);
		if (!engine_examined(c.engine, &done, &all))
			ev_run(c.loop, 0);
		sum_up(&c);
		keep_error(&c, fflush(stdout) == 0);
		ok = c.count.n[FINDING_FAIL] == 0;
	}
	runner_free(c.runner);
	engine_free(c.engine);
	ev_loop_destroy(c.loop);
	*error = c.error;
	return ok ? 0 : 1;
}
