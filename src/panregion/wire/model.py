"""AWS's own description of a service, read from the model files that ship with botocore.

Only what the wire needs is kept (documentation is skipped while decoding, so EC2's 4 MB cost little), and
botocore itself is not imported: that would cost a quarter of a second at every start. A service's model is
read when it is first asked for and kept.

A member of a structure is a reference to a shape plus traits of its own; `Shape` is the two merged, the
member's traits first. Equal references give the same Shape object, so recursive shapes end and compiled
closures can be kept by Shape.
"""

import gzip
import importlib.util
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import msgspec

from panregion.wire.errors import UnknownOperationException


class XmlNamespace(msgspec.Struct, frozen=True):
    uri: str
    prefix: str = ""


class Ref(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A reference to a shape, with the traits that a reference may carry."""

    shape: str = ""
    location: str | None = None
    location_name: str | None = None
    query_name: str | None = None
    flattened: bool | None = None
    streaming: bool | None = None
    timestamp_format: str | None = None
    xml_namespace: XmlNamespace | str | None = None
    xml_attribute: bool | None = None
    result_wrapper: str | None = None
    idempotency_token: bool | None = None
    jsonvalue: bool | None = None
    eventpayload: bool | None = None
    eventheader: bool | None = None


class ErrorTrait(msgspec.Struct, frozen=True, rename="camel"):
    code: str | None = None
    http_status_code: int | None = None
    sender_fault: bool | None = None


class Definition(Ref, frozen=True, rename="camel", kw_only=True):
    """A shape as the model file has it."""

    type: str
    members: dict[str, Ref] = {}
    member: Ref | None = None
    key: Ref | None = None
    value: Ref | None = None
    required: tuple[str, ...] = ()
    min: float | int | None = None
    max: float | int | None = None
    pattern: str | None = None
    enum: tuple[str, ...] = ()
    payload: str | None = None
    union: bool = False
    document: bool = False
    sparse: bool = False
    eventstream: bool = False
    event: bool = False
    exception: bool = False
    fault: bool = False
    error: ErrorTrait | None = None


class Http(msgspec.Struct, frozen=True, rename="camel"):
    method: str = "POST"
    request_uri: str = "/"
    response_code: int | None = None


class OperationDefinition(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    name: str
    http: Http = Http()
    input: Ref | None = None
    output: Ref | None = None
    errors: list[Ref] = []
    deprecated: bool = False
    requestcompression: dict[str, list[str]] | None = None


class Metadata(msgspec.Struct, frozen=True, rename="camel"):
    protocol: str
    api_version: str = ""
    protocols: list[str] = []
    endpoint_prefix: str = ""
    signing_name: str | None = None
    target_prefix: str | None = None
    json_version: str = "1.0"
    xml_namespace: XmlNamespace | str | None = None
    service_id: str = ""
    aws_query_compatible: dict[str, Any] | None = None


class Description(msgspec.Struct, frozen=True):
    metadata: Metadata
    operations: dict[str, OperationDefinition] = {}
    shapes: dict[str, Definition] = {}


class Shape:
    """A shape where it is used: definition and reference merged. Compared by identity."""

    def __init__(self, service: "ServiceModel", ref: Ref, definition: Definition) -> None:
        self._service = service
        self.definition = definition
        self.name = ref.shape
        self.type = definition.type
        self.location = ref.location or definition.location
        self.location_name = ref.location_name or definition.location_name
        self.query_name = ref.query_name or definition.query_name
        self.flattened = bool(_first(ref.flattened, definition.flattened))
        self.streaming = bool(_first(ref.streaming, definition.streaming))
        self.timestamp_format = ref.timestamp_format or definition.timestamp_format
        self.xml_namespace = _namespace(ref.xml_namespace or definition.xml_namespace)
        self.xml_attribute = bool(_first(ref.xml_attribute, definition.xml_attribute))
        self.result_wrapper = ref.result_wrapper or definition.result_wrapper
        self.jsonvalue = bool(_first(ref.jsonvalue, definition.jsonvalue))
        self.idempotency_token = bool(ref.idempotency_token)
        self.eventpayload = bool(ref.eventpayload)
        self.eventheader = bool(ref.eventheader)
        self.document = definition.document
        self.in_reply_body = self.location not in ("header", "headers", "statusCode")
        """Paths and query strings are places of a request; in a reply such a member is in the body."""
        self.required = definition.required

    @cached_property
    def members(self) -> dict[str, "Shape"]:
        return {name: self._service.shape(ref) for name, ref in self.definition.members.items()}

    @cached_property
    def member(self) -> "Shape":
        assert self.definition.member is not None, f"{self.name} is no list"
        return self._service.shape(self.definition.member)

    @cached_property
    def key(self) -> "Shape":
        assert self.definition.key is not None, f"{self.name} is no map"
        return self._service.shape(self.definition.key)

    @cached_property
    def value(self) -> "Shape":
        assert self.definition.value is not None, f"{self.name} is no map"
        return self._service.shape(self.definition.value)

    @cached_property
    def payload(self) -> "Shape | None":
        """The member that is the HTTP body, if one is."""
        return self.members[self.definition.payload] if self.definition.payload else None

    @cached_property
    def event_stream(self) -> str | None:
        """The name of the member that is a stream of events, if one is."""
        for name, member in self.members.items():
            if member.definition.eventstream:
                return name
        return None

    def __repr__(self) -> str:
        return f"<Shape {self._service.name}:{self.name} {self.type}>"


class Operation:
    """One operation of a service. Compared by identity."""

    def __init__(self, service: "ServiceModel", name: str, definition: OperationDefinition) -> None:
        self.service = service
        self.name = name
        self.http = definition.http
        self.input = service.shape(definition.input) if definition.input else None
        self.output = service.shape(definition.output) if definition.output else None

    def __repr__(self) -> str:
        return f"<Operation {self.service.name}:{self.name}>"


class ServiceModel:
    """The model of one service; its name is botocore's ("lambda", "stepfunctions")."""

    def __init__(self, name: str, description: Description) -> None:
        self.name = name
        self.metadata = description.metadata
        self.protocols = description.metadata.protocols or [description.metadata.protocol]
        self.xml_namespace = _namespace(description.metadata.xml_namespace)
        self._description = description
        self._operations: dict[str, Operation] = {}
        self._shapes: dict[Ref, Shape] = {}

    @property
    def operation_names(self) -> list[str]:
        return list(self._description.operations)

    def definition(self, operation: str) -> OperationDefinition:
        return self._description.operations[operation]

    def operation(self, name: str) -> Operation:
        found = self._operations.get(name)
        if found is None:
            definition = self._description.operations.get(name)
            if definition is None:
                raise UnknownOperationException(f"{self.metadata.service_id} has no operation {name}")
            found = self._operations[name] = Operation(self, name, definition)
        return found

    def shape(self, ref: Ref) -> Shape:
        found = self._shapes.get(ref)
        if found is None:
            found = self._shapes[ref] = Shape(self, ref, self._description.shapes[ref.shape])
        return found

    @cached_property
    def errors(self) -> dict[str, Shape]:
        """Exception shapes by name and by the code that they carry on the wire."""
        by_code: dict[str, Shape] = {}
        for name, definition in self._description.shapes.items():
            if definition.exception or definition.fault:
                shape = self.shape(Ref(shape=name))
                by_code[name] = shape
                if definition.error and definition.error.code:
                    by_code.setdefault(definition.error.code, shape)
        return by_code


@cache
def data_folder() -> Path:
    spec = importlib.util.find_spec("botocore")
    assert spec is not None, "botocore is a dependency"
    assert spec.origin is not None
    return Path(spec.origin).parent / "data"


def model_file(service: str) -> Path | None:
    """The newest model of a service, or None where botocore knows no such service."""
    folder = data_folder() / service
    files = sorted(folder.glob("*/service-2.json.gz")) if service.replace("-", "").isalnum() else []
    return files[-1] if files else None


@cache
def service_model(service: str) -> ServiceModel:
    """The model of a service by botocore's name for it. Raises UnknownOperationException for no such service."""
    return ServiceModel(service, describe(service))


def describe(service: str) -> Description:
    """What a service's model file says. Raises UnknownOperationException for no such service."""
    file = model_file(service)
    if file is None:
        raise UnknownOperationException(f"AWS has no service {service}")
    return _decoder.decode(gzip.decompress(file.read_bytes()))


_decoder = msgspec.json.Decoder(Description)


def _first(one: bool | None, other: bool | None) -> bool | None:
    return other if one is None else one


def _namespace(value: XmlNamespace | str | None) -> XmlNamespace | None:
    return XmlNamespace(uri=value) if isinstance(value, str) else value
