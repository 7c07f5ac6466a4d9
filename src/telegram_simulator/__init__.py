"""A simulated Telegram: real clients connect to it over real sockets on this machine."""
