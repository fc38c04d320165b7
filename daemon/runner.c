/* Carries out what the engine asks for: calls, saves, the alarm. */
#include "runner.h"

#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "azure/call.h"
#include "azure/expiry.h"
#include "azure/token.h"
#include "azure/url.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "engine/snapshot.h"
#include "evidence.h"
#include "io/alarm.h"
#include "io/clock.h"
#include "io/http.h"
#include "io/process.h"
#include "io/store.h"

#define SAVE_DELAY_S 1.0 /* changes come in bursts */
#define SAVE_RETRY_S 30.0
#define SHOW_MAX (1 << 20) /* bytes of a request that is printed */
/* Saving before writes takes at most one part in so many of the time. */
#define SAVE_SHARE 10
#define PASSPHRASE_MAX 1024 /* bytes */
#define KEY_FILE_MAX 4096   /* bytes of what an agent names */
#define PROOF_LOOK_S 5.0    /* has its file changed? */
/* Resource Manager, the authority, the metadata service */
#define HOSTS_BESIDE_VAULTS 3

/* One question on its way: a copy of all that call_read will need. */
struct errand {
	struct runner *runner;
	struct call call;
	struct http_transfer *transfer;
	int64_t sent; /* boot ms */
	char id[37];  /* what we call it towards Azure */
	/* A write that waits for its record to be on the disk. */
	bool held;
	uint64_t record;
	int64_t until; /* boot ms: no longer */
	struct exchange exchange;
	/* What it sends and nobody may send back; "" when it has none. */
	struct buf secret, encoded;
	uint64_t stamp; /* of the files that its proof was read from */
	TAILQ_ENTRY(errand) link;
};
TAILQ_HEAD(errand_list, errand);

/* What proves a credential, as it was last read. */
struct proof {
	const struct credential *credential;
	uint64_t stamp; /* of its files */
	bool refused;	/* no token was given for it, or it was no good: ... */
	uint64_t bad;	/* ... as the files were then */
	int64_t end;	/* of its certificate, ms since 1970; -1: none */
	char told[EXPIRY_TEXT_MAX]; /* of its end; "" nothing */
};

struct runner {
	struct ev_loop *loop;
	struct engine *engine;
	struct runner_options options;
	struct http *http;
	struct alarm *alarm;
	struct ev_timer save_timer;
	struct errand_list errands;
	char **tokens; /* by slot */
	size_t n_tokens;
	struct secrets secrets; /* the tokens, and those of errands */
	/* A proxy's, now and before the last reload: what began before it may
	 * still be answered. */
	struct login {
		char *password; /* NULL: none */
		char *whole;	/* "USER:PASSWORD", as it is sent */
	} logins[2];
	struct proof *proofs; /* at most one for each credential */
	size_t n_proofs;
	struct metrics_certificate *certificates; /* lent by runner_outside */
	struct ev_timer proof_timer; /* runs while one is refused */
	struct ev_timer held_timer;  /* runs while a write waits */
	int64_t save_again;	     /* boot ms: before a write, no sooner */
	bool stopping, save_failed;
};

struct instant runner_now(void)
{
	return (struct instant){ .boot = clock_boot_ms(),
				 .wall = clock_wall_ms() };
}

static const struct cloud *cloud_of(const struct runner *r)
{
	return &engine_config(r->engine)->cloud;
}

/* ---- tokens ---- */

static void token_forget(struct runner *r, uint32_t slot)
{
	if (slot >= r->n_tokens)
		return;
	secret_forget(&r->secrets, r->tokens[slot]);
	text_wipe_free(r->tokens[slot]);
	r->tokens[slot] = NULL;
}

static void token_keep(struct runner *r, uint32_t slot, const char *secret)
{
	if (slot >= r->n_tokens) {
		r->tokens =
			text_realloc(r->tokens, slot + 1, sizeof(*r->tokens));
		while (r->n_tokens <= slot)
			r->tokens[r->n_tokens++] = NULL;
	}
	token_forget(r, slot);
	r->tokens[slot] = text_dup(secret);
	secret_know(&r->secrets, r->tokens[slot]);
}

