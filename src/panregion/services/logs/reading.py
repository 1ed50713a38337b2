"""Pages of log events: of one stream in either direction, and of many streams merged by time."""

import heapq
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from panregion.services.logs import layout
from panregion.services.logs.model import Event, Group, Stream, parse_token, token
from panregion.store import Transaction

EVENTS_MAX = 10_000
PAGE_MAX_BYTES = 1_048_576
SCANNED_MAX = 20_000
"""Events looked at for one page of a filter; what is beyond is the next page's, found or not."""

Position = tuple[int, int]


def stream_page(
    tx: Transaction, group: Group, stream: Stream, oldest_ms: int, limit: int, params: dict[str, Any]
) -> dict[str, Any]:
    """GetLogEvents: the newest page, or the one that the token or `startFromHead` says."""
    first: Position = (max(params.get("start_time") or 0, oldest_ms), 0)
    end_ms = params.get("end_time")
    last: Position = (1 << 61, 0) if end_ms is None else (end_ms, 0)
    given = params.get("next_token")
    forward = bool(params.get("start_from_head"))
    at = first if forward else last
    if given is not None:
        direction, at = parse_token(given)
        forward = direction == "f"
    start, end = (max(at, first), last) if forward else (first, min(at, last))
    found = layout.events(tx, group.name, stream.name, start, end, reverse=not forward)
    page = list(within_bytes(islice(found, limit)))
    if not forward:
        page.reverse()
    before = page[0].position if page else at
    after = (page[-1].at_ms, page[-1].number + 1) if page else at
    return {
        "events": [describe(event) for event in page],
        "nextForwardToken": token("f", after),
        "nextBackwardToken": token("b", before),
    }


def within_bytes(events: Iterator[Event]) -> Iterator[Event]:
    size = 0
    for event in events:
        size += event.size
        if size > PAGE_MAX_BYTES:
            return
        yield event


def filter_page(
    tx: Transaction,
    group: Group,
    streams: list[Stream],
    match: Callable[[str], bool],
    start: tuple[int, str, int],
    end_ms: int,
    limit: int,
) -> tuple[list[tuple[Stream, Event]], tuple[int, str, int] | None]:
    """Events of many streams in the order of their time from `start`, and where the next page begins."""
    found: list[tuple[Stream, Event]] = []
    for scanned, (at, stream, event) in enumerate(_merged(tx, group, streams, start, end_ms)):
        if len(found) == limit or scanned == SCANNED_MAX:
            return found, at
        if match(event.message):
            found.append((stream, event))
    return found, None


def _merged(
    tx: Transaction, group: Group, streams: list[Stream], start: tuple[int, str, int], end_ms: int
) -> Iterator[tuple[tuple[int, str, int], Stream, Event]]:
    def of(stream: Stream) -> Iterator[tuple[tuple[int, str, int], Stream, Event]]:
        for event in layout.events(tx, group.name, stream.name, (start[0], 0), (end_ms, 0)):
            yield (event.at_ms, stream.name, event.number), stream, event

    live = [stream for stream in streams if (stream.last_event_ms or -1) >= start[0]]
    merged = heapq.merge(*(of(stream) for stream in live), key=lambda each: each[0])
    return (each for each in merged if each[0] >= start)


def describe(event: Event) -> dict[str, Any]:
    return {"timestamp": event.at_ms, "message": event.message, "ingestionTime": event.ingested_ms}


def describe_found(stream: Stream, event: Event) -> dict[str, Any]:
    return {
        "logStreamName": stream.name,
        **describe(event),
        "eventId": f"{event.at_ms:020d}{event.number:036d}",
    }
