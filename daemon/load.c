/*
 * Brings the configuration from the disk to the parser: the main file and
 * those of watch.d, where one that cannot be read counts as a mistake.
 */
#include "load.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "io/store.h"

struct files {
	char **paths;
	struct buf *texts;
	struct config_source *sources;
	size_t n;
};

/* Line 0: the file (or folder) as a whole. */
static void complain(const char *path, const struct fault *f,
		     config_problem *problem, void *arg)
{
	char *line =
		text_printf("%s:0: %s%s", path, f->text, text_stop(f->text));

	problem(line, arg);
	free(line);
}

static bool list(const char *path, struct files *fs, config_problem *problem,
		 void *arg)
{
	const char *slash = strrchr(path, '/');
	char *folder =
		slash ? text_printf("%.*s/watch.d", (int)(slash - path), path)
		      : text_dup("watch.d");
	char **more = NULL;
	size_t n = 0;
	struct fault f = fault_none();
	bool ok = store_list_conf(folder, LOAD_FILES_MAX, &more, &n, &f);

	if (!ok)
		complain(folder, &f, problem, arg);
	free(folder);
	fs->n = ok ? n + 1 : 1;
	fs->paths = text_alloc(fs->n, sizeof(*fs->paths));
	fs->texts = text_alloc(fs->n, sizeof(*fs->texts));
	fs->sources = text_alloc(fs->n, sizeof(*fs->sources));
	fs->paths[0] = text_dup(path);
	for (size_t i = 0; ok && i < n; i++)
		fs->paths[i + 1] = more[i];
	free(more);
	return ok;
}

static bool read_all(struct files *fs, config_problem *problem, void *arg)
{
	struct fault f = fault_none();
	bool ok = true;

	for (size_t i = 0; i < fs->n; i++) {
		buf_init(&fs->texts[i], LOAD_FILE_MAX);
		if (!store_read(fs->paths[i], &fs->texts[i], &f)) {
			complain(fs->paths[i], &f, problem, arg);
			ok = false;
		}
		fs->sources[i] = (struct config_source){
			.name = fs->paths[i],
			.text = buf_str(&fs->texts[i]),
			.len = fs->texts[i].len,
		};
	}
	return ok;
}

struct config *load_config(const char *path, config_problem *problem, void *arg)
{
	struct files fs = { 0 };
	struct config *c = NULL;

	if (list(path, &fs, problem, arg) && read_all(&fs, problem, arg))
		c = config_parse(fs.sources, fs.n, problem, arg);
	for (size_t i = 0; i < fs.n; i++) {
		free(fs.paths[i]);
		buf_free(&fs.texts[i]);
	}
	free(fs.paths);
	free(fs.texts);
	free(fs.sources);
	return c;
}