static const char *token_of(const struct runner *r, const struct call *c)
{
	return c->token < r->n_tokens ? r->tokens[c->token] : NULL;
}

/* ---- a proxy's password ---- */

static void login_forget(struct runner *r, struct login *l)
{
	secret_forget(&r->secrets, l->password);
	secret_forget(&r->secrets, l->whole);
	text_wipe_free(l->password);
	text_wipe_free(l->whole);
	*l = (struct login){ .password = NULL };
}

/* A proxy may say what it was told, in its page of an error. */
static void login_keep(struct runner *r)
{
	const struct proxy *p = &engine_config(r->engine)->proxy;

	login_forget(r, &r->logins[1]);
	r->logins[1] = r->logins[0];
	r->logins[0] = (struct login){ .password = NULL };
	if (!p->password)
		return;
	r->logins[0].password = text_dup(p->password);
	r->logins[0].whole = text_printf("%s:%s", p->user, p->password);
	secret_know(&r->secrets, r->logins[0].password);
	secret_know(&r->secrets, r->logins[0].whole);
}

/* ---- what proves a credential ---- */

static struct proof *proof_find(struct runner *r, const struct credential *c)
{
	struct proof *p;

	for (p = r->proofs; p < r->proofs + r->n_proofs; p++)
		if (p->credential == c)
			return p;
	r->proofs = text_grow(r->proofs, r->n_proofs, sizeof(*r->proofs));
	p = &r->proofs[r->n_proofs++];
	*p = (struct proof){ .credential = c, .end = -1 };
	return p;
}

static uint64_t proof_stamp(const struct credential *c)
{
	uint64_t stamp = store_secret_stamp(c->secret_file);

	if (c->passphrase_file)
		stamp = stamp * 3 + store_secret_stamp(c->passphrase_file);
	return stamp;
}

/* The stamp of the files that a question's proof was just read from. */
static uint64_t proof_of(struct runner *r, const struct call *c)
{
	return c->kind == CALL_TOKEN && c->credential->secret_file
		       ? proof_find(r, c->credential)->stamp
		       : 0;
}

/*
 * Whoever has a token refused does not wait long once its file is replaced.
 * Several tokens may be asked for with one proof, and their answers come in
 * any order: what counts is with which files each was asked for.
 */
static void proof_judge(struct runner *r, const struct credential *c,
			enum fault_kind kind, uint64_t stamp)
{
	bool good = kind == FAULT_NONE;
	struct proof *p;

	if (!c->secret_file || kind == FAULT_TRANSIENT ||
	    kind == FAULT_THROTTLED)
		return;
	p = proof_find(r, c);
	if (good && p->bad == stamp)
		p->refused = false;
	/* The one that was asked for with older files is not forgotten. */
	if (!good && (!p->refused || p->bad == proof_stamp(c)))
		p->bad = stamp;
	p->refused |= !good;
	if (!p->refused || ev_is_active(&r->proof_timer))
		return;
	ev_now_update(r->loop);
	ev_timer_set(&r->proof_timer, PROOF_LOOK_S, 0.);
	ev_timer_start(r->loop, &r->proof_timer);
}

static void proof_look(struct ev_loop *loop, struct ev_timer *t, int events)
{
	struct runner *r = t->data;
	bool again = false, changed = false;

	(void)events;
	for (size_t i = 0; i < r->n_proofs; i++) {
		const struct credential *c = r->proofs[i].credential;

		if (!r->proofs[i].refused)
			continue;
		if (proof_stamp(c) == r->proofs[i].bad) {
			again = true;
			continue;
		}
		r->proofs[i].refused = false;
		changed = true;
		log_notice(
			"The %s of credential \"%s\" has been replaced: a token is asked for now.",
			token_proof_name(c->kind), c->name);
		engine_proof_changed(r->engine, c, runner_now());
	}
	if (again) {
		ev_timer_set(t, PROOF_LOOK_S, 0.);
		ev_timer_start(loop, t);
	}
	if (changed)
		runner_pump(r);
}

