/* Statements: the options and blocks of a text, by the table of options.  A
 * mistake is told and stepped over, so that all of them come out in one go. */
#include "config/parse.h"

#include <string.h>

#include "base/text.h"
#include "config/lex.h"

#define NAME_MAX_BYTES 64

struct parser {
	struct config_build *build;
	struct lex lex;
	enum config_block block; /* CONFIG_TOP: outside */
	struct config_section *section;
	void *base; /* what the values of the block are read into */
	/* The statement: */
	char name[NAME_MAX_BYTES];
	unsigned line;			    /* of its name */
	const struct config_option *option; /* NULL: unknown in this block */
};

#define complain(p, at, ...) \
	problem_add((p)->lex.problems, (p)->lex.source, at, __VA_ARGS__)

/* --- options ------------------------------------------------------------ */

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
	if (!p->option)
		return;
	options_refuse(p->section, p->name);
	if (!p->section->lines[place(p)])
		p->section->lines[place(p)] = p->line;
}

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

/* Comparing with every name takes time that an unlisted mistake is not
 * worth. */
static const char *near(const struct parser *p, enum config_block block)
{
	return p->lex.problems->unlisted ? NULL : options_near(block, p->name);
}

static void unknown_option(struct parser *p)
{
	const char *advice, *meant = options_meant(p->block, p->name, &advice);

	if (meant) {
		complain(p, p->line, "unknown option '%s': %s.", p->name,
			 advice);
		options_refuse(p->section, meant);
		return;
	}
	for (enum config_block i = CONFIG_TOP; i < CONFIG_BLOCKS; i++) {
		if (!options_find(i, p->name))
			continue;
		complain(p, p->line,
			 "option '%s' does not belong here: it is for %s.",
			 p->name, where(i));
		return;
	}
	meant = near(p, p->block);
	if (meant && options_find(p->block, meant))
		options_refuse(p->section, meant);
	if (meant)
		complain(p, p->line, "unknown option '%s'; did you mean '%s'?",
			 p->name, meant);
	else
		complain(p, p->line,
			 "unknown option '%s'; keyrotd.conf(5) lists those of "
			 "%s.",
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
		complain(p, p->line,
			 "option '%s' may stand only in %s: this file is for "
			 "watch and credential blocks.",
			 p->name, p->build->sources[0].name);
		return false;
	}
	given = &p->section->lines[place(p)];
	if (*given && !(append && takes_list)) {
		complain(p, p->line,
			 "option '%s' is given twice; the first time is line "
			 "%u.",
			 p->name, *given);
		return false;
	}
	if (!*given)
		*given = p->line;
	if (takes_list || (!append && !list))
		return true;
	complain(p, p->line, "option '%s' takes one value, not a list.",
		 p->name);
	return false;
}

/* True when the token is a word that begins the next statement. */
static bool is_name(struct parser *p)
{
	char c = lex_peek(&p->lex);

	return p->lex.token == LEX_WORD && (c == '=' || c == '+');
}

static bool is_value(struct parser *p)
{
	return p->lex.token == LEX_STRING ||
	       (p->lex.token == LEX_WORD && !is_name(p));
}

/* True when the token belongs to the value before it, which is then not
 * whole: a value with blanks needs quotes. */
static bool is_rest(struct parser *p, unsigned line)
{
	return p->lex.line == line && is_value(p) &&
	       (p->lex.token == LEX_STRING ||
		(!options_find(p->block, p->lex.value) &&
		 options_block_find(p->lex.value) == CONFIG_TOP));
}

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
		complain(p, x->line, "%s", why.text);
	}
	lex_next(x);
}

/* At the only value of an option; leaves the token after it. */
static void single(struct parser *p, bool admitted)
{
	struct lex *x = &p->lex;
	unsigned line = x->line;
	bool bad = x->bad, good = true;
	struct fault why;

	if (!bad && admitted)
		good = value_read(p->option, x->value, line, p->base, &why);
	lex_next(x);
	if (!bad && is_rest(p, line)) {
		do
			lex_next(x);
		while (is_rest(p, line));
		good = !admitted;
		fault_set(&why, FAULT_INVALID, 0,
			  "'%s' has something behind its value: a value with "
			  "blanks stands in quotes.",
			  p->name);
	}
	if (!good)
		complain(p, line, "%s", why.text);
	if (bad || !good)
		refuse(p);
}

