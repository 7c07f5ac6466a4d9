"""`python -m telegram_simulator --data DIR`: start the simulated Telegram."""

from telegram_simulator.app import main

if __name__ == "__main__":
    main()
