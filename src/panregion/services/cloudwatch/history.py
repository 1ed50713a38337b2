"""What happened to alarms: made and changed, set to another state, actions carried out. Kept for thirty days."""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from panregion.services.cloudwatch import layout
from panregion.services.cloudwatch.model import Alarm
from panregion.services.here import Here

KEPT_S = 30 * 86_400
Kind = Literal["ConfigurationUpdate", "StateUpdate", "Action"]


class Item(msgspec.Struct, frozen=True):
    """One entry; `data` is JSON."""

    name: str
    at: float
    kind: Kind
    summary: str
    data: str

    def describe(self) -> dict[str, Any]:
        """As AlarmHistoryItems has it."""
        return {
            "AlarmName": self.name,
            "AlarmType": "MetricAlarm",
            "Timestamp": self.at,
            "HistoryItemType": self.kind,
            "HistorySummary": self.summary,
            "HistoryData": self.data,
        }


def _add(here: Here, item: Item) -> None:
    """Keep it, and forget what is too old."""
    for key, value in list(here.tx.prefix((layout.SPACE, "history"))):
        if msgspec.msgpack.decode(value, type=Item).at >= here.now() - KEPT_S:
            break
        here.tx.delete(key)
    here.tx.put((layout.SPACE, "history", item.at, here.world.chance.uuid()), msgspec.msgpack.encode(item))


def _data(**members: Any) -> str:
    return msgspec.json.encode({"version": "1.0", **members}).decode()


def configured(here: Here, name: str, what: Literal["Create", "Update", "Delete"], config: dict[str, Any]) -> None:
    """An alarm was made, changed or deleted."""
    summary = f'Alarm "{name}" {what.lower()}d'
    _add(here, Item(name, here.now(), "ConfigurationUpdate", summary, _data(type=what, updatedAlarm=config)))


def turned(here: Here, before: Alarm, after: Alarm) -> None:
    """An alarm is in another state."""
    summary = f"Alarm updated from {before.state} to {after.state}"
    states = {
        side: {"stateValue": alarm.state, "stateReason": alarm.reason}
        for side, alarm in (("oldState", before), ("newState", after))
    }
    _add(here, Item(after.name, here.now(), "StateUpdate", summary, _data(**states)))


def acted(here: Here, alarm: Alarm, action: str) -> None:
    """An action was carried out."""
    told = _data(
        actionState="Succeeded", stateUpdateTimestamp=int(alarm.updated_at * 1000), notificationResource=action
    )
    _add(here, Item(alarm.name, here.now(), "Action", f"Successfully executed action {action}", told))


def items(here: Here) -> Iterator[Item]:
    """Everything, oldest first."""
    for _, value in here.tx.prefix((layout.SPACE, "history")):
        yield msgspec.msgpack.decode(value, type=Item)
