/*
 * versions: what is known of the versions of a watch's key, which of them
 * registries should be on, who uses each, and since when nobody does.
 */
#ifndef KEYROTD_ENGINE_VERSIONS_H
#define KEYROTD_ENGINE_VERSIONS_H

#include "engine/model.h"

struct seen_version *versions_find(const struct watch *w, const char *version);
/* Found, or added (in the place of one that is not in use, when there are
 * many); NULL: it is "". */
struct seen_version *versions_add(struct watch *w, const char *version);
/* The version that registries of this watch should be on; NULL: not known. */
struct seen_version *versions_target(const struct watch *w);
/* Azure ms from which on it may be used, and by when it has to be; -1. */
int64_t versions_effective(const struct watch *w, const struct seen_version *s);
int64_t versions_deadline(const struct engine *e, const struct watch *w);
/* Why nothing may be moved to the newest version, or be held at the one that a
 * manual watch names; REASON_NONE: it may. */
enum decide_reason versions_fault(const struct engine *e,
				  const struct watch *w);
/* Bits of enum decide_warning: how old the wanted version is. */
unsigned versions_age(const struct engine *e, const struct watch *w);
/* A version that is newer than the one that a manual watch names; NULL. */
const struct seen_version *versions_newer(const struct watch *w);
/* Boot ms at which the wanted version becomes valid or expires; INT64_MAX. */
int64_t versions_turns(const struct engine *e, const struct watch *w);
/* The registry is on the wanted version, as last read. */
bool versions_on_target(const struct registry *r);

/* The moments at which the wanted one becomes valid or expires may have
 * passed: once they have, that stays so. */
void versions_begin(const struct engine *e, struct watch *w);
/* What Key Vault told of it was read just now. */
void versions_store(struct engine *e, struct watch *w, struct seen_version *s,
		    const struct key_version *v);
/* It was asked for, and is not to be had. */
void versions_lost(struct watch *w, struct seen_version *s, bool missing,
		   bool disabled);

/* A registry that showed version `from` of its watch's key ("" none) shows
 * `to` now. */
void versions_move(struct engine *e, struct registry *r, const char *from,
		   const char *to);
/* The registry does not tell which version it uses, or does again. */
void versions_untold(struct registry *r, bool untold);
/* The registry was read: it may be on a key that is not its watch's, or not
 * any more. */
void versions_stranger(struct engine *e, struct registry *r);
/* The registry was read: when nobody knew it before, nobody knows either
 * since when it is on no other version. */
void versions_came(struct engine *e, struct registry *r);
/* Watches have come or gone: whose key are the strangers on? */
void versions_strangers(struct engine *e);
/* Is one of them counted at this watch? */
bool versions_hosts(const struct watch *w);
/* Registries that are on this version (of w's own list) of the key, whichever
 * watch is theirs. */
unsigned versions_users(const struct watch *w, const struct seen_version *s);
/* Each registry of the watch's key tells which version it uses. */
bool versions_all_told(const struct watch *w);

#endif
