/* What comes again is counted, and told once in an hour; what turns about is
 * told when it stays. */
#include "engine/repeat.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define GUID_LENGTH 36

struct repeat { /* a sort of note, or a pair of sorts that turn about */
	uint64_t hash;
	uint64_t pair;	      /* the hash of the pair that it is of; 0 none */
	int64_t since;	      /* boot ms: told; a pair: it has turned */
	int64_t told;	      /* Azure ms of that */
	unsigned count;	      /* since then */
	unsigned spare;	      /* so many are still told at once */
	struct note *last;    /* counted; NULL none, or not kept */
	struct repeat *waits; /* of a pair: what is so now, and was not told */
	LIST_ENTRY(repeat) bucket;
	TAILQ_ENTRY(repeat) age;
};

/* How a kind of note is told. */
struct rule {
	bool counted;
	bool turns;	/* one note of this pair undoes the other */
	bool head_only; /* what follows the first colon is no other sort */
	unsigned spare; /* told at once, beyond the first */
};

static const struct rule rules[] = {
	[NOTE_NEW_VERSION] = { .counted = true },
	/* What was done, for whoever has to prove it. */
	[NOTE_WRITE] = { 0 },
	[NOTE_ACCEPTED] = { 0 },
	[NOTE_VERIFIED] = { 0 },
	[NOTE_LATE] = { 0 },
	[NOTE_FAILED] = { .counted = true },
	[NOTE_BLOCKED] = { .counted = true },
	[NOTE_HELD] = { .counted = true },
	[NOTE_OVERDUE] = { .counted = true },
	[NOTE_DRIFT] = { .counted = true },
	[NOTE_WARNING] = { .counted = true },
	[NOTE_KEY_ERROR] = { .counted = true, .turns = true },
	[NOTE_KEY_OK] = { .counted = true, .turns = true },
	[NOTE_KEY_WAY] = { .counted = true },
	/* What a person has asked for. */
	[NOTE_PAUSED] = { 0 },
	[NOTE_RESUMED] = { 0 },
	[NOTE_RELOAD] = { 0 },
	[NOTE_RELOAD_REFUSED] = { 0 },
	/* A rotation or two within the hour are no flicker. */
	[NOTE_STATE] = { .counted = true,
			 .turns = true,
			 .head_only = true,
			 .spare = 2 },
	[NOTE_CLOCK] = { .counted = true },
	[NOTE_DRY_RUN] = { 0 },
	/* Told when it has changed, by outlook. */
	[NOTE_FORECAST] = { 0 },
	[NOTE_FORECAST_OVER] = { 0 },
	[NOTE_FOUND] = { 0 },
	[NOTE_RETIRED] = { 0 },
	/* Who acts may have to be proved. */
	[NOTE_LEADER] = { 0 },
	[NOTE_STANDBY] = { 0 },
	[NOTE_ALONE] = { 0 },
	[NOTE_HELLO] = { 0 },
};

void repeat_drop(struct note *n)
{
	if (!n)
		return;
	free(n->key);
	free(n->registry);
	free(n->blob);
	free(n);
}

/* ---- which sort it is ---- */

/* How long the word at s is: letters, digits, "-" and "_"; a time of day is
 * one, too. */
static size_t word_len(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '-' || s[n] == '_' ||
	       (s[n] == ':' && n > 0 && isdigit((unsigned char)s[n - 1]) &&
		isdigit((unsigned char)s[n + 1])))
		n++;
	return n;
}

/* A number or an identifier that says nothing of the sort of trouble: after
 * "id", a time, or a long number. */
static bool passing(const char *word, size_t len, bool after_id)
{
	if (after_id || (len == GUID_LENGTH && word[8] == '-' &&
			 word[13] == '-' && word[18] == '-'))
		return after_id;
	if (strspn(word, "0123456789") >= len)
		return len > 3;
	if (!isdigit((unsigned char)word[0]))
		return false;
	return memchr(word, ':', len) || /* 12:00:00Z */
	       (len == 10 && word[4] == '-' && word[7] == '-');
}

static uint64_t mix(uint64_t h, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint64_t)tolower((unsigned char)s[i])) *
		    UINT64_C(1099511628211);
	return (h ^ 0xff) * UINT64_C(1099511628211);
}

