"""Giving a batch of records to a target: one file for its kinds, a function for each.

Each gives the numbers of the records that the target did not take, for a target may take some of a batch, and raises
AwsError where it took none.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.pipes.inputs import NotJson, as_json, as_text, dynamic, opened
from panregion.services.pipes.model import Pipe, region_of, service_of, target_kind
from panregion.services.sources import failed_items
from panregion.wire import AwsError

Json = dict[str, Any]
Batch = list[tuple[Any, str]]
"""Of each record: itself, by which dynamic parameters find their values, and what the target is to be given."""
Send = Callable[[Here, Pipe, Batch, list[str]], Awaitable[list[int]]]


class FunctionFailed(AwsError):
    """A function that was invoked and waited for ended in an error."""


async def send(here: Here, pipe: Pipe, batch: Batch, identifiers: list[str]) -> list[int]:
    """Give the target a batch; the numbers of those that it did not take. Raises AwsError, NotJson.

    `identifiers` are what a function may call the source's records by in its answer; none where a batch is no longer
    the source's own.
    """
    return await KINDS[target_kind(pipe.target)](here, pipe, batch, identifiers)


async def invoke(here: Here, arn: str, payload: bytes) -> bytes:
    """A function's answer. Raises AwsError, FunctionFailed."""
    params = {"FunctionName": arn, "InvocationType": "RequestResponse", "Payload": payload}
    answer = await here.request("lambda", "Invoke", params, region=region_of(arn))
    body = await _whole(answer.get("Payload") or b"")
    if answer.get("FunctionError"):
        raise FunctionFailed(f"{arn} failed ({answer['FunctionError']}): {body[:300].decode(errors='replace')}")
    return body


async def _whole(payload: Any) -> bytes:
    return payload if isinstance(payload, bytes) else b"".join([bytes(chunk) async for chunk in payload])


async def _function(here: Here, pipe: Pipe, batch: Batch, identifiers: list[str]) -> list[int]:
    payload = as_text([as_json(text) for _, text in batch]).encode()
    settings: Json = pipe.target_parameters.get("LambdaFunctionParameters") or {}
    if settings.get("InvocationType") == "FIRE_AND_FORGET":
        params = {"FunctionName": pipe.target, "InvocationType": "Event", "Payload": payload}
        await here.request("lambda", "Invoke", params, region=region_of(pipe.target))
        return []
    answer = await invoke(here, pipe.target, payload)
    failed = failed_items(answer, identifiers) if _names_failures(answer) else []
    if failed is None:
        return list(range(len(batch)))
    return [identifiers.index(identifier) for identifier in failed]


def _names_failures(answer: bytes) -> bool:
    """Whether a function says which records it failed at; any other answer is of no concern to a pipe."""
    try:
        return "batchItemFailures" in msgspec.json.decode(answer, type=dict[str, Any])
    except msgspec.DecodeError:
        return False


def _queue_url(here: Here, arn: str) -> str:
    _, _, _, region, account, name = arn.split(":", 5)
    known = region if region in here.settings.regions else here.region
    return f"{here.settings.endpoint(known)}/{account}/{name}"


async def _queue(here: Here, pipe: Pipe, batch: Batch, _identifiers: list[str]) -> list[int]:
    settings: Json = pipe.target_parameters.get("SqsQueueParameters") or {}
    entries = []
    for number, (record, text) in enumerate(batch):
        entry = {"Id": str(number), "MessageBody": text}
        for name in ("MessageGroupId", "MessageDeduplicationId"):
            if settings.get(name):
                entry[name] = dynamic(settings[name], record)
        entries.append(entry)
    params = {"QueueUrl": _queue_url(here, pipe.target), "Entries": entries}
    answer = await here.request("sqs", "SendMessageBatch", params, region=region_of(pipe.target))
    return [int(failure["Id"]) for failure in answer.get("Failed") or ()]


