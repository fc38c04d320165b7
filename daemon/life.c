/*
 * The parts of the daemon: what is started in which order, what happens on a
 * signal or a reload, and what stops in which order.
 */
#include "life.h"

#include <errno.h>
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/text.h"
#include "control.h"
#include "ending.h"
#include "evidence.h"
#include "fit.h"
#include "hooks.h"
#include "instant.h"
#include "intake.h"
#include "io/clock.h"
#include "io/notify.h"
#include "io/process.h"
#include "io/standard.h"
#include "io/unixsock.h"
#include "io/varlink.h"
#include "journal.h"
#include "places.h"
#include "runner.h"
#include "textfile.h"
#include "watchdog.h"

#define ONCE_S 900.0 /* a pass that is not over by then has failed */
#define SHOW_MS 60000
#define TRUE_MAX (400 + ENGINE_MISTAKE_MAX)
#define LOOK_MS 30000	   /* between two looks at the files by itself */
#define LOOK_ASKED_MS 1000 /* ... and when somebody asks how all stands */
#define AUDIT_STOP_MS 900  /* what systemd and people wait is not up then */

#if defined(__SANITIZE_ADDRESS__)
#define LEAKS_ARE_LOOKED_FOR /* gcc says so, and clang in its own way */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LEAKS_ARE_LOOKED_FOR
#endif
#endif

struct life {
	struct life_options options;
	struct intake *intake;
	struct places places;
	struct ev_loop *loop;
	struct engine *engine;
	struct runner *runner;
	struct evidence *evidence; /* NULL: a single pass */
	struct hooks *hooks;	   /* NULL: a single pass, or a dry run */
	struct control *control;
	struct varlink *varlink;
	struct textfile *textfile; /* NULL: a single pass */
	struct ev_signal hup, term, intr;
	struct ev_timer limit;
	struct watchdog watchdog;
	struct ending ending;
	int64_t looked; /* boot ms: at the files, last */
	bool ready, all_heard, pass_done;
};

/* ---- what people are told ---- */

static void on_note(const struct note *n, void *arg)
{
	struct life *l = arg;
	uint64_t number;

	journal_note(n, evidence_request(l->evidence, n));
	number = evidence_note(l->evidence, n);
	hooks_note(l->hooks, n);
	if (l->control)
		control_note(l->control, n, number);
	if (l->textfile)
		textfile_touch(l->textfile);
}

/* The sentence that is true now, for the service manager. */
static void now_true(const struct life *l, char *dst, size_t size)
{
	const char *mistake, *changed = "";
	char sentence[256], part[160];

	engine_sentence(l->engine, sentence, sizeof(sentence));
	engine_part(l->engine, part, sizeof(part));
	if (!engine_changed(l->engine, &mistake))
		mistake = "";
	else if (engine_refused(l->engine)[0])
		changed = " The first mistake: ";
	else if (mistake[0])
		changed =
			" The configuration on disk has changed, and a reload would refuse it: ";
	else
		changed =
			" The configuration on disk has changed and is not in force; keyrotctl reload takes it over.";
	snprintf(dst, size, "%s%s%s%s%s%s",
		 engine_state(l->engine) == ENGINE_STARTING ? "Starting: " : "",
		 sentence, part[0] ? " " : "", part, changed, mistake);
}

/* ---- the files, after they were read ---- */

static void tell_changed(bool changed, const char *mistake)
{
	if (!changed)
		log_notice(
			"The configuration on disk is the one in force again.");
	else if (!mistake[0])
		log_notice(
			"The configuration on disk has changed and is not in force: `keyrotctl reload` takes it over.");
	else
		log_warn(
			"The configuration on disk has changed, and would be refused by a reload or a restart: %s",
			mistake);
}

/* Whether something new was found.  It rides on what happens anyway, and has
 * no timer of its own. */
static bool look_at_disk(struct life *l, int64_t every)
{
	int64_t now = clock_boot_ms();
	char mistake[ENGINE_MISTAKE_MAX];
	const char *before;
	bool changed, was;

	if (!l->ready || l->ending.begun || now - l->looked < every)
		return false;
	l->looked = now;
	if (!intake_changed(l->intake, &changed, mistake))
		return false;
	was = engine_changed(l->engine, &before);
	if (changed || was)
		tell_changed(changed, mistake);
	engine_disk(l->engine, changed, mistake, instant_now());
	return true;
}

static void on_asked(void *arg)
{
	look_at_disk(arg, LOOK_ASKED_MS);
}

