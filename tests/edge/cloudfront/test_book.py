"""What the edge knows of distributions: by name, through a restart, and what its caches are told to forget."""

from panregion.edge.cloudfront.book import Book
from panregion.services.cloudfront.model import Invalidation
from tests.edge.cloudfront.support import cache_policy, distribution, tell
from tests.services.cloudfront.support import behavior, listed

VIEWER = {"ACMCertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/1", "SSLSupportMethod": "sni-only"}


class Heard(Book):
    """A book that notes what caches are told."""

    def __init__(self) -> None:
        self.invalidated: list[tuple[str, list[str]]] = []
        self.forgotten: list[str | None] = []
        super().__init__(lambda one, paths: self.invalidated.append((one, paths)), self.forgotten.append)


def named(id: str, *names: str) -> object:
    return distribution(id, Aliases=listed(*names), ViewerCertificate=VIEWER)


def found(book: Book, host: str) -> str | None:
    plan = book.plan_for(host)
    return None if plan is None else plan.id


def test_a_name_leads_to_the_distribution_that_has_it_most_closely() -> None:
    book = Heard()
    tell(book, named("E1", "*.hello.test"), named("E2", "www.hello.test"), named("E3", "*.a.hello.test"))  # type: ignore[arg-type]
    assert found(book, "www.hello.test") == "E2"
    assert found(book, "other.hello.test") == "E1"
    assert found(book, "x.y.hello.test") == "E1", "a wildcard is for any number of labels"
    assert found(book, "b.a.hello.test") == "E3"
    assert found(book, "hello.test") is None
    assert found(book, "de1.cloudfront.net") == "E1"
    assert found(book, "") is None


def test_a_change_of_a_policy_changes_the_distributions_that_have_it() -> None:
    book = Heard()
    one = distribution("E1", DefaultCacheBehavior=behavior(policy="policy"))
    tell(book, cache_policy(ttls=(0, 60, 600)), one)
    plan = book.plan_for(one.domain)
    assert plan is not None
    assert plan.behaviors[-1].ttls.default == 60
    tell(book, cache_policy(ttls=(0, 30, 600)))
    plan = book.plan_for(one.domain)
    assert plan is not None
    assert plan.behaviors[-1].ttls.default == 30


def test_what_is_kept_is_known_again_and_caches_begin_anew() -> None:
    book = Heard()
    one = distribution("E1", DefaultCacheBehavior=behavior(policy="policy"))
    tell(book, cache_policy(), one)
    again = Heard()
    again.load(book.snapshot())
    assert found(again, one.domain) == "E1"
    assert again.forgotten == [None]
    tell(again, Invalidation(id="I1", distribution_id="E1", paths=["/*"], caller_reference="1", created_at=0))
    assert again.invalidated == [("E1", ["/*"])]
    tell(again, one, gone=True)
    assert found(again, one.domain) is None
    assert again.forgotten == [None, "E1"]
