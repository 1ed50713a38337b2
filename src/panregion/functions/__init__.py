"""Execution environments for Lambda: a process per concurrent invocation, under AWS's own runtime client."""

from panregion.functions.model import EnvironmentSpec, Invocation, Limit, LogEvent, LogSink, Outcome, Throttled
from panregion.functions.pool import Functions
from panregion.functions.runtimes import Runtime, runtime_named, supported
from panregion.functions.variables import RESERVED, Surroundings

__all__ = [
    "RESERVED",
    "EnvironmentSpec",
    "Functions",
    "Invocation",
    "Limit",
    "LogEvent",
    "LogSink",
    "Outcome",
    "Runtime",
    "Surroundings",
    "Throttled",
    "runtime_named",
    "supported",
]
