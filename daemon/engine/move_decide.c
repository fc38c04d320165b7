/* What is known of a registry -> what to do with it. */
#include "engine/move_decide.h"

#include "base/text.h"
#include "engine/order.h"
#include "engine/versions.h"

static struct decision decision(const struct registry *r,
				const struct order *order,
				enum decide_reason target_fault)
{
	const struct watch *w = r->watch;
	const struct seen_version *target = versions_target(w);
	const struct seen_version *in_use = versions_find(w, r->facts.in_use);
	bool gone = in_use && (in_use->missing || in_use->disabled ||
			       in_use->failed >= ENGINE_LOOKS);
	/* What a former life has read of it is as good: it cannot change. */
	bool known = in_use &&
		     (in_use->read_at >= 0 || (gone && in_use->v.created >= 0));
	if (order_overtaken(w, order))
		order = NULL; /* it is over, and allows nothing any more */
	struct decide_input in = {
		.mode = model_mode(r),
		.takeover = w->takeover || (order && order->takeover),
		.identity = w->identity,
		.facts = &r->facts,
		.target = target ? &target->v : NULL,
		.target_fault = target_fault,
		.in_use = known ? &in_use->v : NULL,
		.in_use_gone = gone || (in_use == NULL && r->facts.in_use[0]),
		.tried = target &&
			 text_same(model_effort(r)->tried, target->v.version),
		/* Who is to read the key has been looked for. */
		.ordered = order && (!order->identity || order->looked),
		.reader = order_reader(order),
	};

	return decide_step(&in);
}

struct decision move_decide_now(const struct engine *e,
				const struct registry *r)
{
	return move_decide_if(e, r, r->order);
}

struct decision move_decide_if(const struct engine *e, const struct registry *r,
			       const struct order *o)
{
	return decision(r, o, versions_fault(e, r->watch));
}

bool move_decide_would_write(const struct registry *r)
{
	enum decide_action a = decision(r, r->order, REASON_NONE).action;

	return a == DECIDE_FOLLOW || a == DECIDE_PIN || a == DECIDE_RELEASE;
}
