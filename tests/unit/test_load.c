/* load: what is on the disk, and what a configuration names there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/buf.h"
#include "base/text.h"
#include "load.h"

#define WATCH                                                             \
	"watch 'https://contoso.vault.azure.net/keys/k' { registries = '" \
	"/subscriptions/11111111-2222-3333-4444-555555555555/"            \
	"resourceGroups/g/providers/Microsoft.ContainerRegistry/"         \
	"registries/contoso' }\n"

static char folder[64];
static struct buf said;

static const char *in(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void put(const char *name, mode_t mode, const char *text)
{
	FILE *f = fopen(in(name), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
	assert_int_equal(chmod(in(name), mode), 0);
}

static int setup(void **state)
{
	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	strcpy(folder, "/tmp/keyrotd-load-XXXXXX");
	return mkdtemp(folder) && mkdir(in("watch.d"), 0755) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
	static const char *const names[] = { "conf",	       "secret",
					     "cert",	       "watch.d/a.conf",
					     "watch.d/b.conf", "watch.d/c.conf",
					     "watch.d" };

	(void)state;
	buf_free(&said);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (unlink(in(names[i])) != 0)
			rmdir(in(names[i]));
	}
	return rmdir(folder);
}

static void on_problem(enum config_severity severity, const char *line,
		       void *arg)
{
	size_t *n = arg;

	n[severity]++;
	/* The folder has another name each time. */
	assert_int_equal(strncmp(line, folder, strlen(folder)), 0);
	buf_puts(&said, line + strlen(folder) + 1);
	buf_puts(&said, "\n");
}

/* Load, and want one line that begins so for each. */
static void loads(enum load_for purpose, bool good, const char *const *want)
{
	size_t n[CONFIG_CHOICE + 1] = { 0 };
	struct config *c;
	const char *line;

	buf_free(&said);
	buf_init(&said, 1 << 20);
	c = load_config(in("conf"), purpose, on_problem, n);
	assert_int_equal(c != NULL, good);
	assert_int_equal(n[CONFIG_MISTAKE] == 0, good);
	config_free(c);
	line = buf_str(&said);
	for (; *want; want++) {
		if (strncmp(line, *want, strlen(*want)))
			fail_msg("expected\n%s\namong\n%s", *want,
				 buf_str(&said));
		line = strchr(line, '\n') + 1;
	}
	if (*line)
		fail_msg("not expected: %s", line);
}

#define LOADS(purpose, good, ...) \
	loads(purpose, good, (const char *const[]){ __VA_ARGS__, NULL })
#define FINE(purpose) loads(purpose, true, (const char *const[]){ NULL })

static void put_conf(const char *secret, const char *rest)
{
	char *text = text_printf(
		"credential a {\n type = client-secret\n tenant = x.example\n "
		"client-id = 11111111-2222-3333-4444-555555555555\n "
		"secret-file = '%s'\n}\n%s",
		secret, rest);

	put("conf", 0644, text);
	free(text);
}

static void secrets(void **state)
{
	(void)state;
	put_conf(in("secret"), "");
	LOADS(LOAD_TO_RUN, true, "conf:5: warning: Could not open /tmp/");
	LOADS(LOAD_TO_CHECK, true, "conf:5: warning: Could not open /tmp/");
	put("secret", 0600, "abc\n");
	FINE(LOAD_TO_RUN);
	FINE(LOAD_TO_CHECK);
	put("secret", 0644, "abc\n");
	LOADS(LOAD_TO_RUN, true, "conf:5: warning: The secret /tmp/");
	assert_non_null(strstr(buf_str(&said), "(mode 0644)"));
	put("secret", 0600, "\n");
	LOADS(LOAD_TO_CHECK, true, "conf:5: warning: The secret in /tmp/");
	put_conf("credential:azure", "");
	LOADS(LOAD_TO_CHECK, true,
	      "conf:5: note: \"credential:azure\" was not looked for: it is "
	      "there only while the service runs, when its unit has "
	      "LoadCredential=azure:PATH.\n");
	LOADS(LOAD_TO_RUN, true,
	      "conf:5: warning: The credential azure is not there: the service "
	      "has none");
	/* As ExecReload= has it: it is named, and not to be reached. */
	setenv("CREDENTIALS_DIRECTORY", in("nowhere"), 1);
	FINE(LOAD_TO_CHECK);
	LOADS(LOAD_TO_RUN, true, "conf:5: warning: Could not open /tmp/");
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	LOADS(LOAD_TO_CHECK, true, "conf:5: warning: Could not open /tmp/");
	unsetenv("CREDENTIALS_DIRECTORY");
}

