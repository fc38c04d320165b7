/* Statements: the options and blocks of a text.  A mistake is told and stepped
 * over, so that all of them come out in one go: a block whose head is wrong is
 * read as the one that was meant, and where braces do not match, a look ahead
 * tells which of them is missing. */
#include "config/parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/assign.h"

/* A block that can be entered again: the array it lives in may move. */
struct place {
	enum config_block block;
	size_t index;
};

struct reader {
	struct parser p;
	struct place outer; /* the block in which this one stands by mistake */
	struct place last;  /* the block that was closed just before */
	size_t extra;	    /* braces opened in the block that open nothing */
	bool bracket;	    /* a bracket opened the block */
	bool ends, looked;  /* a closing brace follows for the block; known */
	size_t budget;	    /* bytes that may still be looked at ahead */
};

/* The head of a block, as it was read. */
struct head {
	enum config_block block;
	char *title; /* NULL: there is none */
	bool bad;    /* it was complained about */
	bool open;   /* the brace is there, and is the token */
};

/* --- where reading stands ------------------------------------------------ */

static void leave_block(struct reader *r)
{
	struct parser *p = &r->p;

	p->block = CONFIG_TOP;
	p->section = &p->build->top;
	p->base = p->build->config;
	p->assumed = false;
	r->extra = 0;
	r->bracket = r->looked = false;
}

static void enter_block(struct reader *r, struct place at)
{
	struct parser *p = &r->p;
	struct config_build *b = p->build;

	leave_block(r);
	p->block = at.block;
	if (at.block == CONFIG_WATCH) {
		p->base = &b->watches[at.index];
		p->section = &b->watches[at.index].section;
	} else if (at.block == CONFIG_CREDENTIAL) {
		p->base = &b->credentials[at.index].c;
		p->section = &b->credentials[at.index].section;
	} else if (at.block == CONFIG_RULE) {
		p->base = &b->rules[at.index];
		p->section = &b->rules[at.index].section;
	} else if (at.block == CONFIG_LEASE) {
		p->base = &b->leases[at.index];
		p->section = &b->leases[at.index].section;
	} else if (at.block == CONFIG_EVENTS) {
		p->base = &b->events[at.index];
		p->section = &b->events[at.index].section;
	} else if (at.block == CONFIG_CLOUD) {
		p->base = &b->cloud;
		p->section = &b->cloud_section;
	}
}

/* The block that is being read. */
static struct place here(const struct reader *r)
{
	const struct config_build *b = r->p.build;
	size_t n = r->p.block == CONFIG_WATCH	     ? b->n_watches
		   : r->p.block == CONFIG_CREDENTIAL ? b->n_credentials
		   : r->p.block == CONFIG_RULE	     ? b->n_rules
		   : r->p.block == CONFIG_LEASE	     ? b->n_leases
		   : r->p.block == CONFIG_EVENTS     ? b->n_events
						     : 1;

	return (struct place){ r->p.block, n - 1 };
}

/* True when a closing brace follows for the block that is being read, with all
 * that is opened before it closed again.  Looks no further than it may; then
 * there is none. */
static bool is_closed(struct reader *r)
{
	struct lex x = r->p.lex;
	const char *from = x.at;
	size_t depth = r->extra;

	if (r->looked)
		return r->ends;
	x.quiet = true;
	while (x.token != LEX_END && (x.token != LEX_CLOSE || depth) &&
	       (size_t)(x.at - from) <= r->budget) {
		depth += x.token == LEX_OPEN;
		depth -= x.token == LEX_CLOSE;
		lex_next(&x);
	}
	r->budget -= (size_t)(x.at - from) < r->budget ? (size_t)(x.at - from)
						       : r->budget;
	r->looked = true;
	r->ends = x.token == LEX_CLOSE && !depth;
	return r->ends;
}

/* The block ends where something begins that cannot stand in it. */
static void end_unclosed(struct reader *r, const char *what)
{
	struct parser *p = &r->p;

	if (!p->assumed) {
		assign_complain(p, p->section->line,
				"this %s block is not closed before %s in line "
				"%u.",
				options_block_name(p->block), what, p->line);
		p->build->broken = true;
	}
	leave_block(r);
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
	assign_complain(p, line, "the brace that opens here is never closed.");
	p->build->broken = true;
}

