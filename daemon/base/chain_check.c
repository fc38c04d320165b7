/*
 * The verifier of the audit chain: every hash, every link, what crashes have
 * left, and the signatures.
 */
#include "base/chain_check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

bool chain_check_init(struct chain_check *c, const char *key, struct fault *f)
{
	*c = (struct chain_check){ .first_time = -1,
				   .last_time = -1,
				   .started = -1 };
	c->fault = fault_none();
	chain_init(&c->first);
	chain_init(&c->last);
	c->key = key;
	if (key && !seal_key_id(key, c->key_id, f))
		return false;
	c->hashes = text_alloc(CHAIN_HEADS, sizeof(*c->hashes));
	c->times = text_alloc(CHAIN_HEADS, sizeof(*c->times));
	return true;
}

void chain_check_free(struct chain_check *c)
{
	seal_drop(c->hole.sum);
	free(c->hashes);
	free(c->times);
	c->times = NULL;
	c->hole.sum = NULL;
	c->hashes = NULL;
}

void chain_check_anchor(struct chain_check *c, const struct chain *known)
{
	if (known->seq > c->anchor.seq)
		c->anchor = *known;
}

void chain_check_file(struct chain_check *c, const char *name)
{
	text_copy(c->name, sizeof(c->name), name);
	text_line(c->name);
	c->at = 0;
}

static bool found(struct chain_check *c, const char *file, uint64_t line,
		  uint64_t seq, const struct fault *f)
{
	c->fault = *f;
	text_copy(c->file, sizeof(c->file), file);
	c->line = line;
	c->seq = seq;
	return false;
}

/* ---- what is no record ---- */

static bool hole_found(struct chain_check *c)
{
	struct fault f;

	fault_set(&f, FAULT_INVALID, 0, "it is no record: %s",
		  c->hole.why.text);
	return found(c, c->hole.file, c->hole.line, c->last.seq + 1, &f);
}

/* Its last line end is not of it: the next record's writer has put it there. */
static void hole_add(struct chain_check *c, const char *line, size_t len,
		     bool ended)
{
	if (c->hole.ended) {
		seal_add(c->hole.sum, "\n", 1);
		c->hole.bytes++;
	}
	seal_add(c->hole.sum, line, len);
	c->hole.bytes += len;
	c->hole.ended = ended;
}

static void hole_open(struct chain_check *c, const struct fault *why)
{
	c->hole.open = true;
	c->hole.sum = seal_new();
	c->hole.bytes = 0;
	c->hole.ended = false;
	c->hole.line = c->at;
	c->hole.why = *why;
	text_copy(c->hole.file, sizeof(c->hole.file), c->name);
}

static void hole_close(struct chain_check *c)
{
	seal_drop(c->hole.sum);
	c->hole.sum = NULL;
	c->hole.open = false;
}

/* Does this record tell of just these bytes? */
static bool tells_of_hole(const struct chain_check *c,
			  const struct chain_record *r)
{
	const char *told = json_get_str(r->root, "sha256");
	char sum[SEAL_HEX_MAX];
	int64_t bytes;

	if (strcmp(r->kind, "torn") != 0 || !told || !c->hole.ended ||
	    !json_int(json_get(r->root, "bytes"), &bytes) ||
	    (uint64_t)bytes != c->hole.bytes)
		return false;
	seal_peek(c->hole.sum, sum);
	return strcmp(sum, told) == 0;
}

/* ---- records that say something of the chain ---- */

/* A signature reaches to this record; an older one that is there again tells
 * nothing new, nor does one of a record that is too far back to be compared.
 * r bears it. */
static void cover(struct chain_check *c, const struct chain_record *r,
		  uint64_t seq)
{
	uint64_t at = c->unsigned_first;

	if (seq <= c->signed_last || r->seq - seq >= CHAIN_HEADS)
		return;
	c->signed_last = seq;
	if (!at || at > seq)
		return;
	for (at = seq + 1; at < r->seq; at++)
		if (c->times[at % CHAIN_HEADS] >= 0)
			break;
	c->unsigned_first = at < r->seq ? at : 0;
	c->unsigned_time = c->times[at % CHAIN_HEADS];
}