/* A certificate that ends soon is told whenever it is read, but in the same
 * words only once: so about once a day. */
static void proof_watch_end(struct runner *r, struct proof *p, int64_t end)
{
	char said[EXPIRY_TEXT_MAX];

	if (!expiry_text(end, engine_azure(r->engine), said))
		said[0] = '\0';
	if (said[0] && strcmp(p->told, said) != 0)
		log_warn("The certificate of credential \"%s\" %s",
			 p->credential->name, said);
	text_copy(p->told, sizeof(p->told), said);
}

/* ---- questions ---- */

static void errand_forget(struct errand *x)
{
	struct secrets *known = &x->runner->secrets;

	secret_forget(known, buf_str(&x->secret));
	secret_forget(known, buf_str(&x->encoded));
	buf_wipe(&x->secret);
	buf_wipe(&x->encoded);
}

static void errand_free(struct errand *x)
{
	errand_forget(x);
	TAILQ_REMOVE(&x->runner->errands, x, link);
	exchange_free(&x->exchange);
	free((void *)(uintptr_t)x->call.registry);
	free((void *)(uintptr_t)x->call.vault_resource);
	free((void *)(uintptr_t)x->call.subscription);
	free((void *)(uintptr_t)x->call.url);
	free((void *)(uintptr_t)x->call.audience);
	free((void *)(uintptr_t)x->call.sought);
	free(x);
}

/* A server that echoes a form may do so as it was sent. */
static void errand_secret(struct errand *x, struct buf *secret)
{
	x->secret = *secret;
	buf_init(secret, 0);
	buf_init(&x->encoded, 3 * (size_t)TOKEN_PROOF_MAX);
	if (!x->secret.len)
		return;
	secret_know(&x->runner->secrets, buf_str(&x->secret));
	/* Room at once: a buffer that grows leaves copies behind. */
	for (int i = 0; i < 3; i++)
		buf_add(&x->encoded, x->secret.data, x->secret.len);
	buf_reset(&x->encoded);
	url_add_encoded(&x->encoded, x->secret.data, x->secret.len);
	if (strcmp(buf_str(&x->encoded), buf_str(&x->secret)) != 0)
		secret_know(&x->runner->secrets, buf_str(&x->encoded));
}

/* Takes the secret over.  It may get another one later: see prove. */
static struct errand *errand_new(struct runner *r, const struct call *c,
				 struct buf *secret)
{
	struct errand *x = text_alloc(1, sizeof(*x));

	x->runner = r;
	x->call = *c;
	/* The credential is the engine's own copy and lives as long as it. */
	x->call.vault_resource = text_dup(c->vault_resource);
	x->call.registry = text_dup(c->registry);
	x->call.subscription = text_dup(c->subscription);
	x->call.url = text_dup(c->url);
	x->call.audience = text_dup(c->audience);
	x->call.sought = text_dup(c->sought);
	x->call.claims = NULL; /* they are in the request already */
	x->sent = clock_boot_ms();
	x->stamp = proof_of(r, c);
	errand_secret(x, secret);
	TAILQ_INSERT_TAIL(&r->errands, x, link);
	return x;
}

static void reply_in(const struct errand *x, struct reply *m)
{
	struct runner *r = x->runner;
	const struct call *c = &x->call;

	evidence_answer(r->options.evidence, c, m, x->id);
	if (c->kind == CALL_TOKEN && m->fault.kind == FAULT_NONE)
		token_keep(r, c->token, m->token.secret);
	if (c->kind == CALL_TOKEN)
		proof_judge(r, c->credential, m->fault.kind, x->stamp);
	engine_reply(r->engine, m, runner_now());
	reply_free(m);
}

