"""Viewers' connections at a point of presence: request after request, within bounds of time and number."""

import asyncio
import ipaddress
import ssl
from contextlib import suppress

from panregion.edge.cloudfront import pages, websocket
from panregion.edge.cloudfront.asking import Asking
from panregion.edge.cloudfront.exchange import Exchange
from panregion.edge.cloudfront.gates import Refusal
from panregion.edge.cloudfront.messages import (
    REQUEST_BYTES_MAX,
    BadMessage,
    RequestHead,
    encode_head,
    parse_request,
    request_framing,
)
from panregion.edge.cloudfront.origins import OriginFailure
from panregion.edge.cloudfront.output import TooLarge, ViewerOutput
from panregion.edge.cloudfront.pops import Pop
from panregion.edge.cloudfront.sending import Sending
from panregion.edge.cloudfront.shared import Shared
from panregion.edge.cloudfront.viewer_facts import Viewer
from panregion.edge.plane import Surroundings

HEAD_TIMEOUT_S = 30.0
"""For so long a connection may wait for its next request, and a request's head may take to come."""


class Connection:
    """One viewer's connection."""

    def __init__(self, shared: Shared, pop: Pop, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._shared = shared
        self._pop = pop
        self._reader = reader
        self._writer = writer
        self._viewer = viewer_of(shared.edge, writer)

    async def serve(self) -> None:
        """Until either side has had enough."""
        try:
            while await self._one():
                pass
        except (OSError, EOFError, BadMessage, TooLarge):
            self._writer.transport.abort()  # half a response must not look like a whole one
        finally:
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()

    async def _one(self) -> bool:
        """Serve one request; false where the connection is over."""
        try:
            async with asyncio.timeout(HEAD_TIMEOUT_S):
                data = await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, TimeoutError):
            return False
        except asyncio.LimitOverrunError:
            return await self._say(413, f"The request's head is longer than {REQUEST_BYTES_MAX} bytes.")
        try:
            head = parse_request(data)
            framing = request_framing(head)
        except BadMessage as error:
            return await self._say(error.status, f"Bad request: {error}.")
        if self._is_too_old(head):
            return False
        sending = Sending(head, framing, self._reader, self._writer)
        output = ViewerOutput(self._writer, head.method, head.minor, head.keeps_alive and framing == 0)
        exchange = Exchange(self._shared, self._pop, self._viewer, head, framing, output, sending)
        if head.is_websocket and framing == 0 and await exchange.admit() and await self._upgrade(exchange):
            return False
        if not output.begun:
            await exchange.serve()
        return output.keeps and (sending.whole or framing == 0)

    async def _upgrade(self, exchange: Exchange) -> bool:
        """Pass an upgrade on; true where it took place, or was answered otherwise."""
        asking = Asking(
            self._shared, self._pop, self._viewer, exchange.behavior, exchange.head, exchange.request_id, exchange.path
        )
        try:
            answer = await websocket.ask_to_upgrade(asking)
        except OriginFailure as failure:
            await exchange.refuse(Refusal(failure.status, str(failure)))
            return True
        if answer.head.status != 101:
            await exchange.stream(answer)
            return True
        await websocket.join(answer, exchange.marks(), self._reader, self._writer)
        return True

    def _is_too_old(self, head: RequestHead) -> bool:
        """Whether the distribution wants a newer TLS than this connection's."""
        plan = self._shared.book.plan_for(head.host) if self._viewer.is_tls else None
        return plan is not None and plan.least_tls == "TLSv1.3" and not self._viewer.tls.startswith("TLSv1.3")

    async def _say(self, status: int, reason: str) -> bool:
        """Answer what is no request, and end."""
        body = pages.error_page(status, reason, "none")
        headers = [*pages.page_headers(), ("Content-Length", str(len(body))), ("Connection", "close")]
        headers += [("X-Cache", "Error from cloudfront"), ("Via", self._pop.via), ("X-Amz-Cf-Pop", self._pop.code)]
        self._writer.write(encode_head(f"HTTP/1.1 {status} {pages.phrase(status)}", headers) + body)
        async with asyncio.timeout(HEAD_TIMEOUT_S):
            await self._writer.drain()
        return False


def viewer_of(edge: Surroundings, writer: asyncio.StreamWriter) -> Viewer:
    """Who is at the other end: links begin in an address of the site that the viewer is at."""
    peer, port = (writer.get_extra_info("peername") or ("127.0.0.1", 0))[:2]
    asker = edge.map.at(ipaddress.ip_address(peer))
    address = str(edge.map.asker(asker.site.name).address) if asker.known else peer
    tls: ssl.SSLObject | None = writer.get_extra_info("ssl_object")
    if tls is None:
        return Viewer(address, port, asker.site, is_tls=False)
    cipher = tls.cipher()
    told = f"{tls.version()}:{cipher[0] if cipher else 'unknown'}:fullHandshake"
    return Viewer(address, port, asker.site, is_tls=True, tls=told)
