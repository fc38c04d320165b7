/* tls_server: an HTTPS server of HTTP/2 or HTTP/1.1 for tests. */
#include "tls_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STREAMS_MAX 128
#define PREFACE 24 /* bytes: RFC 9113 section 3.4 */

enum { DATA, HEADERS, RST_STREAM = 3, SETTINGS, PING = 6 };
enum { ACK = 1, END_STREAM = 1, END_HEADERS = 4 };

struct tls_conn {
	struct ev_io io;
	struct tls_server *s;
	struct tls_conn *next, **at;
	SSL *ssl;
	bool begun, http2, greeted;
	unsigned char in[65536];
	size_t len;
	unsigned waiting[STREAMS_MAX]; /* streams; HTTP/1.1: 0 */
	int n_waiting;
	unsigned last; /* stream */
};

static void conn_close(struct tls_conn *c)
{
	struct tls_server *s = c->s;

	ev_io_stop(s->loop, &c->io);
	SSL_shutdown(c->ssl);
	close(c->io.fd);
	SSL_free(c->ssl);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	s->open--;
	s->waiting -= c->n_waiting;
	free(c);
}

static void put(struct tls_conn *c, const void *data, size_t len)
{
	(void)!SSL_write(c->ssl, data, (int)len);
}

static void put_frame(struct tls_conn *c, unsigned char type,
		      unsigned char flags, unsigned stream, const void *data,
		      size_t len)
{
	unsigned char head[9] = { (unsigned char)(len >> 16),
				  (unsigned char)(len >> 8),
				  (unsigned char)len,
				  type,
				  flags,
				  (unsigned char)(stream >> 24),
				  (unsigned char)(stream >> 16),
				  (unsigned char)(stream >> 8),
				  (unsigned char)stream };

	put(c, head, sizeof(head));
	if (len > 0)
		put(c, data, len);
}

/* 0x88 is ":status: 200" (RFC 7541 appendix A). */
static void answer(struct tls_conn *c, unsigned stream)
{
	static const char text[] = "HTTP/1.1 200 OK\r\n"
				   "Content-Length: 2\r\n\r\nok";

	if (!c->http2) {
		put(c, text, sizeof(text) - 1);
		return;
	}
	put_frame(c, HEADERS, END_HEADERS, stream, "\x88", 1);
	put_frame(c, DATA, END_STREAM, stream, "ok", 2);
}

static void asked(struct tls_conn *c, unsigned stream)
{
	c->s->requests++;
	c->last = stream;
	if (!c->s->holds) {
		answer(c, stream);
		return;
	}
	assert_true(c->n_waiting < STREAMS_MAX);
	c->waiting[c->n_waiting++] = stream;
	c->s->waiting++;
}

/* Of a stream that never was it would be an error: RFC 9113 section 6.4. */
static void forget(struct tls_conn *c, unsigned stream)
{
	assert_true(stream <= c->last);
	for (int i = 0; i < c->n_waiting; i++) {
		if (c->waiting[i] != stream)
			continue;
		c->waiting[i] = c->waiting[--c->n_waiting];
		c->s->waiting--;
		return;
	}
}

static void drop_input(struct tls_conn *c, size_t len)
{
	c->len -= len;
	memmove(c->in, c->in + len, c->len);
}

static bool take_frame(struct tls_conn *c)
{
	const unsigned char *b = c->in;
	size_t len;
	unsigned stream;

	if (c->len < 9)
		return false;
	len = (size_t)b[0] << 16 | (size_t)b[1] << 8 | b[2];
	stream = (unsigned)(b[5] & 0x7f) << 24 | (unsigned)b[6] << 16 |
		 (unsigned)b[7] << 8 | b[8];
	assert_true(9 + len <= sizeof(c->in));
	if (c->len < 9 + len)
		return false;
	if (b[3] <= HEADERS && (b[4] & END_STREAM))
		asked(c, stream);
	else if (b[3] == RST_STREAM)
		forget(c, stream);
	else if (b[3] == SETTINGS && !(b[4] & ACK))
		put_frame(c, SETTINGS, ACK, 0, NULL, 0);
	else if (b[3] == PING && !(b[4] & ACK))
		put_frame(c, PING, ACK, 0, b + 9, 8);
	drop_input(c, 9 + len);
	return true;
}

static bool take_text(struct tls_conn *c)
{
	const unsigned char *end = memmem(c->in, c->len, "\r\n\r\n", 4);

	if (!end)
		return false;
	asked(c, 0);
	drop_input(c, (size_t)(end + 4 - c->in));
	return true;
}

