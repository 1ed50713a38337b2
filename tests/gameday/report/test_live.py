"""The live view, drawn from what a run would have at some moment."""

import io
from dataclasses import dataclass, field

from rich.console import Console

from panregion.gameday.attempts import Attempt
from panregion.gameday.report.live import LiveView, Tally
from panregion.gameday.result import DnsAnswer, FaultSpan, LagSeries
from tests.gameday.sample import sample


@dataclass
class Moment:
    """A run that stands still."""

    name: str = "lose [bold]it"
    length_s: float = 60.0
    phase: str = "during"
    elapsed_s: float = 20.0
    attempts: list[Attempt] = field(default_factory=list)
    faults: list[FaultSpan] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    dns: list[DnsAnswer] = field(default_factory=list)
    lag: list[LagSeries] = field(default_factory=list)


def drawn(view: LiveView) -> str:
    console = Console(width=140, file=io.StringIO(), record=True)
    console.print(view)
    return console.export_text()


def attempt(at_s: float, *, ok: bool = True, city: str = "london") -> Attempt:
    return Attempt(city, at_s, at_s, at_s + 0.05, ok, "eu-west-1" if ok else None)


def test_before_anything_there_is_a_picture() -> None:
    assert "lose [bold]it" in drawn(LiveView(Moment()))


def test_who_is_served_and_who_is_not() -> None:
    moment = Moment(
        attempts=[*(attempt(second / 10) for second in range(190)), attempt(19.2, ok=False, city="new-york")],
        faults=[FaultSpan("f1", "region-kill", "us-east-1 is killed", [], 12.0, 12.0, None, {})],
        states={"us-east-1": "killed", "eu-west-1": "running"},
        dns=sample().dns,
        lag=sample().lag,
    )
    said = drawn(LiveView(moment))
    for told in ("us-east-1 is killed", "for 8 s", "us-east-1 killed", "● eu-west-1", "190", "50 ms", "replication: "):
        assert told in said
    london, new_york = (next(line for line in said.splitlines() if line.startswith(city)) for city in ("london", "new"))
    assert "█" in london
    assert "✗" in new_york
    assert "✗" not in london


def test_each_attempt_is_counted_once_however_often_one_looks() -> None:
    moment = Moment(attempts=[attempt(1.0)])
    view = LiveView(moment)
    drawn(view)
    moment.attempts.append(attempt(2.0))
    drawn(view)
    said = drawn(view)
    assert next(line for line in said.splitlines() if line.startswith("london")).split()[-6] == "2"


def test_old_seconds_are_forgotten() -> None:
    tally = Tally()
    for second in range(10_000):
        tally.note(attempt(float(second)))
    tally.forget(10_000.0)
    assert len(tally.good) < 100
    assert tally.all == 10_000
