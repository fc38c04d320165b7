/* Puts together where Resource Manager is asked about a resource. */
#include "azure/arm.h"

#include "azure/call_text.h"
#include "azure/url.h"

bool arm_add_url(const struct cloud *cloud, const struct call *call,
		 const struct arm_question *q, struct buf *url, struct fault *f)
{
	if (url_add_base(url, cloud->resource_manager) &&
	    q->add_path(q->id, url) &&
	    buf_printf(url, "%s?api-version=%s", q->below, q->api_version))
		return true;
	call_fault(call, f, FAULT_INVALID, 0, "its URL would be too long");
	return false;
}

bool arm_get(const struct cloud *cloud, const struct call *call,
	     const struct arm_question *q, size_t max_body, struct exchange *x,
	     struct fault *f)
{
	struct buf url;

	buf_init(&url, URL_MAX);
	if (!arm_add_url(cloud, call, q, &url, f)) {
		buf_free(&url);
		return false;
	}
	exchange_get(x, url_take(&url), max_body);
	return true;
}
