/*
 * rows: keys and registries as rows of tables, shared by several commands.
 * Members that are absent or of another type are shown as "-".
 */
#ifndef KEYROTD_CTL_ROWS_H
#define KEYROTD_CTL_ROWS_H

#include <stdint.h>

#include "base/json.h"
#include "ctl/table.h"

/* Heads of the tables; each goes with the function beneath it. */
extern const char *const rows_status_registry_heads[];
void rows_status_registry(struct table *t, const struct json *r, int64_t now);

extern const char *const rows_status_key_heads[];
void rows_status_key(struct table *t, const struct json *key, int64_t now);

extern const char *const rows_registry_heads[];
void rows_registry(struct table *t, const struct json *r, int64_t now);

extern const char *const rows_key_heads[];
void rows_key(struct table *t, const struct json *key, int64_t now);

extern const char *const rows_version_heads[];
void rows_version(struct table *t, const struct json *version, int64_t now);

#endif
