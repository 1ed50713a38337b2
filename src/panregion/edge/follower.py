"""Following a service's feed, and keeping what was last seen.

The edge asks the service's home region over its own link for what follows its position (a long poll of
`panregion:Changes`, see services/following.py) and hands it to a book; after a change the whole book is
written, with the position, to the edge's folder. A home region that is dead or cut off is asked again with
growing pauses; meanwhile, and after a restart of the edge, the kept book goes on serving: data planes go on
without their control plane, as on AWS.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import msgspec

from panregion.world import ClientError, HttpClient, World
from panregion.world.disk import write_durably

CALL_PATH = "/_panregion/call"
WAIT_S = 5.0
TIMEOUT_S = 10.0
BACKOFF_FIRST_S, BACKOFF_MAX_S = 0.1, 2.0


class Book(Protocol):
    """What the edge knows of a service, in whatever form serves its data plane best. It begins empty."""

    def load(self, snapshot: bytes) -> None:
        """Forget everything and know this. Raises msgspec.DecodeError for bytes of another form."""

    def apply(self, record: bytes) -> None:
        """Take up one record of the feed. Raises msgspec.DecodeError."""

    def snapshot(self) -> bytes:
        """All that is known, as `load` takes it."""


class Kept(msgspec.Struct, frozen=True):
    """What a file of the edge's folder holds."""

    epoch: str = ""
    position: int = 0
    snapshot: bytes = b""


class BadAnswer(Exception):
    """The home region answered, but not what was asked."""


def nothing() -> None:
    """For those who need not be told."""


class Follower:
    """Keeps a book up to date. `changed` is called after every change, also after `load` found something kept.

    `service` is botocore's name of it. `path` is the file where the book is kept between two lives of the edge.
    """

    def __init__(
        self, service: str, book: Book, path: Path, world: World, changed: Callable[[], None] = nothing
    ) -> None:
        self.service = service
        self._book = book
        self._path = path
        self._world = world
        self._changed = changed
        self._to_keep = False
        self.epoch = ""
        self.position = 0
        self.seen_at: float | None = None
        self.failure: str | None = "the home region has not answered yet"

    def load(self) -> None:
        """Take up what was kept. A damaged file, or one of another form, counts as none."""
        try:
            kept = msgspec.msgpack.decode(self._path.read_bytes(), type=Kept)
            self._book.load(kept.snapshot)
        except FileNotFoundError:
            return
        except msgspec.DecodeError as error:
            self.failure = f"{self._path} is damaged and was not used: {error}"
            return
        self.epoch, self.position = kept.epoch, kept.position
        self._changed()

    def keep(self) -> None:
        """Write down what is known now, if that is more than what is written."""
        if self._to_keep:
            kept = Kept(self.epoch, self.position, self._book.snapshot())
            write_durably(self._path, msgspec.msgpack.encode(kept))
            self._to_keep = False

    async def run(self, client: HttpClient, home: str) -> None:
        """Follow the region at endpoint `home` for ever."""
        pause_s = BACKOFF_FIRST_S
        while True:
            try:
                self.take(await self._ask(client, home))
            except (ClientError, BadAnswer, msgspec.DecodeError) as error:
                self.failure = str(error)
                await self._world.clock.sleep(pause_s * (0.5 + self._world.chance.random() / 2))
                pause_s = min(2 * pause_s, BACKOFF_MAX_S)
                continue
            pause_s = BACKOFF_FIRST_S
            self.failure = None
            self.seen_at = self._world.clock.now()

    async def _ask(self, client: HttpClient, home: str) -> dict[str, Any]:
        params = {"epoch": self.epoch, "after": self.position, "wait_s": WAIT_S}
        asked = {"service": self.service, "operation": "panregion:Changes", "params": params}
        response = await client.send(
            "POST", home + CALL_PATH, [], msgspec.msgpack.encode(asked), timeout_s=TIMEOUT_S, connect_timeout_s=5
        )
        assert isinstance(response.body, bytes)
        if response.status != 200:
            raise BadAnswer(f"the home region answered {response.status}")
        answer = msgspec.msgpack.decode(response.body)
        if "output" not in answer:
            raise BadAnswer(f"the home region refused: {answer.get('error')}")
        output: dict[str, Any] = answer["output"]
        return output

    def take(self, answer: dict[str, Any]) -> None:
        """Apply what the home region answered."""
        before = (self.epoch, self.position)
        if "snapshot" in answer:
            self._book.load(answer["snapshot"])
        for record in answer.get("records", []):
            self._book.apply(record)
        self.epoch, self.position = answer["epoch"], answer["head"]
        if (self.epoch, self.position) != before or "snapshot" in answer:
            self._to_keep = True
            self._changed()

    def describe(self) -> dict[str, Any]:
        """How far it has come, for the edge's API: position, when it last heard, what is wrong if anything."""
        return {"position": self.position, "heard_at": self.seen_at, "failure": self.failure}
