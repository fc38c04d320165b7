/* Writes metrics as Prometheus reads them: heads, labels that are escaped, and
 * values without a locale. */
#include "base/exposition.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void exposition_init(struct exposition *x, struct buf *out,
		     enum exposition_form form)
{
	*x = (struct exposition){ .out = out, .form = form };
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
	bool text = x->form == EXPOSITION_PROMETHEUS;
	const char *word = words[x->type];
	const char *suffix = text ? suffix_of(x) : "";

	if (text && x->type == EXPOSITION_INFO)
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

/* Text between quotes, as both forms have it; of other controls JSON wants
 * only that they are not there. */
static void put_quoted(struct exposition *x, const char *s)
{
	bool json = x->form == EXPOSITION_JSON;
	char code[8];

	add(x, "\"");
	while (*s) {
		size_t n = 0;

		while (s[n] && !strchr("\\\"\n", s[n]) &&
		       (!json || (unsigned char)s[n] >= 0x20))
			n++;
		put(x, s, n);
		s += n;
		if (!*s)
			break;
		snprintf(code, sizeof(code), "\\u%04x", (unsigned char)*s);
		add(x, *s == '\n'   ? "\\n"
		       : *s == '"'  ? "\\\""
		       : *s == '\\' ? "\\\\"
				    : code);
		s++;
	}
	add(x, "\"");
}

/* "keyrotd_keys" is io.keyrotd.keys: a name there begins with the socket's. */
static void put_name(struct exposition *x, const char *suffix)
{
	static const char ours[] = "keyrotd_";
	size_t own = sizeof(ours) - 1;

	add(x, "{\"name\":\"io.keyrotd.");
	add(x, strncmp(x->name, ours, own) == 0 ? x->name + own : x->name);
	add(x, suffix);
	add(x, "\"");
}

void exposition_begin(struct exposition *x, const char *suffix)
{
	if (!suffix[0])
		suffix = suffix_of(x);
	x->labels = 0;
	x->fields = false;
	if (x->form == EXPOSITION_JSON) {
		put_name(x, suffix);
		return;
	}
	if (!x->headed)
		put_head(x);
	add(x, x->name);
	add(x, suffix);
}

/* A label whose value is the name of a thing. */
static bool is_object(const char *label)
{
	return strcmp(label, "registry") == 0 || strcmp(label, "key") == 0 ||
	       strcmp(label, "host") == 0;
}

static void put_member(struct exposition *x, const char *name,
		       const char *value)
{
	if (x->labels == 0 && is_object(name)) {
		add(x, ",\"object\":");
	} else {
		add(x, x->fields ? ",\"" : ",\"fields\":{\"");
		add(x, name);
		add(x, "\":");
		x->fields = true;
	}
	put_quoted(x, value);
}

void exposition_label(struct exposition *x, const char *name, const char *value)
{
	value = value ? value : "";
	if (x->form == EXPOSITION_JSON) {
		put_member(x, name, value);
	} else {
		add(x, x->labels ? "," : "{");
		add(x, name);
		add(x, "=");
		put_quoted(x, value);
	}
	x->labels++;
}

static void put_value(struct exposition *x, const char *text)
{
	if (x->form == EXPOSITION_JSON) {
		add(x, x->fields ? "},\"value\":" : ",\"value\":");
		add(x, text);
		put(x, "}", 2);
		return;
	}
	add(x, x->labels ? "} " : " ");
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

static void describe(struct exposition *x, const char *suffix, const char *type)
{
	put_name(x, suffix);
	add(x, ",\"description\":");
	put_quoted(x, x->help);
	add(x, ",\"type\":\"");
	add(x, type);
	put(x, "\"}", 3);
}

void exposition_describe(struct exposition *x)
{
	bool counts = x->type == EXPOSITION_COUNTER;

	if (x->type != EXPOSITION_HISTOGRAM) {
		describe(x, suffix_of(x), counts ? "counter" : "gauge");
		return;
	}
	describe(x, "_bucket", "counter");
	describe(x, "_sum", "counter");
	describe(x, "_count", "counter");
}

void exposition_end(struct exposition *x)
{
	if (x->form == EXPOSITION_OPENMETRICS)
		add(x, "# EOF\n");
}

bool exposition_full(const struct exposition *x)
{
	return x->full;
}
