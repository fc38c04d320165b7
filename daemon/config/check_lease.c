/* Lease blocks, and which of them each watch and rule is under. */
#include "config/check_lease.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure/storage_url.h"
#include "azure/url.h"
#include "base/text.h"
#include "config/check_cloud.h"
#include "config/check_name.h"
#include "config/check_unique.h"

#define NONE "none"

/* ---- the blocks themselves ---- */

/* The name must be one that others can call it by. */
static void check_title(struct config_build *b,
			const struct config_lease_draft *d)
{
	const struct config_section *s = &d->section;
	const struct config_option *o = options_find(CONFIG_TOP, "lease");
	struct config other = { .lease.name = NULL };
	struct fault why;

	if (!d->unnamed && !value_read(o, d->l.name, s->line, &other, &why))
		problem_add(&b->problems, s->source, s->line,
			    "a lease's name is made of up to %s letters, "
			    "digits, '.', '_' and '-'.",
			    o->max);
	else if (!d->unnamed && text_same(d->l.name, NONE))
		problem_add(&b->problems, s->source, s->line,
			    "a lease cannot be called \"" NONE
			    "\": lease = \"" NONE "\" is said of what is under "
			    "no lease.");
	free(other.lease.name);
}

static void check_url(struct config_build *b,
		      const struct config_lease_draft *d)
{
	const struct config_section *s = &d->section;

	if (d->l.url)
		check_cloud_storage(b, s, "url", d->l.url, CHECK_CLOUD_BLOB);
	else if (!options_refused(s, "url"))
		problem_add(&b->problems, s->source, s->line,
			    "this lease has no url: name the blob, as url = "
			    "\"https://ACCOUNT.blob.core.windows.net/CONTAINER/"
			    "BLOB\".");
}

/* A blob's name has upper and lower case, a host has not. */
static bool same_path(const char *a, const char *b)
{
	char *x = storage_url_blob(a), *y = storage_url_blob(b);
	bool same = x && y &&
		    strcmp(x + strcspn(x, "/"), y + strcspn(y, "/")) == 0;

	free(x);
	free(y);
	return same;
}

static bool same_blob(const char *a, const char *b)
{
	struct url_parts x, y;

	return a && b && url_split(&x, a) && url_split(&y, b) &&
	       url_same_host(x.host, y.host) && x.port == y.port &&
	       same_path(a, b);
}

static void check_alone(struct config_build *b, size_t i)
{
	const struct config_section *s = &b->leases[i].section;

	for (size_t k = 0; k < i; k++) {
		if (!same_blob(b->leases[k].l.url, b->leases[i].l.url))
			continue;
		problem_add(&b->problems, s->source, options_given(s, "url"),
			    "lease \"%s\" is on this blob already: one blob "
			    "has one lease.",
			    b->leases[k].l.name);
		return;
	}
}

void check_leases(struct config_build *b)
{
	struct config_name *names = text_alloc(b->n_leases, sizeof(*names));

	for (size_t i = 0; i < b->n_leases; i++) {
		struct config_lease_draft *d = &b->leases[i];
		const struct config_section *s = &d->section;

		check_title(b, d);
		check_url(b, d);
		if (i < CONFIG_LEASES_MAX)
			check_alone(b, i);
		d->l.credential = check_name_credential(b, s, d->credential);
		if (i == CONFIG_LEASES_MAX)
			problem_add(&b->problems, s->source, s->line,
				    "at most %d lease blocks are allowed.",
				    CONFIG_LEASES_MAX);
		names[i] = (struct config_name){ .text = d->l.name,
						 .source = s->source,
						 .line = s->line };
	}
	check_unique(&b->problems, names, b->n_leases, "lease");
	b->lease_names = names;
}

/* ---- who is under which ---- */

