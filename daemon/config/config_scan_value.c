#include "config/config_scan.h"

#include <stdlib.h>

/* Whose an option is, in words. */
static const char *where(enum config_block block)
{
	static const char *const words[CONFIG_BLOCKS] = {
		[CONFIG_TOP] = "the top level of the file",
		[CONFIG_CLOUD] = "the cloud block",
		[CONFIG_CREDENTIAL] = "credential blocks",
		[CONFIG_WATCH] = "watch blocks",
	};

	return words[block];
}

static void unknown_option(struct scan *s)
{
	const char *near;

	if (config_block_find(s->name) != CONFIG_TOP) {
		scan_complain(s, s->line,
			      "'%s' is a block, not an option: its "
			      "options stand in braces.",
			      s->name);
		return;
	}
	for (enum config_block i = CONFIG_TOP; i < CONFIG_BLOCKS; i++) {
		if (!config_option_find(i, s->name))
			continue;
		scan_complain(s, s->line,
			      "option '%s' does not belong here: "
			      "it is for %s.",
			      s->name, where(i));
		return;
	}
	/* Comparing with every name takes time that an unlisted mistake is
	 * not worth. */
	near = s->lex.build->unlisted ? NULL
				      : config_option_near(s->block, s->name);
	if (near)
		scan_complain(s, s->line,
			      "unknown option '%s'; did you mean "
			      "'%s'?",
			      s->name, near);
	else
		scan_complain(s, s->line,
			      "unknown option '%s'; "
			      "keyrotd.conf(5) lists those of %s.",
			      s->name, where(s->block));
}

bool scan_starts_statement(struct scan *s)
{
	char c = lex_peek(&s->lex);

	return s->lex.token == LEX_WORD && (c == '=' || c == '+');
}

void scan_refuse(struct scan *s)
{
	const struct config_option *o = config_option_find(s->block, s->name);
	struct config_section *in = scan_section(s);
	size_t n, i;

	if (!o)
		return;
	i = (size_t)(o - config_options(s->block, &n));
	in->refused |= 1u << i;
	if (!in->lines[i])
		in->lines[i] = s->line;
}

void scan_no_value(struct scan *s)
{
	scan_complain(s, s->line,
		      "option '%s' has no value: write %s = "
		      "\"...\"",
		      s->name, s->name);
	scan_refuse(s);
	lex_blank(&s->lex, s->start, s->lex.start);
}

/* Is the token a value, and not the name of the next option? */
static bool is_value(struct scan *s)
{
	return s->lex.token == LEX_STRING ||
	       (s->lex.token == LEX_WORD && !scan_starts_statement(s));
}

/* What is known of a list while it is read. */
struct list {
	bool damaged; /* libConfuse would not read it */
	bool bad;     /* a value was complained about: it may be a string that
			 has eaten a comma or brace */
};

/* After a value: a comma, or the end of the list. */
static void list_separator(struct scan *s, struct list *l)
{
	struct lex *x = &s->lex;
	bool bad = x->bad;

	l->bad |= bad;
	lex_next(x);
	if (x->token == LEX_COMMA) {
		lex_next(x);
	} else if (is_value(s)) {
		if (!bad)
			scan_complain(s, x->token_line,
				      "a comma is missing "
				      "before this value of '%s'.",
				      s->name);
		l->damaged = true;
	}
}

static void list_open(struct scan *s, struct list *l)
{
	if (!l->bad)
		scan_complain(s, s->line,
			      "the list of '%s' that begins here "
			      "has no closing brace.",
			      s->name);
	if (s->lex.token != LEX_WORD)
		s->lex.build->broken = true;
	l->damaged = true;
}

/* At the token after the opening brace; leaves the one after the closing one.
 * False when libConfuse would not read it. */
static bool scan_list(struct scan *s)
{
	struct lex *x = &s->lex;
	struct list l = { false, false };

	while (x->token != LEX_CLOSE) {
		if (is_value(s)) {
			list_separator(s, &l);
		} else if (x->token == LEX_COMMA) {
			scan_complain(s, x->token_line,
				      "a value of '%s' is "
				      "missing before this comma.",
				      s->name);
			l.damaged = true;
			lex_next(x);
		} else {
			list_open(s, &l);
			return false;
		}
	}
	lex_next(x);
	return !l.damaged;
}

/* May this option stand here?  NULL after saying why not. */
static const struct config_option *admit(struct scan *s, bool append)
{
	const struct config_option *o = config_option_find(s->block, s->name);
	size_t n;
	unsigned *line;

	if (!o) {
		unknown_option(s);
		return NULL;
	}
	if (s->block == CONFIG_TOP && s->lex.source > 0) {
		scan_complain(s, s->line,
			      "option '%s' may stand only in %s: "
			      "this file is for watch and credential blocks.",
			      s->name, s->lex.build->sources[0].name);
		return NULL;
	}
	line = &scan_section(s)->lines[o - config_options(s->block, &n)];
	if (*line && !(append && o->type->list)) {
		scan_complain(s, s->line,
			      "option '%s' is given twice; the "
			      "first time is line %u.",
			      s->name, *line);
		return NULL;
	}
	if (!*line)
		*line = s->line;
	return o;
}

/* As admit, and the form of the value must be one that the option takes. */
static bool admit_form(struct scan *s, bool append, bool list)
{
	const struct config_option *o = admit(s, append);

	if (!o || o->type->list || (!append && !list))
		return o;
	scan_complain(s, s->line, "option '%s' takes one value, not a list.",
		      s->name);
	return false;
}

void scan_value(struct scan *s, bool append)
{
	struct lex *x = &s->lex;
	bool list = x->token == LEX_OPEN;
	bool good;

	if (!list && !is_value(s)) {
		scan_no_value(s);
		return;
	}
	good = admit_form(s, append, list);
	lex_next(x);
	if (list)
		good &= scan_list(s);
	if (good)
		return;
	scan_refuse(s);
	lex_blank(x, s->start, x->start);
}
