"""What is collected of a body while it passes, to be kept in the cache. Gives up where it gets too large."""

from panregion.edge.cloudfront.cache import OBJECT_BYTES_MAX, Cache


class Collection:
    """What is collected of a body to be kept; gives up where it gets too large."""

    def __init__(self, cache: Cache, wanted: bool) -> None:
        self._cache = cache
        self._pieces: list[bytes] = []
        self._size = 0
        self.wanted = wanted

    def add(self, piece: bytes) -> None:
        if not self.wanted or not piece:
            return
        if self._size + len(piece) > OBJECT_BYTES_MAX or not self._cache.reserve(len(piece)):
            self.wanted = False
            self.release()
            return
        self._size += len(piece)
        self._pieces.append(piece)

    @property
    def body(self) -> bytes:
        return b"".join(self._pieces)

    def release(self) -> None:
        """Give the room back; what was collected is gone with it."""
        self._cache.release(self._size)
        self._size = 0
        self._pieces = []
