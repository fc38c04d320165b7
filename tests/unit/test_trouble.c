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
				    "443: connection refused");
	assert_int_equal(f.kind, FAULT_TRANSIENT);
	assert_int_equal(f.code, ECONNREFUSED);
	f = tell((struct trouble){ .kind = TROUBLE_CONNECT, .detail = "" });
	assert_non_null(strstr(f.text, "no connection"));
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
	f = tell((struct trouble){ .kind = TROUBLE_NOT_REPEATED });
	assert_non_null(strstr(f.text, "PATCH may have been carried out"));
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
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_not_repeated),
		cmocka_unit_test(test_limits_in_words),
		cmocka_unit_test(test_unwanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
