"""When faults begin and end: plans, and what becomes of them with a seed. Pure.

    fault: {kind: region-kill, region: us-east-1}     at a time, for a duration (none: until the end)
    at_s: 10
    for_s: 30
    every_s: 60                                       repeated, so many times
    times: 3

    schedule: random                                  one of several, again and again, at random
    faults: [{...}, {...}]
    from_s: 0
    until_s: 300
    mean_gap_s: 40                                    from one beginning to the next, on average
    for_s: [5, 20]                                    at least, at most
    at_once: 1

    schedule: rolling                                 one after another, each undone before the next
    fault: {kind: region-restart, region: $each}
    over: [us-east-1, eu-west-1]
    at_s: 10
    for_s: 5
    gap_s: 20                                         from an end to the next beginning

    schedule: swizzle                                 one by one off, all off, one by one on in another order
    fault: {kind: link-cut, from: $each, to: "*"}
    over: [us-east-1, eu-west-1, ap-southeast-2]
    at_s: 10
    step_s: 2
    hold_s: 10

The name is FoundationDB's, whose tests clog network connections in that manner. The same plans with the same seed give
the same schedule; each plan has dice of its own, so one more plan leaves the others as they were.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import log
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

from panregion.control.faults.table import Fault, read_fault
from panregion.world import Chance, SeededChance

EACH = "$each"
STEPS_MAX = 10_000

NotNegative = Annotated[float, Meta(ge=0, le=1e7)]
Positive = Annotated[float, Meta(gt=0, le=1e7)]


class Step(NamedTuple):
    """One moment of a schedule. The injection and the undoing of one fault have the same number."""

    at_s: float
    act: Literal["inject", "undo"]
    fault: Fault
    number: int
    after: int | None = None
    """The fault that must be over before this one may begin, however late it ends; None: there is none."""


class _Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="schedule"):
    """What all plans have in common."""


class At(_Plan, frozen=True, kw_only=True, tag="at"):
    """At a time, for a duration, perhaps repeated."""

    fault: Fault
    at_s: NotNegative = 0.0
    for_s: Positive | None = None
    """None: until everything is undone at the end."""
    every_s: Positive | None = None
    times: Annotated[int, Meta(ge=1, le=STEPS_MAX)] = 1

    def __post_init__(self) -> None:
        if self.times > 1 and self.every_s is None:
            raise ValueError("every_s is missing: how long from one time to the next")
        if self.every_s is not None and self.times == 1:
            raise ValueError("times is missing: how often")
        if self.every_s is not None and (self.for_s is None or self.for_s > self.every_s):
            raise ValueError("for_s must be given and at most every_s: each time ends before the next begins")


class AtRandom(_Plan, frozen=True, kw_only=True, tag="random"):
    """One of several faults, again and again, at random times and for random durations."""

    faults: Annotated[tuple[Fault, ...], Meta(min_length=1)]
    from_s: NotNegative = 0.0
    until_s: Positive
    mean_gap_s: Annotated[float, Meta(ge=0.01, le=1e7)]
    for_s: tuple[Positive, Positive]
    at_once: Annotated[int, Meta(ge=1)] = 1

    def __post_init__(self) -> None:
        if self.until_s <= self.from_s:
            raise ValueError("until_s must be after from_s")
        if self.for_s[0] > self.for_s[1]:
            raise ValueError("for_s must be [at least, at most]")
        if (self.until_s - self.from_s) / self.mean_gap_s > STEPS_MAX / 4:
            raise ValueError(f"mean_gap_s is too short: more than {STEPS_MAX // 4} faults")


class Rolling(_Plan, frozen=True, kw_only=True, tag="rolling"):
    """The same to one after another; never to two at once."""

    fault: Fault
    over: Annotated[tuple[str, ...], Meta(min_length=1)]
    at_s: NotNegative = 0.0
    for_s: Positive
    gap_s: NotNegative = 0.0


class Swizzle(_Plan, frozen=True, kw_only=True, tag="swizzle"):
    """One by one begun, held, one by one undone in another order."""

    fault: Fault
    over: Annotated[tuple[str, ...], Meta(min_length=2)]
    at_s: NotNegative = 0.0
    step_s: Positive
    hold_s: NotNegative = 0.0

    def __post_init__(self) -> None:
        if len(set(self.over)) < len(self.over):
            raise ValueError("over names one twice")


Plan = At | AtRandom | Rolling | Swizzle


def read_plan(value: Any) -> Plan:
    """A plan from what YAML or JSON gave; without `schedule` it is a fault at a time. Raises ValueError."""
    if not isinstance(value, dict):
        raise ValueError("a plan is a mapping, with a fault and when it is to happen")
    for fault in (*_several(value.get("faults")), *([value["fault"]] if "fault" in value else [])):
        read_fault(fault)  # for its message, which is plainer
    plan: Plan
    try:
        plan = msgspec.convert({"schedule": "at", **value}, Plan)
    except msgspec.ValidationError as error:
        raise ValueError(_plain(str(error))) from error
    if isinstance(plan, Rolling | Swizzle):
        if EACH not in str(value["fault"]):
            raise ValueError(f"the fault of a {value['schedule']} plan must say {EACH} where those of `over` go")
        for name in plan.over:
            _with(plan.fault, name)
    return plan


def _plain(text: str) -> str:
    """msgspec's words, of a plan."""
    return text.replace("Object contains", "the plan contains", 1).replace("Object missing", "the plan is missing", 1)


