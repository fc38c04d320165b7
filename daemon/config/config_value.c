/* Values that become numbers or one of a few words, and the way every value
 * is read.  config_value_text.c has those that stay text. */
#include "config/config_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"

#define SHOWN_MAX 80 /* bytes of a refused value that a complaint repeats */

static bool read_duration(const struct config_option *o, const char *text,
			  void *at, struct fault *why)
{
	int64_t ms = text_parse_duration(text);

	(void)why;
	if (ms < 0 || ms < text_parse_duration(o->min) ||
	    ms > text_parse_duration(o->max))
		return false;
	*(int64_t *)at = ms;
	return true;
}

/* Digits with at most one point among them: no sign, no exponent, none of
 * the words ("nan", "inf") that strtod knows. */
static bool is_decimal(const char *s)
{
	size_t whole = strspn(s, "0123456789"), part = 0;

	if (s[whole] == '.')
		part = 1 + strspn(s + whole + 1, "0123456789");
	return whole && part != 1 && !s[whole + part];
}

static bool read_number(const struct config_option *o, const char *text,
			void *at, struct fault *why)
{
	double v;

	(void)why;
	if (!is_decimal(text))
		return false;
	v = strtod(text, NULL);
	if (v < strtod(o->min, NULL) || v > strtod(o->max, NULL))
		return false;
	*(double *)at = v;
	return true;
}

static bool read_count(const struct config_option *o, const char *text,
		       void *at, struct fault *why)
{
	size_t len = strspn(text, "0123456789");
	unsigned long v;

	(void)why;
	if (!len || len > 9 || text[len])
		return false;
	v = strtoul(text, NULL, 10);
	if (v < strtoul(o->min, NULL, 10) || v > strtoul(o->max, NULL, 10))
		return false;
	*(unsigned *)at = (unsigned)v;
	return true;
}

static int find_word(const char *const *words, const char *text)
{
	for (int i = 0; words[i]; i++) {
		if (text_same(words[i], text))
			return i;
	}
	return -1;
}

static bool read_switch(const struct config_option *o, const char *text,
			void *at, struct fault *why)
{
	/* The words that libConfuse takes for truth values. */
	static const char *const words[] = { "false", "true", "no", "yes",
					     "off",   "on",   NULL };
	int i = find_word(words, text);

	(void)o, (void)why;
	if (i >= 0)
		*(bool *)at = i % 2;
	return i >= 0;
}

static bool read_level(const struct config_option *o, const char *text,
		       void *at, struct fault *why)
{
	int level = log_level_parse(text);

	(void)o, (void)why;
	if (level >= 0)
		*(int *)at = level;
	return level >= 0;
}

static bool read_kind(const struct config_option *o, const char *text, void *at,
		      struct fault *why)
{
	static const char *const words[] = {
		[CREDENTIAL_MANAGED_IDENTITY] = "managed-identity",
		[CREDENTIAL_CLIENT_SECRET] = "client-secret",
		NULL
	};
	int i = find_word(words, text);

	(void)o, (void)why;
	if (i >= 0)
		*(enum credential_kind *)at = (enum credential_kind)i;
	return i >= 0;
}

static bool read_mode(const struct config_option *o, const char *text, void *at,
		      struct fault *why)
{
	static const char *const words[] = { [WATCH_OBSERVE] = "observe",
					     [WATCH_FOLLOW] = "follow",
					     [WATCH_PIN] = "pin",
					     NULL };
	int i = find_word(words, text);

	(void)o, (void)why;
	if (i >= 0)
		*(enum watch_mode *)at = (enum watch_mode)i;
	return i >= 0;
}

/* The whole draft is at hand: a name is kept until all registries of the
 * watch are known. */
static bool read_canary(const struct config_option *o, const char *text,
			void *at, struct fault *why)
{
	struct config_watch_draft *d =
		(struct config_watch_draft *)((char *)at -
					      offsetof(
						      struct config_watch_draft,
						      w.canary));

	free(d->canary);
	d->canary = NULL;
	if (read_switch(o, text, at, why))
		return true;
	if (!*text)
		return false;
	d->w.canary = true;
	d->canary = text_dup(text);
	return true;
}

const struct config_type config_type_duration = {
	"duration", "a duration such as \"90s\", \"5m\" or \"1h\"", false,
	read_duration
};
const struct config_type config_type_number = {
	"number", "a number such as \"200\" or \"12.5\"", false, read_number
};
const struct config_type config_type_count = { "count", "a whole number", false,
					       read_count };
const struct config_type config_type_switch = { "switch", "true or false",
						false, read_switch };
const struct config_type config_type_level = {
	"level", "error, warning, notice, info or debug", false, read_level
};
const struct config_type config_type_kind = {
	"kind", "managed-identity or client-secret", false, read_kind
};
const struct config_type config_type_mode = { "mode", "observe, follow or pin",
					      false, read_mode };
const struct config_type config_type_canary = {
	"canary",
	"true, false, or the name or id of one registry of this "
	"watch",
	false, read_canary
};

static bool too_long(const struct config_option *o, const char *text)
{
	return !o->min && o->max && strlen(text) > strtoul(o->max, NULL, 10);
}

static void say_range(const struct config_option *o, const char *text,
		      char *dst, size_t size)
{
	if (o->min)
		snprintf(dst, size, ", from %s to %s", o->min, o->max);
	else if (too_long(o, text))
		snprintf(dst, size, ", at most %s bytes long", o->max);
	else
		*dst = '\0';
}

/* What was written, unless it stands in a credential block: a secret put
 * into the wrong option must not reach a log. */
static void say_value(const struct config_option *o, const char *text,
		      char *dst, size_t size)
{
	if (o->block == CONFIG_CREDENTIAL)
		*dst = '\0';
	else
		snprintf(dst, size, ", not \"%.*s\"%s", SHOWN_MAX, text,
			 strlen(text) > SHOWN_MAX ? "..." : "");
}

static bool refuse(const struct config_option *o, const char *text,
		   struct fault *why)
{
	struct fault detail = *why;
	char range[64], value[SHOWN_MAX + 16];

	if (detail.text[0])
		return fault_set(why, FAULT_INVALID, 0, "'%s': %s", o->name,
				 detail.text);
	say_range(o, text, range, sizeof(range));
	say_value(o, text, value, sizeof(value));
	return fault_set(why, FAULT_INVALID, 0, "'%s' must be %s%s%s.", o->name,
			 o->type->accepts, range, value);
}

bool config_value_read(const struct config_option *o, const char *text,
		       void *base, struct fault *why)
{
	*why = fault_none();
	if (!too_long(o, text) &&
	    o->type->read(o, text, (char *)base + o->offset, why))
		return true;
	return refuse(o, text, why);
}

void config_value_defaults(enum config_block block, void *base)
{
	size_t n;
	const struct config_option *o = config_options(block, &n);
	struct fault why;

	for (size_t i = 0; i < n; i++) {
		if (o[i].def)
			config_value_read(&o[i], o[i].def, base, &why);
	}
}
