"""How executions go on, without a world: turns, one after another."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panregion.services.arc_region_switch.engine import UNDER_WAY, Turn
from panregion.services.arc_region_switch.errors import IllegalStateException, ResourceNotFoundException
from panregion.services.arc_region_switch.model import FINISHED, Execution, Plan, duration, steps_of
from tests.services.arc_region_switch.support import EAST, WEST, Json, approval, function, parallel

ARN = f"arn:aws:lambda:{EAST}:000000000000:function:f"


def execution(*steps: Json, mode: str = "graceful") -> Execution:
    plan = Plan(arn="plan", given={"regions": [EAST, WEST], "workflows": []}, version=1, updated_at=0)
    return Execution(
        id="one",
        plan=plan,
        action="activate",
        target=WEST,
        mode=mode,
        state="inProgress",
        started_at=0,
        updated_at=0,
        steps=steps_of({"steps": list(steps)}, mode),
    )


class Story:
    """An execution and all that happened, in order; every turn is a second later."""

    def __init__(self, *steps: Json, mode: str = "graceful") -> None:
        self.execution = execution(*steps, mode=mode)
        self.running: list[str] = []
        self.events: list[str] = []
        self.now = 0.0
        self.tell("start")

    def tell(self, what: str, *words: str) -> None:
        self.now += 1
        turn = Turn(self.execution, self.now)
        getattr(turn, what)(*words)
        self.execution = turn.execution
        self.running = turn.to_run
        self.events += [f"{event.type} {event.step}".strip() for event in turn.events]

    @property
    def state(self) -> str:
        return self.execution.state

    @property
    def statuses(self) -> list[str]:
        return [step.status for step in self.execution.steps]


def test_steps_run_one_after_another() -> None:
    story = Story(function("a", ARN), function("b", ARN))
    assert story.running == ["a"]
    story.tell("succeeded", "a")
    assert story.running == ["b"]
    story.tell("succeeded", "b")
    assert (story.state, story.execution.ended_at, story.execution.recovered_s) == ("completed", 3.0, 3.0)
    assert story.events == [
        *("executionStarted", "stepStarted a", "stepSucceeded a"),
        *("stepStarted b", "stepSucceeded b", "executionSucceeded"),
    ]


def test_parallel_steps_run_side_by_side_and_are_waited_for() -> None:
    story = Story(parallel("p", function("a", ARN), function("b", ARN)), function("c", ARN))
    assert story.running == ["a", "b"]
    story.tell("succeeded", "b")
    assert (story.running, story.statuses) == ([], ["running", "running", "completed", "notStarted"])
    story.tell("succeeded", "a")
    assert story.running == ["c"]
    assert story.events.count("stepSucceeded p") == 1


def test_a_failed_step_pauses_and_is_resumed_skipped_or_made_ungraceful() -> None:
    story = Story(function("a", ARN, ungraceful={"behavior": "skip"}), function("b", ARN))
    story.tell("failed", "a", "no")
    assert (story.state, story.running) == ("pausedByFailedStep", [])
    story.tell("resume")
    assert (story.state, story.running, story.execution.steps[0].run) == ("inProgress", ["a"], 2)
    story.tell("failed", "a", "no")
    story.tell("step_ungraceful", "a", "hurry")
    assert (story.statuses, story.running) == (["skipped", "running"], ["b"])
    story.tell("failed", "b", "no")
    story.tell("skip", "b", "never mind")
    assert story.state == "completedWithExceptions"
    with pytest.raises(IllegalStateException):
        story.tell("cancel", "late")


def test_a_pause_begins_when_nothing_runs() -> None:
    story = Story(parallel("p", function("a", ARN), function("b", ARN)), function("c", ARN))
    story.tell("pause")
    assert story.state == "inProgress"
    story.tell("succeeded", "a")
    assert story.state == "inProgress"
    story.tell("succeeded", "b")
    assert (story.state, story.running) == ("pausedByOperator", [])
    story.tell("resume")
    assert story.running == ["c"]
    for what in ("resume", "healthy"):
        if what == "resume":
            with pytest.raises(IllegalStateException):
                story.tell(what)
        else:
            story.tell(what)
    assert story.state == "inProgress"


def test_an_approval_is_waited_for_and_a_refusal_ends_it() -> None:
    story = Story(approval("ask"), function("a", ARN))
    assert (story.state, story.statuses) == ("pendingManualApproval", ["pendingApproval", "notStarted"])
    story.tell("approved", "ask", "go")
    assert (story.state, story.running) == ("inProgress", ["a"])
    with pytest.raises(IllegalStateException):
        story.tell("approved", "ask", "again")
    other = Story(approval("ask"), function("a", ARN))
    other.tell("declined", "ask", "no")
    assert (other.state, other.statuses) == ("canceled", ["canceled", "notStarted"])
    with pytest.raises(ResourceNotFoundException):
        story.tell("approved", "nobody", "")


def test_an_ungraceful_execution_leaves_out_what_may_be() -> None:
    skip = {"behavior": "skip"}
    story = Story(function("a", ARN, ungraceful=skip), function("b", ARN), mode="ungraceful")
    assert (story.statuses, story.running) == (["skipped", "running"], ["b"])
    story.tell("succeeded", "b")
    assert story.state == "completed"  # as it was meant to be
    later = Story(function("a", ARN), function("b", ARN, ungraceful=skip))
    later.tell("switch_mode", "ungraceful")
    later.tell("succeeded", "a")
    assert (later.state, later.statuses) == ("completed", ["completed", "skipped"])


@pytest.mark.parametrize(("seconds", "text"), [(0, "PT1S"), (61.2, "PT1M2S"), (3600, "PT1H"), (3723, "PT1H2M3S")])
def test_durations_are_whole_seconds(seconds: float, text: str) -> None:
    assert duration(seconds) == text


WORDS = st.sampled_from(["succeeded", "failed", "skip", "pause", "resume", "switch", "cancel", "approved"])


@given(st.lists(st.tuples(WORDS, st.integers(0, 4)), max_size=25))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_happens_the_state_goes_with_the_steps(happenings: list[tuple[str, int]]) -> None:
    story = Story(parallel("p", function("a", ARN), approval("q")), function("b", ARN), approval("c"))
    for what, number in happenings:
        step = story.execution.steps[number]
        if what in ("succeeded", "failed") and (step.status != "running" or step.block == "Parallel"):
            continue
        words = {"switch": ("ungraceful",), "pause": (), "resume": (), "cancel": ("",), "succeeded": (step.name,)}
        try:
            story.tell("switch_mode" if what == "switch" else what, *words.get(what, (step.name, "why")))
        except IllegalStateException:
            continue
        statuses = story.statuses
        assert story.execution.ended == (story.execution.ended_at is not None)
        if story.state.startswith("completed"):
            assert set(statuses) <= FINISHED
        if story.execution.ended:
            assert not UNDER_WAY & set(statuses)
        if story.state == "pausedByFailedStep":
            assert "failed" in statuses
        if story.state == "pendingManualApproval":
            assert "pendingApproval" in statuses
