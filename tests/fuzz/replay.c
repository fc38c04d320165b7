/*
 * replay: shows files to a fuzz target, without libFuzzer: each file that is
 * named, or that lies in a folder that is named, and an empty one.  Whatever
 * is wrong ends the process, so the name of each file is told first.
 */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "fuzz.h"

#define INPUT_MAX (1 << 20)

static size_t shown;

static void show(const char *data, size_t len)
{
	/* Memory that ends with the data, so that a step too far is seen. */
	uint8_t *exact = malloc(len ? len : 1);

	if (!exact)
		abort();
	memcpy(exact, data, len);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	shown++;
}

static bool show_file(const char *path)
{
	static char data[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	size_t len;

	if (!file) {
		printf("not ok %s: %s\n", path, strerror(errno));
		return false;
	}
	len = fread(data, 1, sizeof(data), file);
	fclose(file);
	printf("# %s\n", path);
	fflush(stdout);
	show(data, len);
	return true;
}

static bool show_folder(const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort);
	bool ok = n >= 0;

	for (int i = 0; i < n; i++) {
		char *name = text_printf("%s/%s", path, entries[i]->d_name);

		if (entries[i]->d_name[0] != '.')
			ok &= show_file(name);
		free(name);
		free(entries[i]);
	}
	free(n >= 0 ? entries : NULL);
	return ok;
}

int main(int argc, char **argv)
{
	bool ok = true;

	for (int i = 1; i < argc; i++) {
		struct stat st;
		bool folder = !stat(argv[i], &st) && S_ISDIR(st.st_mode);

		ok &= folder ? show_folder(argv[i]) : show_file(argv[i]);
	}
	if (ok && !shown) {
		printf("not ok: there is nothing to show\n");
		ok = false;
	}
	show("", 0);
	if (ok)
		printf("ok %zu inputs\n", shown);
	return ok ? 0 : 1;
}
