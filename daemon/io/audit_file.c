/*
 * The files of the audit: where they end, what was left there, one more
 * record, a new file, an old one removed.
 */
#include "io/audit_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "io/audit_read.h"
#include "io/clock.h"
#include "io/store_internal.h"

#define TAIL_FIRST ((size_t)128 << 10)
#define TAIL_LAST (CHAIN_TORN_MAX + ((size_t)1 << 20))
#define REMOVE_MAX 100 /* files at once */
#define TIDY_EVERY_MS ((int64_t)86400 * 1000)
#define AGAIN_MAX 32768 /* records that may be handed in again */
#define CHUNK 65536

struct audit_file {
	char *folder, *path;
	int head; /* audit.head, which holds the lock as well */
	int fd;	  /* -1: there is no file now */
	int64_t size;
	uint64_t first; /* of the file; 0: it is empty */
	struct chain synced, sealed;
	struct buf pending;
	struct audit_file_limits limits;
	int64_t now, tidied; /* ms since 1970, by what is recorded */

	/* What was found at the start and is to be told of. */
	bool torn, add_end, broken;
	uint64_t torn_bytes;
	char torn_sum[SEAL_HEX_MAX];
	char why[FAULT_TEXT_MAX], aside[64];

	/* What may be handed in again: sums of objects. */
	char (*again)[SEAL_HEX_MAX];
	size_t n_again, at_again;
};

static bool fail(struct fault *f, const char *what, const char *path)
{
	return fault_set(f, FAULT_LOCAL, errno, "Could not %s %s: %s", what,
			 path, strerror(errno));
}

/* ---- one file ---- */

static bool sync_folder(const struct audit_file *a, struct fault *f)
{
	int dir = open(a->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = dir >= 0 && fsync(dir) == 0;

	if (!ok)
		fail(f, "make sure that the disk has", a->folder);
	if (dir >= 0)
		close(dir);
	return ok;
}

static bool open_file(struct audit_file *a, struct fault *f)
{
	struct stat st;

	if (a->fd >= 0)
		return true;
	a->fd = open(a->path,
		     O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY |
			     O_NONBLOCK,
		     0600);
	if (a->fd < 0)
		return fail(f, "open", a->path);
	if (fstat(a->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(a->fd);
		a->fd = -1;
		return fault_set(f, FAULT_LOCAL, EINVAL,
				 "Could not write %s: it is no regular file",
				 a->path);
	}
	a->size = st.st_size;
	return sync_folder(a, f);
}

static bool write_at(int fd, const char *data, size_t len, int64_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, data, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
		at += n;
	}
	return true;
}

/* The sum of n bytes of a file, for what is torn or set aside. */
static bool sum_of(int fd, int64_t from, int64_t n, char sum[SEAL_HEX_MAX])
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

/* ---- the end of what is there ---- */

/* Lines from a place in the file on. */
struct walk {
	struct chain last;
	bool any;
	size_t end;	   /* behind the last record that follows */
	struct chain head; /* of audit.head */
	bool head_met, head_other;
	const uint64_t *after;
};

static void remember(struct audit_file *a, const char *line, size_t len)
{
	size_t n;
	const char *sealed = chain_sealed(line, len, &n);

	if (!sealed || a->n_again == AGAIN_MAX)
		return;
	a->again = text_grow(a->again, a->n_again, sizeof(*a->again));
	seal_hash(sealed, n, a->again[a->n_again++]);
}

static void walk_line(struct audit_file *a, struct walk *w, const char *line,
		      size_t len, size_t end)
{
	struct chain_record r;
	struct fault f;

	if (chain_read(line, len, &r, &f) &&
	    (!w->any || chain_follows(&w->last, &r, &f))) {
		chain_go_on(&w->last, &r);
		w->any = true;
		w->end = end;
		a->now = r.time;
		if (r.seq == w->head.seq) {
			w->head_met = true;
			w->head_other = strcmp(r.hash, w->head.hash) != 0;
		}
		if (w->after && r.seq > *w->after)
			remember(a, line, len);
	}
	chain_record_free(&r);
}

static void walk(struct audit_file *a, struct walk *w, const char *text,
		 size_t len, bool from_start)
{
	const char *at = text, *end;

	a->n_again = 0;
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
		walk_line(a, w, at, (size_t)(end - at),
			  (size_t)(end + 1 - text));
	}
}

/* The last records of the file; from a larger part of it when these do not
 * reach back far enough.  *from: where the part begins. */
