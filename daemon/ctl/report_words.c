/*
 * The words of a report: numbers with their units, and sentences that say how
 * far they can be believed.
 */
#include "ctl/report_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ctl/history_move.h"
#include "ctl/history_span.h"
#include "ctl/words.h"

#define SIZE REPORT_WORDS_MAX
#define MINUTE_MS 60000.0

void report_words_time(char *dst, int64_t ms)
{
	text_time(dst, SIZE, ms);
	if (strlen(dst) < 20)
		return;
	dst[10] = ' ';
	dst[19] = '\0';
}

void report_words_minutes(char *dst, int64_t ms)
{
	dst[0] = '\0';
	if (ms >= 0)
		snprintf(dst, SIZE, "%.1f min", (double)ms / MINUTE_MS);
}

void report_words_used(char *dst, const struct history_move *m)
{
	int64_t took = history_move_took(m);
	double part;

	dst[0] = '\0';
	if (took < 0 || m->window_ms <= 0)
		return;
	part = 100.0 * (double)took / (double)m->window_ms;
	/* What is late took more than all of it, if only by a second. */
	if (history_move_is_late(m))
		part = part < 100.5 ? 101 : part;
	snprintf(dst, SIZE, "%.0f %%", part);
}

void report_words_version(char *dst, const struct history *h, uint32_t version)
{
	words_version(dst, SIZE,
		      version == HISTORY_NONE ? NULL
					      : h->versions[version].name);
}

void report_words_moves(char *dst, const struct history *h)
{
	size_t untimed = h->n_moves - h->n_timed;
	int n;

	if (h->n_moves == 0) {
		text_copy(dst, SIZE, "No registry was moved.");
		return;
	}
	n = snprintf(dst, SIZE,
		     "%zu %s verified: %zu within the window, %zu late",
		     h->n_moves, h->n_moves == 1 ? "move was" : "moves were",
		     h->n_timed - h->n_late, h->n_late);
	if (untimed)
		n += snprintf(dst + n, SIZE - (size_t)n,
			      ", %zu that no window applies to", untimed);
	snprintf(dst + n, SIZE - (size_t)n, ".");
}

void report_words_missed(char *dst, const struct history *h)
{
	dst[0] = '\0';
	if (h->n_missed > 0)
		snprintf(dst, SIZE,
			 "%zu %s missed, or may have been, by %s not verified "
			 "on that version later either.",
			 h->n_missed,
			 h->n_missed == 1 ? "deadline was" : "deadlines were",
			 h->n_missed == 1 ? "a registry that was"
					  : "registries that were");
}

void report_words_spans(char *dst, const struct history *h)
{
	char middle[SIZE], most[SIZE], last[SIZE];

	dst[0] = '\0';
	if (h->n_timed == 0)
		return;
	report_words_minutes(middle, h->took[(h->n_timed - 1) / 2]);
	report_words_minutes(most, h->took[(h->n_timed - 1) * 95 / 100]);
	report_words_minutes(last, h->took[h->n_timed - 1]);
	snprintf(dst, SIZE,
		 "From effective to verified: half within %.32s, 95 %% within "
		 "%.32s, all within %.32s.",
		 middle, most, last);
}

void report_words_rotated(char *dst, const struct history *h, uint32_t key)
{
	const struct history_key *k = &h->keys[key];
	int64_t every = history_every(k);
	char times[SIZE], span[64];

	dst[0] = '\0';
	if (!history_span_reaches(h))
		return;
	snprintf(times, sizeof(times), "Rotated %u %s", k->rotations,
		 k->rotations == 1 ? "time" : "times");
	if (k->rotations == 0)
		text_copy(times, sizeof(times), "Not rotated in this time");
	text_duration(span, sizeof(span), every < 0 ? 0 : every);
	if (every < 0)
		snprintf(dst, SIZE, "%.64s.", times);
	else
		snprintf(dst, SIZE, "%.64s; every %s on average.", times, span);
}

