/*
 * Answers what any Varlink client may ask of any service: who it is, which
 * interfaces it has, and what they look like.
 */
#include "io/service.h"

#include <string.h>

#include "base/json.h"

static const char own_description[] =
	"# What every Varlink service offers: who it is and which interfaces it\n"
	"# has.\n"
	"interface org.varlink.service\n"
	"\n"
	"# The names and the version of the service and its interfaces.\n"
	"method GetInfo() -> (\n"
	"  vendor: string,\n"
	"  product: string,\n"
	"  version: string,\n"
	"  url: string,\n"
	"  interfaces: []string\n"
	")\n"
	"\n"
	"# The description of one of the interfaces.\n"
	"method GetInterfaceDescription(interface: string) -> (description: string)\n"
	"\n"
	"# There is no such interface.\n"
	"error InterfaceNotFound (interface: string)\n"
	"\n"
	"# The interface has no such method.\n"
	"error MethodNotFound (method: string)\n"
	"\n"
	"# The interface has the method, but the service does not offer it.\n"
	"error MethodNotImplemented (method: string)\n"
	"\n"
	"# A parameter is missing, of the wrong type or out of range.\n"
	"error InvalidParameter (parameter: string)\n"
	"\n"
	"# The client may not call this method.\n"
	"error PermissionDenied ()\n"
	"\n"
	"# The method must be called with \"more\".\n"
	"error ExpectedMore ()\n";

static const char *skip_blank(const char *s)
{
	while (*s) {
		s += strspn(s, " \t\r\n");
		if (*s != '#')
			break;
		s += strcspn(s, "\n");
	}
	return s;
}

const char *service_interface(const char *description, size_t *len)
{
	static const char word[] = "interface";
	const char *s = skip_blank(description);
	size_t gap;

	if (strncmp(s, word, sizeof(word) - 1) != 0)
		return NULL;
	s += sizeof(word) - 1;
	gap = strspn(s, " \t");
	s += gap;
	*len = strcspn(s, " \t\r\n#");
	return gap > 0 && *len > 0 ? s : NULL;
}

static bool is_named(const char *description, const char *name, size_t len)
{
	size_t n = 0;
	const char *s = service_interface(description, &n);

	return s && n == len && memcmp(s, name, len) == 0;
}

const char *service_find(const struct varlink_options *o, const char *name,
			 size_t len)
{
	if (is_named(own_description, name, len))
		return own_description;
	for (size_t i = 0; o->descriptions && o->descriptions[i]; i++)
		if (is_named(o->descriptions[i], name, len))
			return o->descriptions[i];
	return NULL;
}

static void put_interfaces(const struct varlink_options *o,
			   struct json_writer *w)
{
	json_key(w, "interfaces");
	json_open_array(w);
	json_put_str(w, SERVICE_NAME);
	for (size_t i = 0; o->descriptions && o->descriptions[i]; i++) {
		char name[256];
		size_t n = 0;
		const char *s = service_interface(o->descriptions[i], &n);

		if (!s || n >= sizeof(name))
			continue;
		memcpy(name, s, n);
		name[n] = '\0';
		json_put_str(w, name);
	}
	json_close_array(w);
}

static void put_text(struct json_writer *w, const char *name, const char *s)
{
	json_add_str(w, name, s ? s : "");
}

bool service_info(const struct varlink_options *o, struct buf *out)
{
	struct json_writer *w = json_writer_new(out, false);

	json_open(w);
	put_text(w, "vendor", o->vendor);
	put_text(w, "product", o->product);
	put_text(w, "version", o->version);
	put_text(w, "url", o->url);
	put_interfaces(o, w);
	json_close(w);
	return json_finish(w);
}

const char *service_member(struct buf *out, const char *name, const char *value)
{
	struct json_writer *w = json_writer_new(out, false);

	json_open(w);
	json_add_str(w, name, value);
	json_close(w);
	return json_finish(w) ? buf_str(out) : "{}";
}
