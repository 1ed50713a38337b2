"""The `rest-xml` protocol: paths, queries and headers as `rest` has them, XML documents in the body.

S3, by far its greatest user, has ways of its own: names for the roots of its documents that no model tells any
more, errors without a wrapper, and one operation whose document is a bare string.
"""

import base64
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from panregion.wire import query, rest, xml_body
from panregion.wire.call import Call
from panregion.wire.errors import AwsError, answer
from panregion.wire.model import Operation, ServiceModel, Shape, XmlNamespace
from panregion.world.http import Headers, Request, Response

_TYPE = "application/xml"

_S3_ROOTS = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycle": "LifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListParts": "ListPartsResult",
}


def read(model: ServiceModel, request: Request, body: bytes) -> Call:
    name, params = rest.read(model, request, body, _decode, _decode)
    return Call(model.name, name, params, "rest-xml")


def _decode(shape: Shape, body: bytes) -> Any:
    return xml_body.decode(shape, xml_body.parse(body))


def write(operation: Operation, output: dict[str, Any], request_id: str) -> Response:
    encode_payload = _payload_encoder(document_namespace(operation.service))
    response = rest.write(operation, output, _TYPE, _document, encode_payload)
    if operation.service.name == "s3" and "ContentRange" in output:
        response.status = 206  # part of an object; no model says so
    response.headers += _request_headers(operation.service, request_id)
    return response


def _document(operation: Operation, output: dict[str, Any]) -> bytes:
    shape, namespace = operation.output, document_namespace(operation.service)
    assert shape is not None
    if operation.service.name == "s3":
        if operation.name == "GetBucketLocation":
            return _location(output, namespace)
        name = _S3_ROOTS.get(operation.name, shape.location_name or shape.name)
    else:
        name = shape.location_name or shape.name
    return _bytes(xml_body.encode(shape, name, output, namespace))


def _location(output: dict[str, Any], namespace: XmlNamespace | None) -> bytes:
    region = escape(output.get("LocationConstraint") or "")
    return _bytes(f"<LocationConstraint{xml_body.namespace_attribute(namespace)}>{region}</LocationConstraint>")


@cache
def _payload_encoder(namespace: XmlNamespace | None) -> rest.EncodePayload:
    def encode_payload(shape: Shape, _name: str, value: Any) -> bytes:
        return _bytes(xml_body.encode(shape, shape.location_name or shape.name, value, namespace))

    return encode_payload


def _bytes(document: str) -> bytes:
    return (xml_body.DECLARATION + document).encode()


@cache
def document_namespace(model: ServiceModel) -> XmlNamespace | None:
    """The namespace of a service's documents: botocore's models have it only at the inputs."""
    if model.xml_namespace is not None:
        return model.xml_namespace
    for name in model.operation_names:
        shape = model.operation(name).input
        if shape is not None and shape.xml_namespace is not None and not shape.xml_namespace.prefix:
            return shape.xml_namespace
    return None


def write_error(model: ServiceModel, error: AwsError, request_id: str) -> Response:
    told = answer(model, error)
    if told.status == 304:  # a reply without a body: the client would take one for the next reply's beginning
        return Response(304, _request_headers(model, request_id))
    if model.name == "s3":
        body = _s3_error(told.code, told.shape, error, request_id)
    else:
        members = query.error_members(told.code, told.shape, error)
        namespace = xml_body.namespace_attribute(document_namespace(model))
        body = (
            f"<ErrorResponse{namespace}><Error><Type>{told.fault}</Type>{members}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    headers = [("Content-Type", _TYPE), *_request_headers(model, request_id)]
    if told.shape is not None:
        headers += rest.output_headers(rest.bindings(told.shape), error.fields)
    return Response(told.status, headers, _bytes(body))


def _s3_error(code: str, shape: Shape | None, error: AwsError, request_id: str) -> str:
    """S3 tells the key, the bucket and more with its errors, of which the model knows nothing."""
    known = shape.members if shape else {}
    more = "".join(
        f"<{name}>{escape(str(value))}</{name}>" for name, value in error.fields.items() if name not in known
    )
    ids = f"<RequestId>{request_id}</RequestId><HostId>{_host_id(request_id)}</HostId>"
    return f"<Error>{query.error_members(code, shape, error)}{more}{ids}</Error>"


def _request_headers(model: ServiceModel, request_id: str) -> Headers:
    if model.name in ("s3", "s3control"):
        return [("x-amz-request-id", request_id), ("x-amz-id-2", _host_id(request_id))]
    return [("x-amzn-RequestId", request_id)]


def _host_id(request_id: str) -> str:
    """The second, longer id that S3 gives to a request."""
    return base64.b64encode(request_id.encode()).decode()
