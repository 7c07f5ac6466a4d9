"""messages.*: dialogs, history and sending."""
