/*
 * Will it be done in time?  The arithmetic alone, and then a fleet in virtual
 * time: what is said when a new version is seen is held against what then
 * happens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "engine/forecast.h"
#include "engine/model.h"
#include "engine/report.h"
#include "engine_help.h"

/* ---- arithmetic ---- */

static void slots_turn_by_turn(void **state)
{
	struct forecast_slots f = { .left = 3000,
				    .slots = 8,
				    .most = 1000,
				    .op_ms = 20000,
				    .slot_ms = 20000,
				    .time_ms = HOUR };
	struct forecast_late l = forecast_slots(&f);

	(void)state;
	assert_int_equal(l.late, 3000 - 8 * 180);
	assert_int_equal(l.by_ms, 375 * 20000 - HOUR);
	assert_true(l.need == 17); /* 3000 / 180, rounded up */
	f.slots = 17;
	assert_int_equal(forecast_slots(&f).late, 0);
	assert_int_equal(forecast_slots(&f).by_ms, 0);
	f.slots = 16;
	assert_int_equal(forecast_slots(&f).late, 120);
	/* The first one costs everybody its time. */
	f.slots = 17;
	f.first_ms = 20000 * 5;
	l = forecast_slots(&f);
	assert_int_equal(l.late, 2999 - 17 * 175);
	assert_true(l.need == 18);
	/* Not even the first one. */
	f.first_ms = HOUR + 1;
	assert_int_equal(forecast_slots(&f).late, 3000);
	assert_true(forecast_slots(&f).need == 0);
	/* More than may be written in a file. */
	f.first_ms = 0;
	f.left = 200000;
	assert_true(forecast_slots(&f).need == 0);
	/* A long operation lets others by, but takes its time. */
	f = (struct forecast_slots){ .left = 40,
				     .slots = 8,
				     .most = 1000,
				     .op_ms = 1200000,
				     .slot_ms = 300000,
				     .time_ms = HOUR };
	assert_int_equal(forecast_slots(&f).late, 0);
	f.left = 100;
	assert_int_equal(forecast_slots(&f).late, 100 - 8 * 9);
}

/* In the middle of a move each slot is somewhere in its turn. */
static void slots_under_way(void **state)
{
	struct forecast_slots f = { .left = 100,
				    .active = 8,
				    .slots = 8,
				    .most = 1000,
				    .op_ms = 20000,
				    .slot_ms = 20000,
				    .time_ms = 210000 };

	(void)state;
	assert_int_equal(forecast_slots(&f).late, 16); /* 8 x 10.5 */
	f.time_ms = 1000;
	assert_int_equal(forecast_slots(&f).late, 100);
	f.left = 0;
	assert_int_equal(forecast_slots(&f).late, 0);
}

static void a_budget_flows(void **state)
{
	struct forecast_flow f = { .rate = 0.5,
				   .burst = 100,
				   .tokens = 50,
				   .per_move = 1,
				   .left = 3000,
				   .tail_ms = 20000,
				   .time_ms = HOUR };
	struct forecast_late l = forecast_flow(&f);

	(void)state;
	assert_int_equal(l.late, 3000 - 50 - 1790);
	assert_int_equal(l.by_ms / 1000, 2950 * 2 + 20 - 3600);
	assert_in_range(l.need * 1000, 2950000 / 3580 - 1, 2950000 / 3580 + 1);
	f.rate = l.need + 0.001;
	assert_int_equal(forecast_flow(&f).late, 0);
	/* Those with a nearer deadline go first; ours alone count. */
	f.rate = 0.5;
	f.left = 100;
	f.ahead = 1800;
	assert_int_equal(forecast_flow(&f).late, 60);
	f.ahead = 9000;
	assert_int_equal(forecast_flow(&f).late, 100);
	/* What gathers until the first one is done is at most the burst. */
	f.start_ms = 1000000;
	f.ahead = 0;
	f.left = 1500;
	assert_int_equal(forecast_flow(&f).late, 1500 - 100 - 1290);
	/* No time at all. */
	f.time_ms = 5000;
	assert_int_equal(forecast_flow(&f).late, 1500);
	assert_true(forecast_flow(&f).need == 0);
}

