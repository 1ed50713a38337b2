"""The kinds of targets: what an ARN means, and how a target of each kind is given its input.

A queue and a topic of this region are plain operations, so they can be part of the transaction that accepts an event.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from panregion.services import Here
from panregion.services.events import destinations, inputs, web
from panregion.services.events.errors import ResourceNotFoundException, Unsupported, ValidationException
from panregion.wire import AwsError

Json = dict[str, Any]

KINDS = {
    "lambda": "function",
    "sqs": "queue",
    "sns": "topic",
    "events": "bus",
    "logs": "log group",
    "execute-api": "API",
    "states": "state machine",
}
WITH_EVENT = frozenset({"bus", "destination", "API"})
"""Those that need the event beside their input."""


@dataclass(frozen=True)
class Target:
    arn: str
    kind: str
    region: str
    account: str
    resource: str
    """All that follows the account."""

    def in_transaction(self, region: str) -> bool:
        return self.region == region and self.kind in ("queue", "topic")

    def queue_url(self, here: Here) -> str:
        region = self.region if self.region in here.settings.regions else here.region
        return f"{here.settings.endpoint(region)}/{self.account}/{self.resource}"


@lru_cache(4096)
def parse_target(arn: str) -> Target:
    """Raises ValidationException for what is no ARN, Unsupported for a service that cannot be a target here."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        raise ValidationException(f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format.")
    kind = KINDS.get(parts[2])
    if kind == "bus" and parts[4:] == ["", ":"]:
        kind = "archive"
    elif kind == "bus" and parts[5].startswith("api-destination/"):
        kind = "destination"
    if kind is None or (kind == "bus" and not parts[5].startswith("event-bus/")):
        raise Unsupported(f"panregion's events does not support targets of the kind {parts[2]}: {arn}")
    return Target(arn, kind, parts[3], parts[4], parts[5])


def check(here: Here, target: Json) -> None:
    """Whether a rule may have this target. Raises ValidationException, ResourceNotFoundException or Unsupported."""
    arn: str = target["Arn"]
    parsed = parse_target(arn)
    if parsed.kind == "archive":
        raise ValidationException(f"Parameter {arn} is not valid. Reason: Provided Arn is not supported.")
    inputs.check(target)
    if parsed.kind == "queue" and parsed.resource.endswith(".fifo") and not target.get("SqsParameters"):
        raise ValidationException(f"Parameter(s) SqsParameters must be specified for target: {target['Id']}.")
    if parsed.kind in ("destination", "state machine") and not target.get("RoleArn"):
        raise ValidationException(f"RoleArn is required for target {arn}.")
    if parsed.kind == "destination" and destinations.at(here, destinations.DESTINATIONS, arn) is None:
        name = parsed.resource.split("/")[1]
        raise ResourceNotFoundException(f"An api-destination '{name}' does not exist.")
    if parsed.kind == "state machine":
        here.call("stepfunctions", "ListStateMachines", {"maxResults": 1})  # says so where there is no such service


def queue_params(here: Here, target: Target, settings: Json, text: str) -> Json:
    params: Json = {"QueueUrl": target.queue_url(here), "MessageBody": text}
    group = settings.get("SqsParameters", {}).get("MessageGroupId")
    return params | ({"MessageGroupId": group} if group is not None else {})


def call_here(here: Here, target: Target, settings: Json, text: str) -> None:
    """In the transaction that is open. Raises the target's error."""
    if target.kind == "queue":
        here.call("sqs", "SendMessage", queue_params(here, target, settings, text))
    else:
        here.call("sns", "Publish", {"TopicArn": target.arn, "Message": text})


async def send(here: Here, target: Target, settings: Json, text: str, event: Json | None, hops: int) -> None:
    """Give a target its input. Raises the target's error."""
    region = target.region or here.region
    if target.kind == "queue":
        await here.request("sqs", "SendMessage", queue_params(here, target, settings, text), region=region)
    elif target.kind == "topic":
        await here.request("sns", "Publish", {"TopicArn": target.arn, "Message": text}, region=region)
    elif target.kind == "function":
        params = {"FunctionName": target.arn, "InvocationType": "Event", "Payload": text.encode()}
        await here.request("lambda", "Invoke", params, region=region)
    elif target.kind == "bus":
        bus = target.resource.removeprefix("event-bus/")
        await here.request("events", "panregion:Forward", {"Bus": bus, "Event": event, "Hops": hops + 1}, region=region)
    elif target.kind == "destination":
        await web.to_destination(here, target.arn, settings, text, event)
    elif target.kind == "API":
        await web.to_api(here, target.arn, settings, text, event)
    elif target.kind == "state machine":
        await here.request(
            "stepfunctions", "StartExecution", {"stateMachineArn": target.arn, "input": text}, region=region
        )
    else:
        await _log(here, target, text, region)


async def _log(here: Here, target: Target, text: str, region: str) -> None:
    """A log group has a stream per day of what comes from rules."""
    group = target.resource.removeprefix("log-group:").removesuffix(":*")
    now_ms = int(here.now() * 1000)
    stream = f"events-{now_ms // 86_400_000}"
    try:
        await here.request("logs", "CreateLogStream", {"logGroupName": group, "logStreamName": stream}, region=region)
    except AwsError as error:
        if error.code != "ResourceAlreadyExistsException":
            raise
    events = [{"timestamp": now_ms, "message": text}]
    params = {"logGroupName": group, "logStreamName": stream, "logEvents": events}
    await here.request("logs", "PutLogEvents", params, region=region)
