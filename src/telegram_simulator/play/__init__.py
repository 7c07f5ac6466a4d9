"""Playing the people of the world: what a person does with the Telegram app in their hand."""
