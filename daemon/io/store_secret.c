/*
 * Fetches a secret from where it is configured to lie, a file or the
 * service's credentials, and wipes what it had to copy.
 */
#include "io/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "io/store_internal.h"

#define SECRET_MAX 4096

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
static bool read_secret(const char *path, char raw[static SECRET_MAX + 1],
			size_t *len, struct fault *f)
{
	int fd = store_open(path, f);
	ssize_t n;

	if (fd < 0)
		return false;
	n = store_read_some(fd, raw, SECRET_MAX + 1);
	if (n < 0)
		fault_set(f, FAULT_LOCAL, errno, "Could not read %s: %s", path,
			  strerror(errno));
	close(fd);
	if (n < 0)
		return false;
	*len = (size_t)n;
	if (n > SECRET_MAX)
		return fault_set(f, FAULT_INVALID, EFBIG,
				 "The secret in %s is longer than %d bytes",
				 path, SECRET_MAX);
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
				 "The secret in %s holds a NUL byte", path);
	return buf_add(out, raw, len) ||
	       fault_set(f, FAULT_INVALID, EFBIG,
			 "The secret in %s is longer than %zu bytes", path,
			 out->max);
}

bool store_read_secret(const char *name, struct buf *out, struct fault *f)
{
	static const char prefix[] = "credential:";
	bool is_credential = !strncmp(name, prefix, sizeof(prefix) - 1);
	char *path = is_credential
			     ? credential_path(name + sizeof(prefix) - 1, f)
			     : text_dup(name);
	char raw[SECRET_MAX + 1];
	size_t len = 0;
	bool ok = false;

	if (path)
		ok = read_secret(path, raw, &len, f) &&
		     accept_secret(path, raw, len, out, f);
	text_wipe(raw, sizeof(raw));
	free(path);
	return ok;
}
