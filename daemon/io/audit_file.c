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
#include "io/audit_end.h"
#include "io/audit_gone.h"
#include "io/audit_read.h"
#include "io/clock.h"

#define REMOVE_MAX 100 /* files at once */
#define TIDY_EVERY_MS ((int64_t)86400 * 1000)

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

	struct audit_end found; /* at the start, and to be told of */
	char aside[64];		/* what was damaged is called so */
	size_t at_again;	/* of those that may come again */

	struct audit_gone gone; /* who tells when a file is taken away */
	struct audit_gap gap;	/* what is missing by that, all in all */
	struct audit_gap taken; /* ... and is to be told of */
	char cut[64];		/* what was left of that file is called so */
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
	audit_gone_watch(&a->gone, 0, a->path);
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

/* Under another name, and a new one in its place. */
static bool put_aside(struct audit_file *a, char *name, size_t size,
		      struct fault *f)
{
	char *path;
	bool ok;

	snprintf(name, size, "damaged-%" PRId64 ".jsonl", clock_wall_ms());
	path = text_printf("%s/%s", a->folder, name);
	ok = rename(a->path, path) == 0 || fail(f, "set aside", a->path);
	free(path);
	close(a->fd);
	a->fd = -1;
	a->first = 0;
	return ok && open_file(a, f);
}

/* The file that holds where the chain stands, and the lock. */
static bool open_head(struct audit_file *a, struct fault *f)
{
	char *path = text_printf("%s/" AUDIT_HEAD, a->folder);
	bool ok;

	a->head = open(path,
		       O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY |
			       O_NONBLOCK,
		       0600);
	ok = a->head >= 0 || fail(f, "open", path);
	if (ok && flock(a->head, LOCK_EX | LOCK_NB) != 0)
		ok = fault_set(f, FAULT_CONFLICT, errno,
			       "Another process writes the audit in %s",
			       a->folder);
	if (ok)
		audit_gone_watch(&a->gone, 1, path);
	free(path);
	return ok;
}

/* Behind the records, never before them: what it names is there. */
static bool write_head(struct audit_file *a, struct fault *f)
{
	char head[AUDIT_HEAD_LEN + 1];

	audit_read_head_text(head, &a->synced);
	return write_at(a->head, head, AUDIT_HEAD_LEN, 0) ||
	       fail(f, "write", AUDIT_HEAD);
}

/* ---- the start ---- */

/* What cannot be gone on with is kept under another name; that may be nothing
 * at all, where there should be something. */
static bool set_aside(struct audit_file *a, struct fault *f)
{
	struct audit_end *e = &a->found;

	e->torn = false;
	chain_init(&a->synced);
	a->synced.seq = e->last.seq;
	if (a->size == 0)
		return true;
	e->torn_bytes = (uint64_t)a->size;
	if (!audit_end_sum(a->fd, 0, a->size, e->torn_sum))
		return fail(f, "read", a->path);
	return put_aside(a, a->aside, sizeof(a->aside), f);
}

static bool find_end(struct audit_file *a, const uint64_t *after,
		     struct fault *f)
{
	if (!open_file(a, f) ||
	    !audit_end_find(&a->found, a->folder, a->fd, after, f))
		return false;
	a->synced = a->found.last;
	a->first = a->found.first;
	a->now = a->found.time;
	if (a->found.damage && !set_aside(a, f))
		return false;
	a->sealed = a->synced;
	return true;
}

/* ---- life ---- */

struct audit_file *audit_file_open(const char *folder, const uint64_t *after,
				   struct fault *f)
{
	struct audit_file *a = text_alloc(1, sizeof(*a));

	a->folder = text_dup(folder);
	a->path = text_printf("%s/" AUDIT_FILE, folder);
	a->fd = -1;
	a->now = a->tidied = -1;
	a->limits.max_size = INT64_MAX;
	a->limits.keep_ms = INT64_MAX;
	chain_init(&a->synced);
	buf_init(&a->pending, AUDIT_PENDING_MAX);
	audit_gone_init(&a->gone);
	if (open_head(a, f) && find_end(a, after, f))
		return a;
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
	audit_gone_free(&a->gone);
	buf_free(&a->pending);
	audit_end_free(&a->found);
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

	if (a->found.add_end)
		buf_puts(&a->pending, "\n");
	buf_init(&object, CHAIN_OBJECT_MAX);
	w = json_writer_new(&object, false);
	begin(w, a, "torn");
	json_add_int(w, "bytes", (int64_t)a->found.torn_bytes);
	json_add_str(w, "sha256", a->found.torn_sum);
	json_add_str(w, "text",
		     "The last line was not whole: whoever wrote it was ended "
		     "before it was on the disk. It stands before this "
		     "record as it was found.");
	end(a, w, &object);
	a->found.torn = false;
}

static void tell_broken(struct audit_file *a)
{
	struct buf object;
	struct json_writer *w;

	buf_init(&object, CHAIN_OBJECT_MAX);
	w = json_writer_new(&object, false);
	begin(w, a, "broken");
	json_add_str(w, "text", a->found.damage);
	json_add_str(w, "file", a->aside[0] ? a->aside : NULL);
	json_add_int(w, "bytes", (int64_t)a->found.torn_bytes);
	json_add_str(w, "sha256", a->aside[0] ? a->found.torn_sum : NULL);
	end(a, w, &object);
	a->found.damage = NULL;
}