static bool read_tail(struct audit_file *a, struct walk *w, int64_t *from,
		      struct fault *f)
{
	size_t most = TAIL_FIRST;
	char *text;
	ssize_t n;

	for (;;) {
		*from = a->size > (int64_t)most ? a->size - (int64_t)most : 0;
		text = text_alloc(most + 1, 1);
		n = lseek(a->fd, *from, SEEK_SET) < 0
			    ? -1
			    : store_read_some(a->fd, text, most);
		if (n >= 0)
			walk(a, w, text, (size_t)n, *from == 0);
		free(text);
		if (n < 0)
			return fail(f, "read", a->path);
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
	struct audit_file *a = arg;
	struct chain_record r;
	struct fault f;

	(void)ended;
	if (chain_read(line, len, &r, &f))
		a->first = r.seq;
	chain_record_free(&r);
	return false;
}

/* The file that was the last before there was a new one. */
static bool last_of_old(struct audit_file *a, struct chain *last)
{
	struct audit_list l;
	struct fault f;
	bool ok = false;

	if (!audit_read_list(a->folder, &l, &f))
		return false;
	for (size_t i = l.n; i > 0 && !ok; i--)
		if (strcmp(l.paths[i - 1], a->path) != 0) {
			ok = audit_read_last(l.paths[i - 1], last, &a->now);
			break;
		}
	audit_read_list_free(&l);
	return ok;
}

static bool set_aside(struct audit_file *a, const struct walk *w,
		      struct fault *f)
{
	char *path;
	bool ok;

	a->broken = true;
	chain_init(&a->synced);
	a->synced.seq = w->last.seq > w->head.seq ? w->last.seq : w->head.seq;
	a->torn = false;
	if (a->size == 0)
		return true;
	snprintf(a->aside, sizeof(a->aside), "damaged-%" PRId64 ".jsonl",
		 clock_wall_ms());
	path = text_printf("%s/%s", a->folder, a->aside);
	a->torn_bytes = (uint64_t)a->size;
	ok = sum_of(a->fd, 0, a->size, a->torn_sum) &&
	     rename(a->path, path) == 0;
	if (!ok)
		fail(f, "set aside", a->path);
	free(path);
	close(a->fd);
	a->fd = -1;
	a->first = 0;
	return ok && open_file(a, f);
}

/* What stands behind the last record is half of one, as a crash leaves it.  A
 * line end behind it is not torn, and not counted. */
static bool look_at_rest(struct audit_file *a, int64_t end, struct fault *f)
{
	int64_t rest = a->size - end;
	char last;

	if (rest == 0)
		return true;
	if (rest > (int64_t)CHAIN_TORN_MAX)
		return false;
	if (pread(a->fd, &last, 1, (off_t)(a->size - 1)) != 1)
		return fail(f, "read", a->path);
	a->torn = true;
	a->add_end = last != '\n';
	a->torn_bytes = (uint64_t)(rest - !a->add_end);
	return sum_of(a->fd, end, (int64_t)a->torn_bytes, a->torn_sum) ||
	       fail(f, "read", a->path);
}

/* Why the chain cannot be gone on with; NULL: it can. */
static const char *judge(const struct audit_file *a, const struct walk *w)
{
	if (!w->any && a->size > 0)
		return "its end holds no record that is whole";
	if (w->head_other)
		return "the record that was last written is another one now";
	if (w->head.seq > w->last.seq)
		return "records at its end are gone that had been written";
	return NULL;
}

static bool find_end(struct audit_file *a, const uint64_t *after,
		     struct fault *f)
{
	struct walk w = { .after = after };
	struct fault rest = fault_none();
	const char *why;
	int64_t from = 0;

	chain_init(&w.last);
	audit_read_head(a->folder, &w.head);
	if (!open_file(a, f))
		return false;
	if (a->size == 0 && last_of_old(a, &w.last))
		w.any = true;
	else if (a->size > 0 && !read_tail(a, &w, &from, f))
		return false;
	if (a->size > 0 && !audit_read_lines(a->path, first_line, a, f))
		return false;
	why = judge(a, &w);
	if (!why && a->size > 0 &&
	    !look_at_rest(a, from + (int64_t)w.end, &rest)) {
		if (rest.kind != FAULT_NONE) {
			*f = rest;
			return false;
		}
		why = "what stands behind its last record is too long";
	}
	a->synced = w.last;
	if (why) {
		text_copy(a->why, sizeof(a->why), why);
		if (!set_aside(a, &w, f))
			return false;
	}
	a->sealed = a->synced;
	return true;
}

/* ---- life ---- */

struct audit_file *audit_file_open(const char *folder, const uint64_t *after,
				   struct fault *f)
{
	struct audit_file *a = text_alloc(1, sizeof(*a));
	char *head = text_printf("%s/" AUDIT_HEAD, folder);

