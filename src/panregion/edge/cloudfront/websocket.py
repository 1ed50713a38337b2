"""WebSocket connections: an upgrade that is passed on, and then two directions of bytes. Nothing is cached of it."""

import asyncio
import dataclasses

from panregion.edge.cloudfront.asking import Asking
from panregion.edge.cloudfront.messages import encode_head
from panregion.edge.cloudfront.origins import Answer
from panregion.edge.http_message import copy_until_closed
from panregion.world import Headers

HEADERS = "sec-websocket-"
"""Headers that make the upgrade; they go on whatever the policies say."""


async def ask_to_upgrade(asking: Asking) -> Answer:
    """The origin's answer to the upgrade. Raises OriginFailure."""
    own = [pair for pair in asking.head.headers if pair[0].lower().startswith(HEADERS)]
    others = [pair for pair in asking.head.headers if pair not in own]
    plain = dataclasses.replace(asking, head=dataclasses.replace(asking.head, headers=others))
    return await plain.ask("", [("Connection", "Upgrade"), ("Upgrade", "websocket"), *own], None)


async def join(answer: Answer, stamps: Headers, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Tell the viewer of the upgrade and pass bytes both ways until both have ended or one breaks."""
    writer.write(encode_head(f"HTTP/1.1 101 {answer.head.reason}", [*answer.head.headers, *stamps]))
    directions = {
        asyncio.create_task(copy_until_closed(reader, answer.upstream.writer)),
        asyncio.create_task(copy_until_closed(answer.upstream.reader, writer)),
    }
    try:
        await asyncio.wait(directions, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for direction in directions:
            direction.cancel()
        await asyncio.gather(*directions, return_exceptions=True)
        answer.upstream.writer.close()
