/* What only the whole can tell, and the drafts' way into the result. */
#include "config/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure/resid.h"
#include "base/text.h"
#include "config/check_cloud.h"
#include "config/check_credential.h"
#include "config/check_events.h"
#include "config/check_lease.h"
#include "config/check_proxy.h"
#include "config/check_rule.h"
#include "config/check_unique.h"
#include "config/check_watch.h"
#include "config/environment.h"

/* As it is written in the file: "2m30s". */
static void print_duration(char *dst, size_t size, int64_t ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "d", 86400000 },
		      { "h", 3600000 },
		      { "m", 60000 },
		      { "s", 1000 },
		      { "ms", 1 } };
	size_t len = 0;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (ms < units[i].ms)
			continue;
		len += (size_t)snprintf(dst + len, size - len, "%" PRId64 "%s",
					ms / units[i].ms, units[i].unit);
		ms %= units[i].ms;
	}
}

static void check_credentials(struct config_build *b)
{
	struct config_name *names =
		text_alloc(b->n_credentials, sizeof(*names));

	for (size_t i = 0; i < b->n_credentials; i++) {
		const struct config_credential_draft *d = &b->credentials[i];
		const struct config_section *s = &d->section;

		check_credential(&b->problems, d);
		if (i == CONFIG_CREDENTIALS_MAX)
			problem_add(&b->problems, s->source, s->line,
				    "at most %d credentials are allowed.",
				    CONFIG_CREDENTIALS_MAX);
		names[i] = (struct config_name){ .text = d->c.name,
						 .source = s->source,
						 .line = s->line };
	}
	check_unique(&b->problems, names, b->n_credentials, "credential");
	b->credential_names = names;
}

static void check_keys(struct config_build *b)
{
	struct config_name *names = text_alloc(b->n_watches, sizeof(*names));
	char *texts = text_alloc(b->n_watches, KEYID_TEXT_MAX), *text = texts;
	size_t n = 0;

	for (size_t i = 0; i < b->n_watches; i++) {
		const struct config_watch_draft *d = &b->watches[i];

		if (!d->known)
			continue;
		keyid_print(&d->w.key, text, KEYID_TEXT_MAX);
		names[n++] = (struct config_name){ .text = text,
						   .source = d->section.source,
						   .line = d->section.line };
		text += strlen(text) + 1;
	}
	check_unique(&b->problems, names, n, "key");
	free(texts);
	free(names);
}

static void check_registries(struct config_build *b)
{
	size_t all = b->config->n_registries, n = 0;
	struct config_name *names = text_alloc(all, sizeof(*names));
	char *texts = text_alloc(all, RESID_IDENTITY_MAX);

	for (size_t i = 0; i < b->n_watches; i++) {
		const struct config_watch_draft *d = &b->watches[i];

		for (size_t k = 0; k < d->w.n_registries; k++) {
			char *text = texts + n * RESID_IDENTITY_MAX;

			resid_identity(d->w.registries[k].id, text,
				       RESID_IDENTITY_MAX);
			names[n++] = (struct config_name){
				.text = text,
				.shown = d->w.registries[k].id,
				.source = d->section.source,
				.line = d->lines[k]
			};
		}
	}
	check_unique(&b->problems, names, n, "registry");
	free(texts);
	free(names);
}

/* A new version is noticed at the next poll, and what is left of the window
 * has to be enough for the move and for what may go wrong with it. */
static void check_times(struct config_build *b)
{
	const struct config *c = b->config;
	int64_t most = c->window_ms / 4;
	char text[64];

	if (c->poll_interval_ms <= most || options_refused(&b->top, "window") ||
	    options_refused(&b->top, "poll-interval"))
		return;
	print_duration(text, sizeof(text), most);
	problem_add(&b->problems, 0, options_given(&b->top, "poll-interval"),
		    "'poll-interval' may be at most a quarter of 'window', or "
		    "too little of it is left when a new version is noticed: "
		    "write at most %s, or lengthen 'window'.",
		    text);
}

/* True when every vault is of one built-in cloud, and that not the one in
 * use. */
static bool all_elsewhere(const struct config_build *b)
{
	const char *cloud = NULL, *other;

	for (size_t i = 0; i < b->n_watches; i++) {
		const struct config_watch_draft *d = &b->watches[i];

		if (!d->known)
			continue;
		other = cloud_of_vault(d->w.key.host);
		if (!other || (cloud && !text_same(cloud, other)) ||
		    cloud_has_vault(&b->config->cloud, d->w.key.host))
			return false;
		cloud = other;
	}
	return true;
}

/* --- what is named on this machine --------------------------------------- */

static void look_at(struct config_build *b, enum config_thing thing,
		    const char *name, const struct credential *credential,
		    unsigned source, unsigned line)
{
	enum config_severity severity = CONFIG_WARNING;
	struct fault why = fault_none();

	if (name && !b->host->look(thing, name, credential, &severity, &why,
				   b->host_arg))
		problem_remark(&b->problems, severity, source, line, "%s%s",
			       why.text, text_stop(why.text));
}

