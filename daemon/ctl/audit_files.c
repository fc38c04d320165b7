/* Finds the audit's files: those of a folder, or the one that was named. */
#include "ctl/audit_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"

const char *audit_files_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static const char *folder(void)
{
	const char *path = getenv("STATE_DIRECTORY");

	return path && path[0] == '/' ? path : ARGS_AUDIT_FOLDER;
}

bool audit_files_find(struct audit_files *a, const struct args *args,
		      struct fault *f)
{
	*a = (struct audit_files){ .path = args->file ? args->file : folder() };
	chain_init(&a->head);
	/* What is written while it is read is behind this. */
	a->head_file = audit_read_head(a->path, &a->head);
	if (audit_read_list(a->path, &a->list, f)) {
		a->folder = true;
		return a->list.n > 0 ||
		       fault_set(f, FAULT_MISSING, 0,
				 "There is no audit in %s.", a->path);
	}
	if (f->code != ENOTDIR && strcmp(a->path, "-") != 0)
		return false;
	*f = fault_none();
	a->list.paths = text_grow(NULL, 0, sizeof(*a->list.paths));
	a->list.paths[a->list.n++] = text_dup(a->path);
	return true;
}

bool audit_files_again(const struct audit_files *a)
{
	struct stat st;

	return a->folder || (stat(a->path, &st) == 0 && S_ISREG(st.st_mode));
}

void audit_files_free(struct audit_files *a)
{
	audit_read_list_free(&a->list);
}
