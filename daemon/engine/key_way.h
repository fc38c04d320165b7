/*
 * key_way: which way a watch's key is read: from its vault, or through Resource
 * Manager.  With read-key-via "auto" the second one is taken as long as the
 * vault's network rules refuse this host: that state has its only place here.
 *
 * A vault that refused is tried again each reread-interval, and when a person
 * asks for a poll; whatever it answers then that is not about the key leaves
 * things as they are, for the other way serves.
 */
#ifndef KEYROTD_ENGINE_KEY_WAY_H
#define KEYROTD_ENGINE_KEY_WAY_H

#include "engine/model.h"

/* The far end that the key's next question goes to. */
struct end *key_way_end(const struct engine *e, const struct watch *w);
/* An answer is in, by the end that the watch's job has: true when the same
 * question is to be put again at once, for there is another way. */
bool key_way_again(struct engine *e, struct watch *w, const struct reply *r);
/* Begin at the vault with the next question, whenever that was to be. */
void key_way_hurry(const struct engine *e, struct watch *w);
/* What the last good poll came by, or the next one will: "vault" or
 * "resource-manager". */
const char *key_way_str(const struct watch *w);
/* It goes through Resource Manager. */
bool key_way_is_arm(const struct watch *w);

#endif
