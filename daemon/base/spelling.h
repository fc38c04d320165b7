/*
 * spelling: a foreign text as it reads once its escapes are undone, with the
 * way back to where each byte stood.  Who echoes a form may write it anew:
 * percent-encoded, as a string within a string of JSON, as HTML, as base64.
 *
 * struct spelling is the caller's; it is freed by spelling_free.
 */
#ifndef KEYROTD_BASE_SPELLING_H
#define KEYROTD_BASE_SPELLING_H

#include <stdbool.h>
#include <stddef.h>

#define SPELLING_SHORT 512 /* bytes of a text that need no other memory */

struct spelling {
	char *bytes; /* n of them, a NUL may be among them */
	size_t n;
	size_t whole; /* how many there were before any escape was undone */
	/* bytes[i] stood in the text from from[i] up to, not with, to[i].
	 * NULL: nobody has asked for the way back. */
	size_t *from, *to;
	char brief[SPELLING_SHORT];
};

/* The text as it is; plus: "+" means a blank, as in a form.  way_back: where
 * each byte stood is wanted, too, which costs several times more. */
void spelling_init(struct spelling *s, const char *text, size_t len, bool plus,
		   bool way_back);

/*
 * Undo one layer of %XX (RFC 3986 section 2.1), of JSON's escapes (RFC 8259
 * section 7, and "\xHH") and of HTML's references by number, and by name where
 * that is amp, lt, gt, quot or apos.  False when there was nothing to undo.
 */
bool spelling_undo(struct spelling *s);

/* Each run of letters that may be base64 (RFC 4648 sections 4 and 5) becomes
 * what it stands for; false when there is none. */
bool spelling_base64(struct spelling *s);

void spelling_free(struct spelling *s); /* wipes the bytes */

#endif
