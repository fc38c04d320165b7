/*
 * One way to say what went wrong, so that whoever decides looks at the kind
 * and whoever reads gets one clean line.
 */
#include "base/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char *const kind_words[] = {
	[FAULT_NONE] = "none",		 [FAULT_TRANSIENT] = "transient",
	[FAULT_THROTTLED] = "throttled", [FAULT_AUTH] = "auth",
	[FAULT_DENIED] = "denied",	 [FAULT_MISSING] = "missing",
	[FAULT_CONFLICT] = "conflict",	 [FAULT_REFUSED] = "refused",
	[FAULT_INVALID] = "invalid",	 [FAULT_LOCAL] = "local",
};

struct fault fault_none(void)
{
	struct fault f = { .kind = FAULT_NONE, .retry_after_ms = -1 };

	return f;
}

bool fault_set(struct fault *f, enum fault_kind kind, int code, const char *fmt,
	       ...)
{
	char line[FAULT_TEXT_MAX];
	va_list ap;

	/* Into a buffer of our own first: the arguments may lie in *f. */
	va_start(ap, fmt);
	if (vsnprintf(line, sizeof(line), fmt, ap) < 0)
		line[0] = '\0';
	va_end(ap);
	text_line(line);

	*f = fault_none();
	f->kind = kind;
	f->code = code;
	text_copy(f->text, sizeof(f->text), line);
	return false;
}

bool fault_same(const struct fault *a, const struct fault *b)
{
	return a->kind == b->kind && a->code == b->code &&
	       a->retry_after_ms == b->retry_after_ms &&
	       a->heals_ms == b->heals_ms && strcmp(a->text, b->text) == 0 &&
	       strcmp(a->request_id, b->request_id) == 0 &&
	       strcmp(a->azure_code, b->azure_code) == 0 &&
	       strcmp(a->inner_code, b->inner_code) == 0;
}

const char *fault_kind_str(enum fault_kind kind)
{
	size_t i = (size_t)kind;

	if (i >= sizeof(kind_words) / sizeof(kind_words[0]))
		return "unknown";
	return kind_words[i];
}

bool fault_is_transient(const struct fault *f)
{
	return f->kind == FAULT_TRANSIENT || f->kind == FAULT_THROTTLED ||
	       f->kind == FAULT_CONFLICT;
}
