/* Which way a key is read, and when that changes. */
#include "engine/key_way.h"

#include "azure/problem.h"
#include "base/text.h"
#include "engine/note.h"

bool key_way_is_arm(const struct watch *w)
{
	return w->via == CONFIG_VIA_ARM ||
	       (w->via == CONFIG_VIA_AUTO && w->around);
}

const char *key_way_str(const struct watch *w)
{
	return key_way_is_arm(w) ? "resource-manager" : "vault";
}

struct end *key_way_end(const struct engine *e, const struct watch *w)
{
	bool arm = key_way_is_arm(w) && w->arm;

	if (w->via == CONFIG_VIA_AUTO && model_boot(e) >= w->vault_again)
		arm = false;
	return arm ? w->arm : w->vault;
}

void key_way_hurry(const struct engine *e, struct watch *w)
{
	w->vault_again = model_boot(e);
}

/* It has told something of the key, be it that there is none. */
static bool tells(const struct reply *r)
{
	return r->fault.kind == FAULT_NONE || r->fault.kind == FAULT_MISSING ||
	       (r->fault.kind == FAULT_REFUSED &&
		text_same(r->fault.inner_code, "KeyDisabled"));
}

static void change(struct engine *e, struct watch *w, bool around)
{
	w->around = around;
	note_save(e);
	model_mark_watch(e, w, MARK_LOOK);
}

static bool vault_answered(struct engine *e, struct watch *w,
			   const struct reply *r)
{
	if (tells(r)) {
		if (w->around)
			note_tell(e, NOTE_KEY_WAY, w, NULL, NULL, NULL,
				  "Key %s is read from its vault again.",
				  w->base);
		if (w->around)
			change(e, w, false);
		return false;
	}
	if (!w->around && !problem_is_network(&r->fault))
		return false;
	if (!w->around) {
		note_tell(
			e, NOTE_KEY_WAY, w, NULL, NULL, NULL,
			"Key %s is read through Resource Manager from now on: %s",
			w->base, r->fault.text);
		change(e, w, true);
	}
	w->vault_again = model_boot(e) + e->config->reread_interval_ms;
	return true;
}

bool key_way_again(struct engine *e, struct watch *w, const struct reply *r)
{
	if (w->via != CONFIG_VIA_AUTO || !w->arm)
		return false;
	if (w->job.end == w->vault)
		return vault_answered(e, w, r);
	/* Neither way leads to it: the next question begins at the vault. */
	if (!tells(r) && !fault_is_transient(&r->fault))
		w->vault_again = model_boot(e);
	return false;
}
