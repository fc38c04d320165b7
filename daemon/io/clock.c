/*
 * What time it is, random bytes and this machine's own number: the only
 * place that asks the system, so that all else can be tested without it.
 */
#include "io/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

#define MACHINE_ID "/etc/machine-id"
#define MACHINE_ID_LEN 32

/* A clock that cannot be read leaves no deadline meaningful: give up. */
static struct timespec read_clock(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t) != 0)
		abort();
	return t;
}

static int64_t to_ms(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_boot_ms(void)
{
	return to_ms(read_clock(CLOCK_BOOTTIME));
}

int64_t clock_monotonic_us(void)
{
	struct timespec t = read_clock(CLOCK_MONOTONIC);

	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_wall_ms(void)
{
	return to_ms(read_clock(CLOCK_REALTIME));
}

void clock_random(void *dst, size_t len)
{
	char *p = dst;

	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			abort(); /* no kernel we run on lacks getrandom(2) */
		p += n;
		len -= (size_t)n;
	}
}

/* One for each question: so the kernel is asked for the bytes of many at once,
 * and no printf, which takes twenty times as long.  They are no secret. */
void clock_uuid(char dst[37])
{
	static const char digits[] = "0123456789abcdef";
	static unsigned char store[256];
	static size_t left;
	unsigned char b[16];

	if (!left)
		clock_random(store, left = sizeof(store));
	left -= sizeof(b);
	memcpy(b, store + left, sizeof(b));
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(b); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*dst++ = '-';
		*dst++ = digits[b[i] >> 4];
		*dst++ = digits[b[i] & 15];
	}
	*dst = '\0';
}

/* machine-id(5): 32 hexadecimal digits and a newline. */
static bool read_machine_id(char id[static MACHINE_ID_LEN + 1])
{
	int fd = open(MACHINE_ID, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, id, MACHINE_ID_LEN);
	close(fd);
	if (n != MACHINE_ID_LEN)
		return false;
	id[MACHINE_ID_LEN] = '\0';
	for (const char *p = id; *p; p++)
		if (!((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f')))
			return false;
	return true;
}

/*
 * machine-id(5) asks programs not to show the identifier itself, so it is
 * hashed together with our name.
 */
uint64_t clock_machine(void)
{
	char id[256] = "";
	char text[sizeof(id) + 16];
	size_t at = 0;

	if (!read_machine_id(id)) {
		if (gethostname(id, sizeof(id) - 1) != 0)
			id[0] = '\0';
		id[sizeof(id) - 1] = '\0';
	}
	for (const char *p = "keyrotd "; *p; p++)
		text[at++] = *p;
	text_copy(text + at, sizeof(text) - at, id);
	return text_hash(text);
}