static void what_it_says(void **state)
{
	struct forecast f = { .measured = true, .op_ms = 20000 };
	struct forecast_late late[FORECAST_LIMITS] = {
		[FORECAST_PARALLEL] = { 1560, 3900000, 17 },
	};
	double has[FORECAST_LIMITS] = { 8, 5, 12.5, 128 };
	char text[512];

	(void)state;
	forecast_add(&f, 3000, late, has);
	forecast_text(&f, text, sizeof(text));
	assert_string_equal(
		text,
		"1560 of 3000 registries will be late, the last by 1 h 5 min: max-parallel 8 is too small (17 would do).");
	late[FORECAST_PARALLEL] = (struct forecast_late){ 60, 5000, 0 };
	late[FORECAST_WRITE] = (struct forecast_late){ 500, 60000, 6.234 };
	f = (struct forecast){ .measured = false, .op_ms = 20000 };
	forecast_add(&f, 600, late, has);
	forecast_text(&f, text, sizeof(text));
	assert_string_equal(
		text,
		"500 of 600 registries may be late, the last by 1 min, if moving one takes 20 s: max-parallel 8 is too small (no number would do, only less registries on one key or a longer window), and write-rate 5 is too small (6.3 would do).");
	late[FORECAST_PARALLEL].late = 0;
	late[FORECAST_WRITE].need = 25;
	f = (struct forecast){ .measured = true };
	forecast_add(&f, 600, late, has);
	forecast_text(&f, text, sizeof(text));
	assert_non_null(strstr(
		text,
		"write-rate 5 is too small (25 would do, which Azure bears of 3 principals together)."));
	late[FORECAST_WRITE].late = 0;
	late[FORECAST_READ] = (struct forecast_late){ 7, 1000, 0 };
	late[FORECAST_ROOM] = (struct forecast_late){ 7, 1000, 2000 };
	f = (struct forecast){ .measured = true };
	forecast_add(&f, 7, late, has);
	forecast_text(&f, text, sizeof(text));
	assert_non_null(strstr(
		text,
		"read-rate 12.5 is too small (no value would do), and max-requests 128 is too small (no value would do)."));
	forecast_value(text, sizeof(text), FORECAST_WRITE, 0.05);
	assert_string_equal(text, "0.050");
	forecast_value(text, sizeof(text), FORECAST_WRITE, 12);
	assert_string_equal(text, "12");
}

/* ---- a fleet ---- */

#define FLEET_MAX 4000
#define RTT_MS 60
#define ID                                                           \
	"/subscriptions/11111111-2222-3333-4444-555555555555/"       \
	"resourceGroups/prod/providers/Microsoft.ContainerRegistry/" \
	"registries/r%05u"
#define OPERATION "https://management.azure.com/op/%u"

struct asked_for {
	struct call call;
	unsigned registry;
	int64_t at; /* boot ms at which the answer is in */
};

struct trial {
	const char *top, *options;
	unsigned n, watches;
	int64_t op_ms; /* 0: a PATCH is done when it is answered */
};

static bool ignores; /* a re-written unversioned identifier */

struct fleet {
	struct engine *e;
	struct instant now;
	const struct trial *trial;
	unsigned n, page;
	bool rotated;
	bool on[FLEET_MAX], pinned[FLEET_MAX];
	int64_t done_at[FLEET_MAX];
	struct asked_for asked[1024]; /* oldest first: all take as long */
	size_t n_asked;
	unsigned told, over, overdue;
	char first[NOTE_TEXT_MAX], last[NOTE_TEXT_MAX];
	int64_t said_at;
};

static void view_of(const struct fleet *f, unsigned i, struct registry_view *v)
{
	struct fault fault;

	*v = rig_view(f->on[i] ? V2 : V1);
	if (i % f->trial->watches == 1) {
		assert_true(keyid_parse(&v->key, RIG_OTHER_KEY, &fault));
		v->in_use_key = v->key;
		text_copy(v->in_use_key.version, sizeof(v->in_use_key.version),
			  v->version_in_use);
	}
	if (f->pinned[i]) {
		text_copy(v->key.version, sizeof(v->key.version), V2);
		v->auto_rotation = false;
	}
	if (f->done_at[i] > f->now.boot)
		v->provisioning = PROVISIONING_UPDATING;
}

static void fill_list(struct fleet *f, struct reply *r)
{
	unsigned from = f->page * 1000, to = from + 1000;

	to = to < f->n ? to : f->n;
	r->list.items = text_alloc(1000, sizeof(*r->list.items));
	for (unsigned i = from; i < to; i++) {
		r->list.items[r->list.n].id = text_printf(ID, i);
		view_of(f, i, &r->list.items[r->list.n++].view);
	}
	f->page = to < f->n ? f->page + 1 : 0;
	if (f->page)
		r->list.next_url = text_printf(
			"https://management.azure.com/page?$skiptoken=%u",
			f->page);
}

