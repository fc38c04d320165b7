/*
 * azure_help: a question to Azure and an answer, for tests of what builds the
 * one and reads the other.  There is one of each; azure_stop frees the cloud.
 */
#ifndef TESTS_UNIT_AZURE_HELP_H
#define TESTS_UNIT_AZURE_HELP_H

#include "azure/call.h"

#define NOW INT64_C(1700000000000) /* 2023-11-14T22:13:20Z */

extern struct cloud cloud; /* the public one */
extern struct call call;   /* what the answers are about */

/* Begin with a call like this one, about a key by its identifier. */
void azure_start(const struct call *like, const char *key);
int azure_stop(void **state);

/* An answer with that body. */
struct answer azure_answer(int status, const char *body);
/* What it says about the call; frees it. */
struct reply azure_read(struct answer a);

#endif
