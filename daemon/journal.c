/* Which kind of note is how loud, what the journal's catalog knows it by, and
 * the fields that its line has. */
#include "journal.h"

#include "base/log.h"
#include "base/text.h"

/* Made by `systemd-id128 new`, one for each kind, and never changed: people
 * filter by them.  systemd/keyrotd.catalog explains each. */
static const struct {
	enum log_level level;
	const char *id;
} kinds[] = {
	[NOTE_NEW_VERSION] = { LOG_LEVEL_NOTICE,
			       "583484f6b1b041989b4ffcf5e470411b" },
	[NOTE_WRITE] = { LOG_LEVEL_NOTICE, "058dec738efc4655a530943d50a1d97f" },
	[NOTE_ACCEPTED] = { LOG_LEVEL_INFO,
			    "932c138cd4d7440b8e9ed5434a07aa34" },
	[NOTE_VERIFIED] = { LOG_LEVEL_NOTICE,
			    "44bd4d6c0b994f7aa53bf7c7f5965c02" },
	[NOTE_LATE] = { LOG_LEVEL_ERROR, "8d3401438d8a46c1abcc35eff6cd1dd2" },
	[NOTE_FAILED] = { LOG_LEVEL_WARNING,
			  "2fb1d0e471774c05a71757eb3e796a3a" },
	[NOTE_BLOCKED] = { LOG_LEVEL_ERROR,
			   "0bbf1b6c7d9d42ad9b8b878c60cd9ee2" },
	[NOTE_HELD] = { LOG_LEVEL_WARNING, "c55291bba5d34852b283c98e4fab0978" },
	[NOTE_OVERDUE] = { LOG_LEVEL_ERROR,
			   "905c2515d6d940bab1322af8e13240fd" },
	[NOTE_DRIFT] = { LOG_LEVEL_WARNING,
			 "bf068eb6455c4b64986dab4a706d7222" },
	[NOTE_WARNING] = { LOG_LEVEL_WARNING,
			   "2c9d25d050904c3a9c1852c65039b0b4" },
	[NOTE_KEY_ERROR] = { LOG_LEVEL_WARNING,
			     "89db4e9c715a404e8c7f0db1ca8c8234" },
	[NOTE_KEY_OK] = { LOG_LEVEL_NOTICE,
			  "25580cc36d8340cca3b79c2b44d914eb" },
	[NOTE_KEY_WAY] = { LOG_LEVEL_NOTICE,
			   "00c0bd2931b04f71bb938a0f5815986c" },
	[NOTE_FOUND] = { LOG_LEVEL_NOTICE, "ca72d4f7c6024756a23e541cdae5a8a6" },
	[NOTE_RETIRED] = { LOG_LEVEL_NOTICE,
			   "e449acf05e9c40a39901e8989133a46e" },
	[NOTE_LEADER] = { LOG_LEVEL_NOTICE,
			  "f36fb7734c0d432780f61d37f7663baf" },
	[NOTE_STANDBY] = { LOG_LEVEL_NOTICE,
			   "9a0999f5b7f04dc1b753041b7f33cd36" },
	[NOTE_ALONE] = { LOG_LEVEL_NOTICE, "70bbb1ce881f459383a7d87e85bc1da1" },
	[NOTE_PAUSED] = { LOG_LEVEL_NOTICE,
			  "21af3d54ebe148a38379703cdb4bc46d" },
	[NOTE_RESUMED] = { LOG_LEVEL_NOTICE,
			   "4013a7bf477e4d5c88fe3640047d0f8b" },
	[NOTE_ORDER] = { LOG_LEVEL_NOTICE, "ccc285e4fd104a01b6686a0cb8b41303" },
	[NOTE_ORDER_OVER] = { LOG_LEVEL_NOTICE,
			      "07897ea88d38444f8228862e4cbf8495" },
	[NOTE_RELOAD] = { LOG_LEVEL_NOTICE,
			  "cc138e83a29345d996846aa6ee226b40" },
	[NOTE_RELOAD_REFUSED] = { LOG_LEVEL_ERROR,
				  "6f0d1c2a9b4e4d7f8a35c1e07d92b6f4" },
	[NOTE_STATE] = { LOG_LEVEL_NOTICE, "4b5ed256c29442df8e9423f09531bede" },
	[NOTE_CLOCK] = { LOG_LEVEL_WARNING,
			 "f7e5b35afec545d9a2eafd7a6df422dd" },
	[NOTE_DRY_RUN] = { LOG_LEVEL_NOTICE,
			   "3a4018b00f144223843df0f84d2acde5" },
	[NOTE_FORECAST] = { LOG_LEVEL_WARNING,
			    "1080a94a72744b728665280cbf736c84" },
	[NOTE_FORECAST_OVER] = { LOG_LEVEL_NOTICE,
				 "1ec71cc3840b4690aa7ea60f95b076ae" },
};

/* Of a configuration that is not taken over; no note, for no engine knows. */
#define REFUSED_ID "b1535f4d4aba49ccbb885e244fdf8608"

#define FIELDS 11
#define TIME_MAX 40

/* A field that does not apply is absent, so that a filter by its name finds
 * what has it. */
static void add(struct log_field fields[static FIELDS], size_t *n,
		const char *name, const char *value)
{
	if (value && *value)
		fields[(*n)++] = (struct log_field){ name, value };
}

void journal_note(const struct note *n, const char *request)
{
	struct log_field fields[FIELDS] = { 0 };
	char deadline[TIME_MAX] = "";
	size_t count = 0;

	if (n->effective >= 0 && n->window_ms > 0)
		text_time(deadline, sizeof(deadline),
			  n->effective + n->window_ms);
	add(fields, &count, "MESSAGE_ID", kinds[n->kind].id);
	add(fields, &count, "KEYROTD_EVENT", note_kind_str(n->kind));
	add(fields, &count, "KEYROTD_KEY", n->key);
	add(fields, &count, "KEYROTD_REGISTRY", n->registry);
	add(fields, &count, "KEYROTD_VERSION", n->version);
	add(fields, &count, "KEYROTD_PREVIOUS_VERSION", n->previous);
	add(fields, &count, "KEYROTD_DEADLINE", deadline);
	add(fields, &count, "KEYROTD_REQUEST_ID", request);
	add(fields, &count, "KEYROTD_LEASE", n->lease);
	add(fields, &count, "KEYROTD_ROLE", n->role);
	log_fields(kinds[n->kind].level, fields, "%s", n->text);
}

void journal_refused(const char *text)
{
	static const struct log_field fields[] = {
		{ "MESSAGE_ID", REFUSED_ID },
		{ "KEYROTD_EVENT", "configuration-refused" },
		{ NULL, NULL },
	};

	log_fields(LOG_LEVEL_ERROR, fields, "%s", text);
}
