#include "config/config_lex.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

/* What stands in place of text that is left out.  Not a space: libConfuse's
 * lexer takes a run of spaces as one token and reads it again from its start
 * whenever its buffer is full, so that a long run takes minutes.  A carriage
 * return it drops at once. */
#define BLANK '\r'

/* What ends an unquoted word in libConfuse's lexer. */
#define WORD_END " #\"'\t\n\r={}()+,*"

static bool is_c1(const char *s, size_t n)
{
	return n == 2 && (unsigned char)s[0] == 0xc2 &&
	       (unsigned char)s[1] < 0xa0;
}

/* One character of n bytes (0: not UTF-8) that is no plain ASCII. */
static const char *odd_character(const char *s, size_t n)
{
	if (!n)
		return "this line holds bytes that are not UTF-8.";
	if (n == 1 || is_c1(s, n))
		return "this line holds a control character.";
	return NULL;
}

static bool is_plain(const char *s)
{
	return (s[0] >= ' ' && s[0] < 0x7f) || s[0] == '\t' || s[0] == '\n';
}

/* Returns the bytes dealt with; *told keeps it at one complaint a line. */
static size_t clean_one(struct lex *x, size_t i, unsigned *told)
{
	size_t n = text_utf8_len(x->text + i, x->len - i);
	const char *odd;

	if (x->text[i] == '\r' && x->text[i + 1] == '\n')
		return 1;
	odd = odd_character(x->text + i, n);
	if (!n)
		n = 1;
	if (!odd)
		return n;
	if (*told != x->line)
		config_mistake(x->build, x->source, x->line, "%s", odd);
	*told = x->line;
	memset(x->text + i, '?', n);
	return n;
}

bool lex_clean(struct lex *x)
{
	unsigned told = 0;

	if (x->len >= 3 && !memcmp(x->text, "\xef\xbb\xbf", 3))
		memset(x->text, ' ', 3); /* some editors sign UTF-8 this way */
	for (size_t i = 0; i < x->len;) {
		if (is_plain(x->text + i)) {
			x->line += x->text[i++] == '\n';
		} else if (x->text[i]) {
			i += clean_one(x, i, &told);
		} else {
			config_mistake(x->build, x->source, x->line,
				       "this line holds a NUL byte: this is "
				       "not a text file.");
			return false;
		}
	}
	x->line = 1;
	return true;
}

void lex_blank(struct lex *x, size_t from, size_t to)
{
	for (; from < to; from++) {
		if (x->text[from] != '\n')
			x->text[from] = BLANK;
	}
}

static void skip_line_comment(struct lex *x)
{
	size_t end = x->pos + strcspn(x->text + x->pos, "\n");

	lex_blank(x, x->pos, end);
	x->pos = end;
}

static void skip_block_comment(struct lex *x)
{
	const char *close = strstr(x->text + x->pos + 2, "*/");
	size_t end = close ? (size_t)(close - x->text) + 2 : x->len;

	if (!close) {
		config_mistake(x->build, x->source, x->line,
			       "the comment that begins here has no closing "
			       "\"*/\".");
		x->build->broken = true;
	}
	for (size_t i = x->pos; i < end; i++)
		x->line += x->text[i] == '\n';
	lex_blank(x, x->pos, end);
	x->pos = end;
}

static void skip_blanks(struct lex *x)
{
	for (;;) {
		const char *s = x->text + x->pos;

		if (*s == '\n') {
			x->line++;
			x->pos++;
		} else if (*s == ' ' || *s == '\t' || *s == BLANK) {
			x->text[x->pos++] = BLANK;
		} else if (*s == '#' || (*s == '/' && s[1] == '/')) {
			skip_line_comment(x);
		} else if (*s == '/' && s[1] == '*') {
			skip_block_comment(x);
		} else {
			return;
		}
	}
}

char lex_peek(struct lex *x)
{
	skip_blanks(x);
	return x->text[x->pos];
}

