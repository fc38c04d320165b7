/* The sentences about leases, and whether one is told already. */
#include "engine/lease_say.h"

#include <stdio.h>

#include "base/text.h"
#include "engine/note.h"

void lease_say_leader(const struct lease *l, char *dst, size_t size)
{
	char at[40];

	if (l && l->holder.host[0] && l->error) {
		text_time(at, sizeof(at), l->known_at);
		snprintf(
			dst, size,
			"as of %s %s held lease \"%s\", and nothing newer is known: %s",
			at, l->holder.host, l->name, l->error->text);
	} else if (l && l->holder.host[0])
		snprintf(dst, size, "%s holds lease \"%s\"", l->holder.host,
			 l->name);
	else if (l && l->error)
		text_copy(dst, size, l->error->text);
	else
		snprintf(dst, size, "%s lease \"%s\"",
			 l && l->facts.word == LEASE_ANOTHERS
				 ? "another daemon holds"
				 : "nobody is known to hold",
			 l ? l->name : "");
}

static const char *leader_of(const struct lease *l)
{
	return l->holder.host[0] ? l->holder.host : "another daemon";
}

void lease_say_leading(struct engine *e, const struct lease *l)
{
	note_lease(
		e, NOTE_LEADER, l,
		"This daemon leads from now on: it holds lease \"%s\", and acts for all that is under it.",
		l->name);
}

static void tell_standby(struct engine *e, struct lease *l)
{
	text_copy(l->told_of, sizeof(l->told_of), l->holder.id);
	note_lease(
		e, NOTE_STANDBY, l,
		"This daemon is standby: %s holds lease \"%s\". What is under it is observed, and written only if a quarter of its window is left and nobody has moved it.",
		leader_of(l), l->name);
}

/* A reload has put more under it than was, or calls it otherwise. */
void lease_say_more(struct engine *e, const struct lease *l)
{
	note_lease(
		e, NOTE_LEADER, l,
		"This daemon leads for what the configuration now puts under lease \"%s\", too: it holds that.",
		l->name);
}

void lease_say_alone(struct engine *e, const struct lease *l)
{
	note_lease(
		e, NOTE_ALONE, l,
		"This daemon acts alone from now on for what was under lease \"%s\": the configuration puts that under none.",
		l->name);
}

/* Who leads is known, or cannot be had: then it is told once. */
void lease_say_other(struct engine *e, struct lease *l)
{
	if (l->role != ROLE_STANDBY || l->facts.word != LEASE_ANOTHERS ||
	    l->looked_at < 0 ||
	    (l->role_told && text_same(l->told_of, l->holder.id)))
		return;
	l->role_told = true;
	tell_standby(e, l);
}

void lease_say_confirmed(struct engine *e, const struct lease *l)
{
	note_lease(
		e, NOTE_WARNING, l,
		l->confirmed
			? "Lease \"%s\" is confirmed again: nobody else leads."
			: "Lease \"%s\" has run out while its service cannot be asked: this daemon goes on as the leader, which nobody confirms.",
		l->name);
}
