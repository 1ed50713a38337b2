"""What passes between two regions: requests, and the frames of the stream that answers a follow request.

    POST /_panregion/feeds/follow       Follow       -> 200, a stream of frames, without end POST
    /_panregion/feeds/acknowledge  Acknowledge  -> 204 POST /_panregion/snapshot           Copy         ->
    200, a stream of pages (`replica.Page`), to the end of the table

All bodies are MessagePack; a frame or page in a stream has its length before it (4 bytes, big-endian).
Every request says which format it speaks, and one that is not spoken here is refused by name rather than
guessed at.
"""

from collections.abc import Iterator

import msgspec

from .replica import FORMAT, RefusedRecord

FRAME_MAX_BYTES = 64 << 20
FOLLOW_PATH = "/_panregion/feeds/follow"
ACKNOWLEDGE_PATH = "/_panregion/feeds/acknowledge"
COPY_PATH = "/_panregion/snapshot"


class Follow(msgspec.Struct, frozen=True):
    """`region` wants every record of these feeds that comes after the given sequence numbers."""

    region: str
    cursors: dict[str, int]
    format: int = FORMAT


class Acknowledge(msgspec.Struct, frozen=True):
    """`region` has durably applied the feeds up to these sequence numbers."""

    region: str
    cursors: dict[str, int]
    format: int = FORMAT


class Copy(msgspec.Struct, frozen=True):
    """`region` wants the table behind a feed, its keys past `after`."""

    region: str
    feed: str
    after: bytes | None = None
    format: int = FORMAT


class Batch(msgspec.Struct, frozen=True, array_like=True, tag="b"):
    """Consecutive records, the first of which has the sequence number `first`; `head` is the feed's last."""

    feed: str
    first: int
    records: list[bytes]
    head: int


class Passed(msgspec.Struct, frozen=True, array_like=True, tag="p"):
    """All up to `head` has been sent, and whatever follows was written knowing the feeds up to `position`."""

    feed: str
    head: int
    position: dict[str, int]


class Gone(msgspec.Struct, frozen=True, array_like=True, tag="g"):
    """What should come next is no longer kept: the copy has to be made anew."""

    feed: str


class Beat(msgspec.Struct, frozen=True, array_like=True, tag="h"):
    """Nothing new, and the link is alive."""


Frame = Batch | Passed | Gone | Beat

_encode = msgspec.msgpack.Encoder().encode
_decoder: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(Frame)


def framed(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def encode_frame(frame: Frame) -> bytes:
    return framed(_encode(frame))


def decode_frame(data: bytes) -> Frame:
    """Raises RefusedRecord."""
    try:
        return _decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise RefusedRecord(f"a malformed frame: {error}") from error


class Unframer:
    """Bytes as they arrive -> the frames in them, whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def split(self, chunk: bytes) -> Iterator[bytes]:
        """Raises RefusedRecord for a length that cannot be true."""
        self._buffer += chunk
        while len(self._buffer) >= 4:
            size = int.from_bytes(self._buffer[:4], "big")
            if size > FRAME_MAX_BYTES:
                raise RefusedRecord(f"a frame of {size} bytes")
            if len(self._buffer) < 4 + size:
                return
            frame = bytes(self._buffer[4 : 4 + size])
            del self._buffer[: 4 + size]
            yield frame
