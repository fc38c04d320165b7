/* base/xml: what is told of a document, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/xml.h"

static struct buf told;

static void begin(void *arg, unsigned depth, const char *name)
{
	assert_ptr_equal(arg, &told);
	buf_printf(&told, "%u<%s ", depth, name);
}

static void end(void *arg, unsigned depth, const char *name, const char *text)
{
	assert_ptr_equal(arg, &told);
	buf_printf(&told, "%u>%s=%s ", depth, name, text);
}

static const struct xml_sight sight = { begin, end, &told };

static void good(const char *text, const char *expected)
{
	struct fault f = fault_none();

	buf_init(&told, 4096);
	if (!xml_read(text, strlen(text), 20, &sight, &f))
		fail_msg("%s", f.text);
	assert_string_equal(buf_str(&told), expected);
	buf_free(&told);
}

static void bad(const char *text, const char *why)
{
	struct fault f = fault_none();

	buf_init(&told, 4096);
	assert_false(xml_read(text, strlen(text), 20, &sight, &f));
	assert_int_equal(f.kind, FAULT_INVALID);
	if (!strstr(f.text, why))
		fail_msg("%s", f.text);
	buf_free(&told);
}

static void elements_and_text_are_told(void **state)
{
	(void)state;
	good("<a/>", "1<a 1>a= ");
	good("\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>"
	     "<a x='1'><!-- c --><b>t&lt;&#x41;&amp;</b> <c><![CDATA[<&>]]></c>"
	     "<?p i?>z</a>",
	     "1<a 2<b 2>b=t<A& 2<c 2>c=<&> 1>a=z ");
	/* What is between elements belongs to no leaf. */
	good("<a>x<b/>y</a>", "1<a 2<b 2>b= 1>a=y ");
	good("<a>\xc3\xa9</a>", "1<a 1>a=\xc3\xa9 ");
	good("<?xml version='1.0' encoding='iso-8859-1'?><a>\xe9</a>",
	     "1<a 1>a=\xc3\xa9 ");
}

static void what_is_no_document_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"x",
		"{}",
		"<a>",
		"<a></b>",
		"<a/><b/>",
		"<a>&nbsp;</a>",
		"<a>&#0;</a>",
		"<a>\x01</a>",
		"<a>\xff</a>",
		"<a b='1' b='2'/>",
		"<?xml version='1.0' encoding='x-none'?><a/>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		bad(texts[i], "the XML cannot be read: ");
}

static void document_types_are_refused(void **state)
{
	(void)state;
	bad("<!DOCTYPE a><a/>", "it has a document type");
	bad("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
	    "it has a document type");
	bad("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
	    "it has a document type");
	assert_string_equal(buf_str(&told), "");
}

static void there_are_bounds(void **state)
{
	struct buf deep;

	(void)state;
	good("<a>12345678901234567890</a>", "1<a 1>a=12345678901234567890 ");
	bad("<a>123456789012345678901</a>", "a text in it is too long");
	bad("<a>1234567890&amp;12345678901</a>", "a text in it is too long");
	buf_init(&deep, 4096);
	for (int i = 0; i < XML_DEPTH_MAX; i++)
		buf_puts(&deep, "<a>");
	for (int i = 0; i < XML_DEPTH_MAX; i++)
		buf_puts(&deep, "</a>");
	buf_init(&told, 4096);
	assert_true(xml_read(deep.data, deep.len, 20, &sight,
			     &(struct fault){ 0 }));
	buf_free(&told);
	buf_reset(&deep);
	for (int i = 0; i <= XML_DEPTH_MAX; i++)
		buf_puts(&deep, "<a>");
	for (int i = 0; i <= XML_DEPTH_MAX; i++)
		buf_puts(&deep, "</a>");
	bad(buf_str(&deep), "it is nested too deep");
	buf_free(&deep);
	/* A tag that ends itself is two events. */
	bad("<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a/>",
	    "it is nested too deep");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_and_text_are_told),
		cmocka_unit_test(what_is_no_document_is_refused),
		cmocka_unit_test(document_types_are_refused),
		cmocka_unit_test(there_are_bounds),
	};

	return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
