"""What a region has still to do, as a plain value: dead letters first, then what has failed before, then the rest."""

from itertools import islice
from typing import Any

import msgspec

from panregion.store import Store, Transaction, Work

LISTED_MAX = 200
READ_MAX = 10_000
PAYLOAD_SHOWN = 200


def listing(store: Store, region: str, now: float) -> list[dict[str, Any]]:
    """At most LISTED_MAX pieces of work; `due_in_s` is negative for what waits for its turn."""

    def read(tx: Transaction) -> list[dict[str, Any]]:
        dead = [_told(region, raw, now, dead=True) for raw in islice(tx.values(("dead-work",)), READ_MAX)]
        waiting = [_told(region, raw, now, dead=False) for raw in islice(tx.values(("work",)), READ_MAX)]
        waiting.sort(key=lambda one: one["attempts"] == 0)
        return [*dead, *waiting][:LISTED_MAX]

    return store.read(read)


def _told(region: str, raw: bytes, now: float, *, dead: bool) -> dict[str, Any]:
    work = msgspec.json.decode(raw, type=Work)
    return {
        "region": region,
        "kind": work.kind,
        "state": "dead" if dead else "retried" if work.attempts else "waiting",
        "due_in_s": None if dead else round(work.due - now, 3),
        "attempts": work.attempts,
        "reason": work.reason,
        "payload": bytes(work.payload).decode()[:PAYLOAD_SHOWN],
    }
