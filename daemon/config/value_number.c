/* Durations, sizes and numbers, each within the option's range. */
#include "config/value_number.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/value_text.h"

static bool read_duration(const struct config_value *v)
{
	const struct config_option *o = v->option;
	int64_t ms = text_parse_duration(v->text);

	if (ms < 0 || ms < text_parse_duration(o->min) ||
	    ms > text_parse_duration(o->max))
		return false;
	*(int64_t *)v->at = ms;
	return true;
}

/* A number of bytes, of K, M or G (times 1024), as systemd.syntax(7) has it;
 * -1 when it is none. */
static int64_t parse_size(const char *s)
{
	static const char units[] = "KMG";
	size_t digits = strspn(s, VALUE_DIGITS);
	const char *unit = s[digits] ? strchr(units, s[digits]) : NULL;
	int64_t n = digits && digits <= 12 ? strtoll(s, NULL, 10) : -1;

	if (n < 0 || (s[digits] && (!unit || s[digits + 1])))
		return -1;
	return unit ? n * (INT64_C(1024) << 10 * (unit - units)) : n;
}

static bool read_size(const struct config_value *v)
{
	const struct config_option *o = v->option;
	int64_t n = parse_size(v->text);

	if (n < 0 || n < parse_size(o->min) || n > parse_size(o->max))
		return false;
	*(int64_t *)v->at = n;
	return true;
}

/* Digits with at most one point among them: no sign, no exponent, none of
 * the words ("nan", "inf") that strtod knows. */
static bool read_number(const struct config_value *v)
{
	const struct config_option *o = v->option;
	size_t whole = strspn(v->text, VALUE_DIGITS), part = 0;
	double d;

	if (v->text[whole] == '.')
		part = 1 + strspn(v->text + whole + 1, VALUE_DIGITS);
	if (!whole || part == 1 || v->text[whole + part])
		return false;
	d = strtod(v->text, NULL);
	if (d < strtod(o->min, NULL) || d > strtod(o->max, NULL))
		return false;
	*(double *)v->at = d;
	return true;
}

static bool read_count(const struct config_value *v)
{
	const struct config_option *o = v->option;
	unsigned long n;

	if (!value_text_made_of(v->text, VALUE_DIGITS) || strlen(v->text) > 9)
		return false;
	n = strtoul(v->text, NULL, 10);
	if (n < strtoul(o->min, NULL, 10) || n > strtoul(o->max, NULL, 10))
		return false;
	*(unsigned *)v->at = (unsigned)n;
	return true;
}

const struct config_type value_duration = {
	.accepts = "a duration such as \"90s\", \"5m\" or \"1h30m\"",
	.read = read_duration
};
const struct config_type value_size = { .accepts = "a size such as \"64M\"",
					.read = read_size };
const struct config_type value_number = {
	.accepts = "a number such as \"200\" or \"12.5\"", .read = read_number
};
const struct config_type value_count = { .accepts = "a whole number",
					 .read = read_count };
