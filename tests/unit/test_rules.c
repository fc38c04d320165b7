/* engine/rules and engine/adopt: who comes and who goes by the LISTs of
 * discover blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "engine/model.h"
#include "engine/note.h"
#include "engine/snapshot.h"
#include "engine_help.h"

static struct rig g;

/* A configuration of one rule with these options, and no watch. */
static char *rule_text(const char *options)
{
	struct resid id;
	struct fault f;

	assert_true(resid_parse(&id, rig_id(0), &f));
	return text_printf("discover \"all\" { scope = "
			   "\"/subscriptions/%s\" %s }\n",
			   id.subscription, options);
}

static void begin(const char *options, unsigned n)
{
	rig_start(&g, rule_text(options), n);
}

static int over(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

static void reload(char *text)
{
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
	rig_answer(&g);
}

static const struct registry *watched(unsigned i)
{
	const struct registry *r = model_find(g.engine, rig_id(i));

	return r && !r->retiring ? r : NULL;
}

static void who(const char *wanted)
{
	char found[RIG_REGISTRIES_MAX + 1] = "";

	for (unsigned i = 0; i < g.n_models; i++)
		found[i] = watched(i) ? '1' : '0';
	assert_string_equal(found, wanted);
}

/* It was told of as gone, with these words. */
static void gone(unsigned i, const char *words)
{
	for (size_t k = g.n_said; k-- > 0;)
		if (g.said[k].kind == NOTE_RETIRED &&
		    resid_same(g.said[k].registry, rig_id(i))) {
			if (!strstr(g.said[k].text, words))
				fail_msg("%s", g.said[k].text);
			return;
		}
	fail_msg("%u was not told of", i);
}

#define PASS (5 * MINUTE) /* a LIST comes at least so often */

static void found_at_once(void **state)
{
	(void)state;
	begin("", 3);
	rig_run(&g, 10 * SECOND);
	who("111");
	assert_int_equal(g.told[NOTE_FOUND], 3);
	assert_int_equal(engine_state(g.engine), ENGINE_OK);
	assert_string_equal(rig_registry(&g, 0, "rule"), "all");
	assert_string_equal(rig_registry(&g, 0, "key"), RIG_KEY);
	/* Two LISTs read all of them, and nobody is asked alone. */
	assert_int_equal(g.sent[CALL_LIST], 2);
	assert_int_equal(g.sent[CALL_REGISTRY], 0);
	/* A new one, within the re-read interval. */
	g.n_models = 4;
	g.models[3] = g.models[2];
	rig_run(&g, PASS);
	who("1111");
	assert_int_equal(g.told[NOTE_RETIRED], 0);
}

static void moved_like_others(void **state)
{
	(void)state;
	begin("", 2);
	rig_run(&g, MINUTE);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_string_equal(rig_registry(&g, 1, "version_in_use"), V2);
	assert_int_equal(g.told[NOTE_VERIFIED], 2);
	assert_int_equal(g.told[NOTE_RETIRED], 0);
}

/* The second whole LIST in a row decides. */
static void gone_after_two(void **state)
{
	unsigned lists;

	(void)state;
	begin("", 3);
	rig_run(&g, MINUTE);
	g.models[1].missing = true;
	lists = g.sent[CALL_LIST];
	while (g.sent[CALL_LIST] == lists)
		rig_run(&g, SECOND);
	who("111");
	assert_int_equal(watched(1)->outs, 1);
	rig_run(&g, PASS);
	who("101");
	assert_int_equal(g.told[NOTE_RETIRED], 1);
	assert_non_null(strstr(rig_said(&g, NOTE_RETIRED)->text,
			       "the list does not show it any more"));
	rig_run(&g, MINUTE);
	assert_int_equal(engine_state(g.engine), ENGINE_OK);
}

/* A role that was taken away empties a LIST as well: the registry itself has
 * the word whether it is there. */
static void unlisted_and_there(void **state)
{
	(void)state;
	begin("", 3);
	rig_run(&g, MINUTE);
	g.models[1].unlisted = true;
	rig_run(&g, 6 * PASS);
	who("111");
	assert_int_equal(g.told[NOTE_RETIRED], 0);
	assert_int_equal(engine_state(g.engine), ENGINE_OK);
	/* ... or that it may not be read, which is no retirement either. */
	for (unsigned i = 0; i < 3; i++)
		g.models[i].unlisted = true;
	fault_set(&g.faults[CALL_REGISTRY], FAULT_DENIED, 403, "no");
	rig_run(&g, 6 * PASS);
	who("111");
	assert_int_equal(g.told[NOTE_RETIRED], 0);
	assert_int_not_equal(engine_state(g.engine), ENGINE_OK);
	g.faults[CALL_REGISTRY] = fault_none();
	g.models[1].missing = true;
	rig_run(&g, 3 * PASS);
	who("101");
	assert_int_equal(g.told[NOTE_RETIRED], 1);
}

/* One that is back in between has lost nothing. */
static void back_again(void **state)
{
	(void)state;
	begin("", 3);
	rig_run(&g, MINUTE);
	for (int i = 0; i < 6; i++) {
		unsigned lists = g.sent[CALL_LIST];

		g.models[1].unlisted = i % 2 == 0;
		while (g.sent[CALL_LIST] == lists)
			rig_run(&g, SECOND);
	}
	who("111");
	assert_int_equal(g.told[NOTE_RETIRED], 0);
}

/* A LIST that does not come, or has no end, is no LIST. */
static void no_list(void **state)
{
	(void)state;
	begin("", 3);
	rig_run(&g, MINUTE);
	g.models[1].missing = true;
	fault_set(&g.faults[CALL_LIST], FAULT_DENIED, 403, "no");
	rig_run(&g, HOUR);
	who("111");
	assert_int_equal(engine_state(g.engine), ENGINE_DEGRADED);
	assert_int_equal(g.engine->n_looks_dark, 1);
	assert_non_null(strstr(rig_said(&g, NOTE_FAILED)->text,
			       "What rules have found in it stays watched"));
	g.faults[CALL_LIST] = fault_none();
	rig_run(&g, 3 * PASS);
	who("101");
	assert_int_equal(engine_state(g.engine), ENGINE_OK);
}

/* What cannot be told apart may be anybody's: nobody is missed by it. */
static void odd_list(void **state)
{
	(void)state;
	begin("", 3);
	rig_run(&g, MINUTE);
	g.hold = 1u << CALL_LIST;
	g.models[1].unlisted = true;
	for (int i = 0; i < 4; i++) {
		struct reply r;
		struct asked *a;

		assert_true(rig_until(&g, CALL_LIST, 2 * PASS));
		a = rig_find(&g, CALL_LIST, NULL);
		r = rig_reply(&g, a);
		r.list.items = text_alloc(1, sizeof(*r.list.items));
		r.list.odd = true;
		rig_put(&g, a, &r);
	}
	who("111");
}

static void explicit_first(void **state)
{
	char *rule = rule_text(""),
	     *watch = rig_config("", RIG_KEY, "mode = observe", 0, 1);
	char *text = text_printf("%s%s", rule, watch);

	(void)state;
	free(rule);
	free(watch);
	rig_start(&g, text, 2);
	rig_run(&g, MINUTE);
	who("11");
	assert_string_equal(rig_registry(&g, 0, "rule"), "null");
	assert_string_equal(rig_registry(&g, 1, "rule"), "all");
	assert_string_equal(rig_registry(&g, 1, "mode"), "observe");
	/* The block goes, the rule stays. */
	reload(rule_text(""));
	rig_run(&g, 2 * PASS);
	who("11");
	assert_string_equal(rig_registry(&g, 0, "rule"), "all");
	assert_string_equal(rig_registry(&g, 0, "mode"), "follow");
}

/* It looks on: what it looks with is not thrown away by each reload. */
static void who_finds_nobody_keeps_its_token(void **state)
{
	(void)state;
	begin("", 0);
	g.may_lose = true;
	rig_run(&g, MINUTE);
	assert_int_equal(g.sent[CALL_TOKEN], 1);
	reload(rule_text(""));
	rig_run(&g, PASS);
	assert_int_equal(g.forgets, 0);
	assert_int_equal(g.sent[CALL_TOKEN], 1);
}

static void no_more_than(void **state)
{
	(void)state;
	begin("max-registries = 2", 4);
	rig_run(&g, MINUTE);
	who("1100");
	assert_int_equal(engine_state(g.engine), ENGINE_DEGRADED);
	assert_non_null(strstr(rig_said(&g, NOTE_WARNING)->text,
			       "Raise that to at least 4"));
	/* Who is watched stays, whoever comes before it. */
	g.models[0].missing = true;
	rig_run(&g, 3 * PASS);
	who("0110");
	g.models[0].missing = false;
	rig_run(&g, 3 * PASS);
	who("0110");
	reload(rule_text("max-registries = 4"));
	rig_run(&g, PASS);
	who("1111");
	assert_int_equal(engine_state(g.engine), ENGINE_OK);
	/* Lowered, it keeps the first ones, and tells of each other one. */
	reload(rule_text("max-registries = 1"));
	who("1000");
	assert_int_equal(g.told[NOTE_RETIRED], 4);
	gone(3, "\"all\": it is beyond max-registries.");
}

/* What a reload leaves to nobody is told, with the reason. */
static void told_of_by_a_reload(void **state)
{
	char *other = text_printf("exclude = { \"%s\" }", rig_id(0));
	char *text;

	(void)state;
	begin("", 5);
	rig_run(&g, MINUTE);
	reload(rule_text(other));
	who("01111");
	gone(0, "\"all\": it is excluded.");
	/* A watch block has the word from now on: nobody is let go of. */
	free(other);
	other = rule_text("");
	text = rig_config("", RIG_KEY, "", 1, 1);
	reload(text_printf("%s%s", text, other));
	free(other);
	rig_run(&g, PASS);
	who("11111");
	assert_int_equal(g.told[NOTE_RETIRED], 1);
	reload(text_printf("%s", text));
	free(text);
	who("01000");
	assert_int_equal(g.told[NOTE_RETIRED], 5);
	gone(4, "\"all\": no rule of the file means it.");
	reload(rule_text(""));
	rig_run(&g, PASS);
	who("11111");
	text = rule_text("");
	other = text_printf("discover \"new\" %s", strchr(text, '{'));
	free(text);
	reload(other);
	gone(4, "another one has yet to find it.");
	rig_run(&g, PASS);
	who("11111");
	assert_int_equal(g.told[NOTE_RETIRED], 10);
	reload(rule_text("key-pattern = \"*/keys/nobody\""));
	who("00000");
	assert_int_equal(g.told[NOTE_RETIRED], 15);
	assert_int_equal(engine_state(g.engine), ENGINE_OK);
}

/* One whose write is under way is told of at once, and waited for. */
static void told_while_it_is_written(void **state)
{
	(void)state;
	begin("", 1);
	rig_run(&g, MINUTE);
	g.hold = 1u << CALL_PATCH;
	rig_newer(&g, V2, rig_azure(&g));
	assert_true(rig_until(&g, CALL_PATCH, 5 * MINUTE));
	reload(rule_text("exclude = \"*\""));
	gone(0, "it is excluded.");
	assert_int_equal(g.engine->n_registries, 1);
	g.hold = 0;
	rig_answer(&g);
	rig_run(&g, 5 * MINUTE);
	assert_int_equal(g.engine->n_registries, 0);
	assert_int_equal(g.told[NOTE_RETIRED], 1);
}

/* Where thousands of notes wait, the rest are told in one. */
static void told_in_one(void **state)
{
	struct action a;
	size_t n = 0;
	char text[NOTE_TEXT_MAX] = "";
	char *none = rig_config("", RIG_KEY, "", 0, 1);

	(void)state;
	begin("", 5);
	rig_run(&g, MINUTE);
	for (size_t i = 0; i < ENGINE_NOTES_MAX / 2 - 3; i++)
		note_tell(g.engine, NOTE_PAUSED, NULL, NULL, NULL, NULL, "x");
	engine_reload(g.engine, rig_parse(none), g.now);
	free(none);
	while (engine_action(g.engine, &a))
		if (a.kind == ACTION_NOTE && a.note->kind == NOTE_WARNING)
			text_copy(text, sizeof(text), a.note->text);
		else if (a.kind == ACTION_NOTE)
			n += a.note->kind == NOTE_RETIRED;
	assert_int_equal(n, 2);
	assert_non_null(strstr(text, "2 other registries are not watched"));
}

static const char *warned(void)
{
	const struct said *s = rig_said(&g, NOTE_WARNING);

	return s ? s->text : "";
}

/* Nothing is wrong with that, but it may be a slip: it is told, once. */
static void watches_nobody(void **state)
{
	(void)state;
	begin("tags = \"env=prod\"", 3);
	g.models[2].view.encrypted = false;
	rig_run(&g, 3 * PASS);
	who("000");
	assert_int_equal(engine_state(g.engine), ENGINE_OK);
	assert_int_equal(g.told[NOTE_WARNING], 1);
	assert_string_equal(warned(),
			    "Rule \"all\" watches nobody. Its list shows 3 "
			    "registries; of all of them: it does not have the "
			    "tags. See `keyrotctl discover --rule all`.");
	/* Corrected, but not quite. */
	reload(rule_text("key-pattern = \"*/nobody\""));
	rig_run(&g, 2 * PASS);
	assert_int_equal(g.told[NOTE_WARNING], 2);
	assert_non_null(strstr(warned(), "of 2 of them: its key does not match "
					 "key-pattern; of 1: it has no "
					 "customer-managed key."));
	reload(rule_text(""));
	rig_run(&g, PASS);
	who("110");
	assert_int_equal(g.told[NOTE_FOUND], 2);
	for (size_t i = 0, n = 0; i < g.n_said; i++)
		if (g.said[i].kind == NOTE_FOUND)
			assert_int_equal(n++ == 0,
					 strstr(g.said[i].text,
						"after it watched nobody") !=
						 NULL);
	/* The last one goes. */
	g.models[0].missing = g.models[1].missing = true;
	rig_run(&g, 3 * PASS);
	assert_int_equal(g.told[NOTE_WARNING], 3);
	assert_non_null(
		strstr(warned(), "Its list shows 1 registry: it has no"));
	g.models[2].missing = true;
	reload(rule_text(""));
	rig_run(&g, PASS);
	assert_non_null(
		strstr(warned(), "shows 0 registries; Azure lists only"));
}

/* What others watch is nobody's slip; nor is a list that does not come. */
static void watches_nobody_for_others_do(void **state)
{
	char *watch = rig_config("", RIG_KEY, "", 0, 2), *rule = rule_text("");

	(void)state;
	rig_start(&g, text_printf("%s%s", watch, rule), 2);
	rig_run(&g, 3 * PASS);
	who("11");
	assert_int_equal(g.told[NOTE_WARNING], 0);
	free(watch);
	free(rule);
	rig_stop(&g);
	begin("", 0);
	fault_set(&g.faults[CALL_LIST], FAULT_DENIED, 403, "no");
	rig_run(&g, HOUR);
	assert_null(strstr(warned(), "watches nobody"));
}

/* It goes to another key that is meant: so does its watch. */
static void another_key(void **state)
{
	struct fault f;

	(void)state;
	begin("", 2);
	rig_run(&g, MINUTE);
	assert_true(keyid_parse(&g.models[1].view.key, RIG_OTHER_KEY, &f));
	g.models[1].view.in_use_key = g.models[1].view.key;
	rig_run(&g, 3 * PASS);
	assert_string_equal(watched(1)->watch->base, RIG_OTHER_KEY);
	assert_string_equal(watched(0)->watch->base, RIG_KEY);
	assert_int_equal(g.engine->n_watches, 2);
	/* A key that nobody is on any more is watched no more. */
	g.models[1].missing = true;
	rig_run(&g, 3 * PASS);
	assert_int_equal(g.engine->n_watches, 1);
}

/* A person has pinned it to a version of another key: that is left alone, as
 * it would be had no rule found it before. */
static void pinned_to_another_key(void **state)
{
	struct model *m = &g.models[1];
	struct fault f;

	(void)state;
	begin("", 2);
	rig_run(&g, MINUTE);
	assert_true(keyid_parse(&m->view.key, RIG_OTHER_KEY "/" V1, &f));
	m->view.in_use_key = m->view.key;
	rig_run(&g, 3 * PASS);
	assert_int_equal(g.sent[CALL_PATCH], 0);
	who("10");
	assert_non_null(strstr(rig_said(&g, NOTE_RETIRED)->text,
			       "it is pinned to a version of its key"));
}

/* The rule "all" follows model 0 and "two" observes the others, on one key;
 * in either order of the file. */
static char *two_rules(bool follow_first)
{
	char *one = text_printf("exclude = \"%s\"", rig_id(1));
	char *two = text_printf("mode = observe exclude = \"%s\"", rig_id(0));
	char *a = rule_text(one), *b = rule_text(two);
	char *c = text_printf("discover \"two\" %s", strchr(b, '{'));
	char *text =
		text_printf("%s%s", follow_first ? a : c, follow_first ? c : a);

	free(one);
	free(two);
	free(a);
	free(b);
	free(c);
	return text;
}

/* Each watches in its mode, whoever else has brought registries on that key:
 * one that is only observed is never written, and one that follows is moved. */
static void each_in_its_mode(void **state)
{
	(void)state;
	rig_start(&g, two_rules(true), 1);
	rig_run(&g, MINUTE);
	g.n_models = 2;
	g.models[1] = g.models[0];
	text_copy(g.models[1].view.key.version,
		  sizeof(g.models[1].view.key.version), V1);
	rig_run(&g, 2 * PASS);
	who("11");
	assert_string_equal(rig_registry(&g, 0, "mode"), "follow");
	assert_string_equal(rig_registry(&g, 1, "mode"), "observe");
	assert_int_equal(g.sent[CALL_PATCH], 0);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_string_equal(rig_registry(&g, 1, "version_in_use"), V1);
	/* In the other order of the file, too. */
	reload(two_rules(false));
	rig_newer(&g, V3, rig_azure(&g));
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "mode"), "follow");
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V3);
	assert_string_equal(rig_registry(&g, 1, "version_in_use"), V1);
}

