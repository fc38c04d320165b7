/* azure/source: which service of a host hands out tokens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "azure/credential.h"
#include "azure/source.h"
#include "base/text.h"

#define APP "http://127.0.0.1:41/msi/token"
#define AGENT "http://localhost:40342/metadata/identity/oauth2/token"
#define ARC "http://127.0.0.1:40342/metadata/identity/oauth2/token"

static void found(struct source_signs s, enum identity_source asked,
		  enum identity_source source, const char *endpoint)
{
	struct credential c = { .name = text_dup("x"), .source = asked };
	struct cloud cloud = { .name = NULL };
	char line[300];

	cloud_profile(&cloud, "public");
	source_settle(&c, &cloud, &s);
	assert_int_equal(c.source, source);
	if (endpoint)
		assert_string_equal(c.endpoint, endpoint);
	else
		assert_null(c.endpoint);
	source_describe(&c, &cloud, line, sizeof(line));
	assert_non_null(strstr(line, "Credential \"x\" gets its tokens from "));
	assert_true(!strstr(line, "option source") == (asked == IDENTITY_AUTO));
	if (endpoint)
		assert_non_null(strstr(line, endpoint));
	credential_free(&c);
	cloud_free(&cloud);
}

static void signs_tell(void **state)
{
	const struct source_signs app = { .identity_endpoint = APP,
					  .identity_header = "h" },
				  arc = { .identity_endpoint = AGENT,
					  .imds_endpoint = "http://x" };
	struct source_signs s;

	(void)state;
	s = (struct source_signs){ .identity_endpoint = NULL };
	found(s, IDENTITY_AUTO, IDENTITY_IMDS, NULL);
	found(app, IDENTITY_AUTO, IDENTITY_APP_SERVICE, APP);
	found(arc, IDENTITY_AUTO, IDENTITY_ARC, AGENT);
	s = app;
	s.imds_endpoint = "http://x";
	found(s, IDENTITY_AUTO, IDENTITY_APP_SERVICE, APP);
	s.identity_thumbprint = "AB";
	found(s, IDENTITY_AUTO, IDENTITY_FABRIC, NULL);
	s = (struct source_signs){ .arc_agent = true };
	found(s, IDENTITY_AUTO, IDENTITY_ARC, ARC);
	/* An address alone, or an empty word, is no sign. */
	s = (struct source_signs){ .identity_endpoint = APP };
	found(s, IDENTITY_AUTO, IDENTITY_IMDS, NULL);
	s = (struct source_signs){ .identity_endpoint = "",
				   .identity_header = "h",
				   .imds_endpoint = "http://x" };
	found(s, IDENTITY_AUTO, IDENTITY_IMDS, NULL);
	s = (struct source_signs){ .pod_authority = "http://10.0.0.1" };
	found(s, IDENTITY_AUTO, IDENTITY_IMDS, "http://10.0.0.1");
}

static void the_file_goes_first(void **state)
{
	const struct source_signs app = { .identity_endpoint = APP,
					  .identity_header = "h",
					  .pod_authority = "" },
				  none = { .identity_endpoint = NULL };

	(void)state;
	found(app, IDENTITY_IMDS, IDENTITY_IMDS, NULL);
	found(app, IDENTITY_ARC, IDENTITY_ARC, ARC);
	found(none, IDENTITY_APP_SERVICE, IDENTITY_APP_SERVICE, NULL);
	found(none, IDENTITY_ARC, IDENTITY_ARC, ARC);
}

static void an_address_of_the_file_stays(void **state)
{
	struct source_signs s = { .pod_authority = "http://10.0.0.1" };
	struct credential c = { .kind = CREDENTIAL_MANAGED_IDENTITY };
	struct cloud cloud = { .imds_endpoint = (char[]){ "http://own" } };

	(void)state;
	source_settle(&c, &cloud, &s);
	assert_null(c.endpoint);
	c = (struct credential){ .kind = CREDENTIAL_CLIENT_SECRET };
	s.arc_agent = true;
	source_settle(&c, &cloud, &s);
	assert_int_equal(c.source, IDENTITY_AUTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_tell),
		cmocka_unit_test(the_file_goes_first),
		cmocka_unit_test(an_address_of_the_file_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
