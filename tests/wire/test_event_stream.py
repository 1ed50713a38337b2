"""Streams of events, read by botocore."""

from collections.abc import AsyncIterator
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import EventStreamError
from botocore.parsers import create_parser

from panregion.wire import AwsError, serialize_output
from panregion.world import Response

Events = list[dict[str, Any]]


async def given(events: Events, error: AwsError | None = None) -> AsyncIterator[dict[str, Any]]:
    for event in events:
        yield event
    if error is not None:
        raise error


class Raw:
    """What botocore reads a stream from."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def stream(self) -> list[bytes]:
        return [self._data[:7], self._data[7:]]


async def read(service: str, operation: str, member: str, response: Response) -> Any:
    assert not isinstance(response.body, bytes)
    data = b"".join([chunk async for chunk in response.body])
    model = botocore.session.Session().get_service_model(service)
    shape: Any = model.operation_model(operation).output_shape
    answer = {
        "headers": dict(response.headers),
        "body": Raw(data),
        "status_code": 200,
        "context": {"operation_name": operation},
    }
    parsed = create_parser(model.metadata["protocol"]).parse(answer, shape)
    return parsed[member]


async def test_a_function_that_streams() -> None:
    events: Events = [
        {"PayloadChunk": {"Payload": b"hel"}},
        {"PayloadChunk": {"Payload": b"lo"}},
        {"InvokeComplete": {"LogResult": "x"}},
    ]
    response = serialize_output(
        "lambda", "InvokeWithResponseStream", {"StatusCode": 200, "EventStream": given(events)}, "id"
    )
    assert dict(response.headers)["Content-Type"] == "application/vnd.amazon.eventstream"
    assert list(await read("lambda", "InvokeWithResponseStream", "EventStream", response)) == events


async def test_a_shard_that_is_subscribed_to() -> None:
    event = {
        "ContinuationSequenceNumber": "1",
        "MillisBehindLatest": 0,
        "Records": [{"Data": b"x", "PartitionKey": "p", "SequenceNumber": "1"}],
    }
    response = serialize_output(
        "kinesis", "SubscribeToShard", {"EventStream": given([{"SubscribeToShardEvent": event}])}, "id"
    )
    stream = await read("kinesis", "SubscribeToShard", "EventStream", response)
    assert list(stream) == [{"SubscribeToShardEvent": event}]


async def test_a_selection_in_xml() -> None:
    events: Events = [{"Records": {"Payload": b"1,2"}}, {"Stats": {"Details": {"BytesScanned": 3}}}, {"End": {}}]
    response = serialize_output("s3", "SelectObjectContent", {"Payload": given(events)}, "id")
    assert list(await read("s3", "SelectObjectContent", "Payload", response)) == events


@pytest.mark.parametrize(
    ("code", "seen"), [("ResourceNotFoundException", "ResourceNotFoundException"), ("Unheard", "Unheard")]
)
async def test_an_error_ends_the_stream(code: str, seen: str) -> None:
    events = given([], AwsError.of(code, "gone"))
    response = serialize_output("kinesis", "SubscribeToShard", {"EventStream": events}, "id")
    stream = await read("kinesis", "SubscribeToShard", "EventStream", response)
    with pytest.raises(EventStreamError) as caught:
        list(stream)
    assert caught.value.response["Error"] == {"Code": seen, "Message": "gone"}
