"""What users asked for through their cities' proxies: the last requests one by one, and counts for each second.

    GET /_panregion/visits?after=N         the last requests, numbered
    GET /_panregion/visits?newest=N        the last N, the newest first; of one &city=, of failed ones (&failed=1)
    GET /_panregion/visits?number=N        that one
    GET /_panregion/traffic?after=SECOND   whole seconds (unix) behind that one: [{second, city, site, good, failed,
                                           tunnels, took_ms}]: how many, and what they took together

A request has failed if it got no answer, or one of 500 and up. Of a tunnel (TLS) nothing is known but whether it could
be opened, and where it led: its requests are the user's secret.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from panregion.edge.log import Ring
from panregion.world import Clock

SECONDS_KEPT = 1000
HOSTS_KEPT = 8
"""For each city, the last that were asked for."""
FAILED_FROM = 500
PATH_SHOWN = 200
IS_NAME = re.compile(r"^(?=.{1,253}$)(?![\d.]+$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?$")


@dataclass(slots=True)
class Visit:
    """One request of a user, or one tunnel, while it lasts."""

    city: str
    method: str
    host: str
    path: str
    began_s: float
    site: str | None = None
    """Where it was answered: a region, or the place of a data plane's point of presence."""
    address: str | None = None
    status: int | None = None
    """The answer's; of a tunnel that was opened none."""
    failure: str | None = None
    connect_ms: float | None = None
    """From the request's coming until a new connection to the site was there; None where a kept one served."""
    first_byte_ms: float | None = None
    """From the request's coming until the answer's head was there."""
    cache: str | None = None
    """The answer's X-Cache, of a point of presence."""
    took_ms: float = 0.0

    @property
    def failed(self) -> bool:
        return self.failure is not None or (self.status is not None and self.status >= FAILED_FROM)


@dataclass(slots=True)
class Count:
    """What one city had from one site in one second."""

    good: int = 0
    failed: int = 0
    tunnels: int = 0
    took_ms: float = 0.0


class Visits:
    """All cities' requests of late."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = Ring()
        self._seconds: OrderedDict[int, dict[tuple[str, str], Count]] = OrderedDict()
        self._hosts: dict[str, OrderedDict[str, float]] = {}
        """City -> the names that its users asked for, and when they last did."""

    def begin(self, city: str, method: str, host: str, path: str) -> Visit:
        """A user has asked for something."""
        self._asked_for(city, host)
        return Visit(city, method, host, path[:PATH_SHOWN], self._clock.now())

    def _asked_for(self, city: str, host: str) -> None:
        name = host.partition(":")[0].lower()
        if not IS_NAME.match(name):
            return
        hosts = self._hosts.setdefault(city, OrderedDict())
        hosts[name] = self._clock.now()
        hosts.move_to_end(name)
        if len(hosts) > HOSTS_KEPT:
            hosts.popitem(last=False)

    def hosts(self) -> list[tuple[str, str]]:
        """Every city with the names, no addresses, that its users asked for in the seconds that are kept."""
        since = self._clock.now() - SECONDS_KEPT
        return sorted((city, name) for city, hosts in self._hosts.items() for name, at in hosts.items() if at >= since)

    def since(self, visit: Visit) -> float:
        """Milliseconds since a user asked."""
        return round((self._clock.now() - visit.began_s) * 1000, 1)

    def end(self, visit: Visit) -> None:
        """The user has the answer, or knows that there is none."""
        now = self._clock.now()
        visit.took_ms = round((now - visit.began_s) * 1000, 1)
        self._last.add(lambda: _described(visit))
        counts = self._second(int(now))
        count = counts.setdefault((visit.city, visit.site or ""), Count())
        if visit.failed:
            count.failed += 1
        elif visit.status is None:
            count.tunnels += 1
        else:
            count.good += 1
        count.took_ms += visit.took_ms

    def _second(self, second: int) -> dict[tuple[str, str], Count]:
        found = self._seconds.get(second)
        if found is None:
            found = self._seconds[second] = {}
            if len(self._seconds) > SECONDS_KEPT:
                self._seconds.popitem(last=False)
        return found

    def after(self, number: int) -> list[dict[str, Any]]:
        """The last requests, behind that number."""
        return self._last.after(number)

    def find(self, number: int) -> dict[str, Any] | None:
        """One of the last requests."""
        return self._last.find(number)

    def newest(self, most: int, city: str | None = None, *, failed: bool = False) -> list[dict[str, Any]]:
        """The last requests (of one city, only failed ones), the newest first."""

        def wanted(visit: dict[str, Any]) -> bool:
            bad = visit["failure"] is not None or (visit["status"] or 0) >= FAILED_FROM
            return (not city or visit["city"] == city) and (bad or not failed)

        return self._last.newest(most, wanted)

    def traffic(self, after: int) -> dict[str, Any]:
        """Counts of whole seconds behind that one, the second under way left for later."""
        now = int(self._clock.now())
        counted = [
            {
                "second": second,
                "city": city,
                "site": site or None,
                "good": count.good,
                "failed": count.failed,
                "tunnels": count.tunnels,
                "took_ms": round(count.took_ms, 1),
            }
            for second, counts in self._seconds.items()
            if after < second < now
            for (city, site), count in counts.items()
        ]
        return {"until": now - 1, "traffic": counted}


def _described(visit: Visit) -> dict[str, Any]:
    return {
        "city": visit.city,
        "method": visit.method,
        "host": visit.host,
        "path": visit.path,
        "began_s": round(visit.began_s, 3),
        "site": visit.site,
        "address": visit.address,
        "status": visit.status,
        "failure": visit.failure,
        "connect_ms": visit.connect_ms,
        "first_byte_ms": visit.first_byte_ms,
        "cache": visit.cache,
        "took_ms": visit.took_ms,
    }