/* An RSA key, and a certificate of it that is valid from and to so many days
 * from now; of another key when that is wanted. */
static void put_cert(const char *passphrase, int from, int to, EVP_PKEY *key,
		     EVP_PKEY *of)
{
	FILE *f = fopen(in("cert"), "w");
	X509 *x = X509_new();

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	X509_gmtime_adj(X509_getm_notBefore(x), from * 86400L);
	X509_gmtime_adj(X509_getm_notAfter(x), to * 86400L);
	X509_set_pubkey(x, of);
	assert_true(X509_sign(x, of, EVP_sha256()) > 0);
	assert_true(PEM_write_PKCS8PrivateKey(
		f, key, passphrase ? EVP_aes_128_cbc() : NULL, passphrase,
		passphrase ? (int)strlen(passphrase) : 0, NULL, NULL));
	assert_true(PEM_write_X509(f, x));
	fclose(f);
	assert_int_equal(chmod(in("cert"), 0600), 0);
	X509_free(x);
}

static void put_cert_conf(const char *cert, const char *rest)
{
	char *text = text_printf(
		"credential a {\n type = client-certificate\n tenant = "
		"x.example\n client-id = 11111111-2222-3333-4444-555555555555"
		"\n certificate-file = '%s'\n%s\n}\n",
		cert, rest);

	put("conf", 0644, text);
	free(text);
}

