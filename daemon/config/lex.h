/*
 * lex: the characters and tokens of a configuration text.
 *
 * A text is UTF-8 without control characters.  "#" and "//" comment out the
 * rest of the line, slash and star what is between them.  A word goes up to
 * a blank or one of # " ' = { } ( ) + , *, without any ; at its end and
 * without a ] there that has no [ in it.  A string stands in double or single
 * quotes and ends on its line.  In double quotes a backslash takes the meaning
 * off the sign after it, in single quotes off a single quote or a backslash
 * only.  Nothing is nested and nothing is expanded.
 *
 * The lexer complains about what is wrong with characters and tokens, once
 * for each line or token, and goes on behind it; the token is then bad, and
 * nobody need complain about it.  Where the quotes of a line do not pair up,
 * all that touches one is bad up to the end of the line, but the signs between
 * are read.  It owns a copy of the text until lex_close(); the rest is inside
 * the struct, so that a copy of it may look ahead.
 */
#ifndef KEYROTD_CONFIG_LEX_H
#define KEYROTD_CONFIG_LEX_H

#include "config/problem.h"
#include "config/value.h"

enum lex_token {
	LEX_END,
	LEX_WORD,
	LEX_STRING,
	LEX_OPEN,
	LEX_CLOSE,
	LEX_COMMA,
	LEX_EQUALS,
	LEX_APPEND,
	/* Signs without a meaning, which people bring along: */
	LEX_BRACKET,	 /* [ or ( */
	LEX_BRACKET_END, /* ] or ) */
	LEX_SEMICOLON,
	LEX_OTHER
};

struct lex {
	struct problems *problems;
	unsigned source;
	char *text;	/* NUL-terminated */
	const char *at; /* where reading goes on */
	unsigned at_line;
	bool quiet;	  /* complain about nothing: a copy that looks ahead */
	unsigned paired;  /* the line whose quotes were looked at last, */
	unsigned odd;	  /* the last one where they do not pair up, */
	unsigned blanked; /* and the last with a blank that is none */
	enum lex_token token;
	unsigned line;			  /* of the token */
	bool bad;			  /* the token was complained about */
	bool broken;			  /* a comment is never closed */
	char value[CONFIG_VALUE_MAX + 1]; /* of the last word or string, without
					     quotes; "" when it was bad */
};

/* Look at every character of the source and stand before its first token.
 * False when it is no text at all: then there are no tokens. */
bool lex_open(struct lex *x, struct problems *p, unsigned source);
void lex_close(struct lex *x);

/* Go to the next token; at the end it stays there. */
void lex_next(struct lex *x);

/* The first character behind the token, blanks and comments; '\0' at the end.
 * The token stays. */
char lex_peek(struct lex *x);

#endif