/* After a value without braces, at a comma: read what follows it as well. */
static void commas(struct parser *p, bool admitted)
{
	struct lex *x = &p->lex;

	if (admitted) {
		complain(
			p, x->line,
			p->option->type->list
				? "the values of a list stand in braces: write "
				  "%s = { \"...\", \"...\" }"
				: "option '%s' takes one value: take the comma "
				  "off.",
			p->name);
		refuse(p);
		admitted = p->option->type->list;
	}
	while (x->token == LEX_COMMA) {
		lex_next(x);
		if (is_value(p))
			value(p, admitted);
	}
}

/* Between two values of a list, or before the first; false when the list
 * does not go on. */
static bool separator(struct parser *p)
{
	struct lex *x = &p->lex;
	bool comma = x->token == LEX_COMMA;

	if (!comma && x->token != LEX_SEMICOLON)
		return false;
	complain(p, x->line,
		 comma ? "a value of '%s' is missing before this comma."
		       : "the values of '%s' are separated by commas, not by "
			 "semicolons.",
		 p->name);
	refuse(p);
	lex_next(x);
	return true;
}

/* After the opening brace (or what stands in its place); leaves the token
 * after the closing one. */
static void list(struct parser *p, bool admitted)
{
	struct lex *x = &p->lex;
	bool eaten = false; /* a bad value may hold a comma or the brace */
	bool bad;

	while (x->token != LEX_CLOSE && x->token != LEX_BRACKET_END) {
		if (is_value(p)) {
			bad = x->bad;
			eaten |= bad;
			value(p, admitted);
			if (x->token == LEX_COMMA) {
				lex_next(x);
			} else if (is_value(p)) {
				if (!bad)
					complain(p, x->line,
						 "a comma is missing before "
						 "this value of '%s'.",
						 p->name);
				refuse(p);
			}
		} else if (!separator(p)) {
			if (!eaten)
				complain(p, p->line,
					 "the list of '%s' that begins here "
					 "has no closing brace.",
					 p->name);
			/* A word begins the next option: all is well. */
			if (x->token != LEX_WORD)
				p->build->broken = true;
			refuse(p);
			return;
		}
	}
	lex_next(x);
}

/* A semicolon is told once for each line and has no other effect. */
static void semicolons(struct parser *p)
{
	struct lex *x = &p->lex;
	unsigned line = x->line;

	complain(p, line, "a statement ends without a ';': take it off.");
	while (x->token == LEX_SEMICOLON && x->line == line)
		lex_next(x);
}

/* The option has a name and nothing else. */
static void no_value(struct parser *p)
{
	complain(p, p->line, "option '%s' has no value: write %s = \"...\"",
		 p->name, p->name);
	refuse(p);
	while (p->lex.token == LEX_SEMICOLON)
		lex_next(&p->lex);
}

/* At the bracket or brace that opens a list. */
static void open_list(struct parser *p, bool admitted)
{
	struct lex *x = &p->lex;
	bool bracket = x->token == LEX_BRACKET;

	if (admitted && bracket) {
		complain(p, x->line,
			 "a list stands in braces: write %s = { \"...\" }",
			 p->name);
		refuse(p);
	}
	lex_next(x);
	list(p, admitted);
}

/* At the equals sign of an option. */
static void assignment(struct parser *p)
{
	struct lex *x = &p->lex;
	bool append = x->token == LEX_APPEND, opens, admitted;

	lex_next(x);
	opens = x->token == LEX_OPEN || x->token == LEX_BRACKET;
	if (!opens && !is_value(p)) {
		no_value(p);
		return;
	}
	admitted = admit(p, append, opens);
	if (!admitted)
		refuse(p);
	if (opens) {
		open_list(p, admitted);
		return;
	}
	single(p, admitted);
	if (x->token == LEX_COMMA)
		commas(p, admitted);
}

/* --- blocks ------------------------------------------------------------- */

/* At an opening brace: step over everything up to the one that closes it. */
static void skip_braces(struct parser *p)
{
	struct lex *x = &p->lex;
	unsigned line = x->line;
	size_t depth = 0;

	do {
		if (x->token == LEX_OPEN)
			depth++;
		else if (x->token == LEX_CLOSE)
			depth--;
		lex_next(x);
	} while (depth && x->token != LEX_END);
	if (!depth)
		return;
	complain(p, line, "the brace that opens here is never closed.");
	p->build->broken = true;
}

