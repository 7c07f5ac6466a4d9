"""Properties of the layers that meet foreign bytes first, and of what is remembered for a session."""

import struct
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telethon.network.connection.tcpabridged import AbridgedPacketCodec
from telethon.network.connection.tcpfull import FullPacketCodec
from telethon.network.connection.tcpintermediate import IntermediatePacketCodec
from telethon.network.connection.tcpobfuscated import ObfuscatedIO
from telethon.tl import TLObject

from telegram_simulator.mtproto import envelope, session, transport
from telegram_simulator.mtproto.envelope import EnvelopeError, InvalidContainer, Packet
from telegram_simulator.mtproto.session import Session
from telegram_simulator.mtproto.transport import FrameStream, TransportError

WORDS = st.integers(1, 200).flatmap(lambda words: st.binary(min_size=words * 4, max_size=words * 4))
KEY = bytes(range(256))


class Sink:
    """Takes the place of a client's socket, to see what its obfuscation would send."""

    packet_codec = AbridgedPacketCodec
    _reader = None

    def __init__(self) -> None:
        self.sent = b""
        self._writer = self

    def write(self, content: bytes) -> None:
        self.sent += bytes(content)


def stream_of(codec: Any, payloads: list[bytes]) -> bytes:
    return (codec.tag or b"") + b"".join(codec.encode_packet(payload) for payload in payloads)


def fed(stream: FrameStream, content: bytes, cuts: list[int]) -> list[bytes]:
    """The frames that come out when the content arrives in pieces."""
    places = sorted({0, len(content), *(cut % (len(content) + 1) for cut in cuts)})
    pieces = [content[start:end] for start, end in pairwise(places)]
    return [frame for piece in pieces for frame in stream.receive(piece)]


@pytest.mark.parametrize("codec", [FullPacketCodec, AbridgedPacketCodec, IntermediatePacketCodec])
@given(payloads=st.lists(WORDS, min_size=1, max_size=5), cuts=st.lists(st.integers(0, 5000), max_size=8))
def test_frames_come_out_whole_however_the_stream_is_cut(
    codec: Any, payloads: list[bytes], cuts: list[int]
) -> None:
    assert fed(FrameStream(), stream_of(codec(None), payloads), cuts) == payloads


@given(payloads=st.lists(WORDS, min_size=1, max_size=5), cuts=st.lists(st.integers(0, 5000), max_size=8))
def test_so_they_do_under_obfuscation(payloads: list[bytes], cuts: list[int]) -> None:
    sink = Sink()
    client = ObfuscatedIO(sink)
    client.write(b"".join(AbridgedPacketCodec(None).encode_packet(payload) for payload in payloads))
    stream = FrameStream()
    assert fed(stream, bytes(client.header) + sink.sent, cuts) == payloads
    answer = client._decrypt.encrypt(stream.wrap(payloads[0]))
    assert answer == AbridgedPacketCodec(None).encode_packet(payloads[0])


@given(
    start=st.sampled_from([b"", b"\xef", b"\xee" * 4, b"\x24\0\0\0\0\0\0\0", b"\xef\x7f"]),
    content=st.binary(max_size=600),
    cuts=st.lists(st.integers(0, 600), max_size=4),
)
def test_foreign_bytes_are_frames_or_a_transport_error(start: bytes, content: bytes, cuts: list[int]) -> None:
    try:
        frames = fed(FrameStream(), start + content, cuts)
    except TransportError:
        return
    assert all(len(frame) >= 4 for frame in frames)


def test_a_frame_with_a_wrong_checksum_or_number_is_refused() -> None:
    codec = FullPacketCodec(None)
    frames = [bytearray(codec.encode_packet(b"word" * 5)) for _ in range(3)]
    with pytest.raises(TransportError, match="order"):
        FrameStream().receive(bytes(frames[0] + frames[2]))
    frames[1][20] ^= 1
    with pytest.raises(TransportError, match="checksum"):
        FrameStream().receive(bytes(frames[0] + frames[1]))


def test_a_frame_that_is_too_long_is_refused_before_it_is_received() -> None:
    stream = FrameStream()
    with pytest.raises(TransportError, match="length"):
        stream.receive(b"\xee\xee\xee\xee" + struct.pack("<I", transport.MAX_FRAME + 4))


@given(body=st.binary(max_size=300), salt=st.integers(-(1 << 63), (1 << 63) - 1))
def test_any_body_unpacks_or_is_refused(body: bytes, salt: int) -> None:
    for start in (b"", struct.pack("<II", envelope.CONTAINER, 2), struct.pack("<I", envelope.GZIP_PACKED)):
        packet = Packet(salt, 1, 8, 1, start + body)
        try:
            messages = list(envelope.unpack(packet))
        except (EnvelopeError, InvalidContainer):
            continue
        assert all(len(message.body) >= 4 for message in messages)


@given(frame=st.binary(max_size=400))
def test_any_frame_opens_or_is_refused(frame: bytes) -> None:
    with pytest.raises(EnvelopeError):
        envelope.open_packet(KEY, frame)


@given(content=st.binary(max_size=2000))
def test_tl_bytes_are_written_as_telethon_writes_them(content: bytes) -> None:
    assert envelope.tl_bytes(content) == TLObject.serialize_bytes(content)


def test_message_ids_rise_and_tell_answers_from_notices() -> None:
    ids = envelope.MessageIds()
    made = [ids.next(answer=number % 2 == 0) for number in range(1000)]
    assert made == sorted(set(made))
    assert {(place % 2, made[place] % 4) for place in range(1000)} == {(0, 1), (1, 3)}


def test_a_session_remembers_only_so_much() -> None:
    kept = Session(1, 2, KEY)
    for msg_id in range(4, 4 * (session.MAX_SEEN + 10), 4):
        assert kept.first_sight(msg_id)
        kept.keep_answer(msg_id, bytes(100))
        kept.answer_sent_as(msg_id, msg_id + 1)
    assert not kept.first_sight(4 * session.MAX_SEEN)
    assert kept.is_forgotten(4)
    assert kept.state_of(4) == 1
    assert not kept.is_forgotten(4 * session.MAX_SEEN)
    assert kept.kept_answer(4) is None
    assert len(kept._answers) == session.MAX_KEPT_ANSWERS
    assert len(kept._request_of_sent) <= 2 * session.MAX_KEPT_ANSWERS

    kept.keep_answer(1 << 40, bytes(session.MAX_KEPT_BYTES + 1))
    assert not kept._answers
    assert kept._answer_bytes == 0
