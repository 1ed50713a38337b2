"""`panregion review`: what stands between a template and surviving a region, without running anything.

Exit codes: 0 nothing stands in the way; 1 something does (with --strict also what only weakens it); 2 the command
line, the world file or a template is wrong.
"""

import asyncio
from pathlib import Path

import click
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from panregion.cli.output import UsageFailure, json_option, out, print_json
from panregion.cli.world import one_of, settings_for_up
from panregion.review import Asked, Availability, Entry, Finding, Objectives, Review, Severity, read_application
from panregion.review import review as reviewed
from panregion.wire import AwsError
from panregion.world import WorldSettings

_SIGNS: dict[Severity, str] = {"blocks": "[red]✗[/red]", "weakens": "[yellow]![/yellow]", "note": "[blue]·[/blue]"}


@click.command()
@click.argument("templates", nargs=-1, required=True, metavar="TEMPLATE[@REGION,...]...")
@click.option("--rto", type=click.FloatRange(min=0), metavar="SECONDS", help="How long users may be without service.")
@click.option(
    "--rpo", type=click.FloatRange(min=0), metavar="SECONDS", help="How much of what was written may be lost."
)
@click.option("--stack", default="app", show_default=True, help="The stack's name, which names are often made of.")
@click.option("--regions", help="Regions by comma, the primary one first; the world file's otherwise.")
@click.option("--parameter", "parameters", multiple=True, metavar="KEY=VALUE", help="A parameter of the templates.")
@click.option("--strict", is_flag=True, help="Exit with 1 for what only weakens the application, too.")
@json_option
def review(
    templates: tuple[str, ...],
    rto: float | None,
    rpo: float | None,
    stack: str,
    regions: str | None,
    parameters: tuple[str, ...],
    strict: bool,
    as_json: bool,
) -> None:
    """Say what stands between templates and surviving the loss of a region, without running anything.

    A TEMPLATE (CloudFormation or SAM) goes to every region of panregion.toml, or to those after its @. Give the
    templates that belong together in one call: cdn.yaml@us-east-1 template.yaml.
    """
    settings = settings_for_up(Path.cwd(), regions)
    given = _pairs(parameters)
    asked = [_asked(settings, text, stack, given) for text in templates]
    try:
        application = asyncio.run(read_application(settings, asked, Objectives(rto, rpo)))
    except AwsError as error:
        raise UsageFailure(f"{', '.join(templates)}: {error.message}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageFailure(f"a template cannot be read: {error}") from error
    found = reviewed(application)
    if as_json:
        print_json(found)
    else:
        _print(found)
    if found.blocks or (strict and any(one.severity == "weakens" for one in found.findings)):
        raise SystemExit(1)


def _pairs(parameters: tuple[str, ...]) -> dict[str, str]:
    for parameter in parameters:
        if "=" not in parameter:
            raise UsageFailure(f"--parameter {parameter}: write KEY=VALUE")
    return dict(parameter.split("=", 1) for parameter in parameters)


def _asked(settings: WorldSettings, text: str, stack: str, parameters: dict[str, str]) -> Asked:
    """A template and its regions. A file whose own name has an @ in it is taken by that name."""
    path, mark, named = text.rpartition("@")
    if not mark or Path(text).exists():
        path, named = text, ""
    if not Path(path).is_file():
        raise UsageFailure(f"{path} is no file")
    regions = tuple(one_of("region", name, list(settings.regions)) for name in named.split(",")) if named else ()
    return Asked(Path(path), regions or settings.regions, stack, parameters)


def _print(found: Review) -> None:
    out.print(f"in {', '.join(found.regions)}")
    if found.entries:
        out.print()
        out.print(_ways(found.entries, found.availability))
    for one in found.findings:
        out.print()
        _print_finding(one)
    if found.unknown_parameters:
        names = ", ".join(found.unknown_parameters)
        out.print(f"\nno value was given for {escape(names)} (--parameter): what depends on them was not judged")
    out.print(f"\n{_conclusion(found)}")


def _ways(entries: tuple[Entry, ...], availability: tuple[Availability, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for title in ("way in", "regions", "seen after", "old answers", "best-case RTO", "one region", "together, at best"):
        table.add_column(title, header_style="dim")
    for entry, one in zip(entries, availability, strict=True):
        table.add_row(
            escape(f"{entry.name}\n{entry.kind}"),
            "\n".join(entry.regions),
            _seconds(entry.detected_s),
            _seconds(entry.ttl_s),
            _best_case(entry),
            _share(one.one_region),
            f"{_share(one.together)}\n{one.minutes_away_a_year:.1f} min a year",
        )
    return table


def _share(value: float) -> str:
    """An availability, never rounded up to what nothing has."""
    return "over 99.9999%" if 0.999999 < value < 1 else f"{value:.4%}"


def _best_case(entry: Entry) -> str:
    """The best case as on AWS, and in a world whose health checks are quicker, as there."""
    told = _seconds(entry.best_case_rto_s)
    if entry.in_this_world_s in (None, entry.best_case_rto_s):
        return told
    return f"{told}\n{_seconds(entry.in_this_world_s)} in this world"


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:g} s"


def _print_finding(one: Finding) -> None:
    where = f"{one.template}:{one.line}" if one.line else one.template
    out.print(
        f"{_SIGNS[one.severity]} [bold]{escape(one.logical_id)}[/bold] {escape(one.rule)}  "
        f"[dim]{escape(where)}, {', '.join(one.regions)}[/dim]",
        soft_wrap=True,
    )
    out.print(Padding(f"{escape(one.why)}\n[dim]mend:[/dim] {escape(one.mend)}", (0, 0, 0, 2)))


def _conclusion(found: Review) -> str:
    counts = {severity: sum(one.severity == severity for one in found.findings) for severity in _SIGNS}
    if not counts["blocks"]:
        told = "nothing that a template shows stands in the way of surviving a region"
    else:
        told = f"{counts['blocks']} in the way of surviving a region" + (" as promised" if found.rto_s else "")
    return f"{told}; {counts['weakens']} that weaken it; {counts['note']} to know"
