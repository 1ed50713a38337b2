"""Timestamps on the wire. Values inside are timezone-aware datetimes; going out, epoch seconds are taken too."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from panregion.wire.errors import SerializationException

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Moment = datetime | float | int

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?$")


def parse_epoch(seconds: float) -> datetime:
    try:
        return EPOCH + timedelta(seconds=seconds)
    except (OverflowError, ValueError) as error:
        raise SerializationException(f"{seconds} is not a valid timestamp") from error


def parse_text(text: str) -> datetime:
    """Any of the three forms that AWS uses, told apart by their look."""
    if _NUMBER.match(text):
        return parse_epoch(float(text))
    try:
        if text[:4].isdigit():
            return in_utc(datetime.fromisoformat(text))
        return in_utc(parsedate_to_datetime(text))
    except (ValueError, IndexError) as error:
        raise SerializationException(f"{text} is not a valid timestamp") from error


def in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def as_datetime(moment: Moment) -> datetime:
    return in_utc(moment) if isinstance(moment, datetime) else parse_epoch(moment)


def format_epoch(moment: Moment) -> float | int:
    """Seconds, to the millisecond: AWS's JSON never says more."""
    seconds = (in_utc(moment) - EPOCH) / timedelta(seconds=1) if isinstance(moment, datetime) else moment
    rounded = round(seconds, 3)
    return int(rounded) if rounded == int(rounded) else rounded


def format_iso8601(moment: Moment) -> str:
    whole = as_datetime(moment).replace(tzinfo=None)
    return whole.isoformat(timespec="milliseconds" if whole.microsecond >= 1000 else "seconds") + "Z"


def format_http_date(moment: Moment) -> str:
    return format_datetime(as_datetime(moment), usegmt=True)


def format_epoch_text(moment: Moment) -> str:
    return str(format_epoch(moment))


FORMATS: dict[str, Callable[[Moment], str]] = {
    "iso8601": format_iso8601,
    "rfc822": format_http_date,
    "unixTimestamp": format_epoch_text,
}


def format_as(form: str, moment: Moment) -> str:
    return FORMATS[form](moment)
