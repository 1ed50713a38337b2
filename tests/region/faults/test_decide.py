"""Which calls suffer what, decided from the faults and the dice alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.region.faults.decide import Decision, concerns, decide
from panregion.region.faults.errors import words
from panregion.region.faults.model import DiskFull, OfService, ServiceError, ServiceSlow, ServiceThrottle
from panregion.region.table import TABLE
from panregion.world import SeededChance

HERE = "us-east-1"


def never() -> float:
    raise AssertionError("no dice are needed")


def test_a_fault_strikes_its_service_and_operations_alone() -> None:
    fault = ServiceError(region=HERE, service="s3", operations=("Get*", "PutObject"))
    assert concerns(fault, "s3", "GetObject")
    assert concerns(fault, "s3", "PutObject")
    assert not concerns(fault, "s3", "PutObjectAcl")
    assert not concerns(fault, "sqs", "GetObject")
    assert concerns(ServiceError(region=HERE, service="*"), "sqs", "SendMessage")
    assert decide([fault, DiskFull(region=HERE)], "s3", "ListBuckets", never) is None


def test_delays_add_up_and_the_first_error_counts() -> None:
    faults = [
        ServiceSlow(region=HERE, service="*", delay_ms=100),
        ServiceThrottle(region=HERE, service="sqs"),
        ServiceError(region=HERE, service="sqs"),
        ServiceSlow(region=HERE, service="sqs", delay_ms=50),
    ]
    decision = decide(faults, "sqs", "SendMessage", never)
    assert decision is not None
    assert decision.delay_s == pytest.approx(0.15)
    assert decision.error is not None
    assert decision.error.code == "RequestThrottled"
    assert decide(faults, "sns", "Publish", never) == Decision(0.1, None)


def test_an_error_has_the_words_that_are_given() -> None:
    fault = ServiceError(region=HERE, service="s3", status=502, code="Broken", message="It is broken.")
    decision = decide([fault], "s3", "GetObject", never)
    assert decision is not None
    assert decision.error is not None
    assert (decision.error.code, decision.error.message, decision.error.status) == ("Broken", "It is broken.", 502)


@given(st.floats(0.05, 0.95), st.integers())
def test_a_share_strikes_about_so_many(share: float, seed: int) -> None:
    fault = ServiceError(region=HERE, service="s3", share=share)
    roll = SeededChance(seed).random
    struck = sum(decide([fault], "s3", "GetObject", roll) is not None for _ in range(1000))
    assert abs(struck / 1000 - share) < 0.09
    again = SeededChance(seed).random
    assert struck == sum(decide([fault], "s3", "GetObject", again) is not None for _ in range(1000))


@given(st.floats(0, 1000), st.floats(1, 1000), st.integers())
def test_jitter_stays_within_its_bounds(delay_ms: float, jitter_ms: float, seed: int) -> None:
    fault: OfService = ServiceSlow(region=HERE, service="s3", delay_ms=delay_ms, jitter_ms=jitter_ms)
    decision = decide([fault], "s3", "GetObject", SeededChance(seed).random)
    assert decision is not None
    assert delay_ms <= decision.delay_s * 1000 + 1e-9 <= delay_ms + jitter_ms + 1e-6


@pytest.mark.parametrize(
    ("service", "code", "status"),
    [
        ("dynamodb", "ProvisionedThroughputExceededException", 400),
        ("s3", "SlowDown", 503),
        ("lambda", "TooManyRequestsException", 429),
        ("apigateway", "TooManyRequestsException", 429),
        ("apigatewayv2", "TooManyRequestsException", 429),
        ("events", "ThrottlingException", 400),
        ("logs", "ThrottlingException", 400),
        ("ssm", "ThrottlingException", 400),
        ("route53", "ThrottlingException", 400),
        ("cloudformation", "Throttling", 400),
        ("iam", "Throttling", 400),
        ("sqs", "RequestThrottled", 403),
        ("ec2", "RequestLimitExceeded", 503),
        ("kinesis", "ThrottlingException", 400),
        ("no-such-service", "Throttling", 400),
    ],
)
def test_every_service_throttles_in_its_own_words(service: str, code: str, status: int) -> None:
    said = words(service, "throttle")
    assert (said.code, said.status) == (code, status)


@pytest.mark.parametrize("service", sorted(TABLE))
def test_every_service_fails_in_its_own_words(service: str) -> None:
    internal, unavailable = words(service, "internal"), words(service, "unavailable")
    assert internal.status == 500
    assert unavailable.status == 503
    assert internal.message
    assert unavailable.message
