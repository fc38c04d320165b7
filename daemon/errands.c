/* Questions on their way: what each carries, how it is sent, and what becomes
 * of its answer. */
#include "errands.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "azure/call.h"
#include "azure/token.h"
#include "azure/url.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "evidence.h"
#include "held.h"
#include "instant.h"
#include "io/clock.h"
#include "io/http.h"
#include "io/store.h"
#include "proofs.h"
#include "wallet.h"

#define KEY_FILE_MAX 4096 /* bytes of what an agent names */

/* One question on its way, and a copy of all that call_read will need: one
 * block with its texts. */
struct errand {
	struct errands *errands;
	struct call call;
	struct http_transfer *transfer;
	char id[37]; /* what we call it towards Azure */
	struct held_write write;
	/* What it sends and nobody may send back; "" when it has none. */
	struct buf secret, encoded;
	uint64_t stamp; /* of the files that its proof was read from */
	TAILQ_ENTRY(errand) link;
};

struct errands {
	struct errands_options options;
	struct held *held;
	TAILQ_HEAD(, errand) all;
	bool stopping;
};

static const struct cloud *cloud_of(const struct errands *es)
{
	return &engine_config(es->options.engine)->cloud;
}

/* ---- one question ---- */

static void errand_forget(struct errand *x)
{
	struct secrets *known = x->errands->options.known;

	secret_forget(known, buf_str(&x->secret));
	secret_forget(known, buf_str(&x->encoded));
	buf_wipe(&x->secret);
	buf_wipe(&x->encoded);
}

static void errand_free(struct errand *x)
{
	errand_forget(x);
	TAILQ_REMOVE(&x->errands->all, x, link);
	if (TAILQ_EMPTY(&x->errands->all))
		wallet_settle(x->errands->options.wallet);
	held_drop(x->errands->held, &x->write);
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
	secret_know(x->errands->options.known, buf_str(&x->secret));
	/* Room at once: a buffer that grows leaves copies behind. */
	for (int i = 0; i < 3; i++)
		buf_add(&x->encoded, x->secret.data, x->secret.len);
	buf_reset(&x->encoded);
	url_add_encoded(&x->encoded, x->secret.data, x->secret.len);
	if (strcmp(buf_str(&x->encoded), buf_str(&x->secret)) != 0)
		secret_know(x->errands->options.known, buf_str(&x->encoded));
}

/* What a call only borrows.  The credential is the engine's own copy and lives
 * as long as it. */
static const size_t borrowed[] = {
	offsetof(struct call, vault_resource),
	offsetof(struct call, registry),
	offsetof(struct call, subscription),
	offsetof(struct call, group),
	offsetof(struct call, url),
	offsetof(struct call, audience),
	offsetof(struct call, sought),
	offsetof(struct call, lease_id),
	offsetof(struct call, message),
	offsetof(struct call, receipt),
};
#define BORROWED (sizeof(borrowed) / sizeof(borrowed[0]))

static const char **text_of(struct call *c, size_t i)
{
	return (const char **)(void *)((char *)c + borrowed[i]);
}

static struct errand *copy_of(const struct call *c)
{
	struct call own = *c;
	size_t size = sizeof(struct errand), lens[BORROWED];
	struct errand *x;
	char *to;

	for (size_t i = 0; i < BORROWED; i++) {
		const char *text = *text_of(&own, i);

		lens[i] = text ? strlen(text) + 1 : 0;
		size += lens[i];
	}
	x = text_room(size);
	*x = (struct errand){ .call = own };
	to = (char *)(x + 1);
	for (size_t i = 0; i < BORROWED; i++) {
		if (!lens[i])
			continue;
		*text_of(&x->call, i) = memcpy(to, *text_of(&own, i), lens[i]);
		to += lens[i];
	}
	return x;
}

/* Takes the secret over.  It may get another one later: see prove. */
static struct errand *errand_new(struct errands *es, const struct call *c,
				 struct buf *secret)
{
	struct errand *x = copy_of(c);

