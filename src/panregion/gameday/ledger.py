"""What the application promised its users, and what it showed them: written down as it happens.

An entry is on its way to the disk before the journey goes on, so a game day that is killed has its ledger still. Only
what users saw is in here; nothing of it comes from the application's own stores, which is what makes it a witness.
"""

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from panregion.gameday.result import WriteVerdict


class Acknowledged(msgspec.Struct, frozen=True, tag="acknowledged", gc=False):
    """A write that a user was told is done."""

    kind: str
    """What it is, in the application's own word: "order"."""
    id: str
    body: Any
    city: str
    begun_s: float
    """When the user began to ask for it."""
    at_s: float
    """When the answer had come."""
    region: str | None = None
    """Which region said so, if the application tells."""

    @property
    def digest(self) -> str:
        """SHA-256 of the body in canonical form, the first 16 digits."""
        return digest(self.body)


class Attempted(msgspec.Struct, frozen=True, tag="attempted", gc=False):
    """A write that a user asked for and has no answer to: it may have happened, or happen yet."""

    kind: str
    id: str
    body: Any
    city: str
    begun_s: float


class Seen(msgspec.Struct, frozen=True, tag="seen", gc=False):
    """What a user was shown; `body` None: that there is no such thing."""

    kind: str
    id: str
    body: Any
    city: str
    begun_s: float
    at_s: float
    region: str | None = None


Entry = Acknowledged | Attempted | Seen


class Finding(msgspec.Struct, frozen=True):
    """What a check says of one acknowledged write, or of one answer."""

    verdict: WriteVerdict
    kind: str
    id: str
    city: str
    at_s: float
    digest: str
    regions: tuple[str, ...] = ()
    detail: str = ""


class Ledger:
    """Entries in the order in which they came; with a path, on disk as well."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = None if path is None else path.open("ab", buffering=0)
        self._entries: list[Entry] = []
        self._by_key: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._by_key[entry.kind, entry.id].append(entry)
        if self._file is not None:
            self._file.write(msgspec.json.encode(entry) + b"\n")

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def kinds(self) -> list[str]:
        return sorted({kind for kind, _ in self._by_key})

    def acknowledged(self, kind: str | None = None) -> list[Acknowledged]:
        """The acknowledged writes, of one kind or all."""
        entries = (entry for entry in self._entries if isinstance(entry, Acknowledged))
        return [entry for entry in entries if kind in (None, entry.kind)]

    def tried(self, kind: str) -> list[Acknowledged | Attempted]:
        """Of each thing that somebody asked to write, the last entry: acknowledged, or without an answer."""
        return list(
            {entry.id: entry for entry in self._entries if entry.kind == kind and not isinstance(entry, Seen)}.values()
        )

    def seen(self, kind: str | None = None) -> list[Seen]:
        """What users were shown."""
        return [entry for entry in self._entries if isinstance(entry, Seen) and kind in (None, entry.kind)]

    def of(self, kind: str, id: str) -> list[Entry]:
        """All that is known of one thing."""
        return self._by_key.get((kind, id), [])

    def latest(self, kind: str | None = None) -> list[Acknowledged]:
        """Of each thing, the write that was acknowledged last."""
        return list({(entry.kind, entry.id): entry for entry in self.acknowledged(kind)}.values())

    def lost(self, write: Acknowledged, *regions: str, detail: str = "") -> Finding:
        """To be returned by a `verify` function: the write is not to be found in these regions."""
        return self.finding("lost", write, *regions, detail=detail)

    def finding(self, verdict: WriteVerdict, entry: Entry, *regions: str, detail: str = "") -> Finding:
        """To be returned by a `verify` function: what is wrong with a write or an answer."""
        at_s = entry.begun_s if isinstance(entry, Attempted) else entry.at_s
        return Finding(verdict, entry.kind, entry.id, entry.city, at_s, digest(entry.body), tuple(regions), detail)

    def close(self) -> None:
        """Everything is on the disk once this returns."""
        if self._file is not None:
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None


def read_ledger(path: Path) -> Ledger:
    """The ledger of a game day that may have been killed: a last line that is not whole is left out."""
    ledger = Ledger()
    for entry in _lines(path.read_bytes()):
        ledger.add(entry)
    return ledger


def _lines(text: bytes) -> Iterator[Entry]:
    whole, _, _ = text.rpartition(b"\n")
    for line in whole.splitlines():
        yield msgspec.json.decode(line, type=Entry)


def digest(body: Any) -> str:
    """Of equal bodies the same, whatever the order of their keys."""
    return hashlib.sha256(msgspec.json.encode(body, order="sorted")).hexdigest()[:16]
