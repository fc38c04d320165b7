/* A fleet in which every key is rotated in the same minute. */
#include "scale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/text.h"
#include "cloud.h"
#include "driver.h"
#include "look.h"

#define PER_SUBSCRIPTION 250
#define PER_KEY 50
#define KEYS_PER_VAULT 100
#define SCOPE "/subscriptions/00000000-0000-4000-8000-%012u"
#define REGISTRY                                                          \
	SCOPE "/resourceGroups/rg/providers/Microsoft.ContainerRegistry/" \
	      "registries/fleet%u"

#define BORN_MS (20 * SIM_MINUTE) /* the first new version; all is current */
#define MINUTE_MS SIM_MINUTE	  /* and the last one, so much later */
#define END_MS (BORN_MS + MINUTE_MS + 240 * SIM_MINUTE)
#define FORETOLD_MS (4 * SIM_MINUTE) /* what was foretold by then counts */
#define PART 10			     /* it may be off by one tenth */
#define STEPS_MAX 2000000000UL	     /* more is an engine that spins */

/* Azure's buckets of a subscription and principal.
 * Source: learn.microsoft.com, "Understand how Azure Resource Manager
 * throttles requests". */
#define READ_DEEP 250
#define READ_RATE 25
#define WRITE_DEEP 200
#define WRITE_RATE 10

/* What an operation takes, and when Azure wants to be asked for it. */
#define OPERATION_MS (5 * SIM_SECOND)
#define SPREAD_MS (20 * SIM_SECOND)
#define RETRY_MS (10 * SIM_SECOND)

#define PLACES 32 /* questions to one host at once, under HTTP/2, at most */
#define TIMES 2	  /* what bounds it may take so often as long */

struct azure_bucket {
	double tokens;
	int64_t at;
	uint64_t asked;
};

struct one { /* a registry, as it is in truth */
	bool moved;
	int64_t operation_ends;
	int64_t took; /* from effective to verified; -1 never */
};

struct scale {
	struct driver d;
	unsigned registries, keys, subscriptions;
	struct one *one;
	struct azure_bucket *reads, *writes;
	struct random dice;
	uint64_t asked[CALL_HINT_DROP + 1], throttled;
	int64_t busy_ms; /* of Resource Manager's answers since the first one */
	unsigned verified;
	/* What was foretold once a move was measured. */
	bool foretold;
	struct look_forecast forecast;
	int64_t foretold_at;
};

/* ---- who is who ---- */

static unsigned key_of(const struct scale *s, unsigned registry)
{
	return registry % s->keys;
}

static int64_t born(const struct scale *s, unsigned key)
{
	return BORN_MS + (int64_t)key * MINUTE_MS / s->keys / 1000 * 1000;
}

static bool is_new(const struct scale *s, unsigned key)
{
	return s->d.t >= born(s, key);
}

static void version_name(char *dst, unsigned version)
{
	snprintf(dst, KEYID_VERSION_MAX, "%08x%024x", version, 1);
}

static void key_id(struct keyid *k, unsigned key)
{
	snprintf(k->host, sizeof(k->host), "fleet%u.vault.azure.net",
		 key / KEYS_PER_VAULT);
	snprintf(k->name, sizeof(k->name), "key%u", key);
}

static unsigned registry_of(const char *id)
{
	return (unsigned)strtoul(strrchr(id, '/') + 6, NULL, 10);
}

static unsigned subscription_of(const char *id)
{
	const char *dash = strrchr(id, '-');

	return (unsigned)strtoul(dash + 1, NULL, 10);
}

/* ---- Azure's answers ---- */

static bool bears(struct azure_bucket *b, int64_t t, double deep, double rate,
		  int64_t *wait)
{
	b->asked++;
	b->tokens += (double)(t - b->at) * rate / 1000;
	b->tokens = b->tokens > deep ? deep : b->tokens;
	b->at = t;
	if (b->tokens < 1) {
		*wait = (int64_t)((1 - b->tokens) * 1000 / rate) + 1000;
		return false;
	}
	b->tokens -= 1;
	return true;
}

static void answer_key(const struct scale *s, const struct call *call,
		       struct key_version *v)
{
	unsigned key = (unsigned)strtoul(call->key.name + 3, NULL, 10);
	unsigned version = is_new(s, key);

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
	v->created =
		SIM_EPOCH + (version ? born(s, key) : -24 * (int64_t)SIM_HOUR);
	v->updated = v->created;
}

static void view_of(const struct scale *s, unsigned registry,
		    struct registry_view *v)
{
	const struct one *one = &s->one[registry];

