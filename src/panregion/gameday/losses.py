"""What became of acknowledged writes, given what a store holds in each region at the end. Pure.

Of each thing that somebody wrote, the write that was acknowledged last is looked for. Where it is not, some other write
must explain that, or the promise was broken: an unanswered write may have happened at any time after it was asked for,
and a write that overlapped with the last one may rightly be the one that is kept (though if neither had seen the other,
the conflict ledger has it: `overwritten_by_conflict`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from panregion.gameday.ledger import Acknowledged, Attempted, Finding, Ledger
from panregion.gameday.stale import matches

Held = Mapping[str, Mapping[str, Any]]
"""region -> id -> what is there."""


def lost_and_overwritten(ledger: Ledger, kind: str, held: Held) -> Iterator[Finding]:
    """A finding for each last write that is missing, or replaced by an older one or by nobody's."""
    for write in ledger.latest(kind):
        missing, older, foreign = [], [], []
        for region, things in held.items():
            match _fate(ledger, write, things.get(write.id)):
                case "missing":
                    missing.append(region)
                case "older":
                    older.append(region)
                case "foreign":
                    foreign.append(region)
        if missing:
            detail = "deleted, and there again" if write.body is None else f"not in {', '.join(missing)}"
            yield ledger.lost(write, *missing, detail=detail)
        if older:
            detail = "what is there was acknowledged before this write was asked for"
            yield ledger.finding("overwritten", write, *older, detail=detail)
        if foreign:
            yield ledger.finding("overwritten", write, *foreign, detail="what is there is no write of a user's")


def _fate(ledger: Ledger, write: Acknowledged, found: Any) -> str:
    if found is None and write.body is None:
        return "kept"
    if found is not None and write.body is not None and matches(write.body, found):
        return "kept"
    others = [one for one in ledger.of(write.kind, write.id) if isinstance(one, Acknowledged | Attempted)]
    for other in others:
        explains = other.body is None if found is None else other.body is not None and matches(other.body, found)
        if explains and (isinstance(other, Attempted) or other.at_s >= write.begun_s) and other is not write:
            return "kept"
    if found is None or write.body is None:
        return "missing"
    is_known = any(one.body is not None and matches(one.body, found) for one in others)
    return "older" if is_known else "foreign"


def missing_in(ledger: Ledger, kind: str, held: Held, from_s: float, until_s: float) -> Iterator[Finding]:
    """The last writes of a stretch of time that are not in some region yet."""
    for write in ledger.latest(kind):
        if write.body is None or not from_s <= write.at_s < until_s:
            continue
        absent = [region for region, things in held.items() if write.id not in things]
        if absent:
            detail = f"not in {', '.join(absent)} while a fault lasted"
            yield ledger.finding("missing-while-away", write, *absent, detail=detail)


def overwritten_by_conflict(
    ledger: Ledger, kind: str, key: str, conflicts: Iterable[tuple[Mapping[str, Any] | None, str]]
) -> tuple[list[Finding], int]:
    """The acknowledged writes among the losers of conflicts, and how many losers were nobody's acknowledged write.

    A conflict is (the loser's item, who won, in words).
    """
    found: list[Finding] = []
    unknown = 0
    taken: set[int] = set()
    for item, winner in conflicts:
        of_item = ledger.of(kind, "" if item is None else str(item.get(key, "")))
        writes = [one for one in of_item if isinstance(one, Acknowledged) and one.body is not None]
        fitting = [
            one for one in writes if item is not None and matches(one.body, dict(item)) and id_of(one) not in taken
        ]
        if not fitting:
            unknown += 1
            continue
        taken.add(id_of(fitting[-1]))
        found.append(ledger.finding("overwritten", fitting[-1], detail=f"a concurrent write was kept: {winner}"))
    return found, unknown


def id_of(write: Acknowledged) -> int:
    """Tells one acknowledgement from another of an equal write."""
    return id(write)


def each_once(findings: Iterable[Finding]) -> list[Finding]:
    """Without repetitions of one verdict on one write, and without what was missing for a while among the lost."""
    once = {(one.verdict, one.kind, one.id, one.at_s, one.digest): one for one in findings}
    lost = {(one.kind, one.id) for one in once.values() if one.verdict == "lost"}
    return [one for one in once.values() if one.verdict != "missing-while-away" or (one.kind, one.id) not in lost]
