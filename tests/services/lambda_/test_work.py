"""Asynchronous invocations: retried as AWS retries, on a clock that the test moves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from panregion.functions import Outcome
from panregion.wire import AwsError
from tests.services.lambda_.lab import FAILED, THROTTLED, Lab, laboratory


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with laboratory(tmp_path) as lab:
        yield lab


async def test_a_success_is_run_once(lab: Lab) -> None:
    await lab.send("f", b'{"n":1}')
    await lab.times()
    assert [(name, payload) for name, _, payload in lab.functions.calls] == [("f", {"n": 1})]


async def test_a_failure_is_repeated_after_one_minute_and_two(lab: Lab) -> None:
    lab.functions.answers = [FAILED] * 9
    await lab.send("f")
    first, second, third = await lab.times()
    assert 60 <= second - first <= 70
    assert 120 <= third - second <= 130
    assert len(lab.functions.ids) == 1


async def test_retries_are_configured(lab: Lab) -> None:
    lab.functions.answers = [FAILED] * 9
    await lab.configure("f", MaximumRetryAttempts=0)
    await lab.send("f")
    assert len(await lab.times()) == 1


async def test_an_event_that_is_too_old_is_given_up(lab: Lab) -> None:
    lab.functions.answers = [FAILED] * 9
    await lab.configure("f", MaximumEventAgeInSeconds=100)
    await lab.send("f")
    assert len(await lab.times()) == 2


async def test_a_throttled_event_waits_and_counts_no_attempt(lab: Lab) -> None:
    lab.functions.answers = [THROTTLED, THROTTLED, FAILED, FAILED]
    await lab.send("f")
    assert len(await lab.times()) == 5


async def test_the_end_goes_to_its_destination(lab: Lab) -> None:
    await lab.deploy("failures")
    destination = "arn:aws:lambda:us-east-1:000000000000:function:failures"
    config = {"OnFailure": {"Destination": destination}}
    await lab.configure("f", MaximumRetryAttempts=0, DestinationConfig=config)
    lab.functions.answers = [FAILED]
    await lab.send("f", b'{"n":1}')
    await lab.times()
    (_, (name, _, record)) = lab.functions.calls
    assert name == "failures"
    assert record["requestPayload"] == {"n": 1}
    assert record["responsePayload"] == {"errorType": "E"}
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["functionArn"].endswith(":function:f:$LATEST")
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}


async def test_a_deleted_functions_events_are_dropped(lab: Lab) -> None:
    lab.functions.answers = [FAILED] * 9
    await lab.send("f")
    await lab.clock.advance(10, rounds=40)
    await lab.region.ask("lambda", "DeleteFunction", {"FunctionName": "f"})
    assert len(await lab.times()) == 1
    assert lab.region.health()["work"] == 0


async def test_the_end_goes_to_a_queue_of_dead_letters_with_its_reason(lab: Lab) -> None:
    queue = (await lab.region.ask("sqs", "CreateQueue", {"QueueName": "dead"}))["QueueUrl"]
    config = {"FunctionName": "f", "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:dead"}}
    await lab.region.ask("lambda", "UpdateFunctionConfiguration", config)
    await lab.configure("f", MaximumRetryAttempts=0)
    lab.functions.answers = [FAILED]
    await lab.send("f", b'{"n":1}')
    await lab.times(20)
    asked = {"QueueUrl": queue, "MessageAttributeNames": ["All"]}
    (message,) = (await lab.region.ask("sqs", "ReceiveMessage", asked))["Messages"]
    assert message["Body"] == '{"n":1}'
    assert message["MessageAttributes"]["ErrorMessage"]["StringValue"] == "RetriesExhausted"


async def test_a_destination_that_cannot_be_is_refused(lab: Lab) -> None:
    for arn, said in (
        ("arn:aws:kinesis:us-east-1:000000000000:stream/a", "does not support destinations of kinesis"),
        ("arn:aws:sqs", "regular expression"),
    ):
        with pytest.raises(AwsError, match=said):
            await lab.configure("f", DestinationConfig={"OnFailure": {"Destination": arn}})


async def test_an_answer_that_is_not_json_is_told_as_text(lab: Lab) -> None:
    await lab.deploy("told")
    destination = {"Destination": "arn:aws:lambda:us-east-1:000000000000:function:told"}
    await lab.configure("f", DestinationConfig={"OnSuccess": destination})
    lab.functions.answers = [Outcome(payload=b"plain words")]
    await lab.send("f")
    await lab.times(20)
    assert [payload.get("responsePayload") for _, _, payload in lab.functions.calls] == [None, "plain words"]
