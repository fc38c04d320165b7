/* A table of texts by their content, which grows and shrinks with them. */
#include "base/intern.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define BUCKETS 64 /* at least; more than twice as many texts make it grow */

struct intern_text {
	struct intern_text *next;
	uint32_t places;
	uint32_t hash;
	char text[];
};

/* FNV-1a, and case counts: what is told is shown as it was told. */
static uint32_t hash_of(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

static void resize(struct intern *t, size_t size)
{
	struct intern_text **old = t->buckets;
	size_t n = t->size;

	t->buckets = text_alloc(size, sizeof(*t->buckets));
	t->size = size;
	for (size_t i = 0; i < n; i++) {
		struct intern_text *one = old[i], *next;

		for (; one; one = next) {
			next = one->next;
			one->next = t->buckets[one->hash & (size - 1)];
			t->buckets[one->hash & (size - 1)] = one;
		}
	}
	free(old);
}

static const char *take(struct intern *t, const char *text)
{
	uint32_t hash = hash_of(text);
	struct intern_text *one;
	size_t len;

	if (t->n >= 2 * t->size)
		resize(t, t->size ? 2 * t->size : BUCKETS);
	for (one = t->buckets[hash & (t->size - 1)]; one; one = one->next) {
		if (one->hash == hash && strcmp(one->text, text) == 0) {
			one->places++;
			return one->text;
		}
	}
	len = strlen(text) + 1;
	one = text_alloc(1, sizeof(*one) + len);
	memcpy(one->text, text, len);
	one->places = 1;
	one->hash = hash;
	one->next = t->buckets[hash & (t->size - 1)];
	t->buckets[hash & (t->size - 1)] = one;
	t->n++;
	return one->text;
}

static void leave(struct intern *t, const char *text)
{
	struct intern_text **at, *one;

	if (!text || text[0] == '\0')
		return;
	at = &t->buckets[hash_of(text) & (t->size - 1)];
	while ((*at)->text != text)
		at = &(*at)->next;
	one = *at;
	if (--one->places > 0)
		return;
	*at = one->next;
	free(one);
	t->n--;
	if (t->size > BUCKETS && t->n < t->size / 4)
		resize(t, t->size / 2);
}

void intern_set(struct intern *t, const char **place, const char *text)
{
	const char *was = *place;

	if (was && text && strcmp(was, text) == 0)
		return;
	*place = text && text[0] != '\0' ? take(t, text) : "";
	leave(t, was);
}

void intern_free(struct intern *t)
{
	for (size_t i = 0; i < t->size; i++) {
		struct intern_text *one = t->buckets[i], *next;

		for (; one; one = next) {
			next = one->next;
			free(one);
		}
	}
	free(t->buckets);
	*t = (struct intern){ 0 };
}
