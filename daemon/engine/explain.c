/*
 * Puts together, for one registry, what is known, what was done and what is to
 * be done, each said once.
 */
#include "engine/explain.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "engine/health.h"
#include "engine/key.h"
#include "engine/key_way.h"
#include "engine/remedies.h"
#include "engine/report.h"
#include "engine/versions.h"

static void add_text(struct json_writer *w, const char *name, const char *s)
{
	json_add_str(w, name, s && s[0] ? s : NULL);
}

static void add_trace(struct json_writer *w, const char *name,
		      const struct trace *t)
{
	char text[TRACE_MAX];

	trace_print(t, true, text);
	add_text(w, name, text);
}

/* ---- checks ---- */

static void put_check(struct json_writer *w, const char *name,
		      const char *result, const char *text)
{
	json_open(w);
	json_add_str(w, "name", name);
	json_add_str(w, "result", result);
	json_add_str(w, "text", text);
	json_close(w);
}

static void check_age(const struct engine *e, struct json_writer *w,
		      const struct watch *k)
{
	const struct seen_version *s = versions_target(k);
	unsigned bits = versions_age(e, k);
	char age[32], most[32], text[160];

	if (k->max_age <= 0 || !s || s->v.created < 0)
		return;
	text_duration(age, sizeof(age), model_azure(e) - s->v.created);
	text_duration(most, sizeof(most), k->max_age);
	snprintf(text, sizeof(text), "Version %.8s is %s old; max-age is %s.",
		 s->v.version, age, most);
	put_check(w, "age",
		  bits & WARN_KEY_OLD	   ? "failed"
		  : bits & WARN_KEY_AGEING ? "warning"
					   : "ok",
		  text);
}

static void check_policy(struct json_writer *w, const struct watch *k)
{
	char text[CALL_POLICY_MAX + 32];

	if (k->policy.text) {
		snprintf(text, sizeof(text), "The key's rotation policy: %s.",
			 k->policy.text);
		put_check(w, "rotation-policy", "ok", text);
	} else if (k->policy.denied) {
		put_check(
			w, "rotation-policy", "unknown",
			"The key's rotation policy is not readable: the daemon lacks that right, which it can do without.");
	}
}

static void check_key(const struct engine *e, struct json_writer *w,
		      const struct watch *k)
{
	const char *way = key_way_is_arm(k) ? "through Resource Manager " : "";
	enum decide_reason r = versions_fault(e, k);
	char text[512], age[32];

	if (k->error) {
		put_check(w, "key", "failed", k->error->text);
	} else if (k->polled_at < 0) {
		put_check(w, "key", "unknown",
			  "The key has not been read yet.");
	} else {
		text_duration(age, sizeof(age), model_boot(e) - k->polled_at);
		/* Of a disabled one Key Vault may not even tell the name. */
		if (k->newest_disabled)
			snprintf(
				text, sizeof(text),
				"The key was read %s%s ago; its newest version is disabled.",
				way, age);
		else
			snprintf(
				text, sizeof(text),
				"The key was read %s%s ago; its newest version is %.8s.",
				way, age, k->newest);
		put_check(w, "key", key_fresh(e, k) ? "ok" : "failed", text);
	}
	/* Whether it may be used follows from that. */
	if (k->error || k->polled_at < 0)
		return;
	snprintf(text, sizeof(text), "%s.",
		 r != REASON_NONE ? decide_reason_str(r)
		 : k->mode == WATCH_MANUAL
			 ? "The version that the watch names may be used"
			 : "The newest version may be moved to");
	put_check(w, "usable", r == REASON_NONE ? "ok" : "failed", text);
	check_age(e, w, k);
	check_policy(w, k);
	report_advice(e, k, text, sizeof(text) - 1);
	if (text[0] == '\0')
		return;
	text[0] = 'A';
	text_copy(text + strlen(text), 2, ".");
	put_check(w, "newer", "warning", text);
}