	x->errands = es;
	x->call.holder = NULL; /* what it tells, and ... */
	x->call.claims = NULL; /* ... they are in the request already */
	x->write.owner = x;
	x->stamp = proofs_stamp(es->options.proofs, c);
	errand_secret(x, secret);
	TAILQ_INSERT_TAIL(&es->all, x, link);
	return x;
}

/* ---- its way out, and its answer ---- */

static void reply_in(const struct errand *x, struct reply *m)
{
	struct errands *es = x->errands;
	const struct call *c = &x->call;

	evidence_answer(es->options.evidence, c, m, x->id);
	if (c->kind == CALL_TOKEN && m->fault.kind == FAULT_NONE)
		wallet_keep(es->options.wallet, c->token, m->token.secret);
	if (c->kind == CALL_TOKEN)
		proofs_judge(es->options.proofs, c->credential, m->fault.kind,
			     x->stamp);
	engine_reply(es->options.engine, m, instant_now());
	reply_free(m);
}

/* The last gate: nothing leaves that is not true any more (a pause, a reload,
 * a newer version), and no write once the daemon stops; also not what has
 * waited for its connection meanwhile. */
static bool may_go(void *arg)
{
	const struct errand *x = arg;

	if (x->errands->stopping && x->call.kind == CALL_PATCH)
		return false;
	return engine_still(x->errands->options.engine, x->call.ticket,
			    instant_now());
}

static void answered(struct answer *a, void *arg);

static void submit(struct errand *x, const struct exchange *exchange,
		   struct bearer *bearer)
{
	http_submit(x->errands->options.http, exchange, bearer, x->id, may_go,
		    answered, x, &x->transfer);
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
	} else if (call_build(cloud_of(x->errands), &x->call, buf_str(&secret),
			      clock_wall_ms(), &again, f)) {
		errand_forget(x);
		errand_secret(x, &secret);
		clock_uuid(x->id);
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
	const struct wallet *w = x->errands->options.wallet;
	const struct secret *token = NULL;
	size_t n = 0;

	if (x->secret.len >= SECRET_SHORTEST)
		all[n++] = secret_of(buf_str(&x->secret));
	if (x->encoded.len >= SECRET_SHORTEST)
		all[n++] = secret_of(buf_str(&x->encoded));
	if (x->call.kind != CALL_TOKEN)
		token = wallet_secret(w, x->call.token);
	if (token && token->len >= SECRET_SHORTEST)
		all[n++] = *token;
	return n;
}

static void answered(struct answer *a, void *arg)
{
	struct errand *x = arg;
	struct errands *es = x->errands;
	struct secret all[3];
	const struct secrets sent = { all, what_was_sent(x, all) };
	struct reply m;

	call_read(cloud_of(es), &x->call, &sent, es->options.known, a,
		  clock_wall_ms(), &m);
	if (m.key_file[0] && prove(x, m.key_file, &m.fault))
		return;
	if (m.fault.kind != FAULT_NONE)
		log_debug("%s", m.fault.text);
	reply_in(x, &m);
	errand_free(x);
	es->options.landed(es->options.arg);
}

/* The question could not even be put. */
static void refuse(struct errands *es, const struct call *c,
		   const struct fault *f)
{
	struct reply m = { .kind = c->kind,
			   .ticket = c->ticket,
			   .fault = *f,
			   .date_ms = -1,
			   .remaining = -1 };

	if (c->kind == CALL_TOKEN)
		proofs_judge(es->options.proofs, c->credential, f->kind,
			     proofs_stamp(es->options.proofs, c));
	engine_reply(es->options.engine, &m, instant_now());
}

/* ---- a write that has waited for its record ---- */

static void errand_refuse(struct errand *x, const struct fault *f)
{
	struct errands *es = x->errands;

	evidence_no_answer(es->options.evidence, &x->call, x->id, false,
			   f->text);
	refuse(es, &x->call, f);
	errand_free(x);
}

