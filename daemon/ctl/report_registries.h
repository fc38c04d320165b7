/*
 * report_registries: the part of a report's page that names every registry,
 * with each of its moves and their picture.
 *
 * Some thousand moves are rows of a table.  More of them are lines of text, one
 * row a registry: all the same is told, in a tenth of the elements, so that a
 * browser opens the page of a large fleet at once.
 */
#ifndef KEYROTD_CTL_REPORT_REGISTRIES_H
#define KEYROTD_CTL_REPORT_REGISTRIES_H

#include "ctl/history.h"
#include "ctl/report_markup.h"

void report_registries_put(struct report_markup *m, const struct history *h);

#endif
