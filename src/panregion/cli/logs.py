"""`panregion logs`: what the world's processes wrote, or what the application's functions did."""

import asyncio
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click

from panregion.cli.durations import seconds
from panregion.cli.output import err
from panregion.cli.world import one_of, settings_of_world
from panregion.gameday.regions import Region, Regions
from panregion.world import SystemClock, WorldSettings

TAIL_LINES = 40
PREFIX = "/aws/lambda/"
PLATFORM = ("START RequestId:", "END RequestId:", "REPORT RequestId:", "INIT_START ")
LATE_MS = 10_000
LOOK_EVERY_S = 1.0
REMEMBERED = 10_000


@click.command()
@click.argument("region", required=False)
@click.option("--functions", is_flag=True, help="What the application's functions wrote, tracebacks too.")
@click.option("--since", type=seconds, default="15m", show_default=True, help="How far back, with --functions.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what is written from now on.")
def logs(region: str | None, functions: bool, since: float, follow: bool) -> None:
    """The logs of the world's processes: one region's, or everybody's. With --functions, those of the application.

    Of functions, the platform's own lines (START, END, REPORT) are left out; CloudWatch Logs has them, too.
    """
    settings = settings_of_world()
    try:
        if functions:
            asyncio.run(_of_functions(settings, region, since, follow=follow))
        else:
            _of_processes(settings, region, follow=follow)
    except KeyboardInterrupt:
        return


class Line(NamedTuple):
    """Something that a function wrote, which may have several lines."""

    at_ms: int
    region: str
    function: str
    text: str
    id: str


def own_lines(region: str, function: str, events: Iterable[dict[str, Any]]) -> list[Line]:
    """What FilterLogEvents found, without what the platform wrote."""
    return [
        Line(event["timestamp"], region, function, event["message"].rstrip("\n"), event["eventId"])
        for event in events
        if not event["message"].startswith(PLATFORM)
    ]


def told(line: Line) -> str:
    """For people: region, time, function, and what it wrote, of which further lines are set in."""
    at = datetime.fromtimestamp(line.at_ms / 1000, UTC).isoformat(" ", "milliseconds").removesuffix("+00:00")
    text = line.text.replace("\xa0", " ").replace("\n", "\n    ")
    return f"{line.region:<16} {at} {line.function}  {text}"


async def _of_functions(settings: WorldSettings, region: str | None, since_s: float, *, follow: bool) -> None:
    names = [one_of("region", region, list(settings.regions))] if region else list(settings.regions)
    regions, clock = Regions(settings), SystemClock()
    from_ms = int((clock.now() - since_s) * 1000)
    shown: deque[str] = deque(maxlen=REMEMBERED)
    lines = await _written(regions, names, from_ms)
    if not lines and not follow:
        err.print(f"no function has written anything in the last {since_s:g} s; --since 1h looks further back")
    while True:
        for line in lines:
            click.echo(told(line))
            shown.append(line.id)
        if not follow:
            return
        await clock.sleep(LOOK_EVERY_S)
        # What is written at one time does not arrive at one time: the last seconds are asked for again.
        from_ms = max(from_ms, int(clock.now() * 1000) - LATE_MS)
        known = set(shown)
        lines = [line for line in await _written(regions, names, from_ms) if line.id not in known]


async def _written(regions: Regions, names: list[str], from_ms: int) -> list[Line]:
    """What all functions of these regions wrote, in order of time. A region that does not answer is named."""
    found = await asyncio.gather(*(written_in(regions[name], from_ms) for name in names))
    return sorted(line for lines in found for line in lines)


async def written_in(region: Region, from_ms: int) -> list[Line]:
    from botocore.exceptions import BotoCoreError, ClientError

    lines: list[Line] = []
    try:
        for group in await _all(region, "describe_log_groups", "logGroups", logGroupNamePrefix=PREFIX):
            name = group["logGroupName"]
            events = await _all(region, "filter_log_events", "events", logGroupName=name, startTime=from_ms)
            lines += own_lines(region.name, name.removeprefix(PREFIX), events)
    except (BotoCoreError, ClientError) as error:
        err.print(f"{region.name}: {error}", markup=False, soft_wrap=True)
    return lines


async def _all(region: Region, operation: str, member: str, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = await region.call("logs", operation, **params)
        found += page[member]
        if "nextToken" not in page:
            return found
        params["nextToken"] = page["nextToken"]


def _of_processes(settings: WorldSettings, name: str | None, *, follow: bool) -> None:
    folder = settings.path / "logs"
    known = sorted(path.stem for path in folder.glob("*.log"))
    chosen = [one_of("process", name, known)] if name else known
    paths = [folder / f"{each}.log" for each in chosen]
    for path in paths:
        for line in path.read_text(errors="replace").splitlines()[-TAIL_LINES:]:
            _print_line(path, line, len(paths) > 1)
    if follow:
        asyncio.run(_follow(paths))


def _print_line(path: Path, line: str, named: bool) -> None:
    click.echo(f"{path.stem:<16} {line}" if named else line)


async def _follow(paths: list[Path]) -> None:
    positions = {path: path.stat().st_size for path in paths}
    clock = SystemClock()
    while True:
        for path, position in positions.items():
            with path.open("rb") as file:
                file.seek(position)
                new = file.read()
            whole, _, _ = new.rpartition(b"\n")
            if whole:
                positions[path] = position + len(whole) + 1
                for line in whole.decode(errors="replace").splitlines():
                    _print_line(path, line, len(paths) > 1)
        await clock.sleep(0.2)