static void certificates(void **state)
{
	EVP_PKEY *key = EVP_RSA_gen(2048), *other = EVP_RSA_gen(2048);
	char *words = text_printf(" passphrase-file = '%s'", in("secret"));

	(void)state;
	put_cert_conf(in("cert"), "");
	LOADS(LOAD_TO_RUN, true, "conf:5: warning: Could not open /tmp/");
	put_cert(NULL, -1, 90, key, key);
	FINE(LOAD_TO_RUN);
	FINE(LOAD_TO_CHECK);
	put_cert(NULL, -1, 90, key, other);
	LOADS(LOAD_TO_CHECK, true, "conf:5: warning: The certificate in /tmp/");
	assert_non_null(strstr(buf_str(&said), "/cert cannot be used: its priv"
					       "ate key does not belong to "
					       "its certificate.\n"));
	put_cert(NULL, -1, 10, key, key);
	LOADS(LOAD_TO_CHECK, true, "conf:5: warning: The certificate in /tmp/");
	assert_non_null(strstr(buf_str(&said), " ends at "));
	put_cert(NULL, -9, -1, key, key);
	LOADS(LOAD_TO_RUN, true, "conf:5: warning: The certificate in /tmp/");
	assert_non_null(strstr(buf_str(&said), " ended at "));
	put_cert(NULL, 2, 90, key, key);
	LOADS(LOAD_TO_RUN, true, "conf:5: warning: The certificate in /tmp/");
	assert_non_null(strstr(buf_str(&said), " is not valid before "));
	put_cert("hunter2", -1, 90, key, key);
	LOADS(LOAD_TO_RUN, true, "conf:5: warning: The certificate in /tmp/");
	assert_non_null(strstr(buf_str(&said), "no passphrase-file is"));
	put("secret", 0600, "hunter2\n");
	put_cert_conf(in("cert"), words);
	FINE(LOAD_TO_RUN);
	put("secret", 0644, "hunter3\n");
	LOADS(LOAD_TO_RUN, true, "conf:5: warning: The certificate in /tmp/",
	      "conf:6: warning: The secret /tmp/");
	assert_non_null(strstr(buf_str(&said), "the passphrase is wrong"));
	assert_null(strstr(buf_str(&said), "hunter"));
	put_cert_conf("credential:cert", "");
	LOADS(LOAD_TO_CHECK, true,
	      "conf:5: note: \"credential:cert\" was not looked for");
	free(words);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

/* Others may read it: so it is in a container. */
static void federated_tokens(void **state)
{
	char *text = text_printf(
		"credential a {\n type = workload-identity\n tenant = "
		"x.example\n client-id = 11111111-2222-3333-4444-555555555555"
		"\n token-file = '%s'\n}\n",
		in("secret"));

	(void)state;
	put("conf", 0644, text);
	LOADS(LOAD_TO_RUN, true, "conf:5: warning: Could not open /tmp/");
	put("secret", 0644, "eyJ.eyJ.abc\n");
	FINE(LOAD_TO_RUN);
	put("secret", 0644, "hello\n");
	LOADS(LOAD_TO_RUN, true,
	      "conf:5: warning: The federated token in /tmp/");
	assert_non_null(strstr(buf_str(&said), "is no JSON web token"));
	free(text);
}

static void environment(void **state)
{
	(void)state;
	put("conf", 0644, "\ncredential a { type = environment }\n");
	setenv("AZURE_TENANT_ID", "x.example", 1);
	setenv("AZURE_CLIENT_ID", "11111111-2222-3333-4444-555555555555", 1);
	setenv("AZURE_CLIENT_SECRET", "hunter2", 1);
	LOADS(LOAD_TO_RUN, true,
	      "conf:2: note: credential \"a\" is an application with a secret");
	unsetenv("AZURE_CLIENT_SECRET");
	LOADS(LOAD_TO_CHECK, true,
	      "conf:2: note: credential \"a\" is the managed identity");
	unsetenv("AZURE_TENANT_ID");
	unsetenv("AZURE_CLIENT_ID");
}

/* An address from there that every question for a token would refuse. */
static void addresses_of_the_environment(void **state)
{
	static const char *const wrong[] = { "not a url", "http://h/?a=b",
					     "ftp://h", "http://h/#x", "h" };
	static const char pod[] = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
	char *text;

	(void)state;
	put("conf", 0644, "\ncredential a { type = managed-identity }\n");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		setenv(pod, wrong[i], 1);
		text = text_printf(
			"conf:0: credential \"a\" gets its tokens at "
			"the address in %s of the environment, and "
			"that is none: it must be an http://",
			pod);
		LOADS(i % 2 ? LOAD_TO_RUN : LOAD_TO_CHECK, false, text);
		free(text);
	}
	setenv(pod, "http://127.0.0.1:2579/", 1);
	FINE(LOAD_TO_CHECK);
	setenv(pod, "not a url", 1);
	put("conf", 0644, "cloud { imds-endpoint = 'http://127.0.0.1:1' }\n");
	FINE(LOAD_TO_CHECK);
	put("conf", 0644, "");
	LOADS(LOAD_TO_CHECK, false, "conf:0: credential \"default\"");
	setenv("IDENTITY_ENDPOINT", "127.0.0.1/msi", 1);
	setenv("IDENTITY_HEADER", "x", 1);
	LOADS(LOAD_TO_CHECK, false,
	      "conf:0: credential \"default\" gets its tokens at the address in "
	      "IDENTITY_ENDPOINT of");
	unsetenv("IDENTITY_ENDPOINT");
	unsetenv("IDENTITY_HEADER");
	unsetenv(pod);
}

