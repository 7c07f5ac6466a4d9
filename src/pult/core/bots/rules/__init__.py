"""Pure decisions about bots."""
