/*
 * draft: what is being built while the files are read: blocks as they were
 * written, before anything can be said of the whole.
 *
 * config_parse() owns the one struct config_build and everything that hangs on
 * it; parse fills it, check moves what is good into its config.
 */
#ifndef KEYROTD_CONFIG_DRAFT_H
#define KEYROTD_CONFIG_DRAFT_H

#include "azure/credential.h"
#include "config/options.h"
#include "config/problem.h"

struct config_watch_draft {
	struct config_section section;
	struct config_watch w;
	char *credential;
	struct config_lease_choice lease;
	char *canary;	 /* not a truth value: name or id */
	unsigned *lines; /* of each registry */
	bool known;	 /* w.key could be parsed */
};

struct config_credential_draft {
	struct config_section section;
	struct credential c;
	bool unnamed; /* its title was complained about; c.name is "" */
};

struct config_rule_draft {
	struct config_section section;
	struct config_rule r;
	char *credential;
	struct config_lease_choice lease;
	bool unnamed; /* its title was complained about */
};

struct config_lease_draft {
	struct config_section section;
	struct config_lease l;
	char *credential;
	bool unnamed; /* its title was complained about */
	bool used;    /* something is under it */
	/* Who says first whether it is preferred; NULL: nobody. */
	const struct config_section *said;
	bool torn; /* others say otherwise, which was complained about */
};

struct config_events_draft {
	struct config_section section;
	struct config_events e;
	char *credential;
	bool unnamed; /* its title was complained about */
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
	const char *cloud_by; /* the variable that chose the cloud; NULL:
				     none did */
	const struct config_host *host; /* NULL: nothing is looked at */
	void *host_arg;
	struct config_section top, cloud_section;
	struct cloud cloud; /* what the cloud block says */
	struct config_watch_draft *watches;
	size_t n_watches;
	struct config_rule_draft *rules;
	size_t n_rules;
	struct config_lease_draft *leases;
	size_t n_leases;
	struct config_events_draft *events;
	size_t n_events;
	struct config_credential_draft *credentials;
	size_t n_credentials;
	struct config_name *credential_names; /* sorted */
	struct config_name *lease_names;      /* sorted */
};

#endif
