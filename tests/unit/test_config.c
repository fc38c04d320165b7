/* config/config: what a configuration means, and that every mistake in it comes
 * out with its file and line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "config/config.h"
#include "config/options.h"
#include "config/problem.h"

#define SUB "/subscriptions/11111111-2222-3333-4444-555555555555"
#define REG(group, name)             \
	SUB "/resourceGroups/" group \
	    "/providers/Microsoft.ContainerRegistry/registries/" name
#define KEY "https://contoso.vault.azure.net/keys/acr-cmk"
#define VERSION "0123456789abcdef0123456789abcdef"
#define GUID "22222222-3333-4444-5555-666666666666"
#define WATCH(options)                                                      \
	"watch \"" KEY                                                      \
	"\" { registries = { \"" REG("prod", "contosoprod") "\" } " options \
							    " }\n"

/* The complaints of the last parse, one a line. */
static struct buf said;
static bool want_remarks;

static void on_problem(enum config_severity severity, const char *line,
		       void *arg)
{
	/* Notes and warnings have tests of their own. */
	if (severity != CONFIG_MISTAKE && !want_remarks)
		return;
	assert_null(strpbrk(line, "\n\r\001"));
	buf_puts(arg, line);
	buf_puts(arg, "\n");
}

static struct config *parse_len(const char *text, size_t len)
{
	struct config_source source = { .name = "c", .text = text, .len = len };

	buf_free(&said);
	buf_init(&said, 1 << 20);
	return config_parse(&source, 1, on_problem, NULL, &said);
}

static struct config *parse(const char *text)
{
	return parse_len(text, strlen(text));
}

static struct config *good(const char *text)
{
	struct config *c = parse(text);

	assert_string_equal(buf_str(&said), "");
	assert_non_null(c);
	return c;
}

/* Exactly these complaints, "LINE: start of the message" each. */
static void bad_len(const char *text, size_t len, const char *const *want)
{
	const char *line;
	char start[256];

	assert_null(parse_len(text, len));
	line = buf_str(&said);
	for (; *want; want++) {
		snprintf(start, sizeof(start), "c:%s", *want);
		if (strncmp(line, start, strlen(start)))
			fail_msg("expected\n%s\namong\n%s", start,
				 buf_str(&said));
		line = strchr(line, '\n') + 1;
	}
	if (*line)
		fail_msg("not expected: %s", line);
}

#define bad(text, ...) \
	bad_len(text, strlen(text), (const char *const[]){ __VA_ARGS__, NULL })

static void test_defaults(void **state)
{
	struct config *c = good("");

	(void)state;
	assert_int_equal(c->window_ms, 3600000);
	assert_int_equal(c->poll_interval_ms, 60000);
	assert_int_equal(c->reread_interval_ms, 300000);
	assert_int_equal(c->retirement_hold_ms, 86400000);
	assert_int_equal(c->log_level, LOG_LEVEL_INFO);
	assert_null(c->state_directory);
	assert_null(c->runtime_directory);
	assert_null(c->admin_group);
	assert_int_equal(c->max_requests, 128);
	assert_true(c->vault_rate == 200 && c->vault_burst == 2000);
	assert_true(c->read_rate == 12.5 && c->read_burst == 125);
	assert_true(c->write_rate == 5 && c->write_burst == 100);
	assert_int_equal(c->audit_max_size, 64 << 20);
	assert_int_equal(c->audit_keep_ms, INT64_C(400) * 86400000);
	assert_int_equal(c->audit_wait_ms, 5000);
	assert_false(c->audit_required);
	assert_null(c->audit_sign_key);
	assert_string_equal(c->cloud.name, "public");
	assert_string_equal(c->cloud.registry_api_version, "2023-07-01");
	assert_int_equal(c->n_watches, 0);
	assert_int_equal(c->n_credentials, 1);
	assert_string_equal(c->credentials[0].name, "default");
	assert_int_equal(c->credentials[0].kind, CREDENTIAL_MANAGED_IDENTITY);
	config_free(c);
	config_free(NULL);
	c = config_parse(NULL, 0, NULL, NULL, NULL);
	assert_non_null(c);
	config_free(c);
}

static void test_settings(void **state)
{
	struct config *c =
		good("window = 10m\npoll-interval=\"1s\"\n"
		     "reread-interval = '1d'\nretirement-hold = 0\n"
		     "log-level = debug\nstate-directory = /var/lib/x\n"
		     "runtime-directory = \"/run/a \\\"b\\\"\"\n"
		     "admin-group = wheel\nmax-requests = 1000\n"
		     "vault-rate = 100000 vault-burst = 100000.0\n"
		     "read-rate = 0.5 write-rate = 0.001\n");

	(void)state;
	assert_int_equal(c->window_ms, 600000);
	assert_int_equal(c->poll_interval_ms, 1000);
	assert_int_equal(c->reread_interval_ms, 86400000);
	assert_int_equal(c->retirement_hold_ms, 0);
	assert_int_equal(c->log_level, LOG_LEVEL_DEBUG);
	assert_string_equal(c->state_directory, "/var/lib/x");
	assert_string_equal(c->runtime_directory, "/run/a \"b\"");
	assert_string_equal(c->admin_group, "wheel");
	assert_int_equal(c->max_requests, 1000);
	assert_true(c->vault_rate == 100000 && c->vault_burst == 100000);
	assert_true(c->read_rate == 0.5 && c->write_rate == 0.001);
	config_free(c);
	c = good("window = \"1h30m\"\npoll-interval = 5min\n"
		 "retirement-hold = '2 d 4 h'\n");
	assert_int_equal(c->window_ms, 5400000);
	assert_int_equal(c->poll_interval_ms, 300000);
	assert_int_equal(c->retirement_hold_ms, 187200000);
	config_free(c);
}

