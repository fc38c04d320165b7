/*
 * Takes records from the daemon, several at a time, brings them to the disk
 * and says how far it has come.
 */
#include "io/audit_writer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "io/audit_file.h"
#include "io/audit_internal.h"

#define OPEN_RETRY_MS 100  /* another one may be about to end */
#define WRITE_RETRY_MS 500 /* a disk that is full */
#define LOOK_AGAIN_MS 60000
#define LAST_TRIES 10 /* once the daemon has gone */

struct writer {
	struct audit_file *file;
	struct audit_order order;     /* folder "": none came yet */
	uint64_t taken;		      /* records that were handed in */
	uint64_t synced;	      /* of those */
	uint64_t seqs[AUDIT_AT_ONCE]; /* of those that are not */
	struct audit_gap gap;	      /* that was told of */
	bool failed;		      /* ... was told that it does */
	bool ended;		      /* there will be no more */
	char *message;
};

static void ignore(int number)
{
	const struct sigaction action = { .sa_handler = SIG_IGN };

	sigaction(number, &action, NULL);
}

/* The service manager stops all processes at once; ours ends with its input.
 * A file that may not grow is an error of writing. */
static void ignore_signals(void)
{
	ignore(SIGTERM);
	ignore(SIGINT);
	ignore(SIGHUP);
	ignore(SIGPIPE);
	ignore(SIGXFSZ);
}

/* n: how many more are on the disk than were told of. */
static void answer(struct writer *w, uint64_t n, const struct fault *f)
{
	struct audit_answer a;

	memset(&a, 0, sizeof(a));
	a.taken = w->synced;
	a.n = n;
	memcpy(a.seqs, w->seqs, n * sizeof(*a.seqs));
	if (w->file) {
		a.last = *audit_file_synced(w->file);
		a.gap = w->gap = *audit_file_gap(w->file);
	}
	if (f && f->kind != FAULT_NONE) {
		a.error = f->code ? f->code : EIO;
		text_copy(a.text, sizeof(a.text), f->text);
	}
	/* The daemon always reads; if it is gone, nobody wants to know. */
	while (send(STDIN_FILENO, &a, sizeof(a), MSG_NOSIGNAL) < 0 &&
	       errno == EINTR)
		;
}

static void take_order(struct writer *w, size_t len)
{
	if (len != sizeof(w->order))
		return;
	memcpy(&w->order, w->message, len);
	w->order.folder[sizeof(w->order.folder) - 1] = '\0';
}

static void limit(struct writer *w)
{
	const struct audit_file_limits l = { w->order.max_size,
					     w->order.keep_ms };

	if (!w->file)
		return;
	audit_file_limit(w->file, &l);
	/* Nobody accepts what nobody was told of. */
	if (!memcmp(&w->gap, audit_file_gap(w->file), sizeof(w->gap)))
		audit_file_accept(w->file, &w->order.gap);
}

static bool has_room(const struct writer *w)
{
	return !w->file || (audit_file_has_room(w->file) &&
			    w->taken - w->synced < AUDIT_AT_ONCE);
}

/* All that has come, as far as there is room. */
static void take(struct writer *w)
{
	ssize_t n = 1;

	while (!w->ended && has_room(w)) {
		n = recv(STDIN_FILENO, w->message,
			 sizeof(w->order) + CHAIN_LINE_MAX, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			w->ended = true;
		} else if (w->message[0] == AUDIT_ORDER) {
			take_order(w, (size_t)n);
			limit(w);
			if (!w->file)
				return;
		} else if (w->file) {
			/* What cannot be sealed cannot ever be written. */
			w->seqs[w->taken - w->synced] =
				audit_file_add(w->file, w->message, (size_t)n);
			w->taken++;
		}
	}
}

static void open_file(struct writer *w)
{
	struct fault f = fault_none();

	w->file = audit_file_open(w->order.folder,
				  w->order.again ? &w->order.after : NULL, &f);
	limit(w);
	answer(w, 0, &f);
}

/* Is the file still there?  What waits may have to give way to a record that
 * says that it is not. */
static bool look(struct writer *w, struct fault *f)
{
	uint64_t last = audit_file_synced(w->file)->seq, before;
	bool ok = audit_file_look(w->file, &before, f);

	for (uint64_t i = 0; before && i < w->taken - w->synced; i++)
		if (w->seqs[i] > last)
			w->seqs[i] += before;
	return ok;
}

/* False: it has to be tried again. */
static bool sync_all(struct writer *w)
{
	struct fault f = fault_none();
	uint64_t n = w->taken - w->synced;
	bool ok = look(w, &f), idle = n == 0 && !audit_file_pending(w->file);

	if (ok && idle &&
	    !memcmp(&w->gap, audit_file_gap(w->file), sizeof(w->gap)) &&
	    !w->failed)
		return true;
	ok = ok && audit_file_sync(w->file, &f);
	w->failed = !ok;
	if (ok)
		w->synced = w->taken;
	answer(w, ok ? n : 0, &f);
	return ok;
}

/* Until there is something to take, or to look at. */
static void wait_for(const struct writer *w)
{
	struct pollfd p[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = w->file ? audit_file_news(w->file) : -1,
		  .events = POLLIN },
	};

	poll(p, 2,
	     w->file && audit_file_is_blind(w->file) ? LOOK_AGAIN_MS : -1);
}

/* The disk is in trouble, and what waits is not looked at before the next try.
 * True: nobody hands in any more. */
static bool pause_for(int ms)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLRDHUP };

	if (poll(&p, 1, ms) <= 0)
		return false;
	poll(NULL, 0, ms);
	return true;
}

int audit_writer_run(void)
{
	struct writer w = { .file = NULL };
	struct stat st;
	int last = 0;

	if (fstat(STDIN_FILENO, &st) != 0 || !S_ISSOCK(st.st_mode)) {
		fputs("keyrotd: " AUDIT_WRITER_OPTION
		      " is for keyrotd itself, which hands it its records.\n",
		      stderr);
		return 64;
	}

	ignore_signals();
	closefrom(STDERR_FILENO + 1);
	prctl(PR_SET_NAME, AUDIT_WRITER_NAME);
	w.message = text_alloc(sizeof(w.order) + CHAIN_LINE_MAX, 1);
	while (last < LAST_TRIES) {
		if (!w.file && w.order.folder[0])
			open_file(&w);
		if (!w.file && w.order.folder[0]) {
			last += pause_for(OPEN_RETRY_MS);
			continue;
		}
		/* What a full disk has refused is tried again by itself. */
		if (!w.ended && !(w.file && audit_file_pending(w.file)))
			wait_for(&w);
		take(&w);
		if (w.file && !sync_all(&w))
			last += pause_for(WRITE_RETRY_MS);
		else if (w.ended)
			break;
	}
	audit_file_close(w.file);
	free(w.message);
	return w.synced == w.taken && w.ended ? 0 : 1;
}
