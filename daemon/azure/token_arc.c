/*
 * The agent of Azure Arc-enabled servers.  It hands out tokens to who can read
 * a file that only root and the group himds may read: the first answer names
 * it, the second question carries what stands in it.
 * Sources: Microsoft, "Authenticate against Azure resources with Azure
 * Arc-enabled servers"; AzureAD/microsoft-authentication-library-for-go
 * apps/managedidentity/azure_arc.go.
 */
#include <string.h>

#include "azure/challenge.h"
#include "azure/token.h"
#include "azure/token_local.h"
#include "base/text.h"

static bool build(const struct cloud *cloud, const struct call *call,
		  const char *secret, int64_t wall_ms, struct exchange *x,
		  struct fault *f)
{
	(void)cloud;
	(void)wall_ms;
	x->metadata = true;
	return token_local_build(call, call->credential->endpoint, "",
				 "2020-06-01", "msi_res_id",
				 "the Azure Arc agent", x, f) &&
	       (!call->proven ||
		token_local_prove(call, "Authorization: Basic ",
				  secret ? secret : "", x, f));
}

/* NAME.key in the agent's folder and nowhere else: whoever answers at its
 * port must not choose which of our files it gets. */
static bool is_key_file(const char *folder, const char *path)
{
	size_t len = strlen(folder);
	const char *name = path + len + 1;

	return !strncmp(path, folder, len) && path[len] == '/' &&
	       !strchr(name, '/') && name[0] != '.' && strlen(name) > 4 &&
	       !strcmp(name + strlen(name) - 4, ".key");
}

/* The first answer is a 401 that names the file. */
static void demand(const struct cloud *cloud, const struct call *call,
		   const struct answer *a, struct problem *p, struct reply *r)
{
	const char *header = a->headers[ANSWER_WWW_AUTHENTICATE];
	char path[CALL_KEY_FILE_MAX];

	if (p->status != 401)
		return;
	if (call->proven)
		p->hint = "the Azure Arc agent does not accept what stands in "
			  "its key file: restart it, with systemctl restart "
			  "himdsd";
	else if (!header || !challenge_realm(header, path, sizeof(path)))
		p->hint = "it does not name its key file as the Azure Arc "
			  "agent does";
	else if (!is_key_file(cloud->arc_key_directory, path))
		p->hint = "it names a key file that is not in the Azure Arc "
			  "agent's folder, or not called NAME.key; it was not "
			  "read";
	else
		text_copy(r->key_file, sizeof(r->key_file), path);
}

static void refine(const struct call *call, struct problem *p)
{
	if (!token_local_is_final(p))
		return;
	p->kind = p->status == 404 ? FAULT_TRANSIENT : FAULT_DENIED;
	if (p->status == 404)
		p->hint = "the Azure Arc agent is starting or being updated";
	else if (!p->hint && p->status == 403)
		p->hint = "is this machine still connected to Azure Arc? "
			  "azcmagent show tells";
	else if (!p->hint && strcasestr(p->message, "identity not found"))
		token_local_unknown(call, "this machine", p);
}

const struct token_source token_arc_source = {
	.kind = CREDENTIAL_MANAGED_IDENTITY,
	.source = IDENTITY_ARC,
	.prefers_expires_on = true,
	/* Old agents know only their own identity and hand out that one. */
	.must_echo = true,
	.build = build,
	.demand = demand,
	.refine = refine,
	.absent = "the Azure Arc agent does not run: systemctl start himdsd",
};
