"""What a rule asks of a request: checked when it is written, compiled once, asked for each request. Pure.

Names of hosts, headers' values and query strings are compared without regard to case, paths and methods with it; `*`
stands for any characters, `?` for one. The values of a condition are alternatives, the conditions of a rule are not.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from panregion.services.elbv2.errors import ValidationError, unsupported
from panregion.world import Request

Json = dict[str, Any]
Test = Callable[[Request], bool]

VALUES_MAX, WILDCARDS_MAX, VALUE_LENGTH_MAX = 5, 6, 128
CONFIGS = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}
ONCE = frozenset({"host-header", "path-pattern", "http-request-method", "source-ip"})
METHOD = re.compile(r"[A-Z_-]{1,40}")
HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,40}")
PATTERN = re.compile(r"[A-Za-z0-9_\-.$/~\"'@:+&()!,;=*?% \[\]{}|^<>#`\\]*")


def normal(conditions: list[Json]) -> list[Json]:
    """A rule's conditions as they are kept and shown. Raises ValidationError."""
    if not conditions:
        raise ValidationError("A condition must be specified")
    seen: set[str] = set()
    found = []
    for condition in conditions:
        field = condition.get("Field")
        if field not in CONFIGS:
            raise ValidationError(f"Condition field '{field}' must be one of '[{', '.join(CONFIGS)}]'")
        if field in seen and field in ONCE:
            raise ValidationError(f"A rule can only have one '{field}' condition")
        seen.add(field)
        found.append(_normal(field, condition))
    values = sum(len(condition[CONFIGS[condition["Field"]]]["Values"]) for condition in found)
    if values > VALUES_MAX:
        raise ValidationError(f"A rule can only have '{VALUES_MAX}' condition values")
    if sum(text.count("*") + text.count("?") for condition in found for text in _texts(condition)) > WILDCARDS_MAX:
        raise ValidationError(f"A rule can only have '{WILDCARDS_MAX}' condition wildcards")
    return found


def _normal(field: str, condition: Json) -> Json:
    name = CONFIGS[field]
    config = condition.get(name)
    for other in (*CONFIGS.values(), "Values", "RegexValues"):
        if other not in (name, "Values") and condition.get(other):
            if other == "RegexValues":
                raise unsupported("RegexValues of conditions")
            raise ValidationError(f"'{other}' cannot be used with the condition field '{field}'")
    given = condition.get("Values") or []
    if config is not None and given and config.get("Values") != given:
        raise ValidationError(f"You cannot specify both 'Values' and '{name}' for the condition field '{field}'")
    if config is None:
        if field not in ("host-header", "path-pattern"):
            raise ValidationError(f"A '{name}' must be specified with the condition field '{field}'")
        config = {"Values": given}
    if config.get("RegexValues"):
        raise unsupported("RegexValues of conditions")
    values = config.get("Values") or []
    if not values:
        raise ValidationError("A condition value must be specified")
    _check(field, config, values)
    normal: Json = {"Field": field, name: {**config, "Values": values}}
    return normal | ({"Values": values} if field in ("host-header", "path-pattern") else {})


def _check(field: str, config: Json, values: list[Any]) -> None:
    if field == "source-ip":
        for value in values:
            _network(value)
    elif field == "http-request-method":
        for value in values:
            if METHOD.fullmatch(value) is None:
                raise ValidationError(f"The HTTP request method '{value}' is not valid")
    elif field == "http-header" and HEADER_NAME.fullmatch(config.get("HttpHeaderName") or "") is None:
        raise ValidationError("The HTTP header name of a condition is missing or not valid")
    for text in _texts({"Field": field, CONFIGS[field]: config}):
        if not 1 <= len(text) <= VALUE_LENGTH_MAX:
            raise ValidationError(f"A condition value must have 1 to {VALUE_LENGTH_MAX} characters")
        if PATTERN.fullmatch(text) is None:
            raise ValidationError(f"The condition value '{text}' contains a character that is not valid")


def _texts(condition: Json) -> Iterator[str]:
    """The values in which wildcards count."""
    if condition["Field"] in ("source-ip", "http-request-method"):
        return
    for value in condition[CONFIGS[condition["Field"]]]["Values"]:
        if isinstance(value, str):
            yield value
        elif not value.get("Value"):
            raise ValidationError("A query string condition needs a value")
        else:
            yield value["Value"]
            if value.get("Key"):
                yield value["Key"]


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        if "/" not in text:
            raise ValueError(text)
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise ValidationError(f"The value '{text}' is not a valid CIDR block") from error


# Compiling


def compiled(conditions: list[Json]) -> Test:
    """Whether a request meets all of the conditions, which `normal` has checked."""
    tests = [_test(condition["Field"], condition[CONFIGS[condition["Field"]]]) for condition in conditions]
    return lambda request: all(test(request) for test in tests)


def _test(field: str, config: Json) -> Test:
    values = config["Values"]
    match field:
        case "host-header":
            hosts = _any_of(values, re.IGNORECASE)
            return lambda request: hosts(request.host)
        case "path-pattern":
            paths = _any_of(values, 0)
            return lambda request: paths(request.path)
        case "http-header":
            header = _any_of(values, re.IGNORECASE)
            name = config["HttpHeaderName"].lower()
            return lambda request: any(header(value) for key, value in request.headers if key.lower() == name)
        case "http-request-method":
            return lambda request: request.method in values
        case "query-string":
            return _query(values)
    networks = [_network(value) for value in values]
    return lambda request: _within(request.peer, networks)


def _any_of(values: list[str], flags: int) -> Callable[[str], bool]:
    """Whether a text is one that the patterns mean."""
    pattern = "|".join(_expression(value) for value in values)
    matcher = re.compile(pattern, flags | re.DOTALL)
    return lambda text: matcher.fullmatch(text) is not None


def _expression(pattern: str) -> str:
    parts = (".*" if mark == "*" else "." if mark == "?" else re.escape(mark) for mark in pattern)
    return f"(?:{''.join(parts)})"


def _query(values: list[Json]) -> Test:
    pairs = [
        (_any_of([value["Key"]], re.IGNORECASE) if value.get("Key") else None, _any_of([value["Value"]], re.IGNORECASE))
        for value in values
    ]

    def test(request: Request) -> bool:
        for text in request.query.split("&") if request.query else ():
            key, _, value = text.partition("=")
            key, value = unquote(key), unquote(value)
            if any((wanted is None or wanted(key)) and meant(value) for wanted, meant in pairs):
                return True
        return False

    return test


def _within(address: str, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        peer = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(peer in network for network in networks if network.version == peer.version)
