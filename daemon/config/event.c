/* The kinds of events, and which of them somebody has chosen. */
#include "config/event.h"

#include <string.h>

#define DEFAULT                                                     \
	"late,failed,blocked,held,overdue,drift,warning,key-error," \
	"reload-refused,state,clock,forecast"

const char *const event_words[] = {
	"new-version", "write",	    "accepted",	  "verified", "late",
	"failed",      "blocked",   "held",	  "overdue",  "drift",
	"warning",     "key-error", "key-ok",	  "key-way",  "paused",
	"resumed",     "order",	    "order-over", "reload",   "reload-refused",
	"state",       "clock",	    "dry-run",	  "forecast", "forecast-over",
	"found",       "retired",   "leader",	  "standby",  "alone",
	"all",	       NULL
};

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*list) {
		size_t n = strcspn(list, ",");

		if (n == len && !memcmp(list, word, n))
			return true;
		list += n;
		list += *list == ',';
	}
	return false;
}

bool event_chosen(const char *chosen, const char *kind)
{
	if (!chosen)
		chosen = DEFAULT;
	return has_word(chosen, "all") || has_word(chosen, kind);
}
