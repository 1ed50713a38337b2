"""How long an object stays in the cache, by AWS's rules for minimum, default and maximum TTL. Pure.

The rules are the table "Managing how long content stays in the cache" of CloudFront's guide: max-age, s-maxage and
Expires are kept within the bounds; no-cache, no-store and private mean "not at all", or the minimum if there is one;
without any of them it is the default. Errors have rules of their own.
"""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache

from panregion.edge.cloudfront.plan import Ttls

ERRORS_CACHED = frozenset({404, 414, 500, 501, 502, 503, 504})
ERRORS_CACHED_IF_TOLD = frozenset({400, 403, 405, 412, 415})
ERROR_TTL_S = 10.0
NOT_CACHED = frozenset({206, 304, 416})


@dataclass(frozen=True, slots=True)
class Directives:
    """What Cache-Control says, in seconds."""

    max_age_s: float | None = None
    s_maxage_s: float | None = None
    forbids: bool = False
    """no-cache, no-store or private."""
    must_revalidate: bool = False
    stale_if_error_s: float | None = None
    stale_while_revalidate_s: float | None = None


@lru_cache(1024)
def directives(cache_control: str) -> Directives:
    """Read Cache-Control; what is malformed counts as not there."""
    seconds: dict[str, float] = {}
    flags: set[str] = set()
    for part in cache_control.lower().split(","):
        name, _, value = part.strip().partition("=")
        value = value.strip('" ')
        if value.isascii() and value.isdigit() and len(value) < 12:
            seconds[name.strip()] = float(value)
        flags.add(name.strip())
    return Directives(
        max_age_s=seconds.get("max-age"),
        s_maxage_s=seconds.get("s-maxage"),
        forbids=bool(flags & {"no-cache", "no-store", "private"}),
        must_revalidate=bool(flags & {"must-revalidate", "proxy-revalidate"}),
        stale_if_error_s=seconds.get("stale-if-error"),
        stale_while_revalidate_s=seconds.get("stale-while-revalidate"),
    )


def lifetime_s(headers: dict[str, str], now: float) -> float | None:
    """How long the origin itself wants its response kept; None where it does not say."""
    said = directives(headers.get("cache-control", ""))
    if said.s_maxage_s is not None:
        return said.s_maxage_s
    if said.max_age_s is not None:
        return said.max_age_s
    expires = headers.get("expires")
    if expires is None:
        return None
    at = http_date(expires)
    return 0.0 if at is None else max(0.0, at - now)


def http_date(text: str) -> float | None:
    """A date of HTTP in seconds since the epoch; None for what is none."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def ttl_s(ttls: Ttls, status: int, headers: dict[str, str], now: float, error_ttl_s: float | None = None) -> float:
    """For how many seconds a response may be answered from the cache; 0 for not at all.

    `headers` are the origin's under lower-case names, `now` is in seconds since the epoch, and `error_ttl_s` the
    minimum that a custom error response gives to this status.
    """
    if ttls.most <= 0 or status in NOT_CACHED or status < 200:
        return 0.0
    said = directives(headers.get("cache-control", ""))
    wanted = lifetime_s(headers, now)
    if status >= 400:
        return _error_ttl_s(ttls, status, wanted, said, error_ttl_s)
    if said.forbids:
        return ttls.least
    if wanted is None:
        wanted = ttls.default
    return min(max(wanted, ttls.least), ttls.most)


def _error_ttl_s(ttls: Ttls, status: int, wanted: float | None, said: Directives, error_ttl_s: float | None) -> float:
    least = ERROR_TTL_S if error_ttl_s is None else error_ttl_s
    if (
        status not in ERRORS_CACHED
        and error_ttl_s is None
        and (status not in ERRORS_CACHED_IF_TOLD or wanted is None or said.forbids)
    ):
        return 0.0
    if wanted is None or said.forbids:
        return least
    return min(max(wanted, least), max(ttls.most, least))


def stale_for_s(headers: dict[str, str]) -> float:
    """How long past its time an object may still be told when the origin fails: for ever, unless it says otherwise."""
    said = directives(headers.get("cache-control", ""))
    if said.must_revalidate:
        return 0.0
    return float("inf") if said.stale_if_error_s is None else said.stale_if_error_s


def stale_while_s(headers: dict[str, str]) -> float:
    """How long past its time an object may still be told while it is fetched anew."""
    said = directives(headers.get("cache-control", ""))
    return 0.0 if said.must_revalidate else said.stale_while_revalidate_s or 0.0