/* The last gate: nothing leaves that is not true any more (a pause, a reload,
 * a newer version), and no write once the daemon stops; also not what has
 * waited for its connection meanwhile. */
static bool may_go(void *arg)
{
	const struct errand *x = arg;

	if (x->runner->stopping && x->call.kind == CALL_PATCH)
		return false;
	return engine_still(x->runner->engine, x->call.ticket, runner_now());
}

static void request_id(char dst[37])
{
	unsigned char b[16];

	clock_random(b, sizeof(b));
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* RFC 9562, version 4 */
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(
		dst, 37,
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9],
		b[10], b[11], b[12], b[13], b[14], b[15]);
}

static void answered(struct answer *a, void *arg);

static void submit(struct errand *x, const struct exchange *exchange,
		   const char *bearer)
{
	http_submit(x->runner->http, exchange, bearer, x->id, may_go, answered,
		    x, &x->transfer);
}

/* The agent of this host wants to see that we can read a file of its: the
 * same question goes out once more, with what stands in there.  False with *f
 * when it cannot. */
static bool prove(struct errand *x, const char *path, struct fault *f)
{
	struct exchange again = { 0 };
	struct fault why = fault_none();
	struct buf secret;

	buf_init(&secret, KEY_FILE_MAX);
	x->call.proven = true;
	if (!store_read_proof(path, &secret, &why)) {
		/* Whoever else asks the agent makes it withdraw this one. */
		fault_set(
			f, why.code == ENOENT ? FAULT_TRANSIENT : why.kind,
			why.code,
			"Getting a token for %s with credential \"%s\" failed: %s%s.",
			x->call.audience, x->call.credential->name, why.text,
			why.code == EACCES
				? "; only root and the group himds may read it: give the service SupplementaryGroups=himds, as keyrotd.conf(5) shows"
			: why.code == ENOENT
				? "; the Azure Arc agent has withdrawn it: the agent is asked again"
				: "");
	} else if (call_build(cloud_of(x->runner), &x->call, buf_str(&secret),
			      clock_wall_ms(), &again, f)) {
		errand_forget(x);
		errand_secret(x, &secret);
		request_id(x->id);
		submit(x, &again, NULL);
		exchange_free(&again);
		return true;
	}
	buf_wipe(&secret);
	return false;
}

/* The secrets that the question carried; how many. */
static size_t what_was_sent(const struct errand *x, struct secret all[3])
{
	const char *texts[3] = { buf_str(&x->secret), buf_str(&x->encoded),
				 NULL };
	size_t n = 0;

	if (x->call.kind != CALL_TOKEN)
		texts[2] = token_of(x->runner, &x->call);
	for (size_t i = 0; i < 3; i++) {
		size_t len = texts[i] ? strlen(texts[i]) : 0;

		if (len >= SECRET_SHORTEST)
			all[n++] = (struct secret){ texts[i], len };
	}
	return n;
}

static void answered(struct answer *a, void *arg)
{
	struct errand *x = arg;
	struct runner *r = x->runner;
	struct secret all[3];
	const struct secrets sent = { all, what_was_sent(x, all) };
	struct reply m;

	call_read(cloud_of(r), &x->call, &sent, &r->secrets, a, clock_wall_ms(),
		  &m);
	if (m.key_file[0] && prove(x, m.key_file, &m.fault))
		return;
	if (m.fault.kind != FAULT_NONE)
		log_debug("%s", m.fault.text);
	reply_in(x, &m);
	errand_free(x);
	runner_pump(r);
}

/* The question could not even be put. */
static void refuse(struct runner *r, const struct call *c,
		   const struct fault *f)
{
	struct reply m = { .kind = c->kind,
			   .ticket = c->ticket,
			   .fault = *f,
			   .date_ms = -1,
			   .remaining = -1 };

	if (c->kind == CALL_TOKEN)
		proof_judge(r, c->credential, f->kind, proof_of(r, c));
	engine_reply(r->engine, &m, runner_now());
}