static uint64_t mix_words(uint64_t h, const char *s, bool head_only)
{
	bool after_id = false;

	while (*s) {
		size_t len = word_len(s);

		if (head_only && *s == ':')
			break;
		if (len == 0) {
			s++;
			continue;
		}
		if (!passing(s, len, after_id))
			h = mix(h, s, len);
		after_id = len == 2 && strncasecmp(s, "id", 2) == 0;
		s += len;
	}
	return h;
}

static uint64_t mix_text(uint64_t h, const char *s)
{
	return s ? mix(h, s, strlen(s)) : mix(h, "", 0);
}

static uint64_t hash_of(const struct note *n)
{
	uint64_t h = mix(UINT64_C(14695981039346656037) + (uint64_t)n->kind,
			 "sort", 4);

	h = mix_text(h, n->key);
	h = mix_text(h, n->registry);
	h = mix_text(h, n->version);
	h = mix_text(h, n->previous);
	h = mix(h, (const char *)&n->about, sizeof(n->about));
	return mix_words(h, n->text, rules[n->kind].head_only);
}

static uint64_t pair_of(const struct note *n)
{
	uint64_t h = mix(UINT64_C(14695981039346656037), "pair", 4);

	if (!rules[n->kind].turns)
		return 0;
	h = mix_text(h, n->kind == NOTE_STATE ? "state" : "key");
	return mix_text(h, n->key) | 1;
}

/* ---- the table ---- */

void repeat_init(struct repeats *rs)
{
	for (size_t i = 0; i < REPEAT_BUCKETS; i++)
		LIST_INIT(&rs->buckets[i]);
	TAILQ_INIT(&rs->sorts);
	TAILQ_INIT(&rs->turns);
	TAILQ_INIT(&rs->waiting);
}

static struct repeat *find(const struct repeats *rs, uint64_t hash)
{
	struct repeat *x;

	LIST_FOREACH(x, &rs->buckets[hash % REPEAT_BUCKETS], bucket)
	if (x->hash == hash)
		return x;
	return NULL;
}

static struct repeat *insert(struct repeats *rs, uint64_t hash,
			     struct repeat_list *list, int64_t boot)
{
	struct repeat *x = text_alloc(1, sizeof(*x));

	x->hash = hash;
	x->since = boot;
	LIST_INSERT_HEAD(&rs->buckets[hash % REPEAT_BUCKETS], x, bucket);
	TAILQ_INSERT_TAIL(list, x, age);
	rs->n++;
	return x;
}

/* The last note that was counted: there is one. */
static struct note *take_last(struct repeats *rs, struct repeat *x)
{
	struct note *n = x->last;

	rs->kept--;
	x->last = NULL;
	x->count = 0;
	return n;
}

static void drop_last(struct repeats *rs, struct repeat *x)
{
	if (x->last)
		repeat_drop(take_last(rs, x));
	x->count = 0;
}

static void forget(struct repeats *rs, struct repeat *x,
		   struct repeat_list *list)
{
	drop_last(rs, x);
	LIST_REMOVE(x, bucket);
	TAILQ_REMOVE(list, x, age);
	free(x);
	rs->n--;
}

static void forget_all(struct repeats *rs, struct repeat_list *list)
{
	struct repeat *x;

	/* The analyzer does not see that what forget() frees is the first of
	 * the list no more: it does not know whom tqe_prev points to. */
	while ((x = TAILQ_FIRST(list)))
		forget(rs, x, list); /* NOLINT(clang-analyzer-unix.Malloc) */
}

void repeat_free(struct repeats *rs)
{
	forget_all(rs, &rs->sorts);
	forget_all(rs, &rs->turns);
	forget_all(rs, &rs->waiting);
}

/* ---- telling ---- */

/* "... (and 37 times since 2026-03-01T12:00:00Z)." */
static void add_count(struct note *n, const struct repeat *x, int64_t last)
{
	char more[160], since[32], at[32];
	size_t len = strlen(n->text), size;

	text_time(since, sizeof(since), x->told);
	text_time(at, sizeof(at), last);
	snprintf(more, sizeof(more), " (and %u %s since %s%s%s).", x->count,
		 x->count == 1 ? "time" : "times", since,
		 last >= 0 ? ", the last at " : "", at);
	size = strlen(more) + 1;
	if (len > 0 && n->text[len - 1] == '.')
		len--;
	if (len > sizeof(n->text) - size)
		len = sizeof(n->text) - size;
	n->text[len] = '\0';
	text_line(n->text); /* no half of a character */
	len = strlen(n->text);
	text_copy(n->text + len, sizeof(n->text) - len, more);
}

