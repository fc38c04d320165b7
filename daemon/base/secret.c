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

/* One mark in place of len bytes at s; how long the mark is. */
static size_t mark(char *s, size_t len, const char *word)
{
	size_t n = strlen(word);

	if (n > len) {
		word = "***";
		n = 3;
	}
	memcpy(s, word, n);
	memmove(s + n, s + len, strlen(s + len) + 1);
	return n;
}

static void strike_tokens(char *s)
{
	size_t len;

	while ((s = strstr(s, "eyJ"))) {
		len = strspn(s, TOKEN_CHARS);
		s += len >= TOKEN_SHORTEST ? mark(s, len, "(token)") : len;
	}
}

void secret_strike_known(const struct secrets *k, char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; k && i < k->n; i++) {
		const struct secret *one = &k->known[i];

		/* Most texts are shorter than a secret. */
		if (len < one->len)
			continue;
		for (char *s = text; (s = strstr(s, one->text));)
			s += mark(s, one->len, "(secret)");
	}
}

void secret_strike(const struct secrets *k, char *text)
{
	secret_strike_known(k, text);
	strike_tokens(text);
}
