/*
 * config_scan: shared by config_scan.c (blocks and the order of things) and
 * config_scan_value.c (one option and its value or list).
 */
#ifndef KEYROTD_CONFIG_CONFIG_SCAN_H
#define KEYROTD_CONFIG_CONFIG_SCAN_H

#include "config/config_lex.h"

#define SCAN_NAME_MAX 64

struct scan {
	struct lex lex;
	enum config_block block; /* CONFIG_TOP: outside */
	size_t start;		 /* of the statement */
	unsigned line;		 /* of its name */
	char name[SCAN_NAME_MAX];
};

#define scan_complain(s, at, ...) \
	config_mistake((s)->lex.build, (s)->lex.source, at, __VA_ARGS__)

/* The block that the scan is in. */
struct config_section *scan_section(struct scan *s);

/* True when the token is a word that begins the next statement. */
bool scan_starts_statement(struct scan *s);

/* Note that the option of the statement was complained about, so that it
 * does not count as missing too. */
void scan_refuse(struct scan *s);

/* The option has a name and nothing else: complain, leave the token alone. */
void scan_no_value(struct scan *s);

/* At the token after "="; leaves the token after the value. */
void scan_value(struct scan *s, bool append);

#endif
