/* The question and the answer of tests of azure/. */
#include "azure_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BODY_MAX 10000000 /* bytes */

struct cloud cloud;
struct call call;

void azure_start(const struct call *like, const char *key)
{
	struct fault f;

	cloud_profile(&cloud, "public");
	call = *like;
	assert_true(keyid_parse(&call.key, key, &f));
}

int azure_stop(void **state)
{
	(void)state;
	cloud_free(&cloud);
	return 0;
}

struct answer azure_answer(int status, const char *body)
{
	struct answer a = { .status = status };

	a.fault = fault_none();
	buf_init(&a.body, BODY_MAX);
	buf_puts(&a.body, body);
	return a;
}

struct reply azure_read(struct answer a)
{
	struct reply r;

	call_read(&cloud, &call, NULL, NULL, &a, NOW, &r);
	answer_free(&a);
	assert_int_equal(r.kind, call.kind);
	assert_int_equal(r.ticket, call.ticket);
	return r;
}
