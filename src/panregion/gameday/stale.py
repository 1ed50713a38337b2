"""Which answers were older than what had been promised: decided from the ledger alone.

An answer is stale if some write of the same thing was acknowledged before the reader asked, and what the reader was
shown is older than that write for sure: nothing at all (unless it had been deleted), or a body whose own
acknowledgement came before that write began. Two writes that overlap in time have no order that a user could hold
anybody to, so neither makes the other's reader a witness; an unanswered write may have happened at any time since, so
its body is never too old.
"""

from collections.abc import Iterator

from panregion.gameday.ledger import Acknowledged, Attempted, Finding, Ledger, Seen


def stale_answers(ledger: Ledger) -> Iterator[Finding]:
    """A finding for each stale answer."""
    for seen in ledger.seen():
        newer = _promised_before(ledger, seen)
        if newer is None:
            continue
        detail = (
            f"{newer.city} had been promised a newer one {seen.begun_s - newer.at_s:.3f} s before {seen.city} asked"
        )
        where = (seen.region,) if seen.region else ()
        yield ledger.finding("stale", seen, *where, detail=detail)


def _promised_before(ledger: Ledger, seen: Seen) -> Acknowledged | None:
    """A write that this reader should have been shown instead."""
    entries = ledger.of(seen.kind, seen.id)
    writes = [entry for entry in entries if isinstance(entry, Acknowledged) and entry.at_s <= seen.begun_s]
    if not writes:
        return None
    shown = [entry for entry in entries if not isinstance(entry, Seen) and matches(entry.body, seen.body)]
    if any(isinstance(entry, Attempted) for entry in shown) or (not shown and seen.body is not None):
        return None  # what it was shown cannot be dated
    dated = (entry.at_s for entry in shown if isinstance(entry, Acknowledged))
    shown_at_s = max(dated, default=float("-inf"))  # nothing at all is older than the first write
    return next((write for write in reversed(writes) if write.begun_s > shown_at_s), None)


def matches(written: object, found: object) -> bool:
    """Whether what was found is what was written: of two objects the keys that both have, and one at least."""
    if isinstance(written, dict) and isinstance(found, dict):
        both = written.keys() & found.keys()
        return bool(both) and all(_same(written[key], found[key]) for key in both)
    return _same(written, found)


def _same(one: object, other: object) -> bool:
    """Numbers come back from stores as Decimal, or as text."""
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    return one == other or (not isinstance(one, dict | list) and str(one) == str(other))
