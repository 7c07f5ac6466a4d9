"""The simulated world: what exists, who knows whom, what may be done how often. Knows nothing of sockets or TL."""
