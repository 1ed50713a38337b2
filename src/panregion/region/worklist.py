"""What a region has still to do, as a plain value: dead letters first, then what has failed before, then the rest."""

from collections.abc import Collection
from itertools import islice
from typing import Any

import msgspec

from panregion.store import Store, Transaction, Work

LISTED_MAX = 200
READ_MAX = 10_000
PAYLOAD_SHOWN = 200
ABOUT = ("function", "topic", "target", "queue", "rule", "pipe", "schedule", "stack", "table", "name")
"""Members of payloads that say what a piece of work is about, the most telling first."""


def listing(store: Store, region: str, now: float, running: Collection[int] = ()) -> list[dict[str, Any]]:
    """At most LISTED_MAX pieces of work; `due_in_s` is negative for what waits for its turn. `running` are the ids of
    those that are being carried out."""

    def read(tx: Transaction) -> list[dict[str, Any]]:
        dead = [_told(region, raw, now, dead=True) for raw in islice(tx.values(("dead-work",)), READ_MAX)]
        waiting = [_told(region, raw, now, running=running) for raw in islice(tx.values(("work",)), READ_MAX)]
        waiting.sort(key=lambda one: one["attempts"] == 0)
        return [*dead, *waiting][:LISTED_MAX]

    return store.read(read)


def about(payload: Any) -> str:
    """What a piece of work is about, in a word: a name or an ARN's last part; empty where its payload does not say."""
    if not isinstance(payload, dict):
        return ""
    for name in ABOUT:
        value = payload.get(name)
        if isinstance(value, dict):  # a rule's target, as PutTargets had it
            value = value.get("Arn")
        if isinstance(value, str) and value:
            return value.rpartition(":")[2]
    return ""


def _told(region: str, raw: bytes, now: float, *, dead: bool = False, running: Collection[int] = ()) -> dict[str, Any]:
    work = msgspec.json.decode(raw, type=Work)
    waiting = "retried" if work.attempts else "waiting"
    return {
        "region": region,
        "kind": work.kind,
        "state": "dead" if dead else "running" if work.id in running else waiting,
        "due_in_s": None if dead else round(work.due - now, 3),
        "attempts": work.attempts,
        "reason": work.reason,
        "about": about(msgspec.json.decode(work.payload)),
        "payload": bytes(work.payload).decode()[:PAYLOAD_SHOWN],
    }
