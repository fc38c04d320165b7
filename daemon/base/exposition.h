/*
 * exposition: metrics in the forms that others take: Prometheus' text format
 * 0.0.4 (prometheus/docs: content/docs/instrumenting/exposition_formats.md),
 * OpenMetrics 1.0 (OpenMetrics: specification/OpenMetrics.md), or the messages
 * of io.systemd.Metrics (systemd: src/shared/varlink-io.systemd.Metrics.c).
 *
 * The buffer is the caller's, and its bound the only one: buf_add of what does
 * not fit is refused, so a caller looks at exposition_full before it hands out
 * what was made.  A family begins with exposition_family; its head is written
 * before its first sample, so one without samples leaves no trace.  All samples
 * of a family stand together: a family may go on in another buffer, and then
 * its caller says so with exposition_resume.
 */
#ifndef KEYROTD_BASE_EXPOSITION_H
#define KEYROTD_BASE_EXPOSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum exposition_type {
	EXPOSITION_GAUGE,
	EXPOSITION_COUNTER,   /* its samples are named NAME_total */
	EXPOSITION_HISTOGRAM, /* NAME_bucket, NAME_sum, NAME_count */
	EXPOSITION_INFO,      /* NAME_info, whose value is 1 */
};

enum exposition_form {
	EXPOSITION_PROMETHEUS,
	EXPOSITION_OPENMETRICS,
	/* One JSON object for each sample, ended by NUL: "name", "value",
	 * "object" (what its first label names, when that is a thing and not
	 * a word of ours) and "fields" (the other labels). */
	EXPOSITION_JSON,
};

struct exposition {
	struct buf *out;
	enum exposition_form form;
	/* The family under way; static text of the caller's. */
	const char *name, *help;
	enum exposition_type type;
	bool headed;	 /* its head stands */
	unsigned labels; /* of the sample under way */
	bool fields;	 /* JSON: and some are in "fields" */
	bool full;	 /* something did not fit */
};

void exposition_init(struct exposition *x, struct buf *out,
		     enum exposition_form form);
/* name: without what its type adds; help: one sentence. */
void exposition_family(struct exposition *x, const char *name,
		       enum exposition_type type, const char *help);
/* The head of the family stands in an earlier buffer. */
void exposition_resume(struct exposition *x);

/* A sample: begin, its labels, its value.  suffix: "_bucket", "_sum" or
 * "_count" of a histogram, else "" for what the type adds. */
void exposition_begin(struct exposition *x, const char *suffix);
/* value: any UTF-8 text; NULL: "". */
void exposition_label(struct exposition *x, const char *name,
		      const char *value);
void exposition_int(struct exposition *x, int64_t v);
void exposition_seconds(struct exposition *x, int64_t ms); /* ms as seconds */
void exposition_ratio(struct exposition *x, double v);

/* What the family is, as io.systemd.Metrics.Describe tells it: one JSON object
 * ended by NUL for each kind of its samples. */
void exposition_describe(struct exposition *x);

/* The end of all: OpenMetrics has a mark for it. */
void exposition_end(struct exposition *x);
/* Something did not fit into the buffer: what is there is not whole. */
bool exposition_full(const struct exposition *x);

#endif
