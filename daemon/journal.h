/*
 * journal: a note of the engine as a line of the log, as loud as its kind, with
 * the fields by which the journal finds it (systemd.journal-fields(7)).
 */
#ifndef KEYROTD_JOURNAL_H
#define KEYROTD_JOURNAL_H

#include "engine/engine.h"

void journal_note(const struct note *n);

#endif
