"""Ranges of keys: what a key condition or a segment covers, and where a page that was cut short goes on.

A range goes from a key (inclusive) to a key (exclusive).
"""

from panregion.languages.dynamodb import HASH_BITS, KeyCondition, key_part
from panregion.services.dynamodb.errors import ValidationException
from panregion.services.dynamodb.sources import BAD_START, Source
from panregion.store import Key, pack

SEGMENT_BITS = 12


def range_of(source: Source, conditions: dict[str, KeyCondition]) -> tuple[Key, Key]:
    key = source.key
    prefix: Key = (*source.prefix, *key.partition(lambda name: conditions[name].values[0]))
    asked = [name for name in key.ranges if name in conditions]
    if not asked:
        return prefix, (*prefix, END)
    *equal, last = asked
    prefix = (*prefix, *(key_part(key.kinds[name], conditions[name].values[0]) for name in equal))
    condition = conditions[last]
    parts = [key_part(key.kinds[last], value) for value in condition.values]
    first = parts[0]
    match condition.operator:
        case "=":
            return (*prefix, first), (*prefix, first, END)
        case "<":
            return prefix, (*prefix, first)
        case "<=":
            return prefix, (*prefix, first, END)
        case ">":
            return (*prefix, first, END), (*prefix, END)
        case ">=":
            return (*prefix, first), (*prefix, END)
        case "BETWEEN":
            return (*prefix, first), (*prefix, parts[1], END)
        case _:
            return (*prefix, first), (*prefix, *_past(first))


END = float("inf")
"""Orders after every element that a key holds: numbers come after text and bytes, and floats after integers."""


def _past(start: str | bytes) -> Key:
    """The end of all that begins like this."""
    if isinstance(start, str):
        for place in range(len(start) - 1, -1, -1):
            point = ord(start[place])
            if point < 0x10FFFF:
                return (start[:place] + chr(0xE000 if point == 0xD7FF else point + 1),)
        return (END,)
    raw = start.rstrip(b"\xff")
    return (raw[:-1] + bytes((raw[-1] + 1,)),) if raw else (END,)


def resume(bounds: tuple[Key, Key], start: Key, reverse: bool) -> tuple[Key, Key]:
    return (bounds[0], start) if reverse else (max_key((*start, END), bounds[0]), bounds[1])


def max_key(one: Key, other: Key) -> Key:
    return one if pack(one[1:]) > pack(other[1:]) else other


def segment_range(source: Source, segment: int | None, total: int | None) -> tuple[Key, Key]:
    if segment is None or total is None:
        return source.prefix, (*source.prefix, END)
    return (*source.prefix, _edge(segment, total)), (*source.prefix, _edge(segment + 1, total))


def _edge(segment: int, total: int) -> int:
    """Where a segment begins: DynamoDB divides the upper twelve bits of the hash."""
    return -(-(segment << SEGMENT_BITS) // total) << HASH_BITS - SEGMENT_BITS


def resume_segment(bounds: tuple[Key, Key], start: Key, segment: int | None, total: int | None) -> tuple[Key, Key]:
    if not pack(bounds[0][1:]) <= pack(start[1:]) < pack(bounds[1][1:]):
        raise ValidationException(
            f"{BAD_START}: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "
            f"TotalSegments: {total} Segment: {segment}"
        )
    return (*start, END), bounds[1]
