/* io/audit_file: where the audit ends and how it goes on, whatever was left
 * there; with real files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/chain_check.h"
#include "base/text.h"
#include "io/audit_file.h"
#include "io/audit_read.h"

static char folder[64];

static char *in(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int set_up(void **state)
{
	(void)state;
	text_copy(folder, sizeof(folder), "/tmp/kaudit.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	(void)state;
	while (d && (e = readdir(d)) != NULL)
		unlink(in(e->d_name));
	if (d)
		closedir(d);
	return rmdir(folder);
}

static struct audit_file *open_it(const uint64_t *after)
{
	struct fault f = fault_none();
	struct audit_file *a = audit_file_open(folder, after, &f);

	assert_string_equal(f.text, "");
	assert_non_null(a);
	return a;
}

static void add(struct audit_file *a, int n)
{
	char object[256];

	snprintf(object, sizeof(object),
		 "{\"time\":\"2026-01-%02dT03:04:05.000Z\",\"kind\":\"event\","
		 "\"n\":%d}",
		 1 + n % 28, n);
	assert_true(audit_file_add(a, object, strlen(object)));
}

static void sync_it(struct audit_file *a)
{
	struct fault f;

	assert_true(audit_file_sync(a, &f));
	assert_string_equal(f.text, "");
	assert_false(audit_file_pending(a));
}

/* So many records in one sitting. */
static void write_some(int from, int n)
{
	struct audit_file *a = open_it(NULL);

	for (int i = from; i < from + n; i++)
		add(a, i);
	sync_it(a);
	audit_file_close(a);
}

static bool on_line(const char *line, size_t len, bool ended, void *arg)
{
	return chain_check_line(arg, line, len, ended);
}

/* All files as they lie there. */
static enum chain_verdict check(struct chain_check *c)
{
	struct audit_list l;
	struct chain head;
	struct fault f = fault_none();
	enum chain_verdict v;

	assert_true(chain_check_init(c, NULL, &f));
	audit_read_head(folder, &head);
	chain_check_anchor(c, &head);
	assert_true(audit_read_list(folder, &l, &f));
	for (size_t i = 0; i < l.n; i++) {
		chain_check_file(c, l.paths[i]);
		assert_true(audit_read_lines(l.paths[i], on_line, c, &f));
	}
	v = chain_check_end(c);
	audit_read_list_free(&l);
	chain_check_free(c);
	return v;
}

static void whole(uint64_t records)
{
	struct chain_check c;

	assert_int_equal(check(&c), CHAIN_WHOLE);
	assert_string_equal(c.fault.text, "");
	assert_int_equal(c.records, records);
}

static off_t size_of(const char *name)
{
	struct stat st;

	return stat(in(name), &st) == 0 ? st.st_size : -1;
}

static void append(const char *text, size_t len)
{
	int fd = open(in(AUDIT_FILE), O_WRONLY | O_APPEND | O_CLOEXEC);

	assert_int_equal(write(fd, text, len), len);
	close(fd);
}

static void cut(off_t by)
{
	assert_int_equal(truncate(in(AUDIT_FILE), size_of(AUDIT_FILE) - by), 0);
}

/* ---- */

static void goes_on(void **state)
{
	struct chain head;

	(void)state;
	write_some(0, 3);
	write_some(3, 4);
	whole(7);
	audit_read_head(folder, &head);
	assert_int_equal(head.seq, 7);
	assert_int_equal(size_of(AUDIT_HEAD), AUDIT_HEAD_LEN);
}

static void nothing_is_written_unasked(void **state)
{
	struct audit_file *a = open_it(NULL);

	(void)state;
	sync_it(a);
	assert_int_equal(size_of(AUDIT_FILE), 0);
	assert_int_equal(audit_file_synced(a)->seq, 0);
	assert_false(audit_file_add(a, "[]", 2));
	audit_file_close(a);
}

static void only_one(const struct audit_file *a)
{
	struct fault f = fault_none();

	assert_non_null(a);
	assert_null(audit_file_open(folder, NULL, &f));
	assert_int_equal(f.kind, FAULT_CONFLICT);
}

