/*
 * count: what is done for each poll, over and over, so that callgrind can say
 * how many instructions it takes.
 *
 * Nothing here knows a clock, a socket or a random number: a count is the same
 * on each run, however busy the machine is.  Each path is a function of its
 * own, which is called through a table, so that it stands in callgrind's
 * report by its name.  tests/bench/counts runs it and holds the counts to
 * their bounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__has_include) && __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else /* then nothing counts it either */
#define CALLGRIND_TOGGLE_COLLECT
#endif

#include "azure/call.h"
#include "base/buf.h"
#include "base/text.h"
#include "config/config.h"
#include "engine/engine.h"
#include "engine/snapshot.h"

#define KEYS 100
#define MANY 960 /* what costs more for each of so many grows too fast */
#define TIMES 10 /* that each path is taken */
#define BODY_MAX 1000000
#define VERSION "0123456789abcdef0123456789abcdef"
#define ID                                                           \
	"/subscriptions/11111111-2222-3333-4444-555555555555/"       \
	"resourceGroups/prod/providers/Microsoft.ContainerRegistry/" \
	"registries/contoso"

static struct cloud cloud;
static struct instant now = { .boot = 5000000, .wall = INT64_C(1772366400000) };
static char modulus[343];

static void need(bool truth, const char *what)
{
	if (truth)
		return;
	fprintf(stderr, "count: %s\n", what);
	exit(1);
}

/* ---- a small Azure ---- */

static void key_body(struct buf *b, const char *kid)
{
	buf_printf(b,
		   "{\"key\":{\"kid\":\"%s/" VERSION "\",\"kty\":\"RSA\","
		   "\"key_ops\":[\"encrypt\",\"decrypt\",\"sign\",\"verify\","
		   "\"wrapKey\",\"unwrapKey\"],\"n\":\"%s\",\"e\":\"AQAB\"},"
		   "\"attributes\":{\"enabled\":true,\"created\":1700000000,"
		   "\"updated\":1700000000,\"recoveryLevel\":\"Recoverable\","
		   "\"recoverableDays\":90,\"exportable\":false,"
		   "\"hsmPlatform\":\"2\"},\"tags\":{}}",
		   kid, modulus);
}

static void registry_body(struct buf *b, unsigned i)
{
	char kid[KEYID_TEXT_MAX];

	snprintf(kid, sizeof(kid),
		 "https://contoso.vault.azure.net/keys/cmk%03u", i);
	buf_printf(b,
		   "{\"id\":\"" ID "%03u\",\"name\":\"contoso%03u\",\"type\":"
		   "\"Microsoft.ContainerRegistry/registries\",\"location\":"
		   "\"westeurope\",\"tags\":{},\"sku\":{\"name\":\"Premium\","
		   "\"tier\":\"Premium\"},\"identity\":{\"type\":"
		   "\"systemAssigned\",\"principalId\":"
		   "\"c11e7700-0000-4000-8000-0000000000a2\"},\"properties\":{"
		   "\"loginServer\":\"contoso%03u.azurecr.io\","
		   "\"provisioningState\":\"Succeeded\",\"adminUserEnabled\":"
		   "false,\"policies\":{\"trustPolicy\":{\"type\":\"Notary\","
		   "\"status\":\"disabled\"},\"exportPolicy\":{\"status\":"
		   "\"enabled\"}},\"encryption\":{\"status\":\"enabled\","
		   "\"keyVaultProperties\":{\"keyIdentifier\":\"%s\","
		   "\"versionedKeyIdentifier\":\"%s/" VERSION "\",\"identity\":"
		   "\"system\",\"keyRotationEnabled\":true}},"
		   "\"publicNetworkAccess\":\"Enabled\",\"zoneRedundancy\":"
		   "\"Disabled\",\"privateEndpointConnections\":[]}}",
		   i, i, i, kid, kid);
}

static void list_body(struct buf *b)
{
	buf_puts(b, "{\"value\":[");
	for (unsigned i = 0; i < KEYS; i++) {
		buf_puts(b, i ? "," : "");
		registry_body(b, i);
	}
	buf_puts(b, "]}");
}

