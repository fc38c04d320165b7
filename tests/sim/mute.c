/* The engine beside a vault that never answers, and then does. */
#include "mute.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "cloud.h"
#include "driver.h"

#define MUTE_HOST "mute.vault.azure.net"
#define GOOD_HOST "good.vault.azure.net"
#define MUTE_SCOPE "/subscriptions/00000000-0000-4000-8000-000000000000"
#define GOOD_SCOPE "/subscriptions/00000000-0000-4000-8000-000000000001"
#define REGISTRY \
	"/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/"
#define GOOD_ID GOOD_SCOPE REGISTRY "answers"

#define GIVE_UP_MS (60 * SIM_SECOND) /* a transfer without an answer */
#define OPERATION_MS (5 * SIM_SECOND)
#define LIST_PAGE 1000
#define END_MS (120 * SIM_MINUTE)
#define LATE_MS (2 * SIM_SECOND) /* allowed for a mute vault beside it */
#define OFTEN \
	3 /* questions for one key in a minute after: two polls, and the
		    version in use */
#define STEPS_MAX 100000000 /* more is an engine that spins */

/* It is mute from the start, and again after it was well. */
#define SILENCES 2
static const struct {
	int64_t from, to;
} silence[SILENCES] = {
	{ 0, 40 * SIM_MINUTE },
	{ 60 * SIM_MINUTE, 95 * SIM_MINUTE },
};

/* When the good key gets its versions. */
#define VERSIONS 7
static const int64_t born[VERSIONS] = {
	-24 * (int64_t)SIM_HOUR,	   10 * SIM_MINUTE,
	20 * SIM_MINUTE + 13 * SIM_SECOND, 30 * SIM_MINUTE + 26 * SIM_SECOND,
	60 * SIM_MINUTE + 5 * SIM_SECOND,  70 * SIM_MINUTE + 39 * SIM_SECOND,
	80 * SIM_MINUTE + 52 * SIM_SECOND,
};

/* What was measured. */
struct result {
	int64_t took[VERSIONS]; /* from new version to verified; -1 never */
	unsigned most;		/* requests at the mute vault at one time */
	bool overdrawn;		/* more than its budget went to it */
	/* The worst after its silences: requests to it in the second and the
	 * minute after it has answered again, those for one key in an
	 * interval, and ms until all was current; -1 never. */
	unsigned second, minute, per_key;
	int64_t back;
};

struct mute_world {
	struct driver d;
	unsigned keys;
	bool falls_silent, mute;
	unsigned newest, in_use; /* versions of the good key */
	unsigned edges;		 /* of silences that are past */
	int64_t operation_ends;
	unsigned flying;
	double tokens; /* of the budget of the mute vault, at */
	int64_t at;
	int64_t answered; /* first, after a silence; -1 not yet */
	bool current;	  /* all was, since then */
	unsigned second, minute;
	unsigned char *asked; /* per key, in the interval from then on */
	struct result *result;
};

static void version_name(char *dst, unsigned version)
{
	snprintf(dst, KEYID_VERSION_MAX, "%08x%024x", version, 1);
}

/* ---- answers ---- */

static void answer_key(const struct mute_world *w, const struct call *call,
		       struct key_version *v)
{
	bool good = strcmp(call->key.host, GOOD_HOST) == 0;
	unsigned version = good ? w->newest : 0;

	if (call->key.version[0])
		sscanf(call->key.version, "%8x", &version);
	*v = (struct key_version){ .enabled = true,
				   .rsa = true,
				   .wraps = true,
				   .bits = 2048,
				   .not_before = -1,
				   .expires = -1,
				   .purge_protected = true };
	version_name(v->version, version);
	v->created = v->updated = (SIM_EPOCH + born[version]) / 1000 * 1000;
}

/* The registry `quiet` of that number, or NULL's: the good one. */
static void view_of(const struct mute_world *w, const char *mute,
		    struct registry_view *v)
{
	*v = (struct registry_view){ .premium = true,
				     .encrypted = true,
				     .key_valid = true,
				     .auto_rotation = true,
				     .identity_attached = true,
				     .rotated_at = -1 };
	text_copy(v->identity, sizeof(v->identity), "system");
	text_copy(v->key.host, sizeof(v->key.host),
		  mute ? MUTE_HOST : GOOD_HOST);
	snprintf(v->key.name, sizeof(v->key.name), "key%s", mute ? mute : "");
	version_name(v->version_in_use, mute ? 0 : w->in_use);
	v->version_known = true;
	v->in_use_key = v->key;
	if (!mute && w->operation_ends > w->d.t)
		v->provisioning = PROVISIONING_UPDATING;
}

static const char *number_of(const char *id)
{
	const char *name = strrchr(id, '/') + 1;

	return text_prefix(name, "quiet") ? name + 5 : NULL;
}

static void answer_list(const struct mute_world *w, const struct call *call,
			struct reply *r)
{
	unsigned from = 0;

