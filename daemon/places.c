/* Where the folders are, by the configuration or by systemd, and that they are
 * there for this process alone. */
#include "places.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "io/lock.h"
#include "io/notify.h"

static char *folder_of(const char *configured, const char *variable,
		       const char *fallback)
{
	const char *env = getenv(variable);
	char *folder;

	if (configured)
		return text_dup(configured);
	folder = text_dup(env && env[0] == '/' ? env : fallback);
	/* systemd lists several folders with colons; ours is the first. */
	folder[strcspn(folder, ":")] = '\0';
	return folder;
}

static bool folder_make(const char *path, mode_t mode)
{
	mode_t old = umask(0); /* others have to get at the socket */
	int error = mkdir(path, mode) == 0 ? 0 : errno;
	struct stat st;

	umask(old);
	if (error == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		error = 0;
	if (error == EEXIST)
		log_error(
			"The folder %s cannot be made: something that is no folder is in its place; move it away.",
			path);
	else if (error)
		log_error("The folder %s cannot be made: %s.", path,
			  strerror(error));
	return error == 0;
}

/* Two daemons would write over each other's state. */
static bool hold(struct places *p, const char *state)
{
	char *path = text_printf("%s/lock", state);
	struct fault f = fault_none();

	p->lock = lock_take(path, &f);
	free(path);
	if (f.kind == FAULT_CONFLICT)
		log_error(
			"The state folder %s is held by another keyrotd; stop that one, or give this one a state-directory of its own.",
			state);
	else if (p->lock < 0)
		log_warn(
			"%s%s The daemon goes on; see to it that no other keyrotd uses this folder.",
			f.text, text_stop(f.text));
	return f.kind != FAULT_CONFLICT;
}

/* A reload that systemd asks for, and everybody else, looks for the socket
 * where the service manager has made a folder for it. */
static void tell_moved(const struct places *p, const struct config *c)
{
	const char *told = getenv("KEYROTD_SOCKET");
	char *usual;

	if (!c->runtime_directory || !getenv("RUNTIME_DIRECTORY") ||
	    notify_listen_fd() >= 0 || (told && !strcmp(told, p->socket_file)))
		return;
	usual = folder_of(NULL, "RUNTIME_DIRECTORY", "");
	if (strcmp(usual, c->runtime_directory) != 0)
		log_warn(
			"By runtime-directory the socket is not in %s, where systemctl reload and keyrotctl look for it: run `systemctl edit keyrotd`, write [Service] and Environment=KEYROTD_SOCKET=%s there, and have keyrotctl's users set the same.",
			usual, p->socket_file);
	free(usual);
}

bool places_take(struct places *p, const struct config *c, bool make)
{
	char *state = folder_of(c->state_directory, "STATE_DIRECTORY",
				"/var/lib/keyrotd");
	char *run = folder_of(c->runtime_directory, "RUNTIME_DIRECTORY",
			      "/run/keyrotd");
	bool ok;

	p->lock = -1;
	ok = !make || (folder_make(state, 0711) && folder_make(run, 0755) &&
		       hold(p, state));

	p->state_file = text_printf("%s/state.json", state);
	p->metrics_file = text_printf("%s/metrics.prom", state);
	p->state_folder = text_dup(state);
	p->socket_file = text_printf("%s/io.keyrotd", run);
	if (ok && make)
		tell_moved(p, c);
	free(state);
	free(run);
	return ok;
}

void places_keep(const struct config *old, const struct config *c)
{
	if (!text_same(c->state_directory, old->state_directory) ||
	    !text_same(c->runtime_directory, old->runtime_directory))
		log_warn(
			"state-directory and runtime-directory take effect only after a restart.");
}

void places_free(struct places *p)
{
	if (!p->state_file)
		return;
	if (p->lock >= 0)
		close(p->lock);
	free(p->state_file);
	free(p->state_folder);
	free(p->socket_file);
	free(p->metrics_file);
}
