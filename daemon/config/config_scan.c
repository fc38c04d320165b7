/* Statements: which options and blocks a text holds, and where.  Reads ahead
 * of libConfuse because that stops at the first unknown name, knows a block's
 * line only at its closing brace and cannot tell that an option is given
 * twice.  What is refused here is made blank, so that the rest of the file is
 * still read and all mistakes come out in one go. */
#include "config/config_scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct config_section *scan_section(struct scan *s)
{
	struct config_build *b = s->lex.build;

	return s->block == CONFIG_TOP ? &b->top
				      : &b->sections[b->n_sections - 1];
}

static void forget(struct scan *s)
{
	lex_blank(&s->lex, s->start, s->lex.pos);
}

/* Everything up to the brace that closes the one at the token. */
static void skip_braces(struct scan *s)
{
	struct lex *x = &s->lex;
	unsigned line = x->token_line;
	size_t depth = 0;

	do {
		if (x->token == LEX_OPEN)
			depth++;
		else if (x->token == LEX_CLOSE)
			depth--;
		if (depth)
			lex_next(x);
	} while (depth && x->token != LEX_END);
	if (depth) {
		scan_complain(s, line,
			      "the brace that opens here is never closed.");
		x->build->broken = true;
	}
	forget(s);
	lex_next(x);
}

/* The token is in nobody's place: leave out the rest of its line. */
static void stray(struct scan *s, const char *message)
{
	struct lex *x = &s->lex;
	unsigned line = x->token_line;

	if (!x->bad)
		scan_complain(s, line, "%s", message);
	do {
		s->start = x->start;
		if (x->token == LEX_OPEN) {
			skip_braces(s);
		} else {
			forget(s);
			lex_next(x);
		}
	} while (x->token != LEX_END && x->token != LEX_CLOSE &&
		 x->token_line == line);
}

static void open_section(struct scan *s, enum config_block block)
{
	struct config_build *b = s->lex.build;

	b->sections =
		config_grow(b->sections, b->n_sections, sizeof(*b->sections));
	b->sections[b->n_sections++] = (struct config_section){
		.block = block, .source = s->lex.source, .line = s->line
	};
	s->block = block;
	lex_next(&s->lex);
}

static void unknown_block(struct scan *s)
{
	const char *near = s->lex.build->unlisted
				   ? NULL
				   : config_option_near(CONFIG_TOP, s->name);

	if (config_option_find(CONFIG_TOP, s->name) ||
	    config_option_find(s->block, s->name))
		scan_complain(s, s->line,
			      "'%s' is an option, not a block: write %s = "
			      "\"...\"",
			      s->name, s->name);
	else if (near && config_block_find(near) != CONFIG_TOP)
		scan_complain(s, s->line,
			      "unknown block '%s'; did you mean '%s'?", s->name,
			      near);
	else
		scan_complain(s, s->line,
			      "unknown block '%s'; there are cloud, "
			      "credential and watch blocks.",
			      s->name);
}

/* Why a block of this kind may not be read here; NULL when it may. */
static const char *block_mistake(struct scan *s, enum config_block block,
				 bool title)
{
	if (block == CONFIG_CLOUD && title)
		return "a cloud block has no name: write cloud { ... }";
	if (block == CONFIG_CREDENTIAL && !title)
		return "a credential block needs a name: write "
		       "credential \"NAME\" { ... }";
	if (block == CONFIG_WATCH && !title)
		return "a watch block needs a key identifier: write "
		       "watch \"https://VAULT.vault.azure.net/keys/NAME\" "
		       "{ ... }";
	if (block == CONFIG_CLOUD && s->lex.source > 0)
		return "a cloud block may stand only in the main file: this "
		       "file is for watch and credential blocks.";
	return NULL;
}

/* The second cloud block is refused; of the others there may be many. */
static bool second_cloud(struct scan *s, enum config_block block)
{
	struct config_build *b = s->lex.build;

	if (block != CONFIG_CLOUD)
		return false;
	if (b->cloud_section == SIZE_MAX) {
		b->cloud_section = b->n_sections;
		return false;
	}
	scan_complain(s, s->line,
		      "there can be only one cloud block; the first "
		      "one is line %u.",
		      b->sections[b->cloud_section].line);
	return true;
}

