/*
 * Looks for the end of the audit: in the last part of its file, or in the file
 * before where that is empty.
 */
#include "io/audit_end.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "io/audit_read.h"
#include "io/store_internal.h"

#define TAIL_FIRST ((size_t)128 << 10)
#define TAIL_LAST (CHAIN_TORN_MAX + ((size_t)1 << 20))
#define AGAIN_MAX 32768 /* records that may be handed in again */
#define CHUNK 65536

static bool fail(struct fault *f, const char *path)
{
	return fault_set(f, FAULT_LOCAL, errno, "Could not read %s: %s", path,
			 strerror(errno));
}

bool audit_end_sum(int fd, int64_t from, int64_t n, char sum[SEAL_HEX_MAX])
{
	char *chunk = text_alloc(CHUNK, 1);
	struct seal *s = seal_new();
	ssize_t got = 1;

	while (n > 0 && got > 0) {
		got = pread(fd, chunk, n < CHUNK ? (size_t)n : CHUNK, from);
		if (got > 0) {
			seal_add(s, chunk, (size_t)got);
			from += got;
			n -= got;
		}
	}
	seal_end(s, sum);
	free(chunk);
	return n == 0;
}

/* Lines from a place in the file on. */
struct walk {
	struct chain last;
	bool any;
	size_t end;	   /* behind the last record that follows */
	struct chain head; /* of audit.head */
	bool head_met, head_other;
	const uint64_t *after;
};

static void remember(struct audit_end *e, uint64_t seq, const char *line,
		     size_t len)
{
	size_t n;
	const char *sealed = chain_sealed(line, len, &n);

	if (!sealed || e->n_again == AGAIN_MAX)
		return;
	e->again = text_grow(e->again, e->n_again, sizeof(*e->again));
	e->again[e->n_again].seq = seq;
	seal_hash(sealed, n, e->again[e->n_again++].sum);
}

static void walk_line(struct audit_end *e, struct walk *w, const char *line,
		      size_t len, size_t end)
{
	struct chain_record r;
	struct fault f;

	if (chain_read(line, len, &r, &f) &&
	    (!w->any || chain_follows(&w->last, &r, &f))) {
		chain_go_on(&w->last, &r);
		w->any = true;
		w->end = end;
		e->time = r.time;
		if (r.seq == w->head.seq) {
			w->head_met = true;
			w->head_other = strcmp(r.hash, w->head.hash) != 0;
		}
		if (w->after && r.seq > *w->after)
			remember(e, r.seq, line, len);
	}
	chain_record_free(&r);
}

static void walk(struct audit_end *e, struct walk *w, const char *text,
		 size_t len, bool from_start)
{
	const char *at = text, *end;

	e->n_again = 0;
	w->any = false;
	w->end = 0;
	if (!from_start) {
		at = memchr(text, '\n', len);
		at = at ? at + 1 : text + len;
	}
	for (; at < text + len; at = end + 1) {
		end = memchr(at, '\n', len - (size_t)(at - text));
		if (!end)
			break;
		walk_line(e, w, at, (size_t)(end - at),
			  (size_t)(end + 1 - text));
	}
}

/* The last records of the file; from a larger part of it when these do not
 * reach back far enough.  *from: where the part begins. */
static bool read_tail(struct audit_end *e, struct walk *w, int64_t *from,
		      struct fault *f)
{
	size_t most = TAIL_FIRST;
	char *text;
	ssize_t n;

	for (;;) {
		*from = e->size > (int64_t)most ? e->size - (int64_t)most : 0;
		text = text_alloc(most + 1, 1);
		n = lseek(e->fd, *from, SEEK_SET) < 0
			    ? -1
			    : store_read_some(e->fd, text, most);
		if (n >= 0)
			walk(e, w, text, (size_t)n, *from == 0);
		free(text);
		if (n < 0)
			return fail(f, e->path);
		if (*from == 0 || most >= TAIL_LAST ||
		    (w->any && w->end + TAIL_FIRST / 2 > (size_t)n &&
		     (!w->head.seq || w->head_met)))
			return true;
		most = most * 4 > TAIL_LAST ? TAIL_LAST : most * 4;
	}
}

