/*
 * The life of the process: what is started in which order, what happens on
 * a signal, a reload or at the end, and how a single pass ends.
 */
#include "daemon.h"

#include <errno.h>
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "azure/source.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/seal.h"
#include "base/text.h"
#include "checkup.h"
#include "control.h"
#include "engine/report.h"
#include "evidence.h"
#include "hooks.h"
#include "instant.h"
#include "io/clock.h"
#include "io/lock.h"
#include "io/notify.h"
#include "io/standard.h"
#include "io/store.h"
#include "io/unixsock.h"
#include "io/varlink.h"
#include "load.h"
#include "runner.h"
#include "textfile.h"

#define STOP_S 4.0	       /* systemd and people expect an end within 5 s */
#define ONCE_S 900.0	       /* a pass that is not over by then has failed */
#define WARNINGS_MAX (4 << 20) /* what the parser can say, about */
#define GREETING_MAX 4096
#define MANUAL_TOLD 3 /* keys by name; --check names all */
#define SHOW_MS 60000
#define AUDIT_STOP_MS 900 /* what systemd and people wait is not up then */
#define STUCK_MS 10000	  /* overdue by this much: no watchdog ping */

struct read_file {
	char *path;
	size_t bytes;
	char sum[SEAL_HEX_MAX];
};

struct daemon {
	struct daemon_options options;
	struct ev_loop *loop;
	struct engine *engine;
	struct runner *runner;
	struct evidence *evidence; /* NULL: a single pass */
	struct hooks *hooks;	   /* NULL: a single pass, or a dry run */
	struct control *control;
	struct varlink *varlink;
	struct textfile *textfile; /* NULL: a single pass */
	struct ev_signal hup, term, intr;
	struct ev_timer watchdog, stop, limit;
	char *state_file, *state_folder, *socket_file, *metrics_file;
	const char *ending; /* why it stops, for the audit */
	struct read_file *files;
	size_t n_files;
	int lock; /* on the state folder, -1: none */
	bool ready, stopping, pass_done;
};

/* ---- what people are told ---- */

static enum log_level level_of(enum note_kind kind)
{
	switch (kind) {
	case NOTE_LATE:
	case NOTE_OVERDUE:
	case NOTE_BLOCKED:
		return LOG_LEVEL_ERROR;
	case NOTE_FAILED:
	case NOTE_HELD:
	case NOTE_DRIFT:
	case NOTE_WARNING:
	case NOTE_KEY_ERROR:
	case NOTE_CLOCK:
	case NOTE_FORECAST:
		return LOG_LEVEL_WARNING;
	case NOTE_ACCEPTED:
		return LOG_LEVEL_INFO;
	default:
		return LOG_LEVEL_NOTICE;
	}
}

static void on_note(const struct note *n, void *arg)
{
	struct daemon *d = arg;
	struct log_field fields[] = {
		{ "KEYROTD_EVENT", note_kind_str(n->kind) },
		{ "KEYROTD_KEY", n->key ? n->key : "" },
		{ "KEYROTD_REGISTRY", n->registry ? n->registry : "" },
		{ "KEYROTD_VERSION", n->version },
		{ "KEYROTD_PREVIOUS_VERSION", n->previous },
		{ NULL, NULL },
	};
	uint64_t number;

	log_fields(level_of(n->kind), fields, "%s", n->text);
	number = evidence_note(d->evidence, n);
	hooks_note(d->hooks, n);
	if (d->control)
		control_note(d->control, n, number);
	if (d->textfile)
		textfile_touch(d->textfile);
}

/* The sentence that is true now, for the service manager. */
static void now_true(const struct daemon *d, char *dst, size_t size)
{
	char sentence[256];

	engine_sentence(d->engine, sentence, sizeof(sentence));
	snprintf(dst, size, "%s%s",
		 engine_state(d->engine) == ENGINE_STARTING ? "Starting: " : "",
		 sentence);
}

