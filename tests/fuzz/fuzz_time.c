/* Dates and durations: of RFC 3339, of HTTP, of people; and the header that
 * tells how long to wait. */
#include "azure/reply_header.h"
#include "azure/token.h"
#include "fuzz.h"

#define MS_MAX INT64_C(253402300799999)
#define DAY_MS INT64_C(86400000)

/* What is understood is understood again, the same, as we write it. */
static void holds(int64_t ms)
{
	char text[32];

	FUZZ_NEED(ms >= -1 && ms <= MS_MAX);
	text_time(text, sizeof(text), ms);
	FUZZ_NEED((ms < 0) == (text[0] == '\0'));
	if (ms >= 0)
		FUZZ_NEED(text_parse_rfc3339(text) == ms - ms % 1000);
}

/* A date in our own form is that date and no other; only a leap second is
 * told as the second after it. */
static void same_date(const char *s, int64_t ms)
{
	char text[32];

	if (ms < 0 || strlen(s) != 20 || s[10] != 'T' || s[19] != 'Z' ||
	    !strncmp(s + 17, "60", 2))
		return;
	text_time(text, sizeof(text), ms);
	FUZZ_NEED(!strcmp(text, s));
}

static void duration(const char *s)
{
	int64_t ms = text_parse_duration(s), again;
	char text[64], twice[64];

	FUZZ_NEED(ms >= -1);
	text_duration(text, sizeof(text), ms);
	FUZZ_NEED(fuzz_is_line(text));
	if (ms < 0)
		return;
	again = text_parse_duration(text);
	FUZZ_NEED(again >= 0 && again <= ms);
	text_duration(twice, sizeof(twice), again);
	FUZZ_NEED(!strcmp(text, twice));
}

static void expiry(const char *s)
{
	char *text = text_printf("\"%s\"", s);
	struct fault f;
	struct json *n = json_parse(text, strlen(text), 1 << 20, &f);

	holds(token_expiry_ms(n));
	json_free(n);
	free(text);
}

static void waiting(char *s, char *date)
{
	struct answer a = { .status = 429 };
	int64_t ms;
	int left;

	a.headers[ANSWER_RETRY_AFTER] = a.headers[ANSWER_REMAINING_READS] = s;
	a.headers[ANSWER_DATE] = date;
	ms = reply_header_retry_after(&a, INT64_C(1800000000000));
	FUZZ_NEED(ms >= -1 && ms <= DAY_MS);
	left = reply_header_remaining(&a, false);
	FUZZ_NEED(left >= -1);
	FUZZ_NEED(reply_header_remaining(&a, true) == -1);
	holds(reply_header_date(&a));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	char *s = fuzz_piece(&in), *other = fuzz_piece(&in);

	holds(text_parse_rfc3339(s));
	same_date(s, text_parse_rfc3339(s));
	holds(text_parse_http_date(s));
	duration(s);
	expiry(s);
	waiting(s, other);
	free(s);
	free(other);
	return 0;
}
