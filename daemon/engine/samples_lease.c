/* The part of samples.h about roles and leases. */
#include <stdlib.h>

#include "azure/storage_url.h"
#include "engine/lease.h"
#include "engine/samples.h"

void samples_role(const struct samples *s)
{
	enum lease_role role = lease_role_all(s->e);

	for (int i = ROLE_ALONE; i <= ROLE_STANDBY; i++) {
		exposition_begin(s->x, "");
		exposition_label(s->x, "role",
				 lease_role_str((enum lease_role)i));
		exposition_int(s->x, role == (enum lease_role)i);
	}
}

/* Its name is this file's own; the blob is the same for all that share it,
 * however each of them writes its address. */
static void begin(const struct samples *s, const struct lease *l)
{
	char *blob = storage_url_blob(l->url);

	exposition_begin(s->x, "");
	exposition_label(s->x, "lease", l->name);
	if (blob)
		exposition_label(s->x, "blob", blob);
	free(blob);
}

/* One sample for each lease that counts. */
static void each(const struct samples *s, int64_t (*of)(const struct lease *l))
{
	const struct lease *l;

	if (s->e->dry_run)
		return;
	TAILQ_FOREACH(l, &s->e->leases, link) {
		if (l->leaving)
			continue;
		begin(s, l);
		exposition_int(s->x, of(l));
	}
}

static int64_t held(const struct lease *l)
{
	return l->role == ROLE_LEADER;
}

static int64_t unconfirmed(const struct lease *l)
{
	return l->role == ROLE_LEADER && !l->confirmed;
}

static int64_t failing(const struct lease *l)
{
	return l->error != NULL;
}

static int64_t changes(const struct lease *l)
{
	return (int64_t)l->changes;
}

void samples_lease_held(const struct samples *s)
{
	each(s, held);
}

void samples_lease_unconfirmed(const struct samples *s)
{
	each(s, unconfirmed);
}

void samples_lease_error(const struct samples *s)
{
	each(s, failing);
}

void samples_lease_since(const struct samples *s)
{
	const struct lease *l;

	if (s->e->dry_run)
		return;
	TAILQ_FOREACH(l, &s->e->leases, link) {
		if (l->leaving)
			continue;
		begin(s, l);
		exposition_seconds(s->x, l->since);
	}
}

void samples_lease_changes(const struct samples *s)
{
	each(s, changes);
}
