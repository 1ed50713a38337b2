"""Clients that do harm, at a load balancer: slow ones, half-open ones and large bodies; others do not notice."""

import http.client
import os
import socket
import threading
import time

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
