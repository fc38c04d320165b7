/* Questions about the model that only read, and the marks for settle. */
#include "engine/model.h"

#include <stdlib.h>
#include <string.h>

#include "azure/resid.h"
#include "base/text.h"

int64_t model_boot(const struct engine *e)
{
	return e->traffic.now.boot;
}

int64_t model_azure(const struct engine *e)
{
	return skew_azure(&e->traffic.skew, e->traffic.now);
}

bool model_dateless(const struct engine *e)
{
	return e->traffic.skew.n && !e->traffic.skew.known;
}

int64_t model_boot_of(const struct engine *e, int64_t azure_ms)
{
	return model_boot(e) + (azure_ms - model_azure(e));
}

struct registry *model_find(const struct engine *e, const char *id)
{
	size_t at = e->n_registries;

	return model_find_next(e, id, &at);
}

struct registry *model_find_next(const struct engine *e, const char *id,
				 size_t *at)
{
	size_t low = 0, high = e->n_registries;
	struct resid parsed;
	struct fault f;

	if (*at < high && text_same(e->by_id[*at]->id, id))
		return e->by_id[(*at)++];
	if (!resid_parse(&parsed, id, &f))
		return NULL;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = resid_compare(id, e->by_id[mid]->id);

		if (c == 0) {
			*at = mid + 1;
			return e->by_id[mid];
		}
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

struct watch *model_find_watch(const struct engine *e, const char *base,
			       const char *version)
{
	size_t low = 0, high = e->n_by_key;

	/* The first one that is not less. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct watch *w = e->by_key[mid];
		int c = strcasecmp(w->base, base);

		if (c == 0 && version)
			c = strcasecmp(w->key.version, version);
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == e->n_by_key || strcasecmp(e->by_key[low]->base, base) != 0 ||
	    (version && strcasecmp(e->by_key[low]->key.version, version) != 0))
		return NULL;
	return e->by_key[low];
}

size_t model_behind_id(const struct engine *e, const char *id)
{
	size_t low = 0, high = id ? e->n_registries : 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (resid_compare(e->by_id[mid]->id, id) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

size_t model_behind_key(const struct engine *e, const char *key)
{
	size_t low = 0, high = key ? e->n_by_key : 0;
	char base[KEYID_TEXT_MAX];
	struct keyid id;
	struct fault f;

	if (!key || !keyid_parse(&id, key, &f))
		return 0;
	keyid_print_base(&id, base, sizeof(base));
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct watch *w = e->by_key[mid];
		int c = strcasecmp(w->base, base);

		if (c == 0)
			c = strcasecmp(w->key.version, id.version);
		if (c <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const char *model_place(const struct registry *r)
{
	return r->at ? r->at : r->id;
}

enum watch_mode model_mode(const struct registry *r)
{
	if (r->retiring)
		return r->parting;
	return r->watch->rule && r->rule ? r->rule->mode : r->watch->mode;
}

bool model_lists(const struct scope *s)
{
	return s->n_registries >= ENGINE_LIST_FROM || !LIST_EMPTY(&s->looks);
}

bool model_listed(const struct registry *r)
{
	return model_lists(r->scope) && !r->scope->alone;
}

const struct fault *model_error(const struct registry *r)
{
	/* What was read since is in nobody's way. */
	if (r->error || !model_listed(r) ||
	    r->read_at >= r->scope->pass_started)
		return r->error;
	return r->scope->error;
}

bool model_retries(const struct registry *r)
{
	return r->refused || r->denied || r->absent || r->futile ||
	       (r->contrary && r->contrary < ENGINE_LOOKS);
}

bool model_read_waits(const struct registry *r)
{
	return r->phase == PHASE_READ && r->job.routine && !r->going &&
	       r->owed_at < 0 && r->job.where != JOB_REST &&
	       r->job.where != JOB_FLIGHT;
}

const struct effort *model_effort(const struct registry *r)
{
	static const struct effort none = { .went_at = -1,
					    .doubt = -1,
					    .tried = "" };

	return r->effort ? r->effort : &none;
}

bool model_writing(const struct registry *r)
{
	return r->phase == PHASE_WRITE || r->phase == PHASE_POLL ||
	       r->phase == PHASE_POLLING || r->phase == PHASE_VERIFY;
}

bool model_drags(const struct engine *e, const struct registry *r)
{
	return r->busy_since >= 0 &&
	       model_boot(e) - r->busy_since > ENGINE_DRAG_MS;
}

/* What a saved state says is believed for as long as a pause may be.  That is
 * judged here and not when it is read, for then our clock may be wrong. */
static bool lasts(int64_t until, int64_t azure)
{
	return until > azure && until <= azure + ENGINE_PAUSE_MAX_MS + 60000;
}

bool model_absurd_pause(const struct engine *e, int64_t until)
{
	int64_t azure = model_azure(e);

	return e->traffic.skew.known && until > azure && !lasts(until, azure);
}

int64_t model_until(const struct pause *p)
{
	return p ? p->until : 0;
}

int64_t model_lasting(const struct engine *e, int64_t until)
{
	return lasts(until, model_azure(e)) ? until : 0;
}

int64_t model_paused_until(const struct engine *e, const struct registry *r)
{
	int64_t all = model_lasting(e, model_until(e->pause));
	int64_t own = model_lasting(e, model_until(r->pause));

	return own > all ? own : all;
}

const struct pause *model_pause(const struct engine *e,
				const struct registry *r)
{
	int64_t until = model_paused_until(e, r);

	if (!until)
		return NULL;
	return until == model_until(r->pause) ? r->pause : e->pause;
}

bool model_paused(const struct engine *e, const struct registry *r)
{
	return model_paused_until(e, r) != 0;
}

bool model_proof(const struct engine *e, const struct registry *r)
{
	return r->proof == e->turn;
}

void model_mark(struct engine *e, struct registry *r, unsigned marks)
{
	if (r->marks == 0)
		TAILQ_INSERT_TAIL(&e->marked, r, mark_link);
	r->marks |= marks | MARK_LOOK;
}

void model_mark_watch(struct engine *e, struct watch *w, unsigned marks)
{
	if (w->marks == 0)
		TAILQ_INSERT_TAIL(&e->marked_watches, w, mark_link);
	w->marks |= marks | MARK_LOOK;
}

struct kept_fault {
	struct fault fault; /* first: cast from it */
	size_t places;
	size_t slot; /* in engine.faults; ENGINE_FAULTS: in none */
};

static struct kept_fault *share(struct engine *e, const struct fault *f)
{
	struct kept_fault **slot = &e->faults[e->next_fault], *k;

	for (size_t i = 0; i < ENGINE_FAULTS; i++)
		if (e->faults[i] && fault_same(&e->faults[i]->fault, f))
			return e->faults[i];
	k = text_alloc(1, sizeof(*k));
	k->fault = *f;
	k->slot = e->next_fault;
	if (*slot)
		(*slot)->slot = ENGINE_FAULTS;
	*slot = k;
	e->next_fault = (e->next_fault + 1) % ENGINE_FAULTS;
	return k;
}

static void let_go(struct engine *e, const struct fault *f)
{
	struct kept_fault *k = (struct kept_fault *)(uintptr_t)f;

	if (--k->places > 0)
		return;
	if (k->slot < ENGINE_FAULTS)
		e->faults[k->slot] = NULL;
	free(k);
}

void model_fault_keep(struct engine *e, const struct fault **place,
		      const struct fault *f)
{
	const struct fault *was = *place;
	struct kept_fault *k = f ? share(e, f) : NULL;

	if (k)
		k->places++;
	*place = k ? &k->fault : NULL;
	if (was)
		let_go(e, was);
}

static char *words(const char *s)
{
	char text[ENGINE_WORDS_MAX + 1];

	if (!s || !s[0])
		return NULL;
	text_copy(text, sizeof(text), s);
	text_line(text);
	return text_dup(text);
}

void model_pause_keep(struct pause **place, int64_t until, const char *by,
		      const char *reason)
{
	struct pause *p = *place;

	if (p) {
		free(p->by);
		free(p->reason);
		free(p);
	}
	*place = NULL;
	if (!until)
		return;
	p = *place = text_alloc(1, sizeof(*p));
	p->until = until;
	p->by = words(by);
	p->reason = words(reason);
}

int64_t model_effective(const struct watch *w, const struct seen_version *s)
{
	int64_t t = s->v.created >= 0 ? s->v.created : w->first_seen;

	return s->v.not_before > t ? s->v.not_before : t;
}
