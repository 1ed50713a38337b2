"""What a pipe is, and what may be said of its source, its enrichment and its target. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec

from panregion.languages.patterns import EVENTS, Pattern, PatternError, compile_pattern
from panregion.services.pipes.errors import invalid, unsupported

Json = dict[str, Any]

FILTERS_MAX = 5
TAGS_MAX = 50
QUEUE, STREAM = "SqsQueueParameters", "DynamoDBStreamParameters"
SOURCES = {"sqs": QUEUE, "dynamodb": STREAM}
BATCH_DEFAULTS = {QUEUE: 10, STREAM: 100}
STREAM_DEFAULTS = {"MaximumRecordAgeInSeconds": -1, "MaximumRetryAttempts": -1, "ParallelizationFactor": 1}

TARGETS = {
    "lambda": "LambdaFunctionParameters",
    "sqs": "SqsQueueParameters",
    "sns": "",
    "events": "EventBridgeEventBusParameters",
    "logs": "CloudWatchLogsParameters",
    "execute-api": "HttpParameters",
    "api-destination": "HttpParameters",
}
"""By the kind of target (`target_kind`): the member of TargetParameters that is for it."""
TARGET_BATCHES = {
    "sqs": 10,
    "sns": 10,
    "events": 10,
    "logs": 10_000,
    "lambda": 10_000,
    "execute-api": 1,
    "api-destination": 1,
}
"""How many records a target takes at once."""


class Pipe(msgspec.Struct, frozen=True, kw_only=True):
    """A pipe; parameters are as they were given, with AWS's defaults of the source's filled in."""

    name: str
    id: str
    """Drawn when it is made: a pipe of the same name that is made later is another one."""
    source: str
    source_parameters: Json
    target: str
    target_parameters: Json = {}
    enrichment: str = ""
    enrichment_parameters: Json = {}
    role: str
    description: str | None = None
    desired: str = "RUNNING"
    state: str = "CREATING"
    reason: str | None = None
    key: str | None = None
    tags: dict[str, str] = {}
    created_s: float
    modified_s: float

    @property
    def source_settings(self) -> Json:
        settings: Json = self.source_parameters[SOURCES[service_of(self.source)]]
        return settings

    @property
    def patterns(self) -> list[Pattern]:
        return [compiled(each) for each in filters_of(self.source_parameters)]


def service_of(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[2] if len(parts) == 6 and parts[0] == "arn" else ""


def target_kind(arn: str) -> str:
    """The service in a target's ARN; API destinations, which are EventBridge's too, are a kind of their own."""
    destination = ":api-destination/" in arn and service_of(arn) == "events"
    return "api-destination" if destination else service_of(arn)


def region_of(arn: str) -> str:
    return arn.split(":", 5)[3]


def filters_of(parameters: Json) -> list[str]:
    criteria = parameters.get("FilterCriteria") or {}
    return [each.get("Pattern", "") for each in criteria.get("Filters") or ()]


def compiled(text: str) -> Pattern:
    """A filter's pattern. Raises ValidationException."""
    try:
        return compile_pattern(msgspec.json.decode(text), EVENTS)
    except (msgspec.DecodeError, PatternError) as error:
        raise invalid("FilterCriteria", f"Invalid filter pattern definition. {error}") from error


def checked(pipe: Pipe) -> Pipe:
    """The pipe with its source's defaults. Raises ValidationException, and Unsupported for what there is not."""
    _check_target(pipe)
    _check_enrichment(pipe)
    return msgspec.structs.replace(
        pipe,
        source_parameters=_checked_source(pipe),
        enrichment_parameters=_said(pipe.enrichment_parameters),
        target_parameters=_said(pipe.target_parameters),
    )


def _said(parameters: Json) -> Json:
    """Without what says nothing."""
    return {name: value for name, value in parameters.items() if value not in ("", {}, None)}


def _checked_source(pipe: Pipe) -> Json:
    given = pipe.source_parameters
    own = SOURCES.get(service_of(pipe.source))
    if own is None or (own == STREAM and "/stream/" not in pipe.source):
        raise unsupported(f"sources of {service_of(pipe.source) or pipe.source}: {pipe.source}")
    _check_only(given, {own, "FilterCriteria"}, "SourceParameters")
    texts = filters_of(given)
    if len(texts) > FILTERS_MAX:
        raise invalid("FilterCriteria", f"A pipe can have at most {FILTERS_MAX} filters.")
    for text in texts:
        compiled(text)
    settings: Json = {"BatchSize": _default_batch(pipe, own), "MaximumBatchingWindowInSeconds": 0}
    settings |= (STREAM_DEFAULTS if own == STREAM else {}) | (given.get(own) or {})
    _check_batch(pipe, own, settings)
    return {**_said(given), own: settings}


