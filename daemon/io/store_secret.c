/*
 * Fetches a secret from where it is configured to lie, a file or the
 * service's credentials, and wipes what it had to copy.
 */
#include "io/store.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "io/store_internal.h"
#include "io/userns.h"

#define SERVICE_USER "keyrotd" /* in systemd/keyrotd.sysusers */

/* NULL and a fault when there are no credentials or the name leads out. */
static char *credential_path(const char *name, struct fault *f)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	if (!*name || strchr(name, '/') || name[0] == '.') {
		fault_set(f, FAULT_INVALID, 0,
			  "\"credential:%s\" does not name a credential", name);
		return NULL;
	}
	if (!folder || !*folder) {
		fault_set(
			f, FAULT_MISSING, 0,
			"The credential %s is not there: the service has none; add LoadCredential=%s:PATH to the unit",
			name, name);
		return NULL;
	}
	return text_printf("%s/%s", folder, name);
}

/* One byte more than allowed is asked for, to see that there is none. */
static bool read_secret(int fd, const char *path, char *raw, size_t max,
			size_t *len, struct stat *st, struct fault *f)
{
	ssize_t n;

	if (fd < 0)
		return false;
	if (st && fstat(fd, st) != 0)
		*st = (struct stat){ .st_mode = 0 };
	n = store_read_some(fd, raw, max + 1);
	if (n < 0)
		fault_set(f, FAULT_LOCAL, errno, "Could not read %s: %s", path,
			  strerror(errno));
	close(fd);
	if (n < 0)
		return false;
	*len = (size_t)n;
	if ((size_t)n > max)
		return fault_set(f, FAULT_INVALID, EFBIG,
				 "What is in %s is longer than %zu bytes", path,
				 max);
	return true;
}

static bool accept_secret(const char *path, const char *raw, size_t len,
			  struct buf *out, struct fault *f)
{
	while (len > 0 && (raw[len - 1] == '\n' || raw[len - 1] == '\r'))
		len--;
	if (len == 0)
		return fault_set(f, FAULT_INVALID, 0,
				 "The secret in %s is empty", path);
	if (memchr(raw, '\0', len))
		return fault_set(f, FAULT_INVALID, 0,
				 "The secret in %s holds a NUL byte: it has to "
				 "be text (a certificate in PEM form)",
				 path);
	return buf_add(out, raw, len) ||
	       fault_set(f, FAULT_INVALID, EFBIG,
			 "The secret in %s is longer than %zu bytes", path,
			 out->max);
}

/* A variable of the environment has no owner and no mode: whoever starts the
 * daemon knows it. */
static bool fetch_variable(const char *name, struct buf *out, struct fault *f)
{
	const char *value = getenv(name);

	if (!value || !*value)
		return fault_set(f, FAULT_MISSING, 0,
				 "The variable %s of the environment is not "
				 "set or is empty",
				 name);
	return accept_secret(name, value, strlen(value), out, f);
}

/* Where it lies; NULL and a fault when that cannot be told. */
static char *path_of(const char *name, struct fault *f)
{
	static const char credential[] = "credential:";

	return strncmp(name, credential, strlen(credential))
		       ? text_dup(name)
		       : credential_path(name + strlen(credential), f);
}

static bool fetch(const char *name, struct buf *out, struct stat *st,
		  struct fault *f)
{
	const char *variable = store_secret_variable(name);
	char *path, *raw;
	size_t len = 0;
	bool ok;

	if (variable)
		return fetch_variable(variable, out, f);
	path = path_of(name, f);
	if (!path)
		return false;
	raw = text_alloc(out->max + 1, 1);
	ok = read_secret(store_open(path, f), path, raw, out->max, &len, st,
			 f) &&
	     accept_secret(path, raw, len, out, f);
	text_wipe(raw, out->max + 1);
	free(raw);
	free(path);
	return ok;
}

const char *store_secret_variable(const char *name)
{
	static const char prefix[] = "environment:";

	return strncmp(name, prefix, strlen(prefix)) ? NULL
						     : name + strlen(prefix);
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	return (h ^ v) * UINT64_C(0x100000001b3); /* as FNV-1a does */
}

uint64_t store_secret_stamp(const char *name)
{
	struct fault f;
	char *path = store_secret_variable(name) ? NULL : path_of(name, &f);
	uint64_t h = path ? store_stamp(path) : 0;

	free(path);
	return h;
}

uint64_t store_stamp(const char *path)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	struct stat st;

	if (stat(path, &st) != 0)
		return 0;
	h = mix(mix(h, st.st_dev), st.st_ino);
	h = mix(mix(h, (uint64_t)st.st_size), st.st_mode);
	h = mix(mix(h, (uint64_t)st.st_mtim.tv_sec),
		(uint64_t)st.st_mtim.tv_nsec);
	h = mix(mix(h, (uint64_t)st.st_ctim.tv_sec),
		(uint64_t)st.st_ctim.tv_nsec);
	return h ? h : 1;
}

bool store_read_proof(const char *path, struct buf *out, struct fault *f)
{
	char *raw = text_alloc(out->max + 1, 1);
	size_t len = 0;
	bool ok = read_secret(store_open_nofollow(path, f), path, raw, out->max,
			      &len, NULL, f) &&
		  accept_secret(path, raw, len, out, f);

	text_wipe(raw, out->max + 1);
	free(raw);
	return ok;
}