/* Whose write is under way when it leaves ends in the mode that it had: a pin
 * is not taken off because others on that key follow. */
static void ends_in_its_mode(void **state)
{
	char *follow = text_printf("exclude = \"%s\"", rig_id(1));
	char *one = rule_text(follow), *pin = rule_text("mode = pin");
	char *both =
		text_printf("%sdiscover \"two\" %s", one, strchr(pin, '{'));

	(void)state;
	rig_start(&g, both, 2);
	g.models[0].missing = true;
	text_copy(g.models[1].view.key.version,
		  sizeof(g.models[1].view.key.version), V1);
	rig_run(&g, MINUTE);
	g.models[0].missing = false;
	rig_run(&g, 2 * PASS);
	who("11");
	assert_string_equal(rig_registry(&g, 1, "mode"), "pin");
	g.hold = 1u << CALL_PATCH;
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, MINUTE);
	assert_non_null(rig_find(&g, CALL_PATCH, rig_id(1)));
	reload(one);
	assert_int_equal(g.told[NOTE_RETIRED], 1);
	assert_non_null(rig_find(&g, CALL_PATCH, rig_id(1)));
	g.hold = 0;
	rig_answer(&g);
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(g.models[1].view.key.version, V2);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_int_equal(g.engine->n_registries, 1);
	free(follow);
	free(pin);
}

