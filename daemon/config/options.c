/* The table of every option.  The manual page keyrotd.conf(5) lists the same
 * names, ranges and defaults; the unit test holds the two together. */
#include "config/options.h"

#include <string.h>

#include "base/text.h"
#include "config/config.h"
#include "config/draft.h"
#include "config/value_address.h"
#include "config/value_id.h"
#include "config/value_name.h"
#include "config/value_number.h"
#include "config/value_rule.h"
#include "config/value_word.h"

#define TOP(name, type, min, max, def, field, help)                 \
	{                                                           \
		name, &value_##type, min, max, def,                 \
			offsetof(struct config, field), false, help \
	}
#define HIDDEN(name, type, max, field, help)                       \
	{                                                          \
		name, &value_##type, NULL, max, NULL,              \
			offsetof(struct config, field), true, help \
	}
#define CLOUD(name, type, max, field, help)                        \
	{                                                          \
		name, &value_##type, NULL, max, NULL,              \
			offsetof(struct cloud, field), false, help \
	}
#define CREDENTIAL(name, type, max, def, field, help)                  \
	{                                                              \
		name, &value_##type, NULL, max, def,                   \
			offsetof(struct credential, field), true, help \
	}
#define WATCH(name, type, min, max, def, field, help)                      \
	{                                                                  \
		name, &value_##type, min, max, def,                        \
			offsetof(struct config_watch_draft, field), false, \
			help                                               \
	}

#define RULE(name, type, min, max, def, field, help)                           \
	{                                                                      \
		name, &value_##type, min, max, def,                            \
			offsetof(struct config_rule_draft, field), false, help \
	}

#define LEASE(name, type, min, max, def, field, help)                      \
	{                                                                  \
		name, &value_##type, min, max, def,                        \
			offsetof(struct config_lease_draft, field), false, \
			help                                               \
	}

#define EVENTS(name, type, min, max, def, field, help)                      \
	{                                                                   \
		name, &value_##type, min, max, def,                         \
			offsetof(struct config_events_draft, field), false, \
			help                                                \
	}

/* A Unix socket's path has at most 107 bytes (unix(7)); "/io.keyrotd" is
 * added to this one. */
#define RUNTIME_MAX "96"

static const struct config_option top_options[] = {
	TOP("cloud", cloud, NULL, NULL, NULL, cloud.name,
	    "the built-in cloud that is talked to"),
	TOP("window", duration, "10m", "7d", "1h", window_ms,
	    "time from a key version taking effect to its verified adoption"),
	TOP("poll-interval", duration, "1s", "1h", "60s", poll_interval_ms,
	    "how often each key is read"),
	TOP("reread-interval", duration, "1s", "1d", "5m", reread_interval_ms,
	    "how old the last reading of a registry may be"),
	TOP("retirement-hold", duration, "0s", "90d", "24h", retirement_hold_ms,
	    "how long a version must be out of use before it counts as clear"),
	TOP("max-age", duration, "0s", "3650d", "0s", max_age_ms,
	    "how old a key's newest version may become; 0s: any age"),
	TOP("read-rotation-policy", switch, NULL, NULL, "true",
	    read_rotation_policy,
	    "whether each key's rotation policy is read, once a day"),
	TOP("log-level", level, NULL, NULL, "info", log_level,
	    "least severe messages that are logged"),
	TOP("state-directory", path, NULL, "4000", NULL, state_directory,
	    "where the saved state is kept"),
	TOP("runtime-directory", path, NULL, RUNTIME_MAX, NULL,
	    runtime_directory, "where the control socket is made"),
	TOP("admin-group", group, NULL, "64", NULL, admin_group,
	    "group whose members may change things over the socket"),
	HIDDEN("https-proxy", proxy, "1024", proxy,
	       "the proxy through which Azure is asked"),
	TOP("no-proxy", hosts, NULL, "255", NULL, proxy.without,
	    "hosts and networks that are asked without the proxy"),
	TOP("metrics-file", switch, NULL, NULL, "true", metrics_file,
	    "whether metrics.prom is kept in the state folder"),
	TOP("on-event", programs, NULL, "4000", NULL, on_event,
	    "programs that are run when something happens"),
	TOP("on-event-kinds", events, NULL, "32", NULL, event_kinds,
	    "kinds of events that they are run for"),
	TOP("max-requests", count, "1", "1000", "128", max_requests,
	    "requests in flight at once"),
	TOP("vault-rate", number, "0.001", "100000", "200", vault_rate,
	    "calls per second to one vault"),
	TOP("vault-burst", number, "1", "100000", "2000", vault_burst,
	    "calls that may go to one vault at once"),
	TOP("read-rate", number, "0.001", "100000", "12.5", read_rate,
	    "Resource Manager reads per second, per subscription"),
	TOP("read-burst", number, "1", "100000", "125", read_burst,
	    "Resource Manager reads at once, per subscription"),
	TOP("write-rate", number, "0.001", "100000", "5", write_rate,
	    "Resource Manager writes per second, per subscription"),
	TOP("write-burst", number, "1", "100000", "100", write_burst,
	    "Resource Manager writes at once, per subscription"),
	TOP("audit-max-size", size, "64K", "1G", "64M", audit_max_size,
	    "size of an audit file from which on a new one is begun"),
	TOP("audit-keep", duration, "1d", "3650d", "400d", audit_keep_ms,
	    "age from which on an audit file is removed"),
	TOP("audit-wait", duration, "0s", "60s", "5s", audit_wait_ms,
	    "how long a write waits until its record is on the disk"),
	TOP("audit-required", switch, NULL, NULL, "false", audit_required,
	    "whether a write without its record on the disk is not sent"),
	TOP("audit-sign-key", secret, NULL, "4000", NULL, audit_sign_key,
	    "where the key that signs the audit is read from"),
	TOP("lease", lease, NULL, "64", NULL, lease.name,
	    "lease block whose holder acts, for all that name none"),
	TOP("prefer", switch, NULL, NULL, NULL, lease.prefer,
	    "whether this daemon is to hold the leases when others live too"),
};

