"""What the processes of a world have written since a test began."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

TAIL_BYTES = 64 * 1024
"""Of one log in one report."""
NOISE = re.compile(rb"^\S+ \S+ INFO panregion\.(?:network|edge) .*\n?", re.MULTILINE)


class Logs:
    """The logs of one world, from where they ended when `mark` was called last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._from: Mapping[Path, int] = {}

    def mark(self) -> None:
        """What was written until now is not of interest any more."""
        self._from = {path: path.stat().st_size for path in self._paths()}

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.log"))

    def texts(self) -> Iterator[tuple[str, str]]:
        """Process and its lines, of those that have written any."""
        for path in self._paths():
            begin = self._from.get(path, 0)
            with path.open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(begin, size - TAIL_BYTES))
                text = NOISE.sub(b"", file.read()).decode(errors="replace").strip()
            if text:
                yield path.stem, text
