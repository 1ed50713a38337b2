"""Integrations of an HTTP API with operations of AWS: a few, each with the parameters that it takes.

The operation is run as its own client would run it, and the answer is that of its protocol.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from panregion.functions.web import WebCall
from panregion.services import Here
from panregion.services.apigatewayv2.errors import BadRequestException, unsupported
from panregion.services.apigatewayv2.mapping import facts_of, value_of
from panregion.services.apigatewayv2.model import Integration
from panregion.wire import AwsError, Shape, check, serialize_error, serialize_output, service_model
from panregion.world import Response


@dataclass(frozen=True, slots=True)
class Subtype:
    """One operation: its parameters, and the protocol that it answers in."""

    service: str
    operation: str
    required: frozenset[str]
    optional: frozenset[str]
    protocol: str = "sqs-query"


def _subtype(service: str, operation: str, required: str, optional: str, protocol: str = "sqs-query") -> Subtype:
    return Subtype(service, operation, frozenset(required.split()), frozenset([*optional.split(), "Region"]), protocol)


SUBTYPES = {
    "EventBridge-PutEvents": _subtype(
        "events", "PutEvents", "Detail DetailType Source", "Time EventBusName Resources TraceHeader", "json"
    ),
    "SQS-SendMessage": _subtype(
        "sqs",
        "SendMessage",
        "QueueUrl MessageBody",
        "DelaySeconds MessageAttributes MessageDeduplicationId MessageGroupId MessageSystemAttributes",
    ),
    "SQS-ReceiveMessage": _subtype(
        "sqs",
        "ReceiveMessage",
        "QueueUrl",
        "AttributeNames MaxNumberOfMessages MessageAttributeNames ReceiveRequestAttemptId VisibilityTimeout"
        " WaitTimeSeconds",
    ),
    "SQS-DeleteMessage": _subtype("sqs", "DeleteMessage", "ReceiptHandle QueueUrl", ""),
    "SQS-PurgeQueue": _subtype("sqs", "PurgeQueue", "QueueUrl", ""),
}

NOT_HERE = frozenset(
    {
        *("AppConfig-GetConfiguration", "Kinesis-PutRecord"),
        *("StepFunctions-StartExecution", "StepFunctions-StartSyncExecution", "StepFunctions-StopExecution"),
    }
)
"""AWS has them; the services are not in this world."""


def check_subtype(integration: Integration) -> None:
    """Raises BadRequestException."""
    name, given = integration.integration_subtype or "", set(integration.request_parameters or {})
    if name in NOT_HERE:
        raise unsupported(f"IntegrationSubtype {name}")
    subtype = SUBTYPES.get(name)
    if integration.integration_type != "AWS_PROXY" or subtype is None:
        raise BadRequestException(f"IntegrationSubtype {name} is not valid")
    if integration.payload_format_version != "1.0":
        raise BadRequestException("PayloadFormatVersion must be 1.0 for an integration with an AWS service")
    if integration.integration_uri:
        raise BadRequestException("IntegrationUri is not supported for an integration with an AWS service")
    missing, unknown = sorted(subtype.required - given), sorted(given - subtype.required - subtype.optional)
    if missing:
        raise BadRequestException(f"Required parameters are missing for {name}: {', '.join(missing)}")
    if unknown:
        raise BadRequestException(f"Unknown parameters for {name}: {', '.join(unknown)}")


async def ask(here: Here, call: WebCall, integration: Integration) -> Response:
    """The operation's answer, or its error, as its protocol writes them."""
    subtype = SUBTYPES[integration.integration_subtype or ""]
    facts = facts_of(call)
    values = {name: value_of(source, facts) for name, source in (integration.request_parameters or {}).items()}
    region = values.pop("Region", None) or here.region
    try:
        params = parameters(subtype, {name: value for name, value in values.items() if value is not None})
        check(subtype.service, subtype.operation, params)
        output = await here.request(subtype.service, subtype.operation, params, region=region)
    except AwsError as error:
        return serialize_error(subtype.service, error, here.request_id, subtype.protocol)
    return serialize_output(subtype.service, subtype.operation, output, here.request_id, subtype.protocol)


def parameters(subtype: Subtype, values: dict[str, str]) -> dict[str, Any]:
    """The operation's parameters, each of the type that its model says. Raises BadRequestException."""
    shape = service_model(subtype.service).operation(subtype.operation).input
    assert shape is not None
    if subtype.operation == "PutEvents":
        entry = shape.members["Entries"].member
        return {"Entries": [{name: typed(name, value, entry.members[name]) for name, value in values.items()}]}
    return {name: typed(name, value, shape.members[name]) for name, value in values.items()}


def typed(name: str, value: str, shape: Shape) -> Any:
    """A text as a value of a shape: numbers are read, what has parts is JSON."""
    try:
        match shape.type:
            case "integer" | "long":
                return int(value)
            case "structure" | "list" | "map":
                return msgspec.json.decode(value)
            case "timestamp":
                seconds = value.replace(".", "", 1).isdigit()
                moment = datetime.fromtimestamp(float(value), UTC) if seconds else datetime.fromisoformat(value)
                return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, msgspec.DecodeError) as error:
        raise BadRequestException(f"The value of the parameter {name} is not valid: {value[:100]}") from error
    return value