static void unknown_block(struct parser *p)
{
	const char *meant = near(p, CONFIG_TOP);

	/* It may have been of any kind, if it was close to none. */
	if (meant && options_block_find(meant) != CONFIG_TOP)
		p->build->lost |= 1u << options_block_find(meant);
	else
		p->build->lost = ~0u;
	if (p->option || options_find(CONFIG_TOP, p->name))
		complain(p, p->line,
			 "'%s' is an option, not a block: write %s = \"...\"",
			 p->name, p->name);
	else if (meant && options_block_find(meant) != CONFIG_TOP)
		complain(p, p->line, "unknown block '%s'; did you mean '%s'?",
			 p->name, meant);
	else
		complain(p, p->line,
			 "unknown block '%s'; there are cloud, credential and "
			 "watch blocks.",
			 p->name);
}

/* Why a block of this kind may not be read here; NULL when it may. */
static const char *block_mistake(const struct parser *p,
				 enum config_block block, bool titled)
{
	switch (block) {
	case CONFIG_CLOUD:
		if (titled)
			return "a cloud block has no name: write cloud "
			       "{ ... }";
		if (p->lex.source > 0)
			return "a cloud block may stand only in the main file: "
			       "this file is for watch and credential blocks.";
		return NULL;
	case CONFIG_CREDENTIAL:
		return titled ? NULL
			      : "a credential block needs a name: write "
				"credential \"NAME\" { ... }";
	default:
		return titled ? NULL
			      : "a watch block needs a key identifier: write "
				"watch \"https://VAULT.vault.azure.net/keys/"
				"NAME\" { ... }";
	}
}

static struct config_section *open_watch(struct parser *p, bool bad_title)
{
	struct config_build *b = p->build;
	struct config_watch_draft *d;
	struct fault why;

	b->watches = text_grow(b->watches, b->n_watches, sizeof(*d));
	p->base = d = &b->watches[b->n_watches++];
	*d = (struct config_watch_draft){ .w.title = text_dup(p->lex.value) };
	options_defaults(CONFIG_WATCH, d);
	if (bad_title)
		return &d->section;
	d->known = keyid_parse(&d->w.key, d->w.title, &why);
	if (d->known && !d->w.key.version[0] && text_suffix(d->w.title, "/"))
		/* Where a version was to follow, the key without one would be
		 * followed to each new version. */
		d->known =
			fault_set(&why, FAULT_INVALID, 0,
				  "\"%.150s\" ends in a slash and no version "
				  "follows it: take the slash off to follow "
				  "new versions, or write the version that "
				  "the registries are to keep.",
				  d->w.title);
	if (!d->known)
		complain(p, p->line, "%s", why.text);
	return &d->section;
}

static struct config_section *open_credential(struct parser *p, bool bad_title)
{
	struct config_build *b = p->build;
	struct config_credential_draft *d;

	b->credentials =
		text_grow(b->credentials, b->n_credentials, sizeof(*d));
	d = &b->credentials[b->n_credentials++];
	*d = (struct config_credential_draft){ .c.name = text_dup(p->lex.value),
					       .unnamed = bad_title };
	p->base = &d->c;
	return &d->section;
}

static void leave_block(struct parser *p)
{
	p->block = CONFIG_TOP;
	p->section = &p->build->top;
	p->base = p->build->config;
}

/* At the opening brace. */
static void open_block(struct parser *p, bool titled, bool bad_title)
{
	enum config_block block = options_block_find(p->name);
	struct config_build *b = p->build;
	const char *mistake;

	if (block == CONFIG_TOP) {
		unknown_block(p);
		skip_braces(p);
		return;
	}
	if (p->block != CONFIG_TOP) {
		complain(p, p->section->line,
			 "this %s block is not closed before the next block "
			 "begins in line %u.",
			 options_block_name(p->block), p->line);
		b->broken = true;
		leave_block(p);
	}
	mistake = block_mistake(p, block, titled);
	if (mistake) {
		complain(p, p->line, "%s", mistake);
		b->lost |= 1u << block;
		skip_braces(p);
		return;
	}
	if (block == CONFIG_CLOUD && b->cloud_section.line) {
		complain(p, p->line,
			 "there can be only one cloud block; the first one is "
			 "line %u.",
			 b->cloud_section.line);
		skip_braces(p);
		return;
	}
	p->block = block;
	if (block == CONFIG_WATCH) {
		p->section = open_watch(p, bad_title);
	} else if (block == CONFIG_CREDENTIAL) {
		p->section = open_credential(p, bad_title);
	} else {
		p->section = &b->cloud_section;
		p->base = &b->cloud;
	}
	p->section->block = block;
	p->section->source = p->lex.source;
	p->section->line = p->line;
	lex_next(&p->lex);
}