static void only_one_writes(void **state)
{
	struct audit_file *a = open_it(NULL);

	(void)state;
	only_one(a);
	audit_file_close(a);
	audit_file_close(open_it(NULL));
}

static void half_a_record(void **state)
{
	struct chain_check c;

	(void)state;
	write_some(0, 3);
	append("{\"seq\":4,\"time\":\"20", 19);
	assert_int_equal(check(&c), CHAIN_TORN);
	write_some(3, 1);
	whole(5); /* one tells of it */
	assert_int_equal(check(&c), CHAIN_WHOLE);
	assert_int_equal(c.torn, 1);
	/* It is still there, as it was. */
	append("a\nb\nc\n", 6);
	write_some(4, 1);
	append("\n", 1);
	write_some(5, 1);
	whole(9);
}

/* A file system that has not written all pages of a file leaves zeros. */
static void zeros_and_whole_records_behind(void **state)
{
	static char zeros[8192];
	char text[4096];
	int fd;
	ssize_t n;

	(void)state;
	write_some(0, 3);
	fd = open(in(AUDIT_FILE), O_RDONLY | O_CLOEXEC);
	n = read(fd, text, sizeof(text));
	close(fd);
	append(zeros, sizeof(zeros));
	append(text, (size_t)n);
	append(zeros, 10);
	write_some(3, 1);
	whole(5);
}

static void whole_records_that_were_not_synced(void **state)
{
	struct chain old;
	char text[AUDIT_HEAD_LEN + 1];
	int fd;

	(void)state;
	write_some(0, 2);
	audit_read_head(folder, &old);
	write_some(2, 2);
	/* As after a crash between the records and the head. */
	audit_read_head_text(text, &old);
	fd = open(in(AUDIT_HEAD), O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(fd, text, AUDIT_HEAD_LEN), AUDIT_HEAD_LEN);
	close(fd);
	write_some(4, 1);
	whole(5);
}

/* ---- what cannot be gone on with ---- */

static void set_aside(const char *words)
{
	struct audit_file *a = open_it(NULL);
	struct chain_record r;
	struct fault f;
	char line[2048];
	int fd;
	ssize_t n;

	add(a, 1);
	sync_it(a);
	audit_file_close(a);
	fd = open(in(AUDIT_FILE), O_RDONLY | O_CLOEXEC);
	n = read(fd, line, sizeof(line));
	close(fd);
	assert_true(n > 0);
	assert_true(chain_read(
		line, (size_t)((char *)memchr(line, '\n', (size_t)n) - line),
		&r, &f));
	assert_string_equal(r.kind, "broken");
	assert_non_null(strstr(json_get_str(r.root, "text"), words));
	if (json_get_str(r.root, "file"))
		assert_true(size_of(json_get_str(r.root, "file")) >= 0);
	chain_record_free(&r);
}

static void an_end_that_was_cut_off(void **state)
{
	struct chain_check c;
	struct audit_file *a;

	(void)state;
	write_some(0, 3);
	cut(5);
	assert_int_equal(check(&c), CHAIN_BROKEN);
	assert_int_equal(c.seq, 3);
	set_aside("are gone");
	/* It goes on behind what was known, so that nothing is there twice. */
	assert_int_equal(check(&c), CHAIN_WHOLE);
	assert_true(c.after_damage);
	assert_int_equal(c.first.seq, 4);
	a = open_it(NULL);
	add(a, 2);
	sync_it(a);
	audit_file_close(a);
	assert_int_equal(check(&c), CHAIN_WHOLE);
}

static void a_record_that_was_changed(void **state)
{
	int fd;

	(void)state;
	write_some(0, 3);
	fd = open(in(AUDIT_FILE), O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "X", 1, size_of(AUDIT_FILE) - 170), 1);
	close(fd);
	set_aside("are gone");
}

static void a_file_that_is_gone(void **state)
{
	(void)state;
	write_some(0, 3);
	assert_int_equal(unlink(in(AUDIT_FILE)), 0);
	set_aside("are gone");
}

