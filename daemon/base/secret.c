/*
 * Strikes known secrets and whatever looks like a token out of texts that
 * came from outside.
 */
#include "base/secret.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* What a token is made of, in a header line (RFC 6750 section 2.1). */
#define TOKEN_CHARS                                            \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789-_.~+/="
#define TOKEN_SHORTEST 20

static bool is_token(const char *s)
{
	return !strncmp(s, "eyJ", 3) && strspn(s, TOKEN_CHARS) == strlen(s) &&
	       strlen(s) >= TOKEN_SHORTEST;
}

/* What has a token's form is struck out anyway, and there may be many. */
void secret_know(struct secrets *k, const char *s)
{
	size_t len = s ? strlen(s) : 0;

	if (len < SECRET_SHORTEST || is_token(s))
		return;
	k->known = text_grow(k->known, k->n, sizeof(*k->known));
	k->known[k->n++] = (struct secret){ s, len };
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

/* Every byte of every secret, also where one overlaps another; NULL: there is
 * none, which is so as a rule. */
static char *find_secrets(const struct secrets *k, const char *text, size_t len)
{
	char *bytes = NULL;

	for (size_t i = 0; i < k->n; i++) {
		const struct secret *one = &k->known[i];
		const char *s = text;

		/* Most texts are shorter than a secret. */
		if (len < one->len)
			continue;
		for (; (s = strstr(s, one->text)); s++) {
			char *first;

			if (!bytes)
				bytes = text_alloc(len, 1);
			first = bytes + (s - text);
			*first |= IN_SECRET;
			memset(first + 1, IN_SECRET | LIKE_LAST, one->len - 1);
		}
	}
	return bytes;
}

/* In one pass, however many there are: a long text may be full of them. */
void secret_strike_known(const struct secrets *k, char *text)
{
	size_t len = strlen(text), run;
	char *bytes = k ? find_secrets(k, text, len) : NULL, *to = text;

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
