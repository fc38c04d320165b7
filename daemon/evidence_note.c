/* The part of evidence.h about notes: their records, and their causes. */
#include "evidence.h"

#include "base/json.h"
#include "base/text.h"
#include "evidence_internal.h"
#include "io/clock.h"
#include "record.h"

static const char *kind_of(enum note_kind kind)
{
	switch (kind) {
	case NOTE_NEW_VERSION:
	case NOTE_DRIFT:
	case NOTE_WARNING:
	case NOTE_KEY_OK:
	case NOTE_KEY_WAY:
	case NOTE_FOUND:
		return "sighting";
	case NOTE_WRITE:
	case NOTE_HELD:
	case NOTE_BLOCKED:
	case NOTE_DRY_RUN:
	case NOTE_PAUSED:
	case NOTE_RESUMED:
	case NOTE_ORDER:
	case NOTE_ORDER_OVER:
	case NOTE_RETIRED:
	case NOTE_LEADER:
	case NOTE_STANDBY:
	case NOTE_ALONE:
		return "decision";
	case NOTE_VERIFIED:
		return "read-back";
	case NOTE_FAILED:
	case NOTE_LATE:
	case NOTE_OVERDUE:
	case NOTE_KEY_ERROR:
		return "failure";
	default:
		return "event";
	}
}

/* Does the note follow from the answer that has just come? */
static bool is_caused(const struct evidence *v, const struct note *n)
{
	if (!v->cause.open)
		return false;
	if (v->cause.registry)
		return text_same(v->cause.registry, n->registry);
	if (v->cause.key[0])
		return !n->registry && text_same(v->cause.key, n->key);
	return v->cause.kind == CALL_LIST && n->registry;
}

const char *evidence_request(const struct evidence *v, const struct note *n)
{
	if (n->request_id[0])
		return n->request_id;
	return v && is_caused(v, n) && v->cause.request_id[0]
		       ? v->cause.request_id
		       : NULL;
}

static void add_cause(struct record *r, const struct evidence *v)
{
	json_key(r->w, "answer");
	json_open(r->w);
	json_add_str(r->w, "to", evidence_question(v->cause.kind));
	json_add_int(r->w, "status", v->cause.status);
	record_add(r, "client_request_id", v->cause.id);
	record_add(r, "request_id", v->cause.request_id);
	record_add(r, "correlation_id", v->cause.correlation_id);
	json_close(r->w);
}

uint64_t evidence_note(struct evidence *v, const struct note *n)
{
	struct record r;

	if (!v)
		return 0;
	record_open_at(&r, &v->book, kind_of(n->kind), n->time,
		       clock_wall_ms());
	json_add_str(r.w, "event", note_kind_str(n->kind));
	record_add(&r, "registry", n->registry);
	record_add(&r, "key", n->key);
	record_add(&r, "version", n->version);
	record_add(&r, "previous_version", n->previous);
	record_add_time(&r, "effective", n->effective);
	if (n->window_ms)
		json_add_int(r.w, "window_ms", n->window_ms);
	if (n->kind == NOTE_STATE)
		json_add_str(r.w, "state",
			     engine_state_str(engine_state(v->options.engine)));
	if (n->blob) {
		record_add(&r, "lease", n->lease);
		record_add(&r, "blob", n->blob);
	}
	record_add(&r, "request_id", n->request_id);
	record_add(&r, "text", n->text);
	if (is_caused(v, n))
		add_cause(&r, v);
	return record_put(&r);
}

static void copy_member(char *dst, size_t size, const struct json *root,
			const char *name)
{
	const char *s = json_get_str(root, name);

	text_copy(dst, size, s ? s : "");
}

bool evidence_note_of(const struct chain_record *r, struct note *n)
{
	const char *event = json_get_str(r->root, "event");

	*n = (struct note){ .kind = 0, .time = r->time };
	while (n->kind < NOTE_KINDS &&
	       !text_same(event, note_kind_str(n->kind)))
		n->kind++;
	if (n->kind == NOTE_KINDS)
		return false;
	n->key = text_dup(json_get_str(r->root, "key"));
	n->registry = text_dup(json_get_str(r->root, "registry"));
	copy_member(n->version, sizeof(n->version), r->root, "version");
	copy_member(n->previous, sizeof(n->previous), r->root,
		    "previous_version");
	copy_member(n->text, sizeof(n->text), r->root, "text");
	return true;
}