void report_words_gaps(char *dst, const struct history *h)
{
	char span[64];

	if (h->n_gaps == 0) {
		text_copy(dst, SIZE,
			  "The watcher was never down, as far as the records "
			  "tell.");
		return;
	}
	text_duration(span, sizeof(span), h->down_ms);
	snprintf(dst, SIZE, "The watcher was down %zu %s, for %s at most.",
		 h->n_gaps, h->n_gaps == 1 ? "time" : "times", span);
}

const char *report_words_gap(const struct history_gap *g)
{
	return g->stopped ? "stopped in order"
			  : "ended without a stop, at some time after the "
			    "first of these";
}

void report_words_due(char *dst, const struct history *h,
		      const struct history_registry *r)
{
	int64_t due = history_due(h, r);
	char version[SIZE], time[SIZE];

	dst[0] = '\0';
	if (due < 0)
		return;
	report_words_version(version, h, h->keys[r->key].newest);
	report_words_time(time, due);
	snprintf(dst, SIZE,
		 "Version %.8s is not verified yet; the window %s %.19s.",
		 version, due < history_span_until(h) ? "ended at" : "ends at",
		 time);
}

void report_words_advice(char *dst, const struct history *h, uint32_t version)
{
	const struct history_version *v = &h->versions[version];
	char time[SIZE];

	switch (history_advice(h, version)) {
	case HISTORY_NEWEST:
		text_copy(dst, SIZE, "Keep it: it is the newest.");
		break;
	case HISTORY_IN_USE:
		snprintf(dst, SIZE, "Keep it: %u %s on it.", v->users,
			 v->users == 1 ? "registry is" : "registries are");
		break;
	case HISTORY_UNKNOWN:
		if (v->departed) {
			snprintf(dst, SIZE,
				 "Keep it: %u %s no longer watched %s on it "
				 "when %s last read; watch %s again until it "
				 "was read elsewhere or is found gone.",
				 v->departed,
				 v->departed == 1 ? "registry that is"
						  : "registries that are",
				 v->departed == 1 ? "was" : "were",
				 v->departed == 1 ? "it was" : "they were",
				 v->departed == 1 ? "it" : "each");
			break;
		}
		text_copy(dst, SIZE,
			  "Keep it: these records do not tell of every "
			  "registry which version it is on.");
		break;
	case HISTORY_CLEAR:
		report_words_time(time, v->left);
		snprintf(dst, SIZE,
			 "No watched registry is on it%s%.19s. Ask keyrotctl "
			 "versions before it is disabled.",
			 v->left >= 0 ? " since " : "", time);
		break;
	}
}

const char *report_words_limit(char *dst, const struct history *h, unsigned i)
{
	char time[SIZE];
	unsigned n = 0;

	if (h->last < 0)
		return NULL;
	if (h->from >= 0 && h->from < h->first && i == n++) {
		report_words_time(time, h->first);
		snprintf(dst, SIZE,
			 "Nothing is known of the time before the first "
			 "record, of %.19s.",
			 time);
		return dst;
	}
	if (i == n++) {
		report_words_time(time, h->last);
		snprintf(dst, SIZE,
			 "All is as of the last record, of %.19s%s; what came "
			 "after it is not known here.",
			 time,
			 h->stopped ? ", with which the watcher ended" : "");
		return dst;
	}
	if (!h->listed && i == n++)
		return "No list of what is watched is in these records: a "
		       "registry that was never moved or in trouble is missing "
		       "here.";
	if (h->lost && i == n++) {
		snprintf(dst, SIZE,
			 "%" PRIu64 " %s lost before the disk had them.",
			 h->lost, h->lost == 1 ? "record was" : "records were");
		return dst;
	}
	if (h->left_out && i == n++) {
		snprintf(dst, SIZE,
			 "%" PRIu64 " %s left out: there are more than a "
			 "report holds. Ask for a shorter time.",
			 h->left_out,
			 h->left_out == 1 ? "item was" : "items were");
		return dst;
	}
	return NULL;
}
