"""What points of presence held of endpoints, kept on disk between two lives of the edge."""

import logging
from pathlib import Path

import msgspec

from panregion.edge.health import Opinion
from panregion.world.disk import write_durably

log = logging.getLogger("panregion.edge")

Opinions = dict[str, dict[str, Opinion]]
"""By endpoint and point of presence."""


class Memory:
    """A file of opinions."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Opinions:
        """What was kept; a damaged file counts as none."""
        try:
            return msgspec.msgpack.decode(self._path.read_bytes(), type=Opinions)
        except FileNotFoundError:
            return {}
        except msgspec.DecodeError as error:
            log.warning("%s is damaged and was not used: %s", self._path, error)
            return {}

    def keep(self, opinions: Opinions) -> None:
        write_durably(self._path, msgspec.msgpack.encode(opinions))