async def _topic(here: Here, pipe: Pipe, batch: Batch, _identifiers: list[str]) -> list[int]:
    entries = [{"Id": str(number), "Message": text} for number, (_, text) in enumerate(batch)]
    params = {"TopicArn": pipe.target, "PublishBatchRequestEntries": entries}
    answer = await here.request("sns", "PublishBatch", params, region=region_of(pipe.target))
    return [int(failure["Id"]) for failure in answer.get("Failed") or ()]


async def _bus(here: Here, pipe: Pipe, batch: Batch, _identifiers: list[str]) -> list[int]:
    entries = [_entry(pipe, record, text) for record, text in batch]
    answer = await here.request("events", "PutEvents", {"Entries": entries}, region=region_of(pipe.target))
    return [number for number, entry in enumerate(answer["Entries"]) if "ErrorCode" in entry]


def _entry(pipe: Pipe, record: Any, text: str) -> Json:
    """Raises NotJson."""
    if not isinstance(as_json(text), dict):
        raise NotJson(f"an event's detail is a JSON object, not {text[:200]}")
    settings: Json = pipe.target_parameters.get("EventBridgeEventBusParameters") or {}
    kind = {"sqs": "aws:sqs", "dynamodb": "aws:dynamodb"}[service_of(pipe.source)]
    entry: Json = {
        "EventBusName": pipe.target,
        "Source": dynamic(settings.get("Source") or f"Pipe {pipe.name}", record),
        "DetailType": dynamic(settings.get("DetailType") or f"Event from {kind}", record),
        "Detail": text,
        "Resources": [dynamic(resource, record) for resource in settings.get("Resources") or ()],
    }
    if settings.get("Time"):
        entry["Time"] = _moment_s(dynamic(settings["Time"], record))
    return entry


def _moment_s(text: str) -> float:
    """Raises NotJson for what is no number; milliseconds are known by their size."""
    try:
        number = float(text)
    except ValueError as error:
        raise NotJson(f"{text[:50]!r} is no time in seconds or milliseconds since 1970") from error
    return number / 1000 if number > 1e11 else number


async def _logs(here: Here, pipe: Pipe, batch: Batch, _identifiers: list[str]) -> list[int]:
    settings: Json = pipe.target_parameters.get("CloudWatchLogsParameters") or {}
    group = pipe.target.split(":", 5)[5].removeprefix("log-group:").removesuffix(":*")
    streams: dict[str, list[Json]] = {}
    for record, text in batch:
        name = dynamic(settings.get("LogStreamName") or pipe.name, record)
        at_s = _moment_s(dynamic(settings["Timestamp"], record)) if settings.get("Timestamp") else here.now()
        streams.setdefault(name, []).append({"timestamp": int(at_s * 1000), "message": text})
    for name, events in streams.items():
        await _log(here, region_of(pipe.target), {"logGroupName": group, "logStreamName": name}, events)
    return []


async def _log(here: Here, region: str, where: Json, events: list[Json]) -> None:
    try:
        await here.request("logs", "CreateLogStream", where, region=region)
    except AwsError as error:
        if error.code != "ResourceAlreadyExistsException":
            raise
    ordered = sorted(events, key=lambda event: int(event["timestamp"]))
    await here.request("logs", "PutLogEvents", {**where, "logEvents": ordered}, region=region)


async def _over_http(here: Here, pipe: Pipe, batch: Batch, _identifiers: list[str]) -> list[int]:
    """An API takes one record at a time."""
    settings = {"HttpParameters": pipe.target_parameters.get("HttpParameters") or {}}
    for record, text in batch:
        params = {"Arn": pipe.target, "Settings": settings, "Text": text, "Event": opened(record)}
        await here.request("events", "panregion:SendOverHttp", params)
    return []


KINDS: dict[str, Send] = {
    "lambda": _function,
    "sqs": _queue,
    "sns": _topic,
    "events": _bus,
    "logs": _logs,
    "execute-api": _over_http,
    "api-destination": _over_http,
}
