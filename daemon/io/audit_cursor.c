/*
 * Reads the audit's files from a record on: which file, where in it, and the
 * next one when it ends.
 */
#include "io/audit_cursor.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "io/audit_read.h"
#include "io/store_internal.h"

#define SEQ_OPEN "{\"seq\":"
#define EVENT ",\"event\":\""
#define SEQ_MAX (UINT64_MAX / 10 - 1)
/* Times may stand in another order than records by that much. */
#define DISORDER_MS 60000
/* Not worth halving. */
#define NEAR AUDIT_CURSOR_STEP

struct audit_cursor {
	char *folder;
	uint64_t after; /* records up to this one are not wanted */
	int64_t since_ms;
	int fd;		/* -1: none is open */
	uint64_t first; /* record of the open file, or of the one before */
	off_t at;	/* in the file: the beginning of a line */
	bool inside;	/* ... or a place in one that is too long */
	char *chunk;
};

/* What stands at the beginning of a line. */
struct head {
	uint64_t seq; /* 0: it is no record */
	int64_t time;
};

/* Without a look at the rest of the line. */
static struct head head_of(const char *line, size_t len)
{
	static const char between[] = ",\"time\":\"";
	struct head h = { 0 }, none = { 0 };
	char time[CHAIN_TIME_MAX];
	size_t at = sizeof(SEQ_OPEN) - 1;

	if (len < at + 20 + sizeof(between) + sizeof(time) ||
	    memcmp(line, SEQ_OPEN, at) != 0)
		return none;
	for (; line[at] >= '0' && line[at] <= '9' && h.seq < SEQ_MAX; at++)
		h.seq = h.seq * 10 + (uint64_t)(line[at] - '0');
	if (memcmp(line + at, between, sizeof(between) - 1) != 0)
		return none;
	at += sizeof(between) - 1;
	snprintf(time, sizeof(time), "%.*s", (int)strcspn(line + at, "\"\n"),
		 line + at);
	h.time = text_parse_rfc3339(time);
	return h.time < 0 ? none : h;
}

/* Is what is looked for behind this record? */
static bool is_before(const struct audit_cursor *c, const struct head *h)
{
	return h->seq <= c->after ||
	       (c->since_ms > 0 && h->time < c->since_ms - DISORDER_MS);
}

/* ---- which file ---- */

static bool take_head(const char *line, size_t len, bool ended, void *arg)
{
	struct head *h = arg;

	if (ended)
		*h = head_of(line, len);
	return h->seq == 0; /* half a record; the next one tells of it */
}

/* The first record of a file; false: there is none. */
static bool read_head(const char *path, struct head *h)
{
	struct fault f;

	*h = (struct head){ 0 };
	return audit_read_lines(path, take_head, h, &f) && h->seq > 0;
}

static void open_at(struct audit_cursor *c, const char *path,
		    const struct head *h)
{
	struct fault f;

	c->fd = store_open_nofollow(path, &f);
	c->first = h->seq;
	c->at = 0;
	c->inside = false;
}

static bool is_found(const struct audit_cursor *c, const struct head *h)
{
	return h->seq > 0 && (is_before(c, h) || h->seq == c->after + 1);
}

/* The newest file that begins before what is looked for, or the oldest. */
static void open_first(struct audit_cursor *c)
{
	struct audit_list l;
	struct head h, found = { 0 };
	struct fault f;
	size_t at = 0;

	if (!audit_read_list(c->folder, &l, &f))
		return;
	for (size_t i = l.n; i > 0 && !is_found(c, &found); i--)
		if (read_head(l.paths[i - 1], &h)) {
			found = h;
			at = i - 1;
		}
	if (found.seq)
		open_at(c, l.paths[at], &found);
	audit_read_list_free(&l);
}

/* The file behind the one that has ended; false: there is none. */
static bool open_next(struct audit_cursor *c)
{
	struct audit_list l;
	struct head h = { 0 };
	struct fault f;
	uint64_t last = c->first;

	close(c->fd);
	c->fd = -1;
	if (!audit_read_list(c->folder, &l, &f))
		return false;
	for (size_t i = 0; i < l.n && c->fd < 0; i++)
		if (read_head(l.paths[i], &h) && h.seq > last)
			open_at(c, l.paths[i], &h);
	audit_read_list_free(&l);
	return c->fd >= 0;
}

