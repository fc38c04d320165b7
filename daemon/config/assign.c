/* One option and its value or list, also where people write them in the manner
 * of another tool. */
#include "config/assign.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define SIGNS ":=<>-!~?"
#define OWNERS_MAX 160 /* all blocks at once, in words */

/* --- the statement ------------------------------------------------------ */

/* The option's place in its block. */
static size_t place(const struct parser *p)
{
	size_t n;

	return (size_t)(p->option - options_of(p->block, &n));
}

/* Note that the option of the statement was complained about, so that it
 * does not count as missing too. */
static void refuse(struct parser *p)
{
	/* A setting in a file that is for blocks counts for nothing. */
	if (!p->option || (p->block == CONFIG_TOP && p->lex.source > 0))
		return;
	options_refuse(p->section, p->option->name);
	if (!p->section->lines[place(p)])
		p->section->lines[place(p)] = p->line;
}

bool assign_first(struct parser *p)
{
	bool first = !p->told;

	p->told = true;
	refuse(p);
	return first;
}

/* What stands behind the sign of the option, to show it. */
static const char *shape(const struct parser *p)
{
	return p->option && p->option->type->list ? "{ \"...\", \"...\" }"
						  : "\"...\"";
}

/* Whose an option is, in words. */
static const char *where(enum config_block block)
{
	static const char *const words[CONFIG_BLOCKS] = {
		[CONFIG_TOP] = "the top level of the file",
		[CONFIG_CLOUD] = "the cloud block",
		[CONFIG_CREDENTIAL] = "credential blocks",
		[CONFIG_WATCH] = "watch blocks",
		[CONFIG_RULE] = "discover blocks",
		[CONFIG_LEASE] = "lease blocks",
		[CONFIG_EVENTS] = "events blocks",
	};

	return words[block];
}

/* All that know an option of this name: "a, b and c"; how many. */
static size_t owners(const char *name, char *dst, size_t size)
{
	size_t n = 0, all = 0, len = 0;

	for (enum config_block i = CONFIG_TOP; i < CONFIG_BLOCKS; i++)
		all += options_find(i, name) != NULL;
	for (enum config_block i = CONFIG_TOP; i < CONFIG_BLOCKS; i++) {
		if (!options_find(i, name) || len >= size)
			continue;
		len += (size_t)snprintf(dst + len, size - len, "%s%s",
					!n	       ? ""
					: n + 1 == all ? " and "
						       : ", ",
					where(i));
		n++;
	}
	return n;
}

/* Comparing with every name takes time that an unlisted mistake is not
 * worth. */
const char *assign_near(const struct parser *p, enum config_block block)
{
	return p->lex.problems->unlisted ? NULL : options_near(block, p->name);
}

static void unknown_option(struct parser *p)
{
	char whose[OWNERS_MAX];
	const char *advice, *meant = options_meant(p->block, p->name, &advice);

	if (meant) {
		assign_complain(p, p->line, "unknown option '%s': %s.", p->name,
				advice);
		options_refuse(p->section, meant);
		return;
	}
	if (owners(p->name, whose, sizeof(whose))) {
		assign_complain(p, p->line,
				"option '%s' does not belong here: it is for "
				"%s.",
				p->name, whose);
		return;
	}
	meant = assign_near(p, p->block);
	if (meant && options_find(p->block, meant))
		options_refuse(p->section, meant);
	if (meant)
		assign_complain(p, p->line,
				"unknown option '%s'; did you mean '%s'?",
				p->name, meant);
	else
		assign_complain(p, p->line,
				"unknown option '%s'; keyrotd.conf(5) lists "
				"those of %s.",
				p->name, where(p->block));
}

/* May the option stand here, and in this form?  If not, its values are passed
 * over. */