static void test_sizes(void **state)
{
	static const struct {
		const char *text;
		int64_t bytes;
	} rows[] = {
		{ "audit-max-size = 65536", 65536 },
		{ "audit-max-size = 64K", 65536 },
		{ "audit-max-size = 3M", 3 << 20 },
		{ "audit-max-size = 1G", 1 << 30 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *c = good(rows[i].text);

		assert_int_equal(c->audit_max_size, rows[i].bytes);
		config_free(c);
	}
}

static void test_ranges(void **state)
{
	(void)state;
	bad("window = 9m", "1: 'window' must be a duration such as \"90s\", "
			   "\"5m\" or \"1h30m\", from 10m to 7d, not \"9m\".");
	bad("window = 8d", "1: 'window' must be");
	bad("poll-interval = 0\npoll-interval = 2h\n",
	    "1: 'poll-interval' must be",
	    "2: option 'poll-interval' is given "
	    "twice; the first time is line 1.");
	bad("poll-interval = 999ms\n", "1: 'poll-interval'");
	bad("reread-interval = 25h", "1: 'reread-interval'");
	bad("retirement-hold = 91d", "1: 'retirement-hold'");
	bad("window = 1h30", "1: 'window'");
	bad("window = -1h", "1: 'window'");
	bad("window = \"\"", "1: 'window'");
	bad("log-level = Loud", "1: 'log-level' must be error, warning, "
				"notice, info or debug, not \"Loud\".");
	bad("state-directory = var", "1: 'state-directory' must be an "
				     "absolute path, not \"var\".");
	bad("runtime-directory = /" VERSION VERSION VERSION,
	    "1: 'runtime-directory' must be an absolute path, at most 96 "
	    "bytes long, not \"/");
	bad("admin-group = '-x'", "1: 'admin-group'");
	bad("max-requests = 0", "1: 'max-requests' must be a whole number, "
				"from 1 to 1000, not \"0\".");
	bad("max-requests = 1001", "1: ");
	bad("max-requests = 1.5", "1: ");
	bad("max-requests = 99999999999999999999", "1: ");
	bad("vault-rate = 0", "1: 'vault-rate' must be a number");
	bad("vault-rate = nan", "1: ");
	bad("vault-rate = inf", "1: ");
	bad("vault-rate = 1e3", "1: ");
	bad("vault-rate = '+1'", "1: ");
	bad("vault-rate = 100000.1", "1: ");
	bad("vault-burst = 0.5", "1: 'vault-burst'");
	bad("audit-max-size = 63K",
	    "1: 'audit-max-size' must be a size such as \"64M\", from 64K to "
	    "1G, not \"63K\".");
	bad("audit-max-size = 1025M", "1: 'audit-max-size'");
	bad("audit-max-size = 64m", "1: 'audit-max-size'");
	bad("audit-max-size = '64 M'", "1: 'audit-max-size'");
	bad("audit-max-size = M", "1: 'audit-max-size'");
	bad("audit-max-size = 64MB", "1: 'audit-max-size'");
	bad("audit-max-size = 9999999999999G", "1: 'audit-max-size'");
	bad("audit-keep = 23h", "1: 'audit-keep'");
	bad("audit-wait = 61s", "1: 'audit-wait'");
	bad("audit-required = maybe", "1: 'audit-required'");
	bad("audit-sign-key = key.pem", "1: 'audit-sign-key'");
}

/* Comments, lists and line ends of another system must not shift a line. */
static void test_lines(void **state)
{
	(void)state;
	bad("# one\n// two\nwindow = 1\n/* four\n five */ poll-interval = x\n"
	    "watch \"nonsense\" {\n  registries = {\n    \"a\", # c\n    \"b\""
	    "\n  }\n  mode = x\n}\nmax-requests = y\n",
	    "3: 'window'", "5: 'poll-interval'", "6: \"nonsense\" is not a key",
	    "8: 'registries': \"a\" is not", "9: 'registries': \"b\" is not",
	    "11: 'mode' must be observe, follow or pin, not \"x\".",
	    "13: 'max-requests'");
	bad("window = 1\r\nmax-requests = 0\r\n", "1: 'window'",
	    "2: 'max-requests'");
	bad("\xef\xbb\xbf"
	    "window = 1\n",
	    "1: 'window'");
}

static void test_unknown(void **state)
{
	(void)state;
	bad("poll-intervall = \"60s\"\nwindow = 1\n",
	    "1: unknown option 'poll-intervall'; did you mean "
	    "'poll-interval'?",
	    "2: 'window'");
	bad("frobnicate = { 1, 2 }\nwindow = 1\n",
	    "1: unknown option "
	    "'frobnicate'; keyrotd.conf(5) lists those of the top level of "
	    "the file.",
	    "2: 'window'");
	bad("frob \"x\" { a = b c { d = {1} } }\nwindow = 1\n",
	    "1: unknown block 'frob'; there are", "2: 'window'");
	bad("wach \"" KEY "\" {\n mode = x\n}\nwindow = 1\n",
	    "1: unknown block 'wach'; did you mean 'watch'?",
	    "1: this watch has no registries", "2: 'mode' must", "4: 'window'");
	bad("zzzzzz { }\n", "1: unknown block 'zzzzzz'; there are");
	bad("mode = pin\n", "1: option 'mode' does not belong here: it is for "
			    "watch blocks and discover blocks.");
	/* Each place is named, so that nobody has to try. */
	bad("lease \"a\" { url = \"https://c.blob.core.windows.net/key/a\"\n"
	    "prefer = true }\n",
	    "2: option 'prefer' does not belong here: it is for the top level "
	    "of the file, watch blocks and discover blocks.");
	bad(WATCH("\nwindow = 1h\nmod = pin\n"),
	    "2: option 'window' does not "
	    "belong here: it is for the top level of the file.",
	    "3: unknown option 'mod'; did you mean 'mode'?");
	bad("watch = x\n", "1: 'watch' is a block, not an option");
	bad("window { }\n", "1: 'window' is an option, not a block");
	bad("cloud|name = x\n", "1: unknown option 'cloud|name'");
	bad("include(\"/etc/passwd\")\nwindow = 1\n",
	    "1: include() is not supported", "2: 'window'");
}

static void test_syntax(void **state)
{
	(void)state;
	bad("window = \"1h\nmax-requests = 0\n",
	    "1: the string that begins in "
	    "this line has no closing quote.",
	    "2: 'max-requests'");
	bad("window = '1h", "1: the string");
	bad("max-requests = 0\nwindow = \"", "1: 'max-requests'",
	    "2: the string");
	bad("window \"1h\"\nmax-requests = 0",
	    "1: there is no '=' after "
	    "'window'.",
	    "2: 'max-requests'");
	bad("window\nmax-requests = 0", "1: there is no '=' after 'window'.",
	    "2: 'max-requests'");
	bad("window =\nmax-requests = 0", "1: option 'window' has no value",
	    "2: 'max-requests'");
	bad("window =", "1: option 'window' has no value");
	bad("window", "1: option 'window' has no value");
	bad("window = {1h}\n", "1: option 'window' takes one value");
	bad("window += 1h\n", "1: option 'window' takes one value");
	bad("}\nwindow = 1", "1: this closing brace closes nothing.",
	    "2: 'window'");
	bad("{ x }\nwindow = 1", "1: this brace opens nothing", "2: 'window'");
	bad("= x\nwindow = 1", "1: the name of an option", "2: 'window'");
	bad("window * 1h\n", "1: there is one '=' between an option and");
	bad("/* never\nwindow = 1", "1: the comment that begins here");
	bad("\n\nwatch \"" KEY "\" {\n mode = pin\n", "3: this watch block has "
						      "no closing brace.");
	bad("watch \"" KEY "\" {\n mode = pin\nwatch \"" KEY "2\" { }\n",
	    "1: this watch block is not closed before the next block begins "
	    "in line 3.");
	bad("frob {\n {\n", "1: unknown block", "1: the brace that opens here");
	bad("watch { }\n", "1: a watch block needs a key identifier",
	    "1: this watch has no registries");
	bad("credential { }\n", "1: a credential block needs a name",
	    "1: credential \"\" needs the option 'type'");
	bad("cloud 'x' { }\n", "1: a cloud block has no name");
	bad("cloud { }\n\ncloud { }\n", "3: there can be only one cloud block; "
					"the first one is line 1.");
}

static void test_lists(void **state)
{
	(void)state;
	bad("watch \"" KEY "\" {\n registries = {\n '" REG(
		    "a", "aaaaa") "'\n '" REG("a", "bbbbb") "' } }\n",
	    "4: a comma is missing");
	bad("watch \"" KEY "\" {\n registries = {\n '" REG(
		    "a",
		    "aaaaa") "'\n mode = pin\n canary = nosuch\n}\nwindow = 1",
	    "2: the list of "
	    "'registries' that begins here has no closing brace.",
	    "7: 'window'");
	bad("watch \"" KEY "\" {\n registries = { ,, }\n}\n",
	    "2: a value of 'registries' is missing before this comma.",
	    "2: a value of 'registries' is missing before this comma.");
	bad("watch \"" KEY "\" {\n registries = { 'x'",
	    "2: 'registries': \"x\" is not a registry's resource id",
	    "2: the list of 'registries'");
	config_free(good("watch \"" KEY "\" {\n registries = '" REG(
		"a", "aaaaa") "' registries += { '" REG("a",
							"bbbbb") "', }\n}\n"));
}

static void test_hostile_text(void **state)
{
	static const char nul[] = "window = 1\nmax-requests = \"\0\"\n";
	static const char *const nul_said[] = { "2: this line holds a NUL",
						NULL };
	char *big = text_alloc(2 * CONFIG_VALUE_MAX, 1);

	(void)state;
	bad_len(nul, sizeof(nul) - 1, nul_said);
	bad("window = \"1h\x01\"\n", "1: this line holds a control character.");
	bad("# \x1b[31m\n", "1: this line holds a control character.");
	bad("# \xc2\x85\n", "1: this line holds a control character.");
	bad("# \xff\xfe\n# ok\n# \xc3\x28\n",
	    "1: this line holds bytes that "
	    "are not UTF-8.",
	    "3: this line holds bytes that are not UTF-8.");
	bad("window = \"\\x41\"", "1: a backslash in a string may only");
	bad("window = \"\\101\"", "1: a backslash in a string may only");
	bad("window = \"1h\\", "1: the string that begins");
	bad("window = \"${HOME}\"", "1: environment variables are not");
	bad("window = ${HOME}", "1: environment variables are not");
	bad("window = a${HOME:-x}b", "1: environment variables are not");
	bad("${HOME} = x\nwindow = 1", "1: environment", "2: 'window'");
	bad("watch ${HOME} { }", "1: environment variables are not",
	    "1: this watch has no registries");
	memset(big, 'x', 2 * CONFIG_VALUE_MAX - 1);
	memcpy(big, "window = ", 9);
	bad(big, "1: the value that begins in this line is longer");
	free(big);
}

static void test_escapes(void **state)
{
	struct config *c = good("state-directory = \"/a\\\\b\\$\\{c\"\n"
				"runtime-directory = '/${x}\\n\\'\\\\'\n");

	(void)state;
	assert_string_equal(c->state_directory, "/a\\b${c");
	assert_string_equal(c->runtime_directory, "/${x}\\n'\\");
	config_free(c);
}

static void test_watch(void **state)
{
	struct config *c = good(
		"watch \"" KEY
		"\" {\n registries = {\n \"" REG("prod", "contosoprod") "\",\n '" REG(
			"dr",
			"contosodr") "'\n }\n mode = observe\n identity = SYSTEM takeover = yes\n"
				     " canary = ContosoDR max-parallel = 3\n}\n");
	struct config_watch *w = c->watches;

	(void)state;
	assert_int_equal(c->n_watches, 1);
	assert_int_equal(c->n_registries, 2);
	assert_string_equal(w->title, KEY);
	assert_string_equal(w->key.host, "contoso.vault.azure.net");
	assert_string_equal(w->key.name, "acr-cmk");
	assert_int_equal(w->mode, WATCH_OBSERVE);
	assert_int_equal(w->credential, 0);
	assert_string_equal(w->identity, "system");
	assert_true(w->takeover && w->canary);
	assert_string_equal(w->canary_id, REG("dr", "contosodr"));
	assert_int_equal(w->max_parallel, 3);
	assert_int_equal(w->n_registries, 2);
	assert_string_equal(w->registries[0].id, REG("prod", "contosoprod"));
	config_free(c);
	c = good(WATCH(""));
	w = c->watches;
	assert_int_equal(w->mode, WATCH_FOLLOW);
	assert_null(w->identity);
	assert_null(w->canary_id);
	assert_true(w->canary && !w->takeover);
	assert_int_equal(w->max_parallel, 8);
	config_free(c);
	c = good(WATCH("canary = off"));
	assert_false(c->watches->canary);
	config_free(c);
	c = good(WATCH("canary = '" REG("PROD", "ContosoProd") "'"));
	assert_string_equal(c->watches->canary_id, REG("prod", "contosoprod"));
	config_free(c);
}

static void test_watch_mistakes(void **state)
{
	(void)state;
	bad("\nwatch \"" KEY "\" {\n mode = pin\n}\n",
	    "2: this watch has no registries");
	bad("watch \"" KEY "\" {\n registries = { }\n}\n",
	    "2: this watch has no registries");
	bad(WATCH("canary = contosoprox"),
	    "1: canary \"contosoprox\" is none "
	    "of this watch's registries; did you mean \"contosoprod\"?");
	bad(WATCH("canary = ''"), "1: 'canary' must be true, false, or the");
	bad(WATCH("identity = me"), "1: 'identity' must be a client id (a "
				    "GUID) or \"system\", not \"me\".");
	bad(WATCH("takeover = maybe"), "1: 'takeover' must be true or false");
	bad(WATCH("max-parallel = 1001"), "1: 'max-parallel'");
	bad(WATCH("max-parallel = 0"), "1: 'max-parallel'");
	bad(WATCH("\ncredential = defualt"), "2: there is no credential "
					     "\"defualt\".");
	bad(WATCH("\nmode = pin\nmode = follow"),
	    "3: option 'mode' is given "
	    "twice; the first time is line 2.");
	bad("watch 'https://contoso.vault.example/keys/k' { registries = '" REG(
		    "a", "aaaaa") "' }",
	    "1: \"contoso.vault.example\" is no "
	    "vault of the cloud \"public\": its vaults are called "
	    "NAME.vault.azure.net or NAME.managedhsm.azure.net.");
}

static void test_manual_key(void **state)
{
	struct config *c = good("watch \"" KEY "/" VERSION
				"\" { registries = '" REG("a", "aaaaa") "' }");

	(void)state;
	assert_int_equal(c->watches->mode, WATCH_MANUAL);
	assert_string_equal(c->watches->key.version, VERSION);
	config_free(c);
	bad("watch \"" KEY "/" VERSION
	    "\" {\n registries = '" REG("a", "aaaaa") "'\n mode = follow }",
	    "3: a key with a version holds its "
	    "registries at exactly that version");
}

static void test_duplicates(void **state)
{
	static const char second[] =
		"\nwatch \"https://CONTOSO.vault.azure.net:443/keys/ACR-cmk\" {"
		" registries = '" REG(
			"PROD",
			"contosoPROD") "' }\ncredential b { type = managed-identity }\n";
	struct config_source sources[] = {
		{ .name = "one",
		  .text = "credential default { type = managed-identity }\n"
			  "credential B { type = managed-identity }\n" WATCH(
				  "") },
		{ .name = "two", .text = second, .len = sizeof(second) - 1 },
	};

	(void)state;
	sources[0].len = strlen(sources[0].text);
	buf_free(&said);
	buf_init(&said, 1 << 20);
	assert_null(config_parse(sources, 2, on_problem, NULL, &said));
	assert_string_equal(
		buf_str(&said),
		"two:2: key \"https://contoso.vault.azure.net/keys/"
		"ACR-cmk\" is here again; the first time is "
		"one:3.\n"
		"two:2: registry \"" REG(
			"PROD",
			"contosoPROD") "\" is here "
				       "again; the first time is one:3.\n"
				       "two:3: credential \"b\" is here again; the first time is "
				       "one:2.\n");
}

/* A registry's name is unique in Azure, wherever it lies. */
static void test_one_registry_in_two_groups(void **state)
{
	static const char text[] =
		"credential default { type = managed-identity }\n"
		"watch \"https://contoso.vault.azure.net/keys/acr-cmk\" {\n"
		"registries = { \"" REG("prod", "contosoprod") "\",\n\"" REG(
			"dr", "contosoPROD") "\" }\n}\n";
	struct config_source source = { .name = "one",
					.text = text,
					.len = sizeof(text) - 1 };

	(void)state;
	buf_free(&said);
	buf_init(&said, 1 << 20);
	assert_null(config_parse(&source, 1, on_problem, NULL, &said));
	assert_string_equal(
		buf_str(&said),
		"one:4: registry \"" REG(
			"dr", "contosoPROD") "\" is here again; the "
					     "first time is one:3.\n");
}

static void test_second_file(void **state)
{
	static const char two[] = "window = 1h\n\ncloud { name = public }\n"
				  "nonsense = 1\n" WATCH("mode = x");
	struct config_source sources[] = {
		{ .name = "one", .text = "window = 1\n", .len = 11 },
		{ .name = "two", .text = two, .len = sizeof(two) - 1 }
	};

	(void)state;
	buf_free(&said);
	buf_init(&said, 1 << 20);
	assert_null(config_parse(sources, 2, on_problem, NULL, &said));
	assert_non_null(strstr(buf_str(&said), "one:1: 'window' must be"));
	assert_non_null(strstr(buf_str(&said),
			       "two:1: option 'window' may "
			       "stand only in one: this file is for watch"));
	assert_non_null(strstr(buf_str(&said), "two:3: a cloud block may"));
	assert_non_null(strstr(buf_str(&said), "two:4: unknown option"));
	assert_non_null(strstr(buf_str(&said), "two:5: 'mode' must be"));
	sources[0].len = 0;
	sources[1].text = WATCH("");
	sources[1].len = strlen(sources[1].text);
	config_free(config_parse(sources, 2, on_problem, NULL, &said));
}

#define KINDS                                                   \
	"managed-identity, client-secret, client-certificate, " \
	"workload-identity or environment"
#define APPLICATION "tenant = contoso.example client-id = " GUID
#define SECRET APPLICATION " secret-file = /etc/s "

static void test_credentials(void **state)
{
	struct config *c = good(
		"credential a { type = client-secret " SECRET
		"}\ncredential default { type = managed-identity resource-id = "
		"'" SUB "/resourcegroups/rg/providers/Microsoft.ManagedIdentity"
		"/userAssignedIdentities/my_id-1' }\n" WATCH("credential = A"));

	(void)state;
	assert_int_equal(c->n_credentials, 2);
	assert_int_equal(c->watches->credential, 0);
	assert_int_equal(c->credentials[0].kind, CREDENTIAL_CLIENT_SECRET);
	assert_string_equal(c->credentials[0].tenant, "contoso.example");
	assert_string_equal(c->credentials[0].client_id, GUID);
	assert_string_equal(c->credentials[0].secret_file, "/etc/s");
	assert_non_null(c->credentials[1].resource_id);
	config_free(c);
	c = good("credential a { type = client-certificate " APPLICATION
		 " certificate-file = /c passphrase-file = credential:p }\n"
		 "credential b { type = Client-Certificate " APPLICATION
		 " certificate-file = /c algorithm = rs256 send-chain = on }\n"
		 "credential d { type = workload-identity " APPLICATION
		 " token-file = /t }\ncredential e { type = environment }\n");
	assert_int_equal(c->credentials[0].kind, CREDENTIAL_CLIENT_CERTIFICATE);
	assert_string_equal(c->credentials[0].secret_file, "/c");
	assert_string_equal(c->credentials[0].passphrase_file, "credential:p");
	assert_int_equal(c->credentials[0].algorithm, CREDENTIAL_PS256);
	assert_false(c->credentials[0].send_chain);
	assert_int_equal(c->credentials[1].algorithm, CREDENTIAL_RS256);
	assert_true(c->credentials[1].send_chain);
	assert_int_equal(c->credentials[2].kind, CREDENTIAL_WORKLOAD_IDENTITY);
	assert_string_equal(c->credentials[2].secret_file, "/t");
	assert_int_equal(c->credentials[3].kind, CREDENTIAL_MANAGED_IDENTITY);
	config_free(c);
}

static void on_any(enum config_severity severity, const char *line, void *arg)
{
	(void)severity;
	(void)arg;
	buf_puts(&said, line);
	buf_puts(&said, "\n");
}

/* Name and value, one after the other, ended by NULL. */
static const char *of_list(const char *name, void *arg)
{
	for (const char *const *v = arg; *v; v += 2) {
		if (!strcmp(v[0], name))
			return v[1];
	}
	return NULL;
}

static struct config *in_environment(const char *text, const char *const *list)
{
	static const struct config_host host = { .variable = of_list };
	struct config_source source = { .name = "c",
					.text = text,
					.len = strlen(text) };

	buf_free(&said);
	buf_init(&said, 1 << 20);
	return config_parse(&source, 1, on_any, &host, (void *)(uintptr_t)list);
}

#define WITH(text, ...) \
	in_environment(text, (const char *const[]){ __VA_ARGS__, NULL })
#define TENANT_AND_CLIENT \
	"AZURE_TENANT_ID", "contoso.example", "AZURE_CLIENT_ID", GUID

static void test_workload_environment(void **state)
{
	static const char bare[] = "credential a { type = workload-identity }";
	struct config *c = WITH(bare, TENANT_AND_CLIENT,
				"AZURE_FEDERATED_TOKEN_FILE", "/var/token");

	(void)state;
	assert_string_equal(c->credentials->tenant, "contoso.example");
	assert_string_equal(c->credentials->client_id, GUID);
	assert_string_equal(c->credentials->secret_file, "/var/token");
	assert_string_equal(c->cloud.name, "public");
	assert_string_equal(buf_str(&said), "");
	config_free(c);
	/* What the file says counts for more. */
	c = WITH("credential a { type = workload-identity tenant = x.example "
		 "token-file = /t }\n",
		 TENANT_AND_CLIENT, "AZURE_FEDERATED_TOKEN_FILE", "/var/token");
	assert_string_equal(c->credentials->tenant, "x.example");
	assert_string_equal(c->credentials->client_id, GUID);
	assert_string_equal(c->credentials->secret_file, "/t");
	config_free(c);
	c = WITH(bare, TENANT_AND_CLIENT, "AZURE_FEDERATED_TOKEN_FILE", "/t",
		 "AZURE_ADDITIONALLY_ALLOWED_TENANTS", GUID "; *");
	assert_string_equal(c->credentials->allowed_tenants, GUID ";*");
	config_free(c);
	c = WITH(
		"credential a { type = workload-identity allowed-tenants = " GUID
		" }\n",
		TENANT_AND_CLIENT, "AZURE_FEDERATED_TOKEN_FILE", "/t",
		"AZURE_ADDITIONALLY_ALLOWED_TENANTS", "*");
	assert_string_equal(c->credentials->allowed_tenants, GUID);
	config_free(c);
	assert_null(WITH(bare, TENANT_AND_CLIENT, "AZURE_FEDERATED_TOKEN_FILE",
			 "/t", "AZURE_ADDITIONALLY_ALLOWED_TENANTS", "nobody"));
	assert_non_null(strstr(buf_str(&said),
			       "c:1: AZURE_ADDITIONALLY_ALLOWED_TENANTS of the "
			       "environment: 'allowed-tenants' must be"));
	/* An empty variable is none; a wrong one is told with its name. */
	assert_null(WITH(bare, "AZURE_TENANT_ID", "", "AZURE_CLIENT_ID", "me",
			 "AZURE_FEDERATED_TOKEN_FILE", "token"));
	assert_string_equal(
		buf_str(&said),
		"c:1: AZURE_CLIENT_ID of the environment: 'client-id' must be "
		"a GUID of the form 8-4-4-4-12 hexadecimal digits.\n"
		"c:1: AZURE_FEDERATED_TOKEN_FILE of the environment: "
		"'token-file' must be an absolute path or "
		"\"credential:NAME\".\n"
		"c:1: credential \"a\" of type workload-identity needs the "
		"option 'tenant', or AZURE_TENANT_ID in the daemon's "
		"environment.\n");
}

static void test_authority_of_environment(void **state)
{
#define AKS(cloud, host)                                                      \
	WITH(cloud "credential a { type = workload-identity token-file = /t " \
		   "}\n",                                                     \
	     TENANT_AND_CLIENT, "AZURE_AUTHORITY_HOST", host)
	struct config *c = AKS("", "https://login.microsoftonline.com/");

	(void)state;
	assert_string_equal(c->cloud.name, "public");
	assert_string_equal(buf_str(&said), "");
	config_free(c);
	c = AKS("", "login.chinacloudapi.cn");
	assert_string_equal(c->cloud.name, "china");
	assert_string_equal(c->cloud.resource_manager,
			    "https://management.chinacloudapi.cn");
	assert_non_null(strstr(buf_str(&said),
			       "note: the cloud china is taken, as "
			       "AZURE_AUTHORITY_HOST of the environment"));
	config_free(c);
	/* By its other name too, which is then the one that is asked. */
	c = AKS("", "https://login.partner.microsoftonline.cn/");
	assert_non_null(c);
	assert_non_null(strstr(buf_str(&said),
			       "login.partner.microsoftonline.cn of the cloud "
			       "china is taken, as AZURE_AUTHORITY_HOST"));
	assert_string_equal(c->cloud.authority,
			    "https://login.partner.microsoftonline.cn");
	assert_string_equal(c->cloud.resource_manager,
			    "https://management.chinacloudapi.cn");
	config_free(c);
	c = AKS("", "https://login.windows.net");
	assert_string_equal(c->cloud.resource_manager,
			    "https://management.azure.com");
	config_free(c);
	/* No authority's name, and so none of a cloud. */
	assert_null(AKS("", "https://management.chinacloudapi.cn"));
	c = AKS("", "https://login.corp.example:8443/");
	assert_string_equal(c->cloud.name, "custom");
	assert_string_equal(c->cloud.authority,
			    "https://login.corp.example:8443");
	config_free(c);
	c = AKS("cloud { name = usgov }\n", "https://login.corp.example");
	assert_string_equal(c->cloud.authority,
			    "https://login.microsoftonline.us");
	assert_string_equal(buf_str(&said), "");
	config_free(c);
	assert_null(AKS("", "http://login.corp.example"));
	assert_non_null(strstr(buf_str(&said),
			       "c:1: AZURE_AUTHORITY_HOST of the environment: "
			       "'authority' must be an https:// address"));
	/* Nobody asks for a token there by what the environment tells. */
	c = WITH("credential a { type = client-secret " SECRET "}",
		 "AZURE_AUTHORITY_HOST", "https://login.corp.example");
	assert_string_equal(c->cloud.name, "public");
	config_free(c);
#undef AKS
}

static void test_environment(void **state)
{
	static const char text[] = "\ncredential a {\n type = environment\n}";
	struct config *c = WITH(text, TENANT_AND_CLIENT, "AZURE_CLIENT_SECRET",
				"hunter2", "AZURE_FEDERATED_TOKEN_FILE", "/t");

	(void)state;
	assert_int_equal(c->credentials->kind, CREDENTIAL_CLIENT_SECRET);
	assert_string_equal(c->credentials->secret_file,
			    "environment:AZURE_CLIENT_SECRET");
	assert_string_equal(c->credentials->client_id, GUID);
	assert_string_equal(buf_str(&said),
			    "c:3: note: credential \"a\" is an application "
			    "with a secret: the environment has "
			    "AZURE_CLIENT_SECRET, which comes first.\n");
	config_free(c);
	c = WITH(text, TENANT_AND_CLIENT, "AZURE_CLIENT_CERTIFICATE_PATH", "/c",
		 "AZURE_CLIENT_CERTIFICATE_PASSWORD", "hunter2",
		 "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "1");
	assert_int_equal(c->credentials->kind, CREDENTIAL_CLIENT_CERTIFICATE);
	assert_string_equal(c->credentials->secret_file, "/c");
	assert_string_equal(c->credentials->passphrase_file,
			    "environment:AZURE_CLIENT_CERTIFICATE_PASSWORD");
	assert_true(c->credentials->send_chain);
	config_free(c);
	c = WITH(text, TENANT_AND_CLIENT, "AZURE_FEDERATED_TOKEN_FILE", "/t");
	assert_int_equal(c->credentials->kind, CREDENTIAL_WORKLOAD_IDENTITY);
	assert_string_equal(c->credentials->secret_file, "/t");
	config_free(c);
	/* A list as Azure's own tools have it. */
	c = WITH(text, TENANT_AND_CLIENT, "AZURE_CLIENT_SECRET", "hunter2",
		 "AZURE_ADDITIONALLY_ALLOWED_TENANTS", " ;" GUID "; *;");
	assert_string_equal(c->credentials->allowed_tenants, GUID ";*");
	assert_true(c->credentials->environment);
	config_free(c);
	assert_null(WITH(text, TENANT_AND_CLIENT, "AZURE_CLIENT_SECRET",
			 "hunter2", "AZURE_ADDITIONALLY_ALLOWED_TENANTS",
			 GUID "," GUID));
	assert_non_null(strstr(buf_str(&said),
			       "c:3: AZURE_ADDITIONALLY_ALLOWED_TENANTS of the "
			       "environment: 'allowed-tenants' must be"));
	c = WITH("\ncredential a { type = client-secret " SECRET "}",
		 "AZURE_ADDITIONALLY_ALLOWED_TENANTS", "*");
	assert_null(c->credentials->allowed_tenants);
	assert_false(c->credentials->environment);
	config_free(c);
	/* Half of what is needed is passed over, aloud. */
	c = WITH(text, "AZURE_CLIENT_ID", GUID, "AZURE_CLIENT_SECRET",
		 "hunter2");
	assert_int_equal(c->credentials->kind, CREDENTIAL_MANAGED_IDENTITY);
	assert_string_equal(c->credentials->client_id, GUID);
	assert_null(c->credentials->secret_file);
	assert_string_equal(
		buf_str(&said),
		"c:3: warning: the environment has AZURE_CLIENT_SECRET, but "
		"not AZURE_TENANT_ID: credential \"a\" passes it over.\n"
		"c:3: note: credential \"a\" is the managed identity of this "
		"host that AZURE_CLIENT_ID names: none of AZURE_CLIENT_SECRET, "
		"AZURE_CLIENT_CERTIFICATE_PATH and AZURE_FEDERATED_TOKEN_FILE "
		"is set together with AZURE_TENANT_ID and AZURE_CLIENT_ID.\n");
	config_free(c);
}

static void test_credential_mistakes(void **state)
{
	(void)state;
	bad("credential a {\n}\n", "1: credential \"a\" needs the option "
				   "'type'");
	bad("credential a { type = client-cookie }\n",
	    "1: 'type' must be " KINDS ", not \"client-cookie\".");
	bad("credential a {\n type = client-certificate\n}\n",
	    "1: credential \"a\" of type client-certificate needs the option "
	    "'client-id'.",
	    "1: credential \"a\" of type client-certificate needs the option "
	    "'certificate-file'.");
	bad("credential a {\n type = client-certificate\n " APPLICATION
	    "\n certificate-file = /c\n secret-file = /s\n token-file = /t\n"
	    " algorithm = ES256\n send-chain = maybe\n passphrase-file = x\n}\n",
	    "5: option 'secret-file' is not for credentials of type "
	    "client-certificate.",
	    "6: option 'token-file' is not for",
	    "7: 'algorithm' must be PS256 or RS256; did you mean",
	    "8: 'send-chain' must be true or false, not \"maybe\"",
	    "9: 'passphrase-file' must be an absolute path or");
	bad("credential a {\n type = client-secret\n " SECRET
	    "\n algorithm = RS256\n send-chain = no\n"
	    " passphrase-file = /p\n certificate-file = /c\n}\n",
	    "4: option 'algorithm' is not for",
	    "5: option 'send-chain' is not for",
	    "6: option 'passphrase-file' is not for",
	    "7: option 'certificate-file' is not for");
	bad("credential a {\n type = workload-identity\n object-id = " GUID
	    "\n}\n",
	    "1: credential \"a\" of type workload-identity needs the option "
	    "'client-id', or AZURE_CLIENT_ID in the daemon's environment.",
	    "1: credential \"a\" of type workload-identity needs the option "
	    "'tenant', or AZURE_TENANT_ID in",
	    "1: credential \"a\" of type workload-identity needs the option "
	    "'token-file', or AZURE_FEDERATED_TOKEN_FILE in",
	    "3: option 'object-id' is not for");
	bad("credential a {\n type = environment\n tenant = x\n}\n",
	    "3: option 'tenant' is not for credentials of type environment.");
	bad("credential a {\n type = client-secret\n}\n",
	    "1: credential \"a\" of type client-secret needs the option "
	    "'client-id'.",
	    "1: credential \"a\" of type client-secret "
	    "needs the option 'secret-file'.");
	bad("credential a {\n type = client-secret\n" SECRET
	    "\nobject-id = " GUID "\n}\n",
	    "4: option 'object-id' is not for credentials of "
	    "type client-secret.");
	bad("credential a {\n type = managed-identity\n object-id = " GUID
	    "\n client-id = " GUID "\n tenant = x\n}\n",
	    "4: a managed identity is named by one option only, but "
	    "'object-id' is given too, in line 3.",
	    "5: option 'tenant' is not for credentials of type");
	bad("credential a {\n type = managed-identity\n source = azure\n}\n",
	    "3: 'source' must be auto, imds, app-service or arc, not "
	    "\"azure\".");
	bad("credential a {\n type = client-secret\n" SECRET
	    "\n source = arc\n allowed-tenants = { \"x\" }\n}\n",
	    "4: option 'source' is not for credentials of type client-secret",
	    "5: 'allowed-tenants' must be GUIDs of tenants, or \"*\" for any");
	bad("credential \"a b\" { type = managed-identity }\n",
	    "1: a credential's name is made of");
	bad("credential foo { type = managed-identity }\n" WATCH(""),
	    "2: this watch names no credential and there is none "
	    "called \"default\"");
	bad("credential foo { type = managed-identity }\n" WATCH(
		    "credential = fop"),
	    "2: there is no credential \"fop\"; "
	    "did you mean \"foo\"?");
	bad("credential a { type = client-secret tenant = 'x y' client-id = x\n"
	    "secret-file = hunter2\n}",
	    "1: 'tenant' must be", "1: 'client-id' must be a GUID",
	    "2: 'secret-file' must be an absolute path or "
	    "\"credential:NAME\".");
	assert_null(strstr(buf_str(&said), "hunter2"));
	bad("credential a { type = client-secret tenant = x client-id = " GUID
	    " secret-file = 'credential:../x' }",
	    "1: 'secret-file'");
	bad("credential a { type = managed-identity resource-id = '" REG(
		    "a", "aaaaa") "' }",
	    "1: 'resource-id' must be the resource");
}

static void test_cloud(void **state)
{
	struct config *c = good("cloud { name = china }");

	(void)state;
	assert_string_equal(c->cloud.name, "china");
	assert_string_equal(c->cloud.vault_suffixes[0], ".vault.azure.cn");
	config_free(c);
	c = good("cloud = 'usgov'");
	assert_string_equal(c->cloud.name, "usgov");
	assert_string_equal(c->cloud.vault_suffixes[1],
			    ".managedhsm.usgovcloudapi.net");
	assert_int_equal(c->cloud.n_storage_suffixes, 2);
	assert_string_equal(c->cloud.storage_suffixes[1],
			    ".queue.core.usgovcloudapi.net");
	config_free(c);
	c = good("cloud { authority = 'https://login.localhost:8443/'\n"
		 "resource-manager = 'https://management.localhost:8443'\n"
		 "resource-manager-audience = 'https://management.core/'\n"
		 "vault-suffixes = { .vault.localhost }\n"
		 "storage-suffixes = { .blob.localhost }\n"
		 "vault-audience = 'https://vault.azure.net'\n"
		 "imds-endpoint = 'http://127.0.0.1:80'\nca-file = '/ca.pem'\n"
		 "vault-api-version = 7.5 registry-api-version = 2025-11-01 }\n"
		 "watch 'https://v01.vault.localhost:8443/keys/k' {\n"
		 "registries = '" REG("a", "aaaaa") "' }");
	assert_string_equal(c->cloud.name, "custom");
	assert_string_equal(c->cloud.authority, "https://login.localhost:8443");
	assert_string_equal(c->cloud.arm_audience, "https://management.core/");
	assert_int_equal(c->cloud.n_vault_suffixes, 1);
	assert_string_equal(c->cloud.vault_suffixes[0], ".vault.localhost");
	assert_null(c->cloud.vault_suffixes[1]);
	assert_int_equal(c->cloud.n_storage_suffixes, 1);
	assert_string_equal(c->cloud.storage_suffixes[0], ".blob.localhost");
	assert_null(c->cloud.storage_suffixes[1]);
	assert_string_equal(c->cloud.imds_endpoint, "http://127.0.0.1:80");
	assert_string_equal(c->cloud.ca_file, "/ca.pem");
	assert_string_equal(c->cloud.vault_api_version, "7.5");
	config_free(c);
}

static const char **variables; /* a name and its value each, then NULL */

static const char *proxy_variable(const char *name, void *arg)
{
	(void)arg;
	for (const char **pair = variables; *pair; pair += 2)
		if (!strcmp(name, pair[0]))
			return pair[1];
	return NULL;
}

/* The configuration of that text with those variables; what was said is in
 * `said`. */
static struct config *with_variables(const char *text, const char **pairs)
{
	static const struct config_host host = { NULL, proxy_variable };
	struct config_source source = { "c", text, strlen(text), NULL };
	struct config *c;

	buf_free(&said);
	buf_init(&said, 1 << 20);
	variables = pairs;
	want_remarks = true;
	c = config_parse(&source, 1, on_problem, &host, &said);
	want_remarks = false;
	return c;
}

static void test_proxy(void **state)
{
	const char *all[] = { "https_proxy", "",
			      "HTTPS_PROXY", "http://me:hunter22@one:1",
			      "ALL_PROXY",   "two:2",
			      "NO_PROXY",    "a.example, 10.0.0.0/8",
			      NULL };
	const char *last[] = { "ALL_PROXY", "socks5h://two:2", NULL };
	const char *wrong[] = { "HTTPS_PROXY", "http://me:hunter22@one:x",
				NULL };
	const char *none[] = { NULL };
	struct config *c;

	(void)state;
	c = with_variables("", none);
	assert_null(c->proxy.url);
	config_free(c);
	c = with_variables("", all);
	assert_string_equal(c->proxy.url, "http://one:1");
	assert_string_equal(c->proxy.from, "HTTPS_PROXY");
	assert_string_equal(c->proxy.password, "hunter22");
	assert_string_equal(c->proxy.without, "a.example, 10.0.0.0/8");
	assert_string_equal(buf_str(&said),
			    "c:0: note: the proxy http://one:1 is taken, as "
			    "HTTPS_PROXY of the environment has it.\n");
	config_free(c);
	c = with_variables("no-proxy = { .b.example, ::1 }", last);
	assert_string_equal(c->proxy.url, "socks5h://two:2");
	assert_string_equal(c->proxy.without, ".b.example,::1");
	config_free(c);
	c = with_variables("https-proxy = 'http://three:3'", all);
	assert_string_equal(c->proxy.url, "http://three:3");
	assert_string_equal(c->proxy.from, "https-proxy");
	assert_null(c->proxy.password);
	assert_string_equal(c->proxy.without, "a.example, 10.0.0.0/8");
	assert_string_equal(buf_str(&said), "");
	config_free(c);
	c = with_variables("no-proxy = \"*\"\nhttps-proxy = three:3", all);
	assert_string_equal(c->proxy.without, "*");
	config_free(c);
	assert_null(with_variables("", wrong));
	assert_non_null(strstr(buf_str(&said),
			       "c:0: HTTPS_PROXY of the environment: what it "
			       "says is no HOST:PORT"));
	assert_null(strstr(buf_str(&said), "hunter22"));
	c = with_variables("https-proxy = three:3", wrong);
	assert_string_equal(c->proxy.url, "http://three:3");
	config_free(c);
}

static void test_proxy_mistakes(void **state)
{
	(void)state;
	bad("https-proxy = 'ftp://me:hunter22@p:1'",
	    "1: 'https-proxy': a proxy is spoken to by http");
	bad("https-proxy = 'http://me:hunter22@p:x'",
	    "1: 'https-proxy': what it says is no HOST:PORT");
	bad("https-proxy = 'http://me:hunter22@p:1' 'x'", "1: 'https-proxy'");
	bad("no-proxy = { a,\n'*.b.example' }",
	    "2: 'no-proxy': a name stands for all names below it without a "
	    "'*': write \".example.com\", not \"*.b.example\".");
	bad("no-proxy = 'h:80'", "1: 'no-proxy': a host stands without a port");
	assert_null(strstr(buf_str(&said), "hunter22"));
}

static void test_cloud_mistakes(void **state)
{
	(void)state;
	bad("cloud {\n name = moon\n}\n" WATCH(""),
	    "2: 'name' must be public, "
	    "china or usgov, not \"moon\".");
	bad("cloud { authority = 'http://x' }",
	    "1: 'authority' must be an "
	    "https:// address without a path");
	bad("cloud { authority = 'https://x/y' }", "1: 'authority'");
	bad("cloud { authority = 'https://u@x' }", "1: 'authority'");
	bad("cloud { authority = 'https://' }", "1: 'authority'");
	bad("cloud { authority = 'https://x:0' }", "1: 'authority'");
	bad("cloud { authority = 'https://x:65536' }", "1: 'authority'");
	bad("cloud { authority = 'https://[::1' }", "1: 'authority'");
	bad("cloud { authority = 'https://[::1%25lo]' }", "1: 'authority'");
	bad("cloud { authority = 'https://[1:2]:8443' }", "1: 'authority'");
	bad("cloud { imds-endpoint = 'ftp://x' }", "1: 'imds-endpoint'");
	bad("cloud { vault-audience = 'vault' }", "1: 'vault-audience'");
	bad("cloud { vault-api-version = 'a b' }", "1: 'vault-api-version'");
	bad("cloud { vault-suffixes = {\n'vault',\n'.a..b', '.' , '.a-'} }",
	    "2: 'vault-suffixes' must be host name endings",
	    "3: ", "3: ", "3: ");
	bad("cloud { vault-suffixes = {.a,.b,.c,.d,.e,.f,.g,.h,.i} }",
	    "1: 'vault-suffixes': at most 8 suffixes can be listed.");
	bad("cloud { storage-suffixes = { 'blob' } }",
	    "1: 'storage-suffixes' must be host name endings");
	config_free(good("cloud { authority = 'https://[::1]:8443' }"));
}

/* What stands before a mistake of braces is read all the same. */
static void test_broken(void **state)
{
	struct config_source sources[] = {
		{ .name = "one", .text = "watch x {\n mode = x\n", .len = 20 },
		{ .name = "two",
		  .text = "credential a { type = x }\n",
		  .len = 26 },
	};

	(void)state;
	bad("window = 1\nwatch x {\n mode = y\n", "1: 'window'",
	    "2: \"x\" is not a key identifier",
	    "2: this watch block has no closing brace.", "3: 'mode'");
	bad("window = 1\n/* never", "1: 'window'", "2: the comment");
	bad("window = 1\nwatch '" KEY "' { registries = {\n 'x'\n 'y'\n { } }",
	    "1: 'window'", "2: this watch block has no closing brace.",
	    "3: 'registries': \"x\"", "4: a comma is missing",
	    "4: 'registries': \"y\"", "5: the values of a list stand in one");
	/* Nobody says that a credential or registries are missing. */
	bad("watch '" KEY "' { credential = a\n}\nwatch '" KEY "' {",
	    "3: this watch block has no closing brace.");
	buf_free(&said);
	buf_init(&said, 1 << 20);
	assert_null(config_parse(sources, 2, on_problem, NULL, &said));
	assert_non_null(strstr(buf_str(&said), "one:2: 'mode' must be"));
	assert_non_null(strstr(buf_str(&said), "two:1: 'type' must be"));
	assert_null(config_parse(sources, 2, NULL, NULL, NULL));
}

/* Where tokens end, and what a string is once its quotes are off. */
static void test_tokens(void **state)
{
	struct config *c = good("window=\"1h\"log-level='info'#x\n"
				"poll-interval=60s //x\nreread-interval=\"5m\""
				"/*x*/state-directory=/a//b;|$\\ "
				"runtime-directory=\"/a'\\\"\\\\\\'\\,$\"\r\n"
				"admin-group='w'\n/**/\n/***/ // /* \n");

	(void)state;
	assert_string_equal(c->state_directory, "/a//b;|$\\");
	assert_string_equal(c->runtime_directory, "/a'\"\\',$");
	assert_string_equal(c->admin_group, "w");
	config_free(c);
	bad("window = \"1h\\\nmax-requests = 0", "1: the string that begins",
	    "2: 'max-requests'");
	bad("window = '1h\\\r\nmax-requests = 0", "1: the string that begins",
	    "2: 'max-requests'");
	bad("window = '1h\\\\\\'\nmax-requests = 0",
	    "1: the string that begins", "2: 'max-requests'");
	bad("window = \"$${\\x}\n", "1: the string that begins");
	bad("window = 1h ) 1\n/ = 1\nwindow = 1h\n", "1: the name of an option",
	    "2: unknown option '/'", "3: option 'window' is given twice");
	bad("'window' = 1h\n", "1: the name of an option");
	bad("# \x01\x02 \xff\n", "1: this line holds a control character.");
	bad("# \xc2\xa0 \xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\x91\n# \x7f\n",
	    "2: this line holds a control character.");
	bad("\xef\xbb", "1: this line holds bytes that are not UTF-8.");
	bad("window\r= 1\nwindow = 2",
	    "1: this line holds a control character.", "2: 'window' must be");
}

/* A value of the given length between single quotes. */
static char *long_setting(const char *name, size_t len)
{
	char *text = text_printf("%s = '/%*s'\nmax-requests = 0", name,
				 (int)len - 1, "");

	for (char *s = strchr(text, '/'); (s = strchr(s, ' ')) && s[1] != '=';)
		*s = 'x';
	return text;
}

static void test_lengths(void **state)
{
	static const struct {
		size_t len;
		const char *said;
	} tries[] = {
		{ 4001, "1: 'state-directory' must be an absolute path, at "
			"most 4000 bytes long, not \"/xxx" },
		{ CONFIG_VALUE_MAX - 2, "1: 'state-directory' must be" },
		{ CONFIG_VALUE_MAX - 1, "1: the value that begins in this line "
					"is longer than 4096 bytes." },
		{ 5 * CONFIG_VALUE_MAX, "1: the value that begins" },
	};
	char *text = long_setting("state-directory", 4000);

	(void)state;
	*strchr(text, '\n') = '\0';
	config_free(good(text));
	free(text);
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		text = long_setting("state-directory", tries[i].len);
		bad(text, tries[i].said, "2: 'max-requests'");
		free(text);
	}
	text = text_printf("%0*d = 1\n", 300, 0);
	bad(text, "1: unknown option '0000000");
	free(text);
}

/* A title that cannot be read says nothing about the block. */
static void test_bad_titles(void **state)
{
	(void)state;
	bad("credential \"\\x\" { type = managed-identity }\n"
	    "credential \"\\y\" { type = managed-identity }\n"
	    "credential c { type = managed-identity }\n" WATCH(
		    "credential = d"),
	    "1: a backslash in a string", "2: a backslash in a string",
	    "4: there is no credential \"d\"; did you mean \"c\"?");
	bad("credential '' { type = managed-identity }\n"
	    "credential '' { type = managed-identity }\n",
	    "1: a credential's name is", "2: a credential's name is");
	bad("watch \"${X}\" { mode = pin }\nwatch \"${X}\" { mode = x }\n",
	    "1: environment variables", "1: this watch has no registries",
	    "2: environment variables", "2: 'mode'",
	    "2: this watch has no registries");
}

static void test_proposals(void **state)
{
	struct buf text;

	(void)state;
	bad("watch '" KEY "' { registries = { '" REG("a", "aaaxxx") "', '" REG(
		    "a", "aaaaax") "', '" REG("a",
					      "aaaaxx") "' }\n"
							"canary = aaaaaz }",
	    "2: canary \"aaaaaz\" is none of this watch's registries; did you "
	    "mean \"aaaaax\"?");
	/* A hint is not worth more than a hundred looks. */
	buf_init(&text, 1 << 20);
	buf_puts(&text, "watch '" KEY "' { registries = {\n");
	for (int i = 0; i < 200; i++)
		buf_printf(&text, "'" REG("a", "contoso%d") "',\n", i);
	buf_puts(&text, "}\ncanary = CONTOSO150Z }\n");
	bad(buf_str(&text), "203: canary \"CONTOSO150Z\" is none of this "
			    "watch's registries.");
	buf_free(&text);
	buf_init(&text, 1 << 20);
	for (int i = 0; i <= CONFIG_CREDENTIALS_MAX; i++)
		buf_printf(&text,
			   "credential c%d { type = managed-identity }\n", i);
	bad(buf_str(&text), "257: at most 256 credentials are allowed.");
	buf_free(&text);
}

#define IDENTITY(group, provider, name) \
	SUB "/resourceGroups/" group    \
	    "/providers/Microsoft.ManagedIdentity/" provider "/" name

static void test_forms(void **state)
{
	static const char *const addresses[] = {
		"https://[::1",	 "https://[]",	     "https://[:]",
		"https://-x",	 "https://.x",	     "https://x:",
		"https://x|y",	 "https://x:123456", "https://x:1x",
		"https://[::1]x"
	};
	static const char *const suffixes[] = { ".",	"x",   ".a:", ".a:0",
						".a b", ".a-", "..a" };
	static const char *const anybody[] = { "common", "Organizations",
					       "consumers" };
	static const char *const ids[] = {
		"/subscriptions/x/resourceGroups/g",
		SUB "x/resourceGroups/g",
		SUB "/resourceGroups//providers/x",
		SUB "/resourceGroups/g/providers/x",
		IDENTITY("g", "userAssigned", "x"),
		IDENTITY("g", "userAssignedIdentities", "x y"),
		IDENTITY("g", "userAssignedIdentities", ""),
		"/subscriptions/1111111111111-2222-3333-4444-5555555555"
		"/resourceGroups/g/providers/Microsoft.ManagedIdentity/"
		"userAssignedIdentities/x",
	};
	char *text;

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		text = text_printf("cloud { authority = '%s' }", addresses[i]);
		bad(text, "1: 'authority' must be an https:// address");
		free(text);
	}
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		text = text_printf("cloud { vault-suffixes = '%s' }",
				   suffixes[i]);
		bad(text, "1: 'vault-suffixes' must be host name endings");
		free(text);
	}
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		text = text_printf("credential a { type = managed-identity "
				   "resource-id = '%s' }",
				   ids[i]);
		bad(text, "1: 'resource-id' must be the resource id");
		assert_null(strstr(buf_str(&said), ids[i]));
		free(text);
	}
	bad("cloud { vault-audience = 'https://a b' }", "1: 'vault-audience'");
	for (size_t i = 0; i < sizeof(anybody) / sizeof(anybody[0]); i++) {
		text = text_printf("credential a { type = workload-identity "
				   "token-file = /t client-id = " GUID
				   " tenant = %s }",
				   anybody[i]);
		bad(text, "1: 'tenant': that stands for anybody's tenant, and "
			  "an application gets its tokens from one: write its "
			  "GUID or a domain name of it.");
		free(text);
	}
	bad("admin-group = 'a b'", "1: 'admin-group'");
	bad("credential a { type = client-secret client-id = " GUID
	    " tenant = .x secret-file = 'credential:a/b' }",
	    "1: 'tenant'", "1: 'secret-file'");
	bad("credential a { type = client-secret client-id = " GUID
	    " secret-file = /s tenant = a..b }",
	    "1: 'tenant' must be the GUID or a domain name of the tenant.");
	bad("credential a { type = managed-identity\n client-id = " GUID
	    "\n object-id = " GUID "\n}",
	    "3: a managed identity is named by one option only, but "
	    "'client-id' is given too, in line 2.");
	config_free(good("cloud { vault-suffixes = { .a:8443, '.b-c.d' }\n"
			 "imds-endpoint = https://x/ }"));
}

