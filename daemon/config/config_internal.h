/*
 * config_internal: what the config*.c files share; nobody else includes it,
 * except the unit test, which holds the option table against the manual.
 *
 *   config_options.c  the table: every option, its type, range, default, help
 *   config_value.c    one value of one type
 *   config_lex.c      characters and tokens; config_scan.c statements: every
 *                     mistake of form, with its line, before libConfuse runs
 *   config_read.c     libConfuse over the scanned copy: values into drafts
 *   config_check.c    what only the whole can tell; drafts into the result
 *   config_problem.c  the list of mistakes
 *   config.c          the public functions
 *
 * Everything hangs on one struct config_build, owned by config_parse().
 */
#ifndef KEYROTD_CONFIG_CONFIG_INTERNAL_H
#define KEYROTD_CONFIG_CONFIG_INTERNAL_H

#include "config/config.h"

#define CONFIG_VALUE_MAX 4096	 /* bytes of one value */
#define CONFIG_PROBLEMS_MAX 1000 /* listed; the rest is counted */
#define CONFIG_BLOCK_OPTIONS_MAX 16

/* What stands where a value was that has been complained about already.  A
 * control character, so no file can hold it. */
#define CONFIG_MARK '\001'

enum config_block {
	CONFIG_TOP,
	CONFIG_CLOUD,
	CONFIG_CREDENTIAL,
	CONFIG_WATCH,
	CONFIG_BLOCKS
};

struct config_option;
struct config_name;

/* A kind of value: how it is read and what a person is told it may be. */
struct config_type {
	const char *name;
	const char *accepts;
	bool list;
	/* Read text into *at; false when it is none, with a line in *why or
	 * that line empty when `accepts` says it all. */
	bool (*read)(const struct config_option *o, const char *text, void *at,
		     struct fault *why);
};

struct config_option {
	enum config_block block;
	const char *name;
	const struct config_type *type;
	const char *min, *max; /* as text; only max: bytes of a string */
	const char *def;       /* as text; NULL: none */
	size_t offset;	       /* into what the block is read into */
	const char *help;
};

/* config_options.c */
/* The options of a block, in the order of the manual. */
const struct config_option *config_options(enum config_block block, size_t *n);
const struct config_option *config_option_find(enum config_block block,
					       const char *name);
const char *config_block_name(enum config_block block); /* "watch" */
enum config_block config_block_find(const char *name);	/* CONFIG_TOP: none */
/* The known name (option or, at the top, block) closest to a mistyped one;
 * NULL when none is close. */
const char *config_option_near(enum config_block block, const char *name);
/* True when b, at distance d from a mistyped name, is worth proposing. */
bool config_near(unsigned d, const char *name);

/* config_value.c */
extern const struct config_type config_type_duration, config_type_number,
	config_type_count, config_type_switch, config_type_level,
	config_type_path, config_type_group, config_type_cloud,
	config_type_origin, config_type_metadata, config_type_audience,
	config_type_suffixes, config_type_api, config_type_kind,
	config_type_guid, config_type_identity_id, config_type_tenant,
	config_type_secret, config_type_registries, config_type_mode,
	config_type_name, config_type_identity, config_type_canary;
/* Read one value; false with the whole complaint in *why. */
bool config_value_read(const struct config_option *o, const char *text,
		       void *base, struct fault *why);
/* Set every option of a block that has a default. */
void config_value_defaults(enum config_block block, void *base);

/* A block as the scan found it. */
struct config_section {
	enum config_block block;
	unsigned source;
	unsigned line; /* of its name */
	/* Line of each option given, by its place in the block's table; 0: not
	 * given. */
	unsigned lines[CONFIG_BLOCK_OPTIONS_MAX];
	unsigned refused; /* the same as bits: a value was complained about */
};

struct config_watch_draft {
	struct config_watch w;
	char *credential;
	char *canary;	 /* not a truth value: name or id */
	unsigned *lines; /* of each registry */
	unsigned line;	 /* of the value being read */
	size_t section;
	bool known; /* w.key could be parsed */
};

struct config_credential_draft {
	struct credential c;
	size_t section;
};

struct config_mistake {
	unsigned source, line;
	size_t seq;
	char *text;
};

struct config_build {
	const struct config_source *sources;
	size_t n_sources;
	struct config *config;
	struct cloud cloud;   /* what the cloud block says */
	size_t cloud_section; /* SIZE_MAX: none */
	bool broken;	      /* braces do not match: do not read values */
	struct config_section top;
	struct config_section *sections;
	size_t n_sections;
	struct config_watch_draft *watches;
	size_t n_watches;
	struct config_credential_draft *credentials;
	size_t n_credentials;
	struct config_name *credential_names; /* sorted */
	struct config_mistake *mistakes;
	size_t n_mistakes;
	size_t unlisted;
};

/* config_problem.c */
void config_mistake(struct config_build *b, unsigned source, unsigned line,
		    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Report all, sorted by file and line, and forget them; true when any. */
bool config_mistakes_report(struct config_build *b, config_problem *problem,
			    void *arg);

/* config_scan.c */
/* Find every mistake of form in a source and list its blocks.  Returns a copy
 * of the text in which comments and refused statements are blank: same
 * length, same lines, and free of what libConfuse stumbles over.  NULL when
 * its values cannot be read. */
char *config_scan(struct config_build *b, unsigned source);

/* config_read.c */
/* Hand the copy to libConfuse; its first block is b->sections[first]. */
void config_read(struct config_build *b, unsigned source, const char *text,
		 size_t first);

/* config_check.c */
/* Complain about what only the whole can tell; without any mistake, move all
 * drafts into b->config. */
void config_check(struct config_build *b);

/* config_check_watch.c, config_check_credential.c */
void config_check_watch(struct config_build *b, struct config_watch_draft *d);
void config_check_credential(struct config_build *b,
			     const struct config_credential_draft *d);
/* Line at which a block gives an option, 0 when it does not. */
unsigned config_given(const struct config_section *s, const char *option);
/* True when a value of the option was complained about. */
bool config_refused(const struct config_section *s, const char *option);

/*
 * config_unique.c: things that may stand only once, compared without case.
 */
struct config_name {
	const char *text;
	unsigned source, line;
	uint64_t hash; /* these two are filled by config_unique */
	size_t order;
};
/* Sort the names and complain about each that was there before; `what` is
 * put in front of it ("registry"). */
void config_unique(struct config_build *b, struct config_name *names, size_t n,
		   const char *what);
/* Find a text among sorted names: its place before sorting, or SIZE_MAX. */
size_t config_unique_find(const struct config_name *names, size_t n,
			  const char *text);

/* An array that grows one by one: room for one more after n elements. */
void *config_grow(void *array, size_t n, size_t size);

#endif