static void released(struct held_write *w, const struct fault *f)
{
	struct errand *x = w->owner;
	struct errands *es = x->errands;
	struct bearer *bearer = wallet_token(es->options.wallet, x->call.token);
	struct fault none = fault_none();

	if (f->kind != FAULT_NONE) {
		errand_refuse(x, f);
		return;
	}
	if (!bearer) {
		fault_set(&none, FAULT_AUTH, 0, "The token is not at hand.");
		errand_refuse(x, &none);
		return;
	}
	submit(x, &w->exchange, bearer);
	held_drop(es->held, w);
}

void errands_evidence(struct errands *es)
{
	held_kept(es->held);
}

/* ---- all of them ---- */

void errands_ask(struct errands *es, const struct call *c)
{
	struct exchange x = { 0 };
	struct fault f = fault_none();
	struct buf secret;
	struct errand *errand;

	buf_init(&secret, TOKEN_PROOF_MAX);
	if (!proofs_read(es->options.proofs, c, &secret, &f) ||
	    !call_build(cloud_of(es), c, buf_str(&secret), clock_wall_ms(), &x,
			&f)) {
		refuse(es, c, &f);
		goto out;
	}
	if (x.bearer && !wallet_token(es->options.wallet, c->token)) {
		fault_set(&f, FAULT_AUTH, 0, "The token is not at hand.");
		refuse(es, c, &f);
		goto out;
	}
	errand = errand_new(es, c, &secret);
	clock_uuid(errand->id);
	if (!held_take(es->held, &errand->write, &errand->call, &x, errand->id))
		submit(errand, &x,
		       x.bearer ? wallet_token(es->options.wallet, c->token)
				: NULL);
out:
	buf_wipe(&secret);
	exchange_free(&x);
}

void errands_cancel(struct errands *es, uint64_t ticket)
{
	struct errand *x, *next;

	for (x = TAILQ_FIRST(&es->all); x; x = next) {
		next = TAILQ_NEXT(x, link);
		if (x->call.ticket != ticket)
			continue;
		if (x->call.kind == CALL_PATCH)
			evidence_no_answer(
				es->options.evidence, &x->call, x->id,
				!x->write.waits,
				x->write.waits
					? "It was called off before it was sent."
					: "Nobody waits for its answer any more; the registry is read again.");
		http_cancel(&x->transfer);
		errand_free(x);
	}
}

bool errands_stopping(struct errands *es)
{
	struct errand *x, *next;
	bool some = false;

	es->stopping = true;
	for (x = TAILQ_FIRST(&es->all); x; x = next) {
		next = TAILQ_NEXT(x, link);
		if (x->call.kind != CALL_PATCH)
			continue;
		some |= !x->write.waits;
		if (!x->write.waits)
			continue;
		evidence_no_answer(
			es->options.evidence, &x->call, x->id, false,
			"It was not sent, for the daemon has been stopped.");
		errand_free(x);
	}
	return some;
}

bool errands_stopped(const struct errands *es)
{
	return es->stopping;
}

struct errands *errands_new(const struct errands_options *o)
{
	struct errands *es = text_alloc(1, sizeof(*es));

	es->options = *o;
	TAILQ_INIT(&es->all);
	es->held = held_new(&(struct held_options){ .loop = o->loop,
						    .engine = o->engine,
						    .evidence = o->evidence,
						    .released = released,
						    .turned = o->landed,
						    .arg = o->arg });
	return es;
}

void errands_free(struct errands *es)
{
	struct errand *x;

	if (!es)
		return;
	/* The analyzer does not see that what errand_free() frees is the first
	 * of the list no more: it does not know whom tqe_prev points to. */
	/* NOLINTBEGIN(clang-analyzer-unix.Malloc) */
	while ((x = TAILQ_FIRST(&es->all))) {
		http_cancel(&x->transfer);
		errand_free(x);
	}
	/* NOLINTEND(clang-analyzer-unix.Malloc) */
	held_free(es->held);
	free(es);
}
