"""Clients that do harm, at a load balancer: slow ones, half-open ones and large bodies; others do not notice."""

import http.client
import os
import socket
import threading
import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panregion.world.process import resident_bytes
from tests.services.elbv2.conftest import Front, fixed
from tests.services.elbv2.talk import ask, until

LARGE_BYTES = 100 << 20
TOO_LARGE = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % ((256 << 20) + 1)
PIECE = b"x" * (1 << 20)
OTHERS_WAIT_S = 5.0
"""What another user may wait at most, on a busy machine: a body of 100 MB takes less than a second by itself."""


class Others:
    """Another user who asks all the time; the slowest answer is what the hostile ones cost him."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.answers = 0
        self.slowest_s = 0.0
        self.wrong: list[int] = []

    def _ask(self) -> None:
        while not self._over.is_set():
            began_s = time.monotonic()
            told = ask(self._front.address, self._front.port)
            self.slowest_s = max(self.slowest_s, time.monotonic() - began_s)
            self.answers += 1
            if (told.status, told.body) != (200, b"hello"):
                self.wrong.append(told.status)

    def __enter__(self) -> "Others":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(30)
        assert self.answers > 0
        assert self.wrong == []
        assert self.slowest_s < OTHERS_WAIT_S


def opened(front: Front) -> None:
    front.listen(fixed("hello"))
    until(lambda: ask(front.address, front.port).status == 200)


@pytest.fixture
def listening(front: Front) -> Front:
    opened(front)
    return front


def send_large(front: Front, path: str = "/") -> int:
    """A body of 100 MB, in pieces; the status."""
    connection = http.client.HTTPConnection(front.address, front.port, timeout=60)
    try:
        connection.putrequest("POST", path)
        connection.putheader("Content-Length", str(LARGE_BYTES))
        connection.endheaders()
        for _ in range(LARGE_BYTES // len(PIECE)):
            connection.send(PIECE)
        return connection.getresponse().status
    finally:
        connection.close()


def test_slow_and_half_open_clients_do_no_harm_to_others(front: Front) -> None:
    opened(front)
    beginnings = (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x", b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf")
    clients = [socket.create_connection((front.address, front.port), timeout=10) for _ in range(80)]
    with Others(front) as others:
        for number, client in enumerate(clients):
            client.sendall(beginnings[number % len(beginnings)])
        until(lambda: others.answers > 50)
    # One of them goes on, a byte at a time, and has its answer.
    slow = clients[2]
    for byte in b"\r\nConnection: close\r\n\r\n":
        slow.sendall(bytes([byte]))
    answer = b""
    while piece := slow.recv(4096):
        answer += piece
    assert answer.endswith(b"hello")
    for client in clients:
        client.close()


REQUESTS = (
    b"GET /a?b=c HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    b"CONNECT a.test:443 HTTP/1.1\r\n\r\n",
    b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\x7f\x00\x00\x01\x7f\x00\x00\x01\x00\x50\x00\x50GET / HTTP/1.1\r\n\r\n",
)
odd_requests = st.tuples(st.sampled_from(REQUESTS), st.integers(0, 99), st.binary(max_size=6)).map(
    lambda drawn: drawn[0][: drawn[1]] + drawn[2] + drawn[0][drawn[1] + len(drawn[2]) :]
)


@settings(
    max_examples=100,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(many=st.lists(st.one_of(st.binary(max_size=200), odd_requests), min_size=1, max_size=5))
def test_whatever_is_sent_is_answered_or_refused_and_the_next_is_served(listening: Front, many: list[bytes]) -> None:
    front = listening
    for data in many:
        with socket.create_connection((front.address, front.port), timeout=5) as client, suppress(ConnectionError):
            client.sendall(data)
            with suppress(OSError):  # it may be closed by then: refused
                client.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := client.recv(65536):
                answer += piece
            assert not answer or answer.startswith(b"HTTP/1.1 "), (data, answer)
    assert ask(front.address, front.port).body == b"hello"


def test_a_body_as_large_as_memory_is_refused_before_it_comes(front: Front) -> None:
    opened(front)
    with socket.create_connection((front.address, front.port), timeout=10) as client:
        client.sendall(TOO_LARGE)
        assert client.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_bodies_of_a_hundred_megabytes_do_no_harm_and_leave_nothing_behind(front: Front) -> None:
    opened(front)
    group = front.group("large")
    front.function("large", "def handler(event, context):\n    return {'statusCode': 200}\n", group)
    listener = front.elbv2.describe_listeners(LoadBalancerArn=front.arn)["Listeners"][0]["ListenerArn"]
    to_function = {"Type": "forward", "TargetGroupArn": group}
    paths = [{"Field": "path-pattern", "Values": ["/function"]}]
    front.elbv2.create_rule(ListenerArn=listener, Priority=1, Conditions=paths, Actions=[to_function])
    until(lambda: ask(front.address, front.port, "/function").status == 200)
    assert send_large(front) == 200
    before = resident_bytes(os.getpid()) or 0
    with Others(front):
        for _ in range(3):
            assert send_large(front) == 200
            assert send_large(front, "/function") == 413
    until(lambda: (resident_bytes(os.getpid()) or 0) - before < LARGE_BYTES)
