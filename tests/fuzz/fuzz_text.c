/* The small parsers: dates, durations, identifiers. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "azure/keyid.h"
#include "azure/resid.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = text_ndup((const char *)data, size);
	char printed[KEYID_TEXT_MAX];
	struct fault f = fault_none();
	struct keyid again, key;
	struct resid id;

	text_parse_rfc3339(s);
	text_parse_http_date(s);
	text_parse_duration(s);
	resid_parse(&id, s, &f);
	if (keyid_parse(&key, s, &f)) {
		/* What was understood is understood again, the same. */
		keyid_print(&key, printed, sizeof(printed));
		if (!keyid_parse(&again, printed, &f) ||
		    !keyid_same(&key, &again))
			abort();
	}
	free(s);
	return 0;
}