static void fill(struct fleet *f, const struct asked_for *a, struct reply *r)
{
	unsigned i = a->registry;
	bool done = f->done_at[i] <= f->now.boot;

	switch (a->call.kind) {
	case CALL_TOKEN:
		r->token.secret = text_dup("token");
		r->token.lifetime_ms = DAY;
		r->token.refresh_in_ms = -1;
		break;
	case CALL_KEY:
		r->key = rig_good(V1, RIG_NOW - DAY);
		if (a->call.key.version[0] ? text_same(a->call.key.version, V2)
					   : f->rotated)
			r->key = rig_good(V2, RIG_NOW + 5 * MINUTE);
		break;
	case CALL_LIST:
		fill_list(f, r);
		break;
	case CALL_REGISTRY:
		view_of(f, i, &r->registry);
		break;
	case CALL_PATCH:
		f->pinned[i] = a->call.key.version[0] != '\0';
		f->on[i] = f->on[i] || f->pinned[i] || !ignores;
		f->done_at[i] = f->now.boot + f->trial->op_ms;
		r->patch.finished = f->trial->op_ms == 0;
		r->patch.retry_after_ms = -1;
		if (!r->patch.finished)
			r->patch.operation_url = text_printf(OPERATION, i);
		break;
	case CALL_OPERATION:
		r->operation.status = done ? OPERATION_SUCCEEDED
					   : OPERATION_RUNNING;
		r->operation.retry_after_ms = -1;
		break;
	case CALL_REACH: /* the doctor's */
	case CALL_RIGHTS:
	case CALL_POLICY: /* not wanted here */
	case CALL_LEASE:
	case CALL_HINTS:
	case CALL_HINT_DROP:
		break;
	}
}

static void hear(struct fleet *f, const struct note *n)
{
	if (n->kind == NOTE_OVERDUE)
		f->overdue++;
	if (n->kind == NOTE_FORECAST_OVER)
		f->over++;
	if (n->kind != NOTE_FORECAST)
		return;
	if (getenv("FORECAST_SHOW"))
		print_message("%lld s: %s\n",
			      (long long)(f->now.boot - RIG_BOOT) / 1000,
			      n->text);
	text_copy(f->last, sizeof(f->last), n->text);
	if (f->told++ == 0)
		f->said_at = f->now.boot;
	if (f->now.boot < RIG_BOOT + 7 * MINUTE)
		text_copy(f->first, sizeof(f->first), n->text);
}

static void fetch(struct fleet *f)
{
	struct action x;
	const char *digits;

	while (engine_action(f->e, &x)) {
		if (x.kind == ACTION_NOTE)
			hear(f, x.note);
		if (x.kind != ACTION_CALL)
			continue;
		assert_true(f->n_asked < 1024);
		digits = x.call.registry ? strrchr(x.call.registry, '/') + 2
					 : NULL;
		if (x.call.kind == CALL_OPERATION)
			digits = strrchr(x.call.url, '/') + 1;
		f->asked[f->n_asked++] = (struct asked_for){
			x.call,
			digits ? (unsigned)strtoul(digits, NULL, 10) : 0,
			f->now.boot + RTT_MS,
		};
	}
}

static void answer(struct fleet *f)
{
	struct asked_for a = f->asked[0];
	struct reply r = { .kind = a.call.kind,
			   .ticket = a.call.ticket,
			   .date_ms = f->now.wall - 500,
			   .remaining = -1,
			   .rtt_ms = RTT_MS,
			   .answered = true,
			   .reached = true,
			   .multiplexed = true };

	r.fault = fault_none();
	memmove(f->asked, f->asked + 1, --f->n_asked * sizeof(*f->asked));
	fill(f, &a, &r);
	engine_reply(f->e, &r, f->now);
	reply_free(&r);
	fetch(f);
}

static void run(struct fleet *f, int64_t ms)
{
	int64_t end = f->now.boot + ms;

	while (f->now.boot < end) {
		int64_t at = engine_wake(f->e);

		if (f->n_asked && f->asked[0].at < at)
			at = f->asked[0].at;
		at = at < end ? at : end;
		at = at > f->now.boot ? at : f->now.boot;
		f->now.wall += at - f->now.boot;
		f->now.boot = at;
		if (f->n_asked && f->asked[0].at <= at)
			answer(f);
		else
			engine_tick(f->e, f->now);
		fetch(f);
	}
}

