/*
 * model: what the engine knows, in structures grouped by who may change them;
 * questions that only read; and marks.
 *
 * One way through the engine: an event becomes values (traffic/job.h), each
 * value goes to its subject (key, list, move), the subject changes its own
 * part and marks what it touched, and settle looks at what is marked.  A mark
 * says "look"; that something has changed is found by comparing with what was
 * last judged by.
 *
 * struct engine owns everything here.  Nobody outside of engine/ includes
 * this, but for the tests that look inside.
 */
#ifndef KEYROTD_ENGINE_MODEL_H
#define KEYROTD_ENGINE_MODEL_H

#include <sys/queue.h>

#include "base/backoff.h"
#include "base/heap.h"
#include "base/intern.h"
#include "engine/decide.h"
#include "engine/engine.h"
#include "engine/forecast.h"
#include "engine/lease_role.h"
#include "engine/repeat.h"
#include "engine/rule.h"
#include "traffic/traffic.h"

#define ENGINE_VERSIONS_MAX 32 /* remembered per key, beyond those in use */
#define ENGINE_NOTES_MAX 20000 /* waiting to be fetched; then dropped */
#define ENGINE_LIST_FROM 3     /* registries that make a LIST cheaper */
/* What was read well just before and is not found gets so many looks before
 * that is believed, this far apart; then one each minute. */
#define ENGINE_LOOKS 3
#define ENGINE_LOOK_MS 10000
#define ENGINE_GONE_MS 60000
/* What was verified and is not shown any more, or is not told, gets as many,
 * this far apart. */
#define ENGINE_DOUBT_MS 5000
#define ENGINE_PAUSE_MAX_MS 86400000
#define ENGINE_ROUNDS_MAX 8   /* of settle, for one value */
#define ENGINE_SLOT_MS 300000 /* an operation longer than this lets others by */
/* One that Azure has been at work on for longer is told of: that may be for
 * ever. */
#define ENGINE_DRAG_MS 600000
#define ENGINE_TRIES 3 /* in vain: then --once waits no longer */

/* The engine's own timers (traffic/timer.h). */
enum {
	TIMER_TRUTH = TIMER_OWNER,
	TIMER_WATCH,
	TIMER_DOCTOR,
	TIMER_DISCOVER,
	TIMER_LEASE
};

/* What settle is to look at. */
enum mark {
	MARK_LOOK = 1 << 0,  /* health, and whose turn it is */
	MARK_JUDGE = 1 << 1, /* a registry: what does it need?  A watch: its
				key was read, who uses what? */
	MARK_ASK = 1 << 2,   /* a registry at rest: read it now; a watch:
				read the versions in use */
};

#define ENGINE_DEPARTED_MAX 100000 /* then nothing is called clear */
#define DEPARTED_BUCKETS 4096

struct departed { /* a registry that left the file, and is not read since */
	char *id;
	char *base; /* the key's identifier; NULL: of whatever key */
	char version[KEYID_VERSION_MAX]; /* "" Azure did not tell which */
	int64_t seen;			 /* Azure ms: it was on it; -1 */
	char *credential;		 /* that had read it, its name; NULL */
	/* visit's. */
	char *at;		      /* where a LIST has shown it; NULL */
	const struct scope *shown_by; /* the scope of that LIST ... */
	unsigned shown;		      /* ... and its pass */
	unsigned absent;	      /* not shown, LISTs in a row */
	bool elsewhere;		      /* shown on another version */
	struct scope *wanted;	      /* it is in its visit.wanted; NULL */
	TAILQ_ENTRY(departed) wanted_link;
	LIST_ENTRY(departed) link, version_link;
};
TAILQ_HEAD(departed_list, departed);
LIST_HEAD(departed_bucket, departed);

struct departed_table {
	struct departed_bucket by_id[DEPARTED_BUCKETS];
	struct departed_bucket by_version[DEPARTED_BUCKETS];
};

