"""The caches' memory is bounded whatever is put into them, and what is forgotten is gone."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from panregion.edge.cloudfront.cache import OBJECT_BYTES_MAX, OVERHEAD_BYTES, Cache, Entry, Place
from panregion.edge.cloudfront.collection import Collection


def entry(size: int) -> Entry:
    return Entry(200, "OK", [], {}, b"x" * size, fetched_at=0, ttl_s=60, length=size)


def place(path: str, pop: int = 1, distribution: str = "E1", query: str = "") -> Place:
    return (pop, distribution, (path, query, "", (), "", ""))


def test_who_was_asked_for_longest_ago_leaves_first() -> None:
    cache = Cache(3 * (OVERHEAD_BYTES + 10))
    for path in ("/a", "/b", "/c"):
        cache.put(place(path), entry(10))
    assert cache.get(place("/a")) is not None
    cache.put(place("/d"), entry(10))
    assert cache.get(place("/b")) is None
    assert cache.get(place("/a")) is not None
    cache.put(place("/huge"), entry(100_000))
    assert cache.get(place("/huge")) is None


def test_an_invalidation_is_of_one_distribution_and_every_query() -> None:
    cache = Cache()
    for where in (
        place("/a"),
        place("/a", query="x=1"),
        place("/a", pop=2),
        place("/a", distribution="E2"),
        place("/b"),
    ):
        cache.put(where, entry(1))
    assert cache.invalidate("E1", ["/a"]) == 3
    assert len(cache) == 2
    cache.forget("E2")
    assert len(cache) == 1
    cache.forget()
    assert (len(cache), cache.bytes) == (0, 0)


class Bounded(RuleBasedStateMachine):
    """Puts, gets, collections and invalidations in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.cache = Cache(50_000)
        self.collected: list[int] = []

    @rule(path=st.sampled_from("abcdefgh"), size=st.integers(0, 60_000), pop=st.integers(1, 3))
    def put(self, path: str, size: int, pop: int) -> None:
        self.cache.put(place(f"/{path}", pop), entry(size))

    @rule(path=st.sampled_from("abcdefgh"))
    def get(self, path: str) -> None:
        self.cache.get(place(f"/{path}"))

    @rule(size=st.integers(0, 60_000))
    def collect(self, size: int) -> None:
        if self.cache.reserve(size):
            self.collected.append(size)

    @rule()
    def give_up(self) -> None:
        if self.collected:
            self.cache.release(self.collected.pop())

    @rule(path=st.sampled_from("abcdefgh"))
    def invalidate(self, path: str) -> None:
        self.cache.invalidate("E1", [f"/{path}"])

    @invariant()
    def is_within_its_bound(self) -> None:
        assert 0 <= self.cache.bytes <= 50_000
        if not self.collected and not len(self.cache):
            assert self.cache.bytes == 0


Bounded.TestCase.settings = settings(max_examples=30)
TestBounded = Bounded.TestCase


@given(st.lists(st.integers(0, OBJECT_BYTES_MAX // 2), max_size=6))
def test_a_collection_gives_its_room_back(sizes: list[int]) -> None:
    cache = Cache()
    collection = Collection(cache, wanted=True)
    for size in sizes:
        collection.add(bytes(size))
    assert collection.wanted == (sum(sizes) <= OBJECT_BYTES_MAX)
    assert cache.bytes == (sum(sizes) if collection.wanted else 0)
    collection.release()
    assert cache.bytes == 0
