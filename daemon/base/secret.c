/*
 * Strikes known secrets and whatever looks like a token out of texts that
 * came from outside.
 */
#include "base/secret.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/spelling.h"
#include "base/text.h"

/* What a token is made of, in a header line (RFC 6750 section 2.1). */
#define TOKEN_CHARS                                            \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789-_.~+/="
#define TOKEN_SHORTEST 20
#define LAYERS 3 /* of escapes around each other */

static bool is_token(const char *s)
{
	return !strncmp(s, "eyJ", 3) && strspn(s, TOKEN_CHARS) == strlen(s) &&
	       strlen(s) >= TOKEN_SHORTEST;
}

struct secret secret_of(const char *text)
{
	size_t len = strlen(text);
	bool whole = len < SECRET_PART || is_token(text);

	return (struct secret){ text, len, whole ? len : SECRET_PART };
}

/* What has a token's form is struck out anyway, and there may be many. */
void secret_know(struct secrets *k, const char *s)
{
	size_t len = s ? strlen(s) : 0;

	if (len < SECRET_SHORTEST || is_token(s))
		return;
	k->known = text_grow(k->known, k->n, sizeof(*k->known));
	k->known[k->n++] = secret_of(s);
}

void secret_forget(struct secrets *k, const char *s)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->known[i].text == s) {
			k->known[i] = k->known[--k->n];
			return;
		}
}

void secret_free(struct secrets *k)
{
	free(k->known);
	*k = (struct secrets){ NULL, 0 };
}

/* A mark in place of len bytes, to where they were or before; its end. */
static char *mark(char *to, size_t len, const char *word)
{
	size_t n = strlen(word);

	if (n > len) {
		word = "***";
		n = 3;
	}
	memcpy(to, word, n);
	return to + n;
}

static char *move(char *to, const char *from, size_t len)
{
	if (to != from)
		memmove(to, from, len);
	return to + len;
}

static void strike_tokens(char *s)
{
	char *to = s, *hit;
	size_t len;

	while ((hit = strstr(s, "eyJ"))) {
		to = move(to, s, (size_t)(hit - s));
		len = strspn(hit, TOKEN_CHARS);
		to = len >= TOKEN_SHORTEST ? mark(to, len, "(token)")
					   : move(to, hit, len);
		s = hit + len;
	}
	move(to, s, strlen(s) + 1);
}

/* What is known of a byte of a text: */
enum { IN_SECRET = 1, LIKE_LAST = 2 /* in the same one as the byte before */ };

/* For each byte of s how many of its first bytes end there again (Knuth,
 * Morris and Pratt). */
static size_t *overlaps(const char *s, size_t len)
{
	size_t *back = text_alloc(len, sizeof(*back)), q = 0;

	for (size_t i = 1; i < len; i++) {
		while (q > 0 && s[q] != s[i])
			q = back[q - 1];
		q += s[q] == s[i];
		back[i] = q;
	}
	return back;
}

/* What is marked, and where each byte that is looked at stands in it. */
struct finding {
	char *marks; /* of len bytes; NULL: nothing was found yet */
	size_t len;
	const struct spelling *s; /* NULL: the text as it is */
	bool look, seen;	  /* only whether there is any; there is one */
};

/* The bytes from first up to, not with, end are a secret's, whose first byte
 * is at start. */
static void found(struct finding *f, size_t start, size_t first, size_t end)
{
	if (!f->marks)
		f->marks = text_alloc(f->len, 1);
	for (size_t i = first; i < end; i++) {
		size_t from = f->s ? f->s->from[i] : i;
		size_t to = f->s ? f->s->to[i] : i + 1;

		for (size_t at = from; at < to; at++)
			f->marks[at] |= (char)(i == start && at == from
						       ? IN_SECRET
						       : IN_SECRET | LIKE_LAST);
	}
}

/* Each place where so many of its first bytes stand, as far as they go. */
static void find_one(struct finding *f, const struct secret *one, size_t part,
		     const char *text, size_t len)
{
	const char *hit = memmem(text, len, one->text, part);
	size_t *back, q = 0, done = 0;

	if (!hit)
		return; /* so it is as a rule */
	f->seen = true;
	if (f->look)
		return;
	back = overlaps(one->text, one->len);
	for (size_t i = (size_t)(hit - text); i < len; i++) {
		size_t start;

		while (q > 0 && (q == one->len || one->text[q] != text[i]))
			q = back[q - 1];
		q += one->text[q] == text[i];
		if (q < part)
			continue;
		start = i + 1 - q;
		found(f, start, start > done ? start : done, i + 1);
		done = i + 1;
	}
	free(back);
}