	if (call->url)
		from = (unsigned)strtoul(strrchr(call->url, ':') + 1, NULL, 10);
	r->list.items = text_alloc(LIST_PAGE, sizeof(*r->list.items));
	if (call->subscription && strstr(GOOD_SCOPE, call->subscription)) {
		r->list.items[r->list.n].id = text_dup(GOOD_ID);
		view_of(w, NULL, &r->list.items[r->list.n++].view);
		return;
	}
	for (unsigned i = from; i < w->keys && r->list.n < LIST_PAGE; i++) {
		struct registry_item *item = &r->list.items[r->list.n++];

		item->id = text_printf(MUTE_SCOPE REGISTRY "quiet%u", i);
		view_of(w, number_of(item->id), &item->view);
	}
	if (from + LIST_PAGE < w->keys)
		r->list.next_url = text_printf("from:%u", from + LIST_PAGE);
}

/* Registries of the mute vault are where they should be: nobody moves them. */
static void answer_patch(struct mute_world *w, const struct call *call,
			 struct reply *r)
{
	if (number_of(call->registry)) {
		fault_set(&r->fault, FAULT_REFUSED, 400, "not to be moved");
		return;
	}
	w->operation_ends = w->d.t + OPERATION_MS;
	w->in_use = w->newest;
	r->patch.operation_url = text_dup("operation");
	r->patch.retry_after_ms = -1;
}

static void answer(struct mute_world *w, const struct call *call,
		   struct reply *r)
{
	switch (call->kind) {
	case CALL_TOKEN:
		r->token.lifetime_ms = 24 * (int64_t)SIM_HOUR;
		r->token.refresh_in_ms = -1;
		break;
	case CALL_KEY:
		answer_key(w, call, &r->key);
		break;
	case CALL_REGISTRY:
		view_of(w, number_of(call->registry), &r->registry);
		break;
	case CALL_LIST:
		answer_list(w, call, r);
		break;
	case CALL_PATCH:
		answer_patch(w, call, r);
		break;
	case CALL_OPERATION:
		r->operation.status = w->operation_ends > w->d.t
					      ? OPERATION_RUNNING
					      : OPERATION_SUCCEEDED;
		r->operation.retry_after_ms = -1;
		break;
	case CALL_POLICY: /* its configuration wants none */
	case CALL_REACH:  /* the doctor's */
	case CALL_RIGHTS:
	case CALL_LEASE:
	case CALL_HINTS:
	case CALL_HINT_DROP:
		break;
	}
}

/* ---- what the engine does ---- */

static void most(unsigned *worst, unsigned n)
{
	if (n > *worst)
		*worst = n;
}

/* One more goes to the vault that may be mute. */
static void count(struct mute_world *w, const struct call *call)
{
	const struct config *c = engine_config(w->d.daemon[0].e);
	unsigned i = (unsigned)strtoul(call->key.name + 3, NULL, 10);

	most(&w->result->most, ++w->flying);
	w->tokens += (double)(w->d.t - w->at) * c->vault_rate / 1000;
	if (w->tokens > c->vault_burst)
		w->tokens = c->vault_burst;
	w->at = w->d.t;
	w->tokens -= 1;
	w->result->overdrawn |= w->tokens < -0.01;
	if (w->answered < 0)
		return;
	if (w->d.t < w->answered + SIM_SECOND)
		most(&w->result->second, ++w->second);
	if (w->d.t < w->answered + SIM_MINUTE)
		most(&w->result->minute, ++w->minute);
	if (w->d.t < w->answered + c->poll_interval_ms)
		most(&w->result->per_key, ++w->asked[i]);
}

/* Marked: it is counted among those at the mute vault. */
static void send(void *world, int daemon, const struct call *call)
{
	static const int64_t ms[] = {
		[CALL_TOKEN] = 100, [CALL_KEY] = 100,	[CALL_REGISTRY] = 200,
		[CALL_LIST] = 500,  [CALL_PATCH] = 300, [CALL_OPERATION] = 200
	};
	struct mute_world *w = world;
	struct driver_answer *a = driver_answer(&w->d, daemon, call);
	struct reply *r = &a->r;

	a->marked = call->kind == CALL_KEY &&
		    strcmp(call->key.host, MUTE_HOST) == 0;
	if (a->marked)
		count(w, call);
	if (a->marked && w->mute) {
		fault_set(&r->fault, FAULT_TRANSIENT, 0, "no answer came");
		r->rtt_ms = GIVE_UP_MS;
	} else {
		answer(w, call, r);
		r->answered = r->multiplexed = true;
		r->rtt_ms = ms[call->kind];
		r->date_ms = (SIM_EPOCH + w->d.t) / 1000 * 1000;
	}
	driver_post(&w->d, a, w->d.t + r->rtt_ms);
}

static void told(void *world, int daemon, const struct note *n)
{
	struct mute_world *w = world;
	char wanted[KEYID_VERSION_MAX];

	(void)daemon;
	version_name(wanted, w->newest);
	if (n->kind == NOTE_VERIFIED && n->registry &&
	    strcmp(n->registry, GOOD_ID) == 0 &&
	    strcmp(n->version, wanted) == 0)
		w->result->took[w->newest] = w->d.t - born[w->newest];
}

