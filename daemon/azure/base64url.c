/* Reads base64url; writing it is the affair of azure/assertion. */
#include "azure/base64url.h"

int base64url_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}

size_t base64url_length(const char *s, size_t len)
{
	static const bool of_it[256] = {
		['A' ... 'Z'] = true, ['a' ... 'z'] = true,
		['0' ... '9'] = true, ['-'] = true,
		['_'] = true,
	};
	size_t i = 0;

	while (i < len && of_it[(unsigned char)s[i]])
		i++;
	return i;
}

/* Back to the length that it had. */
static bool undo(struct buf *out, size_t len)
{
	if (out->data && out->len > len) {
		out->len = len;
		out->data[len] = '\0';
	}
	return false;
}

bool base64url_add(struct buf *out, const char *s, size_t len)
{
	unsigned acc = 0, bits = 0;
	size_t before = out->len;

	while (len && s[len - 1] == '=')
		len--;
	if (len % 4 == 1)
		return false;
	for (size_t i = 0; i < len; i++) {
		int digit = base64url_digit(s[i]);
		char byte;

		if (digit < 0)
			return undo(out, before);
		acc = (acc << 6 | (unsigned)digit) & 0xffff;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		byte = (char)(acc >> bits & 0xff);
		if (!buf_add(out, &byte, 1))
			return undo(out, before);
	}
	return true;
}
