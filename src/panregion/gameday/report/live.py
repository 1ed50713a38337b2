"""What a terminal shows while a game day runs: who is served, who is not, and what is broken just now.

The view only looks: at the attempts as they end, and at what the observer has seen. It reads each attempt once, so what
it costs does not grow with the game day.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from panregion.gameday.attempts import Attempt, percentile
from panregion.gameday.report.words import milliseconds
from panregion.gameday.result import DnsAnswer, FaultSpan, LagSeries

if TYPE_CHECKING:
    from panregion.gameday.run import GameDayRun

SECONDS_SHOWN = 30
REFRESHES_S = 4
LATENCIES_KEPT = 200
_HEIGHTS = "▁▂▃▄▅▆▇█"


class Going(Protocol):
    """What of a run is looked at."""

    @property
    def name(self) -> str: ...
    @property
    def length_s(self) -> float: ...
    @property
    def phase(self) -> str: ...
    @property
    def elapsed_s(self) -> float: ...
    @property
    def attempts(self) -> Sequence[Attempt]: ...
    @property
    def faults(self) -> Sequence[FaultSpan]: ...
    @property
    def states(self) -> Mapping[str, str]: ...
    @property
    def dns(self) -> Sequence[DnsAnswer]: ...
    @property
    def lag(self) -> Sequence[LagSeries]: ...


class RunGoing:
    """A GameDayRun as it is at this moment."""

    def __init__(self, run: "GameDayRun") -> None:
        self._run = run
        game = run.plan.game
        line = game.timeline
        faults_s = max((step.at_s for step in run.steps), default=0.0)
        self.name = game.name
        self.length_s = line.before_s + faults_s + line.recover_s + line.after_s

    @property
    def phase(self) -> str:
        return self._run.phase

    @property
    def elapsed_s(self) -> float:
        return self._run.observer.elapsed()

    @property
    def attempts(self) -> Sequence[Attempt]:
        return self._run.scene.attempts

    @property
    def faults(self) -> Sequence[FaultSpan]:
        return self._run.faults

    @property
    def states(self) -> Mapping[str, str]:
        return self._run.observer.states

    @property
    def dns(self) -> Sequence[DnsAnswer]:
        return self._run.observer.dns

    @property
    def lag(self) -> Sequence[LagSeries]:
        return self._run.observer.lag


@contextmanager
def watched(run: "GameDayRun", console: Console) -> Iterator[None]:
    """The view stands below what is printed while the block runs; nothing of it where the console is no terminal."""
    if not console.is_terminal:
        yield
        return
    with Live(LiveView(RunGoing(run)), console=console, refresh_per_second=REFRESHES_S, transient=True):
        yield


class Tally:
    """A city's requests by the second in which they ended, and the latest latencies."""

    def __init__(self) -> None:
        self.good: dict[int, int] = {}
        self.failed: dict[int, int] = {}
        self.all_failed = 0
        self.all = 0
        self.latencies: deque[float] = deque(maxlen=LATENCIES_KEPT)

    def note(self, attempt: Attempt) -> None:
        second = int(attempt.ended_s)
        into = self.good if attempt.ok else self.failed
        into[second] = into.get(second, 0) + 1
        self.all += 1
        self.all_failed += not attempt.ok
        if attempt.ok:
            self.latencies.append(attempt.latency_ms)

    def line(self, now_s: float) -> Text:
        """A letter for each of the last seconds: the height is how many, `✗` where any of them failed."""
        seconds = range(max(0, int(now_s) - SECONDS_SHOWN), int(now_s))
        most = max((self.good.get(second, 0) for second in seconds), default=0) or 1
        text = Text()
        for second in seconds:
            good, failed = self.good.get(second, 0), self.failed.get(second, 0)
            if failed:
                text.append("✗", style="bold red")
            else:
                text.append(_HEIGHTS[(len(_HEIGHTS) - 1) * good // most] if good else " ", style="cyan")
        return text

    def forget(self, now_s: float) -> None:
        """Keep what is shown, so that long game days do not grow."""
        for seconds in (self.good, self.failed):
            for second in [one for one in seconds if one < now_s - 2 * SECONDS_SHOWN]:
                del seconds[second]


class LiveView:
    """A picture of a run for rich's Live; each time it is drawn it looks anew."""

    def __init__(self, going: Going) -> None:
        self._going = going
        self._read = 0
        self._cities: dict[str, Tally] = {}

    def __rich__(self) -> Table:
        going = self._going
        self._take_in(going.attempts)
        whole = Table.grid(padding=(0, 2))
        whole.add_row(_head(going))
        broken = [fault for fault in going.faults if fault.began_s is not None and fault.ended_s is None]
        for fault in broken:
            lasted_s = going.elapsed_s - (fault.began_s or 0.0)
            whole.add_row(Text.from_markup(f"[red]⚡ {escape(fault.text)}[/red] [dim]for {lasted_s:.0f} s[/dim]"))
        whole.add_row(_regions(going.states))
        whole.add_row(self._users(going))
        whole.add_row(_replication(going.lag))
        return whole

    def _take_in(self, attempts: Sequence[Attempt]) -> None:
        until = len(attempts)
        for number in range(self._read, until):
            attempt = attempts[number]
            self._cities.setdefault(attempt.city, Tally()).note(attempt)
        self._read = until

    def _users(self, going: Going) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for title in ("city", f"last {SECONDS_SHOWN} s", "requests", "failed", "p50", "p99", "DNS says"):
            table.add_column(title, justify="right" if title in ("requests", "failed", "p50", "p99") else "left")
        told = {answer.city: answer for answer in going.dns}
        for city in sorted(self._cities):
            tally = self._cities[city]
            tally.forget(going.elapsed_s)
            ordered = sorted(tally.latencies)
            answer = told.get(city)
            table.add_row(
                escape(city),
                tally.line(going.elapsed_s),
                f"{tally.all:,}",
                f"[red]{tally.all_failed:,}[/red]" if tally.all_failed else "0",
                milliseconds(percentile(ordered, 0.5)),
                milliseconds(percentile(ordered, 0.99)),
                escape(", ".join(answer.regions or answer.values)) if answer else "",
            )
        return table


def _head(going: Going) -> Text:
    return Text.from_markup(
        f"[bold]{escape(going.name)}[/bold]  {going.phase} the faults  "
        f"[dim]{going.elapsed_s:.0f} of about {going.length_s:.0f} s[/dim]"
    )


def _regions(states: Mapping[str, str]) -> Text:
    text = Text()
    for region, status in states.items():
        well = status == "running"
        text.append("● " if well else "○ ", style="green" if well else "red")
        text.append(f"{region} {'' if well else status}".strip() + "   ")
    return text


def _replication(lag: Sequence[LagSeries]) -> Text:
    """The pair of regions that is furthest behind."""
    known = [(one.lag_ms[-1] or 0.0, one) for one in lag if one.lag_ms and one.lag_ms[-1] is not None]
    if not known:
        return Text()
    worst_ms, one = max(known, key=lambda pair: pair[0])
    backlog = sum(series.backlog[-1] or 0 for series in lag if series.backlog)
    pair = f"{one.from_region} → {one.to_region}"
    return Text(f"replication: {milliseconds(worst_ms)} behind at most ({pair}), backlog {backlog:,}", style="dim")
