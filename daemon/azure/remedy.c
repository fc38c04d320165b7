/* Writes the commands that mend things, word by word. */
#include "azure/remedy.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "azure/cloud.h"
#include "azure/resid.h"
#include "azure/storage_url.h"
#include "base/text.h"

/* What no shell takes for anything but itself. */
static bool is_plain(const char *s)
{
	for (const char *c = s; *c; c++)
		if (!(*c >= '0' && *c <= '9') && !(*c >= 'a' && *c <= 'z') &&
		    !(*c >= 'A' && *c <= 'Z') && !strchr("-_./:@,+=", *c))
			return false;
	return *s;
}

bool remedy_word(struct buf *out, const char *s)
{
	bool ok;

	if (is_plain(s))
		return buf_puts(out, s);
	ok = buf_puts(out, "'");
	for (; ok && *s; s++)
		ok = *s == '\'' ? buf_puts(out, "'\\''") : buf_add(out, s, 1);
	return ok && buf_puts(out, "'");
}

/* Half a command would do something else: all or nothing. */
static void settle(struct buf *out, bool ok)
{
	if (!ok)
		buf_reset(out);
}

/* Text and words in turn: text, word, text, word ... NULL. */
static bool add(struct buf *out, const char *text, ...)
{
	const char *word;
	va_list ap;
	bool ok = true;

	va_start(ap, text);
	while (ok && text) {
		ok = buf_puts(out, text);
		word = va_arg(ap, const char *);
		if (!word)
			break;
		ok = ok && remedy_word(out, word);
		text = va_arg(ap, const char *);
	}
	va_end(ap);
	return ok;
}

static void vault_name(char dst[static KEYID_HOST_MAX], const struct keyid *key)
{
	text_copy(dst, KEYID_HOST_MAX, key->host);
	dst[strcspn(dst, ".")] = '\0';
}

static const char *object_of(const struct remedy_who *who)
{
	return who->claims && who->claims->object[0] ? who->claims->object
						     : NULL;
}

static bool add_object(struct buf *out, const struct remedy_who *who)
{
	const struct credential *c = who->credential;
	const char *object = object_of(who);

	if (object)
		return remedy_word(out, object);
	if (c && c->object_id)
		return remedy_word(out, c->object_id);
	if (c && c->client_id)
		return add(out, "\"$(az ad sp show --id ", c->client_id,
			   " --query id --output tsv)\"", NULL);
	return buf_puts(out, "OBJECT-ID");
}

/* ---- vaults and keys ---- */

/* "VERB --name VAULT", or as a Managed HSM is named there. */
static bool add_vault(struct buf *out, const char *verb,
		      const struct keyid *key)
{
	char vault[KEYID_HOST_MAX];

	vault_name(vault, key);
	return buf_puts(out, verb) &&
	       add(out, cloud_is_hsm(key->host) ? " --hsm-name " : " --name ",
		   vault, NULL);
}

/* The same where --name is the key's. */
static bool add_vault_of_key(struct buf *out, const char *verb,
			     const struct keyid *key)
{
	char vault[KEYID_HOST_MAX];

	vault_name(vault, key);
	return buf_puts(out, verb) &&
	       add(out,
		   cloud_is_hsm(key->host) ? " --hsm-name " : " --vault-name ",
		   vault, NULL);
}

static bool add_vault_id(struct buf *out, const struct keyid *key)
{
	return add_vault(out, "\"$(az keyvault show", key) &&
	       buf_puts(out, " --query id --output tsv)\"");
}

static bool add_assignment(struct buf *out, const struct remedy_who *who,
			   const char *role)
{
	return buf_puts(out,
			"az role assignment create --assignee-object-id ") &&
	       add_object(out, who) &&
	       add(out, " --assignee-principal-type ServicePrincipal --role ",
		   role, " --scope ", NULL);
}

/* A Managed HSM has roles of its own, which Resource Manager does not know. */
static bool add_hsm_assignment(struct buf *out, const struct remedy_who *who,
			       const struct keyid *key)
{
	return add_vault(out, "az keyvault role assignment create", key) &&
	       buf_puts(out, " --assignee-object-id ") &&
	       add_object(out, who) &&
	       add(out, " --assignee-principal-type ServicePrincipal --role ",
		   REMEDY_HSM_ROLE, " --scope /keys/", key->name, NULL);
}