static const struct config_option cloud_options[] = {
	CLOUD("name", cloud, NULL, name,
	      "built-in profile that the other options start from"),
	CLOUD("authority", origin, "255", authority,
	      "where tokens are asked for"),
	CLOUD("resource-manager", origin, "255", resource_manager,
	      "where registries are read and changed"),
	CLOUD("resource-manager-audience", audience, "150", arm_audience,
	      "what tokens for Resource Manager are made out to"),
	CLOUD("vault-suffixes", suffixes, "100", vault_suffixes,
	      "host name endings that may see a vault token"),
	CLOUD("storage-suffixes", storage_suffixes, "100", storage_suffixes,
	      "host name endings that may see a token for Storage"),
	CLOUD("vault-audience", audience, "150", vault_audience,
	      "what tokens for Key Vault are made out to"),
	CLOUD("ca-file", path, "4000", ca_file,
	      "certificates to trust instead of the system's"),
	CLOUD("imds-endpoint", metadata, "255", imds_endpoint,
	      "the instance metadata service"),
	CLOUD("arc-key-directory", path, "200", arc_key_directory,
	      "where the key files of the Azure Arc agent are"),
	CLOUD("vault-api-version", api, "32", vault_api_version,
	      "api-version of Key Vault requests"),
	CLOUD("registry-api-version", api, "32", registry_api_version,
	      "api-version of Container Registry requests"),
	CLOUD("vault-resource-api-version", api, "32",
	      vault_resource_api_version,
	      "api-version of keys that are read through Resource Manager"),
};

