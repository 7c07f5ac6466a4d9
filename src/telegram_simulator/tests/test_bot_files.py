"""Files between bots and people: in and out, by every way that Telegram has, with its limits."""

import struct
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Any

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramEntityTooLarge, TelegramNetworkError
from aiogram.types import (
    BufferedInputFile,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    Message,
    URLInputFile,
)  # fmt: skip
from aiohttp import ClientError

from telegram_simulator.testing import RunningSimulator
from telegram_simulator.tests.bot_steps import met, new_bot, program, refusal, result, updates_of
from telegram_simulator.tests.world_steps import running, signed_in


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world"), people=300) as started:
        yield started


def picture(width: int = 40, height: int = 30) -> bytes:
    """A grey PNG."""

    def part(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    rows = zlib.compress(b"".join(b"\0" + b"\x80" * width for _ in range(height)))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", rows) + part(b"IEND", b"")


async def test_a_document_goes_to_a_person_and_comes_back_by_its_id(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    async with program(simulator, bot["token"]) as client:
        file = BufferedInputFile("номер\n+7900".encode(), "итоги/номера.csv")
        sent = await client.send_document(player.id, file, caption="<b>Готово</b>", parse_mode="HTML")
        assert sent.document and sent.caption == "Готово" and sent.caption_entities
        assert (sent.document.file_name, sent.document.mime_type) == ("номера.csv", "text/csv")
        assert sent.document.file_size == len("номер\n+7900".encode())
        (shown,) = player.wait_for(bot["username"], "Готово").files
        assert (shown["kind"], shown["name"]) == ("document", "номера.csv")
        assert player.download(shown) == "номер\n+7900".encode()
        again = await client.send_document(player.id, sent.document.file_id)
        assert again.document and again.document.file_unique_id == sent.document.file_unique_id
        read = await client.download(again.document)
        assert read and read.read() == "номер\n+7900".encode()


async def test_a_bot_downloads_what_a_person_sends(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    player.send_file(bot["username"], "numbers.txt", b"+79000000001\n", caption="Проверь #это")
    player.send_file(bot["username"], "face.png", picture(640, 480), kind="photo")
    document, photo = (Message.model_validate(update["message"]) for update in updates_of(simulator, bot))
    assert document.document and document.caption == "Проверь #это"
    assert document.caption_entities and document.caption_entities[0].type == "hashtag"
    assert photo.photo and (photo.photo[-1].width, photo.photo[-1].height) == (640, 480)
    async with program(simulator, bot["token"]) as client:
        assert (await _downloaded(client, document.document.file_id)) == b"+79000000001\n"
        assert (await _downloaded(client, photo.photo[-1].file_id)) == picture(640, 480)


async def _downloaded(client: Any, file_id: str) -> bytes:
    into = BytesIO()
    await client.download(file_id, destination=into)
    return into.getvalue()


async def test_every_kind_of_file_arrives_as_what_it_is(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    async with program(simulator, bot["token"]) as client:
        small = BufferedInputFile(picture(90, 60), "small.jpg")
        video = await client.send_video(
            player.id,
            BufferedInputFile(b"film", "film.mp4"),
            duration=7,
            width=1280,
            height=720,
            thumbnail=small,
        )
        assert video.video and (video.video.duration, video.video.width, video.video.file_name) == (
            7,
            1280,
            "film.mp4",
        )
        assert video.video.thumbnail and video.video.thumbnail.width == 90
        audio = await client.send_audio(
            player.id, BufferedInputFile(b"song", "song.mp3"), performer="Хор", title="Песня", duration=61
        )
        assert audio.audio and (audio.audio.performer, audio.audio.duration) == ("Хор", 61)
        voice = await client.send_voice(player.id, BufferedInputFile(b"OggS", "voice.ogg"), duration=3)
        assert voice.voice and voice.voice.mime_type == "audio/ogg"
        note = await client.send_video_note(player.id, BufferedInputFile(b"round", "note.mp4"), length=240)
        assert note.video_note and note.video_note.length == 240
        sticker = await client.send_sticker(player.id, BufferedInputFile(b"RIFF....", "cat.webp"), emoji="🐱")
        assert sticker.sticker and sticker.sticker.emoji == "🐱"
        moving = await client.send_animation(
            player.id, BufferedInputFile(b"GIF89a\x10\x00\x20\x00", "cat.gif")
        )
        assert (
            moving.animation
            and moving.document
            and (moving.animation.width, moving.animation.height) == (16, 32)
        )
        no_voice = await client.send_voice(player.id, BufferedInputFile(b"text", "voice.txt"))
        assert no_voice.voice is None and no_voice.document
    assert len(player.chat(bot["username"])) == 8


async def test_an_album_is_one_group_and_counts_as_its_files(simulator: RunningSimulator) -> None:
    limited = {"everything": None, "private": {"capacity": 3, "per_second": 0}, "group": None}
    bot = new_bot(simulator, limits=limited)
    player = met(simulator, bot)
    album: list[Any] = [
        InputMediaPhoto(media=BufferedInputFile(picture(), "1.png"), caption="Первая"),
        InputMediaVideo(media=BufferedInputFile(b"film", "2.mp4"), has_spoiler=True),
    ]
    async with program(simulator, bot["token"]) as client:
        sent = await client.send_media_group(player.id, album)
        assert len({message.media_group_id for message in sent}) == 1 and sent[0].media_group_id
        assert sent[0].caption == "Первая" and sent[1].has_media_spoiler
        alone = await client.send_media_group(player.id, [InputMediaPhoto(media=sent[0].photo[-1].file_id)])  # type: ignore[index]
        assert len(alone) == 1 and alone[0].media_group_id is None
    assert refusal(simulator, bot["token"], "sendMessage", chat_id=player.id, text="Ещё")[0] == 429


async def test_the_file_of_a_message_is_replaced(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    async with program(simulator, bot["token"]) as client:
        sent = await client.send_document(player.id, BufferedInputFile(b"old", "old.txt"), caption="Было")
        new = InputMediaDocument(media=BufferedInputFile(b"new", "new.txt"), caption="Стало")
        edited = await client.edit_message_media(media=new, chat_id=player.id, message_id=sent.message_id)
        assert isinstance(edited, Message) and edited.document and edited.document.file_name == "new.txt"
        assert player.wait_for(bot["username"], "Стало").files[0]["name"] == "new.txt"
        same = InputMediaDocument(media=edited.document.file_id, caption="Стало")
        with pytest.raises(TelegramBadRequest, match="message is not modified"):
            await client.edit_message_media(media=same, chat_id=player.id, message_id=sent.message_id)
        text = await client.send_message(player.id, "Только текст")
        turned = await client.edit_message_media(media=same, chat_id=player.id, message_id=text.message_id)
        assert isinstance(turned, Message) and turned.document and turned.text is None


async def test_a_file_id_belongs_to_one_bot(simulator: RunningSimulator) -> None:
    first, second = new_bot(simulator), new_bot(simulator)
    player = met(simulator, first)
    player.start(second["username"])
    async with program(simulator, first["token"]) as client:
        sent = await client.send_document(player.id, BufferedInputFile(b"mine", "mine.txt"))
        assert sent.document
        file_id, path = sent.document.file_id, (await client.get_file(sent.document.file_id)).file_path
    foreign = refusal(simulator, second["token"], "sendDocument", chat_id=player.id, document=file_id)
    assert foreign == (400, "Bad Request: wrong file identifier/HTTP URL specified")
    foreign = refusal(simulator, second["token"], "getFile", file_id=file_id)
    assert foreign == (400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    async with program(simulator, second["token"]) as other:
        with pytest.raises(Exception, match="404"):
            await other.download_file(str(path))


async def test_files_have_telegrams_limits(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    async with program(simulator, bot["token"]) as client:
        big = await client.send_document(player.id, BufferedInputFile(bytes(20 * 1024 * 1024 + 1), "big.bin"))
        assert big.document
        with pytest.raises(TelegramBadRequest, match="file is too big"):
            await client.get_file(big.document.file_id)
        with pytest.raises(TelegramBadRequest, match="file must be non-empty"):
            await client.send_document(player.id, BufferedInputFile(b"", "empty.txt"))
        with pytest.raises((TelegramEntityTooLarge, TelegramNetworkError)):
            await client.send_document(player.id, BufferedInputFile(bytes(54_000_000), "huge.bin"))
        with pytest.raises(TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
            await client.send_photo(player.id, BufferedInputFile(b"no picture", "photo.jpg"))
        with pytest.raises(TelegramBadRequest, match="PHOTO_INVALID_DIMENSIONS"):
            await client.send_photo(player.id, BufferedInputFile(picture(2100, 100), "long.png"))
        with pytest.raises(TelegramBadRequest, match="can't use file of type Document as Photo"):
            await client.send_photo(player.id, big.document.file_id)
        with pytest.raises(TelegramBadRequest, match="message caption is too long"):
            await client.send_document(player.id, big.document.file_id, caption="я" * 1025)
    assert len(player.chat(bot["username"])) == 2


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("sendDocument", {}, "there is no document in the request"),
    ("sendPhoto", {"photo": "attach://nothing"}, "there is no photo in the request"),
    ("sendVideoNote", {}, "there is no video note in the request"),
    ("sendDocument", {"document": "AgAC*"}, "wrong remote file identifier specified: Wrong character in the string"),
    ("sendDocument", {"document": "BQACAAA"}, "wrong remote file identifier specified: can't unserialize it"),
    ("sendDocument", {"document": "ftp://127.0.0.1/a.pdf"},
     "invalid file HTTP URL specified: Unsupported URL protocol"),
    ("sendPhoto", {"photo": "http://127.0.0.1:9/a.png"}, "failed to get HTTP URL content"),
    ("sendPhoto", {"photo": "https://example.org/a.png"},
     "the simulator fetches files only from addresses of its own machine"),
    ("sendMediaGroup", {}, 'parameter "media" is required'),
    ("sendMediaGroup", {"media": []}, "there are no messages to send"),
    ("sendMediaGroup", {"media": [{"type": "photo", "media": "x"}] * 11}, "too many messages to send as an album"),
    ("sendMediaGroup", {"media": [{"type": "animation", "media": "x"}]},
     'can\'t parse InputMedia: type "animation" can\'t be used in sendMediaGroup'),
    ("sendMediaGroup", {"media": [{"type": "sticker", "media": "x"}]},
     'can\'t parse InputMedia: type "sticker" is unsupported'),
    ("sendMediaGroup", {"media": [{"type": "photo"}]}, "can't parse InputMedia: media not found"),
    ("sendMediaGroup", {"media": [{"type": "photo", "media": "x"}, {"type": "document", "media": "y"}]},
     "document can't be mixed with other media types"),
    ("getFile", {}, "file_id not specified"),
    ("getFile", {"file_id": "nonsense"}, "invalid file_id"),
    ("editMessageMedia", {"message_id": 1, "media": {"type": "document"}}, "can't parse InputMedia: media not found"),
]  # fmt: skip


def test_bad_requests_are_answered_in_telegrams_words(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    own = result(simulator, bot["token"], "sendMessage", chat_id=player.id, text="Своё")["message_id"]
    for method, parameters, sentence in BAD:
        given = parameters | ({"chat_id": player.id} if method != "getFile" else {})
        given |= {"message_id": own} if "message_id" in given else {}
        answer = refusal(simulator, bot["token"], method, **given)
        assert answer == (400, f"Bad Request: {sentence}"), (method, parameters)
    assert [m.text for m in player.chat(bot["username"])] == ["/start", "Своё"]


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kind = {"/a.png": "image/png", "/a.pdf": "application/pdf", "/a.html": "text/html"}.get(self.path)
        self.send_response(302 if kind is None else 200)
        if kind is None:
            self.send_header("Location", "http://example.org/")
        self.send_header("Content-Type", kind or "text/plain")
        self.end_headers()
        self.wfile.write(picture(8, 9) if kind == "image/png" else b"%PDF-1.4")

    def log_message(self, *_: object) -> None:
        """Quiet."""


async def test_files_are_fetched_by_address(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    site = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    Thread(target=site.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{site.server_port}"
    try:
        async with program(simulator, bot["token"]) as client:
            sent = await client.send_photo(player.id, f"{address}/a.png")
            assert sent.photo and (sent.photo[0].width, sent.photo[0].height) == (8, 9)
            paper = await client.send_document(player.id, f"{address}/a.pdf")
            assert paper.document and paper.document.file_name == "a.pdf"
            with pytest.raises(TelegramBadRequest, match="wrong type of the web page content"):
                await client.send_document(player.id, f"{address}/a.html")
            with pytest.raises(TelegramBadRequest, match="failed to get HTTP URL content"):
                await client.send_photo(player.id, f"{address}/elsewhere")
            # aiogram fetches this one itself and uploads it.
            fetched = await client.send_document(
                player.id, URLInputFile(f"{address}/a.html", filename="page.html")
            )
            assert fetched.document and fetched.document.file_name == "page.html"
    finally:
        site.shutdown()
        site.server_close()


async def test_downloads_can_be_disturbed(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    async with program(simulator, bot["token"]) as client:
        sent = await client.send_document(player.id, BufferedInputFile(b"x" * 100_000, "x.bin"))
        assert sent.document
        for kind in ("cut_answer", "drop_before"):
            simulator.post("/api/faults", {"bot": bot["username"], "method": "file", "kind": kind})
            with pytest.raises(ClientError):
                await _downloaded(client, sent.document.file_id)
            simulator.delete("/api/faults")
        assert await _downloaded(client, sent.document.file_id) == b"x" * 100_000


def test_files_outlive_a_kill(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    player.send_file(bot["username"], "kept.txt", b"kept")
    (update,) = updates_of(simulator, bot)
    simulator.kill()
    simulator.restart()
    file_id = update["message"]["document"]["file_id"]
    assert result(simulator, bot["token"], "getFile", file_id=file_id)["file_size"] == 4
    assert player.download(player.chat(bot["username"])[-1].files[0]) == b"kept"


async def test_a_client_program_reads_of_a_file_in_words(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    async with program(simulator, bot["token"]) as client, signed_in(simulator, player.phone) as account:
        await client.send_document(player.id, BufferedInputFile(b"1", "список.csv"), caption="Итог")
        await client.send_dice(player.id)
        messages = await account.get_messages(bot["username"], limit=2)
    assert [message.message for message in messages] == ["[dice]", "[document: список.csv]\nИтог"]
