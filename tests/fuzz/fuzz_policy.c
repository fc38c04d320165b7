/* A key's rotation policy: a clause for people that holds nothing but words of
 * ours and durations, or what is wrong. */
#include "reply.h"

static void choose(struct call *call, unsigned option)
{
	if (option & 1)
		text_copy(call->key.version, sizeof(call->key.version),
			  "11111111111111111111111111111111");
}

static void look(const struct call *call, const struct reply *r)
{
	static const char *const words[] = { "rotates",	 "notifies", "after",
					     "before",	 "creation", "expiry",
					     "no",	 "rotation", "new",
					     "versions", "expire",   NULL };
	const char *s = r->policy;

	(void)call;
	reply_no_secret(s);
	FUZZ_NEED(*s && strlen(s) < CALL_POLICY_MAX);
	while (*s) {
		size_t n = strcspn(s, " ;"), i = 0;

		while (words[i] &&
		       (strlen(words[i]) != n || strncmp(words[i], s, n) != 0))
			i++;
		FUZZ_NEED(words[i] ||
			  (*s == 'P' && n > 1 &&
			   strspn(s + 1, "0123456789YMWDTHS") >= n - 1));
		s += n;
		s += strspn(s, " ;");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call call = { .kind = CALL_POLICY };

	reply_read(data, size, &call, choose, look);
	return 0;
}