/* Something that was begun is waited for: a write, or a program. */
static bool waits(const struct daemon *d)
{
	bool writes = runner_stopping(d->runner);

	return writes || hooks_busy(d->hooks);
}

static void on_idle(void *arg)
{
	const struct daemon *d = arg;

	if (d->stopping && !waits(d))
		ev_break(d->loop, EVBREAK_ALL);
}

/* After every turn: say what is true now, and end a pass that is over. */
static void on_turn(void *arg)
{
	struct daemon *d = arg;
	char sentence[288];

	if (d->ready) {
		now_true(d, sentence, sizeof(sentence));
		notify_status(sentence);
	}
	evidence_turn(d->evidence);
	if (d->control)
		control_turn(d->control);
	if (d->options.once && engine_pass_done(d->engine)) {
		d->pass_done = true;
		ev_break(d->loop, EVBREAK_ALL);
	}
	if (d->stopping && !waits(d))
		ev_break(d->loop, EVBREAK_ALL);
}

/* ---- reload ---- */

/* What there is to say about the files: mistakes at once, also to whoever asked
 * for the reload; warnings, and what was chosen, after the line that says what
 * is watched. */
struct said {
	config_problem *problem; /* NULL: nobody asked */
	void *arg;
	/* Each begins with its log level as a digit and is ended by a NUL. */
	struct buf later;
};

/* The files of the configuration that was read last, for the audit. */
static void hear_file(const char *path, const void *data, size_t len, void *arg)
{
	struct daemon *d = arg;
	struct read_file *f;

	d->files = text_grow(d->files, d->n_files, sizeof(*d->files));
	f = &d->files[d->n_files++];
	f->path = text_dup(path);
	f->bytes = len;
	seal_hash(data, len, f->sum);
}

static void forget_files(struct daemon *d)
{
	for (size_t i = 0; i < d->n_files; i++)
		free(d->files[i].path);
	d->n_files = 0;
}

static void tell_files(struct daemon *d)
{
	for (size_t i = 0; i < d->n_files; i++)
		evidence_config(d->evidence, d->files[i].path, d->files[i].sum,
				d->files[i].bytes);
	forget_files(d);
}

static void add_later(struct said *s, enum log_level level, const char *line)
{
	buf_printf(&s->later, "%d%s", (int)level, line);
	buf_add(&s->later, "", 1);
}

static void hear(enum config_severity severity, const char *line, void *arg)
{
	struct said *s = arg;

	if (severity == CONFIG_MISTAKE) {
		log_error("%s", line);
		if (s->problem)
			s->problem(severity, line, s->arg);
	} else if (severity == CONFIG_WARNING) {
		add_later(s, LOG_LEVEL_WARNING, line);
	} else if (severity == CONFIG_CHOICE) {
		add_later(s, LOG_LEVEL_NOTICE, line);
	}
}

static struct config *load(struct daemon *d, struct said *s)
{
	struct config *c;

	buf_init(&s->later, WARNINGS_MAX);
	forget_files(d);
	c = load_config_told(d->options.config_file, LOAD_TO_RUN, hear, s,
			     hear_file, d);
	return c;
}

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
static void greet(const struct config *c, struct said *s)
{
	struct buf line;

	buf_init(&line, GREETING_MAX);
	buf_printf(&line,
		   "keyrotd " KEYROTD_VERSION " watches %zu %s and %zu %s",
		   c->n_watches, c->n_watches == 1 ? "key" : "keys",
		   c->n_registries,
		   c->n_registries == 1 ? "registry" : "registries");
	add_manual(&line, c);
	log_notice("%s.", buf_str(&line));
	buf_free(&line);
	for (size_t at = 0; at < s->later.len;
	     at += strlen(s->later.data + at) + 1) {
		const char *one = s->later.data + at;

		if (*one - '0' == LOG_LEVEL_WARNING)
			log_warn("%s", one + 1);
		else
			log_notice("%s", one + 1);
	}
}