/* A write that is under way is waited for. */
static void leaves_after_its_write(void **state)
{
	(void)state;
	begin("", 1);
	rig_run(&g, MINUTE);
	g.hold = 1u << CALL_PATCH;
	rig_newer(&g, V2, rig_azure(&g));
	assert_true(rig_until(&g, CALL_PATCH, 5 * MINUTE));
	g.models[0].view.encrypted = false; /* as a LIST has it */
	for (int i = 0; i < 8 && g.told[NOTE_RETIRED] == 0; i++) {
		engine_poll(g.engine, NULL, g.now);
		rig_run(&g, SECOND);
	}
	assert_int_equal(g.told[NOTE_RETIRED], 1);
	assert_int_equal(g.engine->n_registries, 1);
	assert_int_equal(g.engine->n_writes, 1);
	g.hold = 0;
	rig_answer(&g);
	rig_run(&g, 5 * MINUTE);
	assert_int_equal(g.engine->n_registries, 0);
	assert_int_equal(g.engine->n_watches, 0);
}

static void restart(const char *options)
{
	struct buf b;
	struct fault f = fault_none();

	buf_init(&b, SNAPSHOT_MAX);
	assert_true(snapshot_write(g.engine, &b));
	rig_restart(&g, rule_text(options));
	assert_true(snapshot_read(g.engine, buf_str(&b), b.len, &f));
	buf_free(&b);
}

