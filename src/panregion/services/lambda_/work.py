"""Asynchronous invocations: durable once accepted, run at least once, retried as AWS does.

    lambda.event     {function, qualifier, payload, request, attempt, accepted}    run it
    lambda.settled   {destination, text, attributes}                               send what is told of its end
    lambda.sources   {}                                                            readers of event sources follow
    lambda.provisioned {}                                                          see provisioning.py

A failed attempt is repeated after one minute, then after two; a throttled one with growing delays until the event
is too old. The event's fate and what follows from it are one transaction, and a crash before it repeats the attempt.
"""

import base64
from typing import Any

import msgspec

from panregion.functions import Outcome, iso
from panregion.services import Here, WorkHandler
from panregion.services.lambda_ import destinations, layout, provisioning
from panregion.services.lambda_.errors import ResourceNotFoundException, TooManyRequestsException
from panregion.services.lambda_.model import EventInvoke
from panregion.services.lambda_.names import LATEST
from panregion.services.lambda_.running import found, own_request_id, run

RETRIES = 2
RETRY_DELAYS_S = (60.0, 120.0)
MAX_AGE_S = 6 * 3600
THROTTLED_DELAY_MAX_S = 300.0

Json = dict[str, Any]


def accept(here: Here, name: str, qualifier: str | None, payload: bytes, client_context: str) -> None:
    """Leave an invocation to be run; it is durable when the transaction is."""
    here.later(
        "lambda.event",
        {
            "function": name,
            "qualifier": qualifier,
            "payload": base64.b64encode(payload).decode(),
            "context": client_context,
            "request": own_request_id(here),
            "attempt": 1,
            "throttled": 0,
            "accepted": here.now(),
        },
    )


async def run_event(here: Here, event: Json) -> None:
    """Carry out one attempt of an asynchronous invocation."""
    name, qualifier = event["function"], event["qualifier"]
    chance = here.world.chance.random()
    try:
        config, reserved = here.read(lambda here: found(here, name, qualifier, chance))
    except ResourceNotFoundException:
        return  # deleted since: AWS drops its events too
    payload = base64.b64decode(event["payload"])
    try:
        outcome = await run(here, config, reserved, qualifier, payload, event["context"], event["request"])
    except TooManyRequestsException:
        await here.transact(lambda here: throttled(here, event))
        return
    await here.transact(lambda here: settle(here, event, outcome, config.version_name))


def policy_of(here: Here, event: Json) -> EventInvoke:
    function = layout.find_function(here.tx, event["function"])
    none = EventInvoke(modified_s=0)
    return none if function is None else function.event_invokes.get(event["qualifier"] or LATEST, none)


def throttled(here: Here, event: Json) -> None:
    """Try again later, or give up on an event that is too old."""
    policy = policy_of(here, event)
    delay_s = min(THROTTLED_DELAY_MAX_S, 2.0 ** event["throttled"])
    if here.now() + delay_s - event["accepted"] > (policy.max_age_s or MAX_AGE_S):
        give_up(here, event, policy, None, "EventAgeExceeded", LATEST)
        return
    here.later("lambda.event", {**event, "throttled": event["throttled"] + 1}, here.now() + delay_s)


def settle(here: Here, event: Json, outcome: Outcome, version: str) -> None:
    """What follows from an attempt: nothing, another one, or the end."""
    policy = policy_of(here, event)
    if not outcome.error:
        if policy.on_success:
            send(here, policy.on_success, record_of(here, event, outcome, "Success", version))
        return
    attempt = event["attempt"]
    retries = RETRIES if policy.retries is None else policy.retries
    if attempt > retries:
        give_up(here, event, policy, outcome, "RetriesExhausted", version)
        return
    due = here.now() + RETRY_DELAYS_S[attempt - 1]
    if due - event["accepted"] > (policy.max_age_s or MAX_AGE_S):
        give_up(here, event, policy, outcome, "EventAgeExceeded", version)
        return
    here.later("lambda.event", {**event, "attempt": attempt + 1}, due)


def give_up(
    here: Here, event: Json, policy: EventInvoke, outcome: Outcome | None, condition: str, version: str
) -> None:
    if policy.on_failure:
        send(here, policy.on_failure, record_of(here, event, outcome, condition, version))
    target = dead_letters_of(here, event)
    if target:
        text = base64.b64decode(event["payload"]).decode()
        attributes = {"RequestID": event["request"], "ErrorCode": "200", "ErrorMessage": message_of(outcome, condition)}
        here.later("lambda.settled", {"destination": target, "text": text, "attributes": attributes})


def dead_letters_of(here: Here, event: Json) -> str | None:
    """The function's dead-letter queue or topic."""
    try:
        config = layout.resolve(here, event["function"], event["qualifier"])
    except ResourceNotFoundException:
        return None
    target: str | None = config.kept.get("DeadLetterConfig", {}).get("TargetArn")
    return target


def message_of(outcome: Outcome | None, condition: str) -> str:
    """The first kilobyte of what went wrong, as the attribute ErrorMessage has it."""
    if outcome is None:
        return condition
    try:
        error = msgspec.json.decode(outcome.payload)
    except msgspec.DecodeError:
        return condition
    return str(error.get("errorMessage", condition) if isinstance(error, dict) else condition)[:1024] or condition


def send(here: Here, destination: str, record: Json) -> None:
    here.later("lambda.settled", {"destination": destination, "text": destinations.as_text(record)})


def record_of(here: Here, event: Json, outcome: Outcome | None, condition: str, version: str) -> Json:
    """What a destination is told, in AWS's form."""
    record: Json = {
        "version": "1.0",
        "timestamp": iso(int(here.now() * 1000)),
        "requestContext": {
            "requestId": event["request"],
            "functionArn": layout.arn_of(here, event["function"], event["qualifier"] or LATEST),
            "condition": condition,
            "approximateInvokeCount": event["attempt"],
        },
        "requestPayload": msgspec.json.decode(base64.b64decode(event["payload"])),
    }
    if outcome is not None:
        context = {"statusCode": 200, "executedVersion": version}
        record["responseContext"] = context | ({"functionError": outcome.error} if outcome.error else {})
        record["responsePayload"] = value_of(outcome.payload)
    return record


def value_of(payload: bytes) -> Any:
    """What a payload says; the text of one that is not JSON, as a runtime of its own may answer."""
    try:
        return msgspec.json.decode(payload)
    except msgspec.DecodeError:
        return payload.decode(errors="replace")


async def send_record(here: Here, payload: Json) -> None:
    """Carry a record to its destination."""
    await destinations.send(here, payload["destination"], payload["text"], payload.get("attributes"))


async def follow_sources(here: Here, _payload: Json) -> None:
    """Have the event sources read as they are now."""
    await here.running["lambda-sources"].follow()


WORK: dict[str, WorkHandler] = {
    "lambda.event": run_event,
    "lambda.settled": send_record,
    "lambda.sources": follow_sources,
    "lambda.provisioned": provisioning.follow,
}
