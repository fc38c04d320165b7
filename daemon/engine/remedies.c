/*
 * From what stands in a registry's way, and what endangers it, to what mends
 * it.
 */
#include "engine/remedies.h"

#include <stdio.h>
#include <string.h>

#include "azure/remedy.h"
#include "azure/resid.h"
#include "base/text.h"
#include "engine/health.h"
#include "engine/versions.h"

#define TOLD_MAX 4

struct telling {
	const struct engine *e;
	const struct registry *r;
	remedies_each *each;
	void *arg;
	uint64_t told[TOLD_MAX]; /* hashes of the commands so far */
	size_t n;
};

/* A command is there, or "" where a sentence has to do. */
static void tell(struct telling *t, const char *text, struct buf *command)
{
	uint64_t hash = text_hash(command->len ? buf_str(command) : text);

	for (size_t i = 0; i < t->n; i++)
		if (t->told[i] == hash)
			return;
	if (t->n == TOLD_MAX)
		return;
	t->told[t->n++] = hash;
	t->each(text, command->len ? buf_str(command) : NULL, t->arg);
}

/* The key with one of its versions; "" for the newest. */
static struct keyid key_of(const struct registry *r, const char *version)
{
	struct keyid key = r->watch->key;

	text_copy(key.version, sizeof(key.version), version);
	return key;
}

static void put_fitting_version(struct telling *t, struct buf *out)
{
	remedy_key_create(out, &t->r->watch->key);
	tell(t,
	     "Make a version that can be used; registries are moved to it by "
	     "themselves:",
	     out);
}

/* ---- what keeps the key from being read ---- */

static void put_key(struct telling *t, struct buf *out)
{
	const struct watch *w = t->r->watch;
	const struct fault *f = w->error;
	const struct remedy_who who = { .credential = w->vault->credential };

	if (!f)
		return;
	if (f->kind == FAULT_MISSING) {
		remedy_key_recover(out, &w->key);
		tell(t,
		     "A deleted key can be recovered as long as it is not "
		     "purged; a slip in the watch's title is mended there:",
		     out);
	} else if (text_same(f->inner_code, "ForbiddenByFirewall")) {
		remedy_vault_address(out, &w->key, NULL);
		tell(t,
		     "Let this host through the vault's firewall; ADDRESS is "
		     "this host's, as the vault sees it:",
		     out);
	} else if (text_same(f->inner_code, "ForbiddenByConnection")) {
		remedy_vault_link(out, &w->key);
		tell(t,
		     "The vault takes private links only; GROUP and SUBNET are "
		     "this host's:",
		     out);
	} else if (text_same(f->inner_code, "AccessDenied")) {
		remedy_vault_policy(out, &who, &w->key);
		tell(t, "Let the daemon's identity read the key:", out);
	} else if (f->kind == FAULT_DENIED) {
		remedy_vault_role(out, &who, &w->key);
		tell(t,
		     "Let the daemon's identity read keys of this vault; it "
		     "can take minutes until Azure honours it:",
		     out);
	}
}

/* ---- what stands in the way of the registry ---- */

static void put_takeover(struct telling *t, struct buf *out)
{
	const struct registry *r = t->r;
	char text[REMEDIES_TEXT_MAX];

	snprintf(
		text, sizeof(text),
		"It uses %s, and the watch is of %s. If it is to leave the one "
		"for the other, write `takeover = true` into that watch and "
		"reload; if not, take it out of the watch and reload:",
		r->facts.foreign ? r->facts.foreign : "another key",
		r->watch->base);
	buf_puts(out, "keyrotctl reload");
	tell(t, text, out);
}

/* The shortest name that means this one only. */
static void add_name(struct telling *t, struct buf *out)
{
	const char *slash = strrchr(t->r->id, '/');
	size_t matches;

	if (slash && engine_find(t->e, slash + 1, &matches) == t->r)
		remedy_word(out, slash + 1);
	else
		remedy_word(out, t->r->id);
}

