"""Execution environments for Lambda: a process per concurrent invocation, under AWS's own runtime client."""

from panregion.functions.code import BadPackage, CodeStore, Package, zipped
from panregion.functions.model import (
    PAYLOAD_MAX_BYTES,
    EnvironmentSpec,
    Invocation,
    Limit,
    LogEvent,
    LogSink,
    Outcome,
    Throttled,
)
from panregion.functions.output import iso
from panregion.functions.pool import Functions
from panregion.functions.requirements import RequirementsError
from panregion.functions.requirements import installed as requirements_installed
from panregion.functions.runtimes import Runtime, runtime_named, supported
from panregion.functions.streams import ResponseStream
from panregion.functions.variables import RESERVED, Surroundings

__all__ = [
    "PAYLOAD_MAX_BYTES",
    "RESERVED",
    "BadPackage",
    "CodeStore",
    "EnvironmentSpec",
    "Functions",
    "Invocation",
    "Limit",
    "LogEvent",
    "LogSink",
    "Outcome",
    "Package",
    "RequirementsError",
    "ResponseStream",
    "Runtime",
    "Surroundings",
    "Throttled",
    "iso",
    "requirements_installed",
    "runtime_named",
    "supported",
    "zipped",
]
