/* A buffer that knows no limits. */
#include "base/text.h"

int buf_len(void);

int buf_len(void)
{
	return text_len("buffer");
}
