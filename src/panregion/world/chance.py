"""Chance, as an argument: identifiers, tokens, coin flips. A seeded one makes a run repeatable."""

import random
import secrets
import string
from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")

_NOT_FIXED = ~(0xF << 76 | 0x3 << 62) & (1 << 128) - 1
_VERSION_4 = 0x4 << 76 | 0x2 << 62
"""The bits that RFC 9562 fixes in a random UUID: its version and its variant."""

LOWERCASE_AND_DIGITS = string.ascii_lowercase + string.digits


class Chance(Protocol):
    """What a region may leave to chance."""

    def random(self) -> float:
        """A float in [0, 1)."""

    def randrange(self, stop: int) -> int:
        """An integer in [0, stop)."""

    def choice(self, options: Sequence[T]) -> T:
        """One of the options, each as likely."""

    def token(self, length: int, alphabet: str = LOWERCASE_AND_DIGITS) -> str:
        """That many characters of the alphabet: the form of most AWS identifiers."""

    def bits(self, count: int) -> int:
        """An integer of that many random bits."""

    def uuid(self) -> str:
        """A version 4 UUID in its usual text form."""

    def bytes(self, length: int) -> bytes:
        """That many random bytes."""


class _RandomChance:
    """Chance over any `random.Random`."""

    def __init__(self, source: random.Random) -> None:
        self._source = source

    def random(self) -> float:
        return self._source.random()

    def randrange(self, stop: int) -> int:
        return self._source.randrange(stop)

    def choice(self, options: Sequence[T]) -> T:
        return self._source.choice(options)

    def token(self, length: int, alphabet: str = LOWERCASE_AND_DIGITS) -> str:
        return "".join(self._source.choices(alphabet, k=length))

    def bits(self, count: int) -> int:
        return self._source.getrandbits(count)

    def uuid(self) -> str:
        # As str(uuid.UUID(int=..., version=4)) at a quarter of the cost: every request has one.
        bits = self._source.getrandbits(128) & _NOT_FIXED | _VERSION_4
        text = f"{bits:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def bytes(self, length: int) -> bytes:
        return self._source.randbytes(length)


class SystemChance(_RandomChance):
    """A generator seeded once by the operating system: unpredictable enough for names, and quick."""

    def __init__(self) -> None:
        super().__init__(random.Random(secrets.randbits(256)))


class SeededChance(_RandomChance):
    """The same choices for the same seed."""

    def __init__(self, seed: int | str) -> None:
        super().__init__(random.Random(seed))
