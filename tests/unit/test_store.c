/* store: in a temporary folder of a real file system. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "io/store.h"
#include "io/store_publish.h"

static char folder[64];

static const char *in(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_file(const char *name, const void *data, size_t len)
{
	int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

static int count_files(void)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	int n = 0;

	while ((e = readdir(d)) != NULL)
		n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
	closedir(d);
	return n;
}

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/keyrotd-store-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	(void)state;
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			if (unlinkat(dirfd(d), e->d_name, 0) != 0)
				unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
	closedir(d);
	return rmdir(folder);
}

static enum fault_kind read_kind(const char *name, size_t max)
{
	struct fault f = fault_none();
	struct buf b;
	bool ok;

	buf_init(&b, max);
	ok = store_read(in(name), &b, &f);
	assert_int_equal(ok, f.kind == FAULT_NONE);
	buf_free(&b);
	return f.kind;
}

static void test_read(void **state)
{
	static char big[100000];
	struct fault f;
	struct buf b;

	(void)state;
	memset(big, 'b', sizeof(big));
	write_file("big", big, sizeof(big));
	write_file("empty", "", 0);
	buf_init(&b, sizeof(big) + 1);
	assert_true(buf_puts(&b, "a"));
	assert_true(store_read(in("big"), &b, &f));
	assert_int_equal(b.len, sizeof(big) + 1);
	assert_int_equal(b.data[0], 'a');
	assert_int_equal(b.data[sizeof(big)], 'b');
	buf_free(&b);
	assert_int_equal(read_kind("big", sizeof(big)), FAULT_NONE);
	assert_int_equal(read_kind("big", sizeof(big) - 1), FAULT_INVALID);
	assert_int_equal(read_kind("empty", 0), FAULT_NONE);
	assert_int_equal(read_kind("missing", 10), FAULT_MISSING);
	assert_int_equal(read_kind("big/x", 10), FAULT_LOCAL);
}

static void test_read_refuses(void **state)
{
	struct fault f;
	struct buf b;

	(void)state;
	assert_int_equal(mkfifo(in("fifo"), 0600), 0);
	assert_int_equal(mkdir(in("dir"), 0700), 0);
	assert_int_equal(symlink("loop", in("loop")), 0);
	assert_int_equal(read_kind("fifo", 10), FAULT_LOCAL); /* at once */
	assert_int_equal(read_kind("dir", 10), FAULT_LOCAL);
	assert_int_equal(read_kind("loop", 10), FAULT_LOCAL);
	buf_init(&b, 10);
	assert_false(store_read("/dev/zero", &b, &f));
	assert_int_equal(f.kind, FAULT_LOCAL);
	assert_false(store_read("", &b, &f));
	assert_int_equal(f.kind, FAULT_MISSING);
}

