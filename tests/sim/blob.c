/* The lease of a blob: who has it, and until when. */
#include "blob.h"

#include "base/text.h"

static int64_t clock_of(const struct sim_blob *b, int64_t t)
{
	return t + t / 1000 * b->fast / 1000;
}

static bool leased(const struct sim_blob *b, int64_t t)
{
	return b->id[0] && clock_of(b, t) < b->until;
}

bool sim_blob_leased(const struct sim_blob *b, int64_t t, const char *by)
{
	return leased(b, t) && (!by || text_same(b->id, by));
}

void sim_step_of(const struct call *call, struct sim_step *s)
{
	*s = (struct sim_step){ .step = call->lease_step,
				.seconds = call->lease_s };
	if (call->lease_id)
		text_copy(s->id, sizeof(s->id), call->lease_id);
	if (call->holder)
		s->holder = *call->holder;
}

static bool acquire(struct sim_blob *b, const struct sim_step *s, int64_t t)
{
	if (leased(b, t) && !text_same(b->id, s->id))
		return false;
	text_copy(b->id, sizeof(b->id), s->id);
	b->duration_ms = s->seconds * 1000;
	b->until = clock_of(b, t) + b->duration_ms;
	b->changed = false;
	return true;
}

static bool renew(struct sim_blob *b, const struct sim_step *s, int64_t t)
{
	if (!text_same(b->id, s->id) || (!leased(b, t) && b->changed))
		return false;
	b->until = clock_of(b, t) + b->duration_ms;
	return true;
}

static bool release(struct sim_blob *b, const struct sim_step *s)
{
	if (!text_same(b->id, s->id))
		return false;
	b->id[0] = '\0';
	return true;
}

static bool tell(struct sim_blob *b, const struct sim_step *s, int64_t t)
{
	if (!leased(b, t) || !text_same(b->id, s->id))
		return false;
	b->told = true;
	b->holder = s->holder;
	return true;
}

void sim_blob_answer(struct sim_blob *b, const struct sim_step *s, int64_t t,
		     struct reply *r)
{
	if (!b->made && s->step != LEASE_MAKE) {
		fault_set(&r->fault, FAULT_MISSING, 404, "no such blob");
		text_copy(r->fault.azure_code, sizeof(r->fault.azure_code),
			  "BlobNotFound");
		return;
	}
	switch (s->step) {
	case LEASE_MAKE:
		b->made = r->lease.ours = true;
		break;
	case LEASE_ACQUIRE:
		r->lease.ours = acquire(b, s, t);
		break;
	case LEASE_RENEW:
		r->lease.ours = renew(b, s, t);
		break;
	case LEASE_RELEASE:
		r->lease.ours = release(b, s);
		break;
	case LEASE_TELL:
		r->lease.ours = tell(b, s, t);
		break;
	case LEASE_LOOK:
		r->lease.told = b->told;
		r->lease.holder = b->holder;
		break;
	}
	r->lease.held = leased(b, t);
}
