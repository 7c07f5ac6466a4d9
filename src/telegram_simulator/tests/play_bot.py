"""A small bot on an unmodified aiogram, in a thread of its own, for the tests of the player's page."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    CallbackQuery,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    LabeledPrice,
    Message,
    PreCheckoutQuery,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)  # fmt: skip

from telegram_simulator.testing import RunningSimulator

DATA = "номер;ответ\n79000000001;да\n".encode()
HOSTILE = '</bdi><img src=x onerror="document.title=1">\u202egnp.exe'
COMMANDS = [
    BotCommand(command="start", description="Начать"), BotCommand(command="file", description="Прислать файл"),
    BotCommand(command="keys", description="Клавиатура"), BotCommand(command="pay", description="Счёт"),
]  # fmt: skip


def keyboard(number: int = 0) -> InlineKeyboardMarkup:
    def button(text: str, **does: Any) -> InlineKeyboardButton:
        return InlineKeyboardButton(text=text, **does)

    return InlineKeyboardMarkup(
        inline_keyboard=[
            [button("Toast", callback_data="toast"), button("Alert", callback_data="alert")],
            [button(f"Count {number}", callback_data=f"count {number + 1}")],
            [button("Vanish", callback_data="vanish"), button("Channel", url="https://t.me/company_news")],
            [button("Code", copy_text=CopyTextButton(text="1234 5678"))],
        ]
    )


def dispatcher() -> Dispatcher:
    made = Dispatcher()
    _commands(made)
    _taps(made)
    _messages(made)
    return made


def _commands(made: Dispatcher) -> None:
    @made.message(CommandStart())
    async def start(message: Message, command: CommandObject) -> None:
        await message.answer(f"Welcome, {command.args or 'nobody'}", reply_markup=keyboard())

    @made.message(Command("file"))
    async def file(message: Message) -> None:
        await message.answer_document(BufferedInputFile(DATA, "result.csv"), caption="Ready")

    @made.message(Command("keys"))
    async def keys(message: Message) -> None:
        rows = [[KeyboardButton(text="Yes"), KeyboardButton(text="My number", request_contact=True)]]
        markup = ReplyKeyboardMarkup(keyboard=rows, one_time_keyboard=True, input_field_placeholder="Yes?")
        await message.answer("Choose", reply_markup=markup)

    @made.message(Command("pay"))
    async def pay(message: Message) -> None:
        price = LabeledPrice(label="a month", amount=250)
        await message.answer_invoice(
            title="Subscription", description="A month", payload="month", currency="XTR", prices=[price]
        )

    @made.message(Command("format"))
    async def formatted(message: Message) -> None:
        text = (
            f"<b>bold <i>both</i></b> <code>code</code> <tg-spoiler>secret</tg-spoiler>"
            f'<blockquote>quoted</blockquote>{HOSTILE.replace("<", "&lt;")} <a href="https://example.org/">link</a>'
        )
        await message.answer(text, parse_mode="HTML")

    @made.pre_checkout_query()
    async def agree(query: PreCheckoutQuery) -> None:
        await query.answer(ok=True)

    @made.message(Command("poll"))
    async def poll(message: Message) -> None:
        await message.answer_poll("Which one?", ["This", "That"], is_anonymous=False)


def _taps(made: Dispatcher) -> None:
    @made.callback_query(F.data == "toast")
    async def toast(query: CallbackQuery) -> None:
        await query.answer("A word in passing")

    @made.callback_query(F.data == "alert")
    async def alert(query: CallbackQuery) -> None:
        await query.answer("Read this", show_alert=True)

    @made.callback_query(F.data.startswith("count"))
    async def count(query: CallbackQuery) -> None:
        number = int((query.data or "").split()[1])
        if isinstance(query.message, Message):
            await query.message.edit_text(f"Counted to {number}", reply_markup=keyboard(number))
        await query.answer()

    @made.callback_query(F.data == "vanish")
    async def vanish(query: CallbackQuery) -> None:
        if isinstance(query.message, Message):
            await query.message.delete()
        await query.answer()


def _messages(made: Dispatcher) -> None:
    @made.message(F.photo)
    async def photo(message: Message) -> None:
        photos = message.photo or []
        await message.answer_photo(photos[-1].file_id, caption=f"{photos[-1].width} wide")

    @made.message(F.document)
    async def document(message: Message) -> None:
        await message.answer(f"Got {message.document.file_name if message.document else ''}")

    @made.message(F.contact)
    async def contact(message: Message) -> None:
        number = message.contact.phone_number if message.contact else ""
        await message.answer(f"Number {number}", reply_markup=ReplyKeyboardRemove())

    @made.message(F.text)
    async def echo(message: Message) -> None:
        await message.reply(f"You said {message.text}")


@contextmanager
def running_bot(simulator: RunningSimulator, token: str) -> Iterator[None]:
    """The bot polls until the end of the block."""
    begun, ended = threading.Event(), threading.Event()

    async def run() -> None:
        session = AiohttpSession(api=TelegramAPIServer.from_base(simulator.bot_api_url))
        bot = Bot(token, session=session)
        await bot.set_my_commands(COMMANDS)
        await bot.set_my_description("Answers whatever it is told")
        polls = dispatcher()
        work = asyncio.create_task(polls.start_polling(bot, handle_signals=False, polling_timeout=2))
        begun.set()
        await asyncio.to_thread(ended.wait)
        await polls.stop_polling()
        await work
        await session.close()

    thread = threading.Thread(target=asyncio.run, args=(run(),), name="bot of the play page")
    thread.start()
    assert begun.wait(30)
    try:
        yield
    finally:
        ended.set()
        thread.join(30)
