/*
 * Makes the lines of the audit file and takes them apart again, byte for
 * byte: what does not read back exactly is no record.
 */
#include "base/chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define HEX_LEN 64
#define SEQ_OPEN "{\"seq\":"
#define TIME_OPEN "\"time\":\""
#define PREV_OPEN ",\"prev\":\""
#define HASH_OPEN "\",\"hash\":\""
#define LINE_END "\"}"
#define TREE_MAX (1u << 20)

/* What stands behind the sealed members: prev, hash and what is between. */
#define TAIL_LEN                                                             \
	(sizeof(PREV_OPEN) - 1 + HEX_LEN + sizeof(HASH_OPEN) - 1 + HEX_LEN + \
	 sizeof(LINE_END) - 1)

static const char zeros[] =
	"0000000000000000000000000000000000000000000000000000000000000000";

void chain_init(struct chain *c)
{
	c->seq = 0;
	text_copy(c->hash, sizeof(c->hash), zeros);
}

void chain_time(char dst[CHAIN_TIME_MAX], int64_t ms)
{
	size_t at;

	if (ms < 0)
		ms = 0;
	text_time(dst, CHAIN_TIME_MAX, ms);
	at = strlen(dst);
	if (at > 0)
		snprintf(dst + at - 1, CHAIN_TIME_MAX - at + 1, ".%03dZ",
			 (int)(ms % 1000));
}

bool chain_seal(struct chain *c, const char *object, size_t len,
		struct buf *out)
{
	size_t began = out->len;
	char hash[SEAL_HEX_MAX];
	bool ok;

	if (len > CHAIN_OBJECT_MAX || len < sizeof(TIME_OPEN) + 2 ||
	    memcmp(object, "{" TIME_OPEN, sizeof(TIME_OPEN)) != 0 ||
	    object[len - 1] != '}' || memchr(object, '\n', len))
		return false;
	ok = buf_printf(out, SEQ_OPEN "%" PRIu64 ",", c->seq + 1) &&
	     buf_add(out, object + 1, len - 2) &&
	     buf_printf(out, PREV_OPEN "%s\"", c->hash);
	if (ok)
		seal_hash(out->data + began, out->len - began, hash);
	ok = ok && buf_printf(out, ",\"hash\":\"%s" LINE_END "\n", hash);
	if (!ok) {
		out->len = began;
		if (out->data)
			out->data[began] = '\0';
		return false;
	}
	c->seq++;
	text_copy(c->hash, sizeof(c->hash), hash);
	return true;
}

static bool no_record(struct fault *f, const char *why)
{
	return fault_set(f, FAULT_INVALID, 0, "%s", why);
}

/* 64 digits of lower-case hex. */
static bool take_hex(const char *s, char dst[SEAL_HEX_MAX])
{
	memcpy(dst, s, HEX_LEN);
	dst[HEX_LEN] = '\0';
	return strspn(dst, "0123456789abcdef") == HEX_LEN;
}

/* A number as it is written here: no sign, no zero before it. */
static bool take_seq(const char *s, const char *end, uint64_t *seq)
{
	const char *at = s;

	*seq = 0;
	for (; at < end && *at >= '0' && *at <= '9'; at++) {
		if (*seq > (uint64_t)INT64_MAX / 10 - 1)
			return false;
		*seq = *seq * 10 + (uint64_t)(*at - '0');
	}
	return at > s && *s != '0' && at < end && *at == ',';
}

