/* From bytes to characters, from characters to tokens. */
#include "config/lex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Stands for what the complaint about its line was about, until its end. */
#define ODD '\x01'
#define LOOSE_END " #\t\n\r={}()+,*"
#define WORD_END LOOSE_END "\"'"

static const char no_variables[] =
	"environment variables are not expanded: write the value itself, or "
	"use single quotes when \"${\" is meant.";
static const char no_quotes[] =
	"a typographic quote is no quote here: write \" or ' in its place.";

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

static void complain(struct lex *x, unsigned line, const char *message)
{
	if (!x->quiet)
		problem_add(x->problems, x->source, line, "%s", message);
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
			complain(x, line,
				 "this line holds a NUL byte: this is not a "
				 "text file.");
			return false;
		}
		n = text_utf8_len(s, (size_t)(end - s));
		odd = odd_character(s, n);
		if (odd && told != line) {
			complain(x, line, odd);
			told = line;
		}
		n += !n;
		if (odd)
			memset(s, ODD, n);
		s += n;
	}
	return true;
}

bool lex_open(struct lex *x, struct problems *p, unsigned source)
{
	const struct config_source *from = &p->sources[source];

	*x = (struct lex){ .problems = p,
			   .source = source,
			   .text = text_ndup(from->text, from->len),
			   .at_line = 1 };
	x->at = x->text;
	return clean(x, from->len);
}

void lex_close(struct lex *x)
{
	/* There may be the password of a proxy in them. */
	text_wipe(x->value, sizeof(x->value));
	text_wipe_free(x->text);
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
	complain(x, first,
		 "the comment that begins here has no closing \"*/\".");
	x->broken = true;
	return s;
}

/* The bytes of a blank at s that only looks like one: no-break spaces and
 * spaces without width, as they come along with copied text; otherwise 0. */
static size_t false_blank(const char *s)
{
	static const char *const blanks[] = { "\xc2\xa0",     "\xe2\x80\xaf",
					      "\xe2\x80\x8b", "\xe2\x80\x87",
					      "\xe3\x80\x80", "\xef\xbb\xbf" };

	if ((unsigned char)*s < 0x80)
		return 0;
	for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
		if (!strncmp(s, blanks[i], strlen(blanks[i])))
			return strlen(blanks[i]);
	}
	return 0;
}

static void skip_false_blank(struct lex *x, size_t n)
{
	if (x->blanked != x->at_line)
		complain(x, x->at_line,
			 "this line holds a blank that is none, such as a "
			 "no-break space out of copied text: write a space.");
	x->blanked = x->at_line;
	x->at += n;
}

static void skip_blanks(struct lex *x)
{
	size_t n;

	for (;;) {
		const char *s = x->at;

		if (*s == '\n') {
			x->at_line++;
			x->at++;
		} else if (*s == ' ' || *s == '\t' || *s == '\r' || *s == ODD) {
			x->at++;
		} else if (*s == '#' || (*s == '/' && s[1] == '/')) {
			x->at = strchrnul(s, '\n');
		} else if (*s == '/' && s[1] == '*') {
			x->at = skip_comment(x, s);
		} else if (*s == '\\' && (s[1] == '\n' || s[1] == '\r')) {
			complain(x, x->at_line,
				 "a backslash at the end of a line has no "
				 "meaning: a statement may go on behind it as "
				 "it is.");
			x->at++;
		} else if ((n = false_blank(s))) {
			skip_false_blank(x, n);
		} else {
			return;
		}
	}
}

char lex_peek(struct lex *x)
{
	skip_blanks(x);
	return *x->at;
}

