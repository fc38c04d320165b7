/*
 * A free(3) for tests, to be preloaded: who gives memory back that still has a
 * secret in it?  The lines of the file in UNWIPED are what is looked for.  Each
 * block that holds one when it is freed, or left by realloc(3), adds a line
 * to UNWIPED.log: which secret (its number), the file of the program or library
 * that gave it back, and how the block begins.  It is wiped then, so that what
 * one has left is not found in the next one's block.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void __libc_free(void *block);
extern void *__libc_malloc(size_t size);

#define SECRETS_MAX 16
#define SECRET_SIZE 256
#define BEGIN 24 /* bytes of a block that are shown */

static char secrets[SECRETS_MAX][SECRET_SIZE];
static size_t lengths[SECRETS_MAX], n_secrets;
static char log_file[512];
static __thread bool busy; /* what we call ourselves is not looked at */

/* Kept inverted: who looks through the memory finds none of ours. */
__attribute__((constructor)) static void begin(void)
{
	const char *name = getenv("UNWIPED");
	int fd = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
	size_t at = 0;
	char c;

	if (fd < 0)
		return;
	while (n_secrets < SECRETS_MAX && read(fd, &c, 1) == 1) {
		if (c == '\n' || at == SECRET_SIZE - 1) {
			lengths[n_secrets++] = at;
			at = 0;
		} else {
			secrets[n_secrets][at++] = (char)~c;
		}
	}
	close(fd);
	snprintf(log_file, sizeof(log_file), "%s.log", name);
}

/* In one write: several threads may free at once. */
static void note(size_t which, const char *block, size_t size, void *from)
{
	char text[1024], start[BEGIN + 1] = "";
	Dl_info where;
	int fd, len;
	size_t i;

	for (i = 0; i < BEGIN && i < size; i++)
		start[i] = block[i] > ' ' && block[i] < 0x7f ? block[i] : '.';
	if (!dladdr(from, &where) || !where.dli_fname)
		where.dli_fname = "?";
	len = snprintf(text, sizeof(text), "%zu %s %s\n", which,
		       where.dli_fname, start);
	fd = open(log_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		abort();
	if (write(fd, text, (size_t)len) != len)
		abort();
	close(fd);
}

static bool holds(const char *block, size_t size, size_t which)
{
	size_t i, at, len = lengths[which];

	for (at = 0; at + len <= size; at++) {
		for (i = 0; i < len; i++)
			if (block[at + i] != (char)~secrets[which][i])
				break;
		if (i == len)
			return true;
	}
	return false;
}

static void look(void *block, void *from)
{
	size_t size, i;

	if (!block || busy || !log_file[0])
		return;
	busy = true;
	size = malloc_usable_size(block);
	for (i = 0; i < n_secrets; i++)
		if (holds(block, size, i))
			note(i, block, size, from);
	explicit_bzero(block, size);
	busy = false;
}

void free(void *block)
{
	look(block, __builtin_return_address(0));
	__libc_free(block);
}

/* Moves each time, so that what is left behind is seen. */
void *realloc(void *block, size_t size)
{
	size_t old = block ? malloc_usable_size(block) : 0;
	void *moved = __libc_malloc(size);

	if (!moved)
		return NULL;
	if (block) {
		memcpy(moved, block, old < size ? old : size);
		look(block, __builtin_return_address(0));
		__libc_free(block);
	}
	return moved;
}
