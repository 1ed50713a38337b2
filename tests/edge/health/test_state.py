"""What probes say about health, decided without probing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.edge.health.state import Opinion, Outcome, check_healthy, endpoint_healthy

GOOD, BAD = Outcome(True, "HTTP Status Code 200, OK"), Outcome(False, "connection refused")


def after(outcomes: str, threshold: int = 3) -> Opinion:
    opinion = Opinion()
    for number, outcome in enumerate(outcomes):
        opinion = opinion.after(GOOD if outcome == "+" else BAD, threshold, float(number))
    return opinion


@pytest.mark.parametrize(
    ("outcomes", "healthy"),
    [("", True), ("--", True), ("---", False), ("--+--", True), ("---++", False), ("---+++", True), ("---++-+", False)],
)
def test_it_takes_a_streak_to_turn_an_opinion(outcomes: str, healthy: bool) -> None:
    assert after(outcomes).healthy is healthy


def test_the_last_failure_is_remembered() -> None:
    opinion = after("-+")
    assert (opinion.status, opinion.failure) == ("Success: HTTP Status Code 200, OK", "Failure: connection refused")
    assert (opinion.checked_at, opinion.failed_at) == (1.0, 0.0)


@given(st.text("+-", max_size=60), st.integers(1, 10))
def test_the_opinion_is_that_of_the_last_whole_streak(outcomes: str, threshold: int) -> None:
    held = "+"
    for end in range(threshold, len(outcomes) + 1):
        window = outcomes[end - threshold : end]
        if len(set(window)) == 1:
            held = window[0]
    assert after(outcomes, threshold).healthy is (held == "+")


@pytest.mark.parametrize(
    ("healthy", "of", "state"), [(0, 8, False), (1, 8, False), (2, 8, True), (8, 8, True), (0, 0, True), (1, 5, True)]
)
def test_more_than_18_percent_is_healthy(healthy: int, of: int, state: bool) -> None:
    opinions = [Opinion(healthy=index < healthy) for index in range(of)]
    assert endpoint_healthy(opinions) is state


@pytest.mark.parametrize(
    ("config", "endpoint", "children", "state"),
    [
        ({"Type": "HTTP"}, False, {}, False),
        ({"Type": "HTTP", "Inverted": True}, False, {}, True),
        ({"Type": "HTTP", "Disabled": True}, False, {}, True),
        ({"Type": "HTTP", "Disabled": True, "Inverted": True}, True, {}, False),
        ({"Type": "CALCULATED", "HealthThreshold": 2}, True, {"a": True, "b": True, "c": False}, True),
        ({"Type": "CALCULATED", "HealthThreshold": 3}, True, {"a": True, "b": True, "c": False}, False),
        ({"Type": "CALCULATED", "HealthThreshold": 0}, True, {"a": False}, True),
        ({"Type": "CALCULATED", "HealthThreshold": 2}, True, {"a": True}, False),
        ({"Type": "CALCULATED", "HealthThreshold": 1, "Inverted": True}, True, {"a": True}, False),
    ],
)
def test_whole_checks(config: dict[str, object], endpoint: bool, children: dict[str, bool], state: bool) -> None:
    config = {**config, "ChildHealthChecks": list(children)}
    assert check_healthy(config, [Opinion(healthy=endpoint)], children.__getitem__) is state
