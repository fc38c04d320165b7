/*
 * resid: Azure resource ids of container registries,
 * "/subscriptions/GUID/resourceGroups/RG/providers/
 * Microsoft.ContainerRegistry/registries/NAME".
 *
 * Grammar from Microsoft's "Naming rules and restrictions for Azure
 * resources"; every comparison is without case.
 */
#ifndef KEYROTD_AZURE_RESID_H
#define KEYROTD_AZURE_RESID_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/fault.h"

#define RESID_TEXT_MAX 512

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

/* Same resource: case-insensitive comparison of two whole ids. */
bool resid_same(const char *a, const char *b);

/* Append the id as a URL path, the group percent-encoded (RFC 3986). */
bool resid_add_path(const struct resid *id, struct buf *out);

/* True for a GUID in its 8-4-4-4-12 form. */
bool resid_is_guid(const char *s);

#endif