void remedy_vault_reader(struct buf *out, const struct remedy_who *who,
			 const struct keyid *key)
{
	settle(out, add_assignment(out, who, REMEDY_ARM_ROLE) &&
			    add_vault_id(out, key));
}

void remedy_vault_role(struct buf *out, const struct remedy_who *who,
		       const struct keyid *key)
{
	if (cloud_is_hsm(key->host))
		settle(out, add_hsm_assignment(out, who, key));
	else
		settle(out, add_assignment(out, who, REMEDY_VAULT_ROLE) &&
				    add_vault_id(out, key));
}

void remedy_vault_policy(struct buf *out, const struct remedy_who *who,
			 const struct keyid *key)
{
	char vault[KEYID_HOST_MAX];

	vault_name(vault, key);
	settle(out, add(out, "az keyvault set-policy --name ", vault,
			" --object-id ", NULL) &&
			    add_object(out, who) &&
			    buf_puts(out, " --key-permissions get"));
}

void remedy_vault_address(struct buf *out, const struct keyid *key,
			  const char *address)
{
	settle(out, add_vault(out, "az keyvault network-rule add", key) &&
			    add(out, " --ip-address ",
				address ? address : "ADDRESS", NULL));
}

void remedy_vault_link(struct buf *out, const struct keyid *key)
{
	char vault[KEYID_HOST_MAX];
	char *name;

	vault_name(vault, key);
	name = text_printf("%s-keyrotd", vault);
	settle(out, add(out, "az network private-endpoint create --name ", name,
			" --connection-name ", name,
			" --resource-group GROUP --subnet SUBNET --group-id ",
			cloud_is_hsm(key->host) ? "managedhsm" : "vault",
			" --private-connection-resource-id ", NULL) &&
			    add_vault_id(out, key));
	free(name);
}

void remedy_vault_show(struct buf *out, const struct keyid *key)
{
	settle(out,
	       add_vault(out, "az keyvault show", key) &&
		       buf_puts(out,
				cloud_is_hsm(key->host)
					? " --query properties.hsmUri"
					: " --query properties.vaultUri") &&
		       buf_puts(out, " --output tsv"));
}

void remedy_purge_protection(struct buf *out, const struct keyid *key)
{
	settle(out, add_vault(out,
			      cloud_is_hsm(key->host) ? "az keyvault update-hsm"
						      : "az keyvault update",
			      key) &&
			    buf_puts(out, " --enable-purge-protection true"));
}

void remedy_soft_delete(struct buf *out, const struct keyid *key)
{
	char vault[KEYID_HOST_MAX];

	vault_name(vault, key);
	settle(out, add(out, "az keyvault update --name ", vault,
			" --set properties.enableSoftDelete=true", NULL));
}

void remedy_key_list(struct buf *out, const struct keyid *key)
{
	settle(out, add_vault_of_key(out, "az keyvault key list", key) &&
			    buf_puts(out, " --query '[].kid' --output tsv"));
}

void remedy_key_enable(struct buf *out, const struct keyid *key)
{
	char id[KEYID_TEXT_MAX];

	keyid_print(key, id, sizeof(id));
	settle(out, add(out, "az keyvault key set-attributes --id ", id,
			" --enabled true", NULL));
}

void remedy_key_disable(struct buf *out, const struct keyid *key)
{
	char id[KEYID_TEXT_MAX];

	keyid_print(key, id, sizeof(id));
	settle(out, add(out, "az keyvault key set-attributes --id ", id,
			" --enabled false", NULL));
}

void remedy_key_recover(struct buf *out, const struct keyid *key)
{
	char vault[KEYID_HOST_MAX];

	vault_name(vault, key);
	settle(out, add(out, "az keyvault key recover --vault-name ", vault,
			" --name ", key->name, NULL));
}

void remedy_key_ops(struct buf *out, const struct keyid *key)
{
	char id[KEYID_TEXT_MAX];

	keyid_print(key, id, sizeof(id));
	settle(out, add(out, "az keyvault key set-attributes --id ", id,
			" --ops wrapKey unwrapKey", NULL));
}

