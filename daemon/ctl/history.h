/*
 * history: what the records of the audit come to: per key and per registry,
 * which versions came, when they were effective, and when they were adopted.
 *
 * A pure function of the records, handed in one by one in their order.  Those
 * of several daemons that share the registries are handed in by time, each with
 * whose it is; what two of them saw is one thing then.
 *
 * It owns all that it keeps until history_free, and keeps no more than the
 * bounds below, whatever the files say; what is beyond them is counted.  Only
 * the history_*.c beside it change what is in it.
 * Times are milliseconds since 1970, -1 where the records do not tell.
 */
#ifndef KEYROTD_CTL_HISTORY_H
#define KEYROTD_CTL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/chain.h"

#define HISTORY_REGISTRIES_MAX 200000
#define HISTORY_KEYS_MAX 20000
#define HISTORY_VERSIONS_MAX 200000
#define HISTORY_MOVES_MAX 1000000
#define HISTORY_GAPS_MAX 20000
#define HISTORY_ID_MAX 2048
#define HISTORY_VERSION_MAX 40
#define HISTORY_TURNS_MAX 20000
#define HISTORY_SOURCES_MAX 8 /* daemons */
#define HISTORY_NOBODY UINT8_MAX
#define HISTORY_NONE UINT32_MAX

/* Something that was told and, as far as is known, not mended. */
struct history_fault {
	char *text; /* NULL: nothing is open */
	char event[16];
	int64_t since, last;
	unsigned times; /* told */
	uint8_t source; /* who told it last */
};

/* One registry came to be on one version. */
struct history_move {
	uint32_t version, previous; /* HISTORY_NONE: not told */
	uint32_t next;		    /* of the same registry; HISTORY_NONE */
	unsigned writes;	    /* 0: others did it */
	int64_t effective, written, verified;
	int64_t window_ms; /* 0: none applies, or it is not told */
	uint8_t by;	   /* which daemon wrote last; HISTORY_NOBODY */
};

struct history_registry {
	char *id;
	char *label;	 /* what tells it from its namesakes; set by the end */
	uint32_t key;	 /* HISTORY_NONE: not told */
	uint32_t in_use; /* version; HISTORY_NONE: not told */
	bool watched;	 /* at the end, by any of the daemons ... */
	uint32_t in;	 /* ... a bit of each */
	bool manual;	 /* a person names its version */
	/* Of the time that is asked for. */
	uint32_t first, last; /* moves */
	unsigned moves, late;
	unsigned missed;  /* deadlines of versions that it never came to */
	uint32_t overdue; /* the version of the last one; HISTORY_NONE */
	struct history_fault fault;
	/* A move that has begun. */
	uint32_t wrote;
	unsigned writes;
	int64_t written;
	uint8_t writer;
	uint32_t listed; /* it is in the list that is being told: a bit of each
			    daemon */
};

struct history_version {
	char name[HISTORY_VERSION_MAX];
	uint32_t key;
	int64_t effective, seen;
	unsigned adopted, late; /* moves to it in the time asked for */
	unsigned missed;	/* deadlines, without a move to it later */
	unsigned users;		/* registries on it at the end */
	unsigned departed;	/* no longer watched, and last seen on it */
	int64_t left;		/* a registry went on from it last */
};

struct history_key {
	char *id;
	uint32_t newest;    /* version; HISTORY_NONE */
	unsigned unknown;   /* registries whose version nobody told */
	unsigned users;	    /* registries of it at the end */
	unsigned rotations; /* versions that became effective in the time */
	unsigned effective; /* versions of which it is told, up to the end */
	int64_t oldest, latest; /* of these */
	struct history_fault fault;
};

/* Nobody watched: between an end and the next start. */
struct history_gap {
	int64_t from, to; /* from: not before that, when it is no stop */
	bool stopped;	  /* in order: so long exactly */
};

/* A daemon took over, or observes from then on.  Those of before the time that
 * is asked for are what was so when it began. */
struct history_turn {
	int64_t time;
	char *text;
	char *lease, *blob; /* its name and its blob; NULL: not told */
	uint8_t source;
	const char *role; /* static text: leader, standby or alone */
};

/* The records of one daemon. */
struct history_source {
	int64_t first, last; /* up to the end of the time asked for */
	bool stopped;	     /* the last record is a stop */
	bool beyond;	     /* there are later ones */
	bool listing, listed;
	char host[65]; /* where it ran last; "": not told */
	struct history_gap *gaps;
	size_t n_gaps;
};

struct history_index {
	uint32_t *slots; /* number + 1; 0: empty */
	size_t size, n;
};

struct history {
	int64_t from, to; /* what is asked for; -1: from the first record, to
			     the last */
	struct history_registry *registries;
	size_t n_registries;
	struct history_key *keys;
	size_t n_keys;
	struct history_version *versions;
	size_t n_versions;
	struct history_move *moves;
	size_t n_moves;
	struct history_gap *gaps; /* after the end: of all daemons at once */
	size_t n_gaps;
	struct history_turn *turns;
	size_t n_turns;
	struct history_source sources[HISTORY_SOURCES_MAX];
	unsigned n_sources; /* 1 at least */
	unsigned source;    /* whose the next record is */
	struct history_index by_registry, by_key, by_version;

	int64_t first, last; /* times of the records up to `to` */
	int64_t window_ms;   /* as told last; 0: never */
	bool stopped;	     /* the last record is a stop */
	bool beyond;	     /* there are records later than `to` */
	bool listed;	     /* what is watched was told */
	uint64_t lost;	     /* records that never reached the disk */
	uint64_t left_out;   /* beyond a bound */
	bool cut;	     /* set by whoever knows that more was there: nobody
				is told to retire anything */
	/* After history_end. */
	size_t n_late, n_timed;
	size_t n_missed;
	const struct history_registry **sorted;	 /* by key and id */
	const struct history_version **in_order; /* by key and time */
	int64_t down_ms;			 /* of the gaps, at most */
	int64_t *took; /* of n_timed moves, ascending */
};

/* from, to: of the report, as above. */
void history_init(struct history *h, int64_t from, int64_t to);
void history_free(struct history *h);
/* The next record is of this daemon: 0 .. HISTORY_SOURCES_MAX-1; of the first
 * one, when nobody says so. */
void history_from(struct history *h, unsigned source);
/* The next record. */
void history_add(struct history *h, const struct chain_record *r);
/* There is none any more: what only the whole can tell. */
void history_end(struct history *h);

/* The deadline of a registry that is not on its key's newest version; -1: it
 * is, or none is told. */
int64_t history_due(const struct history *h, const struct history_registry *r);
/* ms from one version of a key to the next, on average; -1: none is told. */
int64_t history_every(const struct history_key *k);

enum history_advice {
	HISTORY_IN_USE,	 /* registries are on it */
	HISTORY_NEWEST,	 /* of its key */
	HISTORY_UNKNOWN, /* of a registry of the key nobody told its version,
			    or one is not watched any more */
	HISTORY_CLEAR,	 /* nobody is, as far as the records tell */
};
/* May this version be retired, as of the end of the records? */
enum history_advice history_advice(const struct history *h, uint32_t version);
const char *history_advice_str(enum history_advice a);

#endif
