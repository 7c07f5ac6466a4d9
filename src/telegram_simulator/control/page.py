"""The plain page at /: what a newcomer needs to play with the simulated Telegram."""

from typing import Any

from telegram_simulator.control.door import Order, Text, route


@route("GET", "/")
async def page(order: Order) -> Any:
    return Text("<!doctype html><title>Simulated Telegram</title><h1>Simulated Telegram</h1>", "text/html")
