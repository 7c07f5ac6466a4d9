"""Bots: updates stored before they are acknowledged, screens, and one limiter for everything that is sent.

Rooms bring a `BotRoom` (see `screens`); who sends writes an `Outgoing` row (see `operations.outbox`). Only the process
`pult bots` talks to the Bot API and loads aiogram (`engine`).
"""
