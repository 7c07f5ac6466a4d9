"""What only the process `pult bots` runs: receiving, handling, sending. The one place that loads aiogram."""