static void look_at_credential(struct config_build *b,
			       const struct config_credential_draft *d)
{
	const struct config_section *s = &d->section;
	const char *passphrase = "passphrase-file", *file = "certificate-file";

	switch (d->c.kind) {
	case CREDENTIAL_CLIENT_SECRET:
		look_at(b, CONFIG_SECRET_FILE, d->c.secret_file, &d->c,
			s->source, options_given(s, "secret-file"));
		break;
	case CREDENTIAL_CLIENT_CERTIFICATE:
		look_at(b, CONFIG_SECRET_FILE, d->c.secret_file, &d->c,
			s->source, options_given(s, file));
		look_at(b, CONFIG_SECRET_FILE, d->c.passphrase_file, &d->c,
			s->source, options_given(s, passphrase));
		look_at(b, CONFIG_CERTIFICATE, d->c.secret_file, &d->c,
			s->source, options_given(s, file));
		break;
	case CREDENTIAL_WORKLOAD_IDENTITY:
		look_at(b, CONFIG_TOKEN_FILE, d->c.secret_file, &d->c,
			s->source, options_given(s, "token-file"));
		break;
	default:
		break;
	}
}

static void look_all(struct config_build *b)
{
	if (!b->host || !b->host->look)
		return;
	for (size_t i = 0; i < b->n_sources; i++) {
		if (!b->sources[i].fault)
			look_at(b, CONFIG_FILE, b->sources[i].name, NULL,
				(unsigned)i, 0);
	}
	look_at(b, CONFIG_GROUP, b->config->admin_group, NULL, 0,
		options_given(&b->top, "admin-group"));
	look_at(b, CONFIG_CA_FILE, b->config->cloud.ca_file, NULL, 0,
		options_given(&b->cloud_section, "ca-file"));
	if (b->config->proxy.password && options_given(&b->top, "https-proxy"))
		look_at(b, CONFIG_PASSWORD, b->sources[0].name, NULL, 0,
			options_given(&b->top, "https-proxy"));
	for (size_t i = 0; i < b->config->n_on_event; i++)
		look_at(b, CONFIG_PROGRAM, b->config->on_event[i], NULL, 0,
			options_given(&b->top, "on-event"));
	look_at(b, CONFIG_SECRET_FILE, b->config->audit_sign_key, NULL, 0,
		options_given(&b->top, "audit-sign-key"));
	look_at(b, CONFIG_SIGN_KEY, b->config->audit_sign_key, NULL, 0,
		options_given(&b->top, "audit-sign-key"));
	for (size_t i = 0; i < b->n_credentials; i++)
		look_at_credential(b, &b->credentials[i]);
}

/* --- into the result ------------------------------------------------------ */

static void take_credentials(struct config_build *b)
{
	struct config *c = b->config;
	size_t n = b->n_credentials ? b->n_credentials : 1;

	c->credentials = text_alloc(n, sizeof(*c->credentials));
	c->n_credentials = n;
	for (size_t i = 0; i < b->n_credentials; i++)
		c->credentials[i] = b->credentials[i].c;
	if (!b->n_credentials)
		c->credentials[0] = (struct credential){
			.name = text_dup("default"),
			.kind = CREDENTIAL_MANAGED_IDENTITY
		};
	b->n_credentials = 0;
}

static void take_watches(struct config_build *b)
{
	struct config *c = b->config;

	c->watches = text_alloc(b->n_watches, sizeof(*c->watches));
	c->n_watches = b->n_watches;
	for (size_t i = 0; i < b->n_watches; i++) {
		struct config_watch *w = &c->watches[i];

		*w = b->watches[i].w;
		/* The array was doubled as it grew: give back the rest. */
		w->registries = text_realloc(w->registries, w->n_registries,
					     sizeof(*w->registries));
		b->watches[i].w = (struct config_watch){ .title = NULL };
	}
}

static void take_rules(struct config_build *b)
{
	struct config *c = b->config;

	c->rules = text_alloc(b->n_rules, sizeof(*c->rules));
	c->n_rules = b->n_rules;
	for (size_t i = 0; i < b->n_rules; i++)
		c->rules[i] = b->rules[i].r;
	for (size_t i = 0; i < b->n_rules; i++)
		b->rules[i].r = (struct config_rule){ .name = NULL };
}

static void take_leases(struct config_build *b)
{
	struct config *c = b->config;

	c->leases = text_alloc(b->n_leases, sizeof(*c->leases));
	c->n_leases = b->n_leases;
	for (size_t i = 0; i < b->n_leases; i++) {
		c->leases[i] = b->leases[i].l;
		b->leases[i].l = (struct config_lease){ .name = NULL };
	}
}

static void take_events(struct config_build *b)
{
	struct config *c = b->config;

	c->events = text_alloc(b->n_events, sizeof(*c->events));
	c->n_events = b->n_events;
	for (size_t i = 0; i < b->n_events; i++)
		c->events[i] = b->events[i].e;
	for (size_t i = 0; i < b->n_events; i++)
		b->events[i].e = (struct config_events){ .name = NULL };
}

void check_all(struct config_build *b)
{
	environment_apply(b);
	check_cloud(b);
	check_proxy(b);
	look_all(b);
	check_times(b);
	/* Half a file would make the other half look wrong. */
	if (b->broken)
		return;
	check_credentials(b);
	check_leases(b);
	b->all_elsewhere = all_elsewhere(b);
	for (size_t i = 0; i < b->n_watches; i++) {
		b->config->n_registries += b->watches[i].w.n_registries;
		check_watch(b, &b->watches[i]);
	}
	check_rules(b);
	check_leases_used(b);
	check_events(b);
	check_keys(b);
	check_registries(b);
	if (b->problems.mistakes)
		return;
	take_watches(b);
	take_rules(b);
	take_leases(b);
	take_events(b);
	take_credentials(b);
}