static void bad_token(struct lex *x, const char *message)
{
	if (!x->bad)
		config_mistake(x->build, x->source, x->token_line, "%s",
			       message);
	x->bad = true;
}

/* Put the mark in the token's place.  Blanks go around it where there is
 * room, or it would become part of a word that touches the token. */
static void mark_token(struct lex *x)
{
	size_t len = x->pos - x->start;

	lex_blank(x, x->start, x->pos);
	if (len < 2)
		x->build->broken = true;
	else
		x->text[x->start + 1] = CONFIG_MARK;
}

static const char no_variables[] =
	"environment variables are not expanded: write the value itself, or "
	"use single quotes when \"${\" is meant.";

/* An escape sequence: libConfuse knows those of C, which can only make
 * control characters; what may follow is itself. */
static void string_escape(struct lex *x, char quote)
{
	char c = x->text[x->pos + 1];

	if (quote == '"' && isalnum((unsigned char)c))
		bad_token(x, "a backslash in a string may only stand before "
			     "a quote, a backslash or another sign.");
	x->pos += c && c != '\n' && c != BLANK ? 2 : 1;
}

/* x->pos is after the opening quote. */
static void lex_string(struct lex *x, char quote)
{
	char c;

	while ((c = x->text[x->pos]) != quote) {
		if (!c || c == '\n' || c == BLANK) {
			bad_token(x, "the string that begins in this line has "
				     "no closing quote.");
			return;
		}
		if (c == '\\') {
			string_escape(x, quote);
			continue;
		}
		if (quote == '"' && c == '$' && x->text[x->pos + 1] == '{')
			bad_token(x, no_variables);
		x->pos++;
	}
	x->pos++;
}

static void lex_word(struct lex *x)
{
	x->pos = x->start + strcspn(x->text + x->start, WORD_END);
	if (x->text[x->pos - 1] != '$' || x->text[x->pos] != '{')
		return;
	bad_token(x, no_variables);
	x->pos += strcspn(x->text + x->pos, "}\n");
	x->pos += x->text[x->pos] == '}';
	x->pos += strcspn(x->text + x->pos, WORD_END);
}

static void lex_long(struct lex *x)
{
	if (x->text[x->start] == '"' || x->text[x->start] == '\'') {
		x->token = LEX_STRING;
		lex_string(x, x->text[x->start]);
	} else {
		x->token = LEX_WORD;
		lex_word(x);
	}
	if (x->pos - x->start > CONFIG_VALUE_MAX)
		bad_token(x, "the value that begins in this line is longer "
			     "than 4096 bytes.");
	if (x->bad)
		mark_token(x);
}

static enum lex_token sign(const char *s)
{
	switch (*s) {
	case '\0':
		return LEX_END;
	case '{':
		return LEX_OPEN;
	case '}':
		return LEX_CLOSE;
	case ',':
		return LEX_COMMA;
	case '=':
		return LEX_EQUALS;
	case '+':
		return s[1] == '=' ? LEX_APPEND : LEX_OTHER;
	case '(':
	case ')':
	case '*':
		return LEX_OTHER;
	default:
		return LEX_WORD;
	}
}

void lex_next(struct lex *x)
{
	skip_blanks(x);
	x->start = x->end = x->pos;
	x->token_line = x->line;
	x->bad = false;
	x->token = sign(x->text + x->pos);
	if (x->token == LEX_END)
		return;
	x->pos += x->token == LEX_APPEND ? 2 : 1;
	if (x->token == LEX_WORD)
		lex_long(x);
	x->end = x->pos;
}

void lex_text(const struct lex *x, char *dst, size_t size)
{
	size_t quote = x->token == LEX_STRING, len = 0;

	if (!x->bad && (x->token == LEX_WORD || quote))
		len = x->end - x->start - 2 * quote;
	if (len >= size)
		len = size - 1;
	memcpy(dst, x->text + x->start + quote, len);
	dst[len] = '\0';
}