/* Started again while no LIST comes: who was found is watched on. */
static void over_a_restart(void **state)
{
	(void)state;
	begin("", 3);
	rig_run(&g, MINUTE);
	fault_set(&g.faults[CALL_LIST], FAULT_DENIED, 403, "no");
	restart("");
	who("111");
	assert_string_equal(rig_registry(&g, 2, "rule"), "all");
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_registry(&g, 2, "version_in_use"), V2);
	/* As far as the rule still means them. */
	assert_int_equal(g.told[NOTE_RETIRED], 0);
	restart("max-registries = 2");
	rig_drain(&g);
	who("110");
	gone(2, "\"all\": it is beyond max-registries.");
	restart("key-pattern = \"*/keys/nobody\"");
	rig_drain(&g);
	who("000");
	gone(0, "its key does not match key-pattern.");
	assert_int_equal(g.told[NOTE_RETIRED], 2);
	/* ... which the next life knows. */
	restart("key-pattern = \"*/keys/nobody\"");
	rig_drain(&g);
	assert_int_equal(g.told[NOTE_RETIRED], 0);
}

/* Its rule went while no daemon ran. */
static void told_of_by_a_restart(void **state)
{
	struct buf b;
	struct fault f = fault_none();

	(void)state;
	begin("", 3);
	rig_run(&g, MINUTE);
	buf_init(&b, SNAPSHOT_MAX);
	assert_true(snapshot_write(g.engine, &b));
	rig_restart(&g, rig_config("", RIG_KEY, "", 0, 1));
	assert_true(snapshot_read(g.engine, buf_str(&b), b.len, &f));
	buf_free(&b);
	rig_drain(&g);
	who("100");
	assert_int_equal(g.told[NOTE_RETIRED], 2);
	gone(2, "\"all\": no rule of the file means it.");
}

