"""What a region does for its feeds now and then, decided purely: how far to trim, which tombstones are
stable, which time to start from.
"""

from collections.abc import Collection, Iterable, Mapping

from panregion.store import Transaction

from .replica import record_time


def trim_position(head: int, acknowledged: Collection[int], records_max: int, aged: int = 0) -> int:
    """Up to where a feed may be dropped: what all its followers have, whatever makes it longer than
    allowed, and what is too old (up to `aged`). A follower that lacks what is dropped copies the table anew.

    The newest record always stays. It keeps the region's clock over a restart.
    """
    everybody_has = min(acknowledged, default=0)
    return min(max(everybody_has, head - records_max, aged), head - 1)


def aged_position(tx: Transaction, feed: str, before: int) -> int:
    """The last record of a feed that was written before a time (of the region's own clock, which never goes back in
    its feed); 0 if none is kept."""
    first = next((int(key[2]) for key, _ in tx.prefix(("feeds", feed))), None)
    if first is None:
        return 0
    low, high = first, int(tx.get(("feed-heads", feed)) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        record = tx.get(("feeds", feed, middle))
        assert record is not None, f"{feed} has no record {middle}, though it begins at {first}"
        low, high = (middle + 1, high) if record_time(record) < before else (low, middle)
    return low - 1 if low > first else 0


def stable_position(views: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Up to where every region of a table knows each region's feed, given what each of them knows.

    A peer's view counts as of what has arrived from it: then nothing that it wrote before can still be on
    its way.
    """
    if len(views) < 2:
        return {}
    return {origin: min(view.get(origin, 0) for region, view in views.items() if region != origin) for origin in views}


def last_time(tx: Transaction, feeds: Iterable[str]) -> int:
    """The latest time that this region gave to a write, as far as the newest records of its feeds tell."""
    latest = 0
    for feed in feeds:
        for record in tx.values(("feeds", feed), reverse=True):
            latest = max(latest, record_time(record))
            break
    return latest