int64_t chain_check_unsigned(const struct chain_check *c)
{
	return c->unsigned_first ? c->last_time - c->unsigned_time : 0;
}

static bool judge_signature(struct chain_check *c, const struct chain_record *r,
			    struct fault *f)
{
	const char *hash = json_get_str(r->root, "head");
	const char *key = json_get_str(r->root, "key");
	const char *signature = json_get_str(r->root, "signature");
	int64_t seq;
	struct chain head;
	char text[128];

	if (!hash || !key || !signature ||
	    !json_int(json_get(r->root, "head_seq"), &seq) || seq < 1 ||
	    (uint64_t)seq >= r->seq ||
	    !text_copy(head.hash, sizeof(head.hash), hash))
		return fault_set(f, FAULT_INVALID, 0,
				 "its signature lacks something");
	head.seq = (uint64_t)seq;
	c->signatures++;
	/* What was before the first record nobody can know here. */
	if (head.seq >= c->first.seq && r->seq - head.seq < CHAIN_HEADS &&
	    strcmp(c->hashes[head.seq % CHAIN_HEADS], hash) != 0)
		return fault_set(f, FAULT_INVALID, 0,
				 "it signs another record %" PRIu64
				 " than the one that is here",
				 head.seq);
	cover(c, r, head.seq);
	if (!c->key)
		return true;
	if (strcmp(key, c->key_id) != 0)
		return fault_set(f, FAULT_DENIED, 0,
				 "it is signed with another key, %.16s…", key);
	chain_head_text(text, sizeof(text), &head);
	return seal_verify(c->key, text, signature) ||
	       fault_set(f, FAULT_DENIED, 0,
			 "its signature is not that of this key");
}

/* Files that were old enough were removed, the last of them with the record
 * before our first. */
static void judge_removal(struct chain_check *c, const struct chain_record *r)
{
	const char *hash = json_get_str(r->root, "last_hash");
	int64_t seq;

	if (json_int(json_get(r->root, "last_seq"), &seq) && hash &&
	    (uint64_t)seq + 1 == c->first.seq && !strcmp(hash, c->first.hash))
		c->removal_told = true;
}

/* Does this record tell that a file with those before it was taken away?
 * *first: the first of them. */
static bool tells_of_taken(const struct chain_record *r, uint64_t *first)
{
	int64_t from, to;

	if (strcmp(r->kind, "taken") != 0 ||
	    !json_int(json_get(r->root, "first_seq"), &from) ||
	    !json_int(json_get(r->root, "last_seq"), &to) || from < 1 ||
	    to < from || (uint64_t)to != r->seq - 1)
		return false;
	*first = (uint64_t)from;
	return true;
}

static bool begin(struct chain_check *c, const struct chain_record *r)
{
	struct fault f;
	struct chain none;

	chain_init(&none);
	if (r->seq == 1 && !chain_follows(&none, r, &f))
		return fault_set(&f, FAULT_CONFLICT, 0,
				 "it is the first record, and its prev is not "
				 "all zeros") ||
		       found(c, c->name, c->at, r->seq, &f);
	c->first = (struct chain){ .seq = r->seq };
	text_copy(c->first.hash, sizeof(c->first.hash), r->prev);
	c->first_time = r->time;
	c->after_damage = r->seq > 1 && !strcmp(r->kind, "broken") &&
			  !strcmp(r->prev, none.hash);
	if (!tells_of_taken(r, &c->taken))
		c->taken = 0;
	return true;
}