	a->folder = text_dup(folder);
	a->path = text_printf("%s/" AUDIT_FILE, folder);
	a->fd = -1;
	a->now = a->tidied = -1;
	a->limits.max_size = INT64_MAX;
	a->limits.keep_ms = INT64_MAX;
	chain_init(&a->synced);
	buf_init(&a->pending, AUDIT_PENDING_MAX);
	a->head = open(head,
		       O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY |
			       O_NONBLOCK,
		       0600);
	if (a->head < 0)
		fail(f, "open", head);
	else if (flock(a->head, LOCK_EX | LOCK_NB) != 0)
		fault_set(f, FAULT_CONFLICT, errno,
			  "Another process writes the audit in %s", folder);
	else if (find_end(a, after, f)) {
		free(head);
		return a;
	}
	free(head);
	audit_file_close(a);
	return NULL;
}

void audit_file_close(struct audit_file *a)
{
	if (!a)
		return;
	if (a->fd >= 0)
		close(a->fd);
	if (a->head >= 0)
		close(a->head);
	buf_free(&a->pending);
	free(a->again);
	free(a->folder);
	free(a->path);
	free(a);
}

void audit_file_limit(struct audit_file *a, const struct audit_file_limits *l)
{
	a->limits = *l;
}

const struct chain *audit_file_synced(const struct audit_file *a)
{
	return &a->synced;
}

bool audit_file_pending(const struct audit_file *a)
{
	return a->pending.len > 0;
}

/* Ours goes in before it: torn, broken. */
bool audit_file_has_room(const struct audit_file *a)
{
	return a->pending.len + 4 * CHAIN_LINE_MAX <= AUDIT_PENDING_MAX;
}

/* ---- records ---- */

static void begin(struct json_writer *w, const struct audit_file *a,
		  const char *kind)
{
	char time[CHAIN_TIME_MAX];

	chain_time(time, a->now);
	json_open(w);
	json_add_str(w, "time", time);
	json_add_str(w, "kind", kind);
}

static bool end(struct audit_file *a, struct json_writer *w, struct buf *object)
{
	bool ok;

	json_close(w);
	ok = json_finish(w) &&
	     chain_seal(&a->sealed, object->data, object->len, &a->pending);
	buf_free(object);
	return ok;
}

static void tell_torn(struct audit_file *a)
{
	struct buf object;
	struct json_writer *w;

	if (a->add_end)
		buf_puts(&a->pending, "\n");
	buf_init(&object, CHAIN_OBJECT_MAX);
	w = json_writer_new(&object, false);
	begin(w, a, "torn");
	json_add_int(w, "bytes", (int64_t)a->torn_bytes);
	json_add_str(w, "sha256", a->torn_sum);
	json_add_str(w, "text",
		     "The last line was not whole: whoever wrote it was ended "
		     "before it was on the disk. It stands before this "
		     "record as it was found.");
	end(a, w, &object);
	a->torn = a->add_end = false;
}

static void tell_broken(struct audit_file *a)
{
	struct buf object;
	struct json_writer *w;

	buf_init(&object, CHAIN_OBJECT_MAX);
	w = json_writer_new(&object, false);
	begin(w, a, "broken");
	json_add_str(w, "text", a->why);
	json_add_str(w, "file", a->aside[0] ? a->aside : NULL);
	json_add_int(w, "bytes", (int64_t)a->torn_bytes);
	json_add_str(w, "sha256", a->aside[0] ? a->torn_sum : NULL);
	end(a, w, &object);
	a->broken = false;
}

/* The time of an object, which is its first member. */
static int64_t time_of(const char *object, size_t len)
{
	static const char open[] = "{\"time\":\"";
	char text[CHAIN_TIME_MAX];
	const char *quote;

	if (len < sizeof(open) || memcmp(object, open, sizeof(open) - 1) != 0)
		return -1;
	object += sizeof(open) - 1;
	len -= sizeof(open) - 1;
	quote = memchr(object, '"', len);
	if (!quote || (size_t)(quote - object) >= sizeof(text))
		return -1;
	snprintf(text, sizeof(text), "%.*s", (int)(quote - object), object);
	return text_parse_rfc3339(text);
}

/* Was it written already, before whoever wrote it ended? */
static bool is_again(struct audit_file *a, const char *object, size_t len)
{
	char sum[SEAL_HEX_MAX];

	if (len < 2)
		return false;
	seal_hash(object + 1, len - 2, sum);
	for (size_t i = a->at_again; i < a->n_again; i++)
		if (!strcmp(a->again[i], sum)) {
			a->at_again = i + 1;
			return true;
		}
	return false;
}

bool audit_file_add(struct audit_file *a, const char *object, size_t len)
{
	int64_t now = time_of(object, len);

	if (a->at_again < a->n_again && is_again(a, object, len))
		return true;
	if (now >= 0)
		a->now = now;
	if (a->broken)
		tell_broken(a);
	if (a->torn)
		tell_torn(a);
	return chain_seal(&a->sealed, object, len, &a->pending);
}

/* ---- rotation and removal ---- */

static bool rotate(struct audit_file *a, struct fault *f)
{
	char *to;
	bool ok = true;

	if (a->size < a->limits.max_size || a->first == 0)
		return true;
	to = text_printf("%s/audit-%012" PRIu64 ".jsonl", a->folder, a->first);
	if (faccessat(AT_FDCWD, to, F_OK, 0) == 0) {
		errno = EEXIST;
		ok = false;
	}
	ok = ok && rename(a->path, to) == 0;
	if (!ok)
		fail(f, "make room for a new file of the audit, as", to);
	free(to);
	if (!ok)
		return false;
	close(a->fd);
	a->fd = -1;
	a->size = 0;
	a->first = 0;
	a->tidied = -1;
	return open_file(a, f);
}

static bool write_pending(struct audit_file *a, struct fault *f)
{
	char head[AUDIT_HEAD_LEN + 1];

	if (!a->pending.len)
		return true;
	if (!open_file(a, f))
		return false;
	/*
	 * A failed fdatasync(2) may have dropped the pages and be a success
	 * the next time.  The same bytes are written again before it is.
	 */
	if (!write_at(a->fd, a->pending.data, a->pending.len, a->size) ||
	    fdatasync(a->fd) != 0) {
		fail(f, "write", a->path);
		if (ftruncate(a->fd, a->size) != 0)
			return false; /* the next try writes over it */
		return false;
	}
	if (a->first == 0)
		a->first = a->synced.seq + 1;
	a->size += (int64_t)a->pending.len;
	a->synced = a->sealed;
	buf_reset(&a->pending);
	/* Behind the records, never before them: what it names is there. */
	audit_read_head_text(head, &a->synced);
	return write_at(a->head, head, AUDIT_HEAD_LEN, 0) ||
	       fail(f, "write", AUDIT_HEAD);
}

static bool tell_removal(struct audit_file *a, const char *path,
			 const struct chain *last, int64_t time,
			 struct fault *f)
{
	const char *slash = strrchr(path, '/');
	char until[CHAIN_TIME_MAX];
	struct buf object;
	struct json_writer *w;

