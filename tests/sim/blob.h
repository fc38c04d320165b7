/*
 * blob: the model of one blob and its lease, as Azure Storage keeps it.
 *
 * Written from Microsoft, "Lease Blob", its table "Outcomes of lease
 * operations on blobs by lease state", and "Set Blob Metadata" (REST API), and
 * not from what the daemon makes of it.  The service has a clock of its own.
 */
#ifndef SIM_BLOB_H
#define SIM_BLOB_H

#include "azure/call.h"

struct sim_blob {
	bool made;
	/* "": available.  Leased until then; after that expired, and it can
	 * be renewed while nobody else has acquired or changed it. */
	char id[40];
	int64_t until; /* the service's ms */
	int64_t duration_ms;
	bool changed; /* since it expired */
	bool told;
	struct lease_holder holder;
	int64_t fast; /* millionths by which its clock is too fast */
};

/* A step, with its own copies of what the call borrows. */
struct sim_step {
	enum lease_step step;
	char id[40];
	int seconds;
	struct lease_holder holder;
};

void sim_step_of(const struct call *call, struct sim_step *s);
/* Carry it out at t; fills r->lease, or r->fault. */
void sim_blob_answer(struct sim_blob *b, const struct sim_step *s, int64_t t,
		     struct reply *r);
/* It is held at t, by who has this id (NULL: by anybody). */
bool sim_blob_leased(const struct sim_blob *b, int64_t t, const char *by);

#endif
