/*
 * config_lex: the characters and tokens of a configuration text.
 *
 * The token rules are those of libConfuse 3.3 (libconfuse/libconfuse:
 * src/lexer.l) without what no option needs, so that a text that passes is
 * cut into the same tokens there.  It exists because that lexer cannot be
 * given raw files: it counts a comment as several lines, reads environment
 * variables, ends the process on what it cannot buffer, and takes a string
 * without its closing quote up to the next one, many lines on.
 *
 * The text is the scan's own copy and is changed in place: blanks and comments
 * become carriage returns, tokens that were complained about CONFIG_MARK.
 */
#ifndef KEYROTD_CONFIG_CONFIG_LEX_H
#define KEYROTD_CONFIG_CONFIG_LEX_H

#include "config/config_internal.h"

enum lex_token {
	LEX_END,
	LEX_WORD,
	LEX_STRING,
	LEX_OPEN,
	LEX_CLOSE,
	LEX_COMMA,
	LEX_EQUALS,
	LEX_APPEND,
	LEX_OTHER
};

struct lex {
	struct config_build *build;
	unsigned source;
	char *text; /* NUL-terminated */
	size_t len;
	size_t pos;    /* where reading goes on */
	unsigned line; /* at pos */
	enum lex_token token;
	size_t start, end; /* of the token; pos may be behind blanks */
	unsigned token_line;
	bool bad; /* the token was complained about */
};

/* Complain about and replace every character that may not be in a text.
 * False when the rest cannot be read (a NUL byte). */
bool lex_clean(struct lex *x);

void lex_next(struct lex *x);

/* The first character after the token and blanks behind it, '\0' at the end. */
char lex_peek(struct lex *x);

/* Make text[from..to) blank, keeping line ends. */
void lex_blank(struct lex *x, size_t from, size_t to);

/* What the token says, without quotes, cut at size; "" for other tokens. */
void lex_text(const struct lex *x, char *dst, size_t size);

#endif
