"""`pult account …`"""

import typer

commands = typer.Typer(name="account", help="Telegram accounts.", no_args_is_help=True)
