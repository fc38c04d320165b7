/*
 * fleet: a small engine for the targets that need one: a watch with two
 * registries, a manual one with one, and a rule.
 */
#ifndef KEYROTD_TESTS_FUZZ_FLEET_H
#define KEYROTD_TESTS_FUZZ_FLEET_H

#include "base/json.h"
#include "engine/engine.h"
#include "fuzz.h"

#define FLEET_ID                                                     \
	"/subscriptions/11111111-2222-3333-4444-555555555555/"       \
	"resourceGroups/prod/providers/Microsoft.ContainerRegistry/" \
	"registries/"

/* 2026-03-01T12:00:00Z */
static const struct instant fleet_start = { .boot = 5000000,
					    .wall = INT64_C(1772366400000) };

static inline struct engine *fleet_new(void)
{
	static const char text[] =
		"watch \"https://contoso.vault.azure.net/keys/acr-cmk\" {\n"
		"registries = { \"" FLEET_ID "contosoprod\", \"" FLEET_ID
		"contosodr\" }\n}\n"
		"watch \"https://contoso.vault.azure.net/keys/old/"
		"11111111111111111111111111111111\" {\n"
		"registries = { \"" FLEET_ID "contosoold\" }\n}\n"
		"discover \"all\" { scope = "
		"\"/subscriptions/11111111-2222-3333-4444-555555555555\"\n"
		"max-registries = 3 }\n";
	struct config_source source = { .name = "c",
					.text = text,
					.len = sizeof(text) - 1 };
	struct config *c = config_parse(&source, 1, NULL, NULL, NULL);

	FUZZ_NEED(c);
	return engine_new(c, 1, 0, fleet_start);
}

/* The engine asks for an end of things. */
static inline void fleet_drain(struct engine *e)
{
	struct action a;
	unsigned actions = 0;

	while (engine_action(e, &a))
		FUZZ_NEED(++actions < 1000);
}

#endif