static bool follow(struct chain_check *c, const struct chain_record *r)
{
	struct fault f;
	uint64_t first;

	if (chain_follows(&c->last, r, &f))
		return true;
	if (r->seq > c->last.seq + 1 && tells_of_taken(r, &first))
		fault_set(&f, FAULT_MISSING, 0,
			  "records %" PRIu64 " to %" PRIu64
			  " are missing: their file was taken away while it "
			  "was written to, as this record tells",
			  c->last.seq + 1, r->seq - 1);
	else if (!strcmp(r->kind, "broken") && r->seq > c->last.seq)
		fault_set(&f, FAULT_CONFLICT, 0,
			  "the chain was found broken by the daemon, and "
			  "begins anew here: %s",
			  json_get_str(r->root, "text")
				  ? json_get_str(r->root, "text")
				  : "it does not say why");
	return found(c, c->name, c->at, r->seq, &f);
}

static bool judge_anchor(struct chain_check *c, const struct chain_record *r)
{
	struct fault f;

	if (r->seq != c->anchor.seq || !strcmp(r->hash, c->anchor.hash))
		return true;
	fault_set(&f, FAULT_CONFLICT, 0,
		  "its hash is another than the one that is known of "
		  "elsewhere: the records up to it were replaced");
	return found(c, c->name, c->at, r->seq, &f);
}

static bool take(struct chain_check *c, const struct chain_record *r)
{
	struct fault f;
	bool signature;

	if (!(c->records ? follow(c, r) : begin(c, r)) || !judge_anchor(c, r))
		return false;
	if (!strcmp(r->kind, "torn") && !c->hole.open) {
		fault_set(&f, FAULT_INVALID, 0,
			  "it tells of half a record before it, which is not "
			  "there");
		return found(c, c->name, c->at, r->seq, &f);
	}
	if (!strcmp(r->kind, "head") && !judge_signature(c, r, &f))
		return found(c, c->name, c->at, r->seq, &f);
	if (!strcmp(r->kind, "removed"))
		judge_removal(c, r);
	chain_go_on(&c->last, r);
	text_copy(c->hashes[r->seq % CHAIN_HEADS], SEAL_HEX_MAX, r->hash);
	c->last_time = r->time;
	signature = !strcmp(r->kind, "head");
	c->times[r->seq % CHAIN_HEADS] = signature ? -1 : r->time;
	if (!signature && !c->unsigned_first) {
		c->unsigned_first = r->seq;
		c->unsigned_time = r->time;
	}
	if (!strcmp(r->kind, "start"))
		c->started = r->time;
	c->closed = !strcmp(r->kind, "stop") ||
		    (c->closed && !strcmp(r->kind, "head"));
	c->records++;
	return true;
}

bool chain_check_line(struct chain_check *c, const char *line, size_t len,
		      bool ended)
{
	struct chain_record r;
	struct fault why;
	bool ok, next;

	/* A piece of a line that is too long stands in the same line. */
	c->at += !c->hole.open || c->hole.ended;
	ok = chain_read(line, len, &r, &why);
	if (ok && !ended)
		ok = fault_set(&why, FAULT_INVALID, 0, "its line has no end");
	if (!ok && !c->hole.open)
		hole_open(c, &why);
	next = ok && (!c->hole.open || tells_of_hole(c, &r));
	if (next) {
		ok = take(c, &r);
		c->torn += ok && c->hole.open;
		hole_close(c);
	} else {
		hole_add(c, line, len, ended);
		ok = c->hole.bytes <= CHAIN_TORN_MAX || hole_found(c);
	}
	chain_record_free(&r);
	return ok;
}

enum chain_verdict chain_check_end(struct chain_check *c)
{
	struct fault f;

	if (c->fault.kind != FAULT_NONE)
		return CHAIN_BROKEN;
	if (c->hole.open && c->hole.ended) {
		hole_found(c);
		return CHAIN_BROKEN;
	}
	if (c->anchor.seq > c->last.seq) {
		fault_set(&f, FAULT_MISSING, 0,
			  "the end is missing: records up to %" PRIu64
			  " are known of elsewhere",
			  c->anchor.seq);
		found(c, c->name, c->at + !c->hole.open, c->last.seq + 1, &f);
		return CHAIN_BROKEN;
	}
	if (!c->hole.open)
		return CHAIN_WHOLE;
	hole_found(c);
	return CHAIN_TORN;
}
