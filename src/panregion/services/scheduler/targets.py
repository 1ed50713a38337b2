"""The kinds of targets: what an ARN means, and how each kind is called.

Templated targets are a function, a queue, a topic, a bus or a state machine by its ARN. A universal one names any
operation of any service, arn:aws:scheduler:::aws-sdk:SERVICE:action, whose parameters are the input.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.scheduler.errors import Unsupported, ValidationException
from panregion.wire import AwsError, Shape, service_model

Json = dict[str, Any]

KINDS = {"lambda": "function", "sqs": "queue", "sns": "topic", "events": "bus", "states": "state machine"}
UNIVERSAL = "arn:aws:scheduler:::aws-sdk:"
SERVICES = {
    "eventbridge": "events",
    "sfn": "stepfunctions",
    "cloudwatchlogs": "logs",
    "elasticloadbalancingv2": "elbv2",
    "arcregionswitch": "arc-region-switch",
    "route53recoverycluster": "route53-recovery-cluster",
    "route53recoverycontrolconfig": "route53-recovery-control-config",
}
"""What the SDK for Java calls a service, where botocore calls it otherwise."""
READING = ("get", "describe", "list", "poll", "receive", "search", "scan", "query", "select", "read", "lookup")
READING_MORE = ("batchGet", "batchDescribe", "batchRead", "discover", "validate", "retrieve")
"""How operations begin that a schedule has no use for: AWS does not call them."""


_SERVICE = re.compile(r"[a-z0-9-]+")
_ACTION = re.compile(r"[a-z][A-Za-z0-9]*")


@dataclass(frozen=True)
class Target:
    arn: str
    kind: str
    region: str
    account: str = ""
    resource: str = ""
    """All that follows the account; of a universal target, the operation."""
    service: str = ""


@lru_cache(4096)
def parse_target(arn: str) -> Target:
    """Raises ValidationException for what is no target, Unsupported for a kind that is not one here."""
    if arn.startswith(UNIVERSAL):
        return _universal(arn)
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        raise ValidationException("Provided Arn is not in correct format.")
    kind = KINDS.get(parts[2])
    if kind is None:
        raise Unsupported(f"panregion's scheduler does not support targets of the kind {parts[2]}: {arn}")
    if kind == "bus" and not parts[5].startswith("event-bus/"):
        raise ValidationException(f"Provided Arn is not supported: {arn}")
    return Target(arn, kind, parts[3], parts[4], parts[5])


def _universal(arn: str) -> Target:
    service, _, action = arn.removeprefix(UNIVERSAL).partition(":")
    name = SERVICES.get(service, service)
    if not _SERVICE.fullmatch(service) or not _ACTION.fullmatch(action):
        raise ValidationException("Provided Arn is not in correct format.")
    if action.startswith((*READING, *READING_MORE)):
        raise ValidationException(f"Provided Arn is not supported: {arn}")
    operation = action[0].upper() + action[1:]
    try:
        known = operation in service_model(name).operation_names
    except AwsError as error:
        raise ValidationException(f"Provided Arn is not supported: {arn}") from error
    if not known:
        raise ValidationException(f"{operation} is not a valid API of {service}.")
    return Target(arn, "operation", "", resource=operation, service=name)


def check(here: Here, target: Json) -> None:
    """Whether a schedule may have this target. Raises ValidationException, Unsupported or what is not here."""
    parsed = parse_target(target["Arn"])
    for name in ("EcsParameters", "KinesisParameters", "SageMakerPipelineParameters"):
        if target.get(name) is not None:
            raise Unsupported(f"panregion's scheduler does not support {name}")
    for name in ("EventBridgePutEventsV2Parameters", "EventBridgePutRawEventsParameters"):
        if target.get(name) is not None:
            raise Unsupported(f"panregion's scheduler does not support {name}")
    fifo = parsed.kind == "queue" and parsed.resource.endswith(".fifo")
    if fifo and not target.get("SqsParameters", {}).get("MessageGroupId"):
        raise ValidationException("SqsParameters must be specified when the target is a FIFO queue.")
    if parsed.kind != "queue" and target.get("SqsParameters") is not None:
        raise ValidationException(f"SqsParameters is not supported for target {target['Arn']}.")
    if (parsed.kind == "bus") != (target.get("EventBridgeParameters") is not None):
        wrong = "must be specified" if parsed.kind == "bus" else "is not supported"
        raise ValidationException(f"EventBridgeParameters {wrong} for target {target['Arn']}.")
    text = target.get("Input")
    if parsed.kind in ("bus", "operation", "state machine") and text is not None:
        _decoded(text)
    if parsed.kind == "state machine":
        here.call("stepfunctions", "ListStateMachines", {"maxResults": 1})  # says so where there is no such service


def _decoded(text: str) -> Json:
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise ValidationException("Invalid RequestJson provided. Reason The input is not valid JSON.") from error
    if not isinstance(found, dict):
        raise ValidationException("Invalid RequestJson provided. Reason The input must be a JSON object.")
    return found


async def send(here: Here, settings: Json, text: str) -> None:
    """Call a target. Raises its error."""
    target = parse_target(settings["Arn"])
    region = target.region or here.region
    if target.kind == "operation":
        shape = service_model(target.service).operation(target.resource).input
        given = _decoded(text)
        params = given if shape is None else as_params(shape, given)
        await here.request(target.service, target.resource, params)
    elif target.kind == "queue":
        url = f"{here.settings.endpoint(region if region in here.settings.regions else here.region)}"
        params = {"QueueUrl": f"{url}/{target.account}/{target.resource}", "MessageBody": text}
        await here.request("sqs", "SendMessage", params | settings.get("SqsParameters", {}), region=region)
    elif target.kind == "topic":
        await here.request("sns", "Publish", {"TopicArn": target.arn, "Message": text}, region=region)
    elif target.kind == "function":
        params = {"FunctionName": target.arn, "InvocationType": "Event", "Payload": text.encode()}
        await here.request("lambda", "Invoke", params, region=region)
    elif target.kind == "bus":
        await _put_event(here, target, settings, text, region)
    else:
        params = {"stateMachineArn": target.arn, "input": text}
        await here.request("stepfunctions", "StartExecution", params, region=region)


async def _put_event(here: Here, target: Target, settings: Json, text: str, region: str) -> None:
    bus = target.resource.removeprefix("event-bus/")
    entry = {**settings["EventBridgeParameters"], "Detail": text, "EventBusName": bus}
    answer = await here.request("events", "PutEvents", {"Entries": [entry]}, region=region)
    (said,) = answer["Entries"]
    if "ErrorCode" in said:
        raise AwsError.of(said["ErrorCode"], said["ErrorMessage"])


def as_params(shape: Shape, value: Any) -> Any:
    """JSON as the parameters of a shape: names may begin in either case, bytes are given as text."""
    if shape.type == "structure" and isinstance(value, dict):
        names = {name.lower(): name for name in shape.members}
        known = {names.get(name.lower(), name): inner for name, inner in value.items()}
        return {
            name: as_params(shape.members[name], inner) if name in shape.members else inner
            for name, inner in known.items()
        }
    if shape.type == "list" and isinstance(value, list) and shape.member is not None:
        return [as_params(shape.member, one) for one in value]
    if shape.type == "map" and isinstance(value, dict) and shape.value is not None:
        return {name: as_params(shape.value, inner) for name, inner in value.items()}
    if shape.type == "blob" and isinstance(value, str):
        return value.encode()
    return value