static bool admit(struct parser *p, bool append, bool list)
{
	bool takes_list = p->option && p->option->type->list;
	unsigned *given;

	if (!p->option) {
		unknown_option(p);
		return false;
	}
	if (p->block == CONFIG_TOP && p->lex.source > 0) {
		assign_complain(p, p->line,
				"option '%s' may stand only in %s: this file "
				"is for watch and credential blocks.",
				p->name, p->build->sources[0].name);
		return false;
	}
	given = &p->section->lines[place(p)];
	if (*given && !p->told && !(append && takes_list)) {
		assign_form(p, p->line,
			    "option '%s' is given twice; the first time is "
			    "line %u.",
			    p->name, *given);
		return false;
	}
	if (!*given)
		*given = p->line;
	if (takes_list || (!append && !list))
		return true;
	assign_form(p, p->line, "option '%s' takes one value, not a list.",
		    p->name);
	return false;
}

/* --- tokens ------------------------------------------------------------- */

/* A word that a statement of this place, or one that may follow its block,
 * begins with. */
static bool is_known(const struct parser *p)
{
	const char *word = p->lex.value;

	return options_find(p->block, word) || options_find(CONFIG_TOP, word) ||
	       options_block_find(word) != CONFIG_TOP;
}

bool assign_is_name(struct parser *p)
{
	const char *word = p->lex.value;
	char c = lex_peek(&p->lex);

	if (p->lex.token != LEX_WORD)
		return false;
	/* A colon is what others have for '='; but "https:" is no name. */
	return c == '=' || c == '+' || c == ':' ||
	       (word[0] && text_suffix(word + 1, ":") && !strstr(word, "//"));
}

bool assign_is_value(struct parser *p, unsigned line)
{
	if (p->lex.token == LEX_STRING)
		return true;
	return p->lex.token == LEX_WORD && !assign_is_name(p) &&
	       (p->lex.line == line || !is_known(p));
}

/* True when the token belongs to the value before it, on its line. */
static bool is_rest(struct parser *p, unsigned line)
{
	const struct lex *x = &p->lex;

	if (x->line != line)
		return false;
	switch (x->token) {
	case LEX_STRING:
	case LEX_EQUALS:
	case LEX_APPEND:
	case LEX_COMMA:
	case LEX_OTHER:
		return true;
	default:
		return x->token == LEX_WORD && !assign_is_name(p) &&
		       !is_known(p);
	}
}

static bool is_sign(const struct lex *x)
{
	return x->token == LEX_WORD && !x->bad &&
	       !x->value[strspn(x->value, SIGNS)];
}

bool assign_skip_signs(struct parser *p)
{
	struct lex *x = &p->lex;
	bool any = false;

	while (x->line == p->line &&
	       (x->token == LEX_EQUALS || x->token == LEX_APPEND ||
		x->token == LEX_OTHER || is_sign(x))) {
		any = true;
		lex_next(x);
	}
	return any;
}

/* --- values ------------------------------------------------------------- */

/* At a value; leaves the token after it. */
static void value(struct parser *p, bool admitted)
{
	struct lex *x = &p->lex;
	struct fault why;

	if (x->bad) {
		refuse(p);
	} else if (admitted &&
		   !value_read(p->option, x->value, x->line, p->base, &why)) {
		refuse(p);
		assign_complain(p, x->line, "%s", why.text);
	}
	lex_next(x);
}

/* What stands behind the only value of an option is the mistake then, and not
 * what the part before it would mean. */
static void behind(struct parser *p, bool quoted, bool comma, bool more,
		   bool sign)
{
	if (comma && !more)
		assign_form(p, p->line,
			    "option '%s' takes one value: take the comma off.",
			    p->name);
	else if (quoted)
		assign_form(p, p->line,
			    "'%s' has something behind its value: it takes "
			    "one.",
			    p->name);
	else
		assign_form(p, p->line,
			    "'%s' has something behind its value: a value "
			    "with %s stands in quotes.",
			    p->name,
			    sign || comma ? "such a sign in it" : "blanks");
}

/* At the only value of an option; leaves the token after it. */
static void single(struct parser *p, bool admitted)
{
	struct lex *x = &p->lex;
	unsigned line = x->line;
	bool bad = x->bad, quoted = x->token == LEX_STRING, good = true;
	bool comma = false, more = false, sign = false;
	struct fault why;

	if (!bad && admitted)
		good = value_read(p->option, x->value, line, p->base, &why);
	lex_next(x);
	for (; is_rest(p, line); lex_next(x)) {
		comma |= x->token == LEX_COMMA;
		more |= x->token != LEX_COMMA;
		sign |= x->token != LEX_WORD && x->token != LEX_STRING;
		bad |= x->bad;
	}
	if (bad)
		refuse(p);
	else if (admitted && (comma || more))
		behind(p, quoted, comma, more, sign);
	else if (!good)
		assign_complain(p, line, "%s", why.text);
	if (!good)
		refuse(p);
}