/* What people write who know another tool, are in a hurry, or copied it: one
 * mistake, one message, at its line, that says what to write. */
static void test_one_message(void **state)
{
	static const struct {
		const char *text, *said;
	} tries[] = {
#define ID REG("prod", "contosoprod")
#define CRED(options)                                                         \
	"credential default {\n type = client-secret\n tenant = x.example\n " \
	"client-id = " GUID "\n " options "\n}\n"
		/* A secret in the file, under any name. */
		{ CRED("client-secret = \"hunter2\""),
		  "5: unknown option 'client-secret': a secret never stands in "
		  "this file: put it into a file that only the daemon's user "
		  "may read, and write secret-file = \"/PATH\".\n" },
		{ CRED("client_secret = hunter2"),
		  "5: unknown option 'client_secret': a secret never" },
		{ CRED("password = 'hunter2'"),
		  "5: unknown option 'password': a secret never" },
		/* The right option under a wrong name is not missing too. */
		{ "watch '" KEY "' {\n registry = \"" ID "\"\n}",
		  "2: unknown option 'registry'; did you mean "
		  "'registries'?\n" },
		{ "watch '" KEY "' {\n registrys = { '" ID "' }\n}",
		  "2: unknown option 'registrys'; did you" },
		{ "credential a {\n tpye = managed-identity\n}",
		  "2: unknown option 'tpye'; did you mean 'type'?\n" },
		{ CRED("secret_file = /x"),
		  "5: unknown option 'secret_file'; did you mean "
		  "'secret-file'?\n" },
		{ "windw = 10m\npoll-interval = 1h\n",
		  "1: unknown option 'windw'; did you mean 'window'?\n" },
		/* Lists in other signs. */
		{ "watch '" KEY "' {\n registries = [ \"" ID "\" ]\n}",
		  "2: a list stands in braces: write registries = { \"...\" "
		  "}\n" },
		{ "watch '" KEY "' {\n registries = [\n\"" ID
		  "\",\n\"" REG("dr", "contosodr") "\",\n]\ncanary = "
						   "contosodr\n}",
		  "2: a list stands" },
		{ "watch '" KEY "' {\n registries = [" ID "," ID "2]\n}",
		  "2: a list stands" },
		{ "watch '" KEY "' {\n registries = ( '" ID "' )\n}",
		  "2: a list stands" },
		{ "watch '" KEY "' {\n registries += [ '" ID "' ];\n}",
		  "2: a list stands in braces|2: a statement ends without" },
		{ "window = [ 1h ]\n", "1: option 'window' takes one value, "
				       "not a list.\n" },
		{ "windo = [ 1h ]\n", "1: unknown option 'windo'; did you" },
		{ "watch '" KEY "' {\n registries = '" ID "', '" ID "2'\n}",
		  "2: the values of a list stand in braces: write registries "
		  "= { \"...\", \"...\" }\n" },
		{ "watch '" KEY "' {\n registries = '" ID "',\n '" ID "2'\n}",
		  "2: the values of a list" },
		{ "window = '1h',\npoll-interval = '60s'\n",
		  "1: option 'window' takes one value: take the comma off.\n" },
		{ "watch '" KEY "' {\n registries = { '" ID "'; '" ID "2' }\n}",
		  "2: the values of 'registries' are separated by commas, not "
		  "by semicolons.\n" },
		/* Statements that end in a sign. */
		{ "window = \"1h\";\n",
		  "1: a statement ends without a ';': take it off.\n" },
		{ "window = 1h;\n", "1: a statement ends without a ';'" },
		{ "state-directory = /var/lib/x;\n", "1: a statement ends" },
		{ "window = 1h; poll-interval = 1m;;\n",
		  "1: a statement ends|1: a statement ends" },
		{ "window = ;\n", "1: option 'window' has no value" },
		{ "window;\n", "1: option 'window' has no value" },
		{ WATCH("mode = pin;") "\n", "1: a statement ends" },
		{ WATCH("") ";\n", "2: a statement ends" },
		/* Blocks as if they were options, or sections. */
		{ "watch = \"" KEY "\" {\n registries = '" ID "'\n}",
		  "1: 'watch' is a block, not an option: write watch \"...\" "
		  "{ ... } without '='.\n" },
		{ "watch = \"" KEY "\" {\n mode = x\n registries = '" ID "'\n}",
		  "1: 'watch' is a block|2: 'mode' must be" },
		{ "cloud = {\n name = china\n}",
		  "1: 'cloud' is a block, not an option: write cloud { ... } "
		  "without '='.\n" },
		{ "cloud = china\nwatch 'https://contoso.vault.azure.cn/keys/"
		  "k' { registries = '" ID "' }",
		  "" },
		{ "cloud = [\n name = china\n]",
		  "1: 'cloud' is a block, not an option" },
		{ "cloud = moon\n" WATCH(""),
		  "1: 'cloud' must be public, china or usgov, not \"moon\".\n" },
		{ WATCH("cloud = china"),
		  "1: option 'cloud' does not belong here: it is for the top "
		  "level of the file.\n" },
		{ "cloud = china\ncloud {\n name = china\n}\n" WATCH(""),
		  "1: 'cloud' stands here as a setting, and there is a cloud "
		  "block in line 2 as well: take this line off, and write name "
		  "= \"...\" in the block.\n" },
		{ "credential = a {\n type = managed-identity\n}\n" WATCH(
			  "credential = a"),
		  "1: 'credential' is a block" },
		{ "credential = {\n type = managed-identity\n}\n" WATCH(
			  "credential = a"),
		  "1: 'credential' is a block" },
		{ "watch \"" KEY "\"\n{\n registries = '" ID "'\n}", "" },
		{ "watch \"" KEY "\"\n registries = '" ID "'\n}",
		  "1: a '{' is missing behind the title of this watch "
		  "block.\n" },
		{ "watch \"" KEY "\"", "1: a '{' is missing" },
		{ "[watch \"" KEY "\"]\n",
		  "1: a block does not begin with a bracket" },
		/* What was passed over is not missed by others. */
		{ "credentials b { type = managed-identity }\n"
		  "credential c { type = managed-identity }\n" WATCH(
			  "credential = b"),
		  "1: unknown block 'credentials'; did you mean "
		  "'credential'?\n" },
		{ "Cloud { name = china }\nwatch "
		  "'https://contoso.vault.azure.cn/keys/k' { registries = '" ID
		  "' }",
		  "1: unknown block 'Cloud'; did you mean 'cloud'?\n" },
		/* Values in other words. */
		{ "credential a {\n type = managed_identity\n}",
		  "2: 'type' must be " KINDS ", not "
		  "\"managed_identity\"; did you mean "
		  "\"managed-identity\"?\n" },
		{ "credential a {\n type = 'hunter2~x'\n}",
		  "2: 'type' must be " KINDS ".\n" },
		{ WATCH("mode = \"Folow\""),
		  "1: 'mode' must be observe, follow or pin, not \"Folow\"; did "
		  "you mean \"follow\"?\n" },
		{ WATCH("takeover = ture"),
		  "1: 'takeover' must be true or false, not \"ture\"; did you "
		  "mean \"true\"?\n" },
		{ "log-level = warn",
		  "1: 'log-level' must be error, warning, "
		  "notice, info or debug, not \"warn\".\n" },
		{ "log-level = warnings",
		  "1: 'log-level' must be error, warning, notice, info or "
		  "debug, not \"warnings\"; did you mean \"warning\"?\n" },
		{ "cloud { name = AzureChinaCloud }",
		  "1: 'name' must be public, china or usgov, not "
		  "\"AzureChinaCloud\"; did you mean \"china\"?\n" },
		{ "window = 1 h\n", "1: 'window' has something behind its "
				    "value: a value with blanks stands in "
				    "quotes.\n" },
		{ "state-directory = /var/lib/my state\nwindow = 1\n",
		  "1: 'state-directory' has something|2: 'window' must be" },
		/* Identifiers from elsewhere. */
		{ "watch '" KEY "' { registries = '" ID "/overview' }",
		  "1: 'registries': \"" ID "/overview\" is not a registry's "
		  "resource id: take \"/overview\" off its end.\n" },
		{ "watch '" KEY "' { registries = '" ID "/' }",
		  "1: 'registries': \"" ID "/\" is not a registry's resource "
		  "id: take \"/\" off its end.\n" },
		{ "watch '" KEY "' { registries = "
		  "'https://portal.azure.com/#@x/resource" ID "/overview' }",
		  "1: 'registries': \"https://portal" },
		{ "watch '" KEY "' { registries = 'Contosoprod.azurecr.io' }",
		  "1: 'registries': \"Contosoprod.azurecr.io\" is not a "
		  "registry's resource id: write what \"az acr show --name "
		  "Contosoprod --query id --output tsv\" prints.\n" },
		{ "watch '" KEY "/' {\n registries = '" ID "'\n}",
		  "1: \"" KEY "/\" ends in a slash and no version follows it: "
		  "take the slash off to follow new versions, or write the "
		  "version that the registries are to keep.\n" },
		{ "watch '" SUB "/resourceGroups/g/providers/Microsoft.KeyVault"
		  "/vaults/v/keys/k' { registries = '" ID "' }",
		  "1: \"" SUB },
		/* The vaults of another cloud. */
		{ "\nwatch 'https://contoso.vault.azure.cn/keys/k' { registries"
		  " = '" ID "' }",
		  "2: \"contoso.vault.azure.cn\" is a vault of the cloud "
		  "\"china\", and the registries are of the cloud \"public\", "
		  "which is taken when none is named: write cloud = \"china\" "
		  "in c, or correct the vault's name.\n" },
		{ "cloud = usgov\n" WATCH(""),
		  "2: \"contoso.vault.azure.net\" is a vault of the cloud "
		  "\"public\", and the registries are of the cloud \"usgov\", by "
		  "c:1: write cloud = \"public\" in c, or correct" },
		{ "watch 'https://hsm.managedhsm.azure.cn/keys/k' { registries ="
		  " '" ID "' }",
		  "1: \"hsm.managedhsm.azure.cn\" is a vault of the cloud "
		  "\"china\", and" },
		{ "watch 'https://contoso.vault.azure.cn/keys/k' { registries ="
		  " '" ID "' }\n"
		  "watch 'https://contoso.vault.azure.cn/keys/l' { registries ="
		  " '" ID "2' }\n",
		  "1: \"contoso.vault.azure.cn\" is a vault" },
		{ WATCH("") "watch 'https://contoso.vault.azure.cn/keys/l' { "
			    "registries = '" ID "2' }\n"
			    "watch 'https://contoso.vault.azure.cn/keys/m' { "
			    "registries = '" ID "3' }\n",
		  "2: \"contoso.vault.azure.cn\" is|3: \"contoso.vault.azure" },
		{ "cloud { name = usgov }\n" WATCH(""),
		  "2: \"contoso.vault.azure.net\" is a vault of the cloud "
		  "\"public\", and the registries are of the cloud \"usgov\", "
		  "by the cloud block in c:1: write name = \"public\" in that "
		  "block, or correct the vault's name.\n" },
		/* Names of private links. */
		{ "watch 'https://abc.privatelink.vaultcore.azure.net/keys/k' {"
		  " registries = '" ID "' }",
		  "1: \"abc.privatelink.vaultcore.azure.net\" is a name of the "
		  "private link's DNS zone, which no certificate is made out "
		  "to: write \"https://abc.vault.azure.net/keys/k\"; where" },
		{ "watch 'https://abc.privatelink.managedhsm.azure.net/keys/k' "
		  "{ registries = '" ID "' }",
		  "1: \"abc.privatelink.managedhsm.azure.net\" is a name of the "
		  "private link's DNS zone, which no certificate is made out "
		  "to: write \"https://abc.managedhsm.azure.net/keys/k\"" },
		{ "cloud = china\n"
		  "watch 'https://abc.privatelink.vaultcore.azure.cn/keys/k' { "
		  "registries = '" ID "' }",
		  "2: \"abc.privatelink.vaultcore.azure.cn\" is a name of the "
		  "private link's DNS zone, which no certificate is made out "
		  "to: write \"https://abc.vault.azure.cn/keys/k\"" },
		{ "cloud { vault-suffixes = .privatelink.vaultcore.azure.net }",
		  "1: 'vault-suffixes': \".privatelink.vaultcore.azure.net\" is "
		  "the DNS zone of private links, which no certificate is made "
		  "out to: write \".vault.azure.net\".\n" },
		/* One cloud of several. */
		{ "cloud {\n resource-manager = "
		  "'https://management.chinacloudapi.cn'\n}\n" WATCH(""),
		  "2: 'resource-manager' (https://management.chinacloudapi.cn) "
		  "is of the cloud \"china\", and 'authority' "
		  "(https://login.microsoftonline.com) of the cloud "
		  "\"public\": no cloud has both; name = \"china\" takes all of "
		  "one.\n" },
		{ "cloud {\n authority = 'https://login.microsoftonline.com'\n"
		  " name = usgov\n}\n" WATCH(""),
		  "2: 'authority' (https://login.microsoftonline.com) is of the "
		  "cloud \"public\", and 'resource-manager'" },
		{ "cloud {\n vault-suffixes = { .vault.azure.net, "
		  ".vault.azure.cn }\n}\n",
		  "2: 'vault-suffixes' (.vault.azure.cn) is of the cloud" },
		{ "cloud {\n storage-suffixes = { .blob.core.windows.net, "
		  ".queue.core.chinacloudapi.cn }\n}\n",
		  "2: 'storage-suffixes' (.queue.core.chinacloudapi.cn) is of "
		  "the cloud" },
		{ "cloud {\n vault-audience = 'https://vault.azure.cn'\n}\n",
		  "2: 'vault-audience' (https://vault.azure.cn) is of the" },
		{ "cloud {\n authority = 'https://login.partner."
		  "microsoftonline.cn:443/'\n name = china\n}\n",
		  "" },
		{ "cloud { vault-suffixes = .vault.example }\n" WATCH(""),
		  "2: \"contoso.vault.azure.net\" is no vault of the cloud "
		  "\"custom\": its vaults are called NAME.vault.example.\n" },
		/* Polls that leave no room. */
		{ "window = 10m\npoll-interval = 1h\n",
		  "2: 'poll-interval' may be at most a quarter of 'window', or "
		  "too little of it is left when a new version is noticed: "
		  "write at most 2m30s, or lengthen 'window'.\n" },
		{ "poll-interval = 16m\n",
		  "1: 'poll-interval' may be at most" },
		{ "poll-interval = 15m\n", "" },
		{ "poll-interval = 1h\nwindow = 1x\n", "2: 'window' must be" },
	};
	const char *line, *want;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		struct config *c = parse(tries[i].text);

		line = buf_str(&said);
		assert_int_equal(c == NULL, *tries[i].said != '\0');
		config_free(c);
		for (want = tries[i].said; *want;
		     want += len + (want[len] > 0)) {
			len = strcspn(want, "|");
			if (strncmp(line, "c:", 2) ||
			    strncmp(line + 2, want, len))
				fail_msg("for\n%s\nexpected\n%s\namong\n%s",
					 tries[i].text, want, buf_str(&said));
			line = strchr(line, '\n') + 1;
		}
		if (*line)
			fail_msg("for\n%s\nnot expected: %s", tries[i].text,
				 line);
		assert_null(strstr(buf_str(&said), "hunter2"));
	}
