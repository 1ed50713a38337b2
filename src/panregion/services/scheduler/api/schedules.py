"""Schedules."""

from datetime import datetime
from typing import Any

from panregion.languages.schedules import ScheduleError, parse_zone
from panregion.services import Here, reads
from panregion.services.scheduler import layout
from panregion.services.scheduler.api.pages import PAGE, page
from panregion.services.scheduler.errors import ConflictException, ValidationException
from panregion.services.scheduler.model import DEFAULT, Schedule, timetable
from panregion.services.scheduler.targets import check
from panregion.services.scheduler.work import A_MOMENT_S, tick_later

Json = dict[str, Any]

STARTED_BEFORE_MAX_S = 300.0


def create_schedule(
    here: Here,
    name: str,
    schedule_expression: str,
    target: Json,
    flexible_time_window: Json,
    group_name: str = DEFAULT,
    client_token: str | None = None,
    schedule_expression_timezone: str = "UTC",
    start_date: Any = None,
    end_date: Any = None,
    description: str | None = None,
    state: str = "ENABLED",
    kms_key_arn: str | None = None,
    action_after_completion: str = "NONE",
) -> Json:
    """The same client token again means the same request: it has been done."""
    group = layout.require_group(here.tx, group_name)
    if group.state == "DELETING":
        raise ConflictException(f"Schedule group {group_name} is being deleted.")
    known = layout.find_schedule(here.tx, group_name, name)
    if known is not None:
        if client_token is not None and known.token == client_token:
            return {"ScheduleArn": here.arn("scheduler", known.resource)}
        raise ConflictException(f"Schedule {name} already exists.")
    schedule = _asked_for(
        here,
        *(name, group_name, schedule_expression, schedule_expression_timezone, start_date, end_date),
        *(target, flexible_time_window, state, action_after_completion, description, kms_key_arn),
        created_s=here.now(),
        token=client_token,
    )
    layout.put_schedule(here.tx, schedule)
    tick_later(here, schedule, schedule.created_s - A_MOMENT_S)  # the clock has moved on since: it would be too late
    return {"ScheduleArn": here.arn("scheduler", schedule.resource)}


def _asked_for(
    here: Here,
    name: str,
    group: str,
    expression: str,
    zone: str,
    start_date: Any,
    end_date: Any,
    target: Json,
    window: Json,
    state: str,
    after: str,
    description: str | None,
    key: str | None,
    *,
    created_s: float,
    token: str | None,
) -> Schedule:
    """The schedule that a request describes, whole. Raises ValidationException, Unsupported."""
    start_s, end_s = _seconds(start_date), _seconds(end_date)
    schedule = Schedule(
        group=group,
        name=name,
        id=here.world.chance.uuid(),
        expression=expression,
        target=target,
        created_s=created_s,
        modified_s=here.now(),
        zone=zone,
        start_s=start_s,
        end_s=end_s,
        window_minutes=_window(window),
        enabled=state == "ENABLED",
        description=description,
        deletes_itself=after == "DELETE",
        key=key,
        token=token,
    )
    _check_times(here, expression, zone, start_s, end_s)
    check(here, target)
    return schedule


def _seconds(moment: Any) -> float | None:
    return moment.timestamp() if isinstance(moment, datetime) else None if moment is None else float(moment)


def _window(window: Json) -> int:
    minutes: int = window.get("MaximumWindowInMinutes", 0)
    if (window["Mode"] == "FLEXIBLE") is not bool(minutes):
        wrong = "must be provided for" if window["Mode"] == "FLEXIBLE" else "is not supported by"
        raise ValidationException(f"MaximumWindowInMinutes {wrong} flexible time window mode {window['Mode']}.")
    return minutes