/* App Service hands its secret to a process by the environment. */
static void header_read(struct buf *secret)
{
	const char *header = getenv("IDENTITY_HEADER");

	if (header)
		buf_puts(secret, header);
}

/* Read anew for every token, so that it can be replaced at any time. */
static bool proof_make(struct runner *r, const struct credential *c,
		       struct buf *secret, bool *was_read, struct fault *f)
{
	struct buf text, passphrase;
	char id[37];
	struct token_proof proof = { .id = id,
				     .now_ms = engine_azure(r->engine) };
	struct proof *p = proof_find(r, c);
	int64_t end = -1;
	bool ok;

	request_id(id);
	/* First: what is replaced while it is read has changed. */
	p->stamp = proof_stamp(c);
	buf_init(&text, TOKEN_PROOF_MAX);
	buf_init(&passphrase, PASSPHRASE_MAX);
	ok = store_read_secret(c->secret_file, &text, f) &&
	     (!c->passphrase_file ||
	      store_read_secret(c->passphrase_file, &passphrase, f));
	*was_read = ok;
	proof.text = buf_str(&text);
	if (ok && c->passphrase_file)
		proof.passphrase = buf_str(&passphrase);
	ok = ok && token_prove(cloud_of(r), c, &proof, secret, &end, f);
	buf_wipe(&text);
	buf_wipe(&passphrase);
	if (ok)
		p->end = end;
	if (ok && end >= 0)
		proof_watch_end(r, p, end);
	return ok;
}

static bool secret_read(struct runner *r, const struct call *c,
			struct buf *secret, struct fault *f)
{
	bool was_read = false;
	struct fault why;

	if (c->kind == CALL_TOKEN &&
	    c->credential->source == IDENTITY_APP_SERVICE)
		header_read(secret);
	if (c->kind != CALL_TOKEN || !c->credential->secret_file ||
	    proof_make(r, c->credential, secret, &was_read, f))
		return true;
	why = *f;
	return fault_set(
		f, why.kind, why.code,
		"The %s of credential \"%s\" cannot be %s: %s; a token is asked for again in a while.",
		token_proof_name(c->credential->kind), c->credential->name,
		was_read ? "used" : "read", why.text);
}

/* ---- a write and its record ---- */

static void held_look(struct runner *r)
{
	const struct errand *x;
	int64_t next = INT64_MAX, left;

	TAILQ_FOREACH(x, &r->errands, link)
		if (x->held && x->until < next)
			next = x->until;
	ev_timer_stop(r->loop, &r->held_timer);
	if (next == INT64_MAX)
		return;
	left = next - clock_boot_ms();
	ev_now_update(r->loop);
	ev_timer_set(&r->held_timer, left > 0 ? (double)left / 1000. : 0., 0.);
	ev_timer_start(r->loop, &r->held_timer);
}

static void errand_refuse(struct errand *x, const struct fault *f)
{
	struct runner *r = x->runner;

	evidence_no_answer(r->options.evidence, &x->call, x->id, false,
			   f->text);
	refuse(r, &x->call, f);
	errand_free(x);
}

static void held_release(struct errand *x)
{
	struct runner *r = x->runner;
	const char *bearer = token_of(r, &x->call);
	struct fault f = fault_none();

	x->held = false;
	if (!bearer) {
		fault_set(&f, FAULT_AUTH, 0, "The token is not at hand.");
		errand_refuse(x, &f);
		return;
	}
	submit(x, &x->exchange, bearer);
	exchange_free(&x->exchange);
}

