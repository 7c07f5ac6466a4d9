"""The one gateway to Telegram: accounts that people connect, and the exclusive right to use one."""
