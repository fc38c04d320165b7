/*
 * The form in which requests and answers are passed between those who know
 * Azure and those who know HTTP, and how each ends: wiped where it held a
 * secret.
 */
#include "azure/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

const char *const answer_header_names[ANSWER_HEADERS] = {
	[ANSWER_DATE] = "date",
	[ANSWER_RETRY_AFTER] = "retry-after",
	[ANSWER_WWW_AUTHENTICATE] = "www-authenticate",
	[ANSWER_ASYNC_OPERATION] = "azure-asyncoperation",
	[ANSWER_LOCATION] = "location",
	[ANSWER_REQUEST_ID] = "x-ms-request-id",
	[ANSWER_CORRELATION_ID] = "x-ms-correlation-request-id",
	[ANSWER_REMAINING_READS] =
		"x-ms-ratelimit-remaining-subscription-reads",
	[ANSWER_REMAINING_WRITES] =
		"x-ms-ratelimit-remaining-subscription-writes",
	[ANSWER_ERROR_CODE] = "x-ms-error-code",
	[ANSWER_LEASE_ID] = "x-ms-lease-id",
	[ANSWER_LEASE_STATE] = "x-ms-lease-state",
	[ANSWER_LEASE_DURATION] = "x-ms-lease-duration",
	[ANSWER_META_ID] = "x-ms-meta-id",
	[ANSWER_META_HOST] = "x-ms-meta-host",
	[ANSWER_META_VERSION] = "x-ms-meta-version",
	[ANSWER_META_SINCE] = "x-ms-meta-since",
	[ANSWER_META_WANTED_ID] = "x-ms-meta-wantedid",
	[ANSWER_META_WANTED_HOST] = "x-ms-meta-wantedhost",
};

void exchange_get(struct exchange *x, char *url, size_t max_body)
{
	x->method = "GET";
	x->url = url;
	x->bearer = true;
	x->max_body = max_body;
}

bool exchange_is_reading(const char *method)
{
	return !strcmp(method, "GET") || !strcmp(method, "HEAD");
}

bool exchange_add_field(struct exchange *x, const char *name, const char *value)
{
	struct exchange_field *field = &x->fields[x->n_fields];

	if (x->n_fields == EXCHANGE_FIELDS)
		return false;
	field->name = name;
	if (!text_copy(field->value, sizeof(field->value), value))
		return false;
	x->n_fields++;
	return true;
}

void exchange_free(struct exchange *x)
{
	free(x->url);
	text_wipe_free(x->body);
	text_wipe_free(x->proof);
	*x = (struct exchange){ .method = NULL };
}

void answer_free(struct answer *a)
{
	for (int i = 0; i < ANSWER_HEADERS; i++) {
		free(a->headers[i]);
		a->headers[i] = NULL;
	}
	buf_free(&a->body);
}

void answer_wipe(struct answer *a)
{
	for (int i = 0; i < ANSWER_HEADERS; i++) {
		text_wipe_free(a->headers[i]);
		a->headers[i] = NULL;
	}
	buf_wipe(&a->body);
}
