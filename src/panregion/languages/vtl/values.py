"""Values in a template: plain Python ones that behave as Java's, and objects of the host's.

Null and undefined are both None. Only null and false are false. A method that a type does not have gives null, as does
a property: Velocity prints the reference as it was written, and goes on.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from panregion.languages.vtl.errors import VtlError

Method = Callable[..., Any]


class Host:
    """An object that the host gives to a template: some properties, some methods, nothing else."""

    def __init__(self, properties: Mapping[str, Any] | None = None, **methods: Method) -> None:
        self.properties = properties or {}
        self.methods = methods

    def __str__(self) -> str:
        return text(dict(self.properties))


class Entry:
    """A pair of a map, as entrySet gives it."""

    def __init__(self, key: Any, value: Any) -> None:
        self.key = key
        self.value = value


def truth(value: Any) -> bool:
    """Only null and false are false."""
    return value is not None and value is not False


def text(value: Any) -> str:
    """A value as Java prints it."""
    match value:
        case None:
            return "null"
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case list():
            return f"[{', '.join(map(text, value))}]"
        case dict():
            return "{" + ", ".join(f"{text(name)}={text(inner)}" for name, inner in value.items()) + "}"
        case Entry():
            return f"{text(value.key)}={text(value.value)}"
    return str(value)


def get_property(value: Any, name: str) -> Any:
    """`value.name`"""
    match value:
        case dict():
            return value.get(name)
        case Host():
            return value.properties.get(name)
        case Entry():
            return {"key": value.key, "value": value.value}.get(name)
        case str() | list():
            return len(value) == 0 if name == "empty" else None
    return None


def get_index(value: Any, index: Any) -> Any:
    """`value[index]`"""
    if isinstance(value, list) and isinstance(index, int):
        return value[index] if -len(value) <= index < len(value) else None
    return value.get(index) if isinstance(value, dict) else None


def set_in(value: Any, name: Any, new: Any) -> None:
    """`#set($value.name = new)`, `#set($value[name] = new)`"""
    if isinstance(value, dict) or (isinstance(value, list) and isinstance(name, int) and 0 <= name < len(value)):
        value[name] = new
    else:
        raise VtlError(f"{text(value)} has nothing to set at {text(name)}")


def call(value: Any, name: str, arguments: list[Any]) -> Any:
    """`value.name(arguments)`; null where there is no such method, VtlError where it cannot take them."""
    method: Method | None
    if isinstance(value, Host):
        method = value.methods.get(name)
        if method is None:
            method = _METHODS_OF_DICT.get(name)
            if method is None or not value.properties:
                return None
            return _run(name, method, [dict(value.properties), *arguments])
        return _run(name, method, arguments)
    method = _methods_of(value).get(name) or _METHODS_OF_ANYTHING.get(name)
    return None if method is None else _run(name, method, [value, *arguments])


def _run(name: str, method: Method, arguments: list[Any]) -> Any:
    try:
        return method(*arguments)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError, re.error) as error:
        raise VtlError(f"{name}({', '.join(map(text, arguments))}): {error}") from error


def _methods_of(value: Any) -> Mapping[str, Method]:
    match value:
        case str():
            return _METHODS_OF_STR
        case list():
            return _METHODS_OF_LIST
        case dict():
            return _METHODS_OF_DICT
        case bool():
            return {"booleanValue": lambda it: it}
        case int() | float():
            return _METHODS_OF_NUMBER
        case Entry():
            return {"getKey": lambda it: it.key, "getValue": lambda it: it.value}
    return {}


def java_pattern(pattern: str) -> re.Pattern[str]:
    """Java's regular expressions are near enough to Python's; possessive and named groups are spelled alike too."""
    return re.compile(pattern)


def _replacement(java: str) -> str:
    """Java's $1 and backslash in a replacement, as Python has them."""
    java = re.sub(r"\\(.)", lambda found: f"\\{found[1]}" if found[1] == "\\" else found[1].replace("$", "\0"), java)
    return re.sub(r"\$(\d)", r"\\g<\1>", java).replace("\0", "$")


def _split(it: str, pattern: str, limit: int = 0) -> list[str]:
    parts = java_pattern(pattern).split(it, maxsplit=max(limit - 1, 0)) if limit != 1 else [it]
    if limit == 0:
        while len(parts) > 1 and parts[-1] == "":
            parts.pop()
    return parts[1:] if len(parts) > 1 and parts[0] == "" and pattern == "" else parts