static void on_ride(void *arg)
{
	struct life *l = arg;

	if (look_at_disk(l, LOOK_MS))
		runner_pump(l->runner);
}

static void on_idle(void *arg)
{
	const struct life *l = arg;

	ending_look(&l->ending);
}

/* What the answers of the first pass have taken, which are many at once. */
static void first_pass_over(struct life *l)
{
	if (l->all_heard || engine_state(l->engine) == ENGINE_STARTING)
		return;
	l->all_heard = true;
	process_give_back();
}

/* After every turn: say what is true now, and end a pass that is over. */
static void on_turn(void *arg)
{
	struct life *l = arg;
	char sentence[TRUE_MAX];

	/* Of what that finds a turn is told by the runner. */
	if (look_at_disk(l, LOOK_MS)) {
		runner_pump(l->runner);
		return;
	}
	if (l->ready) {
		now_true(l, sentence, sizeof(sentence));
		notify_status(sentence);
		first_pass_over(l);
	}
	evidence_turn(l->evidence);
	if (l->control)
		control_turn(l->control);
	if (l->options.once && !l->ending.begun &&
	    engine_pass_done(l->engine)) {
		l->pass_done = true;
		ending_begin(&l->ending, l->runner, l->hooks);
	}
	ending_look(&l->ending);
}

/* ---- reload ---- */

/* Without such a group nobody is in it; the file's warning says so. */
static gid_t group_of(const struct config *c)
{
	gid_t group;

	return c->admin_group && unixsock_group(c->admin_group, &group)
		       ? group
		       : (gid_t)-1;
}

/* What this host does not give to that configuration; the files' warnings have
 * told of the group. */
static void hint_at(struct life *l, enum engine_hint h, bool fits,
		    const struct fault *f)
{
	char *line = text_printf("%s%s", f->text, text_stop(f->text));

	engine_hint(l->engine, h, fits ? "" : line);
	free(line);
}

static void hint(struct life *l, const struct config *c)
{
	struct fault f = fault_none();
	bool fits = fit_files(c, &f);

	if (!fits)
		log_warn("%s%s", f.text, text_stop(f.text));
	hint_at(l, HINT_DESCRIPTORS, fits, &f);
	fits = !c->admin_group || fit_group(c->admin_group, &f);
	hint_at(l, HINT_ADMIN_GROUP, fits, &f);
}

static void apply(struct life *l, const struct config *c)
{
	if (l->options.log_level < 0)
		log_level_set((enum log_level)c->log_level);
	intake_greet(l->intake, c);
	if (l->control)
		control_admin_group(l->control, group_of(c));
	if (l->textfile)
		textfile_switch(l->textfile, c->metrics_file);
}

/* Whoever asked hears all mistakes; the first is kept for everybody else. */
struct hearing {
	config_problem *problem; /* NULL: nobody asked */
	void *to;
	char first[ENGINE_MISTAKE_MAX];
};

static void hear(enum config_severity severity, const char *line, void *arg)
{
	struct hearing *h = arg;

	if (!h->first[0])
		text_copy(h->first, sizeof(h->first), line);
	if (h->problem)
		h->problem(severity, line, h->to);
}

static void reload(config_problem *problem, void *to, void *arg)
{
	struct life *l = arg;
	struct hearing h = { .problem = problem, .to = to };
	struct config *c;
	char sentence[TRUE_MAX];

	notify_reloading(clock_monotonic_us());
	l->looked = clock_boot_ms();
	c = intake_load(l->intake, hear, &h);
	if (c) {
		places_keep(engine_config(l->engine), c);
		apply(l, c);
		engine_reload(l->engine, c, instant_now());
		hint(l, c);
		runner_configure(l->runner);
		evidence_configure(l->evidence);
		intake_tell(l->intake, l->evidence);
	} else {
		engine_refuse(l->engine, h.first, instant_now());
	}
	runner_pump(l->runner);
	now_true(l, sentence, sizeof(sentence));
	notify_ready(sentence);
	process_give_back(); /* the text of the files, and what it became */
}

/* ---- signals and timers ---- */

static void on_hup(struct ev_loop *loop, struct ev_signal *w, int events)
{
	(void)loop;
	(void)events;
	reload(NULL, NULL, w->data);
}

static void on_term(struct ev_loop *loop, struct ev_signal *w, int events)
{
	struct life *l = w->data;

	(void)loop;
	(void)events;
	/* Before any wait, so that the manager knows what is waited for. */
	if (l->ready && !l->ending.begun)
		notify_stopping();
	ending_begin(&l->ending, l->runner, l->hooks);
}