struct seen_version { /* a version of a watch's key */
	struct key_version v;
	int64_t read_at;    /* boot ms of the last successful read; -1 never */
	int64_t tried_at;   /* boot ms of the last attempt; -1 never */
	unsigned absent;    /* 404 in a row, not believed yet */
	unsigned failed;    /* other failures to read it, in a row */
	bool missing;	    /* 404 when last asked, and believed */
	bool disabled;	    /* 403 KeyDisabled when last asked */
	bool begun;	    /* its nbf has passed, by a safe margin */
	bool ended;	    /* its exp has passed */
	bool was_newest;    /* it was taken for the newest once */
	bool ahead;	    /* key's: it was in use before we knew that there is
			       a newer one, and the newest was asked for */
	unsigned in_use;    /* registries of this watch that showed it last */
	unsigned strangers; /* registries of other watches that did */
	int64_t off_since;  /* Azure ms: nothing shows it since; -1 */
	int64_t left_at;    /* Azure ms: the last one to leave it did; -1 not
			       in this life */
	bool sure;	    /* every registry was read since then */
	int64_t got_since;  /* Azure ms: each of its registries was read by a
			       GET of its own then or later; -1 */
};

enum canary_state {
	CANARY_NONE,
	CANARY_RUNNING,
	CANARY_PASSED,
	CANARY_DOUBTED, /* one was refused, for what nobody can tell: another
			   one is tried at once */
	CANARY_REFUSED	/* for the key's sake: the others are held */
};

/* What settle judges a watch's registries by. */
struct verdict {
	char wanted[KEYID_VERSION_MAX]; /* "" not known */
	unsigned revision;		/* of what is known of its versions */
	enum decide_reason fault;	/* why nothing may be moved to it */
	enum fault_kind error;		/* of the last poll ... */
	bool hopeless;			/* ... ENGINE_TRIES times in a row */
	bool fresh;
	bool refused; /* its canary was ... */
	bool stuck;   /* ... or has been tried a few times in vain */
};

TAILQ_HEAD(registry_list, registry);

struct share { /* the registries of one watch in one scope; outlook's */
	struct scope *scope;
	size_t left; /* that have yet to move ... */
	size_t paid; /* ... and whose write is done already */
	LIST_ENTRY(share) link;
};

/* One place in which a rule finds registries; rules'. */
struct look {
	struct rule *rule;
	struct scope *scope;	/* whose LIST shows them */
	size_t place;		/* of the rule's places */
	bool heard;		/* its LIST has come, or has failed, once */
	bool whole;		/* it has seen the pass from its beginning */
	bool odd;		/* ... which showed what cannot be told apart */
	struct rule_seen *seen; /* of the pass under way ... */
	size_t n_seen;
	struct rule_seen *fresh; /* of the last one: who would come */
	size_t n_fresh;
	unsigned seeing[RULE_VERDICTS]; /* so many of the pass under way ... */
	unsigned shown[RULE_VERDICTS];	/* ... and of the last one */
	size_t beyond;			/* of the last one: who has no room */
	bool decided;			/* ... as far as was decided on it */
	int64_t listed_at; /* Azure ms: its end; -1 none in this life */
	LIST_ENTRY(look) link;
};
LIST_HEAD(look_list, look);

struct rule { /* a discover block; rules' */
	char *name;
	const struct config_rule *file; /* NULL: it names it no more */
	size_t order;			/* among the rules of the file */
	enum watch_mode mode;		/* as the last file that named it */
	struct look *looks;
	size_t n_looks;
	bool heard;	     /* before the last reload: each of them was */
	size_t n_registries; /* that it has brought */
	unsigned kept;	     /* of them: mark of a reload */
	size_t beyond;	     /* that max-registries has no room for ... */
	size_t told;	     /* ... and how many were told of */
	bool nobody;	     /* it has watched nobody, as was told ... */
	bool nobody_told;    /* ... since the last reload */
};

struct lease { /* lease's */
	char *name;
	char *url; /* of the blob */
	struct end *end;
	bool prefer;
	bool kept;	 /* mark of a reload */
	bool more, less; /* ... which has put something under it; under none */
	bool left;	 /* ... which names it no more */
	bool leaving;	 /* the file names it no more: it is let go of */
	bool ending;	 /* and so are all: the daemon ends */
	char id[37];	 /* by which it is ours; a GUID */
	struct lease_facts facts;
	struct job job;
	enum lease_step asked;	    /* the last question */
	struct lease_holder teller; /* what that one tells people */
	bool wishing;		    /* ... under the holder's id: we want it */
	struct timer timer;	    /* no answer came, or the role lapses */
	int64_t overdue_at;	    /* boot ms: then the question is lost; -1 */
	int64_t rest_until;	    /* boot ms: it is not asked for before */
	int64_t looked_at;	    /* boot ms: the metadata was read; -1 */
	int64_t known_at;	    /* Azure ms: and the holder was told; -1 */
	int64_t wanted_at;	    /* boot ms: we wrote our wish there; -1 */
	int64_t made_at;	    /* boot ms: the blob was made; -1 */
	bool told;		    /* our name stands there */
	bool resized;		    /* the file has another duration */
	/* Whose it is was told, or a few questions have failed; then that is
	 * looked at. */
	bool heard, was_heard;
	unsigned failures; /* since the outage began */
	unsigned failed;   /* bits: steps that failed, not done since */
	bool unanswered;   /* the last question came to nothing */
	struct lease_holder holder; /* who holds it, as it is told; "" */
	const struct fault *error;  /* of an outage, its last one; NULL */
	int64_t failing_since;	    /* Azure ms; -1 */
	/* As was last told. */
	enum lease_role role;
	bool confirmed, role_told;
	char told_of[40]; /* who leads, by id */
	int64_t since;	  /* Azure ms: it has this role */
	uint64_t changes; /* of the role, in this life */
	TAILQ_ENTRY(lease) link;
};
TAILQ_HEAD(lease_list, lease);