static char *config_text(const struct trial *t)
{
	struct buf b;

	buf_init(&b, 4 << 20);
	buf_printf(&b, "%s\n", t->top);
	for (unsigned w = 0; w < t->watches; w++) {
		buf_printf(&b, "watch \"%s\" {\n%s\nregistries = {\n",
			   w ? RIG_OTHER_KEY : RIG_KEY, t->options);
		for (unsigned i = w; i < t->n; i += t->watches)
			buf_printf(&b, "%s\"" ID "\"\n", i > w ? "," : "", i);
		buf_printf(&b, "}\n}\n");
	}
	return b.data;
}

static struct json *summary(const struct fleet *f)
{
	struct fault fault;
	struct json *root;
	struct buf b;

	buf_init(&b, REPORT_ROWS_MAX);
	assert_true(report_summary(f->e, "1.0.0", &b));
	root = json_parse(b.data, b.len, 1000000, &fault);
	assert_non_null(root);
	buf_free(&b);
	return root;
}

/* Until a minute after the new version was seen. */
static void begin(struct fleet *f, const struct trial *t)
{
	char *text = config_text(t);

	memset(f, 0, sizeof(*f));
	f->now = (struct instant){ RIG_BOOT, RIG_NOW };
	f->trial = t;
	f->n = t->n;
	assert_true(t->n <= FLEET_MAX);
	f->e = engine_new(rig_parse(text), 1, 0, f->now);
	free(text);
	run(f, 5 * MINUTE);
	assert_true(engine_all_current(f->e));
	assert_int_equal(f->told, 0);
	f->rotated = true;
	run(f, 2 * MINUTE);
}

static void end(struct fleet *f)
{
	engine_free(f->e);
}

static void expect(const struct trial *t, const char *limit)
{
	static struct fleet f;
	unsigned foretold, of;
	int64_t window = strstr(t->top, "10m") ? 10 * MINUTE : HOUR;

	begin(&f, t);
	if (!limit) {
		run(&f, window);
		print_message("%u registries, %s %s, %lld s: %s\n", t->n,
			      t->top, t->options, (long long)t->op_ms / 1000,
			      f.told ? f.first : "in time");
		assert_int_equal(f.overdue, 0);
		assert_int_equal(f.told, 0);
		assert_true(engine_all_current(f.e));
		end(&f);
		return;
	}
	/* Once more, perhaps, when the first one has shown what it takes. */
	assert_in_range(f.told, 1, 2);
	assert_int_equal(sscanf(f.first, "%u of %u", &foretold, &of), 2);
	run(&f, window);
	print_message("%u registries, %s %s, %lld s: %u overdue; %s\n", t->n,
		      t->top, t->options, (long long)t->op_ms / 1000, f.overdue,
		      f.first);
	assert_non_null(strstr(f.first, limit));
	assert_true(f.overdue > 0);
	/* Without reads, those who wait are read one by one, and it all takes
	 * longer than can be foretold. */
	if (strncmp(limit, "read-rate", 9) == 0) {
		assert_in_range(foretold, 1, f.overdue);
		end(&f);
		return;
	}
	assert_in_range(foretold * 100, f.overdue * 85, f.overdue * 115);
	/* Not told again and again. */
	assert_in_range(f.told, 1, 3);
	assert_int_equal(f.over, 1);
	end(&f);
}

/* Where each ignores the unversioned identifier a move takes three writes: the
 * first one shows it. */
static void what_takes_three_writes_is_foretold(void **state)
{
	static const struct trial t = { "write-rate = 0.012 write-burst = 1",
					"max-parallel = 100", 30, 1, 0 };
	static struct fleet f;
	unsigned foretold, of;

	(void)state;
	ignores = true;
	begin(&f, &t);
	run(&f, 8 * MINUTE);
	assert_in_range(f.told, 1, 2);
	assert_int_equal(sscanf(f.last, "%u of %u", &foretold, &of), 2);
	run(&f, HOUR);
	print_message("%u overdue; %s\n", f.overdue, f.last);
	assert_true(f.overdue > 5);
	assert_in_range(foretold * 100, f.overdue * 70, f.overdue * 130);
	ignores = false;
	end(&f);
}

