/* Three secrets and a text that may hold them, parted by NUL: nothing of them
 * is left, and nothing else goes. */
#include "base/secret.h"
#include "fuzz.h"

#define SECRETS 3
#define TOKEN_SHORTEST 20
#define TOKEN_CHARS                                            \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789-_.~+/="
#define BASE64                                                 \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789-_+/"

/* Our own marks hold letters, too: a secret that looks like a piece of one
 * cannot be told from it. */
static bool may_be_ours(const char *secret)
{
	return strpbrk(secret, "()*") || strstr("secret", secret) ||
	       strstr("token", secret);
}

static void no_token(const char *text)
{
	while ((text = strstr(text, "eyJ"))) {
		FUZZ_NEED(strspn(text, TOKEN_CHARS) < TOKEN_SHORTEST);
		text += 3;
	}
}

/* Nothing that could be another spelling. */
static bool is_plain(const char *text)
{
	if (strpbrk(text, "%\\&+"))
		return false;
	for (size_t run; *text; text += run ? run : 1) {
		run = strspn(text, BASE64);
		if (run > 10)
			return false;
	}
	return true;
}

/* So much of the secret stands here, when it is enough of it. */
static size_t stands(const struct secret *one, const char *text)
{
	size_t n = 0, part = one->len < SECRET_PART ? one->len : SECRET_PART;

	while (n < one->len && text[n] == one->text[n])
		n++;
	return n < part ? 0 : n;
}

/* It holds none of them, and no token: it stays as it is. */
static bool is_innocent(const struct secrets *k, const char *text)
{
	if (!is_plain(text) || strstr(text, "eyJ"))
		return false;
	for (; *text; text++)
		for (size_t i = 0; i < k->n; i++)
			if (stands(&k->known[i], text))
				return false;
	return true;
}

/* What stands in no secret, in order, into dst. */
static void rest_of(const struct secrets *k, const char *text, char *dst)
{
	const char *end = text;

	for (; *text; text++) {
		for (size_t i = 0; i < k->n; i++)
			if (text + stands(&k->known[i], text) > end)
				end = text + stands(&k->known[i], text);
		if (text >= end)
			*dst++ = *text;
	}
	*dst = '\0';
}

static void without(char *text, const char *word)
{
	size_t len = strlen(word);

	while ((text = strstr(text, word)))
		memmove(text, text + len, strlen(text + len) + 1);
}

/* All that was in a secret is gone, and only that. */
static void just_that(const struct secrets *k, const char *before)
{
	char *rest = text_dup(before), *text = text_dup(before);

	if (!strpbrk(before, "()*") && is_plain(before)) {
		rest_of(k, before, rest);
		secret_strike_known(k, text);
		without(text, "(secret)");
		without(text, "***");
		FUZZ_NEED(!strcmp(text, rest));
	}
	free(rest);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct secrets k = { NULL, 0 };
	char *secrets[SECRETS], *text, *before;

	for (int i = 0; i < SECRETS; i++) {
		secrets[i] = fuzz_piece(&in);
		secret_know(&k, secrets[i]);
	}
	text = fuzz_piece(&in);
	before = text_dup(text);
	just_that(&k, before);
	secret_strike(&k, text);
	FUZZ_NEED(strlen(text) <= strlen(before));
	FUZZ_NEED(!is_innocent(&k, before) || !strcmp(before, text));
	for (size_t i = 0; i < k.n; i++)
		FUZZ_NEED(may_be_ours(k.known[i].text) ||
			  !strstr(text, k.known[i].text));
	no_token(text);
	for (int i = 0; i < SECRETS; i++) {
		secret_forget(&k, secrets[i]);
		free(secrets[i]);
	}
	FUZZ_NEED(!k.n);
	secret_free(&k);
	free(text);
	free(before);
	return 0;
}
