"""From an event to its targets.

    events.deliver   {target, input, event, hops, rule_arn, since, attempt}    give one target its input
    events.tick      {bus, rule, id, at}    a schedule's rule is due
    events.bury      {queue, body, attributes}    put what no target took on a dead-letter queue

Matching and leaving the deliveries is part of the transaction that accepts the event. A queue or a topic of the region
gets its message in that transaction; everything else is work. What fails is tried again for as long and as often as the
target's retry policy says (a day and 185 times, unless it says otherwise) and then put on its dead-letter queue.
"""

from collections.abc import Container
from datetime import UTC, datetime
from typing import Any

import msgspec

from panregion.languages.schedules import parse_schedule
from panregion.services import Here, WorkHandler
from panregion.services.events import archives, endpoints, layout, web
from panregion.services.events.errors import NotDelivered
from panregion.services.events.inputs import input_for
from panregion.services.events.matching import matching
from panregion.services.events.model import Rule
from panregion.services.events.targets import WITH_EVENT, Target, call_here, parse_target, send
from panregion.wire import AwsError

Json = dict[str, Any]

ATTEMPTS_MAX = 185
AGE_MAX_S = 86_400
DELAY_FIRST_S, DELAY_MAX_S = 1.0, 600.0
RETRIED = frozenset({"ThrottlingException", "TooManyRequestsException", "RequestThrottled", "LimitExceededException"})