/* Until when, by whom and why stands beside this, of the pause that lasts
 * longer; of the other one it is told here. */
static void put_resume(struct telling *t, struct buf *out)
{
	const struct engine *e = t->e;
	const struct registry *r = t->r;
	int64_t all = model_lasting(e, model_until(e->pause));
	int64_t own = model_lasting(e, model_until(r->pause));
	const struct pause *p = own >= all ? e->pause : r->pause;
	char text[REMEDIES_TEXT_MAX], when[32];

	text_time(when, sizeof(when), own >= all ? all : own);
	if (!all || !own)
		text_copy(text, sizeof(text),
			  all ? "To end the pause of all before that:"
			      : "To end its pause before that:");
	else
		snprintf(text, sizeof(text),
			 "Beside that one, writes to %s are paused until "
			 "%s%s%s%s%s%s To end both, and each pause of another "
			 "registry:",
			 own >= all ? "all" : "it", when,
			 p && p->by ? ", by " : "", p && p->by ? p->by : "",
			 p && p->reason ? ", because: " : "",
			 p && p->reason ? p->reason : "",
			 p && p->reason ? text_stop(p->reason) : ".");
	buf_puts(out, "keyrotctl resume ");
	if (all)
		buf_puts(out, "--all");
	else
		add_name(t, out);
	tell(t, text, out);
}

static void put_denied(struct telling *t, struct buf *out)
{
	const struct remedy_who who = {
		.credential = t->r->scope->end->credential,
	};

	remedy_registry_role(out, &who, t->r->id);
	tell(t,
	     "Let the daemon's identity read and write the registry; the role "
	     "is the one that the README makes:",
	     out);
}

/* Of the version that is wanted, or may not even be told. */
static void put_enable(struct telling *t, struct buf *out, const char *version)
{
	struct keyid key = key_of(t->r, version);

	remedy_key_enable(out, &key);
	tell(t, "Enable the version again:", out);
}

/* The version that stands in the way: by hand, or the newest one. */
static const char *wanted(const struct registry *r)
{
	const struct watch *w = r->watch;

	if (w->key.version[0] != '\0')
		return w->key.version;
	return w->newest_disabled ? "" : w->newest;
}

static void put_registry(struct telling *t, struct buf *out,
			 enum decide_reason reason)
{
	const struct registry *r = t->r;

	switch (reason) {
	case REASON_NOT_PREMIUM:
		remedy_registry_premium(out, r->id);
		tell(t, "Make it Premium, or take it out of the watch:", out);
		break;
	case REASON_NO_CMK:
		remedy_registry_create(out, r->id, &r->watch->key);
		tell(t,
		     "Encryption with a key can only be chosen when a registry "
		     "is made: make NEW with IDENTITY, or take this one out "
		     "of the watch:",
		     out);
		break;
	case REASON_MISSING:
		remedy_registry_find(out, r->id);
		tell(t,
		     "See whether it is there, and under which id; or whether "
		     "the credential may not see it:",
		     out);
		break;
	case REASON_MANUAL:
		buf_puts(out, "keyrotctl rotate ");
		add_name(t, out);
		tell(t, "Move it by hand to the version that the watch names:",
		     out);
		break;
	case REASON_BUSY_LONG:
		remedy_activity(out, r->id);
		tell(t,
		     "See which operation it is; one that is stuck only Azure's "
		     "support can end:",
		     out);
		break;
	case REASON_IDENTITY_OTHER:
		tell(t,
		     "Have the registry read its key with the identity that "
		     "the watch names, or name in the watch the one that it "
		     "uses, and reload.",
		     out);
		break;
	case REASON_REFUSED:
	case REASON_CANARY_REFUSED:
		tell(t,
		     "See what Azure's words say is wrong, as a rule that the "
		     "registry's identity may not get, wrap and unwrap with "
		     "the key, or that the vault's firewall does not trust "
		     "Azure's services; the write is tried again by itself.",
		     out);
		break;
	default:
		break;
	}
}