static void on_limit(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)w;
	(void)events;
	log_error("The pass was not over after %d minutes.",
		  (int)(ONCE_S / 60));
	ev_break(loop, EVBREAK_ALL);
}

static void signal_start(struct life *l, struct ev_signal *w, int number,
			 void (*cb)(struct ev_loop *, struct ev_signal *, int))
{
	ev_signal_init(w, cb, number);
	w->data = l;
	ev_signal_start(l->loop, w);
}

/* A reload that is asked for while the files are read waits until somebody
 * hears it, and ends nothing. */
static void mask_reload(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(how, &set, NULL);
}

static void start_signals(struct life *l)
{
	signal_start(l, &l->hup, SIGHUP, on_hup);
	signal_start(l, &l->term, SIGTERM, on_term);
	signal_start(l, &l->intr, SIGINT, on_term);
	mask_reload(SIG_UNBLOCK);
	ending_init(&l->ending, l->loop);
	ev_timer_init(&l->limit, on_limit, ONCE_S, 0.);
	if (l->options.once)
		ev_timer_start(l->loop, &l->limit);
}

/* ---- the parts, each with what it is given ---- */

/* A pass that somebody pages through may wait for him; a daemon may not. */
static bool on_show(const char *text, size_t len, void *arg)
{
	const struct life *l = arg;

	return standard_print(text, len, l->options.once ? SHOW_MS : 0);
}

static void on_evidence(void *arg)
{
	struct life *l = arg;

	runner_evidence(l->runner);
	runner_pump(l->runner);
}

static void on_kept(uint64_t number, uint64_t seq, void *arg)
{
	struct life *l = arg;

	if (l->control)
		control_kept(l->control, number, seq);
}

static void start_evidence(struct life *l)
{
	struct evidence_options o = {
		.engine = l->engine,
		.folder = l->places.state_folder,
		.dry_run = l->options.dry_run,
		.kept = on_kept,
		.changed = on_evidence,
		.arg = l,
	};

	l->evidence = evidence_new(l->loop, &o);
	evidence_start(l->evidence, KEYROTD_VERSION);
	intake_tell(l->intake, l->evidence);
}

static bool start_engine(struct life *l, struct config *c)
{
	struct runner_options o = {
		/* A pass beside a running daemon must not write its file. */
		.state_file = l->options.once ? NULL : l->places.state_file,
		.user_agent = "keyrotd/" KEYROTD_VERSION,
		.show = on_show,
		.note = on_note,
		.turn = on_turn,
		.arg = l,
	};
	struct fault f = fault_none();
	char host[65];
	uint64_t seed;

	clock_random(&seed, sizeof(seed));
	l->engine = engine_new(c, seed, clock_machine(), instant_now());
	process_host(host, sizeof(host));
	engine_self(l->engine, host, KEYROTD_VERSION);
	hint(l, engine_config(l->engine));
	engine_dry_run(l->engine, l->options.dry_run);
	if (l->options.once)
		engine_single_pass(l->engine);
	else
		start_evidence(l);
	o.evidence = l->evidence;
	l->runner = runner_new(l->loop, l->engine, &o, &f);
	if (!l->runner)
		log_error("%s%s", f.text, text_stop(f.text));
	return l->runner != NULL;
}

static void pump(void *arg)
{
	struct life *l = arg;

	runner_pump(l->runner);
}

static void outside(struct metrics_outside *o, void *arg)
{
	struct life *l = arg;

	runner_outside(l->runner, KEYROTD_VERSION, o);
	hooks_count(l->hooks, o);
}

/* A dry run has no effect outside, and nobody is to be called for it. */
static void start_hooks(struct life *l)
{
	struct hooks_options o = { .engine = l->engine,
				   .idle = on_idle,
				   .arg = l };

	if (!l->options.once && !l->options.dry_run)
		l->hooks = hooks_new(l->loop, &o);
}

static void catch_up(void *arg)
{
	struct life *l = arg;

	engine_tick(l->engine, instant_now());
	runner_pump(l->runner);
}

static void start_textfile(struct life *l)
{
	struct textfile_options o = { .engine = l->engine,
				      .path = l->places.metrics_file,
				      .look = catch_up,
				      .outside = outside,
				      .arg = l };

	if (l->options.once)
		return;
	l->textfile = textfile_new(l->loop, &o);
	textfile_switch(l->textfile, engine_config(l->engine)->metrics_file);
}

