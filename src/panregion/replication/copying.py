"""Reading a copy of a table from a peer: for a new replica, and for one that was away for too long.

Each page is merged in a transaction of its own, together with how far the copy has come, so a region that
is killed in the middle goes on where it was. The position that the source had at the *first* page is kept
from the start: from there the feeds are followed afterwards, the source's own and those that it follows
itself.
"""

from collections.abc import AsyncIterator, Callable

import msgspec

from panregion.store import Store, Transaction
from panregion.world import HttpClient

from . import layout
from .frames import COPY_PATH, Copy, Unframer
from .hooks import Hooks
from .layout import SnapshotProgress
from .replica import Page, RefusedRecord, Site, apply_page, decode_page

SILENCE_S = 5.0


class CopyFailed(Exception):
    """The copy broke off; what has come is kept, and the next attempt goes on from there."""


async def copy_table(
    store: Store,
    hooks: Hooks,
    site: Callable[[], Site],
    client: HttpClient,
    url: str,
    source: str,
    feed: str,
) -> int:
    """Copy the table behind `feed` from `source`, or what is left of it. Returns how many items came.
    Raises CopyFailed."""
    count = 0
    progress = store.read(lambda tx: layout.snapshot_progress(tx, feed))
    after = progress.after if progress is not None and progress.peer == source else None
    request = Copy(site().region, feed, after)
    try:
        async for page in _pages(client, url, request):
            await store.transact(lambda tx, page=page: take_page(tx, site(), hooks, source, page))  # type: ignore[misc]
            count += len(page.items)
            if page.upto is None:
                return count
    except (OSError, RefusedRecord) as error:
        raise CopyFailed(str(error)) from error
    raise CopyFailed(f"{source} ended the copy before its end")


async def _pages(client: HttpClient, url: str, request: Copy) -> AsyncIterator[Page]:
    body = msgspec.msgpack.encode(request)
    headers = [("content-type", "application/vnd.msgpack")]
    opened = client.stream("POST", url + COPY_PATH, headers, body, read_timeout_s=SILENCE_S)
    async with opened as response:
        if response.status != 200:
            raise CopyFailed(f"the peer answered {response.status}")
        unframer = Unframer()
        async for chunk in response.chunks:
            for data in unframer.split(chunk):
                yield decode_page(data)


def take_page(tx: Transaction, site: Site, hooks: Hooks, source: str, page: Page) -> None:
    """Merge a page and note the progress; the last page makes the cursors valid."""
    apply_page(tx, site, hooks.items(tx, page.feed), page)
    progress = layout.snapshot_progress(tx, page.feed)
    if progress is None or progress.peer != source or page.after is None:
        progress = SnapshotProgress(source, page.position)
    if page.upto is not None:
        layout.put_snapshot_progress(tx, page.feed, SnapshotProgress(source, progress.position, page.upto))
        return
    layout.put_snapshot_progress(tx, page.feed, None)
    for peer, sequence in progress.position.items():
        if peer == source:
            layout.put_cursor(tx, page.feed, peer, sequence)
        elif peer != site.region:
            known = layout.cursor(tx, page.feed, peer)
            layout.put_cursor(tx, page.feed, peer, max(known, sequence))
    hooks.copied(tx, page.feed)