/* ---- by reason and by warning ---- */

static void by_reason(struct telling *t, struct buf *out)
{
	const struct registry *r = t->r;
	enum decide_reason reason = health_reason(r);
	struct keyid key = key_of(r, wanted(r));

	switch (reason) {
	case REASON_KEY_ERROR:
		put_key(t, out);
		break;
	case REASON_NEWEST_MISSING:
	case REASON_IN_USE_LOST:
	case REASON_MANUAL_MISSING:
		remedy_key_recover(out, &r->watch->key);
		tell(t, "Recover the key before it is purged:", out);
		break;
	case REASON_NEWEST_DISABLED:
	case REASON_MANUAL_DISABLED:
		put_enable(t, out, wanted(r));
		break;
	case REASON_NEWEST_NO_WRAP:
		remedy_key_ops(out, &key);
		tell(t, "Let the version wrap and unwrap:", out);
		break;
	case REASON_NEWEST_NOT_YET:
	case REASON_NEWEST_EXPIRED:
	case REASON_NEWEST_NOT_RSA:
	case REASON_NEWEST_SHORT:
	case REASON_MANUAL_EXPIRED:
	case REASON_MANUAL_UNFIT:
		put_fitting_version(t, out);
		break;
	case REASON_IDENTITY_DETACHED:
		remedy_registry_identity(out, r->id, r->facts.identity);
		tell(t, "Assign the identity again:", out);
		break;
	case REASON_FOREIGN_KEY:
		put_takeover(t, out);
		break;
	case REASON_PAUSED:
		put_resume(t, out);
		break;
	case REASON_DENIED:
		put_denied(t, out);
		break;
	default:
		put_registry(t, out, reason);
	}
}

static void by_warning(struct telling *t, struct buf *out, unsigned bit)
{
	const struct registry *r = t->r;

	switch (bit) {
	case WARN_IN_USE_DISABLED:
		put_enable(t, out, r->facts.in_use);
		break;
	case WARN_IN_USE_MISSING:
		remedy_key_recover(out, &r->watch->key);
		tell(t, "Recover the key before it is purged:", out);
		break;
	case WARN_IN_USE_EXPIRED:
	case WARN_IN_USE_EXPIRING:
	case WARN_KEY_OLD:
	case WARN_KEY_AGEING:
		put_fitting_version(t, out);
		break;
	case WARN_IDENTITY_DETACHED:
		remedy_registry_identity(out, r->id, r->facts.identity);
		tell(t, "Assign the identity again:", out);
		break;
	case WARN_PURGEABLE:
		remedy_purge_protection(out, &r->watch->key);
		tell(t,
		     "Switch on purge protection in the vault, which cannot be "
		     "switched off again:",
		     out);
		break;
	default:
		break;
	}
}

void remedies_of(const struct engine *e, const struct registry *r,
		 remedies_each *each, void *arg)
{
	/* What is lost for good comes before what is merely late. */
	static const unsigned first[] = { WARN_IN_USE_MISSING,
					  WARN_IN_USE_DISABLED };
	static const unsigned then[] = {
		WARN_IN_USE_EXPIRED,  WARN_IDENTITY_DETACHED, WARN_KEY_OLD,
		WARN_IN_USE_EXPIRING, WARN_KEY_AGEING,	      WARN_PURGEABLE
	};
	struct telling t = { .e = e, .r = r, .each = each, .arg = arg };
	struct buf out;

	buf_init(&out, REMEDY_MAX);
	for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++) {
		if (r->warnings & first[i])
			by_warning(&t, &out, first[i]);
		buf_reset(&out);
	}
	by_reason(&t, &out);
	buf_reset(&out);
	for (size_t i = 0; i < sizeof(then) / sizeof(*then); i++) {
		if (r->warnings & then[i])
			by_warning(&t, &out, then[i]);
		buf_reset(&out);
	}
	buf_free(&out);
}
