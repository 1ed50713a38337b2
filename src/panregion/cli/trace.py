"""`panregion trace`: one request of somebody in a city, and a table of who decided what on its way.

The name is resolved by the edge, which tells how it came to its answer; the request then goes to the address that was
answered, over the link from the city, with every leg timed; the regions tell what they did for it, and when the other
regions had what it wrote (control/tracing).
"""

import asyncio

import click
from rich.markup import escape
from rich.table import Table

from panregion.cli.output import Failure, UsageFailure, json_option, out, print_json
from panregion.cli.world import one_of, places, settings_of_world
from panregion.control.tracing import CannotFollow, Question, Row, follow, parsed, rows, site_of


@click.command()
@click.option("--from", "city", required=True, help="The city that the user is in.")
@click.option("-X", "--request", "method", help="The method: GET, or POST where there is data.")
@click.option("-H", "--header", "headers", multiple=True, help="A header: 'Name: value'.")
@click.option("-d", "--data", help="The request's body.")
@click.argument("url")
@json_option
def trace(city: str, method: str | None, headers: tuple[str, ...], data: str | None, url: str, as_json: bool) -> None:
    """One request for URL as somebody in a city: who decided what on its way, and what each leg took."""
    settings = settings_of_world()
    one_of("city", city, places(settings))
    try:
        asked = Question(
            city, parsed(url), method or ("GET" if data is None else "POST"), _headers(headers), (data or "").encode()
        )
        traced = asyncio.run(follow(settings, asked))
    except CannotFollow as error:
        raise (UsageFailure if error.asked_wrongly else Failure)(str(error)) from error
    if as_json:
        print_json(traced)
    else:
        out.print(_table(rows(traced, site_of(settings, city))))
    if traced["failure"]:
        raise Failure(traced["failure"])


def _headers(given: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name.strip(), value.strip()) for name, _, value in (header.partition(":") for header in given))


def _table(found: list[Row]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("what", "who decided", "what was decided"):
        table.add_column(heading)
    table.add_column("ms", justify="right")
    for what, who, decided, took_ms in found:
        table.add_row(what, escape(who), escape(decided), "" if took_ms is None else f"{took_ms:.1f}")
    return table
