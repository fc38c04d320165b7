/* azure/remedy, base/finding: commands that a shell takes as they are meant,
 * and findings as people and programs see them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "azure/remedy.h"
#include "base/finding.h"
#include "base/text.h"

#define SUB "11111111-2222-3333-4444-555555555555"
#define ID                                                      \
	"/subscriptions/" SUB "/resourceGroups/p(1)/providers/" \
	"Microsoft.ContainerRegistry/registries/contosoprod"
#define OBJECT "aaaaaaaa-0000-4000-8000-000000000001"
#define CLIENT "bbbbbbbb-0000-4000-8000-000000000002"

static struct buf out;
static struct keyid key;
static struct claims claims;
static struct credential credential;
static char name[] = "c", client[] = CLIENT;
static char certificate[] = "/etc/keyrotd/my cert.pem";
static char variable[] = "environment:SECRET";

static int fresh(void **state)
{
	struct fault f;

	(void)state;
	buf_init(&out, REMEDY_MAX);
	keyid_parse(&key, "https://contoso.vault.azure.net/keys/acr-cmk", &f);
	claims = (struct claims){ .object = OBJECT };
	credential = (struct credential){ .name = name };
	return 0;
}

static int over(void **state)
{
	(void)state;
	buf_free(&out);
	return 0;
}

static void words_are_quoted(void **state)
{
	static const struct {
		const char *word, *quoted;
	} rows[] = {
		{ "plain-1.x/y:z@a,b+c=d", "plain-1.x/y:z@a,b+c=d" },
		{ "", "''" },
		{ "two words", "'two words'" },
		{ "$(rm -rf x)", "'$(rm -rf x)'" },
		{ "it's", "'it'\\''s'" },
		{ "a\nb", "'a\nb'" },
		{ "`x`;\"y\"", "'`x`;\"y\"'" },
		{ "~", "'~'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&out);
		assert_true(remedy_word(&out, rows[i].word));
		assert_string_equal(buf_str(&out), rows[i].quoted);
	}
}

static void whom_a_right_is_given_to(void **state)
{
	struct remedy_who who = { &claims, &credential };

	(void)state;
	remedy_vault_role(&out, &who, &key);
	assert_string_equal(
		buf_str(&out),
		"az role assignment create --assignee-object-id " OBJECT
		" --assignee-principal-type ServicePrincipal --role 'Key Vault Reader' --scope \"$(az keyvault show --name contoso --query id --output tsv)\"");
	buf_reset(&out);
	claims.object[0] = '\0';
	credential.client_id = client;
	remedy_vault_policy(&out, &who, &key);
	assert_string_equal(
		buf_str(&out),
		"az keyvault set-policy --name contoso --object-id \"$(az ad sp show --id " CLIENT
		" --query id --output tsv)\" --key-permissions get");
	buf_reset(&out);
	credential.client_id = NULL;
	remedy_registry_role(&out, &who, ID);
	assert_non_null(
		strstr(buf_str(&out), "--assignee-object-id OBJECT-ID "));
	assert_non_null(strstr(buf_str(&out), "resourceGroups/p(1)/"));
}

/* Its keys are software keys nowhere, its roles are its own, and the Azure CLI
 * calls it by another option. */
static void a_managed_hsm_is_no_vault(void **state)
{
	struct remedy_who who = { &claims, &credential };
	struct keyid hsm = key;

	(void)state;
	text_copy(hsm.host, sizeof(hsm.host), "fort.managedhsm.azure.net");
	remedy_vault_role(&out, &who, &hsm);
	assert_string_equal(
		buf_str(&out),
		"az keyvault role assignment create --hsm-name fort --assignee-object-id " OBJECT
		" --assignee-principal-type ServicePrincipal --role 'Managed HSM Crypto Auditor' --scope /keys/acr-cmk");
	buf_reset(&out);
	remedy_vault_address(&out, &hsm, "192.0.2.1");
	remedy_vault_show(&out, &hsm);
	remedy_purge_protection(&out, &hsm);
	remedy_key_list(&out, &hsm);
	remedy_key_create(&out, &hsm);
	remedy_vault_link(&out, &hsm);
	assert_string_equal(
		buf_str(&out),
		"az keyvault network-rule add --hsm-name fort --ip-address 192.0.2.1"
		"az keyvault show --hsm-name fort --query properties.hsmUri --output tsv"
		"az keyvault update-hsm --hsm-name fort --enable-purge-protection true"
		"az keyvault key list --hsm-name fort --query '[].kid' --output tsv"
		"az keyvault key create --hsm-name fort --name acr-cmk --kty RSA-HSM --size 3072 --ops wrapKey unwrapKey"
		"az network private-endpoint create --name fort-keyrotd --connection-name fort-keyrotd --resource-group GROUP --subnet SUBNET --group-id managedhsm --private-connection-resource-id \"$(az keyvault show --hsm-name fort --query id --output tsv)\"");
}

static void registries_are_named_in_full(void **state)
{
	(void)state;
	remedy_registry_premium(&out, ID);
	assert_string_equal(
		buf_str(&out),
		"az acr update --name contosoprod --resource-group 'p(1)' --subscription " SUB
		" --sku Premium");
	buf_reset(&out);
	remedy_registry_identity(&out, ID, "system");
	assert_true(text_suffix(buf_str(&out), " --identities '[system]'"));
	buf_reset(&out);
	remedy_registry_identity(&out, ID, CLIENT);
	assert_true(text_suffix(
		buf_str(&out),
		" --identities \"$(az identity list --query \"[?clientId=='" CLIENT
		"'].id\" --output tsv)\""));
	buf_reset(&out);
	/* Nothing that a server has made up gets into a command. */
	remedy_registry_identity(&out, ID, "x\"; rm -rf /; \"");
	assert_true(text_suffix(buf_str(&out), " --identities IDENTITY"));
	buf_reset(&out);
	remedy_registry_premium(&out, "nonsense");
	assert_string_equal(buf_str(&out), "");
}