/* It goes on behind what was taken away, whose sum is in its prev. */
static void tell_taken(struct audit_file *a)
{
	struct buf object;
	struct json_writer *w;

	buf_init(&object, CHAIN_OBJECT_MAX);
	w = json_writer_new(&object, false);
	begin(w, a, "taken");
	json_add_str(w, "file", AUDIT_FILE);
	json_add_int(w, "first_seq", (int64_t)a->taken.first);
	json_add_int(w, "last_seq", (int64_t)a->taken.last);
	json_add_str(w, "rest", a->cut[0] ? a->cut : NULL);
	json_add_str(w, "text",
		     "The file with these records was taken away or emptied "
		     "while it was written to. The chain goes on behind "
		     "them.");
	end(a, w, &object);
	a->taken = (struct audit_gap){ 0 };
	a->cut[0] = '\0';
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

/* Was it written already, before whoever wrote it ended?  Its sequence; 0: it
 * was not. */
static uint64_t is_again(struct audit_file *a, const char *object, size_t len)
{
	char sum[SEAL_HEX_MAX];

	if (len < 2)
		return 0;
	seal_hash(object + 1, len - 2, sum);
	for (size_t i = a->at_again; i < a->found.n_again; i++)
		if (!strcmp(a->found.again[i].sum, sum)) {
			a->at_again = i + 1;
			return a->found.again[i].seq;
		}
	return 0;
}

uint64_t audit_file_add(struct audit_file *a, const char *object, size_t len)
{
	int64_t now = time_of(object, len);
	uint64_t before = 0;

	if (a->at_again < a->found.n_again)
		before = is_again(a, object, len);
	if (before)
		return before;
	if (now >= 0)
		a->now = now;
	if (a->taken.first)
		tell_taken(a);
	if (a->found.damage)
		tell_broken(a);
	if (a->found.torn)
		tell_torn(a);
	return chain_seal(&a->sealed, object, len, &a->pending) ? a->sealed.seq
								: 0;
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
	return write_head(a, f);
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

/* ---- what is done to the files by others ---- */

/* Seal once more what was sealed and not written, with the record before it
 * that tells what was taken away. */
static bool seal_again(struct audit_file *a)
{
	struct buf old = a->pending;
	const char *at, *end;

	buf_init(&a->pending, AUDIT_PENDING_MAX);
	a->sealed = a->synced;
	tell_taken(a);
	for (at = old.data; at < old.data + old.len; at = end + 1) {
		size_t n = 0;
		const char *sealed;
		char *object;

		end = memchr(at, '\n', old.len - (size_t)(at - old.data));
		if (!end)
			break;
		sealed = chain_sealed(at, (size_t)(end - at), &n);
		object = text_printf("{%.*s}", (int)n, sealed ? sealed : "");
		chain_seal(&a->sealed, object, strlen(object), &a->pending);
		free(object);
	}
	buf_free(&old);
	return true;
}

/* Somebody has put a file of the right name there.  One that ends where we
 * stand is gone on with (an editor writes a copy of a file and renames it);
 * anything else is set aside. */
static bool is_ours(struct audit_file *a, struct fault *f)
{
	struct audit_end e = { 0 };
	bool ok = a->size > 0 &&
		  audit_end_find(&e, a->folder, a->fd, NULL, f) && !e.damage &&
		  !e.torn && e.last.seq == a->synced.seq &&
		  !strcmp(e.last.hash, a->synced.hash);

	if (ok)
		a->first = e.first;
	audit_end_free(&e);
	return ok;
}

static bool begin_anew(struct audit_file *a, struct fault *f)
{
	struct audit_gap lost = { a->first, a->synced.seq };
	struct fault other = fault_none();

	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
	a->size = 0;
	if (!open_file(a, f) || is_ours(a, &other))
		return a->fd >= 0;
	/* It is taken even if what is there cannot be set aside yet. */
	a->first = 0;
	if (lost.first) {
		audit_gone_add(&a->gap, lost.first, lost.last);
		audit_gone_add(&a->taken, lost.first, lost.last);
	}
	return a->size == 0 || put_aside(a, a->cut, sizeof(a->cut), f);
}

static bool look_at_head(struct audit_file *a, struct fault *f)
{
	char *path = text_printf("%s/" AUDIT_HEAD, a->folder);
	bool gone = a->head < 0 || audit_gone_is(a->head, path, 0);

	free(path);
	if (!gone)
		return true;
	if (a->head >= 0)
		close(a->head);
	return open_head(a, f) && (!a->synced.seq || write_head(a, f));
}

bool audit_file_look(struct audit_file *a, uint64_t *before, struct fault *f)
{
	bool ok;

	*f = fault_none();
	*before = 0;
	audit_gone_hear(&a->gone);
	ok = look_at_head(a, f);
	if (ok && (a->fd < 0 || audit_gone_is(a->fd, a->path, a->size)))
		ok = begin_anew(a, f);
	if (a->taken.first && a->pending.len) {
		seal_again(a);
		*before = 1;
	}
	if (a->gap.first && audit_gone_is_back(&a->gap, a->folder))
		a->gap = (struct audit_gap){ 0 };
	return ok;
}

const struct audit_gap *audit_file_gap(const struct audit_file *a)
{
	return &a->gap;
}

void audit_file_accept(struct audit_file *a, const struct audit_gap *gap)
{
	a->gap = *gap;
}

int audit_file_news(const struct audit_file *a)
{
	return a->gone.fd;
}

bool audit_file_is_blind(const struct audit_file *a)
{
	return a->gap.first || a->gone.fd < 0 || a->gone.at[0] < 0 ||
	       a->gone.at[1] < 0;
}