static void assert_content(const char *name, const char *want, mode_t mode)
{
	struct fault f;
	struct stat st;
	struct buf b;

	buf_init(&b, 100);
	assert_true(store_read(in(name), &b, &f));
	assert_string_equal(buf_str(&b), want);
	assert_int_equal(lstat(in(name), &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 07777, mode);
	buf_free(&b);
}

static void test_replace(void **state)
{
	struct fault f;
	mode_t old = umask(0077);

	(void)state;
	assert_true(store_replace(in("s"), "one", 3, &f));
	assert_content("s", "one", 0600);
	assert_true(store_replace(in("s"), "", 0, &f));
	assert_content("s", "", 0600);
	umask(old);
	/* A link in its place is replaced, not followed. */
	write_file("victim", "v", 1);
	unlink(in("s"));
	assert_int_equal(symlink("victim", in("s")), 0);
	assert_true(store_replace(in("s"), "three", 5, &f));
	assert_content("s", "three", 0600);
	assert_content("victim", "v", 0600);
	assert_int_equal(count_files(), 2);
}

static void test_publish(void **state)
{
	struct fault f;
	mode_t old = umask(0077);
	struct store_publish *p;

	(void)state;
	write_file("m", "before", 6);
	p = store_publish_begin(in("m"), 0644, &f);
	assert_non_null(p);
	assert_true(store_publish_add(p, "one\n", 4, &f));
	assert_true(store_publish_add(p, NULL, 0, &f));
	assert_content("m", "before", 0600);
	assert_true(store_publish_add(p, "two\n", 4, &f));
	assert_true(store_publish_end(p, &f));
	assert_content("m", "one\ntwo\n", 0644);
	p = store_publish_begin(in("m"), 0644, &f);
	assert_true(store_publish_add(p, "half", 4, &f));
	store_publish_drop(p);
	store_publish_drop(NULL);
	assert_content("m", "one\ntwo\n", 0644);
	assert_int_equal(count_files(), 1);
	store_publish_remove(in("m"));
	store_publish_remove(in("m"));
	assert_int_equal(count_files(), 0);
	assert_null(store_publish_begin(in("no/such"), 0644, &f));
	assert_int_equal(f.kind, FAULT_LOCAL);
	assert_int_equal(f.code, ENOENT);
	/* A folder in its place stays. */
	mkdir(in("dir"), 0700);
	p = store_publish_begin(in("dir"), 0644, &f);
	assert_false(store_publish_end(p, &f));
	assert_int_equal(f.kind, FAULT_LOCAL);
	assert_int_equal(count_files(), 1);
	umask(old);
}

/* What a child that waits for the disk has left behind. */
static int status_of(pid_t pid)
{
	int status = -1;

	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void test_publish_synced(void **state)
{
	struct fault f = fault_none();
	struct store_publish *p = store_publish_begin(in("m"), 0600, &f);

	(void)state;
	assert_non_null(p);
	assert_true(store_publish_add(p, "kept", 4, &f));
	assert_true(store_publish_synced(
		p, status_of(store_publish_sync(p, &f)), &f));
	assert_int_equal(access(in("m"), F_OK), -1);
	assert_true(store_publish_end(p, &f));
	assert_content("m", "kept", 0600);
	/* It tells what is wrong with the disk. */
	p = store_publish_begin(in("m"), 0600, &f);
	assert_false(store_publish_synced(p, ENOSPC << 8, &f));
	assert_int_equal(f.code, ENOSPC);
	assert_non_null(strstr(f.text, "what was there before is still whole"));
	assert_false(store_publish_synced(p, SIGKILL, &f));
	store_publish_drop(p);
	assert_content("m", "kept", 0600);
}

static void test_replace_fails(void **state)
{
	char name[300];
	struct fault f;

	(void)state;
	assert_false(store_replace(in("no/such"), "x", 1, &f));
	assert_int_equal(f.kind, FAULT_LOCAL);
	assert_int_equal(f.code, ENOENT);
	mkdir(in("dir"), 0700);
	assert_false(store_replace(in("dir"), "x", 1, &f));
	assert_int_equal(f.kind, FAULT_LOCAL);
	assert_false(store_replace(in(""), "x", 1, &f));
	memset(name, 'n', 250);
	name[250] = '\0';
	assert_false(store_replace(in(name), "x", 1, &f));
	assert_int_equal(f.code, ENAMETOOLONG);
	assert_int_equal(count_files(), 1); /* no temp file is left */
}

/* No room for the new file: the old one is whole, nothing lies beside it. */
static void test_no_room(void **state)
{
	static char big[5000];
	struct rlimit was, small;
	struct fault f;

	(void)state;
	assert_true(store_replace(in("s"), "old", 3, &f));
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	small = was;
	small.rlim_cur = 1000;
	setrlimit(RLIMIT_FSIZE, &small);
	assert_false(store_replace(in("s"), big, sizeof(big), &f));
	setrlimit(RLIMIT_FSIZE, &was);
	assert_int_equal(f.kind, FAULT_LOCAL);
	assert_int_equal(f.code, EFBIG);
	assert_content("s", "old", 0600);
	assert_int_equal(count_files(), 1);
}

static void test_relative(void **state)
{
	char was[512];
	struct fault f;

	(void)state;
	assert_non_null(getcwd(was, sizeof(was)));
	assert_int_equal(chdir(folder), 0);
	assert_true(store_replace("rel", "x", 1, &f));
	write_file(".rel.tmp-0123456789abcdef", "", 0);
	store_sweep("rel");
	assert_int_equal(chdir(was), 0);
	assert_content("rel", "x", 0600);
	assert_int_equal(count_files(), 1);
}

static void test_set_aside(void **state)
{
	struct fault f;

	(void)state;
	write_file("s", "1", 1);
	write_file("s.bad", "0", 1);
	assert_true(store_set_aside(in("s"), &f));
	assert_content("s.bad", "1", 0600);
	assert_false(store_set_aside(in("s"), &f));
	assert_int_equal(f.kind, FAULT_MISSING);
}

static void test_sweep(void **state)
{
	static const char *const kept[] = {
		"state.json",
		".state.json.tmp-0123456789abcde",
		".state.json.tmp-0123456789abcdef0",
		".state.json.tmp-0123456789abcdeg",
		".other.tmp-0123456789abcdef",
		"state.json.tmp-0123456789abcdef",
		".state.json.tmp-",
	};
	const size_t n = sizeof(kept) / sizeof(kept[0]);

	(void)state;
	for (size_t i = 0; i < n; i++)
		write_file(kept[i], "", 0);
	write_file(".state.json.tmp-0123456789abcdef", "", 0);
	write_file(".state.json.tmp-ffffffffffffffff", "", 0);
	store_sweep(in("state.json"));
	assert_int_equal(count_files(), (int)n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(access(in(kept[i]), F_OK), 0);
	store_sweep(in("no/such"));
}

static void test_list_conf(void **state)
{
	struct fault f;
	char **paths;
	size_t n;

	(void)state;
	assert_true(store_list_conf(in("none"), 5, &paths, &n, &f));
	assert_int_equal(n, 0);
	assert_true(store_list_conf(folder, 5, &paths, &n, &f));
	assert_int_equal(n, 0);
	free(paths);
	write_file("b.conf", "", 0);
	write_file("a.conf", "", 0);
	write_file("c.conf~", "", 0);
	write_file(".d.conf", "", 0);
	write_file(".conf", "", 0);
	write_file("10.conf", "", 0);
	assert_true(store_list_conf(folder, 3, &paths, &n, &f));
	assert_int_equal(n, 3);
	assert_string_equal(paths[0], in("10.conf"));
	assert_string_equal(paths[1], in("a.conf"));
	assert_string_equal(paths[2], in("b.conf"));
	while (n > 0)
		free(paths[--n]);
	free(paths);
	assert_false(store_list_conf(folder, 2, &paths, &n, &f));
	assert_int_equal(f.kind, FAULT_INVALID);
	assert_int_equal(n, 0);
	assert_null(paths);
	assert_false(store_list_conf(in("a.conf"), 2, &paths, &n, &f));
	assert_int_equal(f.kind, FAULT_LOCAL);
}

static void secret_is(const char *name, const char *want, enum fault_kind kind)
{
	struct fault f = fault_none();
	struct buf b;
	bool ok;

	buf_init(&b, 4096);
	ok = store_read_secret(name, &b, &f);
	assert_int_equal(ok, kind == FAULT_NONE);
	assert_int_equal(f.kind, kind);
	assert_string_equal(buf_str(&b), want);
	buf_wipe(&b);
}

/* What somebody else has named is not followed to elsewhere. */
static void test_proof(void **state)
{
	struct fault f = fault_none();
	struct buf b;

	(void)state;
	buf_init(&b, 8192);
	write_file("proof.key", "a2V5\n", 5);
	assert_true(store_read_proof(in("proof.key"), &b, &f));
	assert_string_equal(buf_str(&b), "a2V5");
	buf_wipe(&b);
	assert_int_equal(symlink("proof.key", in("link.key")), 0);
	assert_false(store_read_proof(in("link.key"), &b, &f));
	assert_int_equal(f.kind, FAULT_LOCAL);
	assert_int_equal(f.code, ELOOP);
	assert_false(store_read_proof(in("none.key"), &b, &f));
	assert_int_equal(f.kind, FAULT_MISSING);
	assert_false(store_read_proof(in(""), &b, &f));
	assert_false(store_read_proof("credential:a", &b, &f));
	assert_int_equal(f.kind, FAULT_MISSING);
	assert_int_equal(b.len, 0);
	buf_wipe(&b);
}

static void test_secret(void **state)
{
	static char big[4098];

	(void)state;
	memset(big, 's', sizeof(big));
	write_file("a", "secret\n", 7);
	secret_is(in("a"), "secret", FAULT_NONE);
	write_file("a", " se cret \r\n\n", 12);
	secret_is(in("a"), " se cret ", FAULT_NONE);
	write_file("a", "\n", 1);
	secret_is(in("a"), "", FAULT_INVALID);
	write_file("a", "x\0y", 3);
	secret_is(in("a"), "", FAULT_INVALID);
	write_file("a", big, 4097);
	secret_is(in("a"), "", FAULT_INVALID);
	write_file("a", big, 4096);
	big[4096] = '\0';
	secret_is(in("a"), big, FAULT_NONE);
	secret_is(in("missing"), "", FAULT_MISSING);
	secret_is(folder, "", FAULT_LOCAL);
}

static void test_variable(void **state)
{
	static char big[4098];
	struct fault f;

	(void)state;
	unsetenv("KEYROTD_TEST");
	secret_is("environment:KEYROTD_TEST", "", FAULT_MISSING);
	setenv("KEYROTD_TEST", "", 1);
	secret_is("environment:KEYROTD_TEST", "", FAULT_MISSING);
	setenv("KEYROTD_TEST", "hunter2\n", 1);
	secret_is("environment:KEYROTD_TEST", "hunter2", FAULT_NONE);
	/* It has no owner and no mode to be looked at. */
	assert_true(store_check_secret("environment:KEYROTD_TEST", &f));
	memset(big, 's', 4097);
	setenv("KEYROTD_TEST", big, 1);
	secret_is("environment:KEYROTD_TEST", "", FAULT_INVALID);
	unsetenv("KEYROTD_TEST");
	assert_int_equal(store_secret_stamp("environment:KEYROTD_TEST"), 0);
	assert_string_equal(store_secret_variable("environment:X"), "X");
	assert_null(store_secret_variable("/environment:X"));
}

static void test_credential(void **state)
{
	uint64_t stamp;

	(void)state;

	write_file("cred", "abc\n", 4);
	stamp = store_secret_stamp(in("cred"));
	assert_int_equal(store_secret_stamp(in("cred")), stamp);
	write_file("cred", "abcd\n", 5);
	assert_int_not_equal(store_secret_stamp(in("cred")), stamp);
	write_file("cred", "abc\n", 4);
	assert_int_equal(store_secret_stamp(in("none")), 0);
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_int_equal(store_secret_stamp("credential:cred"), 0);
	secret_is("credential:cred", "", FAULT_MISSING);
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	secret_is("credential:cred", "abc", FAULT_NONE);
	secret_is("credential:none", "", FAULT_MISSING);
	secret_is("credential:", "", FAULT_INVALID);
	secret_is("credential:../cred", "", FAULT_INVALID);
	secret_is("credential:..", "", FAULT_INVALID);
	unsetenv("CREDENTIALS_DIRECTORY");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* Mode and owner (as root: of any user) of a secret, and what is said. */
static void checked(mode_t mode, uid_t uid, gid_t gid, const char *want)
{
	struct fault f = fault_none();

	if (geteuid() != 0 && (uid != geteuid() || gid != getegid()))
		return; /* only root can give files away */
	write_file("s", "secret\n", 7);
	assert_int_equal(chown(in("s"), uid, gid), 0);
	assert_int_equal(chmod(in("s"), mode), 0);
	assert_int_equal(store_check_secret(in("s"), &f), !want);
	assert_int_equal(f.kind, want ? FAULT_DENIED : FAULT_NONE);
	if (want && !strstr(f.text, want))
		fail_msg("%s\nlacks %s", f.text, want);
	if (want)
		assert_non_null(strstr(f.text, in("s")));
	assert_null(strstr(f.text, "secret\n"));
}

static void test_check_secret(void **state)
{
	uid_t me = geteuid();
	gid_t mine = getegid();
	struct fault f = fault_none();

	(void)state;
	checked(0600, me, mine, NULL);
	checked(0400, me, mine, NULL);
	checked(0640, me, mine, NULL);
	checked(0644, me, mine, "can be read by everybody (mode 0644)");
	checked(0604, me, mine, "can be read by everybody (mode 0604)");
	checked(0602, me, mine, "can be written by everybody (mode 0602)");
	checked(0666, me, mine, "can be written by everybody (mode 0666)");
	checked(0660, me, mine, "can be written by its group (mode 0660)");
	checked(0640, me, 64999, "can be read by a group that is not");
	checked(0600, me, 64999, NULL);
	checked(0600, 64998, mine, "belongs to the user 64998 (without a name");
	checked(0644, 64998, mine, "belongs to the user 64998");
	assert_false(store_check_secret(in("missing"), &f));
	assert_int_equal(f.kind, FAULT_MISSING);
	write_file("e", "\n", 1);
	assert_false(store_check_secret(in("e"), &f));
	assert_int_equal(f.kind, FAULT_INVALID);
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	write_file("cred", "abc", 3);
	assert_true(store_check_secret("credential:cred", &f));
	assert_int_equal(chmod(in("cred"), 0644), 0);
	assert_false(store_check_secret("credential:cred", &f));
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void test_check_open(void **state)
{
	struct fault f = fault_none();

	(void)state;
	write_file("c", "", 0);
	assert_int_equal(chmod(in("c"), 0664), 0);
	assert_true(store_check_open(in("c"), &f));
	assert_true(store_check_open(in("missing"), &f));
	assert_true(store_check_open("/dev/null", &f));
	assert_true(store_check_open(folder, &f));
	assert_int_equal(f.kind, FAULT_NONE);
	assert_int_equal(chmod(in("c"), 0646), 0);
	assert_false(store_check_open(in("c"), &f));
	assert_int_equal(f.kind, FAULT_DENIED);
	assert_non_null(strstr(f.text, "Everybody can write /"));
	assert_non_null(strstr(f.text, "(mode 0646)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_read),		T(test_read_refuses),
		T(test_replace),	T(test_publish),
		T(test_publish_synced), T(test_replace_fails),
		T(test_no_room),	T(test_relative),
		T(test_set_aside),	T(test_sweep),
		T(test_list_conf),	T(test_secret),
		T(test_proof),		T(test_credential),
		T(test_variable),	T(test_check_secret),
		T(test_check_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
