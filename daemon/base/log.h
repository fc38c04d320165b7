/*
 * log: leveled lines for the journal or a terminal.
 *
 * The one piece of global state.  Without a sink, lines go to standard error,
 * with a "<n>" priority prefix when log_init was told so.  A sink (the
 * journal, say) is set by daemon.c.  Calls keep errno.  A line that repeats is
 * not printed again until something else was said; the count then follows.
 */
#ifndef KEYROTD_BASE_LOG_H
#define KEYROTD_BASE_LOG_H

#include <stdbool.h>

/* The numbers are those of syslog (RFC 5424 section 6.2.1). */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/* A structured field beside the text, "NAME" and value; ended by NULL name. */
struct log_field {
	const char *name; /* journal field, upper case: "KEYROTD_REGISTRY" */
	const char *value;
};

typedef void log_sink(int level, const char *text,
		      const struct log_field *fields, void *arg);

void log_init(enum log_level max, bool prefix);
void log_level_set(enum log_level max);
void log_sink_set(log_sink *sink, void *arg);

/* "error", "warning", "notice", "info", "debug" -> level, or -1. */
int log_level_parse(const char *name);

void log_say(enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void log_fields(enum log_level level, const struct log_field *fields,
		const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#define log_error(...) log_say(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_say(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) log_say(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_say(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_say(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
