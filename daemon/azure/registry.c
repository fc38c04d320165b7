/*
 * Asks for one registry or a page of them, and takes an answer only when it
 * is about what was asked; ARM's way of refusing is judged here too.
 */
#include "azure/registry.h"

#include <stdlib.h>
#include <string.h>

#include "azure/arm.h"
#include "azure/call_text.h"
#include "azure/resid.h"
#include "azure/unauthorized.h"
#include "azure/url.h"
#include "base/text.h"

/* Azure lets a registry have 400 private endpoints and 200 address rules,
 * which make 250 kB; a page shows 100 such ones. */
#define ANSWER_MAX (4 * 1024 * 1024)
#define LIST_MAX (64 * 1024 * 1024)
/* Azure lets a resource have 50 tags of 512 and 256 characters, which take up
 * to 4 bytes each, and 6 for every 3 of these when they are escaped: with those
 * of 100 registries a page is less than half of what it may be. */
#define TAGS_MAX (50 * ((512 + 256) * 4 + 2) + 1)

/* About the registry itself; false with *f when it has no such id. */
static bool ask(const struct cloud *cloud, const struct call *call,
		struct resid *id, struct arm_question *q, struct fault *f)
{
	*q = (struct arm_question){ .id = id,
				    .add_path = resid_add_path,
				    .below = "",
				    .api_version =
					    cloud->registry_api_version };
	return resid_parse(id, call->registry ? call->registry : "", f);
}

bool registry_add_url(const struct cloud *cloud, const struct call *call,
		      struct buf *url, struct fault *f)
{
	struct arm_question q;
	struct resid id;

	return ask(cloud, call, &id, &q, f) &&
	       arm_add_url(cloud, call, &q, url, f);
}

bool registry_build(const struct cloud *cloud, const struct call *call,
		    const char *secret, int64_t wall_ms, struct exchange *x,
		    struct fault *f)
{
	struct arm_question q;
	struct resid id;

	(void)secret;
	(void)wall_ms;
	return ask(cloud, call, &id, &q, f) &&
	       arm_get(cloud, call, &q, ANSWER_MAX, x, f);
}

bool registry_follow(const struct cloud *cloud, const struct call *call,
		     struct exchange *x, struct fault *f)
{
	if (!call->url || !url_is_clean(call->url) ||
	    !cloud_same_origin(call->url, cloud->resource_manager)) {
		call_fault(call, f, FAULT_INVALID, 0,
			   "its URL does not lead "
			   "to %s, the only place that may see the token",
			   cloud->resource_manager);
		return false;
	}
	exchange_get(x, text_dup(call->url), ANSWER_MAX);
	return true;
}

/* The subscription, or a group in it. */
static bool add_place(const struct call *call, struct buf *url)
{
	struct resid id = { .group = call->group };

	if (!call->group)
		return buf_printf(url, "/subscriptions/%s", call->subscription);
	text_copy(id.subscription, sizeof(id.subscription), call->subscription);
	id.group_len = strlen(call->group);
	return resid_add_group(&id, url);
}

bool registry_build_list(const struct cloud *cloud, const struct call *call,
			 const char *secret, int64_t wall_ms,
			 struct exchange *x, struct fault *f)
{
	struct buf url;

	(void)secret;
	(void)wall_ms;
	if (call->url) {
		bool ok = registry_follow(cloud, call, x, f);

		x->max_body = LIST_MAX;
		return ok;
	}
	buf_init(&url, URL_MAX);
	if (!resid_is_guid(call->subscription) ||
	    !url_add_base(&url, cloud->resource_manager) ||
	    !add_place(call, &url) ||
	    !buf_printf(&url,
			"/providers/Microsoft.ContainerRegistry/registries"
			"?api-version=%s",
			cloud->registry_api_version)) {
		buf_free(&url);
		call_fault(call, f, FAULT_INVALID, 0,
			   "the subscription is not a GUID");
		return false;
	}
	exchange_get(x, url_take(&url), LIST_MAX);
	return true;
}

static const char *member(const struct json *object, const char *name)
{
	return json_str(json_get_nocase(object, name));
}

void registry_read(const struct cloud *cloud, const struct call *call,
		   const struct answer *a, const struct json *root,
		   int64_t now_ms, struct reply *r)
{
	const char *id = member(root, "id");

	(void)cloud;
	(void)now_ms;
	if (!registry_view(root, &r->registry))
		call_fault(call, &r->fault, FAULT_INVALID, a->status,
			   "the answer is not a registry");
	else if (!id)
		call_fault(
			call, &r->fault, FAULT_INVALID, a->status,
			"the answer does not say which registry it is about");
	else if (!resid_same(id, call->registry))
		call_fault(call, &r->fault, FAULT_INVALID, a->status,
			   "the answer is about another registry");
	else if (call->sought)
		registry_seek(root, call->sought, &r->registry);
}

