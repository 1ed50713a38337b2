"""Health checks that follow alarms and routing controls instead of checkers."""

from typing import Any

import msgspec
import pytest

from panregion.edge.health import Followed, Held, Monitor, Outcome
from panregion.edge.health.signals import AlarmBook
from panregion.services.cloudwatch.model import StateChange, States
from panregion.services.route53.model import HealthCheck
from panregion.world import ManualClock, SeededChance, World
from tests.edge.support import check

ARN = "arn:aws:route53-recovery-control::000000000000:controlpanel/p/routingcontrol/c"


class Told:
    """Alarms and controls that a test sets."""

    def __init__(self) -> None:
        self.alarms: dict[tuple[str, str], str] = {}
        self.controls: dict[str, bool] = {}

    def alarm(self, region: str, name: str) -> str | None:
        return self.alarms.get((region, name))

    def control(self, arn: str) -> bool | None:
        return self.controls.get(arn)


async def never(check: HealthCheck, site: str) -> Outcome:
    raise AssertionError(f"{check.id} was probed from {site}")


def monitor(told: Told) -> Monitor:
    return Monitor(World(ManualClock(), SeededChance(1)), never, signals=told)


def alarmed(id: str = "a", **config: Any) -> HealthCheck:
    alarm = {"Region": "eu-west-1", "Name": "errors"}
    return check(id, Type="CLOUDWATCH_METRIC", AlarmIdentifier=alarm, **config)


def controlled(id: str = "c", **config: Any) -> HealthCheck:
    return check(id, Type="RECOVERY_CONTROL", RoutingControlArn=ARN, **config)


@pytest.mark.parametrize(
    ("state", "without_data", "healthy"),
    [
        ("OK", "Unhealthy", True),
        ("ALARM", "Healthy", False),
        ("INSUFFICIENT_DATA", "Healthy", True),
        ("INSUFFICIENT_DATA", "Unhealthy", False),
        (None, "Unhealthy", False),
        (None, "LastKnownStatus", True),
    ],
)
async def test_a_check_is_what_its_alarm_says(state: str | None, without_data: str, healthy: bool) -> None:
    told = Told()
    if state:
        told.alarms["eu-west-1", "errors"] = state
    watching = monitor(told)
    watching.follow(
        {
            "a": alarmed(InsufficientDataHealthStatus=without_data),
            "i": alarmed("i", InsufficientDataHealthStatus=without_data, Inverted=True),
            "d": alarmed("d", Disabled=True),
        }
    )
    assert watching.healthy("a") is healthy
    assert watching.healthy("i") is not healthy
    assert watching.healthy("d")


async def test_last_known_is_what_it_was_before_the_data_ended_also_after_a_restart() -> None:
    told = Told()
    watching = monitor(told)
    checks = {"a": alarmed(), "parent": check("parent", Type="CALCULATED", ChildHealthChecks=["a"], HealthThreshold=1)}
    watching.follow(checks)
    told.alarms["eu-west-1", "errors"] = "ALARM"
    watching.review()
    assert not watching.healthy("a")
    assert not watching.healthy("parent")
    told.alarms["eu-west-1", "errors"] = "INSUFFICIENT_DATA"
    watching.review()
    assert not watching.healthy("a")
    again = monitor(Told())
    again.remember(msgspec.msgpack.decode(msgspec.msgpack.encode(watching.held), type=Held))
    again.follow(checks)
    assert not again.healthy("a")
    whys = [entry["why"] for entry in watching.transitions.after(0)]
    assert whys == [
        "the alarm errors in eu-west-1 is in state ALARM",
        "0 of 1 child checks are healthy, 1 needed",
    ]


async def test_a_routing_control_that_is_on_is_healthy() -> None:
    told = Told()
    watching = monitor(told)
    watching.follow({"c": controlled(), "i": controlled("i", Inverted=True)})
    assert not watching.healthy("c"), "a control is off until it is switched on"
    assert watching.healthy("i")
    told.controls[ARN] = True
    watching.review()
    assert watching.healthy("c")
    assert not watching.healthy("i")
    told.controls.clear()
    watching.review()
    assert watching.healthy("c"), "what is not known any more is as it was"
    shown = watching.describe("c")
    assert shown is not None
    assert shown["why"] == "the routing control is unknown"
    assert shown["checkers"] == []


def test_each_region_with_an_alarm_is_followed_once() -> None:
    books: dict[str, AlarmBook] = {}
    signals = Followed(books.__setitem__, lambda _arn: None)
    signals.require([alarmed(), alarmed("b"), controlled(), check("http")])
    assert list(books) == ["eu-west-1"]
    assert signals.alarm("eu-west-1", "errors") is None
    books["eu-west-1"].load(msgspec.msgpack.encode(States({"errors": "ALARM", "other": "OK"})))
    assert signals.alarm("eu-west-1", "errors") == "ALARM"
    books["eu-west-1"].apply(msgspec.msgpack.encode(StateChange("errors", "OK")))
    assert signals.alarm("eu-west-1", "errors") == "OK"
    books["eu-west-1"].apply(msgspec.msgpack.encode(StateChange("errors")))
    assert signals.alarm("eu-west-1", "errors") is None
    again = AlarmBook()
    again.load(books["eu-west-1"].snapshot())
    assert again.states == {"other": "OK"}
    assert signals.alarm("us-east-1", "errors") is None