	*v = (struct registry_view){ .premium = true,
				     .encrypted = true,
				     .key_valid = true,
				     .auto_rotation = true,
				     .identity_attached = true,
				     .rotated_at = -1 };
	text_copy(v->identity, sizeof(v->identity), "system");
	key_id(&v->key, key_of(s, registry));
	version_name(v->version_in_use, one->moved);
	v->version_known = true;
	v->in_use_key = v->key;
	if (one->operation_ends > s->d.t)
		v->provisioning = PROVISIONING_UPDATING;
}

/* All of a subscription's are on one page. */
static void answer_list(const struct scale *s, const struct call *call,
			struct reply *r)
{
	unsigned from = subscription_of(call->subscription) * PER_SUBSCRIPTION;

	r->list.items = text_alloc(PER_SUBSCRIPTION, sizeof(*r->list.items));
	for (unsigned i = from; i < from + PER_SUBSCRIPTION; i++) {
		if (i >= s->registries)
			break;
		r->list.items[r->list.n].id =
			text_printf(REGISTRY, i / PER_SUBSCRIPTION, i);
		view_of(s, i, &r->list.items[r->list.n++].view);
	}
}

static void answer_patch(struct scale *s, const struct call *call,
			 struct reply *r)
{
	unsigned i = registry_of(call->registry);

	s->one[i].operation_ends = s->d.t + OPERATION_MS +
				   (int64_t)random_below(&s->dice, SPREAD_MS);
	s->one[i].moved = true;
	r->patch.operation_url = text_printf(SCOPE "/operations/fleet%u",
					     i / PER_SUBSCRIPTION, i);
	r->patch.retry_after_ms = RETRY_MS;
}

static void answer_operation(const struct scale *s, const struct call *call,
			     struct reply *r)
{
	bool runs = s->one[registry_of(call->url)].operation_ends > s->d.t;

	r->operation.status = runs ? OPERATION_RUNNING : OPERATION_SUCCEEDED;
	r->operation.retry_after_ms = runs ? RETRY_MS : -1;
}

/* Whose budget it takes; NULL: none of Resource Manager's. */
static const char *charged(const struct call *call)
{
	switch (call->kind) {
	case CALL_REGISTRY:
	case CALL_PATCH:
		return call->registry;
	case CALL_OPERATION:
		return call->url;
	case CALL_LIST:
		return call->subscription;
	default:
		return NULL;
	}
}

/* Resource Manager bears it, or says when to come again. */
static bool admits(struct scale *s, const struct call *call, struct reply *r)
{
	const char *scope = charged(call);
	bool write = call->kind == CALL_PATCH;
	struct azure_bucket *b;
	const char *at;

	if (!scope)
		return true;
	at = strstr(scope, "4000-8000-");
	b = &(write ? s->writes : s->reads)[at ? strtoul(at + 10, NULL, 10)
					       : subscription_of(scope)];
	if (bears(b, s->d.t, write ? WRITE_DEEP : READ_DEEP,
		  write ? WRITE_RATE : READ_RATE, &r->fault.retry_after_ms))
		return true;
	s->throttled++;
	r->throttles_all = true;
	fault_set(&r->fault, FAULT_THROTTLED, 429, "too many requests");
	return false;
}

