"""What was promised is on disk before the journey goes on; which answers were stale, which writes are lost."""

from pathlib import Path
from typing import Any

import pytest

from panregion.gameday.ledger import Acknowledged, Attempted, Finding, Ledger, Seen, digest, read_ledger
from panregion.gameday.losses import each_once, lost_and_overwritten, missing_in, overwritten_by_conflict
from panregion.gameday.stale import matches, stale_answers


def ack(begun_s: float, at_s: float, body: Any, id: str = "1", city: str = "london") -> Acknowledged:
    return Acknowledged("thing", id, body, city, begun_s, at_s)


def saw(begun_s: float, body: Any, id: str = "1") -> Seen:
    return Seen("thing", id, body, "sydney", begun_s, begun_s + 0.1)


def tried(begun_s: float, body: Any, id: str = "1") -> Attempted:
    return Attempted("thing", id, body, "london", begun_s)


def ledger_of(*entries: Acknowledged | Attempted | Seen) -> Ledger:
    ledger = Ledger()
    for entry in entries:
        ledger.add(entry)
    return ledger


def verdicts(found: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.verdict, one.id, one.regions) for one in found]


def test_a_ledger_survives_its_writer(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    ledger.add(ack(1.0, 1.1, {"text": "é"}))
    ledger.add(saw(2.0, None))
    with path.open("ab") as file:
        file.write(b'{"type":"acknowledged","kind":"thi')  # the writer was killed here
    found = read_ledger(path)  # and never closed it
    assert [found.of("thing", "1"), len(found)] == [ledger.of("thing", "1"), 2]
    ledger.close()


def test_equal_bodies_have_equal_digests() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({"a": 1, "b": 3})
    assert len(digest(None)) == 16


@pytest.mark.parametrize(
    ("written", "found", "same"),
    [
        ({"id": "1", "n": 3}, {"id": "1", "n": "3", "answered_by": "x"}, True),
        ({"id": "1", "n": 3}, {"id": "1", "n": 4}, False),
        ({"id": "1"}, {"name": "x"}, False),
        ("a", "a", True),
        (True, "True", False),
        (None, None, True),
        ([1], ["1"], False),
    ],
)
def test_what_was_found_is_what_was_written(written: Any, found: Any, same: bool) -> None:
    assert matches(written, found) is same


OLD, NEW = {"text": "old"}, {"text": "new"}


@pytest.mark.parametrize(
    ("entries", "stale"),
    [
        ([ack(1, 2, OLD), saw(3, OLD)], False),
        ([ack(1, 2, OLD), saw(3, None)], True),
        ([ack(1, 4, OLD), saw(3, None)], False),  # not promised yet when the reader asked
        ([ack(1, 2, OLD), ack(3, 4, NEW), saw(5, OLD)], True),
        ([ack(1, 3.5, OLD), ack(3, 4, NEW), saw(5, OLD)], False),  # concurrent writes have no order
        ([ack(1, 2, OLD), ack(3, 4, NEW), saw(5, {"text": "nobody's"})], False),  # it cannot be dated
        ([ack(1, 2, OLD), ack(3, 4, NEW), tried(1, OLD), saw(5, OLD)], False),  # the unanswered one may have come late
        ([ack(1, 2, OLD), ack(3, 4, None), saw(5, None)], False),  # it was deleted
        ([ack(1, 2, OLD), ack(3, 4, None), saw(5, OLD)], True),
        ([ack(1, 2, OLD), ack(3, 4, None), ack(5, 6, NEW), saw(7, None)], True),
    ],
)
def test_stale(entries: list[Any], stale: bool) -> None:
    assert bool(list(stale_answers(ledger_of(*entries)))) is stale


@pytest.mark.parametrize(
    ("entries", "there", "verdict"),
    [
        ([ack(1, 2, OLD)], OLD, None),
        ([ack(1, 2, OLD)], None, "lost"),
        ([ack(1, 2, OLD), ack(3, 4, NEW)], NEW, None),
        ([ack(1, 2, OLD), ack(3, 4, NEW)], OLD, "overwritten"),
        ([ack(1, 2, OLD), ack(3, 4, NEW)], None, "lost"),
        ([ack(1, 3.5, OLD), ack(3, 4, NEW)], OLD, None),  # they overlapped: either may be kept
        ([ack(1, 2, OLD), tried(1.5, NEW)], NEW, None),  # unanswered, but it happened
        ([ack(1, 2, OLD)], {"text": "x"}, "overwritten"),
        ([ack(1, 2, OLD), ack(3, 4, None)], None, None),
        ([ack(1, 2, OLD), ack(3, 4, None)], OLD, "lost"),  # a deletion that did not last
        ([ack(1, 2, OLD), tried(3, None)], None, None),  # an unanswered deletion
    ],
)
def test_what_became_of_the_last_write(entries: list[Any], there: Any, verdict: str | None) -> None:
    held = {"eu-west-1": {} if there is None else {"1": there}}
    found = [one.verdict for one in lost_and_overwritten(ledger_of(*entries), "thing", held)]
    assert found == ([] if verdict is None else [verdict])


def test_a_write_is_lost_where_it_is_not() -> None:
    held = {"eu-west-1": {"1": OLD}, "us-east-1": {}, "ap-southeast-2": {}}
    found = lost_and_overwritten(ledger_of(ack(1, 2, OLD)), "thing", held)
    assert verdicts(found) == [("lost", "1", ("us-east-1", "ap-southeast-2"))]


def test_what_is_missing_for_a_while() -> None:
    ledger = ledger_of(ack(1, 2, OLD, "1"), ack(5, 6, OLD, "2"), ack(7, 8, None, "3"), ack(20, 21, OLD, "4"))
    held: dict[str, dict[str, Any]] = {"eu-west-1": {"2": OLD}, "us-east-1": {}}
    found = list(missing_in(ledger, "thing", held, 5, 10))
    assert verdicts(found) == [("missing-while-away", "2", ("us-east-1",))]
    lost = ledger.lost(ledger.acknowledged("thing")[1], "us-east-1")
    assert [one.verdict for one in each_once([*found, *found, lost])] == ["lost"]
    assert [one.verdict for one in each_once([*found, *found])] == ["missing-while-away"]


def test_conflicts_are_told_from_those_of_others() -> None:
    ledger = ledger_of(ack(1, 2, OLD), ack(1, 2, OLD), ack(3, 4, NEW))
    conflicts: list[tuple[dict[str, Any] | None, str]] = [
        ({"id": "1", "text": "old"}, "us-east-1's"),
        ({"id": "1", "text": "old"}, "us-east-1's"),
        ({"id": "1", "text": "old"}, "us-east-1's"),  # two were acknowledged, not three
        ({"id": "1", "text": "x"}, "us-east-1's"),
        (None, "us-east-1's"),
    ]
    found, unknown = overwritten_by_conflict(ledger, "thing", "id", conflicts)
    assert ([one.verdict for one in found], unknown) == (["overwritten"] * 2, 3)


def test_a_finding_of_ones_own() -> None:
    write = ack(1, 2, OLD)
    found = ledger_of(write).finding("duplicated", write, "eu-west-1", detail="twice")
    assert found == Finding("duplicated", "thing", "1", "london", 2, digest(OLD), ("eu-west-1",), "twice")
