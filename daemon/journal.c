/* Which kind of note is how loud, and the fields that its line has. */
#include "journal.h"

#include "base/log.h"

static enum log_level level_of(enum note_kind kind)
{
	switch (kind) {
	case NOTE_LATE:
	case NOTE_OVERDUE:
	case NOTE_BLOCKED:
	case NOTE_RELOAD_REFUSED:
		return LOG_LEVEL_ERROR;
	case NOTE_FAILED:
	case NOTE_HELD:
	case NOTE_DRIFT:
	case NOTE_WARNING:
	case NOTE_KEY_ERROR:
	case NOTE_CLOCK:
	case NOTE_FORECAST:
		return LOG_LEVEL_WARNING;
	case NOTE_ACCEPTED:
		return LOG_LEVEL_INFO;
	default:
		return LOG_LEVEL_NOTICE;
	}
}

void journal_note(const struct note *n)
{
	struct log_field fields[] = {
		{ "KEYROTD_EVENT", note_kind_str(n->kind) },
		{ "KEYROTD_KEY", n->key ? n->key : "" },
		{ "KEYROTD_REGISTRY", n->registry ? n->registry : "" },
		{ "KEYROTD_VERSION", n->version },
		{ "KEYROTD_PREVIOUS_VERSION", n->previous },
		{ NULL, NULL },
	};

	log_fields(level_of(n->kind), fields, "%s", n->text);
}