static void a_file_of_something_else(void **state)
{
	(void)state;
	write_some(0, 1);
	assert_int_equal(unlink(in(AUDIT_HEAD)), 0);
	assert_int_equal(truncate(in(AUDIT_FILE), 0), 0);
	append("what is this?\n", 14);
	set_aside("no record that is whole");
}

static void a_folder_in_its_place(void **state)
{
	struct fault f = fault_none();

	(void)state;
	assert_int_equal(mkdir(in(AUDIT_FILE), 0700), 0);
	assert_null(audit_file_open(folder, NULL, &f));
	assert_int_equal(f.kind, FAULT_LOCAL);
	assert_int_equal(rmdir(in(AUDIT_FILE)), 0);
	assert_int_equal(mkfifo(in(AUDIT_FILE), 0600), 0);
	assert_null(audit_file_open(folder, NULL, &f));
	assert_non_null(strstr(f.text, "no regular file"));
}

/* ---- many files ---- */

static void limits(struct audit_file *a, int64_t size, int64_t days)
{
	struct audit_file_limits l = { size, days * 86400000 };

	audit_file_limit(a, &l);
}

static void a_new_file_at_its_size(void **state)
{
	struct audit_file *a = open_it(NULL);

	(void)state;
	limits(a, 1000, 3650);
	for (int i = 0; i < 20; i++) {
		add(a, 0);
		sync_it(a);
	}
	whole(20);
	assert_true(size_of("audit-000000000001.jsonl") >= 1000);
	assert_true(size_of("audit-000000000001.jsonl") < 1300);
	assert_true(size_of("audit-000000000006.jsonl") >= 1000);
	audit_file_close(a);
	/* Just after a new one was begun, or before. */
	write_some(0, 1);
	whole(21);
	assert_int_equal(unlink(in(AUDIT_FILE)), 0);
}

static void goes_on_with_an_empty_new_file(void **state)
{
	struct audit_file *a = open_it(NULL);

	(void)state;
	limits(a, 100, 3650);
	add(a, 0);
	sync_it(a);
	assert_int_equal(size_of(AUDIT_FILE), 0);
	audit_file_close(a);
	write_some(1, 1);
	whole(2);
	/* ... or none. */
	a = open_it(NULL);
	limits(a, 100, 3650);
	add(a, 2);
	sync_it(a);
	audit_file_close(a);
	assert_int_equal(unlink(in(AUDIT_FILE)), 0);
	write_some(3, 1);
	whole(4);
}

static void old_files_are_removed(void **state)
{
	struct audit_file *a = open_it(NULL);
	struct chain_check c;

	(void)state;
	limits(a, 100, 5);
	for (int day = 0; day < 12; day++) {
		add(a, day);
		sync_it(a);
	}
	assert_int_equal(size_of("audit-000000000001.jsonl"), -1);
	assert_int_equal(check(&c), CHAIN_WHOLE);
	assert_true(c.first.seq > 5);
	assert_true(c.removal_told);
	audit_file_close(a);
}

/* ---- a writer that ended ---- */

static void nothing_is_there_twice(void **state)
{
	struct audit_file *a;
	uint64_t after = 3;

	(void)state;
	write_some(0, 6);
	/* The last it told of was 3; so 3, 4 and 5 are handed in again. */
	a = open_it(&after);
	for (int i = 3; i < 8; i++)
		add(a, i);
	sync_it(a);
	assert_int_equal(audit_file_synced(a)->seq, 8);
	audit_file_close(a);
	whole(8);
}

static void a_full_disk(void **state)
{
	struct audit_file *a = open_it(NULL);
	int n = 0;

	(void)state;
	while (audit_file_has_room(a))
		add(a, n++);
	assert_true(n > 1000);
	sync_it(a);
	audit_file_close(a);
	whole((uint64_t)n);
}