	chain_time(until, time);
	buf_init(&object, CHAIN_OBJECT_MAX);
	w = json_writer_new(&object, false);
	begin(w, a, "removed");
	json_add_str(w, "file", slash + 1);
	json_add_int(w, "last_seq", (int64_t)last->seq);
	json_add_str(w, "last_hash", last->hash);
	json_add_str(w, "last_time", until);
	return end(a, w, &object) && write_pending(a, f);
}

/* Files that are old enough are removed, once a day and after each new one,
 * and only when it is on the disk that they were. */
static bool tidy(struct audit_file *a, struct fault *f)
{
	struct audit_list l;
	bool ok = true;

	if (a->now < 0 || a->limits.keep_ms >= a->now ||
	    (a->tidied >= 0 && a->now - a->tidied < TIDY_EVERY_MS))
		return true;
	a->tidied = a->now;
	if (!audit_read_list(a->folder, &l, f))
		return false;
	for (size_t i = 0; ok && i < l.n && i < REMOVE_MAX; i++) {
		struct chain last;
		int64_t time = -1;

		if (!strcmp(l.paths[i], a->path) ||
		    !audit_read_last(l.paths[i], &last, &time) ||
		    time > a->now - a->limits.keep_ms)
			break;
		ok = tell_removal(a, l.paths[i], &last, time, f) &&
		     (unlink(l.paths[i]) == 0 || fail(f, "remove", l.paths[i]));
	}
	audit_read_list_free(&l);
	return ok;
}

bool audit_file_sync(struct audit_file *a, struct fault *f)
{
	*f = fault_none();
	if (!write_pending(a, f))
		return false;
	/* What fails here is tried again, and holds up no record. */
	if (rotate(a, f))
		tidy(a, f);
	return true;
}
