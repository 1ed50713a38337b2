"""Event source mappings: queues and streams that invoke a function.

A change is recorded and its readers follow as work; the answer to the request that made it says Creating, Updating or
Deleting, as AWS's does, and the next one does not.
"""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.lambda_ import destinations, layout
from panregion.services.lambda_.api.pages import page
from panregion.services.lambda_.errors import ResourceConflictException, ResourceNotFoundException, invalid
from panregion.services.lambda_.model import Config, Json
from panregion.services.lambda_.names import LATEST, parse
from panregion.services.lambda_.sources.model import (
    QUEUE_BATCH,
    STREAM_BATCH,
    Source,
    checked,
    describe,
    filters_of,
    service_of,
)
from panregion.wire import AwsError

PAGE_MAX = 100
FAILURES = frozenset({"sqs", "sns"})
"""What may be told of a stream's records that were given up."""

_SETTINGS = {
    "batch_size": "batch",
    "maximum_batching_window_in_seconds": "window_s",
    "tumbling_window_in_seconds": "tumbling_s",
    "parallelization_factor": "parallel",
    "bisect_batch_on_function_error": "bisect",
    "maximum_retry_attempts": "retries",
    "maximum_record_age_in_seconds": "age_s",
    "enabled": "enabled",
}
"""Parameters that are a field of Source as they come."""


def _changes(given: Json) -> Json:
    """The fields of Source that parameters set. Raises InvalidParameterValueException."""
    changed = {field: given[name] for name, field in _SETTINGS.items() if given.get(name) is not None}
    if given.get("filter_criteria") is not None:
        changed["filters"] = filters_of(given["filter_criteria"])
    if given.get("function_response_types") is not None:
        changed["partial"] = "ReportBatchItemFailures" in given["function_response_types"]
    if given.get("scaling_config") is not None:
        changed["concurrency"] = given["scaling_config"].get("MaximumConcurrency")
    if given.get("destination_config") is not None:
        arn = (given["destination_config"].get("OnFailure") or {}).get("Destination")
        changed["on_failure"] = destinations.checked(arn, FAILURES)
    return changed


async def create_event_source_mapping(
    here: Here,
    function_name: str,
    event_source_arn: str | None = None,
    enabled: bool = True,
    batch_size: int | None = None,
    filter_criteria: Json | None = None,
    scaling_config: Json | None = None,
    maximum_batching_window_in_seconds: int | None = None,
    parallelization_factor: int | None = None,
    starting_position: str | None = None,
    starting_position_timestamp: float | None = None,
    destination_config: Json | None = None,
    maximum_record_age_in_seconds: int | None = None,
    bisect_batch_on_function_error: bool | None = None,
    maximum_retry_attempts: int | None = None,
    tumbling_window_in_seconds: int | None = None,
    function_response_types: list[str] | None = None,
    tags: dict[str, str] | None = None,
) -> Json:
    changed = _changes(locals())
    if event_source_arn is None:
        raise invalid("Event source ARN is required.")
    name, qualifier = parse(function_name, None, here.region)
    config = here.read(lambda here: layout.resolve(here, name, qualifier))
    queue = service_of(event_source_arn) == "sqs"
    now = here.now()
    source = checked(
        Source(
            **{
                "uuid": here.world.chance.uuid(),
                "arn": event_source_arn,
                "function": name,
                "qualifier": qualifier,
                "position": starting_position,
                "timestamp": starting_position_timestamp,
                "batch": QUEUE_BATCH if queue else STREAM_BATCH,
                "created": now,
                "modified": now,
                "tags": tags or {},
                **changed,
            }
        )
    )
    await _require_source(here, source, config)
    return await here.transact(lambda here: _create(here, source))


def _create(here: Here, source: Source) -> Json:
    same = (source.arn, source.function, source.qualifier)
    for other in layout.sources(here.tx):
        if (other.arn, other.function, other.qualifier) == same:
            service = "SQS queue" if source.is_queue else "DynamoDB stream"
            raise ResourceConflictException(
                f'An event source mapping with {service} arn (" {source.arn} ") and function (" {source.function} ") '
                f"already exists. Please update or delete the existing mapping with UUID {other.uuid}",
                Type="User",
            )
    return _kept(here, source, "Creating")


