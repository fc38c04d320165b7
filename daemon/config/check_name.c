/* One block names another: finding it, and the closest name otherwise. */
#include "config/check_name.h"

#include <stdio.h>

#include "base/text.h"
#include "config/check_unique.h"

/* Names that are looked at for a proposal: a hint is not worth more. */
#define NEAR_TRIES 100

void check_name_try(struct check_name *p, const char *name)
{
	unsigned d;

	if (!*name || p->tries++ >= NEAR_TRIES)
		return;
	d = text_distance(p->wrong, name);
	if (value_is_near(d, p->wrong) && (!p->best || d < p->least)) {
		p->least = d;
		p->best = name;
	}
}

void check_name_complain(struct config_build *b, const struct config_section *s,
			 const char *option, const char *message,
			 const struct check_name *p)
{
	unsigned line = options_given(s, option);

	if (p->best)
		problem_add(&b->problems, s->source, line,
			    "%s; did you mean \"%s\"?", message, p->best);
	else
		problem_add(&b->problems, s->source, line, "%s.", message);
}

/* What people call a block of this kind. */
static const char *called(const struct config_section *s)
{
	static const char *const words[CONFIG_BLOCKS] = {
		[CONFIG_RULE] = "rule",
		[CONFIG_EVENTS] = "events block",
	};

	return words[s->block] ? words[s->block] : options_block_name(s->block);
}

size_t check_name_credential(struct config_build *b,
			     const struct config_section *s, const char *name)
{
	struct check_name p = { .wrong = name };
	char message[256];
	size_t at;

	if (options_refused(s, "credential") ||
	    b->lost & 1u << CONFIG_CREDENTIAL ||
	    (!b->n_credentials && text_same(name, "default")))
		return 0;
	at = check_unique_find(b->credential_names, b->n_credentials, name);
	if (at != SIZE_MAX)
		return at;
	if (!options_given(s, "credential")) {
		problem_add(&b->problems, s->source, s->line,
			    "this %s names no credential and there is none "
			    "called \"default\": add credential = \"NAME\".",
			    called(s));
		return 0;
	}
	for (size_t i = 0; i < b->n_credentials; i++)
		check_name_try(&p, b->credentials[i].c.name);
	snprintf(message, sizeof(message), "there is no credential \"%s\"",
		 name);
	check_name_complain(b, s, "credential", message, &p);
	return 0;
}
