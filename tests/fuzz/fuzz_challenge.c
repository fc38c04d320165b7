/* A WWW-Authenticate header: what is read out of it stands in it. */
#include "azure/challenge.h"
#include "fuzz.h"

/* The characters of part, in order, are among those of whole. */
static bool within(const char *part, const char *whole)
{
	for (; *part; part++, whole++) {
		whole = strchr(whole, *part);
		if (!whole)
			return false;
	}
	return true;
}

/* A plain value is taken whole, or not at all. */
static void whole(const struct challenge *c, const char *header)
{
	static const char before[] = "Bearer resource=";
	const char *value = header + sizeof(before) - 1;

	if (strncmp(header, before, sizeof(before) - 1) ||
	    strpbrk(value, "\"\\=, \t"))
		return;
	FUZZ_NEED(!strcmp(c->resource,
			  strlen(value) < CHALLENGE_VALUE_MAX ? value : ""));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	char *header = fuzz_piece(&in), *longer, *json, short_one[64];
	struct challenge c, again;
	bool bearer = challenge_parse(&c, header);
	const char *const values[] = { c.authorization, c.resource, c.scope,
				       c.error };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		FUZZ_NEED(strlen(values[i]) < CHALLENGE_VALUE_MAX);
		FUZZ_NEED(within(values[i], header));
		FUZZ_NEED(bearer || !values[i][0]);
	}
	FUZZ_NEED(!bearer || strcasestr(header, "bearer"));
	whole(&c, header);
	json = challenge_claims(&c);
	FUZZ_NEED(!json || (json[0] == '{' && text_suffix(json, "}") &&
			    strlen(json) < strlen(c.claims)));
	free(json);
	FUZZ_NEED(!challenge_tenant(&c, short_one, sizeof(short_one)) ||
		  (strlen(short_one) == 36 &&
		   strstr(c.authorization, short_one)));
	FUZZ_NEED(!challenge_realm(header, short_one, sizeof(short_one)) ||
		  (!strchr(short_one, '=') && text_suffix(header, short_one)));
	/* Another challenge before it changes nothing. */
	longer = text_printf("Basic realm=\"a, b\", %s", header);
	if (bearer && text_prefix(header, "Bearer")) {
		FUZZ_NEED(challenge_parse(&again, longer));
		FUZZ_NEED(!strcmp(c.resource, again.resource) &&
			  !strcmp(c.scope, again.scope));
	}
	free(longer);
	free(header);
	return 0;
}
