"""Archives and replays: what they are, where they lie, and the work they leave.

    ("events", "archive", name)                          -> Archive
    ("events", "archived", archive's id, time_ms, id)    -> Archived, by the time that the event says it happened
    ("events", "archived-at", archive's id, at_ms, ...)  -> nothing: the same by when it came, for what expires
    ("events", "replay", name)                           -> Replay

    events.expire   {archive, id, due}     drop what an archive has kept for longer than it should
    events.empty    {id}                   drop all that a deleted archive has kept
    events.replay   {replay, id, after}    put the next of an archive's events on the bus again

An archive is a rule that AWS manages: its pattern leaves out what has been replayed, its target is the archive. An
event that matches is kept in the transaction that accepts it. A replay goes through an archive by the events' times, a
page to a transaction, and where it has come to is written with what it caused: work that is done again, because the
region died before it was noted as done, finds itself behind and does nothing.
"""

from collections.abc import Iterator
from itertools import islice, takewhile
from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.events.errors import no_archive, no_replay
from panregion.services.events.model import Rule, time_of
from panregion.services.records import Table
from panregion.store import Key, Transaction

Json = dict[str, Any]

PAGE_EVENTS = 100
EMPTIED_AT_ONCE = 1000
DAY_S = 86_400.0
LOOK_S = 3600.0
MANAGED_BY = "prod.vhs.events.aws.internal"
RUNNING = ("STARTING", "RUNNING")


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    id: str
    bus: str
    created_s: float
    description: str | None = None
    pattern: str | None = None
    retention_days: int = 0
    """0: for ever."""
    looks_s: float = 0.0
    """When it is next looked through for what has been kept long enough."""
    key: str | None = None
    events: int = 0
    size_bytes: int = 0

    @property
    def rule(self) -> str:
        """The name of the rule that fills it."""
        return f"Events-Archive-{self.name}"


class Archived(msgspec.Struct, frozen=True):
    at_ms: int
    event: Json


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    id: str
    archive_arn: str
    archive_id: str
    bus: str
    bus_arn: str
    start_s: float
    end_s: float
    started_s: float
    state: str = "STARTING"
    reason: str | None = None
    description: str | None = None
    rule_arns: tuple[str, ...] = ()
    """Only to these; to all where there are none."""
    after: tuple[int, str] = (0, "")
    """The last event that was replayed: its time in ms, and its id."""
    last_s: float | None = None
    ended_s: float | None = None


ARCHIVES = Table("events", "archive", Archive, no_archive)
REPLAYS = Table("events", "replay", Replay, no_replay)
_archived = msgspec.msgpack.Decoder(Archived)


def pattern_of(archive: Archive) -> str:
    """The pattern of the rule that fills an archive: what is replayed is not archived again."""
    own: Json = {} if archive.pattern is None else msgspec.json.decode(archive.pattern)
    return msgspec.json.encode({"replay-name": [{"exists": False}], **own}).decode()


def target_of(here: Here, archive: Archive) -> Json:
    """The target of that rule."""
    template = (
        f'{{"archive-arn": "{here.arn("events", f"archive/{archive.name}:{archive.id}")}", '
        '"event": <aws.events.event.json>, "ingestion-time": <aws.events.event.ingestion-time>}'
    )
    arn = f"arn:aws:events:{here.region}:::"
    return {"Id": archive.rule, "Arn": arn, "InputTransformer": {"InputPathsMap": {}, "InputTemplate": template}}


def keep(here: Here, rule: Rule, event: Json) -> None:
    """An event has matched the rule of an archive."""
    archive = ARCHIVES.find(here.tx, rule.name.removeprefix("Events-Archive-"))
    if archive is None:
        return
    at_ms, time_ms = int(here.now() * 1000), max(0, int(time_of(event) * 1000))
    raw = msgspec.msgpack.encode(Archived(at_ms, event))
    here.tx.put(("events", "archived", archive.id, time_ms, event["id"]), raw)
    here.tx.put(("events", "archived-at", archive.id, at_ms, time_ms, event["id"]), b"")
    size_bytes = archive.size_bytes + len(msgspec.json.encode(event))
    kept = msgspec.structs.replace(archive, events=archive.events + 1, size_bytes=size_bytes)
    ARCHIVES.put(here.tx, kept, archive.name)


def between(tx: Transaction, archive_id: str, after: tuple[int, str], end_ms: int) -> Iterator[tuple[int, str, Json]]:
    """(time_ms, id, event) of what happened past `after` and before `end_ms`, in order."""
    place = ("events", "archived", archive_id)
    for key, raw in tx.prefix(place, after=(*place, *after)):
        time_ms, event_id = key[3:]
        assert isinstance(time_ms, int)
        assert isinstance(event_id, str)
        if time_ms >= end_ms:
            return
        yield time_ms, event_id, _archived.decode(raw).event


def expire_later(here: Here, archive: Archive) -> None:
    """Keep an archive, and leave the next look for what has been kept long enough, where there is an end to keeping."""
    if not archive.retention_days:
        ARCHIVES.put(here.tx, archive, archive.name)
        return
    due = here.now() + LOOK_S
    ARCHIVES.put(here.tx, msgspec.structs.replace(archive, looks_s=due), archive.name)
    here.later("events.expire", {"archive": archive.name, "id": archive.id, "due": due}, due)


async def expire(here: Here, payload: Json) -> None:
    """Work: hourly, while the archive is there and has a retention period."""
    await here.transact(lambda here: _expire(here, payload))


def _expire(here: Here, payload: Json) -> None:
    archive = ARCHIVES.find(here.tx, payload["archive"])
    if archive is None or archive.id != payload["id"] or archive.looks_s != payload["due"]:
        return  # it is gone, or this look was done before
    if archive.retention_days:
        archive = drop(here.tx, archive, int((here.now() - archive.retention_days * DAY_S) * 1000))
    expire_later(here, archive)


def drop(tx: Transaction, archive: Archive, until_ms: int) -> Archive:
    """Drop what came before a time; the archive as it then is."""
    events, size_bytes = archive.events, archive.size_bytes
    for key in _first_kept(tx, archive.id, until_ms):
        where = ("events", "archived", *key[2:3], *key[4:])
        raw = tx.get(where)
        if raw is not None:
            events, size_bytes = events - 1, size_bytes - len(msgspec.json.encode(_archived.decode(raw).event))
        tx.delete(where)
        tx.delete(key)
    return msgspec.structs.replace(archive, events=events, size_bytes=size_bytes)


def _first_kept(tx: Transaction, archive_id: str, until_ms: int) -> list[Key]:
    place = ("events", "archived-at", archive_id)
    return [key for key, _ in takewhile(lambda pair: int(pair[0][3]) < until_ms, tx.prefix(place))]


async def empty(here: Here, payload: Json) -> None:
    """Work: an archive was deleted; so is, a page at a time, what it kept."""
    while await here.transact(lambda here: _emptied(here.tx, payload["id"])):
        continue


def _emptied(tx: Transaction, archive_id: str) -> bool:
    found = False
    for kind in ("archived", "archived-at"):
        for key, _ in islice(tx.prefix(("events", kind, archive_id)), EMPTIED_AT_ONCE):
            tx.delete(key)
            found = True
    return found


def page_of(tx: Transaction, replay: Replay) -> list[tuple[int, str, Json]]:
    """The next events of a replay."""
    return list(islice(between(tx, replay.archive_id, replay.after, int(replay.end_s * 1000)), PAGE_EVENTS))
