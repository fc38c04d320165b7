/* A move by hand, from being asked for to its end. */
#include "engine/order.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "engine/note.h"
#include "engine/versions.h"

static void drop(struct registry *r)
{
	if (!r->order)
		return;
	free(r->order->identity);
	free(r->order->by);
	free(r->order);
	r->order = NULL;
}

void order_free(struct registry *r)
{
	drop(r);
	free(r->ordered);
	r->ordered = NULL;
}

static const char *wanted(const struct registry *r)
{
	const struct seen_version *s = versions_target(r->watch);

	return s ? s->v.version : NULL;
}

static void over(struct engine *e, struct registry *r, bool obeyed, char *text)
{
	free(r->ordered);
	r->ordered = text;
	r->obeyed = obeyed;
	note_tell(e, NOTE_ORDER_OVER, r->watch, r, wanted(r), NULL,
		  "The move of %s that was asked for by %s: %s%s", r->id,
		  r->order->by, r->ordered, text_stop(r->ordered));
	drop(r);
	model_mark(e, r, MARK_LOOK);
}

static void end(struct engine *e, struct registry *r, bool obeyed,
		const char *why)
{
	over(e, r, obeyed,
	     obeyed ? text_printf("verified on version %.8s", r->facts.in_use)
		    : text_printf("not carried out: %s", why));
}

/* Nobody waits for it any more.  A write that is out may be carried out all
 * the same: that it was not would be a lie. */
static void leave(struct engine *e, struct registry *r, const char *why)
{
	if (model_writing(r) || r->maybe)
		over(e, r, false,
		     text_printf(
			     "its end is not told any more: %s; a write is out, which may be carried out, and is read back",
			     why));
	else
		end(e, r, false, why);
}

void order_give(struct engine *e, struct registry *r, const struct order *o)
{
	if (r->order)
		leave(e, r, "another one was asked for");
	free(r->ordered);
	r->ordered = NULL;
	r->order = text_alloc(1, sizeof(*r->order));
	r->order->identity = text_dup(o->identity);
	r->order->by = text_dup(o->by);
	text_copy(r->order->version, sizeof(r->order->version), o->version);
	r->order->takeover = o->takeover;
	r->order->until = model_boot(e) + ORDER_MS;
	note_tell(e, NOTE_ORDER, r->watch, r, wanted(r), r->facts.in_use,
		  "A move of %s to version %.8s%s%s%s was asked for by %s.",
		  r->id, wanted(r),
		  o->takeover && r->facts.foreign ? " of another key" : "",
		  o->identity ? " with the identity " : "",
		  o->identity ? o->identity : "", o->by);
}

void order_look(struct registry *r, const struct registry_view *v)
{
	if (!r->order || !v->sought)
		return;
	r->order->looked = true;
	text_copy(r->order->reader, sizeof(r->order->reader), v->found);
}

const char *order_reader(const struct order *o)
{
	return o && o->looked ? o->reader : NULL;
}

bool order_unseen(const struct registry *r)
{
	return r->order && r->order->identity && !r->order->looked;
}

bool order_overtaken(const struct watch *w, const struct order *o)
{
	const struct seen_version *s = versions_target(w);

	return o && o->version[0] && s && !text_same(o->version, s->v.version);
}

const char *order_seeks(const struct registry *r)
{
	return r->order ? r->order->identity : NULL;
}

void order_fail(struct engine *e, struct registry *r, const char *why)
{
	if (r->order)
		end(e, r, false, why);
}

void order_leave(struct engine *e, struct registry *r, const char *why)
{
	if (r->order)
		leave(e, r, why);
}

/* What it has written by then may have been the version that was meant. */
static void end_overtaken(struct engine *e, struct registry *r)
{
	const struct order *o = r->order;
	bool obeyed = r->facts.own_key &&
		      text_same(r->facts.in_use, o->version) &&
		      (!o->identity ||
		       (o->looked && text_same(o->reader, r->facts.identity)));
	char why[96];

	snprintf(why, sizeof(why), "its watch wants version %.8s by now",
		 wanted(r));
	end(e, r, obeyed, why);
}

void order_judge(struct engine *e, struct registry *r, struct decision d)
{
	if (!r->order || !model_proof(e, r))
		return;
	if (order_overtaken(r->watch, r->order)) {
		if (d.reason != REASON_BUSY)
			end_overtaken(e, r);
		return;
	}
	if (order_unseen(r))
		return;
	if (d.action == DECIDE_DONE)
		end(e, r, true, NULL);
	else if (d.action == DECIDE_BLOCK &&
		 d.reason == REASON_IDENTITY_DETACHED && r->order->identity)
		end(e, r, false,
		    "that identity is not assigned to the registry; assign it first, with az acr identity assign");
	else if (d.action == DECIDE_BLOCK || d.action == DECIDE_HOLD ||
		 d.reason == REASON_OBSERVE)
		end(e, r, false, decide_reason_str(d.reason));
}

void order_due(struct engine *e, struct registry *r)
{
	if (r->order && model_boot(e) >= r->order->until)
		leave(e, r,
		      r->error ? r->error->text : "it took more than an hour");
}
