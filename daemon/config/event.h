/*
 * event: the kinds of events as the configuration names them, and of which of
 * them programs are told that wait for them.
 *
 * A kind is known by its word, as in the journal's KEYROTD_EVENT.
 */
#ifndef KEYROTD_CONFIG_EVENT_H
#define KEYROTD_CONFIG_EVENT_H

#include <stdbool.h>

/* Every word that may stand in on-event-kinds, ended by NULL; the last one,
 * "all", stands for all of them. */
extern const char *const event_words[];

/* Is this kind among those that are chosen?  chosen: words with commas between
 * them; NULL: the ones that want a person, and that their trouble is over. */
bool event_chosen(const char *chosen, const char *kind);

#endif
