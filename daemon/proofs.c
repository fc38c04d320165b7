/* What proves the credentials: its files read for each token, looked at while
 * one is refused, and the end of its certificate. */
#include "proofs.h"

#include <ev.h>
#include <stdlib.h>
#include <string.h>

#include "azure/expiry.h"
#include "azure/token.h"
#include "base/log.h"
#include "base/text.h"
#include "instant.h"
#include "io/clock.h"
#include "io/store.h"

#define PASSPHRASE_MAX 1024 /* bytes */
#define PROOF_LOOK_S 5.0    /* has its file changed? */

/* What proves a credential, as it was last read. */
struct proof {
	const struct credential *credential;
	uint64_t stamp; /* of its files */
	bool refused;	/* no token was given for it, or it was no good: ... */
	uint64_t bad;	/* ... as the files were then */
	int64_t end;	/* of its certificate, ms since 1970; -1: none */
	char told[EXPIRY_TEXT_MAX]; /* of its end; "" nothing */
};

struct proofs {
	struct ev_loop *loop;
	struct engine *engine;
	void (*changed)(void *arg);
	void *arg;
	struct proof *all; /* at most one for each credential */
	size_t n;
	struct metrics_certificate *certificates; /* lent */
	struct ev_timer timer; /* runs while one is refused */
};

static struct proof *proof_find(struct proofs *ps, const struct credential *c)
{
	struct proof *p;

	for (p = ps->all; p < ps->all + ps->n; p++)
		if (p->credential == c)
			return p;
	ps->all = text_grow(ps->all, ps->n, sizeof(*ps->all));
	p = &ps->all[ps->n++];
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
uint64_t proofs_stamp(struct proofs *ps, const struct call *c)
{
	return c->kind == CALL_TOKEN && c->credential->secret_file
		       ? proof_find(ps, c->credential)->stamp
		       : 0;
}

/*
 * Whoever has a token refused does not wait long once its file is replaced.
 * Several tokens may be asked for with one proof, and their answers come in
 * any order: what counts is with which files each was asked for.
 */
void proofs_judge(struct proofs *ps, const struct credential *c,
		  enum fault_kind kind, uint64_t stamp)
{
	bool good = kind == FAULT_NONE;
	struct proof *p;

	if (!c->secret_file || kind == FAULT_TRANSIENT ||
	    kind == FAULT_THROTTLED)
		return;
	p = proof_find(ps, c);
	if (good && p->bad == stamp)
		p->refused = false;
	/* The one that was asked for with older files is not forgotten. */
	if (!good && (!p->refused || p->bad == proof_stamp(c)))
		p->bad = stamp;
	p->refused |= !good;
	if (!p->refused || ev_is_active(&ps->timer))
		return;
	ev_now_update(ps->loop);
	ev_timer_set(&ps->timer, PROOF_LOOK_S, 0.);
	ev_timer_start(ps->loop, &ps->timer);
}

static void look(struct ev_loop *loop, struct ev_timer *t, int events)
{
	struct proofs *ps = t->data;
	bool again = false, changed = false;

	(void)events;
	for (size_t i = 0; i < ps->n; i++) {
		const struct credential *c = ps->all[i].credential;

		if (!ps->all[i].refused)
			continue;
		if (proof_stamp(c) == ps->all[i].bad) {
			again = true;
			continue;
		}
		ps->all[i].refused = false;
		changed = true;
		log_notice(
			"The %s of credential \"%s\" has been replaced: a token is asked for now.",
			token_proof_name(c->kind), c->name);
		engine_proof_changed(ps->engine, c, instant_now());
	}
	if (again) {
		ev_timer_set(t, PROOF_LOOK_S, 0.);
		ev_timer_start(loop, t);
	}
	if (changed)
		ps->changed(ps->arg);
}

/* A certificate that ends soon is told whenever it is read, but in the same
 * words only once: so about once a day. */
static void proof_watch_end(struct proofs *ps, struct proof *p, int64_t end)
{
	char said[EXPIRY_TEXT_MAX];

	if (!expiry_text(end, engine_azure(ps->engine), said))
		said[0] = '\0';
	if (said[0] && strcmp(p->told, said) != 0)
		log_warn("The certificate of credential \"%s\" %s",
			 p->credential->name, said);
	text_copy(p->told, sizeof(p->told), said);
}

/* App Service hands its secret to a process by the environment. */
static void header_read(struct buf *secret)
{
	const char *header = getenv("IDENTITY_HEADER");

	if (header)
		buf_puts(secret, header);
}

/* Read anew for every token, so that it can be replaced at any time. */
static bool proof_make(struct proofs *ps, const struct credential *c,
		       struct buf *secret, bool *was_read, struct fault *f)
{
	struct buf text, passphrase;
	char id[37];
	struct token_proof proof = { .id = id,
				     .now_ms = engine_azure(ps->engine) };
	struct proof *p = proof_find(ps, c);
	int64_t end = -1;
	bool ok;

	clock_uuid(id);
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
	ok = ok && token_prove(&engine_config(ps->engine)->cloud, c, &proof,
			       secret, &end, f);
	buf_wipe(&text);
	buf_wipe(&passphrase);
	if (ok)
		p->end = end;
	if (ok && end >= 0)
		proof_watch_end(ps, p, end);
	return ok;
}

bool proofs_read(struct proofs *ps, const struct call *c, struct buf *secret,
		 struct fault *f)
{
	bool was_read = false;
	struct fault why;

	if (c->kind == CALL_TOKEN &&
	    c->credential->source == IDENTITY_APP_SERVICE)
		header_read(secret);
	if (c->kind != CALL_TOKEN || !c->credential->secret_file ||
	    proof_make(ps, c->credential, secret, &was_read, f))
		return true;
	why = *f;
	return fault_set(
		f, why.kind, why.code,
		"The %s of credential \"%s\" cannot be %s: %s; a token is asked for again in a while.",
		token_proof_name(c->credential->kind), c->credential->name,
		was_read ? "used" : "read", why.text);
}

size_t proofs_certificates(struct proofs *ps,
			   const struct metrics_certificate **all)
{
	size_t n = 0;

	ps->certificates = text_realloc(ps->certificates, ps->n + 1,
					sizeof(*ps->certificates));
	for (size_t i = 0; i < ps->n; i++)
		if (ps->all[i].end >= 0)
			ps->certificates[n++] = (struct metrics_certificate){
				ps->all[i].credential, ps->all[i].end
			};
	*all = ps->certificates;
	return n;
}

void proofs_reload(struct proofs *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		ps->all[i].refused = false;
}

struct proofs *proofs_new(struct ev_loop *loop, struct engine *e,
			  void (*changed)(void *arg), void *arg)
{
	struct proofs *ps = text_alloc(1, sizeof(*ps));

	ps->loop = loop;
	ps->engine = e;
	ps->changed = changed;
	ps->arg = arg;
	ev_init(&ps->timer, look);
	ps->timer.data = ps;
	return ps;
}

void proofs_free(struct proofs *ps)
{
	if (!ps)
		return;
	ev_timer_stop(ps->loop, &ps->timer);
	free(ps->all);
	free(ps->certificates);
	free(ps);
}
