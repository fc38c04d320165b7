/* The options of the daemon. */
#include "io/http.h"

int main(void)
{
	return http_get();
}
