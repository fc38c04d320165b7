/*
 * wiping: memory that is overwritten when it is given back, for libraries
 * that secrets go through and that wipe nothing themselves: yajl's buffers,
 * libcurl's (the request with its header lines and its form, the answer with
 * the token) and OpenSSL's (the same, as TLS records).
 *
 * What nghttp2 holds of a request under HTTP/2 is not among it: libcurl lets
 * it use malloc(3).
 *
 * A block belongs to whoever asked for it and is given back with wiping_free,
 * never with free(3).  When memory runs out the program ends, as text_alloc
 * does.
 */
#ifndef KEYROTD_BASE_WIPING_H
#define KEYROTD_BASE_WIPING_H

#include <stddef.h>

/* As malloc(3), calloc(3), realloc(3), strdup(3) and free(3) are, aligned for
 * anything.  What wiping_resize leaves, or gives up at the end, is wiped;
 * 0 bytes free the block, and NULL comes back. */
void *wiping_alloc(size_t size);
void *wiping_array(size_t count, size_t size);
void *wiping_resize(void *p, size_t size);
char *wiping_copy(const char *s);
void wiping_free(void *p);

/*
 * OpenSSL takes its memory from here from now on.  Before anything else is
 * asked of it: later it takes no other (CRYPTO_set_mem_functions(3)), and
 * then nothing changes.
 */
void wiping_openssl(void);

#endif
