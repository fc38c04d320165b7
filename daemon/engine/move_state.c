/* A registry's phase, its effort and its error. */
#include "engine/move_state.h"

#include <stdlib.h>

#include "base/text.h"

void move_state_phase(struct engine *e, struct registry *r,
		      enum move_phase phase)
{
	bool before = model_writing(r);

	r->phase = phase;
	if (before && !model_writing(r))
		e->n_writes--;
	else if (!before && model_writing(r))
		e->n_writes++;
	model_mark(e, r, MARK_LOOK);
}

void move_state_forget_operation(struct registry *r)
{
	if (!r->effort)
		return;
	free(r->effort->op_url);
	r->effort->op_url = NULL;
	r->effort->op_polls = 0;
}

struct effort *move_state_effort(struct registry *r)
{
	struct effort *x = r->effort;

	if (!x) {
		x = text_alloc(1, sizeof(*x));
		*x = *model_effort(r);
		r->effort = x;
	}
	return x;
}

void move_state_rest(struct engine *e, struct registry *r)
{
	if (!r->effort)
		return;
	move_state_forget_operation(r);
	intern_set(&e->names, &r->effort->tried, "");
	free(r->effort);
	r->effort = NULL;
}

void move_state_clear_error(struct engine *e, struct registry *r)
{
	model_fault_keep(e, &r->error, NULL);
	r->refused = r->denied = false;
}
