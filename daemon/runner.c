/* Carries out what the engine asks for, action by action, and sees to the
 * alarm. */
#include "runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "azure/call.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "errands.h"
#include "evidence.h"
#include "fit.h"
#include "instant.h"
#include "io/alarm.h"
#include "io/clock.h"
#include "io/http.h"
#include "io/process.h"
#include "proofs.h"
#include "state_file.h"
#include "wallet.h"

#define SHOW_MAX (1 << 20) /* bytes of a request that is printed */

struct runner {
	struct engine *engine;
	struct runner_options options;
	struct secrets known; /* the wallet's, and those of errands */
	struct wallet *wallet;
	struct proofs *proofs;
	struct state_file *state;
	struct http *http;
	struct errands *errands;
	struct alarm *alarm;
	bool ended; /* the engine was told that the daemon ends */
};

static const struct cloud *cloud_of(const struct runner *r)
{
	return &engine_config(r->engine)->cloud;
}

/* ---- turns ---- */

/* A dry run prints what would have been sent, without the token. */
static void show(struct runner *r, const struct call *c)
{
	struct buf text;

	buf_init(&text, SHOW_MAX);
	call_show(cloud_of(r), c, clock_wall_ms(), &text);
	if (!r->options.show(buf_str(&text), text.len, r->options.arg))
		log_error(
			"The request that would be sent cannot be printed: %s.",
			errno == EAGAIN ? "nobody reads what is printed"
					: strerror(errno));
	buf_free(&text);
}

static void carry_out(struct runner *r, const struct action *a)
{
	switch (a->kind) {
	case ACTION_CALL:
		if (a->call.kind == CALL_PATCH && errands_stopped(r->errands))
			break;
		if (a->call.kind == CALL_PATCH)
			state_file_before_write(r->state);
		errands_ask(r->errands, &a->call);
		break;
	case ACTION_CANCEL:
		errands_cancel(r->errands, a->ticket);
		break;
	case ACTION_SHOW:
		show(r, &a->call);
		break;
	case ACTION_FORGET:
		wallet_forget(r->wallet, a->token);
		break;
	case ACTION_NOTE:
		r->options.note(a->note, r->options.arg);
		break;
	case ACTION_SAVE:
		state_file_touch(r->state);
		break;
	}
}

void runner_pump(struct runner *r)
{
	struct action a;

	while (engine_action(r->engine, &a))
		carry_out(r, &a);
	evidence_answered(r->options.evidence);
	/* Who looks at what there is may make it due at once. */
	r->options.turn(r->options.arg);
	alarm_set(r->alarm, engine_wake(r->engine));
}

static void alarm_rang(void *arg)
{
	struct runner *r = arg;

	engine_tick(r->engine, instant_now());
	runner_pump(r);
}

static void pump(void *arg)
{
	runner_pump(arg);
}

/* ---- what is passed on ---- */

void runner_load(struct runner *r)
{
	state_file_load(r->state);
}

bool runner_save(struct runner *r)
{
	return state_file_save(r->state);
}

void runner_evidence(struct runner *r)
{
	errands_evidence(r->errands);
}

bool runner_stopping(struct runner *r)
{
	return errands_stopping(r->errands);
}

bool runner_letting_go(struct runner *r)
{
	struct action a;

	if (!r->ended)
		engine_end(r->engine, instant_now());
	r->ended = true;
	while (engine_action(r->engine, &a))
		carry_out(r, &a);
	return engine_lets_go(r->engine);
}

void runner_outside(struct runner *r, const char *version,
		    struct metrics_outside *o)
{
	const struct metrics_certificate *certificates;
	struct process_usage u;
	size_t n = proofs_certificates(r->proofs, &certificates);

	process_usage(&u);
	*o = (struct metrics_outside){
		.version = version,
		.programs_ok = -1,
		.certificates = certificates,
		.n_certificates = n,
		.cpu_ms = u.cpu_ms,
		.started_ms = u.started_ms,
		.open_fds = u.open_fds,
		.max_fds = u.max_fds,
		.resident_bytes = u.resident_bytes,
		.virtual_bytes = u.virtual_bytes,
	};
}

/* ---- life ---- */

static struct http_options http_options_of(const struct runner *r)
{
	return (struct http_options){ .ca_file = cloud_of(r)->ca_file,
				      .proxy = &engine_config(r->engine)->proxy,
				      .user_agent = r->options.user_agent,
				      .hosts = fit_hosts(
					      engine_config(r->engine)) };
}

void runner_configure(struct runner *r)
{
	struct http_options o = http_options_of(r);

	proofs_reload(r->proofs);
	wallet_login(r->wallet, &engine_config(r->engine)->proxy);
	http_configure(r->http, &o);
}

static void start_errands(struct runner *r, struct ev_loop *loop)
{
	struct errands_options o = { .loop = loop,
				     .engine = r->engine,
				     .http = r->http,
				     .known = &r->known,
				     .wallet = r->wallet,
				     .proofs = r->proofs,
				     .evidence = r->options.evidence,
				     .landed = pump,
				     .arg = r };

	r->errands = errands_new(&o);
}

struct runner *runner_new(struct ev_loop *loop, struct engine *e,
			  const struct runner_options *o, struct fault *f)
{
	struct runner *r = text_alloc(1, sizeof(*r));
	struct http_options http;

	r->engine = e;
	r->options = *o;
	r->wallet = wallet_new(&r->known);
	wallet_login(r->wallet, &engine_config(e)->proxy);
	r->proofs = proofs_new(loop, e, pump, r);
	r->state = state_file_new(loop, e, o->state_file, pump, r);
	http = http_options_of(r);
	r->http = http_new(loop, &http, f);
	r->alarm = r->http ? alarm_new(loop, alarm_rang, r, f) : NULL;
	if (!r->alarm) {
		runner_free(r);
		return NULL;
	}
	start_errands(r, loop);
	return r;
}

void runner_free(struct runner *r)
{
	if (!r)
		return;
	errands_free(r->errands);
	http_free(r->http);
	alarm_free(r->alarm);
	state_file_free(r->state);
	proofs_free(r->proofs);
	wallet_free(r->wallet);
	secret_free(&r->known);
	free(r);
}
