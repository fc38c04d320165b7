/* Knocks at a host: the question that is always put there, but with nothing
 * that proves who asks. */
#include "azure/reach.h"

#include "azure/call_text.h"
#include "azure/registry.h"
#include "azure/storage_url.h"
#include "azure/url.h"
#include "azure/vault.h"
#include "base/text.h"

#define ANSWER_MAX (1024 * 1024) /* what is in it does not matter */

static bool is_storage(const struct cloud *cloud, const char *url)
{
	char host[KEYID_HOST_MAX];

	return text_prefix(url, "https://") &&
	       storage_url_host(url, host, sizeof(host)) &&
	       cloud_has_storage(cloud, host);
}

/* Of the authority the document that every client reads first (OpenID Connect
 * Discovery 1.0 section 4); of Storage and a service of this host just its
 * root. */
static bool build_url(const struct cloud *cloud, const struct call *call,
		      struct exchange *x, struct fault *f)
{
	bool authority = cloud_same_origin(call->url, cloud->authority);
	struct url_parts u;
	struct buf url;

	buf_init(&url, URL_MAX);
	if (!url_split(&u, call->url) ||
	    (!authority && u.https && !is_storage(cloud, call->url)) ||
	    !url_add_base(&url, call->url) ||
	    !buf_puts(&url,
		      authority
			      ? "/common/v2.0/.well-known/openid-configuration"
			      : "/")) {
		buf_free(&url);
		call_fault(call, f, FAULT_INVALID, 0,
			   "its URL is none that is asked for tokens");
		return false;
	}
	x->method = "GET";
	x->url = url_take(&url);
	x->local = !authority && !u.https;
	return true;
}

bool reach_build(const struct cloud *cloud, const struct call *call,
		 const char *secret, int64_t wall_ms, struct exchange *x,
		 struct fault *f)
{
	bool ok;

	if (call->key.host[0])
		ok = vault_build(cloud, call, secret, wall_ms, x, f);
	else if (call->subscription)
		ok = registry_build_list(cloud, call, secret, wall_ms, x, f);
	else
		ok = build_url(cloud, call, x, f);
	x->bearer = false;
	x->max_body = ANSWER_MAX;
	return ok;
}

void reach_read(const struct cloud *cloud, const struct call *call,
		const struct answer *a, const struct json *root, int64_t now_ms,
		struct reply *r)
{
	(void)cloud;
	(void)call;
	(void)root;
	(void)now_ms;
	r->reach.status = a->status;
	text_copy(r->reach.peer, sizeof(r->reach.peer), a->peer);
	r->reach.proxied = a->proxied;
}
