/*
 * checkup: keyrotd --doctor, an examination without a running daemon, and
 * beside one: nothing is written, neither to Azure nor to a file, no socket is
 * made and no lock is taken.
 */
#ifndef KEYROTD_CHECKUP_H
#define KEYROTD_CHECKUP_H

#include <stdbool.h>

struct config;

/* Examine what the configuration (taken) names and print the findings, as
 * text or as one JSON document.  Returns 0 when nothing has failed, else 1;
 * a terminal sees on standard error how far it is.  *error is 0, or the errno
 * of the first output that could not be written. */
int checkup_run(struct config *config, bool json, int *error);

#endif
