/*
 * Every line that is said passes here: made safe for a terminal, counted
 * instead of printed when it repeats, and handed to the journal if there is
 * one.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define LINE_MAX_BYTES 2048

static struct {
	enum log_level max;
	bool prefix;
	log_sink *sink;
	void *arg;
	bool busy; /* inside the sink */
	char last[LINE_MAX_BYTES];
	enum log_level last_level;
	uint64_t last_fields;
	unsigned long repeats; /* of last, not printed so far */
} state = { .max = LOG_LEVEL_INFO };

static const struct {
	const char *name;
	enum log_level level;
} levels[] = {
	{ "error", LOG_LEVEL_ERROR },	{ "warning", LOG_LEVEL_WARNING },
	{ "notice", LOG_LEVEL_NOTICE }, { "info", LOG_LEVEL_INFO },
	{ "debug", LOG_LEVEL_DEBUG },
};

int log_level_parse(const char *name)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (text_same(name, levels[i].name))
			return (int)levels[i].level;
	}
	return -1;
}

void log_init(enum log_level max, bool prefix)
{
	state.max = max;
	state.prefix = prefix;
	state.last[0] = '\0';
	state.repeats = 0;
}

void log_level_set(enum log_level max)
{
	state.max = max;
}

void log_sink_set(log_sink *sink, void *arg)
{
	state.sink = sink;
	state.arg = arg;
}

static void emit(enum log_level level, const char *text,
		 const struct log_field *fields)
{
	/* A sink that logs about itself must not call itself. */
	if (state.sink && !state.busy) {
		state.busy = true;
		state.sink((int)level, text, fields, state.arg);
		state.busy = false;
	} else if (state.prefix) {
		fprintf(stderr, "<%d>%s\n", (int)level, text);
	} else {
		fprintf(stderr, "%s\n", text);
	}
}

static uint64_t fields_hash(const struct log_field *fields)
{
	uint64_t h = 0;

	for (; fields && fields->name; fields++) {
		h = h * 31 + text_hash(fields->name);
		h = h * 31 + text_hash(fields->value ? fields->value : "");
	}
	return h;
}

__attribute__((format(printf, 3, 0))) static void
say(enum log_level level, const struct log_field *fields, const char *fmt,
    va_list ap)
{
	char line[LINE_MAX_BYTES], count[96];
	uint64_t hash;

	if (vsnprintf(line, sizeof(line), fmt, ap) < 0)
		return;
	text_line(line);
	if (state.busy) {
		emit(level, line, NULL);
		return;
	}
	hash = fields_hash(fields);
	/* What was just said is counted, and told when something else comes. */
	if (level == state.last_level && hash == state.last_fields &&
	    !strcmp(line, state.last)) {
		state.repeats++;
		return;
	}
	if (state.repeats) {
		snprintf(count, sizeof(count),
			 "The previous message was repeated %lu more time%s.",
			 state.repeats, state.repeats == 1 ? "" : "s");
		state.repeats = 0;
		emit(state.last_level, count, NULL);
	}
	text_copy(state.last, sizeof(state.last), line);
	state.last_level = level;
	state.last_fields = hash;
	emit(level, line, fields);
}

void log_say(enum log_level level, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	if (level <= state.max) {
		va_start(ap, fmt);
		errno = saved; /* for %m */
		say(level, NULL, fmt, ap);
		va_end(ap);
	}
	errno = saved;
}

void log_fields(enum log_level level, const struct log_field *fields,
		const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	if (level <= state.max) {
		va_start(ap, fmt);
		errno = saved;
		say(level, fields, fmt, ap);
		va_end(ap);
	}
	errno = saved;
}
