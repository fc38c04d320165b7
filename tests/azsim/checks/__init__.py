"""azsim's own tests; `selftest` runs them."""
