"""The report as one HTML file that needs nothing else: no network, no folder beside it.

Everything that comes from outside (keys of items, names, log lines) goes through Jinja's escaping, or into a JSON block
in which `<` cannot occur. On top of that the page's own policy lets the browser run the scripts with these hashes alone
and load nothing.
"""

import hashlib
from base64 import b64encode
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from panregion import __version__
from panregion.gameday.report import words
from panregion.gameday.report.timeline import STYLES, timeline
from panregion.gameday.result import Objective, Result

_VENDOR = "panregion.vendor"
_SCRIPTS = ((_VENDOR, "d3.min.js"), (_VENDOR, "plot.umd.min.js"), (__package__, "charts.js"))
_AT_MOST = {"rto", "rpo", "overwritten", "stale", "latency", "converge", "error-budget"}


def to_html(result: Result) -> str:
    """The whole page."""
    drawn = timeline(result)
    page: str = _page().render(
        result=result,
        words=words,
        sentences=words.sentences(result),
        timeline=drawn,
        data=_as_data(drawn),
        css=Markup(_packaged(__package__, "page.css")),
        scripts=[Markup(_packaged(*each)) for each in _SCRIPTS],
        policy=_policy(),
        version=__version__,
        began=datetime.fromtimestamp(result.began_s, UTC).strftime("%Y-%m-%d %H:%M:%S"),
        checks=[*result.steady_state, *result.in_the_end],
        fault_names={fault.id: fault.text for fault in result.faults},
        wanted=_wanted,
        window=_window(result),
        as_json=lambda value: msgspec.json.encode(value).decode(),
        styles=STYLES,
    )
    return page


@cache
def _packaged(package: str, name: str) -> str:
    return files(package).joinpath(name).read_text(encoding="utf-8")


def _page() -> Any:
    loader = PackageLoader(__package__, ".")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("page.html.j2")


def _as_data(value: Any) -> Markup:
    """JSON that cannot end the script element it is in, or begin a comment there."""
    text = msgspec.json.encode(value).decode()
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)


@cache
def _policy() -> str:
    """Content-Security-Policy: our three scripts, styles of the page itself, and nothing from anywhere."""
    hashes = (b64encode(hashlib.sha256(_packaged(*each).encode()).digest()).decode() for each in _SCRIPTS)
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def _wanted(objective: Objective) -> str:
    if objective.unit == "writes" and not objective.wanted:
        return words.amount(objective, 0)
    sign = "at most" if objective.kind in _AT_MOST else "at least"
    return f"{sign} {words.amount(objective, objective.wanted)}"


def _window(result: Result) -> str:
    budget = result.error_budget
    if budget is None or budget.window_s <= result.duration_s + 1:
        return "the game day"
    return f"{budget.window_s / 86_400:.0f} days" if budget.window_s >= 86_400 else words.seconds(budget.window_s)
