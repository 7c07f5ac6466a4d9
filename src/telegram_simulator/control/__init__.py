"""The control door: a small HTTP API and a page to look at the world, set limits and cause faults."""
