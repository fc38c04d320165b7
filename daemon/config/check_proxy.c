/* A proxy, as curl finds one: what is written here before the environment. */
#include "config/check_proxy.h"

#include <string.h>

#include "base/text.h"

/* An empty one is as good as none; *name is the one that was found. */
static const char *first(const struct config_build *b, const char *const *names,
			 const char **name)
{
	const char *text;

	for (; b->host && b->host->variable && *names; names++) {
		text = b->host->variable(*names, b->host_arg);
		if (!text || !*text)
			continue;
		*name = *names;
		return text;
	}
	return NULL;
}

static void take_proxy(struct config_build *b)
{
	static const char *const names[] = { "https_proxy", "HTTPS_PROXY",
					     "all_proxy", "ALL_PROXY", NULL };
	struct proxy *p = &b->config->proxy, found = { .url = NULL };
	const char *name, *text = first(b, names, &name);
	struct fault why;

	if (!text)
		return;
	if (!proxy_read(&found, text, &why)) {
		problem_add(&b->problems, 0, 0,
			    "%s of the environment: %s; https-proxy in this "
			    "file goes before it.",
			    name, why.text);
		return;
	}
	found.without = p->without;
	found.from = name;
	*p = found;
	problem_remark(&b->problems, CONFIG_CHOICE, 0, 0,
		       "the proxy %s is taken, as %s of the environment has "
		       "it.",
		       p->url, name);
}

void check_proxy(struct config_build *b)
{
	static const char *const names[] = { "no_proxy", "NO_PROXY", NULL };
	struct proxy *p = &b->config->proxy;
	const char *name, *text = first(b, names, &name);

	if (!p->url && !options_given(&b->top, "https-proxy"))
		take_proxy(b);
	/* Of a variable that is longer than any list, its beginning counts. */
	if (p->url && text && !options_given(&b->top, "no-proxy"))
		p->without = text_ndup(text, strnlen(text, PROXY_WITHOUT_MAX));
}
