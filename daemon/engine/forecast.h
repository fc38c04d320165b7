/*
 * forecast: will the registries that are still to move be moved in time, by
 * the limits in force?  Arithmetic on plain facts; nothing is owned.
 *
 * Each limit is asked by itself: as if it were the only one, how many come too
 * late, the last of them by how much, and what would be enough?  Of a watch
 * the limit that makes most of them late counts.
 */
#ifndef KEYROTD_ENGINE_FORECAST_H
#define KEYROTD_ENGINE_FORECAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum forecast_limit {
	FORECAST_PARALLEL, /* max-parallel */
	FORECAST_WRITE,	   /* write-rate */
	FORECAST_READ,	   /* read-rate */
	FORECAST_ROOM,	   /* max-requests, of which a host has its share */
	FORECAST_LIMITS
};

/* What one limit makes of them. */
struct forecast_late {
	size_t late;
	int64_t by_ms; /* the last one; 0 when none is late */
	double need;   /* the smallest value that would do; 0: none would */
};

/* Slots: each registry of a watch holds one while it moves. */
struct forecast_slots {
	size_t left;	      /* not on the wanted version yet */
	unsigned active;      /* of them moving already */
	unsigned slots, most; /* max-parallel; and at most in a file */
	int64_t op_ms;	      /* from its turn to verified */
	int64_t slot_ms;      /* and how much of that it holds a slot */
	int64_t first_ms;     /* the others wait so long for the first */
	int64_t time_ms;      /* to the deadline */
};

/* A budget that several watches may share: the nearest deadline goes first. */
struct forecast_flow {
	double rate;	    /* per second, > 0 */
	double burst;	    /* most that gathers */
	double tokens;	    /* that is there now */
	double per_move;    /* what one registry takes, > 0 */
	size_t ahead, left; /* registries: of others before ours, and ours */
	int64_t start_ms;   /* the first one takes it then */
	int64_t tail_ms;    /* from taking it to verified */
	int64_t time_ms;    /* to the deadline */
};

struct forecast_late forecast_slots(const struct forecast_slots *f);
struct forecast_late forecast_flow(const struct forecast_flow *f);

/* The whole. */
struct forecast {
	size_t late, of;
	int64_t by_ms;
	int64_t op_ms;	 /* that it was reckoned with */
	bool measured;	 /* op_ms was */
	bool certain;	 /* some will be late however fast a move is */
	unsigned limits; /* bits of enum forecast_limit: too small */
	double has[FORECAST_LIMITS]; /* of those: the value in force ... */
	double need
		[FORECAST_LIMITS]; /* ... and the one that would do; 0 none */
};

/* Add a watch: what each limit makes of it, and the values in force. */
void forecast_add(struct forecast *f, size_t left,
		  const struct forecast_late late[FORECAST_LIMITS],
		  const double has[FORECAST_LIMITS]);
/* Its option in keyrotd.conf. */
const char *forecast_setting(enum forecast_limit limit);
/* A value of it as it would be written there. */
void forecast_value(char *dst, size_t size, enum forecast_limit limit,
		    double value);
/* One sentence: how many, by how much, and which setting would cure it. */
void forecast_text(const struct forecast *f, char *dst, size_t size);

#endif
