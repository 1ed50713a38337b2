"""Where CloudWatch keeps things.

    ("cloudwatch", "alarm", name)  -> Alarm
    ("cloudwatch", "tags", arn)    -> {key: value}
    ("cloudwatch", "history", when, id)  -> Item (history.py), in the order in which things happened
    ("cloudwatch", "epoch")        -> names this store, for those that follow (services/following.py)

Every change of an alarm's state, and its end, is published to the feed in the same transaction.
"""

from collections.abc import Iterator

import msgspec

from panregion.services.cloudwatch.errors import ResourceNotFound
from panregion.services.cloudwatch.model import FEED, Alarm, StateChange, States
from panregion.services.here import Here

SPACE = "cloudwatch"

_alarms = msgspec.msgpack.Decoder(Alarm)


def find(here: Here, name: str) -> Alarm | None:
    value = here.tx.get((SPACE, "alarm", name))
    return None if value is None else _alarms.decode(value)


def require(here: Here, name: str) -> Alarm:
    """Raises ResourceNotFound."""
    alarm = find(here, name)
    if alarm is None:
        raise ResourceNotFound(f"Unknown alarm name: {name}")
    return alarm


def put(here: Here, alarm: Alarm) -> None:
    here.tx.put((SPACE, "alarm", alarm.name), msgspec.msgpack.encode(alarm))
    here.publish(FEED, msgspec.msgpack.encode(StateChange(alarm.name, alarm.state)))


def delete(here: Here, name: str) -> None:
    here.tx.delete((SPACE, "alarm", name))
    here.tx.delete((SPACE, "tags", arn(here, name)))
    here.publish(FEED, msgspec.msgpack.encode(StateChange(name)))


def everything(here: Here, after: str = "") -> Iterator[Alarm]:
    """All alarms by name, those behind `after` if one is given."""
    for value in here.tx.values((SPACE, "alarm"), after=(SPACE, "alarm", after) if after else None):
        yield _alarms.decode(value)


def states(here: Here) -> bytes:
    """All alarms' states, for those that follow."""
    return msgspec.msgpack.encode(States({alarm.name: alarm.state for alarm in everything(here)}))


def tags(here: Here, arn: str) -> dict[str, str]:
    value = here.tx.get((SPACE, "tags", arn))
    return {} if value is None else msgspec.msgpack.decode(value, type=dict[str, str])


def put_tags(here: Here, arn: str, tags: dict[str, str]) -> None:
    here.tx.put((SPACE, "tags", arn), msgspec.msgpack.encode(tags))


def arn(here: Here, name: str) -> str:
    return here.arn("cloudwatch", f"alarm:{name}")