/* Without such a group nobody is in it; the file's warning says so. */
static gid_t group_of(const struct config *c)
{
	gid_t group;

	return c->admin_group && unixsock_group(c->admin_group, &group)
		       ? group
		       : (gid_t)-1;
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

static void apply(struct daemon *d, const struct config *c, struct said *s)
{
	if (d->options.log_level < 0)
		log_level_set((enum log_level)c->log_level);
	greet(c, s);
	tell_sources(c);
	if (c->n_watches == 0)
		log_warn("%s names no watch: nothing is watched.",
			 d->options.config_file);
	if (d->control)
		control_admin_group(d->control, group_of(c));
	if (d->textfile)
		textfile_switch(d->textfile, c->metrics_file);
}

/* What cannot change while running is refused, aloud. */
static void keep_paths(const struct daemon *d, const struct config *c)
{
	const struct config *old = engine_config(d->engine);

	if (!text_same(c->state_directory, old->state_directory) ||
	    !text_same(c->runtime_directory, old->runtime_directory))
		log_warn(
			"state-directory and runtime-directory take effect only after a restart.");
}

static void reload(config_problem *problem, void *to, void *arg)
{
	struct daemon *d = arg;
	struct said said = { .problem = problem, .arg = to };
	struct config *c;
	char sentence[288];

	notify_reloading(clock_monotonic_us());
	c = load(d, &said);
	if (c) {
		keep_paths(d, c);
		apply(d, c, &said);
		engine_reload(d->engine, c, instant_now());
		runner_configure(d->runner);
		evidence_configure(d->evidence);
		tell_files(d);
	} else {
		forget_files(d);
		log_error(
			"The configuration was not taken over; the old one stays in force.");
	}
	buf_free(&said.later);
	runner_pump(d->runner);
	now_true(d, sentence, sizeof(sentence));
	notify_ready(sentence);
}

static void on_hup(struct ev_loop *loop, struct ev_signal *w, int events)
{
	(void)loop;
	(void)events;
	reload(NULL, NULL, w->data);
}

/* ---- stopping ---- */

static void on_stop_timer(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct daemon *d = w->data;

	(void)events;
	ev_break(loop, EVBREAK_ALL);
	if (!runner_stopping(d->runner)) {
		log_warn(
			"A program that on-event names has not ended in time; it is killed.");
		return;
	}
	d->ending =
		"It was told to stop, and a write to Azure was not answered in time.";
	log_warn(
		"A write to Azure was not answered in time; it is read back after the next start.");
}

static void on_term(struct ev_loop *loop, struct ev_signal *w, int events)
{
	struct daemon *d = w->data;
	bool again = d->stopping;

	(void)events;
	d->stopping = true;
	d->ending = "It was told to stop.";
	/* Before any wait, so that the manager knows what is waited for. */
	if (d->ready && !again)
		notify_stopping();
	hooks_stop(d->hooks);
	if (again || !waits(d)) {
		ev_break(loop, EVBREAK_ALL);
		return;
	}
	log_notice("Stopping: waiting for %s.",
		   runner_stopping(d->runner)
			   ? "the answer to a write"
			   : "the end of a program that on-event names");
	ev_timer_start(loop, &d->stop);
}

static void on_limit(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)w;
	(void)events;
	log_error("The pass was not over after %d minutes.",
		  (int)(ONCE_S / 60));
	ev_break(loop, EVBREAK_ALL);
}

static void on_watchdog(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct daemon *d = w->data;

	(void)loop;
	(void)events;
	/* A ping from a timer alone proves nothing. */
	if (!engine_overdue(d->engine, instant_now(), STUCK_MS))
		notify_alive();
}

/* ---- starting, in order ---- */

static char *folder_of(const char *configured, const char *variable,
		       const char *fallback)
{
	const char *env = getenv(variable);
	char *folder;

	if (configured)
		return text_dup(configured);
	folder = text_dup(env && env[0] == '/' ? env : fallback);
	/* systemd lists several folders with colons; ours is the first. */
	folder[strcspn(folder, ":")] = '\0';
	return folder;
}

