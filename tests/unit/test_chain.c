/* base/chain and base/chain_check: what is sealed reads back, and nobody
 * changes a byte of it unseen. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/chain.h"
#include "base/chain_check.h"
#include "base/text.h"

/* Made by openssl genpkey -algorithm ed25519, for these tests alone. */
static const char private_key[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEIHrxAag84nuus4ldxX1szW3qCznNhpvMaWBedK67M2Bs\n"
	"-----END PRIVATE KEY-----\n";

#define RECORDS 6
#define TEXT_MAX 65536

/* A file of so many records, and which record each byte is of. */
struct made {
	struct buf text;
	struct chain chain;
	size_t ends[64]; /* behind each record */
	size_t n;
};

static void add(struct made *m, const char *kind, const char *more)
{
	char object[2048];

	snprintf(object, sizeof(object),
		 "{\"time\":\"2026-01-02T03:04:%02d.250Z\",\"kind\":\"%s\"%s}",
		 (int)m->n, kind, more);
	assert_true(chain_seal(&m->chain, object, strlen(object), &m->text));
	m->ends[m->n++] = m->text.len;
}

static void make(struct made *m)
{
	*m = (struct made){ 0 };
	chain_init(&m->chain);
	buf_init(&m->text, TEXT_MAX);
}

static void make_usual(struct made *m, const char *first)
{
	make(m);
	add(m, "start", first);
	while (m->n < RECORDS - 1)
		add(m, "event", ",\"text\":\"a \\\"word\\\" or two\"");
	add(m, "stop", "");
}

/* What is on the lines of text. */
static enum chain_verdict check(struct chain_check *c, const char *text,
				size_t len, const char *key,
				const struct chain *anchor)
{
	const char *at = text, *end;
	struct fault f = fault_none();
	enum chain_verdict verdict;

	assert_true(chain_check_init(c, key, &f));
	if (anchor)
		chain_check_anchor(c, anchor);
	chain_check_file(c, "file");
	while (at < text + len) {
		size_t rest = len - (size_t)(at - text);

		end = memchr(at, '\n', rest);
		if (!chain_check_line(c, at, end ? (size_t)(end - at) : rest,
				      end != NULL))
			break;
		at = end ? end + 1 : text + len;
	}
	verdict = chain_check_end(c);
	assert_true((verdict == CHAIN_WHOLE) == (c->fault.kind == FAULT_NONE));
	chain_check_free(c);
	return verdict;
}

static size_t record_at(const struct made *m, size_t byte)
{
	size_t i = 0;

	while (byte >= m->ends[i])
		i++;
	return i + 1;
}

static void reads_back(void **state)
{
	struct made m;
	struct chain_check c;
	struct chain_record r;
	struct fault f;
	const char *sealed;
	size_t n;

	(void)state;
	make_usual(&m, ",\"n\":1");
	assert_int_equal(check(&c, m.text.data, m.text.len, NULL, NULL),
			 CHAIN_WHOLE);
	assert_int_equal(c.records, RECORDS);
	assert_int_equal(c.first.seq, 1);
	assert_int_equal(c.last.seq, RECORDS);
	assert_string_equal(c.last.hash, m.chain.hash);
	assert_true(c.closed);
	assert_true(chain_read(m.text.data, m.ends[0] - 1, &r, &f));
	assert_int_equal(r.time, text_parse_rfc3339("2026-01-02T03:04:00.25Z"));
	assert_string_equal(r.kind, "start");
	chain_record_free(&r);
	sealed = chain_sealed(m.text.data, m.ends[0] - 1, &n);
	assert_int_equal(n, strlen("\"time\":\"2026-01-02T03:04:00.250Z\","
				   "\"kind\":\"start\",\"n\":1"));
	assert_memory_equal(sealed, "\"time\"", 6);
	buf_free(&m.text);
}

static void what_is_no_object_is_not_sealed(void **state)
{
	static const char *const bad[] = {
		"",
		"{}",
		"{\"time\":\"\"",
		"[1]",
		"{\"kind\":\"x\",\"time\":1}",
		"{\"time\":\"2026-01-02T03:04:05Z\"\n,\"kind\":\"x\"}",
	};
	struct made m;
	char *large = text_alloc(CHAIN_OBJECT_MAX + 2, 1);

	(void)state;
	make(&m);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(
			chain_seal(&m.chain, bad[i], strlen(bad[i]), &m.text));
	memset(large, ' ', CHAIN_OBJECT_MAX + 1);
	memcpy(large, "{\"time\":\"", 9);
	large[CHAIN_OBJECT_MAX] = '}';
	assert_false(
		chain_seal(&m.chain, large, CHAIN_OBJECT_MAX + 1, &m.text));
	large[CHAIN_OBJECT_MAX - 1] = '}';
	assert_true(chain_seal(&m.chain, large, CHAIN_OBJECT_MAX, &m.text));
	assert_true(m.text.len < CHAIN_LINE_MAX);
	m.text.max = m.text.len + 10;
	assert_false(chain_seal(&m.chain, large, CHAIN_OBJECT_MAX, &m.text));
	assert_int_equal(m.chain.seq, 1);
	assert_int_equal(m.text.data[m.text.len], 0);
	free(large);
	buf_free(&m.text);
}

/* ---- what somebody does to it ---- */

static void every_flipped_byte(void **state)
{
	struct made m;
	struct chain_check c;

	(void)state;
	make_usual(&m, "");
	for (size_t i = 0; i < m.text.len; i++) {
		for (int bit = 0; bit < 8; bit += 5) {
			m.text.data[i] ^= (char)(1 << bit);
			assert_int_not_equal(
				check(&c, m.text.data, m.text.len, NULL, NULL),
				CHAIN_WHOLE);
			assert_int_equal(c.seq, record_at(&m, i));
			assert_int_equal(c.line, record_at(&m, i));
			assert_string_equal(c.file, "file");
			m.text.data[i] ^= (char)(1 << bit);
		}
	}
	buf_free(&m.text);
}

static void every_byte_that_is_gone_or_new(void **state)
{
	struct made m;
	struct chain_check c;
	char *text = text_alloc(TEXT_MAX, 1);

	(void)state;
	make_usual(&m, "");
	for (size_t i = 0; i < m.text.len; i++) {
		memcpy(text, m.text.data, i);
		memcpy(text + i, m.text.data + i + 1, m.text.len - i - 1);
		assert_int_not_equal(
			check(&c, text, m.text.len - 1, NULL, NULL),
			CHAIN_WHOLE);
		assert_int_equal(c.seq, record_at(&m, i));
		memcpy(text + i + 1, m.text.data + i, m.text.len - i);
		for (const char *new = "0 \n{\""; *new; new ++) {
			text[i] = *new;
			if (*new == m.text.data[i])
				continue; /* the same as behind it */
			assert_int_not_equal(
				check(&c, text, m.text.len + 1, NULL, NULL),
				CHAIN_WHOLE);
			assert_int_equal(c.seq, record_at(&m, i));
		}
	}
	buf_puts(&m.text, "\n");
	assert_int_equal(check(&c, m.text.data, m.text.len, NULL, NULL),
			 CHAIN_BROKEN);
	assert_int_equal(c.seq, RECORDS + 1);
	free(text);
	buf_free(&m.text);
}

/* Lines in this order; 0 ends. */
static enum chain_verdict in_order(struct chain_check *c, const struct made *m,
				   const char *order)
{
	enum chain_verdict v;
	struct buf text;

	buf_init(&text, TEXT_MAX);
	for (; *order; order++) {
		size_t i = (size_t)(*order - '1');
		size_t from = i ? m->ends[i - 1] : 0;

		buf_add(&text, m->text.data + from, m->ends[i] - from);
	}
	v = check(c, text.data, text.len, NULL, NULL);
	buf_free(&text);
	return v;
}

static void lines_that_are_moved(void **state)
{
	static const struct {
		const char *order;
		uint64_t seq;
		const char *words;
	} rows[] = {
		{ "13456", 3, "record 2 is missing before it" },
		{ "1456", 4, "records 2 to 3 are missing before it" },
		{ "132456", 3, "record 2 is missing" },
		{ "1223456", 2, "for the second time" },
		{ "1234561", 1, "stands behind record 6" },
	};
	struct made m;
	struct chain_check c;

	(void)state;
	make_usual(&m, "");
	assert_int_equal(in_order(&c, &m, "123456"), CHAIN_WHOLE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(in_order(&c, &m, rows[i].order), CHAIN_BROKEN);
		assert_int_equal(c.seq, rows[i].seq);
		assert_non_null(strstr(c.fault.text, rows[i].words));
	}
	/* What is cut off at the front is told by where it begins. */
	assert_int_equal(in_order(&c, &m, "3456"), CHAIN_WHOLE);
	assert_int_equal(c.first.seq, 3);
	buf_free(&m.text);
}

static void every_end_that_is_cut_off(void **state)
{
	struct made m;
	struct chain_check c;

	(void)state;
	make_usual(&m, "");
	for (size_t len = 0; len < m.text.len; len++) {
		enum chain_verdict v =
			check(&c, m.text.data, len, NULL, &m.chain);
		size_t at = record_at(&m, len);
		bool between = at == 1 ? len == 0 : len == m.ends[at - 2];

		assert_int_equal(v, CHAIN_BROKEN);
		assert_int_equal(c.seq, record_at(&m, len));
		assert_non_null(strstr(c.fault.text, "the end is missing"));
		/* Alone, it ends in half a record, or looks as if it were
		 * running on. */
		v = check(&c, m.text.data, len, NULL, NULL);
		assert_int_equal(v, between ? CHAIN_WHOLE : CHAIN_TORN);
		assert_false(c.closed);
	}
	buf_free(&m.text);
}

static void two_chains_joined(void **state)
{
	struct made a, b;
	struct chain_check c;
	char *text = text_alloc(TEXT_MAX, 1);

	(void)state;
	make_usual(&a, ",\"pid\":1");
	make_usual(&b, ",\"pid\":2");
	assert_int_equal(a.text.len, b.text.len);
	for (size_t i = 0; i < RECORDS - 1; i++) {
		memcpy(text, a.text.data, a.text.len);
		memcpy(text + a.ends[i], b.text.data + a.ends[i],
		       a.text.len - a.ends[i]);
		assert_int_equal(check(&c, text, a.text.len, NULL, NULL),
				 CHAIN_BROKEN);
		assert_int_equal(c.seq, i + 2);
		assert_non_null(strstr(c.fault.text, "two chains"));
	}
	/* All of another one only who knows a record of ours can tell. */
	assert_int_equal(check(&c, b.text.data, b.text.len, NULL, &a.chain),
			 CHAIN_BROKEN);
	assert_int_equal(c.seq, RECORDS);
	free(text);
	buf_free(&a.text);
	buf_free(&b.text);
}

/* ---- half records ---- */

static void tell_torn(struct made *m, const char *rest, size_t len, bool end)
{
	char sum[SEAL_HEX_MAX], more[256];

	buf_add(&m->text, rest, len);
	if (end)
		buf_puts(&m->text, "\n");
	seal_hash(rest, len, sum);
	snprintf(more, sizeof(more), ",\"bytes\":%zu,\"sha256\":\"%s\"", len,
		 sum);
	add(m, "torn", more);
}

static void half_records_that_are_told_of(void **state)
{
	static const char zeros[5000] = "";
	struct made m;
	struct chain_check c;
	size_t from;

	(void)state;
	make(&m);
	add(&m, "start", "");
	from = m.text.len;
	tell_torn(&m, "{\"seq\":2,\"ti", 12, true);
	tell_torn(&m, "one\ntwo\n\nthree", 14, true);
	tell_torn(&m, zeros, sizeof(zeros), true);
	tell_torn(&m, "", 0, true);
	add(&m, "stop", "");
	assert_int_equal(check(&c, m.text.data, m.text.len, NULL, NULL),
			 CHAIN_WHOLE);
	assert_int_equal(c.torn, 4);
	/* Not one byte of them may change, either. */
	for (size_t i = from; i < m.text.len; i += 7) {
		m.text.data[i] ^= 1;
		assert_int_equal(check(&c, m.text.data, m.text.len, NULL, NULL),
				 CHAIN_BROKEN);
		assert_int_equal(c.seq, record_at(&m, i));
		m.text.data[i] ^= 1;
	}
	buf_free(&m.text);
}

static void half_records_that_nobody_tells_of(void **state)
{
	struct made m;
	struct chain_check c;

	(void)state;
	make(&m);
	add(&m, "start", "");
	buf_puts(&m.text, "what is this\n");
	add(&m, "event", "");
	assert_int_equal(check(&c, m.text.data, m.text.len, NULL, NULL),
			 CHAIN_BROKEN);
	assert_int_equal(c.line, 2);
	assert_int_equal(c.seq, 2);
	buf_free(&m.text);
	make(&m);
	add(&m, "start", "");
	add(&m, "torn", ",\"bytes\":0,\"sha256\":\"\"");
	assert_int_equal(check(&c, m.text.data, m.text.len, NULL, NULL),
			 CHAIN_BROKEN);
	assert_non_null(strstr(c.fault.text, "which is not there"));
	buf_free(&m.text);
}

/* ---- signatures ---- */

static char *public_of_tests(void)
{
	return text_dup(
		"-----BEGIN PUBLIC KEY-----\n"
		"MCowBQYDK2VwAyEAx/7MvkKwdAKuBG7TURjWjW0mXGyBvKbm84MsHP/P7DU=\n"
		"-----END PUBLIC KEY-----\n");
}

static void sign(struct made *m, const struct chain *head)
{
	char text[128], signature[SEAL_SIGNATURE_MAX], id[SEAL_HEX_MAX];
	char more[512];
	struct fault f = fault_none();

	chain_head_text(text, sizeof(text), head);
	assert_true(seal_sign(private_key, text, signature, id, &f));
	snprintf(more, sizeof(more),
		 ",\"head_seq\":%" PRIu64
		 ",\"head\":\"%s\",\"key\":\"%s\",\"signature\":\"%s\"",
		 head->seq, head->hash, id, signature);
	add(m, "head", more);
}

static void signatures(void **state)
{
	struct made m;
	struct chain_check c;
	struct chain head;
	char *key = public_of_tests();

	(void)state;
	make(&m);
	add(&m, "start", "");
	add(&m, "event", "");
	head = m.chain;
	add(&m, "stop", "");
	sign(&m, &head);
	assert_int_equal(check(&c, m.text.data, m.text.len, key, NULL),
			 CHAIN_WHOLE);
	assert_int_equal(c.signatures, 1);
	assert_int_equal(c.signed_last, 2);
	assert_true(c.closed);
	/* Another one's signature, under our name. */
	head.hash[0] = head.hash[0] == 'a' ? 'b' : 'a';
	sign(&m, &head);
	assert_int_equal(check(&c, m.text.data, m.text.len, NULL, NULL),
			 CHAIN_BROKEN);
	assert_int_equal(c.seq, 5);
	buf_free(&m.text);
	free(key);
}

static void what_is_signed_anew_needs_the_key(void **state)
{
	struct made m;
	struct chain_check c;
	char *key = public_of_tests(), more[512];

	(void)state;
	make(&m);
	add(&m, "start", "");
	snprintf(
		more, sizeof(more),
		",\"head_seq\":1,\"head\":\"%s\",\"key\":\"%s\","
		"\"signature\":\"%0128d\"",
		m.chain.hash,
		"738a62b1c2f5cf7f878406162b9c92f568630120871ed6fbb32ab319da2e0f28",
		0);
	add(&m, "head", more);
	assert_int_equal(check(&c, m.text.data, m.text.len, NULL, NULL),
			 CHAIN_WHOLE);
	assert_int_equal(check(&c, m.text.data, m.text.len, key, NULL),
			 CHAIN_BROKEN);
	assert_int_equal(c.seq, 2);
	assert_non_null(strstr(c.fault.text, "not that of this key"));
	buf_free(&m.text);
	free(key);
}

static void keys_that_are_none(void **state)
{
	char signature[SEAL_SIGNATURE_MAX], id[SEAL_HEX_MAX];
	struct fault f = fault_none();
	char *key = public_of_tests();

	(void)state;
	assert_false(seal_sign("", "x", signature, id, &f));
	assert_non_null(strstr(f.text, "no private key in PEM form"));
	assert_false(seal_sign(key, "x", signature, id, &f));
	assert_false(seal_key_id(private_key, id, &f));
	assert_non_null(strstr(f.text, "no public key in PEM form"));
	assert_false(seal_verify(key, "x", "not hex"));
	free(key);
}

/* ---- what was removed, and what was broken ---- */

static void removal_is_told_of(void **state)
{
	struct made m;
	struct chain_check c;
	char more[256];
	size_t from;

	(void)state;
	make(&m);
	add(&m, "start", "");
	add(&m, "event", "");
	from = m.text.len;
	snprintf(more, sizeof(more), ",\"last_seq\":2,\"last_hash\":\"%s\"",
		 m.chain.hash);
	add(&m, "event", "");
	assert_int_equal(
		check(&c, m.text.data + from, m.text.len - from, NULL, NULL),
		CHAIN_WHOLE);
	assert_int_equal(c.first.seq, 3);
	assert_false(c.removal_told);
	add(&m, "removed", more);
	assert_int_equal(
		check(&c, m.text.data + from, m.text.len - from, NULL, NULL),
		CHAIN_WHOLE);
	assert_true(c.removal_told);
	buf_free(&m.text);
}

static void a_new_beginning_is_a_finding(void **state)
{
	struct made m;
	struct chain_check c;

	(void)state;
	make(&m);
	add(&m, "start", "");
	add(&m, "event", "");
	chain_init(&m.chain);
	m.chain.seq = 2;
	add(&m, "broken", ",\"text\":\"the disk was full of lies\"");
	assert_int_equal(check(&c, m.text.data, m.text.len, NULL, NULL),
			 CHAIN_BROKEN);
	assert_int_equal(c.seq, 3);
	assert_non_null(strstr(c.fault.text, "full of lies"));
	/* Alone it says itself where it begins. */
	assert_int_equal(check(&c, m.text.data + m.ends[1],
			       m.text.len - m.ends[1], NULL, NULL),
			 CHAIN_WHOLE);
	assert_true(c.after_damage);
	buf_free(&m.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_back),
		cmocka_unit_test(what_is_no_object_is_not_sealed),
		cmocka_unit_test(every_flipped_byte),
		cmocka_unit_test(every_byte_that_is_gone_or_new),
		cmocka_unit_test(lines_that_are_moved),
		cmocka_unit_test(every_end_that_is_cut_off),
		cmocka_unit_test(two_chains_joined),
		cmocka_unit_test(half_records_that_are_told_of),
		cmocka_unit_test(half_records_that_nobody_tells_of),
		cmocka_unit_test(signatures),
		cmocka_unit_test(what_is_signed_anew_needs_the_key),
		cmocka_unit_test(keys_that_are_none),
		cmocka_unit_test(removal_is_told_of),
		cmocka_unit_test(a_new_beginning_is_a_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
