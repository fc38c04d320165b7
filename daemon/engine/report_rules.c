/* The rules and how they stand. */
#include "engine/report_rules.h"

#include "engine/rules.h"
#include "engine/rules_tell.h"

/* Azure ms of the list that is oldest; -1: one has not come yet. */
static int64_t listed_at(const struct rule *rule)
{
	int64_t at = INT64_MAX;

	for (size_t i = 0; i < rule->n_looks; i++)
		if (rule->looks[i].listed_at < at)
			at = rule->looks[i].listed_at;
	return rule->n_looks ? at : -1;
}

static void put_rule(const struct engine *e, struct json_writer *w,
		     const struct rule *rule)
{
	const struct config_rule *c = rule->file;
	const struct fault *f = rules_error(rule);
	char why[RULES_NOBODY_MAX];

	json_open(w);
	json_add_str(w, "rule", rule->name);
	json_add_str(w, "mode", config_mode_str(c->mode));
	json_add_str(w, "credential",
		     e->config->credentials[c->credential].name);
	json_add_int(w, "registries", (int64_t)rule->n_registries);
	json_add_int(w, "max_registries", c->max_registries);
	json_add_int(w, "beyond", (int64_t)rule->beyond);
	json_add_time(w, "listed", listed_at(rule));
	json_add_str(w, "error", f ? f->text : NULL);
	json_add_str(w, "nobody",
		     rules_nobody(rule, why, sizeof(why)) ? why : NULL);
	json_close(w);
}

void report_rules(const struct engine *e, struct json_writer *w)
{
	json_key(w, "rules");
	json_open_array(w);
	for (size_t i = 0; i < e->n_rules; i++)
		put_rule(e, w, e->rules[i]);
	json_close_array(w);
}