/* At the opening brace. */
static void scan_block(struct scan *s, bool title)
{
	enum config_block block = config_block_find(s->name);
	const char *mistake = block_mistake(s, block, title);

	if (block != CONFIG_TOP && s->block != CONFIG_TOP) {
		scan_complain(s, scan_section(s)->line,
			      "this %s block is not closed "
			      "before the next block begins in line %u.",
			      config_block_name(s->block), s->line);
		s->lex.build->broken = true;
		s->block = CONFIG_TOP;
	}
	if (block == CONFIG_TOP)
		unknown_block(s);
	else if (mistake)
		scan_complain(s, s->line, "%s", mistake);
	else if (!second_cloud(s, block)) {
		open_section(s, block);
		return;
	}
	skip_braces(s);
}

/* A name and then a word: the title of a block, or a missing sign. */
static void scan_title(struct scan *s)
{
	struct lex *x = &s->lex;
	unsigned line = x->token_line;

	if (lex_peek(x) == '{') {
		lex_next(x);
		scan_block(s, true);
		return;
	}
	scan_complain(s, s->line, "there is no '=' after '%s'.", s->name);
	scan_refuse(s);
	lex_blank(x, s->start, x->start);
	if (line == s->line && !scan_starts_statement(s)) {
		forget(s);
		lex_next(x);
	}
}

static void scan_call(struct scan *s)
{
	lex_blank(&s->lex, s->start, s->lex.start);
	if (!strcmp(s->name, "include"))
		stray(s, "include() is not supported: put further files into "
			 "the watch.d directory.");
	else
		stray(s, "this sign has no meaning here.");
}

/* At the token after the name. */
static void scan_statement(struct scan *s)
{
	struct lex *x = &s->lex;
	bool append = x->token == LEX_APPEND;

	switch (x->token) {
	case LEX_EQUALS:
	case LEX_APPEND:
		lex_next(x);
		scan_value(s, append);
		return;
	case LEX_OPEN:
		scan_block(s, false);
		return;
	case LEX_WORD:
	case LEX_STRING:
		scan_title(s);
		return;
	case LEX_OTHER:
		scan_call(s);
		return;
	default:
		scan_no_value(s);
	}
}

static void scan_name(struct scan *s)
{
	struct lex *x = &s->lex;

	s->start = x->start;
	s->line = x->token_line;
	if (x->token == LEX_OPEN) {
		scan_complain(s, s->line,
			      "this brace opens nothing: a block begins "
			      "with its kind, such as watch \"KEY\" {");
		skip_braces(s);
	} else if (x->token != LEX_WORD || x->bad) {
		stray(s, "the name of an option or block is expected here.");
	} else {
		lex_text(x, s->name, sizeof(s->name));
		lex_next(x);
		scan_statement(s);
	}
}

static void scan_close(struct scan *s)
{
	struct lex *x = &s->lex;

	if (s->block == CONFIG_TOP) {
		scan_complain(s, x->token_line,
			      "this closing brace closes nothing.");
		lex_blank(x, x->start, x->pos);
	}
	s->block = CONFIG_TOP;
	lex_next(x);
}

static void scan_all(struct scan *s)
{
	lex_next(&s->lex);
	while (s->lex.token != LEX_END) {
		if (s->lex.token == LEX_CLOSE)
			scan_close(s);
		else
			scan_name(s);
	}
	if (s->block == CONFIG_TOP)
		return;
	scan_complain(s, scan_section(s)->line,
		      "this %s block has no closing brace.",
		      config_block_name(s->block));
	s->lex.build->broken = true;
}

char *config_scan(struct config_build *b, unsigned source)
{
	const struct config_source *from = &b->sources[source];
	struct scan s = { .block = CONFIG_TOP };
	bool broken_before = b->broken, broken;

	s.lex = (struct lex){
		.build = b, .source = source, .line = 1, .len = from->len
	};
	s.lex.text = text_ndup(from->text, from->len);
	b->broken = false;
	if (lex_clean(&s.lex))
		scan_all(&s);
	else
		b->broken = true;
	broken = b->broken;
	b->broken |= broken_before;
	if (!broken)
		return s.lex.text;
	free(s.lex.text);
	return NULL;
}
