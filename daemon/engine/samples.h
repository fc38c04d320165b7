/*
 * samples: the samples of each metric family, a function each; which families
 * there are, and how they are named, stands in the table of metrics.c.
 * Borrows the engine; decides nothing.
 */
#ifndef KEYROTD_ENGINE_SAMPLES_H
#define KEYROTD_ENGINE_SAMPLES_H

#include "base/exposition.h"
#include "engine/metrics.h"
#include "engine/model.h"

/* What a sample is made of. */
struct samples {
	const struct engine *e;
	const struct metrics_outside *o;
	struct exposition *x;
};

/* Of the whole. */
void samples_build(const struct samples *s);
void samples_time(const struct samples *s);
void samples_state(const struct samples *s);
void samples_dry_run(const struct samples *s);
void samples_keys(const struct samples *s);
void samples_registries(const struct samples *s);
void samples_missed(const struct samples *s);
void samples_warned(const struct samples *s);
void samples_forecast(const struct samples *s);
void samples_rules(const struct samples *s);
void samples_beyond(const struct samples *s);
void samples_rules_error(const struct samples *s);
void samples_role(const struct samples *s);
void samples_lease_held(const struct samples *s);
void samples_lease_unconfirmed(const struct samples *s);
void samples_lease_error(const struct samples *s);
void samples_lease_since(const struct samples *s);
void samples_lease_changes(const struct samples *s);
void samples_messages(const struct samples *s);
void samples_last_message(const struct samples *s);
void samples_queues_error(const struct samples *s);
void samples_offset(const struct samples *s);
void samples_adoption(const struct samples *s);
void samples_events(const struct samples *s);
void samples_in_flight(const struct samples *s);
void samples_audit(const struct samples *s);
void samples_programs(const struct samples *s);
void samples_certificate(const struct samples *s);
void samples_cpu(const struct samples *s);
void samples_open_fds(const struct samples *s);
void samples_max_fds(const struct samples *s);
void samples_resident(const struct samples *s);
void samples_virtual(const struct samples *s);
void samples_started(const struct samples *s);

/* Of one host, far end or token; nothing of what nobody asks any more. */
void samples_requests(const struct samples *s, const struct host *h);
void samples_throttled(const struct samples *s, const struct host *h);
void samples_retries(const struct samples *s, const struct host *h);
void samples_budget(const struct samples *s, const struct end *end);
void samples_token(const struct samples *s, const struct token *k);

/* Of one key. */
void samples_key_success(const struct samples *s, const struct watch *w);
void samples_key_readable(const struct samples *s, const struct watch *w);
void samples_key_usable(const struct samples *s, const struct watch *w);
void samples_newest(const struct samples *s, const struct watch *w);
void samples_age(const struct samples *s, const struct watch *w);
void samples_expiry(const struct samples *s, const struct watch *w);
void samples_users(const struct samples *s, const struct watch *w);

/* Of one registry. */
void samples_registry(const struct samples *s, const struct registry *r);
void samples_registry_state(const struct samples *s, const struct registry *r);
void samples_deadline(const struct samples *s, const struct registry *r);
void samples_verified(const struct samples *s, const struct registry *r);
void samples_warning(const struct samples *s, const struct registry *r);

#endif
