/* Reads XML through expat, with everything refused that could make it large
 * or lead elsewhere. */
#include "base/xml.h"

#include <expat.h>
#include <limits.h>

#include "base/buf.h"

struct reading {
	XML_Parser parser;
	const struct xml_sight *sight;
	struct buf text; /* since the last tag */
	unsigned depth;
	const char *why; /* static text: what was refused, or NULL */
};

static void refuse(struct reading *r, const char *why)
{
	if (!r->why)
		r->why = why;
	XML_StopParser(r->parser, XML_FALSE);
}

static void begin(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *r = arg;

	(void)attributes;
	buf_reset(&r->text);
	if (++r->depth > XML_DEPTH_MAX)
		refuse(r, "it is nested too deep");
	else
		r->sight->begin(r->sight->arg, r->depth, name);
}

static void end(void *arg, const XML_Char *name)
{
	struct reading *r = arg;

	/* What was refused goes on to the end of this tag: "<a/>" is two. */
	if (!r->why)
		r->sight->end(r->sight->arg, r->depth, name, buf_str(&r->text));
	r->depth--;
	buf_reset(&r->text);
}

static void characters(void *arg, const XML_Char *s, int len)
{
	struct reading *r = arg;

	if (!buf_add(&r->text, s, (size_t)len))
		refuse(r, "a text in it is too long");
}

static void document_type(void *arg, const XML_Char *name, const XML_Char *id,
			  const XML_Char *public_id, int internal)
{
	(void)name;
	(void)id;
	(void)public_id;
	(void)internal;
	refuse(arg, "it has a document type");
}

bool xml_read(const char *text, size_t len, size_t max_text,
	      const struct xml_sight *sight, struct fault *f)
{
	struct reading r = { .sight = sight };
	bool good;

	if (len > INT_MAX)
		return fault_set(f, FAULT_INVALID, 0, "the XML is too large");
	r.parser = XML_ParserCreate(NULL);
	if (!r.parser)
		return fault_set(f, FAULT_LOCAL, 0,
				 "there is no memory for XML");
	buf_init(&r.text, max_text);
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, begin, end);
	XML_SetCharacterDataHandler(r.parser, characters);
	XML_SetStartDoctypeDeclHandler(r.parser, document_type);
	good = XML_Parse(r.parser, text, (int)len, 1) == XML_STATUS_OK;
	if (!good)
		fault_set(f, FAULT_INVALID, 0, "the XML cannot be read: %s",
			  r.why ? r.why
				: XML_ErrorString(XML_GetErrorCode(r.parser)));
	XML_ParserFree(r.parser);
	buf_free(&r.text);
	return good;
}
