"""Carries messages to other regions, all that are for one region in a turn of the loop in one request.

Under load a request costs more than a message, and the disk's group commit at the other end likes company.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import msgspec

from panregion.replication.register_wire import Malformed

Post = Callable[[str, bytes], Awaitable[bytes]]
"""Carries a request to another region and brings its reply. Raises ConnectionError."""

_encode = msgspec.msgpack.Encoder().encode
_asks = msgspec.msgpack.Decoder(list[bytes]).decode
_answers = msgspec.msgpack.Decoder(list[bytes | None]).decode

Waiting = list[tuple[bytes, "asyncio.Future[bytes]"]]


class Courier:
    """One region's messages to the others."""

    def __init__(self, post: Post, spawn: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._post = post
        self._spawn = spawn
        self._boxes: dict[str, Waiting] = {}

    async def ask(self, region: str, message: bytes) -> bytes:
        """The region's answer. Raises ConnectionError."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bytes] = loop.create_future()
        box = self._boxes.get(region)
        if box is None:
            box = self._boxes[region] = []
            loop.call_soon(self._leave, region)
        box.append((message, answer))
        return await answer

    def _leave(self, region: str) -> None:
        self._spawn(self._carry(region, self._boxes.pop(region)))

    async def _carry(self, region: str, box: Waiting) -> None:
        answers: list[bytes | None] = []
        failure = f"{region} did not answer this message"
        try:
            answers = _answers(await self._post(region, _encode([message for message, _ in box])))
        except (ConnectionError, msgspec.DecodeError) as error:
            failure = str(error)
        answers += [None] * (len(box) - len(answers))
        for (_, waiting), answer in zip(box, answers, strict=False):
            if waiting.done():
                continue
            if answer is None:
                waiting.set_exception(ConnectionError(failure))
            else:
                waiting.set_result(answer)


async def answer_all(body: bytes, answer: Callable[[bytes], Awaitable[bytes | None]]) -> bytes:
    """The other end: answers every message of a request. Raises Malformed."""
    try:
        messages = _asks(body)
    except msgspec.DecodeError as error:
        raise Malformed(f"not messages about registers: {error}") from error
    return _encode(await asyncio.gather(*(answer(message) for message in messages)))
