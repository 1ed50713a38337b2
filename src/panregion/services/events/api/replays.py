"""Replays of archives."""

from datetime import datetime
from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.events import archives, layout
from panregion.services.events.api.archives import archive_arn, bus_at, one_filter
from panregion.services.events.archives import ARCHIVES, REPLAYS, Replay
from panregion.services.events.errors import (
    IllegalStatusException,
    LimitExceededException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ValidationException,
)
from panregion.services.events.names import page

Json = dict[str, Any]

REPLAYS_MAX = 10
"""That run at a time."""


def replay_arn(here: Here, name: str) -> str:
    return here.arn("events", f"replay/{name}")


def start_replay(
    here: Here,
    replay_name: str,
    event_source_arn: str,
    event_start_time: Any,
    event_end_time: Any,
    destination: Json,
    description: str | None = None,
) -> Json:
    if REPLAYS.find(here.tx, replay_name) is not None:
        raise ResourceAlreadyExistsException(f"Replay {replay_name} already exists.")
    bus = bus_at(here, destination["Arn"], "Destination.Arn")
    archive = ARCHIVES.require(here.tx, event_source_arn.rpartition("/")[2])
    if event_source_arn != archive_arn(here, archive.name):
        raise ResourceNotFoundException(f"Archive {event_source_arn} does not exist.")
    if bus != archive.bus:
        reason = "Cross event bus replay is not permitted."
        raise ValidationException(f"Parameter Destination.Arn is not valid. Reason: {reason}")
    start_s, end_s = _seconds(event_start_time), _seconds(event_end_time)
    if start_s >= end_s:
        reason = "EventStartTime must be before EventEndTime."
        raise ValidationException(f"Parameter EventEndTime is not valid. Reason: {reason}")
    rule_arns = tuple(destination.get("FilterArns") or ())
    for arn in rule_arns:
        _require_rule(here, bus, arn)
    if sum(one.state in archives.RUNNING for one in REPLAYS.all(here.tx)) >= REPLAYS_MAX:
        raise LimitExceededException("The requested resource exceeds the maximum number allowed.")
    replay = Replay(
        name=replay_name,
        id=here.world.chance.uuid(),
        archive_arn=event_source_arn,
        archive_id=archive.id,
        bus=bus,
        bus_arn=destination["Arn"],
        start_s=start_s,
        end_s=end_s,
        started_s=here.now(),
        description=description,
        rule_arns=rule_arns,
        after=(max(0, int(start_s * 1000)), ""),
    )
    REPLAYS.put(here.tx, replay, replay.name)
    here.later("events.replay", {"replay": replay.name, "id": replay.id, "after": replay.after})
    return {"ReplayArn": replay_arn(here, replay_name), "State": replay.state, "ReplayStartTime": replay.started_s}


def _seconds(moment: Any) -> float:
    return moment.timestamp() if isinstance(moment, datetime) else float(moment)


def _require_rule(here: Here, bus: str, arn: str) -> None:
    if not any(arn == here.arn("events", rule.resource) for rule in layout.rules(here.tx, bus)):
        raise ValidationException(f"Parameter Destination.FilterArns is not valid. Reason: {arn} is no rule of {bus}.")


def cancel_replay(here: Here, replay_name: str) -> Json:
    replay = REPLAYS.require(here.tx, replay_name)
    if replay.state not in archives.RUNNING:
        raise IllegalStatusException(f"Replay {replay_name} is not in a valid state for this operation.")
    changed = msgspec.structs.replace(replay, state="CANCELLING")
    REPLAYS.put(here.tx, changed, changed.name)
    return {"ReplayArn": replay_arn(here, replay_name), "State": changed.state}


@reads
def describe_replay(here: Here, replay_name: str) -> Json:
    replay = REPLAYS.require(here.tx, replay_name)
    destination: Json = {"Arn": replay.bus_arn}
    if replay.rule_arns:
        destination["FilterArns"] = list(replay.rule_arns)
    shown = {**_replay_listed(replay), "ReplayArn": replay_arn(here, replay_name), "Destination": destination}
    return shown if replay.description is None else {**shown, "Description": replay.description}


def _replay_listed(replay: Replay) -> Json:
    shown = {
        "ReplayName": replay.name,
        "EventSourceArn": replay.archive_arn,
        "State": replay.state,
        "StateReason": replay.reason,
        "EventStartTime": replay.start_s,
        "EventEndTime": replay.end_s,
        "EventLastReplayedTime": replay.last_s,
        "ReplayStartTime": replay.started_s,
        "ReplayEndTime": replay.ended_s,
    }
    return {name: value for name, value in shown.items() if value is not None}


@reads
def list_replays(
    here: Here,
    name_prefix: str | None = None,
    state: str | None = None,
    event_source_arn: str | None = None,
    next_token: str | None = None,
    limit: int | None = None,
) -> Json:
    one_filter("ListReplays", name_prefix, event_source_arn, state)
    found = [
        one
        for one in REPLAYS.all(here.tx)
        if one.name.startswith(name_prefix or "")
        and event_source_arn in (None, one.archive_arn)
        and state in (None, one.state)
    ]
    shown = [_replay_listed(one) for one in found]
    return page(shown, [one.name for one in found], "Replays", next_token, limit)