static bool folder_make(const char *path, mode_t mode)
{
	mode_t old = umask(0); /* others have to get at the socket */
	int error = mkdir(path, mode) == 0 ? 0 : errno;
	struct stat st;

	umask(old);
	if (error == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		error = 0;
	if (error == EEXIST)
		log_error(
			"The folder %s cannot be made: something that is no folder is in its place; move it away.",
			path);
	else if (error)
		log_error("The folder %s cannot be made: %s.", path,
			  strerror(error));
	return error == 0;
}

/* Two daemons would write over each other's state. */
static bool hold(struct daemon *d, const char *state)
{
	char *path = text_printf("%s/lock", state);
	struct fault f = fault_none();

	d->lock = lock_take(path, &f);
	free(path);
	if (f.kind == FAULT_CONFLICT)
		log_error(
			"The state folder %s is held by another keyrotd; stop that one, or give this one a state-directory of its own.",
			state);
	else if (d->lock < 0)
		log_warn(
			"%s%s The daemon goes on; see to it that no other keyrotd uses this folder.",
			f.text, text_stop(f.text));
	return f.kind != FAULT_CONFLICT;
}

/* A single pass keeps nothing, listens nowhere, and needs no folder. */
static bool folders(struct daemon *d, const struct config *c)
{
	char *state = folder_of(c->state_directory, "STATE_DIRECTORY",
				"/var/lib/keyrotd");
	char *run = folder_of(c->runtime_directory, "RUNTIME_DIRECTORY",
			      "/run/keyrotd");
	bool ok = d->options.once || (folder_make(state, 0711) &&
				      folder_make(run, 0755) && hold(d, state));

	d->state_file = text_printf("%s/state.json", state);
	d->metrics_file = text_printf("%s/metrics.prom", state);
	d->state_folder = text_dup(state);
	d->socket_file = text_printf("%s/io.keyrotd", run);
	free(state);
	free(run);
	return ok;
}

/* A pass that somebody pages through may wait for him; a daemon may not. */
static bool on_show(const char *text, size_t len, void *arg)
{
	const struct daemon *d = arg;

	return standard_print(text, len, d->options.once ? SHOW_MS : 0);
}

static void on_evidence(void *arg)
{
	struct daemon *d = arg;

	runner_evidence(d->runner);
	runner_pump(d->runner);
}

static void on_kept(uint64_t number, uint64_t seq, void *arg)
{
	struct daemon *d = arg;

	if (d->control)
		control_kept(d->control, number, seq);
}

static void start_evidence(struct daemon *d)
{
	struct evidence_options o = {
		.engine = d->engine,
		.folder = d->state_folder,
		.dry_run = d->options.dry_run,
		.kept = on_kept,
		.changed = on_evidence,
		.arg = d,
	};

	d->evidence = evidence_new(d->loop, &o);
	evidence_start(d->evidence, KEYROTD_VERSION);
	tell_files(d);
}

static bool start_engine(struct daemon *d, struct config *c)
{
	struct runner_options o = {
		/* A pass beside a running daemon must not write its file. */
		.state_file = d->options.once ? NULL : d->state_file,
		.user_agent = "keyrotd/" KEYROTD_VERSION,
		.show = on_show,
		.note = on_note,
		.turn = on_turn,
		.arg = d,
	};
	struct fault f = fault_none();
	uint64_t seed;

	clock_random(&seed, sizeof(seed));
	d->engine = engine_new(c, seed, clock_machine(), instant_now());
	engine_dry_run(d->engine, d->options.dry_run);
	if (!d->options.once)
		start_evidence(d);
	o.evidence = d->evidence;
	d->runner = runner_new(d->loop, d->engine, &o, &f);
	if (!d->runner)
		log_error("%s%s", f.text, text_stop(f.text));
	return d->runner != NULL;
}

static void pump(void *arg)
{
	struct daemon *d = arg;

	runner_pump(d->runner);
}

static void outside(struct metrics_outside *o, void *arg)
{
	struct daemon *d = arg;

	runner_outside(d->runner, KEYROTD_VERSION, o);
	hooks_count(d->hooks, o);
}

/* A dry run has no effect outside, and nobody is to be called for it. */
static void start_hooks(struct daemon *d)
{
	struct hooks_options o = { .engine = d->engine,
				   .idle = on_idle,
				   .arg = d };

	if (!d->options.once && !d->options.dry_run)
		d->hooks = hooks_new(d->loop, &o);
}

static void start_textfile(struct daemon *d)
{
	struct textfile_options o = { .engine = d->engine,
				      .path = d->metrics_file,
				      .outside = outside,
				      .arg = d };

	if (d->options.once)
		return;
	d->textfile = textfile_new(d->loop, &o);
	textfile_switch(d->textfile, engine_config(d->engine)->metrics_file);
}

static bool start_socket(struct daemon *d)
{
	struct control_options co = { .engine = d->engine,
				      .evidence = d->evidence,
				      .folder = d->state_folder,
				      .version = KEYROTD_VERSION,
				      .admin_group = (gid_t)-1,
				      .reload = reload,
				      .outside = outside,
				      .pump = pump,
				      .arg = d };
	struct varlink_options vo = {
		.vendor = "keyrotd",
		.product = "keyrotd",
		.version = KEYROTD_VERSION,
		.url = "https://varlink.org/",
		.descriptions = control_descriptions(),
		.handler = control_handle,
	};
	struct fault f = fault_none();

	if (d->options.once)
		return true;
	d->control = control_new(&co);
	control_admin_group(d->control, group_of(engine_config(d->engine)));
	vo.arg = d->control;
	d->varlink = varlink_new(d->loop, d->socket_file, notify_listen_fd(),
				 &vo, &f);
	if (!d->varlink)
		log_error("%s%s", f.text, text_stop(f.text));
	return d->varlink != NULL;
}

static void signal_start(struct daemon *d, struct ev_signal *w, int number,
			 void (*cb)(struct ev_loop *, struct ev_signal *, int))
{
	ev_signal_init(w, cb, number);
	w->data = d;
	ev_signal_start(d->loop, w);
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

static void start_signals(struct daemon *d)
{
	signal_start(d, &d->hup, SIGHUP, on_hup);
	signal_start(d, &d->term, SIGTERM, on_term);
	signal_start(d, &d->intr, SIGINT, on_term);
	mask_reload(SIG_UNBLOCK);
	ev_timer_init(&d->stop, on_stop_timer, STOP_S, 0.);
	d->stop.data = d;
	ev_timer_init(&d->limit, on_limit, ONCE_S, 0.);
	if (d->options.once)
		ev_timer_start(d->loop, &d->limit);
}

static void start_watchdog(struct daemon *d)
{
	double every = (double)notify_watchdog_ms() / 1000.0;

	ev_timer_init(&d->watchdog, on_watchdog, every, every);
	d->watchdog.data = d;
	if (every > 0 && !d->options.once)
		ev_timer_start(d->loop, &d->watchdog);
}

/* Nobody looks into a memory that holds tokens: no core file, and no other
 * process of the same user (prctl(2)). */
static void close_memory(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

/* Whoever looks for leaks at the end may look. */
static void open_memory(void)
{
#ifdef __SANITIZE_ADDRESS__
	prctl(PR_SET_DUMPABLE, 1);
#endif
}

static bool start(struct daemon *d, struct config *c, struct said *said)
{
	apply(d, c, said);
	umask(0077);
	close_memory();
	if (!folders(d, c)) {
		config_free(c);
		return false;
	}
	d->loop = ev_default_loop(EVFLAG_NOENV);
	start_signals(d);
	if (!start_engine(d, c) || !start_socket(d))
		return false;
	/* From here on the state file is ours to read and to replace. */
	runner_load(d->runner);
	start_watchdog(d);
	start_hooks(d);
	start_textfile(d);
	engine_tick(d->engine, instant_now());
	d->ready = !d->options.once;
	if (d->ready)
		notify_ready("Started; the first pass is under way.");
	runner_pump(d->runner);
	return true;
}

/* The last records, on the disk. */
static void end_evidence(struct daemon *d)
{
	struct engine_evidence x;
	struct chain head;

	if (!d->evidence)
		return;
	evidence_stop(d->evidence, d->ending ? d->ending : "It has failed.");
	if (!evidence_finish(d->evidence, AUDIT_STOP_MS)) {
		x = *engine_evidence_of(d->engine);
		log_error(
			"The last records of the audit are not on the disk yet. %s",
			x.problem);
	}
	/* Whoever keeps the journal elsewhere can tell that nothing was cut. */
	head = evidence_head(d->evidence);
	if (head.seq)
		log_notice("The audit ends with record %llu:%s.",
			   (unsigned long long)head.seq, head.hash);
	evidence_free(d->evidence);
	d->evidence = NULL;
}

static void stop(struct daemon *d)
{
	if (d->ready) /* otherwise the file may be another daemon's */
		runner_save(d->runner);
	textfile_free(d->textfile);
	hooks_free(d->hooks);
	varlink_free(d->varlink);
	control_free(d->control);
	d->control = NULL;
	end_evidence(d);
	runner_free(d->runner);
	engine_free(d->engine);
	if (d->loop) {
		ev_timer_stop(d->loop, &d->watchdog);
		ev_timer_stop(d->loop, &d->stop);
		ev_timer_stop(d->loop, &d->limit);
		ev_signal_stop(d->loop, &d->hup);
		ev_signal_stop(d->loop, &d->term);
		ev_signal_stop(d->loop, &d->intr);
		ev_loop_destroy(d->loop);
	}
	if (d->lock >= 0)
		close(d->lock);
	open_memory();
	forget_files(d);
	free(d->files);
	free(d->state_file);
	free(d->state_folder);
	free(d->socket_file);
	free(d->metrics_file);
}

/* ---- the ways to run ---- */

static void to_stderr(const char *text, void *arg)
{
	(void)arg;
	fprintf(stderr, "%s\n", text);
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

static int verdict(const struct daemon *d)
{
	char sentence[256];

	if (!d->options.once)
		return DAEMON_OK;
	engine_sentence(d->engine, sentence, sizeof(sentence));
	if (engine_config(d->engine)->n_registries == 0) {
		fprintf(stderr, "%s\n", sentence);
		return DAEMON_FAILURE;
	}
	if (d->pass_done && engine_all_current(d->engine)) {
		printf("%s\n", sentence);
		return printed(0) ? DAEMON_OK : DAEMON_FAILURE;
	}
	report_troubles(d->engine, to_stderr, NULL);
	fprintf(stderr, "Not every registry is verified current: %s\n",
		sentence);
	return DAEMON_FAILURE;
}

static void start_log(const struct daemon_options *o)
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
	log.prefix = !isatty(STDERR_FILENO);
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

int daemon_run(const struct daemon_options *o)
{
	struct daemon d = { .options = *o, .lock = -1 };
	struct said said = { .problem = NULL };
	struct config *c;
	int code = DAEMON_FAILURE;
	bool started;

	mask_reload(SIG_BLOCK);
	start_log(o);
	keep_keys();
	c = load(&d, &said);
	started = c && start(&d, c, &said);
	buf_free(&said.later);
	if (!c) {
		forget_files(&d);
		free(d.files);
		return DAEMON_CONFIG;
	}
	if (started) {
		if (!d.pass_done)
			ev_run(d.loop, 0);
		code = verdict(&d);
	}
	stop(&d);
	return code;
}

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
	start_log(&quiet);
	keep_keys();
	c = load_config(o->config_file, LOAD_TO_RUN, to_person, NULL);
	if (!c)
		return DAEMON_CONFIG;
	close_memory();
	code = checkup_run(c, o->json, &error);
	open_memory();
	return printed(error) ? code : DAEMON_FAILURE;
}
