/* One of a few words, by the tables of them. */
#include "config/value_word.h"

#include "azure/cloud.h"
#include "azure/credential.h"
#include "base/log.h"
#include "base/text.h"
#include "config/draft.h"
#include "config/event.h"
#include "config/value_text.h"

static const char *const switches[] = { "false", "true", "no", "yes",
					"off",	 "on",	 NULL };
static const char *const kinds[] = {
	[CREDENTIAL_MANAGED_IDENTITY] = "managed-identity",
	[CREDENTIAL_CLIENT_SECRET] = "client-secret",
	[CREDENTIAL_CLIENT_CERTIFICATE] = "client-certificate",
	[CREDENTIAL_WORKLOAD_IDENTITY] = "workload-identity",
	[CREDENTIAL_ENVIRONMENT] = "environment",
	NULL
};
static const char *const algorithms[] = {
	[CREDENTIAL_PS256] = "PS256", [CREDENTIAL_RS256] = "RS256", NULL
};
static const char *const identity_sources[] = { [IDENTITY_AUTO] = "auto",
						[IDENTITY_IMDS] = "imds",
						[IDENTITY_APP_SERVICE] =
							"app-service",
						[IDENTITY_ARC] = "arc",
						NULL };
static const char *const modes[] = { [WATCH_OBSERVE] = "observe",
				     [WATCH_FOLLOW] = "follow",
				     [WATCH_PIN] = "pin",
				     NULL };

static const char *const ways[] = { [CONFIG_VIA_VAULT] = "vault",
				    [CONFIG_VIA_ARM] = "resource-manager",
				    [CONFIG_VIA_AUTO] = "auto",
				    NULL };

static const char *const levels[] = { "error", "warning", "notice",
				      "info",  "debug",	  NULL };
static const char *const clouds[] = { "public", "china", "usgov", NULL };

static int find_word(const struct config_value *v, const char *const *words)
{
	for (int i = 0; words[i]; i++) {
		if (text_same(words[i], v->text))
			return i;
	}
	return -1;
}

static bool read_switch(const struct config_value *v)
{
	int i = find_word(v, switches);

	if (i >= 0)
		*(bool *)v->at = i % 2;
	return i >= 0;
}

/* Named twice is as good as once. */
static bool read_events(const struct config_value *v)
{
	const char *before = *(char **)v->at;
	int i = find_word(v, event_words);

	if (i < 0)
		return false;
	return (before && event_chosen(before, event_words[i])) ||
	       value_text_add(v->at, event_words[i], ',');
}

/* Into an enum that counts as the words do. */
static bool read_word(const struct config_value *v)
{
	int i = find_word(v, v->option->type->words);

	if (i >= 0)
		*(unsigned *)v->at = (unsigned)i;
	return i >= 0;
}

static bool read_level(const struct config_value *v)
{
	int level = log_level_parse(v->text);

	if (level >= 0)
		*(int *)v->at = level;
	return level >= 0;
}

/* A name is kept until all registries of the watch are known. */
static bool read_canary(const struct config_value *v)
{
	struct config_watch_draft *d = v->base;

	if (read_switch(v))
		return true;
	d->w.canary = true;
	return *v->text && value_text_keep(&d->canary, v->text);
}

static bool read_cloud(const struct config_value *v)
{
	struct cloud profile = { 0 };
	bool known = cloud_profile(&profile, v->text);

	cloud_free(&profile);
	return known && value_text_keep(v->at, v->text);
}

const struct config_type value_switch = { .accepts = "true or false",
					  .read = read_switch,
					  .words = switches };
const struct config_type value_level = { .read = read_level, .words = levels };
const struct config_type value_kind = { .read = read_word, .words = kinds };
const struct config_type value_algorithm = { .read = read_word,
					     .words = algorithms };
const struct config_type value_source = { .read = read_word,
					  .words = identity_sources };
const struct config_type value_mode = { .read = read_word, .words = modes };
const struct config_type value_via = { .read = read_word, .words = ways };
const struct config_type value_canary = {
	.accepts = "true, false, or the name or id of one registry of this "
		   "watch",
	.read = read_canary
};
const struct config_type value_cloud = { .read = read_cloud, .words = clouds };
const struct config_type value_events = {
	.accepts = "kinds of events such as \"overdue\", which keyrotd.conf(5) "
		   "lists, or \"all\"",
	.list = true,
	.read = read_events,
	.words = event_words
};