/* What becomes of a message of a queue. */
enum hint_outcome {
	HINT_POLLED,	/* a key is polled now */
	HINT_MERGED,	/* ... or is to be within moments already */
	HINT_UNWATCHED, /* it is about nothing that is watched */
	HINT_DROPPED,	/* it cannot be read, or tells of something else */
	HINT_OUTCOMES
};

#define HINT_DROPS 8 /* messages that are being deleted at once */

struct hint_queue;

struct hint_drop { /* a message that is being deleted */
	struct hint_queue *queue;
	struct job job;
	char *message, *receipt; /* NULL: none is */
};

struct hint_queue { /* an events block; hint's */
	char *name, *url;
	int64_t max_wait_ms;
	struct end *end;
	struct job job; /* takes messages */
	struct hint_drop drops[HINT_DROPS];
	struct {
		char *message, *receipt;
	} done[HINTS_MAX]; /* to be deleted */
	size_t n_done;
	bool heard;	    /* it was read once */
	int64_t came_at;    /* boot ms: the last message, or it began */
	int64_t came_azure; /* Azure ms: the last message; -1 none */
	uint64_t n[HINT_OUTCOMES];
	const struct fault *error;	/* it could not be read; NULL */
	const struct fault *drop_error; /* a message not be deleted; NULL */
};

struct watch {
	/* adopt's: what the file says. */
	struct keyid key;      /* version "" unless manual */
	char *base;	       /* identifier without version */
	struct watch *sibling; /* ring of the watches of this key */
	enum watch_mode mode;
	bool takeover, canary_first;
	char identity[CALL_IDENTITY_MAX]; /* expected; "" any */
	unsigned max_parallel;
	int64_t max_age; /* ms that its version may be old; 0: any age */
	bool kept;	 /* mark of a reload */
	bool retired;	 /* gone from the file, a write is in flight */
	const struct rule *rule; /* whose it is; NULL: of a watch block */
	struct lease *lease;	 /* whose holder acts; NULL: always we */
	enum config_via via;
	char *vault_resource; /* NULL: there is only one way */
	struct end *vault;
	struct end *arm; /* its vault's subscription; NULL with that */
	struct registry_list registries;
	size_t n_registries;
	struct registry *named; /* the file names it to go first; NULL */
	TAILQ_ENTRY(watch) link;

	int64_t since; /* boot ms: it is watched */

	/* key's: what Key Vault told. */
	struct job job;
	enum { KEY_NEWEST, KEY_VERSION } asking;
	char asking_version[KEYID_VERSION_MAX]; /* for KEY_VERSION */
	char newest[KEYID_VERSION_MAX];		/* "" until first read */
	int64_t polled_at;	/* boot ms of the last good read; -1 never */
	int64_t polled_azure;	/* the same on Azure's clock; -1 */
	struct trace polled_by; /* the request that showed the newest */
	int64_t first_seen;	/* Azure ms, of the newest version */
	bool newest_disabled;	/* 403 KeyDisabled: id not told */
	unsigned absent;	/* 404 in a row, not believed yet */
	bool gone;		/* 404, and nothing else was told since */
	int64_t next_poll;	/* boot ms: until then only versions are read */
	int64_t asked_at;	/* boot ms: the newest was asked for last */
	int64_t hint_wait; /* ms: then it is looked again what a hint meant;
				   0: not */
	bool doubting; /* what was shown as newest is older, or was left: the
			 one we know is looked up before either is believed */
	struct key_version shown; /* ... and that is what was shown */
	unsigned rivals;     /* of its own second, shown and nothing else, in a
			    row ... */
	int64_t rival_since; /* ... boot ms of the first */
	unsigned lookups;    /* of it that found nothing, in a row ... */
	int64_t lost_since;  /* ... boot ms of the first */
	const struct fault *error; /* last poll's, NULL when it was good */

