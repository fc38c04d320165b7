/* Writes metrics as Prometheus reads them: heads, labels that are escaped, and
 * values without a locale. */
#include "base/exposition.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void exposition_init(struct exposition *x, struct buf *out, bool openmetrics)
{
	*x = (struct exposition){ .out = out, .openmetrics = openmetrics };
}

void exposition_family(struct exposition *x, const char *name,
		       enum exposition_type type, const char *help)
{
	x->name = name;
	x->type = type;
	x->help = help;
	x->headed = false;
}

void exposition_resume(struct exposition *x)
{
	x->headed = true;
}

static void put(struct exposition *x, const char *text, size_t len)
{
	if (!buf_add(x->out, text, len))
		x->full = true;
}

static void add(struct exposition *x, const char *text)
{
	put(x, text, strlen(text));
}

static const char *suffix_of(const struct exposition *x)
{
	switch (x->type) {
	case EXPOSITION_COUNTER:
		return "_total";
	case EXPOSITION_INFO:
		return "_info";
	case EXPOSITION_GAUGE:
	case EXPOSITION_HISTOGRAM:
		break;
	}
	return "";
}

/* The text format knows no info, and heads a counter by its samples' name. */
static void put_head(struct exposition *x)
{
	static const char *const words[] = {
		[EXPOSITION_GAUGE] = "gauge",
		[EXPOSITION_COUNTER] = "counter",
		[EXPOSITION_HISTOGRAM] = "histogram",
		[EXPOSITION_INFO] = "info",
	};
	const char *word = words[x->type];
	const char *suffix = x->openmetrics ? "" : suffix_of(x);

	if (!x->openmetrics && x->type == EXPOSITION_INFO)
		word = "gauge";
	for (int i = 0; i < 2; i++) {
		add(x, i ? "# TYPE " : "# HELP ");
		add(x, x->name);
		add(x, suffix);
		add(x, " ");
		add(x, i ? word : x->help);
		add(x, "\n");
	}
	x->headed = true;
}

void exposition_begin(struct exposition *x, const char *suffix)
{
	if (!x->headed)
		put_head(x);
	add(x, x->name);
	add(x, suffix[0] ? suffix : suffix_of(x));
	x->labelled = false;
}

void exposition_label(struct exposition *x, const char *name, const char *value)
{
	add(x, x->labelled ? "," : "{");
	x->labelled = true;
	add(x, name);
	add(x, "=\"");
	for (const char *s = value ? value : ""; *s;) {
		size_t plain = strcspn(s, "\\\"\n");

		put(x, s, plain);
		s += plain;
		if (!*s)
			break;
		add(x, *s == '\n' ? "\\n" : *s == '"' ? "\\\"" : "\\\\");
		s++;
	}
	add(x, "\"");
}

static void put_value(struct exposition *x, const char *text)
{
	add(x, x->labelled ? "} " : " ");
	add(x, text);
	add(x, "\n");
}

void exposition_int(struct exposition *x, int64_t v)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, v);
	put_value(x, text);
}

/* By whole numbers: a locale may have another sign for the point. */
static void put_decimal(struct exposition *x, int64_t thousandths)
{
	uint64_t v = thousandths < 0 ? 0 - (uint64_t)thousandths
				     : (uint64_t)thousandths;
	char text[40];

	snprintf(text, sizeof(text), "%s%" PRIu64 ".%03u",
		 thousandths < 0 ? "-" : "", v / 1000, (unsigned)(v % 1000));
	put_value(x, text);
}

void exposition_seconds(struct exposition *x, int64_t ms)
{
	if (ms % 1000 == 0)
		exposition_int(x, ms / 1000);
	else
		put_decimal(x, ms);
}

void exposition_ratio(struct exposition *x, double v)
{
	put_decimal(x, (int64_t)(v * 1000.0 + (v < 0 ? -0.5 : 0.5)));
}

void exposition_end(struct exposition *x)
{
	if (x->openmetrics)
		add(x, "# EOF\n");
}

bool exposition_full(const struct exposition *x)
{
	return x->full;
}
