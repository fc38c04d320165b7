/*
 * The one way in which a command fails: what to print, where, and with
 * which exit status.
 */
#include "ctl/failure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/args.h"
#include "ctl/labels.h"
#include "ctl/plugin.h"

/* Each format takes two strings: the parameters named, "?" where absent. */
static const struct {
	const char *error;
	const char *before, *first, *between, *second, *after;
} sentences[] = {
	{ "io.keyrotd.Control.NotPermitted",
	  "keyrotd does not permit this: ", "reason", "", NULL, "" },
	{ "io.keyrotd.Control.CannotRotate", "", "reason", "", NULL, "" },
	{ "io.keyrotd.Status.CannotRotate", "", "reason", "", NULL, "" },
	{ "io.keyrotd.Control.Busy", "", "reason", "", NULL, "" },
	{ "io.keyrotd.Control.NoSuchCredential",
	  "keyrotd's configuration has no credential \"", "credential", "\".",
	  NULL, "" },
	{ "io.keyrotd.Control.NoSuchRule",
	  "keyrotd's configuration has no rule \"", "rule", "\".", NULL, "" },
	{ "io.keyrotd.Control.NoSuchKey", "keyrotd watches no key ", "key",
	  "; `keyrotctl keys` lists what it watches.", NULL, "" },
	{ "io.keyrotd.Control.NoSuchRegistry", "keyrotd watches no registry ",
	  "registry", "; `keyrotctl registries` lists what it watches.", NULL,
	  "" },
	{ "io.keyrotd.Control.AmbiguousRegistry",
	  "More than one watched registry is called ", "registry", "", NULL,
	  "" },
	{ "io.keyrotd.Control.InvalidTime", "keyrotd does not accept the time ",
	  "until", ": ", "reason", "" },
	{ "io.keyrotd.Status.NoSuchKey", "keyrotd watches no key ", "key",
	  "; `keyrotctl keys` lists what it watches.", NULL, "" },
	{ "io.keyrotd.Status.NoSuchRegistry", "keyrotd watches no registry ",
	  "registry", "; `keyrotctl registries` lists what it watches.", NULL,
	  "" },
	{ "io.keyrotd.Status.AmbiguousRegistry",
	  "More than one watched registry is called ", "registry", "", NULL,
	  "" },
	{ "org.varlink.service.InterfaceNotFound",
	  "What listens there does not know the interface ", "interface",
	  "; is it keyrotd, and as new as this keyrotctl?", NULL, "" },
	{ "org.varlink.service.MethodNotFound",
	  "This keyrotd does not know the method ", "method",
	  "; it is older than this keyrotctl.", NULL, "" },
	{ "org.varlink.service.MethodNotImplemented",
	  "This keyrotd does not offer the method ", "method",
	  "; it is older than this keyrotctl.", NULL, "" },
	{ "org.varlink.service.InvalidParameter",
	  "keyrotd does not accept the value of ", "parameter", ".", NULL, "" },
};

#define MATCHES_MAX 16 /* that are told apart in one sentence */

/* Of several that were meant: what to say so that each is meant alone. */
static char *say_which(char *sentence, const struct json *matches)
{
	const char *ids[MATCHES_MAX];
	char *labels[MATCHES_MAX];
	struct buf out;
	size_t n = 0;

	for (const struct json *m = json_first(matches); m && n < MATCHES_MAX;
	     m = json_next(m))
		if (json_str(m))
			ids[n++] = json_str(m);
	labels_make(ids, labels, n);
	buf_init(&out, 1u << 16);
	buf_printf(&out, "%s; say ", sentence);
	for (size_t i = 0; i < n; i++) {
		buf_printf(&out, "%s%s",
			   i == 0	? ""
			   : i + 1 == n ? " or "
					: ", ",
			   labels[i]);
		free(labels[i]);
	}
	buf_puts(&out, n ? "." : "the resource id.");
	free(sentence);
	sentence = text_dup(buf_str(&out));
	buf_free(&out);
	return sentence;
}

static const char *member(const struct json *parameters, const char *name)
{
	const char *s = name ? json_get_str(parameters, name) : "";

	return s ? s : "?";
}

char *failure_sentence(const char *error, const struct json *parameters)
{
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		char *s;

		if (strcmp(sentences[i].error, error) != 0)
			continue;
		s = text_printf("%s%s%s%s%s", sentences[i].before,
				member(parameters, sentences[i].first),
				sentences[i].between,
				member(parameters, sentences[i].second),
				sentences[i].after);
		return strstr(error, ".Ambiguous")
			       ? say_which(s, json_get(parameters, "matches"))
			       : s;
	}
	return text_printf("keyrotd answered with the error %s.", error);
}

/* Which ones an ambiguous name may mean, one a line. */
static void print_matches(struct out *o, const struct json *parameters)
{
	const struct json *m = json_first(json_get(parameters, "matches"));

	for (; m; m = json_next(m)) {
		if (json_str(m))
			out_line(o, "  %s", json_str(m));
	}
}

int failure_report(struct ctl *ctl, const struct fault *f)
{
	const struct json *parameters = NULL;
	const char *error = NULL;
	char *sentence;

	if (f->kind == FAULT_REFUSED && ctl->client)
		error = client_error(ctl->client, &parameters);
	sentence = error ? failure_sentence(error, parameters)
			 : text_dup(f->text);
	if (ctl->args->command && ctl->args->command->plugin) {
		plugin_print(&ctl->out, PLUGIN_UNKNOWN, sentence, NULL);
		free(sentence);
		return PLUGIN_UNKNOWN;
	}
	/* A reader that went away knows why. */
	if (f->kind != FAULT_LOCAL || f->code != EPIPE)
		out_line(&ctl->err, "keyrotctl: %s", sentence);
	print_matches(&ctl->err, parameters);
	free(sentence);
	return f->kind == FAULT_TRANSIENT || f->kind == FAULT_DENIED
		       ? COMMAND_UNREACHABLE
		       : COMMAND_FAILED;
}
