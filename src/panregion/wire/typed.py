"""A JSON body straight into a function's arguments, decoded and checked against the model in one native pass.

`json_body.decode`, `shapes.check` and the renaming of parameters walk a request three times in Python. Here the model's
shape becomes a type of msgspec's once, with its required members, enums, lengths and patterns, and decoding a body is
all there is. It takes only what is right in every respect and without a null; anything else it refuses without a
reason, and the long way finds out whether that is an error and in which words.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Annotated, Any, Final, Literal, NamedTuple, TypedDict

import msgspec

from panregion.wire import json_body
from panregion.wire.constraints import LEFT_TO_THE_SERVICE, compiled_pattern
from panregion.wire.model import Shape

BASE64 = r"\A(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z"
REQUIRED: Final = object()

Unusual = msgspec.DecodeError
"""The body is not one of those that need no second look."""


class Argument(NamedTuple):
    """What a function calls a parameter, and its default (REQUIRED: it has none)."""

    name: str
    default: Any


class _Untyped(Exception):
    """The shape holds something that a type cannot say."""


def arguments_reader(
    shape: Shape, arguments: Mapping[str, Argument], *, text_blobs: bool
) -> Callable[[bytes], dict[str, Any]] | None:
    """Gives a function's arguments by name from a body; raises Unusual. None for shapes that take another form in hand
    than on the wire. `arguments` are those that the function takes, by the model's member names."""
    if json_body.decoder(shape, text_blobs=text_blobs) is not None:
        return None
    try:
        record = _record(shape, arguments)
    except _Untyped:
        return None
    decode = msgspec.json.Decoder(record).decode
    names = [argument.name for argument in arguments.values()]
    if len(names) < 2:  # attrgetter gives a tuple from two on
        return lambda body: {name: getattr(decode(body), name) for name in names}
    values: Callable[[msgspec.Struct], tuple[Any, ...]] = attrgetter(*names)
    return lambda body: dict(zip(names, values(decode(body)), strict=True))


def _record(shape: Shape, arguments: Mapping[str, Argument]) -> type[msgspec.Struct]:
    types = _Types()
    fields: list[tuple[str, Any, Any] | tuple[str, Any]] = []
    for member, inner in shape.members.items():
        argument = arguments.get(member)
        if argument is None:
            fields.append((f"unknown_{member}", None, None))  # a value for it is the long way's to refuse
        elif argument.default is REQUIRED or member in shape.required:
            fields.append((argument.name, types.of(inner)))
        elif argument.default is None:
            fields.append((argument.name, types.of(inner) | None, None))
        else:
            fields.append((argument.name, types.of(inner), argument.default))
    renamed = {argument.name: member for member, argument in arguments.items()}
    renamed |= {f"unknown_{member}": member for member in shape.members if member not in arguments}
    return msgspec.defstruct(shape.name, fields, rename=renamed, kw_only=True, gc=False)


class _Types:
    """The types of shapes; one that contains itself is met again while it is made."""

    def __init__(self) -> None:
        self._known: dict[Shape, Any] = {}

    def of(self, shape: Shape) -> Any:
        """Raises _Untyped."""
        found = self._known.get(shape)
        if found is None:
            found = self._made(shape)
            self._known[shape] = found
        return found

    def _made(self, shape: Shape) -> Any:
        definition = shape.definition
        if shape.document or definition.union or definition.sparse:
            raise _Untyped
        match shape.type:
            case "structure":
                return self._structure(shape)
            case "list":
                return _sized(shape, list[self.of(shape.member)])  # type: ignore[misc]
            case "map":
                return _sized(shape, dict[self.of(shape.key), self.of(shape.value)])  # type: ignore[misc]
            case "string" if definition.enum and shape.name not in LEFT_TO_THE_SERVICE:
                return Literal[tuple(definition.enum)]
            case "string":
                return _sized(shape, str, _pattern(shape))
            case "blob":
                return _sized(shape, str, BASE64)
            case "boolean":
                return bool
            case "integer" | "long" | "short" | "byte":
                return Annotated[int, msgspec.Meta(ge=_whole(definition.min), le=_whole(definition.max))]
        raise _Untyped

    def _structure(self, shape: Shape) -> Any:
        made: Any = TypedDict(shape.name, {}, total=False)  # type: ignore[misc]
        self._known[shape] = made
        for name, member in shape.members.items():
            made.__annotations__[name] = self.of(member)
        made.__required_keys__ = frozenset(shape.required)
        made.__optional_keys__ = frozenset(shape.members) - made.__required_keys__
        return made


def _sized(shape: Shape, kind: Any, pattern: str | None = None) -> Any:
    least, most = _whole(shape.definition.min), _whole(shape.definition.max)
    if least is None and most is None and pattern is None:
        return kind
    return Annotated[kind, msgspec.Meta(min_length=least, max_length=most, pattern=pattern)]


def _whole(bound: float | None) -> int | None:
    if bound is not None and bound != int(bound):
        raise _Untyped
    return None if bound is None else int(bound)


def _pattern(shape: Shape) -> str | None:
    if not shape.definition.pattern:
        return None
    expression = compiled_pattern(shape.definition.pattern)
    return None if expression is None else rf"(?s)\A(?:{expression.pattern})\Z"
