"""What an enrichment or a target is given of a record: the record, or a template filled with parts of it. Pure.

Where a path leads into text that is JSON, as the body of a message, it goes on within it; a path alone, as in
MessageGroupId: $.body.customer, is the text of what it finds.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from panregion.functions import iso
from panregion.languages.jsonpath import JsonPathError, find
from panregion.languages.placeholders import UNKNOWN, fill
from panregion.services.pipes.model import Pipe

Json = dict[str, Any]

_PLACE = re.compile(r"<(\$[^<>]*|aws\.pipes\.[a-z.-]+)>")


class NotJson(Exception):
    """A template gave what the receiver cannot be given."""


def opened(record: Any) -> Any:
    """The record with its body as JSON where it is JSON."""
    if not isinstance(record, dict) or not isinstance(record.get("body"), str):
        return record
    try:
        return {**record, "body": msgspec.json.decode(record["body"])}
    except msgspec.DecodeError:
        return record


def at(path: str, record: Any) -> Any:
    """What a path finds in an opened record; None for nothing."""
    try:
        return find(path, record)
    except JsonPathError:
        return None


def filled(template: str | None, record: Any, reserved: Mapping[str, str]) -> str:
    """What the receiver is given, as text: the record itself where there is no template."""
    if not template:
        return as_text(record)
    within = opened(record)

    def value_of(name: str) -> Any:
        if name.startswith("$"):
            return at(name, within)
        if name in ("aws.pipes.event", "aws.pipes.event.json"):
            return record
        return reserved.get(name, UNKNOWN)

    return fill(template, _PLACE, value_of)


def as_json(text: str) -> Any:
    """Raises NotJson."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise NotJson(f"the input template gave what is not JSON ({error}): {text[:200]}") from error


def as_text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def dynamic(value: str, record: Any) -> str:
    """A parameter of a target: text as it is, or what a path finds in the record."""
    if not value.startswith("$."):
        return value
    found = at(value, opened(record))
    return "" if found is None else found if isinstance(found, str) else as_text(found)


def reserved_names(pipe_arn: str, pipe: Pipe, now_s: float) -> dict[str, str]:
    """The variables that every template knows."""
    return {
        "aws.pipes.pipe-arn": pipe_arn,
        "aws.pipes.pipe-name": pipe.name,
        "aws.pipes.source-arn": pipe.source,
        "aws.pipes.enrichment-arn": pipe.enrichment,
        "aws.pipes.target-arn": pipe.target,
        "aws.pipes.event.ingestion-time": iso(int(now_s * 1000)),
    }
