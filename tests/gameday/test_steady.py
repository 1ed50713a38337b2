"""Steady state: each probe judged by the figures of its own phase, cities, stores and samples."""

from typing import Any

import msgspec
import pytest

from panregion.gameday import file
from panregion.gameday.attempts import Attempt
from panregion.gameday.objectives import must_hold, steady_checks
from panregion.gameday.observed import Observed, ProbeSample
from panregion.gameday.result import Check, FaultSpan, LagSeries, Phase

BEFORE, DURING = Phase("before", 10.0, 20.0), Phase("during", 20.0, 30.0)
HTTP = {"kind": "http", "url": "http://a.test/", "city": "london", "name": "home"}


def probe(value: dict[str, Any]) -> file.SteadyState:
    read: file.SteadyState = msgspec.convert(value, file.SteadyState)
    return read


def request(city: str, at_s: float, latency_ms: float, *, ok: bool = True) -> Attempt:
    return Attempt(city, at_s, at_s, at_s + latency_ms / 1000, ok)


def seen() -> Observed:
    """London answers in 1 to 10 ms, Sydney in 300; in the fault all is slow and every other request fails."""
    attempts = [request("london", 10 + number, number + 1) for number in range(10)]
    attempts += [request("sydney", 10.5 + number, 300) for number in range(10)]
    attempts += [request("london", 20 + number, 900, ok=number % 2 == 0) for number in range(10)]
    return Observed(
        began_s=0,
        duration_s=30,
        seed=1,
        regions=["us-east-1", "eu-west-1"],
        health_check_scale=1,
        attempts=attempts,
        phases=[BEFORE],
        faults=[],
        lag=[
            LagSeries(
                "dynamodb:orders", "us-east-1", "eu-west-1", [5, 12, 14, 16, 25], [999, 10, 20, None, 999], [0] * 5
            ),
            LagSeries("dynamodb:orders", "eu-west-1", "us-east-1", [12, 14], [40.0, 50.0], [0, 0]),
            LagSeries("dynamodb:carts", "eu-west-1", "us-east-1", [12], [70.0], [0]),
        ],
        probes=[ProbeSample("home", 9.9, False, "too early"), ProbeSample("home", 12, True, "200")],
    )


@pytest.mark.parametrize(
    ("value", "held", "measured"),
    [
        ({"kind": "availability", "at_least": 1}, True, "100.0000%"),
        ({"kind": "availability", "at_least": 0.1, "cities": ["paris"]}, False, "nothing"),
        ({"kind": "latency", "at_most_ms": 299}, False, "300.0 ms"),
        ({"kind": "latency", "at_most_ms": 10.1, "cities": ["london"]}, True, "10.0 ms"),
        ({"kind": "latency", "at_most_ms": 4.9, "cities": ["london"], "percentile": 50}, False, "5.0 ms"),
        ({"kind": "latency", "at_most_ms": 5.1, "cities": ["london"], "percentile": 50}, True, "5.0 ms"),
        ({"kind": "lag", "at_most_ms": 69}, False, "70.0 ms"),
        ({"kind": "lag", "at_most_ms": 50.1, "store": "orders"}, True, "50.0 ms"),
        ({"kind": "lag", "at_most_ms": 49, "store": "orders"}, False, "50.0 ms"),
        ({"kind": "lag", "at_most_ms": 40.1, "store": "orders", "percentile": 50}, True, "40.0 ms"),
        ({"kind": "lag", "at_most_ms": 999, "store": "none"}, False, "nothing"),
        (HTTP, True, "held 1 of 1 times"),
        (HTTP | {"name": "other"}, False, "never asked"),
    ],
)
def test_a_probe_before_the_faults(value: dict[str, Any], held: bool, measured: str) -> None:
    (check,) = steady_checks([probe(value)], seen())
    assert (check.held, check.measured, check.phase) == (held, measured, "before")


@pytest.mark.parametrize(
    ("value", "measured"),
    [
        ({"hosts": ["shop.test"]}, "0.0000%"),
        ({"hosts": ["shop.test", "menu.test"]}, "66.6667%"),
        ({"failover_s": 4}, "100.0000%"),
        ({"failover_s": 3}, "85.7143%"),
        ({"hosts": ["shop.test"], "failover_s": 4}, "nothing"),
    ],
)
def test_availability_of_some_hosts_and_outside_the_fail_over(value: dict[str, Any], measured: str) -> None:
    """A fault begins at 12 s; the shop fails at 11.9 (under way by then) and from 14 s to 16 s."""
    observed = seen()
    failing = [Attempt("london", at_s, at_s, at_s + 1, False, host="shop.test") for at_s in (11.9, 14, 15.5)]
    good = [
        Attempt("london", 10 + at_s, 10 + at_s, 11 + at_s, True, host="menu.test") for at_s in (6, 6.5, 7, 8, 9, 9.5)
    ]
    observed.attempts = [*failing, *good]
    observed.faults = [FaultSpan("f1", "region-kill", "x", [], 12, 12.0, 18.0, {})]
    (check,) = steady_checks([probe({"kind": "availability", "at_least": 0.9, **value})], observed)
    assert check.measured == measured


def test_one_bad_answer_is_told_with_its_time() -> None:
    observed = seen()
    observed.probes.append(ProbeSample("home", 13, False, "503"))
    (check,) = steady_checks([probe(HTTP)], observed)
    assert (check.held, check.measured, check.why) == (False, "held 1 of 2 times", "at 13.0 s: 503")


def test_a_phase_is_judged_by_what_was_in_it() -> None:
    observed = seen()
    observed.phases = [BEFORE, DURING]
    before, during = steady_checks([probe({"kind": "availability", "at_least": 0.5001})], observed)
    assert (before.held, during.held) == (True, False)
    assert during.why == "5 of 10 requests failed"


@pytest.mark.parametrize(
    ("phase", "during", "must"), [("during", False, False), ("during", True, True), ("after", False, True)]
)
def test_faults_excuse_only_what_need_not_hold_during_them(phase: Any, during: bool, must: bool) -> None:
    check = Check("home", phase, "", "", held=False)
    assert must_hold([probe(HTTP | {"during": during})], check) is must
