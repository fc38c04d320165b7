/* A time and a window, as members of a record. */
#include "ctl/history_field.h"

#include "base/text.h"

#define WINDOW_MAX_MS ((int64_t)366 * 86400 * 1000)

int64_t history_field_time(const struct json *o, const char *name)
{
	const char *s = json_get_str(o, name);

	return s ? text_parse_rfc3339(s) : -1;
}

int64_t history_field_window(const struct json *o)
{
	int64_t ms = 0;

	if (!json_int(json_get(o, "window_ms"), &ms) || ms < 0 ||
	    ms > WINDOW_MAX_MS)
		return 0;
	return ms;
}
