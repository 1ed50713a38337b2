"""The ends of a relayed connection, without sockets."""

from typing import Any

import pytest

from panregion.network.flow import End


class Socket:
    """A transport that, like uvloop's, cannot be written to once it is being closed."""

    def __init__(self) -> None:
        self.written = b""
        self.closing = False

    def get_extra_info(self, _name: str) -> None:
        return None

    def is_closing(self) -> bool:
        return self.closing

    def write(self, data: bytes) -> None:
        if self.closing:
            raise RuntimeError("the handler is closed")
        self.written += data


@pytest.mark.parametrize(("closing", "written"), [(False, b"one two"), (True, b"one ")])
def test_what_comes_for_a_socket_that_is_being_closed_is_lost_without_a_word(closing: bool, written: bytes) -> None:
    socket: Any = Socket()
    end = End()
    end.connection_made(socket)
    end.send(b"one ")
    socket.closing = closing
    end.send(b"two")
    assert socket.written == written
