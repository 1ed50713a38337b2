"""Where Region switch keeps things.

In the home region:
("region-switch", "plan", arn)                -> Plan

In each of a plan's two regions:
("region-switch", "copy", arn)                -> Plan, as it was last told
("region-switch", "execution", id)            -> Execution, where it runs
("region-switch", "event", id, number)        -> Event
("region-switch", "turned", switch's ARN)     -> Turned; each change also goes into the feed, for the edge
"""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from panregion.services.arc_region_switch.engine import Turn
from panregion.services.arc_region_switch.errors import ResourceNotFoundException
from panregion.services.arc_region_switch.model import Event, Execution, Plan, Switch, Turned, switches
from panregion.services.following import Followed
from panregion.services.here import Here

T = TypeVar("T")

SPACE = "region-switch"
STEP, EXPIRE, HEALTH = "arc-region-switch.step", "arc-region-switch.expire", "arc-region-switch.health"
SHARE, TELL = "arc-region-switch.share", "arc-region-switch.tell"
SECONDS_PER_MINUTE = 60
TIMEOUT_MINUTES = 60
"""Of a step that names none."""

_encode = msgspec.msgpack.Encoder().encode


def _decode(value: bytes | None, type: type[T]) -> T | None:
    return None if value is None else msgspec.msgpack.decode(value, type=type)


def snapshot(here: Here) -> bytes:
    """Every switch's state, as the edge follows it: MessagePack of a list of Turned."""
    return _encode([msgspec.msgpack.decode(value, type=Turned) for _, value in here.tx.prefix((SPACE, "turned"))])


FOLLOWED = Followed("arc-region-switch", snapshot)


def plan(here: Here, arn: str) -> Plan:
    """A plan in the home region. Raises ResourceNotFoundException."""
    found = _decode(here.tx.get((SPACE, "plan", arn)), Plan)
    if found is None:
        raise ResourceNotFoundException(f"No plan was found with the ARN {arn}")
    return found


def plans(here: Here, place: str = "plan") -> list[Plan]:
    """All plans (or copies) in the order of their ARNs."""
    return [msgspec.msgpack.decode(value, type=Plan) for _, value in here.tx.prefix((SPACE, place))]


def put_plan(here: Here, changed: Plan) -> None:
    """Keep a plan, and have its regions told."""
    here.tx.put((SPACE, "plan", changed.arn), _encode(changed))
    here.later(SHARE, {"arn": changed.arn})


def delete_plan(here: Here, gone: Plan) -> None:
    here.tx.delete((SPACE, "plan", gone.arn))
    here.later(SHARE, {"arn": gone.arn, "regions": gone.regions, "checks": list(gone.checks.values())})


def copy(here: Here, arn: str) -> Plan:
    """The copy that this region has. Raises ResourceNotFoundException."""
    found = _decode(here.tx.get((SPACE, "copy", arn)), Plan)
    if found is None:
        raise ResourceNotFoundException(f"No plan was found with the ARN {arn} in {here.region}")
    return found


def put_copy(here: Here, arn: str, told: Plan | None) -> None:
    """Take over a plan as the home region told it; an older one changes nothing."""
    if told is None:
        here.tx.delete((SPACE, "copy", arn))
        return
    known = _decode(here.tx.get((SPACE, "copy", arn)), Plan)
    if known is not None and (known.version, known.updated_at) > (told.version, told.updated_at):
        return
    here.tx.put((SPACE, "copy", arn), _encode(told))
    for switch in switches(told):
        if turned(here, switch.arn) is None:
            put_turned(here, Turned(switch.arn, switch.on, 0.0))


def execution(here: Here, plan_arn: str, execution_id: str) -> Execution:
    """Raises ResourceNotFoundException."""
    found = _decode(here.tx.get((SPACE, "execution", execution_id)), Execution)
    if found is None or found.plan.arn != plan_arn:
        raise ResourceNotFoundException(f"The plan has no execution {execution_id} in {here.region}")
    return found


def executions(here: Here, plan_arn: str) -> list[Execution]:
    """A plan's executions in this region, the latest first."""
    found = [msgspec.msgpack.decode(value, type=Execution) for _, value in here.tx.prefix((SPACE, "execution"))]
    own = [each for each in found if each.plan.arn == plan_arn]
    return sorted(own, key=lambda each: each.started_at, reverse=True)


def events(here: Here, execution_id: str) -> list[Event]:
    return [msgspec.msgpack.decode(v, type=Event) for _, v in here.tx.prefix((SPACE, "event", execution_id))]


def take_turn(here: Here, execution: Execution, happen: Callable[[Turn], Any]) -> Execution:
    """Let something happen to an execution; keep what came of it and leave the work that follows."""
    turn = Turn(execution, here.now())
    happen(turn)
    after = msgspec.structs.replace(turn.execution, events=execution.events + len(turn.events))
    here.tx.put((SPACE, "execution", after.id), _encode(after))
    for number, event in enumerate(turn.events, execution.events + 1):
        here.tx.put((SPACE, "event", after.id, number), _encode(event))
    for name in turn.to_run:
        step = after.step(name)
        assert step is not None
        what = {"plan_arn": after.plan.arn, "execution_id": after.id, "step": name, "run": step.run}
        if step.block != "ManualApproval":
            here.later(STEP, what)
        limit = step.config.get("timeoutMinutes", TIMEOUT_MINUTES)
        if step.block != "ManualApproval" or "timeoutMinutes" in step.config:
            here.later(EXPIRE, what, here.now() + limit * SECONDS_PER_MINUTE)
    if turn.watch_health:
        here.later(HEALTH, {"plan_arn": after.plan.arn, "execution_id": after.id})
    return after


def turned(here: Here, arn: str) -> Turned | None:
    return _decode(here.tx.get((SPACE, "turned", arn)), Turned)


def put_turned(here: Here, change: Turned) -> bool:
    """Keep a switch's state unless a later one is known; whether it was kept."""
    known = turned(here, change.arn)
    if known is not None and known.at >= change.at:
        return False
    here.tx.put((SPACE, "turned", change.arn), _encode(change))
    here.publish(FOLLOWED.feed, _encode(change))
    return True


def turn(here: Here, plan: Plan, switch: Switch, on: bool) -> None:
    """Turn a health check here, and have the plan's other region told."""
    change = Turned(switch.arn, on, here.now())
    if put_turned(here, change) and here.region in plan.regions:
        told = {"arn": change.arn, "on": change.on, "at": change.at}
        here.later(TELL, {"region": plan.other(here.region), "turned": told})
