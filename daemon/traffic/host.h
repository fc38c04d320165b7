/*
 * host: how many questions may be under way at one origin, and who is next.
 *
 * A host of which nothing is known gets one question.  Once that was answered
 * (a connection alone proves nothing) it gets as many as its protocol bears,
 * but never more than its share of all flights, so that one host that hangs
 * leaves room for the others.  Failure takes it back to one, and so does a
 * while without a transfer: what was learnt may not be true any more.  Of many
 * hosts that hang each has one; so those whose last word was silence have
 * half of all flights together, and who answers always finds room.
 *
 * It knows no job: what waits are nodes of a heap, which belong to whoever
 * put them in.  The table owns the hosts, which live as long as it does.
 */
#ifndef KEYROTD_TRAFFIC_HOST_H
#define KEYROTD_TRAFFIC_HOST_H

#include "traffic/traffic.h"

void host_init(struct hosts *hs);
void host_free(struct hosts *hs); /* all of them; no node may be left */
/* The host of this origin ("https://name:port"), found or made. */
struct host *host_find(struct hosts *hs, const char *origin);
/* max_requests: all flights there are; a host may have a quarter, and those
 * that are silent half of them together. */
void host_share(struct hosts *hs, unsigned max_requests);

/* This one never gets a second question before the first is over. */
void host_single(struct hosts *hs, struct host *h);

/* Wait for room; key: the smallest goes first. */
void host_join(struct hosts *hs, struct host *h, struct heap_node *n,
	       int64_t key);
void host_leave(struct hosts *hs, struct host *h, struct heap_node *n);
/* The host with room whose first node is the most urgent of all; NULL. */
struct host *host_next(const struct hosts *hs);
/* Its first node, taken out; NULL. */
struct heap_node *host_pop(struct hosts *hs, struct host *h);

/* A question goes out at boot ms, or its transfer has ended. */
void host_begin(struct hosts *hs, struct host *h, int64_t boot);
void host_end(struct hosts *hs, struct host *h, int64_t boot);

/* What the end of a question has shown. */
enum host_lesson {
	HOST_NOTHING,  /* it was our own doing */
	HOST_ANSWERED, /* a sound answer */
	HOST_FAILED,   /* a transient failure that it told */
	HOST_SILENT,   /* no answer, or no way to it */
};

/* Learn from a question that was sent at boot ms `sent`; http2: the answer
 * came over a connection that bears many. */
void host_learn(struct hosts *hs, struct host *h, enum host_lesson lesson,
		bool http2, int64_t sent, int64_t boot);

/* A question was answered with this HTTP status (0: not at all), maybe by a
 * word to slow down; or one is put again, for it failed.  Counted for people;
 * nothing hangs on it. */
void host_count(struct host *h, int code, bool throttled);
void host_retry(struct host *h);

/* It has left its last few questions, one after the other, without any answer
 * (TRAFFIC_MUTE): whoever waits for it need not be asked as often to know. */
bool host_mute(const struct host *h);

/* It told this date (ms since 1970), which was believed or not; known: there
 * are others whose word is.  True when it is to be told, which is so once,
 * until its dates were sound for a while: then it is in hosts.odd. */
bool host_dated(struct hosts *hs, struct host *h, int64_t date_ms,
		bool believed, bool known);
/* What was held to be the time was wrong itself: nobody's date was odd. */
void host_forgive(struct hosts *hs);

#endif
