/*
 * history_field: values in a record that are more than a text.  Whatever else
 * stands in their place counts as nothing.
 */
#ifndef KEYROTD_CTL_HISTORY_FIELD_H
#define KEYROTD_CTL_HISTORY_FIELD_H

#include <stdint.h>

#include "base/json.h"

/* Ms since 1970, of a member in the form of RFC 3339; -1: there is none. */
int64_t history_field_time(const struct json *o, const char *name);
/* The adoption window, ms: "window_ms"; 0: none, or none that can be. */
int64_t history_field_window(const struct json *o);

#endif
