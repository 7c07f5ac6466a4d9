"""Tests of the simulator with real Telethon clients over real sockets."""