#undef ID
#undef CRED
}

/* A manual key is in order, and said to be one. */
static void test_notes(void **state)
{
	(void)state;
	want_remarks = true;
	config_free(parse("\nwatch \"" KEY "/" VERSION
			  "\" { registries = '" REG("a", "aaaaa") "' }"));
	assert_string_equal(buf_str(&said),
			    "c:2: note: key \"" KEY "/" VERSION
			    "\" is manual: it has a version, so its registries "
			    "are held at exactly that one; take the version "
			    "off to follow new ones.\n");
	bad("watch \"" KEY "/" VERSION
	    "\" {\n registries = '" REG("a", "aaaaa") "'\n mode = follow }",
	    "3: a key with a version holds its");
	config_free(good(WATCH("")));
	want_remarks = false;
}

/* What the machine is asked, and its answers. */
struct machine {
	struct buf asked;
	bool broken;
};

static bool ask(enum config_thing thing, const char *name,
		const struct credential *credential,
		enum config_severity *severity, struct fault *why, void *arg)
{
	struct machine *m = arg;

	assert_int_equal(credential != NULL,
			 thing == CONFIG_SECRET_FILE ||
				 thing == CONFIG_CERTIFICATE ||
				 thing == CONFIG_TOKEN_FILE);
	buf_printf(&m->asked, "%d %s\n", (int)thing, name);
	if (thing == CONFIG_GROUP)
		*severity = CONFIG_NOTE;
	return !m->broken ||
	       fault_set(why, FAULT_MISSING, 0, "%s is not there", name);
}