def _default_batch(pipe: Pipe, own: str) -> int:
    """The source's own, as far as the target takes so many."""
    return min(BATCH_DEFAULTS[own], TARGET_BATCHES[target_kind(pipe.target)])


def _check_batch(pipe: Pipe, own: str, settings: Json) -> None:
    size, window_s = settings["BatchSize"], settings["MaximumBatchingWindowInSeconds"]
    most = TARGET_BATCHES[target_kind(pipe.target)]
    if size > most:
        raise invalid("BatchSize", f"BatchSize {size} is more than the {most} that the target {pipe.target} takes.")
    if own == STREAM:
        if settings.get("StartingPosition") is None:
            raise invalid("StartingPosition", "StartingPosition is required for a DynamoDB stream.")
        dead_letters = (settings.get("DeadLetterConfig") or {}).get("Arn")
        if dead_letters and service_of(dead_letters) not in ("sqs", "sns"):
            raise invalid("DeadLetterConfig", f"{dead_letters} is not a queue or a topic.")
    elif pipe.source.endswith(".fifo"):
        if size > 10:
            raise invalid("BatchSize", "BatchSize must be less than or equal to 10 for FIFO queues.")
        if window_s:
            raise invalid("MaximumBatchingWindowInSeconds", "A batching window is not supported for FIFO queues.")
    elif size > 10 and not window_s:
        raise invalid(
            "MaximumBatchingWindowInSeconds",
            "MaximumBatchingWindowInSeconds must be greater than 0 if BatchSize is greater than 10.",
        )


def _check_only(given: Mapping[str, Any], names: set[str], where: str) -> None:
    """Raises ValidationException for parameters of another kind of source or target."""
    others = [name for name, value in given.items() if name not in names and value not in (None, "", {})]
    if others:
        raise invalid(where, f"{where} has {', '.join(others)}, which is not for a pipe's ARN of this kind.")


def _check_enrichment(pipe: Pipe) -> None:
    if not pipe.enrichment:
        return
    if service_of(pipe.enrichment) != "lambda":
        raise unsupported(f"enrichments of {service_of(pipe.enrichment) or pipe.enrichment}: {pipe.enrichment}")
    _check_only(pipe.enrichment_parameters, {"InputTemplate"}, "EnrichmentParameters")


def _check_target(pipe: Pipe) -> None:
    kind = target_kind(pipe.target)
    own = TARGETS.get(kind)
    if own is None or (kind == "events" and ":event-bus/" not in pipe.target):
        raise unsupported(f"targets of {kind or pipe.target}: {pipe.target}")
    given = pipe.target_parameters
    _check_only(given, {own, "InputTemplate"}, "TargetParameters")
    settings: Json = given.get(own) or {}
    if kind == "events" and settings.get("EndpointId"):
        raise unsupported("the parameter EndpointId of EventBridgeEventBusParameters")
    if kind == "sqs" and pipe.target.endswith(".fifo") and not settings.get("MessageGroupId"):
        raise invalid("MessageGroupId", "MessageGroupId is required for a FIFO queue.")
    if kind == "sns" and pipe.target.endswith(".fifo"):
        raise invalid("Target", "SNS FIFO topics are not supported as a target.")


def described(pipe: Pipe, arn: str) -> Json:
    """As DescribePipe shows it."""
    shown = {
        **summary(pipe, arn),
        "Description": pipe.description or None,
        "SourceParameters": pipe.source_parameters,
        "EnrichmentParameters": pipe.enrichment_parameters or None,
        "TargetParameters": pipe.target_parameters or None,
        "RoleArn": pipe.role,
        "KmsKeyIdentifier": pipe.key,
        "Tags": pipe.tags,
    }
    return {name: value for name, value in shown.items() if value is not None}


def summary(pipe: Pipe, arn: str) -> Json:
    """As ListPipes shows it."""
    shown = {
        **changed(pipe, arn),
        "StateReason": pipe.reason,
        "Source": pipe.source,
        "Target": pipe.target,
        "Enrichment": pipe.enrichment or None,
    }
    return {name: value for name, value in shown.items() if value is not None}


def changed(pipe: Pipe, arn: str) -> Json:
    """As the operations that change it answer."""
    return {
        "Arn": arn,
        "Name": pipe.name,
        "DesiredState": pipe.desired,
        "CurrentState": pipe.state,
        "CreationTime": pipe.created_s,
        "LastModifiedTime": pipe.modified_s,
    }