def time_text(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rule_arn(here: Here, rule: Rule) -> str:
    return here.arn("events", rule.resource)


def accept(here: Here, bus: str, event: Json, hops: int = 0, only: Container[str] | None = None) -> None:
    """An event has come to a bus, over so many others: send it to the targets of the rules that it matches, perhaps
    only of some, by their ARNs."""
    for name in matching(here, bus, event):
        rule = layout.find_rule(here.tx, bus, name)
        if rule is not None and (only is None or rule_arn(here, rule) in only):
            give(here, rule, event, hops)


def give(here: Here, rule: Rule, event: Json, hops: int = 0) -> None:
    """Give an event to a rule's targets."""
    if rule.managed_by == archives.MANAGED_BY:
        archives.keep(here, rule, event)
        return
    arn = rule_arn(here, rule)
    reserved = {
        "aws.events.rule-arn": arn,
        "aws.events.rule-name": rule.name,
        "aws.events.event.ingestion-time": time_text(here.now()),
    }
    for target in rule.targets.values():
        text = input_for(target, event, reserved)
        payload = {
            "target": target,
            "input": text,
            "event": event if parse_target(target["Arn"]).kind in WITH_EVENT else None,
            "hops": hops,
            "rule_arn": arn,
            "since": here.now(),
            "attempt": 0,
        }
        if not _given_at_once(here, target, text, payload):
            here.later("events.deliver", payload)


def _given_at_once(here: Here, target: Json, text: str, payload: Json) -> bool:
    parsed = parse_target(target["Arn"])
    if not parsed.in_transaction(here.region):
        return False
    try:
        call_here(here, parsed, target, text)
    except AwsError as error:
        if _is_final(error):
            bury(here, payload, error.code, error.message)
            return True
        return False
    return True


def _is_final(error: AwsError) -> bool:
    return error.code == "NotImplemented" or (error.fault == "Sender" and error.code not in RETRIED)


async def deliver(here: Here, payload: Json) -> None:
    """Work: give one target its input."""
    target: Json = payload["target"]
    parsed: Target = parse_target(target["Arn"])
    if parsed.kind in ("destination", "API") and await _put_off(here, payload):
        return
    try:
        await send(here, parsed, target, payload["input"], payload["event"], payload["hops"])
    except AwsError as error:
        failure = error
    else:
        return
    least_s = failure.retry_after_s if isinstance(failure, NotDelivered) else None
    delay_s = None if _is_final(failure) else _delay_s(here, payload, least_s or 0.0)
    if delay_s is None:
        await here.transact(lambda here: bury(here, payload, failure.code, failure.message))
    else:
        following = {**payload, "attempt": payload["attempt"] + 1, "reserved": False}
        await here.transact(lambda here: here.later("events.deliver", following, here.now() + delay_s))


async def _put_off(here: Here, payload: Json) -> bool:
    """Whether a web server takes no more now; the event is then left for later, which is no attempt."""
    arn = payload["target"]["Arn"]
    crowded_s = web.crowded_s(here, arn)
    reserved = payload.get("reserved", False)
    wait_s = crowded_s or (0.0 if reserved else web.reserve(here, arn))
    if not wait_s:
        return False
    later, due = {**payload, "reserved": reserved or not crowded_s}, here.now() + wait_s
    await here.transact(lambda here: here.later("events.deliver", later, due))
    return True


def _delay_s(here: Here, payload: Json, least_s: float) -> float | None:
    """How long until it is tried again; None where that was the last time."""
    policy = payload["target"].get("RetryPolicy", {})
    attempt: int = payload["attempt"]
    if attempt >= policy.get("MaximumRetryAttempts", ATTEMPTS_MAX):
        return None
    delay_s: float = min(DELAY_MAX_S, DELAY_FIRST_S * 2**attempt) * (0.5 + here.world.chance.random() / 2)
    delay_s = max(delay_s, least_s)
    over = here.now() + delay_s - payload["since"] > policy.get("MaximumEventAgeInSeconds", AGE_MAX_S)
    return None if over else delay_s


def bury(here: Here, payload: Json, code: str, reason: str) -> None:
    """Leave what no target took to be put on the target's dead-letter queue, with what AWS says of it."""
    queue = payload["target"].get("DeadLetterConfig", {}).get("Arn")
    if queue is None:
        return
    said = {
        "RULE_ARN": payload["rule_arn"],
        "TARGET_ARN": payload["target"]["Arn"],
        "ERROR_CODE": code,
        "ERROR_MESSAGE": reason[:256] or code,
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts" if payload["attempt"] else "NotRetried",
        "RETRY_ATTEMPTS": str(payload["attempt"]),
    }
    attributes = {name: {"DataType": "String", "StringValue": text} for name, text in said.items()}
    here.later("events.bury", {"queue": queue, "body": payload["input"], "attributes": attributes})


async def put_on_dead_letter_queue(here: Here, payload: Json) -> None:
    """Work: a queue that does not exist keeps nothing."""
    target = parse_target(payload["queue"])
    url = target.queue_url(here)
    params = {"QueueUrl": url, "MessageBody": payload["body"], "MessageAttributes": payload["attributes"]}
    try:
        await here.request("sqs", "SendMessage", params, region=target.region)
    except AwsError as error:
        if error.fault != "Sender":
            raise


# Schedules


def tick_later(here: Here, rule: Rule) -> None:
    """Leave the next tick of an enabled rule with a schedule."""
    if rule.schedule is None or not rule.enabled:
        return
    due = parse_schedule(rule.schedule).next_after(here.now(), rule.created_s)
    if due is not None:
        here.later("events.tick", {"bus": rule.bus, "rule": rule.name, "id": rule.id, "at": due}, due)


async def tick(here: Here, payload: Json) -> None:
    """Work: however many ticks were missed while the region was away, there is one."""
    await here.transact(lambda here: _tick(here, payload))


def _tick(here: Here, payload: Json) -> None:
    rule = layout.find_rule(here.tx, payload["bus"], payload["rule"])
    if rule is None or rule.id != payload["id"] or not rule.enabled:
        return
    done = ("events", "ticked", rule.bus, rule.name)
    if float(here.tx.get(done) or 0.0) >= payload["at"]:
        return  # this tick was done before
    here.tx.put(done, b"%f" % payload["at"])
    give(here, rule, scheduled_event(here, rule))
    tick_later(here, rule)


def scheduled_event(here: Here, rule: Rule) -> Json:
    return {
        "version": "0",
        "id": here.world.chance.uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": here.account_id,
        "time": time_text(here.now()),
        "region": here.region,
        "resources": [rule_arn(here, rule)],
        "detail": {},
    }


# Replays


async def replay(here: Here, payload: Json) -> None:
    """Work: the next page of an archive's events, and where it ends; the one after it is left as work."""
    await here.transact(lambda here: _replay(here, payload))


def _replay(here: Here, payload: Json) -> None:
    found = archives.REPLAYS.find(here.tx, payload["replay"])
    if found is None or found.id != payload["id"] or found.after != tuple(payload["after"]):
        return  # it is gone, or this page was done before
    if found.state in ("COMPLETED", "CANCELLED"):
        return
    if found.state == "CANCELLING":
        archives.REPLAYS.put(here.tx, msgspec.structs.replace(found, state="CANCELLED", ended_s=here.now()), found.name)
        return
    page = archives.page_of(here.tx, found)
    for _, _, event in page:
        accept(here, found.bus, {**event, "replay-name": found.name}, only=found.rule_arns or None)
    if not page:
        archives.REPLAYS.put(here.tx, msgspec.structs.replace(found, state="COMPLETED", ended_s=here.now()), found.name)
        return
    time_ms, event_id, _ = page[-1]
    reached = {"after": (time_ms, event_id), "last_s": time_ms / 1000}
    archives.REPLAYS.put(here.tx, msgspec.structs.replace(found, state="RUNNING", **reached), found.name)
    here.later("events.replay", {**payload, "after": [time_ms, event_id]})


WORK: dict[str, WorkHandler] = {
    "events.authorize": web.authorize,
    "events.bury": put_on_dead_letter_queue,
    "events.deliver": deliver,
    "events.empty": archives.empty,
    "events.endpoint": endpoints.arrange,
    "events.expire": archives.expire,
    "events.replay": replay,
    "events.tick": tick,
}
