"""`panregion gameday`: break it on purpose, and know exactly what it cost.

Exit codes of `run` and `report`: 0 everything that was promised held; 1 it did not, or the game day could not be held;
2 the command line or the file is wrong.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
import uvloop
from rich.markup import escape
from rich.table import Table

from panregion.cli.output import Failure, UsageFailure, err, json_option, out
from panregion.cli.world import settings_for_up
from panregion.control import ControlError
from panregion.gameday import library, result
from panregion.gameday.file import GameDay
from panregion.gameday.ledger import Ledger
from panregion.gameday.reading import check_for, home, read
from panregion.gameday.run import GameDayRun, Plan
from panregion.gameday.source import BadFile, Source
from panregion.gameday.stage import NoStage, settings_with, staged
from panregion.world import SystemClock, WorldSettings

OWN = Path("gameday.yaml")
RESULT, LEDGER, PAGE, JUNIT = "result.json", "ledger.jsonl", "report.html", "junit.xml"


@click.group()
def gameday() -> None:
    """Break it on purpose, and know exactly what it cost."""


@gameday.command("list")
def list_() -> None:
    """The library's game days, which apply to any application."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for name in library.names():
        game, _ = library.from_library(name)
        table.add_row(f"[bold]{name}[/bold]", escape(game.description))
    out.print(table)
    out.print("\nrun one with the users and promises of your own file: panregion gameday run NAME --like gameday.yaml")


@gameday.command()
@click.argument("which", metavar="NAME|FILE")
@click.option("--seed", type=int, help="Decides arrivals and random faults; the file's otherwise.")
@click.option(
    "--like",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file whose users and promises a game day of the library borrows; gameday.yaml, if there is one.",
)
@click.option("--url", help="What users read, in place of a file: in the city nearest to each region.")
@click.option(
    "--time-scale", type=click.FloatRange(min=0, min_open=True), default=1.0, help="Faults and timeline times this."
)
@click.option("--short", is_flag=True, help="The short form that the file gives.")
@click.option("--out", "folder", type=click.Path(file_okay=False, path_type=Path), help="Where the results go.")
@click.option("--stay", is_flag=True, help="Leave a world that was started for this running.")
@json_option
def run(
    which: str,
    seed: int | None,
    like: Path | None,
    url: str | None,
    time_scale: float,
    short: bool,
    folder: Path | None,
    stay: bool,
    as_json: bool,
) -> None:
    """Hold a game day: of the library, by its NAME, or of a FILE. Exit code 0 only if all that was promised held."""
    game, source, beside = _chosen(which, like, short=short)
    game = library.scaled(game, time_scale)
    settings = settings_with(_settings(beside), game.world)
    if url is not None:
        game = library.with_readers(game, url, settings)
    if not game.users:
        raise UsageFailure(
            f"{which} has no users of its own: lend it those of a file (--like gameday.yaml), or give --url"
        )
    _check(game, source, settings)
    seed = game.seed if seed is None else seed
    command = _again(which, seed, like, url, time_scale, short=short)
    plan = Plan(game, beside, settings, seed, command, source.text)
    folder = folder or Path("gamedays") / f"{_slug(game.name)}-{_stamp()}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        found = uvloop.run(_hold(plan, folder, stay))
    except (NoStage, ControlError) as error:
        raise Failure(str(error)) from error
    except KeyboardInterrupt:
        raise Failure(
            f"stopped; what was broken is being undone; what users were promised is in {folder / LEDGER}"
        ) from None
    (folder / RESULT).write_bytes(result.to_json(found))
    _report(found, folder, as_json)


def _chosen(which: str, like: Path | None, *, short: bool = False) -> tuple[GameDay, Source, Path]:
    """The game day, its text, and the folder that its journeys and templates are in."""
    path = Path(which)
    try:
        if which not in library.names():
            if not path.exists():
                raise UsageFailure(
                    f"{which} is neither a file nor a game day of the library; there are {', '.join(library.names())}"
                )
            game, source = read(path, short=short)
            return game, source, home(game, path)
        if short:
            raise UsageFailure(f"{which} is of the library, which has no short forms: --time-scale makes it quicker")
        game, source = library.from_library(which)
        own = like or (OWN if OWN.exists() else None)
        if own is None:
            return game, source, Path.cwd()
        lender, _ = read(own)
        return library.lent(game, lender), source, home(lender, own)
    except BadFile as error:
        raise UsageFailure(str(error)) from error