/* The token is in nobody's place: leave out the rest of its line, but no block
 * that begins there. */
static void stray(struct parser *p, const char *message)
{
	struct lex *x = &p->lex;
	unsigned line = x->line;

	if (!x->bad)
		assign_form(p, line, "%s", message);
	do {
		if (x->token == LEX_OPEN)
			skip_braces(p);
		else
			lex_next(x);
	} while (x->token != LEX_END && x->token != LEX_CLOSE &&
		 x->line == line &&
		 (x->token != LEX_WORD ||
		  options_block_find(x->value) == CONFIG_TOP));
}

/* What is told of a block whose head lacks a title or has one too many; NULL
 * when it is as it should be. */
static const char *title_mistake(const struct head *h)
{
	switch (h->block) {
	case CONFIG_CLOUD:
		return h->title ? "a cloud block has no name: write cloud "
				  "{ ... }"
				: NULL;
	case CONFIG_CREDENTIAL:
		return h->title ? NULL
				: "a credential block needs a name: write "
				  "credential \"NAME\" { ... }";
	case CONFIG_RULE:
		return h->title ? NULL
				: "a discover block needs a name: write "
				  "discover \"NAME\" { ... }";
	case CONFIG_LEASE:
		return h->title ? NULL
				: "a lease block needs a name: write lease "
				  "\"NAME\" { ... }";
	case CONFIG_EVENTS:
		return h->title ? NULL
				: "an events block needs a name: write "
				  "events \"NAME\" { ... }";
	default:
		return h->title ? NULL
				: "a watch block needs a key identifier: write "
				  "watch \"https://VAULT.vault.azure.net/keys/"
				  "NAME\" { ... }";
	}
}

static void add_watch(struct parser *p, struct head *h)
{
	struct config_build *b = p->build;
	struct config_watch_draft *d;
	struct fault why;

	b->watches = text_grow(b->watches, b->n_watches, sizeof(*d));
	d = &b->watches[b->n_watches++];
	*d = (struct config_watch_draft){ .w.title = h->title,
					  .w.max_age_ms = -1 };
	h->title = NULL;
	options_defaults(CONFIG_WATCH, d);
	if (h->bad)
		return;
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
		assign_complain(p, p->line, "%s", why.text);
}

static void add_credential(struct parser *p, struct head *h)
{
	struct config_build *b = p->build;
	struct config_credential_draft *d;

	b->credentials =
		text_grow(b->credentials, b->n_credentials, sizeof(*d));
	d = &b->credentials[b->n_credentials++];
	*d = (struct config_credential_draft){ .c.name = h->title,
					       .unnamed = h->bad };
	h->title = NULL;
	options_defaults(CONFIG_CREDENTIAL, &d->c);
	/* A watch may name it by what should have stood there. */
	if (!d->c.name[0] && !h->bad)
		b->lost |= 1u << CONFIG_CREDENTIAL;
}

static void add_rule(struct parser *p, struct head *h)
{
	struct config_build *b = p->build;
	struct config_rule_draft *d;

	b->rules = text_grow(b->rules, b->n_rules, sizeof(*d));
	d = &b->rules[b->n_rules++];
	*d = (struct config_rule_draft){ .r.name = h->title,
					 .unnamed = h->bad };
	h->title = NULL;
	options_defaults(CONFIG_RULE, d);
}

static void add_lease(struct parser *p, struct head *h)
{
	struct config_build *b = p->build;
	struct config_lease_draft *d;

	b->leases = text_grow(b->leases, b->n_leases, sizeof(*d));
	d = &b->leases[b->n_leases++];
	*d = (struct config_lease_draft){ .l.name = h->title,
					  .unnamed = h->bad };
	h->title = NULL;
	options_defaults(CONFIG_LEASE, d);
	/* A watch may name it by what should have stood there. */
	if (!d->l.name[0] && !h->bad)
		b->lost |= 1u << CONFIG_LEASE;
}

