"""Streamed answers between a worker and a caller: bounded, ended, abandoned. Nothing runs here."""

import asyncio
import base64

from panregion.functions.model import RESPONSE_MAX_BYTES
from panregion.functions.streams import STREAM_MAX_BYTES, WAITING_MAX_BYTES, Intake, ResponseStream
from panregion.world import Request


class Flow:
    def __init__(self) -> None:
        self.told: list[str] = []

    def pause(self) -> None:
        self.told.append("pause")

    def resume(self) -> None:
        self.told.append("resume")


def asked(**headers: str) -> Request:
    return Request("POST", "/", "", [(name.replace("_", "-"), value) for name, value in headers.items()])


async def test_pieces_come_in_order_and_end() -> None:
    stream = ResponseStream()
    stream.open("text/plain")
    for piece in (b"a", b"", b"b"):
        stream.write(piece)
    stream.end()
    assert await stream.opened()
    assert [piece async for piece in stream.pieces()] == [b"a", b"b"]


async def test_a_function_that_ends_without_an_answer_opens_nothing() -> None:
    stream = ResponseStream()
    stream.end()
    assert not await stream.opened()
    assert [piece async for piece in stream.pieces()] == []


async def test_a_slow_reader_holds_the_worker() -> None:
    stream, flow = ResponseStream(), Flow()
    stream.open("text/plain", flow)
    piece = b"x" * (WAITING_MAX_BYTES // 4)
    for _ in range(6):
        stream.write(piece)
    assert flow.told == ["pause"]
    stream_of = stream.pieces()
    for _ in range(4):
        await anext(stream_of)
    assert flow.told == ["pause"]
    await anext(stream_of)
    assert flow.told == ["pause", "resume"]
    await stream_of.aclose()


async def test_nobody_waits_for_a_reader_that_has_gone() -> None:
    stream, flow = ResponseStream(), Flow()
    stream.open("text/plain", flow)
    stream.write(b"x" * (WAITING_MAX_BYTES + 1))
    reading = stream.pieces()
    await anext(reading)
    stream.write(b"x" * (WAITING_MAX_BYTES + 1))
    await reading.aclose()
    for _ in range(9):
        stream.write(b"x" * WAITING_MAX_BYTES)
    assert flow.told[-1] == "resume"
    assert flow.told.count("pause") == flow.told.count("resume")


async def test_a_reader_waits_for_the_next_piece() -> None:
    stream = ResponseStream()
    stream.open("text/plain")

    async def first() -> bytes:
        return await anext(stream.pieces())

    reading = asyncio.create_task(first())
    await asyncio.sleep(0)
    assert not reading.done()
    stream.write(b"late")
    assert await reading == b"late"


def test_who_wants_it_whole_gets_it_whole() -> None:
    intake = Intake(asked(), Flow(), None)
    intake.take(b"a")
    intake.take(b"b")
    assert intake.end(asked()) == (b"ab", False)


def test_a_whole_answer_is_no_larger_than_another() -> None:
    intake = Intake(asked(), Flow(), None)
    intake.take(b"x" * RESPONSE_MAX_BYTES)
    assert not intake.end(asked())[1]
    intake.take(b"x")
    body, failed = intake.end(asked())
    assert failed
    assert b"Function.ResponseSizeTooLarge" in body


async def test_a_stream_ends_at_its_own_limit() -> None:
    stream = ResponseStream()
    intake = Intake(asked(content_type="text/plain"), Flow(), stream)
    piece = b"x" * (STREAM_MAX_BYTES // 8)
    for _ in range(8):
        intake.take(piece)
    stream.abandon()
    assert not intake.end(asked())[1]
    intake.take(b"x")
    assert str(STREAM_MAX_BYTES).encode() in intake.end(asked())[0]


def test_trailers_say_what_went_wrong() -> None:
    intake = Intake(asked(), Flow(), None)
    intake.take(b"part")
    told = base64.b64encode(b'{"errorType":"E"}').decode()
    ended = asked(Lambda_Runtime_Function_Error_Type="E", Lambda_Runtime_Function_Error_Body=told)
    assert intake.end(ended) == (b'{"errorType":"E"}', True)
    bad = asked(Lambda_Runtime_Function_Error_Type="E", Lambda_Runtime_Function_Error_Body="!")
    assert intake.end(bad) == (b'{"errorType": "E", "errorMessage": ""}', True)