def _check_times(here: Here, expression: str, zone: str, start_s: float | None, end_s: float | None) -> None:
    try:
        parse_zone(zone)
    except ScheduleError as error:
        raise ValidationException(f"Invalid Schedule Expression Timezone {zone}.") from error
    try:
        found = timetable(expression, zone, start_s, end_s)
    except ScheduleError as error:
        raise ValidationException(f"Invalid Schedule Expression {expression}.") from error
    if found.once:
        return  # a beginning and an end mean nothing to it
    if start_s is not None and start_s < here.now() - STARTED_BEFORE_MAX_S:
        raise ValidationException("The StartDate you specify cannot be earlier than 5 minutes ago.")
    if end_s is not None and end_s <= here.now():
        raise ValidationException("The EndDate you specify cannot be earlier than the current time.")
    if start_s is not None and end_s is not None and start_s >= end_s:
        raise ValidationException("The StartDate must come before the EndDate.")


def update_schedule(
    here: Here,
    name: str,
    schedule_expression: str,
    target: Json,
    flexible_time_window: Json,
    group_name: str = DEFAULT,
    client_token: str | None = None,  # noqa: ARG001 - doing it again changes nothing
    schedule_expression_timezone: str = "UTC",
    start_date: Any = None,
    end_date: Any = None,
    description: str | None = None,
    state: str = "ENABLED",
    kms_key_arn: str | None = None,
    action_after_completion: str = "NONE",
) -> Json:
    """What is not given takes its default, not what it was."""
    before = layout.require_schedule(here.tx, group_name, name)
    schedule = _asked_for(
        here,
        *(name, group_name, schedule_expression, schedule_expression_timezone, start_date, end_date),
        *(target, flexible_time_window, state, action_after_completion, description, kms_key_arn),
        created_s=before.created_s,
        token=before.token,
    )
    here.tx.delete(("scheduler", "ticked", before.id))
    layout.put_schedule(here.tx, schedule)
    tick_later(here, schedule, here.now())
    return {"ScheduleArn": here.arn("scheduler", schedule.resource)}


def delete_schedule(
    here: Here,
    name: str,
    group_name: str = DEFAULT,
    client_token: str | None = None,  # noqa: ARG001 - what is gone is not found, with AWS, too
) -> Json:
    layout.delete_schedule(here.tx, layout.require_schedule(here.tx, group_name, name))
    return {}


@reads
def get_schedule(here: Here, name: str, group_name: str = DEFAULT) -> Json:
    schedule = layout.require_schedule(here.tx, group_name, name)
    window: Json = {"Mode": "FLEXIBLE" if schedule.window_minutes else "OFF"}
    if schedule.window_minutes:
        window["MaximumWindowInMinutes"] = schedule.window_minutes
    shown = {
        **_listed(here, schedule),
        "ScheduleExpression": schedule.expression,
        "ScheduleExpressionTimezone": schedule.zone,
        "StartDate": schedule.start_s,
        "EndDate": schedule.end_s,
        "Description": schedule.description,
        "KmsKeyArn": schedule.key,
        "Target": schedule.target,
        "FlexibleTimeWindow": window,
        "ActionAfterCompletion": "DELETE" if schedule.deletes_itself else "NONE",
    }
    return {key: value for key, value in shown.items() if value is not None}


def _listed(here: Here, schedule: Schedule) -> Json:
    return {
        "Arn": here.arn("scheduler", schedule.resource),
        "Name": schedule.name,
        "GroupName": schedule.group,
        "State": "ENABLED" if schedule.enabled else "DISABLED",
        "CreationDate": schedule.created_s,
        "LastModificationDate": schedule.modified_s,
        "Target": {"Arn": schedule.target["Arn"]},
    }


@reads
def list_schedules(
    here: Here,
    group_name: str | None = None,
    name_prefix: str | None = None,
    state: str | None = None,
    next_token: str | None = None,
    max_results: int = PAGE,
) -> Json:
    if group_name is not None:
        layout.require_group(here.tx, group_name)
    found = [
        one
        for one in layout.schedules(here.tx, group_name)
        if one.name.startswith(name_prefix or "") and state in (None, "ENABLED" if one.enabled else "DISABLED")
    ]
    names = [f"{one.group}/{one.name}" for one in found]
    return page([_listed(here, one) for one in found], names, "Schedules", next_token, max_results)
