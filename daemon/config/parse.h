/*
 * parse: statements become drafts: values by the table of options, blocks by
 * their names.
 */
#ifndef KEYROTD_CONFIG_PARSE_H
#define KEYROTD_CONFIG_PARSE_H

#include "config/draft.h"

/* Read one source: its settings into b->config and b->cloud, its blocks into
 * drafts.  Every mistake of form and of values is told. */
void parse_source(struct config_build *b, unsigned source);

#endif
