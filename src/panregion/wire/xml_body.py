"""XML documents to and from values, for the rest-xml, query and ec2 protocols.

Names, flattening, attributes and namespaces come from the model. Inwards, namespaces are dropped: clients differ
in them and AWS does not mind. Outwards, text is written straight into a list of pieces; building a tree first
would take three times as long.
"""

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from panregion.wire import text
from panregion.wire.compiled import Transform, compiler
from panregion.wire.errors import AwsError, SerializationException
from panregion.wire.model import Shape, XmlNamespace

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

Pieces = list[str]
Write = Callable[[str, Any, Pieces], None]
"""Writes a value as the element (or elements, if flattened) of the given name."""


class MalformedXML(AwsError):
    """What S3 says of a document that is none."""


_MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"

# Inwards


def parse(body: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:  # no AWS request has one; entities could grow without bound
        raise MalformedXML(_MALFORMED)
    try:
        return ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise MalformedXML(_MALFORMED) from error


def decode(shape: Shape, element: ElementTree.Element) -> Any:
    return _decoder(shape)([element])


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def element_name(shape: Shape, name: str) -> str:
    """What a member is called. A flattened list goes by its items' name, if they have one of their own."""
    return element_names(shape, name)[0]


def element_names(shape: Shape, name: str) -> list[str]:
    """What clients may call a member, the likeliest first: botocore and Smithy's clients read models differently."""
    names = [shape.member.location_name] if shape.type == "list" and shape.flattened else []
    return [found for found in (*names, shape.location_name, name) if found]


def _build_decoder(shape: Shape, compiled: Callable[[Shape], Transform]) -> Transform:
    """Decoders take all elements of one name: one, but for flattened lists and maps."""
    if shape.type == "structure":
        return _decode_structure(shape, compiled)
    if shape.type == "list":
        return _decode_list(shape, compiled)
    if shape.type == "map":
        return _decode_map(shape, compiled)
    read = text.reader(shape)
    return lambda elements: read(elements[0].text or "")


_decoder = compiler(_build_decoder)


def _decode_structure(shape: Shape, compiled: Callable[[Shape], Transform]) -> Transform:
    fields = wire_names(shape, element_names, compiled)
    attributes = {
        (member.location_name or name).rpartition(":")[2]: name
        for name, member in shape.members.items()
        if member.xml_attribute
    }

    def decode_structure(elements: list[ElementTree.Element]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for tag, children in _by_tag(elements[0]).items():
            if tag in fields:
                name, inner = fields[tag]
                found[name] = inner(children)
        for key, value in elements[0].attrib.items():
            name = attributes.get(key.rpartition("}")[2], "")
            if name:
                found[name] = value
        return found

    return decode_structure


def wire_names(
    shape: Shape, names_of: Callable[[Shape, str], list[str]], compiled: Callable[[Shape], Transform]
) -> dict[str, tuple[str, Transform]]:
    """The members of a structure by each of their names; where two claim one, it goes to whose likelier it is."""
    found: dict[str, tuple[int, str, Transform]] = {}
    for name, member in shape.members.items():
        if member.location is None and not member.xml_attribute:
            for rank, wire_name in enumerate(names_of(member, name)):
                if wire_name not in found or rank < found[wire_name][0]:
                    found[wire_name] = (rank, name, compiled(member))
    return {wire_name: (name, inner) for wire_name, (_, name, inner) in found.items()}


def _by_tag(element: ElementTree.Element) -> dict[str, list[ElementTree.Element]]:
    found: dict[str, list[ElementTree.Element]] = {}
    for child in element:
        found.setdefault(_tag(child), []).append(child)
    return found


def _decode_list(shape: Shape, compiled: Callable[[Shape], Transform]) -> Transform:
    inner = compiled(shape.member)
    if shape.flattened:
        return lambda elements: [inner([element]) for element in elements]
    return lambda elements: [inner([child]) for child in elements[0]]


def _decode_map(shape: Shape, compiled: Callable[[Shape], Transform]) -> Transform:
    key_name, value_name = shape.key.location_name or "key", shape.value.location_name or "value"
    read_key, read_value = compiled(shape.key), compiled(shape.value)

    def decode_entries(entries: list[ElementTree.Element]) -> dict[str, Any]:
        found = {}
        for entry in entries:
            parts = _by_tag(entry)
            if key_name not in parts or value_name not in parts:
                raise SerializationException(f"An entry needs {key_name} and {value_name}")
            found[read_key(parts[key_name])] = read_value(parts[value_name])
        return found

    return decode_entries if shape.flattened else lambda elements: decode_entries(list(elements[0]))


# Outwards


def encode(shape: Shape, name: str, value: Any, namespace: XmlNamespace | None = None) -> str:
    """An element of the given name. `namespace` is the document's, where the shape brings none."""
    pieces: Pieces = []
    _writer(shape)(name, value, pieces)
    if namespace is not None and shape.xml_namespace is None and pieces:
        pieces[0] = pieces[0].replace(f"<{name}", f"<{name}{namespace_attribute(namespace)}", 1)
    return "".join(pieces)


def encode_members(shape: Shape, value: dict[str, Any]) -> str:
    """A structure's members without an element around them."""
    pieces: Pieces = []
    _write_members(shape)(value, pieces)
    return "".join(pieces)


def namespace_attribute(namespace: XmlNamespace | None) -> str:
    if namespace is None:
        return ""
    prefix = f":{namespace.prefix}" if namespace.prefix else ""
    return f" xmlns{prefix}={quoteattr(namespace.uri)}"


_SPECIAL = re.compile("[&<>\r]")


def escaped(value: str) -> str:
    """Text for an element. A carriage return written plainly would be read as a line feed."""
    return value if _SPECIAL.search(value) is None else escape(value, {"\r": "&#xD;"})


def _build_writer(shape: Shape, compiled: Callable[[Shape], Write]) -> Write:
    if shape.type == "structure":
        return _write_structure(shape)
    if shape.type == "list":
        return _write_list(shape, compiled)
    if shape.type == "map":
        return _write_map(shape, compiled)
    to_text = text.writer(shape, "iso8601")
    attribute = namespace_attribute(shape.xml_namespace)
    return lambda name, value, out: out.append(f"<{name}{attribute}>{escaped(to_text(value))}</{name}>")


_writer = compiler(_build_writer)


def _write_structure(shape: Shape) -> Write:
    attribute = namespace_attribute(shape.xml_namespace)
    attributes = [
        (name, member.location_name or name) for name, member in shape.members.items() if member.xml_attribute
    ]
    members: list[Callable[[dict[str, Any], Pieces], None]] = []

    def write_structure(name: str, value: dict[str, Any], out: Pieces) -> None:
        if not members:
            members.append(_write_members(shape))
        own = "".join(f" {wire}={quoteattr(value[key])}" for key, wire in attributes if value.get(key) is not None)
        out.append(f"<{name}{attribute}{own}>")
        members[0](value, out)
        out.append(f"</{name}>")

    return write_structure


def _write_members(shape: Shape) -> Callable[[dict[str, Any], Pieces], None]:
    fields = [
        (name, element_name(member, name), _writer(member))
        for name, member in shape.members.items()
        if member.in_reply_body and not member.xml_attribute
    ]

    def write_members(value: dict[str, Any], out: Pieces) -> None:
        for name, wire_name, write in fields:
            item = value.get(name)
            if item is not None:
                write(wire_name, item, out)

    return write_members


def _write_list(shape: Shape, compiled: Callable[[Shape], Write]) -> Write:
    write_item = compiled(shape.member)
    item_name = shape.member.location_name or "member"
    attribute = namespace_attribute(shape.xml_namespace)

    def write_flat(name: str, value: list[Any], out: Pieces) -> None:
        for item in value:
            if item is not None:
                write_item(name, item, out)

    def write_list(name: str, value: list[Any], out: Pieces) -> None:
        out.append(f"<{name}{attribute}>")
        write_flat(item_name, value, out)
        out.append(f"</{name}>")

    return write_flat if shape.flattened else write_list


def _write_map(shape: Shape, compiled: Callable[[Shape], Write]) -> Write:
    write_key, write_value = compiled(shape.key), compiled(shape.value)
    key_name, value_name = shape.key.location_name or "key", shape.value.location_name or "value"
    attribute = namespace_attribute(shape.xml_namespace)

    def write_flat(name: str, value: dict[str, Any], out: Pieces) -> None:
        for key, item in value.items():
            out.append(f"<{name}>")
            write_key(key_name, key, out)
            write_value(value_name, item, out)
            out.append(f"</{name}>")

    def write_map(name: str, value: dict[str, Any], out: Pieces) -> None:
        out.append(f"<{name}{attribute}>")
        write_flat("entry", value, out)
        out.append(f"</{name}>")

    return write_flat if shape.flattened else write_map
