"""What is done to the world, and when: the file's plans for a world of certain regions, by the seed. Pure.

The plans are control's (control/faults/schedule.py); here regions are named ($primary), what has no end gets one, and a
plan that cannot be is told with its place in the file.
"""

from collections.abc import Sequence
from typing import Any

from panregion.control.faults import Where
from panregion.control.faults.schedule import Plan, Step, read_plan, schedule

NAMES = ("primary", "secondary", "third", "fourth", "fifth")
"""$primary is the first region of the world, and so on."""
ALL = "$regions"
"""A list of this alone is the list of all regions."""


class BadPlan(Exception):
    """A plan of the file cannot be: `number` says which, from 0, the text why."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(why)
        self.number = number


def timetable(values: Sequence[Any], where: Where, seed: int, end_s: float) -> list[Step]:
    """Every step in order of time, the same for the same seed. Raises BadPlan.

    `end_s` is when a fault ends that has no end of its own.
    """
    plans = [_plan(number, value, where) for number, value in enumerate(values)]
    steps = schedule(plans, seed)
    ended = {step.number for step in steps if step.act == "undo"}
    for step in [step for step in steps if step.number not in ended]:
        lasts_s = step.fault.lasts_s
        over_s = max(end_s, step.at_s) if lasts_s is None else step.at_s + lasts_s
        steps.append(Step(over_s, "undo", step.fault, step.number))
    return sorted(steps, key=lambda step: (step.at_s, step.act == "inject", step.number))


def _plan(number: int, value: Any, where: Where) -> Plan:
    try:
        plan = read_plan(placed(value, where.regions))
        for step in schedule(plan, 0):
            list(step.fault.effects(where))
    except ValueError as error:
        raise BadPlan(number, str(error)) from error
    return plan


def placed(value: Any, regions: Sequence[str]) -> Any:
    """The value with $primary and its like in the place of regions. Raises ValueError where there are too few."""
    match value:
        case dict():
            return {key: placed(one, regions) for key, one in value.items()}
        case list() | tuple():
            return list(regions) if list(value) == [ALL] else [placed(one, regions) for one in value]
        case str() if value.startswith("$") and value[1:] in NAMES:
            number = NAMES.index(value[1:])
            if number >= len(regions):
                raise ValueError(f"{value} needs a world of {number + 1} regions; this one has {len(regions)}")
            return regions[number]
    return value