void remedy_key_create(struct buf *out, const struct keyid *key)
{
	settle(out, add_vault_of_key(out, "az keyvault key create", key) &&
			    add(out, " --name ", key->name, " --kty ",
				cloud_is_hsm(key->host) ? "RSA-HSM" : "RSA",
				" --size 3072 --ops wrapKey unwrapKey", NULL));
}

/* ---- registries ---- */

struct place {
	char name[64], group[384], subscription[64];
};

static bool place_of(struct place *p, const char *id)
{
	struct resid r;
	struct fault f;

	if (!resid_parse(&r, id ? id : "", &f) ||
	    r.name_len >= sizeof(p->name) || r.group_len >= sizeof(p->group))
		return false;
	memcpy(p->name, r.name, r.name_len);
	p->name[r.name_len] = '\0';
	memcpy(p->group, r.group, r.group_len);
	p->group[r.group_len] = '\0';
	return text_copy(p->subscription, sizeof(p->subscription),
			 r.subscription);
}

/* "<verb>NAME --resource-group G --subscription S" */
static bool add_place(struct buf *out, const char *verb, const struct place *p)
{
	return add(out, verb, p->name, " --resource-group ", p->group,
		   " --subscription ", p->subscription, NULL);
}

void remedy_registry_role(struct buf *out, const struct remedy_who *who,
			  const char *id)
{
	settle(out, add_assignment(out, who, REMEDY_ROLE) &&
			    remedy_word(out, id ? id : "SCOPE"));
}

void remedy_scope_reader(struct buf *out, const struct remedy_who *who,
			 const char *scope)
{
	settle(out, add_assignment(out, who, REMEDY_ARM_ROLE) &&
			    remedy_word(out, scope ? scope : "SCOPE"));
}

void remedy_registry_find(struct buf *out, const char *id)
{
	struct place p;
	char *query;

	if (!place_of(&p, id))
		return;
	query = text_printf("[?name=='%s'].id", p.name);
	settle(out, add(out, "az acr list --subscription ", p.subscription,
			" --query \"", NULL) &&
			    buf_puts(out, query) &&
			    buf_puts(out, "\" --output tsv"));
	free(query);
}

void remedy_registry_premium(struct buf *out, const char *id)
{
	struct place p;

	if (place_of(&p, id))
		settle(out, add_place(out, "az acr update --name ", &p) &&
				    buf_puts(out, " --sku Premium"));
}

void remedy_registry_create(struct buf *out, const char *id,
			    const struct keyid *key)
{
	char text[KEYID_TEXT_MAX];
	struct place p;

	keyid_print_base(key, text, sizeof(text));
	if (place_of(&p, id))
		settle(out,
		       add(out,
			   "az acr create --name NEW --sku Premium --identity IDENTITY --key-encryption-key ",
			   text, " --resource-group ", p.group,
			   " --subscription ", p.subscription, NULL));
}

void remedy_registry_key(struct buf *out, const char *id,
			 const struct keyid *key, const char *identity)
{
	char text[KEYID_TEXT_MAX];
	struct place p;
	bool ok;

	keyid_print(key, text, sizeof(text));
	if (!place_of(&p, id))
		return;
	ok = add_place(out, "az acr encryption rotate-key --name ", &p) &&
	     add(out, " --key-encryption-key ", text, NULL);
	if (ok && identity && !strcmp(identity, "system"))
		ok = buf_puts(out, " --identity '[system]'");
	settle(out, ok);
}

void remedy_registry_identity(struct buf *out, const char *id,
			      const char *identity)
{
	struct place p;
	bool ok;

	if (!place_of(&p, id))
		return;
	ok = add_place(out, "az acr identity assign --name ", &p) &&
	     buf_puts(out, " --identities ");
	if (!strcmp(identity, "system"))
		ok = ok && buf_puts(out, "'[system]'");
	else if (resid_is_guid(identity))
		ok = ok &&
		     buf_printf(
			     out,
			     "\"$(az identity list --query \"[?clientId=='%s'].id\" --output tsv)\"",
			     identity);
	else
		ok = ok && buf_puts(out, "IDENTITY");
	settle(out, ok);
}

