/*
 * assign: one option and its value or list.
 *
 * A mistake of form (a wrong sign, missing braces) is told once for each
 * statement; the rest of the statement is then read as it was meant, and
 * reading goes on behind it.  parse owns the one struct parser of a source and
 * says which statement it is in; what is read goes into the draft of the block.
 */
#ifndef KEYROTD_CONFIG_ASSIGN_H
#define KEYROTD_CONFIG_ASSIGN_H

#include "config/draft.h"
#include "config/lex.h"

#define ASSIGN_NAME_MAX 64

struct parser {
	struct config_build *build;
	struct lex lex;
	enum config_block block; /* CONFIG_TOP: outside */
	struct config_section *section;
	void *base;   /* what the values of the block are read into */
	bool assumed; /* no brace was read that opens the block, or the one
			 that closes it was complained about: it is not missed
			 at its end */
	/* The statement: */
	char name[ASSIGN_NAME_MAX];
	unsigned line;			    /* of its name */
	const struct config_option *option; /* NULL: unknown in this block */
	bool told; /* its form was complained about, nothing more of it is */
};

/* Complain, with the arguments of problem_add() behind the source. */
#define assign_complain(p, at, ...) \
	problem_add((p)->lex.problems, (p)->lex.source, at, __VA_ARGS__)

/* Complain about the form of the statement, unless that was done; its option
 * does not count as missing then. */
#define assign_form(p, at, ...) \
	(assign_first(p) ? assign_complain(p, at, __VA_ARGS__) : (void)0)
bool assign_first(struct parser *p);

/* True when the token is a word with the sign of an option behind it. */
bool assign_is_name(struct parser *p);
/* True when the token may be a value or a title: text that begins no statement,
 * on the given line or behind it. */
bool assign_is_value(struct parser *p, unsigned line);
/* Step over the signs in this line that stand in the place of a '='; true when
 * there was any. */
bool assign_skip_signs(struct parser *p);
/* The known name close to that of the statement; NULL when there is none. */
const char *assign_near(const struct parser *p, enum config_block block);

/* Behind the sign of the statement's option: read what it is set to, or step
 * over it with a complaint.  Leaves the token after it. */
void assign_read(struct parser *p, bool append);
/* The same where the sign is missing: the value is stepped over. */
void assign_without_sign(struct parser *p);

#endif
