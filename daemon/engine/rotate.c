/* Is a move by hand possible, as far as is known?  Then it is an order. */
#include "engine/rotate.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "azure/resid.h"
#include "base/text.h"
#include "engine/key.h"
#include "engine/lease.h"
#include "engine/model.h"
#include "engine/move_decide.h"
#include "engine/move_state.h"
#include "engine/order.h"
#include "engine/versions.h"
#include "traffic/job.h"

static bool refuse(struct fault *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static bool refuse(struct fault *f, const char *fmt, ...)
{
	char text[FAULT_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return fault_set(f, FAULT_REFUSED, 0, "%s", text);
}

/* A pause of all and one of its own are ended each by itself. */
static bool refuse_paused(const struct engine *e, const struct registry *r,
			  struct fault *f)
{
	bool all = model_until(e->pause) > model_azure(e);
	bool own = model_until(r->pause) > model_azure(e);

	return refuse(
		f,
		"Writes to %s are paused; end that with `keyrotctl resume %s`%s%s%s.",
		all ? "all registries" : r->id, all ? "--all" : r->id,
		all && own ? " and `keyrotctl resume " : "",
		all && own ? r->id : "", all && own ? "`" : "");
}

/* Another daemon acts for it. */
static bool refuse_standby(const struct registry *r, struct fault *f)
{
	char leader[FAULT_TEXT_MAX];

	lease_say_leader(r->watch->lease, leader, sizeof(leader));
	return refuse(
		f,
		"This daemon is standby for %s: %s%s Ask the daemon that leads.",
		r->id, leader, text_stop(leader));
}

/* What is known of the registry does not let anybody write to it. */
static bool may_write(const struct engine *e, const struct registry *r,
		      struct fault *f)
{
	if (e->dry_run)
		return refuse(
			f,
			"This daemon runs with --dry-run and writes nothing.");
	if (model_mode(r) == WATCH_OBSERVE)
		return refuse(
			f,
			"The watch of %s only observes: change its mode in the configuration and reload.",
			r->watch->base);
	if (r->retiring)
		return refuse(f, "%s is not in the configuration any more.",
			      r->id);
	if (model_paused(e, r))
		return refuse_paused(e, r, f);
	if (lease_role(r->watch->lease, model_boot(e)) == ROLE_STANDBY)
		return refuse_standby(r, f);
	if (r->read_at < 0)
		return refuse(f, "%s has not been read yet: %s", r->id,
			      model_error(r) ? model_error(r)->text
					     : "try again in a moment.");
	return true;
}

/* The version in the file and the one that was said. */
static bool version_fits(const struct engine *e, const struct registry *r,
			 const char *said, struct fault *f)
{
	const struct watch *w = r->watch;
	const struct seen_version *s = versions_target(w);
	enum decide_reason why = versions_fault(e, w);

	if (!s || why != REASON_NONE)
		return refuse(f, "Nothing can be moved to %s: %s.", w->base,
			      why != REASON_NONE
				      ? decide_reason_str(why)
				      : decide_reason_str(REASON_KEY_UNREAD));
	if (!said || text_same(said, s->v.version))
		return true;
	if (w->mode == WATCH_MANUAL)
		return refuse(
			f,
			"The configuration holds %s at version %s: write %s in the title of that watch and reload, then ask again.",
			r->id, s->v.version, said);
	return refuse(
		f,
		"The watch of %s keeps to the newest version, %s: to hold a registry at another one, write that version in the title of its watch and reload.",
		w->base, s->v.version);
}

/* The key that was said, perhaps with a version, and the one that it is on. */
static bool key_fits(const struct engine *e, const struct registry *r,
		     const char *said, struct fault *f)
{
	const struct watch *w = r->watch;
	struct fault why;
	struct keyid id;

	if (said &&
	    (!keyid_parse(&id, said, &why) || !keyid_same_key(&id, &w->key)))
		return refuse(
			f,
			"%s is watched with the key %s, not %s: correct the configuration first.",
			r->id, w->base, said);
	if (said && id.version[0] && !version_fits(e, r, id.version, f))
		return false;
	if (!r->facts.own_key && r->facts.foreign && !said && !w->takeover)
		return refuse(
			f,
			"%s uses another key, %s: to take it over to the key of its watch, say --key %s.",
			r->id, r->facts.foreign, w->base);
	return true;
}

static bool identity_fits(const struct registry *r, const char *said,
			  struct fault *f)
{
	const struct watch *w = r->watch;

	if (!said)
		return true;
	if (!text_same(said, "system") && !resid_is_guid(said) &&
	    said[0] != '/')
		return refuse(
			f,
			"An identity is a client id, the resource id of a user-assigned identity, or the word system, not %s.",
			said);
	if (w->identity[0] && said[0] != '/' && !text_same(said, w->identity))
		return refuse(
			f,
			"The watch of %s expects the identity %s: correct the configuration first.",
			w->base, w->identity);
	return true;
}

/* An identity by its resource id: the registry tells its client id, when it is
 * read for the order. */
static bool by_place(const struct rotate *w)
{
	return w->identity && w->identity[0] == '/';
}

/* What decide says of it once this were asked for. */
static struct decision would(const struct engine *e, const struct registry *r,
			     const struct rotate *w)
{
	struct order o = { .takeover = w->key != NULL };

	/* Whose id that is tells the registry when it is read. */
	if (w->identity && !by_place(w)) {
		o.looked = true;
		text_copy(o.reader, sizeof(o.reader), w->identity);
	}
	return move_decide_if(e, r, &o);
}

/* What is shown in place of an id that is not known yet must not be taken for
 * one, least of all for that of another identity. */
static void put_identity(const struct registry *r, const struct rotate *w,
			 struct call *call)
{
	if (!by_place(w)) {
		text_copy(call->identity, sizeof(call->identity),
			  w->identity ? w->identity : r->facts.identity);
		return;
	}
	snprintf(call->identity, sizeof(call->identity), "(client id of %.40s)",
		 strrchr(w->identity, '/') + 1);
	text_line(call->identity); /* half a character may be left */
}

bool rotate_plan(const struct engine *e, const struct registry *r,
		 const struct rotate *w, struct call *call, char *text,
		 size_t size, struct fault *f)
{
	const struct seen_version *s = versions_target(r->watch);
	struct decision d;

	*call = (struct call){ .kind = CALL_PATCH };
	if (!may_write(e, r, f) || !version_fits(e, r, w->version, f) ||
	    !key_fits(e, r, w->key, f) || !identity_fits(r, w->identity, f))
		return false;
	d = would(e, r, w);
	if (d.action == DECIDE_BLOCK || d.action == DECIDE_UNKNOWN ||
	    d.action == DECIDE_HOLD)
		return refuse(f, "%s cannot be moved: %s.", r->id,
			      decide_reason_str(d.reason));
	if (d.action == DECIDE_DONE && !by_place(w))
		return refuse(
			f,
			"%s is on version %.8s of its key already; there is nothing to do.",
			r->id, s->v.version);
	call->registry = model_place(r);
	call->key = r->watch->key;
	call->key.version[0] = '\0';
	if (d.action == DECIDE_PIN || model_mode(r) == WATCH_MANUAL ||
	    model_mode(r) == WATCH_PIN)
		text_copy(call->key.version, sizeof(call->key.version),
			  s->v.version);
	put_identity(r, w, call);
	snprintf(
		text, size,
		"%sVerified is then that %s uses version %s of %s%s%s, and that its provisioning state is Succeeded.",
		by_place(w)
			? "The client id that stands for that identity is read from the registry before anything is sent. "
			: "",
		r->id, s->v.version, r->watch->base,
		w->identity ? ", read with the identity " : "",
		w->identity ? w->identity : "");
	return true;
}

const char *rotate_version(const struct registry *r)
{
	const struct seen_version *s = versions_target(r->watch);

	return s ? s->v.version : NULL;
}

bool rotate_begin(struct engine *e, struct registry *r, const struct rotate *w,
		  struct instant now, struct fault *f)
{
	struct order o = { .identity = (char *)(uintptr_t)w->identity,
			   .takeover = w->key != NULL,
			   .by = (char *)(uintptr_t)w->by };
	struct call call;
	char text[1024];

	engine_tick(e, now);
	job_tick(&e->traffic, now);
	if (!rotate_plan(e, r, w, &call, text, sizeof(text), f))
		return false;
	if (w->version)
		text_copy(o.version, sizeof(o.version), w->version);
	order_give(e, r, &o);
	/* What was refused before may be accepted now: a person says so. */
	if (r->refused || r->futile) {
		r->futile = false;
		move_state_clear_error(e, r);
	}
	model_mark(e, r, MARK_ASK);
	engine_tick(e, now);
	return true;
}
