/* A configuration from beginning to end. */
#include "config/config.h"

#include <stdlib.h>

#include "base/text.h"
#include "config/check.h"
#include "config/parse.h"

/* What could not be read is a mistake, and what it would have said is not
 * missed by the others. */
static bool fits(struct config_build *b)
{
	size_t total = 0;

	for (size_t i = 0; i < b->n_sources; i++) {
		if (b->sources[i].fault) {
			problem_add(&b->problems, (unsigned)i, 0, "%s%s",
				    b->sources[i].fault,
				    text_stop(b->sources[i].fault));
			b->broken = true;
		}
		if (b->sources[i].len > CONFIG_TEXT_MAX - total) {
			problem_add(&b->problems, (unsigned)i, 1,
				    "the configuration is larger than %d MiB "
				    "with this file.",
				    CONFIG_TEXT_MAX >> 20);
			return false;
		}
		total += b->sources[i].len;
	}
	return true;
}

static void registries_free(struct config_watch *w)
{
	for (size_t i = 0; i < w->n_registries; i++)
		free(w->registries[i].id);
	free(w->registries);
	w->registries = NULL;
	w->n_registries = 0;
}

static void watch_free(struct config_watch *w)
{
	registries_free(w);
	free(w->title);
	free(w->identity);
	free(w->vault_resource);
	free(w->canary_id);
}

static void rule_free(struct config_rule *r)
{
	for (size_t i = 0; i < r->n_places; i++) {
		free(r->places[i].text);
		free(r->places[i].group);
	}
	for (size_t i = 0; i < r->n_exclude; i++)
		free(r->exclude[i]);
	for (size_t i = 0; i < r->n_tags; i++)
		free(r->tags[i]);
	free(r->places);
	free(r->exclude);
	free(r->tags);
	free(r->key_pattern);
	free(r->name);
}

static void lease_free(struct config_lease *l)
{
	free(l->name);
	free(l->url);
}

static void events_free(struct config_events *e)
{
	free(e->name);
	free(e->queue);
}

static void build_free(struct config_build *b)
{
	for (size_t i = 0; i < b->n_watches; i++) {
		watch_free(&b->watches[i].w);
		free(b->watches[i].lines);
		free(b->watches[i].credential);
		free(b->watches[i].lease.name);
		free(b->watches[i].canary);
	}
	for (size_t i = 0; i < b->n_rules; i++) {
		rule_free(&b->rules[i].r);
		free(b->rules[i].credential);
		free(b->rules[i].lease.name);
	}
	for (size_t i = 0; i < b->n_leases; i++) {
		lease_free(&b->leases[i].l);
		free(b->leases[i].credential);
	}
	for (size_t i = 0; i < b->n_events; i++) {
		events_free(&b->events[i].e);
		free(b->events[i].credential);
	}
	for (size_t i = 0; i < b->n_credentials; i++)
		credential_free(&b->credentials[i].c);
	cloud_free(&b->cloud);
	free(b->watches);
	free(b->credentials);
	free(b->rules);
	free(b->leases);
	free(b->lease_names);
	free(b->events);
	free(b->credential_names);
}

struct config *config_parse(const struct config_source *sources, size_t n,
			    config_problem *problem,
			    const struct config_host *host, void *arg)
{
	struct config_build b = { .sources = sources,
				  .n_sources = n,
				  .problems.sources = sources,
				  .cloud_section.block = CONFIG_CLOUD,
				  .host = host,
				  .host_arg = arg };
	struct config *c = b.config = text_alloc(1, sizeof(*c));

	options_defaults(CONFIG_TOP, c);
	if (fits(&b)) {
		for (size_t i = 0; i < n; i++) {
			if (!sources[i].fault)
				parse_source(&b, (unsigned)i);
		}
		check_all(&b);
	}
	if (problem_report(&b.problems, problem, arg)) {
		config_free(c);
		c = NULL;
	}
	build_free(&b);
	return c;
}

void config_let_go(struct config *c)
{
	for (size_t i = 0; i < c->n_watches; i++)
		registries_free(&c->watches[i]);
}

void config_free(struct config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_watches; i++)
		watch_free(&c->watches[i]);
	for (size_t i = 0; i < c->n_rules; i++)
		rule_free(&c->rules[i]);
	for (size_t i = 0; i < c->n_events; i++)
		events_free(&c->events[i]);
	for (size_t i = 0; i < c->n_credentials; i++)
		credential_free(&c->credentials[i]);
	for (size_t i = 0; i < c->n_leases; i++)
		lease_free(&c->leases[i]);
	cloud_free(&c->cloud);
	proxy_free(&c->proxy);
	free(c->watches);
	free(c->rules);
	free(c->leases);
	free(c->lease.name);
	free(c->events);
	free(c->credentials);
	free(c->state_directory);
	free(c->runtime_directory);
	free(c->admin_group);
	for (size_t i = 0; i < c->n_on_event; i++)
		free(c->on_event[i]);
	free(c->on_event);
	free(c->event_kinds);
	free(c->audit_sign_key);
	free(c);
}

const char *config_mode_str(enum watch_mode mode)
{
	static const char *const words[] = {
		[WATCH_OBSERVE] = "observe",
		[WATCH_FOLLOW] = "follow",
		[WATCH_PIN] = "pin",
		[WATCH_MANUAL] = "manual",
	};

	return words[mode];
}
