"""The verdict on a terminal: a page of it, with the objectives as a table."""

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from panregion.gameday.report import words
from panregion.gameday.result import Result

WRITES_SHOWN = 10


def summary(result: Result) -> RenderableType:
    """What `panregion gameday run` prints when it is over."""
    parts: list[RenderableType] = [_head(result), Text(" ".join(words.sentences(result)))]
    if result.objectives:
        parts += [Text(), _objectives(result)]
    if any(one.touched for one in result.rto):
        parts += [Text(), _recovery(result)]
    if result.writes:
        parts += [Text(), _writes(result)]
    told = tuple(f"{one.name}: " for one in result.objectives)
    for why in (why for why in result.why_not if not why.startswith(told)):
        parts.append(Text.from_markup(f"[red]✗[/red] {escape(why)}"))
    parts += [Text.from_markup(f"[dim]again:[/dim] {escape(result.repeat.command)}")]
    return Group(*parts)


def _head(result: Result) -> Text:
    colour, sign = ("green", "✓") if result.held else ("red", "✗")
    return Text.from_markup(f"[bold {colour}]{sign} {words.verdict(result)}[/]  [bold]{escape(result.name)}[/]")


def _table(*titles: str, right: tuple[int, ...] = ()) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for number, title in enumerate(titles):
        table.add_column(title, justify="right" if number in right else "left")
    return table


def _objectives(result: Result) -> Table:
    table = _table("", "objective", "wanted", "measured", "why", right=(2, 3))
    for one in result.objectives:
        sign = "[green]✓[/green]" if one.held else "[red]✗[/red]"
        wanted, measured = words.amount(one, one.wanted), words.amount(one, one.measured)
        table.add_row(sign, escape(one.name), wanted, measured, escape(one.why))
    return table


def _recovery(result: Result) -> Table:
    table = _table("city", "fault", "detected", "rerouted", "first success", "steady", "failed", right=(2, 3, 4, 5, 6))
    names = {fault.id: fault.text for fault in result.faults}
    for one in (one for one in result.rto if one.touched):
        times = (one.detected_s, one.rerouted_s, one.first_success_s, one.steady_s)
        told = [words.seconds(value) for value in times]
        table.add_row(escape(one.city), escape(names.get(one.fault, one.fault)), *told, f"{one.failed:,}")
    return table


def _writes(result: Result) -> Table:
    table = _table("write", "key", "city", "acknowledged", "not found in", right=(3,))
    for one in result.writes[:WRITES_SHOWN]:
        where = ", ".join(one.regions) or "-"
        at = words.seconds(one.acknowledged_s)
        table.add_row(one.verdict, escape(one.key), escape(one.city), at, escape(where))
    left = len(result.writes) - WRITES_SHOWN + result.writes_left_off
    if left > 0:
        table.add_row(f"{left:,} more", "in the report", "", "", "")
    return table
