/*
 * Shortens what machines write, identifiers, versions, times, to what a
 * person wants to read in a table.
 */
#include "ctl/words.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define VERSION_DIGITS 8

const char *words_registry(const char *id)
{
	const char *slash = id ? strrchr(id, '/') : NULL;

	if (!id)
		return "";
	return slash && slash[1] ? slash + 1 : id;
}

void words_key(char *dst, size_t size, const char *key)
{
	static const char scheme[] = "https://";
	const char *host = key, *name = strstr(key, "/keys/");
	size_t label;

	if (!text_prefix(key, scheme) || !name) {
		text_copy(dst, size, key);
		return;
	}
	host += sizeof(scheme) - 1;
	label = strcspn(host, "./:");
	name += strlen("/keys/");
	snprintf(dst, size, "%.*s/%.*s", (int)label, host,
		 (int)strcspn(name, "/"), name);
}

void words_version(char *dst, size_t size, const char *version)
{
	snprintf(dst, size, "%.*s", VERSION_DIGITS, version ? version : "");
}

void words_move(char *dst, size_t size, const char *in_use, const char *wanted)
{
	char from[WORDS_MAX], to[WORDS_MAX];

	words_version(from, sizeof(from), in_use);
	words_version(to, sizeof(to), wanted);
	if (!wanted || (in_use && text_same(in_use, wanted)))
		text_copy(dst, size, from);
	else
		snprintf(dst, size, "%s -> %s", from[0] ? from : "?", to);
}

static void when(char *dst, size_t size, const char *time, int64_t now,
		 const char *past)
{
	int64_t then = time ? text_parse_rfc3339(time) : -1;
	char span[WORDS_MAX];

	if (then < 0) {
		text_copy(dst, size, "");
	} else if (then > now) {
		text_duration(span, sizeof(span), then - now);
		snprintf(dst, size, "in %s", span);
	} else {
		text_duration(span, sizeof(span), now - then);
		snprintf(dst, size, "%s %s", span, past);
	}
}

void words_when(char *dst, size_t size, const char *time, int64_t now)
{
	int64_t then = time ? text_parse_rfc3339(time) : -1;

	/* The daemon's times are whole seconds, so that is how exact we are. */
	if (then >= 0 && now - then < 1000 && then - now < 1000)
		text_copy(dst, size, "just now");
	else
		when(dst, size, time, now, "ago");
}

void words_deadline(char *dst, size_t size, const char *time, int64_t now)
{
	when(dst, size, time, now, "late");
}

void words_since(char *dst, size_t size, const char *time, int64_t now)
{
	int64_t then = time ? text_parse_rfc3339(time) : -1;
	char span[WORDS_MAX];

	text_copy(dst, size, then < 0 ? "" : time);
	if (then < 0 || now - then < 1000)
		return;
	text_duration(span, sizeof(span), now - then);
	snprintf(dst, size, "%.32s (%s)", time, span);
}

bool words_same_fault(const char *reason, const char *alarm)
{
	size_t clause = reason ? strcspn(reason, ";:.") : 0;

	return clause && alarm && !strncasecmp(reason, alarm, clause) &&
	       strchr(";:.", alarm[clause]);
}

static const struct {
	const char *state;
	enum out_colour colour;
} colours[] = {
	{ "ok", OUT_GREEN },	    { "current", OUT_GREEN },
	{ "newest", OUT_GREEN },    { "in use", OUT_GREEN },
	{ "rotating", OUT_YELLOW }, { "verifying", OUT_YELLOW },
	{ "degraded", OUT_YELLOW }, { "held", OUT_YELLOW },
	{ "starting", OUT_YELLOW }, { "paused", OUT_YELLOW },
	{ "unknown", OUT_YELLOW },  { "warning", OUT_YELLOW },
	{ "draining", OUT_YELLOW }, { "blocked", OUT_RED },
	{ "overdue", OUT_RED },	    { "unreachable", OUT_RED },
	{ "failed", OUT_RED },	    { "usable", OUT_GREEN },
	{ "unusable", OUT_RED },
};

enum out_colour words_colour(const char *state)
{
	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++) {
		if (state && !strcmp(state, colours[i].state))
			return colours[i].colour;
	}
	return OUT_PLAIN;
}