	uint64_t walked; /* hint_key's: engine.turn in which its vault's keys
			    were looked at for a hint; 0 never */

	/* policy's. */
	struct {
		struct job job;
		char *text;  /* in words; NULL: not known */
		bool denied; /* it may not be read */
	} policy;

	/* key_way's. */
	bool around;	     /* the vault's network rules refused us, and it has
				told nothing of the key since */
	int64_t vault_again; /* boot ms: then it is tried again */

	/* versions'. */
	struct seen_version *seen;
	size_t n_seen;
	unsigned revision;
	int64_t want_at;     /* boot ms: then it is looked for who had no GET */
	int64_t known_since; /* Azure ms: a registry that nobody knew was
				    read first, and may have left a version
				    just then; -1 */
	unsigned untold;     /* of its registries, and of other watches'
				    on its key: they do not tell which ... */
	unsigned strange_untold; /* ... version of it they use */

	/* canary's. */
	struct registry *canary;		/* goes, or went, first */
	char canary_version[KEYID_VERSION_MAX]; /* that it tries, or tried */
	bool named_out; /* it cannot go for this version */
	enum canary_state canary_state;
	struct registry *doubted;   /* the one that was refused then ... */
	char doubt[FAULT_CODE_MAX]; /* ... with this code */
	int64_t second_at; /* boot ms: `canary` took its place as the second */
	unsigned seconds;  /* that took it, for this version */
	unsigned active;   /* moves under way (max-parallel) */
	struct registry_list waiters;	/* for the new version */
	struct registry_list returners; /* to the unversioned identifier */

	/* outlook's. */
	LIST_HEAD(, share) shares;
	size_t left; /* of its registries that have yet to move */
	TAILQ_ENTRY(watch) moving_link; /* in engine.movers: there are some */

	/* health's. */
	bool bad;   /* counted in engine.n_bad_keys */
	bool heard; /* it was read, or has failed, once */

	/* command's. */
	bool hurried; /* its back-off has just been ended by a person */

	/* settle's. */
	struct verdict judged;
	struct timer timer; /* time alone changes the verdict, or whose turn
				it is */
	unsigned marks;
	TAILQ_ENTRY(watch) mark_link;
};
TAILQ_HEAD(watch_list, watch);

struct scope { /* registries of one subscription under one credential */
	/* adopt's. */
	char subscription[37];
	char *group; /* only to be listed, for rules: this one; NULL */
	struct end *end;
	struct registry_list registries;
	size_t n_registries;
	TAILQ_ENTRY(scope) link;
	/* list's. */
	struct job job;
	char **pages; /* links of this pass that were followed; the last ... */
	size_t n_pages; /* ... one is asked for; none: the first page */
	unsigned pass;
	size_t listed;	      /* registries that this pass has shown */
	unsigned failed;      /* passes in a row that broke off */
	bool alone;	      /* so often that each registry is read itself */
	int64_t pass_started; /* boot ms; what was read since is newer */
	const struct fault *error; /* of all that it covers; NULL */
	bool dark;		   /* counted in engine.n_looks_dark */
	bool seeking;		   /* for one that is not where the file says */
	int64_t sought_at;	   /* boot ms; -1 never */
	/* visit's: of registries that left the file, one by one. */
	struct {
		struct job job;
		char *id;		     /* that is asked; NULL */
		struct departed_list wanted; /* to be asked then */
		unsigned odd; /* the last pass that showed too little */
	} visit;
	/* rules'. */
	struct look_list looks; /* that its LIST is for, too */
	bool tags;		/* some of them want tags */
	/* command's. */
	bool hurried, named; /* its back-off was ended; it was told of */
	/* outlook's. */
	size_t ahead;	   /* while a forecast is made: counted already ... */
	size_t ahead_paid; /* ... and of those, share.paid */
};
TAILQ_HEAD(scope_list, scope);

/* A move that a person has asked for.  It ends when it is verified, or will
 * not be done: that is told, and it is not tried again. */
