"""Plans and requests made up in a line, for what decides without sockets."""

from typing import Any

import msgspec

from panregion.edge.cloudfront.book import Book
from panregion.edge.cloudfront.messages import RequestHead, parse_request
from panregion.edge.cloudfront.plan import Plan
from panregion.edge.cloudfront.viewer_facts import Viewer
from panregion.services.cloudfront.config import complete
from panregion.services.cloudfront.model import Change, Distribution, Invalidation, Kind, Part
from panregion.services.cloudfront.policies import RULES
from panregion.world.distance import cities
from tests.services.cloudfront.support import config

LONDON = Viewer("198.18.28.10", 40000, cities()["london"], is_tls=False)
LONDON_TLS = Viewer("198.18.28.10", 40000, cities()["london"], is_tls=True, tls="TLSv1.3:TLS_AES_128:fullHandshake")


def distribution(id: str = "E1", *origins: dict[str, Any], domain: str = "", **changes: Any) -> Distribution:
    """A distribution with the smallest configuration, and `changes`."""
    return Distribution(
        id=id,
        arn=f"arn:aws:cloudfront::000000000000:distribution/{id}",
        domain=domain or f"d{id.lower()}.cloudfront.net",
        config=complete(config(id, *origins, **changes)),
        etag="E1",
        modified_at=0,
        created_at=0,
    )


def part(kind: Kind, id: str, **given: Any) -> Part:
    return Part(kind=kind, id=id, config=RULES[kind].complete({"Name": id, **given}), etag="E1", modified_at=0)


def cache_policy(id: str = "policy", ttls: tuple[int, int, int] = (0, 60, 600), **key: Any) -> Part:
    """A cache policy; `key` are members of what is in the key."""
    members = {
        "EnableAcceptEncodingGzip": False,
        "HeadersConfig": {"HeaderBehavior": "none"},
        "CookiesConfig": {"CookieBehavior": "none"},
        "QueryStringsConfig": {"QueryStringBehavior": "none"},
        **key,
    }
    least, default, most = ttls
    return part(
        "cache-policy",
        id,
        MinTTL=least,
        DefaultTTL=default,
        MaxTTL=most,
        ParametersInCacheKeyAndForwardedToOrigin=members,
    )


def tell(book: Book, *things: Distribution | Part | Invalidation, gone: bool = False) -> None:
    """Let a book know of things, as the feed does."""
    for thing in things:
        match thing:
            case Distribution():
                change = Change(gone=gone, distribution=thing)
            case Part():
                change = Change(gone=gone, part=thing)
            case _:
                change = Change(invalidation=thing)
        book.apply(msgspec.msgpack.encode(change))


def plan(*parts: Part, **changes: Any) -> Plan:
    """A distribution as points of presence use it."""
    book = Book(lambda _id, _paths: None, lambda _id: None)
    one = distribution(**changes)
    tell(book, *parts, one)
    found = book.plan_for(one.domain)
    assert found is not None
    return found


def request(target: str = "/", method: str = "GET", **headers: str) -> RequestHead:
    """A viewer's request; underscores in header names stand for hyphens."""
    given = {"Host": "de1.cloudfront.net", **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items()), "", ""]
    return parse_request("\r\n".join(lines).encode("latin-1"))
