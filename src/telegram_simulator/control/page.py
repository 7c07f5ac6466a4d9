"""The plain page at /: what a newcomer needs to play with the simulated Telegram."""

import json
from pathlib import Path
from typing import Any

from telegram_simulator.control.orders import Order, Text, route
from telegram_simulator.methods.call import REGISTER

PAGE_FILE = Path(__file__).with_name("page.html")


@route("GET", "/")
async def page(order: Order) -> Any:
    return Text(PAGE_FILE.read_text(encoding="utf-8"), "text/html")


@route("GET", "/api/methods")
async def methods(_: Order) -> Any:
    """The names of the simulated methods, for the faults form."""
    return {"methods": sorted(method.name for method in REGISTER.values())}


@route("GET", "/api/doors")
async def doors(order: Order) -> Any:
    """Where programs reach this world: {"bot_api": address, "clients": host:port}"""
    ready = json.loads((order.world.folder / "ready.json").read_text())
    return {
        "bot_api": f"http://{ready['host']}:{ready['bot_api_port']}",
        "clients": f"{ready['host']}:{ready['mtproto_port']}",
    }
