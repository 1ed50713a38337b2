"""SQS in the query protocol, which SDKs spoke to it until 2023 and which plain HTTP clients speak still.

botocore's model describes the JSON protocol alone. The query protocol has the same shapes under names of its own
(`AttributeName.1` for the first of AttributeNames), so what it needs is the same model with those names put in; the
rest is the query protocol's. A queue may also be named by the request's path instead of QueueUrl.
"""

import base64
from functools import cache
from typing import Any

import msgspec
from msgspec.structs import replace

from panregion.wire import query
from panregion.wire.call import Call
from panregion.wire.errors import AwsError
from panregion.wire.model import Definition, Description, Operation, Ref, ServiceModel, XmlNamespace, describe
from panregion.world.http import Request, Response

NAMESPACE = XmlNamespace(uri="http://queue.amazonaws.com/doc/2012-11-05/")

_LISTS = {
    "AWSAccountIdList": "AWSAccountId",
    "ActionNameList": "ActionName",
    "AttributeNameList": "AttributeName",
    "BatchResultErrorEntryList": "BatchResultErrorEntry",
    "BinaryList": "BinaryListValue",
    "ChangeMessageVisibilityBatchRequestEntryList": "ChangeMessageVisibilityBatchRequestEntry",
    "ChangeMessageVisibilityBatchResultEntryList": "ChangeMessageVisibilityBatchResultEntry",
    "DeleteMessageBatchRequestEntryList": "DeleteMessageBatchRequestEntry",
    "DeleteMessageBatchResultEntryList": "DeleteMessageBatchResultEntry",
    "ListMessageMoveTasksResultEntryList": "ListMessageMoveTasksResultEntry",
    "MessageAttributeNameList": "MessageAttributeName",
    "MessageList": "Message",
    "MessageSystemAttributeList": "MessageSystemAttributeName",
    "QueueUrlList": "QueueUrl",
    "SendMessageBatchRequestEntryList": "SendMessageBatchRequestEntry",
    "SendMessageBatchResultEntryList": "SendMessageBatchResultEntry",
    "StringList": "StringListValue",
    "TagKeyList": "TagKey",
}
_MAPS = {
    "MessageBodyAttributeMap": ("MessageAttribute", "Name", "Value"),
    "MessageBodySystemAttributeMap": ("MessageSystemAttribute", "Name", "Value"),
    "MessageSystemAttributeMap": ("Attribute", "Name", "Value"),
    "QueueAttributeMap": ("Attribute", "Name", "Value"),
    "TagMap": ("Tag", "Key", "Value"),
}
"""Shape -> what its entries, their keys and their values are called."""

_GONE, _GONE_THEN = (
    "The specified queue does not exist.",
    "The specified queue does not exist for this wsdl version.",
)


@cache
def model() -> ServiceModel:
    """SQS's model with the names of the query protocol."""
    found = ServiceModel("sqs", _renamed(describe("sqs")))
    found.xml_namespace = NAMESPACE
    return found


def _renamed(description: Description) -> Description:
    shapes = {name: _renamed_shape(name, shape) for name, shape in description.shapes.items()}
    operations = {
        name: operation
        if operation.output is None
        else replace(operation, output=replace(operation.output, result_wrapper=f"{name}Result"))
        for name, operation in description.operations.items()
    }
    return replace(description, operations=operations, shapes=shapes)


def _renamed_shape(name: str, shape: Definition) -> Definition:
    if name in _LISTS:
        assert shape.member is not None
        return replace(shape, flattened=True, member=replace(shape.member, location_name=_LISTS[name]))
    if name in _MAPS:
        entry, key, value = _MAPS[name]
        assert shape.key is not None
        assert shape.value is not None
        named: tuple[Ref, Ref] = (replace(shape.key, location_name=key), replace(shape.value, location_name=value))
        return replace(shape, flattened=True, location_name=entry, key=named[0], value=named[1])
    return shape


def read(_model: ServiceModel, request: Request, body: bytes) -> Call:
    call = query.read(model(), request, body)
    shape = model().operation(call.operation).input
    if shape is not None and "QueueUrl" in shape.members and "QueueUrl" not in call.params and request.path != "/":
        call.params["QueueUrl"] = f"http://{request.header('host') or ''}{request.path}"
    return Call(call.service, call.operation, call.params, "sqs-query")


def write(operation: Operation, output: dict[str, Any], request_id: str) -> Response:
    return query.write(model().operation(operation.name), _plain(output), request_id)


def _plain(output: dict[str, Any]) -> dict[str, Any]:
    """Messages with their attributes as values: SQS keeps them in the form that JSON has on the wire."""
    if "Messages" not in output:
        return output
    return {**output, "Messages": [_plain_message(message) for message in output["Messages"]]}


def _plain_message(message: dict[str, Any]) -> dict[str, Any]:
    attributes = message.get("MessageAttributes")
    if attributes is None:
        return message
    if isinstance(attributes, msgspec.Raw):
        attributes = msgspec.json.decode(attributes)
    return {**message, "MessageAttributes": {name: _plain_value(value) for name, value in attributes.items()}}


def _plain_value(attribute: dict[str, Any]) -> dict[str, Any]:
    binary = attribute.get("BinaryValue")
    return attribute if binary is None else {**attribute, "BinaryValue": base64.b64decode(binary)}


def write_error(_model: ServiceModel, error: AwsError, request_id: str) -> Response:
    if error.code == "QueueDoesNotExist" and error.message == _GONE:
        error = AwsError.of(error.code, _GONE_THEN)
    return query.write_error(model(), error, request_id)