static void find_all(struct finding *f, const struct secrets *k,
		     const struct spelling *s)
{
	f->s = s;
	for (size_t i = 0; i < k->n; i++)
		if (k->known[i].len >= SECRET_SPELT && s->n >= SECRET_SPELT)
			find_one(f, &k->known[i], k->known[i].part, s->bytes,
				 s->n);
}

static void find_in_layers(struct finding *f, const struct secrets *k,
			   const char *text, bool plus, bool way_back)
{
	struct spelling s;

	spelling_init(&s, text, f->len, plus, way_back);
	if (plus)
		find_all(f, k, &s);
	for (int i = 0; i < LAYERS && spelling_undo(&s); i++)
		find_all(f, k, &s);
	if (spelling_base64(&s))
		find_all(f, k, &s);
	f->s = NULL;
	spelling_free(&s);
}

/* As a rule there is none: that is seen without the way back. */
static void find_spelt(struct finding *f, const struct secrets *k,
		       const char *text, bool plus)
{
	struct finding look = { .len = f->len, .look = true };

	find_in_layers(&look, k, text, plus, false);
	if (look.seen)
		find_in_layers(f, k, text, plus, true);
}

/* Every byte of every secret, also where one overlaps another; NULL: there is
 * none, which is so as a rule. */
static char *find_secrets(const struct secrets *k, const char *text, size_t len)
{
	struct finding f = { .len = len };
	bool spelt = false;

	/* Most texts are shorter than a secret, also in another spelling: that
	 * makes none shorter. */
	for (size_t i = 0; i < k->n; i++) {
		size_t part = k->known[i].part;

		find_one(&f, &k->known[i], part, text, len);
		spelt |= k->known[i].len >= SECRET_SPELT && len >= part;
	}
	if (spelt) {
		find_spelt(&f, k, text, false);
		if (strchr(text, '+'))
			find_spelt(&f, k, text, true);
	}
	return f.marks;
}

size_t secret_least(const struct secrets *k)
{
	size_t least = SIZE_MAX;

	for (size_t i = 0; k && i < k->n; i++)
		if (k->known[i].part < least)
			least = k->known[i].part;
	return least;
}

bool secret_may_hold_token(const char *s, size_t len)
{
	const char *end, *j = s;

	if (!len) /* s may be NULL then, to which nothing may be added */
		return false;
	if (memchr(s, '\\', len))
		return true;
	end = s + len;
	/* The rarest letter of "eyJ". */
	for (; (j = memchr(j, 'J', (size_t)(end - j))); j++)
		if (j - s >= 2 && j[-1] == 'y' && j[-2] == 'e')
			return true;
	return false;
}

/* In one pass, however many there are: a long text may be full of them. */
void secret_strike_known(const struct secrets *k, char *text)
{
	size_t len = strlen(text), run;
	char *bytes, *to = text;

	if (len < secret_least(k))
		return; /* so it is with most */
	bytes = find_secrets(k, text, len);
	if (!bytes)
		return;
	for (size_t i = 0; i < len; i += run) {
		run = 1;
		while (bytes[i] && i + run < len && bytes[i + run] & LIKE_LAST)
			run++;
		if (bytes[i])
			to = mark(to, run, "(secret)");
		else
			*to++ = text[i];
	}
	*to = '\0';
	free(bytes);
}

void secret_strike(const struct secrets *k, char *text)
{
	secret_strike_known(k, text);
	strike_tokens(text);
}

bool secret_within(const struct secrets *k, const char *text)
{
	struct finding f = { .len = strlen(text) };
	bool within;

	for (size_t i = 0; i < k->n; i++)
		if (k->known[i].len >= SECRET_SPELT)
			find_one(&f, &k->known[i], k->known[i].len, text,
				 f.len);
	if (!f.marks)
		find_spelt(&f, k, text, false);
	within = f.marks != NULL;
	free(f.marks);
	return within;
}
