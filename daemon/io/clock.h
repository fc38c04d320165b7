/*
 * clock: the only callers of the system's clocks and random source.
 */
#ifndef KEYROTD_IO_CLOCK_H
#define KEYROTD_IO_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_boot_ms(void);	  /* CLOCK_BOOTTIME: runs on in suspend */
int64_t clock_monotonic_us(void); /* CLOCK_MONOTONIC, what systemd wants */
int64_t clock_wall_ms(void);	  /* CLOCK_REALTIME, ms since 1970 UTC */
void clock_random(void *dst, size_t len); /* getrandom(2); never fails */
void clock_uuid(char dst[37]); /* a random one: RFC 9562, version 4 */
/* A number that is this machine's own and survives restarts: a hash of
 * machine-id(5), of the host name when there is none. */
uint64_t clock_machine(void);

#endif
