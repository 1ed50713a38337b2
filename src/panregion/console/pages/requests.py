"""What users in cities asked for of late, and a form to be one of them."""

from typing import Any

from panregion.console.site import Asked, Site, address, redirect
from panregion.control.tracing import CannotFollow, Question, parsed, places
from panregion.world import Response

SHOWN = 100


async def page(site: Site, asked: Asked) -> Response:
    """The last requests, of ?city=, with ?failed=1 only those that failed."""
    city, failed = asked.query.get("city", ""), asked.query.get("failed", "")
    told = await site.edge.ask("visits", newest=SHOWN, city=city, failed=failed)
    values: dict[str, Any] = {
        "title": "Requests",
        "city": city,
        "failed": failed,
        "visits": told["visits"],
        "cities": places(site.settings),
        "shown": SHOWN,
        "sent": site.followed.newest[:8],
        "given": {"from": "london", "method": "GET", "url": "", "headers": "", "body": "", **asked.query},
    }
    return site.page("_requests" if asked.headers["x-part"] == "requests" else "requests", **values)


async def send(site: Site, asked: Asked) -> Response:
    """Send one from a city, and follow it: its page is where to look next."""
    form = asked.form
    try:
        sent = site.followed.send(question(site, form))
    except CannotFollow as error:
        return site.complaint("Not sent", str(error), status=400)
    return redirect(address("requests", "sent", str(sent.number)))


def question(site: Site, form: dict[str, str]) -> Question:
    """What the form asks for. Raises CannotFollow."""
    city = form.get("from", "")
    if city not in places(site.settings):
        raise CannotFollow(f"{city[:40]!r} is no city of this world")
    headers = [line.partition(":") for line in form.get("headers", "").splitlines() if line.strip()]
    told = tuple((name.strip(), value.strip()) for name, _, value in headers)
    body = form.get("body", "").replace("\r\n", "\n").encode()
    return Question(city, parsed(form.get("url", "").strip()), form.get("method", "GET").strip(), told, body)
