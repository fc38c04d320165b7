/* The table of all metric families, and the way through it part by part. */
#include "engine/metrics.h"

#include <stdlib.h>

#include "base/text.h"
#include "engine/samples.h"

/* A family: one of the functions gives its samples, for the whole or row by
 * row.  The help is one sentence. */
struct family {
	const char *name;
	enum exposition_type type;
	const char *help;
	void (*whole)(const struct samples *s);
	void (*host)(const struct samples *s, const struct host *h);
	void (*end)(const struct samples *s, const struct end *end);
	void (*token)(const struct samples *s, const struct token *k);
	void (*key)(const struct samples *s, const struct watch *w);
	void (*registry)(const struct samples *s, const struct registry *r);
};

#define GAUGE(name, over, samples, help)                      \
	{                                                     \
		name, EXPOSITION_GAUGE, help, .over = samples \
	}
#define COUNTER(name, over, samples, help)                      \
	{                                                       \
		name, EXPOSITION_COUNTER, help, .over = samples \
	}
#define HISTOGRAM(name, over, samples, help)                      \
	{                                                         \
		name, EXPOSITION_HISTOGRAM, help, .over = samples \
	}
#define INFO(name, over, samples, help)                      \
	{                                                    \
		name, EXPOSITION_INFO, help, .over = samples \
	}

