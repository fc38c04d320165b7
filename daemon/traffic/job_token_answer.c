/* Tokens: what has come of asking for one. */
#include "traffic/job_token_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/text.h"
#include "traffic/end.h"
#include "traffic/job.h"
#include "traffic/job_place.h"
#include "traffic/job_token.h"

#define TOKEN_EARLY_MS 300000 /* renew this long before the end */
#define TOKEN_LONG_MS 7200000 /* from here on: renew at half of the life */
#define TOKEN_RETRY_MS 30000  /* while the old token still serves */
#define TOKEN_WAIT_MS 8000    /* at most, for a host that may come back */
#define TOKEN_LATER_MS 30000  /* ... when it has failed so often: */
#define TOKEN_SOON 15
#define TELL_MOST 5 /* times that one hears of the same failure */

/* There is no such token to be had, and that is no passing trouble. */
static bool is_final(const struct fault *f)
{
	return f->kind != FAULT_NONE && f->kind != FAULT_TRANSIENT &&
	       f->kind != FAULT_THROTTLED && f->kind != FAULT_LOCAL;
}

/* Whether its token was refused a moment ago: its back-off still runs. */
bool job_token_in_vain(struct traffic *t, const struct end *end,
		       const char *audience)
{
	const struct token *k = end_token(t, end->as, audience);

	return k && is_final(&k->fault) && timer_is_set(&k->job->timer);
}

/* A vault that named this audience has, for all that is known, erred. */
static void audience_bad(struct traffic *t, struct token *k)
{
	struct end *end;

	if (!is_final(&k->fault))
		return;
	TAILQ_FOREACH(end, &t->ends, link)
		if (end->token == k && end_fall_back(t, end))
			job_token_wait_anew(t, end, k);
}

/* Everything of its credential waits for this one question: when its host is
 * well again, that is to be seen within seconds; after a while, within half a
 * minute.  A wait that the host itself names is a least one, and no longer than
 * it says: the metadata service has a second after each 5xx. */
static int64_t token_delay(struct traffic *t, struct token *k,
			   const struct fault *f)
{
	int64_t delay = job_delay(t, k->job, f, BACKOFF_NO_DEADLINE);
	int64_t most = k->job->failures < TOKEN_SOON ? TOKEN_WAIT_MS
						     : TOKEN_LATER_MS;
	int64_t told = backoff_told(f->retry_after_ms, 0);

	if (f->kind != FAULT_TRANSIENT || delay <= most)
		return delay;
	delay = most / 2 + job_random(t, k->job, most / 2);
	return delay > told ? delay : told + job_random(t, k->job, 1000);
}

/* Of what a person has to mend, there is something else to mend.  Requests and
 * moments differ each time; what has no request id is this host's own words. */
static bool other_reason(const struct fault *a, const struct fault *b)
{
	return !text_same(a->azure_code, b->azure_code) ||
	       !text_same(a->inner_code, b->inner_code) ||
	       (!fault_is_transient(b) && !b->request_id[0] &&
		strcmp(a->text, b->text) != 0);
}

/* A sentence more, where there is room for all of it. */
static void add_when(struct fault *f, const char *before, int64_t azure,
		     const char *after)
{
	char date[32], more[128];
	size_t used = strlen(f->text);

	text_time(date, sizeof(date), azure);
	snprintf(more, sizeof(more), "%s%s%s", before, date, after);
	if (used + strlen(more) < sizeof(f->text))
		text_copy(f->text + used, sizeof(f->text) - used, more);
}

/*
 * Whoever hands it out has said that it is not there for a while, by itself
 * and for so long at most, and that while is not over: what fails until then
 * is no reason to give up.  It begins with the first such word since a token
 * came, so that one who says it for ever is not waited for as long.
 */
static bool is_healing(const struct traffic *t, struct token *k,
		       struct fault *f)
{
	int64_t azure = job_azure(t);
	bool healing;

	if (is_final(f)) {
		k->heals_at = -1;
		return false;
	}
	if (f->heals_ms > 0 && k->heals_at < 0)
		k->heals_at = t->now.boot + f->heals_ms;
	healing = t->now.boot < k->heals_at;
	azure += k->heals_at - t->now.boot;
	if (f->heals_ms > 0 && healing)
		add_when(f, " That may last until ", azure,
			 "; it is asked again until then.");
	else if (f->heals_ms > 0)
		add_when(f, " It says so since ", azure - f->heals_ms,
			 ", for longer than that should last.");
	return healing;
}

/* Those who wait are told, and have failed once more; once a while that was
 * not held against them is over, it is. */
static void tell_waiters(struct traffic *t, struct token *k, bool other,
			 bool healing)
{
	unsigned failed = healing ? 0 : 1 + k->spared;
	struct job *j;

	k->spared = healing ? k->spared + 1 : 0;
	TAILQ_FOREACH(j, &k->waiters, link) {
		/* The same again is no news to many who wait for long. */
		if (other || j->failures < TELL_MOST)
			job_tell(t, j, TOLD_NO_TOKEN);
		j->failures += failed;
	}
}

void job_token_bad(struct traffic *t, struct token *k, const struct fault *told)
{
	struct fault f = *told;
	bool healing = is_healing(t, k, &f);
	/* That it was to be over by now is news, too. */
	bool news = k->fault.kind != f.kind || (!healing && k->spared);
	bool other = news || other_reason(&k->fault, &f);
	struct job *j;

	if (news) {
		t->news = f;
		t->news_slot = k->slot;
		t->has_news = true;
	}
	k->fault = f;
	if (job_token_usable(t, k)) {
		k->job->failures++;
		k->refresh = t->now.boot + TOKEN_RETRY_MS;
		/* Whoever waits all the same wanted another one. */
		TAILQ_FOREACH(j, &k->waiters, link)
			job_tell(t, j, TOLD_NO_TOKEN);
		return;
	}
	k->ready = false;
	job_at(t, k->job, t->now.boot + token_delay(t, k, &f), false);
	audience_bad(t, k);
	tell_waiters(t, k, other, healing);
}

void job_token_good(struct traffic *t, struct token *k, const struct reply *r,
		    int64_t sent)
{
	int64_t life = r->token.lifetime_ms;
	int64_t margin = life / 10 < 10000 ? life / 10 : 10000;
	int64_t refresh = life - TOKEN_EARLY_MS;

	if (life >= TOKEN_LONG_MS || refresh < life / 2)
		refresh = life / 2;
	if (r->token.refresh_in_ms >= 0 && r->token.refresh_in_ms < life)
		refresh = r->token.refresh_in_ms;
	k->generation++;
	k->who = r->token.who;
	k->expires = sent + life - margin;
	k->refresh = sent + refresh;
	/* Whoever asked again at once would get the same, without end. */
	if (t->now.boot >= k->expires) {
		struct fault over = fault_none();

		fault_set(
			&over, FAULT_INVALID, 0,
			"The token for %s had no time left to live when it came.",
			k->audience);
		k->ready = false;
		job_token_bad(t, k, &over);
		return;
	}
	k->ready = true;
	free(k->claims);
	k->claims = NULL;
	k->job->failures = k->spared = 0;
	k->heals_at = -1;
	k->fault = fault_none();
	/* The metadata service may hand out the same ageing token again. */
	if (k->refresh < t->now.boot + TOKEN_RETRY_MS)
		k->refresh = t->now.boot + TOKEN_RETRY_MS;
	job_token_wake(t, k);
}