static void heads_that_say_nothing(void **state)
{
	static const char *const bad[] = {
		"",
		"12",
		"00000000000000000000 "
		"000000000000000000000000000000000000000000000000000"
		"0000000000000\n",
		"0000000000000000000a "
		"00000000000000000000000000000000000000000000000000000000000000"
		"00\n",
		"99999999999999999999 "
		"00000000000000000000000000000000000000000000000000000000000000"
		"00\n",
	};
	struct chain head;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		audit_read_head_of(bad[i], strlen(bad[i]), &head);
		assert_int_equal(head.seq, 0);
	}
}

/* ---- what others do to the files ---- */

static void look(struct audit_file *a, uint64_t expected)
{
	struct fault f;
	uint64_t before = 99;

	assert_true(audit_file_look(a, &before, &f));
	assert_string_equal(f.text, "");
	assert_int_equal(before, expected);
}

static void gap(const struct audit_file *a, uint64_t first, uint64_t last)
{
	assert_int_equal(audit_file_gap(a)->first, first);
	assert_int_equal(audit_file_gap(a)->last, last);
}

static void move(const char *from, const char *to)
{
	char *path = text_dup(in(from));

	assert_int_equal(rename(path, in(to)), 0);
	free(path);
}

static struct audit_file *with_three(void)
{
	struct audit_file *a = open_it(NULL);

	for (int i = 0; i < 3; i++)
		add(a, i);
	look(a, 0);
	sync_it(a);
	look(a, 0);
	gap(a, 0, 0);
	return a;
}

static void a_file_that_is_taken_away(void **state)
{
	struct audit_file *a = with_three();
	struct chain_check c;
	struct chain head;

	(void)state;
	assert_int_equal(unlink(in(AUDIT_FILE)), 0);
	assert_int_equal(unlink(in(AUDIT_HEAD)), 0);
	look(a, 0);
	gap(a, 1, 3);
	assert_int_equal(size_of(AUDIT_FILE), 0);
	add(a, 3);
	sync_it(a);
	assert_int_equal(check(&c), CHAIN_WHOLE);
	assert_int_equal(c.first.seq, 4); /* tells of it */
	assert_int_equal(c.taken, 1);
	assert_int_equal(c.last.seq, 5);
	audit_read_head(folder, &head);
	assert_int_equal(head.seq, 5);
	/* It is the new head that holds the lock. */
	only_one(a);
	audit_file_close(a);
	write_some(4, 1);
	assert_int_equal(check(&c), CHAIN_WHOLE);
	assert_int_equal(c.first.seq, 4);
	assert_int_equal(c.last.seq, 6);
}

/* What was sealed and not written goes behind the record that tells of it. */
static void taken_away_from_below_what_waits(void **state)
{
	struct audit_file *a = with_three();
	struct chain_check c;

	(void)state;
	add(a, 3);
	add(a, 4);
	assert_int_equal(unlink(in(AUDIT_FILE)), 0);
	look(a, 1);
	look(a, 0);
	sync_it(a);
	assert_int_equal(audit_file_synced(a)->seq, 6);
	assert_int_equal(check(&c), CHAIN_WHOLE);
	assert_int_equal(c.taken, 1);
	assert_int_equal(c.first.seq, 4);
	assert_int_equal(c.records, 3);
	audit_file_close(a);
}

static void renamed_and_put_back(void **state)
{
	struct audit_file *a = with_three();
	struct chain_check c;

	(void)state;
	move(AUDIT_FILE, "audit.jsonl.1");
	look(a, 0);
	gap(a, 1, 3);
	add(a, 3);
	sync_it(a);
	/* ... and once more, and both are missing. */
	move(AUDIT_FILE, "audit.jsonl.0");
	look(a, 0);
	gap(a, 1, 5);
	add(a, 4);
	sync_it(a);
	move("audit.jsonl.1", "audit-000000000001.jsonl");
	look(a, 0);
	gap(a, 1, 5);
	assert_int_equal(check(&c), CHAIN_BROKEN);
	assert_non_null(strstr(c.fault.text, "records 4 to 5 are missing"));
	move("audit.jsonl.0", "audit-000000000004.jsonl");
	look(a, 0);
	gap(a, 0, 0);
	whole(7);
	audit_file_close(a);
}