static void answer(struct scale *s, const struct call *call, struct reply *r)
{
	if (!admits(s, call, r))
		return;
	switch (call->kind) {
	case CALL_TOKEN:
		r->token.lifetime_ms = 24 * (int64_t)SIM_HOUR;
		r->token.refresh_in_ms = -1;
		break;
	case CALL_KEY:
		answer_key(s, call, &r->key);
		break;
	case CALL_REGISTRY:
		view_of(s, registry_of(call->registry), &r->registry);
		break;
	case CALL_LIST:
		answer_list(s, call, r);
		break;
	case CALL_PATCH:
		answer_patch(s, call, r);
		break;
	case CALL_OPERATION:
		answer_operation(s, call, r);
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

static void send(void *world, int daemon, const struct call *call)
{
	static const int64_t ms[] = {
		[CALL_TOKEN] = 100, [CALL_KEY] = 50,	[CALL_REGISTRY] = 100,
		[CALL_LIST] = 500,  [CALL_PATCH] = 300, [CALL_OPERATION] = 100
	};
	struct scale *s = world;
	struct driver_answer *a = driver_answer(&s->d, daemon, call);
	struct reply *r = &a->r;

	s->asked[call->kind]++;
	r->answered = r->multiplexed = true;
	answer(s, call, r);
	r->rtt_ms = ms[call->kind];
	if (charged(call) && s->d.t >= BORN_MS)
		s->busy_ms += r->rtt_ms;
	r->date_ms = (SIM_EPOCH + s->d.t) / 1000 * 1000;
	driver_post(&s->d, a, s->d.t + r->rtt_ms);
}

static void told(void *world, int daemon, const struct note *n)
{
	struct scale *s = world;
	char wanted[KEYID_VERSION_MAX];
	unsigned i;

	(void)daemon;
	if (n->kind != NOTE_VERIFIED || !n->registry)
		return;
	version_name(wanted, 1);
	i = registry_of(n->registry);
	if (strcmp(n->version, wanted) != 0 || s->one[i].took >= 0)
		return;
	s->one[i].took = s->d.t - born(s, key_of(s, i));
	s->verified++;
}

static void drained(void *world, int daemon)
{
	struct scale *s = world;

	if (s->foretold || s->d.t < BORN_MS + FORETOLD_MS)
		return;
	s->forecast = look_forecast(s->d.daemon[daemon].e);
	s->foretold = s->forecast.measured;
	s->foretold_at = s->d.t;
}

static const struct driver_world how = {
	.call = send,
	.note = told,
	.drained = drained,
};

/* What comes next.  False when it is over. */
static bool step(struct scale *s)
{
	return driver_step(&s->d, END_MS) && s->verified < s->registries;
}

/* ---- the run ---- */

static struct config *configure(const struct scale *s, const char *settings,
				const char *of_watch)
{
	struct buf b;

	buf_init(&b, CONFIG_TEXT_MAX);
	buf_printf(&b, "%s\n", settings);
	for (unsigned key = 0; key < s->keys; key++) {
		struct keyid id = { 0 };

		key_id(&id, key);
		buf_printf(&b,
			   "watch \"https://%s/keys/%s\" { %s registries = {",
			   id.host, id.name, of_watch);
		for (unsigned i = key; i < s->registries; i += s->keys)
			buf_printf(&b, "%s\"" REGISTRY "\"",
				   i == key ? "" : ", ", i / PER_SUBSCRIPTION,
				   i);
		buf_puts(&b, "} }\n");
	}
	return driver_configure(&b);
}

static void tidy(struct scale *s)
{
	driver_free(&s->d);
	free(s->one);
	free(s->reads);
	free(s->writes);
}

static bool go(struct scale *s, unsigned registries, const char *settings,
	       const char *of_watch)
{
	struct config *c;
	unsigned long steps = 0;

	*s = (struct scale){ .registries = registries };
	s->subscriptions =
		(registries + PER_SUBSCRIPTION - 1) / PER_SUBSCRIPTION;
	s->keys = (registries + PER_KEY - 1) / PER_KEY;
	s->one = text_alloc(registries, sizeof(*s->one));
	s->reads = text_alloc(s->subscriptions, sizeof(*s->reads));
	s->writes = text_alloc(s->subscriptions, sizeof(*s->writes));
	for (unsigned i = 0; i < s->subscriptions; i++) {
		s->reads[i].tokens = READ_DEEP;
		s->writes[i].tokens = WRITE_DEEP;
	}
	for (unsigned i = 0; i < registries; i++)
		s->one[i].took = -1;
	random_init(&s->dice, 1);
	driver_init(&s->d, &how, s, 1);
	c = configure(s, settings, of_watch);
	if (!c)
		return false;
	driver_born(&s->d, 0, c, 1);
	driver_tick(&s->d, 0);
	while (steps++ < STEPS_MAX && step(s))
		;
	return steps < STEPS_MAX;
}

/* ---- what is asked of it ---- */

static int by_length(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* What the budgets alone take for one subscription, s. */
static double least(double writes, double deep, double rate)
{
	return writes > deep ? (writes - deep) / rate : 0;
}

/* What stands in the way, and how long it takes alone, s. */
struct least {
	const char *name;
	double seconds;
};

/* The one that takes longest.  all: of each limit. */
static const struct least *bound(const struct scale *s, struct least all[3])
{
	const struct config *c = engine_config(s->d.daemon[0].e);
	unsigned share = c->max_requests / 4 > 0 ? c->max_requests / 4 : 1;
	unsigned places = share < PLACES ? share : PLACES;
	/* The first one alone, then so many at a time. */
	unsigned turns = 1 + (PER_KEY - 2) / c->watches[0].max_parallel + 1;
	const struct least *most = all;

	all[0] = (struct least){ "a subscription's budget for writes",
				 least(PER_SUBSCRIPTION, c->write_burst,
				       c->write_rate) };
	all[1] = (struct least){ "Resource Manager's places",
				 (double)s->busy_ms / 1000 / places };
	all[2] =
		(struct least){ "max-parallel",
				turns * (double)(OPERATION_MS + SPREAD_MS / 2) /
					1000 };
	for (size_t i = 1; i < 3; i++)
		if (all[i].seconds > most->seconds)
			most = &all[i];
	return most;
}

static void print(const struct scale *s, double seconds)
{
	static const struct {
		const char *name;
		double part;
	} marks[] = { { "half", 0.5 },
		      { "90 %", 0.9 },
		      { "99 %", 0.99 },
		      { "the last", 1 } };
	struct least all[3];
	const struct least *most = bound(s, all);
	int64_t *took = text_alloc(s->registries, sizeof(*took));

	for (unsigned i = 0; i < s->registries; i++)
		took[i] = s->one[i].took < 0 ? END_MS : s->one[i].took;
	qsort(took, s->registries, sizeof(*took), by_length);
	printf("  verified after:");
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		printf("%s %s %.0f s", i ? "," : "", marks[i].name,
		       (double)took[(size_t)(marks[i].part *
					     (s->registries - 1))] /
			       1000);
	free(took);
	printf("\n  bounded by %s; each limit alone takes:", most->name);
	for (size_t i = 0; i < 3; i++)
		printf(" %s %.0f s,", all[i].name, all[i].seconds);
	printf(" and Azure's bucket for writes %.0f s\n",
	       least(PER_SUBSCRIPTION, WRITE_DEEP, WRITE_RATE));
	printf("  asked: %llu keys, %llu lists, %llu registries, %llu writes, "
	       "%llu operations; %llu were throttled\n",
	       (unsigned long long)s->asked[CALL_KEY],
	       (unsigned long long)s->asked[CALL_LIST],
	       (unsigned long long)s->asked[CALL_REGISTRY],
	       (unsigned long long)s->asked[CALL_PATCH],
	       (unsigned long long)s->asked[CALL_OPERATION],
	       (unsigned long long)s->throttled);
	printf("  %.1f s of processor time\n", seconds);
}

static bool wrong(bool is, const char *what)
{
	if (is)
		printf("  WRONG: %s\n", what);
	return is;
}

static bool about(double a, double b)
{
	double more = a > b ? a : b, less = a > b ? b : a;

	return more - less <= more / PART;
}

/* Those that were really late, and the last of them by how much. */
static bool foretold_right(const struct scale *s)
{
	int64_t by = 0, window = engine_config(s->d.daemon[0].e)->window_ms;
	unsigned late = 0;

	for (unsigned i = 0; i < s->registries; i++) {
		int64_t took = s->one[i].took < 0 ? END_MS : s->one[i].took;

		late += took > window;
		by = took - window > by ? took - window : by;
	}
	printf("  foretold after %.0f s: %zu late, the last by %.0f s; it was "
	       "%u, by %.0f s\n",
	       (double)(s->foretold_at - BORN_MS) / 1000, s->forecast.late,
	       (double)s->forecast.by_ms / 1000, late, (double)by / 1000);
	return s->foretold && about((double)s->forecast.late, late) &&
	       about((double)(window + s->forecast.by_ms),
		     (double)(window + by));
}

static bool measure(unsigned registries, const char *settings,
		    const char *of_watch, bool in_time)
{
	static struct scale s;
	clock_t begin = clock();
	struct least all[3];
	bool ran = go(&s, registries, settings, of_watch), bad = false,
	     late = false, slow = false;

	printf("%u registries in %u subscriptions, %u keys, each with a new "
	       "version in the same minute%s%s%s%s:\n",
	       registries, s.subscriptions, s.keys, *settings ? ", " : "",
	       settings, *of_watch ? ", " : "", of_watch);
	bad |= wrong(!ran, "it does not run");
	if (ran) {
		print(&s, (double)(clock() - begin) / CLOCKS_PER_SEC);
		for (unsigned i = 0; i < registries; i++) {
			late |= s.one[i].took < 0 ||
				s.one[i].took > engine_config(s.d.daemon[0].e)
							->window_ms;
			slow |= (double)s.one[i].took / 1000 >
				TIMES * bound(&s, all)->seconds;
		}
		bad |= wrong(in_time && late, "some were late");
		bad |= wrong(slow,
			     "something else than these limits bounds it");
		bad |= wrong(s.verified < registries,
			     "some were never verified");
		bad |= wrong(s.throttled > 0,
			     "more was asked than Azure bears");
		bad |= wrong((!in_time || s.foretold) && !foretold_right(&s),
			     "the forecast was off by more than a tenth");
	}
	tidy(&s);
	return !bad;
}

bool scale_run(unsigned registries)
{
	unsigned few;
	char some[64];
	bool good = measure(registries, "", "", true);

	/* With eight places for each key, those that wait for one
	 * subscription's budget would keep others, whose budget is there, from
	 * theirs: how many is chance, and no forecast's business. */
	good &= measure(registries, "write-rate = 0.03", "max-parallel = 50",
			false);
	/* A fourth of these for one host. */
	few = registries / 500 < 4 ? 4 : registries / 500;
	snprintf(some, sizeof(some), "window = \"10m\" max-requests = %u",
		 few < 1000 ? few : 1000);
	return measure(registries, some, "", false) && good;
}
