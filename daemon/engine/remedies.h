/*
 * remedies: what a person can do about a registry that does not get on by
 * itself, or is in danger: a sentence, and the command where one does it.
 * Reads the engine and decides nothing.
 */
#ifndef KEYROTD_ENGINE_REMEDIES_H
#define KEYROTD_ENGINE_REMEDIES_H

#include "engine/model.h"

#define REMEDIES_TEXT_MAX 768

/* Told of each, the one that matters most first: the sentence, and the command
 * or NULL.  Both die when it returns. */
typedef void remedies_each(const char *text, const char *command, void *arg);

/* None where nobody has to do anything.  A command is told once only. */
void remedies_of(const struct engine *e, const struct registry *r,
		 remedies_each *each, void *arg);

#endif