async def _require_source(here: Here, source: Source, config: Config) -> None:
    """The queue or stream exists and suits the function. Raises InvalidParameterValueException."""
    region = source.arn.split(":")[3]
    if region != here.region:
        raise invalid(f"The event source {source.arn} is not in the function's region ({here.region}).")
    if not source.is_queue:
        try:
            await here.request("dynamodbstreams", "DescribeStream", {"StreamArn": source.arn, "Limit": 1})
        except AwsError as error:
            if error.code != "ResourceNotFoundException":
                raise
            raise invalid(f"Stream not found: {source.arn}") from error
        return
    account, name = source.arn.split(":")[4:6]
    url = f"{here.settings.endpoint(region)}/{account}/{name}"
    asked = {"QueueUrl": url, "AttributeNames": ["VisibilityTimeout"]}
    try:
        attributes: dict[str, Any] = (await here.request("sqs", "GetQueueAttributes", asked))["Attributes"]
    except AwsError as error:
        if error.code != "QueueDoesNotExist":
            raise
        text = f"SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: {error.message}"
        raise invalid(f"Error occurred while ReceiveMessage. {text}") from error
    visibility_s = int(attributes["VisibilityTimeout"])
    if visibility_s < config.timeout_s:
        raise invalid(
            f"Queue visibility timeout: {visibility_s} seconds is less than "
            f"Function timeout: {config.timeout_s} seconds"
        )


def _kept(here: Here, source: Source, state: str) -> Json:
    layout.put_source(here.tx, source)
    here.later("lambda.sources", {})
    return _described(here, source, state)


def _described(here: Here, source: Source, state: str = "") -> Json:
    function = layout.arn_of(here, source.function, source.qualifier)
    return describe(source, function, here.arn("lambda", f"event-source-mapping:{source.uuid}"), state)


def _require(here: Here, uuid: str) -> Source:
    source = layout.find_source(here.tx, uuid)
    if source is None:
        raise ResourceNotFoundException("The resource you requested does not exist.", Type="User")
    return source


@reads
def get_event_source_mapping(here: Here, uuid: str) -> Json:
    return _described(here, _require(here, uuid))


def update_event_source_mapping(
    here: Here,
    uuid: str,
    function_name: str | None = None,
    enabled: bool | None = None,
    batch_size: int | None = None,
    filter_criteria: Json | None = None,
    scaling_config: Json | None = None,
    maximum_batching_window_in_seconds: int | None = None,
    parallelization_factor: int | None = None,
    destination_config: Json | None = None,
    maximum_record_age_in_seconds: int | None = None,
    bisect_batch_on_function_error: bool | None = None,
    maximum_retry_attempts: int | None = None,
    tumbling_window_in_seconds: int | None = None,
    function_response_types: list[str] | None = None,
) -> Json:
    changed = _changes(locals())
    source = _require(here, uuid)
    if function_name is not None:
        changed["function"], changed["qualifier"] = parse(function_name, None, here.region)
        layout.resolve(here, changed["function"], changed["qualifier"])
    new = checked(msgspec.structs.replace(source, **changed, modified=here.now()))
    state = "Updating"
    if new.enabled != source.enabled:
        state = "Enabling" if new.enabled else "Disabling"
    return _kept(here, new, state)


def delete_event_source_mapping(here: Here, uuid: str) -> Json:
    source = _require(here, uuid)
    layout.delete_source(here.tx, uuid)
    here.later("lambda.sources", {})
    return _described(here, source, "Deleting")


@reads
def list_event_source_mappings(
    here: Here,
    event_source_arn: str | None = None,
    function_name: str | None = None,
    marker: str | None = None,
    max_items: int = PAGE_MAX,
) -> Json:
    wanted = None if function_name is None else parse(function_name, None, here.region)
    found = (
        source
        for source in layout.sources(here.tx, marker)
        if event_source_arn in (None, source.arn) and (wanted is None or _is_of(source, *wanted))
    )
    return page(found, max_items, "EventSourceMappings", lambda source: _described(here, source), lambda s: s.uuid)


def _is_of(source: Source, function: str, qualifier: str | None) -> bool:
    return source.function == function and (source.qualifier or LATEST) == (qualifier or LATEST)