/* What they take, ended as item->tags is.  One that is not text is no tag. */
static size_t tags_size(const struct json *all)
{
	const struct json *m;
	const char *value;
	size_t size = 1;

	for (m = json_first(all); m; m = json_next(m))
		if ((value = json_str(m)) && json_name(m)[0])
			size += strlen(json_name(m)) + strlen(value) + 2;
	return size;
}

/* No tags at all are told by their absence. */
static void take_tags(struct registry_item *item, const struct json *n)
{
	const struct json *all = json_get_nocase(n, "tags"), *m;
	bool told = json_type(all) == JSON_OBJECT;
	size_t size = told ? tags_size(all) : 1, at = 0;
	const char *value;

	item->tags_untold = (!told && json_type(all) != JSON_NULL) ||
			    size > TAGS_MAX;
	if (size == 1 || item->tags_untold)
		return;
	item->tags = text_alloc(size, 1);
	for (m = json_first(all); m; m = json_next(m)) {
		if (!(value = json_str(m)) || !json_name(m)[0])
			continue;
		text_copy(item->tags + at, size - at, json_name(m));
		at += strlen(json_name(m)) + 1;
		text_copy(item->tags + at, size - at, value);
		at += strlen(value) + 1;
	}
}

/* One item that cannot be told apart is left out; whoever misses its
 * registry asks for it alone and sees then what is wrong. */
static void add_item(const struct call *call, struct reply *r,
		     const struct json *n)
{
	struct registry_item *item = &r->list.items[r->list.n];
	const char *id = member(n, "id");
	struct resid parsed;
	struct fault f;

	if (!id || !resid_parse(&parsed, id, &f) ||
	    !registry_view(n, &item->view)) {
		r->list.odd = true;
		return;
	}
	item->id = text_dup(id);
	if (call->tags)
		take_tags(item, n);
	r->list.n++;
}

void registry_read_list(const struct cloud *cloud, const struct call *call,
			const struct answer *a, const struct json *root,
			int64_t now_ms, struct reply *r)
{
	const struct json *value = json_get_nocase(root, "value"), *n;
	const struct json *next = json_get_nocase(root, "nextLink");
	const char *url = json_str(next);

	(void)now_ms;
	if (json_type(value) != JSON_ARRAY ||
	    (json_type(next) != JSON_NULL && !url)) {
		call_fault(call, &r->fault, FAULT_INVALID, a->status,
			   "the answer is not a list of registries");
		return;
	}
	/* Half a list must not pass for the whole. */
	if (url && *url &&
	    (!url_is_clean(url) ||
	     !cloud_same_origin(url, cloud->resource_manager))) {
		call_fault(call, &r->fault, FAULT_INVALID, a->status,
			   "the list's next page is at another host than %s",
			   cloud->resource_manager);
		return;
	}
	r->list.items = text_alloc(json_count(value), sizeof(*r->list.items));
	for (n = json_first(value); n; n = json_next(n))
		add_item(call, r, n);
	r->list.next_url = url && *url ? text_dup(url) : NULL;
}

static bool refuses_change(const struct problem *p)
{
	/* Any other may be the registry's judgement of the new key. */
	if (problem_is_own(p->code))
		return false;
	return p->status == 400 || p->status == 422 ||
	       (p->status == 403 && p->code[0]);
}

void registry_refuse(const struct cloud *cloud, const struct call *call,
		     const struct answer *a, struct problem *p, struct reply *r)
{
	const char *header = a->headers[ANSWER_WWW_AUTHENTICATE];
	struct challenge c;

	(void)cloud;
	if (call->kind == CALL_PATCH && refuses_change(p))
		p->kind = FAULT_REFUSED;
	if (p->status == 401 && header && challenge_parse(&c, header))
		unauthorized_read(call, &c, p, r);
	/* One of the tenant that is named may do; of its own it has been. */
	if (p->status == 401 &&
	    text_same(p->code, "InvalidAuthenticationTokenTenant") &&
	    (!r->challenge_tenant[0] ||
	     text_same(r->challenge_tenant, call->credential->tenant)))
		p->kind = FAULT_DENIED;
	if (p->status == 429)
		r->throttles_all =
			text_same(p->code, "SubscriptionRequestsThrottled");
}