static void drained(void *world, int daemon)
{
	struct mute_world *w = world;

	if (w->edges % 2 || w->current ||
	    engine_state(w->d.daemon[daemon].e) != ENGINE_OK)
		return;
	w->current = true;
	if (w->result->back < w->d.t - silence[w->edges / 2 - 1].to)
		w->result->back = w->d.t - silence[w->edges / 2 - 1].to;
}

static void landing(void *world, const struct driver_answer *a)
{
	struct mute_world *w = world;

	w->flying -= a->marked;
	if (a->marked && a->r.answered && !w->mute && w->answered < 0)
		w->answered = w->d.t;
}

static const struct driver_world how = {
	.call = send,
	.note = told,
	.landing = landing,
	.drained = drained,
};

/* ---- the run ---- */

static struct config *configure(unsigned keys)
{
	struct buf b;

	buf_init(&b, CONFIG_TEXT_MAX);
	buf_printf(&b, "watch \"https://" GOOD_HOST "/keys/key\" { registries "
		       "= { \"" GOOD_ID "\" } }\n");
	for (unsigned i = 0; i < keys; i++)
		buf_printf(&b,
			   "watch \"https://" MUTE_HOST "/keys/key%u\" "
			   "{ registries = { \"" MUTE_SCOPE REGISTRY
			   "quiet%u\" } }\n",
			   i, i);
	return driver_configure(&b);
}

/* It falls silent, or is well again. */
static void turn(struct mute_world *w)
{
	w->mute = w->edges++ % 2 == 0 && w->falls_silent;
	w->answered = -1;
	w->current = false;
	w->second = w->minute = 0;
	memset(w->asked, 0, w->keys);
}

static int64_t next_turn(const struct mute_world *w)
{
	if (w->edges == 2 * SILENCES)
		return END_MS;
	return w->edges % 2 ? silence[w->edges / 2].to
			    : silence[w->edges / 2].from;
}

/* What comes next.  False when it is over. */
static bool step(struct mute_world *w)
{
	int64_t version = w->newest + 1 < VERSIONS ? born[w->newest + 1]
						   : END_MS;
	int64_t edge = next_turn(w);

	if (driver_step(&w->d, edge < version ? edge : version))
		return w->d.t < END_MS;
	if (w->d.t == version)
		w->newest++;
	else
		turn(w);
	return w->d.t < END_MS;
}

static bool measure(unsigned keys, bool falls_silent, struct result *x)
{
	struct config *c = configure(keys);
	struct mute_world w = { .keys = keys,
				.falls_silent = falls_silent,
				.result = x };
	unsigned long steps = 0;

	*x = (struct result){ .back = -1 };
	memset(x->took, -1, sizeof(x->took));
	if (!c)
		return false;
	w.tokens = c->vault_burst;
	w.asked = text_alloc(keys, sizeof(*w.asked));
	turn(&w);
	driver_init(&w.d, &how, &w, 1);
	driver_born(&w.d, 0, c, 1);
	driver_tick(&w.d, 0);
	while (steps++ < STEPS_MAX && step(&w))
		;
	if (!w.current)
		x->back = -1;
	driver_free(&w.d);
	free(w.asked);
	return steps < STEPS_MAX;
}

/* ---- what is asked of it ---- */

static void print_took(const char *name, const struct result *x)
{
	printf("  new version to verified, %-8s", name);
	for (int i = 1; i < VERSIONS; i++)
		if (x->took[i] < 0)
			printf("   never");
		else
			printf(" %5.1f s", (double)x->took[i] / 1000);
	puts("");
}

static bool wrong(bool is, const char *what)
{
	if (is)
		printf("  WRONG: %s\n", what);
	return is;
}

static bool judge(const struct result *with, const struct result *without)
{
	bool late = false, bad = false;

	for (int i = 1; i < VERSIONS; i++)
		late |= with->took[i] < 0 || without->took[i] < 0 ||
			with->took[i] > without->took[i] + LATE_MS;
	bad |= wrong(late, "the mute vault holds up the other one");
	bad |= wrong(with->overdrawn, "more than its budget went to the vault");
	bad |= wrong(with->per_key > OFTEN,
		     "a key is asked for again and again after the silence");
	bad |= wrong(with->back < 0, "not all is current after the silence");
	return !bad;
}

bool mute_run(unsigned keys)
{
	struct result with, without;

	printf("a vault of %u keys that never answers, beside another:\n",
	       keys);
	if (!measure(keys, false, &without) || !measure(keys, true, &with)) {
		puts("  WRONG: it does not run");
		return false;
	}
	print_took("without", &without);
	print_took("with it", &with);
	printf("  requests at it: at most %u together; after a silence %u in "
	       "the first second,\n  %u in the first minute (at most %u for "
	       "one key); all current after %.1f s\n",
	       with.most, with.second, with.minute, with.per_key,
	       (double)with.back / 1000);
	return judge(&with, &without);
}