/* Its record is not on the disk, and it has waited long enough. */
static void held_too_long(struct errand *x)
{
	const struct engine *e = x->runner->engine;
	const char *why = engine_evidence_of(e)->problem;
	struct fault f = fault_none();

	if (!*why)
		why = "The disk is slow.";
	if (engine_config(e)->audit_required) {
		fault_set(
			&f, FAULT_LOCAL, 0,
			"The write is not sent, for its record of the audit is not on the disk, and audit-required is set. %s",
			why);
		errand_refuse(x, &f);
		return;
	}
	log_warn(
		"A write to %s is sent though its record of the audit is not on the disk. %s",
		x->call.registry, why);
	held_release(x);
}

void runner_evidence(struct runner *r)
{
	struct errand *x, *next;
	int64_t now = clock_boot_ms();

	for (x = TAILQ_FIRST(&r->errands); x; x = next) {
		next = TAILQ_NEXT(x, link);
		if (!x->held)
			continue;
		if (evidence_has(r->options.evidence, x->record))
			held_release(x);
		else if (now >= x->until)
			held_too_long(x);
	}
	held_look(r);
}

static void held_due(struct ev_loop *loop, struct ev_timer *t, int events)
{
	struct runner *r = t->data;

	(void)loop;
	(void)events;
	runner_evidence(r);
	runner_pump(r);
}

/* Every write has its record on the disk before it is sent, but for a disk
 * that takes none: registries must follow their keys. */
static bool hold_write(struct errand *x, struct exchange *exchange)
{
	struct runner *r = x->runner;
	struct evidence *v = r->options.evidence;
	const struct config *c = engine_config(r->engine);

	if (x->call.kind != CALL_PATCH || !v)
		return false;
	x->record = evidence_write(v, &x->call, exchange, x->id);
	if (x->record && evidence_has(v, x->record))
		return false;
	/* One that is lost is none. */
	if (!x->record)
		x->record = UINT64_MAX;
	x->held = true;
	x->until = clock_boot_ms() + c->audit_wait_ms;
	x->exchange = *exchange;
	*exchange = (struct exchange){ 0 };
	held_look(r);
	return true;
}

static void ask(struct runner *r, const struct call *c)
{
	struct exchange x = { 0 };
	struct fault f = fault_none();
	struct buf secret;
	struct errand *errand;

	buf_init(&secret, TOKEN_PROOF_MAX);
	if (!secret_read(r, c, &secret, &f) ||
	    !call_build(cloud_of(r), c, buf_str(&secret), clock_wall_ms(), &x,
			&f)) {
		refuse(r, c, &f);
		goto out;
	}
	if (x.bearer && !token_of(r, c)) {
		fault_set(&f, FAULT_AUTH, 0, "The token is not at hand.");
		refuse(r, c, &f);
		goto out;
	}
	errand = errand_new(r, c, &secret);
	request_id(errand->id);
	if (!hold_write(errand, &x))
		submit(errand, &x, x.bearer ? token_of(r, c) : NULL);
out:
	buf_wipe(&secret);
	exchange_free(&x);
}

static void cancel(struct runner *r, uint64_t ticket)
{
	struct errand *x, *next;

	for (x = TAILQ_FIRST(&r->errands); x; x = next) {
		next = TAILQ_NEXT(x, link);
		if (x->call.ticket != ticket)
			continue;
		if (x->call.kind == CALL_PATCH)
			evidence_no_answer(
				r->options.evidence, &x->call, x->id, !x->held,
				x->held ? "It was called off before it was sent."
					: "Nobody waits for its answer any more; the registry is read again.");
		http_cancel(&x->transfer);
		errand_free(x);
	}
}

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

/* ---- the state file ---- */