static void check_read(const struct engine *e, struct json_writer *w,
		       const struct registry *r)
{
	const struct fault *error = model_error(r);
	char text[512], age[32];

	if (r->read_at < 0) {
		put_check(w, "read", error ? "failed" : "unknown",
			  error ? error->text
				: "The registry has not been read yet.");
		return;
	}
	text_duration(age, sizeof(age), model_boot(e) - r->read_at);
	snprintf(text, sizeof(text), "The registry was read %s ago.", age);
	put_check(w, "read", r->fresh ? "ok" : "failed", text);
}

/* What a registry without a key of its own lacks besides is no news. */
static bool check_encryption(struct json_writer *w,
			     const struct registry_facts *f)
{
	put_check(w, "exists", f->missing ? "failed" : "ok",
		  f->missing ? decide_reason_str(REASON_MISSING)
			     : "The registry exists.");
	if (f->missing)
		return false;
	put_check(w, "sku", f->premium ? "ok" : "failed",
		  f->premium ? "The registry is Premium."
			     : decide_reason_str(REASON_NOT_PREMIUM));
	if (!f->premium && !f->encrypted)
		return false;
	put_check(w, "encryption",
		  f->encrypted ? "ok"
		  : f->hidden  ? "unknown"
			       : "failed",
		  f->encrypted ? "Encryption with a customer-managed key is on."
		  : f->hidden  ? decide_reason_str(REASON_IN_USE_UNTOLD)
			       : decide_reason_str(REASON_NO_CMK));
	return f->encrypted;
}

static void check_facts(struct json_writer *w, const struct registry *r)
{
	const struct registry_facts *f = &r->facts;
	char other[KEYID_TEXT_MAX + 32];

	if (r->read_at < 0 || !check_encryption(w, f))
		return;
	if (f->foreign)
		snprintf(other, sizeof(other), "It uses another key: %s",
			 f->foreign);
	put_check(w, "own-key", f->own_key ? "ok" : "failed",
		  f->own_key   ? "It uses this watch's key."
		  : f->foreign ? other
			       : decide_reason_str(REASON_KEY_UNPARSED));
	put_check(w, "identity", f->identity_attached ? "ok" : "failed",
		  f->identity_attached
			  ? "The identity that reads the key is assigned."
			  : decide_warning_text((unsigned)__builtin_ctz(
				    WARN_IDENTITY_DETACHED)));
}

/* Warnings that are the checks of the identity and of the key's age. */
#define CHECKED \
	((unsigned)(WARN_IDENTITY_DETACHED | WARN_KEY_OLD | WARN_KEY_AGEING))

static void check_move(const struct engine *e, struct json_writer *w,
		       const struct registry *r)
{
	static const char *const results[DECIDE_STATES] = {
		[STATE_UNKNOWN] = "unknown",  [STATE_CURRENT] = "ok",
		[STATE_ROTATING] = "warning", [STATE_VERIFYING] = "warning",
		[STATE_HELD] = "warning",     [STATE_BLOCKED] = "failed",
		[STATE_OVERDUE] = "failed",   [STATE_UNREACHABLE] = "failed",
		[STATE_PAUSED] = "warning",
	};
	char reason[1024], text[1200];

	report_reason(e, r, reason, sizeof(reason));
	snprintf(text, sizeof(text), "%s: %s%s", decide_state_str(r->state),
		 reason, text_stop(reason));
	put_check(w, "state", results[r->state], text);
	for (unsigned i = 0; i < DECIDE_WARNINGS; i++)
		if (r->warnings & (1u << i) & ~CHECKED)
			put_check(w, decide_warning_name(i), "warning",
				  decide_warning_text(i));
}

/* ---- what was seen ---- */

static bool is_read(const struct registry *r)
{
	return r->read_at >= 0 && !r->facts.missing;
}