static const struct config_option credential_options[] = {
	CREDENTIAL("type", kind, NULL, NULL, kind,
		   "how the daemon proves who it is"),
	CREDENTIAL("source", source, NULL, NULL, source,
		   "service that hands out a managed identity's tokens"),
	CREDENTIAL("client-id", guid, NULL, NULL, client_id,
		   "client id of the application or managed identity"),
	CREDENTIAL("object-id", guid, NULL, NULL, object_id,
		   "object id of the managed identity"),
	CREDENTIAL("resource-id", identity_id, "500", NULL, resource_id,
		   "resource id of the managed identity"),
	CREDENTIAL("tenant", tenant, "253", NULL, tenant,
		   "tenant of the application"),
	CREDENTIAL("allowed-tenants", tenants, NULL, NULL, allowed_tenants,
		   "further tenants that it may get tokens of"),
	CREDENTIAL("secret-file", secret, "4000", NULL, secret_file,
		   "where the client secret is read from"),
	CREDENTIAL("certificate-file", secret, "4000", NULL, secret_file,
		   "where the certificate and its key are read from"),
	CREDENTIAL("passphrase-file", secret, "4000", NULL, passphrase_file,
		   "where the passphrase of an encrypted key is read from"),
	CREDENTIAL("algorithm", algorithm, NULL, "PS256", algorithm,
		   "how the certificate's key signs"),
	CREDENTIAL("send-chain", switch, NULL, "false", send_chain,
		   "whether the certificates go with what is signed"),
	CREDENTIAL("token-file", secret, "4000", NULL, secret_file,
		   "where the federated token is read from"),
};

static const struct config_option watch_options[] = {
	WATCH("registries", registries, NULL, NULL, NULL, w,
	      "the registries that must follow the key"),
	WATCH("mode", mode, NULL, NULL, "follow", w.mode,
	      "what the daemon does about a new version"),
	WATCH("credential", name, NULL, "64", "default", credential,
	      "credential block to use"),
	WATCH("identity", identity, NULL, NULL, NULL, w.identity,
	      "identity with which the registries must read the key"),
	WATCH("read-key-via", via, NULL, NULL, "vault", w.via,
	      "which way the key is read"),
	WATCH("vault-resource", vault_id, NULL, "500", NULL, w.vault_resource,
	      "resource id of the key's vault, for Resource Manager"),
	WATCH("takeover", switch, NULL, NULL, "false", w.takeover,
	      "whether a registry on another key is moved to this one"),
	WATCH("canary", canary, NULL, NULL, "true", w.canary,
	      "whether, and which, registry goes first"),
	WATCH("max-age", duration, "0s", "3650d", NULL, w.max_age_ms,
	      "how old the newest version may become; 0s: any age"),
	WATCH("max-parallel", count, "1", "1000", "8", w.max_parallel,
	      "registries of this watch that move at the same time"),
	WATCH("lease", lease, NULL, "64", NULL, lease.name,
	      "lease block whose holder acts; none: this daemon, always"),
	WATCH("prefer", switch, NULL, NULL, NULL, lease.prefer,
	      "whether this daemon is to hold that lease when others live too"),
};

static const struct config_option rule_options[] = {
	RULE("scope", places, NULL, "511", NULL, r,
	     "subscriptions and resource groups in which registries are found"),
	RULE("credential", name, NULL, "64", "default", credential,
	     "credential block to use"),
	RULE("mode", mode, NULL, NULL, "follow", r.mode,
	     "what the daemon does about a new version"),
	RULE("key-pattern", key_pattern, NULL, "511", NULL, r.key_pattern,
	     "identifiers of the keys whose registries are watched"),
	RULE("exclude", exclude, NULL, "511", NULL, r,
	     "registries that are left out"),
	RULE("tags", tags, NULL, "511", NULL, r,
	     "tags that a registry must have"),
	RULE("max-registries", count, "1", "100000", "1000", r.max_registries,
	     "registries that are watched by this rule at most"),
	RULE("lease", lease, NULL, "64", NULL, lease.name,
	     "lease block whose holder acts; none: this daemon, always"),
	RULE("prefer", switch, NULL, NULL, NULL, lease.prefer,
	     "whether this daemon is to hold that lease when others live too"),
};

static const struct config_option lease_options[] = {
	LEASE("url", blob, NULL, "1023", NULL, l.url,
	      "the blob whose lease tells who acts"),
	LEASE("credential", name, NULL, "64", "default", credential,
	      "credential block to use"),
	LEASE("duration", duration, "15s", "60s", "30s", l.duration_ms,
	      "how long the lease lasts when nobody renews it"),
};

static const struct config_option events_options[] = {
	EVENTS("queue", queue, NULL, "400", NULL, e.queue,
	       "queue of Azure Storage that Event Grid delivers to"),
	EVENTS("credential", name, NULL, "64", "default", credential,
	       "credential block to use"),
	EVENTS("max-wait", duration, "1s", "10m", "30s", e.max_wait_ms,
	       "longest time between two looks into an empty queue"),
};