/* The option has a name and nothing else. */
static void no_value(struct parser *p)
{
	if (!p->option && !p->told)
		unknown_option(p);
	else
		assign_form(p, p->line,
			    "option '%s' has no value: write %s = %s", p->name,
			    p->name, shape(p));
	while (p->lex.token == LEX_SEMICOLON || p->lex.token == LEX_COMMA)
		lex_next(&p->lex);
}

/* --- lists -------------------------------------------------------------- */

/* True when the token is one more value of a list without braces: on a line
 * of its own a word has to look like one. */
static bool is_loose(struct parser *p, unsigned line)
{
	const struct lex *x = &p->lex;

	return x->token == LEX_COMMA ||
	       (assign_is_value(p, line) &&
		(x->token == LEX_STRING || x->line == line ||
		 strchr("/.-", x->value[0])));
}

/* At a closing brace: does the block go on behind it?  Then it is the list's
 * that has none to open it. */
static bool closes_list(const struct parser *p)
{
	struct lex x = p->lex;

	x.quiet = true;
	lex_next(&x);
	return x.token == LEX_CLOSE ||
	       (x.token == LEX_WORD && options_find(p->block, x.value));
}

/* At the value of an option that takes a list, without a brace before it: one
 * value may stand so. */
static void loose_list(struct parser *p, bool admitted)
{
	struct lex *x = &p->lex;
	unsigned line = x->line;
	bool loose = false;

	do {
		if (x->token == LEX_COMMA || !strcmp(x->value, "-")) {
			loose = true;
			lex_next(x);
		} else {
			line = x->line;
			value(p, admitted);
			loose |= is_loose(p, line);
		}
	} while (is_loose(p, line));
	if (loose && admitted)
		assign_form(p, p->line,
			    "the values of a list stand in braces: write %s = "
			    "%s",
			    p->name, shape(p));
	if (loose && p->block != CONFIG_TOP && x->token == LEX_CLOSE &&
	    closes_list(p))
		lex_next(x);
}

/* In a list, at no value: step over a sign. */
static void separator(struct parser *p)
{
	struct lex *x = &p->lex;

	if (x->token == LEX_COMMA)
		assign_complain(p, x->line,
				"a value of '%s' is missing before this comma.",
				p->name);
	else if (x->token == LEX_SEMICOLON)
		assign_complain(p, x->line,
				"the values of '%s' are separated by commas, "
				"not by semicolons.",
				p->name);
	else
		assign_form(p, x->line, "this sign has no meaning in a list.");
	refuse(p);
	lex_next(x);
}

/* In a list, at a name: a statement follows, so that the list is not closed,
 * or a value was given a name. */
static bool list_ends(struct parser *p, size_t depth)
{
	struct lex *x = &p->lex;

	if (x->token == LEX_END)
		return true;
	if (x->token != LEX_WORD)
		return false;
	/* "NAME = " in a line of its own is a statement, and "NAME: " is what
	 * others have in their lists. */
	if (assign_is_name(p))
		return is_known(p) || (!depth && x->line > p->line &&
				       strchr("=+", lex_peek(x)));
	return x->line > p->line && options_block_find(x->value) != CONFIG_TOP;
}

static void list_unclosed(struct parser *p)
{
	assign_complain(p, p->line,
			"the list of '%s' that begins here has no closing "
			"brace.",
			p->name);
	/* A name begins the next option: all is well. */
	if (p->lex.token == LEX_END || !assign_is_name(p)) {
		p->build->broken = true;
		p->assumed = true;
	}
	refuse(p);
}

