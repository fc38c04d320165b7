/*
 * process: what this process takes of the machine, from proc(5) and
 * getrlimit(2), and who may look into it.
 */
#ifndef KEYROTD_IO_PROCESS_H
#define KEYROTD_IO_PROCESS_H

#include <stddef.h>
#include <stdint.h>

/* -1: not to be had. */
struct process_usage {
	int64_t cpu_ms;	    /* user and system */
	int64_t started_ms; /* wall clock, since 1970 */
	int64_t open_fds, max_fds;
	int64_t resident_bytes, virtual_bytes;
};

/* What this host is called (gethostname(2)), cut to fit; "" when that is not to
 * be had. */
void process_host(char *dst, size_t size);

void process_usage(struct process_usage *u);

/* Once, at the start: a large buffer has pages of its own, which go back with
 * it (mallopt(3)). */
void process_memory(void);
/* Much was used and is free again: its pages go back to the system
 * (malloc_trim(3)).  Takes milliseconds where there are hundreds of thousands
 * of registries. */
void process_give_back(void);

/* Nobody looks into a memory that holds tokens: no core file, and no other
 * process of the same user (prctl(2)). */
void process_close(void);
/* Whoever looks for leaks at the end may look. */
void process_open(void);

#endif
