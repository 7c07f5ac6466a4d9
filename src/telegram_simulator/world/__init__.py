"""The simulated world: what exists, who knows whom, what may be done how often. No sockets, no TL."""
