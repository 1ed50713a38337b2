"""Game days: those that can be held, the one that is, and those that were, on the strip again."""

from panregion.console.gamedays import FILES
from panregion.console.site import Asked, Site, as_json
from panregion.console.watching.replay import Replay
from panregion.world import Response


async def page(site: Site, _asked: Asked) -> Response:
    """All of them."""
    days = site.gamedays
    return site.page(
        "gamedays",
        title="Game days",
        held=days.held,
        going=days.going,
        own=days.own,
        files=days.files(),
        library=days.library(),
        finished=days.finished(),
    )


async def day(site: Site, _asked: Asked, name: str) -> Response:
    """One that was held: its verdict, and what happened on map and strip."""
    result = site.gamedays.result(name)
    if result is None:
        return _none(site, name)
    replay = Replay(result, site.settings)
    return site.page(
        "gameday",
        title=result.name,
        section="Game days",
        name=name,
        result=result,
        replay={"moments": f"/gamedays/{name}/moments", "began_s": replay.began_s, "ended_s": replay.ended_s},
        regions=result.regions,
    )


async def moments(site: Site, _asked: Asked, name: str) -> Response:
    """What happened, as moments."""
    result = site.gamedays.result(name)
    if result is None:
        return as_json({"message": f"no game day {name} was held here"}, 404)
    replay = Replay(result, site.settings)
    return as_json({"origin_s": replay.began_s, "bucket_s": replay.step_s, "moments": replay.moments()})


async def file(site: Site, _asked: Asked, name: str, file: str) -> Response:
    """Its result, and the like."""
    found = site.gamedays.file(name, file)
    return _none(site, name) if found is None else Response(200, [("Content-Type", FILES[file])], found)


def _none(site: Site, name: str) -> Response:
    text = f"No game day {name} was held in this folder, or its files are gone."
    return site.complaint("There is no such game day", text, status=404, command="ls gamedays")