/* Rules are tried without being any the wiser for it. */
static void tried(void **state)
{
	struct discovered x;
	struct fault f;
	unsigned ruled = 0, beyond = 0, ends = 0;

	(void)state;
	begin("max-registries = 2", 4);
	rig_run(&g, MINUTE);
	assert_false(engine_try_rule(g.engine, "none", g.now, &f));
	assert_int_equal(f.kind, FAULT_MISSING);
	assert_true(engine_try_rule(g.engine, "ALL", g.now, &f));
	assert_false(engine_try_rule(g.engine, "all", g.now, &f));
	assert_int_equal(f.kind, FAULT_CONFLICT);
	rig_run(&g, SECOND);
	while (engine_discovered(g.engine, &x)) {
		ruled += x.registry && x.ruled;
		beyond += x.reason && strstr(x.reason, "max-registries");
		ends += !x.registry;
	}
	assert_int_equal(ruled, 2);
	assert_int_equal(beyond, 2);
	assert_int_equal(ends, 1);
	engine_search_end(g.engine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(found_at_once, over),
		cmocka_unit_test_teardown(moved_like_others, over),
		cmocka_unit_test_teardown(gone_after_two, over),
		cmocka_unit_test_teardown(unlisted_and_there, over),
		cmocka_unit_test_teardown(back_again, over),
		cmocka_unit_test_teardown(no_list, over),
		cmocka_unit_test_teardown(odd_list, over),
		cmocka_unit_test_teardown(explicit_first, over),
		cmocka_unit_test_teardown(who_finds_nobody_keeps_its_token,
					  over),
		cmocka_unit_test_teardown(no_more_than, over),
		cmocka_unit_test_teardown(told_of_by_a_reload, over),
		cmocka_unit_test_teardown(told_while_it_is_written, over),
		cmocka_unit_test_teardown(told_in_one, over),
		cmocka_unit_test_teardown(watches_nobody, over),
		cmocka_unit_test_teardown(watches_nobody_for_others_do, over),
		cmocka_unit_test_teardown(another_key, over),
		cmocka_unit_test_teardown(pinned_to_another_key, over),
		cmocka_unit_test_teardown(each_in_its_mode, over),
		cmocka_unit_test_teardown(ends_in_its_mode, over),
		cmocka_unit_test_teardown(leaves_after_its_write, over),
		cmocka_unit_test_teardown(over_a_restart, over),
		cmocka_unit_test_teardown(told_of_by_a_restart, over),
		cmocka_unit_test_teardown(tried, over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
