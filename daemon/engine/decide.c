/* Verdicts on plain facts: what a registry needs, what stands in its way. */
#include "engine/decide.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

/* ---- what has to be right whatever the version is ---- */

struct check {
	enum decide_reason reason;
	bool (*fails)(const struct decide_input *in);
};

static bool is_missing(const struct decide_input *in)
{
	return in->facts->missing;
}

static bool not_premium(const struct decide_input *in)
{
	return !in->facts->premium;
}

static bool no_cmk(const struct decide_input *in)
{
	return !in->facts->encrypted;
}

static bool key_unparsed(const struct decide_input *in)
{
	return !in->facts->key_valid;
}

static bool foreign_key(const struct decide_input *in)
{
	return !in->facts->own_key && !in->takeover;
}

static bool dead_end(const struct decide_input *in)
{
	return in->facts->provisioning == PROVISIONING_FAILED ||
	       in->facts->provisioning == PROVISIONING_CANCELED ||
	       in->facts->provisioning == PROVISIONING_DELETING;
}

/* In the order in which a person would want to hear of them.  A new check is
 * a row here and a reason with its clause below. */
static const struct check checks[] = {
	{ REASON_MISSING, is_missing },
	{ REASON_NO_CMK, no_cmk },
	{ REASON_NOT_PREMIUM, not_premium },
	{ REASON_KEY_UNPARSED, key_unparsed },
	{ REASON_FOREIGN_KEY, foreign_key },
	{ REASON_PROVISIONING, dead_end },
};

static struct decision say(enum decide_action action, enum decide_reason reason)
{
	return (struct decision){ action, reason };
}

static bool busy(const struct registry_facts *f)
{
	return f->provisioning == PROVISIONING_CREATING ||
	       f->provisioning == PROVISIONING_UPDATING ||
	       f->provisioning == PROVISIONING_OTHER;
}

/* The identity that reads the key has to be there, and the expected one. */
static enum decide_reason identity_fault(const struct decide_input *in)
{
	const char *reader = in->reader ? in->reader : in->facts->identity;

	if (in->reader ? !in->reader[0] : !in->facts->identity_attached)
		return REASON_IDENTITY_DETACHED;
	if (in->identity && in->identity[0] != '\0' &&
	    !text_same(in->identity, reader))
		return REASON_IDENTITY_OTHER;
	return REASON_NONE;
}

/* What is wrong with the version that is wanted.  To who is held at a version
 * by hand it is no matter what the newest one is like. */
static enum decide_reason wanted_fault(const struct decide_input *in)
{
	if (in->mode == WATCH_MANUAL &&
	    (in->target_fault < REASON_MANUAL_UNREAD ||
	     in->target_fault > REASON_MANUAL_UNFIT))
		return REASON_NONE;
	return in->target_fault;
}

/* In the form that the mode wants. */
static struct decision write_it(const struct decide_input *in)
{
	if (in->mode == WATCH_PIN || in->mode == WATCH_MANUAL || in->tried)
		return say(DECIDE_PIN, REASON_WRITING);
	return say(DECIDE_FOLLOW, REASON_WRITING);
}

/* On the wanted version already: is the identifier as the mode wants it? */
static struct decision when_current(const struct decide_input *in)
{
	/* The wanted version is in use, but it is disabled, expired ... */
	if (wanted_fault(in) != REASON_NONE)
		return say(DECIDE_HOLD, wanted_fault(in));
	if (in->reader &&
	    (!in->reader[0] || !text_same(in->reader, in->facts->identity))) {
		if (identity_fault(in) != REASON_NONE)
			return say(DECIDE_BLOCK, identity_fault(in));
		return write_it(in);
	}
	if (in->mode != WATCH_FOLLOW || in->facts->pinned[0] == '\0')
		return say(DECIDE_DONE, REASON_CURRENT);
	if (identity_fault(in) != REASON_NONE)
		return say(DECIDE_BLOCK, identity_fault(in));
	return say(DECIDE_RELEASE, REASON_RELEASE);
}