/* It is told now: another hour begins. */
static void told(struct repeats *rs, struct repeat *x, int64_t boot,
		 int64_t azure)
{
	x->since = boot;
	x->told = azure;
	x->count = 0;
	TAILQ_REMOVE(&rs->sorts, x, age);
	TAILQ_INSERT_TAIL(&rs->sorts, x, age);
}

static struct repeat_list *list_of(struct repeats *rs, const struct repeat *p)
{
	return p->waits ? &rs->waiting : &rs->turns;
}

/* The pair turns, or what it waits for is told: x is what is so now and was
 * not told, NULL that it was. */
static void turn(struct repeats *rs, struct repeat *p, struct repeat *x,
		 int64_t boot)
{
	TAILQ_REMOVE(list_of(rs, p), p, age);
	p->waits = x;
	p->since = boot;
	TAILQ_INSERT_TAIL(list_of(rs, p), p, age);
}

static void keep(struct repeats *rs, struct repeat *x, struct note *n)
{
	x->count++;
	if (!x->last && rs->kept >= REPEAT_KEPT) {
		repeat_drop(n);
		return;
	}
	if (!x->last)
		rs->kept++;
	repeat_drop(x->last);
	x->last = n;
}

bool repeat_tells(struct repeats *rs, struct note *n, int64_t boot)
{
	const struct rule *rule = &rules[n->kind];
	uint64_t hash, pair;
	struct repeat *x, *p;
	bool steady;

	if (!rule->counted)
		return true;
	hash = hash_of(n);
	pair = pair_of(n);
	x = find(rs, hash);
	p = pair ? find(rs, pair) : NULL;
	steady = p && boot - p->since >= REPEAT_STEADY_MS;
	if (pair && !p)
		p = insert(rs, pair, &rs->turns, boot);
	if (p)
		turn(rs, p, NULL, boot);
	if (!x) {
		x = insert(rs, hash, &rs->sorts, boot);
		x->told = n->time;
		x->pair = pair;
		x->spare = rule->spare;
		return true;
	}
	if (x->spare > 0) {
		x->spare--;
		return true;
	}
	if (steady) {
		if (x->count)
			add_count(n, x, -1);
		drop_last(rs, x);
		told(rs, x, boot, n->time);
		return true;
	}
	keep(rs, x, n);
	if (p && x->last)
		turn(rs, p, x, boot);
	return false;
}

/* Its count is told, with the last note that was counted. */
static struct note *tell(struct repeats *rs, struct repeat *x, int64_t boot,
			 int64_t azure)
{
	struct repeat *p = x->pair ? find(rs, x->pair) : NULL;
	struct note *n;

	add_count(x->last, x, x->last->time);
	n = take_last(rs, x);
	n->time = azure;
	told(rs, x, boot, azure);
	if (p && p->waits == x)
		turn(rs, p, NULL, p->since);
	return n;
}

/* What was repeated by more sorts than are kept. */
static struct note *the_rest(struct repeats *rs, int64_t azure)
{
	struct note *n;

	if (rs->unkept == 0)
		return NULL;
	n = text_alloc(1, sizeof(*n));
	n->kind = NOTE_WARNING;
	n->time = azure;
	snprintf(n->text, sizeof(n->text),
		 "%" PRIu64 " other notes came again, %" PRIu64
		 " times in all within an hour; they are not told one by one.",
		 rs->unkept, rs->unkept_times);
	rs->unkept = rs->unkept_times = 0;
	return n;
}

struct note *repeat_due(struct repeats *rs, int64_t boot, int64_t azure)
{
	struct repeat *x;

	/* As in forget_all(): what was forgotten is the first no more. */
	/* NOLINTBEGIN(clang-analyzer-unix.Malloc) */
	while ((x = TAILQ_FIRST(&rs->sorts)) &&
	       (boot - x->since >= REPEAT_MS || rs->n > REPEAT_MAX)) {
		if (x->last)
			return tell(rs, x, boot, azure);
		rs->unkept += x->count > 0;
		rs->unkept_times += x->count;
		forget(rs, x, &rs->sorts);
	}
	while ((x = TAILQ_FIRST(&rs->turns)) && boot - x->since >= REPEAT_MS)
		forget(rs, x, &rs->turns);
	/* NOLINTEND(clang-analyzer-unix.Malloc) */
	x = TAILQ_FIRST(&rs->waiting);
	if (x && boot - x->since >= REPEAT_STEADY_MS)
		return tell(rs, x->waits, boot, azure);
	return the_rest(rs, azure);
}
