/*
 * report_keys: the part of a report's page that names every key, with each of
 * its versions.  As with registries some thousand versions are rows, and more
 * of them lines.
 */
#ifndef KEYROTD_CTL_REPORT_KEYS_H
#define KEYROTD_CTL_REPORT_KEYS_H

#include "ctl/history.h"
#include "ctl/report_markup.h"

void report_keys_put(struct report_markup *m, const struct history *h);

#endif