static bool start_socket(struct life *l)
{
	struct control_options co = { .engine = l->engine,
				      .evidence = l->evidence,
				      .folder = l->places.state_folder,
				      .version = KEYROTD_VERSION,
				      .admin_group = (gid_t)-1,
				      .reload = reload,
				      .look = on_asked,
				      .outside = outside,
				      .pump = pump,
				      .arg = l };
	struct varlink_options vo = {
		.vendor = "keyrotd",
		.product = "keyrotd",
		.version = KEYROTD_VERSION,
		.url = "https://varlink.org/",
		.descriptions = control_descriptions(),
		.handler = control_handle,
	};
	struct fault f = fault_none();

	if (l->options.once)
		return true;
	l->control = control_new(&co);
	control_admin_group(l->control, group_of(engine_config(l->engine)));
	vo.arg = l->control;
	l->varlink = varlink_new(l->loop, l->places.socket_file,
				 notify_listen_fd(), &vo, &f);
	if (!l->varlink)
		log_error("%s%s", f.text, text_stop(f.text));
	return l->varlink != NULL;
}

/* ---- start and stop, in order ---- */

struct life *life_new(const struct life_options *o)
{
	struct life *l = text_alloc(1, sizeof(*l));

	process_memory();
	l->options = *o;
	l->intake = intake_new(o->config_file);
	mask_reload(SIG_BLOCK);
	return l;
}

struct config *life_load(struct life *l)
{
	return intake_load(l->intake, NULL, NULL);
}

bool life_start(struct life *l, struct config *c)
{
	apply(l, c);
	umask(0077);
	process_close();
	if (!places_take(&l->places, c, !l->options.once)) {
		config_free(c);
		return false;
	}
	l->loop = ev_default_loop(EVFLAG_NOENV);
	start_signals(l);
	if (!start_engine(l, c) || !start_socket(l))
		return false;
	/* From here on the state file is ours to read and to replace. */
	runner_load(l->runner);
	if (!l->options.once)
		watchdog_start(&l->watchdog, l->loop, l->engine, on_ride, l);
	start_hooks(l);
	start_textfile(l);
	engine_tick(l->engine, instant_now());
	l->ready = !l->options.once;
	if (l->ready)
		notify_ready("Started; the first pass is under way.");
	runner_pump(l->runner);
	process_give_back(); /* the text of the files, the saved state */
	return true;
}

void life_run(struct life *l)
{
	if (!l->pass_done)
		ev_run(l->loop, 0);
}

/* The last records, on the disk. */
static void end_evidence(struct life *l)
{
	struct engine_evidence x;
	struct chain head;

	if (!l->evidence)
		return;
	evidence_stop(l->evidence,
		      l->ending.why ? l->ending.why : "It has failed.");
	if (!evidence_finish(l->evidence, AUDIT_STOP_MS)) {
		x = *engine_evidence_of(l->engine);
		log_error(
			"The last records of the audit are not on the disk yet. %s",
			x.problem);
	}
	/* Whoever keeps the journal elsewhere can tell that nothing was cut. */
	head = evidence_head(l->evidence);
	if (head.seq)
		log_notice("The audit ends with record %llu:%s.",
			   (unsigned long long)head.seq, head.hash);
	evidence_free(l->evidence);
	l->evidence = NULL;
}

/*
 * The process ends now, and the kernel takes back what it has at once: to free
 * a large fleet piece by piece takes longer than all else here.  Whoever looks
 * for leaks has it done; valgrind finds it where it is left.
 */
static void leave_engine(struct life *l)
{
#ifdef LEAKS_ARE_LOOKED_FOR
	engine_free(l->engine);
#else
	static struct engine *volatile left;

	left = l->engine;
	(void)left;
#endif
}

void life_stop(struct life *l)
{
	if (l->ready) /* otherwise the file may be another daemon's */
		runner_save(l->runner);
	textfile_free(l->textfile);
	hooks_free(l->hooks);
	varlink_free(l->varlink);
	control_free(l->control);
	l->control = NULL;
	end_evidence(l);
	runner_free(l->runner);
	leave_engine(l);
	if (l->loop) {
		watchdog_stop(&l->watchdog, l->loop);
		ending_stop(&l->ending);
		ev_timer_stop(l->loop, &l->limit);
		ev_signal_stop(l->loop, &l->hup);
		ev_signal_stop(l->loop, &l->term);
		ev_signal_stop(l->loop, &l->intr);
		ev_loop_destroy(l->loop);
	}
	places_free(&l->places);
	process_open();
	intake_free(l->intake);
	free(l);
}

const struct engine *life_engine(const struct life *l)
{
	return l->engine;
}

bool life_pass_done(const struct life *l)
{
	return l->pass_done;
}
