/*
 * exchange: one HTTP request and one answer as plain records, the form in
 * which azure/ and io/http talk through the runner.  Whoever fills a record
 * owns what is in it until exchange_free / answer_free.
 */
#ifndef KEYROTD_AZURE_EXCHANGE_H
#define KEYROTD_AZURE_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fault.h"

#define EXCHANGE_FIELDS 12
#define EXCHANGE_VALUE_MAX 80 /* bytes, the closing NUL included */

/* One more header line; nothing secret. */
struct exchange_field {
	const char *name; /* static text: "x-ms-version: " */
	char value[EXCHANGE_VALUE_MAX];
};

struct exchange {
	const char *method; /* "GET", "HEAD", "POST", "PATCH", "PUT", "DELETE":
			       static text */
	char *url;	    /* absolute */
	char *body;	    /* NULL: none.  May be a secret: wiped on free */
	const char *content_type; /* static text, NULL without a body */
	const char *accept;	  /* static text; NULL: "application/json" */
	struct exchange_field fields[EXCHANGE_FIELDS];
	size_t n_fields;
	bool metadata; /* send "Metadata: true"; else as `local` */
	bool local;    /* a service of this host: bypass proxies, allow
				   plain http */
	bool entra;    /* our request id in Entra's headers, not in those
				   of Resource Manager and Key Vault */
	const char *proof_name; /* static text: "Authorization: Basic " */
	char *proof;	    /* what follows it; NULL: none.  Wiped on free */
	bool bearer;	    /* a token is to be sent with it */
	bool secret_answer; /* the answer holds a token: wipe it */
	size_t max_body;    /* bytes accepted in the answer */
};

/* A GET with a token: url is taken, max_body bytes of the answer accepted. */
void exchange_get(struct exchange *x, char *url, size_t max_body);

/* It changes nothing, so that it may be sent again (RFC 9110 section 9.2.1). */
bool exchange_is_reading(const char *method);

/* Add a header line; false when there is no room for it, or for its value. */
bool exchange_add_field(struct exchange *x, const char *name,
			const char *value);

enum answer_header {
	ANSWER_DATE,
	ANSWER_RETRY_AFTER,
	ANSWER_WWW_AUTHENTICATE,
	ANSWER_ASYNC_OPERATION, /* Azure-AsyncOperation */
	ANSWER_LOCATION,
	ANSWER_REQUEST_ID,     /* x-ms-request-id */
	ANSWER_CORRELATION_ID, /* x-ms-correlation-request-id */
	/* x-ms-ratelimit-remaining-subscription-reads and -writes */
	ANSWER_REMAINING_READS,
	ANSWER_REMAINING_WRITES,
	/* Of Storage: x-ms-error-code, x-ms-lease-id, -state and -duration, and
	 * of a blob's metadata (x-ms-meta-*) what the holder of a lease tells,
	 * and who asks for it */
	ANSWER_ERROR_CODE,
	ANSWER_LEASE_ID,
	ANSWER_LEASE_STATE,
	ANSWER_LEASE_DURATION,
	ANSWER_META_ID,
	ANSWER_META_HOST,
	ANSWER_META_VERSION,
	ANSWER_META_SINCE,
	ANSWER_META_WANTED_ID,
	ANSWER_META_WANTED_HOST,
	ANSWER_HEADERS
};

/* Header names in the order of the enum, lower case; each kept value is at
 * most ANSWER_HEADER_MAX bytes (Azure's operation URLs reach 4 KB). */
extern const char *const answer_header_names[ANSWER_HEADERS];
#define ANSWER_HEADER_MAX 8192

/* How far a request came that has no answer. */
enum answer_step {
	STEP_DONE,    /* it has one, or a cap of ours was passed */
	STEP_NAME,    /* the name has no address */
	STEP_PROXY,   /* the proxy could not be used */
	STEP_CONNECT, /* no TCP connection */
	STEP_TLS,     /* no TLS, or the certificate is not trusted */
	STEP_ANSWER,  /* connected, and nothing that is HTTP came back */
	STEP_LOCAL,   /* this host: it was not even tried */
};

#define ANSWER_PEER_MAX 46 /* an IPv6 address as text, RFC 4291 */

struct answer {
	struct fault fault; /* transport trouble; kind FAULT_NONE when there is
			       an HTTP status */
	int status;	    /* 0 without an answer */
	bool maybe_sent;    /* the request may have reached the server */
	bool vetoed;	    /* held back at the last moment, since it was not
			       wanted any more: never maybe_sent */
	bool http2;	    /* the answer came over HTTP/2 */
	enum answer_step step; /* with a fault: where it stopped */
	/* The address that was asked, of the host or of a proxy; "" when none
	 * was reached. */
	char peer[ANSWER_PEER_MAX];
	bool proxied;	/* it is a proxy's, which resolves the host's name */
	int64_t rtt_ms; /* from sending to the first byte of the answer */
	char *headers[ANSWER_HEADERS]; /* NULL when absent; the last one wins,
					  but WWW-Authenticate is joined by
					  ", " */
	struct buf body;
};

void exchange_free(struct exchange *x); /* contents; body wiped */
void answer_free(struct answer *a);	/* contents */
void answer_wipe(struct answer *a);	/* contents, wiped first */

#endif
