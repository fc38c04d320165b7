/*
 * hint: what a message that Event Grid has put into a queue is about.
 *
 * Anybody who may write to the queue can have written it: it says which key to
 * look at, and nothing else of it is used.
 * Sources: Microsoft, "Azure Key Vault as Event Grid source", "Event Grid event
 * schema"; cloudevents/spec:cloudevents/spec.md (1.0).
 */
#ifndef KEYROTD_AZURE_HINT_H
#define KEYROTD_AZURE_HINT_H

#include "azure/call.h"

#define HINT_TEXT_MAX (64 * 1024) /* bytes: no message of a queue has more */

/* Events of one message: none that names a key or a vault is of less than 64
 * bytes. */
#define HINT_EVENTS_MAX (HINT_TEXT_MAX / 64)

/*
 * Fill h->events, in the place of what was there, from the text of a message:
 * an event of either schema or an array of events, plain or in base64.  Those
 * of one key are one, of a new version when one of them tells of that.  What
 * cannot be read, or is about something else, is left out.  An event that does
 * not tell the vault's host but its name is taken to be of the cloud's first
 * kind of vault.
 */
void hint_read(const struct cloud *cloud, const char *text, struct hint *h);
/* Free what it has, and make it empty. */
void hint_clear(struct hint *h);

#endif