static void body_of(struct buf *b, const struct call *c)
{
	char kid[KEYID_TEXT_MAX];

	switch (c->kind) {
	case CALL_TOKEN:
		buf_printf(b,
			   "{\"access_token\":\"%.300s\",\"expires_in\":"
			   "\"86399\",\"resource\":\"%s\",\"token_type\":"
			   "\"Bearer\"}",
			   modulus, c->audience);
		return;
	case CALL_KEY:
		keyid_print_base(&c->key, kid, sizeof(kid));
		key_body(b, kid);
		return;
	case CALL_LIST:
		list_body(b);
		return;
	case CALL_REGISTRY:
		registry_body(b, (unsigned)atoi(c->registry +
						strlen(c->registry) - 3));
		return;
	default:
		need(false, "nothing else is asked in a steady watch");
	}
}

/* The answer, with the headers that the services send.  Making it is Azure's
 * work, and not counted. */
static struct answer answer_to(const struct call *c)
{
	struct answer a = { .status = 200, .http2 = true, .rtt_ms = 5 };
	time_t seconds = (time_t)(now.wall / 1000);
	char date[64];
	struct tm tm;

	CALLGRIND_TOGGLE_COLLECT;
	gmtime_r(&seconds, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	a.fault = fault_none();
	a.headers[ANSWER_DATE] = text_dup(date);
	a.headers[ANSWER_REQUEST_ID] =
		text_dup("5b1ba1a8-4f6e-4e2b-9a55-0d3f3c0e2a11");
	buf_init(&a.body, BODY_MAX);
	body_of(&a.body, c);
	CALLGRIND_TOGGLE_COLLECT;
	return a;
}

/* ---- an engine that has read everything once ---- */

struct fleet {
	struct engine *engine;
	unsigned polls;
	struct reply replies[4 * KEYS];
	size_t n;
};

static void ask(struct fleet *f, const struct call *c)
{
	struct exchange x;
	struct fault fault;
	struct answer a;

	need(call_build(&cloud, c, NULL, now.wall, &x, &fault), fault.text);
	exchange_free(&x);
	need(f->n < 4 * KEYS, "too many questions at once");
	a = answer_to(c);
	call_read(&cloud, c, NULL, NULL, &a, now.wall, &f->replies[f->n]);
	need(f->replies[f->n].fault.kind == FAULT_NONE,
	     f->replies[f->n].fault.text);
	f->n++;
	answer_free(&a);
	f->polls += c->kind == CALL_KEY;
}

/* Until nothing waits for an answer. */
static void turn(struct fleet *f)
{
	struct action a;

	do {
		for (size_t i = 0; i < f->n; i++) {
			engine_reply(f->engine, &f->replies[i], now);
			reply_free(&f->replies[i]);
		}
		f->n = 0;
		while (engine_action(f->engine, &a))
			if (a.kind == ACTION_CALL)
				ask(f, &a.call);
	} while (f->n > 0);
}

static void pass(struct fleet *f, int64_t ms)
{
	int64_t end = now.boot + ms;

	while (engine_wake(f->engine) < end) {
		int64_t step = engine_wake(f->engine) - now.boot;

		step = step > 0 ? step : 0;
		now.boot += step;
		now.wall += step;
		engine_tick(f->engine, now);
		turn(f);
	}
	now.wall += end - now.boot;
	now.boot = end;
}

static char *text_of(unsigned keys)
{
	struct buf b;

	buf_init(&b, BODY_MAX);
	buf_puts(&b, "poll-interval = \"60s\"\nreread-interval = \"1d\"\n"
		     "read-rotation-policy = \"false\"\n");
	for (unsigned i = 0; i < keys; i++)
		buf_printf(&b,
			   "watch \"https://contoso.vault.azure.net/keys/"
			   "cmk%03u\" {\n    registries = {\n        \"" ID
			   "%03u\"\n    }\n}\n",
			   i, i);
	return b.data;
}

static struct config *parsed(const char *text)
{
	struct config_source s = { .name = "keyrotd.conf",
				   .text = text,
				   .len = strlen(text) };
	struct config *c = config_parse(&s, 1, NULL, NULL, NULL);