static void add_events(struct parser *p, struct head *h)
{
	struct config_build *b = p->build;
	struct config_events_draft *d;

	b->events = text_grow(b->events, b->n_events, sizeof(*d));
	d = &b->events[b->n_events++];
	*d = (struct config_events_draft){ .e.name = h->title,
					   .unnamed = h->bad };
	h->title = NULL;
	options_defaults(CONFIG_EVENTS, d);
}

/* A block in a block: either that one stands in a wrong place, or this one has
 * not been closed.  False when it was stepped over. */
static bool come_in(struct reader *r)
{
	struct parser *p = &r->p;

	if (p->block == CONFIG_TOP)
		return true;
	if (p->assumed || !is_closed(r)) {
		end_unclosed(r, "the next block begins");
		return true;
	}
	assign_complain(p, p->line,
			"this block stands in the %s block that begins in line "
			"%u: move it out of its braces.",
			options_block_name(p->block), p->section->line);
	if (r->outer.block == CONFIG_TOP) {
		r->outer = here(r);
		return true;
	}
	if (p->lex.token == LEX_OPEN)
		skip_braces(p);
	return false;
}

/* A second cloud block, or one in a wrong file: there is no place for what it
 * says. */
static bool refuse_cloud(struct parser *p, const struct head *h)
{
	unsigned first = p->build->cloud_section.line;

	if (h->block != CONFIG_CLOUD || (!first && !p->lex.source))
		return false;
	if (p->lex.source)
		assign_complain(p, p->line,
				"a cloud block may stand only in the main "
				"file: this file is for watch and credential "
				"blocks.");
	else
		assign_complain(p, p->line,
				"there can be only one cloud block; the first "
				"one is line %u.",
				first);
	p->build->lost |= 1u << CONFIG_CLOUD;
	if (p->lex.token == LEX_OPEN)
		skip_braces(p);
	return true;
}

/* Behind the head of a block; it may be at the brace. */
static void open_block(struct reader *r, struct head *h)
{
	struct parser *p = &r->p;
	struct config_build *b = p->build;
	const char *mistake = title_mistake(h);

	if (mistake) {
		assign_form(p, p->line, "%s", mistake);
		h->bad = true;
		b->lost |= 1u << h->block;
	}
	if (!h->open && !h->title)
		assign_form(p, p->line, "a '{' is missing behind '%s'.",
			    p->name);
	else if (!h->open)
		assign_form(p, p->line,
			    "a '{' is missing behind the title of this %s "
			    "block.",
			    options_block_name(h->block));
	/* The brace got into the title's quotes. */
	if (!h->open && h->title)
		h->bad |= strchr(h->title, '{') != NULL;
	if (refuse_cloud(p, h) || !come_in(r))
		return;
	if (!h->title)
		h->title = text_dup("");
	if (h->block == CONFIG_WATCH)
		add_watch(p, h);
	else if (h->block == CONFIG_CREDENTIAL)
		add_credential(p, h);
	else if (h->block == CONFIG_RULE)
		add_rule(p, h);
	else if (h->block == CONFIG_LEASE)
		add_lease(p, h);
	else if (h->block == CONFIG_EVENTS)
		add_events(p, h);
	p->block = h->block;
	enter_block(r, here(r));
	*p->section = (struct config_section){ .block = h->block,
					       .source = p->lex.source,
					       .line = p->line };
	p->assumed = !h->open;
	r->bracket = h->open && p->lex.token == LEX_BRACKET;
	/* What else is missing in it may stand where it was not looked for. */
	if (!h->open)
		p->section->refused = ~0u;
	else
		lex_next(&p->lex);
}

static void close_block(struct reader *r)
{
	struct parser *p = &r->p;

	if (p->block == CONFIG_TOP) {
		assign_complain(p, p->lex.line,
				"this closing brace closes nothing.");
	} else if (r->extra) {
		/* If there is only one, it is the block's. */
		r->extra--;
		p->assumed = true;
	} else {
		r->last = here(r);
		leave_block(r);
		if (r->outer.block != CONFIG_TOP) {
			enter_block(r, r->outer);
			r->outer.block = CONFIG_TOP;
			r->looked = r->ends = true;
		}
	}
	lex_next(&p->lex);
}

