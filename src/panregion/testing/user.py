"""A user in a city: an HTTP client whose bytes go through the city's proxy, and who trusts the world's authority."""

import httpx

from panregion.world import WorldSettings
from panregion.world.tls import trusting
from panregion.world.whereabouts import places

TIMEOUT_S = 30.0


class User(httpx.Client):
    """httpx's client (https://www.python-httpx.org/api/#client), seen from a city.

    Names resolve as they do there, bytes take as long as they do from there, and fail-over happens when that city's
    resolver learns of it. Every request opens a connection, or those over TLS would go on to where the first one led;
    with `keep_alive` they do, as in a browser. Redirects are not followed unless asked for, and no variable of the
    environment counts.
    """

    def __init__(self, settings: WorldSettings, city: str, *, keep_alive: bool = False) -> None:
        known = list(places(settings))
        if city not in known:
            raise ValueError(f"{city} is no city of this world; it has {', '.join(known)}")
        self.city = city
        proxy = f"http://127.0.0.1:{settings.ports.places + known.index(city)}"
        limits = httpx.Limits(max_keepalive_connections=None if keep_alive else 0)
        trust = trusting(settings.path)
        super().__init__(proxy=proxy, verify=trust, trust_env=False, timeout=TIMEOUT_S, limits=limits)
