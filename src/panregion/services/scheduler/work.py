"""What a schedule does when its time has come.

    scheduler.tick      {group, name, id, at}    a time has come: leave the invocation, and the next tick
    scheduler.invoke    {schedule, group, name, id, at, target, attempt, since, last}    call the target
    scheduler.bury      {queue, body, attributes}    put what no target took on a dead-letter queue
    scheduler.empty     {group}    delete a group's schedules, then the group

A tick is one transaction, so however it ends it has left both the invocation and the next tick or neither. Ticks that
were missed while the region was away are made up for once, because the next one is counted from now.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from panregion.services import Here, WorkHandler
from panregion.services.scheduler import layout
from panregion.services.scheduler.model import AGE_DEFAULT_S, RETRIES_DEFAULT, Schedule
from panregion.services.scheduler.targets import send
from panregion.wire import AwsError

Json = dict[str, Any]

DELAY_FIRST_S, DELAY_MAX_S = 1.0, 600.0
RETRIED = frozenset({"ThrottlingException", "TooManyRequestsException", "RequestThrottled", "LimitExceededException"})
A_MOMENT_S = 1e-3


def time_text(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def tick_later(here: Here, schedule: Schedule, after: float) -> bool:
    """Leave the next tick of an enabled schedule; whether there is one."""
    due = schedule.timetable.next_after(after, schedule.created_s)
    if due is None or not schedule.enabled:
        return False
    payload = {"group": schedule.group, "name": schedule.name, "id": schedule.id, "at": due}
    here.later("scheduler.tick", payload, due)
    return True


async def tick(here: Here, payload: Json) -> None:
    """Work: a schedule's time has come."""
    await here.transact(lambda here: _tick(here, payload))


def _tick(here: Here, payload: Json) -> None:
    schedule = layout.find_schedule(here.tx, payload["group"], payload["name"])
    if schedule is None or schedule.id != payload["id"] or not schedule.enabled:
        return
    done = ("scheduler", "ticked", schedule.id)
    if float(here.tx.get(done) or 0.0) >= payload["at"]:
        return  # this tick was done before
    here.tx.put(done, b"%f" % payload["at"])
    now = here.now()
    more = tick_later(here, schedule, max(now, payload["at"]))
    invocation = {
        "schedule": here.arn("scheduler", schedule.resource),
        "group": schedule.group,
        "name": schedule.name,
        "id": schedule.id,
        "at": payload["at"],
        "target": schedule.target,
        "attempt": 0,
        "since": now,
        "last": not more,
    }
    within_s = schedule.window_minutes * 60 * here.world.chance.random()
    here.later("scheduler.invoke", invocation, max(now, payload["at"] + within_s))


async def invoke(here: Here, payload: Json) -> None:
    """Work: call the target, again and again as its retry policy says."""
    if not here.read(lambda here: _still_wanted(here, payload)):
        return
    execution = here.world.chance.uuid()
    text = input_of(here, payload, execution)
    try:
        await send(here, payload["target"], text)
    except AwsError as error:
        failure: AwsError | None = error
    else:
        failure = None
    await here.transact(lambda here: _ended(here, payload, text, execution, failure))


def _still_wanted(here: Here, payload: Json) -> bool:
    """A schedule that was deleted calls nothing any more; one that was changed has called for this already."""
    return layout.find_schedule(here.tx, payload["group"], payload["name"]) is not None


def input_of(here: Here, payload: Json, execution: str) -> str:
    """The target's input with its keywords replaced; what AWS sends where there is none."""
    said = {
        "schedule-arn": payload["schedule"],
        "scheduled-time": time_text(payload["at"]),
        "execution-id": execution,
        "attempt-number": str(payload["attempt"] + 1),
    }
    text: str | None = payload["target"].get("Input")
    if text is None:
        return _usual(here, payload, execution)
    for name, value in said.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text


