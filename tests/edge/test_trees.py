"""What must hold of any tree of records and any book, whatever was put into them."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from panregion.edge.book import Book
from panregion.services.route53.model import Alias, Change, RecordSet, own_records
from panregion.wire import dns
from tests.edge.support import ZONE, Lab

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2", "sa-east-1")
Tree = bool | tuple[str, list["Tree"]]
"""A healthy or unhealthy endpoint, or a policy over trees."""

trees = st.recursive(
    st.booleans(),
    lambda inner: st.tuples(
        st.sampled_from(["failover", "weighted", "latency", "multivalue"]), st.lists(inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)


class Grown:
    """A tree as records: each group at a name of its own, aliases that evaluate between them."""

    def __init__(self, tree: Tree) -> None:
        self.records: list[RecordSet] = []
        self.unhealthy: set[str] = set()
        self.healthy_addresses: set[str] = set()
        self._numbers = count(1)
        self._group("www.hello.test.", tree if isinstance(tree, tuple) else ("failover", [tree]))

    def _group(self, name: str, group: tuple[str, list[Tree]]) -> None:
        policy, branches = group
        branches = branches[:2] if policy == "failover" else branches
        if policy == "multivalue":
            branches = [branch for branch in branches if isinstance(branch, bool)] or [True]
        for index, branch in enumerate(branches):
            by_policy: dict[str, dict[str, Any]] = {
                "failover": {"failover": ("PRIMARY", "SECONDARY")[index % 2]},
                "weighted": {"weight": index + 1},
                "latency": {"region": REGIONS[index % 4]},
                "multivalue": {"multivalue": True},
            }
            self._branch(name, str(index), branch, by_policy[policy])

    def _branch(self, name: str, identifier: str, branch: Tree, terms: dict[str, Any]) -> None:
        number = next(self._numbers)
        more: dict[str, Any] = {"set_identifier": identifier, **terms}
        if isinstance(branch, bool):
            address, check = f"192.0.2.{number}", f"check-{number}"
            values: dict[str, Any] = {"ttl": 60, "values": (address,), "health_check_id": check}
            self.records.append(RecordSet(ZONE.id, name, "A", **values, **more))
            if branch:
                self.healthy_addresses.add(address)
            else:
                self.unhealthy.add(check)
            return
        below = f"n{number}.hello.test."
        self.records.append(RecordSet(ZONE.id, name, "A", alias=Alias(ZONE.id, below, True), **more))
        self._group(below, branch)


@given(trees, st.sampled_from(["london", "sydney", "new-york", "sao-paulo"]), st.integers(0, 99))
@settings(deadline=None)
def test_while_any_endpoint_is_healthy_only_healthy_ones_are_answered(tree: Tree, who: str, seed: int) -> None:
    grown = Grown(tree)
    lab = Lab(*grown.records, unhealthy=grown.unhealthy, seed=seed)
    answered = set(lab.values("www.hello.test.", who=who))
    assert answered, "there is always an answer"
    if grown.healthy_addresses:
        assert answered <= grown.healthy_addresses


labels = st.sampled_from(["a", "b", "\\052", "_x"])
names = st.lists(labels, max_size=3).map(lambda parts: ".".join([*parts, "hello.test."]))
changes = st.lists(st.tuples(st.booleans(), names, st.sampled_from(["A", "TXT"]), st.sampled_from(["", "1", "2"])))


def naive(records: dict[tuple[str, str, str, str], RecordSet], name: str) -> dict[str, set[str]] | None:
    """RFC 1034 and 4592, word for word: type -> identifiers; None where there is no such name."""

    def at(wanted: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for each in records.values():
            if each.name == wanted:
                found.setdefault(each.type, set()).add(each.set_identifier)
        return found

    def exists(wanted: str) -> bool:
        return any(each.name == wanted or each.name.endswith("." + wanted) for each in records.values())

    if exists(name):
        return at(name)
    for above in _ancestors(name):
        if exists(above) or above == ZONE.name:
            return at(f"\\052.{above}") or None
    return None


def _ancestors(name: str) -> Iterator[str]:
    while name != ZONE.name:
        name = name.partition(".")[2]
        yield name


@given(changes, names, st.booleans())
def test_a_book_finds_what_the_rfcs_say(
    batch: list[tuple[bool, str, str, str]], asked: str, through_a_snapshot: bool
) -> None:
    book = Book()
    book.take(Change(zone=ZONE))
    records: dict[tuple[str, str, str, str], RecordSet] = {}
    for each in own_records(ZONE):
        book.take(Change(record=each))
        records[each.id] = each
    for gone, name, kind, identifier in batch:
        record = RecordSet(ZONE.id, name, kind, identifier, ttl=1)
        book.take(Change(gone=gone, record=record))
        if gone:
            records.pop(record.id, None)
        else:
            records[record.id] = record
    if through_a_snapshot:
        again = Book()
        again.load(book.snapshot())
        book = again
    found = book.at(ZONE, dns.normal(asked))
    told = None if found is None else {kind: {each.set_identifier for each in same} for kind, same in found.items()}
    assert told == naive(records, asked)
