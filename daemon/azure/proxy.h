/*
 * proxy: the way out of a network that leads through a proxy: which one, who
 * we are to it, and which hosts are asked without it.
 *
 * A plain record; config/ fills it, and whoever fills one frees it.  The
 * password is wiped when it is freed.  The rules are those of curl(1), "-x",
 * "--noproxy" and ENVIRONMENT, so that what works there works here.
 */
#ifndef KEYROTD_AZURE_PROXY_H
#define KEYROTD_AZURE_PROXY_H

#include <stdbool.h>

#include "base/fault.h"

#define PROXY_URL_MAX 1024	/* bytes of what is written */
#define PROXY_WITHOUT_MAX 65536 /* of all that go without one */

struct proxy {
	char *url;	  /* "http://proxy.example:3128", no user in it; NULL:
			   there is no proxy */
	char *user;	  /* NULL: none is told */
	char *password;	  /* NULL: none.  Wiped on free */
	char *without;	  /* hosts and networks asked directly, separated by
			   commas or blanks; NULL: none */
	const char *from; /* who said so, static text: "https-proxy", or the
			     name of a variable */
};

/*
 * Read [SCHEME://][USER[:PASSWORD]@]HOST[:PORT][/] into url, user and
 * password of an otherwise empty record.  SCHEME is http (when there is none),
 * https, socks4, socks4a, socks5 or socks5h; PORT is 443 for https and 1080
 * for all others when there is none, as curl has it.  User and password are
 * percent-decoded.  False with *f, which repeats nothing of the text: there may
 * be a password in it.
 */
bool proxy_read(struct proxy *p, const char *text, struct fault *f);

/* True when one entry of `without` means something: "*", a name (with or
 * without a dot before it), an address, or a network such as "10.0.0.0/8".
 * False with *f, what is wrong and what may be meant. */
bool proxy_check_without(const char *entry, struct fault *f);

/*
 * True when a request to this URL goes through the proxy.  A name in `without`
 * stands for itself and all names below it, a network for the addresses in it;
 * "*" for everything.  Source: curl(1), "--noproxy".
 */
bool proxy_is_for(const struct proxy *p, const char *url);

void proxy_copy(struct proxy *to, const struct proxy *p);
void proxy_free(struct proxy *p); /* what is in it, not the struct */

#endif