static const struct family families[] = {
	INFO("keyrotd_build", whole, samples_build,
	     "The version of keyrotd that runs."),
	GAUGE("keyrotd_time_seconds", whole, samples_time,
	      "When these figures were made, by this host's clock, in seconds since 1970."),
	GAUGE("keyrotd_state", whole, samples_state,
	      "The state of the whole: 1 for the one that is so, 0 for the others."),
	GAUGE("keyrotd_dry_run", whole, samples_dry_run,
	      "1 when nothing is written to Azure because of --dry-run."),
	GAUGE("keyrotd_keys", whole, samples_keys, "Keys that are watched."),
	GAUGE("keyrotd_registries", whole, samples_registries,
	      "Registries that are watched, by their state."),
	GAUGE("keyrotd_registries_missed", whole, samples_missed,
	      "Registries whose deadline was missed, or may have been."),
	GAUGE("keyrotd_registries_warned", whole, samples_warned,
	      "Registries with a latent fault, by the warning."),
	GAUGE("keyrotd_forecast_late_registries", whole, samples_forecast,
	      "Registries that will not be verified in time by the limits in force."),
	GAUGE("keyrotd_clock_offset_seconds", whole, samples_offset,
	      "This host's clock minus Azure's."),
	HISTOGRAM(
		"keyrotd_adoption_seconds", whole, samples_adoption,
		"Time from a key version becoming effective to a registry verified on it."),
	COUNTER("keyrotd_events", whole, samples_events,
		"Events of each kind, also those that were only counted in the log."),
	GAUGE("keyrotd_rule_registries", whole, samples_rules,
	      "Registries that a rule has found and that are watched by it."),
	GAUGE("keyrotd_rule_beyond", whole, samples_beyond,
	      "Registries that a rule matches and that are not watched, for its max-registries."),
	GAUGE("keyrotd_rule_error", whole, samples_rules_error,
	      "1 when a list of a rule is not read, so that it finds nobody new."),
	GAUGE("keyrotd_role", whole, samples_role,
	      "What this daemon is: 1 for the one that is so, 0 for the others."),
	GAUGE("keyrotd_lease_held", whole, samples_lease_held,
	      "1 when this daemon leads by a lease, confirmed or not."),
	GAUGE("keyrotd_lease_unconfirmed", whole, samples_lease_unconfirmed,
	      "1 when this daemon leads by a lease that has run out while its service cannot be asked."),
	GAUGE("keyrotd_lease_error", whole, samples_lease_error,
	      "1 while a lease's service cannot be had, or refuses a part of what it is asked."),
	GAUGE("keyrotd_lease_since_timestamp_seconds", whole,
	      samples_lease_since,
	      "Since when this daemon has its role by a lease, in seconds since 1970."),
	COUNTER("keyrotd_lease_changes", whole, samples_lease_changes,
		"Times that this daemon's role by a lease has changed."),
	COUNTER("keyrotd_event_messages", whole, samples_messages,
		"Messages taken from a queue of events, by what became of them."),
	GAUGE("keyrotd_event_last_message_timestamp_seconds", whole,
	      samples_last_message,
	      "When the last message came from a queue of events, in seconds since 1970."),
	GAUGE("keyrotd_event_queue_error", whole, samples_queues_error,
	      "1 when a queue of events cannot be read, or its messages not be deleted."),
	GAUGE("keyrotd_audit_sequence", whole, samples_audit,
	      "The number of the last record in the audit file."),
	COUNTER("keyrotd_event_programs", whole, samples_programs,
		"Programs run for events, by how that ended; dropped: too many waited."),
	GAUGE("keyrotd_certificate_expiry_timestamp_seconds", whole,
	      samples_certificate,
	      "When a credential's certificate ends, in seconds since 1970."),
	GAUGE("keyrotd_token_expiry_timestamp_seconds", token, samples_token,
	      "When an access token expires, in seconds since 1970."),
	GAUGE("keyrotd_requests_in_flight", whole, samples_in_flight,
	      "Questions that were put to Azure and not answered yet."),
	COUNTER("keyrotd_requests", host, samples_requests,
		"Questions put to a host, by the HTTP status of the answer; none: there was no answer."),
	COUNTER("keyrotd_requests_throttled", host, samples_throttled,
		"Answers with which a host has asked to slow down."),
	COUNTER("keyrotd_request_retries", host, samples_retries,
		"Questions put to a host again after they had failed."),
	GAUGE("keyrotd_budget_used_ratio", end, samples_budget,
	      "How much of a budget for requests is used up: 0 nothing, 1 all of it."),
	GAUGE("keyrotd_key_last_success_timestamp_seconds", key,
	      samples_key_success,
	      "When a key was last read, by Azure's clock, in seconds since 1970."),
	GAUGE("keyrotd_key_readable", key, samples_key_readable,
	      "1 when a key was read within two poll intervals, and no error came since."),
	GAUGE("keyrotd_key_usable", key, samples_key_usable,
	      "1 when registries may be moved to a key's wanted version."),
	INFO("keyrotd_key_newest_version", key, samples_newest,
	     "The newest version of a key."),
	GAUGE("keyrotd_key_version_age_seconds", key, samples_age,
	      "Time since a key version was created, of the newest and those in use."),
	GAUGE("keyrotd_key_version_expiry_timestamp_seconds", key,
	      samples_expiry,
	      "When a key version expires, in seconds since 1970; absent: never."),
	GAUGE("keyrotd_key_version_registries", key, samples_users,
	      "Registries that use a key version, as last read."),
	INFO("keyrotd_registry", registry, samples_registry,
	     "A registry's key, mode and version in use."),
	GAUGE("keyrotd_registry_state", registry, samples_registry_state,
	      "A registry's state: 1 for the one that is so, 0 for the others."),
	GAUGE("keyrotd_registry_deadline_seconds", registry, samples_deadline,
	      "Time left to the deadline of a registry that is to move; negative: it has passed."),
	GAUGE("keyrotd_registry_verified_age_seconds", registry,
	      samples_verified,
	      "Time since a registry was last verified on the wanted version."),
	GAUGE("keyrotd_registry_warning", registry, samples_warning,
	      "1 for each latent fault of a registry."),
	COUNTER("process_cpu_seconds", whole, samples_cpu,
		"Total user and system CPU time spent in seconds."),
	GAUGE("process_open_fds", whole, samples_open_fds,
	      "Number of open file descriptors."),
	GAUGE("process_max_fds", whole, samples_max_fds,
	      "Maximum number of open file descriptors."),
	GAUGE("process_resident_memory_bytes", whole, samples_resident,
	      "Resident memory size in bytes."),
	GAUGE("process_virtual_memory_bytes", whole, samples_virtual,
	      "Virtual memory size in bytes."),
	GAUGE("process_start_time_seconds", whole, samples_started,
	      "Start time of the process since unix epoch in seconds."),
};

#define LOOKS_MAX 20000 /* at rows, for one part */
#define FAMILIES (sizeof(families) / sizeof(*families))

/* ---- rows ---- */

static bool hosts(const struct samples *s, const struct family *f,
		  struct metrics_cursor *c)
{
	const struct host *h;

	if (c->at == TRAFFIC_HOST_BUCKETS)
		return false;
	LIST_FOREACH(h, &s->e->traffic.hosts.buckets[c->at++], bucket)
	f->host(s, h);
	return true;
}