void runner_load(struct runner *r)
{
	struct fault f = fault_none(), aside = fault_none();
	struct buf text;

	if (!r->options.state_file)
		return;
	buf_init(&text, SNAPSHOT_MAX);
	store_sweep(r->options.state_file);
	if (!store_read(r->options.state_file, &text, &f)) {
		if (f.kind == FAULT_MISSING) {
			buf_free(&text);
			return;
		}
	} else if (snapshot_read(r->engine, buf_str(&text), text.len, &f)) {
		buf_free(&text);
		return;
	}
	buf_free(&text);
	if (store_set_aside(r->options.state_file, &aside))
		log_warn(
			"%s%s The file was set aside as %s.bad; nothing is lost but the memory of times, and everything is read from Azure again.",
			f.text, text_stop(f.text), r->options.state_file);
	else
		log_warn("%s%s %s%s", f.text, text_stop(f.text), aside.text,
			 text_stop(aside.text));
}

static bool save(struct runner *r, bool synced)
{
	struct fault f = fault_none();
	struct buf text;
	bool ok = false;

	if (!r->options.state_file)
		return true;
	buf_init(&text, SNAPSHOT_MAX);
	if (!snapshot_write(r->engine, &text))
		fault_set(&f, FAULT_LOCAL, 0,
			  "The state is too large to be saved.");
	else
		ok = (synced ? store_replace : store_replace_soon)(
			r->options.state_file, text.data, text.len, &f);
	buf_free(&text);
	if (!ok && !r->save_failed)
		log_error(
			"%s%s The daemon goes on; after a restart it reads everything from Azure again.",
			f.text, text_stop(f.text));
	r->save_failed = !ok;
	return ok;
}

bool runner_save(struct runner *r)
{
	ev_timer_stop(r->loop, &r->save_timer);
	return save(r, true);
}

static void save_due(struct ev_loop *loop, struct ev_timer *t, int events)
{
	struct runner *r = t->data;

	(void)events;
	if (runner_save(r))
		return;
	ev_timer_set(t, SAVE_RETRY_S, 0.);
	ev_timer_start(loop, t);
}

static void save_soon(struct runner *r)
{
	if (!r->options.state_file || ev_is_active(&r->save_timer))
		return;
	ev_now_update(r->loop);
	ev_timer_set(&r->save_timer, SAVE_DELAY_S, 0.);
	ev_timer_start(r->loop, &r->save_timer);
}

/*
 * What comes after a crash has to know of a write.  A killed process leaves
 * what it has written to its file, whether that is on the disk or not; and the
 * save for that is due anyway.  A file that is so large that this would take
 * long is not written for each of many.
 */
static void save_before_write(struct runner *r)
{
	int64_t began = clock_boot_ms();

	if (!ev_is_active(&r->save_timer) || began < r->save_again)
		return;
	save(r, false);
	r->save_again =
		clock_boot_ms() + SAVE_SHARE * (clock_boot_ms() - began);
}

/* ---- turns ---- */

