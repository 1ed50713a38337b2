"""Requests known by their heads are those that the parser would have read."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from panregion.world import ManualClock, Request, Response
from panregion.world.http_protocol import Connections, HttpConnection
from panregion.world.http_repeats import KNOWN_MAX, LESSONS_MAX, RepeatedRequest


class Wire:
    """The transport of a connection that nobody is at the other end of."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def get_extra_info(self, _name: str) -> tuple[str, int]:
        return ("127.0.0.1", 40000)

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True


class Server:
    """One connection to a handler that answers at once and remembers what it was asked."""

    def __init__(self) -> None:
        self.seen: list[Request] = []
        self.wire = Wire()
        self.connection = HttpConnection(Connections(self, ManualClock()))  # type: ignore[arg-type]  # only `begin` is called
        self.connection.connection_made(self.wire)  # type: ignore[arg-type]

    def begin(self, request: Request) -> Response:
        self.seen.append(request)
        return Response(200, [], request.body)

    def send(self, data: bytes) -> list[tuple[Any, ...]]:
        """What the handler was given of it."""
        before = len(self.seen)
        if not self.wire.closed:
            self.connection.data_received(data)
        return [(r.method, r.path, r.query, r.headers, r.raw_headers, r.body) for r in self.seen[before:]]


def asked(body: bytes = b"{}", **changes: bytes) -> bytes:
    values = {
        "date": b"20261121T101112Z",
        "signature": b"0a" * 32,
        "invocation": b"b0a1c2d3-0000-4000-8000-0123456789ab",
        "target": b"DynamoDB_20120810.GetItem",
        "length": b"%d" % len(body),
        **changes,
    }
    return (
        b"POST / HTTP/1.1\r\nHost: 127.0.1.1:4566\r\nX-Amz-Target: %(target)b\r\nX-Amz-Date:  %(date)b\r\n"
        b"amz-sdk-invocation-id: %(invocation)b\r\nAuthorization: AWS4-HMAC-SHA256 "
        b"Credential=test/20261121/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, "
        b"Signature=%(signature)b\r\nContent-Length: %(length)b\r\n\r\n"
        % {name.encode(): value for name, value in values.items()}
    ) + body


def test_what_differs_in_date_signature_and_id_alone_is_not_parsed_again() -> None:
    server = Server()
    server.send(asked())
    again = asked(
        b"[]", date=b"20261121T101113Z", signature=b"1f" * 32, invocation=b"0" * 8 + b"-0000-4000-8000-" + b"9" * 12
    )
    assert server.send(again) == Server().send(again)
    assert isinstance(server.seen[1], RepeatedRequest)
    assert server.seen[1].header("x-amz-date") == "20261121T101113Z"


def test_what_its_handler_kept_is_there_for_the_next() -> None:
    server = Server()
    server.send(asked())
    server.send(asked(signature=b"2b" * 32))
    assert server.seen[1].kin == {}
    server.seen[1].kin["found"] = 1
    server.send(asked(b"[1]"))
    assert server.seen[2].kin == {"found": 1}
    server.send(asked(target=b"DynamoDB_20120810.PutItem"))
    assert server.seen[3].kin is None


def test_other_requests_are_parsed() -> None:
    for other in (
        asked(target=b"DynamoDB_20120810.PutItem"),
        asked(date=b"20261121T101113"),
        asked(signature=b"0a" * 31 + b"/+"),
        asked(b"x" * 10),
        asked().replace(b"POST / ", b"POST /other "),
        asked().replace(b"Host", b"host"),
    ):
        server = Server()
        server.send(asked())
        assert server.send(other) == Server().send(other)
        assert not isinstance(server.seen[1], RepeatedRequest)


def test_requests_that_come_in_pieces_or_together_are_parsed() -> None:
    server = Server()
    server.send(asked())
    whole = asked(b"0123456789")
    server.send(asked(b"01"))
    for cut in (1, 30, len(whole) - 12, len(whole) - 3):
        assert server.send(whole[:cut]) == []
        assert server.send(whole[cut:]) == Server().send(whole)
    assert len(server.send(asked() + asked())) == 2


def test_what_changes_the_connection_is_never_remembered() -> None:
    for header in (b"Connection: close", b"Connection: keep-alive", b"Transfer-Encoding: identity", b"Upgrade: x"):
        server = Server()
        request = asked().replace(b"Content-Length", header + b"\r\nContent-Length")
        server.send(request)
        server.send(request)
        assert not any(isinstance(seen, RepeatedRequest) for seen in server.seen)


def test_few_are_remembered_and_not_for_ever() -> None:
    server = Server()
    for number in range(LESSONS_MAX):
        server.send(asked(target=b"Some.Operation%d" % number))
    for number in range(LESSONS_MAX - KNOWN_MAX, LESSONS_MAX):
        server.send(asked(target=b"Some.Operation%d" % number))
        assert isinstance(server.seen[-1], RepeatedRequest)
    for _ in range(2):
        server.send(asked(target=b"One.Too.Many"))
        assert not isinstance(server.seen[-1], RepeatedRequest)


positions = st.integers(0, len(asked()) - 1)
bytes_of_interest = st.sampled_from([bytes([value]) for value in b"\r\n\0 \t:,=;-aZ09\x7f\x80"]) | st.binary(max_size=3)


@given(st.lists(st.tuples(positions, st.integers(0, 3), bytes_of_interest), min_size=1, max_size=3))
def test_any_change_gives_what_the_parser_gives(edits: list[tuple[int, int, bytes]]) -> None:
    changed = asked()
    for at, removed, put in edits:
        changed = changed[:at] + put + changed[at + removed :]
    server, plain = Server(), Server()
    server.send(asked())
    assert server.send(changed) == plain.send(changed)
    assert server.wire.closed == plain.wire.closed
