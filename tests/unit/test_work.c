/*
 * What an event costs, at 10 and at 20,000 registries on one key; and what a
 * start and a reload cost with 10,000 keys in as many vaults.
 *
 * The engine counts what it looks at (engine.looks: a registry, or a watch,
 * visited by any of its loops).  An answer about one registry costs one
 * registry, a quiet poll none, a new version each registry a few times once,
 * and whose turn it is is found without a search, also when the file names
 * the last of all to go first.  Times are printed, not judged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "engine/model.h"
#include "engine_help.h"

#define FEW 10
#define MANY 20000
#define PAGE 1000
#define ID                                                           \
	"/subscriptions/11111111-2222-3333-4444-555555555555/"       \
	"resourceGroups/prod/providers/Microsoft.ContainerRegistry/" \
	"registries/r%05u"

enum event { LIST_PAGE, REPLY, QUIET_POLL, NEW_VERSION, FIRST_WRITE, EVENTS };

static const char *const names[EVENTS] = { "LIST page", "reply", "quiet poll",
					   "new version", "any of a move" };

struct cost {
	uint64_t looks; /* of the dearest event of its kind */
	double ms;
};

struct fleet {
	struct engine *e;
	struct instant now;
	unsigned n;
	char (*on)[KEYID_VERSION_MAX]; /* version in use, by number */
	const char *newest;
	unsigned moved, page;
	struct cost cost[EVENTS];
	struct call waiting[64];
	unsigned registry[64];
	size_t n_waiting;
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void charge(struct fleet *f, enum event event, uint64_t looks, double ms)
{
	struct cost *c = &f->cost[event];

	if (f->e->looks - looks > c->looks)
		c->looks = f->e->looks - looks;
	if (now_ms() - ms > c->ms)
		c->ms = now_ms() - ms;
}

static unsigned number_of(const char *id)
{
	return (unsigned)strtoul(strrchr(id, '/') + 2, NULL, 10);
}

static void fetch(struct fleet *f)
{
	struct action a;

	while (engine_action(f->e, &a)) {
		if (a.kind != ACTION_CALL)
			continue;
		assert_true(f->n_waiting < 64);
		f->registry[f->n_waiting] =
			a.call.registry ? number_of(a.call.registry) : 0;
		f->waiting[f->n_waiting++] = a.call;
	}
}

/* One page of the LIST, from where the last one ended. */
static void fill_page(struct fleet *f, struct reply *r)
{
	unsigned from = f->page * PAGE, to = from + PAGE;

	to = to < f->n ? to : f->n;
	r->list.n = to - from;
	r->list.items = text_alloc(r->list.n, sizeof(*r->list.items));
	for (unsigned i = from; i < to; i++) {
		r->list.items[i - from].id = text_printf(ID, i);
		r->list.items[i - from].view = rig_view(f->on[i]);
	}
	f->page = to < f->n ? f->page + 1 : 0;
	if (f->page)
		r->list.next_url = text_printf(
			"https://management.azure.com/page?$skiptoken=%u",
			f->page);
}

static enum event answer_of(struct fleet *f, const struct call *c, unsigned i,
			    struct reply *r)
{
	*r = (struct reply){ .kind = c->kind,
			     .ticket = c->ticket,
			     .date_ms = f->now.wall - 500,
			     .remaining = -1,
			     .answered = true,
			     .reached = true,
			     .multiplexed = true };
	r->fault = fault_none();
	switch (c->kind) {
	case CALL_TOKEN:
		r->token.secret = text_dup("token");
		r->token.lifetime_ms = DAY;
		r->token.refresh_in_ms = -1;
		return EVENTS;
	case CALL_KEY:
		r->key =
			rig_good(c->key.version[0] ? c->key.version : f->newest,
				 strcmp(f->newest, V1) == 0 || c->key.version[0]
					 ? RIG_NOW - DAY
					 : RIG_NOW);
		return c->key.version[0] ? EVENTS : QUIET_POLL;
	case CALL_LIST:
		fill_page(f, r);
		return LIST_PAGE;
	case CALL_REGISTRY:
		r->registry = rig_view(f->on[i]);
		return f->moved ? FIRST_WRITE : REPLY;
	case CALL_PATCH:
		text_copy(f->on[i], KEYID_VERSION_MAX, f->newest);
		r->patch.finished = true;
		r->patch.retry_after_ms = -1;
		f->moved++;
		return FIRST_WRITE;
	case CALL_OPERATION:
	case CALL_POLICY:
	case CALL_REACH: /* the doctor's */
	case CALL_RIGHTS:
	case CALL_LEASE:
	case CALL_HINTS:
	case CALL_HINT_DROP:
		break;
	}
	fail();
	return EVENTS;
}

/* Answer the oldest question; what kind of event that was. */
static void answer(struct fleet *f, enum event instead)
{
	struct call c = f->waiting[0];
	unsigned i = f->registry[0];
	struct reply r;
	enum event event;
	uint64_t looks = f->e->looks;
	double ms;

	f->n_waiting--;
	memmove(f->waiting, f->waiting + 1, f->n_waiting * sizeof(*f->waiting));
	memmove(f->registry, f->registry + 1,
		f->n_waiting * sizeof(*f->registry));
	event = answer_of(f, &c, i, &r);
	ms = now_ms();
	engine_reply(f->e, &r, f->now);
	if (event == QUIET_POLL)
		event = instead; /* the first one is none */
	if (event != EVENTS)
		charge(f, event, looks, ms);
	reply_free(&r);
	fetch(f);
}

static void answer_all(struct fleet *f, enum event poll)
{
	fetch(f);
	while (f->n_waiting)
		answer(f, poll);
}

static void tick(struct fleet *f, int64_t ms)
{
	f->now.boot += ms;
	f->now.wall += ms;
	engine_tick(f->e, f->now);
}

static char *config_text(unsigned n)
{
	struct buf b;

	buf_init(&b, 8 << 20);
	buf_printf(&b,
		   "read-rate = \"100000\"\nread-burst = \"100000\"\n"
		   "write-rate = \"100000\"\nwrite-burst = \"100000\"\n"
		   "watch \"" RIG_KEY "\" {\n\tcanary = \"" ID "\"\n"
		   "\tmax-parallel = \"8\"\n\tregistries = {\n",
		   n - 1);
	for (unsigned i = 0; i < n; i++)
		buf_printf(&b, "%s\"" ID "\"\n", i ? "," : "", i);
	buf_printf(&b, "}\n}\n");
	return b.data;
}

/* From the first pass over quiet polls to a whole fleet on a new version. */
static void run(struct fleet *f, unsigned n)
{
	char *text = config_text(n);
	unsigned steps = 0;

	memset(f, 0, sizeof(*f));
	f->now = (struct instant){ RIG_BOOT, RIG_NOW };
	f->n = n;
	f->newest = V1;
	f->on = text_alloc(n, sizeof(*f->on));
	for (unsigned i = 0; i < n; i++)
		text_copy(f->on[i], sizeof(f->on[i]), V1);
	f->e = engine_new(rig_parse(text), 1, 0, f->now);
	free(text);
	engine_tick(f->e, f->now);
	answer_all(f, EVENTS); /* the first poll is no quiet one */
	assert_true(engine_all_current(f->e));
	for (int i = 0; i < 3; i++) {
		engine_poll(f->e, NULL, f->now);
		answer_all(f, QUIET_POLL);
		tick(f, SECOND);
		answer_all(f, QUIET_POLL);
	}
	/* One answer about one registry. */
	engine_pause(f->e, engine_find(f->e, "r00003", &(size_t){ 0 }), 0, NULL,
		     0, f->now);
	answer_all(f, QUIET_POLL);
	assert_true(f->cost[REPLY].looks > 0);
	assert_int_equal(f->moved, 0);

	f->newest = V2;
	engine_poll(f->e, NULL, f->now);
	fetch(f);
	assert_int_equal(f->n_waiting, 1);
	answer(f, NEW_VERSION);
	while (f->moved < n || !engine_all_current(f->e)) {
		assert_true(steps++ < 20 * n + 1000);
		if (f->n_waiting)
			answer(f, QUIET_POLL);
		else
			tick(f, 200);
		fetch(f);
	}
}

static void end(struct fleet *f)
{
	engine_free(f->e);
	free(f->on);
}

static void what_an_event_costs(void **state)
{
	static struct fleet few, many;

	(void)state;
	run(&few, FEW);
	run(&many, MANY);
	for (int i = 0; i < EVENTS; i++)
		print_message(
			"figure %-14s at %u: %llu looks, %.3f ms; at %u: %llu looks, %.3f ms\n",
			names[i], FEW, (unsigned long long)few.cost[i].looks,
			few.cost[i].ms, MANY,
			(unsigned long long)many.cost[i].looks,
			many.cost[i].ms);
	assert_int_equal(many.cost[REPLY].looks, few.cost[REPLY].looks);
	assert_int_equal(many.cost[QUIET_POLL].looks,
			 few.cost[QUIET_POLL].looks);
	assert_true(many.cost[QUIET_POLL].looks <= 4);
	assert_true(many.cost[REPLY].looks <= 8);
	/* Each registry a few times, once. */
	assert_true(many.cost[NEW_VERSION].looks <= 4 * MANY + 50);
	/* The canary's answer lets max-parallel of the others go. */
	assert_true(many.cost[FIRST_WRITE].looks <=
		    few.cost[FIRST_WRITE].looks + 16);
	assert_true(many.cost[LIST_PAGE].looks <= MANY + 4 * PAGE + 50);
	end(&few);
	end(&many);
}

/* So many keys, each in a vault of its own, with a registry in a subscription
 * of its own. */
static struct config *vault_each(unsigned n)
{
	struct config *c;
	struct buf b;

