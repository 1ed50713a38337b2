"""Schedules: what begins ends, in the order that the plan says, and the same seed gives the same."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.control.faults import RegionKill
from panregion.control.faults.schedule import At, AtRandom, Plan, Rolling, Step, Swizzle, read_plan, schedule

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2", "sa-east-1")
KILL = RegionKill(region="$each")

seconds = st.floats(0.01, 1000).map(lambda value: round(value, 2))
regions = st.lists(st.sampled_from(REGIONS), min_size=2, max_size=4, unique=True).map(tuple)
ats = st.builds(
    lambda at_s, for_s, gap_s, times: At(
        fault=RegionKill(region="us-east-1"), at_s=at_s, for_s=for_s, every_s=for_s + gap_s, times=times
    ),
    seconds,
    seconds,
    seconds,
    st.integers(2, 6),
)
randoms = st.builds(
    lambda from_s, length_s, gap_s, least_s, more_s, at_once, names: AtRandom(
        faults=tuple(RegionKill(region=name) for name in names),
        from_s=from_s,
        until_s=from_s + length_s,
        mean_gap_s=gap_s,
        for_s=(least_s, least_s + more_s),
        at_once=at_once,
    ),
    seconds,
    seconds,
    st.floats(1, 100),
    seconds,
    seconds,
    st.integers(1, 3),
    regions,
)
rollings = st.builds(
    lambda over, at_s, for_s, gap_s: Rolling(fault=KILL, over=over, at_s=at_s, for_s=for_s, gap_s=gap_s),
    regions,
    seconds,
    seconds,
    seconds,
)
swizzles = st.builds(
    lambda over, at_s, step_s, hold_s: Swizzle(fault=KILL, over=over, at_s=at_s, step_s=step_s, hold_s=hold_s),
    regions,
    seconds,
    seconds,
    seconds,
)
plans: Any = st.one_of(ats, randoms, rollings, swizzles)


def live_at_once(steps: list[Step]) -> int:
    """The most that are live at any moment."""
    live = most = 0
    for step in steps:
        live += 1 if step.act == "inject" else -1
        most = max(most, live)
    return most


@given(st.lists(plans, max_size=4), st.integers())
def test_what_begins_ends_once_and_later(several: list[Plan], seed: int) -> None:
    steps = schedule(several, seed)
    assert [step.at_s for step in steps] == sorted(step.at_s for step in steps)
    begun: dict[int, Step] = {}
    for step in steps:
        if step.act == "inject":
            assert step.number not in begun
            begun[step.number] = step
        else:
            assert begun[step.number].fault == step.fault
            assert begun[step.number].at_s < step.at_s
    assert Counter(step.act for step in steps) == Counter({"inject": len(begun), "undo": len(begun)})
    assert "$each" not in str(steps)


@given(st.lists(plans, min_size=1, max_size=3), st.integers(), plans)
def test_the_same_seed_gives_the_same_and_another_plan_changes_nothing(
    several: list[Plan], seed: int, more: Plan
) -> None:
    alone = [step[:3] for step in schedule(several, seed)]
    assert alone == [step[:3] for step in schedule(several, seed)]
    together = [step[:3] for step in schedule([*several, more], seed)]
    assert not Counter(map(str, alone)) - Counter(map(str, together))


@given(randoms, st.integers())
def test_random_faults_stay_within_their_bounds(plan: AtRandom, seed: int) -> None:
    steps = schedule(plan, seed)
    assert live_at_once(steps) <= plan.at_once
    assert all(plan.from_s <= step.at_s <= plan.until_s for step in steps)
    ends = {step.number: step.at_s for step in steps if step.act == "undo"}
    for step in steps:
        if step.act == "inject":
            length_s = ends[step.number] - step.at_s
            assert length_s <= plan.for_s[1] + 1e-6
            assert length_s >= plan.for_s[0] - 1e-6 or ends[step.number] == plan.until_s


def test_random_faults_come_about_as_often_as_asked() -> None:
    plan = AtRandom(faults=(RegionKill(region="a"),), until_s=10_000, mean_gap_s=10, for_s=(0.01, 0.01))
    assert 900 < sum(step.act == "inject" for step in schedule(plan, 7)) < 1100
    assert schedule(plan, 7) != schedule(plan, 8)


@given(rollings, st.integers())
def test_rolling_never_strikes_two_at_once(plan: Rolling, seed: int) -> None:
    steps = schedule(plan, seed)
    assert live_at_once(steps) == 1
    assert [step.fault for step in steps if step.act == "inject"] == [RegionKill(region=name) for name in plan.over]


@given(swizzles, st.integers())
def test_swizzle_has_all_off_and_brings_them_back_in_another_order(plan: Swizzle, seed: int) -> None:
    steps = schedule(plan, seed)
    count = len(plan.over)
    off = [step.fault for step in steps[:count]]
    on = [step.fault for step in steps[count:]]
    assert {step.act for step in steps[:count]} == {"inject"}
    assert live_at_once(steps) == count
    assert off != on
    assert sorted(map(str, off)) == sorted(map(str, on))


def test_a_plan_is_read_from_yaml() -> None:
    plan = read_plan(
        {"fault": {"kind": "region-kill", "region": "a"}, "at_s": 5, "for_s": 2, "every_s": 10, "times": 2}
    )
    kill = RegionKill(region="a")
    assert [step[:3] for step in schedule(plan, 1)] == [
        (5, "inject", kill),
        (7, "undo", kill),
        (15, "inject", kill),
        (17, "undo", kill),
    ]
    forever = read_plan({"fault": {"kind": "region-kill", "region": "a"}})
    assert [step[:3] for step in schedule(forever, 1)] == [(0, "inject", kill)]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([], "a plan is a mapping"),
        ({"fault": {"kind": "x"}}, "x is no kind of fault; there are region-kill"),
        ({"fault": {"kind": "region-kill", "region": "a"}, "times": 3}, "every_s is missing"),
        ({"fault": {"kind": "region-kill", "region": "a"}, "every_s": 3}, "times is missing"),
        ({"fault": {"kind": "region-kill", "region": "a"}, "every_s": 3, "times": 2, "for_s": 4}, "at most every_s"),
        ({"fault": {"kind": "region-kill", "region": "a"}, "when": 3}, "unknown field `when`"),
        ({"at_s": 3}, "missing required field `fault`"),
        ({"schedule": "never"}, "never"),
        (
            {"schedule": "rolling", "fault": {"kind": "region-kill", "region": "a"}, "over": ["b"], "for_s": 1},
            r"must say \$each",
        ),
        (
            {
                "schedule": "swizzle",
                "fault": {"kind": "region-kill", "region": "$each"},
                "over": ["b", "b"],
                "step_s": 1,
            },
            "one twice",
        ),
        (
            {
                "schedule": "random",
                "faults": [{"kind": "region-kill", "region": "a"}],
                "until_s": 10,
                "mean_gap_s": 1,
                "for_s": [3, 1],
            },
            "at least, at most",
        ),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_with_the_reason(given: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_plan(given)


def test_only_a_rolling_plan_waits_for_the_one_before() -> None:
    rolling = Rolling(fault=KILL, over=REGIONS[:3], for_s=1.0)
    steps = schedule([At(fault=RegionKill(region="us-east-1")), rolling], 1)
    assert [step.after for step in steps if step.act == "inject"] == [None, None, 1, 2]