static void who_will_be_late_is_said_at_once(void **state)
{
	static const struct trial t = { "", "max-parallel = 8", 3000, 1,
					20000 };
	static struct fleet f;
	struct json *s;
	const struct json *o;
	int64_t n;

	(void)state;
	expect(&t, "max-parallel 8 is too small (");
	begin(&f, &t);
	/* As soon as the first one has shown how long it takes. */
	assert_in_range(f.said_at, RIG_BOOT + 5 * MINUTE,
			RIG_BOOT + 7 * MINUTE);
	s = summary(&f);
	o = json_get(s, "forecast");
	assert_string_equal(json_get_str(s, "state"), "rotating");
	assert_true(json_int(json_get(o, "late"), &n) && n > 1500);
	assert_true(json_int(json_get(o, "of"), &n) && n > 2900);
	assert_true(json_int(json_get(o, "late_by_s"), &n) && n > 3600);
	assert_non_null(strstr(json_get_str(o, "text"), "max-parallel 8"));
	o = json_first(json_get(o, "limits"));
	assert_string_equal(json_get_str(o, "setting"), "max-parallel");
	assert_string_equal(json_get_str(o, "value"), "8");
	assert_in_range(strtoul(json_get_str(o, "needed"), NULL, 10), 16, 24);
	json_free(s);
	end(&f);
}

static void other_limits(void **state)
{
	static const struct trial write = { "write-rate = 0.2 write-burst = 10",
					    "max-parallel = 200", 1000, 1,
					    5000 };
	static const struct trial read = { "read-rate = 3 read-burst = 10",
					   "max-parallel = 60", 3500, 1,
					   20000 };
	static const struct trial brief = { "window = 10m poll-interval = 30s",
					    "max-parallel = 4", 300, 1, 20000 };
	static const struct trial two = { "write-rate = 0.3 write-burst = 1",
					  "max-parallel = 100", 2000, 2,
					  15000 };

	(void)state;
	expect(&write, "write-rate 0.2 is too small (0.3 would do)");
	expect(&read, "read-rate 3 is too small");
	expect(&brief, "max-parallel 4 is too small");
	expect(&two, "write-rate 0.3 is too small");
}

static void nothing_is_foretold_of_who_is_in_time(void **state)
{
	static const struct trial trials[] = {
		{ "", "max-parallel = 8", 1, 1, 20000 },
		{ "", "max-parallel = 8", 1000, 1, 20000 },
		{ "", "max-parallel = 8", 1380, 1, 20000 },
		{ "", "max-parallel = 8", 3000, 1, 0 },
		{ "", "max-parallel = 24", 3000, 1, 20000 },
		{ "write-rate = 1 write-burst = 1", "max-parallel = 100", 3000,
		  1, 20000 },
		{ "", "max-parallel = 16 canary = false", 1000, 2, 40000 },
		{ "window = 10m poll-interval = 30s", "max-parallel = 16", 300,
		  1, 20000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]); i++)
		expect(&trials[i], NULL);
}

/* A reload with the value that it named: the forecast is over, and true. */
static void the_cure_cures(void **state)
{
	static const struct trial t = { "", "max-parallel = 8", 3000, 1,
					20000 };
	struct trial better = t;
	static struct fleet f;
	char options[64], *text, *at;
	struct json *s;

	(void)state;
	begin(&f, &t);
	assert_int_equal(f.told, 1);
	at = strstr(f.first, "(");
	assert_non_null(at);
	snprintf(options, sizeof(options), "max-parallel = %lu",
		 strtoul(at + 1, NULL, 10));
	better.options = options;
	text = config_text(&better);
	engine_reload(f.e, rig_parse(text), f.now);
	free(text);
	fetch(&f);
	run(&f, 5 * SECOND);
	assert_int_equal(f.over, 1);
	s = summary(&f);
	assert_int_equal(json_type(json_get(s, "forecast")), JSON_NULL);
	json_free(s);
	run(&f, HOUR);
	assert_int_equal(f.overdue, 0);
	assert_int_equal(f.told, 1);
	assert_int_equal(f.over, 1);
	assert_true(engine_all_current(f.e));
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_turn_by_turn),
		cmocka_unit_test(slots_under_way),
		cmocka_unit_test(a_budget_flows),
		cmocka_unit_test(what_it_says),
		cmocka_unit_test(who_will_be_late_is_said_at_once),
		cmocka_unit_test(what_takes_three_writes_is_foretold),
		cmocka_unit_test(other_limits),
		cmocka_unit_test(nothing_is_foretold_of_who_is_in_time),
		cmocka_unit_test(the_cure_cures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