static void put_seen(struct json_writer *w, const struct registry *r)
{
	const struct watch *k = r->watch;
	bool polled = k->polled_at >= 0;

	json_key(w, "seen");
	json_open(w);
	add_text(w, "key_version", k->newest);
	add_text(w, "key_via", key_way_str(k));
	json_add_time(w, "key_at", polled ? k->polled_azure : -1);
	if (polled)
		add_trace(w, "key_request", &k->polled_by);
	else
		json_add_null(w, "key_request");
	add_text(w, "version", is_read(r) ? r->facts.in_use : NULL);
	json_add_time(w, "at", r->read_at >= 0 ? r->read_azure : -1);
	if (r->read_at >= 0)
		add_trace(w, "request", &r->read_by);
	else
		json_add_null(w, "request");
	json_close(w);
}

static void with_version(char *dst, size_t size, const char *base,
			 const char *version)
{
	snprintf(dst, size, "%s%s%s", base, version[0] ? "/" : "", version);
}

/* Whether the other key that was kept is what is in use, and not what the
 * registry is set to (facts.c tells which it keeps). */
static bool foreign_in_use(const struct registry_facts *f)
{
	const char *slash = f->foreign ? strrchr(f->foreign, '/') : NULL;

	return slash &&
	       (f->own_identifier || (text_same(slash + 1, f->in_use) &&
				      !text_same(f->in_use, f->pinned)));
}

/* The five fields that `az acr encryption show` prints, in its order. */
static void put_encryption(struct json_writer *w, const struct registry *r)
{
	const struct registry_facts *f = &r->facts;
	char set[KEYID_TEXT_MAX] = "", used[KEYID_TEXT_MAX] = "";

	json_key(w, "encryption");
	if (!is_read(r) || !f->encrypted) {
		json_put_null(w);
		return;
	}
	if (f->own_identifier)
		with_version(set, sizeof(set), r->watch->base, f->pinned);
	else if (f->foreign && !foreign_in_use(f))
		text_copy(set, sizeof(set), f->foreign);
	if (f->own_in_use)
		with_version(used, sizeof(used), r->watch->base, f->in_use);
	else if (f->foreign && foreign_in_use(f))
		text_copy(used, sizeof(used), f->foreign);
	else if (f->foreign && f->pinned[0] != '\0')
		text_copy(used, sizeof(used), f->foreign);
	else if (f->foreign && f->in_use[0] != '\0')
		with_version(used, sizeof(used), f->foreign, f->in_use);
	json_open(w);
	add_text(w, "identity", f->identity);
	add_text(w, "key_identifier", set);
	json_add_bool(w, "key_rotation_enabled", f->auto_rotation);
	json_add_time(w, "last_key_rotation_timestamp", f->rotated_at);
	add_text(w, "versioned_key_identifier", used);
	json_close(w);
}

/* ---- what was decided and done ---- */

static const char *form_of(enum decide_action action)
{
	return action == DECIDE_PIN ? "the identifier with that version"
				    : "the unversioned identifier";
}

static bool under_way(const struct registry *r)
{
	enum decide_reason reason = health_reason(r);

	return reason >= REASON_BUSY && reason <= REASON_RELEASE;
}

static void put_decision(struct json_writer *w, const struct registry *r)
{
	const struct seen_version *target = versions_target(r->watch);
	bool known = is_read(r) && r->facts.in_use[0] != '\0';
	char text[400];

	if (!target)
		text_copy(text, sizeof(text),
			  "Nothing is written: which version is wanted is not "
			  "known.");
	else if (versions_on_target(r))
		snprintf(text, sizeof(text),
			 "Nothing has to be written: %.8s, the wanted version, "
			 "is in use.",
			 target->v.version);
	else if (!known)
		snprintf(text, sizeof(text),
			 "Nothing is written: %.8s is wanted, and which "
			 "version is in use is not known.",
			 target->v.version);
	else if (health_reason(r) == REASON_STANDBY)
		snprintf(text, sizeof(text),
			 "It is to move from %.8s to %.8s, which is left to "
			 "the daemon that leads.",
			 r->facts.in_use, target->v.version);
	else if (under_way(r))
		snprintf(text, sizeof(text),
			 "It is to move from %.8s to %.8s%s%s.",
			 r->facts.in_use, target->v.version,
			 model_mode(r) == WATCH_OBSERVE
				 ? ", which is left to Azure"
				 : ", by writing ",
			 model_mode(r) == WATCH_OBSERVE ? ""
			 : model_mode(r) == WATCH_FOLLOW
				 ? form_of(DECIDE_FOLLOW)
				 : form_of(DECIDE_PIN));
	else
		snprintf(text, sizeof(text),
			 "It would move from %.8s to %.8s, and is not written "
			 "as long as that stands in its way.",
			 r->facts.in_use, target->v.version);
	json_add_str(w, "decision", text);
}

