"""What a page about AWS's things is made of: plain values that one template shows (templates/sections.html.j2)."""

import asyncio
import shlex
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from panregion.console.aws import Away, Refused
from panregion.console.edge import EdgeAway, EdgeRefused
from panregion.console.site import address
from panregion.control import ControlError

SHORT = 19
BAR_HEIGHT, BAR_WIDTH, BAR_LEAST = 48, 14, 2.0
"""Of a drawn figure, in pixels."""
SHOWN_MAX = 300
"""Rows of a list; whoever has more reads them from the command."""


@dataclass(frozen=True)
class Act:
    """A button that does an action (actions/) with these fields."""

    name: str
    label: str
    fields: dict[str, str]
    kind: str = ""


@dataclass(frozen=True)
class Cell:
    """A text, and how it is shown."""

    text: str
    to: str | None = None
    """Where it leads."""
    state: str | None = None
    """The mark before it: a word that base.css has a form for."""
    note: str = ""
    """More of it, smaller."""
    mono: bool = False
    acts: tuple[Act, ...] = ()

    @property
    def classes(self) -> str:
        """A word or two stays on one line, so that what is long gives way to it."""
        kinds = {"state": self.state is not None, "mono": self.mono, "short": len(self.text) <= SHORT}
        return " ".join(name for name, so in kinds.items() if so)

    @staticmethod
    def link(text: str, *parts: str, note: str = "", **query: str | None) -> "Cell":
        """A link within the console."""
        return Cell(text, to=address(*parts, **query), note=note)


@dataclass(frozen=True)
class Column:
    """The heading of a column; that of numbers is set to the right."""

    text: str
    numeric: bool = False


def number(text: str) -> Column:
    """A column of figures."""
    return Column(text, numeric=True)


@dataclass(frozen=True)
class Section:
    """A list, and the command that shows the same."""

    kind: ClassVar[str] = "list"
    title: str
    command: str
    columns: tuple[str | Column, ...]
    rows: Sequence[Sequence[str | Cell]] = ()
    empty: str = "There is none."
    suggest: str = ""
    """What to type where there is nothing."""
    problem: str = ""
    """Why it cannot be told now."""
    note: str = ""

    @property
    def heads(self) -> list[Column]:
        return [Column(column) if isinstance(column, str) else column for column in self.columns]

    @property
    def shown(self) -> list[list[Cell]]:
        """The rows that a page has room for."""
        return [[Cell(cell) if isinstance(cell, str) else cell for cell in row] for row in self.rows[:SHOWN_MAX]]


@dataclass(frozen=True)
class Facts:
    """What is so of one thing: label, value."""

    kind: ClassVar[str] = "facts"
    title: str
    command: str
    facts: Sequence[tuple[str, str | Cell]]

    @property
    def shown(self) -> list[tuple[str, Cell]]:
        return [(label, Cell(value) if isinstance(value, str) else value) for label, value in self.facts]


@dataclass(frozen=True)
class Bars:
    """A figure by the minute, drawn."""

    title: str
    values: Sequence[float | None]
    labels: Sequence[str]
    """What each bar says when it is pointed at."""
    total: str
    tone: str = "plain"

    @property
    def width(self) -> int:
        return BAR_WIDTH * len(self.values)

    @property
    def shown(self) -> list[tuple[int, float, float, str]]:
        """(x, y, height, label) of each bar; one that is more than nothing can be seen."""
        most = max((value or 0.0 for value in self.values), default=0.0)
        scale = BAR_HEIGHT / most if most else 0.0
        tall = [round(max(value * scale, BAR_LEAST), 1) if value else 0.0 for value in self.values]
        return [
            (index * BAR_WIDTH, round(BAR_HEIGHT - height, 1), height, label)
            for index, (height, label) in enumerate(zip(tall, self.labels, strict=True))
        ]


@dataclass(frozen=True)
class Chart:
    """Figures by the minute: drawn, and the same as numbers for those who read rather than look."""

    kind: ClassVar[str] = "chart"
    title: str
    command: str
    bars: Sequence[Bars]
    numbers: Section
    height: int = BAR_HEIGHT
    step: int = BAR_WIDTH


Part = Section | Facts | Chart


async def beside(*parts: tuple[Section, Awaitable[Any]]) -> list[Any]:
    """What each gives, asked side by side. One that is refused or not answered is the section beside it, with the
    reason: the others are shown all the same."""
    answers = await asyncio.gather(*(asking for _, asking in parts), return_exceptions=True)
    found: list[Any] = []
    for (section, _), answer in zip(parts, answers, strict=True):
        if isinstance(answer, (Away, Refused, EdgeAway, EdgeRefused, ControlError)):
            found.append(replace(section, problem=str(answer)))
        elif isinstance(answer, BaseException):
            raise answer
        else:
            found.extend(answer if isinstance(answer, list) else [answer])
    return found


def aws(service: str, operation: str, region: str | None = None, **options: str) -> str:
    """A command of AWS's CLI: `aws sqs list-queues --region eu-west-1`, ready to be pasted into a shell."""
    words = ["aws", service, operation]
    for name, value in options.items():
        words += [f"--{name.replace('_', '-')}", shlex.quote(value)]
    return " ".join([*words, *(["--region", region] if region else [])])


def last(arn: str) -> str:
    """An ARN's last part: the thing's own name."""
    return arn.rpartition(":")[2].rpartition("/")[2]
