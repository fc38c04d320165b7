/*
 * request: the head of an HTTP request (RFC 9112), read as strictly as one that
 * only gives out one document may: what is not understood is refused.  Pure.
 */
#ifndef KEYROTD_CTL_REQUEST_H
#define KEYROTD_CTL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#define REQUEST_MAX 8192      /* bytes of a head */
#define REQUEST_PATH_MAX 1024 /* bytes of a target */

enum request_path { REQUEST_OTHER, REQUEST_METRICS, REQUEST_HEALTH };

struct request {
	bool head;	  /* HEAD: the answer has no body */
	bool openmetrics; /* Accept names application/openmetrics-text */
	enum request_path path;
};

/* Bytes of the head at the start of text, with the empty line that ends it; 0:
 * it is not all there yet. */
size_t request_length(const char *text, size_t len);

/*
 * Read a head of len bytes.  200 with *r, or the status to refuse it with: 400
 * (it is none), 404 (another path than /metrics and /healthz), 405 (another
 * method than GET and HEAD), 414 (the target is too long) or 505 (another
 * version than 1.0 and 1.1); r->head is set wherever the method can be read.
 */
int request_read(struct request *r, const char *text, size_t len);

/* The phrase of a status that is answered here. */
const char *request_phrase(int status);

#endif
