/* Holds the names that people type against the ids in the audit's records. */
#include "ctl/audit_which.h"

#include <stdlib.h>
#include <string.h>

#include "azure/resid.h"
#include "base/text.h"

void audit_which_init(struct audit_which *w, const char *said)
{
	*w = (struct audit_which){ .said = said };
}

void audit_which_free(struct audit_which *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->ids[i]);
	w->n = 0;
}

/* Wherever each id says that it lies. */
static bool is_same(const char *a, const char *b)
{
	return text_same(a, b) || resid_same(a, b);
}

static bool may_mean(const char *said, const char *id)
{
	return is_same(said, id) || resid_means(said, id);
}

static void learn(struct audit_which *w, const char *id)
{
	if (!id || !may_mean(w->said, id))
		return;
	for (size_t i = 0; i < w->n; i++)
		if (is_same(w->ids[i], id))
			return;
	if (w->n < AUDIT_WHICH_MAX)
		w->ids[w->n++] = text_dup(id);
}

void audit_which_learn(struct audit_which *w, const struct chain_record *r)
{
	const struct json *x;

	if (!w->said)
		return;
	learn(w, json_get_str(r->root, "registry"));
	for (x = json_first(json_get(r->root, "entries")); x; x = json_next(x))
		learn(w, json_get_str(x, "registry"));
}

bool audit_which_judge(const struct audit_which *w, struct fault *f)
{
	if (!w->said || w->n == 1)
		return true;
	if (w->n == 0)
		return fault_set(f, FAULT_MISSING, 0,
				 "No registry in these records is called %s.",
				 w->said);
	return fault_set(f, FAULT_INVALID, 0,
			 "More than one registry in these records is called "
			 "%s; say GROUP/NAME, SUBSCRIPTION/NAME or the "
			 "resource id.",
			 w->said);
}

/* Asked for by a person, who may have said a name. */
static bool is_of_request(const struct audit_which *w,
			  const struct chain_record *r)
{
	const char *method = json_get_str(r->root, "method");
	const char *said =
		json_get_str(json_get(r->root, "parameters"), "registry");

	if (strcmp(r->kind, "manual") != 0)
		return false;
	if (!said)
		return method && (text_suffix(method, ".Pause") ||
				  text_suffix(method, ".Resume"));
	for (size_t i = 0; i < w->n; i++)
		if (may_mean(said, w->ids[i]))
			return true;
	return false;
}

bool audit_which_is_of(const struct audit_which *w,
		       const struct chain_record *r)
{
	const char *id = json_get_str(r->root, "registry");

	if (!w->said)
		return true;
	for (size_t i = 0; id && i < w->n; i++)
		if (is_same(w->ids[i], id))
			return true;
	return is_of_request(w, r);
}