static void look_around(struct machine *m, const char *one, const char *two)
{
	static const struct config_host host = { .look = ask };
	struct config_source sources[] = {
		{ .name = "one", .text = one, .len = strlen(one) },
		{ .name = "dir", .text = "", .fault = "Could not be listed" },
		{ .name = "two", .text = two, .len = strlen(two) },
	};

	buf_free(&said);
	buf_init(&said, 1 << 20);
	buf_free(&m->asked);
	buf_init(&m->asked, 1 << 20);
	if (m->broken)
		sources[1].fault = NULL;
	config_free(config_parse(sources, 3, on_any, &host, m));
}

static void test_looking(void **state)
{
	static const char one[] =
		"admin-group = staff\ncloud {\n ca-file = /ca.pem\n}\n";
	static const char two[] =
		"credential a {\n type = client-secret\n " SECRET
		"\n}\ncredential b {\n type = managed-identity\n}\n"
		"credential c {\n type = client-certificate\n"
		" certificate-file = /c\n passphrase-file = credential:p\n " APPLICATION
		"\n}\n"
		"credential d {\n type = workload-identity\n"
		" token-file = /t\n " APPLICATION "\n}\n";
	struct machine m = { .broken = true };

	(void)state;
	look_around(&m, one, two);
	assert_string_equal(buf_str(&m.asked),
			    "0 one\n0 dir\n0 two\n5 staff\n1 /ca.pem\n"
			    "2 /etc/s\n2 /c\n2 credential:p\n3 /c\n4 /t\n");
	assert_string_equal(buf_str(&said),
			    "one:0: warning: one is not there.\n"
			    "one:1: note: staff is not there.\n"
			    "one:3: warning: /ca.pem is not there.\n"
			    "dir:0: warning: dir is not there.\n"
			    "two:0: warning: two is not there.\n"
			    "two:3: warning: /etc/s is not there.\n"
			    "two:10: warning: /c is not there.\n"
			    "two:10: warning: /c is not there.\n"
			    "two:11: warning: credential:p is not there.\n"
			    "two:16: warning: /t is not there.\n");
	/* A source that could not be read: the others' mistakes are told, but
	 * nothing that it may have held is missed. */
	m.broken = false;
	look_around(&m, "window = 1\n" WATCH("credential = x"),
		    "credential a {\n type = x\n}\n");
	assert_string_equal(buf_str(&m.asked), "0 one\n0 two\n");
	assert_string_equal(
		buf_str(&said),
		"one:1: 'window' must be a duration such as \"90s\", \"5m\" or "
		"\"1h30m\", from 10m to 7d, not \"1\".\n"
		"dir:0: Could not be listed.\n"
		"two:2: 'type' must be " KINDS ", not "
		"\"x\".\n");
	buf_free(&m.asked);
}

