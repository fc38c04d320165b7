/*
 * resid: Azure resource ids of container registries,
 * "/subscriptions/GUID/resourceGroups/RG/providers/
 * Microsoft.ContainerRegistry/registries/NAME".
 *
 * Grammar from Microsoft's "Naming rules and restrictions for Azure
 * resources".  A registry is known by its subscription and its name, which
 * Azure keeps unique and which are ASCII, compared without case.  The group
 * in between is where it lies: it may be told in another case, of letters past
 * ASCII too, and the registry may move to another one.
 */
#ifndef KEYROTD_AZURE_RESID_H
#define KEYROTD_AZURE_RESID_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/fault.h"

#define RESID_TEXT_MAX 512
#define RESID_IDENTITY_MAX 96

/* Views into the parsed text: valid as long as that text is. */
struct resid {
	char subscription[37]; /* lower case GUID */
	const char *group;
	size_t group_len; /* bytes; 1..90 characters, may be UTF-8 letters */
	const char *name;
	size_t name_len; /* 5..50 of [0-9A-Za-z] */
};

/*
 * Parse; false with *f FAULT_INVALID in words: what is wrong, and for what
 * people copy in its place (a page of the portal, a login server, a name) what
 * to write.  A trailing slash is refused.
 */
bool resid_parse(struct resid *id, const char *text, struct fault *f);

/* Two ids of the same registry, wherever each says that it lies; false for
 * NULL and for what is no id. */
bool resid_same(const char *a, const char *b);
/* The order of two ids, both of which resid_parse has taken, by what they are
 * known by; 0: the same registry. */
int resid_compare(const char *a, const char *b);
/* "GUID/name" in lower case into dst (RESID_IDENTITY_MAX), from an id that
 * resid_parse has taken. */
void resid_identity(const char *id, char *dst, size_t size);
/* The two ids of one registry certainly name different groups: letters past
 * ASCII are taken for each other, for either may be the other's capital. */
bool resid_moved(const char *a, const char *b);

/*
 * Whether a person who says `said` may mean the registry with that id, both
 * without ASCII case: its NAME, GROUP/NAME, SUBSCRIPTION/NAME or
 * SUBSCRIPTION/GROUP/NAME, of the subscription its first digits (at least 4).
 * The whole id is none of these; false for NULL and for what is no id.
 */
bool resid_means(const char *said, const char *id);

/* Append the id as a URL path, the group percent-encoded (RFC 3986). */
bool resid_add_path(const struct resid *id, struct buf *out);

/* What all resources of a group begin with, "/subscriptions/GUID/
 * resourceGroups/RG", for the ids of other kinds: fill what it tells and step
 * *s over it.  NULL, or what is wrong with it, in words. */
const char *resid_take_group(struct resid *id, const char **s);
/* A place where registries are: "/subscriptions/GUID" or
 * "/subscriptions/GUID/resourceGroups/RG" (then group is not NULL).  NULL, or
 * what is wrong with it, in words. */
const char *resid_place(struct resid *id, const char *text);
/* Append that as a URL path. */
bool resid_add_group(const struct resid *id, struct buf *out);

/* True for a GUID in its 8-4-4-4-12 form. */
bool resid_is_guid(const char *s);

#endif
