/* A WWW-Authenticate header: what is read out of it stands in it; and the
 * claims that it asks for stay what they are when ours are added. */
#include "azure/capability.h"
#include "azure/challenge.h"
#include "base/json.h"
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

#define TREE_MAX 1000000

/* All that was asked for is still asked for, and the capability is told
 * wherever there is a place for it. */
static void added(const char *asked)
{
	struct fault why;
	char *with = capability_claims(asked);
	struct json *before = json_parse(asked, strlen(asked), TREE_MAX, &why);
	struct json *after = json_parse(with, strlen(with), TREE_MAX, &why);
	const struct json *object = json_get(before, "access_token");

	FUZZ_NEED(within(asked, with));
	FUZZ_NEED(before || !strcmp(asked, with));
	FUZZ_NEED(!before || after);
	for (const struct json *one = json_first(before); one && json_name(one);
	     one = json_next(one))
		FUZZ_NEED(json_type(json_get(after, json_name(one))) ==
			  json_type(one));
	for (const struct json *one = json_first(object); one && json_name(one);
	     one = json_next(one))
		FUZZ_NEED(json_get(json_get(after, "access_token"),
				   json_name(one)));
	FUZZ_NEED(json_type(before) != JSON_OBJECT || strchr(asked, '\\') ||
		  (object && json_type(object) != JSON_OBJECT) ||
		  strlen(asked) > 1000 ||
		  json_get(json_get(after, "access_token"), "xms_cc"));
	json_free(before);
	json_free(after);
	free(with);
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
	if (json)
		added(json);
	added(header);
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
