/*
 * config_internal: what the files of config/ share; nobody else includes it,
 * except the unit test, which holds the option table against the manual.
 *
 * From bottom to top; each calls only those above it in this list:
 *
 *   problem          the list of complaints
 *   value            the text of one value -> the value
 *   options          the table: every option, its type, range, default, help
 *   lex              characters and tokens (lex.h)
 *   parse            statements: values into drafts, blocks by the table
 *   check_unique     names that may stand only once
 *   check_credential, check_watch, check
 *                    what only the whole can tell; drafts into the result
 *   config           the public functions
 *
 * Everything hangs on one struct config_build, owned by config_parse().
 */
#ifndef KEYROTD_CONFIG_CONFIG_INTERNAL_H
#define KEYROTD_CONFIG_CONFIG_INTERNAL_H

#include "config/config.h"

#include "azure/credential.h"
#include "base/text.h"

#define CONFIG_VALUE_MAX 4096	 /* bytes of one value, quotes included */
#define CONFIG_PROBLEMS_MAX 1000 /* listed; the rest is counted */
#define CONFIG_BLOCK_OPTIONS_MAX 16

enum config_block {
	CONFIG_TOP,
	CONFIG_CLOUD,
	CONFIG_CREDENTIAL,
	CONFIG_WATCH,
	CONFIG_BLOCKS
};

/* An array that grows one by one: room for one more after n elements.  It is
 * doubled at every power of two, so that the count is all that is kept. */
static inline void *config_grow(void *array, size_t n, size_t size)
{
	if (n & (n - 1))
		return array;
	return text_realloc(array, n ? 2 * n : 1, size);
}

/* --- problem ------------------------------------------------------------ */

struct problem {
	enum config_severity severity;
	unsigned source, line;
	size_t order; /* of finding */
	char *text;
};

/* At most CONFIG_PROBLEMS_MAX mistakes are kept, the first that are found, and
 * as many warnings and notes, which never take a mistake's place. */
struct problems {
	const struct config_source *sources;
	struct problem *list;
	size_t n;
	size_t mistakes, unlisted; /* all of them; those of them not kept */
	size_t remarks, unlisted_remarks;
};

/* Complain about a mistake: one line of printf-style text. */
void problem_add(struct problems *p, unsigned source, unsigned line,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same for a warning or a note. */
void problem_remark(struct problems *p, enum config_severity severity,
		    unsigned source, unsigned line, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* Hand out all in the order of files and lines, and forget them; true when
 * there was a mistake. */
bool problem_report(struct problems *p, config_problem *say, void *arg);

/* --- value -------------------------------------------------------------- */

struct config_option;

/* One value on its way from its text into what its block is read into. */
struct config_value {
	const struct config_option *option;
	const char *text;
	unsigned line;
	void *base; /* what the block is read into */
	void *at;   /* the option's place in it */
	struct fault *why;
};

/* A kind of value: how it is read and what a person is told it may be. */
struct config_type {
	const char *accepts;
	bool list;
	/* False when the text is no such value, with a line in *why, or that
	 * line empty when `accepts` says it all. */
	bool (*read)(const struct config_value *v);
	const char *const *words; /* by their number, ended by NULL */
	const char *chars;	  /* what a text may be made of, */
	char not_first;		  /* and what it may not begin with */
};

struct config_option {
	const char *name;
	const struct config_type *type;
	const char *min, *max; /* as text; only max: bytes of a string */
	const char *def;       /* as text; NULL: none */
	size_t offset;	       /* into what the block is read into */
	bool secret;	       /* what was written is never repeated */
	const char *help;
};

extern const struct config_type value_duration, value_number, value_count,
	value_switch, value_level, value_path, value_group, value_cloud,
	value_origin, value_metadata, value_audience, value_suffixes, value_api,
	value_kind, value_guid, value_identity_id, value_tenant, value_secret,
	value_registries, value_mode, value_name, value_identity, value_canary;

/* True when a name at distance d from a mistyped one is worth proposing. */
bool value_is_near(unsigned d, const char *mistyped);

/* Read one value of an option into base; false with the whole complaint in
 * *why.  A value that is read again replaces the first, or is added to it in
 * a list. */
bool value_read(const struct config_option *o, const char *text, unsigned line,
		void *base, struct fault *why);

/* --- options ------------------------------------------------------------ */

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
/* Note that the option was complained about there, so that it does not count
 * as missing too. */
void options_refuse(struct config_section *s, const char *name);
/* True when it was. */
bool options_refused(const struct config_section *s, const char *name);

/* --- what is being built ------------------------------------------------ */

struct config_watch_draft {
	struct config_section section;
	struct config_watch w;
	char *credential;
	char *canary;	 /* not a truth value: name or id */
	unsigned *lines; /* of each registry */
	bool known;	 /* w.key could be parsed */
};

struct config_credential_draft {
	struct config_section section;
	struct credential c;
	bool unnamed; /* its title was complained about; c.name is "" */
};

/* A thing that may stand only once. */
struct config_name {
	const char *text;
	const char *shown; /* in complaints; NULL: text */
	unsigned source, line;
	uint64_t hash; /* these two are filled by check_unique() */
	size_t order;
};

struct config_build {
	const struct config_source *sources;
	size_t n_sources;
	struct problems problems;
	struct config *config;
	bool broken;   /* braces or comments do not match in some file, or it
			  could not be read */
	unsigned lost; /* kinds of blocks, as bits, of which some was passed
			  over */
	bool all_elsewhere; /* every vault is of one other built-in cloud; */
	bool elsewhere_told;
	config_look *look; /* NULL: nothing is looked at */
	void *look_arg;
	struct config_section top, cloud_section;
	struct cloud cloud; /* what the cloud block says */
	struct config_watch_draft *watches;
	size_t n_watches;
	struct config_credential_draft *credentials;
	size_t n_credentials;
	struct config_name *credential_names; /* sorted */
};

/* --- parse -------------------------------------------------------------- */

/* Read one source: its settings into b->config and b->cloud, its blocks into
 * drafts.  Every mistake of form and of values is told. */
void parse_source(struct config_build *b, unsigned source);

/* --- check -------------------------------------------------------------- */

/* Sort the names and complain about each that was there before, compared
 * without case; "" is no name.  `what` is put in front of it ("registry"). */
void check_unique(struct problems *p, struct config_name *names, size_t n,
		  const char *what);
/* Find a text among sorted names: its place before sorting, or SIZE_MAX. */
size_t check_unique_find(const struct config_name *names, size_t n,
			 const char *text);
/* The options that a credential needs, and those that are not for it. */
void check_credential(struct problems *p,
		      const struct config_credential_draft *d);
/* What a watch block says as a whole; b->credential_names are there. */
void check_watch(struct config_build *b, struct config_watch_draft *d);
/* Complain about what only the whole can tell; without any problem, move all
 * drafts into b->config. */
void check_all(struct config_build *b);

#endif