/* In a list, at a value; leaves the token after it and its comma. */
static void list_value(struct parser *p, bool admitted)
{
	struct lex *x = &p->lex;
	bool bad = x->bad;

	value(p, admitted);
	if (x->token == LEX_COMMA) {
		lex_next(x);
	} else if (x->token == LEX_STRING ||
		   (x->token == LEX_WORD && !list_ends(p, 0))) {
		if (!bad && !x->bad)
			assign_complain(p, x->line,
					"a comma is missing before this value "
					"of '%s'.",
					p->name);
		refuse(p);
	}
}

/* After the opening brace (or what stands in its place); leaves the token
 * after the closing one. */
static void list(struct parser *p, bool admitted)
{
	struct lex *x = &p->lex;
	size_t depth = 1;

	while (depth) {
		if (x->token == LEX_CLOSE || x->token == LEX_BRACKET_END) {
			if (x->token == LEX_BRACKET_END && admitted)
				assign_form(p, x->line,
					    "the list of '%s' ends with a "
					    "bracket: it ends with a brace.",
					    p->name);
			lex_next(x);
			if (--depth && x->token == LEX_COMMA)
				lex_next(x);
		} else if (x->token == LEX_OPEN || x->token == LEX_BRACKET) {
			assign_form(p, x->line,
				    "the values of a list stand in one pair of "
				    "braces: take the inner ones off.");
			depth++;
			lex_next(x);
		} else if (list_ends(p, depth - 1)) {
			list_unclosed(p);
			return;
		} else if (assign_is_name(p)) {
			assign_form(p, x->line,
				    "the values of a list have no names: take "
				    "'%s' off.",
				    x->value);
			lex_next(x);
			while (x->token == LEX_EQUALS ||
			       x->token == LEX_OTHER || is_sign(x))
				lex_next(x);
		} else if (x->token == LEX_STRING || x->token == LEX_WORD) {
			list_value(p, admitted);
		} else {
			separator(p);
		}
	}
}

/* At the bracket or brace that opens a list. */
static void open_list(struct parser *p, bool admitted)
{
	struct lex *x = &p->lex;
	bool again = false;
	char next;

	if (admitted && x->token == LEX_BRACKET)
		assign_form(p, x->line,
			    "a list stands in braces: write %s = { \"...\" }",
			    p->name);
	do {
		if (again && x->token == LEX_COMMA)
			lex_next(x);
		lex_next(x);
		list(p, admitted);
		again = true;
		next = x->token == LEX_COMMA ? lex_peek(x) : '\0';
		if (next == '{' || next == '[')
			assign_form(p, x->line,
				    "the values of a list stand in one pair of "
				    "braces: take the inner ones off.");
	} while (next == '{' || next == '[');
}

/* --- an option ---------------------------------------------------------- */

/* A value with a '=' in it that has no quotes looks like a name. */
static bool looks_like_name(struct parser *p, unsigned line)
{
	return p->lex.token == LEX_WORD && p->lex.line == line &&
	       !is_known(p) && assign_is_name(p);
}

void assign_read(struct parser *p, bool append)
{
	struct lex *x = &p->lex;
	bool opens = x->token == LEX_OPEN || x->token == LEX_BRACKET, admitted;

	if (!opens && !assign_is_value(p, p->line) &&
	    !looks_like_name(p, p->line)) {
		no_value(p);
		return;
	}
	admitted = admit(p, append, opens);
	if (!admitted) {
		refuse(p);
		p->told = true;
	}
	if (opens)
		open_list(p, admitted);
	else if (p->option && p->option->type->list)
		loose_list(p, admitted);
	else
		single(p, admitted);
	if (p->told && x->token == LEX_COMMA)
		lex_next(x);
}

void assign_without_sign(struct parser *p)
{
	struct lex *x = &p->lex;

	if (!p->option && !p->told)
		unknown_option(p);
	else
		assign_form(p, p->line, "there is no '=' after '%s'.", p->name);
	p->told = true;
	if (x->token == LEX_OPEN || x->token == LEX_BRACKET)
		open_list(p, false);
	else if (!assign_is_value(p, p->line))
		return;
	else if (p->option && p->option->type->list)
		loose_list(p, false);
	else if (x->token == LEX_STRING || x->line == p->line)
		single(p, false);
}