def _substring(it: str, start: int, end: int | None = None) -> str:
    end = len(it) if end is None else end
    if not 0 <= start <= end <= len(it):
        raise IndexError(f"no characters {start} to {end} in a string of {len(it)}")
    return it[start:end]


def _put(it: dict[Any, Any], key: Any, value: Any) -> Any:
    old = it.get(key)
    it[key] = value
    return old


def _put_all(it: dict[Any, Any], others: Any) -> None:
    it.update(others.properties if isinstance(others, Host) else others)


def _add(it: list[Any], first: Any, *second: Any) -> bool:
    if second:
        it.insert(first, second[0])
    else:
        it.append(first)
    return True


def _add_all(it: list[Any], others: list[Any]) -> bool:
    it.extend(others)
    return bool(others)


def _set(it: list[Any], index: int, value: Any) -> Any:
    old = it[index]
    it[index] = value
    return old


def _remove(it: list[Any], which: Any) -> Any:
    if isinstance(which, int) and not isinstance(which, bool):
        return it.pop(which)
    if which in it:
        it.remove(which)
        return True
    return False


_METHODS_OF_ANYTHING: dict[str, Method] = {
    "toString": text,
    "equals": lambda it, other: it == other,
    "hashCode": lambda it: hash(text(it)) & 0x7FFFFFFF,
}
_METHODS_OF_STR: dict[str, Method] = {
    "length": len,
    "isEmpty": lambda it: not it,
    "contains": lambda it, part: text(part) in it,
    "startsWith": lambda it, part: it.startswith(part),
    "endsWith": lambda it, part: it.endswith(part),
    "equalsIgnoreCase": lambda it, other: it.lower() == text(other).lower(),
    "compareTo": lambda it, other: (it > other) - (it < other),
    "indexOf": lambda it, part, start=0: it.find(part, start),
    "lastIndexOf": lambda it, part: it.rfind(part),
    "substring": _substring,
    "charAt": lambda it, index: it[index],
    "concat": lambda it, other: it + other,
    "replace": lambda it, old, new: it.replace(text(old), text(new)),
    "replaceAll": lambda it, pattern, new: java_pattern(pattern).sub(_replacement(text(new)), it),
    "replaceFirst": lambda it, pattern, new: java_pattern(pattern).sub(_replacement(text(new)), it, count=1),
    "matches": lambda it, pattern: java_pattern(pattern).fullmatch(it) is not None,
    "split": _split,
    "trim": str.strip,
    "toLowerCase": str.lower,
    "toUpperCase": str.upper,
    "valueOf": lambda _it, other: text(other),
}
_METHODS_OF_LIST: dict[str, Method] = {
    "size": len,
    "isEmpty": lambda it: not it,
    "get": lambda it, index: it[index],
    "add": _add,
    "addAll": _add_all,
    "set": _set,
    "remove": _remove,
    "contains": lambda it, value: value in it,
    "indexOf": lambda it, value: it.index(value) if value in it else -1,
    "subList": lambda it, start, end: it[start:end],
    "clear": list.clear,
}
_METHODS_OF_DICT: dict[str, Method] = {
    "size": len,
    "isEmpty": lambda it: not it,
    "get": lambda it, key: it.get(key),
    "getOrDefault": lambda it, key, default: it.get(key, default),
    "put": _put,
    "putAll": _put_all,
    "remove": lambda it, key: it.pop(key, None),
    "containsKey": lambda it, key: key in it,
    "containsValue": lambda it, value: value in it.values(),
    "keySet": lambda it: list(it),
    "values": lambda it: list(it.values()),
    "entrySet": lambda it: [Entry(key, value) for key, value in it.items()],
    "clear": dict.clear,
}
_METHODS_OF_NUMBER: dict[str, Method] = {
    "intValue": int,
    "longValue": int,
    "doubleValue": float,
    "compareTo": lambda it, other: (it > other) - (it < other),
    "parseInt": lambda _it, other: int(other),
    "parseLong": lambda _it, other: int(other),
    "parseDouble": lambda _it, other: float(other),
    "valueOf": lambda _it, other: float(other) if "." in text(other) else int(other),
}
