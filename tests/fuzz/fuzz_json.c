/* Any bytes through the JSON reader, and what it took back through the
 * writer. */
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault f = fault_none();
	struct json *root = json_parse((const char *)data, size, 200000, &f);
	struct buf out;

	buf_init(&out, 1 << 20);
	if (root) {
		struct json_writer *w = json_writer_new(&out, false);

		json_copy(w, root);
		json_finish(w);
	}
	buf_free(&out);
	json_free(root);
	return 0;
}