/* A thousand notes take no mistake's place. */
static void test_many_notes(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 20);
	for (int i = 0; i < 1200; i++)
		buf_printf(&text,
			   "watch 'https://v%dx.vault.azure.net/keys/k/" VERSION
			   "' { "
			   "registries = '" REG("a", "contoso%d") "' }\n",
			   i, i);
	want_remarks = true;
	config_free(parse(text.data));
	assert_non_null(strstr(buf_str(&said),
			       "c:1000: warning: 200 more warnings are not "
			       "listed.\n"));
	buf_puts(&text, "watch '" KEY "' { }\n");
	want_remarks = false;
	bad(text.data, "1201: this watch has no registries");
	buf_free(&text);
}

static void test_many_mistakes(void **state)
{
	struct buf text;
	size_t lines = 0;

	(void)state;
	buf_init(&text, 1 << 20);
	for (int i = 0; i < 5000; i++)
		buf_puts(&text, "zzz = 1\n");
	assert_null(parse_len(text.data, text.len));
	buf_free(&text);
	for (const char *s = buf_str(&said); (s = strchr(s, '\n')); s++)
		lines++;
	assert_int_equal(lines, CONFIG_PROBLEMS_MAX + 1);
	assert_non_null(strstr(buf_str(&said),
			       "c:1000: 4000 more mistakes are not listed.\n"));
}

static void test_too_large(void **state)
{
	struct config_source source = { .name = "c",
					.text = "",
					.len = (size_t)CONFIG_TEXT_MAX + 1 };

	(void)state;
	buf_free(&said);
	buf_init(&said, 1 << 20);
	assert_null(config_parse(&source, 1, on_problem, NULL, &said));
	assert_string_equal(buf_str(&said), "c:1: the configuration is larger "
					    "than 64 MiB with this file.\n");
}

/* watches with each registries, all different. */
static void add_watches(struct buf *b, int watches, int registries)
{
	for (int i = 0; i < watches; i++) {
		buf_printf(b,
			   "watch \"https://vault%d.vault.azure.net/keys/k"
			   "\" {\n\tregistries = {\n",
			   i);
		for (int k = 0; k < registries; k++)
			buf_printf(b, "\"" REG("prod", "contoso%dx%d") "\",\n",
				   i, k);
		buf_puts(b, "} }\n");
	}
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t time_parse(int watches, int registries)
{
	struct config *c;
	struct buf text;
	int64_t from, took;

	buf_init(&text, CONFIG_TEXT_MAX);
	add_watches(&text, watches, registries);
	from = now_ms();
	c = parse_len(text.data, text.len);
	took = now_ms() - from;
	assert_non_null(c);
	assert_int_equal(c->n_watches, watches);
	assert_int_equal(c->n_registries, watches * registries);
	config_free(c);
	buf_free(&text);
	return took;
}

/* Ten times the work may take a little more than ten times as long; what grows
 * with the square takes a hundred times.  As ratios in one run, so that it
 * holds under a sanitizer and on a busy machine too. */
static void test_speed(void **state)
{
	int64_t small = time_parse(2000, 1), large = time_parse(20000, 1);

	(void)state;
	assert_in_range(large, 0, 40 * (small + 2));
	small = time_parse(1, 10000);
	large = time_parse(1, 100000);
	assert_in_range(large, 0, 40 * (small + 2));
}

static int64_t time_repeated(const char *part, size_t size)
{
	struct buf text;
	int64_t from = now_ms(), took;

	buf_init(&text, size);
	while (buf_puts(&text, part))
		;
	config_free(parse_len(text.data, text.len));
	took = now_ms() - from;
	buf_free(&text);
	return took;
}

/* One long line of the same again and again, much of it never closed: eight
 * times as much takes about eight times as long. */
static void test_long_lines(void **state)
{
	static const char *const parts[] = { "                ",
					     "} } } } } } ",
					     "a = b ",
					     "\"\"''",
					     "# {}[]",
					     "{",
					     "a{",
					     "a={,",
					     "/*",
					     "/**/",
					     "'\\",
					     "${",
					     "\xff",
					     "a+=b{x}",
					     "a]",
					     "a=[b;",
					     "a=b,",
					     "watch a{registries+={b",
					     "watch a{window=1h ",
					     "watch a{cloud{}",
					     "watch a\n",
					     "\"a",
					     "'a \"\n",
					     "\xe2\x80\x9c",
					     "a\xc2\xa0",
					     "a:b ",
					     " ;x\n",
					     "[watch a]",
					     "a={{b:c" };

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		int64_t few = time_repeated(parts[i], 1 << 18);
		int64_t many = time_repeated(parts[i], 1 << 21);

		assert_in_range(many, 0, 30 * (few + 3));
	}
}