def _several(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else []


def schedule(plans: Plan | Sequence[Plan], seed: int) -> list[Step]:
    """Every step of one or several plans, in order; at the same moment, what ends goes before what begins."""
    several = plans if isinstance(plans, Sequence) else [plans]
    spans = [
        (isinstance(plan, Rolling) and place > 0, span)
        for number, plan in enumerate(several)
        for place, span in enumerate(_spans(plan, SeededChance(f"{seed}/{number}")))
    ]
    steps = []
    for number, (follows, (begin_s, end_s, fault)) in enumerate(spans):
        steps.append(Step(begin_s, "inject", fault, number, number - 1 if follows else None))
        if end_s is not None:
            steps.append(Step(end_s, "undo", fault, number))
    return sorted(steps, key=lambda step: (step.at_s, step.act == "inject", step.number))


Span = tuple[float, float | None, Fault]
"""From when to when a fault is live; None: to the end."""


def _spans(plan: Plan, chance: Chance) -> Iterator[Span]:
    match plan:
        case At():
            for index in range(plan.times):
                begin_s = plan.at_s + index * (plan.every_s or 0)
                yield begin_s, None if plan.for_s is None else begin_s + plan.for_s, plan.fault
        case AtRandom():
            yield from _random(plan, chance)
        case Rolling():
            for index, name in enumerate(plan.over):
                begin_s = plan.at_s + index * (plan.for_s + plan.gap_s)
                yield begin_s, begin_s + plan.for_s, _with(plan.fault, name)
        case Swizzle():
            yield from _swizzle(plan, chance)


def _random(plan: AtRandom, chance: Chance) -> Iterator[Span]:
    live: list[tuple[float, Fault]] = []
    begin_s = plan.from_s
    while True:
        begin_s += _gap_s(plan.mean_gap_s, chance)
        if begin_s >= plan.until_s:
            return
        live = [(end_s, fault) for end_s, fault in live if end_s > begin_s]
        free = [fault for fault in plan.faults if all(fault != other for _, other in live)]
        least_s, most_s = plan.for_s
        length_s = least_s + (most_s - least_s) * chance.random()
        if len(live) >= plan.at_once or not free:
            continue
        end_s = min(begin_s + length_s, plan.until_s)
        fault = chance.choice(free)
        live.append((end_s, fault))
        yield begin_s, end_s, fault


def _gap_s(mean_s: float, chance: Chance) -> float:
    """Exponential, as of events that know nothing of each other; in steps of a thousandth, no more than ten means."""
    return round(min(-mean_s * log(1 - chance.random()), 10 * mean_s), 3)


def _swizzle(plan: Swizzle, chance: Chance) -> Iterator[Span]:
    off = _shuffled(plan.over, chance)
    on = _shuffled(plan.over, chance)
    if on == off:
        on = [*on[1:], on[0]]
    all_off_s = plan.at_s + (len(off) - 1) * plan.step_s
    for index, name in enumerate(off):
        end_s = all_off_s + plan.hold_s + (on.index(name) + 1) * plan.step_s
        yield plan.at_s + index * plan.step_s, end_s, _with(plan.fault, name)


def _shuffled(names: Sequence[str], chance: Chance) -> list[str]:
    left = sorted(names)
    return [left.pop(chance.randrange(len(left))) for _ in names]


def _with(fault: Fault, name: str) -> Fault:
    """The fault, with a name in the place of `$each`. Raises ValueError."""
    return read_fault(_replaced(msgspec.to_builtins(fault), name))


def _replaced(value: Any, name: str) -> Any:
    match value:
        case dict():
            return {key: _replaced(inner, name) for key, inner in value.items()}
        case list() | tuple():
            return [_replaced(inner, name) for inner in value]
        case str():
            return value.replace(EACH, name)
    return value
