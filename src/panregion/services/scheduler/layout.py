"""Where EventBridge Scheduler keeps things.

    ("scheduler", "group", name)              -> Group
    ("scheduler", "schedule", group, name)    -> Schedule
    ("scheduler", "ticked", schedule's id)    -> when the last tick that was done was due, epoch seconds

The default group is there without being kept.
"""

import msgspec

from panregion.services.scheduler.errors import no_group, no_schedule
from panregion.services.scheduler.model import DEFAULT, Group, Schedule
from panregion.store import Transaction

_group = msgspec.msgpack.Decoder(Group)
_schedule = msgspec.msgpack.Decoder(Schedule)


def find_group(tx: Transaction, name: str) -> Group | None:
    raw = tx.get(("scheduler", "group", name))
    if raw is None:
        return Group(name=DEFAULT, created_s=0.0, modified_s=0.0) if name == DEFAULT else None
    return _group.decode(raw)


def require_group(tx: Transaction, name: str) -> Group:
    """Raises ResourceNotFoundException."""
    found = find_group(tx, name)
    if found is None:
        raise no_group(name)
    return found


def put_group(tx: Transaction, group: Group) -> None:
    tx.put(("scheduler", "group", group.name), msgspec.msgpack.encode(group))


def groups(tx: Transaction) -> list[Group]:
    """All, by name."""
    kept = {group.name: group for group in (_group.decode(raw) for raw in tx.values(("scheduler", "group")))}
    return [group for _, group in sorted({DEFAULT: require_group(tx, DEFAULT), **kept}.items())]


def find_schedule(tx: Transaction, group: str, name: str) -> Schedule | None:
    raw = tx.get(("scheduler", "schedule", group, name))
    return None if raw is None else _schedule.decode(raw)


def require_schedule(tx: Transaction, group: str, name: str) -> Schedule:
    """Raises ResourceNotFoundException."""
    require_group(tx, group)
    found = find_schedule(tx, group, name)
    if found is None:
        raise no_schedule(name)
    return found


def put_schedule(tx: Transaction, schedule: Schedule) -> None:
    tx.put(("scheduler", "schedule", schedule.group, schedule.name), msgspec.msgpack.encode(schedule))


def delete_schedule(tx: Transaction, schedule: Schedule) -> None:
    tx.delete(("scheduler", "schedule", schedule.group, schedule.name))
    tx.delete(("scheduler", "ticked", schedule.id))


def schedules(tx: Transaction, group: str | None = None) -> list[Schedule]:
    """Of one group, or of all, by group and name."""
    place = ("scheduler", "schedule") if group is None else ("scheduler", "schedule", group)
    return [_schedule.decode(raw) for raw in tx.values(place)]
