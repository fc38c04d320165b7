/* The text of one value -> the value, or a complaint that says what it may
 * be. */
#include "config/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "config/value_text.h"

#define SHOWN_MAX 80 /* bytes of a refused value that a complaint repeats */

#define WORDS "-_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

bool value_is_near(unsigned d, const char *mistyped)
{
	/* A third of the letters wrong is still a slip of the fingers. */
	return d <= 1 + strlen(mistyped) / 4;
}

/* The word that a wrong one is close to or holds ("AzureChinaCloud"), written
 * in any case; NULL when there is none. */
static const char *near_word(const char *const *words, const char *text)
{
	const char *best = NULL;
	unsigned least = 64, d;
	char low[64];

	if (!words || !text_copy(low, sizeof(low), text))
		return NULL;
	text_lower(low);
	for (; *words; words++) {
		d = strlen(*words) > 3 && strstr(low, *words)
			    ? 0
			    : text_distance(low, *words);
		if (d < least) {
			least = d;
			best = *words;
		}
	}
	return value_is_near(least, low) ? best : NULL;
}

void value_accepts(const struct config_type *t, char *dst, size_t size)
{
	struct buf b;

	if (t->accepts) {
		text_copy(dst, size, t->accepts);
		return;
	}
	buf_init(&b, size - 1);
	for (const char *const *word = t->words; *word; word++)
		buf_printf(&b, "%s%s",
			   word == t->words ? ""
			   : word[1]	    ? ", "
					    : " or ",
			   *word);
	text_copy(dst, size, buf_str(&b));
	buf_free(&b);
}

/* What was written is shown, unless it stands in a credential block: a secret
 * put into the wrong option must not reach a log.  One of a few words may be
 * shown there as well when it looks like one. */
static bool may_show(const struct config_option *o, const char *text)
{
	return !o->secret || (o->type->words && strlen(text) <= 32 &&
			      value_text_made_of(text, WORDS));
}

bool value_read(const struct config_option *o, const char *text, unsigned line,
		void *base, struct fault *why)
{
	struct config_value v = {
		o, text, line, base, (char *)base + o->offset, why
	};
	bool too_long = !o->min && o->max &&
			strlen(text) > strtoul(o->max, NULL, 10);
	char range[64] = "", shown[SHOWN_MAX + 16] = "";
	char accepts[VALUE_ACCEPTS_MAX];
	const char *near;
	size_t len;

	why->text[0] = '\0';
	if (!too_long && o->type->read(&v))
		return true;
	if (why->text[0])
		return fault_set(why, FAULT_INVALID, 0, "'%s': %s", o->name,
				 why->text);
	if (o->min)
		snprintf(range, sizeof(range), ", from %s to %s", o->min,
			 o->max);
	else if (too_long)
		snprintf(range, sizeof(range), ", at most %s bytes long",
			 o->max);
	if (may_show(o, text))
		snprintf(shown, sizeof(shown), ", not \"%.*s\"%s", SHOWN_MAX,
			 text, strlen(text) > SHOWN_MAX ? "..." : "");
	near = near_word(o->type->words, text);
	value_accepts(o->type, accepts, sizeof(accepts));
	fault_set(why, FAULT_INVALID, 0, "'%s' must be %s%s%s", o->name,
		  accepts, range, shown);
	len = strlen(why->text);
	snprintf(why->text + len, sizeof(why->text) - len,
		 near ? "; did you mean \"%s\"?" : ".%s", near ? near : "");
	return false;
}
