"""The steps of one request that asks to be followed: what the region did for it, from when to when.

A request asks with the header x-panregion-trace, whose value is the root of an X-Ray trace id
(https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-traceid). The region's gateway then
hands its planes and operations a `Here` that takes down what they call and write (region/tracing.py), and a function
gets the trace id as on AWS, so that AWS's SDKs send it along with what the function calls: those are steps, too.

Times are `Clock.monotonic`'s, which is the same in all processes of one machine.
"""

from dataclasses import dataclass, field
from typing import Any

from panregion.services.here import Here
from panregion.world import Clock

STEPS_MAX = 500


@dataclass(slots=True)
class Step:
    """One thing that was done. `parent` is the number of the step that it is part of; 0: of none."""

    number: int
    parent: int
    kind: str
    """gateway, operation, region, function, store"""
    what: str
    began_s: float
    ended_s: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)


class Recording:
    """One request's steps, in the order in which they began; those beyond STEPS_MAX are counted alone."""

    def __init__(self, root: str, clock: Clock) -> None:
        self.root = root
        self.steps: list[Step] = []
        self.left_out = 0
        self._clock = clock

    def begin(self, parent: int, kind: str, what: str) -> Step:
        """A step begins now."""
        step = Step(len(self.steps) + 1, parent, kind, what, self._clock.monotonic())
        if len(self.steps) < STEPS_MAX:
            self.steps.append(step)
        else:
            self.left_out += 1
        return step

    def end(self, step: Step, **facts: Any) -> None:
        """A step has ended; what is None is not known."""
        step.ended_s = self._clock.monotonic()
        step.facts.update({name: value for name, value in facts.items() if value is not None})

    def header(self, step: Step) -> str:
        """The X-Ray header of what is called within a step."""
        return f"Root={self.root};Parent={step.number:016x};Sampled=0"

    def now(self) -> float:
        return self._clock.monotonic()


class Recorded:
    """What the dispatch of a `Here` that is followed has besides."""

    recording: Recording
    parent: int


def begin_step(here: Here, kind: str, what: str) -> tuple[Recording, Step] | None:
    """A step of the request under way begins; None where nobody follows it."""
    dispatch = here.dispatch
    if not isinstance(dispatch, Recorded):
        return None
    return dispatch.recording, dispatch.recording.begin(dispatch.parent, kind, what)
