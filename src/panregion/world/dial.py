"""Opening connections: straight to an address, or over the link between two sites.

Everything that leaves a site goes through the network process, which keeps the distances. A link is asked
for with HTTP's own CONNECT and two headers that name the sites; the answer comes after the round trip that
a TCP handshake would cost.
"""

import asyncio
from collections.abc import Awaitable, Callable

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Dial = Callable[[str, int], Awaitable[Connection]]
"""(host, port) -> an open connection. Raises OSError where there is none."""

BUFFER_LIMIT_BYTES = 1 << 20


class LinkError(ConnectionError):
    """The network could not open the connection; the text says between whom and why."""


async def direct_dial(host: str, port: int) -> Connection:
    """A plain TCP connection, as between processes of one site."""
    return await asyncio.open_connection(host, port, limit=BUFFER_LIMIT_BYTES)


def link_dial(network: tuple[str, int], from_site: str, to_site: str) -> Dial:
    """A dial that reaches `to_site`'s addresses as somebody at `from_site` does."""

    async def dial(host: str, port: int) -> Connection:
        reader, writer = await asyncio.open_connection(*network, limit=BUFFER_LIMIT_BYTES)
        try:
            writer.write(
                f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n"
                f"x-panregion-from: {from_site}\r\nx-panregion-to: {to_site}\r\n\r\n".encode()
            )
            await _expect_established(reader, from_site, to_site)
        except BaseException:
            writer.close()
            raise
        return reader, writer

    return dial


async def _expect_established(reader: asyncio.StreamReader, from_site: str, to_site: str) -> None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError as error:
        raise LinkError(f"the link {from_site} -> {to_site} closed the connection") from error
    status_line, *_ = head.split("\r\n")
    if status_line.split(" ")[1] != "200":
        reason = status_line.split(" ", 2)[2]
        # Where a city has a point of presence there is no way between two sites that could be at fault.
        raise LinkError(reason if from_site == to_site else f"{from_site} cannot reach {to_site}: {reason}")
