"""What can be done about bots, their updates and their messages."""
