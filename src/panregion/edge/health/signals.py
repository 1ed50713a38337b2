"""What tells a health check its state where no checker does: CloudWatch alarms and routing controls.

Alarms are followed in each region that some check names (`Alarms.follow`); what is not known, because the region has
not answered yet or the alarm is gone, counts as insufficient data. Routing controls' states come from the data plane
that follows them.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from panregion.services.cloudwatch.model import StateChange, States
from panregion.services.route53.model import HealthCheck


class Signals(Protocol):
    """Where the states come from."""

    def alarm(self, region: str, name: str) -> str | None:
        """An alarm's state (OK, ALARM, INSUFFICIENT_DATA); None where no such alarm is known."""

    def control(self, arn: str) -> bool | None:
        """Whether a routing control is on; None where it is not known."""


class Silence:
    """No alarms, no routing controls."""

    def alarm(self, _region: str, _name: str) -> str | None:
        return None

    def control(self, _arn: str) -> bool | None:
        return None


class AlarmBook:
    """The alarms of one region, as the edge follows them."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}

    def load(self, snapshot: bytes) -> None:
        """Forget everything else. Raises msgspec.DecodeError."""
        self.states = dict(msgspec.msgpack.decode(snapshot, type=States).states)

    def apply(self, record: bytes) -> None:
        """One alarm's change. Raises msgspec.DecodeError."""
        change = msgspec.msgpack.decode(record, type=StateChange)
        if change.state is None:
            self.states.pop(change.name, None)
        else:
            self.states[change.name] = change.state

    def snapshot(self) -> bytes:
        """All states, to be kept."""
        return msgspec.msgpack.encode({"states": self.states})


Follow = Callable[[str, AlarmBook], None]
"""Begin to follow a region's alarms."""
Control = Callable[[str], bool | None]


class Followed:
    """Signals as the edge has them: alarms by region, routing controls from `control`."""

    def __init__(self, follow: Follow, control: Control) -> None:
        self._follow = follow
        self.control = control
        self._books: dict[str, AlarmBook] = {}

    def require(self, checks: Iterable[HealthCheck]) -> None:
        """Follow every region in which one of the checks' alarms is."""
        for check in checks:
            if check.config["Type"] == "CLOUDWATCH_METRIC":
                region = check.config["AlarmIdentifier"]["Region"]
                if region not in self._books:
                    book = self._books[region] = AlarmBook()
                    self._follow(region, book)

    def alarm(self, region: str, name: str) -> str | None:
        """An alarm's state, if it is known."""
        book = self._books.get(region)
        return book.states.get(name) if book else None
