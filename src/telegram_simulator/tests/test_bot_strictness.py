"""Bad input and what Telegram answers to it, word for word."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telegram_simulator.bot_api.errors import BotApiError
from telegram_simulator.bot_api.html_mode import parse_html
from telegram_simulator.bot_api.markdown_mode import RESERVED, parse_markdown
from telegram_simulator.testing import Player, RunningSimulator
from telegram_simulator.tests.bot_steps import answer_to, ask, met, new_bot, refusal, result
from telegram_simulator.tests.world_steps import running


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world"), people=300) as started:
        yield started


@pytest.fixture(scope="module")
def bot(simulator: RunningSimulator) -> dict[str, Any]:
    return new_bot(simulator)


@pytest.fixture(scope="module")
def player(simulator: RunningSimulator, bot: dict[str, Any]) -> Player:
    return met(simulator, bot)


def inline(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[button]]}


def keyboard(**button: Any) -> dict[str, Any]:
    return {"keyboard": [[button]]}


CANT = "can't parse entities: "
NO_ACTION = "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
WRONG_MESSAGES: list[tuple[dict[str, Any], str]] = [
    ({"text": ""}, "message text is empty"),
    ({"text": "  \n "}, "message text is empty"),
    ({"text": "<b></b>", "parse_mode": "HTML"}, "message text is empty"),
    ({"text": "x" * 4097}, "message is too long"),
    ({"text": "😀" * 2049}, "message is too long"),
    ({"text": "x", "parse_mode": "RTF"}, "unsupported parse_mode"),
    ({"text": "<b>x", "parse_mode": "HTML"}, CANT + 'Can\'t find end tag corresponding to start tag "b"'),
    ({"text": "я<br>", "parse_mode": "HTML"}, CANT + 'Unsupported start tag "br" at byte offset 2'),
    ({"text": "1 < 2", "parse_mode": "HTML"}, CANT + 'Unsupported start tag "" at byte offset 2'),
    ({"text": "x</b>", "parse_mode": "HTML"}, CANT + "Unexpected end tag at byte offset 1"),
    (
        {"text": "<b><i>x</b></i>", "parse_mode": "HTML"},
        CANT + 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
    ),
    (
        {"text": "<span>x</span>", "parse_mode": "HTML"},
        CANT + 'Tag "span" must have class "tg-spoiler" at byte offset 0',
    ),
    (
        {"text": "Да.", "parse_mode": "MarkdownV2"},
        CANT + "Character '.' is reserved and must be escaped with the preceding '\\'",
    ),
    ({"text": "*x", "parse_mode": "MarkdownV2"}, CANT + "Can't find end of Bold entity at byte offset 0"),
    ({"text": "я `x", "parse_mode": "MarkdownV2"}, CANT + "Can't find end of Code entity at byte offset 3"),
    ({"text": "x", "reply_markup": inline(text="Т")}, NO_ACTION),
    ({"text": "x", "reply_markup": inline(text="Т", callback_data="я" * 33)}, "BUTTON_DATA_INVALID"),
    ({"text": "x", "reply_markup": inline(text="Т", callback_data="")}, "BUTTON_DATA_INVALID"),
    (
        {"text": "x", "reply_markup": inline(callback_data="1")},
        "can't parse inline keyboard button: Can't find field \"text\"",
    ),
    (
        {"text": "x", "reply_markup": inline(text="Т", url="http://localhost/")},
        "inline keyboard button URL 'http://localhost/' is invalid: Wrong HTTP URL",
    ),
    (
        {"text": "x", "reply_markup": inline(text="Т", web_app={"url": "http://example.com"})},
        "inline keyboard button Web App URL 'http://example.com' is invalid: Only HTTPS links are allowed",
    ),
    ({"text": "x", "reply_markup": inline(text="Т", copy_text={"text": ""})}, "BUTTON_COPY_TEXT_INVALID"),
    ({"text": "x", "reply_markup": "{не JSON"}, "can't parse reply keyboard markup JSON object"),
    ({"text": "x", "reply_markup": "[]"}, "object expected as reply markup"),
    (
        {"text": "x", "reply_markup": keyboard(request_contact=True)},
        "can't parse keyboard button: Can't find field \"text\"",
    ),
    ({"text": "x", "message_thread_id": 5}, "message thread not found"),
    ({"text": "x", "reply_to_message_id": 12345}, "message to be replied not found"),
    ({"text": "x", "sound": "loud"}, "the simulator does not know the parameter sound of sendMessage"),
    ({"chat_id": "", "text": "x"}, "chat_id is empty"),
    ({"chat_id": "никто", "text": "x"}, "chat not found"),
    ({"chat_id": "@nobody_here", "text": "x"}, "chat not found"),
    ({"chat_id": 424242, "text": "x"}, "chat not found"),
    ({"chat_id": -100_000_000_2001, "text": "x"}, "chat not found"),
]


@pytest.mark.parametrize(("wishes", "sentence"), WRONG_MESSAGES)
def test_a_wrong_message_is_refused_word_for_word(
    simulator: RunningSimulator, bot: dict[str, Any], player: Player, wishes: dict[str, Any], sentence: str
) -> None:
    before = len(player.chat(bot["username"]))
    wishes = {"chat_id": player.id, **wishes}
    assert refusal(simulator, bot["token"], "sendMessage", **wishes) == (400, f"Bad Request: {sentence}")
    assert len(player.chat(bot["username"])) == before


OTHER_METHODS: list[tuple[str, dict[str, Any], str]] = [
    ("editMessageText", {"message_id": 1}, "message text is empty"),
    ("editMessageText", {"text": "x"}, "message identifier is not specified"),
    ("editMessageText", {"text": "x", "message_id": "abc"}, "message identifier is not specified"),
    ("editMessageText", {"text": "x", "message_id": 1}, "message can't be edited"),
    ("editMessageText", {"text": "x", "message_id": 10**6}, "message to edit not found"),
    ("editMessageCaption", {"caption": "x", "message_id": 10**6}, "message to edit not found"),
    ("editMessageReplyMarkup", {"message_id": 10**6}, "message to edit not found"),
    ("deleteMessage", {"message_id": 10**6}, "message to delete not found"),
    ("deleteMessages", {"message_ids": []}, "message identifiers are not specified"),
    ("deleteMessages", {"message_ids": ["x"]}, "invalid message identifier specified"),
    ("sendChatAction", {"action": "dancing"}, "wrong parameter action in request"),
    (
        "setMyCommands",
        {"chat_id": None, "commands": [{"command": "Ы", "description": "x"}]},
        "BOT_COMMAND_INVALID",
    ),
    ("setMyCommands", {"chat_id": None, "commands": {}}, "expected an Array of BotCommand"),
    (
        "setMyCommands",
        {"chat_id": None, "commands": [{"command": "x", "description": ""}]},
        "BOT_COMMAND_DESCRIPTION_INVALID",
    ),
    ("setChatMenuButton", {"menu_button": {"type": "magic"}}, "menuButton has unsupported type"),
    ("getUpdates", {"chat_id": None, "offset": "завтра"}, "invalid offset specified"),
]


@pytest.mark.parametrize("request_of", OTHER_METHODS)
def test_a_wrong_request_is_refused_word_for_word(
    simulator: RunningSimulator,
    bot: dict[str, Any],
    player: Player,
    request_of: tuple[str, dict[str, Any], str],
) -> None:
    method, wishes, sentence = request_of
    wishes = {"chat_id": player.id, **wishes}
    given = {name: value for name, value in wishes.items() if value is not None}
    assert refusal(simulator, bot["token"], method, **given) == (400, f"Bad Request: {sentence}")


def test_tokens_and_methods_that_are_none(simulator: RunningSimulator, bot: dict[str, Any]) -> None:
    assert ask(simulator, "1:wrong", "getMe")[1] == {
        "ok": False,
        "error_code": 401,
        "description": "Unauthorized",
    }
    assert ask(simulator, "nonsense", "getMe") == (
        404,
        {"ok": False, "error_code": 404, "description": "Not Found"},
    )
    assert refusal(simulator, bot["token"], "sendLove") == (
        404,
        "Not Found: method sendLove is not simulated",
    )
    assert result(simulator, bot["token"], "GETME")["id"] == bot["id"], "names are taken in any case"
    known = {method["name"] for method in simulator.get("/api/bot-methods")["methods"]}
    assert {"getUpdates", "sendMessage", "answerCallbackQuery"} <= known


def test_parameters_come_by_query_form_and_json(
    simulator: RunningSimulator, bot: dict[str, Any], player: Player
) -> None:
    url = f"{simulator.bot_api_url}/bot{bot['token']}/sendMessage"
    bodies = [
        (f"?chat_id={player.id}&text=%D0%B0%2B1", None, None),
        ("", f"chat_id={player.id}&text=%D0%B0%2B1".encode(), "application/x-www-form-urlencoded"),
        ("", json.dumps({"chat_id": str(player.id), "text": "а+1"}).encode(), "application/json"),
        (
            "",
            f'--x\r\nContent-Disposition: form-data; name="chat_id"\r\n\r\n{player.id}\r\n--x\r\n'
            'Content-Disposition: form-data; name="text"\r\n\r\nа+1\r\n--x--\r\n'.encode(),
            "multipart/form-data; boundary=x",
        ),
    ]
    for query, body, kind in bodies:
        request = urllib.request.Request(
            url + query, data=body, headers={"Content-Type": kind} if kind else {}
        )
        status, answer = answer_to(request)
        assert (status, answer["ok"]) == (200, True), answer
        assert answer["result"]["text"] == "а+1"
    request = urllib.request.Request(url, data=b"{", headers={"Content-Type": "application/json"})
    assert answer_to(request)[1]["description"] == "Bad Request: can't parse JSON object"


def test_people_whom_a_bot_may_not_address(simulator: RunningSimulator, bot: dict[str, Any]) -> None:
    def answer(chat_id: int) -> tuple[int, str]:
        return refusal(simulator, bot["token"], "sendMessage", chat_id=chat_id, text="Ау")

    stranger, gone, deaf = simulator.player("Чужой"), met(simulator, bot, "Ушла"), met(simulator, bot, "Глух")
    assert answer(stranger.id) == (400, "Bad Request: chat not found")
    simulator.post(f"/api/accounts/{gone.phone}/ban")
    assert answer(gone.id) == (403, "Forbidden: user is deactivated")
    deaf.block(bot["username"])
    assert answer(deaf.id) == (403, "Forbidden: bot was blocked by the user")
    other = new_bot(simulator)
    assert answer(other["id"]) == (403, "Forbidden: bot can't send messages to bots")


@pytest.mark.parametrize(
    ("html", "plain", "entities"),
    [
        ("<b>а</b>&lt;&#128512;&nbsp;", "а<😀&nbsp;", [("bold", 0, 1)]),
        ('<a href="https://t.me/x?a=1&amp;b=2">т</a>', "т", [("text_link", 0, 1, "url", "https://t.me/x?a=1&b=2")]),
        ('<pre><code class="language-python">x = 1</code></pre>', "x = 1", [("pre", 0, 5, "language", "python")]),
        ("<blockquote expandable>ц</blockquote>", "ц", [("expandable_blockquote", 0, 1)]),
        ("<u><s>а</s>б</u>", "аб", [("underline", 0, 2), ("strikethrough", 0, 1)]),
        ('<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>', "👍", [
            ("custom_emoji", 0, 2, "custom_emoji_id", "5368324170671202286"),
        ]),
        ("<SPAN class='tg-spoiler'>т</SPAN>", "т", [("spoiler", 0, 1)]),
    ],
)  # fmt: skip
def test_html_is_read_as_telegram_reads_it(html: str, plain: str, entities: list[tuple[Any, ...]]) -> None:
    assert _flat(parse_html(html)) == (plain, entities)


@pytest.mark.parametrize(
    ("markdown", "plain", "entities"),
    [
        ("*а _б_*", "а б", [("bold", 0, 3), ("italic", 2, 1)]),
        ("__а__ ~б~ ||в||", "а б в", [("underline", 0, 1), ("strikethrough", 2, 1), ("spoiler", 4, 1)]),
        ("[т](https://t\\.me/x_\\))", "т", [("text_link", 0, 1, "url", "https://t.me/x_)")]),
        ("```python\nx = [1]\n```", "x = [1]\n", [("pre", 0, 8, "language", "python")]),
        ("`a\\`b`", "a`b", [("code", 0, 3)]),
        (">первая\n>вторая\nнет", "первая\nвторая\nнет", [("blockquote", 0, 14)]),
        ("**>первая\n>вторая||", "первая\nвторая", [("expandable_blockquote", 0, 13)]),
        ("![👍](tg://emoji?id=5368324170671202286)", "👍", [
            ("custom_emoji", 0, 2, "custom_emoji_id", "5368324170671202286"),
        ]),
    ],
)  # fmt: skip
def test_markdown_is_read_as_telegram_reads_it(
    markdown: str, plain: str, entities: list[tuple[Any, ...]]
) -> None:
    assert _flat(parse_markdown(markdown)) == (plain, entities)


def _flat(parsed: tuple[str, list[dict[str, Any]]]) -> tuple[str, list[tuple[Any, ...]]]:
    flat = []
    for entity in parsed[1]:
        extra = [
            part
            for name in ("url", "language", "custom_emoji_id")
            if name in entity
            for part in (name, entity[name])
        ]
        flat.append((entity["type"], entity["offset"], entity["length"], *extra))
    return parsed[0], flat


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("аb😀 \n\\" + RESERVED), max_size=40))
def test_escaped_text_survives_every_parse_mode(text: str) -> None:
    escaped = "".join(f"\\{sign}" if sign in RESERVED + "\\" else sign for sign in text)
    assert parse_markdown(escaped) == (text, [])
    html = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert parse_html(html) == (text, [])


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet=st.sampled_from("а😀 <>/=\"'&;b*_~|`[]()!.\\\n"), max_size=40))
def test_any_text_is_read_or_refused_and_entities_stay_inside(text: str) -> None:
    for parse in (parse_html, parse_markdown):
        try:
            plain, entities = parse(text)
        except BotApiError as refused:
            assert refused.description.startswith("Bad Request: can't parse entities: ")
            continue
        length = len(plain.encode("utf-16-le")) // 2
        for entity in entities:
            assert entity["length"] > 0
            assert 0 <= entity["offset"] <= entity["offset"] + entity["length"] <= length