static bool ends(const struct samples *s, const struct family *f,
		 struct metrics_cursor *c)
{
	const struct end *end;

	if (c->at == TRAFFIC_END_BUCKETS)
		return false;
	LIST_FOREACH(end, &s->e->traffic.end_buckets[c->at++], bucket)
	f->end(s, end);
	return true;
}

static bool tokens(const struct samples *s, const struct family *f,
		   struct metrics_cursor *c)
{
	if (c->at >= s->e->traffic.n_tokens)
		return false;
	f->token(s, s->e->traffic.tokens[c->at++]);
	return true;
}

static bool keys(const struct samples *s, const struct family *f,
		 struct metrics_cursor *c)
{
	if (c->at >= s->e->n_by_key)
		return false;
	if (!s->e->by_key[c->at]->retired)
		f->key(s, s->e->by_key[c->at]);
	c->at++;
	return true;
}

static bool registries(const struct samples *s, const struct family *f,
		       struct metrics_cursor *c)
{
	if (c->at >= s->e->n_registries)
		return false;
	if (!s->e->by_id[c->at]->retiring)
		f->registry(s, s->e->by_id[c->at]);
	c->at++;
	return true;
}

/* One row, or all of a family that has none; false when it has no more. */
static bool row(const struct samples *s, const struct family *f,
		struct metrics_cursor *c)
{
	if (f->host)
		return hosts(s, f, c);
	if (f->end)
		return ends(s, f, c);
	if (f->token)
		return tokens(s, f, c);
	if (f->key)
		return keys(s, f, c);
	if (f->registry)
		return registries(s, f, c);
	f->whole(s);
	return false;
}

/* ---- parts ---- */

/* Rows by which keys and registries are found again, whatever has come and
 * gone; the other tables only grow. */
static void find_again(const struct engine *e, struct metrics_cursor *c)
{
	const struct family *f = &families[c->family];

	if (f->key)
		c->at = model_behind_key(e, c->last);
	else if (f->registry)
		c->at = model_behind_id(e, c->last);
}

static void remember(const struct engine *e, struct metrics_cursor *c)
{
	const struct family *f = &families[c->family];
	char key[KEYID_TEXT_MAX];

	free(c->last);
	c->last = NULL;
	if (f->key && c->at > 0) {
		keyid_print(&e->by_key[c->at - 1]->key, key, sizeof(key));
		c->last = text_dup(key);
	} else if (f->registry && c->at > 0) {
		c->last = text_dup(e->by_id[c->at - 1]->id);
	}
}

static void next_family(struct metrics_cursor *c, struct exposition *x)
{
	c->family++;
	c->at = 0;
	if (c->family < FAMILIES)
		exposition_family(x, families[c->family].name,
				  families[c->family].type,
				  families[c->family].help);
}

bool metrics_part(const struct engine *e, const struct metrics_outside *o,
		  struct metrics_cursor *c, size_t n, enum exposition_form form,
		  struct buf *out)
{
	struct exposition x;
	const struct samples s = { e, o, &x };

	if (c->family >= FAMILIES)
		return false;
	exposition_init(&x, out, form);
	exposition_family(&x, families[c->family].name,
			  families[c->family].type, families[c->family].help);
	if (c->headed)
		exposition_resume(&x);
	find_again(e, c);
	/* Rows that say nothing are cheap, but not free. */
	for (size_t looks = 0;
	     n > 0 && looks < LOOKS_MAX && c->family < FAMILIES; looks++) {
		size_t before = out->len;

		if (!row(&s, &families[c->family], c))
			next_family(c, &x);
		n -= out->len > before;
	}
	if (exposition_full(&x))
		c->family = FAMILIES;
	if (c->family < FAMILIES) {
		c->headed = x.headed;
		remember(e, c);
		return true;
	}
	if (!exposition_full(&x))
		exposition_end(&x);
	return false;
}

void metrics_describe(struct buf *out)
{
	struct exposition x;

	exposition_init(&x, out, EXPOSITION_JSON);
	for (size_t i = 0; i < FAMILIES; i++) {
		exposition_family(&x, families[i].name, families[i].type,
				  families[i].help);
		exposition_describe(&x);
	}
}

void metrics_end(struct metrics_cursor *c)
{
	free(c->last);
	*c = (struct metrics_cursor){ 0 };
}
