"""Evaluating alarms by the region's work: each leaves its next evaluation, every minute or its shorter period.

    ("cloudwatch", "due", name) -> when the alarm is evaluated next; work that was left for another time does nothing

An alarm on a metric that nobody here has ever written is left as SetAlarmState set it: most of AWS's own metrics do not
exist in panregion. Only in a namespace of the application's own, TreatMissingData is heard even then.
"""

from typing import Any

import msgspec

from panregion.services.cloudwatch import figures, history, layout
from panregion.services.cloudwatch.evaluation import (
    EXTRA_PERIODS,
    Point,
    Question,
    judge,
    next_evaluation,
    question_of,
)
from panregion.services.cloudwatch.model import Alarm, State
from panregion.services.here import Here

EVALUATE = "cloudwatch.evaluate"
ACT = "cloudwatch.act"


def become(here: Here, alarm: Alarm, state: State, reason: str, data: str) -> None:
    """Set an alarm's state; where it is another one, tell it and leave its actions."""
    changed = alarm.set(state, reason, data, here.now())
    layout.put(here, changed)
    if changed.state != alarm.state:
        history.turned(here, alarm, changed)
        for action in changed.actions:
            work = {"action": action, "alarm": msgspec.to_builtins(changed), "before": alarm.state}
            here.later(ACT, work)


def begin(here: Here, alarm: Alarm) -> None:
    """Have an alarm evaluated, at once and from then on; one that cannot be evaluated is left alone."""
    if question_of(alarm.config) is None:
        here.tx.delete(_due_key(alarm.name))
    else:
        _leave(here, alarm.name, here.now())


def _due_key(name: str) -> tuple[str, str, str]:
    return (layout.SPACE, "due", name)


def _leave(here: Here, name: str, due: float) -> None:
    here.tx.put(_due_key(name), msgspec.msgpack.encode(due))
    here.later(EVALUATE, {"name": name, "due": due}, due)


async def evaluate(here: Here, work: dict[str, Any]) -> None:
    """Evaluate one alarm, and leave its next evaluation."""
    name, due = work["name"], float(work["due"])
    if here.read(lambda step: _is_due(step, name, due)):
        await here.transact(lambda step: _evaluate(step, name, due))


def _is_due(here: Here, name: str, due: float) -> bool:
    value = here.tx.get(_due_key(name))
    return value is not None and msgspec.msgpack.decode(value, type=float) == due


def _evaluate(here: Here, name: str, due: float) -> None:
    alarm = layout.find(here, name)
    question = None if alarm is None else question_of(alarm.config)
    if alarm is None or question is None:
        here.tx.delete(_due_key(name))
        return
    if not _is_due(here, name, due):
        return
    _leave(here, name, next_evaluation(here.now(), question.step_s))
    if _is_heard(here, alarm, question):
        verdict = judge(alarm, _range(here, alarm, question), here.now())
        if verdict is not None and verdict.state != alarm.state:
            become(here, alarm, *verdict)


def _is_heard(here: Here, alarm: Alarm, question: Question) -> bool:
    if figures.is_known(here, question.metric):
        return True
    treated = alarm.config.get("TreatMissingData", "missing") in ("breaching", "notBreaching")
    return treated and not question.metric.namespace.startswith("AWS/")


def _range(here: Here, alarm: Alarm, question: Question) -> list[Point]:
    """The newest periods that are over, newest first."""
    period_s, step_s = question.period_s, question.step_s
    end = int(here.now() // step_s) * step_s
    number = alarm.config["EvaluationPeriods"] + EXTRA_PERIODS
    start = end - number * period_s
    found = dict(figures.sums(here, question.metric, start, end, period_s, question.unit))
    points = []
    for at in range(end - period_s, start - 1, -period_s):
        total = found.get(at)
        points.append(Point(at, None) if total is None else Point(at, total.statistic(question.statistic), total.count))
    return points
