/*
 * report_json: a report as one JSON object; times are RFC 3339, null where the
 * records do not tell.
 */
#ifndef KEYROTD_CTL_REPORT_JSON_H
#define KEYROTD_CTL_REPORT_JSON_H

#include "base/json.h"
#include "ctl/report.h"

void report_json_put(const struct report *r, struct json_writer *w);

#endif