/* A file of the tree, wherever the test was built: __FILE__ is its own. */
static char *tree_file(const char *name)
{
	const char *here = __FILE__, *end = strstr(here, "tests/unit/");
	char *path = text_printf("%.*s%s", (int)(end - here), here, name);
	char *text = text_alloc(1 << 18, 1);
	FILE *f = fopen(path, "r");

	if (!f)
		fail_msg("%s cannot be opened", path);
	assert_true(fread(text, 1, (1 << 18) - 1, f) > 0);
	fclose(f);
	free(path);
	return text;
}

/* The part of the manual from ".It Ic NAME" to the next item, of the section
 * that begins with the given heading. */
static char *manual_item(const char *manual, const char *heading,
			 const char *name)
{
	char *item = text_printf("\n.It Ic %s\n", name);
	const char *from = strstr(manual, heading), *to;
	const char *next = from ? strstr(from + 1, "\n.Ss ") : NULL;

	assert_non_null(from);
	from = strstr(from, item);
	if (!from || (next && from > next))
		fail_msg("%s lacks %s", heading, item);
	free(item);
	to = strstr(from + 1, "\n.It Ic ");
	next = strstr(from + 1, "\n.El");
	if (!to || to > next)
		to = next;
	return text_ndup(from, (size_t)(to - from));
}

static void check_item(const char *manual, const char *heading,
		       const struct config_option *o)
{
	char *item = manual_item(manual, heading, o->name);
	char *want = o->def ? text_printf("Default: %s.\n", o->def)
			    : text_dup("\n");
	char *range = o->min ? text_printf("from %s to %s", o->min, o->max)
			     : text_dup("");

	if (!strstr(item, range) ||
	    (o->def && !strstr(item, want) && !text_suffix(item, want) &&
	     !strstr(item, o->def)))
		fail_msg("the manual on %s does not say \"%s\" and \"%s\"",
			 o->name, range, want);
	assert_true(strlen(o->help) > 10);
	free(range);
	free(want);
	free(item);
}

static void test_manual(void **state)
{
	static const char *const headings[CONFIG_BLOCKS] = {
		[CONFIG_TOP] = "\n.Ss Settings",
		[CONFIG_CLOUD] = "\n.Ss The cloud block",
		[CONFIG_CREDENTIAL] = "\n.Ss Credential blocks",
		[CONFIG_WATCH] = "\n.Ss Watch blocks",
		[CONFIG_RULE] = "\n.Ss Discover blocks",
		[CONFIG_LEASE] = "\n.Ss Lease blocks",
		[CONFIG_EVENTS] = "\n.Ss Events blocks",
	};
	char *manual = tree_file("man/keyrotd.conf.5");
	size_t n, items = 0, all = 0;

	(void)state;
	for (enum config_block b = CONFIG_TOP; b < CONFIG_BLOCKS; b++) {
		const struct config_option *o = options_of(b, &n);

		assert_true(n <= CONFIG_BLOCK_OPTIONS_MAX);
		all += n;
		for (size_t i = 0; i < n; i++)
			check_item(manual, headings[b], &o[i]);
	}
	for (const char *s = manual; (s = strstr(s, "\n.It Ic ")); s++)
		items++;
	assert_int_equal(items, all); /* nothing that does not exist */
	free(manual);
}

#define BLOB "https://contoso.blob.core.windows.net/keyrotd/"
#define LEASE(name, more) \
	"lease \"" name "\" { url = \"" BLOB name "\" " more " }\n"
#define UNDER(key, options)                                                  \
	"watch \"https://contoso.vault.azure.net/keys/" key                  \
	"\" { registries = { \"" REG("prod", "contoso" key) "\" }\n" options \
							    " }\n"

static void lease_mistakes(void)
{
	bad("lease \"a\" { }",
	    "1: this lease has no url: name the blob, as url = "
	    "\"https://ACCOUNT.blob.core.windows.net/CONTAINER/BLOB\".");
	bad("lease \"a\" {\nurl = \"http://c.blob.core.windows.net/a/b\" }",
	    "2: 'url' must be the address of a blob");
	bad("lease \"a\" {\nurl = \"" BLOB "\" }",
	    "2: 'url': it must name a container and a blob in it");
	bad("lease \"a\" {\nurl = \"" BLOB "a%ZZ\" }",
	    "2: 'url': a % begins an escape of two hexadecimal digits, and a "
	    "percent sign itself is %25; it is none in \"" BLOB "a%ZZ\".");
	bad("lease \"a\" {\nurl = \"" BLOB "a%4\" }",
	    "2: 'url': a % begins an escape");
	bad("events \"a\" {\nqueue = \"https://contoso.queue.core.windows.net/"
	    "a%ZZ\" }",
	    "2: 'queue' must be the address of a queue");
	bad("lease \"a\" { url = \"" BLOB "a?comp=lease\" }",
	    "1: 'url' must be the address of a blob");
	bad("lease \"a\" { url = \"https://c.queue.core.windows.net/keys/b\" }",
	    "1: \"c.queue.core.windows.net\" is no blob service of the cloud "
	    "\"public\": these are called ACCOUNT.blob.core.windows.net or ");
	bad("lease \"a\" { url = \"https://c.blob.core.windows.net.evil/a1b/b\" }",
	    "1: \"c.blob.core.windows.net.evil\" is no blob service");
	bad(LEASE("a", "duration = 14s"),
	    "1: 'duration' must be a duration such as \"90s\", \"5m\" or "
	    "\"1h30m\", from 15s to 60s, not \"14s\"");
	bad(LEASE("a", "duration = 61s"), "1: 'duration' must be");
	bad(LEASE("none", ""), "1: a lease cannot be called \"none\"");
	bad("lease \"a b\" { url = \"" BLOB "a\" }",
	    "1: a lease's name is made of up to 64 letters");
	bad(LEASE("a", "") "lease \"b\" { url = \"" BLOB "a\" }",
	    "2: lease \"a\" is on this blob already: one blob has one lease.");
	/* However it is written. */
	bad(LEASE("a", "") "lease \"b\" { url = \"" BLOB "%61\" }",
	    "2: lease \"a\" is on this blob already: one blob has one lease.");
	bad("lease \"a\" { url = \"" BLOB "a%2fb%c3%A9%25\" }\n"
	    "lease \"b\" { url = \"" BLOB "%61/%62%C3%a9%25\" }",
	    "2: lease \"a\" is on this blob already: one blob has one lease.");
	bad(LEASE("a", "") "lease \"a\" { url = \"" BLOB "b\" }",
	    "2: lease \"a\" is here again; the first time is c:1.");
	bad(LEASE("a", "credential = \"x\""),
	    "1: there is no credential \"x\"");
	bad("lease { url = \"" BLOB "a\" }",
	    "1: a lease block needs a name: write lease "
	    "\"NAME\" { ... }");
}

static void choice_mistakes(void)
{
	bad(LEASE("east", "") UNDER("k", "lease = \"eats\""),
	    "3: there is no lease \"eats\"; did you mean \"east\"?");
	bad("lease = \"x\"\n" UNDER("k", ""), "1: there is no lease \"x\".");
	bad(UNDER("k", "prefer = true"),
	    "2: 'prefer' has no meaning without a lease: add lease = "
	    "\"NAME\", or remove it.");
	bad("prefer = true\n" UNDER("k", ""),
	    "1: 'prefer' has no meaning without a lease");
	bad("lease = \"a\"\n" LEASE("a", "") UNDER("k", "prefer = true")
		    UNDER("l", "prefer = false"),
	    "6: 'prefer' is false here, and true for what else is under lease "
	    "\"a\" (c:4): a lease is held as a whole.");
	/* Who says nothing goes by the settings: before, and after. */
	bad("lease = \"a\"\nprefer = true\n" LEASE("a", "") UNDER("k", "")
		    UNDER("l", "prefer = false") UNDER("m", ""),
	    "7: 'prefer' is false here, and true in the settings for what else "
	    "is under lease \"a\" (c:2): a lease is held as a whole.");
	bad("lease = \"a\"\nprefer = false\n" LEASE("a", "")
		    UNDER("k", "prefer = true") UNDER("l", ""),
	    "5: 'prefer' is true here, and false in the settings for what else "
	    "is under lease \"a\" (c:2): a lease is held as a whole.");
}

static void test_leases(void **state)
{
	struct config *c =
		good("lease = a\nprefer = true\n" LEASE("a", "")
			     LEASE("b", "duration = 60s") UNDER("k", "")
				     UNDER("l", "lease = b\n"
						"prefer = false")
					     UNDER("m", "lease = none"));

	(void)state;
	assert_int_equal(c->n_leases, 2);
	assert_string_equal(c->leases[0].name, "a");
	assert_string_equal(c->leases[0].url, BLOB "a");
	assert_int_equal(c->leases[0].duration_ms, 30000);
	assert_true(c->leases[0].prefer);
	assert_int_equal(c->leases[1].duration_ms, 60000);
	assert_false(c->leases[1].prefer);
	assert_int_equal(c->watches[0].lease, 0);
	assert_int_equal(c->watches[1].lease, 1);
	assert_true(c->watches[2].lease == CONFIG_ALONE);
	config_free(c);
	c = good(WATCH(""));
	assert_int_equal(c->n_leases, 0);
	assert_true(c->watches[0].lease == CONFIG_ALONE);
	config_free(c);
	/* Blobs of upper and lower case are two. */
	c = good("lease \"x\" { url = \"" BLOB "One\" }\n"
		 "lease \"y\" { url = \"" BLOB "one\" }\n");
	config_free(c);
	/* Where the settings say nothing, who says nothing follows; and a
	 * block may speak for a lease of its own. */
	c = good("lease = a\n" LEASE("a", "") UNDER("k", "prefer = true")
			 UNDER("l", "") UNDER("m", "prefer = true"));
	assert_true(c->leases[0].prefer);
	config_free(c);
	c = good("lease = a\nprefer = true\n" LEASE("a", "") UNDER(
		"k", "prefer = false") UNDER("l", "prefer = false"));
	assert_false(c->leases[0].prefer);
	config_free(c);
	lease_mistakes();
	choice_mistakes();
}

#define VAULT(name) \
	SUB "/resourceGroups/prod/providers/Microsoft.KeyVault/vaults/" name

static void test_ways_to_the_key(void **state)
{
	const char hsm[] =
		"watch \"https://contoso.managedhsm.azure.net/keys/k\" { "
		"registries = { \"" REG("prod",
					"contosoprod") "\" } "
						       "read-key-via = auto }";
	struct config *c = good(WATCH(""));

	(void)state;
	assert_int_equal(c->watches[0].via, CONFIG_VIA_VAULT);
	assert_null(c->watches[0].vault_resource);
	assert_string_equal(c->cloud.vault_resource_api_version, "2023-07-01");
	config_free(c);
	c = good(WATCH("read-key-via = Auto\nvault-resource = \"" VAULT(
		"CONTOSO") "\"") "cloud { vault-resource-api-version = "
				 "2025-05-01 }");
	assert_int_equal(c->watches[0].via, CONFIG_VIA_AUTO);
	assert_string_equal(c->watches[0].vault_resource, VAULT("CONTOSO"));
	assert_string_equal(c->cloud.vault_resource_api_version, "2025-05-01");
	config_free(c);
	bad(WATCH("read-key-via = resource-manager"),
	    "1: a key that is read through Resource Manager needs "
	    "'vault-resource': add vault-resource = \"/subscriptions/...\", "
	    "which \"az keyvault show --name contoso --query id");
	bad(WATCH("\nread-key-via = auto"),
	    "2: without 'vault-resource' there is no other way to fall back "
	    "to: add vault-resource");
	bad(WATCH("read-key-via = auto\nvault-resource = \"" VAULT(
		    "fabrikam") "\""),
	    "2: 'vault-resource' is the vault \"fabrikam\", but the key is "
	    "in \"contoso.vault.azure.net\"");
	bad(WATCH("read-key-via = arm"),
	    "1: 'read-key-via' must be vault, resource-manager or auto");
	bad(WATCH("read-key-via = auto vault-resource = \"contoso\""),
	    "1: 'vault-resource': \"contoso\" is not a vault's resource id");
	bad(hsm, "1: \"contoso.managedhsm.azure.net\" is a Managed HSM, whose "
		 "keys cannot be read through Resource Manager: remove "
		 "'read-key-via'.");
	/* Not wrong, but in vain. */
	want_remarks = true;
	c = parse(WATCH("\nvault-resource = \"" VAULT("contoso") "\""));
	want_remarks = false;
	assert_non_null(c);
	assert_string_equal(
		buf_str(&said),
		"c:2: note: 'vault-resource' is not used: the key is read from "
		"its vault, unless read-key-via = \"auto\" or "
		"\"resource-manager\" says otherwise.\n");
	config_free(c);
}