static void close_block(struct parser *p)
{
	if (p->block == CONFIG_TOP)
		complain(p, p->lex.line, "this closing brace closes nothing.");
	leave_block(p);
	lex_next(&p->lex);
}

/* --- statements --------------------------------------------------------- */

/* The token is in nobody's place: leave out the rest of its line. */
static void stray(struct parser *p, const char *message)
{
	struct lex *x = &p->lex;
	unsigned line = x->line;

	if (!x->bad)
		complain(p, line, "%s", message);
	do {
		if (x->token == LEX_OPEN)
			skip_braces(p);
		else
			lex_next(x);
	} while (x->token != LEX_END && x->token != LEX_CLOSE &&
		 x->line == line);
}

/* A name and then a word: the title of a block, or a missing sign. */
static void title(struct parser *p)
{
	struct lex *x = &p->lex;
	bool bad = x->bad, block = options_block_find(p->name) != CONFIG_TOP;
	char next = lex_peek(x);

	if (next == '{') {
		lex_next(x); /* the brace leaves the title's text in place */
		open_block(p, true, bad);
		return;
	}
	if (block && !p->option) {
		complain(p, p->line,
			 "a '{' is missing behind the title of this %s block.",
			 p->name);
		/* What follows is read as if it were there. */
		if (next)
			open_block(p, true, bad);
		else
			lex_next(x);
		return;
	}
	complain(p, p->line, "there is no '=' after '%s'.", p->name);
	refuse(p);
	if (x->line == p->line && !is_name(p))
		lex_next(x);
}

/* At the equals sign after the name of a block. */
static void block_with_sign(struct parser *p)
{
	struct lex *x = &p->lex;
	enum config_block block = options_block_find(p->name);
	bool titled, bad;

	lex_next(x);
	bad = x->bad;
	titled = is_value(p);
	complain(p, p->line,
		 "'%s' is a block, not an option: write %s%s { ... } without "
		 "'='.",
		 p->name, p->name, block == CONFIG_CLOUD ? "" : " \"...\"");
	if (titled)
		lex_next(x);
	if (x->token == LEX_OPEN && titled == (block != CONFIG_CLOUD)) {
		open_block(p, titled, bad);
		return;
	}
	p->build->lost |= 1u << block;
	if (x->token == LEX_OPEN)
		skip_braces(p);
}

static void statement(struct parser *p)
{
	struct lex *x = &p->lex;

	p->line = x->line;
	text_copy(p->name, sizeof(p->name), x->value);
	p->option = options_find(p->block, p->name);
	lex_next(x);
	switch (x->token) {
	case LEX_EQUALS:
	case LEX_APPEND:
		if (!p->option && options_block_find(p->name) != CONFIG_TOP)
			block_with_sign(p);
		else
			assignment(p);
		return;
	case LEX_OPEN:
		open_block(p, false, false);
		return;
	case LEX_WORD:
	case LEX_STRING:
		title(p);
		return;
	case LEX_BRACKET:
	case LEX_OTHER:
		if (!strcmp(p->name, "include"))
			stray(p, "include() is not supported: put further "
				 "files into the watch.d directory.");
		else
			stray(p, "this sign has no meaning here.");
		return;
	default:
		no_value(p);
	}
}

void parse_source(struct config_build *b, unsigned source)
{
	struct parser p = { .build = b };
	struct lex *x = &p.lex;

	leave_block(&p);
	if (!lex_open(x, &b->problems, source)) {
		b->broken = true;
		lex_close(x);
		return;
	}
	lex_next(x);
	while (x->token != LEX_END) {
		if (x->token == LEX_CLOSE) {
			close_block(&p);
		} else if (x->token == LEX_OPEN) {
			complain(&p, x->line,
				 "this brace opens nothing: a block begins "
				 "with its kind, such as watch \"KEY\" {");
			skip_braces(&p);
		} else if (x->token == LEX_SEMICOLON) {
			semicolons(&p);
		} else if (x->token == LEX_BRACKET) {
			stray(&p, "a block does not begin with a bracket: "
				  "write watch \"KEY\" { ... }");
		} else if (x->token != LEX_WORD || x->bad) {
			stray(&p, "the name of an option or block is expected "
				  "here.");
		} else {
			statement(&p);
		}
	}
	if (p.block != CONFIG_TOP)
		complain(&p, p.section->line,
			 "this %s block has no closing brace.",
			 options_block_name(p.block));
	b->broken |= x->broken || p.block != CONFIG_TOP;
	lex_close(x);
}
