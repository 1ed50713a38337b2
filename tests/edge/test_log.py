"""What lately happened is read on from where one was, also after the edge was started again."""

from panregion.edge.log import Ring


def ring(count: int, entries_max: int = 100) -> Ring:
    ring = Ring(entries_max)
    for number in range(count):
        ring.add(lambda number=number: {"value": number})  # type: ignore[misc]
    return ring


def test_one_reads_on() -> None:
    assert [entry["number"] for entry in ring(5).after(3)] == [4, 5]
    assert ring(5).after(5) == []


def test_the_oldest_are_let_go_of() -> None:
    assert [entry["number"] for entry in ring(5, entries_max=2).after(0)] == [4, 5]


def test_whoever_read_an_edge_that_has_ended_reads_this_one_from_its_beginning() -> None:
    assert [entry["value"] for entry in ring(2).after(700)] == [0, 1]
