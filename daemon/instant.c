/* The time now, on both clocks, in the one form that the engine knows. */
#include "instant.h"

#include "io/clock.h"

struct instant instant_now(void)
{
	return (struct instant){ .boot = clock_boot_ms(),
				 .wall = clock_wall_ms() };
}