struct order {
	char *identity; /* to read the key from then on: client id, resource
			   id, "system"; NULL: as it is ... */
	bool looked;	/* ... and it was looked for on the registry ... */
	char reader[CALL_IDENTITY_MAX];	 /* ... found as this; "" it is not
					   assigned */
	bool takeover;			 /* from the key that it is on */
	char version[KEYID_VERSION_MAX]; /* to no other one; "": whichever is
					    wanted */
	int64_t until;			 /* boot ms: then it is given up */
	char *by;			 /* who asked, and why: a clause */
};

/* What a registry is doing.  One function assigns it:
 * move_state_phase. */
enum move_phase {
	PHASE_IDLE,    /* waits for its next read */
	PHASE_READ,    /* GET asked */
	PHASE_WRITE,   /* PATCH asked */
	PHASE_POLL,    /* operation: next poll is timed */
	PHASE_POLLING, /* operation status asked */
	PHASE_VERIFY,  /* operation over, read-back is timed or asked */
	PHASE_WAIT,    /* waits for its turn (canary, max-parallel) */
};

/* Nothing is written.  Who said so, and why: either may be NULL. */
struct pause {
	int64_t until; /* Azure ms */
	char *by, *reason;
};

/* What has become of a write. */
enum sent_end {
	SENT_ASKED,    /* no answer yet */
	SENT_LOST,     /* none came, or none that says whether it was done */
	SENT_REFUSED,  /* Azure did not accept it */
	SENT_ACCEPTED, /* and is carrying it out */
	SENT_DONE,     /* the operation is over */
	SENT_FAILED,   /* the operation failed */
};

/* The last write to a registry, for people. */
struct sent {
	int64_t at;	      /* Azure ms: it was asked for */
	int64_t answered;     /* Azure ms; -1 */
	struct trace by;      /* the request */
	struct trace version; /* that it was for: 32 digits */
	short status;	      /* HTTP's, 0: no answer */
	unsigned char action; /* of enum decide_action */
	unsigned char end;    /* of enum sent_end */
};

/* How a move ended, for canary. */
enum move_outcome {
	OUTCOME_NONE,
	OUTCOME_PASSED,	 /* verified on the wanted version */
	OUTCOME_REFUSED, /* maybe for the key's sake: error tells */
	OUTCOME_YIELD,	 /* its trouble is its own: another one goes first */
};

enum canary_queue { QUEUE_NONE, QUEUE_WAITERS, QUEUE_RETURNERS };

struct stranger { /* a registry that was read on another key; versions' */
	struct registry *registry;
	struct watch *host;  /* which that key is of; NULL: none */
	const char *version; /* counted there; a text of engine.names */
	TAILQ_ENTRY(stranger) link;
};
TAILQ_HEAD(stranger_list, stranger);

/* What a move takes, from its turn, or a write, until it has come to an end:
 * few are at it at a time. */
struct effort {
	int64_t went_at;  /* boot ms: its turn came, without the time that its
			   write waited for the budget; -1 */
	int64_t asked_at; /* boot ms: the write was asked for */
	unsigned reads;	  /* asked since its turn came */
	unsigned puts;	  /* writes answered since then */
	unsigned writes;  /* of the version last written, in a row ... */
	unsigned vain;	  /* of them accepted, and nothing came of it */
	int64_t write_again; /* ... boot ms: the next, no sooner */
	int64_t doubt;	    /* boot ms: since then nothing has come of it; -1 */
	const char *tried;  /* version: unversioned re-write ignored for */
	int64_t op_started; /* boot ms */
	int64_t op_again;   /* boot ms: its status not before */
	char *op_url;
	unsigned op_polls;
};

/* There may be hundreds of thousands: what is small stands together, what few
 * have is behind a pointer, and versions are texts of engine.names ("" and
 * never NULL). */
struct registry {
	/* adopt's. */
	char *id; /* as the file has it */
	struct watch *watch;
	struct scope *scope;
	int64_t since; /* boot ms: it is of this watch */
	TAILQ_ENTRY(registry) watch_link, scope_link;
	bool retiring : 1; /* gone from the file, a write is in flight ... */
	enum watch_mode parting : 8; /* ... which ends in this mode */
	bool kept : 1;		     /* mark of a reload */

	/* rules'. */
	enum rule_verdict out : 8; /* why the last LISTs do not show it as one
				      of them ... */
	unsigned char outs;	   /* ... so many in a row */
	unsigned pass;		   /* list's: of its scope's LIST */
	struct rule *rule; /* that has brought it; NULL: a watch block names
			      it */

