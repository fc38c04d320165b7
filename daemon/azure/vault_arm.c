/* Reads one version of a key through Resource Manager. */
#include "azure/vault_arm.h"

#include <stdio.h>
#include <string.h>

#include "azure/arm.h"
#include "azure/call_text.h"
#include "azure/key_answer.h"
#include "azure/registry.h"
#include "azure/vaultid.h"
#include "base/text.h"

#define ANSWER_MAX (128 * 1024)
#define BITS_MAX 32768
#define BELOW_MAX (KEYID_NAME_MAX + KEYID_VERSION_MAX + 32)

/* The vault that the call names, which has to be the key's. */
static bool find_vault(const struct call *call, struct resid *vault,
		       struct fault *f)
{
	if (!vaultid_parse(vault, call->vault_resource, f))
		return false;
	if (vaultid_is_of(vault, call->key.host))
		return true;
	call_fault(call, f, FAULT_INVALID, 0, "%s is another vault",
		   call->vault_resource);
	return false;
}

bool vault_arm_build(const struct cloud *cloud, const struct call *call,
		     const char *secret, int64_t wall_ms, struct exchange *x,
		     struct fault *f)
{
	char below[BELOW_MAX];
	struct resid vault;
	struct arm_question q = { .id = &vault,
				  .add_path = vaultid_add_path,
				  .below = below,
				  .api_version =
					  cloud->vault_resource_api_version };

	(void)secret;
	(void)wall_ms;
	snprintf(below, sizeof(below), "/keys/%s%s%s", call->key.name,
		 call->key.version[0] ? "/versions/" : "", call->key.version);
	return find_vault(call, &vault, f) &&
	       arm_get(cloud, call, &q, ANSWER_MAX, x, f);
}

void vault_arm_read(const struct cloud *cloud, const struct call *call,
		    const struct answer *a, const struct json *root,
		    int64_t now_ms, struct reply *r)
{
	const struct json *p = json_get_nocase(root, "properties");
	const char *wrong;
	int64_t bits;

	(void)cloud;
	(void)now_ms;
	wrong = key_answer_about(
		call, json_str(json_get_nocase(p, "keyUriWithVersion")),
		&r->key);
	if (!wrong)
		wrong = key_answer_attributes(json_get_nocase(p, "attributes"),
					      &r->key);
	if (wrong) {
		call_fault(call, &r->fault, FAULT_INVALID, a->status, "%s",
			   wrong);
		return;
	}
	key_answer_uses(json_str(json_get_nocase(p, "kty")),
			json_get_nocase(p, "keyOps"), &r->key);
	if (r->key.rsa && json_int(json_get_nocase(p, "keySize"), &bits) &&
	    bits > 0 && bits <= BITS_MAX)
		r->key.bits = (int)bits;
}

/* What is not there by name: "The Resource 'Microsoft.KeyVault/vaults/NAME'
 * under resource group ...".  A key's name has one part more. */
static bool names_vault(const char *message)
{
	static const char head[] = "'Microsoft.KeyVault/vaults/";
	const char *s = strcasestr(message, head);

	if (!s)
		return false;
	s += strlen(head);
	return s[strcspn(s, "/'")] == '\'';
}

/* Source: Microsoft, "Resolve errors for resource not found" and "Resolve
 * errors for parent resources". */
static bool is_of_vault(const struct problem *p)
{
	return text_same(p->code, "ParentResourceNotFound") ||
	       text_same(p->code, "ResourceGroupNotFound") ||
	       text_same(p->code, "SubscriptionNotFound") ||
	       (text_same(p->code, "ResourceNotFound") &&
		names_vault(p->message));
}

void vault_arm_refuse(const struct cloud *cloud, const struct call *call,
		      const struct answer *a, struct problem *p,
		      struct reply *r)
{
	registry_refuse(cloud, call, a, p, r);
	if (p->status != 404 || !is_of_vault(p))
		return;
	p->kind = FAULT_DENIED;
	p->hint = "the watch's vault-resource names no vault that the "
		  "credential can see: correct it (\"az keyvault show\" tells "
		  "the id)";
}
