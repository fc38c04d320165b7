/*
 * check_cloud: which cloud the daemon talks to, and that it is one.
 *
 * The draft of the cloud block becomes the config's cloud, which takes its
 * strings over.
 */
#ifndef KEYROTD_CONFIG_CHECK_CLOUD_H
#define KEYROTD_CONFIG_CHECK_CLOUD_H

#include "config/draft.h"

/*
 * The profile that is named, as a setting or in the cloud block, with what the
 * block says put over it.  A setting beside a block is a mistake, and so is a
 * cloud with hosts of several built-in ones: a token of one would be shown to
 * another.
 */
void check_cloud(struct config_build *b);

/* True when what the file says of the cloud was complained about, so that
 * nothing else is held against it. */
bool check_cloud_doubtful(const struct config_build *b);

/* Complain that the vault of a watch is none of the cloud in force. */
void check_cloud_vault(struct config_build *b,
		       const struct config_watch_draft *d);

/* The services of a storage account that are asked, as their hosts name
 * them. */
#define CHECK_CLOUD_BLOB "blob"
#define CHECK_CLOUD_QUEUE "queue"

/* Complain that the URL of an option is none of that service in the cloud in
 * force: whoever is sent a token of Storage has to be one. */
void check_cloud_storage(struct config_build *b, const struct config_section *s,
			 const char *option, const char *url,
			 const char *service);

#endif