/*
 * Never back: what Key Vault calls newest must not be older than what the
 * registry has (a replica that lags, a state file that was lost).  Unknown
 * versions are looked at first.
 */
static bool goes_back(const struct decide_input *in, struct decision *d)
{
	if (!in->facts->own_key)
		return false;
	/* Very old versions tell no date; then Key Vault's word has to do. */
	if (in->in_use && in->target->created >= 0 &&
	    in->in_use->created > in->target->created) {
		*d = say(DECIDE_HOLD, in->in_use_gone ? REASON_IN_USE_LOST
						      : REASON_NEWEST_OLDER);
		return true;
	}
	if (in->in_use)
		return false;
	/* Nobody can tell.  A version is never deleted alone: a replica lags,
	 * or the key was made anew; and one that is disabled has to be
	 * enabled by a person before Azure can leave it. */
	*d = in->in_use_gone ? say(DECIDE_HOLD, REASON_IN_USE_UNREAD)
			     : say(DECIDE_LOOK, REASON_READ_FIRST);
	return true;
}

static struct decision when_behind(const struct decide_input *in)
{
	struct decision d;

	if (wanted_fault(in) != REASON_NONE)
		return say(DECIDE_HOLD, wanted_fault(in));
	if (in->mode == WATCH_MANUAL && !in->ordered)
		return say(DECIDE_HOLD, REASON_MANUAL);
	/* Whoever names a version by hand may name an older one.  Who only
	 * observes is told the same: a registry that Azure has moved before
	 * its key was polled is not late. */
	if (in->mode != WATCH_MANUAL && goes_back(in, &d))
		return d;
	if (in->mode == WATCH_OBSERVE)
		return say(DECIDE_WAIT, REASON_OBSERVE);
	if (identity_fault(in) != REASON_NONE)
		return say(DECIDE_BLOCK, identity_fault(in));
	return write_it(in);
}

struct decision decide_step(const struct decide_input *in)
{
	if (in->facts->hidden && !in->facts->missing)
		return say(DECIDE_UNKNOWN, REASON_IN_USE_UNTOLD);
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		if (checks[i].fails(in))
			return say(DECIDE_BLOCK, checks[i].reason);
	if (busy(in->facts))
		return say(DECIDE_WAIT, REASON_BUSY);
	/* Not known is not "another version": a write might undo a move. */
	if (in->facts->in_use[0] == '\0')
		return say(DECIDE_UNKNOWN, REASON_IN_USE_UNTOLD);
	if (!in->target)
		return say(DECIDE_HOLD, in->target_fault != REASON_NONE
						? in->target_fault
						: REASON_KEY_UNREAD);
	if (in->facts->own_key &&
	    text_same(in->facts->in_use, in->target->version))
		return when_current(in);
	return when_behind(in);
}

bool decide_blames_key(const struct fault *f)
{
	static const char *const codes[] = { "KeyDisabled", "KeyNotFound",
					     "KeyExpired", "KeyNotYetValid" };

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (text_same(f->azure_code, codes[i]) ||
		    text_same(f->inner_code, codes[i]))
			return true;
	return false;
}

enum decide_came decide_effect(const struct decide_effect *in)
{
	const struct registry_facts *f = in->facts;
	bool in_use = f->own_key && text_same(f->in_use, in->target);
	bool free = f->own_key && f->pinned[0] == '\0';

	if (!text_same(in->wrote, in->target))
		return CAME_TRUE; /* it was for another version */
	if (f->in_use[0] == '\0')
		return CAME_UNTOLD;
	if (in->reader && !text_same(in->reader, f->identity))
		return CAME_TO_NOTHING;
	switch (in->writing) {
	case DECIDE_PIN:
		return in_use ? CAME_TRUE : CAME_TO_NOTHING;
	case DECIDE_RELEASE:
		/* Azure may take another version for the newest. */
		return free && in_use ? CAME_TRUE : CAME_TO_NOTHING;
	case DECIDE_FOLLOW:
		if (!free)
			return CAME_TO_NOTHING;
		return in_use ? CAME_TRUE : CAME_IGNORED;
	default:
		return CAME_TRUE;
	}
}

