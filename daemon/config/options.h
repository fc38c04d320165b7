/*
 * options: the table of every option: its type, range, default and help; and
 * what a block of a file gave.
 *
 * The table is constant.  A struct config_section belongs to the draft of its
 * block.
 */
#ifndef KEYROTD_CONFIG_OPTIONS_H
#define KEYROTD_CONFIG_OPTIONS_H

#include "config/value.h"

#define CONFIG_BLOCK_OPTIONS_MAX 32

enum config_block {
	CONFIG_TOP,
	CONFIG_CLOUD,
	CONFIG_CREDENTIAL,
	CONFIG_WATCH,
	CONFIG_RULE,
	CONFIG_LEASE,
	CONFIG_EVENTS,
	CONFIG_BLOCKS
};

/* A block as it stands in its file. */
struct config_section {
	enum config_block block;
	unsigned source;
	unsigned line; /* of its name; 0: there is none */
	/* Line of each option given, by its place in the block's table; 0: not
	 * given. */
	unsigned lines[CONFIG_BLOCK_OPTIONS_MAX];
	/* The same as bits: it was complained about, or another name was in
	 * its place. */
	unsigned refused;
};

/* The options of a block, in the order of the manual. */
const struct config_option *options_of(enum config_block block, size_t *n);
const struct config_option *options_find(enum config_block block,
					 const char *name);
const char *options_block_name(enum config_block block); /* "watch" */
enum config_block options_block_find(const char *name);	 /* CONFIG_TOP: none */
/* The known name (option or, at the top, block) closest to a mistyped one;
 * NULL when none is close. */
const char *options_near(enum config_block block, const char *name);
/* The option that people mean by a word that is none, though it is not spelt
 * alike, and what to tell them; NULL when there is none. */
const char *options_meant(enum config_block block, const char *word,
			  const char **advice);
/* Set every option of a block that has a default. */
void options_defaults(enum config_block block, void *base);
/* Line at which a block gives an option, 0 when it does not. */
unsigned options_given(const struct config_section *s, const char *name);
/* Note that it was given in another way, as if it stood in that line. */
void options_supply(struct config_section *s, const char *name, unsigned line);
/* Note that the option was complained about there, so that it does not count
 * as missing too. */
void options_refuse(struct config_section *s, const char *name);
/* True when it was. */
bool options_refused(const struct config_section *s, const char *name);

#endif
