/* What is on the disk is signed, so that it cannot be written anew. */
#include "signature.h"

#include "base/chain.h"
#include "base/log.h"
#include "base/seal.h"
#include "base/text.h"
#include "io/audit.h"
#include "io/clock.h"
#include "io/store.h"

#define SIGN_EVERY_MS ((int64_t)86400 * 1000)
#define SIGN_RETRY_MS ((int64_t)600 * 1000)
#define KEY_FILE_MAX 4096

static bool sign(struct signature *g, const char *key,
		 const struct audit_state *s, struct fault *f)
{
	char text[128], signature[SEAL_SIGNATURE_MAX], id[SEAL_HEX_MAX];
	struct fault why = fault_none();
	struct record r;
	struct buf pem;
	bool ok;

	buf_init(&pem, KEY_FILE_MAX);
	chain_head_text(text, sizeof(text), &s->last);
	ok = store_read_secret(key, &pem, &why) &&
	     seal_sign(buf_str(&pem), text, signature, id, &why);
	buf_wipe(&pem);
	if (!ok)
		return fault_set(f, why.kind, why.code,
				 "The audit is not signed: the key %s cannot "
				 "be used: %s",
				 key, why.text);
	record_open(&r, g->book, "head");
	json_add_int(r.w, "head_seq", (int64_t)s->last.seq);
	json_add_str(r.w, "head", s->last.hash);
	json_add_str(r.w, "key", id);
	json_add_str(r.w, "signature", signature);
	record_put(&r);
	return true;
}

/* What is on the disk is signed: once a day, and at the end. */
void signature_make(struct signature *g)
{
	const char *key = engine_config(g->book->engine)->audit_sign_key;
	struct fault f = fault_none();
	struct audit_state s;
	bool ok;

	audit_state(g->book->audit, &s);
	/* The record of a signature alone needs none. */
	if (!key || s.last.seq <= g->seq + 1)
		return;
	ok = sign(g, key, &s, &f);
	if (ok)
		g->seq = s.last.seq;
	g->at = clock_boot_ms() + (ok ? SIGN_EVERY_MS : SIGN_RETRY_MS);
	if (!ok && !g->failed)
		log_error("%s%s", f.text, text_stop(f.text));
	g->failed = !ok;
}
