/*
 * fuzz: what the targets have in common.
 *
 * A target takes any bytes, hands them to one parser of daemon/ and holds what
 * comes out to properties: a FUZZ_NEED that is not so is a find, as a crash
 * is.  build/fuzz/fuzz_NAME is driven by clang's libFuzzer, which looks for
 * such bytes; build/asan/unit/fuzz_NAME by replay.c, which only shows the
 * files of corpus/NAME to it.
 */
#ifndef KEYROTD_TESTS_FUZZ_FUZZ_H
#define KEYROTD_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_need(bool so, const char *what, const char *file,
			     int line)
{
	if (so)
		return;
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	abort();
}
#define FUZZ_NEED(so) fuzz_need(so, #so, __FILE__, __LINE__)

/* What is left of an input, to be taken from the front. */
struct fuzz_input {
	const uint8_t *data;
	size_t size;
};

/* The next byte; 0 at the end. */
static inline unsigned fuzz_byte(struct fuzz_input *in)
{
	if (!in->size)
		return 0;
	in->size--;
	return *in->data++;
}

/* What stands before the next NUL, or is left, as a string of its own that
 * ends where its memory ends. */
static inline char *fuzz_piece(struct fuzz_input *in)
{
	const uint8_t *nul = in->size ? memchr(in->data, 0, in->size) : NULL;
	size_t len = nul ? (size_t)(nul - in->data) : in->size;
	char *s = text_ndup((const char *)in->data, len);

	in->data = in->size ? in->data + len + !!nul : in->data;
	in->size -= len + !!nul;
	return s;
}

/* One line that may be shown and logged: UTF-8 without any controls. */
static inline bool fuzz_is_line(const char *s)
{
	/* What turns the direction of writing or is unseen: two bytes, and
	 * from which third one to which. */
	static const char bad[][4] = {
		{ '\xe2', '\x80', '\x8b', '\x8b' },
		{ '\xe2', '\x80', '\x8e', '\x8f' },
		{ '\xe2', '\x80', '\xa8', '\xae' },
		{ '\xe2', '\x81', '\xa0', '\xaf' },
		{ '\xef', '\xbb', '\xbf', '\xbf' },
		{ '\xef', '\xbf', '\xb9', '\xbb' },
	};
	size_t len = strlen(s);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f ||
		    ((unsigned char)s[i] == 0xc2 &&
		     (unsigned char)s[i + 1] < 0xa0))
			return false;
	for (size_t i = 0; i + 2 < len; i++)
		for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++)
			if (!memcmp(s + i, bad[k], 2) &&
			    (unsigned char)s[i + 2] >=
				    (unsigned char)bad[k][2] &&
			    (unsigned char)s[i + 2] <= (unsigned char)bad[k][3])
				return false;
	return !strstr(s, "\xd8\x9c") && text_is_utf8(s, len);
}

/* A fault that says something, or none that says nothing. */
static inline void fuzz_fault(const struct fault *f, bool none)
{
	FUZZ_NEED((f->kind == FAULT_NONE) == none);
	FUZZ_NEED((f->text[0] == '\0') == none);
	FUZZ_NEED(fuzz_is_line(f->text));
	FUZZ_NEED(fuzz_is_line(f->azure_code) && fuzz_is_line(f->inner_code) &&
		  fuzz_is_line(f->request_id));
	FUZZ_NEED(f->retry_after_ms >= -1);
}

#endif
