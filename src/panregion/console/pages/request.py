"""One request: what the edge knows of one that a user made, or every leg of one that was sent from here."""

import shlex
from typing import Any

from panregion.console.data.waterfall import waterfall
from panregion.console.followed import Sent
from panregion.console.site import Asked, Site, address
from panregion.control.tracing import Question, legs, site_of
from panregion.world import Response


async def page(site: Site, _asked: Asked, number: str) -> Response | None:
    """A user's request, by the edge's number."""
    told = (
        await site.edge.ask("visits", number=int(number)) if number.isascii() and number.isdigit() else {"visits": []}
    )
    if not told["visits"]:
        text = f"The edge remembers the last 2000 requests, and number {number[:20]} is not among them."
        return site.complaint("That request is forgotten", text, status=404)
    visit = told["visits"][0]
    scheme = "https" if visit["method"] == "CONNECT" else "http"
    url = f"{scheme}://{visit['host']}{'/' if visit['method'] == 'CONNECT' else visit['path']}"
    again = address("requests", **{"from": visit["city"], "url": url, "method": _repeatable(visit["method"])})
    return site.page(
        "visit",
        title=f"{visit['method']} {visit['host']}",
        section="Requests",
        visit=visit,
        legs=_legs(visit),
        again=again,
    )


def _repeatable(method: str) -> str:
    """A tunnel hides what was asked for: the page itself, then."""
    return "GET" if method == "CONNECT" else method


def _legs(visit: dict[str, Any]) -> list[tuple[str, str, float]]:
    """What the city's proxy saw: (what, in words, milliseconds), in order."""
    connect, first, whole = visit["connect_ms"], visit["first_byte_ms"], visit["took_ms"]
    found: list[tuple[str, str, float]] = []
    if connect is not None:
        found.append(("connection", "name resolved, and a new connection over the link", connect))
    if first is not None:
        kept = "" if connect is not None else ", on a connection that was kept"
        found.append(("answer", f"request sent until the answer's head was there{kept}", first - (connect or 0.0)))
        found.append(("body", "the rest of the answer", max(0.0, whole - first)))
    return found


async def sent(site: Site, asked: Asked, number: str) -> Response | None:
    """A request that was sent from here."""
    found = site.followed.find(int(number)) if number.isascii() and number.isdigit() else None
    if found is None:
        text = "The console remembers the last 50 requests that it sent, and forgets them when it ends."
        return site.complaint("That request is forgotten", text, status=404, command="panregion trace --from CITY URL")
    values = {"sent": found, "number": number, "command": command(found.question), **_seen(site, found)}
    template = "_sent" if asked.headers["x-part"] == "sent" else "sent"
    question = found.question
    return site.page(template, title=f"{question.method} {question.url.geturl()}", section="Requests", **values)


def _seen(site: Site, sent: Sent) -> dict[str, Any]:
    traced = sent.traced
    if traced is None:
        return {"lines": [], "visit": None, "functions": []}
    lines = waterfall(legs(traced, site_of(site.settings, sent.question.city)))
    functions = [step for step in traced["steps"] if step["kind"] == "function" and "request_id" in step]
    return {"lines": lines, "visit": traced["visit"], "functions": functions}


def command(question: Question) -> str:
    """The command that sends the same."""
    words = ["panregion", "trace", "--from", question.city]
    if question.method != ("POST" if question.body else "GET"):
        words += ["-X", question.method]
    for name, value in question.headers:
        words += ["-H", f"{name}: {value}"]
    if question.body:
        words += ["-d", question.body.decode("utf-8", "replace")]
    return shlex.join([*words, question.url.geturl()])