def _usual(here: Here, payload: Json, execution: str) -> str:
    if payload["target"].get("EventBridgeParameters") is not None or ":aws-sdk:" in payload["target"]["Arn"]:
        return "{}"
    event = {
        "version": "0",
        "id": execution,
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": here.account_id,
        "time": time_text(payload["at"]),
        "region": here.region,
        "resources": [payload["schedule"]],
        "detail": "{}",
    }
    return msgspec.json.encode(event).decode()


def _ended(here: Here, payload: Json, text: str, execution: str, failure: AwsError | None) -> None:
    if failure is not None:
        delay_s, exhausted = _delay_s(here, payload, failure)
        if delay_s is not None:
            following = {**payload, "attempt": payload["attempt"] + 1}
            here.later("scheduler.invoke", following, here.now() + delay_s)
            return
        _bury(here, payload, text, execution, failure, exhausted)
    schedule = layout.find_schedule(here.tx, payload["group"], payload["name"])
    if payload["last"] and schedule is not None and schedule.id == payload["id"] and schedule.deletes_itself:
        layout.delete_schedule(here.tx, schedule)


def _delay_s(here: Here, payload: Json, failure: AwsError) -> tuple[float | None, str]:
    """How long until it is tried again, or None and why it is not."""
    if failure.code == "NotImplemented" or (failure.fault == "Sender" and failure.code not in RETRIED):
        return None, ""
    policy = payload["target"].get("RetryPolicy", {})
    attempt: int = payload["attempt"]
    if attempt >= policy.get("MaximumRetryAttempts", RETRIES_DEFAULT):
        return None, "MaximumRetryAttempts"
    delay_s: float = min(DELAY_MAX_S, DELAY_FIRST_S * 2**attempt) * (0.5 + here.world.chance.random() / 2)
    if here.now() + delay_s - payload["since"] > policy.get("MaximumEventAgeInSeconds", AGE_DEFAULT_S):
        return None, "MaximumEventAgeInSeconds"
    return delay_s, ""


def _bury(here: Here, payload: Json, text: str, execution: str, failure: AwsError, exhausted: str) -> None:
    queue = payload["target"].get("DeadLetterConfig", {}).get("Arn")
    if queue is None:
        return
    said = {
        "ERROR_CODE": failure.code,
        "ERROR_MESSAGE": failure.message[:256] or failure.code,
        "EXECUTION_ID": execution,
        "EXHAUSTED_RETRY_CONDITION": exhausted,
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": str(payload["attempt"]),
        "SCHEDULED_TIME": time_text(payload["at"]),
        "SCHEDULE_ARN": payload["schedule"],
        "TARGET_ARN": payload["target"]["Arn"],
    }
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in said.items() if value}
    here.later("scheduler.bury", {"queue": queue, "body": text, "attributes": attributes})


async def bury(here: Here, payload: Json) -> None:
    """Work: a queue that does not exist keeps nothing."""
    _, _, _, region, account, name = payload["queue"].split(":", 5)
    url = f"{here.settings.endpoint(region if region in here.settings.regions else here.region)}/{account}/{name}"
    params = {"QueueUrl": url, "MessageBody": payload["body"], "MessageAttributes": payload["attributes"]}
    try:
        await here.request("sqs", "SendMessage", params, region=region)
    except AwsError as error:
        if error.fault != "Sender":
            raise


async def empty(here: Here, payload: Json) -> None:
    """Work: a group was deleted, and all its schedules with it."""
    await here.transact(lambda here: _empty(here, payload["group"]))


def _empty(here: Here, name: str) -> None:
    group = layout.find_group(here.tx, name)
    if group is None or group.state != "DELETING":
        return
    for schedule in layout.schedules(here.tx, name):
        layout.delete_schedule(here.tx, schedule)
    here.tx.delete(("scheduler", "group", name))


WORK: dict[str, WorkHandler] = {
    "scheduler.bury": bury,
    "scheduler.empty": empty,
    "scheduler.invoke": invoke,
    "scheduler.tick": tick,
}
