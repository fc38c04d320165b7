/*
 * fault: errors as values.
 *
 * A fault says what kind of thing went wrong (logic switches on that), which
 * code came with it, and one line that a person can act on.  It is a plain
 * value: no allocation, no owner, copied by assignment.
 */
#ifndef KEYROTD_BASE_FAULT_H
#define KEYROTD_BASE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

enum fault_kind {
	FAULT_NONE,	 /* no fault */
	FAULT_TRANSIENT, /* network, timeout, 408, 5xx: try again */
	FAULT_THROTTLED, /* 429: wait as told, then try again */
	FAULT_AUTH,	 /* 401: the token was not accepted */
	FAULT_DENIED,	 /* 403: no permission, a person has to act */
	FAULT_MISSING,	 /* 404: not there */
	FAULT_CONFLICT,	 /* 409: busy or locked: look again, then retry */
	FAULT_REFUSED,	 /* the change itself was turned down (400, Failed) */
	FAULT_INVALID,	 /* input or answer that cannot be understood */
	FAULT_LOCAL,	 /* this host: file, memory limit, system call */
};

#define FAULT_TEXT_MAX 512
#define FAULT_CODE_MAX 64

struct fault {
	enum fault_kind kind;
	int code;		/* HTTP status, errno, or 0 */
	int64_t retry_after_ms; /* told by the server; -1 when it was silent */
	int64_t heals_ms;	/* by itself, within so many; 0: nobody knows */
	char azure_code[FAULT_CODE_MAX]; /* error.code, "" when none */
	char inner_code[FAULT_CODE_MAX]; /* error.innererror.code or "" */
	char request_id[FAULT_CODE_MAX]; /* x-ms-request-id, "" when none */
	char text[FAULT_TEXT_MAX];	 /* one line, no control characters */
};

/* No fault at all: the value every function starts from. */
struct fault fault_none(void);
/* The same, in place: the texts are empty, and what stood behind their ends
 * stays.  For what is done for each of many. */
static inline void fault_clear(struct fault *f)
{
	f->kind = FAULT_NONE;
	f->code = 0;
	f->retry_after_ms = -1;
	f->heals_ms = 0;
	f->azure_code[0] = f->inner_code[0] = f->request_id[0] = '\0';
	f->text[0] = '\0';
}

/*
 * Fill *f: kind, code (HTTP status, errno or 0) and a printf-style line.
 * Control characters in the line become blanks; it is cut at FAULT_TEXT_MAX.
 * Always returns false, so that `return fault_set(...)` reads well.
 */
bool fault_set(struct fault *f, enum fault_kind kind, int code, const char *fmt,
	       ...) __attribute__((format(printf, 4, 5)));

/* The same in all that they tell. */
bool fault_same(const struct fault *a, const struct fault *b);

/* A lower-case word for the kind ("throttled"), for logs and JSON. */
const char *fault_kind_str(enum fault_kind kind);

/* True when waiting and trying again may help without anybody acting. */
bool fault_is_transient(const struct fault *f);

#endif
