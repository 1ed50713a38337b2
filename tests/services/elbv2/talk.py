"""Talking to a load balancer over a plain socket's HTTP client, until it has heard of a change."""

import http.client
import ssl
import time
from collections.abc import Callable
from typing import NamedTuple


class Told(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


def ask(
    address: str,
    port: int,
    target: str = "/",
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    tls: ssl.SSLContext | None = None,
) -> Told:
    """One request on a connection of its own."""
    if tls is not None:
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(address, port, timeout=30, context=tls)
    else:
        connection = http.client.HTTPConnection(address, port, timeout=30)
    try:
        connection.request(method, target, body=body, headers=headers or {})
        answer = connection.getresponse()
        return Told(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def until(condition: Callable[[], bool], bound_s: float = 60.0) -> None:
    """Wait until a condition holds: what the API decides reaches the data plane a moment later."""
    deadline = time.monotonic() + bound_s
    while True:
        try:
            if condition():
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.01)
