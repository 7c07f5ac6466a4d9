"""What the player's page asks for, without a browser."""

import http.client
import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote

import pytest
from aiogram.utils.web_app import safe_parse_webapp_init_data

from telegram_simulator.play.pages import FOLDER
from telegram_simulator.testing import ControlRefused, RunningSimulator
from telegram_simulator.tests.bot_steps import new_bot, result, updates_of
from telegram_simulator.tests.world_steps import ANNA, running
from telegram_simulator.world.recognition import found_in


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world"), people=300) as started:
        yield started


def asked(simulator: RunningSimulator, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(simulator.host, simulator.control_port, timeout=10)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_the_page_loads_only_its_own_scripts_and_nobody_frames_it(simulator: RunningSimulator) -> None:
    answer = asked(simulator, "/play/")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    page = (FOLDER / "page.html").read_text()
    named = [part.split('"')[0] for part in page.split('src="')[1:] + page.split('href="')[1:]]
    assert named
    assert all(address.startswith("/") for address in named)
    assert "<script>" not in page
    assert "style=" not in page
    for address in named:
        assert asked(simulator, address).status == 200


def test_no_file_beside_those_of_the_page_is_served(simulator: RunningSimulator) -> None:
    for path in ("/play/static/../pages.py", "/play/static/%2e%2e/pages.py", "/play/static/page.html"):
        assert asked(simulator, path).status == 404


def test_both_languages_have_the_same_words() -> None:
    text = (FOLDER / "static" / "words.js").read_text()
    english, russian = text.split("const RUSSIAN")[0], text.split("const RUSSIAN")[1].split("};")[0]
    words = [set(re.findall(r'(\w+): "', part)) for part in (english, russian)]
    assert words[0] == words[1]
    used = "".join(path.read_text() for path in (FOLDER / "static").glob("*.js"))
    assert set(re.findall(r'\bt\("(\w+)"', used)) <= words[0]


def test_those_with_a_part_come_first_and_are_made_once(simulator: RunningSimulator) -> None:
    first, again = (simulator.get("/play/api/people")["people"] for _ in range(2))
    assert [one["note"] for one in first[:4]] == ["newcomer", "administrator", "english", "arabic"]
    assert [one["id"] for one in again] == [one["id"] for one in first]
    assert any(one["phone"] == ANNA for one in first)


def test_messages_of_the_sample_world_do_not_wait_to_be_read(simulator: RunningSimulator) -> None:
    anna = simulator.player(ANNA)
    assert all(chat["unread"] == 0 for chat in anna.chats())
    assert any(chat["last"] for chat in anna.chats())


def test_what_arrives_is_unread_until_the_chat_was_opened(simulator: RunningSimulator) -> None:
    bot, player = new_bot(simulator), simulator.player("Вика Читаева")
    player.start(bot["username"])
    for text in ("one", "two"):
        result(simulator, bot["token"], "sendMessage", chat_id=player.id, text=text)
    assert [chat["unread"] for chat in player.chats()] == [2]
    player.post("read", to=bot["username"])
    assert [chat["unread"] for chat in player.chats()] == [0]


def test_somebody_is_found_by_username_link_name_and_number(simulator: RunningSimulator) -> None:
    bot, player = new_bot(simulator, first_name="Приёмная имени Гоголя"), simulator.player("Гена Искатель")
    ways = (f"@{bot['username']}", bot["username"], "приёмная имени", str(bot["id"]), bot["username"][:9])
    for text in ways:
        found = player.get(f"look?text={quote(text)}")["found"]
        assert bot["id"] in [one["id"] for one in found], text
    assert player.get("look?text=%25%25")["found"] == []
    assert player.get("look?text=@nobody_at_all")["found"] == []


def test_private_chats_are_found_only_by_their_members(simulator: RunningSimulator) -> None:
    owner, stranger = simulator.player("Зоя Хозяйка"), simulator.player("Чужой Прохожий")
    chat = simulator.post("/api/chats", {"kind": "group", "title": "Кухня на Садовой", "creator": owner.id})
    number = chat["bot_api_id"]
    path = f"look?text={number}"
    assert [one["id"] for one in owner.get(path)["found"]] == [number]
    assert stranger.get(path)["found"] == []
    with pytest.raises(ControlRefused, match="not in the chat"):
        stranger.get(f"chats/{number}/messages")


def test_the_keyboard_of_the_bot_stays_until_it_is_taken_away(simulator: RunningSimulator) -> None:
    bot, player = new_bot(simulator), simulator.player("Лора Клавишина")
    player.start(bot["username"])

    def said(markup: object) -> object:
        result(simulator, bot["token"], "sendMessage", chat_id=player.id, text="?", reply_markup=markup)
        return player.get(f"chats/@{bot['username']}/messages")["chat"]["keyboard"]

    shown = said({"keyboard": [[{"text": "Да"}]]})
    assert isinstance(shown, dict)
    assert shown["keyboard"] == [[{"text": "Да"}]]
    assert said(None) == shown
    assert said({"remove_keyboard": True}) is None


def test_a_mini_app_gets_data_that_aiogram_finds_rightly_signed(simulator: RunningSimulator) -> None:
    bot, player = new_bot(simulator), simulator.player("Инна Приложенко")
    player.start(bot["username"])
    opened = player.post("web_app", bot=bot["username"], url="https://example.org/app?x=1", start_param="abc")
    fragment = opened["url"].partition("#")[2]
    told = dict(parse_qsl(fragment))
    data = safe_parse_webapp_init_data(bot["token"], told["tgWebAppData"])
    assert data.user is not None
    assert (data.user.id, data.user.first_name, data.start_param) == (player.id, "Инна", "abc")
    with pytest.raises(ValueError, match="Invalid init data signature"):
        safe_parse_webapp_init_data(bot["token"] + "x", told["tgWebAppData"])
    plain = player.post("web_app", bot=bot["username"], url="https://example.org/app", keyboard=True)
    assert "tgWebAppData" not in plain["url"]


def test_the_data_of_a_mini_app_reach_the_bot(simulator: RunningSimulator) -> None:
    bot, player = new_bot(simulator), simulator.player("Инна Отправкина")
    player.start(bot["username"])
    player.post("web_app_data", bot=bot["username"], data='{"a":1}', button="Form")
    told = updates_of(simulator, bot)[-1]["message"]["web_app_data"]
    assert told == {"data": '{"a":1}', "button_text": "Form"}
    with pytest.raises(ControlRefused, match="4096"):
        player.post("web_app_data", bot=bot["username"], data="x" * 4097)


def test_a_location_is_a_place_on_earth(simulator: RunningSimulator) -> None:
    bot, player = new_bot(simulator), simulator.player("Глеб Местный")
    player.start(bot["username"])
    player.post("location", to=bot["username"], latitude=55.75, longitude=37.62)
    assert updates_of(simulator, bot)[-1]["message"]["location"] == {"latitude": 55.75, "longitude": 37.62}
    for wrong in (91, "55", True, None):
        with pytest.raises(ControlRefused, match="degrees"):
            player.post("location", to=bot["username"], latitude=wrong, longitude=0)


def test_the_stream_tells_of_ones_own_chats_and_that_others_have_news(simulator: RunningSimulator) -> None:
    bot, one, other = new_bot(simulator), simulator.player("Уля Слушаева"), simulator.player("Фёкла Дальняя")
    for player in (one, other):
        player.start(bot["username"])
    connection = http.client.HTTPConnection(simulator.host, simulator.control_port, timeout=10)
    connection.request("GET", f"/play/api/{one.id}/events")
    stream = connection.getresponse()
    assert stream.readline() == b": connected\n"
    result(simulator, bot["token"], "sendMessage", chat_id=other.id, text="for the other")
    result(simulator, bot["token"], "sendMessage", chat_id=one.id, text="for this one")
    told: dict[str, object] = {}
    while not {"message", "elsewhere"} <= set(told):
        line = stream.readline().decode().strip()
        if line.startswith("event: "):
            told[line.removeprefix("event: ")] = json.loads(stream.readline().decode().removeprefix("data: "))
    connection.close()
    message = told["message"]
    assert isinstance(message, dict)
    assert message["text"] == "for this one"
    assert told["elsewhere"] == {"person": other.id, "unread": 1}


def test_the_page_of_another_site_may_not_give_orders(simulator: RunningSimulator) -> None:
    connection = http.client.HTTPConnection(simulator.host, simulator.control_port, timeout=10)
    for site, status in (("cross-site", 403), ("same-origin", 200)):
        headers = {"Sec-Fetch-Site": site, "Content-Type": "text/plain"}
        connection.request("POST", "/play/api/people", '{"name": "Nikita"}', headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
    connection.close()


def test_marks_of_html_are_no_commands() -> None:
    assert found_in("</b> </script>") == []
    assert [one["type"] for one in found_in("(/start) /help@some_bot")] == ["bot_command", "bot_command"]
