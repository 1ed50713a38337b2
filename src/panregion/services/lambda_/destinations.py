"""Where records of invocations go: functions, queues and topics, of this region or another."""

from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.lambda_.errors import invalid, unsupported

Json = dict[str, Any]

KINDS = frozenset({"lambda", "sqs", "sns"})


def checked(arn: str | None, kinds: frozenset[str] = KINDS) -> str | None:
    """The destination, or None for none. Raises InvalidParameterValueException for one that cannot be."""
    if not arn:
        return None
    parts = arn.split(":")
    if len(parts) < 6 or parts[0] != "arn":
        raise invalid(f"The provided destination config DestinationConfig({arn}) is invalid.")
    if parts[2] not in KINDS:
        raise unsupported(f"destinations of {parts[2]}: {arn}")
    if parts[2] not in kinds:
        raise invalid(f"The destination ARN {arn} is invalid.")
    return arn


async def send(here: Here, arn: str, body: str, attributes: dict[str, str] | None = None) -> None:
    """Hand a text over to what the ARN names. Raises AwsError."""
    _, _, service, region, account, resource = arn.split(":", 5)
    told = {name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()}
    params: Json
    if service == "lambda":
        operation, params = "Invoke", {"FunctionName": arn, "InvocationType": "Event", "Payload": body.encode()}
    elif service == "sqs":
        operation, params = "SendMessage", {"QueueUrl": f"{here.settings.endpoint(region)}/{account}/{resource}"}
        params |= {"MessageBody": body, "MessageAttributes": told}
    else:
        operation, params = "Publish", {"TopicArn": arn, "Message": body, "MessageAttributes": told}
    await here.request(service, operation, params, region=region)


def as_text(record: Json) -> str:
    return msgspec.json.encode(record).decode()
