"""Events."""

from datetime import datetime
from typing import Any

import msgspec

from panregion.languages.patterns import EVENTS, PatternError, compile_pattern
from panregion.services import Here, reads
from panregion.services.events import layout
from panregion.services.events.delivery import accept, time_text
from panregion.services.events.errors import InvalidEventPatternException, ValidationException
from panregion.services.events.leading import put_by_endpoint
from panregion.services.events.names import bus_of
from panregion.services.waiting import Instead, foreseen
from panregion.wire import AwsError

Json = dict[str, Any]

ENTRIES_BYTES_MAX = 262_144
REQUIRED = ("Source", "DetailType", "Detail")
TIMED_BYTES = 14


def put_events(here: Here, entries: list[Json], endpoint_id: str | None = None) -> Json:  # noqa: ARG001
    """Each entry is accepted or not by itself. Where a global endpoint is named, `_by_endpoint` comes first."""
    if sum(size_of(entry) for entry in entries) > ENTRIES_BYTES_MAX:
        raise ValidationException("Total size of the entries in the request is over the limit.")
    results = [_put(here, entry) for entry in entries]
    return {"FailedEntryCount": sum("ErrorCode" in result for result in results), "Entries": results}


def _by_endpoint(_here: Here, arguments: Json) -> Instead | None:
    return None if arguments.get("endpoint_id") is None else put_by_endpoint


foreseen(put_events, _by_endpoint)


def size_of(entry: Json) -> int:
    """As AWS counts it."""
    size = TIMED_BYTES if entry.get("Time") is not None else 0
    texts = [entry.get(name) or "" for name in REQUIRED] + list(entry.get("Resources") or ())
    return size + sum(len(text.encode()) for text in texts)


def _put(here: Here, entry: Json) -> Json:
    for name in REQUIRED:
        if not entry.get(name):
            message = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": message}
    if entry["Source"].startswith("aws."):
        return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
    try:
        detail = msgspec.json.decode(entry["Detail"])
    except msgspec.DecodeError:
        detail = None
    if not isinstance(detail, dict):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    event = event_of(here, entry, detail)
    try:
        bus = bus_of(here, entry.get("EventBusName"))
    except AwsError as error:
        return {"ErrorCode": error.code, "ErrorMessage": error.message}
    if layout.find_bus(here.tx, bus) is not None:  # AWS takes events for a bus that does not exist, and drops them
        accept(here, bus, event)
    return {"EventId": event["id"]}


def event_of(here: Here, entry: Json, detail: Json) -> Json:
    at = entry.get("Time")
    moment = at.timestamp() if isinstance(at, datetime) else here.now() if at is None else float(at)
    return {
        "version": "0",
        "id": here.world.chance.uuid(),
        "detail-type": entry["DetailType"],
        "source": entry["Source"],
        "account": here.account_id,
        "time": time_text(moment),
        "region": here.region,
        "resources": list(entry.get("Resources") or ()),
        "detail": detail,
    }


def check_pattern(text: str) -> Any:
    """The pattern's JSON. Raises InvalidEventPatternException."""
    try:
        document = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise InvalidEventPatternException(f"Event pattern is not valid. Reason: {error}") from error
    try:
        compile_pattern(document, EVENTS)
    except PatternError as error:
        raise InvalidEventPatternException(f"Event pattern is not valid. Reason: {error}") from error
    return document


@reads
def test_event_pattern(here: Here, event_pattern: str, event: str) -> Json:  # noqa: ARG001
    pattern = compile_pattern(check_pattern(event_pattern), EVENTS)
    try:
        document = msgspec.json.decode(event)
    except msgspec.DecodeError as error:
        raise ValidationException("Parameter Event is not valid.") from error
    needed = ("id", "account", "source", "time", "region", "resources", "detail-type")
    if not isinstance(document, dict) or any(name not in document for name in needed):
        raise ValidationException(f"Parameter Event is not valid. Reason: it must have {', '.join(needed)}.")
    return {"Result": pattern.matches(document)}