	/* facts': as last read; its texts are engine.names'. */
	bool untold : 1;      /* counted in watch.untold */
	bool nowhere : 1;     /* in a former life it was on no version, or
				 gone, and is not read since */
	bool newcomer : 1;    /* never read, in no life, as one of its watch */
	bool lost : 1;	      /* move's: it was just not found where it should
				 be */
	bool hurried : 1;     /* command's: its back-off has just been ended by
				 a person */
	bool was_paused : 1;  /* move's: when last looked at */
	bool lonely : 1;      /* move's: it was last written by a standby */
	struct trace read_by; /* the request that showed the facts */
	/* move's, where there is room for them: GETs in a row that take back
	 * what was verified, or tell no version, up to ENGINE_LOOKS, when they
	 * are believed; and 404 in a row, not believed yet. */
	unsigned short contrary;
	unsigned absent;
	struct registry_facts facts;
	int64_t read_at;    /* boot ms; -1 never */
	int64_t read_azure; /* -1 never (also from the saved state) */
	uint64_t proof;	    /* engine.turn in which a GET showed the facts */
	int64_t got_azure;  /* Azure ms of the last GET of its own that was
				    good; -1 none in this life */
	int64_t owed_at;    /* boot ms: another one is owed then, whatever a
				    LIST shows; -1 not */
	struct stranger *abroad; /* NULL: it is on its watch's key */

	/* list's. */
	char *at; /* the id that a LIST told it by; NULL: as the file */

	/* move's. */
	struct job job;
	enum move_phase phase : 8;
	enum decide_action wants : 8;	/* a write that waits for its turn */
	enum decide_action writing : 8; /* the write under way or last done */
	enum decide_action form : 8;	/* of the last one, however it went */
	enum decide_action gated : 8;	/* that whoever leads is to do */
	enum move_outcome outcome : 8;
	bool going : 1;	  /* its turn has come and is not over */
	bool maybe : 1;	  /* the last write's answer was lost */
	bool futile : 1;  /* neither form of write does anything */
	bool refused : 1; /* error is a refusal of our write ... */
	bool denied : 1;  /* ... or of the daemon's own rights, also to read it
			     (then refused is false) */
	unsigned write_failures;   /* in a row, for the back-off */
	unsigned marks;		   /* settle's */
	int64_t verified_at;	   /* Azure ms; -1 never */
	const char *proven;	   /* last version a GET has shown */
	const char *wrote;	   /* version last written, or aimed at */
	int64_t busy_since;	   /* boot ms: Azure is at work on it, for us or
				    for others, as far as is known; -1 */
	struct effort *effort;	   /* NULL: nothing, see model_effort */
	struct sent *sent;	   /* the last write; NULL: none in this life */
	const struct fault *error; /* last attempt's, NULL when it was good */
	struct pause *pause;	   /* command's: its own; NULL: none */
	uint64_t told_turn;	   /* engine.turn in which the error was told */

	/* canary's. */
	TAILQ_ENTRY(registry) wait_link;
	enum canary_queue queue : 8;
	bool slot : 1; /* counted in watch.active */

	/* outlook's. */
	bool moving : 1; /* counted as one that has yet to move ... */
	bool paid : 1;	 /* ... and in share.paid */

	/* order's. */
	bool obeyed : 1; /* it was verified */

	/* settle's. */
	bool gone : 1; /* in engine.gone */

	/* health's. */
	enum decide_state state : 8;
	enum decide_reason reason : 8;
	bool fresh : 1, shown : 1, missed : 1, settled : 1, counted : 1;
	bool dragging : 1;	/* its write is, and no pass waits for it */
	bool heard : 1;		/* it was read, or has failed, once */
	unsigned warnings : 16; /* bits of enum decide_warning */
	const char *late_told;	/* OVERDUE was said for it */
	struct timer truth;	/* next moment its state changes by itself */

	/* outlook's. */
	struct share *share;

	/* order's. */
	struct order *order; /* NULL: none */
	char *ordered;	     /* what the last one has come to; NULL */

	/* settle's. */
	TAILQ_ENTRY(registry) mark_link;
};

#define ENGINE_FAULTS 16    /* are looked at for one that is the same */
#define ENGINE_ADOPTIONS 13 /* bounds of the histogram, and beyond */

/* From a version becoming effective to a registry verified on it, in this life
 * of the daemon. */
