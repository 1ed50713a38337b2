"""What the health checkers held, kept on disk between two lives of the edge."""

import logging
from pathlib import Path

import msgspec

from panregion.edge.health.state import Opinion
from panregion.world.disk import write_durably

log = logging.getLogger("panregion.edge")

Opinions = dict[str, dict[str, Opinion]]
"""By check and checker's site."""


class Held(msgspec.Struct, frozen=True):
    """What is held of all checks: each checker's opinion, and each check's state before it is turned round."""

    opinions: Opinions = {}
    states: dict[str, bool] = {}


class Memory:
    """A file of what is held."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Held:
        """What was kept; a damaged file counts as none."""
        try:
            return msgspec.msgpack.decode(self._path.read_bytes(), type=Held)
        except FileNotFoundError:
            return Held()
        except msgspec.DecodeError as error:
            log.warning("%s is damaged and was not used: %s", self._path, error)
            return Held()

    def keep(self, held: Held) -> None:
        """Write down what is held now."""
        write_durably(self._path, msgspec.msgpack.encode(held))