/* --- heads of blocks ----------------------------------------------------- */

/* At the title, or at what stands in its place. */
static void read_title(struct parser *p, struct head *h)
{
	struct lex *x = &p->lex;

	if (!assign_is_value(p, p->line))
		return;
	h->bad = x->bad;
	h->title = text_dup(x->value);
	lex_next(x);
}

/* What stands in the line between the title and the brace. */
static void read_behind_title(struct parser *p, struct head *h)
{
	struct lex *x = &p->lex;
	unsigned line = x->line;
	bool more = false;

	if (assign_skip_signs(p))
		assign_form(p, p->line,
			    "'%s' is a block, not an option: write %s%s { ... "
			    "} without '='.",
			    p->name, p->name,
			    h->block == CONFIG_CLOUD ? "" : " \"...\"");
	while (h->title && x->line == line && line == p->line &&
	       (x->token == LEX_COMMA || assign_is_value(p, line)) &&
	       !options_find(h->block, x->value)) {
		more |= !h->bad && !x->bad;
		h->bad |= x->bad;
		lex_next(x);
	}
	if (more)
		assign_form(p, p->line,
			    "there is more than one title before the '{' of "
			    "this %s block: it has one, and with blanks that "
			    "stands in quotes.",
			    options_block_name(h->block));
	h->open = x->token == LEX_OPEN;
	if (x->token != LEX_BRACKET)
		return;
	assign_form(p, x->line,
		    "a block stands in braces, not in brackets: write %s%s { "
		    "... }",
		    p->name, h->block == CONFIG_CLOUD ? "" : " \"...\"");
	h->open = true;
}

/* After the name of a block, at its title, its brace or a sign. */
static void block(struct reader *r, enum config_block kind, bool colon)
{
	struct parser *p = &r->p;
	struct head h = { .block = kind };
	bool sign = assign_skip_signs(p) || colon;

	if (sign)
		assign_form(p, p->line,
			    "'%s' is a block, not an option: write %s%s { ... "
			    "} without '='.",
			    p->name, p->name,
			    kind == CONFIG_CLOUD ? "" : " \"...\"");
	read_title(p, &h);
	read_behind_title(p, &h);
	if (h.open || !sign)
		open_block(r, &h);
	else
		p->build->lost |= 1u << kind;
	free(h.title);
}

/* True when the brace of a block follows, behind a title or at once. */
static bool heads_block(struct parser *p)
{
	return p->lex.token == LEX_OPEN ||
	       (assign_is_value(p, p->line) && lex_peek(&p->lex) == '{');
}

/* Something with braces that is of no known kind: of the closest one, or else
 * nobody knows how to read it. */
static void unknown_block(struct reader *r)
{
	struct parser *p = &r->p;
	const char *meant = assign_near(p, CONFIG_TOP);
	enum config_block kind = meant ? options_block_find(meant) : CONFIG_TOP;

	if (kind != CONFIG_TOP) {
		assign_form(p, p->line,
			    "unknown block '%s'; did you mean '%s'?", p->name,
			    meant);
		block(r, kind, false);
		return;
	}
	p->build->lost = ~0u;
	if (p->option || options_find(CONFIG_TOP, p->name))
		assign_form(p, p->line,
			    "'%s' is an option, not a block: write %s = "
			    "\"...\"",
			    p->name, p->name);
	else
		assign_form(p, p->line,
			    "unknown block '%s'; there are cloud, credential, "
			    "discover, events, "
			    "lease and watch blocks.",
			    p->name);
	if (p->lex.token != LEX_OPEN)
		lex_next(&p->lex);
	skip_braces(p);
}

/* --- statements --------------------------------------------------------- */

/* An option that its block does not know: the block before was closed too
 * early, or this one not at all. */
