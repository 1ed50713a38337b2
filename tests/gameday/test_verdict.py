"""The engine measures itself: a double of known faults, and a verdict that says exactly those.

A thousand writes, twenty a second; the sampling step is 50 ms.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panregion.gameday import file, result
from panregion.gameday import objectives as judge
from panregion.gameday.user import User
from tests.gameday.double import Faults, play, promising, write_and_read

STEP_S = 0.05
ROUNDED_S = 0.001
SEVEN = frozenset({3, 77, 120, 455, 456, 457, 701})
THREE = frozenset({10, 300, 620})
AWAY = (10.0, 22.0)
PROMISE: dict[str, Any] = {
    "rto_s": 12.1,
    "rpo": {"thing": {"lost": 7, "overwritten": 3}},
    "availability": 0.75,
    "converge_s": 3,
}


async def test_a_double_without_faults_is_held_without_a_word() -> None:
    found = await play(Faults(), promising(rto_s=1, rpo={"*": {"lost": 0, "overwritten": 0}}, availability=1.0))
    assert found.held, found.why_not
    (rpo,) = found.rpo
    assert (rpo.acknowledged, rpo.lost, rpo.overwritten, rpo.window_s) == (1000, 0, 0, None)
    assert found.writes == []
    assert found.blast_radius.failed == 0
    (rto,) = found.rto
    assert not rto.touched
    assert rto.steady_s is None


async def test_the_verdict_says_seven_lost_twelve_seconds_three_overwritten() -> None:
    """760 of the thousand requests are answered; the seven and the three are among those."""
    found = await play(Faults(lost=SEVEN, overwritten=THREE, away=AWAY), promising(**PROMISE))
    (rpo,) = found.rpo
    assert (rpo.lost, rpo.overwritten, rpo.acknowledged) == (7, 3, 760)
    (rto,) = found.rto
    assert rto.first_success_s == pytest.approx(12.0, abs=STEP_S)
    assert rto.steady_s == pytest.approx(12.0, abs=STEP_S)
    assert rto.failed == 240
    assert found.blast_radius.longest_outage_s == pytest.approx(12.0, abs=STEP_S)
    assert found.converge_s == 2.5
    assert [one.verdict for one in found.writes] == ["lost"] * 7 + ["overwritten"] * 3
    assert found.held, found.why_not


async def test_a_health_check_that_failed_where_no_fault_was_is_told() -> None:
    def turned(at_s: float, region: str, site: str | None = None) -> result.HealthChange:
        return result.HealthChange(at_s, "hc", f"a.{region}.test", region, site, False, "too late")

    health = [turned(11.0, "eu-west-1"), turned(12.0, "us-east-1"), turned(12.5, "us-east-1", "sa-east-1")]
    found = await play(Faults(), promising(), health=health)
    (note,) = found.notes
    assert note.startswith("us-east-1 was held unhealthy once, at 12.0 s, and no fault touched it")


async def test_of_a_thousand_acknowledged_writes_seven_are_lost() -> None:
    found = await play(Faults(lost=SEVEN), promising(rpo={"thing": {"lost": 7}}))
    assert (found.rpo[0].acknowledged, found.rpo[0].lost) == (1000, 7)
    assert found.held


@pytest.mark.parametrize(
    ("faults", "why"),
    [
        (Faults(lost=SEVEN | {9}, overwritten=THREE, away=AWAY), "8 writes lost of 760 acknowledged; 7 may be"),
        (Faults(lost=SEVEN, overwritten=THREE | {11}, away=AWAY), "4 writes overwritten"),
        (
            Faults(lost=SEVEN, overwritten=THREE, away=(10.0, 22.2)),
            "for 12.2 s after this: the double is away; 244 requests failed",
        ),
        (Faults(lost=SEVEN, overwritten=THREE, away=(9.5, 22.0)), "availability before faults"),
        (Faults(lost=SEVEN, overwritten=THREE, away=(10.0, 29.0)), "availability: 380 of 1000 requests failed"),
        (
            Faults(lost=SEVEN, overwritten=THREE, away=(10.0, 51.0)),
            "not served again after this: the double is away",
        ),
        (Faults(lost=SEVEN, overwritten=THREE, away=AWAY, errors=frozenset({700})), "availability after faults"),
    ],
)
async def test_a_fault_more_fails_the_game_day(faults: Faults, why: str) -> None:
    found = await play(faults, promising(**PROMISE))
    assert not found.held
    assert any(why in line for line in found.why_not), found.why_not


@pytest.mark.parametrize(
    ("promise", "objective"),
    [
        ({"rto_s": 11.9}, "RTO, london"),
        ({"rto_s": {"london": 11.9}}, "RTO, london"),
        ({"rto_s": 11.9, "rto_of": "first-success"}, "RTO, london"),
        ({"rpo": {"thing": {"lost": 6}}}, "RPO, thing"),
        ({"rpo": {"*": {"overwritten": 2}}}, "overwritten, thing"),
        ({"rpo": {"parcel": {"lost": 9}}}, "RPO, parcel"),
        ({"availability": 0.77}, "availability"),
        ({"error_budget": {"availability": 0.8}}, "error budget"),
        ({"converge_s": 2.4}, "converge"),
    ],
)
async def test_a_promise_that_is_a_little_too_much_is_missed(promise: dict[str, Any], objective: str) -> None:
    found = await play(Faults(lost=SEVEN, overwritten=THREE, away=AWAY), promising(**promise))
    (missed,) = [one for one in found.objectives if not one.held]
    assert missed.name == objective
    assert not found.held


async def test_stale_answers_are_counted_and_their_readers_told() -> None:
    game = promising(rpo={"thing": {"stale": 4}})
    found = await play(Faults(stale=frozenset({5, 6, 90, 800})), game, write_and_read)
    assert found.rpo[0].stale == 4
    assert found.held
    found = await play(Faults(stale=frozenset({5, 6, 90, 800, 801})), game, write_and_read)
    assert found.why_not == ["stale, thing: 5 answers stale of 1000 acknowledged; 4 may be"]


async def test_coming_back_for_a_moment_is_not_coming_back() -> None:
    """One good answer in the middle: a first success, but no steady state."""
    twice_away = Faults(away=AWAY, errors=frozenset(range(202, 262)))
    found = await play(twice_away, promising(rto_s=20))
    (rto,) = found.rto
    assert rto.first_success_s == pytest.approx(12.0, abs=STEP_S)
    assert rto.steady_s == pytest.approx(15.0, abs=2 * STEP_S)


async def test_the_error_budget_is_spent_by_failures_at_this_rate() -> None:
    budget = {"availability": 0.99, "window_s": 86_400, "spend_at_most": 1}
    found = await play(Faults(away=AWAY), promising(error_budget=budget))
    assert found.error_budget is not None
    assert found.error_budget.allowed == pytest.approx(0.01 * 20 * 86_400)
    assert found.error_budget.spent == pytest.approx(240 / (0.01 * 20 * 86_400))
    assert found.held


async def test_a_journey_that_raises_is_no_evidence() -> None:
    async def broken(user: User) -> None:
        raise KeyError("id")

    found = await play(Faults(), promising(), broken)
    assert not found.held
    assert "1000 journeys raised KeyError: 'id'" in found.why_not


async def test_nobody_is_no_evidence() -> None:
    found = await play(Faults(), promising(), rate_s=0.0001)
    assert not found.held
    assert "london sent no request" in found.why_not


def test_a_promised_way_back_after_nothing_is_missed() -> None:
    (missed,) = judge.rto_objectives(file.Objectives(rto_s=5.0), [], {})
    assert (missed.held, missed.measured) == (False, None)
    assert missed.why == "no fault began, so how long the way back takes is not known"
    (missed,) = judge.other_objectives(file.Objectives(converge_s=5.0), [], None, None, disturbed=False)
    assert (missed.held, missed.why) == (False, "no fault began, so how long converging takes is not known")


async def test_what_is_promised_about_nothing_is_missed() -> None:
    async def reader(user: User) -> None:
        await user.get("http://api.double.test/things/1")

    found = await play(Faults(), promising(rpo={"thing": {"lost": 0}}), reader)
    assert found.why_not == ["RPO, thing: no write of kind thing was acknowledged, so nothing is known"]


@settings(max_examples=15, deadline=None)
@given(
    st.sets(st.integers(1, 700), max_size=20),
    st.sets(st.integers(1, 700), max_size=20),
    st.floats(10.0, 15.0),
    st.floats(0.2, 14.0),
)
async def test_whatever_is_put_in_comes_out(lost: set[int], foreign: set[int], begin_s: float, for_s: float) -> None:
    faults = Faults(frozenset(lost - foreign), frozenset(foreign), away=(begin_s, begin_s + for_s))
    found = await play(faults, promising(), fault_s=(begin_s, 30.0))
    (rpo,) = found.rpo
    assert (rpo.lost, rpo.overwritten) == (len(lost - foreign), len(foreign))
    assert found.blast_radius.longest_outage_s == pytest.approx(for_s, abs=STEP_S + ROUNDED_S)
    (rto,) = found.rto
    assert rto.steady_s == pytest.approx(for_s, abs=STEP_S + ROUNDED_S)


async def test_what_nobody_read_is_not_known_to_be_fresh() -> None:
    found = await play(Faults(), promising(rpo={"*": {"stale": 0}}))
    assert found.why_not == [
        "stale, thing: no journey noted what it was shown of kind thing (user.saw), so nothing is known"
    ]


def test_the_two_files_of_a_verdict_agree() -> None:
    """Every objective that a file may have is judged."""
    assert set(file.Objectives.__struct_fields__) - {"rto_of"} == {
        *("rto_s", "rpo", "availability", "error_budget", "converge_s")
    }
    assert set(file.Rpo.__struct_fields__) <= set(result.StoreRpo.__struct_fields__)
