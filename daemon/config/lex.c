/* From bytes to characters, from characters to tokens. */
#include "config/lex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define WORD_END " #\"'\t\n\r={}()+,*"

static const char no_variables[] =
	"environment variables are not expanded: write the value itself, or "
	"use single quotes when \"${\" is meant.";

/* What is wrong with the character of n bytes (0: not UTF-8) at s. */
static const char *odd_character(const char *s, size_t n)
{
	if (!n)
		return "this line holds bytes that are not UTF-8.";
	if (n == 1 || (n == 2 && (unsigned char)s[0] == 0xc2 &&
		       (unsigned char)s[1] < 0xa0))
		return "this line holds a control character.";
	return NULL;
}

static bool is_plain(char c)
{
	return (c >= ' ' && c < 0x7f) || c == '\t';
}

/* Complain about and replace every character that may not be in a text, one
 * complaint a line.  False when the rest cannot be read (a NUL byte). */
static bool clean(struct lex *x, size_t len)
{
	char *s = x->text, *end = s + len;
	unsigned line = 1, told = 0;
	const char *odd;
	size_t n;

	if (len >= 3 && !memcmp(s, "\xef\xbb\xbf", 3))
		memset(s, ' ', 3); /* some editors sign UTF-8 this way */
	while (s < end) {
		if (is_plain(*s)) {
			s++;
			continue;
		}
		if (*s == '\n' || (*s == '\r' && s[1] == '\n')) {
			line += *s++ == '\n';
			continue;
		}
		if (!*s) {
			problem_add(x->problems, x->source, line,
				    "this line holds a NUL byte: this is "
				    "not a text file.");
			return false;
		}
		n = text_utf8_len(s, (size_t)(end - s));
		odd = odd_character(s, n);
		if (odd && told != line) {
			problem_add(x->problems, x->source, line, "%s", odd);
			told = line;
		}
		n += !n;
		if (odd)
			memset(s, '?', n);
		s += n;
	}
	return true;
}

bool lex_open(struct lex *x, struct problems *p, unsigned source)
{
	const struct config_source *from = &p->sources[source];

	x->problems = p;
	x->source = source;
	x->text = text_ndup(from->text, from->len);
	x->at = x->text;
	x->at_line = 1;
	x->broken = false;
	x->value[0] = '\0';
	return clean(x, from->len);
}

void lex_close(struct lex *x)
{
	free(x->text);
}

/* Returns the end of the comment that begins with slash and star at s. */
static const char *skip_comment(struct lex *x, const char *s)
{
	unsigned first = x->at_line;

	for (s += 2; *s; s++) {
		if (s[0] == '*' && s[1] == '/')
			return s + 2;
		x->at_line += *s == '\n';
	}
	problem_add(x->problems, x->source, first,
		    "the comment that begins here has no closing \"*/\".");
	x->broken = true;
	return s;
}

static void skip_blanks(struct lex *x)
{
	const char *s = x->at;

	for (;;) {
		if (*s == '\n') {
			x->at_line++;
			s++;
		} else if (*s == ' ' || *s == '\t' || *s == '\r') {
			s++;
		} else if (*s == '#' || (*s == '/' && s[1] == '/')) {
			s = strchrnul(s, '\n');
		} else if (*s == '/' && s[1] == '*') {
			s = skip_comment(x, s);
		} else {
			break;
		}
	}
	x->at = s;
}

char lex_peek(struct lex *x)
{
	skip_blanks(x);
	return *x->at;
}

static void bad(struct lex *x, const char *message)
{
	if (!x->bad)
		problem_add(x->problems, x->source, x->line, "%s", message);
	x->bad = true;
}

static size_t add(struct lex *x, size_t len, const char *s, size_t n)
{
	/* What does not fit is of a token that is too long anyway. */
	if (n > CONFIG_VALUE_MAX - len)
		n = CONFIG_VALUE_MAX - len;
	memcpy(x->value + len, s, n);
	return len + n;
}

/* At the opening quote; returns the length of the value. */
static size_t read_string(struct lex *x, char quote)
{
	const char *stops = quote == '"' ? "\"\\\n\r$" : "'\\\n\r", *s;
	size_t len = 0, n;

	for (s = x->at + 1;; s += n) {
		n = strcspn(s, stops);
		len = add(x, len, s, n);
		s += n;
		if (*s == quote) {
			x->at = s + 1;
			return len;
		}
		n = 1;
		if (*s == '$') {
			if (s[1] == '{')
				bad(x, no_variables);
		} else if (*s != '\\' || !s[1] || strchr("\n\r", s[1])) {
			x->at = s + (*s == '\\');
			bad(x, "the string that begins in this line has no "
			       "closing quote.");
			return len;
		} else if (quote == '"' || s[1] == quote || s[1] == '\\') {
			/* Not what C makes of it: those are controls. */
			if (quote == '"' && isalnum((unsigned char)s[1]))
				bad(x, "a backslash in a string may only stand "
				       "before a quote, a backslash or another "
				       "sign.");
			s++;
		} else {
			n = 2;
		}
		len = add(x, len, s, n);
	}
}

static size_t read_word(struct lex *x)
{
	const char *s = x->at;
	bool opened;

	x->at += strcspn(s, WORD_END);
	if (x->at[-1] == '$' && *x->at == '{') {
		bad(x, no_variables);
		x->at += strcspn(x->at, "}\n");
		x->at += *x->at == '}';
		x->at += strcspn(x->at, WORD_END);
	}
	/* "1h;" and "a]" are a value and a sign; "https://[::1]" is one word. */
	opened = memchr(s, '[', (size_t)(x->at - s));
	while (x->at[-1] == ';' || (x->at[-1] == ']' && !opened))
		x->at--;
	return add(x, 0, s, (size_t)(x->at - s));
}

void lex_next(struct lex *x)
{
	static const char signs[] = "{},=;[(])+*";
	static const enum lex_token tokens[] = {
		LEX_OPEN,	 LEX_CLOSE,   LEX_COMMA,   LEX_EQUALS,
		LEX_SEMICOLON,	 LEX_BRACKET, LEX_BRACKET, LEX_BRACKET_END,
		LEX_BRACKET_END, LEX_OTHER,   LEX_OTHER
	};
	const char *start, *sign;
	size_t len;

	skip_blanks(x);
	start = x->at;
	x->line = x->at_line;
	x->bad = false;
	if (!*start) {
		x->token = LEX_END;
	} else if (*start == '+' && start[1] == '=') {
		x->token = LEX_APPEND;
		x->at += 2;
	} else if ((sign = strchr(signs, *start))) {
		x->token = tokens[sign - signs];
		x->at++;
	} else {
		x->token = strchr("\"'", *start) ? LEX_STRING : LEX_WORD;
		len = x->token == LEX_STRING ? read_string(x, *start)
					     : read_word(x);
		if (x->at - start > CONFIG_VALUE_MAX)
			bad(x, "the value that begins in this line is longer "
			       "than 4096 bytes.");
		x->value[x->bad ? 0 : len] = '\0';
	}
}
