"""A simulated Telegram: one world of people, reached by real clients over loopback sockets."""