enum decide_reason decide_usable(const struct key_version *v, int64_t azure_ms)
{
	if (!v->enabled)
		return REASON_NEWEST_DISABLED;
	if (v->not_before >= 0 && v->not_before > azure_ms)
		return REASON_NEWEST_NOT_YET;
	if (v->expires >= 0 && v->expires <= azure_ms)
		return REASON_NEWEST_EXPIRED;
	if (!v->rsa)
		return REASON_NEWEST_NOT_RSA;
	if (v->bits != 0 && v->bits < 2048)
		return REASON_NEWEST_SHORT;
	if (!v->wraps)
		return REASON_NEWEST_NO_WRAP;
	return REASON_NONE;
}

enum decide_reason decide_manual(const struct key_version *v, int64_t azure_ms)
{
	enum decide_reason r = decide_usable(v, azure_ms);

	if (r == REASON_NONE)
		return r;
	if (r == REASON_NEWEST_DISABLED)
		return REASON_MANUAL_DISABLED;
	return r == REASON_NEWEST_EXPIRED ? REASON_MANUAL_EXPIRED
					  : REASON_MANUAL_UNFIT;
}

static unsigned version_warnings(const struct key_version *in_use, bool missing,
				 bool disabled, int64_t azure_ms)
{
	unsigned bits = 0;

	if (missing)
		bits |= WARN_IN_USE_MISSING;
	if (disabled || (in_use && !in_use->enabled))
		bits |= WARN_IN_USE_DISABLED;
	if (!in_use)
		return bits;
	if (in_use->expires >= 0 && in_use->expires <= azure_ms)
		bits |= WARN_IN_USE_EXPIRED;
	else if (in_use->expires >= 0 &&
		 in_use->expires - DECIDE_EXPIRY_MS <= azure_ms)
		bits |= WARN_IN_USE_EXPIRING;
	if (!in_use->purge_protected)
		bits |= WARN_PURGEABLE;
	return bits;
}

unsigned decide_warnings(enum watch_mode mode, const char *identity,
			 const struct registry_facts *f,
			 const struct key_version *in_use, bool in_use_missing,
			 bool in_use_disabled, int64_t azure_ms)
{
	unsigned bits = 0;

	if (f->missing || !f->encrypted)
		return 0;
	if (!f->identity_attached)
		bits |= WARN_IDENTITY_DETACHED;
	if (identity[0] != '\0' && !text_same(identity, f->identity))
		bits |= WARN_IDENTITY_OTHER;
	/* Between pinning and releasing it is off by a leader's doing. */
	if (mode != WATCH_PIN && mode != WATCH_MANUAL && f->own_key &&
	    f->pinned[0] != '\0' && !f->led)
		bits |= WARN_AUTO_OFF;
	if (f->drifted)
		bits |= WARN_DRIFT;
	if (f->own_in_use)
		bits |= version_warnings(in_use, in_use_missing,
					 in_use_disabled, azure_ms);
	return bits;
}

unsigned decide_age(int64_t created, int64_t max_age, int64_t azure_ms)
{
	int64_t before = max_age / 2 < DECIDE_EXPIRY_MS ? max_age / 2
							: DECIDE_EXPIRY_MS;
	int64_t age = azure_ms - created;

	if (created < 0 || max_age <= 0 || age < max_age - before)
		return 0;
	return age < max_age ? WARN_KEY_AGEING : WARN_KEY_OLD;
}

const char *decide_state_str(enum decide_state s)
{
	switch (s) {
	case STATE_UNKNOWN:
		return "unknown";
	case STATE_CURRENT:
		return "current";
	case STATE_ROTATING:
		return "rotating";
	case STATE_VERIFYING:
		return "verifying";
	case STATE_HELD:
		return "held";
	case STATE_BLOCKED:
		return "blocked";
	case STATE_OVERDUE:
		return "overdue";
	case STATE_UNREACHABLE:
		return "unreachable";
	case STATE_PAUSED:
		return "paused";
	case DECIDE_STATES:
		break;
	}
	return "unknown";
}

