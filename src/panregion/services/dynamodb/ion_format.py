"""Items as Amazon Ion, in which tables can be exported and imported: text one way, text or binary the other.

Strings, booleans, decimals, blobs, lists and structs are what they are called; a set is a list with an annotation that
names its kind. Imported by those who need it, when they do: the library takes a while to load.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from amazon.ion import simpleion
from amazon.ion.core import IonType
from amazon.ion.exceptions import IonException
from amazon.ion.simple_types import IonPyList, IonPyNull

from panregion.languages.dynamodb import Item, Value
from panregion.languages.dynamodb.values import decode_binary

SETS = {"SS": "$dynamodb_SS", "NS": "$dynamodb_NS", "BS": "$dynamodb_BS"}
_KINDS = {annotation: kind for kind, annotation in SETS.items()}


class NotIon(Exception):
    """These bytes are no Ion."""


def encode_line(value: dict[str, Any]) -> bytes:
    """A line of an export: a struct, its values as `native` gives them."""
    text: str = simpleion.dumps(value, binary=False)
    return text.encode() + b"\n"


def native(item: Item) -> dict[str, Any]:
    """An item as the values that Ion has."""
    return {name: _native(value) for name, value in item.items()}


def _native(value: Value) -> Any:
    ((kind, inner),) = value.items()
    match kind:
        case "N":
            return Decimal(inner).normalize()
        case "B":
            return decode_binary(inner)
        case "NULL":
            return None
        case "M":
            return native(inner)
        case "L":
            return [_native(element) for element in inner]
        case "SS" | "NS" | "BS":
            elements = [_native({kind[0]: element}) for element in inner]
            return IonPyList.from_value(IonType.LIST, elements, (SETS[kind],))
    return inner


def items_of(data: bytes) -> Iterator[Item | None]:
    """The items of an object, each a struct with an Item; None for what is none. Raises NotIon."""
    try:
        found = simpleion.loads(data, single_value=False)
    except (IonException, ValueError, EOFError, TypeError) as error:
        raise NotIon(str(error)) from error
    for entry in found:
        yield _item(entry)


def _item(entry: Any) -> Item | None:
    inner = entry.get("Item") if isinstance(entry, Mapping) else None
    try:
        return _fields(inner) if isinstance(inner, Mapping) else None
    except ValueError:
        return None


def _fields(given: Mapping[str, Any]) -> Item:
    return {str(name): _value(value) for name, value in given.items()}


def _value(given: Any) -> Value:
    """Raises ValueError for what DynamoDB has not, such as a timestamp."""
    match given:
        case None | IonPyNull():
            return {"NULL": True}
        case bytes():
            return {"B": b64encode(given).decode()}
        case str():
            return {"S": str(given)}
        case Mapping():
            return {"M": _fields(given)}
        case list():
            return _list(given)
    if getattr(given, "ion_type", None) is IonType.BOOL or isinstance(given, bool):
        return {"BOOL": bool(given)}
    if isinstance(given, int | Decimal):
        return {"N": format(Decimal(given), "f")}
    raise ValueError(f"{type(given).__name__} is no type of DynamoDB's")


def _list(given: list[Any]) -> Value:
    annotations = [token.text for token in getattr(given, "ion_annotations", ())]
    kind = next((_KINDS[text] for text in annotations if text in _KINDS), None)
    if kind is None:
        return {"L": [_value(element) for element in given]}
    elements = [_value(element) for element in given]
    if any(kind[0] not in element for element in elements):
        raise ValueError(f"an element of a set is no {kind[0]}")
    return {kind: [element[kind[0]] for element in elements]}
