/* Any bytes as the objects of records, sealed one after the other: they come
 * to a history within its bounds, and to a page in which no tag is theirs. */
#include "base/chain.h"
#include "ctl/history.h"
#include "ctl/history_move.h"
#include "ctl/report_html.h"
#include "fuzz.h"

#define PAGE_MAX ((size_t)64 << 20)

static void feed(struct history *h, struct chain *c, const char *object)
{
	struct chain_record r;
	struct fault f;
	struct buf line;

	buf_init(&line, 2 * CHAIN_LINE_MAX);
	if (chain_seal(c, object, strlen(object), &line) &&
	    chain_read(line.data, line.len - 1, &r, &f)) {
		history_add(h, &r);
		chain_record_free(&r);
	}
	buf_free(&line);
}

static void sound(const struct history *h)
{
	for (size_t i = 0; i < h->n_registries; i++) {
		const struct history_registry *r = h->sorted[i];
		unsigned n = 0, late = 0;

		FUZZ_NEED(r->id[0] && strlen(r->id) <= HISTORY_ID_MAX);
		FUZZ_NEED(i == 0 || strcmp(h->sorted[i - 1]->id, r->id) ||
			  h->sorted[i - 1]->key != r->key);
		for (uint32_t m = r->first; m != HISTORY_NONE;
		     m = h->moves[m].next) {
			FUZZ_NEED(m < h->n_moves && n < h->n_moves);
			FUZZ_NEED(h->moves[m].version < h->n_versions);
			late += history_move_is_late(&h->moves[m]);
			n++;
		}
		FUZZ_NEED(n == r->moves && late == r->late);
		FUZZ_NEED(r->in_use == HISTORY_NONE ||
			  h->versions[r->in_use].key < h->n_keys);
	}
	for (uint32_t i = 0; i < h->n_versions; i++)
		FUZZ_NEED(history_advice(h, i) != HISTORY_CLEAR ||
			  !h->versions[i].users);
	for (size_t i = 0; i < h->n_gaps; i++)
		FUZZ_NEED(h->gaps[i].from >= 0);
	FUZZ_NEED(h->n_late <= h->n_timed && h->n_timed <= h->n_moves);
}

static bool keep(const char *data, size_t len, void *arg, struct fault *f)
{
	(void)f;
	return buf_add(arg, data, len);
}

/* The tags that our own texts make, and no others: theirs would be, too. */
static void only_ours(const char *page)
{
	static const char *const tags[] = {
		"!DOCTYPE ", "html",  "head",  "meta ", "title",   "style",
		"body",	     "main",  "h1",    "h2",	"h3",	   "p",
		"strong ",   "code",  "div ",  "table", "caption", "thead",
		"tbody",     "tr",    "th ",   "td",	"section", "svg ",
		"desc",	     "path ", "text ", NULL
	};

	while ((page = strchr(page, '<'))) {
		const char *name = page[1] == '/' ? page + 2 : page + 1;
		bool known = page[1] == '/';

		for (size_t i = 0; tags[i] && !known; i++)
			known = !strncmp(name, tags[i], strlen(tags[i]));
		FUZZ_NEED(known);
		FUZZ_NEED(strncmp(name, "script", 6) != 0);
		page++;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct report r = { 0 };
	struct fault f = fault_none();
	struct buf page;
	struct chain c;
	char *piece;
	unsigned which = fuzz_byte(&in);

	chain_init(&c);
	history_init(&r.history, which & 1 ? INT64_C(1767225600000) : -1,
		     which & 2 ? INT64_C(1767312000000) : -1);
	r.n = 1;
	while (in.size) {
		/* Of several daemons. */
		if (which & 4)
			history_from(&r.history, fuzz_byte(&in) % 3);
		piece = fuzz_piece(&in);
		feed(&r.history, &c, piece);
		free(piece);
	}
	history_end(&r.history);
	sound(&r.history);
	FUZZ_NEED(chain_check_init(&r.verify[0].check, NULL, &f));
	buf_init(&page, PAGE_MAX);
	FUZZ_NEED(report_html_put(&r, keep, &page, &f));
	only_ours(buf_str(&page));
	buf_free(&page);
	chain_check_free(&r.verify[0].check);
	history_free(&r.history);
	return 0;
}
