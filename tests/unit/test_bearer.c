/* io/bearer: one line for all who send the token, until the last lets go; and
 * what a request makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "base/text.h"
#include "io/bearer.h"
#include "io/http_internal.h"

static void as_it_is_sent(void **state)
{
	struct bearer *b = bearer_new("eyJ.a.b");

	(void)state;
	assert_string_equal(bearer_line(b), "Authorization: Bearer eyJ.a.b");
	assert_string_equal(bearer_token(b), "eyJ.a.b");
	assert_true(bearer_fit(b));
	bearer_let_go(b);
	assert_null(bearer_hold(NULL));
	bearer_let_go(NULL);
}

/* Eight bytes at a time, and what is left of them. */
static void what_would_end_the_line(void **state)
{
	char token[40];

	(void)state;
	for (size_t len = 1; len < sizeof(token); len++) {
		for (size_t i = 0; i < len; i++) {
			struct bearer *b;

			memset(token, 'x', len);
			token[len] = '\0';
			token[i] = i % 3 ? '\n' : 0x7f;
			b = bearer_new(token);
			assert_false(bearer_fit(b));
			bearer_let_go(b);
			token[i] = i % 2 ? ' ' : '~';
			b = bearer_new(token);
			assert_true(bearer_fit(b));
			bearer_let_go(b);
		}
	}
}

/* Two requests send the same line, also after its token was replaced. */
static void shared(void **state)
{
	struct bearer *b = bearer_new("token");
	struct exchange x = { .method = "GET", .url = text_dup("https://h/") };
	struct http_transfer *one = http_transfer_new(&x, "us", b, "id");
	struct http_transfer *two = http_transfer_new(&x, NULL, b, NULL);
	const struct curl_slist *last = one->head, *other = two->head;

	(void)state;
	while (last->next)
		last = last->next;
	while (other->next)
		other = other->next;
	assert_ptr_equal(last->data, other->data);
	assert_string_equal(last->data, "Authorization: Bearer token");
	assert_string_equal(one->head->data, "User-Agent: us");
	bearer_let_go(b);
	http_transfer_free(one);
	assert_string_equal(other->data, "Authorization: Bearer token");
	http_transfer_free(two);
	exchange_free(&x);
}

static void none(void **state)
{
	struct exchange x = { .method = "GET", .url = text_dup("https://h/") };
	struct http_transfer *t = http_transfer_new(&x, NULL, NULL, NULL);

	(void)state;
	assert_string_equal(t->head->data, "Accept: application/json");
	assert_null(t->head->next);
	http_transfer_free(t);
	exchange_free(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_it_is_sent),
		cmocka_unit_test(what_would_end_the_line),
		cmocka_unit_test(shared),
		cmocka_unit_test(none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