/* The sequence that the file begins with; 0 when its first line is none. */
static bool first_line(const char *line, size_t len, bool ended, void *arg)
{
	struct audit_end *e = arg;
	struct chain_record r;
	struct fault f;

	(void)ended;
	if (chain_read(line, len, &r, &f))
		e->first = r.seq;
	chain_record_free(&r);
	return false;
}

/* The file that was the last before there was a new one. */
static bool last_of_old(struct audit_end *e, struct chain *last)
{
	struct audit_list l;
	struct fault f;
	bool ok = false;

	if (!audit_read_list(e->folder, &l, &f))
		return false;
	for (size_t i = l.n; i > 0 && !ok; i--)
		if (strcmp(l.paths[i - 1], e->path) != 0) {
			ok = audit_read_last(l.paths[i - 1], last, &e->time);
			break;
		}
	audit_read_list_free(&l);
	return ok;
}

/* What stands behind the last record is half of one, as a crash leaves it.  A
 * line end behind it is not torn, and not counted. */
static bool look_at_rest(struct audit_end *e, int64_t end, struct fault *f)
{
	int64_t rest = e->size - end;
	char last;

	if (rest == 0)
		return true;
	if (rest > (int64_t)CHAIN_TORN_MAX)
		return false;
	if (pread(e->fd, &last, 1, (off_t)(e->size - 1)) != 1)
		return fail(f, e->path);
	e->torn = true;
	e->add_end = last != '\n';
	e->torn_bytes = (uint64_t)(rest - !e->add_end);
	return audit_end_sum(e->fd, end, (int64_t)e->torn_bytes, e->torn_sum) ||
	       fail(f, e->path);
}

/* Why the chain cannot be gone on with; NULL: it can. */
static const char *judge(const struct audit_end *e, const struct walk *w)
{
	if (!w->any && e->size > 0)
		return "its end holds no record that is whole";
	if (w->head_other)
		return "the record that was last written is another one now";
	if (w->head.seq > w->last.seq)
		return "records at its end are gone that had been written";
	return NULL;
}

/* True with nothing decided when there is no record at all. */
static bool find(struct audit_end *e, struct walk *w, struct fault *f)
{
	struct fault rest = fault_none();
	int64_t from = 0;

	if (e->size == 0) {
		w->any = last_of_old(e, &w->last);
	} else if (!read_tail(e, w, &from, f) ||
		   !audit_read_lines(e->path, first_line, e, f)) {
		return false;
	}
	e->last = w->last;
	e->damage = judge(e, w);
	if (e->damage || e->size == 0 ||
	    look_at_rest(e, from + (int64_t)w->end, &rest))
		return true;
	if (rest.kind == FAULT_NONE)
		e->damage = "what stands behind its last record is too long";
	else
		*f = rest;
	return rest.kind == FAULT_NONE;
}

bool audit_end_find(struct audit_end *e, const char *folder, int fd,
		    const uint64_t *after, struct fault *f)
{
	struct walk w = { .after = after };
	struct stat st;
	bool ok;

	*e = (struct audit_end){ .folder = folder, .fd = fd, .time = -1 };
	e->path = text_printf("%s/" AUDIT_FILE, folder);
	chain_init(&w.last);
	audit_read_head(folder, &w.head);
	ok = fstat(fd, &st) == 0 || fail(f, e->path);
	e->size = ok ? st.st_size : 0;
	ok = ok && find(e, &w, f);
	if (e->damage && w.head.seq > e->last.seq)
		e->last = w.head;
	free(e->path);
	e->path = NULL;
	return ok;
}

void audit_end_free(struct audit_end *e)
{
	free(e->again);
	e->again = NULL;
}