/* ---- where in it ---- */

/* The first record that begins behind a place, and where; false: none does
 * within reach. */
static bool line_behind(struct audit_cursor *c, off_t place, struct head *h,
			off_t *begins)
{
	ssize_t n = pread(c->fd, c->chunk, AUDIT_CURSOR_STEP, place);
	const char *from, *end;

	h->seq = 0;
	from = n > 0 ? memchr(c->chunk, '\n', (size_t)n) : NULL;
	for (; from && h->seq == 0; from = end) {
		size_t rest = (size_t)(c->chunk + n - from - 1);

		end = rest ? memchr(from + 1, '\n', rest) : NULL;
		if (end)
			*h = head_of(from + 1, (size_t)(end - from - 1));
		*begins = place + (from + 1 - c->chunk);
	}
	return h->seq > 0;
}

/* To what is looked for, or to a line not far before it. */
static void halve(struct audit_cursor *c)
{
	off_t low = 0, high = lseek(c->fd, 0, SEEK_END), begins = 0;
	struct head h;

	while (high - low > (off_t)NEAR) {
		off_t middle = low + (high - low) / 2;

		if (line_behind(c, middle, &h, &begins) && begins < high &&
		    is_before(c, &h))
			low = begins;
		else
			high = middle;
	}
	c->at = low;
}

/* ---- reading ---- */

struct hand {
	uint64_t upto;
	void (*each)(const struct chain_record *r, void *arg);
	void *arg;
};

/* False: it is beyond. */
static bool hand_line(struct audit_cursor *c, const struct hand *h,
		      const char *line, size_t len)
{
	uint64_t seq = head_of(line, len).seq;
	struct chain_record r;
	struct fault f;

	if (seq > h->upto)
		return false;
	if (seq <= c->after || !memmem(line, len, EVENT, sizeof(EVENT) - 1))
		return true;
	if (chain_read(line, len, &r, &f) && r.time >= c->since_ms &&
	    json_get_str(r.root, "event")) {
		c->after = r.seq;
		h->each(&r, h->arg);
	}
	chain_record_free(&r);
	return true;
}

/* The whole lines of what was read; *used: so far.  False: beyond. */
static bool hand_lines(struct audit_cursor *c, const struct hand *h, size_t n,
		       size_t *used)
{
	const char *end;

	for (*used = 0; *used < n; *used += (size_t)(end - c->chunk) - *used) {
		const char *line = c->chunk + *used;

		end = memchr(line, '\n', n - *used);
		if (!end)
			return true;
		if (!c->inside && !hand_line(c, h, line, (size_t)(end - line)))
			return false;
		c->inside = false;
		end++;
	}
	return true;
}

bool audit_cursor_step(struct audit_cursor *c, uint64_t upto,
		       void (*each)(const struct chain_record *r, void *arg),
		       void *arg)
{
	const struct hand h = { upto, each, arg };
	ssize_t n = -1;
	size_t used;
	bool more;

	if (c->fd >= 0)
		n = pread(c->fd, c->chunk, AUDIT_CURSOR_STEP, c->at);
	if (n < 0)
		return false;
	more = hand_lines(c, &h, (size_t)n, &used);
	/* A line that does not fit is none of ours. */
	if (used == 0 && n == (ssize_t)AUDIT_CURSOR_STEP) {
		c->inside = true;
		used = (size_t)n;
	}
	c->at += (off_t)used;
	if (!more)
		return false;
	return used > 0 || open_next(c);
}

/* ---- life ---- */

struct audit_cursor *audit_cursor_new(const char *folder, uint64_t after,
				      int64_t since_ms)
{
	struct audit_cursor *c = text_alloc(1, sizeof(*c));

	c->folder = text_dup(folder);
	c->after = after;
	c->since_ms = since_ms;
	c->fd = -1;
	c->chunk = text_alloc(AUDIT_CURSOR_STEP, 1);
	open_first(c);
	if (c->fd >= 0)
		halve(c);
	return c;
}

void audit_cursor_free(struct audit_cursor *c)
{
	if (!c)
		return;
	if (c->fd >= 0)
		close(c->fd);
	free(c->chunk);
	free(c->folder);
	free(c);
}