void remedy_activity(struct buf *out, const char *id)
{
	settle(out, add(out, "az monitor activity-log list --resource-id ", id,
			" --offset 1d --output table", NULL));
}

void remedy_content_trust(struct buf *out, const char *id)
{
	struct place p;

	if (place_of(&p, id))
		settle(out,
		       add(out,
			   "az acr config content-trust update --registry ",
			   p.name, " --status disabled --subscription ",
			   p.subscription, NULL));
}

/* ---- Storage ---- */

#define STORAGE_NAME_MAX 64

void remedy_storage_role(struct buf *out, const struct remedy_who *who,
			 const char *url, bool queue)
{
	char account[STORAGE_NAME_MAX], name[STORAGE_NAME_MAX];

	storage_url_names(url, account, sizeof(account), name, sizeof(name));
	settle(out,
	       add_assignment(out, who,
			      queue ? REMEDY_QUEUE_ROLE : REMEDY_BLOB_ROLE) &&
		       add(out, "\"$(az storage account show --name ", account,
			   queue ? " --query id --output tsv)\""
				   "/queueServices/default/queues/"
				 : " --query id --output tsv)\""
				   "/blobServices/default/containers/",
			   name, NULL));
}

void remedy_storage_address(struct buf *out, const char *url)
{
	char account[STORAGE_NAME_MAX], name[STORAGE_NAME_MAX];

	storage_url_names(url, account, sizeof(account), name, sizeof(name));
	settle(out,
	       add(out, "az storage account network-rule add --account-name ",
		   account, " --ip-address ", "ADDRESS", NULL));
}

void remedy_storage_create(struct buf *out, const char *url, bool queue)
{
	char account[STORAGE_NAME_MAX], name[STORAGE_NAME_MAX];

	storage_url_names(url, account, sizeof(account), name, sizeof(name));
	settle(out, add(out,
			queue ? "az storage queue create --auth-mode login "
				"--account-name "
			      : "az storage container create --auth-mode login "
				"--account-name ",
			account, " --name ", name, NULL));
}

/* ---- credentials ---- */

static const char *client_of(const struct credential *c)
{
	return c && c->client_id ? c->client_id : "CLIENT-ID";
}

/* The secret goes into the file and is not shown; only a plain path can be
 * written to. */
void remedy_secret(struct buf *out, const struct credential *c)
{
	bool file = c && c->secret_file && c->secret_file[0] == '/';
	bool variable = c && c->secret_file &&
			text_prefix(c->secret_file, "environment:");

	/* A variable is set where the service is: it is only shown. */
	settle(out, add(out, "az ad app credential reset --append --id ",
			client_of(c),
			variable ? " --query password --output tsv"
				 : " --query password --output tsv > ",
			variable ? NULL
			: file	 ? c->secret_file
				 : "SECRET-FILE",
			NULL));
}

void remedy_certificate(struct buf *out, const struct credential *c)
{
	bool file = c && c->secret_file && c->secret_file[0] == '/';

	/* The file holds the private key as well, which stays here. */
	settle(out,
	       add(out, "az ad app credential reset --append --id ",
		   client_of(c), " --cert \"$(openssl x509 -in ",
		   file ? c->secret_file : "CERTIFICATE-FILE", ")\"", NULL));
}

void remedy_application(struct buf *out, const struct credential *c)
{
	settle(out, add(out, "az ad sp show --id ", client_of(c), NULL));
}

void remedy_vm_identity(struct buf *out, const struct credential *c)
{
	bool ok = buf_puts(
		out, "az vm identity assign --resource-group GROUP --name VM");

	if (ok && c && c->resource_id)
		ok = add(out, " --identities ", c->resource_id, NULL);
	else if (ok && c && c->client_id && resid_is_guid(c->client_id))
		ok = buf_printf(
			out,
			" --identities \"$(az identity list --query \"[?clientId=='%s'].id\" --output tsv)\"",
			c->client_id);
	settle(out, ok);
}

void remedy_federation(struct buf *out, const struct credential *c)
{
	settle(out, add(out, "az ad app federated-credential list --id ",
			client_of(c), NULL));
}