static void find_owner(struct reader *r)
{
	struct parser *p = &r->p;
	const char *what;

	p->option = options_find(p->block, p->name);
	if (p->option)
		return;
	if (p->block == CONFIG_TOP && r->last.block != CONFIG_TOP &&
	    options_find(r->last.block, p->name)) {
		enter_block(r, r->last);
		what = options_block_name(p->block);
		assign_complain(p, p->line,
				"option '%s' does not belong here: it is for "
				"%s blocks, and the %s block before it is "
				"closed already.",
				p->name, what, what);
		p->assumed = p->told = true;
	} else if (p->block != CONFIG_TOP &&
		   options_find(CONFIG_TOP, p->name) &&
		   (p->assumed || !is_closed(r))) {
		char *text = text_printf("option '%s'", p->name);

		end_unclosed(r, text);
		free(text);
	}
	p->option = options_find(p->block, p->name);
}

/* After the name of an option. */
static void option(struct reader *r, bool colon)
{
	struct parser *p = &r->p;
	struct lex *x = &p->lex;
	bool append = x->token == LEX_APPEND;
	bool right = !colon && (append || x->token == LEX_EQUALS), sign;

	find_owner(r);
	if (right)
		lex_next(x);
	sign = assign_skip_signs(p);
	if (!right && !sign && !colon) {
		if (x->token == LEX_END || x->token == LEX_CLOSE ||
		    x->token == LEX_SEMICOLON || x->token == LEX_COMMA)
			assign_read(p, false); /* it has no value either */
		else
			assign_without_sign(p);
		if (!p->option && x->token == LEX_OPEN && x->line == p->line)
			skip_braces(p);
		return;
	}
	if (sign || colon)
		assign_form(p, p->line,
			    "there is one '=' between an option and its value: "
			    "write %s = ...",
			    p->name);
	assign_read(p, append);
}

/* At a brace or before it: a list that only lacks its '='. */
static bool is_list(const struct reader *r)
{
	const struct parser *p = &r->p;
	const char *meant;

	if (p->option)
		return p->option->type->list && p->lex.token == LEX_OPEN;
	meant = p->block == CONFIG_TOP ? NULL : assign_near(p, p->block);
	return meant && options_find(p->block, meant)->type->list;
}

/* At what follows the name of a block: an option has the same name, of this
 * block (credential = "a") or of the top level (cloud = "china"), and this is
 * one. */
static bool is_setting(const struct parser *p)
{
	struct lex x = p->lex;

	if (p->block != CONFIG_TOP && p->option)
		return true;
	x.quiet = true;
	while (x.line == p->line &&
	       (x.token == LEX_EQUALS || x.token == LEX_APPEND))
		lex_next(&x);
	return options_find(CONFIG_TOP, p->name) && x.token != LEX_OPEN &&
	       x.token != LEX_BRACKET && x.line == p->line &&
	       lex_peek(&x) != '{';
}

static void statement(struct reader *r)
{
	struct parser *p = &r->p;
	struct lex *x = &p->lex;
	bool quoted = x->token == LEX_STRING, colon, brace;
	enum config_block kind;
	size_t len;

	p->line = x->line;
	text_copy(p->name, sizeof(p->name), x->value);
	len = strlen(p->name);
	colon = len > 1 && p->name[len - 1] == ':';
	if (colon)
		p->name[len - 1] = '\0';
	p->option = options_find(p->block, p->name);
	lex_next(x);
	if (!strcmp(p->name, "include")) {
		assign_form(p, p->line,
			    "include() is not supported: put further files "
			    "into the watch.d directory.");
		while (x->token != LEX_END && x->line == p->line)
			lex_next(x);
		return;
	}
	if (quoted)
		assign_form(p, p->line,
			    "the name of an option or block stands without "
			    "quotes: write %s.",
			    p->name);
	kind = options_block_find(p->name);
	brace = heads_block(p);
	if (kind != CONFIG_TOP && (brace || !is_setting(p))) {
		p->option = NULL;
		block(r, kind, colon);
	} else if (brace && !is_list(r)) {
		unknown_block(r);
	} else {
		option(r, colon);
	}
	if (kind != CONFIG_TOP || p->block == CONFIG_TOP)
		r->last.block = CONFIG_TOP;
}

