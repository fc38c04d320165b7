/* Counts the days until what proves the daemon ends. */
#include "azure/expiry.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

#define DAY_MS INT64_C(86400000)

bool expiry_text(int64_t end_ms, int64_t now_ms, char dst[EXPIRY_TEXT_MAX])
{
	int64_t days = (end_ms - now_ms) / DAY_MS;
	char at[32];

	if (end_ms - now_ms > EXPIRY_SOON_MS)
		return false;
	text_time(at, sizeof(at), end_ms);
	if (end_ms <= now_ms)
		snprintf(dst, EXPIRY_TEXT_MAX,
			 "ended at %s: register a new one with the "
			 "application and put it into the file.",
			 at);
	else
		snprintf(dst, EXPIRY_TEXT_MAX,
			 "ends at %s, in %s%" PRId64 " %s: register a new one "
			 "with the application and put it into the file.",
			 at, days ? "" : "less than ", days ? days : 1,
			 days > 1 ? "days" : "day");
	return true;
}