static void unknown(struct config_build *b, const struct config_section *s,
		    const char *name)
{
	struct check_name p = { .wrong = name };
	char message[128];

	if (options_refused(s, "lease") || b->lost & 1u << CONFIG_LEASE)
		return;
	for (size_t i = 0; i < b->n_leases; i++)
		check_name_try(&p, b->leases[i].l.name);
	snprintf(message, sizeof(message), "there is no lease \"%s\"", name);
	check_name_complain(b, s, "lease", message, &p);
}

static size_t find(const struct config_build *b, const char *name)
{
	return check_unique_find(b->lease_names, b->n_leases, name);
}

static void without_lease(struct config_build *b,
			  const struct config_section *s)
{
	unsigned line = options_given(s, "prefer");

	if (line && !(b->lost & 1u << CONFIG_LEASE))
		problem_add(&b->problems, s->source, line,
			    "'prefer' has no meaning without a lease: add "
			    "lease = \"NAME\", or remove it.");
}

/* Of two that say otherwise the block is to be mended, not the settings, which
 * hold for other leases as well. */
static void torn(struct config_build *b, const struct config_lease_draft *d,
		 const struct config_section *s, bool prefer)
{
	const struct config_section *other = d->said;
	bool value = prefer;

	if (s == &b->top) {
		s = d->said;
		other = &b->top;
		value = d->l.prefer;
	}
	problem_add(&b->problems, s->source, options_given(s, "prefer"),
		    "'prefer' is %s here, and %s%s for what else is under "
		    "lease \"%s\" (%s:%u): a lease is held as a whole.",
		    value ? "true" : "false", value ? "false" : "true",
		    other == &b->top ? " in the settings" : "", d->l.name,
		    b->sources[other->source].name,
		    options_given(other, "prefer"));
}

/* One lease is held as a whole: all that is under it says the same, be it by
 * the settings.  Who says nothing, while the settings do not, either, follows
 * the others. */
static void prefers(struct config_build *b, struct config_lease_draft *d,
		    const struct config_section *s, bool prefer)
{
	if (!options_given(s, "prefer")) {
		s = &b->top;
		prefer = b->config->lease.prefer;
	}
	if (!options_given(s, "prefer") || options_refused(s, "prefer"))
		return;
	if (!d->said) {
		d->said = s;
		d->l.prefer = prefer;
	} else if (d->l.prefer != prefer && !(s == &b->top && d->torn)) {
		d->torn = true;
		torn(b, d, s, prefer);
	}
}

size_t check_lease_of(struct config_build *b, const struct config_section *s,
		      const struct config_lease_choice *choice)
{
	const struct config_lease_choice *top = &b->config->lease;
	const char *name = choice->name ? choice->name : top->name;
	size_t at;

	if (options_refused(s, "lease"))
		return CONFIG_ALONE;
	if (!name || text_same(name, NONE)) {
		without_lease(b, s);
		return CONFIG_ALONE;
	}
	at = find(b, name);
	if (at == SIZE_MAX) {
		if (choice->name)
			unknown(b, s, name);
		return CONFIG_ALONE;
	}
	b->leases[at].used = true;
	prefers(b, &b->leases[at], s, choice->prefer);
	return at;
}

/* Those of the settings are told once, whoever is under it. */
static void check_top(struct config_build *b)
{
	const struct config_lease_choice *top = &b->config->lease;

	if (top->name && !text_same(top->name, NONE) &&
	    find(b, top->name) == SIZE_MAX)
		unknown(b, &b->top, top->name);
	else if (!b->n_leases)
		without_lease(b, &b->top);
}

void check_leases_used(struct config_build *b)
{
	check_top(b);
	for (size_t i = 0; i < b->n_leases; i++) {
		struct config_lease_draft *d = &b->leases[i];

		if (!d->said && options_given(&b->top, "prefer"))
			d->l.prefer = b->config->lease.prefer;
		if (!d->used && d->l.name[0])
			problem_remark(&b->problems, CONFIG_NOTE,
				       d->section.source, d->section.line,
				       "nothing is under lease \"%s\": write "
				       "lease = \"%s\" in the settings, or in "
				       "watch and discover blocks.",
				       d->l.name, d->l.name);
	}
}