#define CREDENTIAL_DEFAULT \
	"\ncredential \"default\" { type = managed-identity }"
#define RULE(options) "discover \"all\" { scope = \"" SUB "\" " options " }"

#define EVENTS(options) "events \"hints\" { " options " }"
#define QUEUE "https://contoso.queue.core.windows.net/keyrotd"

static void test_events(void **state)
{
	struct config *c = good(EVENTS("queue = \"" QUEUE "\""));

	(void)state;
	assert_int_equal(c->n_events, 1);
	assert_string_equal(c->events[0].name, "hints");
	assert_string_equal(c->events[0].queue, QUEUE);
	assert_int_equal(c->events[0].credential, 0);
	assert_int_equal(c->events[0].max_wait_ms, 30000);
	config_free(c);
	c = good("credential \"b\" { type = managed-identity }"
		 "events one { queue = \"" QUEUE
		 "\"\ncredential = b\nmax-wait = 1s }"
		 "events two { queue = \"" QUEUE "-2\"\ncredential = b }");
	assert_int_equal(c->n_events, 2);
	assert_int_equal(c->events[0].max_wait_ms, 1000);
	assert_string_equal(c->credentials[c->events[1].credential].name, "b");
	config_free(c);
	bad("events \"hints\" { }", "1: this events block has no queue: write");
	bad("events { queue = \"" QUEUE "\" }",
	    "1: an events block needs a name: write events \"NAME\" {");
	bad("events \"a b\" { queue = \"" QUEUE "\" }",
	    "1: the name of an events block is made of up to 64 letters");
	bad(EVENTS("queue = \"" QUEUE "\"") EVENTS("queue = \"" QUEUE "-2\""),
	    "1: events block \"hints\" is here again; the first time is");
	bad(EVENTS("queue = \"" QUEUE "\"") "events two { queue = \"" QUEUE
					    "\" }",
	    "1: queue \"" QUEUE "\" is here again; the first time is c:1.");
	bad(EVENTS("queue = \"" QUEUE "\" credential = x") CREDENTIAL_DEFAULT,
	    "1: there is no credential \"x\"");
	bad("credential \"b\" { type = managed-identity }" EVENTS(
		    "queue = \"" QUEUE "\""),
	    "1: this events block names no credential and there is none");
	bad(EVENTS("queue = \"https://contoso.blob.core.windows.net/abc\""),
	    "1: \"contoso.blob.core.windows.net\" is no queue service of the "
	    "cloud \"public\": these are called ACCOUNT.queue.core.windows.");
	bad(EVENTS("queue = \"https://queue.example.com/abc\""),
	    "1: \"queue.example.com\" is no queue service of the cloud");
	bad(EVENTS("queue = \"" QUEUE "\" max-wait = 0s"),
	    "1: 'max-wait' must be a duration");
}

/* What is no queue's address. */
static void test_queues(void **state)
{
	static const char *const wrong[] = {
		"http://contoso.queue.core.windows.net/keyrotd",
		"https://contoso.queue.core.windows.net/",
		"https://contoso.queue.core.windows.net",
		"https://contoso.queue.core.windows.net/ab",
		"https://contoso.queue.core.windows.net/Keyrotd",
		"https://contoso.queue.core.windows.net/-keyrotd",
		"https://contoso.queue.core.windows.net/keyrotd-",
		"https://contoso.queue.core.windows.net/key--rotd",
		"https://contoso.queue.core.windows.net/keyrotd/messages",
		"https://contoso.queue.core.windows.net/keyrotd?sv=1",
		"https://u:p@contoso.queue.core.windows.net/keyrotd",
		("https://contoso.queue.core.windows.net/"
		 "a123456789b123456789c123456789d123456789e123456789f12345678"
		 "9g123"),
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), EVENTS("queue = \"%s\""),
			 wrong[i]);
		bad(text, "1: 'queue' must be the address of a queue, such as");
	}
}

static void test_rules(void **state)
{
	struct config *c = good(RULE(""));

	(void)state;
	assert_int_equal(c->n_rules, 1);
	assert_string_equal(c->rules[0].name, "all");
	assert_int_equal(c->rules[0].mode, WATCH_FOLLOW);
	assert_int_equal(c->rules[0].max_registries, 1000);
	assert_int_equal(c->rules[0].n_places, 1);
	assert_null(c->rules[0].places[0].group);
	assert_null(c->rules[0].key_pattern);
	config_free(c);
	c = good(
		"discover all {\nscope = { \"" SUB
		"/resourceGroups/One\", \"" SUB "/resourceGroups/two\" }\n"
		"exclude = { \"a*\", \"/subscriptions/*/resourceGroups/x/*\" }\n"
		"tags = { \"env=prod*\", team }\nmode = pin\n"
		"key-pattern = \"https://*/keys/acr-?\"\n"
		"max-registries = 100000\n}");
	assert_int_equal(c->rules[0].n_places, 2);
	assert_string_equal(c->rules[0].places[0].group, "One");
	assert_int_equal(c->rules[0].n_exclude, 2);
	assert_int_equal(c->rules[0].n_tags, 2);
	assert_int_equal(c->rules[0].mode, WATCH_PIN);
	assert_int_equal(c->rules[0].max_registries, 100000);
	config_free(c);
	bad("discover \"all\" { }",
	    "1: this rule has no scope: say where registries are found");
	bad(RULE("") RULE(""), "1: rule \"all\" is here again; the first");
	bad("discover { scope = \"" SUB "\" }",
	    "1: a discover block needs a name: write discover \"NAME\" {");
	bad("discover \"a b\" { scope = \"" SUB "\" }",
	    "1: a rule's name is made of up to 64 letters");
	bad("discover \"all\" { scope = { \"" SUB "\", \"" SUB
	    "/resourceGroups/x\" } }",
	    "1: \"" SUB "/resourceGroups/x\" is in the scope twice");
	bad("discover \"all\" { scope = \"/subscriptions/x\" }",
	    "1: 'scope': \"/subscriptions/x\" is neither a subscription");
	bad(RULE("key-pattern = \"acr-*\""),
	    "1: 'key-pattern' must be a pattern over a key's identifier");
	bad(RULE("key-pattern = \"https://*/keys/acr/*\""),
	    "1: 'key-pattern': \"https://*/keys/acr/*\" goes on behind");
	bad(RULE("exclude = \"a_b\""), "1: 'exclude' must be names or ids");
	bad(RULE("exclude = { a, A }"), "1: 'exclude': \"A\" is listed twice");
	bad(RULE("exclude = \"/subscriptions/x\""),
	    "1: 'exclude': \"/subscriptions/x\" is not a registry's");
	bad(RULE("tags = \"=x\""), "1: 'tags' must be tags as");
	bad(RULE("max-registries = 0"),
	    "1: 'max-registries' must be a whole number, from 1 to 100000");
	bad(RULE("credential = defalt") CREDENTIAL_DEFAULT,
	    "1: there is no credential \"defalt\"; did you mean \"default\"");
	bad(RULE("registries = \"x\""),
	    "1: option 'registries' does not belong here: it is for watch");
}

/* Take the "#" off every line that begins with one and no blank. */
static void uncomment(char *text)
{
	for (char *s = text; s; s = strchr(s, '\n')) {
		s += *s == '\n';
		if (*s == '#' && s[1] && !strchr(" \n#", s[1]))
			*s = ' ';
		else if (!strncmp(s, "#    ", 5))
			*s = ' ';
	}
}

static void test_default_file(void **state)
{
	char *text = tree_file("conf/keyrotd.conf"), *start;
	size_t n;
	const struct config_option *o = options_of(CONFIG_TOP, &n);
	struct config *c = good(text);

	(void)state;
	assert_int_equal(c->n_watches, 0);
	config_free(c);
	for (size_t i = 0; i < n; i++) {
		start = o[i].def ? text_printf("\n#%s = \"%s\"\n", o[i].name,
					       o[i].def)
				 : text_printf("\n#%s = \"", o[i].name);
		if (!strstr(text, start))
			fail_msg("conf/keyrotd.conf lacks %s", start);
		free(start);
	}
	/* The head of the file shows a command in the same manner. */
	start = strstr(text, "\n#     keyrotd --check");
	assert_non_null(start);
	start = strstr(start, "\n\n");
	uncomment(start);
	c = good(start);
	assert_int_equal(c->n_watches, 1);
	assert_int_equal(c->n_rules, 1);
	assert_int_equal(c->n_credentials, 4);
	assert_int_equal(c->window_ms, 3600000);
	config_free(c);
	free(text);
}

static void test_programs(void **state)
{
	struct config *c = good("on-event = { \"/a b\", /c }\non-event += /d\n"
				"on-event-kinds = { Overdue, state, overdue }");
	struct buf many;

	(void)state;
	assert_int_equal(c->n_on_event, 3);
	assert_string_equal(c->on_event[0], "/a b");
	assert_string_equal(c->on_event[2], "/d");
	assert_string_equal(c->event_kinds, "overdue,state");
	config_free(c);
	bad("on-event = { /a, b }",
	    "1: 'on-event' must be absolute paths of programs, not \"b\".");
	bad("on-event = { /a,\n/a }",
	    "2: 'on-event': a program is listed twice: \"/a\".");
	bad("on-event-kinds = { hello }",
	    "1: 'on-event-kinds' must be kinds of events such as");
	buf_init(&many, 4096);
	for (int i = 0; i <= CONFIG_PROGRAMS_MAX; i++)
		buf_printf(&many, "on-event += /%d\n", i);
	bad(buf_str(&many), "17: 'on-event': at most 16 programs can be "
			    "listed.");
	buf_free(&many);
}

static void test_modes(void **state)
{
	(void)state;
	assert_string_equal(config_mode_str(WATCH_OBSERVE), "observe");
	assert_string_equal(config_mode_str(WATCH_FOLLOW), "follow");
	assert_string_equal(config_mode_str(WATCH_PIN), "pin");
	assert_string_equal(config_mode_str(WATCH_MANUAL), "manual");
}

static uint32_t roll(uint32_t *seed, uint32_t n)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % n;
}

/* Change, insert, cut out or copy somewhere. */
static void mutate(char *text, size_t *len, size_t size, uint32_t *seed)
{
	static const char spice[] = "{}{}\"\"''=,+#/*\\$()\n\r\t \0\x01\x7f\xc3"
				    "\xff aw0";
	size_t at = roll(seed, (uint32_t)*len), n = 1 + roll(seed, 40);
	size_t from = roll(seed, (uint32_t)*len);

	switch (roll(seed, 4)) {
	case 0:
		text[at] = spice[roll(seed, sizeof(spice))];
		return;
	case 1:
		if (*len + 1 >= size)
			return;
		memmove(text + at + 1, text + at, (*len)++ - at);
		text[at] = spice[roll(seed, sizeof(spice))];
		return;
	case 2:
		if (n >= *len || at + n > *len)
			return;
		memmove(text + at, text + at + n, *len - at - n);
		*len -= n;
		return;
	default:
		if (at + n <= *len && from + n <= *len)
			memmove(text + at, text + from, n);
	}
}

static const char seed_text[] =
	"# settings\nwindow = \"1h\" // x\npoll-interval = 60s\n"
	"/* more\n */ vault-rate = 12.5\ncloud { name = public\n"
	" vault-suffixes = { .vault.azure.net, '.a.b' } }\n"
	"credential \"default\" { type = managed-identity }\n"
	"credential b { type = 'client-secret' " SECRET
	"}\n" WATCH("mode = pin canary = contosoprod credential = b\n") "watch '" KEY "/" VERSION "' { registries = { \"" REG(
		"a", "aaaaa") "\", \"" REG("a",
					   "bbbbb") "\" }\n"
						    " registries += { '" REG(
							    "c",
							    "ccccc") "' } }\n";

/* Whatever a text holds: no crash, no leak (the sanitizers tell), a result or
 * a complaint. */
static void test_mutations(void **state)
{
	char text[4096];
	uint32_t seed = 20261122;

	(void)state;
	config_free(good(seed_text));
	for (int i = 0; i < 20000; i++) {
		size_t len = sizeof(seed_text) - 1;
		struct config *c;

		memcpy(text, seed_text, len);
		for (uint32_t k = 1 + roll(&seed, 8); k > 0; k--)
			mutate(text, &len, sizeof(text), &seed);
		c = parse_len(text, len);
		assert_int_equal(c == NULL, said.len > 0);
		config_free(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_watch_mistakes),
		cmocka_unit_test(test_manual_key),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_one_registry_in_two_groups),
		cmocka_unit_test(test_second_file),
		cmocka_unit_test(test_credentials),
		cmocka_unit_test(test_credential_mistakes),
		cmocka_unit_test(test_workload_environment),
		cmocka_unit_test(test_authority_of_environment),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_cloud),
		cmocka_unit_test(test_cloud_mistakes),
		cmocka_unit_test(test_proxy),
		cmocka_unit_test(test_proxy_mistakes),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_bad_titles),
		cmocka_unit_test(test_proposals),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_one_message),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_looking),
		cmocka_unit_test(test_many_notes),
		cmocka_unit_test(test_many_mistakes),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_speed),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_manual),
		cmocka_unit_test(test_default_file),
		cmocka_unit_test(test_ways_to_the_key),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_leases),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_queues),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_mutations),
	};
	int failed;

	buf_init(&said, 1 << 20);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	buf_free(&said);
	return failed;
}
