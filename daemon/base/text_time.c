/* The part of text.h about dates and durations.  No locale, no time zone
 * data: everything is computed from the proleptic Gregorian calendar. */
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DAY_S 86400
#define YEAR_MIN 1970
#define YEAR_MAX 9999
#define MS_MAX INT64_C(253402300799999) /* the end of the year 9999 */

struct date {
	int year, month, day, hour, minute, second;
	int ms;
	int offset_min; /* east of Greenwich */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Exactly n digits, or false. */
static bool take_digits(const char **s, int n, int *out)
{
	*out = 0;
	for (int i = 0; i < n; i++) {
		if (!is_digit(**s))
			return false;
		*out = *out * 10 + (*(*s)++ - '0');
	}
	return true;
}

static bool take_char(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
	static const int days[12] = { 31, 28, 31, 30, 31, 30,
				      31, 31, 30, 31, 30, 31 };

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static bool date_valid(const struct date *d)
{
	return d->year >= YEAR_MIN && d->year <= YEAR_MAX && d->month >= 1 &&
	       d->month <= 12 && d->day >= 1 &&
	       d->day <= month_days(d->year, d->month) && d->hour <= 23 &&
	       d->minute <= 59 && d->second <= 60;
}

static int64_t leap_days_before(int year)
{
	int y = year - 1;

	return y / 4 - y / 100 + y / 400;
}

static int64_t date_ms(const struct date *d)
{
	int64_t s, ms;

	if (!date_valid(d))
		return -1;
	s = (int64_t)(d->year - YEAR_MIN) * 365 + leap_days_before(d->year) -
	    leap_days_before(YEAR_MIN);
	for (int m = 1; m < d->month; m++)
		s += month_days(d->year, m);
	s = (s + d->day - 1) * DAY_S + d->hour * 3600 +
	    (d->minute - d->offset_min) * 60 + d->second;
	ms = s * 1000 + d->ms;
	return ms < 0 || ms > MS_MAX ? -1 : ms;
}

void text_time(char *dst, size_t size, int64_t ms)
{
	int64_t days = ms / 1000 / DAY_S;
	int second = (int)(ms / 1000 % DAY_S);
	int year = YEAR_MIN, month = 1;

	if (ms < 0 || ms > MS_MAX) {
		text_copy(dst, size, "");
		return;
	}
	for (; days >= 365 + is_leap(year); year++)
		days -= 365 + is_leap(year);
	for (; days >= month_days(year, month); month++)
		days -= month_days(year, month);
	snprintf(dst, size, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month,
		 (int)days + 1, second / 3600, second / 60 % 60, second % 60);
}

static const char week_days[] = "MonTueWedThuFriSatSun";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

void text_http_date(char *dst, size_t size, int64_t ms)
{
	/* 1970 began on a Thursday. */
	int64_t week_day = (ms / 1000 / DAY_S + 3) % 7;
	char t[32];
	int month;

	text_time(t, sizeof(t), ms);
	if (!t[0]) {
		text_copy(dst, size, "");
		return;
	}
	month = (t[5] - '0') * 10 + t[6] - '0';
	snprintf(dst, size, "%.3s, %.2s %.3s %.4s %.8s GMT",
		 week_days + 3 * week_day, t + 8, months + 3 * (month - 1), t,
		 t + 11);
}

static bool take_fraction(const char **s, int *ms)
{
	int unit = 100, n = 0;

	*ms = 0;
	if (!take_char(s, '.'))
		return true;
	for (; is_digit(**s); n++, unit /= 10)
		*ms += (*(*s)++ - '0') * unit;
	return n >= 1 && n <= 9;
}

static bool take_offset(const char **s, int *minutes)
{
	int hour, minute, sign;

	*minutes = 0;
	if (take_char(s, 'Z') || take_char(s, 'z'))
		return true;
	if (**s != '+' && **s != '-')
		return false;
	sign = *(*s)++ == '-' ? -1 : 1;
	if (!take_digits(s, 2, &hour) || !take_char(s, ':') ||
	    !take_digits(s, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*minutes = sign * (hour * 60 + minute);
	return true;
}

static bool take_clock(const char **s, struct date *d)
{
	return take_digits(s, 2, &d->hour) && take_char(s, ':') &&
	       take_digits(s, 2, &d->minute) && take_char(s, ':') &&
	       take_digits(s, 2, &d->second);
}

int64_t text_parse_rfc3339(const char *s)
{
	struct date d = { 0 };

	if (!take_digits(&s, 4, &d.year) || !take_char(&s, '-') ||
	    !take_digits(&s, 2, &d.month) || !take_char(&s, '-') ||
	    !take_digits(&s, 2, &d.day))
		return -1;
	/* RFC 3339 section 5.6 allows the lower case and the blank. */
	if (!take_char(&s, 'T') && !take_char(&s, 't') && !take_char(&s, ' '))
		return -1;
	if (!take_clock(&s, &d) || !take_fraction(&s, &d.ms) ||
	    !take_offset(&s, &d.offset_min) || *s)
		return -1;
	return date_ms(&d);
}

/* One of n three-letter names: its number from 1, or 0. */
static int take_name(const char **s, const char *names, int n)
{
	for (int i = 0; i < n; i++) {
		if (!strncmp(*s, names + i * 3, 3)) {
			*s += 3;
			return i + 1;
		}
	}
	return 0;
}

int64_t text_parse_http_date(const char *s)
{
	struct date d = { 0 };

	if (!take_name(&s, week_days, 7) || !take_char(&s, ',') ||
	    !take_char(&s, ' ') || !take_digits(&s, 2, &d.day) ||
	    !take_char(&s, ' '))
		return -1;
	d.month = take_name(&s, months, 12);
	if (!take_char(&s, ' ') || !take_digits(&s, 4, &d.year) ||
	    !take_char(&s, ' ') || !take_clock(&s, &d) || strcmp(s, " GMT"))
		return -1;
	return date_ms(&d);
}

void text_duration(char *dst, size_t size, int64_t ms)
{
	int64_t s = ms < 0 ? 0 : ms / 1000;
	int64_t minutes = s / 60, hours = minutes / 60, days = hours / 24;

	if (ms > 0 && ms < 1000)
		snprintf(dst, size, "%d ms", (int)ms);
	else if (s < 60)
		snprintf(dst, size, "%d s", (int)s);
	else if (minutes < 60)
		snprintf(dst, size, "%d min", (int)minutes);
	else if (hours < 24 && minutes % 60)
		snprintf(dst, size, "%d h %d min", (int)hours,
			 (int)(minutes % 60));
	else if (hours < 24)
		snprintf(dst, size, "%d h", (int)hours);
	else if (hours % 24)
		snprintf(dst, size, "%" PRId64 " d %d h", days,
			 (int)(hours % 24));
	else
		snprintf(dst, size, "%" PRId64 " d", days);
}

/* The units of a duration, the longest first. */
static const struct {
	const char *name;
	int64_t ms;
} units[] = {
	{ "d", 86400000 }, { "h", 3600000 }, { "min", 60000 },
	{ "m", 60000 },	   { "s", 1000 },    { "ms", 1 },
};

#define N_UNITS (sizeof(units) / sizeof(units[0]))

/* The unit's place in the table, by its whole word; N_UNITS: none. */
static size_t take_unit(const char **s)
{
	size_t len = 0, i = 0;

	while (**s == ' ')
		(*s)++;
	while ((*s)[len] >= 'a' && (*s)[len] <= 'z')
		len++;
	while (i < N_UNITS && (strlen(units[i].name) != len ||
			       strncmp(*s, units[i].name, len)))
		i++;
	*s += len;
	while (**s == ' ' && (*s)[1])
		(*s)++;
	return i;
}

static bool take_number(const char **s, int64_t *n)
{
	*n = 0;
	if (!is_digit(**s))
		return false;
	for (; is_digit(**s); (*s)++) {
		if (__builtin_mul_overflow(*n, 10, n) ||
		    __builtin_add_overflow(*n, **s - '0', n))
			return false;
	}
	return true;
}

int64_t text_parse_duration(const char *s)
{
	int64_t n, sum = 0, longest = INT64_MAX;
	size_t unit;

	if (!take_number(&s, &n))
		return -1;
	if (!*s)
		return __builtin_mul_overflow(n, 1000, &n) ? -1 : n;
	for (;;) {
		unit = take_unit(&s);
		if (unit == N_UNITS || units[unit].ms >= longest ||
		    __builtin_mul_overflow(n, units[unit].ms, &n) ||
		    __builtin_add_overflow(sum, n, &sum))
			return -1;
		if (!*s)
			return sum;
		longest = units[unit].ms;
		if (!take_number(&s, &n))
			return -1;
	}
}
