/*
 * Names a question in words, "Reading key ...", so that every fault says
 * what was tried and on what.
 */
#include "azure/call_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "azure/resid.h"
#include "base/text.h"

#define URL_SHOWN 100

static const char *or_unknown(const char *s)
{
	return s ? s : "(unknown)";
}

static const char *credential_name(const struct call *call)
{
	return or_unknown(call->credential ? call->credential->name : NULL);
}

/* A key that is not read from its vault. */
static const char *way(const struct call *call)
{
	return call->vault_resource ? " through Resource Manager" : "";
}

/* The name of the registry, or whatever stands in its place. */
static const char *registry_name(const struct call *call)
{
	struct resid id;
	struct fault f;

	if (call->registry && resid_parse(&id, call->registry, &f))
		return id.name;
	return or_unknown(call->registry);
}

/* The host that is meant: a vault, Resource Manager, or what a URL names. */
static const char *reach_name(const struct call *call)
{
	if (call->key.host[0])
		return call->key.host;
	return call->subscription ? "Resource Manager" : or_unknown(call->url);
}

/* An operation's URL carries the registry's id and, in its query, things
 * that nobody wants to read. */
static void add_url(const char *url, char *dst, size_t size)
{
	size_t used = strlen(dst), len;

	url = or_unknown(url);
	len = strcspn(url, "?");
	snprintf(dst + used, size - used, "%.*s%s",
		 (int)(len > URL_SHOWN ? URL_SHOWN : len), url,
		 len > URL_SHOWN ? "..." : "");
}

/* What is asked of Storage, in front of its URL. */
static void add_storage(const struct call *call, bool title, char *dst,
			size_t size)
{
	static const struct {
		const char *title, *words;
	} lease[] = {
		[LEASE_MAKE] = { "Making the blob", "make the blob" },
		[LEASE_ACQUIRE] = { "Acquiring the lease of",
				    "acquire the lease of" },
		[LEASE_RENEW] = { "Renewing the lease of",
				  "renew the lease of" },
		[LEASE_RELEASE] = { "Releasing the lease of",
				    "release the lease of" },
		[LEASE_TELL] = { "Telling who holds the lease of",
				 "tell who holds the lease of" },
		[LEASE_LOOK] = { "Looking who holds the lease of",
				 "look who holds the lease of" },
	}, queue[] = { { "Reading messages of the queue",
			 "read messages of the queue" },
		       { "Deleting a message of the queue",
			 "delete a message of the queue" } };
	const char *words =
		call->kind == CALL_LEASE
			? (title ? lease[call->lease_step].title
				 : lease[call->lease_step].words)
			: (title ? queue[call->kind == CALL_HINT_DROP].title
				 : queue[call->kind == CALL_HINT_DROP].words);

	snprintf(dst, size, "%s ", words);
	add_url(call->url, dst, size);
}

void call_title(const struct call *call, char *dst, size_t size)
{
	char key[KEYID_TEXT_MAX];

	switch (call->kind) {
	case CALL_TOKEN:
		snprintf(dst, size,
			 "Getting a token for %s with credential "
			 "\"%s\"",
			 or_unknown(call->audience), credential_name(call));
		break;
	case CALL_KEY:
		keyid_print(&call->key, key, sizeof(key));
		snprintf(dst, size, "Reading key %s%s", key, way(call));
		break;
	case CALL_POLICY:
		keyid_print_base(&call->key, key, sizeof(key));
		snprintf(dst, size, "Reading the rotation policy of key %s",
			 key);
		break;
	case CALL_REGISTRY:
		snprintf(dst, size, "Reading registry %s", registry_name(call));
		break;
	case CALL_LIST:
		snprintf(dst, size,
			 "Listing the registries of %s%ssubscription %s",
			 call->group ? call->group : "",
			 call->group ? " in " : "",
			 or_unknown(call->subscription));
		break;
	case CALL_PATCH:
		snprintf(dst, size, "Changing the key of registry %s",
			 registry_name(call));
		break;
	case CALL_OPERATION:
		snprintf(dst, size, "Reading the state of the operation ");
		if (call->registry)
			snprintf(dst, size,
				 "Reading the state of the change "
				 "of registry %s",
				 registry_name(call));
		else
			add_url(call->url, dst, size);
		break;
	case CALL_REACH:
		snprintf(dst, size, "Asking %s for any answer",
			 reach_name(call));
		break;
	case CALL_RIGHTS:
		snprintf(dst, size,
			 "Reading what credential \"%s\" may do with "
			 "registry %s",
			 credential_name(call), registry_name(call));
		break;
	case CALL_LEASE:
	case CALL_HINTS:
	case CALL_HINT_DROP:
		add_storage(call, true, dst, size);
		break;
	}
}

void call_fault(const struct call *call, struct fault *f, enum fault_kind kind,
		int code, const char *fmt, ...)
{
	char title[CALL_TITLE_MAX], what[FAULT_TEXT_MAX];
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	if (vsnprintf(what, sizeof(what), fmt, ap) < 0)
		what[0] = '\0';
	va_end(ap);
	len = strlen(what);
	while (len && (what[len - 1] == '.' || what[len - 1] == ' '))
		what[--len] = '\0';
	call_title(call, title, sizeof(title));
	fault_set(f, kind, code, "%s failed: %s.", title, what);
}

void call_describe(const struct call *call, char *dst, size_t size)
{
	char key[KEYID_TEXT_MAX];

	keyid_print(&call->key, key, sizeof(key));
	switch (call->kind) {
	case CALL_TOKEN:
		snprintf(dst, size,
			 "get a token for %s with credential "
			 "\"%s\"",
			 or_unknown(call->audience), credential_name(call));
		break;
	case CALL_KEY:
		snprintf(dst, size, "read key %s%s", key, way(call));
		break;
	case CALL_POLICY:
		keyid_print_base(&call->key, key, sizeof(key));
		snprintf(dst, size, "read rotation policy of key %s", key);
		break;
	case CALL_REGISTRY:
		snprintf(dst, size, "read registry %s",
			 or_unknown(call->registry));
		break;
	case CALL_LIST:
		snprintf(dst, size,
			 "list the registries of %s%ssubscription %s%s",
			 call->group ? call->group : "",
			 call->group ? " in " : "",
			 or_unknown(call->subscription),
			 call->url ? " (next page)" : "");
		break;
	case CALL_PATCH:
		snprintf(dst, size,
			 "set key %s with identity %s on registry "
			 "%s",
			 key, call->identity, or_unknown(call->registry));
		break;
	case CALL_OPERATION:
		snprintf(dst, size, "read operation ");
		add_url(call->url, dst, size);
		break;
	case CALL_REACH:
		snprintf(dst, size, "ask %s for any answer", reach_name(call));
		break;
	case CALL_RIGHTS:
		snprintf(dst, size, "read what may be done with registry %s",
			 or_unknown(call->registry));
		break;
	case CALL_LEASE:
	case CALL_HINTS:
	case CALL_HINT_DROP:
		add_storage(call, false, dst, size);
		break;
	}
}