static const char *end_str(enum sent_end end)
{
	static const char *const words[] = {
		[SENT_ASKED] = "asked",	    [SENT_LOST] = "lost",
		[SENT_REFUSED] = "refused", [SENT_ACCEPTED] = "accepted",
		[SENT_DONE] = "done",	    [SENT_FAILED] = "failed",
	};

	return words[end];
}

static void put_sent(struct json_writer *w, const struct registry *r)
{
	const struct sent *s = r->sent;
	char version[TRACE_MAX];

	json_key(w, "sent");
	if (!s) {
		json_put_null(w);
		return;
	}
	trace_print(&s->version, false, version);
	json_open(w);
	json_add_str(w, "what", form_of((enum decide_action)s->action));
	add_text(w, "version", version);
	json_add_time(w, "at", s->at);
	json_add_time(w, "answered", s->answered);
	if (s->status > 0)
		json_add_int(w, "status", s->status);
	else
		json_add_null(w, "status");
	add_trace(w, "request", &s->by);
	json_add_str(w, "outcome", end_str((enum sent_end)s->end));
	json_close(w);
}

/* ---- what comes next ---- */

static const char *next_of(const struct engine *e, const struct registry *r)
{
	switch (r->phase) {
	case PHASE_READ:
		return "The registry is being read.";
	case PHASE_WRITE:
		return "The write goes to Azure as soon as its budget allows.";
	case PHASE_POLL:
	case PHASE_POLLING:
		return "Azure is asked how its operation goes.";
	case PHASE_VERIFY:
		return "The registry is read back.";
	case PHASE_WAIT:
		return r->queue != QUEUE_NONE ? "It moves when its turn comes."
					      : "It is tried again.";
	case PHASE_IDLE:
		break;
	}
	if (model_paused(e, r))
		return r->watch->lease && !e->dry_run
			       ? "It is read on, and not written by this daemon before the pause ends."
			       : "It is read on, and not written before the pause ends.";
	if (r->gated != DECIDE_DONE)
		return "It is read on, and written by the daemon that leads; by this one when a quarter of its window is left.";
	return r->error ? "It is tried again." : "The registry is read again.";
}

static void put_remedy(const char *text, const char *command, void *arg)
{
	struct json_writer *w = arg;

	json_open(w);
	json_add_str(w, "text", text);
	json_add_str(w, "command", command);
	json_close(w);
}

bool explain_registry(const struct engine *e, const struct registry *r,
		      struct buf *out)
{
	struct json_writer *w = json_writer_new(out, false);

	json_open(w);
	json_add_time(w, "now", model_azure(e));
	json_key(w, "registry");
	report_registry(e, w, r);
	put_seen(w, r);
	put_encryption(w, r);
	put_decision(w, r);
	put_sent(w, r);
	json_add_str(w, "next", next_of(e, r));
	json_key(w, "remedies");
	json_open_array(w);
	remedies_of(e, r, put_remedy, w);
	json_close_array(w);
	json_key(w, "checks");
	json_open_array(w);
	check_key(e, w, r->watch);
	check_read(e, w, r);
	check_facts(w, r);
	check_move(e, w, r);
	json_close_array(w);
	json_close(w);
	return json_finish(w);
}