static bool take(struct tls_conn *c)
{
	if (!c->http2)
		return take_text(c);
	if (c->greeted)
		return take_frame(c);
	if (c->len < PREFACE)
		return false;
	c->greeted = true;
	drop_input(c, PREFACE);
	put_frame(c, SETTINGS, 0, 0, NULL, 0);
	return true;
}

static bool handshake(struct tls_conn *c)
{
	const unsigned char *name;
	unsigned len;

	if (c->begun)
		return true;
	if (SSL_accept(c->ssl) != 1)
		return false;
	c->begun = true;
	c->s->resumed += SSL_session_reused(c->ssl);
	SSL_get0_alpn_selected(c->ssl, &name, &len);
	c->http2 = len == 2 && !memcmp(name, "h2", 2);
	return true;
}

static void on_conn(struct ev_loop *loop, struct ev_io *io, int revents)
{
	struct tls_conn *c = io->data;
	int n = -1;

	(void)loop;
	(void)revents;
	ERR_clear_error(); /* SSL_get_error(3): of another connection */
	while (handshake(c) &&
	       (n = SSL_read(c->ssl, c->in + c->len,
			     (int)(sizeof(c->in) - c->len))) > 0) {
		c->len += (size_t)n;
		while (take(c))
			;
	}
	if (SSL_get_error(c->ssl, n) != SSL_ERROR_WANT_READ)
		conn_close(c);
}

static void on_listener(struct ev_loop *loop, struct ev_io *io, int revents)
{
	struct tls_server *s = io->data;
	int fd = accept4(io->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct tls_conn *c;

	(void)revents;
	if (fd < 0)
		return;
	c = calloc(1, sizeof(*c));
	c->s = s;
	c->ssl = SSL_new(s->ctx);
	SSL_set_fd(c->ssl, fd);
	c->next = s->conns;
	c->at = &s->conns;
	if (s->conns)
		s->conns->at = &c->next;
	s->conns = c;
	s->open++;
	s->accepted++;
	ev_io_init(&c->io, on_conn, fd, EV_READ);
	c->io.data = c;
	ev_io_start(loop, &c->io);
}

static int choose(SSL *ssl, const unsigned char **out, unsigned char *len,
		  const unsigned char *in, unsigned in_len, void *arg)
{
	static const unsigned char both[] = "\x02h2\x08http/1.1";
	const struct tls_server *s = arg;
	unsigned char *chosen;

	(void)ssl;
	if (SSL_select_next_proto(&chosen, len, both + (s->http2 ? 0 : 3),
				  s->http2 ? 12 : 9, in,
				  in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* Self-signed: the server's certificate and its own CA. */
static void make_certificate(struct tls_server *s)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);
	X509_EXTENSION *san =
		X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
				    "IP:127.0.0.1,DNS:*.vault.localhost");
	const char *folder = getenv("TMPDIR");
	FILE *file;

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const unsigned char *)"test", -1, -1, 0);
	X509_set_issuer_name(x, name);
	X509_add_ext(x, san, -1);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	assert_int_equal(SSL_CTX_use_certificate(s->ctx, x), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(s->ctx, key), 1);
	snprintf(s->ca_file, sizeof(s->ca_file), "%s/test_ca.XXXXXX",
		 folder ? folder : "/tmp");
	file = fdopen(mkstemp(s->ca_file), "w");
	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, x), 1);
	fclose(file);
	X509_EXTENSION_free(san);
	X509_free(x);
	EVP_PKEY_free(key);
}

void tls_server_start(struct tls_server *s, struct ev_loop *loop, bool http2)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	signal(SIGPIPE, SIG_IGN); /* a client that goes while we write */
	memset(s, 0, sizeof(*s));
	s->loop = loop;
	s->http2 = http2;
	s->ctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_alpn_select_cb(s->ctx, choose, s);
	make_certificate(s);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	s->port = ntohs(a.sin_port);
	listen(fd, 128);
	ev_io_init(&s->listener, on_listener, fd, EV_READ);
	s->listener.data = s;
	ev_io_start(loop, &s->listener);
}

void tls_server_release(struct tls_server *s)
{
	for (struct tls_conn *c = s->conns; c; c = c->next) {
		for (int i = 0; i < c->n_waiting; i++)
			answer(c, c->waiting[i]);
		s->waiting -= c->n_waiting;
		c->n_waiting = 0;
	}
	s->holds = false;
}

void tls_server_hang_up(struct tls_server *s)
{
	while (s->conns)
		conn_close(s->conns);
}

void tls_server_stop(struct tls_server *s)
{
	while (s->conns)
		conn_close(s->conns);
	ev_io_stop(s->loop, &s->listener);
	close(s->listener.fd);
	SSL_CTX_free(s->ctx);
	unlink(s->ca_file);
}
