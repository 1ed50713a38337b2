"""RTO, from attempts, health checks and DNS: what each of its parts means."""

from typing import Any

import pytest

from panregion.gameday.attempts import Attempt
from panregion.gameday.file import Objectives
from panregion.gameday.objectives import rto_objectives
from panregion.gameday.outage import horizon, longest_outage_s, rto_of
from panregion.gameday.result import DnsAnswer, FaultSpan, HealthChange

END_S = 60.0


def fault(began_s: float | None = 10.0, ended_s: float | None = 30.0, id: str = "f1", site: str = "a") -> FaultSpan:
    return FaultSpan(id, "region-kill", "a is killed", [site], 10.0, began_s, ended_s, {})


def attempts(failing: list[tuple[float, float]], step_s: float = 0.1, took_s: float = 0.02) -> list[Attempt]:
    times = [number * step_s for number in range(int(END_S / step_s))]
    return [Attempt("x", at, at, at + took_s, not any(a <= at < b for a, b in failing)) for at in times]


def rto(its: list[Attempt], *, faults: list[FaultSpan] | None = None, wanted: float = 1.0, **more: Any) -> Any:
    faults = faults or [fault()]
    return rto_of("x", faults[0], faults, its, more.get("health", []), more.get("dns", []), wanted, END_S)


def test_an_outage_from_the_fault_until_it_is_over_for_good() -> None:
    found = rto(attempts([(10.0, 16.0), (17.0, 18.0)]))
    assert found.touched
    assert found.first_success_s == pytest.approx(6.0, abs=0.13)
    assert found.steady_s == pytest.approx(8.0, abs=0.11)
    assert found.failed == 70


def test_a_share_of_failures_may_be_steady() -> None:
    """A tenth fails all the time: steady only for who asks for no more than nine tenths."""
    its = [Attempt("x", at / 10, at / 10, at / 10, at % 10 != 0) for at in range(600)]
    assert rto(its, wanted=0.9).steady_s == pytest.approx(1.1)  # right after the first failure
    assert rto(its, wanted=0.95).steady_s is None


def test_what_fails_after_the_fault_is_over_is_the_faults_until_the_next_one_begins() -> None:
    late = attempts([(40.0, 41.0)])
    assert rto(late).failed == 10
    second = fault(35.0, 45.0, "f2")
    assert not rto(late, faults=[fault(), second]).touched
    assert rto(late, faults=[second, fault()]).failed == 10


def test_what_is_under_way_when_the_next_fault_begins_is_that_ones() -> None:
    both = [fault(10.0, 20.0), fault(30.0, 40.0, "f2")]
    its = [*attempts([]), Attempt("x", 29.5, 29.5, 31.0, False)]
    its.sort(key=lambda one: one.intended_s)
    assert [rto(its, faults=both).failed, rto(its, faults=both[::-1]).failed] == [0, 1]


@pytest.mark.parametrize(("back_s", "steady"), [(27.0, True), (29.0, True), (29.7, False)])
def test_steady_until_the_next_fault_must_do(back_s: float, steady: bool) -> None:
    both = [fault(10.0, 20.0), fault(30.0, 40.0, "f2")]
    found = rto(attempts([(10.0, back_s), (30.0, 31.0)]), faults=both)
    assert (found.steady_s is not None) is steady
    assert found.first_success_s == pytest.approx(back_s - 10.0, abs=0.13)


def test_faults_that_overlap_share_what_fails() -> None:
    both = [fault(), fault(20.0, 40.0, "f2")]
    its = attempts([(20.0, 22.0)])
    assert [rto(its, faults=both).failed, rto(its, faults=both[::-1]).failed] == [20, 20]
    assert horizon(both[0], both, END_S) == END_S


def test_a_fault_that_is_never_over_lasts_to_the_end() -> None:
    found = rto(attempts([(10.0, 60.0)]), faults=[fault(ended_s=None)])
    assert (found.touched, found.first_success_s, found.steady_s) == (True, None, None)


def test_a_request_under_way_when_the_fault_begins_is_touched() -> None:
    its = [Attempt("x", 9.0, 9.0, 12.0, False), Attempt("x", 13.0, 13.0, 13.1, True)]
    found = rto(its)
    assert (found.failed, found.first_success_s, found.steady_s) == (1, 3.1, 3.1)


def test_a_request_under_way_that_is_answered_all_the_same_is_no_recovery() -> None:
    """A busy machine has several under way at once: some of them come through, and nobody is served after that."""
    its = [*attempts([(10.0, 14.0)]), Attempt("x", 9.91, 9.91, 10.05, False), Attempt("x", 9.95, 9.95, 10.1, True)]
    its.sort(key=lambda one: one.intended_s)
    assert rto(its).first_success_s == pytest.approx(4.0, abs=0.13)


def test_an_outage_may_begin_long_after_its_fault() -> None:
    found = rto(attempts([(25.0, 26.0)]))
    assert (found.lost_s, found.steady_s) == (pytest.approx(15.0), pytest.approx(16.02))
    (objective,) = rto_objectives(Objectives(rto_s=1.1), [found], {"f1": "us-east-1 is killed"})
    assert objective.held
    assert objective.measured == pytest.approx(1.02)


def test_what_failed_before_is_not_the_faults() -> None:
    assert not rto(attempts([(8.0, 9.9)])).touched


def change(at_s: float, region: str | None, *, healthy: bool = False, site: str | None = None) -> HealthChange:
    return HealthChange(at_s, "c", "t", region, site, healthy, "")


@pytest.mark.parametrize(
    ("health", "detected_s"),
    [
        ([change(12.5, "a")], 2.5),
        ([change(9.0, "a")], None),  # before the fault
        ([change(12.5, "b")], None),  # another region's
        ([change(12.5, None)], 2.5),  # nobody knows whose
        ([change(12.5, "a", site="eu-west-1")], None),  # one checker's opinion
        ([change(12.5, "a", healthy=True)], None),
        ([change(15.0, "a"), change(12.5, "a")], 2.5),
    ],
)
def test_detected(health: list[HealthChange], detected_s: float | None) -> None:
    assert rto(attempts([]), health=health).detected_s == detected_s


def test_rerouted_is_when_the_city_is_first_told_something_else() -> None:
    dns = [
        DnsAnswer(0.1, "x", "api.test", ["1"], []),
        DnsAnswer(12.0, "y", "api.test", ["2"], []),  # another city
        DnsAnswer(12.5, "x", "new.test", ["3"], []),  # a name that it had not asked for before
        DnsAnswer(13.0, "x", "api.test", ["2"], []),
        DnsAnswer(31.0, "x", "api.test", ["1"], []),
    ]
    assert rto(attempts([]), dns=dns).rerouted_s == 3.0
    assert rto(attempts([]), dns=dns[:3]).rerouted_s is None


def test_the_longest_outage() -> None:
    assert longest_outage_s(attempts([(10.0, 12.0), (20.0, 25.0)])) == pytest.approx(5.0, abs=0.11)
    assert longest_outage_s([Attempt("x", 1.0, 1.0, 4.0, False)]) == 3.0
    assert longest_outage_s([]) == 0.0
