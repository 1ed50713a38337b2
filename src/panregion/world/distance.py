"""Where sites are, and how long a packet takes between them.

Two regions that were measured have their measured round trip; every other pair has the fit of those
measurements against great-circle distance. The figures are a packaged copy of `data/` beside this file:

    aws-rtt-ms.csv  pings between EC2 instances of 19 regions, 2020-06-05, mean of the two directions, as
                    published in the GitHub repository vitorenesduarte/fantoch (latency_aws/2020_06_05)
    regions.csv     where those regions are (public geography)
    cities.csv      places that users can be in (public geography)

The fit (342 pairs, R2 = 0.69) gives some 16 ms for a city in a region's own metropolitan area: what a home
user sees, not a data centre.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0
FIT_BASE_MS = 15.7
FIT_MS_PER_KM = 0.01642
SAME_SITE_MS = 0.5


@dataclass(frozen=True, slots=True)
class Site:
    """Anything with a position: a region, a city, a data centre."""

    name: str
    city: str
    country: str
    continent: str
    latitude: float
    longitude: float
    subdivision: str = ""


def _rows(file_name: str) -> list[dict[str, str]]:
    text = files("panregion.world").joinpath("data", file_name).read_text()
    return list(csv.DictReader(text.splitlines()))


def _site(row: Mapping[str, str], name: str, city: str) -> Site:
    return Site(
        name=name,
        city=city,
        country=row["country"],
        continent=row["continent"],
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        subdivision=row.get("subdivision", ""),
    )


@cache
def regions() -> Mapping[str, Site]:
    """The regions whose position and distances are known, by name."""
    return {row["region"]: _site(row, row["region"], row["city"]) for row in _rows("regions.csv")}


@cache
def cities() -> Mapping[str, Site]:
    """The cities that users can be in, by name."""
    return {row["city"]: _site(row, row["city"], row["city"]) for row in _rows("cities.csv")}


@cache
def _measured() -> Mapping[tuple[str, str], float]:
    return {
        (row["region"], other): float(ms)
        for row in _rows("aws-rtt-ms.csv")
        for other, ms in row.items()
        if other != "region"
    }


def site(name: str) -> Site | None:
    """The region or city of that name, if it is known."""
    return regions().get(name) or cities().get(name)


def great_circle_km(a: Site, b: Site) -> float:
    """The shortest way over the globe, by the haversine formula."""
    latitude_a, latitude_b = radians(a.latitude), radians(b.latitude)
    across = sin((latitude_b - latitude_a) / 2) ** 2
    along = sin(radians(b.longitude - a.longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(across + cos(latitude_a) * cos(latitude_b) * along))


def round_trip_between_ms(a: Site, b: Site) -> float:
    """The round trip between two sites, measured where it was and fitted where it was not."""
    measured = _measured().get((a.name, b.name))
    if measured is not None:
        return measured
    if a.name == b.name:
        return SAME_SITE_MS
    return FIT_BASE_MS + FIT_MS_PER_KM * great_circle_km(a, b)


def round_trip_ms(a: str, b: str) -> float:
    """The round trip between two known sites by name; KeyError names one that is not known."""
    return round_trip_between_ms(_require(a), _require(b))


def _require(name: str) -> Site:
    found = site(name)
    if found is None:
        raise KeyError(name)
    return found
