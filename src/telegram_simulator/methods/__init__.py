"""Telegram's API methods, one file for each namespace, answered from the world."""