def _settings(beside: Path) -> WorldSettings:
    """The world of this folder, else the one beside the file."""
    for folder in (Path.cwd(), beside):
        if (folder / "panregion.toml").exists() or (folder / ".panregion" / "world.json").exists():
            return settings_for_up(folder, None)
    return settings_for_up(beside, None)


def _check(game: GameDay, source: Source, settings: WorldSettings) -> None:
    try:
        check_for(game, source, settings)
    except BadFile as error:
        raise UsageFailure(str(error)) from error


async def _hold(plan: Plan, folder: Path, stay: bool) -> result.Result:
    from panregion.gameday.report import watched  # on demand, as below

    def tell(text: str) -> None:
        err.print(escape(text), soft_wrap=True)

    def say(at_s: float, text: str) -> None:
        err.print(f"[dim]{at_s:6.1f} s[/dim]  {escape(text)}", soft_wrap=True)

    async with staged(plan.game, plan.folder, plan.settings, stay=stay, tell=tell):
        going = GameDayRun(plan, Ledger(folder / LEDGER), say)
        with watched(going, err):
            return await going.run()


def _report(found: result.Result, folder: Path, as_json: bool) -> None:
    """Write the reports and show the summary. Exits with 1 where something did not hold."""
    from panregion.gameday import report  # on demand, as above

    (folder / PAGE).write_text(report.to_html(found))
    (folder / JUNIT).write_bytes(report.to_junit(found))
    if as_json:
        click.echo(result.to_json(found), nl=False)
    else:
        out.print(report.summary(found))
        out.print(f"[dim]{folder / PAGE}, {RESULT}, {JUNIT}, {LEDGER}[/dim]", soft_wrap=True)
    if not found.held:
        raise SystemExit(1)


@gameday.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--out", "folder", type=click.Path(file_okay=False, path_type=Path), help="Beside the file otherwise.")
@json_option
def report(file: Path, folder: Path | None, as_json: bool) -> None:
    """Make the reports of a result anew, from FILE: the result.json of an earlier game day, or the folder it is in."""
    if file.is_dir():
        file = file / RESULT
        if not file.exists():
            raise UsageFailure(f"{file.parent} has no {RESULT}: name one game day's folder, gamedays/<name>-<time>")
    try:
        found = result.from_json(file.read_bytes())
    except msgspec.DecodeError as error:
        raise UsageFailure(f"{file} is no result of a game day: {error}") from error
    folder = folder or file.parent
    folder.mkdir(parents=True, exist_ok=True)
    _report(found, folder, as_json)


@gameday.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path) -> None:
    """Check a game day's FILE, and its short form, without running anything."""
    game, source, beside = _chosen(str(file), None)
    if game.short:
        shorter, shorter_source, _ = _chosen(str(file), None, short=True)
        _check(shorter, shorter_source, settings_with(_settings(beside), shorter.world))
    _check(game, source, settings_with(_settings(beside), game.world))
    line = game.timeline
    out.print(f"[green]✓[/green] {file}: {escape(game.name)}")
    out.print(f"  {len(game.users)} groups of users, {sum(one.rate_s for one in game.users):g} journeys a second")
    done = f"{len(game.faults)} plans of faults" + (f", {len(game.actions)} actions" if game.actions else "")
    out.print(f"  {line.before_s:g} s steady, {done}, {line.after_s:g} s steady again")
    if game.objectives == type(game.objectives)():
        out.print("[yellow]![/yellow] it promises nothing: without objectives only the steady state can fail it")


def _again(which: str, seed: int, like: Path | None, url: str | None, time_scale: float, *, short: bool) -> str:
    words = ["panregion gameday run", which, f"--seed {seed}"]
    words += [f"--like {like}"] if like else []
    words += [f"--url {url}"] if url else []
    words += [f"--time-scale {time_scale:g}"] if time_scale != 1 else []
    words += ["--short"] if short else []
    return " ".join(words)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]


def _stamp() -> str:
    return datetime.fromtimestamp(SystemClock().now(), UTC).strftime("%Y%m%d-%H%M%S")