#define OPTIONS(table) table, sizeof(table) / sizeof(table[0])

static const struct {
	const char *name;
	const struct config_option *options;
	size_t n;
} blocks[CONFIG_BLOCKS] = {
	[CONFIG_TOP] = { "top level", OPTIONS(top_options) },
	[CONFIG_CLOUD] = { "cloud", OPTIONS(cloud_options) },
	[CONFIG_CREDENTIAL] = { "credential", OPTIONS(credential_options) },
	[CONFIG_WATCH] = { "watch", OPTIONS(watch_options) },
	[CONFIG_RULE] = { "discover", OPTIONS(rule_options) },
	[CONFIG_LEASE] = { "lease", OPTIONS(lease_options) },
	[CONFIG_EVENTS] = { "events", OPTIONS(events_options) },
};

const struct config_option *options_of(enum config_block block, size_t *n)
{
	*n = blocks[block].n;
	return blocks[block].options;
}

const struct config_option *options_find(enum config_block block,
					 const char *name)
{
	for (size_t i = 0; i < blocks[block].n; i++) {
		if (!strcmp(blocks[block].options[i].name, name))
			return &blocks[block].options[i];
	}
	return NULL;
}

const char *options_block_name(enum config_block block)
{
	return blocks[block].name;
}

enum config_block options_block_find(const char *name)
{
	enum config_block b = CONFIG_BLOCKS;

	while (--b != CONFIG_TOP) {
		if (!strcmp(blocks[b].name, name))
			break;
	}
	return b;
}

/* The names under which others keep a secret. */
static const char *const secret_words[] = { "client-secret", "secret",
					    "secret-value", "password",
					    "app-secret" };

/* Underscores are what other tools have in place of our hyphens. */
static bool same_word(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		if (*a != *b && (*a != '_' || *b != '-'))
			return false;
	}
	return *a == *b;
}

const char *options_meant(enum config_block block, const char *word,
			  const char **advice)
{
	*advice = "a secret never stands in this file: put it into a file that "
		  "only the daemon's user may read, and write secret-file = "
		  "\"/PATH\"";
	for (size_t i = 0; block == CONFIG_CREDENTIAL &&
			   i < sizeof(secret_words) / sizeof(secret_words[0]);
	     i++) {
		if (same_word(word, secret_words[i]))
			return "secret-file";
	}
	return NULL;
}

const char *options_near(enum config_block block, const char *name)
{
	const char *best = NULL;
	unsigned least = 64, d;
	char low[64];

	if (!text_copy(low, sizeof(low), name))
		return NULL;
	text_lower(low);
	for (size_t i = 0; i < blocks[block].n; i++) {
		d = text_distance(low, blocks[block].options[i].name);
		if (d < least) {
			least = d;
			best = blocks[block].options[i].name;
		}
	}
	for (int i = CONFIG_TOP + 1; block == CONFIG_TOP && i < CONFIG_BLOCKS;
	     i++) {
		d = text_distance(low, blocks[i].name);
		if (d < least) {
			least = d;
			best = blocks[i].name;
		}
	}
	return best && value_is_near(least, name) ? best : NULL;
}

void options_defaults(enum config_block block, void *base)
{
	const struct config_option *o = blocks[block].options;
	struct fault why;

	for (size_t i = 0; i < blocks[block].n; i++) {
		if (o[i].def)
			value_read(&o[i], o[i].def, 0, base, &why);
	}
}

unsigned options_given(const struct config_section *s, const char *name)
{
	const struct config_option *o = options_find(s->block, name);

	return s->lines[o - blocks[s->block].options];
}

void options_supply(struct config_section *s, const char *name, unsigned line)
{
	const struct config_option *o = options_find(s->block, name);

	s->lines[o - blocks[s->block].options] = line;
}

void options_refuse(struct config_section *s, const char *name)
{
	const struct config_option *o = options_find(s->block, name);

	s->refused |= 1u << (o - blocks[s->block].options);
}

bool options_refused(const struct config_section *s, const char *name)
{
	const struct config_option *o = options_find(s->block, name);

	return s->refused & 1u << (o - blocks[s->block].options);
}
