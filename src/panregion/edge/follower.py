"""Following Route 53's feed, and keeping what was last seen.

The edge asks the home region over its own link for what follows its position (a long poll) and applies it to the
book; after each change it writes the whole book, with the position, to its folder. A home region that is dead or
cut off is asked again with growing pauses; meanwhile, and after a restart of the edge, the kept book goes on
serving: DNS answers and fails over without its control plane, as on AWS.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from panregion.edge.book import Book
from panregion.edge.health import Opinion
from panregion.services.route53.model import Change, Snapshot
from panregion.world import ClientError, HttpClient, World
from panregion.world.disk import write_durably

CALL_PATH = "/_panregion/call"
WAIT_S = 5.0
TIMEOUT_S = 10.0
BACKOFF_FIRST_S, BACKOFF_MAX_S = 0.1, 2.0


class Kept(msgspec.Struct, frozen=True):
    """What the edge's folder holds."""

    epoch: str = ""
    position: int = 0
    snapshot: Snapshot = Snapshot()
    opinions: dict[str, dict[str, Opinion]] = {}


class BadAnswer(Exception):
    """The home region answered, but not what was asked."""


class Follower:
    """Keeps a book up to date. `changed` is called after every change."""

    def __init__(self, book: Book, path: Path, world: World, changed: Callable[[], None]) -> None:
        self._book = book
        self._path = path
        self._world = world
        self._changed = changed
        self.epoch = ""
        self.position = 0
        self.seen_at: float | None = None
        self.failure: str | None = "the home region has not answered yet"

    def load(self) -> dict[str, dict[str, Opinion]]:
        """Take up what was kept; returns the opinions of the health checkers. A damaged file counts as none."""
        try:
            kept = msgspec.msgpack.decode(self._path.read_bytes(), type=Kept)
        except FileNotFoundError:
            return {}
        except msgspec.DecodeError as error:
            self.failure = f"{self._path} is damaged and was not used: {error}"
            return {}
        self.epoch, self.position = kept.epoch, kept.position
        self._book.load(kept.snapshot)
        return kept.opinions

    def keep(self, opinions: dict[str, dict[str, Opinion]]) -> None:
        """Write down what is known now."""
        kept = Kept(self.epoch, self.position, self._book.snapshot(), opinions)
        write_durably(self._path, msgspec.msgpack.encode(kept))

    async def run(self, client: HttpClient, home: str) -> None:
        """Follow for ever."""
        pause_s = BACKOFF_FIRST_S
        while True:
            try:
                answer = await self._ask(client, home)
            except (ClientError, BadAnswer) as error:
                self.failure = str(error)
                await self._world.clock.sleep(pause_s * (0.5 + self._world.chance.random() / 2))
                pause_s = min(2 * pause_s, BACKOFF_MAX_S)
                continue
            pause_s = BACKOFF_FIRST_S
            self.failure = None
            self.seen_at = self._world.clock.now()
            self.take(answer)

    async def _ask(self, client: HttpClient, home: str) -> dict[str, Any]:
        params = {"epoch": self.epoch, "after": self.position, "wait_s": WAIT_S}
        asked = {"service": "route53", "operation": "panregion:Changes", "params": params}
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
            self._book.load(msgspec.msgpack.decode(answer["snapshot"], type=Snapshot))
        for record in answer.get("records", []):
            self._book.apply(msgspec.msgpack.decode(record, type=Change))
        self.epoch, self.position = answer["epoch"], answer["head"]
        if (self.epoch, self.position) != before or "snapshot" in answer:
            self._changed()
