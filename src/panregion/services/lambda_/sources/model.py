"""What an event source mapping is: from which source, to which function, in which batches. Pure."""

from typing import Any

import msgspec

from panregion.languages.patterns import EVENTS, Pattern, PatternError, compile_pattern
from panregion.services.lambda_.errors import invalid, unsupported
from panregion.services.sources import UNTIL_EXPIRED

Json = dict[str, Any]

FILTERS_MAX = 10
STREAM_BATCH, QUEUE_BATCH = 100, 10


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """An event source mapping. `retries` and `age_s` are those of streams; UNTIL_EXPIRED: no limit of their own."""

    uuid: str
    arn: str
    function: str
    qualifier: str | None = None
    enabled: bool = True
    batch: int
    window_s: int = 0
    tumbling_s: int = 0
    position: str | None = None
    timestamp: float | None = None
    filters: tuple[str, ...] = ()
    parallel: int = 1
    bisect: bool = False
    retries: int = UNTIL_EXPIRED
    age_s: int = UNTIL_EXPIRED
    on_failure: str | None = None
    partial: bool = False
    concurrency: int | None = None
    created: float
    modified: float
    result: str = "No records processed"
    tags: dict[str, str] = {}

    @property
    def is_queue(self) -> bool:
        return service_of(self.arn) == "sqs"

    @property
    def patterns(self) -> list[Pattern]:
        return [compiled(text) for text in self.filters]


def service_of(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[2] if len(parts) == 6 and parts[0] == "arn" else ""


def compiled(text: str) -> Pattern:
    """A filter's pattern. Raises InvalidParameterValueException."""
    try:
        return compile_pattern(msgspec.json.decode(text), EVENTS)
    except (msgspec.DecodeError, PatternError) as error:
        raise invalid(f"Invalid filter pattern definition. {error}") from error


def filters_of(criteria: Json | None) -> tuple[str, ...]:
    """The patterns of FilterCriteria, checked. Raises InvalidParameterValueException."""
    texts = tuple(each.get("Pattern", "") for each in (criteria or {}).get("Filters") or ())
    if len(texts) > FILTERS_MAX:
        raise invalid(f"Filter criteria exceeded the maximum number of filters allowed: {FILTERS_MAX}")
    for text in texts:
        compiled(text)
    return texts


def checked(source: Source) -> Source:
    """Raises InvalidParameterValueException for what does not go together."""
    kind = service_of(source.arn)
    if kind == "sqs":
        _check_queue(source)
    elif kind == "dynamodb":
        _check_stream(source)
    elif kind in ("kinesis", "kafka", "mq", "rds"):
        raise unsupported(f"event sources of {kind}")
    else:
        raise invalid("Unrecognized event source.")
    return source


def _check_queue(source: Source) -> None:
    fifo = source.arn.endswith(".fifo")
    if source.position is not None:
        raise invalid("StartingPosition is not valid for SQS event sources.")
    if fifo and source.window_s:
        raise invalid("Batching window is not supported for FIFO queues")
    if source.batch > 10 and fifo:
        raise invalid("Batch size must be less than or equal to 10 for FIFO queues.")
    if source.batch > 10 and not source.window_s:
        raise invalid("Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")
    if source.tumbling_s or source.parallel > 1:
        raise invalid("TumblingWindowInSeconds and ParallelizationFactor are not for SQS event sources.")
    if (source.retries, source.age_s, source.bisect, source.on_failure) != (UNTIL_EXPIRED, UNTIL_EXPIRED, False, None):
        raise invalid("MaximumRetryAttempts, MaximumRecordAgeInSeconds and destinations are not for SQS event sources.")


def _check_stream(source: Source) -> None:
    if source.position not in ("TRIM_HORIZON", "LATEST"):
        if source.position == "AT_TIMESTAMP":
            raise invalid("Unsupported starting position for DynamoDB stream event sources: AT_TIMESTAMP")
        raise invalid(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
            "Member must not be null."
        )
    if source.batch > 10_000:
        raise invalid("Batch size must be less than or equal to 10000 for DynamoDB event sources.")
    if source.tumbling_s and source.parallel > 1:
        raise unsupported("a ParallelizationFactor together with TumblingWindowInSeconds")
    if source.concurrency is not None:
        raise invalid("ScalingConfig is not supported for DynamoDB event sources.")


def describe(source: Source, function_arn: str, arn: str, state: str = "") -> Json:
    """An EventSourceMappingConfiguration. `state`: that of a change under way."""
    described: Json = {
        "UUID": source.uuid,
        "BatchSize": source.batch,
        "MaximumBatchingWindowInSeconds": source.window_s,
        "EventSourceArn": source.arn,
        "FunctionArn": function_arn,
        "LastModified": source.modified,
        "State": state or ("Enabled" if source.enabled else "Disabled"),
        "StateTransitionReason": "USER_INITIATED" if source.is_queue else "User action",
        "FunctionResponseTypes": ["ReportBatchItemFailures"] if source.partial else [],
        "EventSourceMappingArn": arn,
    }
    if source.filters:
        described["FilterCriteria"] = {"Filters": [{"Pattern": text} for text in source.filters]}
    if source.is_queue:
        return described | ({"ScalingConfig": {"MaximumConcurrency": source.concurrency}} if source.concurrency else {})
    destination = {"OnFailure": {"Destination": source.on_failure} if source.on_failure else {}}
    return described | {
        "StartingPosition": source.position,
        "ParallelizationFactor": source.parallel,
        "LastProcessingResult": source.result,
        "DestinationConfig": destination,
        "MaximumRecordAgeInSeconds": source.age_s,
        "BisectBatchOnFunctionError": source.bisect,
        "MaximumRetryAttempts": source.retries,
        "TumblingWindowInSeconds": source.tumbling_s,
    }
