"""The delays between deliveries of one message."""

from itertools import count, takewhile
from typing import Any

import pytest

from panregion.services.sns.errors import InvalidParameterException
from panregion.services.sns.filters import combinations
from panregion.services.sns.retries import HTTP_RETRY_POLICY, MANAGED, check, effective, schedule_of


def delays(retry: dict[str, Any]) -> list[float]:
    """All delays of an HTTP policy."""
    schedule = schedule_of({"healthyRetryPolicy": {**HTTP_RETRY_POLICY, **retry}})
    found = (schedule.delay_s(number) for number in count())
    return [round(delay, 2) for delay in takewhile(lambda delay: delay is not None, found) if delay is not None]


def test_queues_and_functions_are_tried_for_weeks() -> None:
    first = [MANAGED.delay_s(number) for number in range(16)]
    assert first == [0, 0, 0, 1, 1, 1, 2, 4, 8, 16, 20, 20, 20, 20, 20, 20]
    assert MANAGED.delay_s(100_014) == 20
    assert MANAGED.delay_s(100_015) is None


@pytest.mark.parametrize(
    ("retry", "expected"),
    [
        ({}, [20, 20, 20]),
        ({"numRetries": 0}, []),
        ({"numRetries": 5, "minDelayTarget": 1, "maxDelayTarget": 9}, [1, 3, 5, 7, 9]),
        (
            {
                "numRetries": 6,
                "numNoDelayRetries": 1,
                "numMinDelayRetries": 2,
                "numMaxDelayRetries": 1,
                "minDelayTarget": 2,
                "maxDelayTarget": 10,
            },
            [0, 2, 2, 2, 10, 10],
        ),
        (
            {"numRetries": 4, "minDelayTarget": 1, "maxDelayTarget": 8, "backoffFunction": "exponential"},
            [1, 2, 4, 8],
        ),
        (
            {"numRetries": 4, "minDelayTarget": 1, "maxDelayTarget": 8, "backoffFunction": "geometric"},
            [1, 2, 4, 8],
        ),
        (
            {"numRetries": 4, "minDelayTarget": 0, "maxDelayTarget": 12, "backoffFunction": "arithmetic"},
            [0, 2, 6, 12],
        ),
    ],
)
def test_an_http_policys_delays(retry: dict[str, Any], expected: list[float]) -> None:
    assert delays(retry) == expected


def test_a_subscriptions_policy_comes_before_its_topics() -> None:
    topic = '{"http": {"defaultHealthyRetryPolicy": {"numRetries": 9}}}'
    own = '{"healthyRetryPolicy": {"numRetries": 1}, "requestPolicy": {"headerContentType": "application/json"}}'
    assert effective(None, None)["healthyRetryPolicy"]["numRetries"] == 3
    assert effective(topic, None)["healthyRetryPolicy"]["numRetries"] == 9
    found = effective(topic, own)
    assert (found["healthyRetryPolicy"]["numRetries"], found["requestPolicy"]["headerContentType"]) == (
        1,
        "application/json",
    )
    closed = '{"http": {"disableSubscriptionOverrides": true, "defaultHealthyRetryPolicy": {"numRetries": 9}}}'
    assert effective(closed, own)["healthyRetryPolicy"]["numRetries"] == 9


@pytest.mark.parametrize(
    "policy",
    [
        "x",
        "[]",
        '{"healthyRetryPolicy": {"numRetries": 101}}',
        '{"healthyRetryPolicy": {"numRetries": -1}}',
        '{"healthyRetryPolicy": {"numRetries": "many"}}',
        '{"healthyRetryPolicy": {"numRetries": 1, "numNoDelayRetries": 2}}',
        '{"healthyRetryPolicy": {"minDelayTarget": 30, "maxDelayTarget": 20}}',
        '{"healthyRetryPolicy": {"maxDelayTarget": 3601}}',
        '{"healthyRetryPolicy": {"backoffFunction": "cubic"}}',
        '{"healthyRetryPolicy": "often"}',
        '{"throttlePolicy": {"maxReceivesPerSecond": 0}}',
        '{"throttlePolicy": {"maxReceivesPerSecond": "many"}}',
    ],
)
def test_policies_that_cannot_be(policy: str) -> None:
    with pytest.raises(InvalidParameterException):
        check(policy, of_topic=False, prefix="")


def test_how_complex_a_filter_is() -> None:
    nested = {"a": {"b": {"c": ["1", "2", "3", "4"]}}, "d": {"e": ["1", "2", "3"]}}
    assert combinations(nested) == 3 * 4 * 2 * 3
    assert combinations({"a": ["1", "2"], "b": ["1", "2", "3"]}) == 6
    assert combinations({"a": ["1", "2"], "$or": [{"b": ["1"]}, {"c": ["1", "2"]}]}) == 2 + 4
