"""Which behaviour and origin a request gets, told with the reasons."""

from typing import Any

from panregion.edge.cloudfront.book import Book
from panregion.edge.cloudfront.explaining import explain
from tests.edge.cloudfront.support import distribution, tell
from tests.services.cloudfront.support import behavior, group, listed, origin

OLD, NEW = origin("old", "old.example.com"), origin("new", "new.example.com", OriginPath="/live")
NO_CACHE = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
CHANGES: dict[str, Any] = {
    "CacheBehaviors": listed(
        {"PathPattern": "/v1/*", **behavior("old", NO_CACHE)}, {"PathPattern": "/v2/*", **behavior("both")}
    ),
    "OriginGroups": listed(group("both", "new", "old")),
}


def test_the_first_behavior_that_matches_is_chosen_and_the_others_are_told_apart() -> None:
    one = distribution("E1", OLD, NEW, domain="", **CHANGES)
    found = _told("/v2/items")
    assert found[0] == ("distribution", "E1", one.domain)
    assert found[1] == ("", "  not /v1/*", "/v2/items does not match")
    assert found[2] == ("behavior", "/v2/*", "/v2/items matches; cached for 86400 s unless the origin says otherwise")
    assert found[3] == ("", "  not default (*)", "an earlier one matches")
    assert found[4:] == [
        ("origin", "new", "new.example.com/live"),
        ("", "  if that fails: old", "old.example.com"),
    ]


def test_a_behavior_that_caches_nothing_says_so() -> None:
    assert _told("/v1/x")[1] == ("behavior", "/v1/*", "/v1/x matches; nothing is cached")


def _told(path: str) -> list[tuple[str, str, str]]:
    book = Book(lambda _id, _paths: None, lambda _id: None)
    one = distribution("E1", OLD, NEW, domain="", **CHANGES)
    tell(book, one)
    found = book.plan_for(one.domain)
    assert found is not None
    return explain(found, ["/v1/*", "/v2/*"], path)
