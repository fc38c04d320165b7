/* io/audit_cursor: the audit's events from any place on, in real files that are
 * written, given other names and removed meanwhile. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "io/audit_cursor.h"
#include "io/audit_file.h"
#include "io/audit_read.h"

#define FILL 700 /* bytes in a record, so that a file has many steps */
#define EVERY 3	 /* each third record tells of an event */
#define T0 INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

static char folder[64];
static struct audit_file *file;
static int next_record;

static char *in(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int set_up(void **state)
{
	struct fault f = fault_none();

	(void)state;
	text_copy(folder, sizeof(folder), "/tmp/kcursor.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	file = audit_file_open(folder, NULL, &f);
	next_record = 0;
	return file ? 0 : -1;
}

static int tear_down(void **state)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	(void)state;
	audit_file_close(file);
	while (d && (e = readdir(d)) != NULL)
		unlink(in(e->d_name));
	if (d)
		closedir(d);
	return rmdir(folder);
}

/* Record n is of n minutes after T0. */
static void write_some(int n)
{
	char object[FILL + 256], fill[FILL + 1], time[CHAIN_TIME_MAX];
	struct fault f;

	memset(fill, 'x', FILL);
	fill[FILL] = '\0';
	for (int i = 0; i < n; i++) {
		int seq = ++next_record;

		chain_time(time, T0 + seq * INT64_C(60000));
		snprintf(
			object, sizeof(object),
			"{\"time\":\"%s\",\"kind\":\"event\"%s,\"fill\":\"%s\"}",
			time, seq % EVERY ? "" : ",\"event\":\"state\"", fill);
		assert_int_equal(audit_file_add(file, object, strlen(object)),
				 seq);
		if (!audit_file_has_room(file))
			assert_true(audit_file_sync(file, &f));
	}
	assert_true(audit_file_sync(file, &f));
}

static void limit(int64_t bytes)
{
	const struct audit_file_limits l = { bytes, INT64_MAX };

	audit_file_limit(file, &l);
}

/* Events that came: each once, in order. */
struct got {
	uint64_t first, last;
	size_t n;
	bool strict; /* none is left out */
};

static void take(const struct chain_record *r, void *arg)
{
	struct got *g = arg;

	assert_int_equal(r->seq % EVERY, 0);
	assert_true(r->seq > g->last);
	if (g->n && g->strict)
		assert_int_equal(r->seq, g->last + EVERY);
	if (!g->n)
		g->first = r->seq;
	g->last = r->seq;
	g->n++;
}

static struct got all_of(uint64_t after, int64_t since, uint64_t upto,
			 bool strict)
{
	struct audit_cursor *c = audit_cursor_new(folder, after, since);
	struct got g = { .strict = strict };
	int steps = 0;

	while (audit_cursor_step(c, upto, take, &g))
		assert_true(++steps < 1000);
	audit_cursor_free(c);
	return g;
}

/* All behind `after`, of those up to `upto`. */
static void rest(uint64_t after, uint64_t upto)
{
	struct got g = all_of(after, 0, upto, true);

	assert_int_equal(g.n, upto / EVERY - after / EVERY);
	if (g.n) {
		assert_int_equal(g.first, (after / EVERY + 1) * EVERY);
		assert_int_equal(g.last, upto / EVERY * EVERY);
	}
}

static void nothing_is_there(void **state)
{
	(void)state;
	rest(0, 0);
	assert_int_equal(all_of(0, 0, 100, true).n, 0);
	tear_down(state);
	assert_int_equal(all_of(0, 0, 100, true).n, 0);
	assert_int_equal(set_up(state), 0);
}

static void from_any_record(void **state)
{
	(void)state;
	write_some(2000);
	for (uint64_t after = 0; after <= 2000; after += 97)
		rest(after, 2000);
	rest(1999, 2000);
	rest(2000, 2000);
	rest(0, 1000);
	rest(998, 1000);
}

static void over_many_files(void **state)
{
	struct audit_list l;
	struct fault f;

	(void)state;
	limit(100000);
	for (int i = 0; i < 20; i++)
		write_some(70);
	assert_true(audit_read_list(folder, &l, &f));
	assert_true(l.n > 6);
	audit_read_list_free(&l);
	for (uint64_t after = 0; after <= 1400; after += 23)
		rest(after, 1400);
}

/* It was just begun anew, and holds nothing yet. */
static void an_empty_file_at_the_end(void **state)
{
	(void)state;
	limit(1000);
	write_some(9);
	assert_int_equal(access(in("audit-000000000001.jsonl"), F_OK), 0);
	rest(0, 9);
	rest(5, 9);
	write_some(9);
	rest(5, 18);
}

static void since_a_time(void **state)
{
	(void)state;
	limit(100000);
	for (int i = 0; i < 12; i++)
		write_some(70);
	for (int64_t seq = 1; seq <= 840; seq += 13) {
		struct got g = all_of(0, T0 + seq * 60000, 840, true);

		assert_int_equal(g.last, 840);
		assert_int_equal(g.first, (seq + EVERY - 1) / EVERY * EVERY);
	}
	assert_int_equal(all_of(0, T0 + INT64_C(841) * 60000, 840, true).n, 0);
	assert_int_equal(all_of(0, 1, 840, true).n, 280);
	assert_int_equal(all_of(600, T0 + 300 * 60000, 840, true).first, 603);
	assert_int_equal(all_of(300, T0 + 600 * 60000, 840, true).first, 600);
}

/* A new file is begun, and the old one gets another name, between steps. */
static void while_it_is_written(void **state)
{
	struct got g = { .strict = true };
	struct audit_cursor *c;
	uint64_t upto = 600;

	(void)state;
	write_some(600);
	c = audit_cursor_new(folder, 3, 0);
	assert_true(audit_cursor_step(c, upto, take, &g));
	limit(100000);
	write_some(300);
	write_some(300);
	upto = 1200;
	while (audit_cursor_step(c, upto, take, &g))
		;
	audit_cursor_free(c);
	assert_int_equal(g.first, 6);
	assert_int_equal(g.last, 1200);
}

/* What is removed by age is not there; the rest is. */
static void a_file_is_removed(void **state)
{
	struct got g;

	(void)state;
	limit(100000);
	for (int i = 0; i < 6; i++)
		write_some(150);
	assert_int_equal(unlink(in("audit-000000000001.jsonl")), 0);
	g = all_of(0, 0, 900, true);
	assert_int_equal(g.first, 153);
	assert_int_equal(g.last, 900);
	g = all_of(160, 0, 900, true);
	assert_int_equal(g.first, 162);
}

/* Half records, lines that never end, and bytes of any kind: what is whole
 * comes, once and in order. */
static void damage(void **state)
{
	static char junk[300000];
	struct got g;
	int fd;

	(void)state;
	write_some(600);
	fd = open(in(AUDIT_FILE), O_RDWR | O_CLOEXEC);
	memset(junk, '{', sizeof(junk));
	assert_int_equal(pwrite(fd, junk, sizeof(junk), 60000), sizeof(junk));
	g = all_of(0, 0, 600, false);
	assert_int_equal(g.first, 3);
	assert_int_equal(g.last, 600);
	assert_true(g.n > 40 && g.n < 140);
	assert_int_equal(all_of(599, 0, 600, false).n, 1);
	for (unsigned i = 0; i < 300; i++) {
		size_t at = 400 + i * 397 % 150000;

		junk[0] = (char)(i * 7);
		junk[1] = i % 3 ? '\n' : '"';
		assert_int_equal(pwrite(fd, junk, 2, (off_t)at), 2);
		g = all_of(i, 0, 600, false);
		assert_true(g.last == 600 && g.first > i);
	}
	assert_int_equal(pwrite(fd, "{\"seq\":9999,\"time\":\"2026", 24, 0),
			 24);
	assert_int_equal(all_of(0, 0, 600, false).last, 600);
	close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_there),	 TEST(from_any_record),
		TEST(over_many_files),	 TEST(an_empty_file_at_the_end),
		TEST(since_a_time),	 TEST(while_it_is_written),
		TEST(a_file_is_removed), TEST(damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
