/* Any bytes as state.json: refused and nothing is changed, or taken over; then
 * what is written is read again the same, and the engine goes on with it. */
#include "engine/explain.h"
#include "engine/explain_key.h"
#include "engine/report.h"
#include "engine/snapshot.h"
#include "fleet.h"

#define TURNS 3
#define KEY "https://contoso.vault.azure.net/keys/acr-cmk"

static char *saved(const struct engine *e)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	FUZZ_NEED(snapshot_write(e, &out));
	return out.data;
}

static void is_json(struct buf *b, bool ok)
{
	struct fault f;
	struct json *root = json_parse(b->data, b->len, 1 << 24, &f);

	FUZZ_NEED(ok && root);
	json_free(root);
	buf_reset(b);
}

typedef bool rows_fn(const struct engine *e, char **last, size_t n,
		     struct buf *out);

static void list(const struct engine *e, rows_fn *rows, struct buf *b)
{
	char *last = NULL;

	buf_puts(b, "[");
	FUZZ_NEED(!rows(e, &last, 10, b));
	is_json(b, buf_puts(b, "]"));
	free(last);
}

static void reports(const struct engine *e)
{
	size_t matches;
	struct buf b;

	buf_init(&b, 1 << 24);
	is_json(&b, report_summary(e, "1", &b));
	list(e, report_keys, &b);
	list(e, report_registries, &b);
	is_json(&b, explain_registry(e, engine_find(e, "contosoprod", &matches),
				     &b));
	is_json(&b, explain_key(e, explain_key_find(e, KEY), &b));
	buf_free(&b);
}

/* Nothing is answered: what is asked waits. */
static void goes_on(struct engine *e)
{
	struct instant now = fleet_start;

	for (int i = 0; i < TURNS; i++) {
		engine_tick(e, now);
		fleet_drain(e);
		FUZZ_NEED(engine_wake(e) > now.boot);
		now.boot += 1000;
		now.wall += 1000;
	}
	reports(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct engine *e = fleet_new(), *other = fleet_new();
	struct fault f = fault_none();
	char *before = saved(e), *after, *again;
	bool ok = snapshot_read(e, (const char *)data, size, &f);

	fuzz_fault(&f, ok);
	after = saved(e);
	FUZZ_NEED(ok || !strcmp(before, after));
	FUZZ_NEED(snapshot_read(other, after, strlen(after), &f));
	again = saved(other);
	FUZZ_NEED(!strcmp(after, again));
	engine_free(other);
	goes_on(e);
	engine_free(e);
	free(before);
	free(after);
	free(again);
	return 0;
}
