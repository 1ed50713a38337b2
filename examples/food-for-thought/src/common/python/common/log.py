"""Logs that programs can read: one JSON object a line, with the id that a customer's request has in every region.

What is logged are ids, states and figures; never what a customer has typed.
"""

import contextlib
import json
import os
import re
import sys
import traceback
import uuid
from contextvars import ContextVar
from datetime import UTC, datetime

CORRELATION_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_correlation: ContextVar[str] = ContextVar("correlation", default="")


def correlation_id() -> str:
    return _correlation.get()


@contextlib.contextmanager
def correlated(given: str | None):
    """Log under this id (a UUID, so that nobody's name or number comes in by it), or under a new one."""
    known = given if given and CORRELATION_ID.fullmatch(given) else str(uuid.uuid4())
    token = _correlation.set(known)
    try:
        yield known
    finally:
        _correlation.reset(token)


def info(message: str, **fields) -> None:
    _write("INFO", message, fields)


def warning(message: str, **fields) -> None:
    _write("WARNING", message, fields)


def failure(message: str, **fields) -> None:
    """To be called where an exception was caught: says which, and where it came from, but not its text: that may
    quote what a customer has typed."""
    kind, _, trace = sys.exc_info()
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    _write("ERROR", message, {"exception": kind.__name__ if kind else None, "trace": where, **fields})


def _write(level: str, message: str, fields: dict) -> None:
    entry = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": level,
        "message": message,
        "region": os.environ["AWS_REGION"],
        "function": os.environ.get("AWS_LAMBDA_FUNCTION_NAME", ""),
        "release": os.environ.get("RELEASE", ""),
        "correlation_id": correlation_id(),
    }
    print(json.dumps({**entry, **fields}, default=str), flush=True)