const char *decide_reason_str(enum decide_reason r)
{
	switch (r) {
	case REASON_NONE:
		return "";
	case REASON_NOT_READ:
		return "it has not been read yet";
	case REASON_STALE:
		return "it has not been read within its re-read interval";
	case REASON_UNREACHABLE:
		return "it cannot be read";
	case REASON_KEY_UNREAD:
		return "its key has not been read yet";
	case REASON_KEY_ERROR:
		return "its key cannot be read";
	case REASON_KEY_STALE:
		return "its key has not been read within two poll intervals";
	case REASON_CURRENT:
		return "verified on the wanted version";
	case REASON_MISSING:
		return "not found: the registry does not exist, or the credential may not see it";
	case REASON_NOT_PREMIUM:
		return "not Premium: only a Premium registry can use a customer-managed key";
	case REASON_NO_CMK:
		return "no customer-managed key: encryption is not enabled with a key of Key Vault";
	case REASON_FOREIGN_KEY:
		return "foreign key: the registry uses another key than this watch";
	case REASON_KEY_UNPARSED:
		return "its key identifier cannot be understood";
	case REASON_PROVISIONING:
		return "its provisioning state is not Succeeded and will not become so by itself";
	case REASON_NEWEST_DISABLED:
		return "the newest version is disabled";
	case REASON_NEWEST_NOT_YET:
		return "the newest version is not valid yet (nbf)";
	case REASON_NEWEST_EXPIRED:
		return "the newest version has expired";
	case REASON_NEWEST_NOT_RSA:
		return "the newest version is not an RSA key";
	case REASON_NEWEST_SHORT:
		return "the newest version has fewer than 2048 bits";
	case REASON_NEWEST_NO_WRAP:
		return "the newest version does not allow wrapKey and unwrapKey";
	case REASON_NEWEST_OLDER:
		return "Key Vault shows a newest version that is older than the one in use";
	case REASON_NEWEST_MISSING:
		return "the key is not found: it was deleted, or never existed";
	case REASON_IN_USE_UNREAD:
		return "the version in use cannot be read in Key Vault (disabled, not found, or not answered), so nobody can tell whether the newest is newer";
	case REASON_IN_USE_LOST:
		return "the version in use is not to be had in Key Vault any more, and what is left there is older; recover it, or restore a newer backup of the key";
	case REASON_IN_USE_UNTOLD:
		return "Azure does not tell which version is in use";
	case REASON_MANUAL:
		return "it is not on the version that the watch names; a manual key is moved only by hand, with keyrotctl rotate";
	case REASON_MANUAL_UNREAD:
		return "the version that the watch names has not been read yet, or cannot be read";
	case REASON_MANUAL_MISSING:
		return "the version that the watch names is not found in Key Vault; correct the watch's title, or recover the key";
	case REASON_MANUAL_DISABLED:
		return "the version that the watch names is disabled";
	case REASON_MANUAL_EXPIRED:
		return "the version that the watch names has expired";
	case REASON_MANUAL_UNFIT:
		return "the version that the watch names is not valid yet, or is not an RSA key of 2048 bits or more that allows wrapKey and unwrapKey";
	case REASON_CANARY_REFUSED:
		return "the registry that went first was refused the new version";
	case REASON_DRY_RUN:
		return "dry run: nothing is written";
	case REASON_BUSY_LONG:
		return "Azure has been updating it for more than ten minutes, and nothing more is written until that ends; see which operation it is";
	case REASON_IDENTITY_DETACHED:
		return "the identity that reads the key is no longer assigned to the registry; assign it again first";
	case REASON_IDENTITY_OTHER:
		return "the registry reads its key with another identity than the watch names; change the one or the other";
	case REASON_REFUSED:
		return "Azure refused the new version";
	case REASON_IN_VAIN:
		return "Azure accepts what is written, and then nothing changes; somebody else may be writing too, or the registry needs support";
	case REASON_DENIED:
		return "access is denied";
	case REASON_BUSY:
		return "Azure is updating it";
	case REASON_OBSERVE:
		return "this watch only observes; Azure's own rotation is awaited";
	case REASON_WRITING:
		return "the new version is being written";
	case REASON_OPERATION:
		return "Azure is carrying out the move";
	case REASON_READ_BACK:
		return "the move is being read back";
	case REASON_CANARY_WAIT:
		return "it waits for the registry that goes first";
	case REASON_TURN:
		return "it waits for its turn";
	case REASON_RETRY:
		return "it is tried again";
	case REASON_READ_FIRST:
		return "the version in use is being looked at";
	case REASON_RELEASE:
		return "it goes back to the unversioned identifier";
	case REASON_PAUSED:
		return "paused by hand";
	case REASON_STANDBY:
		return "it waits for the daemon that leads";
	case REASON_LATE_UNREAD:
		return "it cannot be read and its deadline has passed, so a missed deadline cannot be excluded";
	case REASON_LATE_UNTOLD:
		return "Azure does not tell which version is in use and its deadline has passed, so a missed deadline cannot be excluded";
	case REASON_DARK:
		return "it or its key was not read for longer than a window, so a missed deadline cannot be excluded";
	}
	return "";
}