static void emptied_and_cut(void **state)
{
	struct audit_file *a = with_three();
	struct chain_check c;

	(void)state;
	assert_int_equal(truncate(in(AUDIT_FILE), 0), 0);
	add(a, 3);
	look(a, 1);
	sync_it(a);
	assert_int_equal(check(&c), CHAIN_WHOLE);
	assert_int_equal(c.taken, 1);
	/* What is left of it is kept. */
	cut(7);
	look(a, 0);
	gap(a, 1, 5);
	add(a, 4);
	sync_it(a);
	assert_int_equal(check(&c), CHAIN_WHOLE);
	assert_int_equal(c.taken, 4);
	audit_file_accept(a, &(struct audit_gap){ 0 });
	look(a, 0);
	gap(a, 0, 0);
	audit_file_close(a);
}

/* As an editor saves a file: nothing is missing. */
static void a_copy_in_its_place(void **state)
{
	struct audit_file *a = with_three();
	char text[4096];
	ssize_t n;
	int fd;

	(void)state;
	fd = open(in(AUDIT_FILE), O_RDONLY | O_CLOEXEC);
	n = read(fd, text, sizeof(text));
	close(fd);
	assert_int_equal(unlink(in(AUDIT_FILE)), 0);
	fd = open(in(AUDIT_FILE), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, text, (size_t)n), n);
	close(fd);
	add(a, 3);
	look(a, 0);
	gap(a, 0, 0);
	sync_it(a);
	whole(4);
	audit_file_close(a);
}

/* Nothing is lost with a file that holds nothing. */
static void an_empty_one_is_taken_away(void **state)
{
	struct audit_file *a = open_it(NULL);

	(void)state;
	assert_int_equal(unlink(in(AUDIT_FILE)), 0);
	look(a, 0);
	gap(a, 0, 0);
	add(a, 0);
	sync_it(a);
	whole(1);
	audit_file_close(a);
}

/* The folder itself: it is tried again, and goes on when it can. */
static void nowhere_to_write(void **state)
{
	struct audit_file *a = with_three();
	char away[80];
	struct fault f;
	uint64_t before;

	(void)state;
	snprintf(away, sizeof(away), "%s.away", folder);
	assert_int_equal(rename(folder, away), 0);
	add(a, 3);
	assert_false(audit_file_look(a, &before, &f));
	assert_non_null(strstr(f.text, "Could not open"));
	assert_int_equal(rename(away, folder), 0);
	look(a, 0);
	sync_it(a);
	whole(4);
	gap(a, 0, 0);
	audit_file_close(a);
}

#define WITH_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(goes_on),
		WITH_FOLDER(nothing_is_written_unasked),
		WITH_FOLDER(only_one_writes),
		WITH_FOLDER(half_a_record),
		WITH_FOLDER(zeros_and_whole_records_behind),
		WITH_FOLDER(whole_records_that_were_not_synced),
		WITH_FOLDER(an_end_that_was_cut_off),
		WITH_FOLDER(a_record_that_was_changed),
		WITH_FOLDER(a_file_that_is_gone),
		WITH_FOLDER(a_file_of_something_else),
		WITH_FOLDER(a_folder_in_its_place),
		WITH_FOLDER(a_new_file_at_its_size),
		WITH_FOLDER(goes_on_with_an_empty_new_file),
		WITH_FOLDER(old_files_are_removed),
		WITH_FOLDER(nothing_is_there_twice),
		WITH_FOLDER(a_full_disk),
		WITH_FOLDER(a_file_that_is_taken_away),
		WITH_FOLDER(taken_away_from_below_what_waits),
		WITH_FOLDER(renamed_and_put_back),
		WITH_FOLDER(emptied_and_cut),
		WITH_FOLDER(a_copy_in_its_place),
		WITH_FOLDER(an_empty_one_is_taken_away),
		WITH_FOLDER(nowhere_to_write),
		cmocka_unit_test(heads_that_say_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