struct adoptions {
	uint64_t within[ENGINE_ADOPTIONS]; /* see move_outcome_bound */
	uint64_t n;
	int64_t sum_ms;
};

/* What moving a registry takes, as seen lately. */
struct pace {
	unsigned seen; /* 0: not measured */
	int64_t op_ms; /* from its turn to verified */
	double reads;  /* that it took */
	double puts;   /* writes that it took */
	double rtt_ms; /* of any question; 0: not measured */
};

/* Whether what is still to move will be in time. */
struct outlook {
	struct forecast now;
	struct forecast told; /* late 0: nothing was */
	int64_t told_at;      /* boot ms */
	int64_t made_at;      /* boot ms; -1: nothing moves */
	bool stale;	      /* something it is made of has changed */
};

struct engine {
	struct config *config;
	struct traffic traffic;
	uint64_t phase;
	int64_t started;     /* wall ms */
	int64_t offset_used; /* azure - boot when timers were set ... */
	bool clock_known;    /* ... which was Azure's word */
	bool dry_run;
	struct pause *pause; /* of all registries; NULL: none */

	/* adopt's. */
	struct scope_list scopes;
	struct watch_list watches;
	size_t n_watches;
	struct watch **by_key;	 /* sorted by key and version ... */
	size_t n_by_key;	 /* ... as of the last reload */
	struct registry **by_id; /* sorted, for look-ups */
	size_t n_registries;	 /* in by_id */
	struct intern names;	 /* versions, identities: of all registries */
	/* The faults that were kept last, as long as a place names them. */
	struct kept_fault *faults[ENGINE_FAULTS];
	size_t next_fault;

	/* rules'. */
	struct rule **rules; /* in the order of the file */
	size_t n_rules;
	struct registry **leavers; /* to be let go of now */
	size_t n_leavers;
	bool rules_due; /* something came that they decide on */
	size_t n_looks_unheard, n_looks_dark;
	size_t n_beyond;
	size_t untold_found, untold_left; /* too many to tell each of them */

	/* lease's. */
	struct lease_list leases;
	struct lease **lease_of;    /* by their place in the file */
	char host[65], version[32]; /* of ours, for who reads the metadata */

	/* settle's. */
	uint64_t turn; /* counts values */
	struct watch_list marked_watches;
	struct registry_list marked;
	struct registry **gone; /* to be freed */
	size_t n_gone;
	uint64_t looks; /* at a registry or a watch, ever: what work costs */
	bool unsettled; /* something stayed marked */
	bool unsettled_told;

	/* note's: what is to be handed out. */
	struct action *actions;
	size_t n_actions, next_action, size_actions;
	struct note *fetched; /* note handed out last */
	bool save_asked;
	uint64_t dropped_notes;
	uint64_t n_told[NOTE_KINDS]; /* what came, also what was only counted */
	struct repeats repeats;	     /* what was told before */

	/* versions'. */
	struct stranger_list strangers; /* read on another key */

	/* departed's. */
	struct departed_table *departed; /* NULL: there was none yet */
	size_t n_departed;
	bool departed_lost; /* there were more than are remembered */

	/* health's: counters behind the overall state. */
	size_t n_state[DECIDE_STATES], n_harm[DECIDE_HARMS];
	size_t n_counted, n_fresh;
	size_t n_missed, n_serious, n_locked, n_unsettled, n_bad_keys;
	size_t n_dragging;
	size_t n_warning[DECIDE_WARNINGS];
	size_t n_unheard, n_unheard_keys;
	bool begun; /* all was heard of, once */
	enum engine_state told;
	bool state_told;
	bool clock_told;
	struct engine_evidence evidence;
	bool unsaved; /* the state could not be written when last tried */
	char refused[ENGINE_MISTAKE_MAX]; /* of the last reload; "": none */
	bool changed;			  /* the disk has other files ... */
	char mistake[ENGINE_MISTAKE_MAX]; /* ... with this; "": none */
	char hints[HINTS][FAULT_TEXT_MAX + 1]; /* sentences; "": none */

	/* outlook's. */
	struct outlook outlook;
	struct watch_list movers; /* with registries that have yet to move */

	/* move's. */
	size_t n_writes; /* registries with a write under way */
	struct pace pace;
	struct adoptions adoptions;

