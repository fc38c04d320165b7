/* A passphrase and, from a NUL on, a file with a certificate and its key: what
 * can be looked at can sign, and what cannot be used is told in one clause that
 * gives nothing of it away. */
#include "azure/assertion.h"
#include "fuzz.h"

/* Three parts of base64url. */
static bool is_token(const char *s)
{
	size_t dots = 0;

	for (; *s; s++) {
		dots += *s == '.';
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
			    "xyz0123456789-_.",
			    *s))
			return false;
	}
	return dots == 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	char *passphrase = fuzz_piece(&in), *pem = fuzz_piece(&in);
	const char *words = *passphrase ? passphrase : NULL;
	struct assertion_claims claims = {
		.audience = "https://login.example/x/oauth2/v2.0/token",
		.client_id = "11111111-2222-3333-4444-555555555555",
		.id = "one",
		.now_ms = INT64_C(1700000000000),
		.algorithm = size % 2 ? CREDENTIAL_RS256 : CREDENTIAL_PS256,
		.send_chain = size % 3 == 0,
	};
	struct assertion_validity v;
	struct fault f = fault_none();
	struct buf out;

	buf_init(&out, ASSERTION_MAX);
	if (!assertion_look(pem, words, &v, &f)) {
		FUZZ_NEED(f.kind == FAULT_INVALID && f.text[0]);
		FUZZ_NEED(!strstr(f.text, "-----"));
		FUZZ_NEED(!assertion_sign(pem, words, &claims, &out, &v, &f));
		FUZZ_NEED(out.len == 0);
	} else if (assertion_sign(pem, words, &claims, &out, &v, &f)) {
		FUZZ_NEED(is_token(buf_str(&out)));
	} else {
		FUZZ_NEED(strstr(f.text, "too long") && out.len == 0);
	}
	buf_free(&out);
	free(passphrase);
	free(pem);
	return 0;
}