bool store_read_secret(const char *name, struct buf *out, struct fault *f)
{
	return fetch(name, out, NULL, f);
}

/* Whoever is not shown here is somebody, and none of ours. */
static bool is_hidden(uid_t uid)
{
	return userns_hides_user(userns_own(), uid);
}

/* A check is often run by root, for a daemon that is another user. */
static bool our_user(uid_t uid)
{
	const struct passwd *service;

	if (is_hidden(uid))
		return false;
	if (uid == 0 || uid == geteuid())
		return true;
	service = getpwnam(SERVICE_USER);
	return service && service->pw_uid == uid;
}

static bool our_group(gid_t gid)
{
	const struct passwd *service;

	if (userns_hides_group(userns_own(), gid))
		return false;
	if (gid == 0 || gid == getegid())
		return true;
	service = getpwnam(SERVICE_USER);
	return service && service->pw_gid == gid;
}

static bool check_owner(const char *name, const struct stat *st,
			struct fault *f)
{
	const struct passwd *owner;

	if (our_user(st->st_uid))
		return true;
	if (is_hidden(st->st_uid))
		return fault_set(f, FAULT_DENIED, 0,
				 "The secret %s belongs to another user than "
				 "root and the daemon's (PrivateUsers= hides "
				 "which), who can read and replace it: chown "
				 "it to the daemon's user and chmod 0600 it",
				 name);
	owner = getpwuid(st->st_uid);
	return fault_set(f, FAULT_DENIED, 0,
			 "The secret %s belongs to the user %u (%s), who can "
			 "read and replace it: chown it to the daemon's user "
			 "and chmod 0600 it",
			 name, (unsigned)st->st_uid,
			 owner ? owner->pw_name : "without a name");
}

static bool check_mode(const char *name, const struct stat *st, struct fault *f)
{
	mode_t mode = st->st_mode & 0777;
	const char *who = NULL;

	if (mode & 0002)
		who = "written by everybody";
	else if (mode & 0004)
		who = "read by everybody";
	else if (mode & 0020)
		who = "written by its group";
	else if (mode & 0040 && !our_group(st->st_gid))
		who = "read by a group that is not the daemon's";
	if (!who)
		return true;
	return fault_set(f, FAULT_DENIED, 0,
			 "The secret %s can be %s (mode %04o): chmod 0600 it",
			 name, who, (unsigned)mode);
}

bool store_check_secret(const char *name, struct fault *f)
{
	struct stat st = { .st_mode = 0 };
	struct buf secret;
	bool ok;

	buf_init(&secret, STORE_SECRET_MAX);
	ok = fetch(name, &secret, &st, f);
	buf_wipe(&secret);
	return ok && (store_secret_variable(name) ||
		      (check_owner(name, &st, f) && check_mode(name, &st, f)));
}

bool store_check_open(const char *path, struct fault *f)
{
	struct stat st;

	if (stat(path, &st) != 0 || !(st.st_mode & 0002) ||
	    (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return true;
	return fault_set(f, FAULT_DENIED, 0,
			 "Everybody can write %s (mode %04o), and so decide "
			 "what becomes of the registries: chmod o-w it",
			 path, (unsigned)st.st_mode & 07777);
}

bool store_check_closed(const char *path, struct fault *f)
{
	struct stat st;

	if (stat(path, &st) != 0 || !(st.st_mode & 0004))
		return true;
	return fault_set(f, FAULT_DENIED, 0,
			 "A password stands in %s, which everybody can read "
			 "(mode %04o): chown root:keyrotd and chmod 0640 it",
			 path, (unsigned)st.st_mode & 07777);
}

bool store_check_program(const char *path, struct fault *f)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return fault_set(f,
				 errno == ENOENT ? FAULT_MISSING : FAULT_DENIED,
				 errno, "The program %s cannot be run: %s",
				 path, strerror(errno));
	if (!S_ISREG(st.st_mode) || access(path, X_OK) != 0)
		return fault_set(f, FAULT_DENIED, EACCES,
				 "The program %s cannot be run: it is no file "
				 "that may be executed; chmod 0755 it",
				 path);
	if (is_hidden(st.st_uid))
		return fault_set(
			f, FAULT_DENIED, 0,
			"The program %s belongs to another user than "
			"root and the daemon's (PrivateUsers= hides "
			"which), who can have the daemon run anything: "
			"chown root it",
			path);
	if (!our_user(st.st_uid))
		return fault_set(f, FAULT_DENIED, 0,
				 "The program %s belongs to the user %u, who "
				 "can have the daemon run anything: chown root "
				 "it",
				 path, (unsigned)st.st_uid);
	if (!(st.st_mode & 0022) ||
	    (!(st.st_mode & 0002) && our_group(st.st_gid)))
		return true;
	return fault_set(f, FAULT_DENIED, 0,
			 "The program %s can be written by others (mode %04o), "
			 "who can have the daemon run anything: chmod go-w it",
			 path, (unsigned)st.st_mode & 07777);
}
