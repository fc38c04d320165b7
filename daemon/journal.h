/*
 * journal: a note of the engine as a line of the log, as loud as its kind, with
 * the fields by which the journal finds it (systemd.journal-fields(7)) and the
 * MESSAGE_ID by which its catalog explains it (systemd, "Journal Message
 * Catalogs").
 */
#ifndef KEYROTD_JOURNAL_H
#define KEYROTD_JOURNAL_H

#include "engine/engine.h"

/* request: the x-ms-request-id of the answer that the note follows from, or
 * NULL. */
void journal_note(const struct note *n, const char *request);
/* A configuration is not taken over: what is wrong, or what is done. */
void journal_refused(const char *text);

#endif
