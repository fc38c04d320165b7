/*
 * Finds the configuration files of a folder in the order of their names,
 * whatever order the disk has.
 */
#include "io/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static bool fail(struct fault *f, const char *folder)
{
	return fault_set(f, FAULT_LOCAL, errno,
			 "Could not list the folder %s: %s", folder,
			 strerror(errno));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Hidden files are an editor's leavings. */
static bool is_conf(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 5 && !strcmp(name + len - 5, ".conf");
}

static void free_list(char **list, size_t n)
{
	while (n > 0)
		free(list[--n]);
	free(list);
}

static bool list_conf(DIR *d, const char *folder, size_t max, char ***paths,
		      size_t *n, struct fault *f)
{
	struct dirent *e;

	while ((errno = 0, e = readdir(d)) != NULL) {
		if (!is_conf(e->d_name))
			continue;
		if (*n == max)
			return fault_set(
				f, FAULT_INVALID, 0,
				"%s holds more than %zu .conf files; join some of them",
				folder, max);
		*paths = text_realloc(*paths, *n + 1, sizeof(**paths));
		(*paths)[(*n)++] = text_printf("%s/%s", folder, e->d_name);
	}
	return errno == 0 || fail(f, folder);
}

bool store_list_conf(const char *folder, size_t max, char ***paths, size_t *n,
		     struct fault *f)
{
	DIR *d = opendir(folder);
	bool ok;

	*paths = NULL;
	*n = 0;
	if (!d)
		return errno == ENOENT || fail(f, folder);
	ok = list_conf(d, folder, max, paths, n, f);
	closedir(d);
	if (ok && *n > 0)
		qsort(*paths, *n, sizeof(**paths), by_name);
	if (ok)
		return true;
	free_list(*paths, *n);
	*paths = NULL;
	*n = 0;
	return false;
}
