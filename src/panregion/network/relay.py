"""The relay's entrance: one listener, for connections to be relayed and for the network's own requests.

A client opens a connection with CONNECT and names both sites in headers; the answer comes after the time a
TCP handshake over that link would take. From then on the bytes are the link's (flow.py).
"""

import asyncio
import ipaddress
from dataclasses import dataclass, replace

import msgspec

from panregion.network import admin
from panregion.network.flow import End, GaveUp, Refused, cross, join
from panregion.network.network import Link, Network
from panregion.network.sites import UnknownSite
from panregion.world.transport import connect_tcp

HEAD_LIMIT_BYTES = 16 * 1024
BODY_LIMIT_BYTES = 64 * 1024
HEAD_TIMEOUT_S = 10.0
"""Who says nothing for so long wants nothing: half-open connections hold no place."""
CONNECTIONS_MAX = 8192
DIAL_TIMEOUT_S = 10.0
PHRASES = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"}


@dataclass(frozen=True, slots=True)
class Head:
    """The start of a request to the relay."""

    method: str
    target: str
    headers: dict[str, str]

    @staticmethod
    def parse(data: bytes) -> "Head":
        """Raises Refused for what is no HTTP."""
        request_line, *lines = data.decode("latin-1").split("\r\n")
        parts = request_line.split(" ")
        if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
            raise Refused("this is the network: CONNECT with x-panregion-from and x-panregion-to, or its API")
        pairs = (line.partition(":") for line in lines if line)
        return Head(parts[0], parts[1], {name.strip().lower(): value.strip() for name, _, value in pairs})


class Entrance(End):
    """A connection before it is known what it wants: the API, or a way to another site."""

    def __init__(self, network: Network, relay: "Relay") -> None:
        super().__init__()
        self._network = network
        self._relay = relay
        self._received = b""
        self._head: Head | None = None
        self._task: asyncio.Task[None] | None = None
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._patience = asyncio.get_running_loop().call_later(HEAD_TIMEOUT_S, self._lose_patience)
        if not self._relay.admit(self):
            self._answer(503, {"message": f"the network carries at most {CONNECTIONS_MAX} connections"})

    def _lose_patience(self) -> None:
        if self._task is None:
            self.abort()

    def data_received(self, data: bytes) -> None:
        if self._task is not None:
            super().data_received(data)
            return
        self._received += data
        try:
            self._read_request()
        except Refused as error:
            self._answer(400, {"message": str(error)})

    def _read_request(self) -> None:
        if self._head is None:
            head, found, rest = self._received.partition(b"\r\n\r\n")
            if len(head) > HEAD_LIMIT_BYTES:
                raise Refused("the request's head is too long")
            if not found:
                return
            self._head, self._received = Head.parse(head), rest
        if self._head.method == "CONNECT":
            self._connect(self._head)
            return
        length = self._head.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > BODY_LIMIT_BYTES:
            raise Refused("content-length is no number, or too great")
        if len(self._received) >= int(length):
            path = self._head.target.partition("?")[0]
            self._answer(*admin.respond(self._network, self._head.method, path, self._received))

    def _connect(self, head: Head) -> None:
        host, _, port = head.target.rpartition(":")
        self._require_target(host, port)
        names = [head.headers.get(f"x-panregion-{end}", "") for end in ("from", "to")]
        try:
            forward, back = self._network.link(*names), self._network.link(names[1], names[0])
        except UnknownSite as error:
            raise Refused(str(error)) from error
        early, self._received = self._received, b""
        self._task = asyncio.create_task(self._establish(host, int(port), forward, back))
        self._task.add_done_callback(_raise_what_is_unexpected)
        if early:
            super().data_received(early)

    @staticmethod
    def _require_target(host: str, port: str) -> None:
        try:
            loopback = ipaddress.ip_address(host).is_loopback
        except ValueError:
            loopback = host == "localhost"
        if not loopback:
            raise Refused(f"{host} is not an address of this machine; links lead to loopback addresses only")
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise Refused(f"{port!r} is not a port")

    async def _establish(self, host: str, port: int, forward: Link, back: Link) -> None:
        forward.connects += 1
        try:
            await cross(self._network, forward)
            target = await self._dial(host, port, forward, back)
            try:
                await cross(self._network, back)
            except BaseException:
                target.abort()
                raise
        except Refused as error:
            self._answer(502, {"message": str(error)})
        except GaveUp:
            self.abort()
        else:
            assert self.transport is not None
            self.transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            join(self._network, forward, back, self, target)

    async def _dial(self, host: str, port: int, forward: Link, back: Link) -> End:
        try:
            source = self._network.sites.source(forward.from_site) if host.startswith("127.") else None
            async with asyncio.timeout(DIAL_TIMEOUT_S):  # wait_for can lose a cancellation, and the socket with it
                _, target = await connect_tcp(self._relay.exit, host, port, source)
        except (OSError, TimeoutError) as error:
            forward.refused += 1
            await cross(self._network, back)
            reason = "connection refused" if isinstance(error, ConnectionRefusedError) else str(error)
            raise Refused(f"{forward.to_site} at {host}:{port}: {reason or 'no answer'}") from error
        return target

    def _answer(self, status: int, value: object) -> None:
        """Answer and close. A refusal's reason is in the status line too, where CONNECT's clients look."""
        if self.transport is None or self.transport.is_closing():
            return
        reason = value["message"] if isinstance(value, dict) and "message" in value else None
        phrase = str(reason).replace("\r", " ").replace("\n", " ") if reason else PHRASES[status]
        body = msgspec.json.encode(value)
        head = (
            f"HTTP/1.1 {status} {phrase}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("latin-1", "replace") + body)
        self.transport.close()

    def eof_received(self) -> bool:
        if self._task is None:
            return False
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._relay.release(self)
        if self._patience is not None:
            self._patience.cancel()
        if self._task is not None and not self._task.done():
            self._task.cancel()
        super().connection_lost(exc)


class Exit(End):
    """A connection to where somebody wanted to go. It may outlast its entrance: who was reached has yet to close."""

    def __init__(self, exits: "set[Exit]") -> None:
        super().__init__()
        self._exits = exits

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._exits.add(self)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._exits.discard(self)
        super().connection_lost(exc)


def _raise_what_is_unexpected(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.result()


class Relay:
    """All connections of one listener."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._entrances: set[Entrance] = set()
        self._exits: set[Exit] = set()

    def protocol(self) -> Entrance:
        return Entrance(self._network, self)

    def exit(self) -> Exit:
        return Exit(self._exits)

    def admit(self, entrance: Entrance) -> bool:
        """Whether there is room for one more."""
        self._entrances.add(entrance)
        return len(self._entrances) <= CONNECTIONS_MAX

    def release(self, entrance: Entrance) -> None:
        self._entrances.discard(entrance)

    def close(self) -> None:
        """End every connection, at both ends."""
        for link in self._network.links:
            link.set(replace(link.conditions, cut="refuse"))
        for end in (*self._entrances, *self._exits):
            end.abort()
