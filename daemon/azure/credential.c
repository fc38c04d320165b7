/*
 * Two credentials are the same when Azure would see the same principal in
 * them; that decides whether a reload may keep a token.
 */
#include "azure/credential.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Paths and names of files tell upper from lower case. */
static bool same_file(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool credential_same(const struct credential *a, const struct credential *b)
{
	return strcmp(a->name, b->name) == 0 && a->kind == b->kind &&
	       text_same(a->tenant, b->tenant) &&
	       text_same(a->client_id, b->client_id) &&
	       text_same(a->object_id, b->object_id) &&
	       text_same(a->resource_id, b->resource_id) &&
	       same_file(a->secret_file, b->secret_file) &&
	       text_same(a->allowed_tenants, b->allowed_tenants) &&
	       same_file(a->passphrase_file, b->passphrase_file) &&
	       a->algorithm == b->algorithm && a->send_chain == b->send_chain &&
	       a->environment == b->environment && a->source == b->source &&
	       text_same(a->endpoint, b->endpoint);
}

struct credential credential_copy(const struct credential *c)
{
	return (struct credential){
		.name = text_dup(c->name),
		.kind = c->kind,
		.tenant = text_dup(c->tenant),
		.client_id = text_dup(c->client_id),
		.object_id = text_dup(c->object_id),
		.resource_id = text_dup(c->resource_id),
		.secret_file = text_dup(c->secret_file),
		.allowed_tenants = text_dup(c->allowed_tenants),
		.passphrase_file = text_dup(c->passphrase_file),
		.algorithm = c->algorithm,
		.send_chain = c->send_chain,
		.environment = c->environment,
		.source = c->source,
		.endpoint = text_dup(c->endpoint),
		.source_why = c->source_why,
	};
}

bool credential_wants_tenant(const struct credential *c)
{
	return c->kind != CREDENTIAL_MANAGED_IDENTITY &&
	       (!c->tenant || !c->tenant[0]);
}

void credential_free(struct credential *c)
{
	free(c->name);
	free(c->tenant);
	free(c->client_id);
	free(c->object_id);
	free(c->resource_id);
	free(c->secret_file);
	free(c->allowed_tenants);
	free(c->passphrase_file);
	free(c->endpoint);
}