	/* hint's. */
	struct hint_queue **queues; /* in the order of the file */
	size_t n_queues;
	size_t n_queues_dark; /* that hint_error is told of */
	bool takes_hints;     /* messages are for this daemon ... */
	struct {
		bool seen, looked; /* looked: once, in this life */
		enum lease_role role;
		size_t n_watches;
	} hints_of; /* ... by what was so when that was looked at */

	/* engine's. */
	bool single_pass;
	struct doctor *doctor;	   /* NULL: nobody is examined */
	struct discover *discover; /* NULL: nothing is searched */
};

/* ---- questions ---- */

int64_t model_boot(const struct engine *e); /* boot ms of this event */
int64_t model_azure(const struct engine *e);
/* One host says that it is another day, and no second one what it is: nothing
 * that hangs on a date is done or said for good. */
bool model_dateless(const struct engine *e);
/* Boot ms at which Azure's clock shows azure_ms. */
int64_t model_boot_of(const struct engine *e, int64_t azure_ms);
/* A registry by its id, whatever group that names; NULL. */
struct registry *model_find(const struct engine *e, const char *id);
/* The same for one of many that come in order, as lists have them: *at is 0 for
 * the first, and then where the next one is looked for first. */
struct registry *model_find_next(const struct engine *e, const char *id,
				 size_t *at);
/* A watch by its key and, first of all, its version (NULL: any of that key);
 * NULL. */
struct watch *model_find_watch(const struct engine *e, const char *base,
			       const char *version);
/* Lists that go out part by part: the place in by_id, or in by_key, of the
 * first one behind this id, or this key's identifier; NULL: the first. */
size_t model_behind_id(const struct engine *e, const char *id);
size_t model_behind_key(const struct engine *e, const char *key);
/* Where it is asked for: its id, in the group that it lies in now. */
const char *model_place(const struct registry *r);
/* What is done about it: a watch block says so for its key; on a key that only
 * rules have found each registry has the mode of its own rule.  One that
 * retires keeps what it had. */
enum watch_mode model_mode(const struct registry *r);
/* It is asked for LISTs, for many registries or for rules. */
bool model_lists(const struct scope *s);
/* One LIST reads it along with others, as long as LISTs come. */
bool model_listed(const struct registry *r);
/* What stands in the way of reading it: its own fault, or its LIST's unless it
 * was read since that pass began; NULL. */
const struct fault *model_error(const struct registry *r);
/* It failed, and is tried again at a time of its own: no LIST brings it on. */
bool model_retries(const struct registry *r);
/* Its routine read is due and has not gone out: a LIST may come before it. */
bool model_read_waits(const struct registry *r);
/* What moving it has taken so far, to be read only; never NULL. */
const struct effort *model_effort(const struct registry *r);
/* A write of ours is under way. */
bool model_writing(const struct registry *r);
/* Azure has been at work on it for longer than anybody would wait for. */
bool model_drags(const struct engine *e, const struct registry *r);
/* Nothing is written: a person has said so, for this one or for all. */
bool model_paused(const struct engine *e, const struct registry *r);
/* That end of a pause while it lasts, else 0. */
int64_t model_lasting(const struct engine *e, int64_t until);
/* The end of one pause, Azure ms; 0: it is none. */
int64_t model_until(const struct pause *p);
/* ... until then; Azure ms, 0 not at all. */
int64_t model_paused_until(const struct engine *e, const struct registry *r);
/* ... and who said so: of the pause that lasts; NULL: nobody knows. */
const struct pause *model_pause(const struct engine *e,
				const struct registry *r);
/* So far ahead that nobody can have meant it. */
bool model_absurd_pause(const struct engine *e, int64_t until);
/* The facts were shown by a GET in this very turn. */
bool model_proof(const struct engine *e, const struct registry *r);

/* Azure ms from which on a version of this watch may be used. */
int64_t model_effective(const struct watch *w, const struct seen_version *s);

/* ---- marks ---- */

void model_mark(struct engine *e, struct registry *r, unsigned marks);
void model_mark_watch(struct engine *e, struct watch *w, unsigned marks);
/* Keep what *f says at *place; f NULL: none any more.  One trouble may be that
 * of all registries: then they share it. */
void model_fault_keep(struct engine *e, const struct fault **place,
		      const struct fault *f);
/* Keep until when it is paused (Azure ms), who said so, and why, each cut to
 * ENGINE_WORDS_MAX bytes and made one line; until 0: not any more. */
void model_pause_keep(struct pause **place, int64_t until, const char *by,
		      const char *reason);

#endif
