"""Holding a game day, and stopping it."""

from urllib.parse import urlsplit

from panregion.console.actions.action import Action, Given, Missing
from panregion.console.gamedays import Busy
from panregion.console.site import Site


def _arguments(given: Given) -> list[str]:
    """Those of `panregion gameday run`."""
    which, url = given["which"], given.get("url", "")
    if which.startswith("-"):
        raise Missing("which: the name of a game day of the library, or a file")
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise Missing("url: what users are to read, such as http://api.hello.test/ping")
    return [which, *(["--url", url] if url else []), *(["--short"] if given.get("short") else [])]


async def _start(site: Site, given: Given) -> str:
    known = [one.which for one in (*site.gamedays.files(), *site.gamedays.library()) if not one.problem]
    if given["which"] not in known:
        raise Missing(f"which: there are {', '.join(known)}")
    try:
        await site.gamedays.start(_arguments(given))
    except Busy as error:
        raise Missing(str(error)) from error
    return f"game day {given['which']} begins"


async def _stop(site: Site, _given: Given) -> str:
    try:
        site.gamedays.stop()
    except Busy as error:
        raise Missing(str(error)) from error
    return "the game day is told to stop; what it broke is being undone"


START = Action(
    "Hold the game day",
    ("which",),
    lambda given: " ".join(["panregion gameday run", *_arguments(given)]),
    _start,
    lambda given: f"{given['which']} breaks this world on purpose, under load, and judges what that cost.",
    ("url", "short"),
)
STOP = Action("Stop the game day", (), lambda _given: "Ctrl-C where panregion gameday run runs", _stop)
