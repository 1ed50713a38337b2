"""The world: where everything is and how it is."""

from panregion.console.overview import overview, pairs
from panregion.console.site import Asked, Site, as_json
from panregion.console.watching.moment import Moment
from panregion.console.watching.regions import of_status
from panregion.world import Response
from panregion.world.distance import Site as Where
from panregion.world.distance import regions
from panregion.world.whereabouts import places


async def page(site: Site, asked: Asked) -> Response:
    """The map, and the same as tables; a script asks for the tables alone."""
    moment = site.history.now or Moment(0, site.world.clock.now(), **of_status(await site.control.status()))
    template = "world_tables" if asked.headers["x-part"] == "tables" else "world"
    ports = site.settings.ports
    return site.page(
        template,
        title="World",
        now=overview(site.settings, moment, site.history),
        answered=moment.answered,
        edge=f"http://127.0.0.1:{ports.edge}/_panregion",
        network=f"http://127.0.0.1:{ports.network}/_panregion",
        places=sorted(places(site.settings)),
        strip_rows="open",
    )


async def sites(site: Site, asked: Asked) -> Response:
    """Where everything is, for the map; of other regions than the world's where a game day had them."""
    known, cities, settings = regions(), places(site.settings), site.settings
    named = asked.query.get("regions", "").split(",") if asked.query.get("regions") else settings.regions
    here = [known[name] for name in named if name in known]
    outside = [
        {"name": name, **_at(cities[service.place]), "place": service.place}
        for name, service in settings.outside.items()
        if service.place in cities
    ]
    return as_json(
        {
            "regions": [{"name": region.name, "city": region.city, **_at(region)} for region in here],
            "elsewhere": [{"name": name, **_at(region)} for name, region in known.items()],
            "cities": [{"name": name, **_at(city)} for name, city in cities.items()],
            "outside": outside,
            "links": pairs(settings, [region.name for region in here]),
        }
    )


def _at(where: Where) -> dict[str, float]:
    return {"latitude": where.latitude, "longitude": where.longitude}