	need(c, "the configuration has a mistake");
	return c;
}

/* ---- the paths ---- */

static struct fleet fleet;
static struct call key_call, list_call;
static struct answer waiting;
static struct reply told;
static char *conf;
static struct config *config;
static struct engine *fresh;

/* All keys are looked at once, and nothing is new. */
static void path_poll(void)
{
	pass(&fleet, 60000);
}

static void path_build(void)
{
	struct exchange x;
	struct fault f;

	need(call_build(&cloud, &key_call, NULL, now.wall, &x, &f), f.text);
	exchange_free(&x);
}

static void key_comes(void)
{
	waiting = answer_to(&key_call);
}

static void path_key(void)
{
	call_read(&cloud, &key_call, NULL, NULL, &waiting, now.wall, &told);
}

static void list_comes(void)
{
	waiting = answer_to(&list_call);
}

static void path_list(void)
{
	call_read(&cloud, &list_call, NULL, NULL, &waiting, now.wall, &told);
}

static void read_is(void)
{
	need(told.fault.kind == FAULT_NONE, told.fault.text);
	reply_free(&told);
	answer_free(&waiting);
}

static void path_parse(void)
{
	config = parsed(conf);
}

static void parse_is(void)
{
	config_free(config);
}

static void adopt_comes(void)
{
	config = parsed(conf);
}

static void path_adopt(void)
{
	fresh = engine_new(config, 1, 0, now);
}

static void adopt_is(void)
{
	engine_free(fresh);
}

/* The same of a large fleet: a start, a reload of the same files, a restart. */
static char *many;
static struct buf saved;

static void many_come(void)
{
	config = parsed(many);
}

static void path_adopt_many(void)
{
	fresh = engine_new(config, 1, 0, now);
}

static void reload_comes(void)
{
	many_come();
	path_adopt_many();
	many_come();
}

static void path_reload_many(void)
{
	struct action a;

	engine_reload(fresh, config, now);
	while (engine_action(fresh, &a))
		;
}

static void restart_comes(void)
{
	many_come();
	path_adopt_many();
}

static void path_restart_many(void)
{
	struct fault f;

	need(snapshot_read(fresh, buf_str(&saved), saved.len, &f), f.text);
}

static void nothing(void)
{
}

/* What stands before and after is not the path's.  Of many things at once the
 * count is divided by their number. */
static const struct path {
	const char *name;
	void (*before)(void), (*path)(void), (*after)(void);
	unsigned things;
} paths[] = {
	{ "path_poll", nothing, path_poll, nothing, KEYS },
	{ "path_build", nothing, path_build, nothing, 1 },
	{ "path_key", key_comes, path_key, read_is, 1 },
	{ "path_list", list_comes, path_list, read_is, KEYS },
	{ "path_parse", nothing, path_parse, parse_is, KEYS },
	{ "path_adopt", adopt_comes, path_adopt, adopt_is, KEYS },
	{ "path_adopt_many", many_come, path_adopt_many, adopt_is, MANY },
	{ "path_reload_many", reload_comes, path_reload_many, adopt_is, MANY },
	{ "path_restart_many", restart_comes, path_restart_many, adopt_is,
	  MANY },
};

/* What a fleet that has read everything keeps of itself. */
static void prepare_many(void)
{
	struct fleet f = { .polls = 0 };

	many = text_of(MANY);
	f.engine = engine_new(parsed(many), 1, 0, now);
	pass(&f, 60000);
	buf_init(&saved, SNAPSHOT_MAX);
	need(snapshot_write(f.engine, &saved), "the state is too large");
	engine_free(f.engine);
}

static void prepare(void)
{
	struct fault f;

	memset(modulus, 'x', sizeof(modulus) - 1);
	need(cloud_profile(&cloud, "public"), "there is no public cloud");
	prepare_many();
	conf = text_of(KEYS);
	fleet.engine = engine_new(parsed(conf), 1, 0, now);
	pass(&fleet, 600000);
	need(engine_all_current(fleet.engine), "not all is current");
	key_call = (struct call){ .kind = CALL_KEY, .token = 1 };
	need(keyid_parse(&key_call.key,
			 "https://contoso.vault.azure.net/keys/cmk000", &f),
	     f.text);
	list_call =
		(struct call){ .kind = CALL_LIST,
			       .token = 1,
			       .subscription =
				       "11111111-2222-3333-4444-555555555555" };
}

int main(void)
{
	prepare();
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct path *p = &paths[i];
		unsigned polls = fleet.polls;
		unsigned times = p->things == MANY ? 1 : TIMES;

		for (unsigned n = 0; n < times; n++) {
			p->before();
			p->path();
			p->after();
		}
		if (p->path == path_poll)
			need(fleet.polls == polls + TIMES * KEYS,
			     "not each key was polled once a minute");
		printf("%s %u\n", p->name, p->things * times);
	}
	engine_free(fleet.engine);
	cloud_free(&cloud);
	buf_free(&saved);
	free(many);
	free(conf);
	return 0;
}
