"""What a region does for its feeds now and then, decided purely: how far to trim, which tombstones are
stable, which time to start from.
"""

from collections.abc import Collection, Iterable, Mapping

from panregion.store import Transaction

from .replica import record_time


def trim_position(head: int, acknowledged: Collection[int], records_max: int) -> int:
    """Up to where a feed may be dropped: what all its followers have, and whatever makes it longer than
    allowed.

    The newest record always stays. It keeps the region's clock over a restart.
    """
    everybody_has = min(acknowledged, default=0)
    return min(max(everybody_has, head - records_max), head - 1)


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
