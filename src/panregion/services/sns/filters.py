"""Filter policies: what AWS allows of them, and what they are held against. Pure."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from panregion.languages.patterns import FILTER_POLICIES, Pattern, PatternError, compile_pattern
from panregion.services.sns.errors import invalid

KEYS_MAX = 5
COMBINATIONS_MAX = 150
POLICY_BYTES_MAX = 256 * 1024


def check(text: str, scope: str, prefix: str) -> None:
    """Raises InvalidParameterException for what is no filter policy; `prefix` begins its message."""
    try:
        policy = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise invalid(f"{prefix}FilterPolicy: failed to parse JSON.") from error
    if not isinstance(policy, dict) or len(text.encode()) > POLICY_BYTES_MAX:
        raise invalid(f"{prefix}FilterPolicy: failed to parse JSON.")
    if len(policy) > KEYS_MAX:
        raise invalid(f"{prefix}FilterPolicy: Filter policy can not have more than {KEYS_MAX} keys")
    if scope == "MessageAttributes" and _is_nested(policy):
        raise invalid(f"{prefix}Filter policy scope MessageAttributes does not support nested filter policy")
    try:
        compile_pattern(policy, FILTER_POLICIES)
    except PatternError as error:
        raise invalid(f"{prefix}FilterPolicy: {error}") from error
    if combinations(policy) > COMBINATIONS_MAX:
        raise invalid(f"{prefix}FilterPolicy: Filter policy is too complex")


def _is_nested(policy: Mapping[str, Any]) -> bool:
    for name, inner in policy.items():
        if isinstance(inner, dict):
            return True
        if name == "$or" and isinstance(inner, list):
            return any(isinstance(one, dict) and _is_nested(one) for one in inner)
    return False


def combinations(policy: Mapping[str, Any], depth: int = 1, start: int = 1) -> int:
    """How complex a policy is: the numbers of conditions and the depths at which they stand, multiplied; of the
    alternatives of an `$or`, added."""
    found = start
    for name, inner in policy.items():
        if isinstance(inner, dict):
            found = combinations(inner, depth + 1, found)
        elif name == "$or" and all(isinstance(one, dict) for one in inner):
            found = sum(combinations(one, depth, found) for one in inner)
        else:
            found *= len(inner) * depth
    return found


@lru_cache(4096)
def compiled(text: str, _scope: str) -> Pattern:
    """A policy that was checked when it was set."""
    return compile_pattern(msgspec.json.decode(text), FILTER_POLICIES)


def attribute_values(attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What a filter on message attributes sees of them: texts, numbers, and the elements of String.Array.

    Binary ones are passed over, as if they were not there.
    """
    texts = ((name, attribute["DataType"], attribute.get("StringValue")) for name, attribute in attributes.items())
    return {name: _value(kind, text) for name, kind, text in texts if text is not None}


def _value(kind: str, text: str) -> Any:
    if kind == "Number" or kind.startswith("Number."):
        try:
            return float(text)
        except ValueError:
            return text
    if kind == "String.Array":
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            return text
    return text


def body_of(text: str) -> Any:
    """What a filter on the body sees; a body that is no JSON object matches no filter."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