static void carry_out(struct runner *r, const struct action *a)
{
	switch (a->kind) {
	case ACTION_CALL:
		if (a->call.kind == CALL_PATCH && r->stopping)
			break;
		if (a->call.kind == CALL_PATCH)
			save_before_write(r);
		ask(r, &a->call);
		break;
	case ACTION_CANCEL:
		cancel(r, a->ticket);
		break;
	case ACTION_SHOW:
		show(r, &a->call);
		break;
	case ACTION_FORGET:
		token_forget(r, a->token);
		break;
	case ACTION_NOTE:
		r->options.note(a->note, r->options.arg);
		break;
	case ACTION_SAVE:
		save_soon(r);
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

	engine_tick(r->engine, runner_now());
	runner_pump(r);
}

/* ---- what metrics tell ---- */

void runner_outside(struct runner *r, const char *version,
		    struct metrics_outside *o)
{
	struct process_usage u;
	size_t n = 0;

	r->certificates = text_realloc(r->certificates, r->n_proofs + 1,
				       sizeof(*r->certificates));
	for (size_t i = 0; i < r->n_proofs; i++)
		if (r->proofs[i].end >= 0)
			r->certificates[n++] = (struct metrics_certificate){
				r->proofs[i].credential, r->proofs[i].end
			};
	process_usage(&u);
	*o = (struct metrics_outside){
		.version = version,
		.programs_ok = -1,
		.certificates = r->certificates,
		.n_certificates = n,
		.cpu_ms = u.cpu_ms,
		.started_ms = u.started_ms,
		.open_fds = u.open_fds,
		.max_fds = u.max_fds,
		.resident_bytes = u.resident_bytes,
		.virtual_bytes = u.virtual_bytes,
	};
}

bool runner_stopping(struct runner *r)
{
	struct errand *x, *next;
	bool some = false;

	r->stopping = true;
	for (x = TAILQ_FIRST(&r->errands); x; x = next) {
		next = TAILQ_NEXT(x, link);
		if (x->call.kind != CALL_PATCH)
			continue;
		some |= !x->held;
		if (!x->held)
			continue;
		evidence_no_answer(
			r->options.evidence, &x->call, x->id, false,
			"It was not sent, for the daemon has been stopped.");
		errand_free(x);
	}
	return some;
}

/* ---- life ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The vaults, and who else is asked. */
static size_t count_hosts(const struct config *c)
{
	const char **names = text_alloc(c->n_watches + 1, sizeof(*names));
	size_t n = HOSTS_BESIDE_VAULTS;

	for (size_t i = 0; i < c->n_watches; i++)
		names[i] = c->watches[i].key.host;
	qsort(names, c->n_watches, sizeof(*names), by_name);
	for (size_t i = 0; i < c->n_watches; i++)
		n += i == 0 || strcmp(names[i - 1], names[i]) != 0;
	free(names);
	return n;
}

static struct http_options http_options_of(const struct runner *r)
{
	return (struct http_options){ .ca_file = cloud_of(r)->ca_file,
				      .proxy = &engine_config(r->engine)->proxy,
				      .user_agent = r->options.user_agent,
				      .hosts = count_hosts(
					      engine_config(r->engine)) };
}

void runner_configure(struct runner *r)
{
	struct http_options o = http_options_of(r);

	/* A reload asks for all tokens that failed again. */
	for (size_t i = 0; i < r->n_proofs; i++)
		r->proofs[i].refused = false;
	login_keep(r);
	http_configure(r->http, &o);
}

struct runner *runner_new(struct ev_loop *loop, struct engine *e,
			  const struct runner_options *o, struct fault *f)
{
	struct runner *r = text_alloc(1, sizeof(*r));
	struct http_options http;

	r->loop = loop;
	r->engine = e;
	r->options = *o;
	TAILQ_INIT(&r->errands);
	ev_init(&r->proof_timer, proof_look);
	r->proof_timer.data = r;
	ev_init(&r->held_timer, held_due);
	r->held_timer.data = r;
	ev_init(&r->save_timer, save_due);
	r->save_timer.data = r;
	login_keep(r);
	http = http_options_of(r);
	r->http = http_new(loop, &http, f);
	r->alarm = r->http ? alarm_new(loop, alarm_rang, r, f) : NULL;
	if (!r->alarm) {
		runner_free(r);
		return NULL;
	}
	return r;
}

void runner_free(struct runner *r)
{
	struct errand *x;

	if (!r)
		return;
	ev_timer_stop(r->loop, &r->save_timer);
	ev_timer_stop(r->loop, &r->proof_timer);
	ev_timer_stop(r->loop, &r->held_timer);
	while ((x = TAILQ_FIRST(&r->errands))) {
		http_cancel(&x->transfer);
		errand_free(x);
	}
	http_free(r->http);
	alarm_free(r->alarm);
	for (size_t i = 0; i < r->n_tokens; i++)
		token_forget(r, (uint32_t)i);
	login_forget(r, &r->logins[0]);
	login_forget(r, &r->logins[1]);
	free(r->tokens);
	free(r->proofs);
	free(r->certificates);
	secret_free(&r->secrets);
	free(r);
}