static void a_private_key_stays_here(void **state)
{
	(void)state;
	credential.client_id = client;
	credential.secret_file = certificate;
	remedy_certificate(&out, &credential);
	assert_string_equal(
		buf_str(&out),
		"az ad app credential reset --append --id " CLIENT
		" --cert \"$(openssl x509 -in '/etc/keyrotd/my cert.pem')\"");
	buf_reset(&out);
	credential.secret_file = variable;
	remedy_secret(&out, &credential);
	assert_true(text_suffix(buf_str(&out), " --output tsv"));
}

static void half_a_command_is_none(void **state)
{
	struct remedy_who who = { &claims, &credential };

	(void)state;
	buf_free(&out);
	buf_init(&out, 60);
	remedy_vault_role(&out, &who, &key);
	assert_string_equal(buf_str(&out), "");
}

/* ---- findings ---- */

static void add_line(enum finding_part part, const char *line, void *arg)
{
	struct buf *all = arg;

	(void)part;
	buf_printf(all, "%s\n", line);
}

static const struct finding failed = {
	.result = FINDING_FAIL,
	.kind = "key",
	.name = "https://contoso.vault.azure.net/keys/acr-cmk",
	.check = "read",
	.text = "Reading it failed, for reasons that take more than one line "
		"of a terminal.",
	.to_do = "Give the credential the role Key Vault Reader on the vault.",
	.command = "az role assignment create --assignee-object-id 1 "
		   "--assignee-principal-type ServicePrincipal",
};

static void lines_fit_the_terminal(void **state)
{
	(void)state;
	finding_lines(&failed, true, 48, add_line, &out);
	assert_string_equal(
		buf_str(&out),
		"key https://contoso.vault.azure.net/keys/acr-cmk\n"
		"  fail  read: Reading it failed, for reasons\n"
		"        that take more than one line of a\n"
		"        terminal.\n"
		"        do: Give the credential the role Key\n"
		"        Vault Reader on the vault.\n"
		"        az role assignment create --assignee-object-id 1 "
		"--assignee-principal-type ServicePrincipal\n");
	buf_reset(&out);
	finding_lines(&failed, false, 0, add_line, &out);
	assert_string_equal(
		buf_str(&out),
		"  fail  read: Reading it failed, for reasons that take more "
		"than one line of a terminal.\n"
		"        do: Give the credential the role Key Vault Reader on "
		"the vault.\n"
		"        az role assignment create --assignee-object-id 1 "
		"--assignee-principal-type ServicePrincipal\n");
	buf_reset(&out);
	finding_lines(&(struct finding){ .result = FINDING_SKIP,
					 .kind = "key",
					 .name = "k",
					 .check = "c",
					 .text = "t" },
		      true, 80, add_line, &out);
	assert_string_equal(buf_str(&out), "");
}

static void json_there_and_back(void **state)
{
	struct json_writer *w = json_writer_new(&out, false);
	struct finding back;
	struct json *root;
	struct fault f;

	(void)state;
	finding_write(&failed, w);
	assert_true(json_finish(w));
	root = json_parse(buf_str(&out), out.len, 65536, &f);
	assert_true(finding_read(root, &back));
	assert_int_equal(back.result, FINDING_FAIL);
	assert_string_equal(back.name, failed.name);
	assert_string_equal(back.text, failed.text);
	assert_string_equal(back.to_do, failed.to_do);
	assert_string_equal(back.command, failed.command);
	json_free(root);
}

static void no_finding(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"{\"result\":\"fine\",\"kind\":\"k\",\"name\":\"n\","
		"\"check\":\"c\",\"text\":\"t\"}",
		"{\"result\":\"ok\",\"kind\":\"k\",\"name\":7,"
		"\"check\":\"c\",\"text\":\"t\"}",
	};
	struct finding back;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct json *root =
			json_parse(texts[i], strlen(texts[i]), 65536, &f);

		assert_non_null(root);
		assert_false(finding_read(root, &back));
		json_free(root);
	}
}

static void sums(void **state)
{
	char line[160];

	(void)state;
	finding_sum(&(struct finding_count){ { 0 } }, line, sizeof(line));
	assert_non_null(strstr(line, "names no watch"));
	finding_sum(&(struct finding_count){ { 7, 1, 0, 0 } }, line,
		    sizeof(line));
	assert_string_equal(line, "0 failed, 1 warning, 7 ok.");
	finding_sum(&(struct finding_count){ { 7, 0, 2, 1 } }, line,
		    sizeof(line));
	assert_string_equal(
		line,
		"2 failed, 0 warnings, 7 ok; 1 check was left out because of what failed.");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(words_are_quoted),
		TEST(whom_a_right_is_given_to),
		TEST(a_managed_hsm_is_no_vault),
		TEST(registries_are_named_in_full),
		TEST(a_private_key_stays_here),
		TEST(half_a_command_is_none),
		TEST(lines_fit_the_terminal),
		TEST(json_there_and_back),
		TEST(no_finding),
		TEST(sums),
	};

	return cmocka_run_group_tests_name("remedy", tests, NULL, NULL);
}
