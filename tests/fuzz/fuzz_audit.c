/* Any bytes as audit.jsonl, behind two bytes that say which byte is changed
 * later: what is found whole is so line by line, and not any more with one
 * byte changed; and as audit.head. */
#include "base/chain_check.h"
#include "fuzz.h"
#include "io/audit_read.h"

static const char key[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MCowBQYDK2VwAyEAx/7MvkKwdAKuBG7TURjWjW0mXGyBvKbm84MsHP/P7DU=\n"
	"-----END PUBLIC KEY-----\n";

/* A record is what its sealed part gives when it is sealed again. */
static void same_again(const char *line, size_t len)
{
	struct chain_record r;
	struct chain c;
	struct fault f = fault_none();
	struct buf again, object;
	const char *sealed;
	size_t n;
	bool ok = chain_read(line, len, &r, &f);

	fuzz_fault(&f, ok);
	if (!ok) {
		FUZZ_NEED(!r.root);
		return;
	}
	FUZZ_NEED(len < CHAIN_LINE_MAX && r.seq > 0 && r.time >= 0);
	FUZZ_NEED(strlen(r.hash) == 64 && strlen(r.prev) == 64);
	sealed = chain_sealed(line, len, &n);
	buf_init(&object, 2 * CHAIN_LINE_MAX);
	buf_init(&again, 2 * CHAIN_LINE_MAX);
	buf_printf(&object, "{");
	buf_add(&object, sealed, n);
	buf_puts(&object, "}");
	c.seq = r.seq - 1;
	text_copy(c.hash, sizeof(c.hash), r.prev);
	if (chain_seal(&c, object.data, object.len, &again)) {
		FUZZ_NEED(again.len == len + 1);
		FUZZ_NEED(!memcmp(again.data, line, len));
		FUZZ_NEED(c.seq == r.seq && !strcmp(c.hash, r.hash));
	}
	buf_free(&object);
	buf_free(&again);
	chain_record_free(&r);
}

static enum chain_verdict check(struct chain_check *c, const char *text,
				size_t len, const char *with, bool lines)
{
	const char *at = text, *end;
	struct fault f = fault_none();
	enum chain_verdict v;

	FUZZ_NEED(chain_check_init(c, with, &f));
	chain_check_file(c, "audit.jsonl");
	while (at < text + len) {
		size_t rest = len - (size_t)(at - text);

		end = memchr(at, '\n', rest);
		if (end)
			rest = (size_t)(end - at);
		if (lines)
			same_again(at, rest);
		if (!chain_check_line(c, at, rest, end != NULL))
			break;
		at = end ? end + 1 : text + len;
	}
	v = chain_check_end(c);
	fuzz_fault(&c->fault, v == CHAIN_WHOLE);
	FUZZ_NEED(fuzz_is_line(c->file));
	FUZZ_NEED(v == CHAIN_WHOLE || c->line > 0);
	if (c->records)
		FUZZ_NEED(c->last.seq == c->first.seq + c->records - 1);
	chain_check_free(c);
	return v;
}

static void head(const char *text, size_t len)
{
	char again[AUDIT_HEAD_LEN + 1];
	struct chain c;

	audit_read_head_of(text, len, &c);
	if (!c.seq)
		return;
	audit_read_head_text(again, &c);
	FUZZ_NEED(len == AUDIT_HEAD_LEN && !memcmp(again, text, len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	size_t at = fuzz_byte(&in);
	struct chain_check c;
	char *text;

	at = at << 8 | fuzz_byte(&in);
	text = text_ndup((const char *)in.data, in.size);
	head(text, in.size);
	check(&c, text, in.size, key, false);
	if (check(&c, text, in.size, NULL, true) == CHAIN_WHOLE && in.size) {
		text[at % in.size] ^= 1;
		FUZZ_NEED(check(&c, text, in.size, NULL, false) != CHAIN_WHOLE);
	}
	free(text);
	return 0;
}
