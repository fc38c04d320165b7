/*
 * trouble: what went wrong on the way to a server, told as a fault: what was
 * tried, on which HOST:PORT, what came back, what a person can do.
 *
 * Knows no HTTP library; io/http sorts the library's codes into these kinds.
 */
#ifndef KEYROTD_IO_TROUBLE_H
#define KEYROTD_IO_TROUBLE_H

#include <stdbool.h>

#include "azure/exchange.h"
#include "base/fault.h"

enum trouble_kind {
	TROUBLE_RESOLVE,      /* the name has no address */
	TROUBLE_PROXY,	      /* the proxy could not be used, see status */
	TROUBLE_PROXY_NAME,   /* the name of the proxy has no address */
	TROUBLE_CONNECT,      /* no TCP connection */
	TROUBLE_TLS,	      /* the handshake failed */
	TROUBLE_CERTIFICATE,  /* the server's certificate is not trusted */
	TROUBLE_CA_FILE,      /* the CA file cannot be used */
	TROUBLE_TIMEOUT,      /* a limit ran out, see phase and limit_ms */
	TROUBLE_SLOW,	      /* below the low-speed limit for limit_ms */
	TROUBLE_LOST,	      /* the connection or the stream broke */
	TROUBLE_NOT_REPEATED, /* the same, and a repeat was prevented */
	TROUBLE_NOT_HTTP,     /* the answer is not one */
	TROUBLE_HEADERS,      /* a header line of the answer has no end */
	TROUBLE_UNWANTED,     /* held back by who asked for it */
	TROUBLE_URL,	      /* an address that may not be asked */
	TROUBLE_LOCAL,	      /* the library or this host failed */
	TROUBLE_KINDS
};

enum trouble_phase {
	TROUBLE_RESOLVING,
	TROUBLE_CONNECTING,
	TROUBLE_HANDSHAKE,
	TROUBLE_WAITING,   /* for the answer's first byte */
	TROUBLE_RECEIVING, /* the rest of it */
};

struct trouble {
	enum trouble_kind kind;
	enum trouble_phase phase;
	const char *where;   /* HOST:PORT */
	const char *method;  /* "PATCH" */
	const char *detail;  /* the library's words, "" when none */
	const char *ca_file; /* NULL: the system's store */
	int os_error;	     /* errno of the connection, 0 when none */
	long verify;	     /* verification result, openssl-verify(1) */
	long limit_ms;	     /* the limit that ran out */
	long slow_bytes;     /* TROUBLE_SLOW: bytes a second */
	long lookup_ms;	     /* TROUBLE_RESOLVE: how long it was looked for */
	const char *proxy;   /* "http://proxy.example:3128"; NULL: none */
	const char *proxy_from; /* who named it: "https-proxy", "HTTPS_PROXY" */
	bool proxy_user;	/* it is told a user */
	long proxy_status;	/* HTTP, its answer to CONNECT; 0: none */
};

/* How far it came. */
enum answer_step trouble_step(const struct trouble *t);
/* The two kinds that are about the proxy, and what went wrong before it had
 * answered. */
void trouble_proxy(const struct trouble *t, struct fault *f);

/* Fill *f; the kind is FAULT_TRANSIENT where trying again may help. */
void trouble_tell(const struct trouble *t, struct fault *f);

#endif
