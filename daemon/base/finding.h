/*
 * finding: what one check of the doctor has found, as a plain record, as JSON
 * and as lines for people.  The daemon and keyrotctl tell it alike because
 * both tell it by this.
 *
 * All strings are borrowed.
 */
#ifndef KEYROTD_BASE_FINDING_H
#define KEYROTD_BASE_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

enum finding_result {
	FINDING_OK,
	FINDING_WARN,
	FINDING_FAIL,
	FINDING_SKIP, /* it hangs on something that has failed */
	FINDING_RESULTS
};

struct finding {
	enum finding_result result;
	const char *kind;    /* of what: "key" ... */
	const char *name;    /* ... and which one */
	const char *check;   /* "key read" */
	const char *text;    /* one sentence: what was found */
	const char *to_do;   /* one sentence: what to do; NULL: nothing */
	const char *command; /* what mends it, for a shell; NULL: none does */
};

/* How many there were of each result. */
struct finding_count {
	size_t n[FINDING_RESULTS];
};

const char *finding_str(enum finding_result result); /* "ok", "warn" ... */

/* As one JSON object. */
void finding_write(const struct finding *f, struct json_writer *w);
/* Borrow it from such an object; false when that is none. */
bool finding_read(const struct json *object, struct finding *f);
/* The members "ok", "warn", "fail" and "skip", numbers. */
void finding_write_count(const struct finding_count *c, struct json_writer *w);

/* What a line is, so that it can be given a colour. */
enum finding_part {
	PART_HEADING,
	PART_RESULT, /* by the finding's result */
	PART_TODO,
	PART_COMMAND, /* never broken, so that it can be copied */
};
typedef void finding_line(enum finding_part part, const char *line, void *arg);

/*
 * Hand out the lines of one finding, without line ends; none for what was
 * skipped.  heading: first the name of what it is about.  width: columns to
 * break sentences at, 0: never.
 */
void finding_lines(const struct finding *f, bool heading, size_t width,
		   finding_line *line, void *arg);
/* The closing sentence. */
void finding_sum(const struct finding_count *c, char *dst, size_t size);

#endif