static void bad(struct lex *x, const char *message)
{
	if (!x->bad)
		complain(x, x->line, message);
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

/* The bytes of a typographic quote at s; otherwise 0. */
static size_t false_quote(const char *s)
{
	if (!strncmp(s, "\xe2\x80", 2) && s[2] >= '\x98' && s[2] <= '\x9f')
		return 3;
	return !strncmp(s, "\xc2\xab", 2) || !strncmp(s, "\xc2\xbb", 2) ? 2 : 0;
}

/* The quote that closes the string that one opens at s; NULL when its line
 * has none. */
static const char *closing_quote(const char *s)
{
	const char stops[] = { *s, '\\', '\n', '\r', '\0' };

	for (s++;; s += 2) {
		s += strcspn(s, stops);
		if (*s == stops[0])
			return s;
		if (*s != '\\' || !s[1] || strchr("\n\r", s[1]))
			return NULL;
	}
}

/* Do the quotes from the one at s to the end of its line pair up? */
static bool pairs_up(const char *s)
{
	char before = ' ';

	for (; *s && *s != '\n'; before = *s++) {
		if (*s == '#' || (*s == '/' && strchr(WORD_END, before) &&
				  (s[1] == '/' || s[1] == '*')))
			return true;
		if (strchr("\"'", *s)) {
			s = closing_quote(s);
			if (!s)
				return false;
		}
	}
	return true;
}

/* In a line whose quotes do not pair up: what stands between two blanks or
 * signs, which is bad when there is a quote in it. */
static size_t read_odd(struct lex *x)
{
	const char *s = x->at;
	size_t len = strcspn(s, LOOSE_END);

	if (s[len] == '{' && len && s[len - 1] == '$')
		len += strcspn(s + len, " \t\n\r");
	x->at += len;
	if (strcspn(s, WORD_END) < len) {
		x->token = LEX_STRING;
		x->bad = true;
	}
	return add(x, 0, s, len);
}

static void odd_line(struct lex *x, const char *s)
{
	const char *end = strchrnul(s, '\n');
	bool begins = s == x->text || strchr(WORD_END, s[-1]);

	x->odd = x->line;
	begins = begins && !closing_quote(s);
	while (s < end && !false_quote(s))
		s++;
	if (s < end)
		complain(x, x->line, no_quotes);
	else if (begins)
		complain(x, x->line,
			 "the string that begins in this line has no closing "
			 "quote.");
	else
		complain(x, x->line,
			 "a quote is missing in this line: they do not pair "
			 "up.");
}

/* True in a line whose quotes do not pair up, from its first one on. */
static bool is_odd(struct lex *x, const char *s)
{
	bool opens = strchr("\"'", *s), first = x->paired != x->line;

	if (opens && x->odd != x->line &&
	    (!closing_quote(s) || (first && !pairs_up(s))))
		odd_line(x, s);
	if (opens)
		x->paired = x->line;
	return x->odd == x->line;
}

/* At a typographic quote: the string up to the next quote of any kind, or what
 * would be a word. */
static size_t read_false_string(struct lex *x)
{
	const char *s = x->at + false_quote(x->at), *end = s;

	bad(x, no_quotes);
	while (*end && *end != '\n' && *end != '"' && !false_quote(end))
		end++;
	if (*end && *end != '\n')
		end += *end == '"' ? 1 : false_quote(end);
	else
		end = s + strcspn(s, WORD_END);
	x->at = end;
	return 0;
}

/* At the opening quote of a string that has a closing one; returns the length
 * of the value. */
static size_t read_string(struct lex *x, char quote)
{
	const char *stops = quote == '"' ? "\"\\$" : "'\\", *s;
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

/* Its length, up to a blank, a sign or what only looks like one. */
static size_t word_len(const char *s)
{
	/* With the first bytes of the blanks that are none. */
	static const char stops[] = WORD_END "\xc2\xe2\xe3\xef";
	size_t len = strcspn(s, stops);

	while ((unsigned char)s[len] >= 0x80 && !false_blank(s + len))
		len += 1 + strcspn(s + len + 1, stops);
	return len;
}

static size_t read_word(struct lex *x)
{
	const char *s = x->at;
	bool opened;

	x->at += word_len(s);
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

/* At what is no sign; returns the length of the value. */
static size_t read_text(struct lex *x)
{
	const char *start = x->at;
	size_t len;

	x->token = strchr("\"'", *start) || false_quote(start) ? LEX_STRING
							       : LEX_WORD;
	if (is_odd(x, start))
		len = read_odd(x);
	else if (x->token == LEX_WORD)
		len = read_word(x);
	else if (false_quote(start))
		len = read_false_string(x);
	else
		len = read_string(x, *start);
	/* Its line was complained about. */
	x->bad |= memchr(start, ODD, (size_t)(x->at - start)) != NULL;
	return len;
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
		len = read_text(x);
		if (x->at - start > CONFIG_VALUE_MAX)
			bad(x, "the value that begins in this line is longer "
			       "than 4096 bytes.");
		x->value[x->bad ? 0 : len] = '\0';
	}
}
