"""The reception of every bot: who comes in, the main menu, settings, a word for whatever nobody else understands."""
