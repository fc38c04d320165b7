/* config/parse, assign and lex: one mistake is told once, at its line, and all
 * that stands before and behind it is read. */
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
#include "config/config.h"

#define REG(name)                                                     \
	"/subscriptions/11111111-2222-3333-4444-555555555555"         \
	"/resourceGroups/prod/providers/Microsoft.ContainerRegistry/" \
	"registries/" name
#define ID REG("contosoprod")
#define ID2 REG("contosodr")
#define KEY "https://contoso.vault.azure.net/keys/acr-cmk"
#define TYPE "type = managed-identity"

/* Each has one mistake of its own, which these have to leave alone. */
#define BEFORE "read-burst = 0\n"
#define BEHIND                                                              \
	"max-requests = 0\nwatch \"" KEY "9\" {\n registries = {\n \"" REG( \
		"contosonine") "\"\n }\n mode = zzz\n}\nvault-rate = 0\n"

static const struct {
	const char *text, *said;
} tries[] = {
	{ "watch\nregistries = { \"" ID "\" }\n}\n",
	  "1: a watch block needs a key identifier: write watch" },
	{ "cloud\nname = \"public\"\n}\n",
	  "1: a '{' is missing behind 'cloud'." },
	{ "credential \"default\" \"x\" {\n type = \"managed-identity\"\n}\n",
	  "1: there is more than one title before the '{' of this" },
	{ "window == 1h\n",
	  "1: there is one '=' between an option and its value: write" },
	{ "window : 1h\n",
	  "1: there is one '=' between an option and its value: write" },
	{ "window = 1h,\nwatch \"" KEY "\" {\n    registries = {\n        \"" ID
	  "\",\n        \"" ID2 "\"\n    }\n    mode = \"follow\"\n}\n",
	  "1: option 'window' takes one value: take the comma off." },
	{ "watch \"" KEY "\" {\n credential \"default\" {\n " TYPE
	  "\n }\n registries = \"" ID "\"\n}\n",
	  "2: this block stands in the watch block that begins in line" },
	{ "watch \"" KEY "\" {\n registries = \"" ID "\" \"" ID2 "\"\n}\n",
	  "2: the values of a list stand in braces: write registries =" },
	{ "watch \"" KEY "\" {\n registries = \"" ID "\"\n \"" ID2 "\"\n}\n",
	  "2: the values of a list stand in braces: write registries =" },
	{ "window: 1h\n",
	  "1: there is one '=' between an option and its value: write" },
	{ "watch \"" KEY "\" {\n registries = \"" ID "\"\n mode = pin\n",
	  "1: this watch block is not closed before option" },
	{ "watch \"" KEY "\" {\n registries = { \"" ID "\",\n \"" ID2
	  "\"\n mode = pin\n}\n",
	  "2: the list of 'registries' that begins here has no closing" },
	{ "window = \"1h\n",
	  "1: the string that begins in this line has no closing quote." },
	{ "window = 1h\"\n",
	  "1: a quote is missing in this line: they do not pair up." },
	{ "watch \"" KEY " {\n registries = \"" ID "\"\n}\n",
	  "1: the string that begins in this line has no closing quote." },
	{ "watch " KEY "\" {\n registries = \"" ID "\"\n}\n",
	  "1: a quote is missing in this line: they do not pair up." },
	{ "watch \"" KEY "\" {\n registries = { \"" ID ", \"" ID2 "\" }\n}\n",
	  "2: a quote is missing in this line: they do not pair up." },
	{ "watch \"" KEY "\" {\n registries = { " ID "\", \"" ID2 "\" }\n}\n",
	  "2: a quote is missing in this line: they do not pair up." },
	{ "watch \"" KEY "\" {\n registries = {\n \"" ID ",\n \"" ID2
	  "\"\n }\n}\n",
	  "3: the string that begins in this line has no closing quote." },
	{ "watch \"" KEY "\" {\n registries = { \"" ID "\", \"" ID2 " }\n}\n",
	  "2: a quote is missing in this line: they do not pair up." },
	{ "watch \"" KEY " { registries = { \"" ID "\" } }\n",
	  "1: a quote is missing in this line: they do not pair up." },
	{ "watch \"" KEY "\" {\n registries = {\n \"" ID "\"\n \"" ID2
	  "\"\n }\n}\n",
	  "4: a comma is missing before this value of 'registries'." },
	{ "watch \"" KEY "\" = {\n registries = \"" ID "\"\n}\n",
	  "1: 'watch' is a block, not an option: write watch \"...\" {" },
	{ "watch = \"" KEY "\" {\n registries = \"" ID "\"\n}\n",
	  "1: 'watch' is a block, not an option: write watch \"...\" {" },
	{ "credential = \"default\" {\n " TYPE "\n}\n",
	  "1: 'credential' is a block, not an option: write credential" },
	{ "window = \"1h\";\n",
	  "1: a statement ends without a ';': take it off." },
	{ "watch \"" KEY "\" {\n registries = \"" ID "\"\n};\n",
	  "3: a statement ends without a ';': take it off." },
	{ "watch \"" KEY "\" {\n registries = \"" ID "\"\n},\n",
	  "3: a statement ends without a ',': take it off." },
	{ "watch \"" KEY "\" {\n registries = { \"" ID
	  "\" },\n mode = pin\n}\n",
	  "2: a statement ends without a ',': take it off." },
	{ "window = \342\200\2341h\342\200\235\n",
	  "1: a typographic quote is no quote here: write \" or ' in" },
	{ "window = \342\200\2341h 30m\342\200\235\n",
	  "1: a typographic quote is no quote here: write \" or ' in" },
	{ "window = \342\200\2301h\342\200\231\n",
	  "1: a typographic quote is no quote here: write \" or ' in" },
	{ "watch \342\200\234" KEY "\342\200\235 {\n registries = \"" ID
	  "\"\n}\n",
	  "1: a typographic quote is no quote here: write \" or ' in" },
	{ "watch \"" KEY "\" {\n registries = { \342\200\234" ID
	  "\342\200\235, \"" ID2 "\" }\n}\n",
	  "2: a typographic quote is no quote here: write \" or ' in" },
	{ "window = \"1h\342\200\235\n",
	  "1: a typographic quote is no quote here: write \" or ' in" },
	{ "window = \342\200\2341h\"\n",
	  "1: a typographic quote is no quote here: write \" or ' in" },
	{ "watch \"" KEY "\" {\n registries = { \"" ID "\342\200\235, \"" ID2
	  "\" }\n}\n",
	  "2: a typographic quote is no quote here: write \" or ' in" },
	{ "[watch \"" KEY "\"]\nregistries = \"" ID "\"\nmode = \"pin\"\n",
	  "1: a block does not begin with a bracket: write watch \"KEY\"" },
	{ "[credential.default]\n",
	  "1: a block does not begin with a bracket: write watch \"KEY\"" },
	{ "[[watch]]\n",
	  "1: a block does not begin with a bracket: write watch \"KEY\"" },
	{ "[settings]\nwindow = 1h\n",
	  "1: a block does not begin with a bracket: write watch \"KEY\"" },
	{ "watch \"" KEY "\" {\n registries: [\"" ID "\", \"" ID2 "\"]\n}\n",
	  "2: there is one '=' between an option and its value: write" },
	{ "watch \"" KEY "\" {\n registries:\n  - " ID "\n  - " ID2
	  "\n mode = pin\n}\n",
	  "2: there is one '=' between an option and its value: write" },
	{ "watch \"" KEY "\" {\n registries:\n  - \"" ID "\"\n  - \"" ID2
	  "\"\n}\n",
	  "2: there is one '=' between an option and its value: write" },
	{ "\"window\": \"1h\",\n",
	  "1: the name of an option or block stands without quotes:" },
	{ "\"window\" : \"1h\"\n",
	  "1: the name of an option or block stands without quotes:" },
	{ "watch \"" KEY "\" {\n \"registries\": [ \"" ID "\", \"" ID2
	  "\" ],\n mode = pin\n}\n",
	  "2: the name of an option or block stands without quotes:" },
	{ "\"watch\" \"" KEY "\" {\n registries = \"" ID "\"\n}\n",
	  "1: the name of an option or block stands without quotes:" },
	{ "watch \"" KEY "\" {\n registries = [ { id = \"" ID
	  "\" }, { id = \"" ID2 "\" } ]\n}\n",
	  "2: a list stands in braces: write registries = { \"...\" }" },
	{ "window += 1h\n", "1: option 'window' takes one value, not a list." },
	{ "credential {\n " TYPE "\n}\n",
	  "1: a credential block needs a name: write credential \"NAME\"" },
	{ "watch {\n registries = \"" ID "\"\n}\n",
	  "1: a watch block needs a key identifier: write watch" },
	{ "watch \"\" {\n registries = \"" ID "\"\n}\n",
	  "1: \"\" is not a key identifier: it must begin with https://." },
	{ "credential \"\" {\n " TYPE "\n}\n",
	  "1: a credential's name is made of up to 64 letters, digits," },
	{ "window = { \"1h\" }\n",
	  "1: option 'window' takes one value, not a list." },
	{ "window = [\"1h\"]\n",
	  "1: option 'window' takes one value, not a list." },
	{ "watch \"" KEY "\" {\n registries = \"" ID "\", \"" ID2 "\"\n}\n",
	  "2: the values of a list stand in braces: write registries =" },
	{ "watch \"" KEY "\" {\n registries = \"" ID "\", \"" ID2
	  "\" }\n mode = pin\n}\n",
	  "2: the values of a list stand in braces: write registries =" },
	{ "watch \"" KEY "\" {\n registries =\n \"" ID "\",\n \"" ID2
	  "\"\n }\n mode = pin\n}\n",
	  "2: the values of a list stand in braces: write registries =" },
	{ "watch \"" KEY "\" {\n registries =\n \"" ID "\",\n \"" ID2
	  "\"\n }\n}\n",
	  "2: the values of a list stand in braces: write registries =" },
	{ "watch \"" KEY "\" {\n registries { \"" ID "\", \"" ID2 "\" }\n}\n",
	  "2: there is no '=' after 'registries'." },
	{ "watch \"" KEY "\" {\n registries \"" ID "\"\n}\n",
	  "2: there is no '=' after 'registries'." },
	{ "watch \"" KEY "\" {\n registries \"" ID "\", \"" ID2 "\"\n}\n",
	  "2: there is no '=' after 'registries'." },
	{ "window 1h\n", "1: there is no '=' after 'window'." },
	{ "window is 1h\n", "1: there is no '=' after 'window'." },
	{ "set window = 1h\n",
	  "1: unknown option 'set'; keyrotd.conf(5) lists those of the" },
	{ "watch \"" KEY "\" {\n registries = \"" ID "\"\n window = 1h\n}\n",
	  "3: option 'window' does not belong here: it is for the top" },
	{ "registries = { \"" ID "\", \"" ID2 "\" }\n",
	  "1: option 'registries' does not belong here: it is for" },
	{ "watch \"" KEY "\" {\n registries = \"" ID
	  "\"\n tenant = x.example\n}\n",
	  "3: option 'tenant' does not belong here: it is for" },
	{ "watch \"" KEY "\" {\n registries = \"" ID "\" }\n mode = pin\n}\n",
	  "3: option 'mode' does not belong here: it is for watch" },
	{ "watch \"" KEY "\" {\n registries = { \"" ID "\" }\n}\n}\n",
	  "4: this closing brace closes nothing." },
	{ "watch \"" KEY "\" {\n registries = { \"" ID
	  "\" } }\n mode = pin\n max-parallel = 3\n}\n",
	  "3: option 'mode' does not belong here: it is for watch" },
	{ "credential \"default\" {\n " TYPE
	  "\nwindow = 1h\npoll-interval = 60s\n",
	  "1: this credential block is not closed before option" },
	{ "credential \"default\" {\n " TYPE "\nwatch \"" KEY
	  "\" {\n    registries = {\n        \"" ID "\",\n        \"" ID2
	  "\"\n    }\n    mode = \"follow\"\n}\n",
	  "1: this credential block is not closed before the next" },
	{ "watch \"" KEY "\" {\n{\n registries = \"" ID "\"\n}\n",
	  "2: this brace opens nothing: a block begins with its kind," },
	{ "watch \"" KEY "\" { {\n registries = \"" ID "\"\n} }\n",
	  "1: this brace opens nothing: a block begins with its kind," },
	{ "watch \"" KEY "\"\n registries = \"" ID "\"\n}\n",
	  "1: a '{' is missing behind the title of this watch block." },
	{ "watch \"" KEY "\"\n registries = \"" ID "\"\n",
	  "1: a '{' is missing behind the title of this watch block." },
	{ "watch \"" KEY "\" registries = \"" ID "\" }\n",
	  "1: a '{' is missing behind the title of this watch block." },
	{ "watch \"" KEY "\" [\n registries = \"" ID "\"\n]\n",
	  "1: a block stands in braces, not in brackets: write watch" },
	{ "watch \"" KEY "\" (\n registries = \"" ID "\"\n)\n",
	  "1: a block stands in braces, not in brackets: write watch" },
	{ "watch \"" KEY "\": {\n registries = \"" ID "\"\n}\n",
	  "1: 'watch' is a block, not an option: write watch \"...\" {" },
	{ "watch: \"" KEY "\" {\n registries = \"" ID "\"\n}\n",
	  "1: 'watch' is a block, not an option: write watch \"...\" {" },
	{ "watch \"" KEY "\", \"" KEY "2\" {\n registries = \"" ID "\"\n}\n",
	  "1: there is more than one title before the '{' of this" },
	{ "cloud \"public\" {\n name = public\n}\n",
	  "1: a cloud block has no name: write cloud { ... }" },
	{ "cloud public\n", "1: there is no '=' after 'cloud'." },
	{ "cloud := public\n", "1: there is one '=' between" },
	{ "Watch \"" KEY "\" {\n registries = \"" ID "\"\n}\n",
	  "1: unknown block 'Watch'; did you mean 'watch'?" },
	{ "WATCH \"" KEY "\" {\n registries = \"" ID "\"\n}\n",
	  "1: unknown block 'WATCH'; did you mean 'watch'?" },
	{ "watches \"" KEY "\" {\n registries = \"" ID "\"\n}\n",
	  "1: unknown block 'watches'; did you mean 'watch'?" },
	{ "WINDOW = 1h\n",
	  "1: unknown option 'WINDOW'; did you mean 'window'?" },
	{ "poll_interval = 1m\n",
	  "1: unknown option 'poll_interval'; did you mean" },
	{ "watch \"" KEY "\" {\n registry { \"" ID "\" }\n}\n",
	  "2: unknown option 'registry'; did you mean 'registries'?" },
	{ "key \"" KEY "\" {\n registries = \"" ID "\"\n}\n",
	  "1: unknown block 'key'; there are cloud, credential, discover, "
	  "events" },
	{ "foo bar baz {\n x = 1\n}\n",
	  "1: unknown option 'foo'; keyrotd.conf(5) lists those of the" },
	{ "window => \"1h\"\n",
	  "1: there is one '=' between an option and its value: write" },
	{ "window := \"1h\"\n",
	  "1: there is one '=' between an option and its value: write" },
	{ "window = = \"1h\"\n",
	  "1: there is one '=' between an option and its value: write" },
	{ "window =: \"1h\"\n",
	  "1: there is one '=' between an option and its value: write" },
	{ "window =+ 1h\n",
	  "1: there is one '=' between an option and its value: write" },
	{ "credential \"default\" {\n type = client-secret\n tenant = a.example\n client-id = 22222222-3333-4444-5555-666666666666\n secret-file = /etc/a=b\n}\n",
	  "5: 'secret-file' has something behind its value: a value" },
	{ "state-directory = /var/a,b\n",
	  "1: 'state-directory' has something behind its value: a" },
	{ "window = 1 h\n",
	  "1: 'window' has something behind its value: a value with" },
	{ "window = \"1h\" \"2h\"\n",
	  "1: 'window' has something behind its value: it takes one." },
	{ "window =\n",
	  "1: option 'window' has no value: write window = \"...\"" },
	{ "window =\nwatch \"" KEY "\" {\n    registries = {\n        \"" ID
	  "\",\n        \"" ID2 "\"\n    }\n    mode = \"follow\"\n}\n",
	  "1: option 'window' has no value: write window = \"...\"" },
	{ "watch \"" KEY "\" {\n registries =\n}\n",
	  "2: option 'registries' has no value: write registries = {" },
	{ "watch \"" KEY "\" {\n registries =\n mode = pin\n}\n",
	  "2: option 'registries' has no value: write registries = {" },
	{ "window\n", "1: there is no '=' after 'window'." },
	{ "watch \"" KEY "\" {\n registries\n}\n",
	  "2: option 'registries' has no value: write registries = {" },
	{ "watch \"" KEY "\" {\n registries = { \"" ID "\" }, { \"" ID2
	  "\" }\n}\n",
	  "2: the values of a list stand in one pair of braces: take" },
	{ "watch \"" KEY "\" {\n registries = { { \"" ID "\" }, { \"" ID2
	  "\" } }\n}\n",
	  "2: the values of a list stand in one pair of braces: take" },
	{ "watch \"" KEY "\" {\n registries = { \"" ID "\" + \"" ID2
	  "\" }\n}\n",
	  "2: this sign has no meaning in a list." },
	{ "watch \"" KEY "\" {\n registries = { \"" ID "\"; \"" ID2 "\" }\n}\n",
	  "2: the values of 'registries' are separated by commas, not" },
	{ "watch \"" KEY "\" {\n registries = { \"" ID "\",, \"" ID2
	  "\" }\n}\n",
	  "2: a value of 'registries' is missing before this comma." },
	{ "watch \"" KEY "\" {\n registries = { , \"" ID "\" }\n}\n",
	  "2: a value of 'registries' is missing before this comma." },
	{ "watch \"" KEY "\" {\n registries = { \"" ID "\" ]\n}\n",
	  "2: the list of 'registries' ends with a bracket: it ends" },
	{ "watch \"" KEY "\" {\n registries = [ \"" ID "\" }\n}\n",
	  "2: a list stands in braces: write registries = { \"...\" }" },
	{ "include \"/etc/x.conf\"\n",
	  "1: include() is not supported: put further files into the" },
	{ "include /etc/x.conf;\n",
	  "1: include() is not supported: put further files into the" },
	{ "include = \"x\"\n",
	  "1: include() is not supported: put further files into the" },
	{ "@include x\n",
	  "1: unknown option '@include'; keyrotd.conf(5) lists those" },
	{ "window =\302\2401h\n",
	  "1: this line holds a blank that is none, such as a no-break" },
	{ "window\302\240= 1h\n",
	  "1: this line holds a blank that is none, such as a no-break" },
	{ "watch \"" KEY "\" {\n\302\240\302\240registries = \"" ID "\"\n}\n",
	  "2: this line holds a blank that is none, such as a no-break" },
	{ "window = \342\200\2131h\n",
	  "1: this line holds a blank that is none, such as a no-break" },
	{ "window = \"1h\002\"\n", "1: this line holds a control character." },
	{ "win\002dow = 1h\n", "1: this line holds a control character." },
	{ "state-directory = \"/\374ber\"\n",
	  "1: this line holds bytes that are not UTF-8." },
	{ "state-directory = \"${HOME}/x\"\n",
	  "1: environment variables are not expanded: write the value" },
	{ "state-directory = $HOME/x\n",
	  "1: 'state-directory' must be an absolute path, not" },
	{ "-- comment\n",
	  "1: unknown option '--'; keyrotd.conf(5) lists those of the" },
	{ "; comment here\n", "1: a comment begins with '#', not with ';'." },
	{ "! comment\n",
	  "1: unknown option '!'; keyrotd.conf(5) lists those of the" },
	{ "window = \\\n 1h\n",
	  "1: a backslash at the end of a line has no meaning: a" },
	{ "max-parallel = 3\n",
	  "1: option 'max-parallel' does not belong here: it is for" },
	{ "log-level = info\nlog-level = debug\n",
	  "2: option 'log-level' is given twice; the first time is" },
	{ "cloud.name = china\n",
	  "1: unknown option 'cloud.name'; keyrotd.conf(5) lists those" },
	{ "log-level = \"\"info\"\"\n",
	  "1: 'log-level' has something behind its value: it takes one." },
	{ "window = \"1h\" # don't \"x\nlog-level = foo\n",
	  "2: 'log-level' must be error, warning, notice, info or" },
	{ "credential\n " TYPE "\n}\n",
	  "1: a credential block needs a name: write credential \"NAME\"" },
	{ "watch \"" KEY "\" then {\n registries = \"" ID "\"\n}\n",
	  "1: there is more than one title before the '{' of this" },
	{ "watch \"" KEY "\" {\n registries = ( \"" ID "\", \"" ID2 "\" )\n}\n",
	  "2: a list stands in braces: write registries = { \"...\" }" },
	{ "credential \"default\" {\n " TYPE
	  "\n cloud {\n  name = public\n }\n}\n",
	  "3: this block stands in the credential block that begins in" },
	{ "watch \"" KEY "\" {\n registries = { \"" ID "\",\n \"" ID2 "\"\n}\n",
	  "1: this watch block is not closed before option" },
	{ "foo\n",
	  "1: unknown option 'foo'; keyrotd.conf(5) lists those of the" },
	{ "<watch>\n", "1: unknown option '<watch>'; did you mean 'watch'?" },
	{ "state-directory = \"\"\"/x\"\"\"\n",
	  "1: 'state-directory' has something behind its value: it" },
	{ "window = 1h%\n",
	  "1: 'window' must be a duration such as \"90s\", \"5m\" or" },
	{ "watch \"" KEY "\" {\n registries = { \"" ID "\", \"" ID2
	  "\" ]\n mode = pin\n}\n",
	  "2: the list of 'registries' ends with a bracket: it ends" },
	{ "credential \"default\" {\n " TYPE "\ncloud {\n name = public\n}\n",
	  "1: this credential block is not closed before the next" },
	{ "watch \"" KEY
	  "\" {\n cloud { name = public }\n mode = pin\n registries = \"" ID
	  "\"\n max-parallel = 3\n}\n",
	  "2: this block stands in the watch block that begins in line" },
	{ "\"watch\": \"" KEY "\" {\n registries = \"" ID "\"\n}\n",
	  "1: the name of an option or block stands without quotes:" },
	{ "watch \"" KEY "\":\n registries = \"" ID "\"\n",
	  "1: 'watch' is a block, not an option: write watch \"...\" {" },
	{ "window = '1h\n",
	  "1: the string that begins in this line has no closing quote." },
	{ "watch \"" KEY "' {\n registries = \"" ID "\"\n}\n",
	  "1: the string that begins in this line has no closing quote." },
	{ "window = 1h)\n",
	  "1: the name of an option or block is expected here." },
	{ "watch \"" KEY "\" {\n registries = { }\n}\n",
	  "2: this watch has no registries: list at least one resource" },
	{ "watch \"" KEY "\" {\n mode = pin\n}\n",
	  "1: this watch has no registries: list at least one resource" },
	{ "watch \"" KEY "\" {\n registries = \"" ID
	  "\"\n canary = contosoprot\n}\n",
	  "3: canary \"contosoprot\" is none of this watch's registries;" },
	{ "watch \"" KEY "\" {\n registries = \"contosoprod.azurecr.io\"\n}\n",
	  "2: 'registries': \"contosoprod.azurecr.io\" is not a" },
	{ "credential \"default\" {\n type = client-secret\n tenant = a.example\n client-id = 22222222-3333-4444-5555-666666666666\n client-secret = \"a b=c,d\"\n}\n",
	  "5: unknown option 'client-secret': a secret never stands in" },
	{ "credential \"default\" {\n}\n",
	  "1: credential \"default\" needs the option 'type':" },
	{ "credential \"default\" {\n type = \"managed identity\"\n}\n",
	  "2: 'type' must be managed-identity, client-secret, client-certif" },
	{ "watch \"" KEY "\" {\n registries = \"" ID "\"\n registries = \"" ID2
	  "\"\n}\n",
	  "3: option 'registries' is given twice; the first time is" },
	{ "log-level = %LEVEL%\n",
	  "1: 'log-level' must be error, warning, notice, info or" },
	{ "watch \"" KEY "\" {\n registries = { \"" ID "\" = \"" ID2
	  "\" }\n}\n",
	  "2: this sign has no meaning in a list." },
	{ "watch \"" KEY "\" {,\n registries = \"" ID "\"\n}\n",
	  "1: a statement ends without a ',': take it off." },
	{ "watch \"" KEY "\" {\n registries = { prod: \"" ID "\", dr: \"" ID2
	  "\" }\n}\n",
	  "2: the values of a list have no names: take 'prod:' off." },
	{ "poll-interval = 30 s\n",
	  "1: 'poll-interval' has something behind its value: a value" },
	{ "watch \"" KEY " {\"\n registries = \"" ID "\"\n}\n",
	  "1: a '{' is missing behind the title of this watch block." },
};

