"""The geographic locations that records can be for: continents, countries, states of the United States.

Codes and names are ISO 3166's, continents those that Route 53 puts the countries on (public geography).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

CONTINENTS = {
    "AF": "Africa",
    "AN": "Antarctica",
    "AS": "Asia",
    "EU": "Europe",
    "NA": "North America",
    "OC": "Oceania",
    "SA": "South America",
}


@dataclass(frozen=True, slots=True)
class Area:
    """One geographic location; of a continent only the first code is set."""

    continent: str = ""
    country: str = ""
    subdivision: str = ""
    name: str = ""
    country_name: str = ""

    @property
    def code(self) -> tuple[str, str, str]:
        """What tells it from the others, in the form of a record's GeoLocation."""
        return ("" if self.country else self.continent, self.country, self.subdivision)

    def describe(self) -> dict[str, Any]:
        """As GeoLocationDetails."""
        if not self.country:
            return {"ContinentCode": self.continent, "ContinentName": self.name}
        if self.subdivision:
            country = {"CountryCode": self.country, "CountryName": self.country_name}
            return {**country, "SubdivisionCode": self.subdivision, "SubdivisionName": self.name}
        if self.country == "*":
            return {"CountryCode": "*", "CountryName": self.name}
        continent = {"ContinentCode": self.continent, "ContinentName": CONTINENTS[self.continent]}
        return {**continent, "CountryCode": self.country, "CountryName": self.name}


@cache
def areas() -> dict[tuple[str, str, str], Area]:
    """All of them in the order in which they are listed: the default, countries with their states, continents."""
    return {area.code: area for area in _areas()}


def _areas() -> Iterator[Area]:
    yield Area(country="*", name="Default")
    states = [Area("NA", "US", code, name, "United States") for code, name, _ in _rows("states.csv")]
    for code, name, continent in _rows("countries.csv"):
        yield Area(continent, code, name=name)
        if code == "US":
            yield from states
    yield from (Area(code, name=name) for code, name in CONTINENTS.items())


def _rows(file_name: str) -> Iterator[tuple[str, str, str]]:
    text = files("panregion.services.route53").joinpath("data", file_name).read_text("utf-8")
    for line in text.splitlines()[1:]:
        code, name, continent = (*line.split(";"), "")[:3]
        yield code, name, continent


def find(continent: str, country: str, subdivision: str) -> Area | None:
    """The location of these codes, as a record's GeoLocation has them."""
    return areas().get((continent, country, subdivision))
