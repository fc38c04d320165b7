/*
 * evidence_internal: what the files of evidence share.  evidence.c owns it.
 */
#ifndef KEYROTD_EVIDENCE_INTERNAL_H
#define KEYROTD_EVIDENCE_INTERNAL_H

#include "evidence.h"
#include "record.h"
#include "signature.h"
#include "watched.h"

struct evidence {
	struct evidence_options options;
	struct record_book book;
	/* The answer that what is noted now follows from. */
	struct {
		bool open;
		enum call_kind kind;
		char *registry;		  /* NULL: of all */
		char key[KEYID_TEXT_MAX]; /* "": of all */
		char id[37];
		int status;
		char request_id[FAULT_CODE_MAX];
		char correlation_id[FAULT_CODE_MAX];
	} cause;
	struct signature signature;
	struct watched watched;
	bool ending;
};

/* What was asked, as records call it; NULL: nothing that is noted follows from
 * the answer. */
const char *evidence_question(enum call_kind kind);

#endif
