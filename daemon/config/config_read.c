/* libConfuse over a scanned text.  Every option is given to it as a value of
 * our own kind (CFGT_PTR) with a function that reads it, called once for each
 * value while the line number is right; it keeps nothing itself.  Blocks are
 * taken out of its tree as they close: it would search all of them for each
 * new title. */
#include "config/config_internal.h"

#include <confuse.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

#define BINDINGS_MAX (CONFIG_BLOCKS * CONFIG_BLOCK_OPTIONS_MAX)

struct reader;

/* Reached from an option of libConfuse through its "simple value" pointer,
 * the only one of ours that comes back in its callbacks. */
struct binding {
	void *value; /* what libConfuse sets; always NULL */
	const struct config_option *option;
	struct reader *reader;
};

struct reader {
	struct config_build *build;
	unsigned source;
	size_t section; /* the block that is being read, or comes next */
	bool open;	/* its draft is there already */
	struct binding bindings[BINDINGS_MAX];
	size_t n_bindings;
};

static struct reader *reader_of(const cfg_opt_t *opt)
{
	return ((struct binding *)(void *)opt->simple_value.ptr)->reader;
}

static void open_watch(struct config_build *b, size_t section)
{
	struct config_watch_draft *d;

	b->watches = config_grow(b->watches, b->n_watches, sizeof(*d));
	d = &b->watches[b->n_watches++];
	*d = (struct config_watch_draft){ .section = section };
	config_value_defaults(CONFIG_WATCH, d);
}

static void open_credential(struct config_build *b, size_t section)
{
	struct config_credential_draft *d;

	b->credentials =
		config_grow(b->credentials, b->n_credentials, sizeof(*d));
	d = &b->credentials[b->n_credentials++];
	*d = (struct config_credential_draft){ .section = section };
}

static enum config_block open_block(struct reader *r)
{
	struct config_build *b = r->build;
	enum config_block block = b->sections[r->section].block;

	if (!r->open && block == CONFIG_WATCH)
		open_watch(b, r->section);
	if (!r->open && block == CONFIG_CREDENTIAL)
		open_credential(b, r->section);
	r->open = true;
	return block;
}

/* What the values of the option are read into. */
static void *base_of(struct reader *r, const struct config_option *o,
		     unsigned line)
{
	struct config_build *b = r->build;

	if (o->block == CONFIG_TOP)
		return b->config;
	switch (open_block(r)) {
	case CONFIG_WATCH:
		b->watches[b->n_watches - 1].line = line;
		return &b->watches[b->n_watches - 1];
	case CONFIG_CREDENTIAL:
		return &b->credentials[b->n_credentials - 1].c;
	default:
		return &b->cloud;
	}
}

static void refuse(struct reader *r, const struct config_option *o)
{
	struct config_section *s = o->block == CONFIG_TOP
					   ? &r->build->top
					   : &r->build->sections[r->section];
	size_t n;

	s->refused |= 1u << (o - config_options(o->block, &n));
}

/* Never true unless scan and libConfuse see different blocks in a text. */
static bool out_of_step(struct reader *r)
{
	return r->section >= r->build->n_sections;
}

static int on_value(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *result)
{
	struct binding *binding =
		(struct binding *)(void *)opt->simple_value.ptr;
	const struct config_option *o = binding->option;
	struct reader *r = binding->reader;
	unsigned line = (unsigned)cfg->line;
	struct fault why;

	*(void **)result = NULL;
	if (o->block != CONFIG_TOP && out_of_step(r))
		return -1;
	if (text[0] == CONFIG_MARK) {
		refuse(r, o);
	} else if (!config_value_read(o, text, base_of(r, o, line), &why)) {
		refuse(r, o);
		config_mistake(r->build, r->source, line, "%s", why.text);
	}
	return 0;
}

static int on_block_end(cfg_t *cfg, cfg_opt_t *opt)
{
	cfg_t *section = cfg_opt_getnsec(opt, 0);
	struct reader *r = reader_of(&section->opts[0]);
	struct config_build *b = r->build;
	const char *title = cfg_title(section);

	(void)cfg;
	if (out_of_step(r))
		return -1;
	switch (open_block(r)) {
	case CONFIG_WATCH:
		b->watches[b->n_watches - 1].w.title = text_dup(title);
		break;
	case CONFIG_CREDENTIAL:
		b->credentials[b->n_credentials - 1].c.name = text_dup(title);
		break;
	default:
		break;
	}
	r->open = false;
	r->section++;
	cfg_opt_rmnsec(opt, 0);
	return 0;
}

/* The scan leaves nothing that libConfuse objects to: this is for the day
 * when the two disagree, or memory is short. */
__attribute__((format(printf, 2, 0))) static void
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	struct reader *r = reader_of(&cfg->opts[0]);
	char text[256];

	vsnprintf(text, sizeof(text), fmt, ap);
	config_mistake(r->build, r->source, (unsigned)cfg->line,
		       "libConfuse cannot read this: %s.", text);
}

static size_t fill_options(struct reader *r, enum config_block block,
			   cfg_opt_t *opts)
{
	size_t n;
	const struct config_option *o = config_options(block, &n);

	for (size_t i = 0; i < n; i++) {
		struct binding *x = &r->bindings[r->n_bindings++];

		*x = (struct binding){ NULL, &o[i], r };
		opts[i] = (cfg_opt_t){ .name = o[i].name,
				       .type = CFGT_PTR,
				       .flags = CFGF_NODEFAULT |
						(o[i].type->list ? CFGF_LIST
								 : CFGF_NONE),
				       .simple_value.ptr = &x->value,
				       .parsecb = on_value };
	}
	return n;
}

static void fill_block(struct reader *r, enum config_block block,
		       cfg_opt_t *subopts, cfg_opt_t *opt)
{
	fill_options(r, block, subopts);
	/* All are "multi": a section that is not would be made beforehand and
	 * could not be taken out. */
	*opt = (cfg_opt_t){ .name = config_block_name(block),
			    .type = CFGT_SEC,
			    .flags = CFGF_MULTI |
				     (block == CONFIG_CLOUD ? CFGF_NONE
							    : CFGF_TITLE),
			    .subopts = subopts,
			    .validcb = on_block_end };
}

void config_read(struct config_build *b, unsigned source, const char *text,
		 size_t first)
{
	struct reader r = { .build = b, .source = source, .section = first };
	cfg_opt_t top[CONFIG_BLOCK_OPTIONS_MAX + CONFIG_BLOCKS] = { 0 };
	cfg_opt_t sub[CONFIG_BLOCKS][CONFIG_BLOCK_OPTIONS_MAX + 1] = { 0 };
	size_t n = fill_options(&r, CONFIG_TOP, top);
	size_t before = b->n_mistakes;
	cfg_t *cfg;

	for (enum config_block i = CONFIG_CLOUD; i < CONFIG_BLOCKS; i++)
		fill_block(&r, i, sub[i], &top[n++]);
	cfg = cfg_init(top, CFGF_NONE);
	cfg_set_error_function(cfg, on_error);
	if (cfg_parse_buf(cfg, text) != CFG_SUCCESS) {
		b->broken = true;
		if (before == b->n_mistakes)
			config_mistake(b, source, (unsigned)cfg->line,
				       "the "
				       "file cannot be read from here on.");
	}
	cfg_free(cfg);
}