static void on_problem(enum config_severity severity, const char *line,
		       void *arg)
{
	if (severity != CONFIG_MISTAKE)
		return;
	assert_null(strpbrk(line, "\n\r\001"));
	buf_puts(arg, line);
	buf_puts(arg, "\n");
}

/* The line of what was said; what is wanted counts from `first`. */
static const char *expect(const char *said, unsigned first, const char *want,
			  const char *text)
{
	unsigned line = (unsigned)strtoul(want, NULL, 10);
	char *start = text_printf("c:%u%s", first + line, strchr(want, ':'));

	if (strncmp(said, start, strlen(start)))
		fail_msg("for\n%s\nexpected\n%s\nat\n%s", text, start, said);
	free(start);
	return strchr(said, '\n') + 1;
}

static unsigned count(const char *s, char c)
{
	unsigned n = 0;

	for (; *s; s++)
		n += *s == c;
	return n;
}

/* With another blank before each option, or other ends of lines. */
static char *rewrite(const char *text, bool tabs, bool ends)
{
	struct buf b;
	char *copy;

	buf_init(&b, 1 << 16);
	for (const char *s = text; *s; s++) {
		if (tabs && *s == ' ' && s > text && s[-1] == '\n')
			buf_puts(&b, "\t");
		else if (ends && *s == '\n')
			buf_puts(&b, "\r\n");
		else
			buf_printf(&b, "%c", *s);
	}
	copy = text_dup(buf_str(&b));
	buf_free(&b);
	return copy;
}

static void one(const char *text, const char *want, bool tabs, bool ends)
{
	char *whole = text_printf("%s%s%s", BEFORE, text, BEHIND);
	char *written = rewrite(whole, tabs, ends);
	struct config_source source = { .name = "c",
					.text = written,
					.len = strlen(written) };
	unsigned behind = count(text, '\n') + 1;
	const char *line;
	struct buf said;

	buf_init(&said, 1 << 16);
	assert_null(config_parse(&source, 1, on_problem, NULL, &said));
	line = expect(buf_str(&said), 0, "1: 'read-burst' must", text);
	line = expect(line, 1, want, text);
	line = expect(line, behind, "1: 'max-requests' must", text);
	line = expect(line, behind, "6: 'mode' must", text);
	line = expect(line, behind, "8: 'vault-rate' must", text);
	if (*line)
		fail_msg("for\n%s\nnot expected: %s", text, line);
	buf_free(&said);
	free(written);
	free(whole);
}

static void test_one_mistake(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
		one(tries[i].text, tries[i].said, false, false);
}

static void test_other_blanks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		one(tries[i].text, tries[i].said, true, false);
		one(tries[i].text, tries[i].said, false, true);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_mistake),
		cmocka_unit_test(test_other_blanks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
