"""What other services of the region ask of the logs, and AWS has no operation for."""

from typing import Any

from panregion.services import Here
from panregion.services.logs import embedded, layout
from panregion.services.logs.model import Group, Stream


def append_events(here: Here, batches: list[dict[str, Any]]) -> None:
    """Events of many streams in one transaction; groups and streams that are not there are made.

    A batch is {"group", "stream", "events": [[milliseconds, text], ...]}.
    """
    now_ms = int(here.now() * 1000)
    for batch in batches:
        name, stream_name = batch["group"], batch["stream"]
        group = layout.find_group(here.tx, name) or Group(name=name, created_ms=now_ms)
        stream = layout.find_stream(here.tx, name, stream_name)
        stream = stream or Stream(group=name, name=stream_name, created_ms=now_ms)
        events = [(at_ms, text) for at_ms, text in batch["events"]]
        layout.append(here.tx, group, stream, events, now_ms)
        embedded.tell(here, events)
