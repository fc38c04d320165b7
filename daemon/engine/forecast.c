/* How many come too late by each limit, and what would be enough. */
#include "engine/forecast.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/*
 * What Azure itself bears for one subscription and principal, calls a second.
 * Source: learn.microsoft.com, "Understand how Azure Resource Manager throttles
 * requests", the refill rates of the buckets per subscription.
 */
#define AZURE_WRITES 10.0
#define AZURE_READS 25.0
#define MINOR 10 /* a limit with less than this part of the late ones */

static int64_t over(int64_t ms, size_t late)
{
	if (late == 0)
		return 0;
	return ms > 0 ? ms : 1;
}

static size_t round_up(double x)
{
	size_t n = x > 0 ? (size_t)x : 0;

	return (double)n < x ? n + 1 : n;
}

struct forecast_late forecast_slots(const struct forecast_slots *f)
{
	int64_t slot = f->slot_ms > 0 ? f->slot_ms : 1;
	int64_t room = f->time_ms - f->first_ms - f->op_ms;
	/* After the first one no other is on its way. */
	size_t left = f->first_ms > 0 && f->left > 0 ? f->left - 1 : f->left;
	unsigned on = f->active < f->slots ? f->active : f->slots;
	unsigned fresh = f->slots - on;
	size_t waves = room >= 0 ? (size_t)(room / slot) + 1 : 0, turns;
	struct forecast_late l = { 0 };
	double in_time;

	/* Those under way are each somewhere in the middle. */
	in_time = (double)fresh * (double)waves;
	if (room + slot > 0)
		in_time += (double)on * (double)(room + slot) / (double)slot;
	l.late = (double)left > in_time ? left - (size_t)in_time : 0;
	if (f->first_ms > f->time_ms)
		l.late = f->left;
	turns = f->slots ? (left + f->slots - 1) / f->slots : left;
	l.by_ms = over(f->first_ms + (turns ? (int64_t)(turns - 1) * slot : 0) +
			       f->op_ms - f->time_ms,
		       l.late);
	if (waves)
		l.need = (double)((left + waves - 1) / waves);
	if (l.need > f->most)
		l.need = 0;
	return l;
}

struct forecast_late forecast_flow(const struct forecast_flow *f)
{
	double gathered = f->tokens + f->rate * (double)f->start_ms / 1000.0;
	double wanted = (double)(f->ahead + f->left) * f->per_move;
	double seconds =
		(double)(f->time_ms - f->start_ms - f->tail_ms) / 1000.0;
	struct forecast_late l = { 0 };
	double borne, after;

	if (gathered > f->burst)
		gathered = f->burst;
	borne = seconds < 0 ? 0 : (gathered + f->rate * seconds) / f->per_move;
	if ((double)(f->ahead + f->left) > borne)
		l.late = f->ahead + f->left - (size_t)borne;
	l.late = l.late < f->left ? l.late : f->left;
	after = wanted > gathered ? (wanted - gathered) / f->rate : 0;
	l.by_ms = over((int64_t)((after - seconds) * 1000.0), l.late);
	if (seconds > 0 && wanted > gathered)
		l.need = (wanted - gathered) / seconds;
	return l;
}

void forecast_add(struct forecast *f, size_t left,
		  const struct forecast_late late[FORECAST_LIMITS],
		  const double has[FORECAST_LIMITS])
{
	size_t most = 0;

	f->of += left;
	for (unsigned i = 0; i < FORECAST_LIMITS; i++)
		most = late[i].late > most ? late[i].late : most;
	for (unsigned i = 0; i < FORECAST_LIMITS; i++) {
		/* What hardly matters would only hide what does. */
		if (late[i].late == 0 || late[i].late < most / MINOR)
			continue;
		if (late[i].by_ms > f->by_ms)
			f->by_ms = late[i].by_ms;
		/* The one that takes most; and none is none. */
		if (!(f->limits & (1u << i)) ||
		    (f->need[i] > 0 &&
		     (late[i].need <= 0 || late[i].need > f->need[i]))) {
			f->has[i] = has[i];
			f->need[i] = late[i].need;
		}
		f->limits |= 1u << i;
	}
	f->late += most;
}

const char *forecast_setting(enum forecast_limit limit)
{
	static const char *const names[] = {
		[FORECAST_PARALLEL] = "max-parallel",
		[FORECAST_WRITE] = "write-rate",
		[FORECAST_READ] = "read-rate",
		[FORECAST_ROOM] = "max-requests",
	};

	return names[limit];
}

void forecast_value(char *dst, size_t size, enum forecast_limit limit,
		    double value)
{
	size_t thousandths = round_up(value * 1000.0 - 1e-6);

	if (limit == FORECAST_PARALLEL || limit == FORECAST_ROOM)
		snprintf(dst, size, "%zu", round_up(value));
	else if (thousandths < 100)
		snprintf(dst, size, "0.%03zu", thousandths);
	else if (thousandths % 1000 == 0)
		snprintf(dst, size, "%zu", thousandths / 1000);
	else
		snprintf(dst, size, "%zu.%zu", (thousandths + 99) / 1000,
			 (thousandths + 99) / 100 % 10);
}

/* What would cure it. */
static void cure(const struct forecast *f, enum forecast_limit i, char *dst,
		 size_t size)
{
	double azure = i == FORECAST_WRITE ? AZURE_WRITES : AZURE_READS;
	char value[32];

	forecast_value(value, sizeof(value), i, f->need[i]);
	if (f->need[i] <= 0)
		snprintf(
			dst, size,
			i == FORECAST_PARALLEL
				? "no number would do, only less registries on one key or a longer window"
				: "no value would do");
	else if (i == FORECAST_ROOM && f->need[i] > 1000)
		snprintf(dst, size, "no value would do");
	else if ((i == FORECAST_WRITE || i == FORECAST_READ) &&
		 f->need[i] > azure)
		snprintf(
			dst, size,
			"%s would do, which Azure bears of %zu principals together",
			value, round_up(f->need[i] / azure));
	else
		snprintf(dst, size, "%s would do", value);
}

void forecast_text(const struct forecast *f, char *dst, size_t size)
{
	char late[32], has[32], better[128];
	const char *before = "";
	size_t at;

	text_duration(late, sizeof(late), f->by_ms);
	snprintf(dst, size, "%zu of %zu registries %s be late, the last by %s",
		 f->late, f->of, f->measured || f->certain ? "will" : "may",
		 late);
	at = strlen(dst);
	if (!f->measured) {
		text_duration(late, sizeof(late), f->op_ms);
		snprintf(dst + at, size - at, ", if moving one takes %s", late);
		at = strlen(dst);
	}
	before = ": ";
	for (unsigned i = 0; i < FORECAST_LIMITS; i++) {
		if (!(f->limits & (1u << i)))
			continue;
		forecast_value(has, sizeof(has), i, f->has[i]);
		cure(f, i, better, sizeof(better));
		snprintf(dst + at, size - at, "%s%s %s is too small (%s)",
			 before, forecast_setting(i), has, better);
		at = strlen(dst);
		before = ", and ";
	}
	snprintf(dst + at, size - at, ".");
}