static const struct {
	const char *name, *text;
} warnings[DECIDE_WARNINGS] = {
	{ "identity-detached",
	  "The identity that reads the key is no longer assigned to the registry: about three months later all access to images is lost. Assign it again." },
	{ "identity-other",
	  "The registry reads its key with another identity than the watch names: no new version is written to it. Change the registry, or the watch." },
	{ "auto-rotation-off",
	  "The identifier names a version, so Azure's own rotation is off." },
	{ "in-use-disabled",
	  "The version in use is disabled: pulls and pushes fail, or soon will. Enable it again." },
	{ "in-use-expired",
	  "The version in use has expired: nothing new can be encrypted with it. Make a new version, or move its expiry." },
	{ "in-use-expiring",
	  "The version in use expires within 30 days. Make a new version." },
	{ "in-use-missing",
	  "The version in use is not found: its key was deleted. Recover that before it is purged." },
	{ "purgeable",
	  "The key can be purged while soft-deleted, which would lose all images. Switch on purge protection in the vault." },
	{ "drift", "Another writer changed the registry's key settings." },
	{ "key-ageing",
	  "The key's version will soon be older than its max-age. Make a new version." },
	{ "key-too-old",
	  "The key's version is older than its max-age. Make a new version, or see to it that the key's rotation policy does." },
};

const char *decide_warning_name(unsigned bit)
{
	return bit < DECIDE_WARNINGS ? warnings[bit].name : "";
}

const char *decide_warning_text(unsigned bit)
{
	return bit < DECIDE_WARNINGS ? warnings[bit].text : "";
}

const char *decide_alarm(unsigned bits)
{
	static const unsigned gravest[] = {
		WARN_IN_USE_MISSING, WARN_IN_USE_DISABLED,
		WARN_IN_USE_EXPIRED, WARN_IDENTITY_DETACHED,
		WARN_IDENTITY_OTHER, WARN_KEY_OLD,
	};

	for (size_t i = 0; i < sizeof(gravest) / sizeof(*gravest); i++)
		if (bits & gravest[i])
			return warnings[__builtin_ctz(gravest[i])].text;
	return NULL;
}

bool decide_is_alarm(enum decide_state state, unsigned bits)
{
	return (bits & DECIDE_LOCKED) ||
	       (state != STATE_OVERDUE && decide_alarm(bits));
}

unsigned decide_harm(enum decide_state state, unsigned bits)
{
	static const unsigned of_state[DECIDE_STATES] = {
		[STATE_OVERDUE] = 7,	 [STATE_BLOCKED] = 5,
		[STATE_UNREACHABLE] = 4, [STATE_HELD] = 3,
		[STATE_UNKNOWN] = 2,	 [STATE_PAUSED] = 1,
	};

	if (bits & DECIDE_LOCKED)
		return 8;
	return decide_is_alarm(state, bits) ? 6 : of_state[state];
}
