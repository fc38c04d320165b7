/* azure/trace: the ids of requests, packed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "azure/trace.h"

#define ID "4d1f0c9e-6a3b-4b62-9d0e-0a1b2c3d4e5f"
#define PLAIN "4d1f0c9e6a3b4b629d0e0a1b2c3d4e5f"

static void comes_back(const char *text, bool hyphens, const char *want)
{
	struct trace t = trace_read(text);
	char got[TRACE_MAX];

	trace_print(&t, hyphens, got);
	assert_string_equal(got, want);
	assert_int_equal(t.known, want[0] != '\0');
}

static void round_trips(void **state)
{
	(void)state;
	comes_back(ID, true, ID);
	comes_back(ID, false, PLAIN);
	comes_back(PLAIN, true, ID);
	comes_back("4D1F0C9E6A3B4B629D0E0A1B2C3D4E5F", false, PLAIN);
	comes_back("00000000-0000-0000-0000-000000000000", true,
		   "00000000-0000-0000-0000-000000000000");
}

static void others_are_not_known(void **state)
{
	static const char *const texts[] = {
		NULL,
		"",
		"-",
		"eastus2:4d1f0c9e-6a3b-4b62-9d0e-0a1b2c3d4e5f",
		"4d1f0c9e-6a3b-4b62-9d0e-0a1b2c3d4e5",
		"4d1f0c9e-6a3b-4b62-9d0e-0a1b2c3d4e5f0",
		"4d1f0c9e-6a3b-4b62-9d0e0-a1b2c3d4e5f",
		"4d1f0c9e+6a3b-4b62-9d0e-0a1b2c3d4e5f",
		"4d1f0c9e6a3b4b629d0e0a1b2c3d4e5g",
		"------------------------------------",
		"4d1f0c9e-6a3b-4b62-9d0e-0a1b2c3d4e5-",
		"4d1f0c9e6a3b4b629d0e0a1b2c3d4e5f6a3b",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		comes_back(texts[i], true, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips),
		cmocka_unit_test(others_are_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
