"""From a request to a call, and from a result or an error to a response: picks the protocol, leaves it the rest."""

import typing
from typing import Any

from panregion.wire import compressed, ec2_query, json_rpc, query, rest_json, rest_xml, rpc_cbor, sqs_query
from panregion.wire.call import Call
from panregion.wire.errors import AwsError, SerializationException
from panregion.wire.model import Operation, ServiceModel, service_model
from panregion.world.http import Request, Response


class WireProtocol(typing.Protocol):
    """What each protocol's module has."""

    def read(self, model: ServiceModel, request: Request, body: bytes, /) -> Call: ...

    def write(self, operation: Operation, output: dict[str, Any], request_id: str, /) -> Response: ...

    def write_error(self, model: ServiceModel, error: AwsError, request_id: str, /) -> Response: ...


PROTOCOLS: dict[str, WireProtocol] = {
    "json": json_rpc,
    "query": query,
    "ec2": ec2_query,
    "rest-json": rest_json,
    "rest-xml": rest_xml,
    "smithy-rpc-v2-cbor": rpc_cbor,
    "sqs-query": sqs_query,
}
_RPC = frozenset({"json", "query", "ec2", "smithy-rpc-v2-cbor", "sqs-query"})


def parse(request: Request, service: str) -> Call:
    """What the request asks of the service. Raises SerializationException or UnknownOperationException."""
    try:
        return _parse(request, service)
    except RecursionError as error:
        raise SerializationException("The request is nested too deeply") from error


def _parse(request: Request, service: str) -> Call:
    model = service_model(service)
    protocol = protocol_of(request, service)
    if protocol in _RPC and request.header("content-encoding") is not None:
        request, body = compressed.unpacked(request, request.body)
        return PROTOCOLS[protocol].read(model, request, body)
    return PROTOCOLS[protocol].read(model, request, request.body)


def serialize_output(
    service: str, operation: str, output: dict[str, Any], request_id: str, protocol: str | None = None
) -> Response:
    """The response to a call that succeeded. `protocol` is the call's; the service's own where none is given."""
    model = service_model(service)
    return PROTOCOLS[protocol or model.protocols[0]].write(model.operation(operation), output, request_id)


def serialize_error(service: str, error: AwsError, request_id: str, protocol: str | None = None) -> Response:
    """The response to a call that failed; `protocol` as above (`protocol_of` tells it where `parse` itself failed)."""
    model = service_model(service)
    return PROTOCOLS[protocol or model.protocols[0]].write_error(model, error, request_id)


def protocol_of(request: Request, service: str) -> str:
    """Which of the service's protocols a request is in. Only few services speak more than one."""
    protocols = service_model(service).protocols
    if service == "sqs" and request.header("x-amz-target") is None:
        return "sqs-query"
    if len(protocols) == 1:
        return protocols[0]
    if request.header("smithy-protocol") == "rpc-v2-cbor" or request.path.startswith("/service/"):
        return "smithy-rpc-v2-cbor"
    return "json" if request.header("x-amz-target") is not None or "query" not in protocols else "query"