/* A check by somebody who may not see what the daemon sees. */
static void secrets_of_others(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip(); /* a user cannot become another */
	put_conf(in("secret"), "");
	put("secret", 0600, "abc\n");
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(seteuid(65534), 0);
	LOADS(LOAD_TO_CHECK, true, "conf:5: note: Could not open /tmp/");
	LOADS(LOAD_TO_RUN, true, "conf:5: warning: Could not open /tmp/");
	assert_int_equal(seteuid(0), 0);
}

static void groups(void **state)
{
	(void)state;
	put("conf", 0644, "admin-group = root\n");
	FINE(LOAD_TO_RUN);
	/* Whoever checks sees more users than the service will. */
	LOADS(LOAD_TO_CHECK, true,
	      "conf:1: note: As keyrotd.service comes (PrivateUsers=yes)");
	put("conf", 0644, "admin-group = 64999\n");
	FINE(LOAD_TO_RUN);
	put("conf", 0644, "\nadmin-group = no-such-group\n");
	LOADS(LOAD_TO_CHECK, true,
	      "conf:2: warning: The group \"no-such-group\" does not exist");
	put("conf", 0644, "admin-group = 64999x\n");
	LOADS(LOAD_TO_RUN, true, "conf:1: warning: The group \"64999x\"");
	put("conf", 0644, "admin-group = 4294967295\n");
	LOADS(LOAD_TO_RUN, true, "conf:1: warning: The group");
}

static void open_to_all(void **state)
{
	(void)state;
	put("conf", 0666, "cloud { ca-file = /none/ca.pem }\n");
	put("watch.d/a.conf", 0602, WATCH);
	assert_int_equal(chmod(in("watch.d"), 0777), 0);
	LOADS(LOAD_TO_CHECK, true, "conf:0: warning: Everybody can write /tmp/",
	      "conf:1: warning: Could not open /none/ca.pem: No such file",
	      "watch.d:0: warning: Everybody can write /tmp/",
	      "watch.d/a.conf:0: warning: Everybody can write /tmp/");
	assert_int_equal(chmod(in("watch.d"), 0755), 0);
}

/* What cannot be read hides nothing else, and is not missed. */
static void unreadable(void **state)
{
	(void)state;
	put("conf", 0644, "window = 1\n" WATCH);
	put("watch.d/a.conf", 0644, "watch x { mode = y }\n");
	assert_int_equal(mkdir(in("watch.d/b.conf"), 0755), 0);
	put("watch.d/c.conf", 0644, "credential c { type = z }\n");
	LOADS(LOAD_TO_CHECK, false, "conf:1: 'window' must be",
	      "watch.d/a.conf:1: \"x\" is not a key",
	      "watch.d/a.conf:1: 'mode' must be",
	      "watch.d/b.conf:0: Could not read /tmp/",
	      "watch.d/c.conf:1: 'type' must be");
	put("conf", 0644, WATCH);
	put("watch.d/a.conf", 0644, "");
	put("watch.d/c.conf", 0644,
	    "credential c { type = "
	    "managed-identity }\n");
	/* The missing "default" may stand in there. */
	LOADS(LOAD_TO_RUN, false, "watch.d/b.conf:0: Could not read /tmp/");
	assert_int_equal(unlink(in("conf")), 0);
	LOADS(LOAD_TO_RUN, false, "conf:0: Could not open /tmp/",
	      "watch.d/b.conf:0: Could not read /tmp/");
}

static void no_folder(void **state)
{
	(void)state;
	put("conf", 0644, "windw = 1\n");
	assert_int_equal(rmdir(in("watch.d")), 0);
	LOADS(LOAD_TO_RUN, false, "conf:1: unknown option");
	put("watch.d", 0644, "");
	LOADS(LOAD_TO_RUN, false, "conf:1: unknown option",
	      "watch.d:0: Could not list the folder");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(secrets),
		T(secrets_of_others),
		T(groups),
		T(certificates),
		T(federated_tokens),
		T(environment),
		T(addresses_of_the_environment),
		T(open_to_all),
		T(unreadable),
		T(no_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
