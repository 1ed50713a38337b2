"""The world as it is now, in rows: what the tables beside the map show. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from panregion.console.watching.history import History
from panregion.console.watching.moment import Check, Lag, Moment, Told, Traffic
from panregion.world import WorldSettings
from panregion.world.distance import Site as Where
from panregion.world.distance import regions, round_trip_between_ms

OVER_S = 3
"""Rates are means over as many whole seconds."""
LINKS_MAX = 15
CITIES_MAX = 25
BEHIND_MS = 2000


@dataclass
class Rate:
    """Requests a second."""

    good: float = 0.0
    failed: float = 0.0
    tunnels: float = 0.0
    took_ms: float = 0.0

    def add(self, count: Traffic) -> None:
        self.good += count.good / OVER_S
        self.failed += count.failed / OVER_S
        self.tunnels += count.tunnels / OVER_S
        self.took_ms += count.took_ms / OVER_S

    @property
    def mean_ms(self) -> float | None:
        """How long one took."""
        all_ = self.good + self.failed + self.tunnels
        return self.took_ms / all_ if all_ else None


@dataclass
class City:
    name: str
    told: list[Told] = field(default_factory=list)
    by_site: dict[str, Rate] = field(default_factory=dict)
    """Who answered; "nobody" where nobody did."""
    rate: Rate = field(default_factory=Rate)


@dataclass(frozen=True)
class Link:
    """Between two regions, both ways."""

    one: str
    other: str
    round_trip_ms: float
    """Without faults."""
    state: str
    """well, behind, slow, cut"""
    text: str
    """What is done to it."""
    there: Lag | None
    back: Lag | None

    @property
    def badness(self) -> int:
        return ["cut", "slow", "behind", "well"].index(self.state)


@dataclass(frozen=True)
class Overview:
    regions: list[tuple[str, str, str, Rate]]
    """(region, city, status, what it answered)"""
    links: list[Link]
    """The ill ones first where there are more than are shown."""
    links_left: int
    cities: list[City]
    cities_left: int
    checks: list[Check]
    faults: list[dict[str, Any]]
    outside: list[tuple[str, str, str]]
    """(name, place, status)"""


def overview(settings: WorldSettings, moment: Moment, history: History) -> Overview:
    """What is so at a moment, and was asked for shortly before."""
    counts = [count for one in history.recent(OVER_S) for count in one.traffic]
    links = list(_links(settings, moment))
    if len(links) > LINKS_MAX:
        links.sort(key=lambda link: link.badness)
    cities = _cities(moment.dns, counts)
    return Overview(
        regions=[
            (name, _city(name), moment.regions.get(name, "unknown"), _answered(name, counts))
            for name in settings.regions
        ],
        links=links[:LINKS_MAX],
        links_left=max(0, len(links) - LINKS_MAX),
        cities=cities[:CITIES_MAX],
        cities_left=max(0, len(cities) - CITIES_MAX),
        checks=sorted(moment.checks or [], key=lambda check: (check.region or "", check.target)),
        faults=moment.faults,
        outside=[
            (name, service.place, moment.outside.get(name, "unknown")) for name, service in settings.outside.items()
        ],
    )


def _city(region: str) -> str:
    known = regions().get(region)
    return known.city if known else ""


def _answered(site: str, counts: Iterable[Traffic]) -> Rate:
    rate = Rate()
    for count in counts:
        if count.site == site:
            rate.add(count)
    return rate


def _cities(told: list[Told], counts: list[Traffic]) -> list[City]:
    """Those that asked for something of late, or are told something: who asks the most first."""
    found: dict[str, City] = {}
    for answer in told:
        found.setdefault(answer.city, City(answer.city)).told.append(answer)
    for count in counts:
        city = found.setdefault(count.city, City(count.city))
        city.by_site.setdefault(count.site or "nobody", Rate()).add(count)
        city.rate.add(count)
    return sorted(found.values(), key=lambda city: city.name)


def pairs(settings: WorldSettings, names: Iterable[str]) -> list[tuple[str, str, float]]:
    """Every two of the regions whose places are known, with the round trip between them in milliseconds."""
    known: Mapping[str, Where] = regions()
    return [
        (one, other, round(round_trip_between_ms(known[one], known[other]) * settings.network.scale, 3))
        for one, other in combinations([name for name in names if name in known], 2)
    ]


def _links(settings: WorldSettings, moment: Moment) -> Iterable[Link]:
    lags = {(lag.from_region, lag.to_region): lag for lag in moment.lag}
    for one, other, round_trip_ms in pairs(settings, settings.regions):
        disturbed = [link for link in moment.links if {link["from"], link["to"]} == {one, other}]
        there, back = lags.get((one, other)), lags.get((other, one))
        behind = any(map(is_behind, filter(None, (there, back))))
        state, text = said_of(disturbed) if disturbed else ("behind", "") if behind else ("well", "")
        yield Link(one, other, round_trip_ms, state, text, there, back)


def is_behind(lag: Lag) -> bool:
    """Whether users could notice: cut off, or writes wait that are old."""
    return lag.backlog is None or (lag.backlog > 0 and (lag.lag_ms or 0) > BEHIND_MS)


def said_of(disturbed: list[dict[str, Any]]) -> tuple[str, str]:
    """(cut or slow, what is done to a link in words), of its disturbed directions."""
    only = f", {disturbed[0]['from']} to {disturbed[0]['to']} only" if len(disturbed) == 1 else ""
    if any(link["cut"] for link in disturbed):
        return "cut", f"cut{only}"
    said = []
    if extra_ms := max(link["delay_ms_extra"] for link in disturbed):
        said.append(f"{extra_ms:g} ms longer each way")
    if loss := max(link["loss"] for link in disturbed):
        said.append(f"{loss:.0%} of packets lost")
    if narrow := [link["bandwidth_bytes_s"] for link in disturbed if link["bandwidth_bytes_s"]]:
        said.append(f"{min(narrow) / 1000:g} kB/s")
    return "slow", ", ".join(said) + only
