"""Geolocation: the smallest area that holds who asks and has a healthy record; `*` is everywhere else."""

from collections.abc import Sequence

from panregion.edge.policies.choice import ALL_UNHEALTHY, Choice, Circumstances
from panregion.services.route53.model import GeoLocation, RecordSet
from panregion.world.distance import Site


def areas(site: Site) -> list[tuple[str, GeoLocation]]:
    """The areas that a site lies in, the smallest first, each with its name."""
    found = [
        (f"country {site.country}", GeoLocation(country=site.country)),
        (f"continent {site.continent}", GeoLocation(continent=site.continent)),
        ("the default", GeoLocation(country="*")),
    ]
    if site.country == "US" and site.subdivision:
        state = GeoLocation(country="US", subdivision=site.subdivision)
        found.insert(0, (f"state {site.subdivision}", state))
    return found


def choose(records: Sequence[RecordSet], circumstances: Circumstances) -> Choice:
    site = circumstances.asker.site
    by_area = {record.geo: record for record in records}
    holding = [(name, by_area[area]) for name, area in areas(site) if area in by_area]
    if not holding:
        return Choice(
            [], f"no record is for {site.country} or {site.continent}, and there is no default", personal=True
        )
    for name, record in holding:
        if circumstances.healthy(record):
            return Choice([record], f"{site.name} is in {name}", personal=True)
    name, record = holding[0]
    return Choice([record], f"{site.name} is in {name}; {ALL_UNHEALTHY}", personal=True)
