/* Which event which program is told of, and what is said of those that fail. */
#include "hooks.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "config/event.h"
#include "engine/report.h"
#include "io/clock.h"
#include "io/hook.h"

#define LIMIT_MS 30000	/* that a program may run */
#define TOLD_MS 3600000 /* of one program no oftener */

/* Of one program, or (program NULL) of events that nobody was told of. */
struct failing {
	char *program;
	int64_t told; /* boot ms; 0: never */
	unsigned long untold;
};

struct hooks {
	struct hooks_options options;
	struct hook *hook;
	struct failing failing[CONFIG_PROGRAMS_MAX];
	struct failing dropped;
	bool stopped;
	int64_t n_ok, n_failed, n_dropped;
};

/* ---- what goes wrong ---- */

/* A program that has left the configuration makes room for another. */
static struct failing *failing_of(struct hooks *h, const char *program)
{
	struct failing *oldest = h->failing;

	for (size_t i = 0; i < CONFIG_PROGRAMS_MAX; i++) {
		struct failing *x = &h->failing[i];

		if (x->program && strcmp(x->program, program) == 0)
			return x;
		if (x->told < oldest->told)
			oldest = x;
	}
	free(oldest->program);
	*oldest = (struct failing){ .program = text_dup(program) };
	return oldest;
}

/* Once an hour; what was not told is told with the next one. */
static void tell(struct failing *x, const char *text)
{
	int64_t now = clock_boot_ms();

	if (x->told && now - x->told < TOLD_MS) {
		x->untold++;
		return;
	}
	if (x->untold)
		log_warn(
			"%s It failed %lu times more since that was told last.",
			text, x->untold);
	else
		log_warn("%s", text);
	x->told = now;
	x->untold = 0;
}

static void on_end(const char *program, const struct fault *f, void *arg)
{
	struct hooks *h = arg;
	char *text;

	if (f->kind == FAULT_NONE) {
		h->n_ok++;
	} else {
		h->n_failed++;
		text = text_printf(
			"The program %s, which on-event names, has failed: %s%s It is not run again for that event; other failures of it are counted, and told once an hour.",
			program, f->text, text_stop(f->text));
		tell(failing_of(h, program), text);
		free(text);
	}
	if (!hook_busy(h->hook))
		h->options.idle(h->options.arg);
}

static void drop(struct hooks *h, const char *program, const char *kind)
{
	char *text = text_printf(
		"The program %s, which on-event names, was not run for an event of kind %s: too many wait for those that run.",
		program, kind);

	h->n_dropped++;
	tell(&h->dropped, text);
	free(text);
}

/* ---- what happens ---- */

#define VARIABLES 7

static void make_variables(char *all[VARIABLES + 1], const struct note *n)
{
	const struct {
		const char *name, *value;
	} rows[] = {
		{ "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
			  "/sbin:/bin" },
		{ "LANG", "C.UTF-8" },
		{ "KEYROTD_EVENT", note_kind_str(n->kind) },
		{ "KEYROTD_KEY", n->key },
		{ "KEYROTD_REGISTRY", n->registry },
		{ "KEYROTD_VERSION", n->version },
		{ "KEYROTD_PREVIOUS_VERSION", n->previous },
	};
	size_t at = 0;

	for (size_t i = 0; i < VARIABLES; i++)
		if (rows[i].value && rows[i].value[0])
			all[at++] = text_printf("%s=%s", rows[i].name,
						rows[i].value);
	all[at] = NULL;
}

static void run_all(struct hooks *h, const struct note *n,
		    const struct buf *line)
{
	const struct config *c = engine_config(h->options.engine);
	const char *kind = note_kind_str(n->kind);
	char *variables[VARIABLES + 1];

	make_variables(variables, n);
	for (size_t i = 0; i < c->n_on_event; i++)
		if (!hook_run(h->hook, c->on_event[i],
			      (const char *const *)variables, line->data,
			      line->len))
			drop(h, c->on_event[i], kind);
	for (size_t i = 0; variables[i]; i++)
		free(variables[i]);
}

void hooks_note(struct hooks *h, const struct note *n)
{
	const struct config *c;
	struct buf line;

	if (!h || h->stopped)
		return;
	c = engine_config(h->options.engine);
	if (!c->n_on_event ||
	    !event_chosen(c->event_kinds, note_kind_str(n->kind)))
		return;
	buf_init(&line, HOOK_INPUT_MAX);
	if (report_event_line(n, &line))
		run_all(h, n, &line);
	buf_free(&line);
}

void hooks_count(const struct hooks *h, struct metrics_outside *o)
{
	if (!h || !engine_config(h->options.engine)->n_on_event)
		return;
	o->programs_ok = h->n_ok;
	o->programs_failed = h->n_failed;
	o->programs_dropped = h->n_dropped;
}

void hooks_stop(struct hooks *h)
{
	if (!h)
		return;
	h->stopped = true;
	hook_stop(h->hook);
}

bool hooks_busy(const struct hooks *h)
{
	return h && hook_busy(h->hook);
}

struct hooks *hooks_new(struct ev_loop *loop, const struct hooks_options *o)
{
	struct hooks *h = text_alloc(1, sizeof(*h));
	const struct hook_options ho = { .limit_ms = LIMIT_MS,
					 .ended = on_end,
					 .arg = h };

	h->options = *o;
	h->hook = hook_new(loop, &ho);
	return h;
}

void hooks_free(struct hooks *h)
{
	if (!h)
		return;
	hook_free(h->hook);
	for (size_t i = 0; i < CONFIG_PROGRAMS_MAX; i++)
		free(h->failing[i].program);
	free(h);
}
