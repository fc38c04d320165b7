/* trouble: every kind and phase gives one sensible line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "io/trouble.h"

static struct fault tell(struct trouble t)
{
	struct fault f = fault_none();

	t.where = "contoso.vault.azure.net:443";
	if (!t.method)
		t.method = "PATCH";
	if (!t.detail)
		t.detail = "Some words";
	trouble_tell(&t, &f);
	return f;
}

static void test_all_are_told(void **state)
{
	(void)state;
	for (int kind = 0; kind < TROUBLE_KINDS; kind++)
		for (int phase = 0; phase <= TROUBLE_RECEIVING; phase++) {
			struct fault f = tell((struct trouble){
				.kind = (enum trouble_kind)kind,
				.phase = (enum trouble_phase)phase,
				.limit_ms = 1500 });

			assert_int_not_equal(f.kind, FAULT_NONE);
			assert_non_null(
				strstr(f.text, "contoso.vault.azure.net:443"));
		}
}

static void test_connect(void **state)
{
	struct fault f = tell((struct trouble){ .kind = TROUBLE_CONNECT,
						.os_error = ECONNREFUSED });

	(void)state;
	assert_string_equal(f.text, "Could not reach contoso.vault.azure.net:"
				    "443: connection refused; nothing listens "
				    "there, or a firewall turns it away: check "
				    "the address and port");
	assert_int_equal(f.kind, FAULT_TRANSIENT);
	assert_int_equal(f.code, ECONNREFUSED);
	f = tell((struct trouble){ .kind = TROUBLE_CONNECT, .detail = "" });
	assert_non_null(strstr(f.text, "no connection"));
}

/* Each way to be unreachable is told apart, and has its own remedy. */
static void test_reach(void **state)
{
	static const struct {
		struct trouble t;
		const char *says;
	} cases[] = {
		{ { .kind = TROUBLE_RESOLVE },
		  "its name has no address, or no name server can be asked; "
		  "check the name and this host's DNS; if the vault exists "
		  "under that name, its private DNS zone may not be linked" },
		{ { .kind = TROUBLE_RESOLVE, .lookup_ms = 10002 },
		  "the name servers of this host did not answer for its name "
		  "within 10 s; check resolv.conf" },
		{ { .kind = TROUBLE_CONNECT, .os_error = ENETUNREACH },
		  "443: network is unreachable; check this host's routes" },
		{ { .kind = TROUBLE_CONNECT, .os_error = ETIMEDOUT },
		  "443: connection timed out; check routes and firewalls" },
		{ { .kind = TROUBLE_CONNECT, .os_error = EPERM },
		  "443: operation not permitted; a firewall of this host" },
		{ { .kind = TROUBLE_TLS,
		    .detail = "error:0A00010B:SSL routines::wrong version "
			      "number" },
		  "what answers there does not speak TLS" },
		{ { .kind = TROUBLE_TLS,
		    .detail = "error:0A000102:SSL routines::unsupported "
			      "protocol" },
		  "it offers no TLS 1.2 or later" },
		{ { .kind = TROUBLE_TLS,
		    .detail = "tlsv1 alert protocol version" },
		  "it offers no TLS 1.2 or later" },
		{ { .kind = TROUBLE_TLS,
		    .detail = "OpenSSL SSL_connect: Connection reset by peer "
			      "in connection to contoso" },
		  "it was cut off during the handshake, as firewalls do" },
		/* libcurl ends that sentence with a blank. */
		{ { .kind = TROUBLE_TLS,
		    .detail = "SSL_ERROR_SYSCALL in connection to v:443 " },
		  "failed (SSL_ERROR_SYSCALL in connection to v:443)" },
		{ { .kind = TROUBLE_TLS, .detail = "something else" },
		  "the TLS handshake failed (something else)" },
		{ { .kind = TROUBLE_PROXY_NAME },
		  "the name of the proxy http://p:1 (from HTTPS_PROXY) has no "
		  "address, or DNS does not answer" },
		{ { .kind = TROUBLE_PROXY, .os_error = ECONNREFUSED },
		  "no tunnel through the proxy http://p:1 (from HTTPS_PROXY): "
		  "Connection refused; check that name and port" },
		{ { .kind = TROUBLE_PROXY,
		    .phase = TROUBLE_HANDSHAKE,
		    .detail = "Proxy CONNECT aborted" },
		  "Proxy CONNECT aborted; is it an HTTP proxy?; check" },
		{ { .kind = TROUBLE_PROXY, .proxy_status = 407 },
		  "the proxy http://p:1 (from HTTPS_PROXY) wants a user and "
		  "password (HTTP 407)" },
		{ { .kind = TROUBLE_TIMEOUT,
		    .phase = TROUBLE_HANDSHAKE,
		    .limit_ms = 10000 },
		  "the proxy http://p:1 (from HTTPS_PROXY) made no tunnel "
		  "within 10 s" },
		{ { .kind = TROUBLE_TIMEOUT,
		    .phase = TROUBLE_HANDSHAKE,
		    .proxy_status = 200,
		    .limit_ms = 10000 },
		  "the TLS handshake did not end within 10 s" },
		{ { .kind = TROUBLE_CERTIFICATE, .verify = 20 },
		  "443 through the proxy http://p:1: its certificate's issuer "
		  "is unknown; if a proxy or firewall on the way opens TLS to "
		  "look into it, or this is meant otherwise, add its CA to the "
		  "system's certificate store, or name it as ca-file" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trouble t = cases[i].t;
		struct fault f;

		t.proxy = "http://p:1";
		t.proxy_from = "HTTPS_PROXY";
		f = tell(t);
		if (!strstr(f.text, cases[i].says))
			fail_msg("\"%s\" is not in \"%s\"", cases[i].says,
				 f.text);
		assert_int_equal(f.kind, FAULT_TRANSIENT);
	}
}

static void test_certificates(void **state)
{
	static const struct {
		long verify;
		const char *says, *remedy;
	} cases[] = {
		{ 10, "has expired", "clock" },
		{ 9, "not valid yet", "clock" },
		{ 18, "self-signed", "add its CA to /etc/ca.pem" },
		{ 20, "issuer is unknown", "add its CA to /etc/ca.pem" },
		{ 62, "another name", "DNS" },
		{ 9999, "Some words", "add its CA to /etc/ca.pem" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fault f =
			tell((struct trouble){ .kind = TROUBLE_CERTIFICATE,
					       .verify = cases[i].verify,
					       .ca_file = "/etc/ca.pem" });

		assert_int_equal(f.kind, FAULT_TRANSIENT);
		assert_non_null(strstr(f.text, cases[i].says));
		assert_non_null(strstr(f.text, cases[i].remedy));
	}
	/* The name is the library's own affair, and its words are lost. */
	assert_non_null(strstr(
		tell((struct trouble){ .kind = TROUBLE_CERTIFICATE,
				       .detail = "Recv failure: Connection "
						 "reset by peer" })
			.text,
		"its certificate is for another name"));
}

/* A reading may be sent again, but not for ever; that it changed something is
 * not said of it. */
static void test_not_repeated(void **state)
{
	struct fault f = tell((struct trouble){ .kind = TROUBLE_NOT_REPEATED,
						.method = "GET" });

	(void)state;
	assert_int_equal(f.kind, FAULT_TRANSIENT);
	assert_non_null(strstr(f.text, "twice"));
	assert_null(strstr(f.text, "carried out"));
	f = tell((struct trouble){ .kind = TROUBLE_NOT_REPEATED,
				   .method = "HEAD" });
	assert_non_null(strstr(f.text, "twice"));
	f = tell((struct trouble){ .kind = TROUBLE_NOT_REPEATED });
	assert_non_null(strstr(f.text, "PATCH may have been carried out"));
	assert_non_null(strstr(f.text, "or refused the request"));
}

static void test_limits_in_words(void **state)
{
	struct fault f = tell((struct trouble){ .kind = TROUBLE_TIMEOUT,
						.phase = TROUBLE_WAITING,
						.limit_ms = 60000 });

	(void)state;
	assert_non_null(strstr(f.text, "did not answer within 60 s"));
	f = tell((struct trouble){ .kind = TROUBLE_TIMEOUT,
				   .phase = TROUBLE_CONNECTING,
				   .limit_ms = 250 });
	assert_non_null(strstr(f.text, "within 250 ms"));
}

static void test_unwanted(void **state)
{
	struct fault f = tell((struct trouble){ .kind = TROUBLE_UNWANTED,
						.method = "PATCH" });

	(void)state;
	assert_int_equal(f.kind, FAULT_LOCAL);
	assert_non_null(strstr(f.text, "The PATCH to "));
	assert_non_null(strstr(f.text, "was not sent"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_are_told),
		cmocka_unit_test(test_connect),
		cmocka_unit_test(test_reach),
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_not_repeated),
		cmocka_unit_test(test_limits_in_words),
		cmocka_unit_test(test_unwanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