	buf_init(&b, 8 << 20);
	for (unsigned i = 0; i < n; i++)
		buf_printf(
			&b,
			"watch \"https://vault%u.vault.azure.net/keys/k\" {\n"
			"registries = { \"/subscriptions/11111111-2222-3333-"
			"4444-5555%08u/resourceGroups/prod/providers/"
			"Microsoft.ContainerRegistry/registries/registry%05u\" }\n}\n",
			i, i, i);
	c = rig_parse(b.data);
	buf_free(&b);
	return c;
}

/* What a start and a reload cost grows with what the file names, and no
 * faster. */
static void what_a_start_costs(void **state)
{
	enum { N = 10000 };
	struct config *first = vault_each(N), *second = vault_each(N);
	struct instant now = { RIG_BOOT, RIG_NOW };
	double ms = now_ms(), began;
	struct engine *e;

	(void)state;
	e = engine_new(first, 1, 0, now);
	began = now_ms() - ms;
	assert_true(e->traffic.looks <= 2 * 20 * N);
	e->traffic.looks = e->looks = 0;
	ms = now_ms();
	engine_reload(e, second, now);
	print_message(
		"figure %d vaults: start %.0f ms; reload %.0f ms, %llu looks at ends\n",
		N, began, now_ms() - ms, (unsigned long long)e->traffic.looks);
	assert_true(e->traffic.looks <= 3 * 20 * N);
	assert_true(e->looks <= 20 * N);
	engine_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_event_costs),
		cmocka_unit_test(what_a_start_costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