/* The form of the line, without a look at its JSON. */
static bool take_apart(const char *line, size_t len, struct chain_record *r)
{
	const char *tail = line + len - TAIL_LEN;
	const char *hash = tail + sizeof(PREV_OPEN) - 1 + HEX_LEN;

	if (len >= CHAIN_LINE_MAX || len < TAIL_LEN + sizeof(SEQ_OPEN) ||
	    memcmp(line, SEQ_OPEN, sizeof(SEQ_OPEN) - 1) != 0)
		return false;
	return take_seq(line + sizeof(SEQ_OPEN) - 1, tail, &r->seq) &&
	       memcmp(tail, PREV_OPEN, sizeof(PREV_OPEN) - 1) == 0 &&
	       take_hex(tail + sizeof(PREV_OPEN) - 1, r->prev) &&
	       memcmp(hash, HASH_OPEN, sizeof(HASH_OPEN) - 1) == 0 &&
	       take_hex(hash + sizeof(HASH_OPEN) - 1, r->hash) &&
	       memcmp(line + len - sizeof(LINE_END) + 1, LINE_END,
		      sizeof(LINE_END) - 1) == 0;
}

const char *chain_sealed(const char *line, size_t len, size_t *n)
{
	const char *from = memchr(line, ',', len);

	*n = 0;
	if (!from || (size_t)(from + 1 - line) + TAIL_LEN > len)
		return NULL;
	*n = len - TAIL_LEN - (size_t)(from + 1 - line);
	return from + 1;
}

/* The JSON says what the line's form says. */
static bool take_members(struct chain_record *r)
{
	const char *kind = json_get_str(r->root, "kind");
	const char *time = json_get_str(r->root, "time");
	int64_t seq;

	r->time = time ? text_parse_rfc3339(time) : -1;
	return json_int(json_get(r->root, "seq"), &seq) &&
	       (uint64_t)seq == r->seq && kind && kind[0] &&
	       text_copy(r->kind, sizeof(r->kind), kind) && r->time >= 0 &&
	       text_same(json_get_str(r->root, "prev"), r->prev) &&
	       text_same(json_get_str(r->root, "hash"), r->hash);
}

bool chain_read(const char *line, size_t len, struct chain_record *r,
		struct fault *f)
{
	/* The sum ends before `,"hash":`, with the quote of prev. */
	size_t behind = sizeof(HASH_OPEN) - 2 + HEX_LEN + sizeof(LINE_END) - 1;
	char sum[SEAL_HEX_MAX];
	struct fault why;

	*r = (struct chain_record){ .time = -1 };
	if (!take_apart(line, len, r))
		return no_record(f, "it does not have the form of one");
	seal_hash(line, len - behind, sum);
	if (strcmp(sum, r->hash) != 0)
		return no_record(f, "what it says was changed, for its hash "
				    "is another");
	r->root = json_parse(line, len, TREE_MAX, &why);
	if (r->root && take_members(r))
		return true;
	chain_record_free(r);
	return no_record(f, "it is no JSON with a sequence, a time and a kind");
}

void chain_record_free(struct chain_record *r)
{
	json_free(r->root);
	r->root = NULL;
}

bool chain_follows(const struct chain *c, const struct chain_record *r,
		   struct fault *f)
{
	if (r->seq > c->seq + 2)
		return fault_set(f, FAULT_CONFLICT, 0,
				 "records %" PRIu64 " to %" PRIu64
				 " are missing before it",
				 c->seq + 1, r->seq - 1);
	if (r->seq == c->seq + 2)
		return fault_set(f, FAULT_CONFLICT, 0,
				 "record %" PRIu64 " is missing before it",
				 c->seq + 1);
	if (r->seq <= c->seq)
		return fault_set(f, FAULT_CONFLICT, 0,
				 "it stands behind record %" PRIu64
				 ", in a wrong place or for the second time",
				 c->seq);
	if (strcmp(r->prev, c->hash) != 0)
		return fault_set(
			f, FAULT_CONFLICT, 0,
			"its prev is not the hash of record %" PRIu64
			" before it: that one was replaced, or two chains were "
			"joined",
			c->seq);
	return true;
}

void chain_go_on(struct chain *c, const struct chain_record *r)
{
	c->seq = r->seq;
	text_copy(c->hash, sizeof(c->hash), r->hash);
}

void chain_head_text(char *dst, size_t size, const struct chain *head)
{
	snprintf(dst, size, "keyrotd audit head %" PRIu64 " %s\n", head->seq,
		 head->hash);
}
