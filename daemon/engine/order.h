/*
 * order: a move of one registry that a person has asked for: what it may do
 * that the watch alone may not (a manual key, a takeover, another identity),
 * and how it ends.  It lives in memory: a restart forgets it, and what it has
 * written by then is read back as ever.
 */
#ifndef KEYROTD_ENGINE_ORDER_H
#define KEYROTD_ENGINE_ORDER_H

#include "engine/model.h"

#define ORDER_MS 3600000 /* so long it is tried */

/* Give this one (its texts are copied); one that was there ends. */
void order_give(struct engine *e, struct registry *r, const struct order *o);
/* A GET has shown the registry: is the identity there? */
void order_look(struct registry *r, const struct registry_view *v);
/* Who is to read the key, for decide; NULL: who does now, as for no order. */
const char *order_reader(const struct order *o);
/* Nobody has looked for its identity on the registry yet. */
bool order_unseen(const struct registry *r);
/* Its watch wants another version by now than was asked for. */
bool order_overtaken(const struct watch *w, const struct order *o);
/* The identity that a GET has to look for; NULL: none. */
const char *order_seeks(const struct registry *r);
/* It is judged with what a GET has just shown: what will not be done, or is
 * done, is over. */
void order_judge(struct engine *e, struct registry *r, struct decision d);
/* Azure has refused it, or does not do it: told with this clause. */
void order_fail(struct engine *e, struct registry *r, const char *why);
/* Nobody waits for it here any more, for this reason.  When a write is out, it
 * is told that it may be carried out all the same. */
void order_leave(struct engine *e, struct registry *r, const char *why);
/* Its time may be over. */
void order_due(struct engine *e, struct registry *r);
void order_free(struct registry *r);

#endif
