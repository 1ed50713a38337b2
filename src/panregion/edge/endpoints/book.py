"""What the edge knows of one region's global endpoints."""

import msgspec

from panregion.services.events.endpoints import Endpoint, Told

_endpoints = msgspec.msgpack.Decoder(list[Endpoint])
_told = msgspec.msgpack.Decoder(Told)


class Book:
    """A book for `edge.follow`."""

    def __init__(self) -> None:
        self.endpoints: dict[str, Endpoint] = {}
        """By their ids."""

    def load(self, snapshot: bytes) -> None:
        self.endpoints = {each.id: each for each in _endpoints.decode(snapshot)}

    def apply(self, record: bytes) -> None:
        told = _told.decode(record)
        if told.gone:
            self.endpoints.pop(told.endpoint.id, None)
        else:
            self.endpoints[told.endpoint.id] = told.endpoint

    def snapshot(self) -> bytes:
        return msgspec.msgpack.encode(list(self.endpoints.values()))