/* At a bracket: the head of a section, as other tools have it. */
static void section(struct reader *r)
{
	struct parser *p = &r->p;
	struct lex *x = &p->lex;
	struct head h = { .block = CONFIG_TOP };

	p->line = x->line;
	while (x->token == LEX_BRACKET && x->line == p->line)
		lex_next(x);
	if (x->token == LEX_WORD)
		h.block = options_block_find(x->value);
	if (h.block == CONFIG_TOP) {
		stray(p, "a block does not begin with a bracket: write watch "
			 "\"KEY\" { ... }");
		return;
	}
	assign_form(p, p->line,
		    "a block does not begin with a bracket: write watch "
		    "\"KEY\" { ... }");
	text_copy(p->name, sizeof(p->name), x->value);
	lex_next(x);
	if (x->line == p->line)
		read_title(p, &h);
	while (x->token == LEX_BRACKET_END && x->line == p->line)
		lex_next(x);
	h.open = x->token == LEX_OPEN;
	open_block(r, &h);
	free(h.title);
}

/* A semicolon that begins its line. */
static bool begins_line(const struct lex *x)
{
	const char *s = x->at - 1;

	while (s > x->text && (s[-1] == ' ' || s[-1] == '\t'))
		s--;
	return x->token == LEX_SEMICOLON && (s == x->text || s[-1] == '\n');
}

/* A sign between statements is told once for each line and has no other
 * effect. */
static void separators(struct parser *p)
{
	struct lex *x = &p->lex;
	unsigned line = x->line;
	bool first = begins_line(x);
	char next = lex_peek(x);

	if (first && x->at_line == line && next && next != ';') {
		stray(p, "a comment begins with '#', not with ';'.");
		return;
	}
	assign_complain(p, line,
			"a statement ends without a '%c': take it off.",
			x->token == LEX_COMMA ? ',' : ';');
	while ((x->token == LEX_SEMICOLON || x->token == LEX_COMMA) &&
	       x->line == line)
		lex_next(x);
}

/* At a brace in the place of a name. */
static void open_nothing(struct reader *r)
{
	struct parser *p = &r->p;

	assign_complain(p, p->lex.line,
			"this brace opens nothing: a block begins with its "
			"kind, such as watch \"KEY\" {");
	if (p->block == CONFIG_TOP) {
		skip_braces(p);
		return;
	}
	/* What stands in it is the block's. */
	r->extra++;
	lex_next(&p->lex);
}

/* At a string: a name as JSON has it, and no value that was left over. */
static bool is_quoted_name(struct lex *x)
{
	char c = lex_peek(x);

	return c == '=' || c == ':' || c == '+' ||
	       options_block_find(x->value) != CONFIG_TOP;
}

static void next_statement(struct reader *r)
{
	struct parser *p = &r->p;
	struct lex *x = &p->lex;

	p->told = false;
	p->option = NULL;
	switch (x->token) {
	case LEX_CLOSE:
		close_block(r);
		return;
	case LEX_OPEN:
		open_nothing(r);
		return;
	case LEX_SEMICOLON:
	case LEX_COMMA:
		separators(p);
		return;
	case LEX_BRACKET:
		section(r);
		return;
	case LEX_BRACKET_END:
		if (r->bracket) {
			close_block(r);
			return;
		}
		break;
	case LEX_WORD:
	case LEX_STRING:
		if (x->bad || (x->token == LEX_STRING && !is_quoted_name(x)))
			break;
		statement(r);
		return;
	default:
		break;
	}
	stray(p, "the name of an option or block is expected here.");
}

void parse_source(struct config_build *b, unsigned source)
{
	struct reader r = { .p.build = b,
			    .budget = 4 * b->sources[source].len };
	struct parser *p = &r.p;
	struct lex *x = &p->lex;

	leave_block(&r);
	if (!lex_open(x, &b->problems, source)) {
		b->broken = true;
		lex_close(x);
		return;
	}
	lex_next(x);
	while (x->token != LEX_END)
		next_statement(&r);
	if (p->block != CONFIG_TOP && !p->assumed)
		assign_complain(p, p->section->line,
				"this %s block has no closing brace.",
				options_block_name(p->block));
	b->broken |= x->broken || (p->block != CONFIG_TOP && !p->assumed);
	lex_close(x);
}
