/* What happened, in order: printed, hashed, or the last of it kept. */
#include "trace.h"

#include <string.h>

#include "base/text.h"
#include "world.h"

#define FNV_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

static uint64_t mix(uint64_t h, const void *data, size_t n)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * FNV_PRIME;
	return h;
}

static uint64_t mix_number(uint64_t h, int64_t x)
{
	return mix(h, &x, sizeof(x));
}

/* With the end of the string: where one ends and the next begins counts. */
static uint64_t mix_text(uint64_t h, const char *s)
{
	return mix(h, s, strlen(s) + 1);
}

void trace_begin(struct trace_hash *h)
{
	h->all = h->records = FNV_BASIS;
	h->notes = 0;
}

void trace_seed(struct world *w)
{
	struct trace_hash *h = &w->stats->hash;

	h->all = mix_number(h->all, (int64_t)w->seed);
	h->records = mix_number(h->records, (int64_t)w->seed);
}

static uint64_t mix_record(uint64_t h, const struct world *w, const char *what,
			   int a, int b, const char *text)
{
	h = mix_text(mix_number(h, w->t), what);
	return mix_text(mix_number(mix_number(h, a), b), text);
}

void trace_record(struct world *w, const char *what, int a, int b,
		  const char *text)
{
	struct sim_record *r = &w->history[w->records++ % SIM_HISTORY];
	struct trace_hash *h = &w->stats->hash;

	r->t = w->t;
	r->what = what;
	r->a = a;
	r->b = b;
	r->text[0] = '\0';
	if (!text)
		text = "";
	text_copy(r->text, sizeof(r->text), text);
	if (w->trace == TRACE_PRINT)
		printf("%10.3f  %s %d %d %s\n", (double)w->t / 1000, what, a, b,
		       text);
	if (w->trace == TRACE_HASH) {
		h->all = mix_record(h->all, w, what, a, b, text);
		h->records = mix_record(h->records, w, what, a, b, text);
	}
}

static uint64_t mix_note(uint64_t h, const struct world *w,
			 const struct note *n)
{
	h = mix_text(mix_number(h, w->t), note_kind_str(n->kind));
	return mix_text(h, n->text);
}

void trace_note(struct world *w, const struct note *n)
{
	struct trace_hash *h = &w->stats->hash;

	if (w->trace == TRACE_PRINT)
		printf("%10.3f    note %s: %s\n", (double)w->t / 1000,
		       note_kind_str(n->kind), n->text);
	if (w->trace == TRACE_HASH) {
		h->all = mix_note(h->all, w, n);
		/* A sum does not ask for the order. */
		h->notes +=
			mix_note(mix_number(FNV_BASIS, (int64_t)w->seed), w, n);
	}
}
